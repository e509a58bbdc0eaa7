/* Elections, health, markets: what a person has to read before it goes out. */
#include "base/clock.h"
#include "generator/gate/judges.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"

/* The first topic that the passage touches; empty if none. */
static struct str
topic_in(const struct gate_input *in, const struct passage *x)
{
	for (size_t i = 0; i < in->policy->reviews; i++) {
		const struct policy_terms *t = &in->policy->review[i];
		if (!policy_tag_fits(t->tag, in->document->locale))
			continue;
		for (size_t k = 0; k < t->term.n; k++)
			if (plain_find_word(x->forms.fold, plain_fold(in->arena, t->term.item[k]), 0) >= 0)
				return t->term.item[k];
	}
	return STR("");
}

/* What is missing to call the document reviewed, or NULL. */
static const char *
missing(const struct gate_input *in)
{
	const struct node *p = node_get(in->document->root, STR("provenance"));
	int64_t at;
	struct err ignored;
	if (str_trim(node_text_at(p, "reviewer")).n == 0)
		return "nobody is named who reviewed it";
	if (!time_parse(node_text_at(p, "reviewed"), &at, &ignored))
		return "it is not said when it was reviewed";
	if (at < in->document->updated)
		return "it was changed after the review";
	return NULL;
}

void
judge_review(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const char *what = missing(in);
	if (what == NULL)
		return;
	if (in->policy->review_always) {
		gate_report(in, g, out, STR("provenance/reviewer"), 0,
		    "the policy wants each document read by a person, and %s", what);
		return;
	}
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		struct str topic = topic_in(in, x);
		if (topic.n > 0) {
			gate_report(in, g, out, x->element, x->line,
			    "'%.*s' is among the policy's [review] topics, and %s", QUOTE(topic), what);
			return; /* one is reason enough to read the whole */
		}
	}
}
