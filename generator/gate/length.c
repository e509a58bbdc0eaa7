/* Title, summary and prose, in characters as a reader counts them. */
#include "generator/gate/judges.h"
#include "generator/gate/language/language.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"

static void
judge_bounds(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct str element, int64_t n, int64_t min, int64_t max)
{
	/* What takes 80 letters takes about 40 characters in Chinese, Japanese or Korean. */
	if (in->language->is_cjk || strcmp(in->language->code, "ko") == 0) {
		min = min * in->policy->cjk_percent / 100;
		max = max * in->policy->cjk_percent / 100;
	}
	const struct node *node = node_get(in->document->root, element);
	unsigned line = node == NULL ? 0 : node->line;
	if (n < min)
		gate_report(in, g, out, element, line,
		    "%lld characters; the policy asks for at least %lld", (long long)n,
		    (long long)min);
	if (n > max)
		gate_report(in, g, out, element, line,
		    "%lld characters; the policy allows %lld", (long long)n, (long long)max);
}

void
judge_length(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct policy *p = in->policy;
	int64_t n[] = { [PASSAGE_TITLE] = 0, [PASSAGE_SHORT] = 0,
		[PASSAGE_SUMMARY] = 0, [PASSAGE_ALT] = 0, [PASSAGE_PROSE] = 0 };
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		n[x->kind] += plain_length(plain_trim(x->forms.text));
	}
	judge_bounds(in, g, out, STR("title"), n[PASSAGE_TITLE], p->title_min, p->title_max);
	judge_bounds(in, g, out, STR("short-title"), n[PASSAGE_SHORT], 0, p->short_max);
	judge_bounds(in, g, out, STR("summary"), n[PASSAGE_SUMMARY], p->summary_min,
	    p->summary_max);
	judge_bounds(in, g, out, STR("prose"), n[PASSAGE_PROSE], p->prose_min, p->prose_max);
}
