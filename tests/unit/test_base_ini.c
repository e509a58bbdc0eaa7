#include "tests/unit/lib/unit.h"

#include "base/ini.h"

static void
entries_stand_in_the_order_of_the_file_each_with_section_and_line(void **state)
{
	static const struct {
		const char *section, *key, *value;
		unsigned line;
	} expected[] = {
		{ "", "top", "1", 1 },
		{ "target local", "store", "file:public/a b", 6 },
		{ "target local", "empty", "", 7 },
		{ "target local", "list", "a", 8 },
		{ "target local", "list", "b", 9 },
		{ "target prod", "store", "s3:x?a=b#c", 11 },
	};
	struct ini ini;
	assert_true(ini_parse_text(*state, "x.ini", STR("top = 1\n"
	    "# comment\n; comment\n\n[target local]\n  store = file:public/a b  \r\n"
	    "empty =\nlist = a\nlist = b ; why\n[target prod]\nstore=s3:x?a=b#c\n"), &ini, NULL));
	assert_int_equal(ini.n, LEN(expected));
	for (size_t i = 0; i < LEN(expected); i++) {
		assert_str(ini.entry[i].section, expected[i].section);
		assert_str(ini.entry[i].key, expected[i].key);
		assert_str(ini.entry[i].value, expected[i].value);
		assert_int_equal(ini.entry[i].line, expected[i].line);
	}
}

static void
no_text_is_no_settings(void **state)
{
	struct ini ini;
	assert_true(ini_parse_text(*state, "x.ini", STR(""), &ini, NULL));
	assert_int_equal(ini.n, 0);
	assert_true(ini_parse_text(*state, "x.ini", STR("a = b"), &ini, NULL));
	assert_int_equal(ini.n, 1);
}

static void
expect_error(struct arena *a, struct str text, const char *expected)
{
	struct ini ini;
	struct err e;
	assert_false(ini_parse_text(a, "x.ini", text, &ini, &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_string_equal(e.text, expected);
}

static void
a_wrong_line_is_named(void **state)
{
	expect_error(*state, STR("[a]\nb = c\nwhat is this\nb = d\n"),
	    "x.ini:3: neither [section] nor key = value");
	expect_error(*state, STR("[a\n"), "x.ini:1: neither [section] nor key = value");
	expect_error(*state, STR("[a]\n= c\n"), "x.ini:2: no key before the sign");
	expect_error(*state, STR("[a]\nb = \xff\n"), "x.ini: not UTF-8 text");
	expect_error(*state, STR("[a]\nb = c\0d\n"), "x.ini: not UTF-8 text");
}

static void
nothing_is_cut_off_silently(void **state)
{
	char x[5000];
	memset(x, 'x', sizeof x);
	expect_error(*state, arena_printf(*state, "\nk = %.*s\n", 5000, x), "x.ini:2: line too long");
	expect_error(*state, arena_printf(*state, "[%.*s]\nk = v\n", 60, x),
	    "x.ini:1: section name too long");
	expect_error(*state, arena_printf(*state, "[a]\n%.*s = v\n", 60, x),
	    "x.ini:2: key too long");
	struct ini ini;
	struct err e;
	assert_true(ini_parse_text(*state, "x.ini",
	    arena_printf(*state, "[%.*s] ; a comment of any length at all, really\n%.*s = %.*s\n",
	        47, x, 48, x, 140, x), &ini, &e));
	assert_int_equal(ini.entry[0].section.n, 47);
	assert_int_equal(ini.entry[0].key.n, 48);
	assert_int_equal(ini.entry[0].value.n, 140);
}

static void
a_file_too_large_or_absent_is_refused(void **state)
{
	struct ini ini;
	struct err e;
	char *big = arena_alloc(*state, 256 * 1024 + 1, 1);
	memset(big, '\n', 256 * 1024 + 1);
	assert_false(ini_parse_text(*state, "x.ini", (struct str){ big, 256 * 1024 + 1 }, &ini, &e));
	assert_false(ini_read(*state, "/nonexistent/x.ini", &ini, &e));
	assert_int_equal(e.code, ERR_ABSENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(entries_stand_in_the_order_of_the_file_each_with_section_and_line),
		TEST(no_text_is_no_settings),
		TEST(a_wrong_line_is_named),
		TEST(nothing_is_cut_off_silently),
		TEST(a_file_too_large_or_absent_is_refused),
	};
	return cmocka_run_group_tests_name("ini", tests, NULL, NULL);
}
