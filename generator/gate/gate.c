#include "generator/gate/gate.h"

#include <stdarg.h>
#include <stdio.h>
#include <unicode/utf8.h>

#include "generator/gate/judges.h"
#include "generator/gate/language/language.h"
#include "generator/gate/reading.h"
#include "generator/gate/seen.h"

/* In this order they judge and are explained. */
const struct gate gates[] = {
	{ "schema", "the document follows the schema of its vertical",
	    "Make the document as schemas/<vertical>.xsd and docs/documents.md describe it.",
	    SEVERITY_REJECT, false, NULL },
	{ "unicode", "text is NFC, without control, invisible or direction-overriding characters",
	    "Write plain text in Unicode normalisation form C; leave direction to the locale.",
	    SEVERITY_REJECT, false, judge_unicode },
	{ "freshness", "the document is neither expired nor too old nor from the future",
	    "Make the document again from current data, with `updated` the time it was made.",
	    SEVERITY_REJECT, false, judge_freshness },
	{ "sources", "it names its sources, and they are https and on the policy's list",
	    "Name the page the facts were taken from, or add its host to [sources] hosts.",
	    SEVERITY_REJECT, false, judge_sources },
	{ "disclosure", "it says how it was made, who reviewed it and who is responsible",
	    "Fill provenance: grade, responsible, and for assisted also reviewer and reviewed.",
	    SEVERITY_REJECT, false, judge_disclosure },
	{ "disclaimer", "the disclaimer that the policy asks for is there",
	    "Add the disclaimer at the path that [disclaimer] required names.",
	    SEVERITY_REJECT, false, judge_disclaimer },
	{ "length", "title, summary and prose have the length that the surfaces show well",
	    "Shorten or lengthen the text to the limits of the policy's [length].",
	    SEVERITY_REJECT, false, judge_length },
	{ "markup", "the prose is well built: headings in order, nothing empty, not too deep",
	    "Use h2, then h3; remove empty elements; give every link a text.",
	    SEVERITY_REJECT, false, judge_markup },
	{ "links", "links and the image are https, without tricks, and on the policy's list",
	    "Link to a full https address of a host that [links] hosts allows.",
	    SEVERITY_REJECT, false, judge_links },
	{ "locale", "script and language of the text are those of the locale",
	    "Write the text in the language of the document's locale.",
	    SEVERITY_REJECT, false, judge_locale },
	{ "grounding", "every number, date and name in the text occurs among the facts",
	    "State only what the facts hold: correct the text, or add the missing fact.",
	    SEVERITY_REJECT, false, judge_grounding },
	{ "quotes", "what is quoted stands word for word in the facts or in a source's excerpt",
	    "Quote exactly, give the source's `excerpt`, or say it in your own words.",
	    SEVERITY_REJECT, false, judge_quotes },
	{ "copied", "no long run of words is taken from a source without being quoted",
	    "Say it in your own words, or quote it and name whose words they are.",
	    SEVERITY_REJECT, false, judge_copied },
	{ "forbidden", "none of the policy's forbidden terms occurs",
	    "Say it in other words; the terms are in the policy's [forbidden].",
	    SEVERITY_REJECT, false, judge_forbidden },
	{ "review", "a person has read what is about the policy's delicate topics",
	    "Let a person read it, then say so: grade assisted, reviewer and reviewed.",
	    SEVERITY_REJECT, false, judge_review },
	{ "personal-data", "no e-mail address, phone, card or account number, no secret",
	    "Remove the personal data or the secret; revoke a secret that got this far.",
	    SEVERITY_REJECT, false, judge_personal_data },
	{ "model-leftovers", "no assistant talk, prompt fragment, placeholder or template marker",
	    "Keep only the article itself: no remarks by or to the model.",
	    SEVERITY_REJECT, false, judge_model_leftovers },
	{ "duplicates", "no other document of the run has its id or nearly its prose",
	    "Remove one of the two, or write what is particular to this one.",
	    SEVERITY_REJECT, false, judge_duplicates },
	{ "reachable", "links and the image can be fetched, at public addresses; asks the network",
	    "Correct the address, or take the link out.",
	    SEVERITY_OFF, true, judge_reachable },
	{ "judge", "another model finds that the text follows from the facts; asks the network",
	    "Correct what the judge names, or let a person decide.",
	    SEVERITY_OFF, true, judge_judge },
};
const size_t gates_count = LEN(gates);
_Static_assert(LEN(gates) <= GATES_MAX, "struct policy has no room for the severities");

const struct gate *
gate_find(struct str name)
{
	for (size_t i = 0; i < LEN(gates); i++)
		if (str_eq(name, str_of(gates[i].name)))
			return &gates[i];
	return NULL;
}

