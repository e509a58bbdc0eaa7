#include "tests/unit/lib/unit.h"

#include <errno.h>

static void
context_stands_first_and_the_cause_last(void **state)
{
	struct err e;
	(void)state;
	assert_false(err_set(&e, ERR_LIMIT, "%d bytes", 7));
	assert_false(err_in(&e, "blob %s", "ab"));
	assert_false(err_in(&e, "publish"));
	assert_string_equal(e.text, "publish: blob ab: 7 bytes");
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
errno_becomes_a_code_that_says_whether_to_retry(void **state)
{
	static const struct {
		int number;
		enum err_code code;
	} cases[] = { { ENOENT, ERR_ABSENT }, { EACCES, ERR_SETUP }, { EPERM, ERR_SETUP },
		{ EROFS, ERR_SETUP }, { EEXIST, ERR_STALE }, { ENOSPC, ERR_BUSY },
		{ EIO, ERR_BUSY }, { EISDIR, ERR_SETUP } };
	struct err e;
	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		errno = cases[i].number;
		assert_false(err_sys(&e, "x"));
		assert_int_equal(e.code, cases[i].code);
	}
	errno = ENOENT;
	(void)err_sys(&e, "open %s", "a.ini");
	assert_string_equal(e.text, "open a.ini: No such file or directory");
}

static void
nothing_can_move_the_terminal_or_split_a_log_line(void **state)
{
	struct err e;
	(void)state;
	(void)err_set(&e, ERR_INPUT, "a\x1b[2Jb\r\nc\x7f" "d\xc2\x9b" "e\xff" "f\xc3\xa4");
	assert_string_equal(e.text, "a?[2Jb??c?d??e?f\xc3\xa4");
}

static void
a_long_context_does_not_hide_the_cause(void **state)
{
	struct err e = { 0 };
	char path[5000];
	(void)state;
	memset(path, 'p', sizeof path);
	path[sizeof path - 1] = '\0';
	(void)err_set(&e, ERR_BUSY, "no space left");
	(void)err_in(&e, "%s", path);
	assert_non_null(strstr(e.text, "ppp...: no space left"));
	assert_int_equal(e.code, ERR_BUSY);
	(void)err_in(&e, "publish");
	assert_non_null(strstr(e.text, ": no space left"));
	(void)err_set(&e, ERR_BUSY, "%s", path);
	(void)err_in(&e, "publish");
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

static void
long_texts_are_cut_and_stay_utf8(void **state)
{
	char long_text[2000];
	struct err e;
	(void)state;
	for (size_t i = 0; i + 1 < sizeof long_text; i += 2)
		memcpy(long_text + i, "\xc3\xa4", 2);
	long_text[sizeof long_text - 2] = '\0';
	(void)err_set(&e, ERR_INPUT, "%s", long_text);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_true(str_is_utf8(str_of(e.text)));
	(void)err_in(&e, "%s", long_text);
	assert_true(str_is_utf8(str_of(e.text)));
}

static void
an_error_may_be_built_from_itself(void **state)
{
	struct err e;
	(void)state;
	(void)err_set(&e, ERR_INPUT, "old");
	(void)err_set(&e, ERR_BUSY, "new after %s", e.text);
	assert_string_equal(e.text, "new after old");
}

static void
who_does_not_ask_why_passes_null(void **state)
{
	(void)state;
	assert_false(err_set(NULL, ERR_INPUT, "x"));
	assert_false(err_sys(NULL, "x"));
	assert_false(err_in(NULL, "x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(context_stands_first_and_the_cause_last),
		TEST(errno_becomes_a_code_that_says_whether_to_retry),
		TEST(nothing_can_move_the_terminal_or_split_a_log_line),
		TEST(a_long_context_does_not_hide_the_cause),
		TEST(long_texts_are_cut_and_stay_utf8),
		TEST(an_error_may_be_built_from_itself),
		TEST(who_does_not_ask_why_passes_null),
	};
	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
