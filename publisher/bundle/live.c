#include "publisher/bundle/live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/parallel.h"

#define HISTORY_MAX 1000
#define NOTE_MAX 256
#define FETCHES 16 /* shards at a time */
#define TIMESTAMP STR("metadata/timestamp.json")

static bool
get_from_store(void *store, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	return store_get(store, a, name, max, out, NULL, err);
}

struct trust_source
store_source(struct store *s)
{
	return (struct trust_source){ get_from_store, s };
}

/* A store that remembers which timestamp.json was read: the one to swap later. */
struct watched {
	struct store *store;
	struct str etag;
};

static bool
get_watched(void *ctx, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	struct watched *w = ctx;
	return store_get(w->store, a, name, max, out, str_eq(name, TIMESTAMP) ? &w->etag : NULL,
	    err);
}

/* Manifests and shards, shared among live states */

struct shard_hold {
	struct arena *arena;
	atomic_uint holds;
	const struct shard *shard;
	pthread_mutex_t lock; /* of what follows: filled once, then only read */
	struct str bytes;     /* p == NULL: not read */
	struct tree *tree;    /* NULL: not parsed */
	uint64_t *number;
	size_t numbers;
	bool numbered;
};

struct manifest_hold {
	struct arena *arena;
	atomic_uint holds;
	struct manifest manifest;
	struct shard_hold **shard; /* one for each of the manifest */
};

static bool
is_last(atomic_uint *holds)
{
	return atomic_fetch_sub_explicit(holds, 1, memory_order_acq_rel) == 1;
}

static void
shard_drop(void *hold)
{
	struct shard_hold *h = hold;
	if (!is_last(&h->holds))
		return;
	(void)pthread_mutex_destroy(&h->lock);
	arena_free(h->arena); /* the hold itself is in it */
}

static void
drop(void *hold)
{
	struct manifest_hold *h = hold;
	if (is_last(&h->holds))
		arena_free(h->arena); /* the hold itself is in it */
}

static void
use(struct arena *a, struct live_bundle *b, struct manifest_hold *h)
{
	b->hold = h;
	b->manifest = &h->manifest;
	arena_defer(a, drop, h);
}

static struct shard_hold *
shard_new(const struct shard *s)
{
	struct arena *a = arena_new();
	struct shard_hold *h = ARENA_NEW(a, struct shard_hold);
	struct shard *own = ARENA_NEW(a, struct shard);
	*own = *s;
	h->arena = a;
	h->shard = own;
	atomic_init(&h->holds, 1);
	(void)pthread_mutex_init(&h->lock, NULL);
	return h;
}

/* The shards of a new manifest: what the one before has, too, is shared. */
static void
shards_take(struct manifest_hold *h, const struct manifest_hold *before)
{
	const struct manifest *m = &h->manifest;
	h->shard = ARENA_ARRAY(h->arena, struct shard_hold *, m->shards);
	for (size_t i = 0; i < m->shards; i++) {
		const struct shard *was = before == NULL ? NULL
		    : shard_at(before->manifest.shard, before->manifest.shards, m->shard[i].from);
		if (was != NULL && digest_eq(&was->sha256, &m->shard[i].sha256)) {
			h->shard[i] = before->shard[was - before->manifest.shard];
			(void)atomic_fetch_add_explicit(&h->shard[i]->holds, 1, memory_order_relaxed);
		} else {
			h->shard[i] = shard_new(&m->shard[i]);
		}
		arena_defer(h->arena, shard_drop, h->shard[i]);
	}
}

struct str
live_manifest_key(struct arena *a, struct str vertical, struct str locale,
    const struct digest *sha256)
{
	char hex[DIGEST_HEX + 1];
	digest_hex(sha256, hex);
	return arena_printf(a, "targets/%.*s/%.*s/%s.bundle.json", STR_ARG(vertical),
	    STR_ARG(locale), hex);
}

