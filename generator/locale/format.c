#include "generator/locale/format.h"

#include <stdio.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "base/clock.h"
#include "generator/document/node.h"

#define CACHE_MAX 64 /* formatters kept open, of each sort */
#define SKELETON_MAX 160
#define UNITS_MAX 512 /* UTF-16 units of one formatted value */
#define NUMBER_MAX 64 /* bytes of a number to be formatted */
#define EXPONENT_MAX 30

/* One formatter kept open; the oldest makes room. */
struct cached {
	char key[SKELETON_MAX + 64];
	void *formatter;
};
struct cache {
	struct cached item[CACHE_MAX];
	size_t next;
	void (*close)(void *);
};

/* What was formatted lately: the surfaces of a document say the same things, and so do the
 * documents of a day. A new answer takes the place of an older one. */
#define RECENT 512
#define RECENT_KEY 118
#define RECENT_TEXT 136
struct recent {
	unsigned char key_n, text_n; /* 0: free */
	char key[RECENT_KEY], text[RECENT_TEXT];
};

struct format {
	struct recent recent[RECENT];
	char icu[ULOC_FULLNAME_CAPACITY];
	struct cache numbers, dates;
	UDateTimePatternGenerator *generator;
	UFormattedNumber *result;
	UPluralRules *cardinal, *ordinal;
};

/* ICU answers U_USING_DEFAULT_WARNING for most locales: only failures count. */
static bool
icu_ok(UErrorCode code, const char *what, struct err *err)
{
	return U_SUCCESS(code) || err_set(err, ERR_INPUT, "%s: ICU says %s", what, u_errorName(code));
}

static void
number_close(void *formatter)
{
	unumf_close(formatter);
}

static void
date_close(void *formatter)
{
	udat_close(formatter);
}

static void *
cache_find(const struct cache *c, const char *key)
{
	for (size_t i = 0; i < CACHE_MAX; i++)
		if (c->item[i].formatter != NULL && strcmp(c->item[i].key, key) == 0)
			return c->item[i].formatter;
	return NULL;
}

static void
cache_add(struct cache *c, const char *key, void *formatter)
{
	struct cached *slot = &c->item[c->next];
	c->next = (c->next + 1) % CACHE_MAX;
	if (slot->formatter != NULL)
		c->close(slot->formatter);
	slot->formatter = formatter;
	memcpy(slot->key, key, strlen(key) + 1);
}

static void
cache_close(struct cache *c)
{
	for (size_t i = 0; i < CACHE_MAX; i++)
		if (c->item[i].formatter != NULL)
			c->close(c->item[i].formatter);
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

/* The key of a cache, which is also the skeleton as a C string. */
static bool
skeleton_key(struct str skeleton, struct str zone, char key[SKELETON_MAX + 64], struct err *err)
{
	if (skeleton.n > SKELETON_MAX || zone.n > 40)
		return err_set(err, ERR_LIMIT, "skeleton of %zu bytes, at most %d", skeleton.n,
		    SKELETON_MAX);
	if (memchr(skeleton.p ? skeleton.p : "", 0, skeleton.n) != NULL)
		return err_set(err, ERR_SETUP, "skeleton holds a NUL");
	(void)snprintf(key, SKELETON_MAX + 64, "%.*s\n%.*s", STR_ARG(skeleton), STR_ARG(zone));
	return true;
}

static bool
number_formatter(struct format *f, struct str skeleton, UNumberFormatter **out, struct err *err)
{
	char key[SKELETON_MAX + 64];
	UChar units[SKELETON_MAX + 1];
	int32_t n = 0;
	UErrorCode code = U_ZERO_ERROR;
	UParseError where = { 0 };
	if (!skeleton_key(skeleton, STR(""), key, err))
		return false;
	*out = cache_find(&f->numbers, key);
	if (*out != NULL)
		return true;
	u_strFromUTF8(units, LEN(units), &n, skeleton.p, (int32_t)skeleton.n, &code);
	UNumberFormatter *icu =
	    unumf_openForSkeletonAndLocaleWithError(units, n, f->icu, &where, &code);
	if (U_FAILURE(code)) {
		unumf_close(icu);
		return err_set(err, ERR_SETUP, "'%.*s' is no ICU number skeleton (%s at %d)",
		    STR_ARG(skeleton), u_errorName(code), (int)where.offset);
	}
	cache_add(&f->numbers, key, icu);
	*out = icu;
	return true;
}

/* 1e999999999 is JSON, and a billion digits. */
static bool
number_is_sane(struct str value)
{
	struct str exponent = { NULL, 0 };
	if (!text_is_number(value) || value.n > NUMBER_MAX)
		return false;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == 'e' || value.p[i] == 'E')
			exponent = (struct str){ value.p + i + 1, value.n - i - 1 };
	if (exponent.n > 0 && (exponent.p[0] == '+' || exponent.p[0] == '-'))
		exponent = (struct str){ exponent.p + 1, exponent.n - 1 };
	uint64_t size = 0;
	return exponent.n == 0 || (str_to_u64(exponent, &size) && size <= EXPONENT_MAX);
}

