/* At least one source, https, from an allowed host, read before the document was made. */
#include "base/clock.h"
#include "generator/gate/address.h"
#include "generator/gate/judges.h"
#include "generator/gate/reading.h"

static void
judge_source(const struct gate_input *in, const struct gate *g, struct findings *out,
    const struct node *source, size_t nth)
{
	struct arena *a = in->arena;
	struct str at = arena_printf(a, "sources/item[%zu]", nth), host;
	struct str url = node_text_at(source, "url"), read = node_text_at(source, "retrieved");
	const char *fault = address_fault(a, url, &host);
	int64_t retrieved;
	struct err ignored;
	if (fault != NULL)
		gate_report(in, g, out, arena_printf(a, "%.*s/url", STR_ARG(at)), source->line,
		    "'%.*s': %s", QUOTE(url), fault);
	else if (!address_is_allowed(host, &in->policy->source_hosts))
		gate_report(in, g, out, arena_printf(a, "%.*s/url", STR_ARG(at)), source->line,
		    "'%.*s' is not among the policy's [sources] hosts", QUOTE(host));
	struct str element = arena_printf(a, "%.*s/retrieved", STR_ARG(at));
	if (!time_parse(read, &retrieved, &ignored)) {
		gate_report(in, g, out, element, source->line, "'%.*s' is not a moment", QUOTE(read));
		return;
	}
	if (retrieved > in->now + in->policy->max_skew_s)
		gate_report(in, g, out, element, source->line, "read in the future: %.*s", QUOTE(read));
	else if (retrieved > in->document->updated + in->policy->max_skew_s)
		gate_warn(in, g, out, element, source->line,
		    "read at %.*s, after the document was last updated", QUOTE(read));
	if (in->document->updated - retrieved > in->policy->max_source_age_s)
		gate_report(in, g, out, element, source->line,
		    "read at %.*s, %lld hours before the document was written; the policy allows %lld",
		    QUOTE(read), (long long)((in->document->updated - retrieved) / 3600),
		    (long long)(in->policy->max_source_age_s / 3600));
}

/* Terms of use, where the policy wants to know them. */
static void
judge_licence(const struct gate_input *in, const struct gate *g, struct findings *out,
    const struct node *source, size_t nth)
{
	const struct policy_words *known = &in->policy->licences;
	struct str licence = node_text_at(source, "licence");
	for (size_t i = 0; i < known->n; i++)
		if (str_eq(known->item[i], licence))
			return;
	struct str element = arena_printf(in->arena, "sources/item[%zu]/licence", nth);
	if (known->n > 0 && licence.n == 0)
		gate_report(in, g, out, element, source->line,
		    "the policy asks for the terms of use, and there are none");
	else if (known->n > 0)
		gate_report(in, g, out, element, source->line,
		    "'%.*s' is not among the policy's [sources] licences", QUOTE(licence));
}

/* The n-th source has a name of its own. */
static void
judge_id(const struct gate_input *in, const struct gate *g, struct findings *out,
    const struct node *sources, const struct node *source, size_t nth)
{
	struct str id = node_text_at(source, "id");
	size_t i = 1;
	for (const struct node *s = sources->first; s != source; s = s->next, i++)
		if (id.n > 0 && str_eq(node_text_at(s, "id"), id)) {
			gate_report(in, g, out, arena_printf(in->arena, "sources/item[%zu]/id", nth),
			    source->line, "'%.*s' is the id of sources/item[%zu] as well", QUOTE(id), i);
			return;
		}
}

/* A fact that says where it is from ("source") names one of the sources. */
static void
judge_citations(const struct gate_input *in, const struct gate *g, struct findings *out,
    const struct node *sources)
{
	for (size_t i = 0; i < in->reading->leaves; i++) {
		const struct leaf *l = &in->reading->leaf[i];
		bool found = !str_eq(l->node->name, STR("source"))
		    || !str_starts(l->path, STR("facts/"));
		for (const struct node *s = sources == NULL ? NULL : sources->first; s != NULL && !found;
		     s = s->next)
			found = str_eq(node_text_at(s, "id"), l->node->text);
		if (!found)
			gate_report(in, g, out, l->path, l->node->line,
			    "'%.*s' is the id of no source of the document", QUOTE(l->node->text));
	}
}

void
judge_sources(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct node *sources = node_get(in->document->root, STR("sources"));
	size_t n = 0;
	if (sources != NULL)
		for (const struct node *s = sources->first; s != NULL; s = s->next) {
			judge_source(in, g, out, s, ++n);
			judge_licence(in, g, out, s, n);
			judge_id(in, g, out, sources, s, n);
		}
	if (n == 0)
		gate_report(in, g, out, STR("sources"), 0, "no source at all");
	judge_citations(in, g, out, sources);
}
