/* Numbers in prose: what bears them out, or else what to say about them. */
#include <math.h>
#include <unicode/ustring.h>

#include "generator/gate/grounding/ground.h"

/* A number that is no figure of the facts but follows from their dates: a day of the month, a
 * year, a quarter, or how long something lasts. */
static bool
follows_from_dates(const struct ground *g, const struct quantity *q)
{
	const struct gloss *s = &g->gloss;
	const struct facts *f = g->facts;
	if (!q->is_integer || q->sign != 0 || q->digits > 9)
		return false;
	int64_t value = (int64_t)q->value;
	if (q->unit < 0 && q->digits == 4 && facts_have_year(f, s->language, value))
		return true;
	int32_t behind = gloss_skip(s, gloss_has(s, q->end, ".") ? q->end + 1 : q->end);
	bool is_quarter = gloss_word_at(s, behind, WORD_QUARTER) != NULL
	    || gloss_word_before(s, gloss_back(s, q->start), WORD_QUARTER) != NULL;
	bool is_decade = q->unit < 0 && q->digits == 4 && value % 10 == 0
	    && (gloss_has(s, q->end, "s") || gloss_has(s, q->end, "er"));
	/* "in the mid-50s": a temperature between 50 and 59, in either scale. */
	if (q->digits == 2 && value % 10 == 0 && gloss_has(s, q->end, "s"))
		for (size_t i = 0; i < f->numbers; i++) {
			double v = f->number[i].value, other = v * 9 / 5 + 32;
			if (f->number[i].unit >= 0
			    && units_known[f->number[i].unit].dimension == TEMPERATURE
			    && ((v >= q->value && v < q->value + 10)
				|| (other >= q->value && other < q->value + 10)))
				return true;
		}
	bool is_span = q->unit >= 0 && units_known[q->unit].dimension == SPAN;
	for (size_t i = 0; i < f->days; i++) {
		if (is_quarter && (f->day[i].in[0].month + 2) / 3 == value)
			return true;
		if (is_decade && f->day[i].in[0].year / 10 == value / 10)
			return true;
		if (q->is_ordinal && f->day[i].in[0].day == value)
			return true;
		if (!is_span)
			continue;
		double length = q->value * units_known[q->unit].factor / 86400;
		for (size_t k = 0; k < i; k++) {
			double days = fabs((double)(f->day[i].day - f->day[k].day));
			/* From the first day to the last, with or without it. */
			if (fabs(days - length) <= 0.02 * length || days + 1 == length)
				return true;
		}
	}
	return false;
}

/* "one dollar", "100 yen": what an exchange rate is per. */
static bool
is_priced_unit(const struct ground *g, const struct quantity *q)
{
	return q->unit >= 0 && units_known[q->unit].dimension == MONEY
	    && (q->value == 1 || q->value == 100) && g->facts->currency[1] != NULL
	    && facts_have_currency(g->facts, q->unit);
}

static bool
is_allowed(const struct ground *g, const struct quantity *q)
{
	/* "A year ago": what changes are measured against. */
	bool is_period = q->unit >= 0 && units_known[q->unit].dimension == SPAN && q->value == 1
	    && g->in->policy->changes.n > 0;
	return policy_allows_number(g->in->policy, q->value) || is_priced_unit(g, q) || is_period;
}

/* "Q3", "CO2", "G20": digits that are part of a word. */
static int32_t
word_start(const struct gloss *s, int32_t i)
{
	int32_t start = i;
	if (start > 1 && s->p[start - 1] == '-' && gloss_is_letter(s, start - 2))
		start--; /* COVID-19 */
	while (start > 0 && gloss_is_letter(s, start - 1) && !plain_is_unspaced(s->p[start - 1])
	    && s->p[start - 1] < 0x0590)
		start--;
	return start;
}

static bool
is_known_word(const struct ground *g, int32_t start, int32_t end)
{
	struct plain word = { g->gloss.p + start, end - start };
	if (facts_have_text(g->facts, word))
		return true;
	for (size_t i = 0; i < g->in->policy->entities.n; i++)
		if (plain_find_word(gloss_fold(g->in->arena, g->in->policy->entities.item[i]), word, 0) >= 0)
			return true;
	return false;
}

/* " celsius, which is 48.9 fahrenheit": the fact in the unit that the prose uses. */
static struct str
in_other_words(const struct ground *g, const struct quantity *q, const struct fact_number *f)
{
	if (q->unit < 0 || f->unit < 0 || q->unit == f->unit)
		return STR("");
	const struct unit *from = &units_known[f->unit], *to = &units_known[q->unit];
	if (from->dimension != to->dimension)
		return STR("");
	double value = (f->value * from->factor + from->offset - to->offset) / to->factor;
	return arena_printf(g->in->arena, " %s, which is %.4g %s", from->name, value, to->name);
}