/* Formats into f->result. */
static bool
to_result(struct format *f, struct str value, struct str skeleton, struct err *err)
{
	UNumberFormatter *icu;
	UErrorCode code = U_ZERO_ERROR;
	if (!number_is_sane(value))
		return err_set(err, ERR_INPUT, "'%.*s' is not a number", STR_ARG(value));
	if (!number_formatter(f, skeleton, &icu, err))
		return false;
	unumf_formatDecimal(icu, value.p, (int32_t)value.n, f->result, &code);
	return icu_ok(code, "number", err);
}

/* "kind value skeleton zone", the parts apart by NUL; false if that is too long to remember. */
static bool
recent_key(char kind, const struct str part[3], char key[RECENT_KEY], size_t *n, uint32_t *hash)
{
	*n = 0;
	key[(*n)++] = kind;
	for (size_t i = 0; i < 3; i++) {
		if (part[i].n >= RECENT_KEY - *n - 1)
			return false;
		if (part[i].n > 0)
			memcpy(key + *n, part[i].p, part[i].n);
		*n += part[i].n;
		key[(*n)++] = '\0';
	}
	*hash = 2166136261u;
	for (size_t i = 0; i < *n; i++)
		*hash = (*hash ^ (unsigned char)key[i]) * 16777619u;
	*hash ^= *hash >> 15;
	return true;
}

/* Through what was formatted lately, or by `format`, which appends to `out`. */
static bool
through_recent(struct format *f, char kind, const struct str part[3], struct buf *out,
    bool (*format)(struct format *, const struct str part[3], struct buf *, struct err *),
    struct err *err)
{
	char key[RECENT_KEY];
	size_t n, from = out->n;
	uint32_t hash;
	if (!recent_key(kind, part, key, &n, &hash))
		return format(f, part, out, err);
	struct recent *r = &f->recent[hash % RECENT];
	if (r->key_n == n && memcmp(r->key, key, n) == 0) {
		buf_put(out, (struct str){ r->text, r->text_n });
		return true;
	}
	if (!format(f, part, out, err))
		return false;
	if (!out->refused && out->n - from <= sizeof r->text) {
		r->key_n = (unsigned char)n;
		r->text_n = (unsigned char)(out->n - from);
		memcpy(r->key, key, n);
		if (r->text_n > 0)
			memcpy(r->text, out->p + from, r->text_n);
	}
	return true;
}

static bool
put_number(struct format *f, const struct str part[3], struct buf *out, struct err *err)
{
	UChar units[UNITS_MAX];
	UErrorCode code = U_ZERO_ERROR;
	if (!to_result(f, part[0], part[1], err))
		return false;
	int32_t n = unumf_resultToString(f->result, units, LEN(units), &code);
	return icu_ok(code, "number", err) && put_units(out, units, n, err);
}

bool
format_number(void *ctx, struct str value, struct str skeleton, struct buf *out, struct err *err)
{
	const struct str part[3] = { value, skeleton, STR("") };
	return through_recent(ctx, 'n', part, out, put_number, err);
}

