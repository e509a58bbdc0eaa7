/* The gate "markup": headings in order, nothing empty, not nested too deep. */
#include "generator/gate/judges.h"
#include "generator/gate/reading.h"

#define DEPTH_MAX 9 /* MSN takes nesting below 10 */

static bool
may_be_empty(struct str name)
{
	return str_eq(name, STR("td")) || str_eq(name, STR("th"));
}

void
judge_markup(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct reading *r = in->reading;
	bool had_h2 = false;
	if (r->broken)
		gate_report(in, g, out, STR("prose"), 0, "not well-formed");
	for (size_t i = 0; i < r->blocks; i++) {
		const struct reading_block *b = &r->block[i];
		had_h2 = had_h2 || str_eq(b->name, STR("h2"));
		if (b->depth > DEPTH_MAX)
			gate_report(in, g, out, b->element, b->line, "%u elements deep; at most %d",
			    b->depth, DEPTH_MAX);
		if (b->empty && !may_be_empty(b->name))
			gate_report(in, g, out, b->element, b->line, "an empty %.*s",
			    STR_ARG(b->name));
		if (str_eq(b->name, STR("h3")) && !had_h2)
			gate_report(in, g, out, b->element, b->line, "h3 without an h2 above it");
		if (b->depth == 1 && b->name.p[0] == 'h' && i + 1 == r->blocks)
			gate_report(in, g, out, b->element, b->line, "a heading with nothing below it");
	}
	for (size_t i = 0; i < r->links; i++)
		if (str_trim(r->link[i].text).n == 0)
			gate_report(in, g, out, r->link[i].element, r->link[i].line,
			    "a link without text to '%.*s'", QUOTE(r->link[i].href));
}
