/* Numbers, dates and messages as readers of each locale see them. Run from the top. */
#include "generator/locale/locale.h"
#include "tests/unit/lib/node_json.h"
#include "tests/unit/lib/scratch.h"

#define NNBSP "\xE2\x80\xAF" /* narrow no-break space */
#define NBSP "\xC2\xA0"

static struct locale *
open_in(struct arena *a, const char *root, const char *tag)
{
	const char **roots = ARENA_ARRAY(a, const char *, 1);
	roots[0] = root;
	const struct catalog catalog = { roots, 1 };
	struct locale *l;
	struct err err;
	if (!locale_open(a, &catalog, STR("weather"), str_of(tag), &l, &err))
		fail_msg("%s", err.text);
	return l;
}

/* What the message file messages/<tag>.json with this content does to locale_open. */
static bool
open_with(struct arena *a, const char *tag, const char *json, struct locale **out,
    struct err *err)
{
	const char *dir = scratch_folder(a);
	const char *roots[] = { dir };
	const struct catalog catalog = { roots, 1 };
	scratch_file(a, dir, arena_printf(a, "templates/messages/%s.json", tag).p, str_of(json));
	bool ok = locale_open(a, &catalog, STR("weather"), str_of(tag), out, err);
	return ok;
}

static struct str
number(struct arena *a, const char *tag, const char *value, const char *skeleton)
{
	struct formatter f;
	struct err err;
	struct buf *out = buf_in(a, 1000);
	locale_formatter(open_in(a, ".", tag), &f);
	if (!f.number(f.ctx, str_of(value), str_of(skeleton), out, &err))
		fail_msg("%s", err.text);
	return buf_str(out);
}

static struct str
date(struct arena *a, const char *tag, const char *value, const char *skeleton, const char *zone)
{
	struct formatter f;
	struct err err;
	struct buf *out = buf_in(a, 1000);
	locale_formatter(open_in(a, ".", tag), &f);
	if (!f.date(f.ctx, str_of(value), str_of(skeleton), str_of(zone), out, &err))
		fail_msg("%s", err.text);
	return buf_str(out);
}

static const struct node *
find_in(void *ctx, struct str name)
{
	return node_at(ctx, name);
}

static bool
say(struct arena *a, const char *tag, const char *pattern, const char *data, struct str *out,
    struct err *err)
{
	struct locale *l;
	struct formatter f;
	json_t *args, *messages = json_new_object(a);
	struct buf *text = buf_in(a, 10000), *said = buf_in(a, 10000);
	assert_true(json_parse(a, str_of(data), &args, err));
	(void)json_object_set_new(messages, "key", json_str(str_of(pattern)));
	assert_true(json_pretty(messages, text, err));
	buf_putc(text, '\0');
	if (!open_with(a, tag, text->p, &l, err))
		return false;
	locale_formatter(l, &f);
	bool ok = f.message(f.ctx, STR("key"), find_in, node_from_json(a, args), said, err);
	*out = buf_str(said);
	return ok;
}

static void
assert_says_(struct arena *a, const char *tag, const char *pattern, const char *data,
    const char *expected, int line)
{
	struct str out;
	struct err err;
	if (!say(a, tag, pattern, data, &out, &err))
		fail_msg("line %d: %s", line, err.text);
	assert_str_(out, str_of(expected), __FILE__, line);
}
#define assert_says(a, tag, pattern, data, expected)                                      \
	assert_says_(a, tag, pattern, data, expected, __LINE__)

static void
assert_fails_(struct arena *a, const char *pattern, const char *data, const char *why, int line)
{
	struct str out;
	struct err err = { 0 };
	if (say(a, "en-us", pattern, data, &out, &err))
		fail_msg("line %d: no error but '%.*s'", line, STR_ARG(out));
	if (strstr(err.text, why) == NULL)
		fail_msg("line %d: '%s' lacks '%s'", line, err.text, why);
}
#define assert_fails(a, pattern, data, why) assert_fails_(a, pattern, data, why, __LINE__)

