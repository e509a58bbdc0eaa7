/* Does a document say how it was made, who reviewed it, and who is responsible? */
#include "base/clock.h"
#include "generator/gate/judges.h"

static bool
is_given(const struct node *provenance, struct str name)
{
	const struct node *n = node_get(provenance, name);
	return n != NULL && str_trim(n->text).n > 0;
}

static void
judge_reviewer(const struct gate_input *in, const struct gate *g, struct findings *out,
    const struct node *p)
{
	int64_t at;
	struct err ignored;
	struct str reviewed = node_text_at(p, "reviewed");
	if (!is_given(p, STR("reviewer")))
		gate_report(in, g, out, STR("provenance/reviewer"), p->line,
		    "grade is assisted, but nobody is named who reviewed it");
	if (!is_given(p, STR("reviewed")))
		gate_report(in, g, out, STR("provenance/reviewed"), p->line,
		    "grade is assisted, but it is not said when it was reviewed");
	else if (!time_parse(reviewed, &at, &ignored))
		gate_report(in, g, out, STR("provenance/reviewed"), p->line,
		    "'%.*s' is not a moment", QUOTE(reviewed));
	else if (at > in->now + in->policy->max_skew_s)
		gate_report(in, g, out, STR("provenance/reviewed"), p->line,
		    "reviewed in the future: %.*s", QUOTE(reviewed));
	else if (at < in->document->updated)
		gate_warn(in, g, out, STR("provenance/reviewed"), p->line,
		    "reviewed at %.*s, but changed after that", QUOTE(reviewed));
}

void
judge_disclosure(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct node *p = node_get(in->document->root, STR("provenance"));
	struct str grade = node_text_at(p, "grade");
	unsigned line = p == NULL ? 0 : p->line;
	if (!str_eq(grade, STR("generated")) && !str_eq(grade, STR("assisted")))
		gate_report(in, g, out, STR("provenance/grade"), line,
		    "'%.*s': it must say generated or assisted", QUOTE(grade));
	if (!is_given(p, STR("responsible")))
		gate_report(in, g, out, STR("provenance/responsible"), line,
		    "nobody is named who answers for the text");
	if (str_eq(grade, STR("assisted")))
		judge_reviewer(in, g, out, p);
}
