/* Releases without new content: earlier versions again, and renewed signatures. */
#include <inttypes.h>

#include "base/clock.h"
#include "publisher/release/burial.h"
#include "publisher/release/site.h"

struct rollback {
	const struct str *bundle;
	size_t n;
	int64_t to;
	bool unlisted;
};

static bool
is_meant(const struct rollback *r, struct arena *a, const struct live_bundle *b)
{
	struct str name = arena_printf(a, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale));
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->bundle[i], name))
			return true;
	return r->n == 0;
}

static bool
names_exist(const struct rollback *r, const struct live *live, struct err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		struct str locale, vertical = str_cut(r->bundle[i], '/', &locale);
		if (live_find(live, vertical, locale) == NULL)
			return err_set(err, ERR_INPUT, "no bundle '%.*s' is live", STR_ARG(r->bundle[i]));
	}
	return true;
}

/* The version that the bundle has to become; NULL in *out: it did not exist then. */
static bool
version_then(const struct live_bundle *b, int64_t to, const struct bundle_version **out,
    struct err *err)
{
	*out = live_version(b, to);
	if (*out != NULL || to < b->first)
		return true;
	int64_t oldest = b->histories > 0 ? b->history[b->histories - 1].version
	                                  : b->current.version;
	return err_set(err, ERR_ABSENT, "%.*s/%.*s: version %" PRId64 " is no longer kept; the "
	    "oldest is %" PRId64, STR_ARG(b->vertical), STR_ARG(b->locale), to, oldest);
}

/* What a bundle is before it exists: no files. It stays listed, and with it the history from
 * which the rollback can be undone. */
static bool
empty_put(struct arena *a, struct site *s, const struct live_bundle *b, struct manifest *m,
    struct bundle_version *out, struct err *err)
{
	struct buf *bytes = buf_in(a, MANIFEST_MAX);
	*m = (struct manifest){ .vertical = b->vertical, .locale = b->locale,
		.updated = b->manifest->updated, .inputs = json_new_object(a) };
	if (!manifest_write(m, bytes, err))
		return false;
	*out = (struct bundle_version){ .sha256 = digest_of(buf_str(bytes)), .length = bytes->n };
	const struct object o = { live_manifest_key(a, b->vertical, b->locale, &out->sha256),
		buf_str(bytes), STR("application/json"), true, STR("") };
	return store_put(s->store, &o, err);
}

/* What lies where: live entries are shared, those of an older version read and let go. */
struct versions {
	struct site *site;
	const struct live_bundle *live;
	const struct manifest *then;
};

static bool
live_entries(void *ctx, struct arena *a, size_t i, struct tree *out, struct err *err)
{
	const struct versions *v = ctx;
	const struct tree *tree;
	(void)a;
	if (!live_tree(v->live, v->site->store, i, &tree, err))
		return false;
	*out = *tree;
	return true;
}

static bool
older_entries(void *ctx, struct arena *a, size_t i, struct tree *out, struct err *err)
{
	const struct versions *v = ctx;
	struct str bytes;
	return shard_get(a, v->site->store, &v->then->shard[i], &bytes, err)
	    && tree_read(a, bytes, false, out, err);
}

/* What is taken down now was not then: without it, and with what says so. */
static bool
buried_put(struct rollback *r, struct arena *a, struct site *s, const struct live_bundle *b,
    struct manifest *m, struct bundle_version *out, struct err *err)
{
	struct manifest then = *m;
	struct buf *bytes = buf_in(a, MANIFEST_MAX);
	if (!burial_apply(a, s->store, &then, b->manifest->tombstone, b->manifest->tombstones, m,
	        &r->unlisted, err)
	    || !manifest_write(m, bytes, err))
		return false;
	*out = (struct bundle_version){ .sha256 = digest_of(buf_str(bytes)), .length = bytes->n };
	const struct object o = { live_manifest_key(a, b->vertical, b->locale, &out->sha256),
		buf_str(bytes), STR("application/json"), true, STR("") };
	return store_put(s->store, &o, err);
}

