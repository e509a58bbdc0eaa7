#include "publisher/transfer/promote.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "publisher/release/site.h"

/* What is meant */

static bool
is_meant(const struct promotion *p, struct arena *a, const struct live_bundle *b)
{
	struct str name = arena_printf(a, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale));
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->bundle[i], name))
			return true;
	return p->n == 0;
}

static bool
names_exist(const struct promotion *p, struct err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		struct str locale, vertical = str_cut(p->bundle[i], '/', &locale);
		if (live_find(p->live, vertical, locale) == NULL)
			return err_set(err, ERR_INPUT, "no bundle '%.*s' is live there",
			    STR_ARG(p->bundle[i]));
	}
	return true;
}

bool
promotion_bundles(struct arena *a, const struct promotion *p, struct promoted **out, size_t *n,
    struct err *err)
{
	const struct live *live = p->live;
	struct promoted *list = ARENA_ARRAY(a, struct promoted, live->bundles + 1);
	int64_t at = live->trusted->snapshot.meta.version;
	assert(live->bundle != NULL || live->bundles == 0);
	*n = 0;
	*out = list;
	if (p->version < 0 || p->version > at)
		return err_set(err, ERR_INPUT, "there is no version %" PRId64 "; that site is at %" PRId64,
		    p->version, at);
	if (!names_exist(p, err))
		return false;
	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];
		const struct bundle_version *v = p->version == 0 ? &b->current
		                                                 : live_version(b, p->version);
		if (!is_meant(p, a, b) || (v == NULL && p->version < b->first))
			continue;
		if (v == NULL)
			return err_set(err, ERR_ABSENT, "%.*s/%.*s: version %" PRId64 " is no longer kept there",
			    STR_ARG(b->vertical), STR_ARG(b->locale), p->version);
		list[(*n)++] = (struct promoted){ b, v };
	}
	return true;
}

/* An object whose digest and size are signed, from whatever store. */
static bool
signed_get(struct arena *a, struct store *s, struct str key, const struct digest *sha256,
    uint64_t size, struct str *out, struct err *err)
{
	if (!store_get(s, a, key, size, out, NULL, err)) {
		if (err->code == ERR_LIMIT)
			err->code = ERR_UNTRUSTED;
		return false;
	}
	const struct digest is = digest_of(*out);
	return (out->n == size && digest_eq(&is, sha256))
	    || err_set(err, ERR_UNTRUSTED, "%.*s is not what was signed", STR_ARG(key));
}

bool
promotion_manifest(struct arena *a, struct store *s, const struct promoted *p,
    struct str *bytes, struct manifest *out, struct err *err)
{
	const struct live_bundle *b = p->live;
	struct str key = live_manifest_key(a, b->vertical, b->locale, &p->version->sha256);
	if (!signed_get(a, s, key, &p->version->sha256, p->version->length, bytes, err))
		return false;
	if (!manifest_read(a, *bytes, out, err))
		return err_in(err, "%.*s", STR_ARG(key));
	return (str_eq(out->vertical, b->vertical) && str_eq(out->locale, b->locale))
	    || err_set(err, ERR_UNTRUSTED, "%.*s is the manifest of another bundle", STR_ARG(key));
}

/* Which blobs of a shard are not there yet */

struct blob {
	struct digest sha256;
	uint64_t size;
	enum coding coding;
	struct str type;
	bool shared; /* of the whole bundle, so perhaps of others, too: style sheets, icons */
};
struct blobs {
	struct blob *blob;
	size_t n, room;
};

static void
blob_add(struct arena *a, struct blobs *s, const struct coded *c, enum coding coding,
    const struct manifest_file *f)
{
	ARENA_GROW(a, s->blob, s->n, s->room);
	s->blob[s->n++] = (struct blob){ c->sha256, c->size, coding,
		f ? f->type : STR("application/xml; charset=utf-8"), f && f->document.n == 0 };
}