struct str
gate_quote(struct str s)
{
	const int32_t max = 80;
	if (s.n <= (size_t)max)
		return s;
	int32_t n = max;
	U8_SET_CP_START((const uint8_t *)s.p, 0, n);
	return (struct str){ s.p, (size_t)n };
}

/* A finding goes to terminals and logs: what cannot be seen or turns the line around becomes
 * U+FFFD, as does what is not UTF-8. */
static struct str
cleaned(struct arena *a, struct str s)
{
	struct buf *b = buf_in(a, 4 * s.n + 16);
	for (int32_t i = 0; i < (int32_t)s.n;) {
		int32_t start = i;
		UChar32 c;
		U8_NEXT((const uint8_t *)s.p, i, (int32_t)s.n, c);
		if (c < 0 || unicode_is_unsafe(c))
			buf_put(b, STR("\xEF\xBF\xBD"));
		else
			buf_put(b, (struct str){ s.p + start, (size_t)(i - start) });
	}
	return arena_copy(a, buf_str(b));
}

__attribute__((format(printf, 7, 0))) static void
report(const struct gate_input *in, const struct gate *g, struct findings *out,
    enum severity severity, struct str element, unsigned line, const char *format, va_list ap)
{
	char text[1024];
	int n = vsnprintf(text, sizeof text, format, ap);
	size_t used = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
	findings_add(out, (struct finding){ .gate = g->name, .severity = severity,
	    .where = in->document->raw.where,
	    .line = line != 0 ? line : in->document->raw.line, .element = element,
	    .text = cleaned(out->arena, (struct str){ text, used }), .remedy = g->remedy });
}

void
gate_report(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct str element, unsigned line, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	report(in, g, out, in->severity, element, line, format, ap);
	va_end(ap);
}

void
gate_warn(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct str element, unsigned line, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	report(in, g, out, SEVERITY_WARN, element, line, format, ap);
	va_end(ap);
}

void
gate_score(const struct gate *g, struct findings *out, int64_t value, struct str by)
{
	size_t i = out->scores;
	if (i == SCORES_MAX)
		return;
	for (; i > 0 && strcmp(out->score[i - 1].gate, g->name) > 0; i--)
		out->score[i] = out->score[i - 1];
	out->score[i] = (struct score){ g->name, value, cleaned(out->arena, by) };
	out->scores++;
}

/* What the gates found, behind what was known before. */
static void
join(struct findings *out, const struct findings *more)
{
	for (size_t i = 0; i < more->n; i++)
		findings_add(out, more->item[i]);
	for (size_t i = 0; i < more->scores && out->scores < SCORES_MAX; i++)
		out->score[out->scores++] = more->score[i];
}

void
gates_judge(struct arena *a, const struct document *d, const struct policy *of_vertical,
    struct seen *seen, int64_t now, struct findings *out)
{
	const struct policy *p = policy_for(of_vertical, d->locale);
	struct reading reading;
	reading_make(a, d, &reading);
	struct seen *run = seen != NULL ? seen : seen_new(a);
	struct gate_input in = { .document = d, .policy = p, .now = now, .seen = run,
		.arena = a, .reading = &reading, .language = seen_language(run, d->locale) };
	struct findings mine = { .arena = out->arena };
	for (size_t i = 0; i < LEN(gates); i++) {
		in.severity = p->severity[i];
		if (in.severity != SEVERITY_OFF && gates[i].judge != NULL
		    && !(gates[i].is_remote && (findings_reject(&mine) || findings_reject(out))))
			gates[i].judge(&in, &gates[i], &mine);
	}
	join(out, &mine);
	if (findings_reject(&mine) || findings_reject(out))
		return;
	struct signature *s = seen_signature(run);
	if (s != NULL) {
		signature_make(a, &in, s);
		return;
	}
	s = seen_signature_new(run);
	signature_make(a, &in, s);
	seen_remember(run, d, s);
}

void
gates_compare(struct arena *a, const struct document *d, const struct policy *of_vertical,
    const struct signature *s, struct seen *seen, struct findings *out)
{
	const struct policy *p = policy_for(of_vertical, d->locale);
	const struct gate *g = gate_find(STR("duplicates"));
	struct gate_input in = { .document = d, .policy = p, .arena = a, .seen = seen,
		.severity = p->severity[g - gates] };
	struct findings mine = { .arena = out->arena };
	if (in.severity != SEVERITY_OFF)
		seen_compare(seen, &in, g, s, &mine);
	join(out, &mine);
	if (!findings_reject(&mine))
		seen_remember(seen, d, s);
}
