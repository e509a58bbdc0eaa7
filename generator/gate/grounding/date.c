/*
 * Dates in prose. Parts of a date that stand together - weekday, day, month, year,
 * in any calendar that the locale uses - must all be those of one day of the facts.
 */
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "generator/gate/grounding/ground.h"

static bool
day_fits(const struct fact_day *f, const struct said_date *d)
{
	if (f->is_meta && (d->day == 0 || d->month == 0))
		return false;
	return (d->weekday == 0 || f->weekday == d->weekday)
	    && (d->day == 0 || f->in[d->calendar].day == d->day)
	    && (d->month == 0 || f->in[d->calendar].month == d->month)
	    && (d->year == 0 || f->in[d->calendar].year == d->year
		|| (d->year < 100 && f->in[d->calendar].year % 100 == d->year))
	    && (d->era < 0 || f->in[d->calendar].era == d->era);
}

const struct fact_day *
facts_find_day(const struct facts *f, const struct said_date *d)
{
	for (size_t i = 0; i < f->days; i++)
		if (day_fits(&f->day[i], d))
			return &f->day[i];
	return NULL;
}

/* Parts that name no day of their own may be borne out by texts or figures: "since 2008". */
static bool
is_borne(const struct ground *g, const struct said_date *d)
{
	if (facts_find_day(g->facts, d) != NULL)
		return true;
	return d->year >= 1000 && d->month == 0 && d->day == 0 && d->weekday == 0
	    && facts_have_integer(g->facts, d->year);
}

/* The day that has most of the parts, one of the facts proper rather than `expires`. */
static const struct fact_day *
nearest_day(const struct facts *f, const struct said_date *d)
{
	const struct fact_day *best = &f->day[0];
	int most = -1;
	for (size_t i = 0; i < f->days; i++) {
		const struct fact_day *x = &f->day[i];
		int parts = 4 * (x->in[d->calendar].year == d->year)
		    + 4 * (x->in[d->calendar].month == d->month)
		    + 2 * (x->in[d->calendar].day == d->day) + str_starts(x->path, STR("facts/"));
		if (parts > most) {
			most = parts;
			best = x;
		}
	}
	return best;
}

static struct str
iso(struct arena *a, const struct fact_day *f)
{
	return arena_printf(a, "%04d-%02d-%02d", f->in[0].year, f->in[0].month, f->in[0].day);
}

