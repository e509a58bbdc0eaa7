/* ceremony: issue.h makes the metadata, this puts it where it belongs, in its order. */
#include "publisher/ceremony.h"

#include "base/clock.h"
#include "base/fs.h"
#include "publisher/site.h"

#define TRIES 5

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

bool
ceremony_found(struct arena *a, const struct target_config *target, const struct str *vertical,
    size_t n, struct err *err)
{
	struct keyring *ring;
	struct issued issued[2];

	if (fs_exists(target->root))
		return err_set(err, ERR_SETUP, "%s is already there: this target has keys; "
		    "'edgepress keys rotate' replaces one", target->root);
	if (!keyring_create(a, target->keys, &ring, err)
	    || !fs_mkdirs(fs_dir(a, target->root), err)
	    || !issue_site(a, ring, vertical, n, &lifetimes_default, clock_now(), &issued[0],
	        &issued[1], err)
	    || !put_first(a, target->store, issued, LEN(issued), err))
		return false;
	/* The root comes last: without it the target counts as not founded. */
	return fs_create(target->root, issued[0].bytes, 0644, err);
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

/* Lost to another publisher: begin anew from what is live now. */
static bool
rotate(struct arena *a, struct site *site, struct str role, struct err *err)
{
	struct keyring *ring;

	if (!site_keyring(site, &ring, err))
		return false;
	for (unsigned tries = 1;; tries++) {
		struct release r;
		struct issued *issued;
		size_t n;

		site_release(site, &r);
		if (!issue_rotation(a, ring, &r, role, &lifetimes_default, clock_now(), &issued, &n, err))
			return false;
		if (publish_issued(site, issued, n, err))
			return true;
		if (err->code != ERR_STALE || tries == TRIES)
			return false;
		if (!site_reload(site, err))
			return false;
	}
}

/* The release at the end, by the new keys alone, also mends what another pipeline may have
 * signed with the old ones in between. */
bool
ceremony_rotate(struct arena *a, struct site *site, struct str role, struct err *err)
{
	struct published done;

	return rotate(a, site, role, err)
	    && (site_live(site) == NULL || publish_renew(a, site, true, &done, err));
}