bool
format_category(void *ctx, struct str value, bool ordinal, struct str *out, struct err *err)
{
	static const char *const known[] = { "zero", "one", "two", "few", "many" };
	struct format *f = ctx;
	UChar units[16];
	char name[16];
	UErrorCode code = U_ZERO_ERROR;
	if (!to_result(f, value, STR(""), err))
		return false;
	int32_t n = uplrules_selectFormatted(ordinal ? f->ordinal : f->cardinal, f->result, units,
	    LEN(units), &code);
	u_strToUTF8(name, sizeof name, NULL, units, n, &code);
	if (!icu_ok(code, "plural", err))
		return false;
	*out = STR("other");
	for (size_t i = 0; i < LEN(known); i++)
		if (strcmp(name, known[i]) == 0)
			*out = str_of(known[i]);
	return true;
}

/* An IANA name that this ICU knows; ICU would take any other silently for GMT. */
static bool
zone_units(struct str zone, UChar out[64], int32_t *n, struct err *err)
{
	UChar canonical[64];
	UBool is_known = false;
	UErrorCode code = U_ZERO_ERROR;
	if (zone.n == 0)
		zone = STR("UTC");
	u_strFromUTF8(out, 64, n, zone.p, (int32_t)zone.n, &code);
	ucal_getCanonicalTimeZoneID(out, *n, canonical, LEN(canonical), &is_known, &code);
	if (U_FAILURE(code) || !is_known)
		return err_set(err, ERR_INPUT, "'%.*s' is no IANA time zone", STR_ARG(zone));
	return true;
}

/* "date-long", "time-short", "date-medium/time-short": the locale's own styles. False if the
 * text is none of these, which no skeleton is. */
static bool
date_style(struct str text, UDateFormatStyle *date, UDateFormatStyle *time)
{
	static const struct {
		const char *name;
		UDateFormatStyle icu;
	} styles[] = { { "full", UDAT_FULL }, { "long", UDAT_LONG }, { "medium", UDAT_MEDIUM },
		{ "short", UDAT_SHORT } };
	*date = *time = UDAT_NONE;
	while (text.n > 0) {
		struct str word = str_cut(text, '/', &text), width;
		struct str kind = str_cut(word, '-', &width);
		UDateFormatStyle *of = str_eq(kind, STR("date")) ? date
		    : str_eq(kind, STR("time"))                  ? time
		                                                 : NULL;
		if (of == NULL || *of != UDAT_NONE)
			return false;
		for (size_t i = 0; i < LEN(styles); i++)
			if (str_eq(width, str_of(styles[i].name)))
				*of = styles[i].icu;
		if (*of == UDAT_NONE)
			return false;
	}
	return *date != UDAT_NONE || *time != UDAT_NONE;
}

static bool
date_formatter(struct format *f, struct str skeleton, struct str zone, UDateFormat **out,
    struct err *err)
{
	char key[SKELETON_MAX + 64];
	UChar units[SKELETON_MAX + 1], pattern[UNITS_MAX], zone_name[64];
	int32_t n = 0, zone_n = 0;
	UErrorCode code = U_ZERO_ERROR;
	UDateFormatStyle date, time;
	UDateFormat *icu;
	if (!skeleton_key(skeleton, zone, key, err))
		return false;
	*out = cache_find(&f->dates, key);
	if (*out != NULL)
		return true;
	const bool is_style = date_style(skeleton, &date, &time);
	for (size_t i = 0; i < skeleton.n && !is_style; i++)
		if ((skeleton.p[i] | 32) < 'a' || (skeleton.p[i] | 32) > 'z')
			return err_set(err, ERR_SETUP, "'%.*s' is no ICU date skeleton",
			    STR_ARG(skeleton));
	if (skeleton.n == 0)
		return err_set(err, ERR_SETUP, "a date needs a skeleton, as in yMMMd");
	if (!zone_units(zone, zone_name, &zone_n, err))
		return false;
	if (is_style) {
		icu = udat_open(time, date, f->icu, zone_name, zone_n, NULL, 0, &code);
	} else {
		u_strFromUTF8(units, LEN(units), &n, skeleton.p, (int32_t)skeleton.n, &code);
		int32_t length =
		    udatpg_getBestPattern(f->generator, units, n, pattern, LEN(pattern), &code);
		icu = udat_open(UDAT_PATTERN, UDAT_PATTERN, f->icu, zone_name, zone_n, pattern, length,
		    &code);
	}
	if (U_FAILURE(code)) {
		udat_close(icu);
		return err_set(err, ERR_SETUP, "'%.*s' is no ICU date skeleton (%s)",
		    STR_ARG(skeleton), u_errorName(code));
	}
	cache_add(&f->dates, key, icu);
	*out = icu;
	return true;
}

