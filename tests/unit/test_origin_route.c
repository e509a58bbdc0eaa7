#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "publisher/origin/route.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct arena *arena;

static struct route
route_of(const char *target)
{
	struct route r;
	route_read(arena, str_of(target), &r);
	return r;
}

static void
assert_text(struct str s, const char *expected)
{
	assert_true(str_eq(s, str_of(expected)));
}

static void
current_and_pinned_content_are_told_apart(void **state)
{
	struct route r = route_of("/weather/en-us/a/b.html");
	(void)state;
	assert_int_equal(r.kind, ROUTE_CONTENT);
	assert_text(r.vertical, "weather");
	assert_text(r.locale, "en-us");
	assert_text(r.path, "a/b.html");
	assert_int_equal(r.version, 0);
	assert_int_equal(r.spelling.n, 0);
	r = route_of("/@12/weather/en-us/seattle.html");
	assert_int_equal(r.kind, ROUTE_CONTENT);
	assert_int_equal(r.version, 12);
	assert_text(r.path, "seattle.html");
}

static void
a_bundle_without_a_path_is_its_index(void **state)
{
	static const char *const targets[] = { "/weather/en-us/", "/weather/en-us" };
	(void)state;
	for (size_t i = 0; i < LEN(targets); i++) {
		struct route r = route_of(targets[i]);
		assert_int_equal(r.kind, ROUTE_FOLDER);
		assert_text(r.path, "index.html");
	}
	assert_int_equal(route_of("/").kind, ROUTE_HOME);
}

static void
the_tuf_repository_has_its_names(void **state)
{
	struct route r = route_of("/metadata/timestamp.json");
	(void)state;
	assert_int_equal(r.kind, ROUTE_METADATA);
	assert_int_equal(r.version, 0);
	r = route_of("/metadata/12.weather.json");
	assert_int_equal(r.kind, ROUTE_METADATA);
	assert_int_equal(r.version, 12);
	assert_text(r.role, "weather");
	assert_int_equal(route_of("/metadata/012.root.json").kind, ROUTE_NOTHING);
	assert_int_equal(route_of("/metadata/3.timestamp.json").kind, ROUTE_NOTHING);
	assert_int_equal(route_of("/metadata/root.json").kind, ROUTE_NOTHING);
	r = route_of("/targets/weather/en-us/" HEX ".bundle.json");
	assert_int_equal(r.kind, ROUTE_MANIFEST);
	assert_int_equal(r.sha256.b[0], 0x01);
	assert_int_equal(route_of("/targets/weather/en-us/bundle.json").kind, ROUTE_NOTHING);
}

static void
blobs_are_named_by_digest_and_coding(void **state)
{
	struct route r = route_of("/blobs/" HEX);
	(void)state;
	assert_int_equal(r.kind, ROUTE_BLOB);
	assert_int_equal(r.coding, CODING_NONE);
	assert_int_equal(route_of("/blobs/" HEX ".gz").coding, CODING_GZIP);
	assert_int_equal(route_of("/blobs/" HEX ".br").coding, CODING_BR);
	assert_int_equal(route_of("/blobs/" HEX ".zst").coding, CODING_ZSTD);
	assert_int_equal(route_of("/trees/" HEX).kind, ROUTE_TREE);
	assert_int_equal(route_of("/trees/" HEX ".gz").kind, ROUTE_NOTHING);
	assert_int_equal(route_of("/blobs/" HEX ".zip").kind, ROUTE_NOTHING);
	assert_int_equal(route_of("/blobs/" HEX "0").kind, ROUTE_NOTHING);
	assert_int_equal(route_of("/blobs/ABC").kind, ROUTE_NOTHING);
}

static void
another_spelling_is_pointed_at_the_right_one(void **state)
{
	struct route r = route_of("/weather/en-us/%73eattle.html");
	(void)state;
	assert_int_equal(r.kind, ROUTE_CONTENT);
	assert_text(r.spelling, "/weather/en-us/seattle.html");
	assert_text(route_of("/%4012/weather/en-us/x.html").spelling, "/@12/weather/en-us/x.html");
	/* decoded once, not twice */
	assert_int_equal(route_of("/weather/en-us/%2573eattle.html").kind, ROUTE_NOTHING);
	r = route_of("http://example.org/weather/en-us/x.html");
	assert_int_equal(r.kind, ROUTE_CONTENT);
	assert_int_equal(route_of("http://example.org").kind, ROUTE_HOME);
}

static void
nothing_leaves_the_tree_or_has_a_second_name(void **state)
{
	static const char *const nothing[] = {
		"/weather/en-us/../fr-fr/x.html", "/weather/en-us/%2e%2e/x", "/weather//x.html",
		"/weather/en-us/x.html/", "/weather/en-us/.hidden", "/weather/en-us/x%5c..%5cy",
		"/Weather/en-us/x.html", "/weather/en_us/x.html", "/weather", "/-/", "/-/nothing",
		"/@0/weather/en-us/x", "/@-1/weather/en-us/x", "/@/weather/en-us/x", "/@1",
		"/@99999999999999999999/weather/en-us/x", "/weather/en-us/a:b", "/-/invalidate/a/b",
	};
	static const char *const bad[] = {
		"", "*", "weather/en-us/x", "/weather/en-us/%", "/weather/en-us/%0", "/a%zz",
		"/weather/en-us/%00", "/weather/en-us/x%0d%0aSet-Cookie:a", "/a b", "/\xc3\xa9",
	};
	(void)state;
	for (size_t i = 0; i < LEN(nothing); i++)
		assert_int_equal(route_of(nothing[i]).kind, ROUTE_NOTHING);
	for (size_t i = 0; i < LEN(bad); i++)
		assert_int_equal(route_of(bad[i]).kind, ROUTE_BAD);
}

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(current_and_pinned_content_are_told_apart),
		cmocka_unit_test(a_bundle_without_a_path_is_its_index),
		cmocka_unit_test(the_tuf_repository_has_its_names),
		cmocka_unit_test(blobs_are_named_by_digest_and_coding),
		cmocka_unit_test(another_spelling_is_pointed_at_the_right_one),
		cmocka_unit_test(nothing_leaves_the_tree_or_has_a_second_name),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
