#include "generator/locale/locale.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/uloc.h>
#include <unicode/ulocdata.h>
#include <unicode/upluralrules.h>
#include <unicode/ures.h>
#include <unicode/ustring.h>

#include "base/path.h"
#include "generator/locale/bidi.h"
#include "generator/locale/format.h"
#include "generator/locale/message.h"
#include "generator/locale/phrase.h"

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
	enum pseudo pseudo;
	struct format *format;
	struct phrase *phrase;
};

static struct message_env
env_of(const struct locale *l)
{
	return (struct message_env){ l->format, format_number, format_date, format_category,
		l->is_rtl, l->pseudo };
}

static bool
locale_number(void *ctx, struct str value, struct str skeleton, struct buf *out, struct err *err)
{
	return format_number(((struct locale *)ctx)->format, value, skeleton, out, err);
}

static bool
locale_date(void *ctx, struct str value, struct str skeleton, struct str zone, struct buf *out,
    struct err *err)
{
	return format_date(((struct locale *)ctx)->format, value, skeleton, zone, out, err);
}

/* Each item stands apart, as an argument of a message does. */
static bool
locale_list(void *ctx, const struct str *item, size_t n, struct str style, struct buf *out,
    struct err *err)
{
	const struct locale *l = ctx;
	struct arena *a = arena_new();
	struct str *apart = ARENA_ARRAY(a, struct str, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct buf *text = buf_in(a, item[i].n + 8);
		bidi_put(text, item[i], l->is_rtl);
		apart[i] = buf_str(text);
	}
	const bool ok = phrase_list(l->phrase, apart, n, style, out, err);
	arena_free(a);
	return ok;
}

static bool
locale_relative(void *ctx, struct str when, struct str now, struct str style, struct buf *out,
    struct err *err)
{
	return phrase_relative(((struct locale *)ctx)->phrase, when, now, style, out, err);
}

