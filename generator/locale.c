#include "generator/locale.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/ulocdata.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "base/clock.h"
#include "base/path.h"
#include "generator/message.h"

#define CACHE_MAX 64    /* formatters kept open, of each sort */
#define SKELETON_MAX 160
#define UNITS_MAX 512   /* UTF-16 units of one formatted value */
#define NUMBER_MAX 64   /* bytes of a number to be formatted */
#define EXPONENT_MAX 30
#define CHAIN_MAX 6

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

struct pattern {
	struct str key;
	const struct message *message;
};

struct locale {
	struct arena *arena;
	struct str tag, bcp47, name;
	char icu[ULOC_FULLNAME_CAPACITY];
	bool is_rtl;
	struct pattern *pattern; /* sorted by key */
	size_t patterns;
	struct digest digest;
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

static void
locale_close(void *handle)
{
	struct locale *l = handle;
	cache_close(&l->numbers);
	cache_close(&l->dates);
	udatpg_close(l->generator);
	unumf_closeResult(l->result);
	uplrules_close(l->cardinal);
	uplrules_close(l->ordinal);
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
		return err_set(err, ERR_INPUT, "skeleton holds a NUL");
	(void)snprintf(key, SKELETON_MAX + 64, "%.*s\n%.*s", STR_ARG(skeleton), STR_ARG(zone));
	return true;
}

static bool
number_formatter(struct locale *l, struct str skeleton, UNumberFormatter **out, struct err *err)
{
	char key[SKELETON_MAX + 64];
	UChar units[SKELETON_MAX + 1];
	int32_t n = 0;
	UErrorCode code = U_ZERO_ERROR;
	UParseError where = { 0 };
	if (!skeleton_key(skeleton, STR(""), key, err))
		return false;
	*out = cache_find(&l->numbers, key);
	if (*out != NULL)
		return true;
	u_strFromUTF8(units, LEN(units), &n, skeleton.p, (int32_t)skeleton.n, &code);
	UNumberFormatter *f =
	    unumf_openForSkeletonAndLocaleWithError(units, n, l->icu, &where, &code);
	if (U_FAILURE(code)) {
		unumf_close(f);
		return err_set(err, ERR_INPUT, "'%.*s' is no ICU number skeleton (%s at %d)",
		    STR_ARG(skeleton), u_errorName(code), (int)where.offset);
	}
	cache_add(&l->numbers, key, f);
	*out = f;
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

/* Formats into l->result. */
static bool
format_number(struct locale *l, struct str value, struct str skeleton, struct err *err)
{
	UNumberFormatter *f;
	UErrorCode code = U_ZERO_ERROR;
	if (!number_is_sane(value))
		return err_set(err, ERR_INPUT, "'%.*s' is not a number", STR_ARG(value));
	if (!number_formatter(l, skeleton, &f, err))
		return false;
	unumf_formatDecimal(f, value.p, (int32_t)value.n, l->result, &code);
	return icu_ok(code, "number", err);
}

static bool
locale_number(void *ctx, struct str value, struct str skeleton, struct buf *out, struct err *err)
{
	struct locale *l = ctx;
	UChar units[UNITS_MAX];
	UErrorCode code = U_ZERO_ERROR;
	if (!format_number(l, value, skeleton, err))
		return false;
	int32_t n = unumf_resultToString(l->result, units, LEN(units), &code);
	return icu_ok(code, "number", err) && put_units(out, units, n, err);
}

static bool
locale_category(void *ctx, struct str value, bool ordinal, struct str *out, struct err *err)
{
	static const char *const known[] = { "zero", "one", "two", "few", "many" };
	struct locale *l = ctx;
	UChar units[16];
	char name[16];
	UErrorCode code = U_ZERO_ERROR;
	if (!format_number(l, value, STR(""), err))
		return false;
	int32_t n = uplrules_selectFormatted(ordinal ? l->ordinal : l->cardinal, l->result, units,
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

static bool
date_formatter(struct locale *l, struct str skeleton, struct str zone, UDateFormat **out,
    struct err *err)
{
	char key[SKELETON_MAX + 64];
	UChar units[SKELETON_MAX + 1], pattern[UNITS_MAX], zone_name[64];
	int32_t n = 0, zone_n = 0;
	UErrorCode code = U_ZERO_ERROR;
	if (!skeleton_key(skeleton, zone, key, err))
		return false;
	*out = cache_find(&l->dates, key);
	if (*out != NULL)
		return true;
	for (size_t i = 0; i < skeleton.n; i++)
		if ((skeleton.p[i] | 32) < 'a' || (skeleton.p[i] | 32) > 'z')
			return err_set(err, ERR_INPUT, "'%.*s' is no ICU date skeleton",
			    STR_ARG(skeleton));
	if (skeleton.n == 0)
		return err_set(err, ERR_INPUT, "a date needs a skeleton, as in yMMMd");
	if (!zone_units(zone, zone_name, &zone_n, err))
		return false;
	u_strFromUTF8(units, LEN(units), &n, skeleton.p, (int32_t)skeleton.n, &code);
	int32_t length = udatpg_getBestPattern(l->generator, units, n, pattern, LEN(pattern), &code);
	UDateFormat *f =
	    udat_open(UDAT_PATTERN, UDAT_PATTERN, l->icu, zone_name, zone_n, pattern, length, &code);
	if (U_FAILURE(code)) {
		udat_close(f);
		return err_set(err, ERR_INPUT, "'%.*s' is no ICU date skeleton (%s)",
		    STR_ARG(skeleton), u_errorName(code));
	}
	cache_add(&l->dates, key, f);
	*out = f;
	return true;
}

/* The skeleton without hours, minutes, seconds and zones; all of it if nothing else is left. */
static struct str
day_skeleton(struct str skeleton, char kept[SKELETON_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < skeleton.n && i < SKELETON_MAX; i++)
		if (strchr("jJCaAbBhHkKmsSzZOvVxX", skeleton.p[i]) == NULL)
			kept[n++] = skeleton.p[i];
	return n > 0 ? (struct str){ kept, n } : skeleton;
}

/* A day alone ("2026-11-20") has no hour, and is the same day in every zone. */
static bool
locale_date(void *ctx, struct str value, struct str skeleton, struct str zone, struct buf *out,
    struct err *err)
{
	struct locale *l = ctx;
	char day[sizeof "2026-11-20T00:00:00Z"], kept[SKELETON_MAX];
	UDateFormat *f;
	UChar units[UNITS_MAX];
	UErrorCode code = U_ZERO_ERROR;
	int64_t when;
	if (value.n == sizeof "2026-11-20" - 1) {
		(void)snprintf(day, sizeof day, "%.*sT00:00:00Z", STR_ARG(value));
		value = str_of(day);
		zone = STR("");
		skeleton = day_skeleton(skeleton, kept);
	}
	if (!time_parse(value, &when, err) || !date_formatter(l, skeleton, zone, &f, err))
		return false;
	int32_t n = udat_format(f, (double)when * 1000, units, LEN(units), NULL, &code);
	return icu_ok(code, "date", err) && put_units(out, units, n, err);
}

static struct message_env
env_of(struct locale *l)
{
	return (struct message_env){ l, locale_number, locale_date, locale_category };
}

static int
pattern_cmp(const void *a, const void *b)
{
	return str_cmp(((const struct pattern *)a)->key, ((const struct pattern *)b)->key);
}

/* Among the first n, which are sorted. */
static const struct pattern *
pattern_find(const struct locale *l, size_t n, struct str key)
{
	const struct pattern wanted = { .key = key };
	return n == 0 ? NULL : bsearch(&wanted, l->pattern, n, sizeof wanted, pattern_cmp);
}

static bool
locale_message(void *ctx, struct str key,
    const struct node *(*find)(void *find_ctx, struct str name), void *find_ctx, struct buf *out,
    struct err *err)
{
	struct locale *l = ctx;
	const struct pattern *found = pattern_find(l, l->patterns, key);
	if (found == NULL)
		return err_set(err, ERR_INPUT, "no message '%.*s' in messages/%.*s.json or the "
		    "locales it falls back to", STR_ARG(key), STR_ARG(l->tag));
	const struct message_env env = env_of(l);
	return message_format(found->message, &env, find, find_ctx, out, err)
	    || err_in(err, "message '%.*s'", STR_ARG(key));
}

static bool
is_listed(const struct str *list, size_t n, struct str one)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], one))
			return true;
	return false;
}