static void
a_temperature_is_shown_in_the_unit_of_the_readers_region(void **state)
{
	const char *weather = "unit/celsius usage/weather unit-width-short . sign-negative";
	assert_str(number(*state, "en-us", "12.4", weather), "54°F");
	assert_str(number(*state, "en-gb", "12.4", weather), "12°C");
	assert_str(number(*state, "fr-fr", "12.4", weather), "12" NNBSP "°C");
	assert_str(number(*state, "de-de", "-0.3", weather), "0 °C");
	assert_str(number(*state, "ar-sa", "12", weather), "١٢°م");
}

static void
wind_rain_percent_and_money_follow_the_locale(void **state)
{
	const char *wind = "unit/kilometer-per-hour usage/wind unit-width-short .";
	assert_str(number(*state, "en-us", "22", wind), "14 mph");
	assert_str(number(*state, "ja-jp", "22", wind), "22 km/h");
	assert_str(number(*state, "en-us", "12.4", "unit/millimeter usage/rainfall"), "0.49 in");
	assert_str(number(*state, "de-de", "-1.115", "percent .00 sign-except-zero"),
	    "-1,12" NBSP "%");
	assert_str(number(*state, "fr-fr", "1234.5", "currency/EUR"), "1" NNBSP "234,50" NBSP "€");
	assert_str(number(*state, "de-de", "1e3", ""), "1.000");
}

static void
a_number_that_is_none_or_monstrous_is_refused(void **state)
{
	const char *const wrong[] = { "", "abc", "1,5", "NaN", "1e999999999", "1e-99999", "0x10" };
	struct formatter f;
	struct err err;
	struct buf *out = buf_in(*state, 1000);
	locale_formatter(open_in(*state, ".", "en-us"), &f);
	for (size_t i = 0; i < LEN(wrong); i++) {
		assert_false(f.number(f.ctx, str_of(wrong[i]), STR(""), out, &err));
		assert_int_equal(err.code, ERR_INPUT);
	}
	assert_false(f.number(f.ctx, STR("1"), STR("currency/"), out, &err));
	assert_non_null(strstr(err.text, "'currency/' is no ICU number skeleton"));
}

static void
a_moment_is_shown_in_the_given_zone_and_in_utc_otherwise(void **state)
{
	const char *moment = "2026-11-20T18:05:00Z";
	assert_str(date(*state, "en-us", moment, "jm", ""), "6:05" NNBSP "PM");
	assert_str(date(*state, "en-us", moment, "jm", "America/Los_Angeles"), "10:05" NNBSP "AM");
	assert_str(date(*state, "de-de", moment, "yMMMMEEEEd", "Asia/Tokyo"),
	    "Samstag, 21. November 2026");
	assert_str(date(*state, "ja-jp", moment, "yMMMd", ""), "2026年11月20日");
}

static void
saudi_dates_are_gregorian_with_arabic_digits(void **state)
{
	assert_str(date(*state, "ar-sa", "2026-11-20T18:05:00Z", "yMMMMd", ""), "٢٠ نوفمبر ٢٠٢٦");
}

static void
a_day_without_an_hour_is_the_same_day_in_every_zone(void **state)
{
	assert_str(date(*state, "en-us", "2026-11-20", "yMMMdjmz", "America/Los_Angeles"),
	    "Nov 20, 2026");
}

static void
an_unknown_zone_or_skeleton_is_an_error_not_gmt(void **state)
{
	struct formatter f;
	struct err err;
	struct buf *out = buf_in(*state, 1000);
	struct str moment = STR("2026-11-20T18:05:00Z");
	locale_formatter(open_in(*state, ".", "en-us"), &f);
	assert_false(f.date(f.ctx, moment, STR("jm"), STR("Mars/Olympus"), out, &err));
	assert_non_null(strstr(err.text, "'Mars/Olympus' is no IANA time zone"));
	assert_false(f.date(f.ctx, moment, STR("y-M"), STR(""), out, &err));
	assert_false(f.date(f.ctx, STR("tomorrow"), STR("y"), STR(""), out, &err));
}

