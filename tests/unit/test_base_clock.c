#include "tests/unit/lib/unit.h"

#include <stdlib.h>

#include "base/clock.h"

static void
rfc3339_times_are_read_with_and_without_offset(void **state)
{
	int64_t t;
	struct err e;
	(void)state;
	assert_true(time_parse(STR("2026-11-20T18:00:00Z"), &t, &e));
	assert_int_equal(t, 1795197600);
	assert_true(time_parse(STR("2026-11-20T19:00:00.123456+01:00"), &t, &e));
	assert_int_equal(t, 1795197600);
	assert_true(time_parse(STR("2026-11-20T12:30:00-05:30"), &t, &e));
	assert_int_equal(t, 1795197600);
	assert_true(time_parse(STR("2016-12-31T23:59:60Z"), &t, &e));
	assert_int_equal(t, 1483228800);
	assert_true(time_parse(STR("2024-02-29T00:00:00Z"), &t, &e));
}

static void
impossible_times_are_refused(void **state)
{
	static const struct str bad[] = { STR_INIT(""), STR_INIT("2026-11-20"),
		STR_INIT("2026-11-20T18:00:00"), STR_INIT("2026-02-29T00:00:00Z"),
		STR_INIT("2026-13-01T00:00:00Z"), STR_INIT("2026-00-01T00:00:00Z"),
		STR_INIT("2026-01-00T00:00:00Z"), STR_INIT("2026-01-01T24:00:00Z"),
		STR_INIT("2026-01-01T00:60:00Z"), STR_INIT("2026-01-01T00:00:61Z"),
		STR_INIT("2026-01-01T00:00:00.Z"), STR_INIT("2026-01-01T00:00:00+24:00"),
		STR_INIT("2026-01-01T00:00:00Zx"), STR_INIT("2026-01-01T00:00:00Z\0"),
		STR_INIT("02026-01-01T00:00:00Z"), STR_INIT("2026-1-01T00:00:00Z"),
		STR_INIT("2026-01-01 00:00:00Z"), STR_INIT("-026-01-01T00:00:00Z") };
	struct err e;
	int64_t t = 5;
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_false(time_parse(bad[i], &t, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
	assert_int_equal(t, 5);
}

static void
times_are_written_as_20_characters_whatever_the_number(void **state)
{
	assert_str(time_rfc3339(*state, 0), "1970-01-01T00:00:00Z");
	assert_str(time_rfc3339(*state, 1795197600), "2026-11-20T18:00:00Z");
	assert_str(time_rfc3339(*state, INT64_MAX), "9999-12-31T23:59:59Z");
	assert_str(time_rfc3339(*state, INT64_MIN), "0000-01-01T00:00:00Z");
}

static void
http_dates_are_written_as_imf_fixdate(void **state)
{
	char text[30];
	(void)state;
	time_http(1795197600, text);
	assert_string_equal(text, "Fri, 20 Nov 2026 18:00:00 GMT");
	time_http(INT64_MAX, text);
	assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void
http_dates_are_read_in_their_three_forms(void **state)
{
	int64_t t = 0;
	(void)state;
	assert_true(time_parse_http(STR("Sun, 06 Nov 1994 08:49:37 GMT"), &t));
	assert_int_equal(t, 784111777);
	assert_true(time_parse_http(STR("Sunday, 06-Nov-94 08:49:37 GMT"), &t));
	assert_int_equal(t, 784111777);
	assert_true(time_parse_http(STR("Sun Nov  6 08:49:37 1994"), &t));
	assert_int_equal(t, 784111777);
	assert_true(time_parse_http(STR("Sun Nov 16 08:49:37 1994"), &t));
	assert_int_equal(t, 784111777 + 10 * 86400);
}

static void
other_http_dates_are_ignored(void **state)
{
	static const struct str bad[] = { STR_INIT(""), STR_INIT("0"), STR_INIT("-1"),
		STR_INIT("Sun, 6 Nov 1994 08:49:37 GMT"), STR_INIT("Sun, 06 Nov 1994 08:49:37"),
		STR_INIT("Sun, 06 Nov 1994 08:49:37 UTC"), STR_INIT("sun, 06 nov 1994 08:49:37 GMT"),
		STR_INIT("Sun, 31 Feb 1994 08:49:37 GMT"), STR_INIT("Sun, 06 Nov 1994 08:49:37 GMT "),
		STR_INIT("1994-11-06T08:49:37Z") };
	int64_t t;
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		assert_false(time_parse_http(bad[i], &t));
}

static void
durations_have_a_unit(void **state)
{
	int64_t s;
	struct err e;
	(void)state;
	assert_true(duration_parse(STR("90s"), &s, &e));
	assert_int_equal(s, 90);
	assert_true(duration_parse(STR("15m"), &s, &e));
	assert_int_equal(s, 900);
	assert_true(duration_parse(STR("12h"), &s, &e));
	assert_int_equal(s, 43200);
	assert_true(duration_parse(STR("30d"), &s, &e));
	assert_int_equal(s, 2592000);
	assert_true(duration_parse(STR("2y"), &s, &e));
	assert_int_equal(s, 63072000);
	assert_false(duration_parse(STR("90"), &s, &e));
	assert_false(duration_parse(STR("s"), &s, &e));
	assert_false(duration_parse(STR("-1s"), &s, &e));
	assert_false(duration_parse(STR("9007199254740992y"), &s, &e));
	assert_false(duration_parse(STR("1h30m"), &s, &e));
	assert_false(duration_parse((struct str){ NULL, 0 }, &s, &e));
	assert_int_equal(e.code, ERR_INPUT);
}

static void
source_date_epoch_stops_the_wall_clock(void **state)
{
	(void)state;
	setenv("SOURCE_DATE_EPOCH", "1795197600", 1);
	assert_int_equal(clock_now(), 1795197600);
	setenv("SOURCE_DATE_EPOCH", "soon", 1);
	assert_true(clock_now() > 1700000000);
	unsetenv("SOURCE_DATE_EPOCH");
	assert_true(clock_now() > 1700000000);
	assert_true(clock_monotonic_ms() <= clock_monotonic_ms());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rfc3339_times_are_read_with_and_without_offset),
		TEST(impossible_times_are_refused),
		TEST(times_are_written_as_20_characters_whatever_the_number),
		TEST(http_dates_are_written_as_imf_fixdate),
		TEST(http_dates_are_read_in_their_three_forms),
		TEST(other_http_dates_are_ignored),
		TEST(durations_have_a_unit),
		TEST(source_date_epoch_stops_the_wall_clock),
	};
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
