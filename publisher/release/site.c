#include "publisher/release/site.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/parallel.h"

#define FIRST_RECEIPTS 32 /* of 16 versions: one is the first of a site, whatever names were taken */

static bool
anchor_read(struct arena *a, const struct target_config *t, struct str *out, struct err *err)
{
	if (fs_read(a, t->root, ROOT_MAX, out, err))
		return true;
	if (err->code == ERR_ABSENT)
		return err_set(err, ERR_SETUP, "%s is absent: run `edgepress keys init %.*s`", t->root,
		    STR_ARG(t->name));
	return err_in(err, "trusted root");
}

/*
 * Reading works without secrets: status, diff and dry runs need none, and whoever may not read
 * the folder can still look. Read after the metadata: a ceremony writes a key before the file
 * that delegates to it, so what the metadata asks for is there, if it is on this machine.
 */
static void
keys_open(struct site *s)
{
	if (!keyring_open(s->a, s->target->keys, &s->keys, &s->no_keys))
		s->keys = NULL;
}

/* The store as it was before its newest root. */
struct earlier {
	struct store *store;
	struct str newest;
};

static bool
earlier_get(void *state, struct str key, struct buf *out, struct str *etag, struct arena *a,
    struct err *err)
{
	struct earlier *e = state;
	if (str_eq(key, e->newest))
		return err_set(err, ERR_ABSENT, "hidden");
	return e->store->driver->get(e->store->state, key, out, etag, a, err);
}

/*
 * What is live, if only the root before the newest vouches for it: a rotation was interrupted
 * between the new root and the timestamp that its keys have signed.
 */
static bool
live_before(struct site *s, const struct root *newest, struct live **out, struct err *err)
{
	static const struct store_driver driver = { .scheme = "earlier", .get = earlier_get };
	struct earlier e = { s->store, arena_printf(s->a, "metadata/%" PRId64 ".root.json",
	    newest->meta.version) };
	struct store store = { &driver, &e };
	return live_read(s->a, &store, s->anchor, NULL, clock_now(), EXPIRY_IGNORE, out, err);
}

/* Is there receipt i: 1.done, 1.pending, 2.done, …? Then that is the error. */
static bool
receipt_is_absent(void *site, size_t i, struct err *err)
{
	static const char *const kinds[] = { "done", "pending" };
	const struct site *s = site;
	struct arena *a = arena_new();
	struct str ignored, key = receipt_key(a, 1 + (int64_t)(i / LEN(kinds)), kinds[i % LEN(kinds)]);
	struct err why = { 0 };
	bool there = store_get(s->store, a, key, STORE_OBJECT_MAX, &ignored, NULL, &why);
	bool absent = !there && why.code == ERR_ABSENT;
	if (there)
		(void)err_set(err, ERR_SETUP, "metadata/timestamp.json is gone, but %.*s says that this site "
		    "was published: restore that file, any version of it; publish goes on from there",
		    STR_ARG(key));
	else if (!absent)
		(void)err_set(err, why.code, "%s", why.text);
	arena_free(a);
	return absent;
}

/*
 * No timestamp.json: has nothing been published, or has it been lost? To begin anew over a site
 * that was live would drop all that this run does not bring, and clients would refuse it.
 * Whatever was committed has a receipt, soon after; a first publish that died has none. All at
 * once: a remote store takes its time for each.
 */
static bool
never_published(struct site *s, struct err *err)
{
	if (s->shelf != NULL)
		shelf_distrust(s->shelf); /* it may remember a store that was emptied since */
	return parallel(FIRST_RECEIPTS, FIRST_RECEIPTS, receipt_is_absent, s, err);
}

static bool
live_load(struct site *s, struct live **out, struct err *err)
{
	const struct trust_source source = store_source(s->store);
	struct err ignored;
	if (s->salvaging
	        ? live_salvage(s->a, s->store, s->anchor, clock_now(), EXPIRY_IGNORE, out, err)
	        : live_read(s->a, s->store, s->anchor, s->live, clock_now(), EXPIRY_IGNORE, out, err)) {
		s->root = (*out)->trusted->root;
		return true;
	}
	if (err->code == ERR_ABSENT && s->live != NULL)
		return err_set(err, ERR_BUSY, "timestamp.json was there and is not any more");
	if (err->code == ERR_ABSENT && never_published(s, err))
		return trust_root(s->a, s->anchor, &source, &s->root, err);
	/* A receipt without a pointer: another publisher's first commit came in between? */
	if (err->code == ERR_SETUP && live_read(s->a, s->store, s->anchor, NULL, clock_now(),
	        EXPIRY_IGNORE, out, &ignored)) {
		s->root = (*out)->trusted->root;
		return true;
	}
	return s->mending && err->code == ERR_UNTRUSTED
	    && trust_root(s->a, s->anchor, &source, &s->root, &ignored)
	    && live_before(s, &s->root, out, &ignored);
}

static bool
load(struct site *s, struct err *err)
{
	struct live *live = NULL;
	struct err why = { 0 };
	const struct trust_source source = store_source(s->store);
	if (!live_load(s, &live, &why))
		return err_set(err, why.code, "%s", why.text);
	s->live = live;
	if (trust_targets(s->a, &s->root, live ? &live->trusted->targets : NULL, &source,
	        &s->targets, &why)) {
		keys_open(s);
		return true;
	}
	if (why.code == ERR_ABSENT)
		return err_set(err, ERR_SETUP, "there is a trusted root, but the store has no "
		    "metadata/1.targets.json: is it the right one, and mounted? What was in it has to be "
		    "restored; if nothing was, `edgepress keys init %.*s` finishes what was begun",
		    STR_ARG(s->target->name));
	return err_set(err, why.code, "%s", why.text);
}

