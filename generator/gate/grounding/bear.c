/* Which fact bears out a number: by value, unit, rounding, sign and direction. */
#include <math.h>

#include "generator/gate/grounding/ground.h"

#define EPSILON 1e-9
#define REACH 24 /* how many words a word like "fell" reaches; in Japanese, characters */

/* "1.7% less", "5,6 % de moins": within two words behind the number. */
static int
direction_behind(const struct gloss *s, int32_t i)
{
	for (int words = 0; words < 2; words++) {
		i = gloss_skip(s, i);
		if (gloss_word_at(s, i, WORD_MORE) != NULL)
			return 1;
		if (gloss_word_at(s, i, WORD_LESS) != NULL)
			return -1;
		while (i < s->n && s->p[i] != ' ')
			i++;
	}
	return 0;
}

/* "a change of 0.57": no direction is told, and none is missing. */
static bool
is_size(const struct gloss *s, const struct quantity *q)
{
	for (int32_t i = q->start, words = 0; i > 0 && words < (s->language->is_cjk ? 6 : 4); i--) {
		if (gloss_word_at(s, i, WORD_SIZE) != NULL)
			return true;
		if (gloss_ends_sentence(s, i - 1))
			return false;
		words += s->p[i] == ' ' || s->language->is_cjk;
	}
	return false;
}

bool
quantity_is_difference(const struct gloss *s, const struct quantity *q)
{
	return direction_behind(s, q->end) != 0 || is_size(s, q);
}

/* Which way the nearest word points, 0 if none is near. */
static int
direction_of(const struct gloss *s, const struct quantity *q)
{
	int32_t best = INT32_MAX;
	int direction = direction_behind(s, q->end);
	if (direction != 0)
		return direction;
	for (int side = -1; side <= 1; side += 2) {
		int32_t distance = 0;
		int32_t i = side < 0 ? q->start - 1 : q->end;
		for (; i >= 0 && i < s->n && distance < REACH; i += side) {
			if (gloss_ends_sentence(s, i))
				break;
			distance += s->p[i] == ' ' || s->language->is_cjk;
			if (s->p[i] == ',' || s->p[i] == 0x3001 || s->p[i] == 0x060C || s->p[i] == ':')
				distance += 4;
			const struct tag *up = gloss_word_at(s, i, WORD_UP);
			const struct tag *down = gloss_word_at(s, i, WORD_DOWN);
			if ((up != NULL || down != NULL) && distance < best) {
				best = distance;
				direction = up != NULL && (down == NULL || up->end > down->end) ? 1 : -1;
			}
		}
	}
	return direction;
}

/* "fell to 3 %": the number is where it got, not how far it went. */
static bool
is_level(const struct gloss *s, const struct quantity *q)
{
	if (s->language->is_cjk)
		return gloss_word_at(s, q->end, WORD_LEVEL) != NULL;
	for (int32_t i = q->start, words = 0; i > 0 && words < 2; words++) {
		i = gloss_back(s, i);
		if (gloss_word_before(s, i, WORD_LEVEL) != NULL)
			return true;
		while (i > 0 && s->p[i - 1] != ' ')
			i--;
	}
	return false;
}

static bool
is_dollar(const char *code)
{
	static const char *const dollars[] = { "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD" };
	for (size_t i = 0; i < LEN(dollars); i++)
		if (strcmp(code, dollars[i]) == 0)
			return true;
	return false;
}

static bool
is_peso(const char *code)
{
	static const char *const pesos[] = { "MXN", "ARS", "CLP", "COP", "UYU", "DOP", "PHP" };
	for (size_t i = 0; i < LEN(pesos); i++)
		if (strcmp(code, pesos[i]) == 0)
			return true;
	return false;
}

/* Facts that name currencies allow no other. */
bool
facts_have_currency(const struct facts *f, int unit)
{
	const char *code = units_known[unit].name;
	for (size_t i = 0; f->currency[i] != NULL; i++)
		if (strcmp(f->currency[i], code) == 0
		    || (strcmp(code, "USD") == 0 && is_dollar(f->currency[i]))
		    || (strcmp(code, "MXN") == 0 && is_peso(f->currency[i]))
		    || (strcmp(code, "JPY") == 0 && strcmp(f->currency[i], "CNY") == 0))
			return true;
	return f->currency[0] == NULL;
}

bool
quantity_near(const struct quantity *q, double fact)
{
	double more = fabs(fact) - fabs(q->value), slack = EPSILON * (1 + fabs(q->value));
	double above = q->half, below = above;
	if (q->rounding == ROUND_ABOUT)
		above = below = q->rough;
	else if (q->rounding == ROUND_OVER)
		above = 2 * q->rough;
	else if (q->rounding == ROUND_UNDER)
		below = 2 * q->rough;
	if (more <= above + slack && -more <= below + slack)
		return true;
	/* Thousands of points are told without their decimals, and "some 91,500" of 91,553. */
	bool is_cut = q->is_integer && q->scale == 0 && fabs(q->value) >= 1000
	    && floor(fabs(fact)) == fabs(q->value);
	return is_cut || (q->rounding == ROUND_ABOUT && fabs(more) <= 0.001 * fabs(fact));
}

static double
converted(double value, int from, int to)
{
	const struct unit *f = &units_known[from], *t = &units_known[to];
	return (value * f->factor + f->offset - t->offset) / t->factor;
}