/* "zh_Hant_TW" as "zh-hant-tw". */
static struct str
tag_of(struct arena *a, const char *icu)
{
	struct str tag = arena_copy(a, str_of(icu));
	char *p = arena_alloc(a, tag.n + 1, 1);
	for (size_t i = 0; i < tag.n; i++) {
		p[i] = tag.p[i];
		if (p[i] == '_')
			p[i] = '-';
		else if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 32);
	}
	return (struct str){ p, tag.n };
}

static void
script_of(const char *icu, char out[ULOC_SCRIPT_CAPACITY])
{
	char full[ULOC_FULLNAME_CAPACITY];
	UErrorCode code = U_ZERO_ERROR;
	(void)uloc_addLikelySubtags(icu, full, sizeof full, &code);
	(void)uloc_getScript(U_SUCCESS(code) ? full : icu, out, ULOC_SCRIPT_CAPACITY, &code);
}

/* fr-ca, fr, en; zh-tw, zh-hant, en: never over to another script but for English at last. */
static size_t
chain_of(struct locale *l, struct str chain[CHAIN_MAX])
{
	char at[ULOC_FULLNAME_CAPACITY], up[ULOC_FULLNAME_CAPACITY], full[ULOC_FULLNAME_CAPACITY];
	char script[ULOC_SCRIPT_CAPACITY], other[ULOC_SCRIPT_CAPACITY];
	UErrorCode code = U_ZERO_ERROR;
	size_t n = 0;
	chain[n++] = l->tag;
	script_of(l->icu, script);
	(void)uloc_addLikelySubtags(l->icu, full, sizeof full, &code);
	const char *const starts[] = { l->icu, full };
	for (size_t i = 0; i < LEN(starts) && U_SUCCESS(code); i++) {
		(void)snprintf(at, sizeof at, "%s", starts[i]);
		for (;;) {
			(void)uloc_getParent(at, up, sizeof up, &code);
			script_of(up, other);
			if (U_FAILURE(code) || up[0] == '\0' || strcmp(script, other) != 0)
				break;
			struct str tag = tag_of(l->arena, up);
			if (!is_listed(chain, n, tag) && n < CHAIN_MAX - 1)
				chain[n++] = tag;
			memcpy(at, up, sizeof at);
		}
	}
	if (!is_listed(chain, n, STR("en")))
		chain[n++] = STR("en");
	return n;
}

