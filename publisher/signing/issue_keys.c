/* Ceremonies: what makes or replaces keys. Rare, and mostly where the root keys are. */
#include "base/path.h"
#include "publisher/signing/metafile.h"

#define ROOT_KEYS 3
#define ROOT_THRESHOLD 2

static const char *const top_level[4] = { "root", "timestamp", "snapshot", "targets" };

/* As many new keys as the role needs; its threshold stays. */
static bool
keys_make(struct arena *a, struct keyring *k, struct str role, size_t n, unsigned threshold,
    struct role_keys *out, struct err *err)
{
	*out = (struct role_keys){ .name = role, .keys = n, .threshold = threshold };
	out->key = ARENA_ARRAY(a, const struct public_key *, n);
	for (size_t i = 0; i < n; i++)
		if (!keyring_make(k, role, &out->key[i], err))
			return false;
	return true;
}

static bool
keys_replace(struct arena *a, struct keyring *k, struct role_keys *role, struct err *err)
{
	const size_t n = role->keys > role->threshold ? role->keys : role->threshold;
	return keys_make(a, k, role->name, n, role->threshold, role, err);
}

/* The next root: vouched for by the old root's keys (none for the first) and its own. */
static bool
root_issue(struct arena *a, const struct keyring *k, const struct root *old,
    const struct role_keys role[4], const struct lifetimes *life, int64_t now,
    struct issued *out, struct err *err)
{
	const int64_t version = old != NULL ? old->meta.version + 1 : 1;
	const json_t *body = root_body(a, role, version, now + life->root_s);
	return metafile_sign(a, k, metafile_name(a, STR("root"), version), body,
	    signed_by(&role[0], old != NULL ? root_role(old, "root") : NULL), out, err);
}

static bool
targets_issue(struct arena *a, const struct keyring *k, const struct root *root,
    const struct targets *old, const struct role_keys *role, size_t roles,
    const struct lifetimes *life, int64_t now, struct issued *out, struct err *err)
{
	const int64_t version = old != NULL ? old->meta.version + 1 : 1;
	const json_t *body = targets_body(a, old != NULL ? old->target : NULL,
	    old != NULL ? old->n : 0, role, roles, version, now + life->targets_s);
	return metafile_sign(a, k, metafile_name(a, STR("targets"), version), body,
	    signed_by(root_role(root, "targets"), NULL), out, err);
}

/* Asked before any new key is made: a ceremony that cannot end shall not begin. */
static bool
root_keys_here(const struct keyring *k, const struct root *root, struct err *err)
{
	return metafile_can_sign(k, signed_by(root_role(root, "root"), NULL))
	    || err_set(err, ERR_ABSENT, "not all of the %u root keys needed are in the keyring: run "
	           "this where they are", root_role(root, "root")->threshold);
}

static bool
targets_key_here(const struct keyring *k, const struct root *root, struct err *err)
{
	return metafile_can_sign(k, signed_by(root_role(root, "targets"), NULL))
	    || err_set(err, ERR_ABSENT, "the secret key of targets is not in the keyring: run this "
	           "where it is");
}

/* A name that every client can have as a role, a file and a folder. */
bool
issue_vertical_name(struct str name, struct err *err)
{
	uint64_t number;
	for (size_t i = 0; i < LEN(top_level); i++)
		if (str_eq(name, str_of(top_level[i])))
			return err_set(err, ERR_INPUT, "vertical '%.*s': TUF has a role of that name",
			    STR_ARG(name));
	if (!name_is_safe(name, VERTICAL_MAX))
		return err_set(err, ERR_INPUT, "vertical '%.*s': lower-case letters, digits and '-', at "
		    "most %d", STR_ARG(name), VERTICAL_MAX);
	/* JavaScript puts such members first: clients would see another order. */
	return !str_to_u64(name, &number)
	    || err_set(err, ERR_INPUT, "vertical '%.*s' is a number", STR_ARG(name));
}

