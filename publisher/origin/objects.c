#include "publisher/origin/objects.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"

#define SEARCHES_PER_S 50
#define SEARCHES_BURST 200
#define PARSES_MAX 4   /* manifests and shards at a time: each takes a core and some memory */
#define ROOTS_MAX 256 /* a chain of roots that one request may walk */

static void
bytes_dispose(void *p)
{
	free(p);
}

static void
kept_dispose(void *p)
{
	arena_free(((struct kept *)p)->arena); /* it lies in its own arena */
}

void
objects_init(struct objects *o, struct store *store, const char *root, size_t memory,
    unsigned busy_max, struct metrics *metrics)
{
	*o = (struct objects){ .store = store, .root = root, .metrics = metrics,
		.blobs = cache_new(memory - memory / 8, busy_max, bytes_dispose),
		.manifests = cache_new(memory / 8, busy_max / 2 + 1, kept_dispose) };
	cache_costly(o->manifests, PARSES_MAX);
	(void)pthread_mutex_init(&o->search_lock, NULL);
	bucket_init(&o->search, SEARCHES_PER_S, SEARCHES_BURST, clock_monotonic_ms());
}

void
objects_release(struct objects *o)
{
	cache_free(o->blobs);
	cache_free(o->manifests);
	(void)pthread_mutex_destroy(&o->search_lock);
}

int64_t
objects_clock_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

bool
objects_note(struct objects *o, int64_t began_us, struct str key, bool ok, const struct err *err)
{
	metrics_add(&o->metrics->store_reads, 1);
	metrics_add(&o->metrics->store_us, (uint64_t)(objects_clock_us() - began_us));
	if (ok)
		return true;
	bool damaged = err->code == ERR_UNTRUSTED;
	metrics_add(damaged ? &o->metrics->damaged : &o->metrics->unavailable, 1);
	log_event(damaged ? LOG_ERROR : LOG_WARN, damaged ? "object refused" : "object not read",
	    LOG_FIELDS(LOG_TEXT("key", key), LOG_TEXT("why", str_of(err->text))));
	return false;
}

/* What is signed has to be there, and no longer than signed. */
static bool
signed_err(struct err *err)
{
	if (err->code == ERR_ABSENT)
		err->code = ERR_BUSY;
	if (err->code == ERR_LIMIT)
		err->code = ERR_UNTRUSTED;
	return false;
}

struct bytes *
objects_bytes(struct str s)
{
	struct bytes *b = malloc(sizeof *b + s.n + 1);
	if (b == NULL)
		abort();
	b->n = s.n;
	if (s.n > 0)
		memcpy(b->p, s.p, s.n);
	b->p[s.n] = '\0';
	return b;
}

struct wanted_object {
	struct objects *objects;
	struct arena *arena;
	struct str key;
	uint64_t size;
};

/* An object whose very bytes are signed. */
static bool
load_object(void *ctx, const struct digest *sha256, void **value, size_t *size,
    struct err *err)
{
	struct wanted_object *w = ctx;
	struct str body;
	const int64_t began = objects_clock_us();
	bool ok = store_get(w->objects->store, w->arena, w->key, w->size, &body, NULL, err)
	    || signed_err(err);
	if (ok) {
		const struct digest is = digest_of(body);
		ok = (body.n == w->size && digest_eq(&is, sha256))
		    || err_set(err, ERR_UNTRUSTED, "%.*s is not what was signed", STR_ARG(w->key));
	}
	if (!objects_note(w->objects, began, w->key, ok, err))
		return false;
	*value = objects_bytes(body);
	*size = body.n + sizeof(struct bytes) + sizeof(struct cached);
	return true;
}

bool
objects_blob(struct objects *o, const struct coded *c, enum coding coding, struct cached **out,
    bool *hit, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	digest_hex(&c->sha256, hex);
	struct wanted_object w = { .objects = o, .arena = arena_new(), .size = c->size };
	const char *suffix = coding_kinds[coding].suffix;
	w.key = store_blob_key(w.arena, hex, suffix[0] ? suffix + 1 : "");
	bool ok = cache_get(o->blobs, &c->sha256, load_object, &w, out, hit, err);
	arena_free(w.arena);
	return ok;
}

bool
objects_manifest_bytes(struct objects *o, struct str vertical, struct str locale,
    const struct bundle_version *v, struct cached **out, bool *hit, struct err *err)
{
	struct wanted_object w = { .objects = o, .arena = arena_new(), .size = v->length };
	w.key = live_manifest_key(w.arena, vertical, locale, &v->sha256);
	bool ok = cache_get(o->blobs, &v->sha256, load_object, &w, out, hit, err);
	arena_free(w.arena);
	return ok;
}

