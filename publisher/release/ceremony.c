/* ceremony: issue.h makes the metadata, this puts it where it belongs, in its order. */
#include "publisher/release/ceremony.h"

#include <assert.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/fs.h"
#include "publisher/release/audit.h"
#include "publisher/release/fresh.h"
#include "publisher/release/site.h"
#include "publisher/signing/offline.h"


/* Immutable objects of a new target: the store may already hold the same bytes. */
static bool
put_first(struct arena *a, const char *url, const struct issued *issued, size_t n,
    struct err *err)
{
	struct store *store;

	if (!store_open(a, url, &store, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct object o = { issued[i].name, issued[i].bytes, STR("application/json"),
			true };

		if (store_put(store, &o, err))
			continue;
		if (err->code == ERR_UNTRUSTED)
			return err_set(err, ERR_SETUP, "%s already holds a site signed by other keys: take "
			    "its trusted root and keys, or an empty store", url);
		return false;
	}
	return true;
}

/* Does the store hold a site, by the last thing that founding one makes? */
static bool
holds_site(struct arena *a, const struct target_config *target, bool *out, struct err *err)
{
	struct store *store;
	struct str ignored;
	struct err why = { 0 };

	if (!store_open(a, target->store, &store, err))
		return false;
	*out = store_get(store, a, STR("metadata/1.targets.json"), TARGETS_MAX, &ignored, NULL, &why);
	/* the folder of a store may not have been made yet */
	return *out || why.code == ERR_ABSENT || why.code == ERR_SETUP
	    || err_set(err, why.code, "%s", why.text);
}

static bool
may_found(struct arena *a, const struct target_config *target, bool rooted, struct err *err)
{
	bool there;

	if (!holds_site(a, target, &there, err))
		return false;
	if (there && rooted)
		return err_set(err, ERR_SETUP, "%s is already there: this target has keys; "
		    "'edgepress keys rotate' replaces one", target->root);
	return !there || err_set(err, ERR_SETUP, "%s already holds a site signed by other keys: take "
	    "its trusted root and keys, or an empty store", target->store);
}

/* Keys, then the root that names them, then the store: each step takes up what an earlier run
 * that died has left. */
bool
ceremony_found(struct arena *a, const struct target_config *target, const struct str *vertical,
    size_t n, struct err *err)
{
	struct keyring *ring;
	struct issued issued[2] = { 0 };
	const bool rooted = fs_exists(target->root);

	return may_found(a, target, rooted, err)
	    && (!rooted || fs_read(a, target->root, ROOT_MAX, &issued[0].bytes, err))
	    && keyring_create(a, target->keys, &ring, err)
	    && fs_mkdirs(fs_dir(a, target->root), err)
	    && issue_site(a, ring, vertical, n, &lifetimes_default, clock_now(), &issued[0],
	        &issued[1], err)
	    && (rooted || fs_create(target->root, issued[0].bytes, 0644, err))
	    && put_first(a, target->store, issued, LEN(issued), err);
}

bool
ceremony_adopt(struct arena *a, const struct target_config *target, const char *path,
    const struct str *vertical, size_t n, struct err *err)
{
	struct keyring *ring;
	struct issued issued[2] = { 0 };
	struct root root;

	return may_found(a, target, fs_exists(target->root), err)
	    && fs_read(a, path, ROOT_MAX, &issued[0].bytes, err)
	    && (root_read(a, issued[0].bytes, &root, err) || err_in(err, "%s", path))
	    && (metadata_signed_by(&root.meta, root_role(&root, "root"), err) || err_in(err, "%s", path))
	    && keyring_create(a, target->keys, &ring, err)
	    && issue_site(a, ring, vertical, n, &lifetimes_default, clock_now(), &issued[0],
	        &issued[1], err)
	    && fs_mkdirs(fs_dir(a, target->root), err)
	    && (fs_exists(target->root) || fs_create(target->root, issued[0].bytes, 0644, err))
	    && put_first(a, target->store, issued, LEN(issued), err);
}

bool
ceremony_delegate(struct arena *a, struct site *site, struct str vertical, struct err *err)
{
	struct keyring *ring;
	struct release r;
	struct issued targets;

	site_release(site, &r);
	for (size_t i = 0; i < r.targets->roles; i++)
		if (str_eq(r.targets->role[i].name, vertical))
			return err_set(err, ERR_INPUT, "'%.*s' is already delegated", STR_ARG(vertical));
	return site_keyring(site, &ring, err)
	    && issue_vertical(a, ring, r.root, r.targets, vertical, &lifetimes_default, clock_now(),
	        &targets, err)
	    && publish_issued(site, &targets, 1, err);
}

static bool
is_root(const struct issued *file)
{
	return str_ends(file->name, STR(".root.json"));
}

/* Under the new root the old timestamp.json is not signed: no edge may still have it. */
static bool
timestamp_forgotten(struct arena *a, struct site *site, struct err *err)
{
	struct str key = STR(KEY_TIMESTAMP);
	const struct published p = { .version = site_version(site), .key = &key, .keys = 1,
		.changed = true };
	struct fresh_report fresh;

	return fresh_make(a, site, site->target, &p, &fresh, err)
	    && (fresh.done || err_set(err, ERR_BUSY, "not every edge has confirmed that it forgot "
	        "timestamp.json; nothing has changed for clients: run it again"));
}

/*
 * In an order that leaves no moment at which publishers or clients cannot go on. Of a vertical,
 * and when the old secret is lost, the first files are all: the release that follows brings the
 * rest. Otherwise the root comes last.
 */
static bool
put_in_order(struct arena *a, struct site *site, const struct issued *file, size_t n,
    size_t first, struct err *err)
{
	struct root next;

	if (n == 1 || is_root(&file[0]) || !is_root(&file[n - 1]))
		return publish_issued(site, file, n < first ? n : first, err);
	return publish_issued(site, file, n - 1, err) && timestamp_forgotten(a, site, err)
	    && root_read(a, file[n - 1].bytes, &next, err) && audit_cosign(a, site, &next, err)
	    && publish_issued(site, &file[n - 1], 1, err);
}

/* One try. ERR_STALE: a name was taken, by a publisher that is faster or by one that died. */
static bool
rotate_once(struct arena *a, struct site *site, struct str role, const struct release *r,
    struct err *err)
{
	struct issued *file;
	size_t n;

