#include "publisher/trust/metadata.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"

#define KEYS_MAX 1024      /* in root, in targets */
#define ROLE_KEYS_MAX 64   /* that may sign for one role */
#define ROLE_NAME_MAX 256
#define SIGNATURES_MAX 256 /* on one file */
#define NUMBER_MAX INT64_C(9007199254740991) /* 2^53 - 1: what every JSON reader can hold */

static const char *const top_level[] = { "root", "timestamp", "snapshot", "targets" };

static const struct trust_profile *profile; /* of the process; NULL: our repositories alone */

void
trust_profile_set(const struct trust_profile *p)
{
	profile = p;
}

const struct trust_profile *
trust_profile_now(void)
{
	return profile;
}

/* Clients accept 1.x and 1.x.y; a new major version means other rules. */
static bool
spec_is_known(struct str s)
{
	struct str rest;
	uint64_t number;
	if (!str_eq(str_cut(s, '.', &rest), STR("1")) || rest.p == NULL)
		return false;
	for (int parts = 0; rest.p != NULL; parts++)
		if (parts == 2 || !str_to_u64(str_cut(rest, '.', &rest), &number))
			return false;
	return true;
}

static bool
signatures_check(const json_t *list, struct err *err)
{
	const size_t n = json_array_size(list);
	if (n > SIGNATURES_MAX)
		return err_set(err, ERR_INPUT, "%zu signatures, at most %d", n, SIGNATURES_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str id, sig, earlier;
		const json_t *each = json_array_get(list, i);
		if (!field_text(each, "keyid", &id, err) || !field_text(each, "sig", &sig, err))
			return err_in(err, "signature %zu", i);
		for (size_t k = 0; k < i; k++)
			if (field_text(json_array_get(list, k), "keyid", &earlier, err)
			    && str_eq(id, earlier))
				return err_set(err, ERR_INPUT, "key %.*s has signed twice", STR_ARG(id));
	}
	return true;
}

/* TUF takes one spelling only: no offset, no fractions. */
static bool
expires_read(const json_t *body, int64_t *out, struct err *err)
{
	struct str text;
	return field_text(body, "expires", &text, err)
	    && ((text.n == 20 && text.p[19] == 'Z')
	           || err_set(err, ERR_INPUT, "expires: not of the form 2030-01-31T00:00:00Z"))
	    && field_time(body, "expires", out, err);
}

static bool
envelope_read(struct arena *a, struct str role, const char *type, struct str bytes, size_t max,
    struct metadata *m, const json_t **body, struct err *err)
{
	json_t *whole;
	const json_t *signatures;
	struct str is, spec;
	if (bytes.n > max)
		return err_set(err, ERR_LIMIT, "%zu bytes, at most %zu", bytes.n, max);
	m->role = arena_copy(a, role);
	m->bytes = arena_copy(a, bytes);
	if (!json_parse(a, m->bytes, &whole, err)
	    || !field_array(whole, "signatures", &signatures, err)
	    || !signatures_check(signatures, err) || !field_object(whole, "signed", body, err)
	    || !field_text(*body, "_type", &is, err)
	    || !field_text(*body, "spec_version", &spec, err)
	    || !field_int(*body, "version", 1, NUMBER_MAX, &m->version, err)
	    || !expires_read(*body, &m->expires, err))
		return false;
	if (!str_eq(is, str_of(type)))
		return err_set(err, ERR_INPUT, "_type is '%.*s', not '%s'", STR_ARG(is), type);
	if (!spec_is_known(spec))
		return err_set(err, ERR_INPUT, "spec_version '%.*s' is not 1.x", STR_ARG(spec));
	struct buf *canonical = buf_in(a, bytes.n); /* never longer than what it came from */
	if (!json_canonical(*body, canonical, err))
		return false;
	m->canonical = buf_str(canonical);
	m->json = whole;
	return true;
}

/* A key of any repository: what cannot be used is left out. */
static bool
foreign_key_read(const char *id, const json_t *keyval, struct str type, struct str scheme,
    struct public_key *out, bool *usable, struct err *err)
{
	struct digest value;
	struct err ignored;
	out->id = str_of(id);
	if (str_eq(type, STR("ed25519"))) {
		*usable = field_digest(keyval, "public", &value, &ignored);
		if (*usable)
			memcpy(out->key, value.b, sizeof out->key);
		return true;
	}
	*usable = profile->knows(type, scheme);
	out->scheme = scheme;
	return !*usable || field_text(keyval, "public", &out->text, err);
}

