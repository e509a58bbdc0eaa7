/* Numbers in prose: how they are written in the locale, and which fact bears them out. */
#include <math.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "generator/gate/ground.h"

#define EPSILON 1e-9
#define REACH 24 /* how many words a word like "fell" reaches; in Japanese, characters */

static bool
is_one_of(UChar32 c, const UChar32 set[2])
{
	return c != 0 && (c == set[0] || c == set[1]);
}

/* Separators as gloss_make leaves them: every blank is ' ', every apostrophe '\''. */
static bool
is_group(const struct language *l, UChar c)
{
	return c == ' ' || c == '\'' || is_one_of(c, l->group) || c == 0x066C;
}

static bool
is_separator(const struct language *l, UChar c)
{
	return is_group(l, c) || is_one_of(c, l->decimal) || c == '.' || c == ',' || c == 0x066B;
}

#define PIECES_MAX 8
struct digits {
	int n;
	int32_t start[PIECES_MAX], end[PIECES_MAX]; /* runs of digits */
	UChar by[PIECES_MAX];                       /* what stands before run k */
};

/* Runs of digits with one separator between each; a blank only before exactly three. */
static void
split(const struct gloss *s, int32_t i, struct digits *d)
{
	int64_t ignored;
	int32_t end;
	d->n = 0;
	for (;;) {
		int length = gloss_digits(s, i, &end, &ignored);
		d->start[d->n] = i;
		d->end[d->n++] = end;
		if (d->n == PIECES_MAX || !is_separator(s->language, end < s->n ? s->p[end] : 0)
		    || !gloss_is_digit(s, end + 1))
			return;
		int next = gloss_digits(s, end + 1, &i, &ignored);
		bool is_blank = s->p[end] == ' ' || s->p[end] == '\'';
		if (is_blank && (next != 3 || length > 3 || (d->n > 1 && d->by[d->n - 1] != s->p[end])))
			return;
		d->by[d->n] = s->p[end];
		i = end + 1;
	}
}

static bool
groups_fit(const struct digits *d, int from, int to)
{
	if (d->end[0] - d->start[0] > 3)
		return false;
	for (int k = from; k < to; k++)
		if (d->end[k] - d->start[k] != 3 && !(d->end[k] - d->start[k] == 2 && k + 1 < to))
			return false; /* 12,34,567: India groups by two */
	return true;
}

/* The number of runs that belong to one number, and whether the last is its decimals. */
static int
understand(const struct language *l, const struct digits *d, bool *has_decimals)
{
	int n = d->n;
	*has_decimals = false;
	if (n == 1)
		return 1;
	UChar last = d->by[n - 1];
	bool one_kind = true;
	for (int k = 2; k < n; k++)
		one_kind = one_kind && d->by[k] == d->by[1];
	/* As the locale writes. */
	if (is_one_of(last, l->decimal) && groups_fit(d, 1, n - 1)
	    && (n == 2 || is_group(l, d->by[1]))) {
		*has_decimals = true;
		return n;
	}
	if (is_group(l, last) && one_kind && groups_fit(d, 1, n))
		return n;
	/* As another locale writes, where it cannot be misread. */
	if (n == 2 && (last == '.' || last == ',' || last == 0x066B)) {
		*has_decimals = true;
		return 2;
	}
	if (n > 2 && last != d->by[1] && groups_fit(d, 1, n - 1)) {
		*has_decimals = true;
		return n;
	}
	return one_kind && groups_fit(d, 1, n) ? n : 1;
}

static double
value_of(const struct gloss *s, const struct digits *d, int n, bool has_decimals, int *decimals)
{
	double value = 0, scale = 1;
	*decimals = 0;
	for (int k = 0; k < n; k++)
		for (int32_t i = d->start[k]; i < d->end[k]; i++) {
			value = value * 10 + (s->p[i] - '0');
			if (has_decimals && k == n - 1) {
				scale *= 10;
				++*decimals;
			}
		}
	return value / scale;
}

/* How many zeros an integer ends with: "about 1,200" means hundreds. */
static int
trailing_zeros(const struct gloss *s, const struct digits *d, int n)
{
	int zeros = 0;
	for (int k = n; k-- > 0;)
		for (int32_t i = d->end[k]; i-- > d->start[k]; zeros++)
			if (s->p[i] != '0')
				return zeros;
	return 0;
}

