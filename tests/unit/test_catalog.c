#include "generator/catalog.h"
#include "tests/unit/lib/scratch.h"

static void
the_first_folder_that_has_a_file_wins(void **state)
{
	struct arena *a = *state;
	const char *const roots[] = { scratch_folder(a), scratch_folder(a) };
	const struct catalog c = { roots, 2 };
	struct str text;
	const char *path;
	struct err err;

	(void)scratch_file(a, roots[1], "schemas/weather.xsd", STR("shipped"));
	(void)scratch_file(a, roots[1], "schemas/sports.xsd", STR("shipped"));
	const char *own = scratch_file(a, roots[0], "schemas/weather.xsd", STR("own"));
	assert_true(catalog_read(a, &c, "schemas/weather.xsd", &text, &path, &err));
	assert_str(text, "own");
	assert_string_equal(path, own);
	assert_true(catalog_read(a, &c, "schemas/sports.xsd", &text, &path, &err));
	assert_str(text, "shipped");
	assert_true(catalog_has(a, &c, "schemas/sports.xsd"));
	assert_false(catalog_has(a, &c, "schemas"));
}

static void
what_is_in_no_folder_is_absent_and_the_error_names_them_all(void **state)
{
	struct arena *a = *state;
	const char *const roots[] = { "build/none-a", "build/none-b" };
	const struct catalog c = { roots, 2 };
	struct str text, *names;
	const char *path;
	struct err err;
	size_t n;

	assert_false(catalog_read(a, &c, "schemas/x.xsd", &text, &path, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "build/none-a, build/none-b"));
	assert_true(catalog_list(a, &c, "schemas", &names, &n, &err));
	assert_int_equal(n, 0);
}

static void
lists_are_merged_sorted_and_without_doubles(void **state)
{
	struct arena *a = *state;
	const char *const roots[] = { scratch_folder(a), scratch_folder(a) };
	const struct catalog c = { roots, 2 };
	struct str *names;
	struct err err;
	size_t n;

	(void)scratch_file(a, roots[0], "schemas/tides.xsd", STR(""));
	(void)scratch_file(a, roots[0], "schemas/sports.xsd", STR(""));
	(void)scratch_file(a, roots[1], "schemas/sports.xsd", STR(""));
	(void)scratch_file(a, roots[1], "schemas/envelope.xsd", STR(""));
	(void)scratch_file(a, roots[1], "schemas/sports.ini", STR(""));
	(void)scratch_file(a, roots[1], "schemas/folder/x.xsd", STR(""));
	assert_true(catalog_list(a, &c, "schemas", &names, &n, &err));
	assert_int_equal(n, 4);
	assert_str(names[0], "envelope.xsd");
	assert_str(names[3], "tides.xsd");
	assert_true(catalog_verticals(a, &c, &names, &n, &err));
	assert_int_equal(n, 2);
	assert_str(names[0], "sports");
	assert_str(names[1], "tides");
}

static void
no_name_leads_out_of_the_folders(void **state)
{
	static const char *const bad[] = {
		"", "/etc/passwd", "../catalog.c", "schemas/../../x", "schemas//x", "schemas/",
		"./x", "schemas/.hidden", "a\\b",
	};
	const char *const roots[] = { "." };
	const struct catalog c = { roots, 1 };
	struct str text, *names;
	const char *path;
	struct err err;
	size_t n;

	for (size_t i = 0; i < LEN(bad); i++) {
		assert_false(catalog_read(*state, &c, bad[i], &text, &path, &err));
		assert_int_equal(err.code, ERR_INPUT);
		assert_false(catalog_has(*state, &c, bad[i]));
		assert_false(catalog_list(*state, &c, bad[i], &names, &n, &err));
	}
}

static void
a_vertical_cannot_take_a_name_that_means_something_else(void **state)
{
	static const char *const bad[] = { "targets", "metadata", "blobs", "timestamp", "Two", "a--b",
		"much-too-long-a-name" };
	struct arena *a = *state;

	for (size_t i = 0; i < LEN(bad); i++) {
		const char *const roots[] = { scratch_folder(a) };
		const struct catalog c = { roots, 1 };
		const char *file = arena_printf(a, "schemas/%s.xsd", bad[i]).p;
		struct str *names;
		struct err err;
		size_t n;

		(void)scratch_file(a, roots[0], file, STR(""));
		assert_false(catalog_verticals(a, &c, &names, &n, &err));
		assert_int_equal(err.code, ERR_SETUP);
		assert_non_null(strstr(err.text, file));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_folder_that_has_a_file_wins),
		TEST(what_is_in_no_folder_is_absent_and_the_error_names_them_all),
		TEST(no_name_leads_out_of_the_folders),
		TEST(a_vertical_cannot_take_a_name_that_means_something_else),
		TEST(lists_are_merged_sorted_and_without_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
