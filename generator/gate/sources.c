/* At least one source, https, from an allowed host, read before the document was made. */
#include "base/clock.h"
#include "generator/gate/address.h"
#include "generator/gate/judges.h"

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

void
judge_sources(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct node *sources = node_get(in->document->root, STR("sources"));
	size_t n = 0;
	if (sources != NULL)
		for (const struct node *s = sources->first; s != NULL; s = s->next)
			judge_source(in, g, out, s, ++n);
	if (n == 0)
		gate_report(in, g, out, STR("sources"), 0, "no source at all");
}