/* An object whose digest and size are signed. */
static bool
signed_get(struct arena *a, struct store *s, struct str key, const struct digest *sha256,
    uint64_t size, struct str *out, struct err *err)
{
	if (!store_get(s, a, key, size, out, NULL, err)) {
		if (err->code == ERR_ABSENT)
			err->code = ERR_BUSY; /* signed, so it was there and has to come back */
		if (err->code == ERR_LIMIT)
			err->code = ERR_UNTRUSTED;
		return false;
	}
	const struct digest is = digest_of(*out);
	return (out->n == size && digest_eq(&is, sha256))
	    || err_set(err, ERR_UNTRUSTED, "%.*s is not what was signed", STR_ARG(key));
}

bool
live_manifest(struct arena *a, struct store *s, struct str vertical, struct str locale,
    const struct bundle_version *v, struct manifest *out, struct err *err)
{
	struct str bytes, key = live_manifest_key(a, vertical, locale, &v->sha256);
	if (v->length > MANIFEST_MAX)
		return err_set(err, ERR_LIMIT, "%.*s: too large", STR_ARG(key));
	if (!signed_get(a, s, key, &v->sha256, v->length, &bytes, err))
		return false;
	if (!manifest_read(a, bytes, out, err))
		return err_in(err, "%.*s", STR_ARG(key));
	return (str_eq(out->vertical, vertical) && str_eq(out->locale, locale))
	    || err_set(err, ERR_UNTRUSTED, "%.*s is the manifest of another bundle", STR_ARG(key));
}

bool
shard_get(struct arena *a, struct store *s, const struct shard *shard, struct str *out,
    struct err *err)
{
	struct str key = tree_key(a, &shard->sha256);
	if (shard->size > TREE_MAX)
		return err_set(err, ERR_LIMIT, "%.*s: too large", STR_ARG(key));
	return signed_get(a, s, key, &shard->sha256, shard->size, out, err);
}

static void
manifest_substitute(struct arena *a, struct store *s, struct live_bundle *b, struct manifest *out)
{
	struct err ignored;
	struct manifest older = { 0 };
	for (size_t i = 0; i < b->histories; i++)
		if (live_manifest(a, s, b->vertical, b->locale, &b->history[i], &older, &ignored))
			break;
		else
			older = (struct manifest){ 0 };
	*out = (struct manifest){ .vertical = b->vertical, .locale = b->locale,
		.inputs = json_new_object(a), .tombstone = older.tombstone,
		.tombstones = older.tombstones };
	b->damaged = true;
}

/* Lost, or only out of reach at this moment? */
static bool
is_lost(struct arena *a, struct store *s, const struct live_bundle *b, const struct err *why)
{
	struct str ignored;
	struct err now = { 0 };
	if (why->code != ERR_BUSY)
		return true;
	return !store_get(s, a, live_manifest_key(a, b->vertical, b->locale, &b->current.sha256),
	           MANIFEST_MAX, &ignored, NULL, &now) && now.code == ERR_ABSENT;
}

static bool
manifest_load(struct arena *a, struct store *s, struct live_bundle *b,
    const struct live_bundle *before, bool salvage, struct err *err)
{
	if (before != NULL && digest_eq(&before->current.sha256, &b->current.sha256)) {
		(void)atomic_fetch_add_explicit(&before->hold->holds, 1, memory_order_relaxed);
		use(a, b, before->hold);
		return true;
	}
	struct arena *own = arena_new();
	struct manifest_hold *h = ARENA_NEW(own, struct manifest_hold);
	h->arena = own;
	atomic_init(&h->holds, 1);
	use(a, b, h);
	struct err why = { 0 };
	if (!live_manifest(own, s, b->vertical, b->locale, &b->current, &h->manifest, &why)) {
		if (!salvage || !is_lost(own, s, b, &why))
			return err_set(err, why.code, "%s", why.text);
		manifest_substitute(own, s, b, &h->manifest);
	}
	shards_take(h, before != NULL ? before->hold : NULL);
	return true;
}

/* What the role says of a bundle */