static bool
dimensions_fit(int prose, int fact)
{
	enum dimension p = units_known[prose].dimension, f = units_known[fact].dimension;
	return p == f || (p == ANGLE && f == TEMPERATURE) || (f == ANGLE && p == TEMPERATURE);
}

/* The fact as the prose would have to write it: its value in the prose's unit, or with the
 * scale that the facts share. Sets *at to what comes nearest; false if the units cannot fit. */
static bool
fact_in_terms_of(const struct ground *g, const struct quantity *q, const struct fact_number *f,
    double *at)
{
	static const char *const fahrenheit = "fahrenheit";
	double candidate[4] = { f->value };
	int n = 1;
	*at = f->value;
	if (q->unit >= 0 && f->unit >= 0) {
		if (!dimensions_fit(q->unit, f->unit))
			return false;
		if (units_known[q->unit].dimension == units_known[f->unit].dimension)
			candidate[0] = converted(f->value, f->unit, q->unit);
	}
	/* "70°" and a bare 70 may be either scale. */
	bool is_bare = q->unit < 0 || units_known[q->unit].dimension == ANGLE;
	if (is_bare && f->unit >= 0 && units_known[f->unit].dimension == TEMPERATURE
	    && str_ends(g->gloss.language->tag, STR("-us")))
		candidate[n++] = converted(f->value, f->unit, unit_index(str_of(fahrenheit)));
	if (g->facts->scale > 0 && f->unit < 0)
		candidate[n++] = f->value * ten_to(g->facts->scale);
	if (q->unit >= 0 && units_known[q->unit].dimension == SHARE && f->unit < 0
	    && fabs(f->value) <= 1)
		candidate[n++] = 100 * f->value / units_known[q->unit].factor;
	else if (q->unit >= 0 && units_known[q->unit].dimension == SHARE && f->unit < 0)
		candidate[n++] = f->value / units_known[q->unit].factor;
	for (int i = 0; i < n; i++)
		if (fabs(fabs(candidate[i]) - fabs(q->value)) < fabs(fabs(*at) - fabs(q->value)) || i == 0)
			*at = candidate[i];
	return true;
}

static enum bearing
sign_bearing(const struct ground *g, const struct quantity *q, const struct fact_number *f,
    double value)
{
	if (value == 0 || q->value == 0 || f->is_written)
		return BORNE;
	if (q->sign != 0)
		return (q->sign < 0) == (value < 0) ? BORNE : WRONG_SIGN;
	if (is_size(&g->gloss, q))
		return BORNE;
	int direction = direction_of(&g->gloss, q);
	if (value < 0)
		return direction < 0 ? BORNE : direction > 0 ? WRONG_SIGN : NO_SIGN;
	return f->is_change && direction < 0 && !is_level(&g->gloss, q) ? WRONG_SIGN : BORNE;
}

/* "1 euro", "100 yen" are priced; a figure of the facts is never in what it prices. */
static bool
is_base(const struct facts *f, const struct quantity *q)
{
	if (f->base == NULL || f->currency[1] == NULL || q->value == 1 || q->value == 100
	    || strcmp(units_known[q->unit].name, f->base) != 0)
		return false;
	/* Signs that the two have in common: $ and R$, the yen's and the yuan's. */
	for (size_t i = 0; f->currency[i] != NULL; i++) {
		const char *code = f->currency[i];
		bool is_other = strcmp(code, f->base) != 0;
		if (is_other && strcmp(f->base, "USD") == 0 && (is_dollar(code) || strcmp(code, "BRL") == 0
		    || strcmp(code, "MXN") == 0 || strcmp(code, "ARS") == 0))
			return false;
		if (is_other && strcmp(f->base, "JPY") == 0 && strcmp(code, "CNY") == 0)
			return false;
	}
	return true;
}

enum bearing
facts_bear(const struct ground *g, const struct quantity *q, const struct fact_number **nearest)
{
	enum bearing best = UNBORNE;
	double nearest_by = INFINITY;
	*nearest = NULL;
	if (!(fabs(q->value) < 1e15))
		return UNBORNE; /* beyond what is compared exactly; no fact has so many digits */
	if (q->unit >= 0 && units_known[q->unit].dimension == MONEY
	    && (!facts_have_currency(g->facts, q->unit) || is_base(g->facts, q)))
		return WRONG_UNIT;
	for (size_t i = 0; i < g->facts->numbers; i++) {
		const struct fact_number *f = &g->facts->number[i];
		double value;
		if (!fact_in_terms_of(g, q, f, &value)) {
			if (best == UNBORNE && quantity_near(q, f->value)) {
				best = WRONG_UNIT;
				*nearest = f;
			}
			continue;
		}
		double by = fabs(fabs(value) - fabs(q->value));
		if (best != WRONG_UNIT && best != WRONG_SIGN && best != NO_SIGN && by < nearest_by
		    && !f->is_count && !f->is_written) {
			nearest_by = by;
			*nearest = f;
		}
		if (!quantity_near(q, value))
			continue;
		enum bearing b = sign_bearing(g, q, f, value);
		if (b == BORNE) {
			*nearest = f;
			return BORNE;
		}
		if (best == UNBORNE || best == WRONG_UNIT || (best == NO_SIGN && b == WRONG_SIGN)) {
			best = b;
			*nearest = f;
		}
	}
	return best;
}
