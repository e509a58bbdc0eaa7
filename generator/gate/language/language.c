#include "generator/gate/language/language.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "generator/gate/grounding/gloss.h"
#include "generator/gate/language/memo.h"
#include "generator/gate/language/sound.h"

static struct str
copy_utf16(struct arena *a, const UChar *p, int32_t n)
{
	return plain_utf8(a, (struct plain){ p, n });
}

static void
add_name(struct maker *m, struct str text, struct language_name name)
{
	/* CLDR abbreviates with a full stop; prose may leave it out. */
	if (text.n > 1 && text.p[text.n - 1] == '.')
		text.n--;
	name.word = gloss_fold(m->arena, text);
	if (name.word.n == 0 || (name.word.p[0] >= '0' && name.word.p[0] <= '9'))
		return; /* "11月": numbers with a suffix are read as such */
	/* Of two spellings that are the same, the long form counts: English May. */
	for (size_t i = 0; i < m->names; i++)
		if (m->name[i].kind == name.kind && m->name[i].calendar == name.calendar
		    && u_strCompare(m->name[i].word.p, m->name[i].word.n, name.word.p, name.word.n, false)
			== 0) {
			m->name[i].is_short = m->name[i].is_short && name.is_short;
			return;
		}
	ARENA_GROW(m->arena, m->name, m->names, m->names_room);
	m->name[m->names++] = name;
}

static void
add_symbols(struct maker *m, const UDateFormat *f, UDateFormatSymbolType type, int first,
    struct language_name name)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = udat_countSymbols(f, type);
	for (int32_t i = first; i < n; i++) {
		UChar text[64];
		e = U_ZERO_ERROR;
		int32_t length = udat_getSymbols(f, type, i, text, LEN(text), &e);
		name.value = i + (name.kind == NAME_MONTH ? 1 : 0);
		if (U_SUCCESS(e) && length > 0)
			add_name(m, copy_utf16(m->arena, text, length), name);
	}
}

static void
close_calendar(void *c)
{
	ucal_close(c);
}

/* Months, days and eras of one of the calendars that are in use in the locale. */
static void
add_calendar(struct maker *m, const char *type)
{
	static const UChar utc[] = { 'E', 't', 'c', '/', 'U', 'T', 'C', 0 };
	struct language *l = m->l;
	char icu[96];
	UErrorCode e = U_ZERO_ERROR;
	(void)snprintf(icu, sizeof icu, "%s@calendar=%s", l->icu, type);
	UDateFormat *f = udat_open(UDAT_NONE, UDAT_LONG, icu, utc, -1, NULL, 0, &e);
	UCalendar *c = ucal_open(utc, -1, icu, UCAL_TRADITIONAL, &e);
	if (U_FAILURE(e)) {
		udat_close(f);
		ucal_close(c);
		return;
	}
	ucal_close(c); /* each language_make opens its own */
	size_t at = l->calendars++;
	(void)snprintf(l->calendar_id[at], sizeof l->calendar_id[at], "%s", icu);
	struct language_name month = { .kind = NAME_MONTH, .calendar = at };
	add_symbols(m, f, UDAT_MONTHS, 0, month);
	add_symbols(m, f, UDAT_STANDALONE_MONTHS, 0, month);
	month.is_short = true;
	add_symbols(m, f, UDAT_SHORT_MONTHS, 0, month);
	add_symbols(m, f, UDAT_STANDALONE_SHORT_MONTHS, 0, month);
	if (at == 0) {
		struct language_name day = { .kind = NAME_WEEKDAY };
		add_symbols(m, f, UDAT_WEEKDAYS, 1, day);
		add_symbols(m, f, UDAT_STANDALONE_WEEKDAYS, 1, day);
		day.is_short = true;
		add_symbols(m, f, UDAT_SHORT_WEEKDAYS, 1, day);
	} else if (strcmp(type, "japanese") == 0) {
		/* Only the eras since Meiji: older ones are words of their own. */
		add_symbols(m, f, UDAT_ERAS, 232, (struct language_name){ .kind = NAME_ERA,
		    .calendar = at });
	}
	udat_close(f);
}