struct wanted_manifest {
	struct objects *objects;
	struct str vertical, locale;
	const struct bundle_version *version;
};

static bool
load_manifest(void *ctx, const struct digest *key, void **value, size_t *size, struct err *err)
{
	struct wanted_manifest *w = ctx;
	struct arena *a = arena_new();
	struct kept *k = ARENA_NEW(a, struct kept);
	const int64_t began = objects_clock_us();
	(void)key;
	k->arena = a;
	bool ok = live_manifest(a, w->objects->store, w->vertical, w->locale, w->version,
	    &k->manifest, err);
	if (!objects_note(w->objects, began, w->vertical, ok, err)) {
		arena_free(a);
		return false;
	}
	*value = k;
	*size = (size_t)w->version->length * 2; /* parsed: about that */
	return true;
}

bool
objects_manifest(struct objects *o, struct str vertical, struct str locale,
    const struct bundle_version *v, struct cached **out, struct err *err)
{
	struct wanted_manifest w = { o, vertical, locale, v };
	bool hit;
	return cache_get(o->manifests, &v->sha256, load_manifest, &w, out, &hit, err);
}

struct wanted_tree {
	struct objects *objects;
	const struct shard *shard;
	struct str bytes;
};

/* From the bytes of the current view, or the store. */
static bool
tree_bytes(struct wanted_tree *w, struct arena *a, struct err *err)
{
	const int64_t began = objects_clock_us();
	if (w->bytes.p != NULL)
		return true;
	bool ok = shard_get(a, w->objects->store, w->shard, &w->bytes, err);
	return objects_note(w->objects, began, tree_key(a, &w->shard->sha256), ok, err);
}

static bool
load_tree(void *ctx, const struct digest *key, void **value, size_t *size, struct err *err)
{
	struct wanted_tree *w = ctx;
	struct arena *a = arena_new(), *scratch = arena_new();
	struct kept *k = ARENA_NEW(a, struct kept);
	(void)key;
	k->arena = a;
	bool ok = tree_bytes(w, scratch, err) && tree_read(a, w->bytes, false, &k->tree, err);
	arena_free(scratch);
	if (!ok) {
		arena_free(a);
		return false;
	}
	blob_numbers(a, &k->tree, &k->number, &k->numbers);
	*value = k;
	*size = sizeof *k + (k->tree.files + k->tree.documents) * 500; /* about that */
	return true;
}

bool
objects_tree(struct objects *o, const struct shard *shard, struct str bytes,
    struct cached **out, struct err *err)
{
	struct wanted_tree w = { o, shard, bytes };
	bool hit;
	return cache_get(o->manifests, &shard->sha256, load_tree, &w, out, &hit, err);
}

static bool
load_tree_bytes(void *ctx, const struct digest *key, void **value, size_t *size,
    struct err *err)
{
	struct wanted_tree *w = ctx;
	struct arena *a = arena_new();
	(void)key;
	bool ok = tree_bytes(w, a, err);
	if (ok) {
		*value = objects_bytes(w->bytes);
		*size = w->bytes.n + sizeof(struct bytes) + sizeof(struct cached);
	}
	arena_free(a);
	return ok;
}

bool
objects_tree_bytes(struct objects *o, const struct shard *shard, struct str bytes,
    struct cached **out, bool *hit, struct err *err)
{
	struct wanted_tree w = { o, shard, bytes };
	return cache_get(o->blobs, &shard->sha256, load_tree_bytes, &w, out, hit, err);
}

bool
objects_may_search(struct objects *o, struct err *err)
{
	(void)pthread_mutex_lock(&o->search_lock);
	bool ok = bucket_take(&o->search, clock_monotonic_ms());
	(void)pthread_mutex_unlock(&o->search_lock);
	return ok || err_set(err, ERR_BUSY, "too many searches of kept versions");
}

/* Older metadata */

struct wanted_metadata {
	struct objects *objects;
	struct arena *arena;
	const struct trusted *trusted;
	struct str role;
	int64_t version;
};

static struct str
metadata_key(struct arena *a, struct str role, int64_t version)
{
	return arena_printf(a, "metadata/%" PRId64 ".%.*s.json", version, STR_ARG(role));
}

static bool
root_get(struct wanted_metadata *w, int64_t version, struct root *out, struct err *err)
{
	struct str bytes;
	if (!store_get(w->objects->store, w->arena, metadata_key(w->arena, STR("root"), version),
	        ROOT_MAX, &bytes, NULL, err))
		return false;
	if (!root_read(w->arena, bytes, out, err)) {
		err->code = ERR_UNTRUSTED;
		return false;
	}
	return out->meta.version == version
	    || err_set(err, ERR_UNTRUSTED, "is version %" PRId64, out->meta.version);
}