static void
more_skeletons_than_the_cache_holds_still_format(void **state)
{
	struct formatter f;
	struct err err;
	locale_formatter(open_in(*state, ".", "en-us"), &f);
	for (int round = 0; round < 2; round++)
		for (int i = 1; i <= 100; i++) {
			struct buf *out = buf_in(*state, 1000);
			struct str skeleton = arena_printf(*state, "integer-width/+%0*d", i, 0);
			assert_true(f.number(f.ctx, STR("7"), skeleton, out, &err));
			assert_int_equal(out->p[out->n - 1], '7');
			assert_true((int)out->n >= i);
		}
}

static void
plurals_follow_the_language(void **state)
{
	const char *ar = "{n, plural, =0 {صفر} zero {z} one {واحد} two {اثنان} few {# few} "
	    "many {# many} other {# other}}";
	assert_says(*state, "en-us", "{n, plural, one {# day} other {# days}}", "{\"n\":1}", "1 day");
	assert_says(*state, "en-us", "{n, plural, one {# day} other {# days}}", "{\"n\":1234}",
	    "1,234 days");
	assert_says(*state, "ar-sa", ar, "{\"n\":0}", "صفر");
	assert_says(*state, "ar-sa", ar, "{\"n\":2}", "اثنان");
	assert_says(*state, "ar-sa", ar, "{\"n\":3}", "٣ few");
	assert_says(*state, "ar-sa", ar, "{\"n\":11}", "١١ many");
	assert_says(*state, "ja-jp", "{n, plural, other {#件}}", "{\"n\":1}", "1件");
	assert_says(*state, "en-us", "{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}",
	    "{\"n\":22}", "22nd");
}

static void
an_offset_is_subtracted_before_the_plural_but_not_before_exact_cases(void **state)
{
	const char *p = "{n, plural, offset:1 =0 {nobody} =1 {you} one {you and # other} "
	    "other {you and # others}}";
	assert_says(*state, "en-us", p, "{\"n\":0}", "nobody");
	assert_says(*state, "en-us", p, "{\"n\":1}", "you");
	assert_says(*state, "en-us", p, "{\"n\":2}", "you and 1 other");
	assert_says(*state, "en-us", p, "{\"n\":5}", "you and 4 others");
}

static void
a_select_takes_its_case_and_other_for_anything_else(void **state)
{
	const char *p = "It {d, select, up {rose {n, number, ::.0}} other {stood still}}.";
	assert_says(*state, "de-de", p, "{\"d\":\"up\",\"n\":1.25}", "It rose 1,2.");
	assert_says(*state, "de-de", p, "{\"d\":\"sideways\"}", "It stood still.");
	assert_says(*state, "de-de", p, "{}", "It stood still.");
}

static void
apostrophes_quote_as_in_icu(void **state)
{
	assert_says(*state, "en-us", "it's '{braces}' and '' one", "{}", "it's {braces} and ' one");
	assert_says(*state, "en-us", "{n, plural, other {# is '#'}}", "{\"n\":3}", "3 is #");
	assert_says(*state, "en-us", "l'heure d'# ''{a}''", "{\"a\":\"x\"}", "l'heure d'# 'x'");
}

static void
a_style_takes_a_currency_or_a_zone_from_the_data(void **state)
{
	assert_says(*state, "en-us", "{v, number, ::currency/{i.c} .00}",
	    "{\"v\":5,\"i\":{\"c\":\"JPY\"}}", "¥5.00");
	assert_says(*state, "en-us", "{t, date, ::MMMdjm {z}}",
	    "{\"t\":\"2026-11-20T18:05:00Z\",\"z\":\"Asia/Tokyo\"}", "Nov 21, 3:05" NNBSP "AM");
	assert_says(*state, "en-us", "{t, date, ::jm {z}}", "{\"t\":\"2026-11-20T18:05:00Z\"}",
	    "6:05" NNBSP "PM");
	assert_fails(*state, "{v, number, ::currency/{c}}", "{\"v\":5,\"c\":\"USD .00\"}",
	    "cannot be part of a style");
}