static bool
version_read(const json_t *j, struct bundle_version *out, struct err *err)
{
	return field_int(j, "version", 1, INT64_MAX, &out->version, err)
	    && field_int(j, "time", 0, INT64_MAX, &out->time, err)
	    && field_text_opt(j, "note", &out->note, err)
	    && (out->note.n <= NOTE_MAX || err_set(err, ERR_LIMIT, "note: too long"));
}

static bool
history_read(struct arena *a, const json_t *list, struct live_bundle *b, struct err *err)
{
	size_t n = json_array_size(list);
	if (n > HISTORY_MAX)
		return err_set(err, ERR_LIMIT, "history: more than %d versions", HISTORY_MAX);
	b->history = ARENA_ARRAY(a, struct bundle_version, n);
	int64_t newer = b->current.version;
	for (size_t i = 0; i < n; i++) {
		const json_t *j = json_array_get(list, i);
		struct bundle_version *v = &b->history[i];
		int64_t length;
		if (!version_read(j, v, err) || !field_digest(j, "sha256", &v->sha256, err)
		    || !field_int(j, "length", 0, MANIFEST_MAX, &length, err))
			return err_in(err, "history[%zu]", i);
		if (v->version >= newer)
			return err_set(err, ERR_INPUT, "history[%zu]: not newest first", i);
		newer = v->version;
		v->length = (uint64_t)length;
	}
	b->histories = n;
	return true;
}

static bool
bundle_read(struct arena *a, const struct target *t, struct live_bundle *b, struct err *err)
{
	const json_t *history;
	b->current.sha256 = t->sha256;
	b->current.length = t->length;
	return (t->custom != NULL || err_set(err, ERR_INPUT, "no custom object"))
	    && version_read(t->custom, &b->current, err)
	    && field_int(t->custom, "first", 1, b->current.version, &b->first, err)
	    && field_array(t->custom, "history", &history, err)
	    && history_read(a, history, b, err);
}

/* "weather/en-us/bundle.json" to its parts; other targets are none of our business. */
static bool
is_bundle(struct str path, struct live_bundle *out)
{
	struct str rest, name;
	out->vertical = str_cut(path, '/', &rest);
	out->locale = str_cut(rest, '/', &name);
	return str_eq(name, STR("bundle.json"));
}

static int
by_name(const void *a, const void *b)
{
	const struct live_bundle *x = a, *y = b;
	int order = str_cmp(x->vertical, y->vertical);
	return order != 0 ? order : str_cmp(x->locale, y->locale);
}

static bool
bundles_read(struct arena *a, struct live *live, struct err *err)
{
	const struct trusted *t = live->trusted;
	size_t n = 0;
	for (size_t r = 0; r < t->roles; r++)
		n += t->role[r].n;
	live->bundle = ARENA_ARRAY(a, struct live_bundle, n);
	for (size_t r = 0; r < t->roles; r++)
		for (size_t i = 0; i < t->role[r].n; i++) {
			const struct target *target = &t->role[r].target[i];
			struct live_bundle *b = &live->bundle[live->bundles];
			*b = (struct live_bundle){ 0 };
			if (!is_bundle(target->path, b))
				continue;
			if (!bundle_read(a, target, b, err))
				return err_in(err, "%.*s", STR_ARG(target->path));
			live->bundles++;
		}
	if (live->bundles > 0)
		qsort(live->bundle, live->bundles, sizeof *live->bundle, by_name);
	return true;
}

static bool
read_all(struct arena *a, struct store *s, struct str anchor, const struct live *before,
    int64_t now, enum trust_expiry expiry, bool salvage, struct live **out, struct err *err)
{
	struct live *live = ARENA_NEW(a, struct live);
	struct watched w = { .store = s };
	const struct trust_source source = { get_watched, &w };
	if (!trust_refresh(a, anchor, before ? before->trusted : NULL, &source, now, expiry,
	        &live->trusted, err)
	    || !bundles_read(a, live, err))
		return false;
	live->etag = w.etag;
	for (size_t i = 0; i < live->bundles; i++) {
		struct live_bundle *b = &live->bundle[i];
		const struct live_bundle *was = before ? live_find(before, b->vertical, b->locale)
		                                       : NULL;
		if (!manifest_load(a, s, b, was, salvage, err))
			return false;
	}
	*out = live;
	return true;
}