static void
report_number(struct ground *g, const struct quantity *q, enum bearing b,
    const struct fact_number *f)
{
	if (f == NULL && b == WRONG_UNIT)
		ground_report(g, false, q->start, q->end, "is not the currency of the facts");
	else if (f == NULL)
		ground_report(g, false, q->start, q->end, "is not among the facts");
	else if (b == WRONG_SIGN)
		ground_report(g, false, q->start, q->end, "points the other way than %.*s = %.*s",
		    STR_ARG(f->path), QUOTE(f->shown));
	else if (b == NO_SIGN)
		ground_report(g, f->unit < 0 || units_known[f->unit].dimension != TEMPERATURE, q->start,
		    q->end, "hides that %.*s = %.*s is below zero", STR_ARG(f->path), QUOTE(f->shown));
	else if (b == WRONG_UNIT)
		ground_report(g, false, q->start, q->end, "is not the unit of %.*s = %.*s (%s)",
		    STR_ARG(f->path), QUOTE(f->shown), f->unit < 0 ? "?" : units_known[f->unit].name);
	else
		ground_report(g, false, q->start, q->end,
		    "is not among the facts; nearest: %.*s = %.*s%.*s", STR_ARG(f->path), QUOTE(f->shown),
		    STR_ARG(in_other_words(g, q, f)));
}

/* Minutes of the second half, which the facts count from the start of the match. */
static bool
is_of_second_half(const struct gloss *s, const struct quantity *q)
{
	static const UChar before[] = u"後半";
	static const char *const behind[] = { "do segundo tempo", "de la segunda parte",
		"del secondo tempo" };
	if (q->start >= 2 && u_memcmp(s->p + q->start - 2, before, 2) == 0)
		return true;
	for (size_t k = 0; k < LEN(behind); k++)
		if (gloss_has(s, gloss_skip(s, q->end), behind[k]))
			return true;
	return false;
}

/* "1-in-10 chance": a share of 100. */
static bool
read_chance(const struct gloss *s, int32_t i, struct quantity *q)
{
	int64_t a, b;
	int32_t end;
	if (gloss_digits(s, i, &end, &a) == 0 || strcmp(s->language->code, "en") != 0)
		return false;
	bool is_joined = gloss_has(s, end, "-in-");
	if ((!is_joined && !gloss_has(s, end, " in ")) || gloss_digits(s, end + 4, &end, &b) == 0
	    || a < 1 || a >= b || b > 1000 || (!is_joined && !gloss_has(s, end, " chance")))
		return false;
	double value = 100.0 * (double)a / (double)b;
	*q = (struct quantity){ .start = i, .end = end, .value = value, .half = 0.5, .rough = 0.5,
		.unit = unit_index(STR("percent")), .rounding = ROUND_NEAR };
	return true;
}

void
ground_number(struct ground *g, int32_t i)
{
	struct gloss *s = &g->gloss;
	const struct fact_number *nearest;
	struct quantity q;
	if (!read_chance(s, i, &q) && !quantity_read(s, i, &q))
		return;
	int32_t start = word_start(s, i), end = q.end;
	gloss_use(s, q.start, end);
	if (start < i && is_known_word(g, start, q.end))
		return;
	/* "GMT+3", "UTC-5": a zone, not a figure. */
	if (q.sign != 0 && (gloss_has(s, q.start - 3, "gmt") || gloss_has(s, q.start - 3, "utc")))
		return;
	enum bearing b = facts_bear(g, &q, &nearest);
	const struct fact_number *meant = NULL;
	enum fitting how = facts_fit(g, &q, &meant);
	if (b == UNBORNE && how == FITS)
		return;
	if (b == BORNE && how == FITS_NOT && !is_allowed(g, &q)) {
		ground_report(g, false, q.start, q.end, "is not what the facts say: %.*s = %.*s",
		    STR_ARG(meant->path), QUOTE(meant->shown));
		return;
	}
	if (b != BORNE && q.is_integer && q.value <= 60 && is_of_second_half(s, &q)) {
		struct quantity in_match = q;
		const struct fact_number *ignored;
		in_match.value += 45;
		b = facts_bear(g, &in_match, &ignored) == BORNE ? BORNE : b;
	}
	/* Wind of "4メートル": by the second, as everybody knows. */
	if (b != BORNE && s->language->is_cjk && q.unit >= 0 && q.unit == unit_index(STR("m"))) {
		struct quantity wind = q;
		const struct fact_number *ignored;
		wind.unit = unit_index(STR("m/s"));
		b = facts_bear(g, &wind, &ignored) == BORNE ? BORNE : b;
	}
	if (b == BORNE || is_allowed(g, &q) || follows_from_dates(g, &q))
		return;
	/* "in 2026 300 people": a blank may also just separate. */
	int64_t first, second;
	int32_t middle, last;
	int a = gloss_digits(s, i, &middle, &first), c = gloss_digits(s, middle + 1, &last, &second);
	if (a > 0 && c > 0 && gloss_has(s, middle, " ") && last == q.end
	    && (facts_have_integer(g->facts, first) || facts_have_year(g->facts, s->language, first))
	    && facts_have_integer(g->facts, second))
		return;
	bool is_implied = b != WRONG_SIGN && g->in->policy->derived_severity != SEVERITY_REJECT
	    && facts_imply(g, &q);
	if (is_implied && g->in->policy->derived_severity == SEVERITY_WARN)
		ground_report(g, true, q.start, q.end, "only follows from the facts");
	if (!is_implied)
		report_number(g, &q, b, nearest);
}
