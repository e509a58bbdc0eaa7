#include "generator/locale/phrase.h"

#include <stdio.h>
#include <unicode/ucal.h>
#include <unicode/udateintervalformat.h>
#include <unicode/uloc.h>
#include <unicode/ulistformatter.h>
#include <unicode/ureldatefmt.h>
#include <unicode/ustring.h>

#include "base/clock.h"

#define UNITS_MAX 8192 /* UTF-16 units of one phrase */
#define ITEM_UNITS 512
#define RANGES 16 /* kept open */
#define RANGE_KEY 128
#define DAY_S 86400

enum width { WIDE, SHORT, NARROW, WIDTHS };
enum list_type { AND, OR, UNIT, LIST_TYPES };

struct range {
	char key[RANGE_KEY];
	UDateIntervalFormat *icu;
};

struct phrase {
	char icu[ULOC_FULLNAME_CAPACITY];
	UListFormatter *list[LIST_TYPES][WIDTHS];
	URelativeDateTimeFormatter *relative[WIDTHS];
	struct range range[RANGES];
	size_t next_range; /* the oldest makes room */
};

static void
phrase_close(void *handle)
{
	struct phrase *p = handle;
	for (size_t w = 0; w < WIDTHS; w++) {
		for (size_t t = 0; t < LIST_TYPES; t++)
			if (p->list[t][w] != NULL)
				ulistfmt_close(p->list[t][w]);
		if (p->relative[w] != NULL)
			ureldatefmt_close(p->relative[w]);
	}
	for (size_t i = 0; i < RANGES; i++)
		if (p->range[i].icu != NULL)
			udtitvfmt_close(p->range[i].icu);
}

bool
phrase_open(struct arena *a, const char *icu, struct phrase **out, struct err *err)
{
	struct phrase *p = ARENA_NEW(a, struct phrase);
	if ((size_t)snprintf(p->icu, sizeof p->icu, "%s", icu) >= sizeof p->icu)
		return err_set(err, ERR_LIMIT, "the locale's name is too long");
	arena_defer(a, phrase_close, p);
	*out = p;
	return true;
}

static bool
icu_ok(UErrorCode code, const char *what, struct err *err)
{
	return U_SUCCESS(code) || err_set(err, ERR_INPUT, "%s: ICU says %s", what, u_errorName(code));
}

static bool
put_units(struct buf *out, const UChar *units, int32_t n, struct err *err)
{
	char text[UNITS_MAX * 3];
	int32_t bytes = 0;
	UErrorCode code = U_ZERO_ERROR;
	u_strToUTF8(text, sizeof text, &bytes, units, n, &code);
	if (!icu_ok(code, "text", err))
		return false;
	buf_put(out, (struct str){ text, (size_t)bytes });
	return true;
}

/* The words of a style, one after the other; empty at its end. */
static struct str
next_word(struct str *style)
{
	*style = str_trim(*style);
	struct str rest, word = str_cut(*style, ' ', &rest);
	*style = rest;
	return word;
}

static bool
word_is_width(struct str word, const char *wide, enum width *out)
{
	const char *const names[WIDTHS] = { wide, "short", "narrow" };
	for (size_t i = 0; i < WIDTHS; i++)
		if (names[i] != NULL && str_eq(word, str_of(names[i]))) {
			*out = (enum width)i;
			return true;
		}
	return false;
}

static bool
list_style(struct str style, enum list_type *type, enum width *width, struct err *err)
{
	static const char *const types[LIST_TYPES] = { "and", "or", "unit" };
	struct str rest = style, word = next_word(&rest);
	*type = AND;
	*width = WIDE;
	for (size_t i = 0; i < LIST_TYPES; i++)
		if (str_eq(word, str_of(types[i]))) {
			*type = (enum list_type)i;
			word = next_word(&rest);
			break;
		}
	if (word.n > 0 && word_is_width(word, NULL, width))
		word = next_word(&rest);
	return word.n == 0 || err_set(err, ERR_SETUP, "'%.*s' is no style of a list; there are and, "
	    "or, unit, each with short or narrow", STR_ARG(style));
}

static bool
list_formatter(struct phrase *p, enum list_type type, enum width width, UListFormatter **out,
    struct err *err)
{
	static const UListFormatterType types[LIST_TYPES] = { ULISTFMT_TYPE_AND, ULISTFMT_TYPE_OR,
		ULISTFMT_TYPE_UNITS };
	static const UListFormatterWidth widths[WIDTHS] = { ULISTFMT_WIDTH_WIDE,
		ULISTFMT_WIDTH_SHORT, ULISTFMT_WIDTH_NARROW };
	UErrorCode code = U_ZERO_ERROR;
	UListFormatter **kept = &p->list[type][width];
	if (*kept == NULL)
		*kept = ulistfmt_openForType(p->icu, types[type], widths[width], &code);
	*out = *kept;
	return icu_ok(code, "list", err);
}

