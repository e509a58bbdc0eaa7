#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "publisher/bundle/manifest.h"

#define D1 "1111111111111111111111111111111111111111111111111111111111111111"
#define D2 "2222222222222222222222222222222222222222222222222222222222222222"

static const char sample[] = "{\n"
"  \"documents\": [\n"
"    {\n"
"      \"expires\": \"2026-11-21T00:00:00Z\",\n"
"      \"id\": \"seattle\",\n"
"      \"provenance\": {\n"
"        \"grade\": \"ai-generated\"\n"
"      },\n"
"      \"source\": {\n"
"        \"sha256\": \"" D2 "\",\n"
"        \"size\": 7\n"
"      },\n"
"      \"title\": \"Rain\",\n"
"      \"updated\": \"2026-11-20T18:00:00Z\"\n"
"    }\n"
"  ],\n"
"  \"files\": [\n"
"    {\n"
"      \"immutable\": true,\n"
"      \"modified\": \"2026-11-20T18:00:00Z\",\n"
"      \"path\": \"assets/style.11111111.css\",\n"
"      \"sha256\": \"" D1 "\",\n"
"      \"size\": 10,\n"
"      \"type\": \"text/css\"\n"
"    },\n"
"    {\n"
"      \"document\": \"seattle\",\n"
"      \"expires\": \"2026-11-21T00:00:00Z\",\n"
"      \"gzip\": {\n"
"        \"sha256\": \"" D2 "\",\n"
"        \"size\": 99\n"
"      },\n"
"      \"modified\": \"2026-11-20T18:00:00Z\",\n"
"      \"path\": \"seattle.html\",\n"
"      \"sha256\": \"" D1 "\",\n"
"      \"size\": 100,\n"
"      \"type\": \"text/html; charset=utf-8\"\n"
"    }\n"
"  ],\n"
"  \"format\": 1,\n"
"  \"inputs\": {\n"
"    \"icu\": \"72.1\"\n"
"  },\n"
"  \"locale\": \"en-us\",\n"
"  \"updated\": \"2026-11-20T18:00:00Z\",\n"
"  \"vertical\": \"weather\"\n"
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
	assert_int_equal(m.documents, 1);
	assert_int_equal(m.files, 2);
	const struct manifest_file *f = manifest_find(&m, STR("seattle.html"));
	assert_non_null(f);
	assert_true(str_eq(f->document, STR("seattle")));
	assert_true(f->has_gzip);
	assert_int_equal(f->gzip_size, 99);
	assert_int_equal(f->size, 100);
	assert_false(f->immutable);
	assert_int_equal(f->expires - f->modified, 6 * 3600);
	assert_true(manifest_find(&m, STR("assets/style.11111111.css"))->immutable);
	assert_null(manifest_find(&m, STR("seattle")));
	assert_non_null(manifest_document(&m, STR("seattle")));
	assert_null(manifest_document(&m, STR("berlin")));
	struct buf *again = buf_in(a, MANIFEST_MAX);
	assert_true(manifest_write(&m, again, &err));
	assert_true(str_eq(buf_str(again), str_of(sample)));
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
	assert_refused("\"format\": 1", "\"format\": 2", "format");
	assert_refused("\"weather\"", "\"Weather\"", "no bundle has such a name");
	assert_refused("\"path\": \"seattle.html\"", "\"path\": \"../x\"",
	    "manifest: files[1]: path: '../x' leaves the bundle");
	assert_refused("\"path\": \"seattle.html\"", "\"path\": \"assets/style.11111111.css\"",
	    "files[1]: paths are not sorted and unique");
	assert_refused("\"path\": \"seattle.html\"", "\"path\": \"a.html\"",
	    "files[1]: paths are not sorted and unique");
	assert_refused("\"document\": \"seattle\"", "\"document\": \"berlin\"",
	    "files[1]: seattle.html: document: 'berlin' is not in the bundle");
	assert_refused("\"text/css\"", "\"text/css\\r\\nSet-Cookie: x\"", "not a media type");
	assert_refused("\"text/css\"", "\"css\"", "not a media type");
	assert_refused("\"size\": 10,", "\"size\": -1,", "size");
	assert_refused("\"size\": 10,", "\"size\": 99999999999,", "size");
	assert_refused("\"size\": 10,", "\"size\": 1.5,", "size");
	assert_refused("\"size\": 99\n", "\"size\": 100\n", "gzip: not smaller");
	assert_refused(D1, "11", "sha256");
	assert_refused("\"immutable\": true", "\"immutable\": 1", "immutable");
	assert_refused("\"id\": \"seattle\"", "\"id\": \"Sea/ttle\"", "is no document id");
	assert_refused("\"icu\": \"72.1\"", "\"icu\": 72", "inputs: icu: not text");
	assert_refused("\"updated\": \"2026-11-20T18:00:00Z\",\n  \"vertical\"",
	    "\"updated\": \"today\",\n  \"vertical\"", "updated");
	assert_refused("\"format\": 1,", "\"format\": 1, \"format\": 1,", "duplicate");
	assert_refused("\"format\": 1,", "", "format");
	assert_refused("\"documents\": [", "\"documents\": [ 1,", "documents[0]");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_is_read_and_written_back_byte_for_byte),
		cmocka_unit_test(a_wrong_manifest_is_refused_by_the_member_that_is_wrong),
		cmocka_unit_test(surrogate_keys_fit_every_vendor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