static void
add_calendars(struct maker *m)
{
	static const char *const known[] = { "islamic-umalqura", "japanese", "persian", "buddhist" };
	UErrorCode e = U_ZERO_ERROR;
	add_calendar(m, "gregorian");
	UEnumeration *used = ucal_getKeywordValuesForLocale("calendar", m->l->icu, true, &e);
	for (const char *type; U_SUCCESS(e) && (type = uenum_next(used, NULL, &e)) != NULL;)
		for (size_t i = 0; i < LEN(known); i++)
			if (strcmp(type, known[i]) == 0 && m->l->calendars < LANGUAGE_CALENDARS)
				add_calendar(m, type);
	uenum_close(used);
}

/* One entry of a list of words.c: "more_than", "steig*", "million=6". */
static struct str
entry_text(struct arena *a, struct str entry, struct str *value, bool *is_prefix)
{
	struct str text = entry;
	for (size_t i = entry.n; i-- > 1;)
		if (entry.p[i] == '=') {
			text.n = i;
			*value = (struct str){ entry.p + i + 1, entry.n - i - 1 };
			break;
		}
	*is_prefix = text.n > 1 && text.p[text.n - 1] == '*';
	char *p = ARENA_ARRAY(a, char, text.n + 1);
	text.n -= *is_prefix;
	for (size_t i = 0; i < text.n; i++)
		p[i] = text.p[i] == '_' ? ' ' : text.p[i];
	return (struct str){ p, text.n };
}

void
maker_add_word(struct maker *m, struct str text, struct language_word w)
{
	w.word = gloss_fold(m->arena, text);
	for (size_t i = 0; i < m->words; i++)
		if (m->word[i].kind == w.kind && m->word[i].word.n == w.word.n
		    && u_memcmp(m->word[i].word.p, w.word.p, w.word.n) == 0)
			return; /* what was said first counts */
	if (w.word.n == 0)
		return;
	ARENA_GROW(m->arena, m->word, m->words, m->words_room);
	m->word[m->words++] = w;
}

static void
add_words(struct maker *m, const char *list, enum word_kind kind)
{
	struct str rest = str_of(list);
	while (rest.p != NULL && rest.n > 0) {
		struct str entry = str_cut(rest, ' ', &rest), value = STR("0");
		struct language_word w = { .kind = kind };
		if (entry.n == 0)
			continue;
		struct str text = entry_text(m->arena, entry, &value, &w.is_prefix);
		uint64_t number = 0;
		if (kind == WORD_UNIT)
			w.value = unit_index(value);
		else if (kind == WORD_FIELD)
			w.value = field_index(value);
		else if (str_to_u64(value, &number))
			w.value = (int)number;
		assert(w.value >= 0);
		maker_add_word(m, text, w);
	}
}

static void
add_list_of_names(struct maker *m, const char *list, enum name_kind kind)
{
	struct str rest = str_of(list), value = STR("0");
	while (rest.p != NULL && rest.n > 0) {
		struct str entry = str_cut(rest, ' ', &rest);
		bool is_prefix;
		uint64_t number = 0;
		if (entry.n == 0)
			continue;
		struct str text = entry_text(m->arena, entry, &value, &is_prefix);
		if (kind == NAME_MONTH || kind == NAME_WEEKDAY)
			(void)str_to_u64(value, &number);
		add_name(m, text, (struct language_name){ .kind = kind, .value = (int)number });
	}
}