/* Add what one file has and no nearer file had; its text counts into the digest. */
static bool
read_patterns(struct locale *l, const struct catalog *catalog, struct str name, size_t *room,
    struct buf *seen, struct err *err)
{
	struct str text;
	const char *path, *key;
	json_t *root, *value;
	const size_t nearer = l->patterns;
	if (!catalog_has(l->arena, catalog, name.p))
		return true;
	if (!catalog_read(l->arena, catalog, name.p, &text, &path, err))
		return false;
	if (!json_parse(l->arena, text, &root, err))
		return err_in(err, "%s", path);
	if (!json_is_object(root))
		return err_set(err, ERR_INPUT, "%s: must be an object: key -> pattern", path);
	struct digest digest = digest_of(text);
	buf_put(seen, name);
	buf_put(seen, (struct str){ (const char *)digest.b, sizeof digest.b });
	const struct message_env env = env_of(l);
	json_object_foreach(root, key, value) {
		struct str pattern = { json_string_value(value), json_string_length(value) };
		if (pattern.p == NULL)
			return err_set(err, ERR_INPUT, "%s: %s: must be a text", path, key);
		if (pattern_find(l, nearer, str_of(key)) != NULL)
			continue;
		ARENA_GROW(l->arena, l->pattern, l->patterns, *room);
		struct pattern *p = &l->pattern[l->patterns++];
		p->key = str_of(key);
		if (!message_parse(l->arena, pattern, &env, &p->message, err))
			return err_in(err, "%s: %s", path, key);
	}
	if (l->patterns > 0)
		qsort(l->pattern, l->patterns, sizeof *l->pattern, pattern_cmp);
	return true;
}

static bool
read_messages(struct locale *l, const struct catalog *catalog, struct str vertical,
    struct err *err)
{
	struct str chain[CHAIN_MAX];
	size_t n = chain_of(l, chain), room = 0;
	struct buf *seen = buf_in(l->arena, 64 * 1024);
	for (size_t i = 0; i < n; i++) {
		struct str own = arena_printf(l->arena, "templates/%.*s/messages/%.*s.json",
		    STR_ARG(vertical), STR_ARG(chain[i]));
		struct str shared =
		    arena_printf(l->arena, "templates/messages/%.*s.json", STR_ARG(chain[i]));
		if (!read_patterns(l, catalog, own, &room, seen, err)
		    || !read_patterns(l, catalog, shared, &room, seen, err))
			return false;
	}
	l->digest = digest_of(buf_str(seen));
	return buf_ok(seen, err);
}

/* CLDR's first calendar for Saudi Arabia is Islamic; news there is dated by the Gregorian. */
static void
use_gregorian(struct locale *l)
{
	UErrorCode code = U_ZERO_ERROR;
	UCalendar *calendar = ucal_open(NULL, 0, l->icu, UCAL_DEFAULT, &code);
	const char *type = U_SUCCESS(code) ? ucal_getType(calendar, &code) : NULL;
	if (type != NULL && strncmp(type, "islamic", 7) == 0)
		(void)uloc_setKeywordValue("calendar", "gregorian", l->icu, sizeof l->icu, &code);
	ucal_close(calendar);
}

