#include "tests/unit/lib/unit.h"

#include "base/path.h"

static void
plain_relative_lower_case_paths_are_safe(void **state)
{
	(void)state;
	assert_true(path_is_safe(STR("index.html")));
	assert_true(path_is_safe(STR("weather/en-us/seattle/card_1.json")));
	assert_true(path_is_safe(STR("a..b")));
	assert_true(key_is_safe(STR("metadata/1.Root.json")));
	assert_false(path_is_safe(STR("metadata/1.Root.json")));
}

static void
every_other_spelling_is_refused(void **state)
{
	static const struct str bad[] = { STR_INIT(""), STR_INIT("/etc/passwd"), STR_INIT("a/"),
		STR_INIT("a//b"), STR_INIT("."), STR_INIT(".."), STR_INIT("a/../b"), STR_INIT("./a"),
		STR_INIT(".git/config"), STR_INIT("a./b"), STR_INIT("a\\b"), STR_INIT("a b"),
		STR_INIT("a%2fb"), STR_INIT("a\0b"), STR_INIT("a?b"), STR_INIT("\xc3\xa4"),
		STR_INIT("c:x"), STR_INIT("a\n"), STR_INIT("/") };
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_false(path_is_safe(bad[i]));
		assert_false(key_is_safe(bad[i]));
	}
}

static void
paths_end_at_512_bytes(void **state)
{
	char text[513];
	(void)state;
	memset(text, 'a', sizeof text);
	assert_true(path_is_safe((struct str){ text, 512 }));
	assert_false(path_is_safe((struct str){ text, 513 }));
}

static void
names_are_words_joined_by_single_hyphens(void **state)
{
	(void)state;
	assert_true(name_is_safe(STR("en-us"), LOCALE_MAX));
	assert_true(name_is_safe(STR("2026-finals"), ID_MAX));
	assert_false(name_is_safe(STR(""), ID_MAX));
	assert_false(name_is_safe(STR("-a"), ID_MAX));
	assert_false(name_is_safe(STR("a-"), ID_MAX));
	assert_false(name_is_safe(STR("a--b"), ID_MAX));
	assert_false(name_is_safe(STR("a.b"), ID_MAX));
	assert_false(name_is_safe(STR("a/b"), ID_MAX));
	assert_false(name_is_safe(STR("A"), ID_MAX));
	assert_true(name_is_safe(STR("abcdefghijklmnop"), VERTICAL_MAX));
	assert_false(name_is_safe(STR("abcdefghijklmnopq"), VERTICAL_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_relative_lower_case_paths_are_safe),
		TEST(every_other_spelling_is_refused),
		TEST(paths_end_at_512_bytes),
		TEST(names_are_words_joined_by_single_hyphens),
	};
	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