static void
blobs_of(struct arena *a, const struct tree *t, struct blobs *out)
{
	for (size_t i = 0; i < t->files; i++)
		for (int c = CODING_NONE; c < CODINGS; c++)
			if (has_form(&t->file[i], (enum coding)c))
				blob_add(a, out, &t->file[i].form[c], (enum coding)c, &t->file[i]);
	for (size_t i = 0; i < t->documents; i++) {
		const struct coded source = { t->document[i].source, t->document[i].source_size };
		blob_add(a, out, &source, CODING_NONE, NULL);
	}
}

static int
by_digest(const void *a, const void *b)
{
	const struct blob *x = a, *y = b;
	int c = memcmp(x->sha256.b, y->sha256.b, sizeof x->sha256.b);
	return c != 0 ? c : (int)x->coding - (int)y->coding;
}

/* Sorted, each once, without those that `have` has. */
static void
blobs_reduce(struct blobs *s, struct blobs *have)
{
	size_t kept = 0;
	if (s->n > 0)
		qsort(s->blob, s->n, sizeof *s->blob, by_digest);
	if (have->n > 0)
		qsort(have->blob, have->n, sizeof *have->blob, by_digest);
	for (size_t i = 0; i < s->n; i++) {
		const struct blob *b = &s->blob[i];
		bool twice = kept > 0 && by_digest(b, &s->blob[kept - 1]) == 0;
		if (!twice && (have->n == 0
		        || bsearch(b, have->blob, have->n, sizeof *b, by_digest) == NULL))
			s->blob[kept++] = *b;
	}
	s->n = kept;
}

/* One promotion at work. */
struct promoting {
	const struct promotion *from;
	struct site *to;
	const struct progress *progress;
	struct plan *plan;
	struct str *manifest; /* bytes, parallel to plan->bundle */
	struct digest *copied; /* shards, in this run */
	size_t copies, room;
	struct str round;     /* of gc, at the attempt before; p == NULL: this is the first */
	struct blob *shared;   /* that this plan, or this attempt to copy, has come across */
	size_t shares, shared_room;
	struct arena *a;      /* of the run: copied, shared */
	size_t done;
	pthread_mutex_t lock; /* of done and the progress */
};

static bool
source_tree(const struct promoting *p, struct arena *a, const struct shard *s,
    struct str *bytes, struct tree *out, struct err *err)
{
	return shard_get(a, p->from->store, s, bytes, err) && tree_read(a, *bytes, true, out, err);
}

static bool
is_known(struct promoting *p, const struct blob *b)
{
	if (!b->shared)
		return false;
	for (size_t i = 0; i < p->shares; i++)
		if (by_digest(&p->shared[i], b) == 0)
			return true;
	ARENA_GROW(p->a, p->shared, p->shares, p->shared_room);
	p->shared[p->shares++] = *b;
	return false;
}

static void
shared_drop(struct promoting *p, struct blobs *s)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->n; i++)
		if (!is_known(p, &s->blob[i]))
			s->blob[kept++] = s->blob[i];
	s->n = kept;
}

/* What has to be copied for this shard, `live` being what it takes the place of. */
static bool
missing_find(struct promoting *p, struct arena *a, const struct live_bundle *live,
    const struct shard *s, struct str *bytes, struct blobs *out, struct err *err)
{
	struct blobs have = { 0 };
	struct tree tree;
	const struct manifest *m = live != NULL ? live->manifest : NULL;
	const struct shard *was = m != NULL ? shard_at(m->shard, m->shards, s->from) : NULL;
	const struct tree *old;
	if (was != NULL) {
		if (!live_tree(live, p->to->store, (size_t)(was - m->shard), &old, err))
			return false;
		blobs_of(a, old, &have);
	}
	if (!source_tree(p, a, s, bytes, &tree, err))
		return false;
	blobs_of(a, &tree, out);
	blobs_reduce(out, &have);
	shared_drop(p, out);
	return true;
}