/* The skeleton without hours, minutes, seconds and zones; all of it if nothing else is left. */
static struct str
day_skeleton(struct str skeleton, char kept[SKELETON_MAX])
{
	size_t n = 0;
	UDateFormatStyle date, time;
	if (date_style(skeleton, &date, &time)) {
		struct str second, first = str_cut(skeleton, '/', &second);
		return str_starts(second, STR("date")) ? second : first;
	}
	for (size_t i = 0; i < skeleton.n && i < SKELETON_MAX; i++)
		if (strchr("jJCaAbBhHkKmsSzZOvVxX", skeleton.p[i]) == NULL)
			kept[n++] = skeleton.p[i];
	return n > 0 ? (struct str){ kept, n } : skeleton;
}

/* A day alone ("2026-11-20") has no hour, and is the same day in every zone. */
static bool
put_date(struct format *f, const struct str part[3], struct buf *out, struct err *err)
{
	char day[sizeof "2026-11-20T00:00:00Z"], kept[SKELETON_MAX];
	struct str value = part[0], skeleton = part[1], zone = part[2];
	UDateFormat *icu;
	UChar units[UNITS_MAX];
	UErrorCode code = U_ZERO_ERROR;
	int64_t when;
	if (value.n == sizeof "2026-11-20" - 1) {
		(void)snprintf(day, sizeof day, "%.*sT00:00:00Z", STR_ARG(value));
		value = str_of(day);
		zone = STR("");
		skeleton = day_skeleton(skeleton, kept);
	}
	if (!time_parse(value, &when, err) || !date_formatter(f, skeleton, zone, &icu, err))
		return false;
	int32_t n = udat_format(icu, (double)when * 1000, units, LEN(units), NULL, &code);
	return icu_ok(code, "date", err) && put_units(out, units, n, err);
}

bool
format_date(void *ctx, struct str value, struct str skeleton, struct str zone, struct buf *out,
    struct err *err)
{
	const struct str part[3] = { value, skeleton, zone };
	return through_recent(ctx, 'd', part, out, put_date, err);
}

static void
format_close(void *handle)
{
	struct format *f = handle;
	cache_close(&f->numbers);
	cache_close(&f->dates);
	udatpg_close(f->generator);
	unumf_closeResult(f->result);
	uplrules_close(f->cardinal);
	uplrules_close(f->ordinal);
}

/* CLDR's first calendar for Saudi Arabia is Islamic; news there is dated by the Gregorian. */
static void
use_gregorian(struct format *f)
{
	static const UChar utc[] = { 'U', 'T', 'C', 0 };
	UErrorCode code = U_ZERO_ERROR;
	UCalendar *calendar = ucal_open(utc, 3, f->icu, UCAL_DEFAULT, &code);
	const char *type = U_SUCCESS(code) ? ucal_getType(calendar, &code) : NULL;
	if (type != NULL && strncmp(type, "islamic", 7) == 0)
		(void)uloc_setKeywordValue("calendar", "gregorian", f->icu, sizeof f->icu, &code);
	ucal_close(calendar);
}

const char *
format_icu(const struct format *f)
{
	return f->icu;
}

bool
format_open(struct arena *a, const char *icu, struct format **out, struct err *err)
{
	struct format *f = ARENA_NEW(a, struct format);
	UErrorCode code = U_ZERO_ERROR;
	(void)snprintf(f->icu, sizeof f->icu, "%s", icu);
	use_gregorian(f);
	f->numbers.close = number_close;
	f->dates.close = date_close;
	f->generator = udatpg_open(f->icu, &code);
	f->result = unumf_openResult(&code);
	f->cardinal = uplrules_openForType(f->icu, UPLURAL_TYPE_CARDINAL, &code);
	f->ordinal = uplrules_openForType(f->icu, UPLURAL_TYPE_ORDINAL, &code);
	arena_defer(a, format_close, f);
	if (U_FAILURE(code))
		return err_set(err, ERR_SETUP, "ICU's data is missing or broken: %s", u_errorName(code));
	*out = f;
	return true;
}