/* ICU's name, and what people and browsers call it. */
static bool
name_locale(struct locale *l, struct err *err)
{
	char tag[LOCALE_MAX + 1] = { 0 }, text[ULOC_FULLNAME_CAPACITY];
	int32_t used = 0, n = 0;
	UErrorCode code = U_ZERO_ERROR;
	if (!name_is_safe(l->tag, LOCALE_MAX))
		return err_set(err, ERR_INPUT, "'%.*s' is no locale as in en-us", STR_ARG(l->tag));
	memcpy(tag, l->tag.p, l->tag.n);
	(void)uloc_forLanguageTag(tag, l->icu, sizeof l->icu, &used, &code);
	if (U_FAILURE(code) || (size_t)used != l->tag.n || uloc_getISO3Language(l->icu)[0] == '\0')
		return err_set(err, ERR_INPUT, "'%s' is no locale that ICU knows", tag);
	l->is_rtl = uloc_isRightToLeft(l->icu);
	n = uloc_toLanguageTag(l->icu, text, sizeof text, true, &code);
	if (!icu_ok(code, tag, err))
		return false;
	l->bcp47 = arena_copy(l->arena, (struct str){ text, (size_t)n });
	l->name = locale_name_of(l->arena, l->tag);
	use_gregorian(l);
	return true;
}

static bool
open_icu(struct locale *l, struct err *err)
{
	UErrorCode code = U_ZERO_ERROR;
	l->numbers.close = number_close;
	l->dates.close = date_close;
	l->generator = udatpg_open(l->icu, &code);
	l->result = unumf_openResult(&code);
	l->cardinal = uplrules_openForType(l->icu, UPLURAL_TYPE_CARDINAL, &code);
	l->ordinal = uplrules_openForType(l->icu, UPLURAL_TYPE_ORDINAL, &code);
	arena_defer(l->arena, locale_close, l);
	return U_SUCCESS(code)
	    || err_set(err, ERR_SETUP, "ICU's data is missing or broken: %s", u_errorName(code));
}

bool
locale_open(struct arena *a, const struct catalog *catalog, struct str vertical, struct str tag,
    struct locale **out, struct err *err)
{
	struct locale *l = ARENA_NEW(a, struct locale);
	l->arena = a;
	l->tag = arena_copy(a, tag);
	if (!name_locale(l, err) || !open_icu(l, err) || !read_messages(l, catalog, vertical, err))
		return false;
	*out = l;
	return true;
}

struct str
locale_bcp47(const struct locale *l)
{
	return l->bcp47;
}

struct str
locale_bcp47_of(struct arena *a, struct str tag)
{
	char icu[ULOC_FULLNAME_CAPACITY], text[ULOC_FULLNAME_CAPACITY];
	UErrorCode code = U_ZERO_ERROR;
	(void)uloc_forLanguageTag(arena_copy(a, tag).p, icu, sizeof icu, NULL, &code);
	int32_t n = uloc_toLanguageTag(icu, text, sizeof text, true, &code);
	return U_SUCCESS(code) ? arena_copy(a, (struct str){ text, (size_t)n }) : tag;
}

struct str
locale_name_of(struct arena *a, struct str tag)
{
	char icu[ULOC_FULLNAME_CAPACITY];
	UChar units[UNITS_MAX];
	UErrorCode code = U_ZERO_ERROR;
	struct err ignored;
	struct buf *name = buf_in(a, sizeof units * 3);
	(void)uloc_forLanguageTag(arena_copy(a, tag).p, icu, sizeof icu, NULL, &code);
	int32_t n = uloc_getDisplayName(icu, icu, units, LEN(units), &code);
	return U_SUCCESS(code) && put_units(name, units, n, &ignored) ? buf_str(name) : tag;
}

struct str
locale_direction(const struct locale *l)
{
	return l->is_rtl ? STR("rtl") : STR("ltr");
}

struct str
locale_name(const struct locale *l)
{
	return l->name;
}

void
locale_formatter(struct locale *l, struct formatter *out)
{
	*out = (struct formatter){ l, locale_number, locale_date, locale_message };
}

const struct digest *
locale_digest(const struct locale *l)
{
	return &l->digest;
}

const char *
locale_icu_version(void)
{
	static _Thread_local char text[U_MAX_VERSION_STRING_LENGTH];
	UVersionInfo version;
	u_getVersion(version);
	u_versionToString(version, text);
	return text;
}

const char *
locale_cldr_version(void)
{
	static _Thread_local char text[U_MAX_VERSION_STRING_LENGTH];
	UVersionInfo version;
	UErrorCode code = U_ZERO_ERROR;
	ulocdata_getCLDRVersion(version, &code);
	if (U_FAILURE(code))
		return "unknown";
	u_versionToString(version, text);
	return text;
}

const char *
locale_zones_version(void)
{
	UErrorCode code = U_ZERO_ERROR;
	const char *text = ucal_getTZDataVersion(&code);
	return U_SUCCESS(code) ? text : "unknown";
}