static bool
is_live_shard(const struct live_bundle *live, const struct shard *s)
{
	const struct manifest *m = live != NULL ? live->manifest : NULL;
	const struct shard *was = m != NULL ? shard_at(m->shard, m->shards, s->from) : NULL;
	return was != NULL && digest_eq(&was->sha256, &s->sha256);
}

static const struct live_bundle *
live_of(const struct promoting *p, const struct planned_bundle *b)
{
	return p->to->live != NULL ? live_find(p->to->live, b->vertical, b->locale) : NULL;
}

/* Planning */

struct versions {
	const struct promoting *promoting;
	const struct live_bundle *live;
	const struct manifest *new;
};

static bool
live_entries(void *ctx, struct arena *a, size_t i, struct tree *out, struct err *err)
{
	const struct versions *v = ctx;
	const struct tree *tree;
	(void)a;
	if (!live_tree(v->live, v->promoting->to->store, i, &tree, err))
		return false;
	*out = *tree;
	return true;
}

static bool
new_entries(void *ctx, struct arena *a, size_t i, struct tree *out, struct err *err)
{
	const struct versions *v = ctx;
	struct str bytes;
	return source_tree(v->promoting, a, &v->new->shard[i], &bytes, out, err);
}

/* What is taken down at the one site is not brought back by the other. */
static bool
tombstones_hold(const struct site *to, const struct live_bundle *live, const struct manifest *m,
    struct err *err)
{
	for (size_t i = 0; live != NULL && i < live->manifest->tombstones; i++) {
		struct str id = live->manifest->tombstone[i].id;
		if (manifest_tombstone(m, id) == NULL)
			return err_set(err, ERR_INPUT, "'%.*s' is taken down at %.*s, but not in this version: "
			    "take it down there as well, or lift it here, and begin again", STR_ARG(id),
			    STR_ARG(to->target->name));
	}
	return true;
}

/* Nor does an earlier version bring back what has been taken down since, where it comes from. */
static bool
since_buried(const struct promoting *p, const struct live_bundle *from, const struct manifest *m,
    struct err *err)
{
	bool ok = true;
	for (size_t i = 0; ok && i < from->manifest->tombstones; i++) {
		struct str id = from->manifest->tombstone[i].id, bytes;
		const struct shard *s = manifest_shard(m, id);
		struct tree tree;
		if (s == NULL || manifest_tombstone(m, id) != NULL)
			continue;
		struct arena *a = arena_new();
		ok = source_tree(p, a, s, &bytes, &tree, err)
		    && (tree_document(&tree, id) == NULL
		        || err_set(err, ERR_INPUT, "'%.*s' is in this version, but has been taken down since, "
		            "where it comes from: take a version without it, or lift that there", STR_ARG(id)));
		arena_free(a);
	}
	return ok;
}

static void
tombstones_purge(const struct planned_bundle *b, const struct live_bundle *live,
    struct keyset *keys)
{
	const struct manifest *was = live != NULL ? live->manifest : NULL, *is = &b->manifest;
	char key[KEY_MAX + 1];
	for (size_t i = 0; i < is->tombstones; i++)
		if (was == NULL || manifest_tombstone(was, is->tombstone[i].id) == NULL) {
			key_item(b->vertical, b->locale, is->tombstone[i].id, key);
			keyset_add(keys, str_of(key));
		}
}

static bool
copies_count(struct promoting *p, const struct planned_bundle *b, struct err *err)
{
	const struct live_bundle *live = live_of(p, b);
	bool ok = true;
	for (size_t i = 0; ok && i < b->manifest.shards; i++) {
		const struct shard *s = &b->manifest.shard[i];
		struct blobs missing = { 0 };
		struct str bytes;
		if (is_live_shard(live, s))
			continue;
		struct arena *a = arena_new();
		ok = missing_find(p, a, live, s, &bytes, &missing, err);
		p->plan->blobs += ok ? missing.n + 1 : 0;
		p->plan->bytes += ok ? s->size : 0;
		for (size_t k = 0; ok && k < missing.n; k++)
			p->plan->bytes += missing.blob[k].size;
		arena_free(a);
	}
	return ok;
}