	return issue_rotation(a, site->keys, r, role, &lifetimes_default, clock_now(), &file, &n, err)
	    && put_in_order(a, site, file, n, 1, err);
}

/* Keys that a try has made in vain: what they signed is not live. */
static bool
keys_forget(struct keyring *ring, size_t had, struct err *err)
{
	struct keyfile *const *key;

	for (size_t n = keyring_keys(ring, &key); n > had; n = keyring_keys(ring, &key))
		if (!keyring_drop(ring, key[n - 1]->key->id, err))
			return false;
	return true;
}

/* Where counting had come to, by what only verticals sign: a thief of timestamp and snapshot can
 * have driven their versions up. */
static int64_t
versions_known(const struct site *site)
{
	int64_t top = 0;

	for (size_t i = 0; site->live != NULL && i < site->live->bundles; i++)
		if (site->live->bundle[i].current.version > top)
			top = site->live->bundle[i].current.version;
	return top;
}

static bool
rotate(struct arena *a, struct site *site, struct str role, bool old_is_lost, struct err *err)
{
	int64_t at_least = versions_known(site) + 1;

	for (struct contest contest = { 0 };;) {
		struct keyfile *const *key;
		struct keyring *ring;
		struct release r;
		struct err why = { 0 };

		if (!site_keyring(site, &ring, err))
			return false;
		site_release(site, &r);
		r.version_at_least = at_least;
		r.old_is_lost = old_is_lost;
		size_t had = keyring_keys(ring, &key);
		if (rotate_once(a, site, role, &r, &why))
			return true;
		if (why.code == ERR_STALE && !keys_forget(ring, had, err))
			return false;
		if (why.code != ERR_STALE || !contest_again(&contest))
			return err_set(err, why.code, "%s", why.text);
		at_least = release_version(&r) + 1;
		if (!site_reload(site, err))
			return false;
	}
}

/* The release at the end, by the new keys alone, also mends what another pipeline may have
 * signed with the old ones in between, and finishes a rotation that was interrupted. */
static bool
replace(struct arena *a, struct site *site, struct str role, bool old_is_lost, struct err *err)
{
	struct published done;
	struct str note = arena_printf(a, "%s %.*s", old_is_lost ? "revoke" : "rotate", STR_ARG(role));

	return rotate(a, site, role, old_is_lost, err)
	    && (site_live(site) == NULL || publish_rekeyed(a, site, note, &done, err));
}

bool
ceremony_rotate(struct arena *a, struct site *site, struct str role, struct err *err)
{
	return replace(a, site, role, false, err);
}

bool
ceremony_revoke(struct arena *a, struct site *site, struct str role, struct err *err)
{
	return replace(a, site, role, true, err);
}

bool
ceremony_renew(struct arena *a, struct site *site, struct err *err)
{
	struct keyring *ring;
	struct issued root;
	struct release r;

	site_release(site, &r);
	return site_keyring(site, &ring, err)
	    && issue_root(a, ring, r.root, &lifetimes_default, clock_now(), &root, err)
	    && publish_issued(site, &root, 1, err);
}

/* What was signed elsewhere; bytes are empty if there is no such file. */
struct parts {
	struct str root, targets;
	struct draft next, list;
};

static bool
parts_read(struct arena *a, const struct str *copy, size_t n, struct parts *out, struct err *err)
{
	struct str *root = ARENA_ARRAY(a, struct str, n), *targets = ARENA_ARRAY(a, struct str, n);
	size_t roots = 0, lists = 0;

	*out = (struct parts){ 0 };
	for (size_t i = 0; i < n; i++) {
		struct draft d;

		if (!offline_read(a, copy[i], &d, err))
			return false;
		if (d.is_root)
			root[roots++] = copy[i];
		else
			targets[lists++] = copy[i];
	}
	return (roots == 0 || (offline_merge(a, root, roots, &out->root, err)
	                          && offline_read(a, out->root, &out->next, err)))
	    && (lists == 0 || (offline_merge(a, targets, lists, &out->targets, err)
	                          && offline_read(a, out->targets, &out->list, err)));
}

static bool
version_fits(const struct metadata *m, int64_t live, struct err *err)
{
	return m->version == live + 1
	    || err_set(err, ERR_STALE, "%.*s version %" PRId64 " cannot follow version %" PRId64
	           ", which is there: make a new draft", STR_ARG(m->role), m->version, live);
}

/* Would clients believe it? */
static bool
parts_check(const struct parts *p, const struct release *r, struct err *err)
{
	const struct root *next = p->root.n > 0 ? &p->next.root : NULL;

	if (next != NULL
	    && (!version_fits(&next->meta, r->root->meta.version, err)
	        || !(metadata_signed_by(&next->meta, root_role(r->root, "root"), err)
	               || err_in(err, "keys of the present root"))
	        || !(metadata_signed_by(&next->meta, root_role(next, "root"), err)
	               || err_in(err, "keys of the next root"))))
		return false;
	if (p->targets.n == 0)
		return true;
	return version_fits(&p->list.targets.meta, r->targets->meta.version, err)
	    && (r->old_is_lost || metadata_signed_by(&p->list.targets.meta, root_role(r->root, "targets"),
	                          err))
	    && (next == NULL
	        || metadata_signed_by(&p->list.targets.meta, root_role(next, "targets"), err)
	        || err_in(err, "keys of the next root"));
}

static bool
issued_of(struct arena *a, const struct draft *d, struct str bytes, struct issued *out)
{
	assert(d->meta != NULL); /* at least one copy was given, so one of the two is there */
	*out = (struct issued){ arena_printf(a, "metadata/%" PRId64 ".%.*s.json", d->meta->version,
	    STR_ARG(d->meta->role)), bytes };
	return true;
}

/* The release is made before anything is put: a key that it lacks is told in time. */
static bool
apply_once(struct arena *a, struct site *site, struct release *r, const struct parts *p,
    struct err *err)
{
	struct issued root, *file;
	size_t n;