static void
add_knowledge(struct maker *m)
{
	const struct language_words *w = NULL;
	for (size_t i = 0; i < language_words_count; i++)
		if (strcmp(language_words[i].code, m->l->code) == 0)
			w = &language_words[i];
	if (w == NULL)
		w = &language_words[0]; /* English units are read everywhere */
	add_words(m, w->up, WORD_UP);
	add_words(m, w->down, WORD_DOWN);
	add_words(m, w->minus, WORD_MINUS);
	add_words(m, w->more, WORD_MORE);
	add_words(m, w->less, WORD_LESS);
	add_words(m, w->size, WORD_SIZE);
	add_words(m, w->about, WORD_ABOUT);
	add_words(m, w->level, WORD_LEVEL);
	add_words(m, w->scale, WORD_SCALE);
	add_words(m, w->unit != NULL ? w->unit : language_words[0].unit, WORD_UNIT);
	add_words(m, w->quarter, WORD_QUARTER);
	add_words(m, w->related, WORD_RELATED);
	add_words(m, w->common, WORD_COMMON);
	for (size_t i = 0; i < language_claims_count; i++) {
		const struct language_claims *c = &language_claims[i];
		if (strcmp(c->code, m->l->code) != 0)
			continue;
		add_words(m, c->field, WORD_FIELD);
		add_words(m, c->win, WORD_WIN);
		add_words(m, c->lose, WORD_LOSE);
		add_words(m, c->against, WORD_AGAINST);
		add_words(m, c->to, WORD_TO);
		add_words(m, c->stamp, WORD_STAMP);
		add_words(m, c->number, WORD_NUMBER);
		m->l->is_postposed = c->postposed != NULL;
	}
	language_add_measures(m);
	language_add_numbers(m);
	add_list_of_names(m, w->am, NAME_AM);
	add_list_of_names(m, w->pm, NAME_PM);
	add_list_of_names(m, w->months, NAME_MONTH);
	add_list_of_names(m, w->days, NAME_WEEKDAY);
}