static bool
key_read(struct arena *a, const char *id, const json_t *from, struct public_key *out,
    bool *usable, struct err *err)
{
	struct str type, scheme;
	const json_t *keyval;
	struct digest value, is;
	if (!field_text(from, "keytype", &type, err) || !field_text(from, "scheme", &scheme, err)
	    || !field_object(from, "keyval", &keyval, err))
		return false;
	if (profile != NULL)
		return foreign_key_read(id, keyval, type, scheme, out, usable, err);
	*usable = str_eq(type, STR("ed25519")) && str_eq(scheme, STR("ed25519"));
	if (!*usable)
		return true;
	struct buf *canonical = buf_in(a, ROOT_MAX);
	if (!field_digest(keyval, "public", &value, err) || !json_canonical(from, canonical, err))
		return false;
	is = digest_of(buf_str(canonical));
	out->id = digest_str(a, &is);
	memcpy(out->key, value.b, sizeof out->key);
	return str_eq(out->id, str_of(id))
	    || err_set(err, ERR_INPUT, "the id is not the digest of the key");
}

static bool
keys_read(struct arena *a, const json_t *from, struct public_key **out, size_t *n,
    struct err *err)
{
	const size_t all = json_object_size(from);
	if (all > KEYS_MAX)
		return err_set(err, ERR_INPUT, "%zu keys, at most %d", all, KEYS_MAX);
	*out = ARENA_ARRAY(a, struct public_key, all);
	*n = 0;
	for (void *i = json_object_iter((json_t *)from); i != NULL;
	     i = json_object_iter_next((json_t *)from, i)) {
		bool usable;
		const char *id = json_object_iter_key(i);
		if (!key_read(a, id, json_object_iter_value(i), &(*out)[*n], &usable, err))
			return err_in(err, "key %s", id);
		*n += usable;
	}
	return true;
}

static const struct public_key *
key_find(const struct public_key *key, size_t n, struct str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(key[i].id, id))
			return &key[i];
	return NULL;
}

/* Who may sign: `from` has keyids and threshold, `known` is the object that declares keys. */
static bool
role_keys_read(struct arena *a, const json_t *from, const json_t *known,
    const struct public_key *key, size_t keys, struct role_keys *out, struct err *err)
{
	const json_t *ids;
	int64_t threshold;
	if (!field_array(from, "keyids", &ids, err)
	    || !field_int(from, "threshold", 1, ROLE_KEYS_MAX, &threshold, err))
		return false;
	const size_t n = json_array_size(ids);
	if (n > ROLE_KEYS_MAX)
		return err_set(err, ERR_INPUT, "%zu key ids, at most %d", n, ROLE_KEYS_MAX);
	out->threshold = (unsigned)threshold;
	out->key = ARENA_ARRAY(a, const struct public_key *, n);
	for (size_t i = 0; i < n; i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		if (id == NULL || (json_object_get(known, id) == NULL && profile == NULL))
			return err_set(err, ERR_INPUT, "key id %zu names no key", i);
		for (size_t k = 0; k < i; k++)
			if (strcmp(id, json_string_value(json_array_get(ids, k))) == 0)
				return err_set(err, ERR_INPUT, "key id %s stands twice", id);
		const struct public_key *found = key_find(key, keys, str_of(id));
		if (found != NULL)
			out->key[out->keys++] = found;
	}
	return true;
}

bool
root_read(struct arena *a, struct str bytes, struct root *out, struct err *err)
{
	const json_t *body, *keys, *roles, *each;
	*out = (struct root){ 0 };
	if (!envelope_read(a, STR("root"), "root", bytes, ROOT_MAX, &out->meta, &body, err)
	    || !field_object(body, "keys", &keys, err) || !field_object(body, "roles", &roles, err)
	    || !keys_read(a, keys, &out->key, &out->keys, err))
		return false;
	out->consistent = json_is_true(json_object_get(body, "consistent_snapshot"));
	if (!out->consistent && profile == NULL)
		return err_set(err, ERR_INPUT, "consistent_snapshot is not true");
	for (size_t i = 0; i < LEN(top_level); i++) {
		out->role[i].name = str_of(top_level[i]);
		if (!field_object(roles, top_level[i], &each, err)
		    || !role_keys_read(a, each, keys, out->key, out->keys, &out->role[i], err))
			return err_in(err, "role %s", top_level[i]);
	}
	return true;
}

/* hashes.sha256 of a meta entry or target. */
static bool
hashes_read(const json_t *from, struct digest *out, struct err *err)
{
	const json_t *hashes;
	return field_object(from, "hashes", &hashes, err)
	    && field_digest(hashes, "sha256", out, err);
}