static void
what_is_missing_is_named(void **state)
{
	assert_fails(*state, "{name}", "{}", "message 'key': there is no 'name' here");
	assert_fails(*state, "{n, number}", "{\"n\":\"abc\"}", "is not a number");
	assert_fails(*state, "{n, plural, other {#}}", "{\"n\":\"many\"}", "'n' is not a number");
	assert_fails(*state, "{list}", "{\"list\":[1]}", "not a single value");
}

static void
a_wrong_pattern_is_found_when_the_locale_is_opened(void **state)
{
	static const struct {
		const char *pattern, *why;
	} wrong[] = {
		{ "{", "column 2: a name is missing here" },
		{ "a } b", "column 3: a } without its {" },
		{ "{a", "expected , or }" },
		{ "{a, plural, one {x}}", "the case \"other\" is missing" },
		{ "{a, plural, lots {x} other {y}}", "not a plural category" },
		{ "{a, plural, one {x} one {z} other {y}}", "stands here twice" },
		{ "{a, select, other {x}", "a name is missing" },
		{ "{a, money}", "the type is one of" },
		{ "{a, number, #.00}", "begins with ::" },
		{ "{a, number, ::nonsense/}", "is no ICU number skeleton" },
		{ "{a, date, ::y-M}", "is no ICU date skeleton" },
		{ "{a, date, ::y Mars/Olympus}", "is no IANA time zone" },
		{ "{a, select, other {{a, select, other {{a, select, other {{a, select, other {"
		  "{a, select, other {{a, select, other {{a, select, other {{a, select, other {"
		  "{a, select, other {x}}}}}}}}}}}}}}}}}}",
		    "nested too deeply" },
		{ "'{never closed", "not closed" },
	};
	for (size_t i = 0; i < LEN(wrong); i++) {
		assert_fails(*state, wrong[i].pattern, "{}", wrong[i].why);
		assert_fails(*state, wrong[i].pattern, "{}", "messages/en-us.json: key: column");
	}
}

static void
messages_fall_back_nearest_first_and_never_to_another_script(void **state)
{
	struct arena *a = *state;
	const char *dir = scratch_folder(a);
	const char *roots[] = { dir };
	const struct catalog catalog = { roots, 1 };
	struct { const char *file, *text; } files[] = {
		{ "templates/messages/en.json", "{\"a\":\"en\",\"b\":\"en\",\"c\":\"en\",\"d\":\"en\"}" },
		{ "templates/messages/zh.json", "{\"a\":\"hans\",\"d\":\"hans\"}" },
		{ "templates/messages/zh-hant.json", "{\"a\":\"hant\",\"b\":\"hant\"}" },
		{ "templates/weather/messages/zh-hant.json", "{\"b\":\"weather hant\"}" },
		{ "templates/messages/zh-tw.json", "{\"c\":\"tw\"}" },
	};
	for (size_t i = 0; i < LEN(files); i++)
		scratch_file(a, dir, files[i].file, str_of(files[i].text));
	struct locale *l;
	struct formatter f;
	struct err err;
	assert_true(locale_open(a, &catalog, STR("weather"), STR("zh-tw"), &l, &err));
	locale_formatter(l, &f);
	const char *const keys[] = { "a", "b", "c", "d" };
	struct buf *out = buf_in(a, 100);
	for (size_t i = 0; i < LEN(keys); i++) {
		assert_true(f.message(f.ctx, str_of(keys[i]), find_in, NULL, out, &err));
		buf_putc(out, ';');
	}
	assert_str(buf_str(out), "hant;weather hant;tw;en;");
	assert_false(f.message(f.ctx, STR("e"), find_in, NULL, out, &err));
	assert_non_null(strstr(err.text, "no message 'e'"));
}

static void
a_locale_knows_its_name_tag_and_direction(void **state)
{
	const struct locale *ar = open_in(*state, ".", "ar-sa"), *zh = open_in(*state, ".", "zh-hans-cn");
	assert_str(locale_bcp47(ar), "ar-SA");
	assert_str(locale_direction(ar), "rtl");
	assert_str(locale_bcp47(zh), "zh-Hans-CN");
	assert_str(locale_direction(zh), "ltr");
	assert_str(locale_name(open_in(*state, ".", "fr-fr")), "français (France)");
}

