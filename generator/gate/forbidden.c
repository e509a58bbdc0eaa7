/* Terms that the policy forbids in a locale, a language or everywhere. */
#include "generator/gate/judges.h"
#include "generator/gate/language/language.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"

static void
judge_passage(const struct gate_input *in, const struct gate *g, struct findings *out,
    const struct passage *x)
{
	struct plain text = x->forms.fold;
	for (size_t i = 0; i < in->policy->forbidden_n; i++) {
		const struct policy_terms *t = &in->policy->forbidden[i];
		if (!policy_tag_fits(t->tag, in->document->locale))
			continue;
		for (size_t k = 0; k < t->term.n; k++)
			if (plain_find_word(text, plain_fold(in->arena, t->term.item[k]), 0) >= 0)
				gate_report(in, g, out, x->element, x->line,
				    "'%.*s' is forbidden by the policy's [forbidden] %.*s",
				    QUOTE(t->term.item[k]), STR_ARG(t->tag));
	}
}

void
judge_forbidden(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	for (size_t i = 0; i < in->reading->passages; i++)
		judge_passage(in, g, out, &in->reading->passage[i]);
}
