#include "publisher/bundle/live.h"

#include <stdatomic.h>
#include <stdlib.h>

#define HISTORY_MAX 1000
#define NOTE_MAX 256
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

/* Manifests, shared among live states */

struct manifest_hold {
	struct arena *arena;
	atomic_uint holds;
	struct manifest manifest;
};

static void
drop(void *hold)
{
	struct manifest_hold *h = hold;
	if (atomic_fetch_sub_explicit(&h->holds, 1, memory_order_acq_rel) == 1)
		arena_free(h->arena); /* the hold itself is in it */
}

static void
use(struct arena *a, struct live_bundle *b, struct manifest_hold *h)
{
	b->hold = h;
	b->manifest = &h->manifest;
	arena_defer(a, drop, h);
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

static bool
manifest_check(struct str bytes, const struct bundle_version *v, struct err *err)
{
	const struct digest is = digest_of(bytes);
	return (bytes.n == v->length && digest_eq(&is, &v->sha256))
	    || err_set(err, ERR_UNTRUSTED, "is not what was signed");
}

bool
live_manifest(struct arena *a, struct store *s, struct str vertical, struct str locale,
    const struct bundle_version *v, struct manifest *out, struct err *err)
{
	struct str bytes, key = live_manifest_key(a, vertical, locale, &v->sha256);
	if (v->length > MANIFEST_MAX)
		return err_set(err, ERR_LIMIT, "%.*s: too large", STR_ARG(key));
	if (!store_get(s, a, key, v->length, &bytes, NULL, err)) {
		if (err->code == ERR_ABSENT)
			err->code = ERR_BUSY; /* signed, so it was there and has to come back */
		if (err->code == ERR_LIMIT)
			err->code = ERR_UNTRUSTED;
		return false;
	}
	if (!manifest_check(bytes, v, err) || !manifest_read(a, bytes, out, err))
		return err_in(err, "%.*s", STR_ARG(key));
	return (str_eq(out->vertical, vertical) && str_eq(out->locale, locale))
	    || err_set(err, ERR_UNTRUSTED, "%.*s is the manifest of another bundle", STR_ARG(key));
}

static bool
manifest_load(struct arena *a, struct store *s, struct live_bundle *b,
    const struct live_bundle *before, struct err *err)
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
	return live_manifest(own, s, b->vertical, b->locale, &b->current, &h->manifest, err);
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

bool
live_read(struct arena *a, struct store *s, struct str anchor, const struct live *before,
    int64_t now, enum trust_expiry expiry, struct live **out, struct err *err)
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
		if (!manifest_load(a, s, b, was, err))
			return false;
	}
	*out = live;
	return true;
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
