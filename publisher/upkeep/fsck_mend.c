/* fsck: a new version of what has lost something that cannot be had again. */
#include <inttypes.h>

#include "base/parallel.h"
#include "publisher/release/burial.h"
#include "publisher/release/site.h"
#include "publisher/upkeep/fsck.h"
#include "publisher/upkeep/reach.h"

struct mending {
	struct fsck *f;
	struct arena *a;
	struct site *site;
	const struct live_bundle *bundle;
	struct str name;           /* "weather/en-us" */
	struct digest *lost;       /* manifests of versions that are not whole */
	size_t losses;
	bool told;                 /* what is dropped, at the first attempt */
};

static bool
is_lost(const struct fsck *f, struct str key)
{
	const struct digest d = reach_key_digest(key);
	return marks_has(f->lost, &d);
}

static bool
blob_is_lost(const struct fsck *f, const struct digest *sha256, enum coding coding)
{
	char hex[DIGEST_HEX + 1];
	struct arena *a = arena_new();
	const char *suffix = coding_kinds[coding].suffix;
	digest_hex(sha256, hex);
	bool lost = is_lost(f, store_blob_key(a, hex, suffix[0] ? suffix + 1 : ""));
	arena_free(a);
	return lost;
}

/* Which versions are whole, and which can be read at all */

struct look {
	const struct fsck *f;
	bool whole, readable;
};

static bool
look_at(void *ctx, const struct reach_object *o, struct err *err)
{
	struct look *l = ctx;
	(void)err;
	if (!is_lost(l->f, o->key))
		return true;
	l->whole = false;
	l->readable = l->readable && o->kind != REACH_MANIFEST && o->kind != REACH_SHARD;
	return true;
}

static bool
look_broken(void *ctx, const struct reach_object *o, const struct err *why, struct err *err)
{
	struct look *l = ctx;
	(void)o;
	l->whole = l->readable = false;
	return is_lost(l->f, o->key) || err_set(err, why->code, "%s", why->text);
}

static bool
version_look(const struct mending *m, const struct bundle_version *v, struct look *out,
    struct err *err)
{
	*out = (struct look){ m->f, true, true };
	const struct reach r = { .store = m->site->store, .anchor = m->site->anchor,
		.live = m->site->live, .parts = REACH_ONLY_BUNDLES, .bundle = &m->name, .bundles = 1,
		.version = v->version, .visit = look_at, .broken = look_broken, .ctx = out };
	return reach_walk(&r, err);
}

/* The one to go on from: NULL if none can be read. */
static bool
version_choose(struct mending *m, const struct bundle_version **out, bool *whole, struct err *err)
{
	const struct live_bundle *b = m->bundle;
	const struct bundle_version *readable = NULL;
	m->lost = ARENA_ARRAY(m->a, struct digest, b->histories + 1);
	m->losses = 0;
	*out = NULL;
	for (size_t i = 0; i <= b->histories; i++) {
		const struct bundle_version *v = i == 0 ? &b->current : &b->history[i - 1];
		struct look l;
		if (!version_look(m, v, &l, err))
			return false;
		if (!l.whole)
			m->lost[m->losses++] = v->sha256;
		if (l.whole && *out == NULL)
			*out = v;
		if (l.readable && readable == NULL)
			readable = v;
	}
	if (m->f->o->loss == LOSS_DROP || *out == NULL)
		*out = readable;
	*whole = *out != NULL;
	for (size_t i = 0; *whole && i < m->losses; i++)
		*whole = !digest_eq(&m->lost[i], &(*out)->sha256);
	return true;
}

/* Leaving out */

static void
drop_tell(struct mending *m, struct str name)
{
	if (!m->told)
		fsck_tell(m->f, FSCK_DROPPED, name, m->name, STR("publish it again"));
}