/* Length and hashes are optional in TUF, so they are here; ours always have both. */
static bool
entry_read(const char *name, const json_t *from, struct meta_entry *out, struct err *err)
{
	int64_t length = 0;
	*out = (struct meta_entry){ .name = str_of(name) };
	if (!field_int(from, "version", 1, NUMBER_MAX, &out->version, err))
		return false;
	out->has_length = json_object_get(from, "length") != NULL;
	out->has_digest = json_object_get(from, "hashes") != NULL;
	if ((out->has_length && !field_int(from, "length", 0, NUMBER_MAX, &length, err))
	    || (out->has_digest && !hashes_read(from, &out->sha256, err)))
		return false;
	out->length = (uint64_t)length;
	return true;
}

bool
timestamp_read(struct arena *a, struct str bytes, struct timestamp *out, struct err *err)
{
	const json_t *body, *meta, *entry;
	*out = (struct timestamp){ 0 };
	if (!envelope_read(a, STR("timestamp"), "timestamp", bytes, TIMESTAMP_MAX, &out->meta, &body,
	        err)
	    || !field_object(body, "meta", &meta, err)
	    || !field_object(meta, "snapshot.json", &entry, err))
		return false;
	if (json_object_size(meta) != 1)
		return err_set(err, ERR_INPUT, "meta names more than snapshot.json");
	return entry_read("snapshot.json", entry, &out->snapshot, err)
	    || err_in(err, "snapshot.json");
}

static int
by_name(const void *a, const void *b)
{
	return str_cmp(((const struct meta_entry *)a)->name, ((const struct meta_entry *)b)->name);
}

static bool
is_role_file(struct str name)
{
	return str_ends(name, STR(".json"))
	    && (profile != NULL || name_is_safe((struct str){ name.p, name.n - strlen(".json") }, VERTICAL_MAX));
}

bool
snapshot_read(struct arena *a, struct str bytes, struct snapshot *out, struct err *err)
{
	const json_t *body, *meta;
	*out = (struct snapshot){ 0 };
	if (!envelope_read(a, STR("snapshot"), "snapshot", bytes, SNAPSHOT_MAX, &out->meta, &body,
	        err)
	    || !field_object(body, "meta", &meta, err))
		return false;
	out->entry = ARENA_ARRAY(a, struct meta_entry, json_object_size(meta));
	for (void *i = json_object_iter((json_t *)meta); i != NULL;
	     i = json_object_iter_next((json_t *)meta, i)) {
		const char *name = json_object_iter_key(i);
		if (!is_role_file(str_of(name)))
			return err_set(err, ERR_INPUT, "meta names '%s'", name);
		if (!entry_read(name, json_object_iter_value(i), &out->entry[out->n++], err))
			return err_in(err, "%s", name);
	}
	qsort(out->entry, out->n, sizeof *out->entry, by_name);
	out->custom = json_object_get(body, "custom");
	return snapshot_find(out, STR("targets")) != NULL
	    || err_set(err, ERR_INPUT, "meta does not name targets.json");
}

