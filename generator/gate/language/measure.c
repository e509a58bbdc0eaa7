/* Units and currencies as CLDR names them: what ICU puts beside 1, 2, 5, 11 and 1.5 of each. */
#include <stdio.h>
#include <unicode/uchar.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

#include "generator/gate/language/language.h"

static const struct {
	const char *name, *skeleton;
} measures[] = {
	{ "celsius", "unit/celsius" }, { "fahrenheit", "unit/fahrenheit" },
	{ "km/h", "unit/kilometer-per-hour" }, { "mph", "unit/mile-per-hour" },
	{ "m/s", "unit/meter-per-second" }, { "knot", "unit/knot" }, { "mm", "unit/millimeter" },
	{ "cm", "unit/centimeter" }, { "m", "unit/meter" }, { "km", "unit/kilometer" },
	{ "inch", "unit/inch" }, { "foot", "unit/foot" }, { "mile", "unit/mile" },
	{ "hpa", "unit/hectopascal" }, { "hpa", "unit/millibar" }, { "inhg", "unit/inch-ofhg" },
	{ "mmhg", "unit/millimeter-ofhg" }, { "percent", "unit/percent" }, { "permille", "unit/permille" },
	{ "minute", "unit/minute" }, { "hour", "unit/hour" }, { "day", "unit/day" },
	{ "week", "unit/week" }, { "month", "unit/month" }, { "year", "unit/year" },
};

/* What stands behind the number, if nothing but blanks stands before it; or before it, if
 * nothing stands behind ("時速 5 キロメートル" is left to words.c). */
static struct plain
words_beside(const UChar *p, int32_t n)
{
	int32_t from = 0, to = n;
	while (from < n && !u_isdigit(p[from]))
		from++;
	while (to > from && !u_isdigit(p[to - 1]))
		to--;
	int32_t start = from < to && from == 0 ? to : 0, end = start == 0 ? from : n;
	if (from >= to || (from > 0 && to < n))
		return (struct plain){ p, 0 };
	while (start < end && u_isUWhiteSpace(p[start]))
		start++;
	while (end > start && u_isUWhiteSpace(p[end - 1]))
		end--;
	return (struct plain){ p + start, end - start };
}

static void
add_measure(struct maker *m, const char *name, const char *skeleton, const char *width,
    UFormattedNumber *text)
{
	static const double samples[] = { 1, 2, 5, 11, 1.5 };
	char ascii[64];
	UChar wide[64], out[96];
	UErrorCode e = U_ZERO_ERROR;
	struct language_word w = { .kind = WORD_UNIT, .value = unit_index(str_of(name)) };
	(void)snprintf(ascii, sizeof ascii, "%s unit-width-%s", skeleton, width);
	u_charsToUChars(ascii, wide, (int32_t)strlen(ascii) + 1);
	UNumberFormatter *f = unumf_openForSkeletonAndLocale(wide, -1, m->l->icu, &e);
	for (size_t i = 0; U_SUCCESS(e) && w.value >= 0 && i < LEN(samples); i++) {
		unumf_formatDouble(f, samples[i], text, &e);
		int32_t n = unumf_resultToString(text, out, LEN(out), &e);
		struct plain words = words_beside(out, U_SUCCESS(e) && n < (int32_t)LEN(out) ? n : 0);
		if (words.n > 1)
			maker_add_word(m, plain_utf8(m->arena, words), w);
	}
	unumf_close(f);
}

void
language_add_measures(struct maker *m)
{
	UErrorCode e = U_ZERO_ERROR;
	UFormattedNumber *text = unumf_openResult(&e);
	if (U_FAILURE(e))
		return;
	for (size_t i = 0; i < LEN(measures); i++) {
		add_measure(m, measures[i].name, measures[i].skeleton, "full-name", text);
		/* "d", "m", "h" and "in" are too many other things. */
		enum dimension d = units_known[unit_index(str_of(measures[i].name))].dimension;
		if (d != SPAN && d != LENGTH)
			add_measure(m, measures[i].name, measures[i].skeleton, "short", text);
	}
	for (size_t i = 0; i < units_known_count; i++) {
		char skeleton[24];
		if (units_known[i].dimension != MONEY)
			continue;
		(void)snprintf(skeleton, sizeof skeleton, "currency/%s", units_known[i].name);
		add_measure(m, units_known[i].name, skeleton, "full-name", text);
	}
	unumf_closeResult(text);
}