static bool
document_is_lost(const struct mending *m, const struct tree *t, const struct manifest_document *d)
{
	if (blob_is_lost(m->f, &d->source, CODING_NONE))
		return true;
	for (size_t i = 0; i < t->files; i++)
		if (str_eq(t->file[i].document, d->id)
		    && blob_is_lost(m->f, &t->file[i].form[CODING_NONE].sha256, CODING_NONE))
			return true;
	return false;
}

static bool
documents_drop(struct mending *m, struct tree *t)
{
	size_t kept = 0, files = 0;
	const size_t had = t->documents;
	for (size_t i = 0; i < t->documents; i++) {
		if (document_is_lost(m, t, &t->document[i]))
			drop_tell(m, t->document[i].id);
		else
			t->document[kept++] = t->document[i];
	}
	t->documents = kept;
	if (kept == had)
		return false;
	for (size_t i = 0; i < t->files; i++)
		if (t->file[i].document.n == 0 || tree_document(t, t->file[i].document) != NULL)
			t->file[files++] = t->file[i];
	t->files = files;
	return true;
}

/* A file of the whole bundle goes; a coded form only is no loss for readers. */
static bool
files_drop(struct mending *m, struct tree *t)
{
	size_t kept = 0;
	bool changed = false;
	for (size_t i = 0; i < t->files; i++) {
		struct manifest_file *f = &t->file[i];
		const unsigned had = f->forms;
		for (int c = CODING_NONE + 1; c < CODINGS; c++)
			if (has_form(f, (enum coding)c) && blob_is_lost(m->f, &f->form[c].sha256, (enum coding)c))
				f->forms &= ~(1u << c);
		changed = changed || had != f->forms;
		if (blob_is_lost(m->f, &f->form[CODING_NONE].sha256, CODING_NONE)) {
			drop_tell(m, f->path);
			changed = true;
		} else
			t->file[kept++] = *f;
	}
	t->files = kept;
	return changed;
}

static bool
shard_put(const struct mending *m, const struct tree *t, struct coder *coder, struct shard *out,
    struct err *err)
{
	struct arena *a = arena_new();
	struct buf *stored = buf_in(a, TREE_MAX);
	struct str *id = ARENA_ARRAY(a, struct str, t->documents);
	for (size_t i = 0; i < t->documents; i++)
		id[i] = t->document[i].id;
	bool ok = tree_write(t, coder, stored, err);
	out->sha256 = digest_of(buf_str(stored));
	out->size = stored->n;
	out->content = tree_content(t);
	out->ids = tree_ids(id, t->documents);
	out->sources = tree_sources(t);
	out->documents = (uint32_t)t->documents;
	out->files = (uint32_t)t->files;
	const struct object o = { .key = tree_key(a, &out->sha256), .body = buf_str(stored),
		.type = STR("application/gzip"), .immutable = true };
	ok = ok && store_put(m->site->store, &o, err);
	arena_free(a);
	return ok;
}

static bool
shard_drop(struct mending *m, struct coder *coder, const struct shard *from, struct manifest *to,
    struct err *err)
{
	struct arena *a = arena_new();
	struct str bytes;
	struct tree t;
	struct shard s = *from;
	bool ok = shard_get(a, m->site->store, from, &bytes, err)
	    && tree_read(a, bytes, true, &t, err);
	if (ok) {
		bool changed = documents_drop(m, &t);
		changed = files_drop(m, &t) || changed;
		ok = !changed || t.documents + t.files == 0 || shard_put(m, &t, coder, &s, err);
	}
	if (ok && t.documents + t.files > 0) {
		to->shard[to->shards++] = s;
		to->documents += t.documents;
		to->files += t.files;
		for (size_t i = 0; i < t.documents; i++)
			if (t.document[i].expires != 0
			    && (to->first_expiry == 0 || t.document[i].expires < to->first_expiry))
				to->first_expiry = t.document[i].expires;
	}
	arena_free(a);
	return ok;
}

