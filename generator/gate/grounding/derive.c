/* What the facts do not say but imply: a difference that the text calls one, and how long
 * something lasts. Exact arithmetic on two facts, rounded as the text rounds. */
#include <math.h>

#include "generator/gate/grounding/ground.h"

#define FACTS_MAX 300   /* of hostile documents; pairs are its square */
#define MOMENTS_MAX 200

/* From the first moment of an object to its last: "13 hours". */
static bool
is_duration(const struct facts *f, const struct quantity *q)
{
	double second = units_known[q->unit].factor, length = q->value * second;
	size_t n = f->moments < MOMENTS_MAX ? f->moments : MOMENTS_MAX;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (f->moment[i].parent == f->moment[k].parent
			    && fabs(fabs((double)(f->moment[i].t - f->moment[k].t)) - length) <= q->half * second)
				return true;
	return false;
}

/* One of the two facts' difference in the unit of the quantity. */
static bool
is_between(const struct ground *g, const struct quantity *q, const struct fact_number *x,
    const struct fact_number *y)
{
	double by = fabs(x->value - y->value);
	if (x->unit != y->unit || by == 0)
		return false;
	if (x->unit < 0)
		return (q->unit < 0 || units_known[q->unit].dimension == MONEY) && quantity_near(q, by);
	const struct unit *from = &units_known[x->unit];
	if (q->unit >= 0 && units_known[q->unit].dimension == from->dimension)
		return quantity_near(q, by * from->factor / units_known[q->unit].factor);
	/* Of two shares the difference is in points. */
	if (q->unit >= 0 && units_known[q->unit].dimension == POINTS)
		return from->dimension == SHARE && quantity_near(q, by * from->factor);
	bool is_bare = q->unit < 0 || units_known[q->unit].dimension == ANGLE;
	return is_bare && from->dimension == TEMPERATURE
	    && (quantity_near(q, by) || (str_ends(g->gloss.language->tag, STR("-us"))
		&& quantity_near(q, by * 9 / 5)));
}

bool
facts_imply(const struct ground *g, const struct quantity *q)
{
	const struct facts *f = g->facts;
	if (q->unit >= 0 && units_known[q->unit].dimension == SPAN)
		return is_duration(f, q);
	if (!quantity_is_difference(&g->gloss, q))
		return false;
	size_t n = f->numbers < FACTS_MAX ? f->numbers : FACTS_MAX;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (!f->number[i].is_written && !f->number[k].is_written && !f->number[i].is_count
			    && !f->number[k].is_count && is_between(g, q, &f->number[i], &f->number[k]))
				return true;
	return false;
}
