#include "tests/unit/lib/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"

static FILE *capture;
static int real_stderr;

static void
capture_begin(void)
{
	capture = tmpfile();
	assert_non_null(capture);
	real_stderr = dup(STDERR_FILENO);
	assert_true(dup2(fileno(capture), STDERR_FILENO) >= 0);
}

static struct str
capture_end(struct arena *a)
{
	char *text = arena_alloc(a, 1 << 20, 1);
	(void)dup2(real_stderr, STDERR_FILENO);
	(void)close(real_stderr);
	rewind(capture);
	size_t n = fread(text, 1, (1 << 20) - 1, capture);
	(void)fclose(capture);
	return (struct str){ text, n };
}

static int
defaults(void **state)
{
	log_json(false);
	log_threshold(LOG_INFO);
	return arena_setup(state);
}

static void
people_get_one_plain_line(void **state)
{
	capture_begin();
	log_event(LOG_WARN, "store is slow",
	    LOG_FIELDS(LOG_TEXT("store", STR("file:public")), LOG_INT("ms", 1200),
	        LOG_TEXT("why", STR("two words"))));
	log_event(LOG_INFO, "ready", NULL);
	assert_str(capture_end(*state),
	    "warning: store is slow store=file:public ms=1200 why=\"two words\"\ninfo: ready\n");
}

static void
machines_get_one_json_object_a_line(void **state)
{
	json_t *v;
	struct str text;
	int64_t n;
	struct err e;
	log_json(true);
	capture_begin();
	log_event(LOG_ERROR, "x", LOG_FIELDS(LOG_TEXT("t", STR("a\"b\n")), LOG_INT("n", -5)));
	struct str line = capture_end(*state);
	assert_true(json_parse(*state, line, &v, &e));
	assert_true(field_text(v, "level", &text, &e));
	assert_str(text, "error");
	assert_true(field_text(v, "t", &text, &e));
	assert_str(text, "a\"b\n");
	assert_true(field_int(v, "n", -5, -5, &n, &e));
	assert_true(field_time(v, "time", &n, &e));
	assert_true(str_ends(line, STR("}\n")));
}

static void
below_the_threshold_nothing_is_said(void **state)
{
	capture_begin();
	log_event(LOG_DEBUG, "a", NULL);
	log_threshold(LOG_ERROR);
	log_event(LOG_WARN, "b", NULL);
	log_threshold(LOG_DEBUG);
	log_event(LOG_DEBUG, "c", NULL);
	assert_str(capture_end(*state), "debug: c\n");
}

static void
hostile_values_stay_on_their_line_and_are_cut(void **state)
{
	char big[4000];
	memset(big, 'x', sizeof big);
	capture_begin();
	log_event(LOG_INFO, "e", LOG_FIELDS(LOG_TEXT("v",
	    STR("a\ninfo: forged\x1b[2J\xc2\x9b\xff"))));
	log_event(LOG_INFO, "e", LOG_FIELDS(LOG_TEXT("v", ((struct str){ big, sizeof big }))));
	struct str first, rest = capture_end(*state);
	first = str_cut(rest, '\n', &rest);
	assert_str(first, "info: e v=\"a\\ninfo: forged\\u001b[2J\\u009b\xef\xbf\xbd\"");
	assert_int_equal(str_cut(rest, '\n', &rest).n, strlen("info: e v=") + 512);
	assert_int_equal(rest.n, 0);
}

static void *
chatter(void *arg)
{
	for (int i = 0; i < 200; i++)
		log_event(LOG_INFO, "line", LOG_FIELDS(LOG_TEXT("who", str_of(arg))));
	return NULL;
}

static void
threads_do_not_mix_their_lines(void **state)
{
	static char a_name[] = "aaaaaaaaaaaaaaaa", b_name[] = "bbbbbbbbbbbbbbbb";
	pthread_t a, b;
	capture_begin();
	assert_int_equal(pthread_create(&a, NULL, chatter, a_name), 0);
	assert_int_equal(pthread_create(&b, NULL, chatter, b_name), 0);
	(void)pthread_join(a, NULL);
	(void)pthread_join(b, NULL);
	struct str rest = capture_end(*state);
	int lines = 0;
	while (rest.n > 0) {
		struct str line = str_cut(rest, '\n', &rest);
		assert_true(str_eq(line, STR("info: line who=aaaaaaaaaaaaaaaa"))
		    || str_eq(line, STR("info: line who=bbbbbbbbbbbbbbbb")));
		lines++;
	}
	assert_int_equal(lines, 400);
}

#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, defaults, arena_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(people_get_one_plain_line),
		LOG_TEST(machines_get_one_json_object_a_line),
		LOG_TEST(below_the_threshold_nothing_is_said),
		LOG_TEST(hostile_values_stay_on_their_line_and_are_cut),
		LOG_TEST(threads_do_not_mix_their_lines),
	};
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