static void
what_is_no_locale_is_refused(void **state)
{
	static const char *const wrong[] = { "", "en_US", "EN-us", "qqq-zz", "../en", "toolonglanguage" };
	const char *roots[] = { "." };
	const struct catalog catalog = { roots, 1 };
	struct locale *l;
	struct err err;
	for (size_t i = 0; i < LEN(wrong); i++) {
		assert_false(locale_open(*state, &catalog, STR("weather"), str_of(wrong[i]), &l, &err));
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void
a_changed_message_changes_the_digest(void **state)
{
	struct locale *one, *same, *other;
	struct err err;
	assert_true(open_with(*state, "en-us", "{\"a\":\"x\"}", &one, &err));
	assert_true(open_with(*state, "en-us", "{\"a\":\"x\"}", &same, &err));
	assert_true(open_with(*state, "en-us", "{\"a\":\"y\"}", &other, &err));
	assert_true(digest_eq(locale_digest(one), locale_digest(same)));
	assert_false(digest_eq(locale_digest(one), locale_digest(other)));
}

static struct formatter
formatter_in(struct arena *a, const char *tag)
{
	struct formatter f;
	locale_formatter(open_in(a, ".", tag), &f);
	return f;
}

static struct str
listed(struct arena *a, const char *tag, const char *style, size_t n)
{
	static const struct str names[] = { STR_INIT("Ana"), STR_INIT("Bo"), STR_INIT("Cy") };
	struct formatter f = formatter_in(a, tag);
	struct err err;
	struct buf *out = buf_in(a, 1000);
	if (!f.list(f.ctx, names, n, str_of(style), out, &err))
		fail_msg("%s", err.text);
	return buf_str(out);
}

static void
a_list_reads_as_a_sentence_of_the_language(void **state)
{
	assert_str(listed(*state, "en-us", "and", 3), "Ana, Bo, and Cy");
	assert_str(listed(*state, "en-gb", "and", 3), "Ana, Bo and Cy");
	assert_str(listed(*state, "de-de", "or", 2), "Ana oder Bo");
	assert_str(listed(*state, "ja-jp", "", 3), "Ana、Bo、Cy");
	assert_str(listed(*state, "en-us", "unit narrow", 2), "Ana Bo");
	assert_str(listed(*state, "en-us", "and", 1), "Ana");
	assert_str(listed(*state, "en-us", "and", 0), "");
}

static struct str
seen_from(struct arena *a, const char *tag, const char *when, const char *now, const char *style)
{
	struct formatter f = formatter_in(a, tag);
	struct err err;
	struct buf *out = buf_in(a, 1000);
	if (!f.relative(f.ctx, str_of(when), str_of(now), str_of(style), out, &err))
		fail_msg("%s", err.text);
	return buf_str(out);
}

static void
a_relative_time_takes_the_largest_unit_that_fits(void **state)
{
	const char *now = "2026-11-20T18:00:00Z";
	assert_str(seen_from(*state, "en-us", "2026-11-20T21:59:00Z", now, "long"), "in 3 hours");
	assert_str(seen_from(*state, "en-us", "2026-11-20T17:58:30Z", now, "short"), "1 min. ago");
	assert_str(seen_from(*state, "de-de", "2026-11-19T17:00:00Z", now, "long"), "gestern");
	assert_str(seen_from(*state, "de-de", "2026-11-19T17:00:00Z", now, "long numeric"), "vor 1 Tag");
	assert_str(seen_from(*state, "fr-ca", "2026-11-22", "2026-11-20", "long"), "après-demain");
	assert_str(seen_from(*state, "en-us", "2026-11-20", "2026-11-20", "long"), "today");
	assert_str(seen_from(*state, "en-us", now, now, "long"), "now");
	assert_str(seen_from(*state, "ar-sa", "2026-11-20T15:00:00Z", now, "long"), "قبل ٣ ساعات");
	assert_str(seen_from(*state, "pl-pl", "2026-12-20T18:00:00Z", now, "long week"),
	    "za 4 tygodnie");
}

static void
a_range_says_the_same_part_once(void **state)
{
	struct formatter f = formatter_in(*state, "en-us");
	struct err err;
	struct buf *out = buf_in(*state, 1000);
	assert_true(f.range(f.ctx, STR("2026-11-20"), STR("2026-11-23"), STR("yMMMd"), STR(""), out,
	    &err));
	assert_str(buf_str(out), "Nov 20\u2009–\u200923, 2026");
	assert_false(f.range(f.ctx, STR("2026-11-23"), STR("2026-11-20"), STR("yMMMd"), STR(""), out,
	    &err));
	assert_non_null(strstr(err.text, "ends (2026-11-20) before it begins"));
	assert_false(f.range(f.ctx, STR("2026-11-20T00:00:00Z"), STR("2026-11-23T00:00:00Z"),
	    STR("yMMMd"), STR("Mars/Olympus"), out, &err));
	assert_int_equal(err.code, ERR_INPUT);
}

static void
a_style_that_does_not_exist_is_the_templates_fault(void **state)
{
	static const struct str one[] = { STR_INIT("x") };
	struct formatter f = formatter_in(*state, "en-us");
	struct err err;
	struct buf *out = buf_in(*state, 1000);
	assert_false(f.list(f.ctx, one, 1, STR("nor"), out, &err));
	assert_int_equal(err.code, ERR_SETUP);
	assert_false(f.relative(f.ctx, STR("2026-11-20"), STR("2026-11-20"), STR("long fortnight"), out,
	    &err));
	assert_int_equal(err.code, ERR_SETUP);
	assert_false(f.date(f.ctx, STR("2026-11-20"), STR("date-huge"), STR(""), out, &err));
	assert_int_equal(err.code, ERR_SETUP);
}

static void
a_date_may_be_in_the_locales_own_style(void **state)
{
	const char *moment = "2026-11-20T18:05:00Z";
	assert_str(date(*state, "de-de", moment, "date-full", ""), "Freitag, 20. November 2026");
	assert_str(date(*state, "en-gb", moment, "time-short", "Asia/Tokyo"), "03:05");
	assert_str(date(*state, "en-us", moment, "date-medium/time-short", ""),
	    "Nov 20, 2026, 6:05" NNBSP "PM");
	assert_str(date(*state, "en-us", "2026-11-20", "time-short/date-medium", ""), "Nov 20, 2026");
}

#define FSI "\u2068"
#define PDI "\u2069"

static void
a_value_of_the_other_direction_is_set_apart_in_its_sentence(void **state)
{
	const char *data = "{\"m\":\"gpt-5 (mini)\",\"n\":3}";
	assert_says(*state, "ar-sa", "كتبه {m} في {n}", data, "كتبه " FSI "gpt-5 (mini)" PDI " في ٣");
	assert_says(*state, "he-il", "מאת {m}.", "{\"m\":\"דנה\"}", "מאת דנה.");
	assert_says(*state, "en-us", "By {m}.", "{\"m\":\"דנה 3\"}", "By " FSI "דנה 3" PDI ".");
	assert_says(*state, "en-us", "By {m}.", data, "By gpt-5 (mini).");
}

static void
items_of_a_list_are_set_apart_too(void **state)
{
	assert_str(listed(*state, "he-il", "and", 2), FSI "Ana" PDI " ו-" FSI "Bo" PDI);
}

static void
pseudo_locales_change_words_and_leave_values_alone(void **state)
{
	struct arena *a = *state;
	const char *dir = scratch_folder(a);
	const char *roots[] = { dir };
	const struct catalog catalog = { roots, 1 };
	struct err err;
	scratch_file(a, dir, "templates/messages/en.json", STR("{\"k\":\"Hello {n}\"}"));
	scratch_file(a, dir, "templates/messages/root.json", STR("{\"r\":\"left\"}"));
	static const struct { const char *tag, *said, *direction; } cases[] = {
		{ "en-xa", "[Ĥééļļöö Ana]left", "ltr" },
		{ "ar-xb", "\u200F\u202EHello\u202C\u200F " FSI "Ana" PDI "left", "rtl" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct locale *l;
		struct formatter f;
		json_t *args;
		struct buf *out = buf_in(a, 1000);
		assert_true(locale_open(a, &catalog, STR("weather"), str_of(cases[i].tag), &l, &err));
		assert_true(json_parse(a, STR("{\"n\":\"Ana\"}"), &args, &err));
		locale_formatter(l, &f);
		assert_true(f.message(f.ctx, STR("k"), find_in, node_from_json(a, args), out, &err));
		assert_true(f.message(f.ctx, STR("r"), find_in, NULL, out, &err));
		assert_str(buf_str(out), cases[i].said);
		assert_str(locale_direction(l), cases[i].direction);
	}
}

static void
assert_chain(struct arena *a, const char *tag, const char *expected)
{
	struct str chain[LOCALE_CHAIN];
	struct buf *out = buf_in(a, 1000);
	size_t n = locale_chain(a, str_of(tag), chain);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%.*s", i > 0 ? " " : "", STR_ARG(chain[i]));
	assert_str(buf_str(out), expected);
}

static void
messages_fall_back_along_cldrs_parents(void **state)
{
	assert_chain(*state, "fr-ca", "fr-ca fr fr-latn en root");
	assert_chain(*state, "es-mx", "es-mx es-419 es es-latn en root");
	assert_chain(*state, "en-gb", "en-gb en-001 en en-latn root");
	assert_chain(*state, "pt-pt", "pt-pt pt pt-latn en root");
	assert_chain(*state, "zh-hk", "zh-hk zh-hant en root");
	assert_chain(*state, "zh-cn", "zh-cn zh zh-hans en root");
	assert_chain(*state, "nb-no", "nb-no nb no nb-latn en root");
	assert_chain(*state, "no", "no no-latn nb en root");
	assert_chain(*state, "en-xa", "en-xa en root");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_temperature_is_shown_in_the_unit_of_the_readers_region),
		TEST(wind_rain_percent_and_money_follow_the_locale),
		TEST(a_number_that_is_none_or_monstrous_is_refused),
		TEST(a_moment_is_shown_in_the_given_zone_and_in_utc_otherwise),
		TEST(saudi_dates_are_gregorian_with_arabic_digits),
		TEST(a_day_without_an_hour_is_the_same_day_in_every_zone),
		TEST(an_unknown_zone_or_skeleton_is_an_error_not_gmt),
		TEST(more_skeletons_than_the_cache_holds_still_format),
		TEST(plurals_follow_the_language),
		TEST(an_offset_is_subtracted_before_the_plural_but_not_before_exact_cases),
		TEST(a_select_takes_its_case_and_other_for_anything_else),
		TEST(apostrophes_quote_as_in_icu),
		TEST(a_style_takes_a_currency_or_a_zone_from_the_data),
		TEST(what_is_missing_is_named),
		TEST(a_wrong_pattern_is_found_when_the_locale_is_opened),
		TEST(messages_fall_back_nearest_first_and_never_to_another_script),
		TEST(a_locale_knows_its_name_tag_and_direction),
		TEST(what_is_no_locale_is_refused),
		TEST(a_changed_message_changes_the_digest),
		TEST(a_list_reads_as_a_sentence_of_the_language),
		TEST(a_relative_time_takes_the_largest_unit_that_fits),
		TEST(a_range_says_the_same_part_once),
		TEST(a_style_that_does_not_exist_is_the_templates_fault),
		TEST(a_date_may_be_in_the_locales_own_style),
		TEST(a_value_of_the_other_direction_is_set_apart_in_its_sentence),
		TEST(items_of_a_list_are_set_apart_too),
		TEST(pseudo_locales_change_words_and_leave_values_alone),
		TEST(messages_fall_back_along_cldrs_parents),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