static bool
manifest_drop(struct mending *m, const struct manifest *from, struct manifest *out,
    struct err *err)
{
	struct coder *coder = coder_new();
	bool ok = true;
	*out = *from;
	out->shard = ARENA_ARRAY(m->a, struct shard, from->shards);
	out->shards = out->documents = out->files = 0;
	out->first_expiry = 0;
	for (size_t i = 0; ok && i < from->shards; i++)
		ok = shard_drop(m, coder, &from->shard[i], out, err);
	coder_free(coder);
	return ok;
}

/* The new version */

static bool
manifest_make(struct mending *m, const struct bundle_version *v, bool whole,
    struct manifest *out, struct err *err)
{
	const struct live_bundle *b = m->bundle;
	struct manifest from, dropped;
	bool unlisted = false;
	*out = (struct manifest){ .vertical = b->vertical, .locale = b->locale,
		.inputs = json_new_object(m->a), .tombstone = b->manifest->tombstone,
		.tombstones = b->manifest->tombstones };
	if (v == NULL) {
		drop_tell(m, STR("all documents: no kept version can be read"));
		return true;
	}
	if (!live_manifest(m->a, m->site->store, b->vertical, b->locale, v, &from, err))
		return false;
	if (v != &b->current)
		drop_tell(m, arena_printf(m->a, "what came after version %" PRId64, v->version));
	if (!whole && !manifest_drop(m, &from, &dropped, err))
		return false;
	if (!whole)
		from = dropped;
	*out = from;
	return !burial_is_due(b->manifest, &from) || burial_apply(m->a, m->site->store, &from,
	    b->manifest->tombstone, b->manifest->tombstones, out, &unlisted, err);
}

static bool
bundle_mend(struct mending *m, struct wanted *w, struct err *err)
{
	const struct live_bundle *b = m->bundle;
	const struct bundle_version *v;
	struct manifest *manifest = ARENA_NEW(m->a, struct manifest);
	struct buf *bytes = buf_in(m->a, MANIFEST_MAX);
	char key[KEY_MAX + 1];
	bool whole;
	if (!version_choose(m, &v, &whole, err))
		return false;
	if (m->losses == 0)
		return true;
	if (!manifest_make(m, v, whole, manifest, err) || !manifest_write(manifest, bytes, err))
		return false;
	const struct digest sha256 = digest_of(buf_str(bytes));
	const struct object o = { live_manifest_key(m->a, b->vertical, b->locale, &sha256),
		buf_str(bytes), STR("application/json"), true, STR("") };
	key_bundle(b->vertical, b->locale, key);
	keyset_add(w->keys, str_of(key));
	w->change[w->changes++] = (struct bundle_change){ b->vertical, b->locale, sha256, bytes->n,
		manifest, m->lost, m->losses };
	return store_put(m->site->store, &o, err);
}

struct attempt {
	struct fsck *f;
	bool told;
};

static bool
prepare_mend(void *ctx, struct arena *a, struct site *s, struct wanted *w, struct err *err)
{
	struct attempt *t = ctx;
	w->change = ARENA_ARRAY(a, struct bundle_change, s->live->bundles);
	w->note = t->f->o->loss == LOSS_ROLLBACK ? STR("fsck: back to what is whole")
	                                         : STR("fsck: without what is lost");
	for (size_t i = 0; i < s->live->bundles; i++) {
		const struct live_bundle *b = &s->live->bundle[i];
		struct mending m = { .f = t->f, .a = a, .site = s, .bundle = b, .told = t->told,
			.name = arena_printf(a, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale)) };
		if (!bundle_mend(&m, w, err))
			return err_in(err, "%.*s", STR_ARG(m.name));
	}
	t->told = true;
	w->release = w->changes > 0;
	return true;
}

bool
fsck_mend(struct fsck *f, struct err *err)
{
	struct attempt t = { f, false };
	return release_run(f->a, f->site, prepare_mend, &t, &f->out->mended, err);
}