/* "½" and its like right behind the digits. */
static double
fraction_at(const struct gloss *s, int32_t i)
{
	if (i >= s->n || u_charType(s->p[i]) != U_OTHER_NUMBER)
		return 0;
	double v = u_getNumericValue(s->p[i]);
	return v > 0 && v < 1 ? v : 0;
}

static bool
is_link_word(const struct gloss *s, int32_t i, int32_t *end)
{
	static const char *const link[] = { "of ", "de ", "d'", "di ", "us " };
	for (size_t k = 0; k < LEN(link); k++)
		if (gloss_has(s, i, link[k])) {
			*end = i + (int32_t)strlen(link[k]);
			return true;
		}
	return false;
}

/* "3,4 Milliarden", "1億2345万": the scale, and what Japanese adds with smaller ones. */
static void
read_scale(const struct gloss *s, struct quantity *q)
{
	for (int round = 0; round < 4; round++) {
		const struct tag *t = gloss_word_at(s, gloss_skip(s, q->end), WORD_SCALE);
		if (t == NULL)
			return;
		double factor = ten_to(t->word->value);
		if (round == 0) {
			q->value *= factor;
			q->half *= factor;
			q->rough *= factor;
		}
		q->scale += round == 0 ? t->word->value : 0;
		q->end = t->end;
		q->is_integer = false;
		struct digits d;
		if (!s->language->is_cjk || !gloss_is_digit(s, q->end))
			continue;
		bool has_decimals;
		int decimals;
		split(s, q->end, &d);
		int n = understand(s->language, &d, &has_decimals);
		double more = value_of(s, &d, n, has_decimals, &decimals);
		const struct tag *next = gloss_word_at(s, d.end[n - 1], WORD_SCALE);
		double by = next == NULL ? 1 : ten_to(next->word->value);
		if (by >= factor)
			return;
		q->value += more * by;
		q->half = 0.5 * by;
		q->rough = q->half * ten_to(trailing_zeros(s, &d, n));
		q->end = next == NULL ? d.end[n - 1] : next->end;
		if (next == NULL)
			return;
	}
}

static int
unit_at(const struct gloss *s, int32_t i, int32_t *end)
{
	const struct tag *t = gloss_word_at(s, i, WORD_UNIT);
	if (t == NULL)
		return -1;
	*end = t->end;
	return t->word->value;
}

static int
symbol_unit(UChar c)
{
	return c == '$' ? unit_index(STR("USD")) : c == 0xA5 ? unit_index(STR("JPY")) : -1;
}

/* "$5", "EUR 5", 摂氏21度, 時速30キロ: in the last, what stands before tells more. */
static void
read_unit_before(const struct gloss *s, struct quantity *q)
{
	int32_t back = gloss_back(s, q->start);
	const struct tag *t = gloss_word_before(s, back, WORD_UNIT);
	int unit = t != NULL ? t->word->value : back > 0 ? symbol_unit(s->p[back - 1]) : -1;
	if (unit < 0)
		return;
	/* Of words, only codes: the Arabic "between" ends like yen. */
	bool is_code = t == NULL || t->end - t->start == 1 || (s->p[t->start] < 0x80
	    && !gloss_is_letter(s, t->start - 1));
	enum dimension d = units_known[unit].dimension;
	bool is_prefix = s->language->is_cjk && t != NULL && (d == SPEED || d == TEMPERATURE);
	if (!is_prefix && (!is_code || q->unit >= 0 || (d != MONEY && d != SHARE)))
		return;
	q->unit = unit;
	q->start = t != NULL ? t->start : back - 1;
}

static void
read_unit(const struct gloss *s, struct quantity *q)
{
	int32_t end = q->end, i = gloss_skip(s, q->end), link;
	int unit = unit_at(s, i, &end);
	if (unit < 0 && i < s->n && s->p[i] == '-') /* a 10-year bond, 90-minute */
		unit = unit_at(s, i + 1, &end);
	if (unit < 0 && is_link_word(s, i, &link))
		unit = unit_at(s, link, &end);
	if (unit < 0 && i < s->n && symbol_unit(s->p[i]) >= 0) {
		unit = symbol_unit(s->p[i]);
		end = i + 1;
	}
	q->unit = unit;
	q->end = end;
	read_unit_before(s, q);
}

