/* Expired, too old, from the future, or meant to live too long. */
#include "base/clock.h"
#include "generator/gate/judges.h"

static struct str
span(struct arena *a, int64_t seconds)
{
	if (seconds >= 2 * 86400)
		return arena_printf(a, "%lld days", (long long)(seconds / 86400));
	if (seconds >= 2 * 3600)
		return arena_printf(a, "%lld hours", (long long)(seconds / 3600));
	return arena_printf(a, "%lld seconds", (long long)seconds);
}

static unsigned
line_of(const struct document *d, struct str name)
{
	const struct node *n = node_get(d->root, name);
	return n == NULL ? 0 : n->line;
}

void
judge_freshness(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct document *d = in->document;
	const struct policy *p = in->policy;
	struct arena *a = in->arena;
	struct str now = time_rfc3339(a, in->now);
	unsigned expires_line = line_of(d, STR("expires")), line = line_of(d, STR("updated"));
	if (d->expires <= in->now)
		gate_report(in, g, out, STR("expires"), expires_line, "expired at %.*s; it is %.*s",
		    STR_ARG(time_rfc3339(a, d->expires)), STR_ARG(now));
	if (d->expires - d->updated > p->max_lifetime_s)
		gate_report(in, g, out, STR("expires"), expires_line,
		    "lives for %.*s after `updated`; the policy allows %.*s",
		    STR_ARG(span(a, d->expires - d->updated)), STR_ARG(span(a, p->max_lifetime_s)));
	if (d->updated > in->now + p->max_skew_s)
		gate_report(in, g, out, STR("updated"), line, "from the future: %.*s; it is %.*s",
		    STR_ARG(time_rfc3339(a, d->updated)), STR_ARG(now));
	if (in->now - d->updated > p->max_age_s)
		gate_report(in, g, out, STR("updated"), line,
		    "%.*s old; the policy allows %.*s", STR_ARG(span(a, in->now - d->updated)),
		    STR_ARG(span(a, p->max_age_s)));
}