static UChar32
symbol(const UNumberFormat *f, UNumberFormatSymbol which)
{
	UChar text[8] = { 0 };
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = unum_getSymbol(f, which, text, LEN(text), &e);
	/* Marks of direction may stand around the sign itself. */
	for (int32_t i = 0; U_SUCCESS(e) && i < n; i++)
		if (!u_hasBinaryProperty(text[i], UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
			return text[i];
	return 0;
}

static void
take_separators(struct language *l)
{
	for (int i = 0; i < 2; i++) {
		char icu[64];
		UErrorCode e = U_ZERO_ERROR;
		(void)snprintf(icu, sizeof icu, i == 0 ? "%s" : "%s@numbers=latn", l->icu);
		UNumberFormat *f = unum_open(UNUM_DECIMAL, NULL, 0, icu, NULL, &e);
		if (U_SUCCESS(e)) {
			l->decimal[i] = symbol(f, UNUM_DECIMAL_SEPARATOR_SYMBOL);
			l->group[i] = symbol(f, UNUM_GROUPING_SEPARATOR_SYMBOL);
		}
		unum_close(f);
	}
}

static void
take_order(struct language *l)
{
	static const UChar skeleton[] = { 'M', 'd', 0 };
	UErrorCode e = U_ZERO_ERROR;
	UChar pattern[64] = { 0 };
	UDateTimePatternGenerator *g = udatpg_open(l->icu, &e);
	int32_t n = udatpg_getBestPattern(g, skeleton, 2, pattern, LEN(pattern), &e);
	l->day_first = false;
	for (int32_t i = 0; U_SUCCESS(e) && i < n && pattern[i] != 'M' && pattern[i] != 'L'; i++)
		l->day_first = l->day_first || pattern[i] == 'd';
	udatpg_close(g);
}

static void
take_scripts(struct language *l)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = uscript_getCode(l->icu, l->script, LANGUAGE_SCRIPTS, &e);
	l->scripts = U_SUCCESS(e) && n > 0 ? (size_t)n : 0;
	for (size_t i = 0; i < l->scripts; i++) {
		if (l->script[i] == USCRIPT_SIMPLIFIED_HAN || l->script[i] == USCRIPT_TRADITIONAL_HAN)
			l->script[i] = USCRIPT_HAN;
		l->is_cjk = l->is_cjk || l->script[i] == USCRIPT_HAN;
		l->is_rtl = l->is_rtl || uscript_isRightToLeft(l->script[i]);
	}
	l->is_cjk = l->is_cjk && strcmp(l->code, "ko") != 0; /* Korean separates words */
}

/* The same order on every machine: of what is alike the first counts. */
static int
by_start(struct plain x, struct plain y)
{
	int a = x.p[0] & 255, b = y.p[0] & 255;
	return a != b ? a - b : x.n != y.n ? (x.n < y.n ? 1 : -1) : u_memcmp(x.p, y.p, x.n);
}

static int
by_name_start(const void *x, const void *y)
{
	const struct language_name *a = x, *b = y;
	int order = by_start(a->word, b->word);
	return order != 0 ? order : a->kind != b->kind ? (int)a->kind - (int)b->kind
	    : a->calendar != b->calendar ? (a->calendar < b->calendar ? -1 : 1) : a->value - b->value;
}

static int
by_word_start(const void *x, const void *y)
{
	const struct language_word *a = x, *b = y;
	int order = by_start(a->word, b->word);
	return order != 0 ? order : a->kind != b->kind ? (int)a->kind - (int)b->kind : a->value - b->value;
}

static void
note_start(struct language_range ranges[256], struct plain word, size_t at)
{
	struct language_range *r = &ranges[word.p[0] & 255];
	if (r->to == 0)
		r->from = at;
	r->to = at + 1;
}

static void
index_words(struct maker *m)
{
	struct language *l = m->l;
	if (m->names > 1)
		qsort(m->name, m->names, sizeof *m->name, by_name_start);
	if (m->words > 1)
		qsort(m->word, m->words, sizeof *m->word, by_word_start);
	for (size_t i = 0; i < m->names; i++)
		note_start(l->names_of, m->name[i].word, i);
	for (size_t i = 0; i < m->words; i++)
		note_start(l->words_of, m->word[i].word, i);
	l->name = m->name;
	l->names = m->names;
	l->word = m->word;
	l->words = m->words;
}

/* Everything but the calendars, which threads cannot share. */
static struct language *
knowledge_make(struct arena *a, struct str tag)
{
	struct language *l = ARENA_NEW(a, struct language);
	struct maker m = { .arena = a, .l = l };
	UErrorCode e = U_ZERO_ERROR;
	l->tag = arena_copy(a, tag);
	uloc_forLanguageTag(l->tag.p, l->icu, sizeof l->icu - 1, NULL, &e);
	if (U_FAILURE(e))
		l->icu[0] = '\0'; /* the root locale: nothing is known */
	e = U_ZERO_ERROR;
	uloc_getLanguage(l->icu, l->code, sizeof l->code - 1, &e);
	take_scripts(l);
	take_separators(l);
	take_order(l);
	add_calendars(&m);
	add_knowledge(&m);
	index_words(&m);
	return l;
}

#define SHARED_MAX 64 /* locales; what is beyond is made for each run */

static const struct language *
knowledge_of(struct arena *a, struct str tag)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct arena *shared; /* for the life of the process */
	static const struct language *known[SHARED_MAX];
	static size_t n;
	const struct language *l = NULL;
	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n && l == NULL; i++)
		if (str_eq(known[i]->tag, tag))
			l = known[i];
	if (l == NULL && n < SHARED_MAX) {
		if (shared == NULL)
			shared = arena_new();
		l = known[n++] = knowledge_make(shared, tag);
	}
	(void)pthread_mutex_unlock(&lock);
	return l != NULL ? l : knowledge_make(a, tag);
}

const struct language *
language_make(struct arena *a, struct str tag)
{
	static const UChar utc[] = { 'E', 't', 'c', '/', 'U', 'T', 'C', 0 };
	struct language *l = ARENA_NEW(a, struct language);
	*l = *knowledge_of(a, tag);
	l->memo = memo_new(a);
	l->latin = sound_slot(a);
	for (size_t i = 0; i < l->calendars; i++) {
		UErrorCode e = U_ZERO_ERROR;
		l->calendar[i] = ucal_open(utc, -1, l->calendar_id[i], UCAL_TRADITIONAL, &e);
		assert(U_SUCCESS(e)); /* it was opened before */
		arena_defer(a, close_calendar, l->calendar[i]);
	}
	return l;
}