static bool
bundle_back(struct rollback *r, struct arena *a, struct site *s,
    const struct live_bundle *b, struct wanted *w, struct err *err)
{
	const struct bundle_version *then;
	struct bundle_version empty, buried;
	struct manifest *manifest = ARENA_NEW(a, struct manifest);
	struct difference d = { .keys = w->keys };
	if (!version_then(b, r->to, &then, err))
		return false;
	if (then == NULL && !empty_put(a, s, b, manifest, &empty, err))
		return false;
	if (then != NULL && !live_manifest(a, s->store, b->vertical, b->locale, then, manifest,
	        err))
		return false;
	if (then == NULL)
		then = &empty;
	if (burial_is_due(b->manifest, manifest)) {
		if (!buried_put(r, a, s, b, manifest, &buried, err))
			return false;
		then = &buried;
	}
	if (digest_eq(&then->sha256, &b->current.sha256))
		return true;
	struct versions v = { s, b, manifest };
	const struct tree_source was = { b->manifest->shard, b->manifest->shards, live_entries, &v };
	const struct tree_source is = { manifest->shard, manifest->shards, older_entries, &v };
	if (!difference_add(a, b->vertical, b->locale, &was, &is, &d, err))
		return false;
	w->change[w->changes++] = (struct bundle_change){ b->vertical, b->locale, then->sha256,
		then->length, manifest };
	return true;
}

static bool
prepare_rollback(void *ctx, struct arena *a, struct site *s, struct wanted *w, struct err *err)
{
	struct rollback *r = ctx;
	if (s->live == NULL)
		return err_set(err, ERR_ABSENT, "nothing has been published yet");
	if (r->to < 1 || r->to > site_version(s))
		return err_set(err, ERR_INPUT, "there is no version %" PRId64 "; the site is at %"
		    PRId64, r->to, site_version(s));
	if (!names_exist(r, s->live, err))
		return false;
	r->unlisted = false;
	w->kind = "rollback";
	w->note = arena_printf(a, "rollback to %" PRId64, r->to);
	w->change = ARENA_ARRAY(a, struct bundle_change, s->live->bundles);
	for (size_t i = 0; i < s->live->bundles; i++)
		if (is_meant(r, a, &s->live->bundle[i])
		    && !bundle_back(r, a, s, &s->live->bundle[i], w, err))
			return false;
	w->release = w->changes > 0;
	return true;
}

bool
publish_rollback(struct arena *a, struct site *s, const struct str *bundles, size_t n,
    int64_t to, struct published *out, struct err *err)
{
	struct rollback r = { bundles, n, to, false };
	if (!release_run(a, s, prepare_rollback, &r, out, err))
		return err_in(err, "rollback");
	out->unlisted = r.unlisted;
	return true;
}

static bool
prepare_renewal(void *ctx, struct arena *a, struct site *s, struct wanted *w, struct err *err)
{
	const bool *force = ctx;
	(void)a;
	if (s->live == NULL)
		return err_set(err, ERR_ABSENT, "nothing has been published yet");
	w->release = *force || issue_due(s->live->trusted, &lifetimes_default, clock_now());
	return true;
}

static bool
prepare_rekeyed(void *ctx, struct arena *a, struct site *s, struct wanted *w, struct err *err)
{
	const struct str *note = ctx;
	(void)a;
	(void)s;
	(void)err;
	w->kind = "keys";
	w->note = *note;
	w->release = w->logged = true;
	return true;
}

bool
publish_rekeyed(struct arena *a, struct site *s, struct str note, struct published *out,
    struct err *err)
{
	return release_run(a, s, prepare_rekeyed, &note, out, err) || err_in(err, "renew");
}

bool
publish_renew(struct arena *a, struct site *s, bool force, struct published *out,
    struct err *err)
{
	return release_run(a, s, prepare_renewal, &force, out, err) || err_in(err, "renew");
}

bool
publish_resume(struct arena *a, struct site *s, struct published *out, struct err *err)
{
	bool ok = seen_read(a, s->target->root, &s->floor, err)
	    && publish_rekeyed(a, s, STR("resume after a restore"), out, err);
	s->floor = (struct seen){ 0 };
	return ok;
}
