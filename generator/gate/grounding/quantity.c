/* Numbers in prose, as the locale writes them, with their sign, scale and unit. */
#include <math.h>
#include <unicode/uchar.h>

#include "generator/gate/grounding/ground.h"

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
		const struct tag *unit = t == NULL ? NULL : gloss_word_at(s, t->start, WORD_UNIT);
		if (t == NULL || (unit != NULL && unit->end > t->end)) /* 百帕 is hectopascal */
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

/* 时速可达64公里: the kilometres are by the hour. */
static void
read_speed_before(const struct gloss *s, struct quantity *q)
{
	if (!s->language->is_cjk || q->unit < 0 || units_known[q->unit].dimension != LENGTH)
		return;
	for (int32_t i = q->start - 1, k = 0; i >= 0 && k < 6 && !gloss_is_digit(s, i); i--, k++) {
		const struct tag *t = gloss_word_at(s, i, WORD_UNIT);
		if (t == NULL || units_known[t->word->value].dimension != SPEED)
			continue;
		q->unit = q->unit == unit_index(STR("mile")) ? unit_index(STR("mph")) : t->word->value;
		return;
	}
}

/* 華氏では112度 */
static void
read_scale_before(const struct gloss *s, struct quantity *q)
{
	bool is_bare = q->unit < 0 || units_known[q->unit].dimension == ANGLE;
	for (int32_t i = q->start - 1, k = 0; s->language->is_cjk && is_bare && i >= 0 && k < 5
	    && !gloss_is_digit(s, i); i--, k++) {
		const struct tag *t = gloss_word_at(s, i, WORD_UNIT);
		if (t != NULL && units_known[t->word->value].dimension == TEMPERATURE) {
			q->unit = t->word->value;
			return;
		}
	}
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

/* 157円40銭, 85銭: a hundredth of a yen. */
static void
read_sen(const struct gloss *s, struct quantity *q)
{
	static const UChar sen = 0x92AD;
	int64_t cents;
	int32_t end;
	if (strcmp(s->language->code, "ja") != 0)
		return;
	if (q->unit < 0 && q->end < s->n && s->p[q->end] == sen) {
		q->value /= 100;
		q->half /= 100;
		q->rough /= 100;
		q->end++;
	} else if (q->unit == unit_index(STR("JPY")) && gloss_is_digit(s, q->end)
	    && gloss_digits(s, q->end, &end, &cents) <= 2 && end < s->n && s->p[end] == sen) {
		q->value += (double)cents / 100;
		q->half = q->rough = 0.005;
		q->end = end + 1;
	} else {
		return;
	}
	q->unit = unit_index(STR("JPY"));
	q->is_integer = false;
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
	/* "106 degrees Fahrenheit", in whatever number or case the degrees are. */
	int32_t scale_end = end;
	int scale = unit >= 0 && units_known[unit].dimension == ANGLE
	    ? unit_at(s, gloss_skip(s, end), &scale_end) : -1;
	if (scale >= 0 && units_known[scale].dimension == TEMPERATURE) {
		unit = scale;
		end = scale_end;
	}
	q->unit = unit;
	q->end = end;
	read_sen(s, q);
	read_speed_before(s, q);
	read_scale_before(s, q);
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
		|| plain_is_unspaced(s->p[i - 2]) || s->p[i - 2] > 0x2000 || s->p[i - 2] == '-'
		|| (s->language->is_rtl && gloss_is_letter(s, i - 2)))) {
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

void
quantity_of_word(const struct gloss *s, const struct tag *t, struct quantity *out)
{
	*out = (struct quantity){ .start = t->start, .end = t->end, .value = t->word->value, .half = 0.5,
		.rough = 0.5, .unit = -1, .is_integer = true };
	read_unit(s, out);
	out->rounding = rounding_of(s, out->start, out->end);
}