/* Did the keys of `old`, and its own, sign `next`? */
static bool
vouches(const struct root *old, const struct root *next, struct err *err)
{
	return metadata_signed_by(&next->meta, root_role(old, "root"), err)
	    && metadata_signed_by(&next->meta, root_role(next, "root"), err);
}

/*
 * A root that is not the newest. From the installed root upwards each vouches for the next.
 * Below it there is nobody to ask but the next newer one: the wanted root must be signed by
 * its own keys, and those must have signed what follows, up to the installed one. Clients
 * that start from such an old root check the chain for themselves.
 */
static bool
root_chain(struct wanted_metadata *w, struct str *out, struct err *err)
{
	struct root anchor, wanted, at;
	struct str bytes;
	if (!fs_read(w->arena, w->objects->root, ROOT_MAX, &bytes, err)
	    || !root_read(w->arena, bytes, &anchor, err))
		return false;
	const bool upwards = w->version >= anchor.meta.version;
	if (upwards)
		wanted = anchor;
	else if (!root_get(w, w->version, &wanted, err)
	    || !metadata_signed_by(&wanted.meta, root_role(&wanted, "root"), err))
		return false;
	at = wanted;
	const int64_t end = upwards ? w->version : anchor.meta.version;
	if (end - at.meta.version > ROOTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d roots away", ROOTS_MAX);
	while (at.meta.version < end) {
		struct root next;
		if (at.meta.version + 1 == anchor.meta.version)
			next = anchor;
		else if (!root_get(w, at.meta.version + 1, &next, err))
			return false;
		if (!vouches(&at, &next, err))
			return false;
		at = next;
	}
	*out = upwards ? at.meta.bytes : wanted.meta.bytes;
	return true;
}

static const struct role_keys *
keys_of(const struct trusted *t, struct str role)
{
	if (str_eq(role, STR("snapshot")) || str_eq(role, STR("targets")))
		return root_role(&t->root, role.p[0] == 's' ? "snapshot" : "targets");
	for (size_t i = 0; i < t->targets.roles; i++)
		if (str_eq(t->targets.role[i].name, role))
			return &t->targets.role[i];
	return NULL;
}

static bool
role_get(struct wanted_metadata *w, struct str *out, struct err *err)
{
	const struct role_keys *who = keys_of(w->trusted, w->role);
	struct snapshot snapshot;
	struct targets targets;
	struct metadata *m;
	if (who == NULL)
		return err_set(err, ERR_ABSENT, "no such role");
	if (!store_get(w->objects->store, w->arena, metadata_key(w->arena, w->role, w->version),
	        TARGETS_MAX, out, NULL, err))
		return false;
	bool is_snapshot = str_eq(w->role, STR("snapshot"));
	bool ok = is_snapshot ? snapshot_read(w->arena, *out, &snapshot, err)
	                      : targets_read(w->arena, w->role, *out, &targets, err);
	m = is_snapshot ? &snapshot.meta : &targets.meta;
	if (!ok || m->version != w->version)
		return err_set(err, ERR_UNTRUSTED, "is not version %" PRId64 " of this role",
		    w->version);
	return metadata_signed_by(m, who, err);
}

static bool
load_metadata(void *ctx, const struct digest *key, void **value, size_t *size, struct err *err)
{
	struct wanted_metadata *w = ctx;
	struct str body;
	const int64_t began = objects_clock_us();
	(void)key;
	bool ok = str_eq(w->role, STR("root")) ? root_chain(w, &body, err)
	                                       : role_get(w, &body, err);
	if (!ok && err->code == ERR_ABSENT)
		return false; /* nothing wrong with a store that does not hold it */
	if (!objects_note(w->objects, began, metadata_key(w->arena, w->role, w->version), ok, err))
		return false;
	*value = objects_bytes(body);
	*size = body.n + sizeof(struct bytes) + sizeof(struct cached);
	return true;
}

bool
objects_metadata(struct objects *o, const struct trusted *t, struct str role, int64_t version,
    struct cached **out, bool *hit, struct err *err)
{
	struct wanted_metadata w = { o, arena_new(), t, role, version };
	/* Not content-addressed: the name, and by whose keys it was judged. No SHA-256 of any
	 * object is that of this text, so that the two share one cache. */
	struct str name = arena_printf(w.arena, "metadata %.*s %" PRId64 " root %" PRId64
	    " targets %" PRId64, STR_ARG(role), version, t->root.meta.version,
	    t->targets.meta.version);
	const struct digest key = digest_of(name);
	bool ok = cache_get(o->blobs, &key, load_metadata, &w, out, hit, err);
	arena_free(w.arena);
	return ok;
}
