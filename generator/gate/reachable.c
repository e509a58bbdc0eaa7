/*
 * Do links and the image exist? The only gate but `judge` that needs a network; off unless the
 * policy asks for it. What a document names is asked for with HEAD, at public addresses alone, and
 * each redirect is judged like the link itself: a document cannot make us look into our own network.
 */
#include "base/clock.h"
#include "generator/gate/address.h"
#include "generator/gate/judges.h"
#include "generator/gate/reading.h"
#include "generator/gate/seen.h"

#define REDIRECTS_MAX 3

static bool
ask(const struct gate_input *in, const char *method, struct str url, int64_t timeout_ms,
    struct http_response *out, struct err *err)
{
	const struct http_header range = { STR("range"), STR("bytes=0-0") };
	const struct http_request rq = { .method = method, .url = arena_copy(in->arena, url).p,
		.header = &range, .headers = strcmp(method, "GET") == 0, .timeout_ms = timeout_ms,
		.body_max = 64 * 1024, .public_only = true };
	return seen_exchange(in->seen, in->arena, &rq, out, err);
}

/* Some servers do not know HEAD: they get a GET for one byte. */
static bool
ask_twice(const struct gate_input *in, struct str url, int64_t timeout_ms,
    struct http_response *out, struct err *err)
{
	return ask(in, "HEAD", url, timeout_ms, out, err)
	    && ((out->status != 405 && out->status != 501)
	        || ask(in, "GET", url, timeout_ms, out, err));
}

static bool
is_allowed(const struct gate_input *in, struct str host)
{
	return address_is_allowed(host, &in->policy->link_hosts)
	    || (in->policy->source_hosts.n > 0
	        && address_is_allowed(host, &in->policy->source_hosts));
}

/* "/new" of https://example.com/old */
static struct str
resolved(struct arena *a, struct str base, struct str to)
{
	struct str rest = { base.p + 8, base.n - 8 }, path;
	return str_starts(to, STR("/")) && !str_starts(to, STR("//"))
	    ? arena_printf(a, "https://%.*s%.*s", STR_ARG(str_cut(rest, '/', &path)), STR_ARG(to)) : to;
}

/* Why nobody can read what is there; empty if somebody can. */
static struct str
fault_of(const struct gate_input *in, struct str url, int64_t deadline_ms)
{
	struct arena *a = in->arena;
	for (int hop = 0; hop <= REDIRECTS_MAX; hop++) {
		struct http_response r;
		struct err err = { 0 };
		struct str host;
		const char *fault = address_fault(a, url, &host);
		if (fault != NULL)
			return arena_printf(a, "it leads to '%.*s': %s", QUOTE(url), fault);
		if (!is_allowed(in, host))
			return arena_printf(a, "it leads to '%.*s', which is not among the policy's [links] "
			    "hosts", QUOTE(host));
		int64_t left_ms = deadline_ms - clock_monotonic_ms();
		if (left_ms <= 0)
			return STR("no time is left to look");
		if (!ask_twice(in, url, left_ms, &r, &err))
			return arena_printf(a, "%s", err.text);
		if (r.status < 300 || r.status == 304 || r.status == 416)
			return STR("");
		struct str to = http_header(&r, "location");
		if (r.status >= 400 || to.n == 0)
			return arena_printf(a, "the answer is %d", r.status);
		url = resolved(a, url, to);
	}
	return STR("it leads from one address to the next");
}

void
judge_reachable(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct reading *r = in->reading;
	const struct node *image = node_at(in->document->root, STR("image.url"));
	int64_t deadline_ms = clock_monotonic_ms() + 1000 * in->policy->reachable_s;
	for (size_t i = 0; i < r->links + (image != NULL); i++) {
		bool is_link = i < r->links;
		struct str url = is_link ? r->link[i].href : image->text;
		struct str element = is_link ? r->link[i].element : STR("image/url");
		unsigned line = is_link ? r->link[i].line : image->line;
		size_t k = 0;
		while (k < i && k < r->links && !str_eq(r->link[k].href, url))
			k++;
		if (url.p == NULL || k < i)
			continue; /* asked for already */
		struct str fault = fault_of(in, url, deadline_ms);
		if (fault.n > 0)
			gate_report(in, g, out, element, line, "'%.*s': %.*s", QUOTE(url), STR_ARG(fault));
	}
}