bool
phrase_list(struct phrase *p, const struct str *item, size_t n, struct str style, struct buf *out,
    struct err *err)
{
	UListFormatter *icu;
	enum list_type type;
	enum width width;
	UErrorCode code = U_ZERO_ERROR;
	if (!list_style(style, &type, &width, err) || !list_formatter(p, type, width, &icu, err))
		return false;
	if (n > PHRASE_ITEMS)
		return err_set(err, ERR_LIMIT, "a list of %zu, at most %d", n, PHRASE_ITEMS);
	struct arena *a = arena_new();
	const UChar **units = ARENA_ARRAY(a, const UChar *, n + 1);
	int32_t *length = ARENA_ARRAY(a, int32_t, n + 1);
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++) {
		UChar *text = ARENA_ARRAY(a, UChar, ITEM_UNITS);
		u_strFromUTF8(text, ITEM_UNITS, &length[i], item[i].p, (int32_t)item[i].n, &code);
		units[i] = text;
		ok = icu_ok(code, "an item of a list", err);
	}
	UChar *said = ARENA_ARRAY(a, UChar, UNITS_MAX);
	int32_t used = 0;
	if (ok && n > 0) {
		used = ulistfmt_format(icu, units, length, (int32_t)n, said, UNITS_MAX, &code);
		ok = icu_ok(code, "list", err);
	}
	ok = ok && put_units(out, said, used, err);
	arena_free(a);
	return ok;
}

/* Largest first. */
static const struct {
	const char *name;
	int64_t seconds;
	URelativeDateTimeUnit icu;
	bool is_chosen; /* without being asked for */
} units[] = {
	{ "year", 365 * (int64_t)DAY_S, UDAT_REL_UNIT_YEAR, false },
	{ "month", 30 * (int64_t)DAY_S, UDAT_REL_UNIT_MONTH, false },
	{ "week", 7 * (int64_t)DAY_S, UDAT_REL_UNIT_WEEK, false },
	{ "day", DAY_S, UDAT_REL_UNIT_DAY, true },
	{ "hour", 3600, UDAT_REL_UNIT_HOUR, true },
	{ "minute", 60, UDAT_REL_UNIT_MINUTE, true },
	{ "second", 1, UDAT_REL_UNIT_SECOND, true },
};

struct relative {
	enum width width;
	size_t unit; /* LEN(units): as fits */
	bool numeric;
};

static bool
relative_style(struct str style, struct relative *out, struct err *err)
{
	struct str rest = style, word = next_word(&rest);
	*out = (struct relative){ WIDE, LEN(units), false };
	if (word.n > 0 && word_is_width(word, "long", &out->width))
		word = next_word(&rest);
	for (size_t i = 0; i < LEN(units); i++)
		if (str_eq(word, str_of(units[i].name))) {
			out->unit = i;
			word = next_word(&rest);
			break;
		}
	if (str_eq(word, STR("numeric"))) {
		out->numeric = true;
		word = next_word(&rest);
	}
	return word.n == 0 || err_set(err, ERR_SETUP, "'%.*s' is no style of a relative time; as in "
	    "long, short hour, narrow day numeric", STR_ARG(style));
}

/* Seconds since 1970 of a moment, or of a day's first one. */
static bool
moment_of(struct str text, int64_t *out, bool *is_day, struct err *err)
{
	char day[sizeof "2026-11-20T00:00:00Z"];
	*is_day = text.n == sizeof "2026-11-20" - 1;
	if (*is_day) {
		(void)snprintf(day, sizeof day, "%.*sT00:00:00Z", STR_ARG(text));
		text = str_of(day);
	}
	return time_parse(text, out, err);
}