const struct meta_entry *
snapshot_find(const struct snapshot *s, struct str role)
{
	size_t low = 0, high = s->n;
	char name[ROLE_NAME_MAX + sizeof ".json"];
	if (role.n > ROLE_NAME_MAX)
		return NULL;
	memcpy(name, role.p, role.n);
	memcpy(name + role.n, ".json", 5);
	const struct str wanted = { name, role.n + 5 };
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = str_cmp(s->entry[middle].name, wanted);
		if (order == 0)
			return &s->entry[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* "<vertical>/<locale>/<name>", the only paths that a vertical may list. */
static bool
path_is_in(struct str path, struct str vertical)
{
	struct str locale, name, rest;
	if (!str_eq(str_cut(path, '/', &locale), vertical) || locale.p == NULL)
		return false;
	(void)str_cut(locale, '/', &name);
	if (name.p == NULL)
		return false;
	(void)str_cut(name, '/', &rest);
	return rest.p == NULL;
}

static bool
target_read(struct str role, const char *path, const json_t *from, struct target *out,
    struct err *err)
{
	int64_t length;
	out->path = str_of(path);
	out->custom = json_object_get(from, "custom");
	if (profile != NULL)
		return field_int(from, "length", 0, NUMBER_MAX, &length, err)
		    && field_object(from, "hashes", &out->hashes, err)
		    && (json_object_get(out->hashes, "sha256") == NULL
		           || field_digest(out->hashes, "sha256", &out->sha256, err))
		    && (out->length = (uint64_t)length, true);
	if (!path_is_safe(out->path))
		return err_set(err, ERR_INPUT, "not a safe path");
	if (!str_eq(role, STR("targets")) && !path_is_in(out->path, role))
		return err_set(err, ERR_INPUT, "%.*s may list %.*s/LOCALE/NAME only", STR_ARG(role),
		    STR_ARG(role));
	if (out->custom != NULL && !json_is_object(out->custom))
		return err_set(err, ERR_INPUT, "custom is not an object");
	if (!field_int(from, "length", 0, NUMBER_MAX, &length, err)
	    || !hashes_read(from, &out->sha256, err))
		return false;
	out->length = (uint64_t)length;
	out->hashes = json_object_get(from, "hashes");
	return true;
}

static int
by_path(const void *a, const void *b)
{
	return str_cmp(((const struct target *)a)->path, ((const struct target *)b)->path);
}

static bool
targets_list_read(struct arena *a, struct str role, const json_t *list, struct targets *out,
    struct err *err)
{
	out->target = ARENA_ARRAY(a, struct target, json_object_size(list));
	for (void *i = json_object_iter((json_t *)list); i != NULL;
	     i = json_object_iter_next((json_t *)list, i)) {
		const char *path = json_object_iter_key(i);
		struct target *t = &out->target[out->n++];
		if (!target_read(role, path, json_object_iter_value(i), t, err))
			return err_in(err, "target %s", path);
	}
	qsort(out->target, out->n, sizeof *out->target, by_path);
	return true;
}

/* Delegated to exactly `<name>` + two levels, and final: no later role may answer instead. */
static bool
delegation_is_ours(const json_t *from, struct str name)
{
	const json_t *paths = json_object_get(from, "paths");
	struct str path = str_of(json_string_value(json_array_get(paths, 0)));
	return json_array_size(paths) == 1 && json_object_get(from, "path_hash_prefixes") == NULL
	    && json_is_true(json_object_get(from, "terminating")) && str_starts(path, name)
	    && str_eq((struct str){ path.p + name.n, path.n - name.n }, STR("/*/*"));
}

static bool
delegation_read(struct arena *a, const json_t *from, const json_t *keys, struct targets *out,
    struct err *err)
{
	struct role_keys *role = &out->role[out->roles];
	if (!field_text(from, "name", &role->name, err))
		return false;
	for (size_t i = 0; i < LEN(top_level); i++)
		if (str_eq(role->name, str_of(top_level[i])))
			return err_set(err, ERR_INPUT, "named like a top-level role");
	role->delegation = from;
	if (role->name.n == 0 || role->name.n > ROLE_NAME_MAX)
		return err_set(err, ERR_INPUT, "its name is too long, or empty");
	if (profile == NULL
	    && (!name_is_safe(role->name, VERTICAL_MAX) || !delegation_is_ours(from, role->name)))
		return err_set(err, ERR_INPUT, "not the delegation of a vertical");
	if (targets_role(out, role->name) != NULL)
		return err_set(err, ERR_INPUT, "delegated twice");
	if (!role_keys_read(a, from, keys, out->key, out->keys, role, err))
		return false;
	out->roles++;
	return true;
}

static bool
delegations_read(struct arena *a, const json_t *from, struct targets *out, struct err *err)
{
	const json_t *keys, *roles, *each;
	size_t i;
	if (!field_object(from, "keys", &keys, err) || !field_array(from, "roles", &roles, err)
	    || !keys_read(a, keys, &out->key, &out->keys, err))
		return false;
	if (json_array_size(roles) > VERTICALS_MAX)
		return err_set(err, ERR_INPUT, "%zu roles, at most %d", json_array_size(roles),
		    VERTICALS_MAX);
	out->role = ARENA_ARRAY(a, struct role_keys, json_array_size(roles));
	json_array_foreach((json_t *)roles, i, each)
		if (!delegation_read(a, each, keys, out, err))
			return err_in(err, "delegation %zu", i);
	return true;
}

bool
targets_read(struct arena *a, struct str name, struct str bytes, struct targets *out,
    struct err *err)
{
	const json_t *body, *list, *delegations;
	*out = (struct targets){ 0 };
	if (!envelope_read(a, name, "targets", bytes, TARGETS_MAX, &out->meta, &body, err)
	    || !field_object(body, "targets", &list, err)
	    || !targets_list_read(a, name, list, out, err))
		return false;
	if (json_object_get(body, "delegations") == NULL)
		return true;
	if (!str_eq(name, STR("targets")) && profile == NULL)
		return err_set(err, ERR_INPUT, "a vertical may not delegate");
	return (field_object(body, "delegations", &delegations, err)
	           && delegations_read(a, delegations, out, err))
	    || err_in(err, "delegations");
}

const struct role_keys *
root_role(const struct root *r, const char *name)
{
	for (size_t i = 0; i < LEN(r->role); i++)
		if (str_eq(r->role[i].name, str_of(name)))
			return &r->role[i];
	return NULL;
}

const struct role_keys *
targets_role(const struct targets *t, struct str vertical)
{
	for (size_t i = 0; i < t->roles; i++)
		if (str_eq(t->role[i].name, vertical))
			return &t->role[i];
	return NULL;
}
