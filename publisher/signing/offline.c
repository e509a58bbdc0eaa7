#include "publisher/signing/offline.h"

#include <inttypes.h>

#include "base/path.h"
#include "publisher/signing/metafile.h"

#define KEY_ID_LEAST 8
#define ROLE_KEYS_MAX 64

static bool
is_top_level(struct str role)
{
	return str_eq(role, STR("root")) || str_eq(role, STR("targets"))
	    || str_eq(role, STR("snapshot")) || str_eq(role, STR("timestamp"));
}

/* A role being changed: its keys in an array with room for more. */
static void
role_copy(struct arena *a, const struct role_keys *from, struct role_keys *to)
{
	*to = *from;
	to->key = ARENA_ARRAY(a, const struct public_key *, ROLE_KEYS_MAX);
	for (size_t i = 0; i < from->keys && i < ROLE_KEYS_MAX; i++)
		to->key[i] = from->key[i];
}

static bool
key_add(struct arena *a, struct role_keys *role, const unsigned char key[static 32],
    struct err *err)
{
	struct public_key *p = ARENA_NEW(a, struct public_key);
	memcpy(p->key, key, sizeof p->key);
	p->id = key_id(a, key);
	for (size_t i = 0; i < role->keys; i++)
		if (str_eq(role->key[i]->id, p->id))
			return err_set(err, ERR_INPUT, "%.*s has key %.8s already", STR_ARG(role->name),
			    p->id.p);
	if (role->keys == ROLE_KEYS_MAX)
		return err_set(err, ERR_LIMIT, "%.*s has %d keys already", STR_ARG(role->name),
		    ROLE_KEYS_MAX);
	role->key[role->keys++] = p;
	return true;
}

static bool
key_remove(struct role_keys *role, struct str id, struct err *err)
{
	size_t at = 0, found = 0;
	if (id.n < KEY_ID_LEAST)
		return err_set(err, ERR_INPUT, "at least %d digits of the key id are needed",
		    KEY_ID_LEAST);
	for (size_t i = 0; i < role->keys; i++)
		if (str_starts(role->key[i]->id, id)) {
			at = i;
			found++;
		}
	if (found != 1)
		return err_set(err, ERR_INPUT, "%.*s has %zu keys whose id begins with %.*s",
		    STR_ARG(role->name), found, STR_ARG(id));
	role->keys--;
	memmove(&role->key[at], &role->key[at + 1], (role->keys - at) * sizeof *role->key);
	return true;
}

static bool
change_apply(struct arena *a, const struct draft_change *c, struct role_keys *role,
    struct err *err)
{
	switch (c->act) {
	case DRAFT_ADD:
		return key_add(a, role, c->key, err);
	case DRAFT_REMOVE:
		return key_remove(role, c->id, err);
	case DRAFT_THRESHOLD:
		break;
	}
	role->threshold = c->threshold;
	return true;
}

static bool
role_check(const struct role_keys *role, struct err *err)
{
	return (role->threshold > 0 && role->keys >= role->threshold)
	    || err_set(err, ERR_INPUT, "%.*s would have %zu keys and need %u signatures",
	           STR_ARG(role->name), role->keys, role->threshold);
}

static struct role_keys *
role_find(struct role_keys *role, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(role[i].name, name))
			return &role[i];
	return NULL;
}

static bool
unsigned_text(struct arena *a, const json_t *body, struct str *out, struct err *err)
{
	json_t *whole = json_new_object(a);
	struct buf *bytes = buf_in(a, TARGETS_MAX);
	(void)json_object_set_new(whole, "signatures", json_array());
	(void)json_object_set(whole, "signed", (json_t *)body);
	if (!json_pretty(whole, bytes, err))
		return false;
	*out = buf_str(bytes);
	return true;
}

static bool
draft_root(struct arena *a, const struct root *old, const struct draft_change *c, size_t n,
    int64_t expires, struct str *out, struct err *err)
{
	struct role_keys role[4];
	for (size_t i = 0; i < 4; i++)
		role_copy(a, &old->role[i], &role[i]);
	for (size_t i = 0; i < n; i++)
		if (!change_apply(a, &c[i], role_find(role, 4, c[i].role), err))
			return false;
	for (size_t i = 0; i < 4; i++)
		if (!role_check(&role[i], err))
			return false;
	return unsigned_text(a, root_body(a, role, old->meta.version + 1, expires), out, err);
}

static bool
draft_targets(struct arena *a, const struct targets *old, const struct draft_change *c, size_t n,
    int64_t expires, struct str *out, struct err *err)
{
	struct role_keys *role = ARENA_ARRAY(a, struct role_keys, old->roles + n);
	size_t roles = old->roles;
	for (size_t i = 0; i < roles; i++)
		role_copy(a, &old->role[i], &role[i]);
	for (size_t i = 0; i < n; i++) {
		struct role_keys *which = role_find(role, roles, c[i].role);
		if (which == NULL) {
			const struct role_keys none = { .name = c[i].role, .threshold = 1 };
			if (!issue_vertical_name(c[i].role, err))
				return false;
			which = &role[roles++];
			role_copy(a, &none, which);
		}
		if (!change_apply(a, &c[i], which, err))
			return false;
	}
	if (roles > VERTICALS_MAX)
		return err_set(err, ERR_LIMIT, "a site has at most %d verticals", VERTICALS_MAX);
	for (size_t i = 0; i < roles; i++)
		if (!role_check(&role[i], err))
			return false;
	return unsigned_text(a, targets_body(a, old->target, old->n, role, roles,
	    old->meta.version + 1, expires), out, err);
}

