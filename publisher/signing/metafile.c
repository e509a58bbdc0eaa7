#include "publisher/signing/metafile.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"

#define SPEC_VERSION "1.0.31"
#define KEYS_MAX 128 /* that may sign one file */

static json_t *
body_new(struct arena *a, const char *type, int64_t version, int64_t expires)
{
	json_t *body = json_new_object(a);
	(void)json_object_set_new(body, "_type", json_str(str_of(type)));
	(void)json_object_set_new(body, "spec_version", json_str(STR(SPEC_VERSION)));
	(void)json_object_set_new(body, "version", json_integer(version));
	(void)json_object_set_new(body, "expires", json_str(time_rfc3339(a, expires)));
	return body;
}

static void
key_put(struct arena *a, json_t *keys, const struct public_key *key)
{
	struct buf *hex = buf_in(a, 64);
	json_t *value = json_object(), *keyval = json_object();
	hex_put(hex, (struct str){ (const char *)key->key, sizeof key->key });
	(void)json_object_set_new(keyval, "public", json_str(buf_str(hex)));
	(void)json_object_set_new(value, "keytype", json_str(STR("ed25519")));
	(void)json_object_set_new(value, "scheme", json_str(STR("ed25519")));
	(void)json_object_set_new(value, "keyval", keyval);
	(void)json_object_set_new(keys, arena_copy(a, key->id).p, value);
}

static int
by_id(const void *a, const void *b)
{
	return str_cmp((*(const struct public_key *const *)a)->id,
	    (*(const struct public_key *const *)b)->id);
}

/* Who may sign, into `out`; and the keys themselves into `keys`. */
static void
role_put(struct arena *a, json_t *out, json_t *keys, const struct role_keys *role)
{
	const struct public_key **sorted = ARENA_ARRAY(a, const struct public_key *, role->keys);
	json_t *ids = json_array();
	for (size_t i = 0; i < role->keys; i++)
		sorted[i] = role->key[i];
	if (role->keys > 0)
		qsort(sorted, role->keys, sizeof *sorted, by_id);
	for (size_t i = 0; i < role->keys; i++) {
		(void)json_array_append_new(ids, json_str(sorted[i]->id));
		key_put(a, keys, sorted[i]);
	}
	(void)json_object_set_new(out, "keyids", ids);
	(void)json_object_set_new(out, "threshold", json_integer(role->threshold));
}

json_t *
root_body(struct arena *a, const struct role_keys role[4], int64_t version, int64_t expires)
{
	json_t *body = body_new(a, "root", version, expires);
	json_t *keys = json_object(), *roles = json_object();
	for (size_t i = 0; i < 4; i++) {
		json_t *one = json_object();
		role_put(a, one, keys, &role[i]);
		(void)json_object_set_new(roles, arena_copy(a, role[i].name).p, one);
	}
	(void)json_object_set_new(body, "consistent_snapshot", json_true());
	(void)json_object_set_new(body, "keys", keys);
	(void)json_object_set_new(body, "roles", roles);
	return body;
}

static json_t *
hashes_json(struct arena *a, const struct digest *d)
{
	json_t *hashes = json_object();
	(void)json_object_set_new(hashes, "sha256", json_str(digest_str(a, d)));
	return hashes;
}

static json_t *
delegations_json(struct arena *a, const struct role_keys *role, size_t n)
{
	json_t *all = json_object(), *keys = json_object(), *roles = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *one = json_object(), *paths = json_array();
		(void)json_array_append_new(paths,
		    json_str(arena_printf(a, "%.*s/*/*", STR_ARG(role[i].name))));
		(void)json_object_set_new(one, "name", json_str(role[i].name));
		(void)json_object_set_new(one, "paths", paths);
		(void)json_object_set_new(one, "terminating", json_true());
		role_put(a, one, keys, &role[i]);
		(void)json_array_append_new(roles, one);
	}
	(void)json_object_set_new(all, "keys", keys);
	(void)json_object_set_new(all, "roles", roles);
	return all;
}

json_t *
targets_body(struct arena *a, const struct target *target, size_t n,
    const struct role_keys *delegated, size_t roles, int64_t version, int64_t expires)
{
	json_t *body = body_new(a, "targets", version, expires), *list = json_object();
	for (size_t i = 0; i < n; i++) {
		json_t *one = json_object();
		(void)json_object_set_new(one, "length", json_integer((json_int_t)target[i].length));
		(void)json_object_set_new(one, "hashes", hashes_json(a, &target[i].sha256));
		if (target[i].custom != NULL)
			(void)json_object_set_new(one, "custom", json_deep_copy(target[i].custom));
		(void)json_object_set_new(list, arena_copy(a, target[i].path).p, one);
	}
	(void)json_object_set_new(body, "targets", list);
	if (roles > 0)
		(void)json_object_set_new(body, "delegations", delegations_json(a, delegated, roles));
	return body;
}

static json_t *
entry_json(struct arena *a, const struct meta_entry *e)
{
	json_t *one = json_object();
	(void)json_object_set_new(one, "version", json_integer(e->version));
	if (e->has_length)
		(void)json_object_set_new(one, "length", json_integer((json_int_t)e->length));
	if (e->has_digest)
		(void)json_object_set_new(one, "hashes", hashes_json(a, &e->sha256));
	return one;
}