static bool
verticals_check(const struct str *vertical, size_t n, struct err *err)
{
	if (n > VERTICALS_MAX)
		return err_set(err, ERR_LIMIT, "%zu verticals, at most %d", n, VERTICALS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!issue_vertical_name(vertical[i], err))
			return false;
		for (size_t k = 0; k < i; k++)
			if (str_eq(vertical[i], vertical[k]))
				return err_set(err, ERR_INPUT, "vertical '%.*s' is named twice",
				    STR_ARG(vertical[i]));
	}
	return true;
}

/* `n` keys of a role: those an earlier run has left, then new ones. */
static bool
keys_take(struct arena *a, struct keyring *k, struct str role, size_t n, unsigned threshold,
    struct role_keys *out, struct err *err)
{
	struct keyfile *const *file;
	const size_t there = keyring_keys(k, &file);
	*out = (struct role_keys){ .name = role, .threshold = threshold };
	out->key = ARENA_ARRAY(a, const struct public_key *, n);
	for (size_t i = 0; i < there && out->keys < n; i++)
		if (str_eq(file[i]->role, role))
			out->key[out->keys++] = file[i]->key;
	for (; out->keys < n; out->keys++)
		if (!keyring_make(k, role, &out->key[out->keys], err))
			return false;
	return true;
}

static bool
first_root(struct arena *a, struct keyring *k, const struct lifetimes *life, int64_t now,
    struct issued *out, struct err *err)
{
	struct role_keys role[4];
	for (size_t i = 0; i < LEN(top_level); i++)
		if (!keys_take(a, k, str_of(top_level[i]), i == 0 ? ROOT_KEYS : 1,
		        i == 0 ? ROOT_THRESHOLD : 1, &role[i], err))
			return false;
	return root_issue(a, k, NULL, role, life, now, out, err);
}

bool
issue_site(struct arena *a, struct keyring *k, const struct str *verticals, size_t n,
    const struct lifetimes *life, int64_t now, struct issued *root, struct issued *targets,
    struct err *err)
{
	struct role_keys *vertical = ARENA_ARRAY(a, struct role_keys, n);
	struct root made;
	if (!verticals_check(verticals, n, err)
	    || (root->bytes.n == 0 && !first_root(a, k, life, now, root, err))
	    || !root_read(a, root->bytes, &made, err) || !targets_key_here(k, &made, err))
		return false;
	root->name = metafile_name(a, STR("root"), made.meta.version);
	for (size_t i = 0; i < n; i++)
		if (!keys_take(a, k, verticals[i], 1, 1, &vertical[i], err))
			return false;
	return targets_issue(a, k, &made, NULL, vertical, n, life, now, targets, err);
}

bool
issue_vertical(struct arena *a, struct keyring *k, const struct root *root,
    const struct targets *old, struct str vertical, const struct lifetimes *life, int64_t now,
    struct issued *out, struct err *err)
{
	struct role_keys *role = ARENA_ARRAY(a, struct role_keys, old->roles + 1);
	if (!issue_vertical_name(vertical, err))
		return false;
	if (targets_role(old, vertical) != NULL)
		return err_set(err, ERR_STALE, "vertical %.*s has a key already", STR_ARG(vertical));
	if (old->roles == VERTICALS_MAX)
		return err_set(err, ERR_LIMIT, "a site has at most %d verticals", VERTICALS_MAX);
	if (!targets_key_here(k, root, err))
		return false;
	for (size_t i = 0; i < old->roles; i++)
		role[i] = old->role[i];
	return keys_take(a, k, vertical, 1, 1, &role[old->roles], err)
	    && targets_issue(a, k, root, old, role, old->roles + 1, life, now, out, err);
}

bool
issue_root(struct arena *a, const struct keyring *k, const struct root *old,
    const struct lifetimes *life, int64_t now, struct issued *out, struct err *err)
{
	return root_issue(a, k, old, old->role, life, now, out, err);
}

