#include "tests/unit/lib/unit.h"

#include "base/json.h"

static struct str
repeated(struct arena *a, char c, size_t n)
{
	char *p = arena_alloc(a, n, 1);
	memset(p, c, n);
	return (struct str){ p, n };
}

static void
any_json_value_is_read(void **state)
{
	json_t *v;
	struct err e;
	assert_true(json_parse(*state, STR(" {\"a\": [1, -2.5, true, null, \"\\u00e4\"]} "), &v, &e));
	assert_true(json_is_object(v));
	assert_true(json_parse(*state, STR("7"), &v, &e));
	assert_int_equal(json_integer_value(v), 7);
}

static void
what_is_not_strict_json_is_refused_with_its_place(void **state)
{
	static const struct str bad[] = { STR_INIT(""), STR_INIT("{"), STR_INIT("{} x"),
		STR_INIT("{\"a\":1,\"a\":2}"), STR_INIT("[1,]"), STR_INIT("{'a':1}"),
		STR_INIT("[NaN]"), STR_INIT("[1e400]"), STR_INIT("[01]"), STR_INIT("[\"\\ud800\"]"),
		STR_INIT("[\"\\u0000\"]"), STR_INIT("[\"\xff\"]"), STR_INIT("[\"\xed\xa0\x80\"]"),
		STR_INIT("[\"a\nb\"]"), STR_INIT("[1]\0"), STR_INIT("// c\n1"),
		STR_INIT("[99999999999999999999]"), STR_INIT("\xef\xbb\xbf{}") };
	json_t *v;
	struct err e;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_false(json_parse(*state, bad[i], &v, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
	assert_false(json_parse(*state, STR("{\n  \"a\": x\n}"), &v, &e));
	assert_non_null(strstr(e.text, "line 2 column 8"));
	assert_false(json_parse(*state, (struct str){ NULL, 0 }, &v, &e));
}

static void
depth_is_64_and_no_more(void **state)
{
	json_t *v;
	struct err e;
	struct str open = repeated(*state, '[', 64), close = repeated(*state, ']', 64);
	struct str fine = arena_printf(*state, "%.*s%.*s", STR_ARG(open), STR_ARG(close));
	assert_true(json_parse(*state, fine, &v, &e));
	assert_false(json_parse(*state, arena_printf(*state, "[%s]", fine.p), &v, &e));
	assert_false(json_parse(*state, repeated(*state, '[', 1000000), &v, &e));
	assert_int_equal(e.code, ERR_INPUT);
	/* brackets inside a string are no depth, also behind an escaped quote */
	assert_true(json_parse(*state, arena_printf(*state, "[\"\\\"%.*s%.*s\\\\\"]",
	    STR_ARG(open), STR_ARG(open)), &v, &e));
}

static void
canonical_json_is_sorted_dense_and_escapes_two_characters(void **state)
{
	json_t *v;
	struct err e;
	struct buf *b = buf_in(*state, 1000);
	assert_true(json_parse(*state,
	    STR("{\"b\": [1, -5, true, false, null], \"a\": \"\\n\\\"\\\\\\/\\u20ac\","
	        " \"B\": {}, \"aa\": []}"), &v, &e));
	assert_true(json_canonical(v, b, &e));
	assert_str(buf_str(b), "{\"B\":{},\"a\":\"\n\\\"\\\\/\xe2\x82\xac\",\"aa\":[],"
	    "\"b\":[1,-5,true,false,null]}");
}

static void
canonical_json_has_no_reals_and_keeps_to_its_bound(void **state)
{
	json_t *v;
	struct err e;
	assert_true(json_parse(*state, STR("{\"price\": 1.5}"), &v, &e));
	assert_false(json_canonical(v, buf_in(*state, 1000), &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_non_null(strstr(e.text, "price"));
	assert_true(json_parse(*state, STR("[1,2,3]"), &v, &e));
	assert_false(json_canonical(v, buf_in(*state, 6), &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_true(json_canonical(v, buf_in(*state, 7), &e));
}

static void
pretty_json_has_the_same_bytes_whatever_the_order(void **state)
{
	json_t *v, *w;
	struct err e;
	struct buf *a = buf_in(*state, 1000), *b = buf_in(*state, 1000);
	assert_true(json_parse(*state, STR("{\"b\":1,\"a\":[]}"), &v, &e));
	assert_true(json_parse(*state, STR("{\"a\":[],\"b\":1}"), &w, &e));
	assert_true(json_pretty(v, a, &e));
	assert_true(json_pretty(w, b, &e));
	assert_str(buf_str(a), "{\n  \"a\": [],\n  \"b\": 1\n}\n");
	assert_true(str_eq(buf_str(a), buf_str(b)));
}

static void
a_quoted_text_is_safe_in_json_and_in_a_script_element(void **state)
{
	json_t *v;
	struct err e;
	struct buf *b = buf_in(*state, 1000);
	json_quote(b, STR("</script>&\"\\\n\x01\x7f\xc2\x85\xe2\x80\xa8\xff" "a\0b\xc3\xa4"));
	assert_str(buf_str(b), "\"\\u003c/script\\u003e\\u0026\\\"\\\\\\n\\u0001\\u007f\\u0085"
	    "\\u2028\xef\xbf\xbd" "a\\u0000b\xc3\xa4\"");
	buf_reset(b);
	json_quote(b, STR("\xe2\x80\xa9\xf0\x9f\x8c\xa7"));
	assert_true(json_parse(*state, buf_str(b), &v, &e));
	assert_string_equal(json_string_value(v), "\xe2\x80\xa9\xf0\x9f\x8c\xa7");
}

static void
a_string_value_of_broken_utf8_is_mended(void **state)
{
	(void)state;
	json_t *v = json_str(STR("a\xff" "b\xe2\x82"));
	assert_string_equal(json_string_value(v), "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(v);
	v = json_str((struct str){ NULL, 0 });
	assert_string_equal(json_string_value(v), "");
	json_decref(v);
}

static void
members_are_read_by_type_and_range(void **state)
{
	json_t *v;
	const json_t *inner;
	struct str s;
	int64_t n;
	struct digest d;
	struct err e;
	assert_true(json_parse(*state, STR("{\"s\":\"x\",\"n\":5,\"t\":\"2026-11-20T18:00:00Z\","
	    "\"d\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
	    "\"o\":{},\"a\":[]}"), &v, &e));
	assert_true(field_text(v, "s", &s, &e));
	assert_str(s, "x");
	assert_true(field_int(v, "n", 0, 5, &n, &e));
	assert_int_equal(n, 5);
	assert_true(field_time(v, "t", &n, &e));
	assert_int_equal(n, 1795197600);
	assert_true(field_digest(v, "d", &d, &e));
	assert_true(field_object(v, "o", &inner, &e));
	assert_true(field_array(v, "a", &inner, &e));
	assert_true(field_text_opt(v, "none", &s, &e));
	assert_int_equal(s.n, 0);

	assert_false(field_text_opt(v, "n", &s, &e));
	assert_false(field_int(v, "n", 6, 9, &n, &e));
	assert_string_equal(e.text, "member 'n' is 5, must be 6 to 9");
	assert_false(field_int(v, "s", 0, 9, &n, &e));
	assert_string_equal(e.text, "member 's' must be an integer");
	assert_false(field_time(v, "s", &n, &e));
	assert_false(field_digest(v, "s", &d, &e));
	assert_false(field_object(v, "a", &inner, &e));
	assert_false(field_array(v, "o", &inner, &e));
	assert_false(field_text(v, "none", &s, &e));
	assert_string_equal(e.text, "member 'none' is missing");
	assert_false(field_text(NULL, "s", &s, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_json_value_is_read),
		TEST(what_is_not_strict_json_is_refused_with_its_place),
		TEST(depth_is_64_and_no_more),
		TEST(canonical_json_is_sorted_dense_and_escapes_two_characters),
		TEST(canonical_json_has_no_reals_and_keeps_to_its_bound),
		TEST(pretty_json_has_the_same_bytes_whatever_the_order),
		TEST(a_quoted_text_is_safe_in_json_and_in_a_script_element),
		TEST(a_string_value_of_broken_utf8_is_mended),
		TEST(members_are_read_by_type_and_range),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
