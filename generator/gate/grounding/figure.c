/* Figures with '-', '/', ':' or '.' between them: dates, scores, seasons, line-ups, ranges. */
#include "generator/gate/grounding/ground.h"

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
			&& by != 0x5BFE && by != 0x6BD4 /* 対, 比: between goals */)
		    || (c->by != 0 && by != c->by) || !gloss_is_digit(s, end + 1))
			return;
		c->by = by;
		i = end + 1;
	}
}

static bool
date_of_chain(const struct chain *c, bool day_first, struct said_date *d)
{
	const int64_t *v = c->value;
	*d = (struct said_date){ .era = -1 };
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
	struct said_date d;
	bool is_german_short = c->n == 2 && c->by == '.' && gloss_has(s, c->end, ".")
	    && s->language->day_first && !gloss_has(s, c->end, "..");
	bool is_short = c->n == 2 && c->by == '/';
	if (!(c->n == 3 && c->by != ':' && c->by != '+') && !is_short && !is_german_short)
		return false;
	if (c->n == 3 && c->digits[0] != 4 && c->digits[2] != 4 && c->by == '-')
		return false; /* 4-4-2 */
	bool ok = date_of_chain(c, s->language->day_first, &d)
	    || date_of_chain(c, !s->language->day_first, &d);
	/* "It cost $1.17." ends a sentence where the point is a decimal one. */
	bool is_doubtful = is_short || (is_german_short
	    && (s->language->decimal[0] == '.' || s->language->decimal[1] == '.'));
	if (!ok || (is_doubtful && facts_find_day(g->facts, &d) == NULL))
		return false;
	/* The Gregorian calendar or any other of the locale. */
	for (size_t k = 0; k < s->language->calendars && facts_find_day(g->facts, &d) == NULL; k++)
		d.calendar = k;
	if (facts_find_day(g->facts, &d) == NULL)
		d.calendar = 0;
	d.start = i;
	d.end = c->end + (is_german_short ? 1 : 0);
	d.weekday = ground_weekday_before(s, i, &d.start);
	ground_date(g, &d);
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
	int scale = q.scale;
	(void)quantity_read(s, i, &q);
	q.unit = q.unit < 0 ? unit : q.unit;
	q.value *= ten_to(scale);
	q.half *= ten_to(scale);
	q.rough *= ten_to(scale);
	gloss_use(s, i, second - 1);
	bool is_year = q.is_integer && q.digits == 4 && facts_have_year(g->facts, s->language, (int64_t)q.value);
	if (!is_year && !policy_allows_number(g->in->policy, q.value)
	    && facts_bear(g, &q, &nearest) == UNBORNE)
		ground_report(g, false, i, c->end, "begins with a number that is not among the facts");
	ground_number(g, second);
	return true;
}

/* "3 a 1", "3 zu 1": a score where the facts have it so, else two numbers. */
static bool
judge_spoken_score(struct ground *g, int32_t i, const struct chain *c)
{
	struct gloss *s = &g->gloss;
	const struct subject *winner;
	int64_t score[2] = { c->value[0], 0 };
	int32_t end;
	const struct tag *t = gloss_word_at(s, gloss_skip(s, c->end), WORD_TO);
	if (t == NULL || gloss_digits(s, gloss_skip(s, t->end), &end, &score[1]) == 0
	    || !facts_have_sides(g->facts) || !facts_have_together(g->facts, score, 2))
		return false;
	gloss_use(s, i, end);
	if (score_is_turned(g, i, end, score, &winner))
		ground_report(g, false, i, end, "goes to the wrong side: the facts have %.*s in front",
		    QUOTE(winner->text->text));
	return true;
}

bool
ground_figures(struct ground *g, int32_t i)
{
	struct gloss *s = &g->gloss;
	struct chain c;
	chain_read(s, i, &c);
	if (c.n < 2)
		return judge_spoken_score(g, i, &c);
	if (judge_numeric_date(g, i, &c))
		return true;
	if (c.by == '.' || (c.by == ':' && ground_time(g, i)))
		return c.by == ':';
	int half;
	if (c.n == 2 && c.by == '-' && ground_is_first_hour(s, i + c.digits[0], &half))
		return ground_time(g, i);
	if (is_range(g, i, &c))
		return judge_range(g, i, &c);
	gloss_use(s, i, c.end);
	const struct subject *winner;
	if (c.n == 2 && score_is_turned(g, i, c.end, c.value, &winner)) {
		ground_report(g, false, i, c.end, "goes to the wrong side: the facts have %.*s in front",
		    QUOTE(winner->text->text));
		return true;
	}
	if (is_phrase(g, i, c.end) || is_season(g, &c) || facts_have_together(g->facts, c.value, c.n))
		return true;
	ground_report(g, false, i, c.end, "is not among the facts in this combination");
	return true;
}