bool
live_read(struct arena *a, struct store *s, struct str anchor, const struct live *before,
    int64_t now, enum trust_expiry expiry, struct live **out, struct err *err)
{
	return read_all(a, s, anchor, before, now, expiry, false, out, err);
}

bool
live_salvage(struct arena *a, struct store *s, struct str anchor, int64_t now,
    enum trust_expiry expiry, struct live **out, struct err *err)
{
	return read_all(a, s, anchor, NULL, now, expiry, true, out, err);
}

const struct live_bundle *
live_find(const struct live *live, struct str vertical, struct str locale)
{
	const struct live_bundle wanted = { .vertical = vertical, .locale = locale };
	return live->bundles == 0 ? NULL
	    : bsearch(&wanted, live->bundle, live->bundles, sizeof wanted, by_name);
}

const struct bundle_version *
live_version(const struct live_bundle *b, int64_t version)
{
	if (b->current.version <= version)
		return &b->current;
	for (size_t i = 0; i < b->histories; i++)
		if (b->history[i].version <= version)
			return &b->history[i];
	return NULL;
}

/* Shards, when they are needed. The callers hold h->lock. */

static bool
bytes_need(struct shard_hold *h, struct store *s, struct err *err)
{
	struct str bytes; /* what has not been verified is not kept */
	if (h->bytes.p != NULL)
		return true;
	if (!shard_get(h->arena, s, h->shard, &bytes, err))
		return false;
	h->bytes = bytes;
	return true;
}

/* What has been parsed is not needed as bytes again: they go at once. */
static bool
tree_need(struct shard_hold *h, struct store *s, struct err *err)
{
	struct arena *scratch = arena_new();
	struct str bytes = h->bytes;
	struct tree tree;
	bool ok = h->tree != NULL
	    || ((bytes.p != NULL || shard_get(scratch, s, h->shard, &bytes, err))
	        && tree_read(h->arena, bytes, true, &tree, err));
	if (ok && h->tree == NULL) {
		h->tree = ARENA_NEW(h->arena, struct tree);
		*h->tree = tree;
	}
	arena_free(scratch);
	return ok;
}

bool
live_tree(const struct live_bundle *b, struct store *s, size_t i, const struct tree **out,
    struct err *err)
{
	struct shard_hold *h = b->hold->shard[i];
	(void)pthread_mutex_lock(&h->lock);
	bool ok = tree_need(h, s, err);
	*out = h->tree;
	(void)pthread_mutex_unlock(&h->lock);
	return ok;
}

bool
live_document(const struct live_bundle *b, struct store *s, struct str id,
    const struct manifest_document **out, struct err *err)
{
	const struct shard *shard = manifest_shard(b->manifest, id);
	const struct tree *tree;
	*out = NULL;
	if (shard == NULL)
		return true;
	if (!live_tree(b, s, (size_t)(shard - b->manifest->shard), &tree, err))
		return false;
	*out = tree_document(tree, id);
	return true;
}

static int
by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Ids by shard, in their order within each: first[i] is where those of shard i begin. */
static struct str *
ids_by_shard(struct arena *a, const struct manifest *m, const struct str *id, size_t n,
    size_t *first)
{
	struct str *sorted = ARENA_ARRAY(a, struct str, n);
	size_t *at = ARENA_ARRAY(a, size_t, n);
	for (size_t i = 0; i < n; i++) {
		const struct shard *s = manifest_shard(m, id[i]);
		at[i] = s == NULL ? 0 : (size_t)(s - m->shard);
		first[at[i] + 1]++;
	}
	for (size_t i = 0; i < m->shards; i++)
		first[i + 1] += first[i];
	size_t *next = ARENA_ARRAY(a, size_t, m->shards);
	for (size_t i = 0; i < m->shards; i++)
		next[i] = first[i];
	for (size_t i = 0; i < n; i++)
		sorted[next[at[i]]++] = id[i];
	return sorted;
}