static bool
bundle_plan(struct promoting *p, struct arena *a, const struct promoted *from, size_t i,
    struct keyset *keys, struct err *err)
{
	struct planned_bundle *b = &p->plan->bundle[i];
	struct difference d = { .keys = keys };
	*b = (struct planned_bundle){ .vertical = from->live->vertical,
		.locale = from->live->locale };
	const struct live_bundle *live = live_of(p, b);
	if (!promotion_manifest(a, p->from->store, from, &p->manifest[i], &b->manifest, err)
	    || !tombstones_hold(p->to, live, &b->manifest, err)
	    || !since_buried(p, from->live, &b->manifest, err))
		return false;
	b->before = live != NULL ? live->manifest->documents : 0;
	b->after = b->manifest.documents;
	if (live != NULL && digest_eq(&live->current.sha256, &from->version->sha256))
		return true;
	b->change = live == NULL ? CHANGE_ADDED : CHANGE_CHANGED;
	struct versions v = { p, live, &b->manifest };
	const struct manifest *m = live != NULL ? live->manifest : NULL;
	const struct tree_source was = { m ? m->shard : NULL, m ? m->shards : 0, live_entries, &v };
	const struct tree_source is = { b->manifest.shard, b->manifest.shards, new_entries, &v };
	if (!difference_add(a, b->vertical, b->locale, &was, &is, &d, err)
	    || !copies_count(p, b, err))
		return false;
	tombstones_purge(b, live, keys);
	b->documents_removed = d.documents_removed;
	b->file = d.file;
	b->files = d.n;
	p->plan->added += d.added;
	p->plan->changed += d.changed;
	p->plan->removed += d.removed;
	return true;
}

static bool
plan_make(struct promoting *p, struct arena *a, struct err *err)
{
	struct keyset keys = { .a = a };
	struct promoted *list;
	size_t n;
	if (!promotion_bundles(a, p->from, &list, &n, err))
		return false;
	p->shares = 0;
	p->plan = ARENA_NEW(a, struct plan);
	p->plan->bundle = ARENA_ARRAY(a, struct planned_bundle, n + 1);
	p->manifest = ARENA_ARRAY(a, struct str, n + 1);
	for (size_t i = 0; i < n; i++, p->plan->bundles++)
		if (!bundle_plan(p, a, &list[i], i, &keys, err))
			return err_in(err, "%.*s/%.*s", STR_ARG(list[i].live->vertical),
			    STR_ARG(list[i].live->locale));
	keyset_sort(&keys);
	p->plan->key = keys.key;
	p->plan->keys = keys.n;
	return true;
}

bool
promote_plan(struct arena *a, struct site *to, const struct promotion *from, struct plan **out,
    struct err *err)
{
	struct promoting p = { .from = from, .to = to, .a = a };
	if (!plan_make(&p, a, err))
		return false;
	*out = p.plan;
	return true;
}

/* Copying: one shard after the other, its blobs side by side */

struct copying {
	struct promoting *p;
	const struct blob *blob;
};

static bool
blob_copy(void *ctx, size_t i, struct err *err)
{
	const struct copying *c = ctx;
	const struct blob *b = &c->blob[i];
	struct promoting *p = c->p;
	struct arena *a = arena_new();
	const char *suffix = coding_kinds[b->coding].suffix;
	char hex[DIGEST_HEX + 1];
	digest_hex(&b->sha256, hex);
	struct object o = { .key = store_blob_key(a, hex, suffix[0] ? suffix + 1 : ""),
		.type = b->type, .immutable = true, .coding = str_of(coding_kinds[b->coding].token) };
	bool ok = signed_get(a, p->from->store, o.key, &b->sha256, b->size, &o.body, err)
	    && store_put(p->to->store, &o, err);
	arena_free(a);
	(void)pthread_mutex_lock(&p->lock);
	p->done++;
	if (ok && p->progress != NULL && p->progress->step != NULL)
		p->progress->step(p->progress->ctx, "copy", p->done, p->plan->blobs);
	(void)pthread_mutex_unlock(&p->lock);
	return ok;
}

