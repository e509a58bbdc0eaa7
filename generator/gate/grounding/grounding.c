/* The gate "grounding": a text may say only what its document's facts say. */
#include <stdarg.h>
#include <stdio.h>

#include "generator/gate/grounding/ground.h"
#include "generator/gate/judges.h"

#define FINDINGS_MAX 20          /* more say nothing new */
#define PASSAGES_BYTES 65536     /* longer texts are refused rather than judged for minutes */

void
ground_report(struct ground *g, bool warn, int32_t start, int32_t end, const char *format, ...)
{
	char said[512];
	va_list ap;
	va_start(ap, format);
	(void)vsnprintf(said, sizeof said, format, ap);
	va_end(ap);
	if (++*g->findings > FINDINGS_MAX)
		return;
	struct str words = str_trim(gloss_source(&g->gloss, start, end));
	if (warn)
		gate_warn(g->in, g->gate, g->out, g->passage->element, g->passage->line, "'%.*s' %s",
		    QUOTE(words), said);
	else
		gate_report(g->in, g->gate, g->out, g->passage->element, g->passage->line, "'%.*s' %s",
		    QUOTE(words), said);
}

void
ground_phrases(struct ground *g)
{
	struct plain text = { g->gloss.p, g->gloss.n };
	for (size_t i = 0; i < g->facts->texts; i++) {
		const struct fact_text *t = &g->facts->text[i];
		if (!t->has_mark)
			continue;
		for (int32_t at = plain_find_word(text, t->text, 0); at >= 0;
		    at = plain_find_word(text, t->text, at + t->text.n)) {
			/* "5" within a fact must not bear out the "5" of "5,000" or "2-5". */
			int32_t end = at + t->text.n;
			bool goes_on = gloss_is_digit(&g->gloss, at - 1) || gloss_is_digit(&g->gloss, end)
			    || (gloss_is_digit(&g->gloss, end - 1) && gloss_is_digit(&g->gloss, end + 1))
			    || (gloss_is_digit(&g->gloss, at) && gloss_is_digit(&g->gloss, at - 2));
			if (!goes_on)
				gloss_use(&g->gloss, at, end);
		}
	}
}

static void
judge_passage(struct ground *g)
{
	struct gloss *s = &g->gloss;
	gloss_make(g->in->arena, g->in->language, g->passage->text, s);
	ground_phrases(g);
	ground_dates(g);
	for (int32_t i = 0; i < s->n && *g->findings <= FINDINGS_MAX; i++) {
		bool is_start = gloss_is_digit(s, i) && !gloss_is_digit(s, i - 1);
		if (!is_start || s->is_used[i])
			continue;
		if (!ground_figures(g, i) && !ground_time(g, i))
			ground_number(g, i);
	}
	ground_spelled(g);
	ground_names(g);
}

void
judge_grounding(const struct gate_input *in, const struct gate *gate, struct findings *out)
{
	const struct reading *r = in->reading;
	size_t bytes = 0, findings = 0;
	for (size_t i = 0; i < r->passages; i++)
		bytes += r->passage[i].text.n;
	if (bytes > PASSAGES_BYTES) {
		gate_report(in, gate, out, STR("prose"), 0,
		    "%zu bytes of text; at most %d are compared with the facts", bytes, PASSAGES_BYTES);
		return;
	}
	struct facts facts;
	facts_make(in, &facts);
	for (size_t i = 0; i < r->passages; i++) {
		struct ground g = { .in = in, .gate = gate, .out = out, .facts = &facts,
			.passage = &r->passage[i], .findings = &findings };
		judge_passage(&g);
	}
}