json_t *
snapshot_body(struct arena *a, const struct meta_entry *entry, size_t n, const json_t *custom,
    int64_t version, int64_t expires)
{
	json_t *body = body_new(a, "snapshot", version, expires), *meta = json_object();
	for (size_t i = 0; i < n; i++)
		(void)json_object_set_new(meta, arena_copy(a, entry[i].name).p,
		    entry_json(a, &entry[i]));
	(void)json_object_set_new(body, "meta", meta);
	if (custom != NULL)
		(void)json_object_set_new(body, "custom", json_deep_copy(custom));
	return body;
}

json_t *
timestamp_body(struct arena *a, const struct meta_entry *snapshot, int64_t version,
    int64_t expires)
{
	json_t *body = body_new(a, "timestamp", version, expires), *meta = json_object();
	(void)json_object_set_new(meta, "snapshot.json", entry_json(a, snapshot));
	(void)json_object_set_new(body, "meta", meta);
	return body;
}

static unsigned
secrets_here(const struct keyring *k, const struct role_keys *role)
{
	unsigned here = 0;
	for (size_t i = 0; i < role->keys; i++)
		here += keyring_has(k, role->key[i]->id);
	return here;
}

bool
metafile_can_sign(const struct keyring *k, struct signers who)
{
	for (size_t i = 0; i < who.n; i++)
		if (secrets_here(k, who.role[i]) < who.role[i]->threshold)
			return false;
	return true;
}

static bool
signers_check(const struct keyring *k, struct signers who, struct err *err)
{
	for (size_t i = 0; i < who.n; i++) {
		const struct role_keys *role = who.role[i];
		const unsigned here = secrets_here(k, role);
		if (here < role->threshold)
			return err_set(err, ERR_ABSENT, "%u of the %u secret keys needed for %.*s are here "
			    "(id %.*s): put the key file there, or on a machine that holds the keys above "
			    "it run `edgepress keys rotate TARGET %.*s`", here, role->threshold,
			    STR_ARG(role->name), role->keys > 0 ? 8 : 0,
			    role->keys > 0 ? role->key[0]->id.p : "", STR_ARG(role->name));
	}
	return true;
}

/* Every key once that is here and may sign; sorted by id. */
static size_t
signers_list(const struct keyring *k, struct signers who, const struct public_key *out[KEYS_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < who.n; i++)
		for (size_t j = 0; j < who.role[i]->keys && n < KEYS_MAX; j++) {
			const struct public_key *key = who.role[i]->key[j];
			bool have = !keyring_has(k, key->id);
			for (size_t h = 0; h < n && !have; h++)
				have = str_eq(out[h]->id, key->id);
			if (!have)
				out[n++] = key;
		}
	qsort(out, n, sizeof *out, by_id);
	return n;
}

static bool
signature_add(struct arena *a, const struct keyring *k, const struct public_key *key,
    struct str canonical, json_t *signatures, struct err *err)
{
	unsigned char sig[64];
	struct buf *hex = buf_in(a, 2 * sizeof sig);
	if (!keyring_sign(k, key->id, canonical, sig, err))
		return false;
	hex_put(hex, (struct str){ (const char *)sig, sizeof sig });
	json_t *one = json_object();
	(void)json_object_set_new(one, "keyid", json_str(key->id));
	(void)json_object_set_new(one, "sig", json_str(buf_str(hex)));
	(void)json_array_append_new(signatures, one);
	return true;
}

/* Clients disagree about the canonical form of anything else. */
static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

static bool
body_canonical(struct arena *a, const json_t *body, struct str *out, struct err *err)
{
	struct buf *canonical = buf_in(a, TARGETS_MAX);
	if (!json_canonical(body, canonical, err))
		return false;
	*out = buf_str(canonical);
	return is_plain(*out)
	    || err_set(err, ERR_INPUT, "metadata must be printable ASCII: look at notes and custom");
}

bool
metafile_sign(struct arena *a, const struct keyring *k, struct str name, const json_t *body,
    struct signers who, struct issued *out, struct err *err)
{
	const struct public_key *key[KEYS_MAX];
	json_t *whole = json_new_object(a), *signatures = json_array();
	struct buf *bytes = buf_in(a, TARGETS_MAX);
	struct str canonical;
	const bool for_people = str_ends(name, STR(".root.json"));
	(void)json_object_set_new(whole, "signatures", signatures);
	(void)json_object_set(whole, "signed", (json_t *)body);
	if (!signers_check(k, who, err) || !body_canonical(a, body, &canonical, err))
		return err_in(err, "%.*s", STR_ARG(name));
	const size_t n = signers_list(k, who, key);
	for (size_t i = 0; i < n; i++)
		if (!signature_add(a, k, key[i], canonical, signatures, err))
			return err_in(err, "%.*s", STR_ARG(name));
	if (!(for_people ? json_pretty(whole, bytes, err) : json_canonical(whole, bytes, err)))
		return err_in(err, "%.*s", STR_ARG(name));
	*out = (struct issued){ name, buf_str(bytes) };
	return true;
}

struct str
metafile_name(struct arena *a, struct str role, int64_t version)
{
	return arena_printf(a, "metadata/%" PRId64 ".%.*s.json", version, STR_ARG(role));
}

struct meta_entry
metafile_entry(struct arena *a, struct str role, int64_t version, struct str bytes)
{
	return (struct meta_entry){ .name = arena_printf(a, "%.*s.json", STR_ARG(role)),
		.version = version, .has_length = true, .has_digest = true, .length = bytes.n,
		.sha256 = digest_of(bytes) };
}