/* One atomic swap: the new delegation, the vertical under its new key, snapshot, timestamp. */
static bool
rotate_vertical(struct arena *a, struct keyring *k, const struct release *r,
    const struct role_keys *old, const struct lifetimes *life, int64_t now,
    struct issued **out, size_t *n, struct err *err)
{
	const struct targets *t = r->targets;
	struct role_keys *role = ARENA_ARRAY(a, struct role_keys, t->roles);
	struct targets made;
	struct issued file;
	struct release with = *r;
	if (!targets_key_here(k, r->root, err))
		return false;
	for (size_t i = 0; i < t->roles; i++)
		role[i] = t->role[i];
	if (!keys_replace(a, k, &role[old - t->role], err)
	    || !targets_issue(a, k, r->root, t, role, t->roles, life, now, &file, err)
	    || !targets_read(a, STR("targets"), file.bytes, &made, err))
		return false;
	with.targets = &made;
	return issue_release(a, k, &with, life, now, out, n, err);
}

static bool
same_keys(const struct role_keys *a, const struct role_keys *b)
{
	size_t same = 0;
	for (size_t i = 0; i < a->keys; i++)
		for (size_t k = 0; k < b->keys; k++)
			same += str_eq(a->key[i]->id, b->key[k]->id);
	return a->threshold == b->threshold && same == a->keys && a->keys == b->keys;
}

/* Can what the old root asks for of this role be had, for the release before the new one? */
static bool
old_is_here(const struct keyring *k, const struct release *r, const struct root *next,
    size_t which)
{
	struct err ignored;
	const struct role_keys *old = &r->root->role[which];
	return metafile_can_sign(k, signed_by(old, NULL))
	    || (str_eq(old->name, STR("targets"))
	        && metadata_signed_by(&r->targets->meta, old, &ignored)
	        && metadata_signed_by(&r->targets->meta, &next->role[which], &ignored));
}

bool
issue_next_root(struct arena *a, const struct keyring *k, const struct release *r,
    const struct issued *root, const struct lifetimes *life, int64_t now, struct issued **out,
    size_t *n, struct err *err)
{
	struct root next;
	struct issued *files = NULL;
	struct release with = *r;
	bool changed = false, root_first = r->old_is_lost;
	*n = 0;
	if (!root_read(a, root->bytes, &next, err))
		return false;
	/* Only root's own keys sign root: when they change, nothing else has to. */
	for (size_t i = 1; i < LEN(next.role); i++)
		if (!same_keys(&next.role[i], &r->root->role[i])) {
			changed = true;
			root_first = root_first || !old_is_here(k, r, &next, i);
		}
	if (root_first)
		with.root = &next;
	else
		with.next = &next;
	if (changed && r->base != NULL && !issue_release(a, k, &with, life, now, &files, n, err))
		return false;
	*out = ARENA_ARRAY(a, struct issued, *n + 1);
	(*out)[root_first ? 0 : *n] = *root;
	for (size_t i = 0; i < *n; i++)
		(*out)[root_first ? i + 1 : i] = files[i];
	++*n;
	return true;
}

/* A role of the top level: its keys stand in root. */
static bool
rotate_top_level(struct arena *a, struct keyring *k, const struct release *r, size_t which,
    const struct lifetimes *life, int64_t now, struct issued **out, size_t *n, struct err *err)
{
	struct role_keys role[4];
	struct issued root;
	memcpy(role, r->root->role, sizeof role);
	return root_keys_here(k, r->root, err) && keys_replace(a, k, &role[which], err)
	    && root_issue(a, k, r->root, role, life, now, &root, err)
	    && issue_next_root(a, k, r, &root, life, now, out, n, err);
}

bool
issue_rotation(struct arena *a, struct keyring *k, const struct release *r, struct str role,
    const struct lifetimes *life, int64_t now, struct issued **out, size_t *n, struct err *err)
{
	const struct role_keys *vertical = targets_role(r->targets, role);
	if (vertical != NULL)
		return rotate_vertical(a, k, r, vertical, life, now, out, n, err);
	for (size_t i = 0; i < LEN(top_level); i++)
		if (str_eq(role, r->root->role[i].name))
			return rotate_top_level(a, k, r, i, life, now, out, n, err);
	return err_set(err, ERR_ABSENT, "there is no role or vertical '%.*s'", STR_ARG(role));
}