/* "18 to 21 °C", "18–21 °C": the first has the unit of the second. */
static int
unit_of_range(const struct gloss *s, int32_t i)
{
	i = gloss_skip(s, i);
	const struct tag *t = gloss_word_at(s, i, WORD_RELATED);
	if (t == NULL)
		return -1;
	i = gloss_skip(s, t->end);
	if (i < s->n && (s->p[i] == '-' || s->p[i] == '+'))
		i++;
	if (!gloss_is_digit(s, i))
		return -1;
	struct digits d;
	bool has_decimals;
	split(s, i, &d);
	struct quantity q = { .start = i, .unit = -1 };
	q.end = d.end[understand(s->language, &d, &has_decimals) - 1];
	read_unit(s, &q);
	return q.start == i ? q.unit : -1;
}

static void
read_sign(const struct gloss *s, struct quantity *q)
{
	int32_t i = q->start;
	if (i > 0 && (s->p[i - 1] == '-' || s->p[i - 1] == '+')
	    && (i == 1 || s->p[i - 2] == ' ' || s->p[i - 2] == '(' || s->p[i - 2] == '$'
		|| plain_is_unspaced(s->p[i - 2]) || s->p[i - 2] > 0x2000)) {
		q->sign = s->p[i - 1] == '-' ? -1 : 1;
		q->start = i - 1;
	}
	int32_t back = gloss_back(s, q->start);
	const struct tag *t = gloss_word_before(s, back, WORD_MINUS);
	/* "au moins 3" is at least, not minus. */
	if (t != NULL && gloss_word_before(s, back, WORD_ABOUT) == NULL)
		q->sign = -1;
}

/* "3 degrees below zero", "2度氷点下" */
static void
read_sign_behind(const struct gloss *s, struct quantity *q)
{
	const struct tag *t = gloss_word_at(s, gloss_skip(s, q->end), WORD_MINUS);
	if (t != NULL && t->end - t->start > 6)
		q->sign = -1;
	/* Arabic may set the sign on the left, which is behind. */
	if (s->language->is_rtl && gloss_has(s, q->end, "-") && !gloss_is_digit(s, q->end + 1)
	    && q->sign == 0) {
		q->sign = -1;
		q->end++;
	}
}

static bool
is_ordinal(const struct gloss *s, int32_t *end)
{
	static const char *const suffix[] = { "st", "nd", "rd", "th", "er", "ere", "eme", "e", "re" };
	int32_t i = *end;
	for (size_t k = 0; k < LEN(suffix); k++) {
		int32_t after = i + (int32_t)strlen(suffix[k]);
		if (gloss_has(s, i, suffix[k]) && !gloss_is_letter(s, after)) {
			*end = after;
			return true;
		}
	}
	if (gloss_has(s, i, "e") == false && i + 2 < s->n && s->p[i] == 0xE8) { /* 3ème */
		*end = i + 3;
		return true;
	}
	if (i < s->n && (s->p[i] == 0xBA || s->p[i] == 0xAA)) {
		*end = i + 1;
		return true;
	}
	/* "20. November", "3. Platz" */
	return strcmp(s->language->code, "de") == 0 && gloss_has(s, i, ". ");
}

/* 1 more than the value of the word, 0 if there is none: as in enum of struct quantity. */
static int
rounding_of(const struct gloss *s, int32_t start, int32_t end)
{
	const struct tag *t;
	for (int32_t i = start, words = 0; i > 0 && words < 3; words++) {
		i = gloss_back(s, i);
		if ((t = gloss_word_before(s, i, WORD_ABOUT)) != NULL)
			return t->word->value + 1;
		while (i > 0 && s->p[i - 1] != ' ')
			i--;
	}
	t = gloss_word_at(s, gloss_skip(s, end), WORD_ABOUT);
	return t == NULL ? 0 : t->word->value + 1;
}

