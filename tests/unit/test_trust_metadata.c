#include "tests/unit/lib/tuf_site.h"

#include <sodium.h>

#define DATA "tests/data/tuf/" /* written by another TUF implementation */
#define HEX64 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_ID "74c181c7ad8a0855d4b55e44d2ba87aabdddb196832571f15f92fece332e4916"
#define KEY "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"" HEX64 "\"},\"scheme\":\"ed25519\"}"

static struct str
data(struct arena *a, const char *name)
{
	struct str text;
	struct err err;
	OK(fs_read(a, name, ROOT_MAX, &text, &err));
	return text;
}

static void
assert_digest(struct arena *a, struct str bytes, const char *expected)
{
	const struct digest d = digest_of(bytes);
	assert_str(digest_str(a, &d), expected);
}

/* The digests are of what tuf-js signs; node's ECDSA accepts the files' signatures over it. */
static void
the_canonical_form_is_that_of_other_implementations(void **state)
{
	struct root root;
	struct timestamp timestamp;
	struct snapshot snapshot;
	struct err err;
	OK(root_read(*state, data(*state, DATA "1.root.json"), &root, &err));
	assert_digest(*state, root.meta.canonical,
	    "85d18fd3fd3406c41dae08b12c31cf822081ae9019f95e505816d42cf50bacb4");
	OK(timestamp_read(*state, data(*state, DATA "timestamp.json"), &timestamp, &err));
	assert_digest(*state, timestamp.meta.canonical,
	    "1858d14eb8d1347b3a2b06bc4ad1364192574e6ace966b2fda15d45b40850386");
	assert_int_equal(timestamp.snapshot.version, 2);
	assert_false(timestamp.snapshot.has_length || timestamp.snapshot.has_digest);
	OK(snapshot_read(*state, data(*state, DATA "2.snapshot.json"), &snapshot, &err));
	assert_digest(*state, snapshot.meta.canonical,
	    "375d62e38e653ef9859a254d712e0feeb731059edc05c133eb4b48f60466ea2e");
	assert_int_equal(snapshot_find(&snapshot, STR("delegatedrole"))->version, 2);
	assert_int_equal(snapshot.meta.expires, 2354437311); /* 2044-08-10T10:21:51Z */
}

static void
keys_of_another_kind_are_known_but_never_count(void **state)
{
	struct root root;
	struct err err;
	OK(root_read(*state, data(*state, DATA "1.root.json"), &root, &err));
	assert_int_equal(root.keys, 0); /* all ECDSA */
	assert_false(metadata_signed_by(&root.meta, root_role(&root, "root"), &err));
	assert_int_equal(err.code, ERR_UNTRUSTED);
}

static void
a_key_id_is_the_digest_that_tuf_js_computes(void **state)
{
	unsigned char key[32];
	assert_int_equal(sodium_hex2bin(key, sizeof key, HEX64, 64, NULL, NULL, NULL), 0);
	assert_str(key_id(*state, key), KEY_ID);
}

/* `signed` of each kind, with room for one change. */
#define HEAD(type) "\"_type\":\"" type "\",\"spec_version\":\"1.0.31\",\"version\":1,"      \
	"\"expires\":\"2030-01-31T00:00:00Z\""
#define ENVELOPE(body) "{\"signatures\":[],\"signed\":{" body "}}"
#define ROLE "{\"keyids\":[\"" KEY_ID "\"],\"threshold\":1}"
#define ROLES "\"roles\":{\"root\":" ROLE ",\"timestamp\":" ROLE ",\"snapshot\":" ROLE         \
	",\"targets\":" ROLE "}"
#define ROOT ENVELOPE(HEAD("root") ",\"consistent_snapshot\":true,\"keys\":{\"" KEY_ID "\":" KEY  \
	"}," ROLES)
