#include "tests/unit/lib/unit.h"

static void
prefixes_and_suffixes_compare_whole_bytes(void **state)
{
	(void)state;
	assert_true(str_starts(STR("blobs/ab"), STR("blobs/")));
	assert_false(str_starts(STR("blob"), STR("blobs/")));
	assert_true(str_ends(STR("a.json"), STR(".json")));
	assert_false(str_ends(STR("json"), STR(".json")));
	assert_true(str_starts(STR(""), STR("")));
	assert_true(str_ends((struct str){ NULL, 0 }, STR("")));
}

static void
order_is_by_byte_and_shorter_first(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("b"), STR("ab")) > 0);
	assert_true(str_cmp(STR("Z"), STR("a")) < 0);
	assert_true(str_cmp(STR("z"), STR("\xc3\xa4")) < 0);
	assert_true(str_cmp(STR(""), (struct str){ NULL, 0 }) == 0);
}

static void
a_cut_gives_the_part_before_and_the_rest(void **state)
{
	struct str rest;
	(void)state;
	assert_str(str_cut(STR("k=v=w"), '=', &rest), "k");
	assert_str(rest, "v=w");
	assert_str(str_cut(STR("k="), '=', &rest), "k");
	assert_non_null(rest.p);
	assert_int_equal(rest.n, 0);
	assert_str(str_cut(STR("k"), '=', &rest), "k");
	assert_null(rest.p);
}

static void
a_cut_may_write_over_its_own_input(void **state)
{
	struct str s = STR("a/b");
	(void)state;
	assert_str(str_cut(s, '/', &s), "a");
	assert_str(s, "b");
}

static void
trimming_takes_white_space_of_both_ends_only(void **state)
{
	(void)state;
	assert_str(str_trim(STR(" \t a b \r\n")), "a b");
	assert_str(str_trim(STR(" \n ")), "");
}

static void
numbers_are_digits_only_and_at_most_2_to_the_53(void **state)
{
	uint64_t n = 7;
	(void)state;
	assert_true(str_to_u64(STR("9007199254740992"), &n));
	assert_true(n == UINT64_C(1) << 53);
	assert_true(str_to_u64(STR("007"), &n));
	assert_true(n == 7);
	assert_false(str_to_u64(STR("9007199254740993"), &n));
	assert_false(str_to_u64(STR("99999999999999999999999999"), &n));
	assert_false(str_to_u64(STR(""), &n));
	assert_false(str_to_u64(STR("-1"), &n));
	assert_false(str_to_u64(STR("+1"), &n));
	assert_false(str_to_u64(STR(" 1"), &n));
	assert_false(str_to_u64(STR("1\0"), &n));
	assert_true(n == 7);
}

static void
well_formed_utf8_is_accepted_up_to_the_last_code_point(void **state)
{
	(void)state;
	assert_true(str_is_utf8(STR("")));
	assert_true(str_is_utf8(STR("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x8c\xa7")));
	assert_true(str_is_utf8(STR("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf")));
}

static void
malformed_utf8_is_refused(void **state)
{
	static const struct str bad[] = {
		STR_INIT("\xc0\x80"),         /* overlong NUL */
		STR_INIT("\xc1\xbf"),         /* overlong, two bytes */
		STR_INIT("\xe0\x9f\xbf"),     /* overlong, three */
		STR_INIT("\xf0\x8f\xbf\xbf"), /* overlong, four */
		STR_INIT("\xed\xa0\x80"),     /* surrogate */
		STR_INIT("\xed\xbf\xbf"),     /* surrogate */
		STR_INIT("\xf4\x90\x80\x80"), /* beyond U+10FFFF */
		STR_INIT("\xf5\x80\x80\x80"), STR_INIT("\xff"), STR_INIT("\x80"),
		STR_INIT("\xe2\x82"),         /* cut off */
		STR_INIT("\xe2\x28\xa1"), STR_INIT("a\0b"),
	};
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		assert_false(str_is_utf8(bad[i]));
}

static void
a_character_s_length_is_told_and_0_if_it_is_cut_off(void **state)
{
	struct str euro = STR("\xe2\x82\xac");
	(void)state;
	assert_int_equal(str_utf8_length(euro), 3);
	euro.n = 2;
	assert_int_equal(str_utf8_length(euro), 0);
	euro.n = 0;
	assert_int_equal(str_utf8_length(euro), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prefixes_and_suffixes_compare_whole_bytes),
		TEST(order_is_by_byte_and_shorter_first),
		TEST(a_cut_gives_the_part_before_and_the_rest),
		TEST(a_cut_may_write_over_its_own_input),
		TEST(trimming_takes_white_space_of_both_ends_only),
		TEST(numbers_are_digits_only_and_at_most_2_to_the_53),
		TEST(well_formed_utf8_is_accepted_up_to_the_last_code_point),
		TEST(malformed_utf8_is_refused),
		TEST(a_character_s_length_is_told_and_0_if_it_is_cut_off),
	};
	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