static const char *
weekday_name(int weekday)
{
	static const char *const name[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday" };
	return name[(weekday + 6) % 7];
}

void
ground_date(struct ground *g, struct said_date *d)
{
	struct said_date bare = *d, other = *d;
	struct arena *a = g->in->arena;
	gloss_use(&g->gloss, d->start, d->end);
	bare.weekday = 0;
	other.day = d->other_day;
	other.weekday = 0;
	if (!is_borne(g, d)) {
		const struct fact_day *f = d->weekday != 0 && d->day != 0 ? facts_find_day(g->facts, &bare) : NULL;
		if (f != NULL)
			ground_report(g, false, d->start, d->end, "has the wrong day of the week: %.*s is a %s",
			    STR_ARG(iso(a, f)), weekday_name(f->weekday));
		else if (g->facts->days == 0)
			ground_report(g, false, d->start, d->end, "is not a date of the facts; they have none");
		else
			ground_report(g, false, d->start, d->end,
			    "is not a date of the facts; nearest: %.*s = %.*s",
			    STR_ARG(nearest_day(g->facts, d)->path),
			    STR_ARG(iso(a, nearest_day(g->facts, d))));
	} else if (d->other_day != 0 && !is_borne(g, &other)) {
		ground_report(g, false, d->start, d->end, "begins or ends on a day that is not in the facts");
	}
}

/* The digits that end at `end`, at most two of them; 0 if there are none. */
static int
day_before(const struct gloss *s, int32_t end, int32_t *start)
{
	int32_t i = end;
	int value = 0, by = 1;
	for (; i > 0 && gloss_is_digit(s, i - 1) && end - i < 3; i--, by *= 10)
		value += by * (s->p[i - 1] - '0');
	*start = i;
	return end - i <= 2 && value >= 1 && value <= 31 && (i == 0 || s->p[i - 1] != '.')
	    && (i == 0 || s->p[i - 1] != ',') ? value : 0;
}

/* In front of `i`, steps back over blanks, "of", "de", "th", "." and the like. */
static int32_t
back_over_glue(const struct gloss *s, int32_t i)
{
	static const char *const glue[] = { ".", "th", "st", "nd", "rd", "er", "of", "de", "the",
		"d'", ",", "le", "den", "dem", "il", "el" };
	static const UChar of[] = u"من"; /* "20 of November" in Arabic */
	/* "in" of Hebrew is one word with the month. */
	if (i > 1 && s->p[i - 1] == 0x05D1 && s->p[i - 2] == ' ')
		i--;
	i = gloss_back(s, i);
	for (bool more = true; more;) {
		more = i >= 2 && u_memcmp(s->p + i - 2, of, 2) == 0 && !gloss_is_letter(s, i - 3);
		if (more)
			i = gloss_back(s, i - 2);
		for (size_t k = 0; k < LEN(glue); k++) {
			int32_t n = (int32_t)strlen(glue[k]);
			bool is_word = u_isalpha((UChar)glue[k][0]);
			if (i >= n && gloss_has(s, i - n, glue[k])
			    && (!is_word || !gloss_is_letter(s, i - n - 1))) {
				i = gloss_back(s, i - n);
				more = true;
			}
		}
	}
	return i;
}

/* "20 to ", "20-", "20 et ", "20. und " in front of the day at `i`: the day of the other end. */
static int
other_day_before(const struct gloss *s, int32_t i, int32_t *start)
{
	int32_t end = gloss_back(s, i), at;
	const struct tag *t = gloss_word_before(s, end, WORD_RELATED);
	if (t == NULL || (end == i && s->p[i - 1] != '-'))
		return 0;
	int day = day_before(s, back_over_glue(s, t->start), &at);
	if (day != 0)
		*start = at;
	return day;
}

/* A year of four digits at `i`, behind a comma, "of", "de"; 0 if there is none. */
static int
year_at(const struct gloss *s, int32_t i, bool is_gregorian, int32_t *end)
{
	static const char *const glue[] = { ",", "of ", "de ", "del " };
	int64_t year;
	int32_t at = gloss_skip(s, i);
	for (size_t k = 0; k < LEN(glue); k++)
		if (gloss_has(s, at, glue[k]))
			at = gloss_skip(s, at + (int32_t)strlen(glue[k]));
	if (gloss_digits(s, at, end, &year) != 4 || (*end + 1 < s->n && (s->p[*end] == '.'
	    || s->p[*end] == ',' || s->p[*end] == ':') && gloss_is_digit(s, *end + 1)))
		return 0;
	return !is_gregorian || (year >= 1500 && year < 2200) ? (int)year : 0;
}

/* A day behind the month: "November 20th", not "November 20.5" nor "November 20 %". */
static int
day_at(const struct gloss *s, int32_t i, int32_t *end)
{
	static const char *const suffix[] = { "st", "nd", "rd", "th" };
	int64_t day;
	int32_t after;
	i = gloss_skip(s, i);
	if (gloss_has(s, i, "the "))
		i += 4;
	int n = gloss_digits(s, i, &after, &day);
	if (n < 1 || n > 2 || day < 1 || day > 31)
		return 0;
	for (size_t k = 0; k < LEN(suffix); k++)
		if (gloss_has(s, after, suffix[k]) && !gloss_is_letter(s, after + 2))
			after += 2;
	if (after + 1 < s->n && (s->p[after] == '.' || s->p[after] == ',' || s->p[after] == ':'
	    || s->p[after] == '/') && gloss_is_digit(s, after + 1))
		return 0;
	if (gloss_word_at(s, gloss_skip(s, after), WORD_UNIT) != NULL)
		return 0;
	*end = after;
	return (int)day;
}

int
ground_weekday_before(const struct gloss *s, int32_t i, int32_t *start)
{
	int32_t at = back_over_glue(s, i);
	if (at > 0 && (s->p[at - 1] == '.' || s->p[at - 1] == '('))
		at = gloss_back(s, at - 1);
	const struct tag *t = gloss_name_before(s, at, NAME_WEEKDAY);
	if (t == NULL)
		return 0;
	*start = t->start;
	return t->name->value;
}

/* "May we", "march on": in English a month has a capital and something that makes it one. */
static bool
is_doubtful(const struct gloss *s, const struct tag *t)
{
	bool is_word = strcmp(s->language->code, "en") == 0
	    && (gloss_has(s, t->start, "may") || gloss_has(s, t->start, "march")
		|| gloss_has(s, t->start, "august"));
	unsigned char first = (unsigned char)s->source.p[s->at[t->start]];
	if (!is_word) /* the month Safar is also the Arabic word for zero */
		return t->name->is_short || t->name->calendar != 0;
	int32_t before = gloss_back(s, t->start);
	return !(first >= 'A' && first <= 'Z') || before == 0 || s->p[before - 1] == '.';
}

static void
date_by_month(struct ground *g, const struct tag *t)
{
	struct gloss *s = &g->gloss;
	struct said_date d = { .month = t->name->value, .calendar = t->name->calendar, .era = -1,
		.start = t->start, .end = t->end };
	if (gloss_is_used(s, t->start, t->end))
		return;
	if (s->p[d.end] == '.' && t->end - t->start <= 5) /* Nov. 20 */
		d.end++;
	int32_t at;
	d.day = day_before(s, back_over_glue(s, t->start), &at);
	if (d.day != 0) {
		d.start = at;
		d.other_day = other_day_before(s, at, &d.start);
	} else if ((d.day = day_at(s, d.end, &at)) != 0) {
		d.end = at;
		const struct tag *to = gloss_word_at(s, gloss_skip(s, at), WORD_RELATED);
		if (to != NULL && (d.other_day = day_at(s, to->end, &at)) != 0)
			d.end = at;
	}
	if ((d.year = year_at(s, d.end, d.calendar == 0, &at)) != 0)
		d.end = at;
	if (d.day == 0 && d.year == 0 && is_doubtful(s, t))
		return;
	if (d.day != 0 && d.other_day == 0)
		d.weekday = ground_weekday_before(s, d.start, &d.start);
	ground_date(g, &d);
}

static void
date_by_weekday(struct ground *g, const struct tag *t)
{
	struct said_date d = { .weekday = t->name->value, .era = -1, .start = t->start, .end = t->end };
	int32_t at;
	if (gloss_is_used(&g->gloss, t->start, t->end))
		return;
	if (t->name->is_short && t->end - t->start > 1)
		return; /* "sun", "so", "mar": words */
	/* "Friday the 20th", "vendredi 20", "Freitag, den 20." */
	int32_t i = gloss_skip(&g->gloss, t->end);
	if (gloss_has(&g->gloss, i, "the ") && (d.day = day_at(&g->gloss, i, &at)) != 0)
		d.end = at;
	/* "De vendredi 20 à samedi 21 novembre": only where a day of the facts fits. */
	struct said_date with_day = d;
	if (d.day == 0 && (with_day.day = day_at(&g->gloss, i, &at)) != 0
	    && facts_find_day(g->facts, &with_day) != NULL) {
		d = with_day;
		d.end = at;
	}
	ground_date(g, &d);
}

static bool
is_korean(const struct gloss *s)
{
	return strcmp(s->language->code, "ko") == 0;
}

/* A number with the CJK sign for year, month or day behind it; -1 if there is none at `i`.
 * Korean has blanks between them. */
static int
cjk_part(const struct gloss *s, int32_t i, char part, int32_t *end)
{
	static const UChar han[] = u"年月日", hangul[] = u"년월일";
	const UChar sign = (is_korean(s) ? hangul : han)[part == 'y' ? 0 : part == 'm' ? 1 : 2];
	int64_t value;
	int32_t after;
	if (is_korean(s))
		i = gloss_skip(s, i);
	if (gloss_digits(s, i, &after, &value) == 0 || after >= s->n || s->p[after] != sign)
		return -1;
	/* 日間, 年ぶり, 年債, 年物, 日連続, 日前, 日後, 日目: spans and not dates. */
	int32_t behind = is_korean(s) ? gloss_skip(s, after + 1) : after + 1;
	UChar next = behind < s->n ? s->p[behind] : 0;
	if (next != 0 && u_strchr(is_korean(s) ? u"간만째연물" : u"間ぶ債物連続前後目", next) != NULL)
		return -1;
	*end = after + 1;
	return (int)value;
}

/* 2026年11月20日(金), 令和8年11月, 11月20日, 20日金曜日, 11월 20일 금요일 */
static bool
date_in_cjk(struct ground *g, int32_t i)
{
	struct gloss *s = &g->gloss;
	struct said_date d = { .era = -1, .start = i, .end = i };
	int year = cjk_part(s, i, 'y', &d.end);
	const struct tag *era = gloss_name_before(s, i, NAME_ERA);
	if (year > 0 && era != NULL) {
		d.era = era->name->value;
		d.calendar = era->name->calendar;
		d.start = era->start;
	}
	if (year > 0 && (year >= 1000 || era != NULL))
		d.year = year;
	else if (year >= 0)
		return false; /* three years */
	int month = cjk_part(s, d.end, 'm', &d.end);
	d.month = month >= 1 && month <= 12 ? month : 0;
	int day = cjk_part(s, d.end, 'd', &d.end);
	d.day = day >= 1 && day <= 31 ? day : 0;
	if (d.year == 0 && d.month == 0 && d.day == 0)
		return false;
	int32_t at = is_korean(s) ? gloss_skip(s, d.end) : d.end;
	at += at < s->n && s->p[at] == '(';
	const struct tag *weekday = gloss_name_at(s, at, NAME_WEEKDAY);
	if (d.day != 0 && weekday != NULL) {
		d.weekday = weekday->name->value;
		d.end = weekday->end;
	}
	ground_date(g, &d);
	return true;
}

void
ground_dates(struct ground *g)
{
	struct gloss *s = &g->gloss;
	for (size_t i = 0; i < s->tags; i++)
		if (s->tag[i].name != NULL && s->tag[i].name->kind == NAME_MONTH)
			date_by_month(g, &s->tag[i]);
	for (int32_t i = 0; (s->language->is_cjk || is_korean(s)) && i < s->n; i++)
		if (gloss_is_digit(s, i) && !s->is_used[i] && !gloss_is_digit(s, i - 1))
			(void)date_in_cjk(g, i);
	for (size_t i = 0; i < s->tags; i++)
		if (s->tag[i].name != NULL && s->tag[i].name->kind == NAME_WEEKDAY)
			date_by_weekday(g, &s->tag[i]);
}