bool
quantity_read(const struct gloss *s, int32_t i, struct quantity *out)
{
	struct digits d;
	bool has_decimals;
	int decimals;
	if (!gloss_is_digit(s, i))
		return false;
	split(s, i, &d);
	int n = understand(s->language, &d, &has_decimals);
	struct quantity q = { .start = i, .end = d.end[n - 1], .unit = -1 };
	q.value = value_of(s, &d, n, has_decimals, &decimals);
	q.half = 0.5 * ten_to(-decimals);
	q.is_integer = decimals == 0;
	q.digits = q.end - i;
	int zeros = decimals > 0 ? 0 : trailing_zeros(s, &d, n);
	q.rough = q.half * ten_to(zeros);
	if (zeros >= 3 && q.value >= 10 * ten_to(zeros))
		q.half = q.rough; /* 61,000 spectators are counted in thousands */
	double fraction = fraction_at(s, q.end);
	if (fraction > 0) {
		q.value += fraction;
		q.half = q.rough = 0.005;
		q.is_integer = false;
		q.end++;
	}
	read_sign(s, &q);
	int32_t behind = q.end;
	if (q.is_integer && is_ordinal(s, &behind)) {
		q.is_ordinal = true;
		q.end = behind;
	} else {
		read_sign_behind(s, &q);
		read_scale(s, &q);
		read_unit(s, &q);
		if (q.unit < 0)
			q.unit = unit_of_range(s, q.end);
		read_sign_behind(s, &q);
	}
	q.rounding = rounding_of(s, q.start, q.end);
	if (q.sign < 0)
		q.value = -q.value;
	*out = q;
	return true;
}

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

/* Facts that name currencies allow no other. */
static bool
currency_fits(const struct facts *f, int unit)
{
	const char *code = units_known[unit].name;
	for (size_t i = 0; f->currency[i] != NULL; i++)
		if (strcmp(f->currency[i], code) == 0
		    || (strcmp(code, "USD") == 0 && is_dollar(f->currency[i]))
		    || (strcmp(code, "JPY") == 0 && strcmp(f->currency[i], "CNY") == 0))
			return true;
	return f->currency[0] == NULL;
}

/* Does the fact round to the quantity, in the direction that its words say? */
static bool
near(const struct quantity *q, double fact)
{
	double more = fabs(fact) - fabs(q->value), slack = EPSILON * (1 + fabs(q->value));
	double above = q->half, below = q->half;
	if (q->rounding == ROUND_ABOUT)
		above = below = q->rough;
	else if (q->rounding == ROUND_OVER)
		above = 2 * q->rough;
	else if (q->rounding == ROUND_UNDER)
		below = 2 * q->rough;
	return more <= above + slack && -more <= below + slack;
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

enum bearing
facts_bear(const struct ground *g, const struct quantity *q, const struct fact_number **nearest)
{
	enum bearing best = UNBORNE;
	double nearest_by = INFINITY;
	*nearest = NULL;
	if (!(fabs(q->value) < 1e15))
		return UNBORNE; /* beyond what is compared exactly; no fact has so many digits */
	if (q->unit >= 0 && units_known[q->unit].dimension == MONEY
	    && !currency_fits(g->facts, q->unit))
		return WRONG_UNIT;
	for (size_t i = 0; i < g->facts->numbers; i++) {
		const struct fact_number *f = &g->facts->number[i];
		double value;
		if (!fact_in_terms_of(g, q, f, &value)) {
			if (best == UNBORNE && near(q, f->value)) {
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
		if (!near(q, value))
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
	    && currency_fits(g->facts, q->unit);
}

static bool
is_allowed(const struct ground *g, const struct quantity *q)
{
	return policy_allows_number(g->in->policy, q->value) || is_priced_unit(g, q);
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

static void
report_number(struct ground *g, const struct quantity *q, enum bearing b,
    const struct fact_number *f)
{
	if (f == NULL && b == WRONG_UNIT)
		ground_report(g, false, q->start, q->end, "is not a currency of the facts");
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
		    "is not among the facts; nearest: %.*s = %.*s", STR_ARG(f->path), QUOTE(f->shown));
}

void
ground_number(struct ground *g, int32_t i)
{
	struct gloss *s = &g->gloss;
	const struct fact_number *nearest;
	struct quantity q;
	if (!quantity_read(s, i, &q))
		return;
	int32_t start = word_start(s, i), end = q.end;
	gloss_use(s, q.start, end);
	if (start < i && is_known_word(g, start, q.end))
		return;
	/* "GMT+3", "UTC-5": a zone, not a figure. */
	if (q.sign != 0 && (gloss_has(s, q.start - 3, "gmt") || gloss_has(s, q.start - 3, "utc")))
		return;
	enum bearing b = facts_bear(g, &q, &nearest);
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
	report_number(g, &q, b, nearest);
}