bool
offline_draft(struct arena *a, const struct root *root, const struct targets *targets,
    const struct draft_change *c, size_t n, int64_t expires, struct str *out, struct err *err)
{
	for (size_t i = 1; i < n; i++)
		if (is_top_level(c[i].role) != is_top_level(c[0].role))
			return err_set(err, ERR_INPUT, "%.*s is of root.json and %.*s of targets.json: make two "
			    "drafts", STR_ARG(c[is_top_level(c[i].role) ? i : 0].role),
			    STR_ARG(c[is_top_level(c[i].role) ? 0 : i].role));
	return n == 0 || is_top_level(c[0].role) ? draft_root(a, root, c, n, expires, out, err)
	                                         : draft_targets(a, targets, c, n, expires, out, err);
}

bool
offline_read(struct arena *a, struct str bytes, struct draft *out, struct err *err)
{
	struct err why = { 0 };
	*out = (struct draft){ .is_root = true };
	out->meta = &out->root.meta;
	if (root_read(a, bytes, &out->root, &why))
		return true;
	out->is_root = false;
	out->meta = &out->targets.meta;
	return targets_read(a, STR("targets"), bytes, &out->targets, err)
	    || err_set(err, ERR_INPUT, "no draft: as root.json: %s; as targets.json: %s", why.text,
	           err->text);
}

static bool
has_signed(const json_t *signatures, struct str id)
{
	for (size_t i = 0; i < json_array_size(signatures); i++)
		if (str_eq(id, str_of(json_string_value(
		        json_object_get(json_array_get(signatures, i), "keyid")))))
			return true;
	return false;
}

static json_t *
signature_json(struct arena *a, struct str id, const unsigned char sig[static 64])
{
	struct buf *hex = buf_in(a, 128);
	json_t *one = json_object();
	hex_put(hex, (struct str){ (const char *)sig, 64 });
	(void)json_object_set_new(one, "keyid", json_str(id));
	(void)json_object_set_new(one, "sig", json_str(buf_str(hex)));
	return one;
}

/* The envelope again, with its own list of signatures to add to. */
static bool
envelope_copy(struct arena *a, const struct metadata *m, json_t **whole, json_t **signatures)
{
	*whole = json_new_object(a);
	*signatures = json_deep_copy(json_object_get(m->json, "signatures"));
	(void)json_object_set_new(*whole, "signatures", *signatures);
	(void)json_object_set(*whole, "signed", json_object_get(m->json, "signed"));
	return true;
}

static bool
written(struct arena *a, const json_t *whole, struct str *out, struct err *err)
{
	struct buf *bytes = buf_in(a, TARGETS_MAX);
	if (!json_pretty(whole, bytes, err))
		return false;
	*out = buf_str(bytes);
	return true;
}

bool
offline_sign(struct arena *a, const struct keyring *k, struct str bytes, struct str *out,
    size_t *added, struct err *err)
{
	struct keyfile *const *file;
	struct draft d;
	json_t *whole, *signatures;
	unsigned char sig[64];
	const size_t n = keyring_keys(k, &file);
	size_t mine = 0;
	*added = 0;
	if (!offline_read(a, bytes, &d, err) || !envelope_copy(a, d.meta, &whole, &signatures))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(file[i]->role, d.is_root ? STR("root") : STR("targets")))
			continue;
		mine++;
		if (has_signed(signatures, file[i]->key->id))
			continue;
		if (!keyring_sign(k, file[i]->key->id, d.meta->canonical, sig, err))
			return false;
		(void)json_array_append_new(signatures, signature_json(a, file[i]->key->id, sig));
		++*added;
	}
	if (mine == 0)
		return err_set(err, ERR_ABSENT, "no key of %s is here", d.is_root ? "root" : "targets");
	return written(a, whole, out, err);
}

bool
offline_merge(struct arena *a, const struct str *copy, size_t n, struct str *out,
    struct err *err)
{
	struct draft first, next;
	json_t *whole, *signatures, *each;
	size_t k;
	if (n == 0 || !offline_read(a, copy[0], &first, err)
	    || !envelope_copy(a, first.meta, &whole, &signatures))
		return false;
	for (size_t i = 1; i < n; i++) {
		if (!offline_read(a, copy[i], &next, err))
			return false;
		if (!str_eq(next.meta->canonical, first.meta->canonical))
			return err_set(err, ERR_INPUT, "copy %zu is of another draft than the first", i + 1);
		json_array_foreach(json_object_get(next.meta->json, "signatures"), k, each)
			if (!has_signed(signatures, str_of(json_string_value(json_object_get(each, "keyid")))))
				(void)json_array_append(signatures, each);
	}
	return written(a, whole, out, err);
}