static unsigned
threads_of(const struct site *s)
{
	return s->target->uploads > 0 ? s->target->uploads : 1;
}

static bool
was_copied(const struct promoting *p, const struct digest *sha256)
{
	for (size_t i = 0; i < p->copies; i++)
		if (digest_eq(&p->copied[i], sha256))
			return true;
	return false;
}

/* What a shard names is there before the shard is. */
static bool
shard_copy(struct promoting *p, const struct live_bundle *live, const struct shard *s,
    struct err *err)
{
	struct arena *a = arena_new();
	struct blobs missing = { 0 };
	struct object o = { .key = tree_key(a, &s->sha256), .type = STR("application/gzip"),
		.immutable = true };
	bool ok = missing_find(p, a, live, s, &o.body, &missing, err);
	struct copying c = { p, missing.blob };
	ok = ok && parallel(missing.n, threads_of(p->to), blob_copy, &c, err)
	    && store_put(p->to->store, &o, err);
	if (ok) {
		p->done++;
		ARENA_GROW(p->a, p->copied, p->copies, p->room);
		p->copied[p->copies++] = s->sha256;
	}
	arena_free(a);
	return ok;
}

static bool
bundle_copy(struct promoting *p, struct arena *a, size_t i, struct wanted *w, struct err *err)
{
	const struct planned_bundle *b = &p->plan->bundle[i];
	const struct live_bundle *live = live_of(p, b);
	for (size_t k = 0; k < b->manifest.shards; k++) {
		const struct shard *s = &b->manifest.shard[k];
		if (!is_live_shard(live, s) && !was_copied(p, &s->sha256)
		    && !shard_copy(p, live, s, err))
			return err_in(err, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale));
	}
	const struct digest sha256 = digest_of(p->manifest[i]);
	const struct object o = { .key = live_manifest_key(a, b->vertical, b->locale, &sha256),
		.body = p->manifest[i], .type = STR("application/json"), .immutable = true };
	w->change[w->changes++] = (struct bundle_change){ b->vertical, b->locale, sha256, o.body.n,
		&b->manifest };
	return store_put(p->to->store, &o, err);
}

static bool
prepare_promotion(void *ctx, struct arena *a, struct site *s, struct wanted *w, struct err *err)
{
	struct promoting *p = ctx;
	if (!plan_make(p, a, err) || !site_can_sign(s, p->plan, err))
		return false;
	p->done = p->shares = 0;
	if (p->round.p != NULL && !str_eq(p->round, s->round))
		p->copies = 0; /* gc may have removed them: site.h */
	p->round = s->round.p != NULL ? s->round : STR("");
	w->kind = p->from->kind;
	w->note = p->from->note;
	w->change = ARENA_ARRAY(a, struct bundle_change, p->plan->bundles + 1);
	for (size_t i = 0; i < p->plan->keys; i++)
		keyset_add(w->keys, p->plan->key[i]);
	for (size_t i = 0; i < p->plan->bundles; i++)
		if (p->plan->bundle[i].change != CHANGE_NONE && !bundle_copy(p, a, i, w, err))
			return false;
	w->release = w->changes > 0;
	return true;
}

bool
promote_commit(struct arena *a, struct site *to, const struct promotion *from,
    const struct progress *progress, struct published *out, struct err *err)
{
	struct promoting p = { .from = from, .to = to, .progress = progress, .a = a };
	(void)pthread_mutex_init(&p.lock, NULL);
	bool ok = release_run(a, to, prepare_promotion, &p, out, err);
	(void)pthread_mutex_destroy(&p.lock);
	return ok || err_in(err, "%s", from->kind);
}