	if (p->targets.n > 0)
		r->targets = &p->list.targets;
	if (p->root.n == 0) {
		if (r->base != NULL)
			return issue_release(a, site->keys, r, &lifetimes_default, clock_now(), &file, &n, err)
			    && put_in_order(a, site, file, n, 1, err);
		return issued_of(a, &p->list, p->targets, &root) && publish_issued(site, &root, 1, err);
	}
	return issued_of(a, &p->next, p->root, &root)
	    && issue_next_root(a, site->keys, r, &root, &lifetimes_default, clock_now(), &file, &n,
	        err)
	    && put_in_order(a, site, file, n, p->targets.n > 0 ? 2 : 1, err);
}

bool
ceremony_apply(struct arena *a, struct site *site, const struct str *copy, size_t n,
    bool old_is_lost, struct err *err)
{
	struct parts p;
	struct published done;
	struct keyring *ring;
	int64_t at_least = 0;

	if (!parts_read(a, copy, n, &p, err) || !site_keyring(site, &ring, err))
		return false;
	for (struct contest contest = { 0 };;) {
		struct release r;
		struct err why = { 0 };

		site_release(site, &r);
		r.version_at_least = at_least;
		r.old_is_lost = old_is_lost;
		if (!parts_check(&p, &r, err))
			return false;
		if (apply_once(a, site, &r, &p, &why))
			break;
		if (why.code != ERR_STALE || !contest_again(&contest))
			return err_set(err, why.code, "%s", why.text);
		at_least = release_version(&r) + 1;
		if (!site_reload(site, err))
			return false;
	}
	return site_live(site) == NULL
	    || publish_rekeyed(a, site, STR("keys of a ceremony"), &done, err);
}
