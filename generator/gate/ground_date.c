/*
 * Dates and times in prose. Parts of a date that stand together - weekday, day, month, year,
 * in any calendar that the locale uses - must all be those of one day of the facts.
 */
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "generator/gate/ground.h"

struct date {
	int weekday, day, month, year, era; /* 0: not said; era -1: not said */
	int other_day;                      /* of "20 to 22 November" */
	size_t calendar;
	int32_t start, end;
};

static bool
day_fits(const struct fact_day *f, const struct date *d)
{
	return (d->weekday == 0 || f->weekday == d->weekday)
	    && (d->day == 0 || f->in[d->calendar].day == d->day)
	    && (d->month == 0 || f->in[d->calendar].month == d->month)
	    && (d->year == 0 || f->in[d->calendar].year == d->year
		|| (d->year < 100 && f->in[d->calendar].year % 100 == d->year))
	    && (d->era < 0 || f->in[d->calendar].era == d->era);
}

static const struct fact_day *
find_day(const struct facts *f, const struct date *d)
{
	for (size_t i = 0; i < f->days; i++)
		if (day_fits(&f->day[i], d))
			return &f->day[i];
	return NULL;
}

/* Parts that name no day of their own may be borne out by texts or figures: "since 2008". */
static bool
is_borne(const struct ground *g, const struct date *d)
{
	if (find_day(g->facts, d) != NULL)
		return true;
	return d->year >= 1000 && d->month == 0 && d->day == 0 && d->weekday == 0
	    && facts_have_integer(g->facts, d->year);
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

static void
judge_date(struct ground *g, struct date *d)
{
	struct date bare = *d, other = *d;
	struct arena *a = g->in->arena;
	gloss_use(&g->gloss, d->start, d->end);
	bare.weekday = 0;
	other.day = d->other_day;
	other.weekday = 0;
	if (!is_borne(g, d)) {
		const struct fact_day *f = d->weekday != 0 && d->day != 0 ? find_day(g->facts, &bare) : NULL;
		if (f != NULL)
			ground_report(g, false, d->start, d->end, "has the wrong day of the week: %.*s is a %s",
			    STR_ARG(iso(a, f)), weekday_name(f->weekday));
		else if (g->facts->days == 0)
			ground_report(g, false, d->start, d->end, "is not a date of the facts; they have none");
		else
			ground_report(g, false, d->start, d->end,
			    "is not a date of the facts; they have, for one, %.*s = %.*s",
			    STR_ARG(g->facts->day[0].path), STR_ARG(iso(a, &g->facts->day[0])));
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

static int
weekday_before(const struct gloss *s, int32_t i, int32_t *start)
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
	struct date d = { .month = t->name->value, .calendar = t->name->calendar, .era = -1,
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
		d.weekday = weekday_before(s, d.start, &d.start);
	judge_date(g, &d);
}

static void
date_by_weekday(struct ground *g, const struct tag *t)
{
	struct date d = { .weekday = t->name->value, .era = -1, .start = t->start, .end = t->end };
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
	struct date with_day = d;
	if (d.day == 0 && (with_day.day = day_at(&g->gloss, i, &at)) != 0
	    && find_day(g->facts, &with_day) != NULL) {
		d = with_day;
		d.end = at;
	}
	judge_date(g, &d);
}

/* A number with the CJK sign for year, month or day behind it; -1 if there is none at `i`. */
static int
cjk_part(const struct gloss *s, int32_t i, UChar sign, int32_t *end)
{
	int64_t value;
	int32_t after;
	if (gloss_digits(s, i, &after, &value) == 0 || after >= s->n || s->p[after] != sign)
		return -1;
	/* 日間, 年ぶり, 年債, 年物, 日連続, 日前, 日後, 日目: spans and not dates. */
	UChar next = after + 1 < s->n ? s->p[after + 1] : 0;
	if (next != 0 && u_strchr(u"間ぶ債物連続前後目", next) != NULL)
		return -1;
	*end = after + 1;
	return (int)value;
}

/* 2026年11月20日(金), 令和8年11月, 11月20日, 20日金曜日 */
static bool
date_in_cjk(struct ground *g, int32_t i)
{
	struct gloss *s = &g->gloss;
	struct date d = { .era = -1, .start = i, .end = i };
	int year = cjk_part(s, i, 0x5E74, &d.end);
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
	int month = cjk_part(s, d.end, 0x6708, &d.end);
	d.month = month >= 1 && month <= 12 ? month : 0;
	int day = cjk_part(s, d.end, 0x65E5, &d.end);
	d.day = day >= 1 && day <= 31 ? day : 0;
	if (d.year == 0 && d.month == 0 && d.day == 0)
		return false;
	int32_t at = d.end < s->n && s->p[d.end] == '(' ? d.end + 1 : d.end;
	const struct tag *weekday = gloss_name_at(s, at, NAME_WEEKDAY);
	if (d.day != 0 && weekday != NULL) {
		d.weekday = weekday->name->value;
		d.end = weekday->end;
	}
	judge_date(g, &d);
	return true;
}

void
ground_dates(struct ground *g)
{
	struct gloss *s = &g->gloss;
	for (size_t i = 0; i < s->tags; i++)
		if (s->tag[i].name != NULL && s->tag[i].name->kind == NAME_MONTH)
			date_by_month(g, &s->tag[i]);
	for (int32_t i = 0; s->language->is_cjk && i < s->n; i++)
		if (gloss_is_digit(s, i) && !s->is_used[i] && !gloss_is_digit(s, i - 1))
			(void)date_in_cjk(g, i);
	for (size_t i = 0; i < s->tags; i++)
		if (s->tag[i].name != NULL && s->tag[i].name->kind == NAME_WEEKDAY)
			date_by_weekday(g, &s->tag[i]);
}

/* Times. */

static int
half_of_day(const struct gloss *s, int32_t start, int32_t *end)
{
	int32_t after = gloss_skip(s, *end), before = gloss_back(s, start);
	const struct tag *am = gloss_name_at(s, after, NAME_AM), *pm = gloss_name_at(s, after, NAME_PM);
	if (am != NULL || pm != NULL) {
		*end = am != NULL ? am->end : pm->end;
		return am != NULL ? 1 : 2;
	}
	if (gloss_name_before(s, before, NAME_AM) != NULL)
		return 1;
	return gloss_name_before(s, before, NAME_PM) != NULL ? 2 : 0;
}

/* Does a moment of the facts have this time? Without am or pm, on either half of the day. */
static bool
is_time_of_facts(const struct facts *f, int hour, int minute, int half)
{
	if (half != 0)
		hour = hour % 12 + (half == 2 ? 12 : 0);
	int value = (hour % 24) * 60 + minute;
	for (size_t i = 0; i < f->minutes; i++)
		if (f->minute[i] == value || (half == 0 && hour <= 12 && f->minute[i] % 720 == value % 720))
			return true;
	return false;
}

/* The hour sign behind the hour, as in 19h45, 19 Uhr, 19時45分; its length, 0 if none. */
static int32_t
hour_sign(const struct gloss *s, int32_t i)
{
	int32_t at = gloss_skip(s, i);
	if (at < s->n && s->p[at] == 0x6642) /* 時, but not 時間 */
		return at + 1 < s->n && s->p[at + 1] == 0x9593 ? 0 : at + 1 - i;
	if (gloss_has(s, at, "uhr") && !gloss_is_letter(s, at + 3))
		return at + 3 - i;
	if (gloss_has(s, at, "o'clock"))
		return at + 7 - i;
	bool is_french = strcmp(s->language->code, "fr") == 0;
	if (is_french && gloss_has(s, at, "heures") && !gloss_is_letter(s, at + 6))
		return at + 6 - i;
	return is_french && gloss_has(s, at, "h") && !gloss_is_letter(s, at + 1) ? at + 1 - i : 0;
}

/* The word for "at the hour" of Arabic in front. */
static bool
has_hour_word(const struct gloss *s, int32_t i)
{
	static const UChar word[] = u"الساعة";
	int32_t n = (int32_t)LEN(word) - 1, at = gloss_back(s, i) - n;
	return at >= 0 && plain_find((struct plain){ s->p + at, n }, (struct plain){ word, n }, 0) == 0;
}

/* "between 10 and 18 Uhr", "7-9 p.m.": is the number that ends here the start of a span of
 * hours? Then the sign of the hour stands behind the second, and *half is said there. */
static bool
is_first_hour(const struct gloss *s, int32_t end, int *half)
{
	int64_t ignored;
	int32_t start = gloss_skip(s, end), at;
	const struct tag *t = gloss_word_at(s, start, WORD_RELATED);
	if (t == NULL)
		return false;
	start = gloss_skip(s, t->end);
	int n = gloss_digits(s, start, &at, &ignored);
	if (n < 1 || n > 2)
		return false;
	if (gloss_has(s, at, ":"))
		(void)gloss_digits(s, at + 1, &at, &ignored);
	int32_t sign = hour_sign(s, at);
	at += sign;
	/* Of "11 to 3 p.m." the first is a.m.: leave that open. */
	return (half_of_day(s, start, &at) != 0 || sign > 0) && (*half = 0, true);
}

bool
ground_time(struct ground *g, int32_t i)
{
	struct gloss *s = &g->gloss;
	int64_t hour, minute = 0, second;
	int32_t end, at;
	int n = gloss_digits(s, i, &end, &hour);
	if (n < 1 || n > 2 || hour > 24)
		return false;
	int32_t sign = hour_sign(s, end);
	bool has_colon = end < s->n && (s->p[end] == ':' || (s->p[end] == '.'
	    && strcmp(s->language->code, "de") == 0));
	bool has_minutes = false;
	at = sign > 0 ? gloss_skip(s, end + sign) : end + 1;
	if ((sign > 0 || has_colon) && gloss_digits(s, at, &at, &minute) == 2 && minute < 60
	    && (sign == 0 || s->language->is_cjk || gloss_has(s, end + sign - 1, "h"))) {
		has_minutes = true;
		end = at;
		if (s->language->is_cjk && end < s->n && s->p[end] == 0x5206)
			end++; /* 分 */
		if (gloss_has(s, end, ":") && gloss_digits(s, end + 1, &at, &second) == 2)
			end = at;
		if (sign == 0 && hour_sign(s, end) > 0) {
			sign = hour_sign(s, end);
			end += sign;
		}
	} else if (sign > 0) {
		minute = 0;
		end += sign;
		if (end < s->n && s->p[end] == 0x534A) { /* 半 */
			minute = 30;
			end++;
		}
	} else {
		minute = 0;
	}
	/* In German 2.30 is a number unless "Uhr" follows. */
	if (has_minutes && sign == 0 && !gloss_has(s, i + n, ":"))
		return false;
	int half = half_of_day(s, i, &end);
	bool is_hour = has_hour_word(s, i);
	if (!has_minutes && sign == 0 && half == 0 && !is_hour)
		is_hour = is_first_hour(s, end, &half);
	if (!has_minutes && sign == 0 && half == 0 && !is_hour)
		return false;
	bool is_known = is_time_of_facts(g->facts, (int)hour, (int)minute, half);
	/* "24 heures", "2:10" as a score, "7 m" where م could be metres: let the others judge. */
	if (!is_known && (half == 0 || !has_minutes) && !is_hour && (!has_minutes || hour > 23)
	    && (sign == 0 || gloss_has(s, gloss_skip(s, i + n), "h")))
		return false;
	gloss_use(s, i, end);
	if (!is_known)
		ground_report(g, false, i, end, "is not a time of the facts");
	return true;
}

/* Figures with '-', '/', ':' or '.' between them. */

struct chain {
	int n;
	int64_t value[4];
	int digits[4];
	UChar by;
	int32_t end;
};

static void
chain_read(const struct gloss *s, int32_t i, struct chain *c)
{
	c->n = 0;
	c->by = 0;
	for (;;) {
		int32_t end;
		c->digits[c->n] = gloss_digits(s, i, &end, &c->value[c->n]);
		c->n++;
		c->end = end;
		UChar by = end < s->n ? s->p[end] : 0;
		if (c->n == 4 || by == 0 || (by != '-' && by != '/' && by != ':' && by != '.' && by != '+'
			&& by != 0x5BFE /* 対, between goals */)
		    || (c->by != 0 && by != c->by) || !gloss_is_digit(s, end + 1))
			return;
		c->by = by;
		i = end + 1;
	}
}

static bool
date_of_chain(const struct ground *g, const struct chain *c, bool day_first, struct date *d)
{
	(void)g;
	const int64_t *v = c->value;
	*d = (struct date){ .era = -1 };
	if (c->n == 3 && c->digits[0] == 4) {
		d->year = (int)v[0], d->month = (int)v[1], d->day = (int)v[2];
	} else if (c->n == 3 && (c->digits[2] == 4 || c->digits[2] == 2)) {
		d->day = (int)v[day_first ? 0 : 1], d->month = (int)v[day_first ? 1 : 0];
		d->year = (int)v[2];
	} else if (c->n == 2) {
		d->day = (int)v[day_first ? 0 : 1], d->month = (int)v[day_first ? 1 : 0];
	}
	return d->month >= 1 && d->month <= 12 && d->day >= 1 && d->day <= 31
	    && (c->n == 2 || d->year > 0);
}

/* 20/11/2026, 20.11., 2026-11-20; true if understood. */
static bool
judge_numeric_date(struct ground *g, int32_t i, const struct chain *c)
{
	struct gloss *s = &g->gloss;
	struct date d;
	bool is_german_short = c->n == 2 && c->by == '.' && gloss_has(s, c->end, ".")
	    && s->language->day_first && !gloss_has(s, c->end, "..");
	bool is_short = c->n == 2 && c->by == '/';
	if (!(c->n == 3 && c->by != ':' && c->by != '+') && !is_short && !is_german_short)
		return false;
	if (c->n == 3 && c->digits[0] != 4 && c->digits[2] != 4 && c->by == '-')
		return false; /* 4-4-2 */
	bool ok = date_of_chain(g, c, s->language->day_first, &d)
	    || date_of_chain(g, c, !s->language->day_first, &d);
	if (!ok || (is_short && find_day(g->facts, &d) == NULL))
		return false;
	/* The Gregorian calendar or any other of the locale. */
	for (size_t k = 0; k < s->language->calendars && find_day(g->facts, &d) == NULL; k++)
		d.calendar = k;
	if (find_day(g->facts, &d) == NULL)
		d.calendar = 0;
	d.start = i;
	d.end = c->end + (is_german_short ? 1 : 0);
	d.weekday = weekday_before(s, i, &d.start);
	judge_date(g, &d);
	return true;
}

/* The season, formation or score as the facts spell it, whatever its dash. */
static bool
is_phrase(const struct ground *g, int32_t start, int32_t end)
{
	struct arena *a = g->in->arena;
	UChar *p = ARENA_ARRAY(a, UChar, (size_t)(end - start) + 1);
	static const UChar by[] = { '-', '/', ':' };
	for (size_t k = 0; k < LEN(by); k++) {
		for (int32_t i = start; i < end; i++)
			p[i - start] = gloss_is_digit(&g->gloss, i) ? g->gloss.p[i] : by[k];
		if (facts_have_text(g->facts, (struct plain){ p, end - start }))
			return true;
	}
	return false;
}

static bool
is_season(const struct ground *g, const struct chain *c)
{
	const struct language *l = g->gloss.language;
	int64_t next = c->digits[1] == 2 ? (c->value[0] + 1) % 100 : c->value[0] + 1;
	if (c->n != 2 || c->digits[0] != 4 || (c->digits[1] != 2 && c->digits[1] != 4)
	    || c->value[1] != next)
		return false;
	return facts_have_year(g->facts, l, c->value[0]) && facts_have_year(g->facts, l, c->value[0] + 1);
}

/* Does a unit, a decimal or a currency make "18-21 °C" a range of two quantities? */
static bool
is_range(const struct ground *g, int32_t i, const struct chain *c)
{
	const struct gloss *s = &g->gloss;
	struct quantity first, last;
	int32_t second = c->end;
	while (second > i && gloss_is_digit(s, second - 1))
		second--;
	if (c->n != 2 || c->by != '-' || !quantity_read(s, i, &first) || !quantity_read(s, second, &last))
		return false;
	return last.unit >= 0 || last.scale != 0 || !last.is_integer || first.unit >= 0
	    || (c->digits[0] == 4 && c->digits[1] == 4);
}

static bool
judge_range(struct ground *g, int32_t i, const struct chain *c)
{
	struct gloss *s = &g->gloss;
	struct quantity q;
	const struct fact_number *nearest;
	int32_t second = c->end;
	while (second > i && gloss_is_digit(s, second - 1))
		second--;
	if (!quantity_read(s, second, &q))
		return false;
	int unit = q.unit;
	double factor = q.scale;
	(void)quantity_read(s, i, &q);
	q.unit = q.unit < 0 ? unit : q.unit;
	for (double k = 0; k < factor; k++) {
		q.value *= 10;
		q.half *= 10;
		q.rough *= 10;
	}
	gloss_use(s, i, second - 1);
	bool is_year = q.is_integer && q.digits == 4 && facts_have_year(g->facts, s->language, (int64_t)q.value);
	if (!is_year && !policy_allows_number(g->in->policy, q.value)
	    && facts_bear(g, &q, &nearest) == UNBORNE)
		ground_report(g, false, i, c->end, "begins with a number that is not among the facts");
	ground_number(g, second);
	return true;
}

bool
ground_figures(struct ground *g, int32_t i)
{
	struct gloss *s = &g->gloss;
	struct chain c;
	chain_read(s, i, &c);
	if (c.n < 2)
		return false;
	if (judge_numeric_date(g, i, &c))
		return true;
	if (c.by == '.' || (c.by == ':' && ground_time(g, i)))
		return c.by == ':';
	int half;
	if (c.n == 2 && c.by == '-' && is_first_hour(s, i + c.digits[0], &half))
		return ground_time(g, i);
	if (is_range(g, i, &c))
		return judge_range(g, i, &c);
	gloss_use(s, i, c.end);
	if (is_phrase(g, i, c.end) || is_season(g, &c) || facts_have_together(g->facts, c.value, c.n))
		return true;
	ground_report(g, false, i, c.end, "is not among the facts in this combination");
	return true;
}
