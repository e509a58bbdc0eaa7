#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "publisher/release/burial.h"

#define D1 "1111111111111111111111111111111111111111111111111111111111111111"
#define D2 "2222222222222222222222222222222222222222222222222222222222222222"

static const char sample[] = "{\n"
"  \"format\": 2,\n"
"  \"vertical\": \"weather\",\n"
"  \"locale\": \"en-us\",\n"
"  \"updated\": \"2026-11-20T18:00:00Z\",\n"
"  \"first_expiry\": \"2026-11-21T00:00:00Z\",\n"
"  \"inputs\": {\"icu\":\"72.1\"},\n"
"  \"shards\": [\n"
"    {\"from\":\"00000000\",\"sha256\":\"" D1 "\",\"size\":10,\"documents\":3,\"files\":7,"
"\"content\":\"" D2 "\",\"ids\":\"" D2 "\",\"sources\":\"" D2 "\"},\n"
"    {\"from\":\"c0ffee00\",\"sha256\":\"" D2 "\",\"size\":11,\"documents\":2,\"files\":5,"
"\"content\":\"" D1 "\",\"ids\":\"" D1 "\",\"sources\":\"" D1 "\"}\n"
"  ]\n"
"}\n";

static void
a_manifest_is_read_and_written_back_byte_for_byte(void **state)
{
	struct arena *a = arena_new();
	struct manifest m;
	struct err err = { 0 };
	(void)state;
	if (!manifest_read(a, str_of(sample), &m, &err))
		fail_msg("%s", err.text);
	assert_int_equal(m.documents, 5);
	assert_int_equal(m.files, 12);
	assert_int_equal(m.shard[1].from, 0xc0ffee00);
	assert_int_equal(m.first_expiry - m.updated, 6 * 3600);
	struct buf *again = buf_in(a, MANIFEST_MAX);
	assert_true(manifest_write(&m, again, &err));
	assert_true(str_eq(buf_str(again), str_of(sample)));
	arena_free(a);
}

static void
the_shard_of_a_path_follows_from_what_is_before_its_first_dot_or_slash(void **state)
{
	struct arena *a = arena_new();
	struct manifest m;
	struct err err = { 0 };
	(void)state;
	assert_int_equal(manifest_hash(STR("seattle")), manifest_hash(STR("seattle.card.json")));
	assert_int_equal(manifest_hash(STR("assets/a.css")), manifest_hash(STR("assets/b/c.svg")));
	assert_int_not_equal(manifest_hash(STR("seattle")), manifest_hash(STR("seattle-2")));
	/* FIPS 180-2, B.1: the digest of "abc" */
	assert_int_equal(manifest_hash(STR("abc")), 0xba7816bf);
	assert_true(manifest_read(a, str_of(sample), &m, &err));
	assert_ptr_equal(shard_at(m.shard, m.shards, 0), &m.shard[0]);
	assert_ptr_equal(shard_at(m.shard, m.shards, 0xc0ffedff), &m.shard[0]);
	assert_ptr_equal(shard_at(m.shard, m.shards, 0xc0ffee00), &m.shard[1]);
	assert_ptr_equal(shard_at(m.shard, m.shards, UINT32_MAX), &m.shard[1]);
	assert_ptr_equal(manifest_shard(&m, STR("abc.html")), &m.shard[0]);
	m.shard[0].from = 1;
	assert_null(shard_at(m.shard, m.shards, 0));
	arena_free(a);
}

static void
assert_refused(const char *find, const char *put, const char *why)
{
	struct arena *a = arena_new();
	struct manifest m;
	struct err err = { 0 };
	const char *at = strstr(sample, find);
	assert_non_null(at);
	struct str text = arena_printf(a, "%.*s%s%s", (int)(at - sample), sample, put,
	    at + strlen(find));
	if (manifest_read(a, text, &m, &err))
		fail_msg("accepted '%s' for '%s'", put, find);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, why);
	arena_free(a);
}

static void
a_wrong_manifest_is_refused_by_the_member_that_is_wrong(void **state)
{
	(void)state;
	assert_refused("\"format\": 2", "\"format\": 1", "format: 1, but this version");
	assert_refused("\"format\": 2", "\"format\": 3", "format: 3, but this version");
	assert_refused("\"weather\"", "\"Weather\"", "no bundle has such a name");
	assert_refused("c0ffee00", "00000000", "shards[1]: not sorted and unique");
	assert_refused("c0ffee00", "c0ffee0", "shards[1]: from: not 8 digits");
	assert_refused("c0ffee00", "C0ffee00", "from: not hexadecimal");
	assert_refused("\"size\":10", "\"size\":0", "shards[0]: member 'size'");
	assert_refused("\"size\":10", "\"size\":99999999999", "size");
	assert_refused("\"files\":7", "\"files\":-1", "files");
	assert_refused(D1, "11", "sha256");
	assert_refused("\"icu\":\"72.1\"", "\"icu\":72", "inputs: icu: not text");
	assert_refused("2026-11-20T18", "today", "updated");
	assert_refused("\"format\": 2,", "\"format\": 2, \"format\": 2,", "duplicate");
	assert_refused("\"format\": 2,", "", "format");
	assert_refused("\"shards\": [", "\"shards\": [ 1,", "shards[0]");
}