#define TIMESTAMP ENVELOPE(HEAD("timestamp") ",\"meta\":{\"snapshot.json\":{\"version\":1}}")
#define SNAPSHOT ENVELOPE(HEAD("snapshot") ",\"meta\":{\"targets.json\":{\"version\":1}}")
#define TARGET "{\"length\":3,\"hashes\":{\"sha256\":\"" HEX64 "\"}}"
#define WEATHER ENVELOPE(HEAD("targets") ",\"targets\":{\"weather/en-us/bundle.json\":" TARGET "}")
#define DELEGATION "{\"name\":\"weather\",\"keyids\":[\"" KEY_ID "\"],\"threshold\":1,"            \
	"\"paths\":[\"weather/*/*\"],\"terminating\":true}"
#define TARGETS ENVELOPE(HEAD("targets") ",\"targets\":{},\"delegations\":{\"keys\":{\"" KEY_ID    \
	"\":" KEY "},\"roles\":[" DELEGATION "]}")

/* `text` with its first `from` replaced. */
static struct str
changed(struct arena *a, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	if (at == NULL) {
		print_error("nothing to change: %s\n", from);
		abort();
	}
	return arena_printf(a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

enum kind { A_ROOT, A_TIMESTAMP, A_SNAPSHOT, A_TARGETS, A_WEATHER };
static const char *const whole[] = { ROOT, TIMESTAMP, SNAPSHOT, TARGETS, WEATHER };

static bool
reads(struct arena *a, enum kind kind, struct str bytes, struct err *err)
{
	struct root root;
	struct timestamp timestamp;
	struct snapshot snapshot;
	struct targets targets;
	switch (kind) {
	case A_ROOT:
		return root_read(a, bytes, &root, err);
	case A_TIMESTAMP:
		return timestamp_read(a, bytes, &timestamp, err);
	case A_SNAPSHOT:
		return snapshot_read(a, bytes, &snapshot, err);
	case A_TARGETS:
		return targets_read(a, STR("targets"), bytes, &targets, err);
	case A_WEATHER:
		return targets_read(a, STR("weather"), bytes, &targets, err);
	}
	return false;
}

struct variation {
	enum kind kind;
	const char *from, *to;
};

static void
what_tuf_allows_is_read(void **state)
{
	static const struct variation cases[] = {
		{ A_ROOT, "1.0.31", "1.0.34" }, { A_ROOT, "1.0.31", "1.9" },
		{ A_ROOT, "\"version\":1", "\"version\":9007199254740991" },
		{ A_ROOT, "\"_type\"", "\"x-more\":[1,{}],\"_type\"" },
		{ A_ROOT, "{\"signatures\":[]", "{\"x\":1,\"signatures\":[{\"keyid\":\"a\",\"sig\":\"\"}]" },
		{ A_TIMESTAMP, "{\"version\":1}", "{\"version\":1,\"length\":0}" },
		{ A_WEATHER, "\"length\":3", "\"length\":3,\"custom\":{\"a\":1}" },
		{ A_WEATHER, "\"sha256\"", "\"sha512\":\"1\",\"sha256\"" },
	};
	struct err err;
	for (size_t k = 0; k < LEN(whole); k++)
		OK(reads(*state, (enum kind)k, str_of(whole[k]), &err));
	for (size_t i = 0; i < LEN(cases); i++)
		OK(reads(*state, cases[i].kind,
		    changed(*state, whole[cases[i].kind], cases[i].from, cases[i].to), &err));
}

static void
what_is_not_exactly_metadata_is_refused(void **state)
{
	static const struct variation cases[] = {
		/* envelope */
		{ A_ROOT, "{\"sig", "{\"version\":1,\"version\":1,\"sig" },
		{ A_ROOT, "\"signatures\":[]", "\"signatures\":{}" },
		{ A_ROOT, "\"signatures\":[]", "\"signatures\":[{\"keyid\":\"a\"}]" },
		{ A_ROOT, "\"signatures\":[]", "\"signatures\":[{\"keyid\":\"a\",\"sig\":\"\"},"
		    "{\"keyid\":\"a\",\"sig\":\"\"}]" },
		{ A_ROOT, "\"signed\"", "\"singed\"" },
		{ A_ROOT, "\"root\"", "\"targets\"" }, { A_TARGETS, "\"targets\"", "\"snapshot\"" },
		{ A_ROOT, "1.0.31", "1" }, { A_ROOT, "1.0.31", "2.0.0" }, { A_ROOT, "1.0.31", "v1.0.0" },
		{ A_ROOT, "1.0.31", "1.0.0.0" }, { A_ROOT, "1.0.31", "1." },
		{ A_ROOT, "\"version\":1", "\"version\":0" }, { A_ROOT, "\"version\":1", "\"version\":-1" },
		{ A_ROOT, "\"version\":1", "\"version\":1.5" },
		{ A_ROOT, "\"version\":1", "\"version\":\"1\"" },
		{ A_ROOT, "\"version\":1", "\"version\":9007199254740992" },
		{ A_ROOT, "2030-01-31T00:00:00Z", "2030-01-31T00:00:00+00:00" },
		{ A_ROOT, "2030-01-31T00:00:00Z", "2030-01-31T00:00:00.0Z" },
		{ A_ROOT, "2030-01-31T00:00:00Z", "2030-02-31T00:00:00Z" },
		{ A_ROOT, "\"version\":1", "\"version\":1,\"real\":0.5" },
		/* keys and roles */
		{ A_ROOT, "\"consistent_snapshot\":true", "\"consistent_snapshot\":false" },
		{ A_ROOT, KEY_ID, HEX64 }, { A_ROOT, HEX64, "00" },
		{ A_ROOT, "\"keytype\":\"ed25519\"", "\"keytype\":\"ed25519\",\"x\":1" },
		{ A_ROOT, "\"keyids\":[\"" KEY_ID, "\"keyids\":[\"" HEX64 },
		{ A_ROOT, "\"keyids\":[", "\"keyids\":[\"" KEY_ID "\"," },
		{ A_ROOT, "\"keyids\":[", "\"keyids\":[1," },
		{ A_ROOT, "\"threshold\":1", "\"threshold\":0" },
		{ A_ROOT, "\"snapshot\":{", "\"snapshots\":{" },
		/* timestamp and snapshot */
		{ A_TIMESTAMP, "\"meta\":{", "\"meta\":{\"root.json\":{\"version\":1}," },
		{ A_TIMESTAMP, "snapshot.json", "targets.json" },
		{ A_TIMESTAMP, "{\"version\":1}", "{\"version\":1,\"length\":-1}" },
		{ A_TIMESTAMP, "{\"version\":1}", "{\"version\":1,\"hashes\":{\"sha512\":\"1\"}}" },
		{ A_SNAPSHOT, "targets.json", "weather.json" },
		{ A_SNAPSHOT, "\"meta\":{", "\"meta\":{\"../x.json\":{\"version\":1}," },
		{ A_SNAPSHOT, "\"meta\":{", "\"meta\":{\"weather\":{\"version\":1}," },
		/* targets */
		{ A_WEATHER, "weather/en-us", "finance/en-us" }, { A_WEATHER, "weather/en-us/", "weather/" },
		{ A_WEATHER, "en-us", "en-us/a" }, { A_WEATHER, "en-us", ".." },
		{ A_WEATHER, "en-us", "EN-US" }, { A_WEATHER, "weather/en-us", "/weather/en-us" },
		{ A_WEATHER, "\"length\":3", "\"length\":3,\"custom\":1" },
		{ A_WEATHER, "\"length\":3,", "" }, { A_WEATHER, HEX64, "12" },
		{ A_WEATHER, "\"targets\":{", "\"delegations\":{\"keys\":{},\"roles\":[]},\"targets\":{" },
		{ A_TARGETS, "weather/*/*", "weather/*" }, { A_TARGETS, "weather/*/*", "finance/*/*" },
		{ A_TARGETS, "\"weather/*/*\"", "\"weather/*/*\",\"finance/*/*\"" },
		{ A_TARGETS, "\"terminating\":true", "\"terminating\":false" },
		{ A_TARGETS, "\"name\":\"weather\"", "\"name\":\"root\"" },
		{ A_TARGETS, "\"name\":\"weather\"", "\"name\":\"we/ather\"" },
		{ A_TARGETS, DELEGATION, DELEGATION "," DELEGATION },
		{ A_TARGETS, "\"paths\"", "\"path_hash_prefixes\":[\"00\"],\"paths\"" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		const struct variation *v = &cases[i];
		struct str text = changed(*state, whole[v->kind], v->from, v->to);
		struct err err = { 0 };
		if (reads(*state, v->kind, text, &err))
			fail_msg("read: %s -> %s", v->from, v->to);
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void
another_projects_delegations_are_not_ours(void **state)
{
	struct targets t;
	struct err err;
	assert_false(targets_read(*state, STR("targets"), data(*state, DATA "1.targets.json"), &t,
	    &err));
	assert_non_null(strstr(err.text, "not the delegation of a vertical"));
}

static void
each_kind_has_the_bound_that_stock_clients_have(void **state)
{
	static const size_t max[] = { 512000, 16384, 2000000, 5000000, 5000000 };
	char *text = arena_alloc(*state, 5000001, 1);
	memset(text, ' ', 5000001);
	for (size_t k = 0; k < LEN(max); k++) {
		struct err err = { 0 };
		memcpy(text, whole[k], strlen(whole[k]));
		OK(reads(*state, (enum kind)k, (struct str){ text, max[k] }, &err));
		assert_false(reads(*state, (enum kind)k, (struct str){ text, max[k] + 1 }, &err));
		assert_int_equal(err.code, ERR_LIMIT);
		memset(text, ' ', strlen(whole[k]));
	}
}

/* Two ids, two signatures, one key: that is one vote (CVE-2020-6174 was of this family). */
static void
one_key_under_two_ids_is_one_vote(void **state)
{
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	const struct role_keys *root = root_role(r.root, "root");
	const struct public_key *key = root->key[0];
	struct public_key twin = *key;
	const struct public_key *both[] = { key, &twin };
	const struct role_keys who = { STR_INIT("root"), both, 2, 2 };
	unsigned char sig[64];
	struct err err;
	struct metadata m = { .canonical = STR_INIT("{}") };
	struct buf *hex = buf_in(s->a, 128);
	json_t *j;
	twin.id = STR("twin");
	OK(keyring_sign(s->keys, key->id, m.canonical, sig, &err));
	hex_put(hex, (struct str){ (const char *)sig, sizeof sig });
	OK(json_parse(s->a, arena_printf(s->a, "{\"signatures\":[{\"keyid\":\"%.*s\",\"sig\":\"%.*s\"},"
	    "{\"keyid\":\"twin\",\"sig\":\"%.*s\"}]}", STR_ARG(key->id), STR_ARG(buf_str(hex)),
	    STR_ARG(buf_str(hex))), &j, &err));
	m.json = j;
	assert_false(metadata_signed_by(&m, &who, &err));
	assert_non_null(strstr(err.text, "1 of 2 needed keys of root"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_canonical_form_is_that_of_other_implementations),
		TEST(keys_of_another_kind_are_known_but_never_count),
		TEST(a_key_id_is_the_digest_that_tuf_js_computes),
		TEST(what_tuf_allows_is_read),
		TEST(what_is_not_exactly_metadata_is_refused),
		TEST(another_projects_delegations_are_not_ours),
		TEST(each_kind_has_the_bound_that_stock_clients_have),
		TEST(one_key_under_two_ids_is_one_vote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
