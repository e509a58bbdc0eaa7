/* Whether the facts have something: a number, a year, a text, numbers that belong together. */
#include <math.h>

#include "generator/gate/grounding/ground.h"

bool
facts_have_integer(const struct facts *f, int64_t value)
{
	for (size_t i = 0; i < f->numbers; i++)
		if (fabs(f->number[i].value) == (double)value)
			return true;
	return false;
}

bool
facts_have_year(const struct facts *f, const struct language *l, int64_t year)
{
	for (size_t i = 0; i < f->days; i++)
		for (size_t k = 0; k < l->calendars; k++)
			if (f->day[i].in[k].year == year)
				return true;
	return facts_have_integer(f, year);
}

bool
facts_have_text(const struct facts *f, struct plain s)
{
	for (size_t i = 0; i < f->texts; i++)
		if (plain_find_word(f->text[i].text, s, 0) >= 0)
			return true;
	return false;
}

static bool
are_together(const struct fact_number *x, const struct fact_number *y)
{
	if (x == y || x->parent == NULL || y->parent == NULL)
		return false;
	return x->parent == y->parent
	    || (x->grand != NULL && x->grand == y->grand && str_eq(x->name, y->name));
}

/* Chooses a fact for value[at] that goes with all that were chosen before, within so many
 * steps: hostile facts may be thousands of the same number. */
static bool
choose(const struct facts *f, const int64_t *value, int n, int at,
    const struct fact_number **chosen, size_t *steps)
{
	if (at == n)
		return true;
	for (size_t i = 0; i < f->numbers && *steps > 0; i++, --*steps) {
		const struct fact_number *x = &f->number[i];
		bool fits = fabs(x->value) == (double)value[at] && x->parent != NULL;
		for (int k = 0; fits && k < at; k++)
			fits = are_together(chosen[k], x);
		chosen[at] = x;
		if (fits && choose(f, value, n, at + 1, chosen, steps))
			return true;
	}
	return false;
}

bool
facts_have_together(const struct facts *f, const int64_t *value, int n)
{
	const struct fact_number *chosen[3];
	size_t steps = 1000000;
	return n >= 1 && n <= 3 && choose(f, value, n, 0, chosen, &steps);
}