bool
phrase_relative(struct phrase *p, struct str when, struct str now, struct str style,
    struct buf *out, struct err *err)
{
	static const UDateRelativeDateTimeFormatterStyle widths[WIDTHS] = { UDAT_STYLE_LONG,
		UDAT_STYLE_SHORT, UDAT_STYLE_NARROW };
	struct relative r;
	int64_t then_s, now_s;
	bool then_day, now_day;
	UChar said[ITEM_UNITS];
	UErrorCode code = U_ZERO_ERROR;
	if (!relative_style(style, &r, err) || !moment_of(when, &then_s, &then_day, err)
	    || !moment_of(now, &now_s, &now_day, err))
		return false;
	const int64_t apart = then_s - now_s, size = apart < 0 ? -apart : apart;
	size_t u = r.unit;
	for (size_t i = 0; u == LEN(units) && i < LEN(units); i++)
		if (units[i].is_chosen && (size >= units[i].seconds || i == LEN(units) - 1 || then_day))
			u = i;
	URelativeDateTimeFormatter **kept = &p->relative[r.width];
	if (*kept == NULL)
		*kept = ureldatefmt_open(p->icu, NULL, widths[r.width], UDISPCTX_CAPITALIZATION_NONE,
		    &code);
	const int64_t whole = apart / units[u].seconds; /* towards now */
	const double offset = (double)whole;
	int32_t n = U_FAILURE(code) ? 0
	    : r.numeric
	    ? ureldatefmt_formatNumeric(*kept, offset, units[u].icu, said, LEN(said), &code)
	    : ureldatefmt_format(*kept, offset, units[u].icu, said, LEN(said), &code);
	return icu_ok(code, "relative time", err) && put_units(out, said, n, err);
}

static bool
range_open(const struct phrase *p, struct str skeleton, struct str zone,
    UDateIntervalFormat **out, struct err *err)
{
	UChar letters[RANGE_KEY], name[RANGE_KEY], canonical[RANGE_KEY];
	int32_t n = 0, name_n = 0;
	UBool is_known = false;
	UErrorCode code = U_ZERO_ERROR;
	for (size_t i = 0; i < skeleton.n; i++)
		if ((skeleton.p[i] | 32) < 'a' || (skeleton.p[i] | 32) > 'z')
			return err_set(err, ERR_SETUP, "'%.*s' is no ICU date skeleton",
			    STR_ARG(skeleton));
	u_strFromUTF8(letters, LEN(letters), &n, skeleton.p, (int32_t)skeleton.n, &code);
	u_strFromUTF8(name, LEN(name), &name_n, zone.p, (int32_t)zone.n, &code);
	ucal_getCanonicalTimeZoneID(name, name_n, canonical, LEN(canonical), &is_known, &code);
	if (U_FAILURE(code) || !is_known)
		return err_set(err, ERR_INPUT, "'%.*s' is no IANA time zone", STR_ARG(zone));
	*out = udtitvfmt_open(p->icu, letters, n, name, name_n, &code);
	return U_SUCCESS(code) || err_set(err, ERR_SETUP, "'%.*s' is no ICU date skeleton (%s)",
	    STR_ARG(skeleton), u_errorName(code));
}

static bool
range_formatter(struct phrase *p, struct str skeleton, struct str zone,
    UDateIntervalFormat **out, struct err *err)
{
	char key[RANGE_KEY];
	if (zone.n == 0)
		zone = STR("UTC");
	if (skeleton.n == 0 || skeleton.n + zone.n > sizeof key - 2)
		return err_set(err, ERR_SETUP, "a range needs a short skeleton, as in MMMdjm");
	(void)snprintf(key, sizeof key, "%.*s\n%.*s", STR_ARG(skeleton), STR_ARG(zone));
	for (size_t i = 0; i < RANGES; i++)
		if (p->range[i].icu != NULL && strcmp(p->range[i].key, key) == 0) {
			*out = p->range[i].icu;
			return true;
		}
	if (!range_open(p, skeleton, zone, out, err))
		return false;
	struct range *slot = &p->range[p->next_range];
	p->next_range = (p->next_range + 1) % RANGES;
	if (slot->icu != NULL)
		udtitvfmt_close(slot->icu);
	slot->icu = *out;
	memcpy(slot->key, key, sizeof key);
	return true;
}

bool
phrase_range(struct phrase *p, struct str from, struct str to, struct str skeleton,
    struct str zone, struct buf *out, struct err *err)
{
	UDateIntervalFormat *icu;
	int64_t from_s, to_s;
	bool from_day, to_day;
	UChar said[ITEM_UNITS];
	UErrorCode code = U_ZERO_ERROR;
	if (!moment_of(from, &from_s, &from_day, err) || !moment_of(to, &to_s, &to_day, err))
		return false;
	if (to_s < from_s)
		return err_set(err, ERR_INPUT, "the range ends (%.*s) before it begins (%.*s)",
		    STR_ARG(to), STR_ARG(from));
	if (from_day)
		zone = STR(""); /* a day is the same day in every zone */
	if (!range_formatter(p, skeleton, zone, &icu, err))
		return false;
	int32_t n = udtitvfmt_format(icu, (double)from_s * 1000, (double)to_s * 1000, said,
	    LEN(said), NULL, &code);
	return icu_ok(code, "range", err) && put_units(out, said, n, err);
}