static bool
locale_range(void *ctx, struct str from, struct str to, struct str skeleton, struct str zone,
    struct buf *out, struct err *err)
{
	return phrase_range(((struct locale *)ctx)->phrase, from, to, skeleton, zone, out, err);
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
		return err_set(err, ERR_SETUP, "no message '%.*s' in messages/%.*s.json or the "
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

/* CLDR's parent: es_MX has es_419, en_GB has en_001, zh_Hant has none. Empty at the root. */
static void
parent_of(const char *icu, char out[ULOC_FULLNAME_CAPACITY])
{
	UErrorCode code = U_ZERO_ERROR;
	UResourceBundle *bundle = ures_open(NULL, icu, &code);
	const char *actual = U_SUCCESS(code)
	    ? ures_getLocaleByType(bundle, ULOC_ACTUAL_LOCALE, &code) : NULL;
	int32_t n = 0;
	const UChar *name = actual != NULL && strcmp(actual, icu) == 0
	    ? ures_getStringByKey(bundle, "%%Parent", &n, &code) : NULL;
	out[0] = '\0';
	if (name != NULL && code == U_ZERO_ERROR && n < ULOC_FULLNAME_CAPACITY)
		u_UCharsToChars(name, out, n + 1);
	else
		(void)uloc_getParent(icu, out, ULOC_FULLNAME_CAPACITY, &(UErrorCode){ U_ZERO_ERROR });
	if (strcmp(out, "root") == 0)
		out[0] = '\0';
	ures_close(bundle);
}

/* The locale's parents of the same script, nearest first. */
static size_t
add_parents(struct arena *a, const char *from, struct str chain[LOCALE_CHAIN], size_t n)
{
	char at[ULOC_FULLNAME_CAPACITY], up[ULOC_FULLNAME_CAPACITY];
	char script[ULOC_SCRIPT_CAPACITY], other[ULOC_SCRIPT_CAPACITY];
	script_of(from, script);
	(void)snprintf(at, sizeof at, "%s", from);
	for (;;) {
		parent_of(at, up);
		script_of(up, other);
		if (up[0] == '\0' || strcmp(script, other) != 0 || n >= LOCALE_CHAIN - 3)
			return n;
		struct str tag = tag_of(a, up);
		if (!is_listed(chain, n, tag))
			chain[n++] = tag;
		memcpy(at, up, sizeof at);
	}
}

/* Bokmål is what "Norwegian" means; a site may have named its messages either way. */
static size_t
add_norwegian(struct str chain[LOCALE_CHAIN], size_t n)
{
	const bool nb = is_listed(chain, n, STR("nb")), no = is_listed(chain, n, STR("no"));
	if (nb != no)
		chain[n++] = nb ? STR("no") : STR("nb");
	return n;
}

size_t
locale_chain(struct arena *a, struct str tag, struct str chain[LOCALE_CHAIN])
{
	char icu[ULOC_FULLNAME_CAPACITY] = "", full[ULOC_FULLNAME_CAPACITY];
	UErrorCode code = U_ZERO_ERROR;
	size_t n = 0;
	chain[n++] = tag;
	if (pseudo_of(tag) == PSEUDO_NONE) {
		(void)uloc_forLanguageTag(arena_copy(a, tag).p, icu, sizeof icu, NULL, &code);
		n = add_parents(a, icu, chain, n);
		(void)uloc_addLikelySubtags(icu, full, sizeof full, &code);
		if (U_SUCCESS(code))
			n = add_parents(a, full, chain, n);
		n = add_norwegian(chain, n);
	}
	if (!is_listed(chain, n, STR("en")))
		chain[n++] = STR("en");
	chain[n++] = STR("root");
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
	struct message_env env = env_of(l);
	if (str_ends(name, STR("/root.json")))
		env.pseudo = PSEUDO_NONE; /* no words */
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
	struct str chain[LOCALE_CHAIN];
	size_t n = locale_chain(l->arena, l->tag, chain), room = 0;
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
	if (l->pseudo != PSEUDO_NONE)
		buf_put(seen, l->tag); /* other words from the same files */
	l->digest = digest_of(buf_str(seen));
	return buf_ok(seen, err);
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
	l->pseudo = pseudo_of(l->tag);
	n = uloc_toLanguageTag(l->icu, text, sizeof text, true, &code);
	if (U_FAILURE(code))
		return err_set(err, ERR_INPUT, "'%s': ICU says %s", tag, u_errorName(code));
	l->bcp47 = arena_copy(l->arena, (struct str){ text, (size_t)n });
	l->name = locale_name_of(l->arena, l->tag);
	return true;
}

bool
locale_open(struct arena *a, const struct catalog *catalog, struct str vertical, struct str tag,
    struct locale **out, struct err *err)
{
	struct locale *l = ARENA_NEW(a, struct locale);
	l->arena = a;
	l->tag = arena_copy(a, tag);
	if (!name_locale(l, err) || !format_open(a, l->icu, &l->format, err)
	    || !phrase_open(a, format_icu(l->format), &l->phrase, err)
	    || !read_messages(l, catalog, vertical, err))
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
	char icu[ULOC_FULLNAME_CAPACITY], name[1024];
	UChar units[256];
	int32_t n = 0;
	UErrorCode code = U_ZERO_ERROR;
	(void)uloc_forLanguageTag(arena_copy(a, tag).p, icu, sizeof icu, NULL, &code);
	int32_t length = uloc_getDisplayName(icu, icu, units, LEN(units), &code);
	(void)u_strToUTF8(name, sizeof name, &n, units, length, &code);
	return U_SUCCESS(code) ? arena_copy(a, (struct str){ name, (size_t)n }) : tag;
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
	*out = (struct formatter){ l, locale_number, locale_date, locale_list, locale_relative,
		locale_range, locale_message };
}

void
locale_env(const struct locale *l, struct message_env *out)
{
	*out = env_of(l);
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

/* The categories of ICU's rules, as it names them. */
static size_t
categories_of(const char *icu, bool ordinal, struct str out[LOCALE_CATEGORIES])
{
	static const char *const known[LOCALE_CATEGORIES] = { "zero", "one", "two", "few", "many",
		"other" };
	UErrorCode code = U_ZERO_ERROR;
	UPluralRules *rules =
	    uplrules_openForType(icu, ordinal ? UPLURAL_TYPE_ORDINAL : UPLURAL_TYPE_CARDINAL, &code);
	UEnumeration *words = uplrules_getKeywords(rules, &code);
	size_t n = 0;
	for (const char *word = NULL; U_SUCCESS(code) && n < LOCALE_CATEGORIES;) {
		word = uenum_next(words, NULL, &code);
		if (word == NULL)
			break;
		for (size_t i = 0; i < LEN(known); i++)
			if (strcmp(word, known[i]) == 0)
				out[n++] = str_of(known[i]);
	}
	uenum_close(words);
	uplrules_close(rules);
	return n;
}

size_t
locale_categories(struct str tag, bool ordinal, struct str out[LOCALE_CATEGORIES])
{
	char text[LOCALE_MAX + 1] = "", icu[ULOC_FULLNAME_CAPACITY] = "";
	UErrorCode code = U_ZERO_ERROR;
	if (tag.n > LOCALE_MAX)
		return 0;
	memcpy(text, tag.p, tag.n);
	(void)uloc_forLanguageTag(text, icu, sizeof icu, NULL, &code);
	return U_SUCCESS(code) ? categories_of(icu, ordinal, out) : 0;
}