/* One for each store and each trusted root: another site at the same place is not this one. */
static const char *
shelf_folder(const struct site *s, const char *folder)
{
	char hex[DIGEST_HEX + 1];
	const struct digest d = digest_of(arena_printf(s->a, "%s\n%.*s", s->target->store,
	    STR_ARG(s->anchor)));
	digest_hex(&d, hex);
	return arena_printf(s->a, "%s/%.16s", folder, hex).p;
}

/* What is on the shelf may be damaged, or be of another history of the store: then without. */
bool
site_reload(struct site *s, struct err *err)
{
	struct err why = { 0 };
	s->glimpsed = false;
	if (s->shelf == NULL)
		return load(s, err);
	shelf_leave(s->shelf);
	if (load(s, &why))
		return true;
	if (why.code != ERR_UNTRUSTED)
		return err_set(err, why.code, "%s", why.text);
	shelf_distrust(s->shelf);
	return load(s, err);
}

bool
site_distrust(struct site *s, struct err *err)
{
	if (s->shelf != NULL)
		shelf_distrust(s->shelf);
	return site_reload(s, err);
}

bool
site_reload_own(struct site *s, struct err *err)
{
	struct err ignored;
	if (s->shelf == NULL)
		return site_reload(s, err);
	shelf_settle(s->shelf);
	bool ok = load(s, &ignored);
	shelf_leave(s->shelf);
	return ok || site_reload(s, err);
}

static bool
first_load(struct site *s, struct err *err)
{
	struct err ignored;
	s->glimpsed = s->shelf != NULL && shelf_enter(s->shelf) && load(s, &ignored)
	    && s->live != NULL;
	return s->glimpsed || site_reload(s, err);
}

static bool
open_site(struct arena *a, const struct target_config *target, struct site as,
    struct site **out, struct err *err)
{
	struct site *s = ARENA_NEW(a, struct site);
	struct seen seen;
	*s = as;
	s->a = a;
	s->target = target;
	if (!anchor_read(a, target, &s->anchor, err)
	    || !store_open(a, target->store, &s->store, err)
	    || !seen_read(a, target->root, &seen, err)) /* before the store: it can only be ahead */
		return err_in(err, "target %.*s", STR_ARG(target->name));
	if (s->folder != NULL)
		s->shelf = shelf_open(a, s->store, shelf_folder(s, s->folder), &s->store);
	if (!first_load(s, err))
		return err_in(err, "target %.*s", STR_ARG(target->name));
	if (s->live != NULL && !s->mending)
		(void)seen_check(&seen, s->live->trusted, &s->behind);
	*out = s;
	return true;
}

bool
site_open(struct arena *a, const struct target_config *target, struct site **out,
    struct err *err)
{
	return open_site(a, target, (struct site){ 0 }, out, err);
}

bool
site_mend(struct arena *a, const struct target_config *target, struct site **out,
    struct err *err)
{
	return open_site(a, target, (struct site){ .mending = true }, out, err);
}

bool
site_salvage(struct arena *a, const struct target_config *target, struct site **out,
    struct err *err)
{
	return open_site(a, target, (struct site){ .salvaging = true }, out, err);
}

bool
site_glimpse(struct arena *a, const struct target_config *target, const char *folder,
    struct site **out, struct err *err)
{
	return open_site(a, target, (struct site){ .folder = folder }, out, err);
}

bool
site_is_glimpse(const struct site *s)
{
	return s->glimpsed && s->behind.code == 0;
}

bool
site_confirm(struct site *s, struct err *err)
{
	return !s->glimpsed || site_reload(s, err);
}

void
site_remember(struct site *s)
{
	if (s->shelf != NULL && s->live != NULL && !s->log_behind && !s->glimpsed)
		shelf_remember(s->shelf, s->live->trusted->timestamp.meta.bytes, s->live->etag);
}

const struct live *
site_live(const struct site *s)
{
	return s->live;
}

struct store *
site_store(const struct site *s)
{
	return s->store;
}

bool
site_current(const struct site *s, struct err *err)
{
	return s->behind.code == 0 || err_set(err, s->behind.code, "%s", s->behind.text);
}

int64_t
site_version(const struct site *s)
{
	return s->live ? s->live->trusted->snapshot.meta.version : 0;
}

bool
site_keyring(const struct site *s, struct keyring **out, struct err *err)
{
	*out = s->keys;
	return s->keys != NULL
	    || err_set(err, ERR_SETUP, "no secret keys of target %.*s here: %s",
	        STR_ARG(s->target->name), s->no_keys.text);
}

void
site_release(const struct site *s, struct release *out)
{
	*out = (struct release){
		.base = s->live ? s->live->trusted : NULL,
		.root = &s->root,
		.targets = &s->targets,
		.timestamp_at_least = s->floor.timestamp > 0 ? s->floor.timestamp + 1 : 0,
		.sign_all = s->floor.timestamp > 0,
	};
}