static bool
missing_in(const struct live_bundle *b, struct store *s, size_t i, const struct str *id,
    size_t n, int64_t now, size_t *out, struct err *err)
{
	const struct tree *tree;
	const struct digest ids = tree_ids(id, n);
	if (digest_eq(&ids, &b->manifest->shard[i].ids))
		return true;
	if (!live_tree(b, s, i, &tree, err))
		return false;
	for (size_t k = 0; k < tree->documents; k++)
		*out += tree->document[k].expires > now && (n == 0
		    || bsearch(&tree->document[k].id, id, n, sizeof *id, by_bytes) == NULL);
	return true;
}

bool
live_missing(const struct live_bundle *b, struct store *s, const struct str *id, size_t n,
    int64_t now, size_t *out, struct err *err)
{
	const struct manifest *m = b->manifest;
	struct arena *a = arena_new();
	size_t *first = ARENA_ARRAY(a, size_t, m->shards + 1);
	bool ok = true;
	*out = 0;
	if (m->shards > 0) {
		struct str *sorted = ids_by_shard(a, m, id, n, first);
		for (size_t i = 0; ok && i < m->shards; i++)
			ok = missing_in(b, s, i, sorted + first[i], first[i + 1] - first[i], now, out,
			    err);
	}
	arena_free(a);
	return ok;
}

struct fetch {
	struct store *store;
	struct shard_hold **shard;
	size_t n, room;
};

static bool
fetch_one(void *ctx, size_t i, struct err *err)
{
	const struct fetch *f = ctx;
	struct shard_hold *h = f->shard[i];
	(void)pthread_mutex_lock(&h->lock);
	bool ok = bytes_need(h, f->store, err);
	(void)pthread_mutex_unlock(&h->lock);
	return ok;
}

bool
live_fetch(const struct live *live, struct store *s, struct err *err)
{
	struct fetch f = { .store = s };
	struct arena *a = arena_new();
	for (size_t i = 0; i < live->bundles; i++)
		for (size_t k = 0; k < live->bundle[i].manifest->shards; k++) {
			struct shard_hold *h = live->bundle[i].hold->shard[k];
			(void)pthread_mutex_lock(&h->lock);
			bool there = h->bytes.p != NULL;
			(void)pthread_mutex_unlock(&h->lock);
			if (there)
				continue;
			ARENA_GROW(a, f.shard, f.n, f.room);
			f.shard[f.n++] = h;
		}
	bool ok = parallel(f.n, FETCHES, fetch_one, &f, err);
	arena_free(a);
	return ok;
}

struct str
live_shard_bytes(const struct live_bundle *b, size_t i)
{
	struct shard_hold *h = b->hold->shard[i];
	(void)pthread_mutex_lock(&h->lock);
	struct str bytes = h->bytes;
	(void)pthread_mutex_unlock(&h->lock);
	return bytes;
}

static void
numbers_keep(struct shard_hold *h, const uint64_t *number, size_t n)
{
	(void)pthread_mutex_lock(&h->lock);
	if (!h->numbered) {
		h->number = ARENA_ARRAY(h->arena, uint64_t, n);
		if (n > 0)
			memcpy(h->number, number, n * sizeof *number);
		h->numbers = n;
		h->numbered = true;
	}
	(void)pthread_mutex_unlock(&h->lock);
}

bool
live_numbers(const struct live_bundle *b, size_t i, shard_numbers *make, void *ctx,
    const uint64_t **out, size_t *n, struct err *err)
{
	struct shard_hold *h = b->hold->shard[i];
	struct arena *scratch = arena_new();
	uint64_t *made = NULL;
	size_t count = 0;
	(void)pthread_mutex_lock(&h->lock);
	bool ok = h->numbered;
	(void)pthread_mutex_unlock(&h->lock);
	/* Two may make the same at the same time; making may need the shard's bytes. */
	if (!ok && make(ctx, scratch, &made, &count, err)) {
		ok = true;
		numbers_keep(h, made, count);
	}
	arena_free(scratch);
	*out = h->number;
	*n = h->numbers;
	return ok;
}
