/* Links in the prose, and the image: plain https, to hosts that the policy allows. */
#include "generator/gate/address.h"
#include "generator/gate/judges.h"
#include "generator/gate/reading.h"

/* Linking to where the facts come from is always fine. */
static bool
is_allowed(const struct gate_input *in, struct str host)
{
	const struct policy *p = in->policy;
	return address_is_allowed(host, &p->link_hosts)
	    || (p->source_hosts.n > 0 && address_is_allowed(host, &p->source_hosts));
}

static void
judge_address(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct str element, unsigned line, struct str url)
{
	struct str host;
	const char *fault = address_fault(in->arena, url, &host);
	if (fault != NULL)
		gate_report(in, g, out, element, line, "'%.*s': %s", QUOTE(url), fault);
	else if (!is_allowed(in, host))
		gate_report(in, g, out, element, line,
		    "'%.*s' is not among the policy's [links] hosts", QUOTE(host));
}

void
judge_links(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	for (size_t i = 0; i < in->reading->links; i++) {
		const struct reading_link *l = &in->reading->link[i];
		if (l->href.p == NULL)
			gate_report(in, g, out, l->element, l->line, "'%.*s' leads nowhere: no href",
			    QUOTE(l->text));
		else
			judge_address(in, g, out, l->element, l->line, l->href);
	}
	const struct node *image = node_at(in->document->root, STR("image.url"));
	if (image != NULL)
		judge_address(in, g, out, STR("image/url"), image->line, image->text);
}
