/* Any request is routed and answered: by the rules, without a byte of it in a header. */
#include <stdlib.h>

#include "publisher/origin/answer.h"
#include "publisher/origin/guard.h"
#include "publisher/origin/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line of the input. */
static struct str
line(struct str *rest)
{
	return rest->p != NULL ? str_cut(*rest, '\n', rest) : (struct str){ 0 };
}

static void
check_headers(const struct answer *w)
{
	for (size_t i = 0; i < w->headers; i++)
		for (const char *p = w->header[i].value; *p != '\0'; p++)
			if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
				abort();
}

static void
check_route(struct arena *a, struct str target)
{
	struct route r, again;
	route_read(a, target, &r);
	if (r.spelling.n == 0)
		return;
	route_read(a, r.spelling, &again); /* one redirect is enough */
	if (again.kind != r.kind || again.spelling.n != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const fields[] = { "Accept-Encoding", "If-None-Match",
		"If-Modified-Since", "If-Range", "Range", "traceparent", "Content-Length", "X" };
	struct arena *a = arena_new();
	struct str rest = { (const char *)data, size };
	struct head h = { .request = { .now = 1800000000 } };
	struct representation r = { .type = STR("text/html"), .form = { { .size = 1000 }, { .size = 300 },
		{ .size = 200 }, { .size = 250 } }, .forms = 1u | (unsigned)size % 8 << 1,
		.modified = 1799999000, .expires = size % 3 == 0 ? 1800000100 : 0 };
	struct answer w;
	check_route(a, line(&rest));
	for (size_t i = 0; i < LEN(fields); i++)
		guard_field(a, &h, str_of(fields[i]), line(&rest));
	(void)guard_judge(&h, METHOD_GET, true, 0);
	answer_representation(a, &h.request, &r, &w);
	check_headers(&w);
	if (w.body == BODY_STORED && (w.from > w.coded.size || w.length > w.coded.size - w.from))
		abort();
	arena_free(a);
	return 0;
}