static void
surrogate_keys_fit_every_vendor(void **state)
{
	char key[KEY_MAX + 1], other[KEY_MAX + 1];
	(void)state;
	key_bundle(STR("weather"), STR("en-us"), key);
	assert_string_equal(key, "weather.en-us");
	key_item(STR("weather"), STR("en-us"), STR("seattle"), key);
	assert_string_equal(key, "weather.en-us.seattle");
	key_item(STR("weather"), STR("en-us"), STR("eighteen-bytes-long"), key);
	assert_int_equal(strlen(key), KEY_MAX);
	assert_memory_equal(key, "weather.en-us.e-", 16);
	key_item(STR("weather"), STR("en-us"), STR("eighteen-bytes-longer"), other);
	assert_string_not_equal(key, other);
	key_path(STR("weather"), STR("en-us"), STR("seattle.html"), key);
	assert_int_equal(strlen(key), KEY_MAX);
	assert_memory_equal(key, "p.", 2);
	assert_int_equal(strspn(key + 2, "0123456789abcdef"), 30);
	key_path(STR("weather"), STR("de-de"), STR("seattle.html"), other);
	assert_string_not_equal(key, other);
}

static struct str
with_tombstones(struct arena *a, const char *list)
{
	return arena_printf(a, "%.*s,\n  \"tombstones\": [%s\n  ]\n}\n", (int)(strlen(sample) - 3),
	    sample, list);
}

static void
what_is_taken_down_is_written_back_and_found_by_id_and_path(void **state)
{
	static const char two[] = "\n    {\"id\":\"oak\",\"since\":\"2026-11-20T18:00:00Z\",\"reason\":"
	    "\"\\\"wrong\\\"\",\"who\":\"alice\"},\n    {\"id\":\"seattle\",\"since\":"
	    "\"2026-11-20T18:00:00Z\",\"reason\":\"x\",\"who\":\"bob\"}";
	struct arena *a = arena_new();
	struct manifest m;
	struct err err = { 0 };
	struct buf *out = buf_in(a, MANIFEST_MAX);
	struct str text = with_tombstones(a, two);
	(void)state;
	if (!manifest_read(a, text, &m, &err) || !manifest_write(&m, out, &err))
		fail_msg("%s", err.text);
	assert_true(str_eq(buf_str(out), text));
	assert_true(str_eq(manifest_tombstone(&m, STR("oak"))->reason, STR("\"wrong\"")));
	assert_true(str_eq(manifest_buried(&m, STR("seattle.card.json"))->who, STR("bob")));
	assert_null(manifest_buried(&m, STR("seattle-2015.html")));
	assert_null(manifest_tombstone(&m, STR("oakland")));
	arena_free(a);
}

static void
wrong_tombstones_are_refused(void **state)
{
	static const char good[] = "{\"id\":\"oak\",\"since\":\"2026-11-20T18:00:00Z\",\"reason\":\"x\","
	    "\"who\":\"y\"}";
	struct arena *a = arena_new();
	struct manifest m;
	(void)state;
	const struct str wrong[] = {
		with_tombstones(a, arena_printf(a, "%s,%s", good, good).p),
		with_tombstones(a, "{\"id\":\"../x\",\"since\":\"2026-11-20T18:00:00Z\",\"reason\":\"x\","
		    "\"who\":\"y\"}"),
		with_tombstones(a, "{\"id\":\"oak\",\"since\":\"today\",\"reason\":\"x\",\"who\":\"y\"}"),
		with_tombstones(a, "{\"id\":\"oak\",\"since\":\"2026-11-20T18:00:00Z\",\"who\":\"y\"}"),
		with_tombstones(a, "7"),
	};
	for (size_t i = 0; i < LEN(wrong); i++) {
		struct err err = { 0 };
		assert_false(manifest_read(a, wrong[i], &m, &err));
		assert_non_null(strstr(err.text, "tombstones["));
	}
	arena_free(a);
}

static void
a_list_names_a_document_by_its_id_as_a_whole_word(void **state)
{
	(void)state;
	assert_true(burial_names(STR("<a href=\"/weather/en-us/oak.html\">"), STR("oak")));
	assert_true(burial_names(STR("oak"), STR("oak")));
	assert_true(burial_names(STR("oakland, oak"), STR("oak")));
	assert_false(burial_names(STR("oakland.html red-oak.html oak-2.html"), STR("oak")));
	assert_false(burial_names(STR(""), STR("oak")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_is_read_and_written_back_byte_for_byte),
		cmocka_unit_test(
		    the_shard_of_a_path_follows_from_what_is_before_its_first_dot_or_slash),
		cmocka_unit_test(a_wrong_manifest_is_refused_by_the_member_that_is_wrong),
		cmocka_unit_test(what_is_taken_down_is_written_back_and_found_by_id_and_path),
		cmocka_unit_test(wrong_tombstones_are_refused),
		cmocka_unit_test(a_list_names_a_document_by_its_id_as_a_whole_word),
		cmocka_unit_test(surrogate_keys_fit_every_vendor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
