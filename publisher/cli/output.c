/* output: the few shapes that several commands print in. */
#include "publisher/cli/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define LOG_EVERY_MS 2000
#define OUTPUT_MAX (64u * 1024 * 1024)

void
output_json(const json_t *value)
{
	struct buf b;
	struct err err;

	buf_init(&b, OUTPUT_MAX);
	if (json_pretty(value, &b, &err))
		(void)fwrite(b.p, 1, b.n, stdout);
	else
		(void)fprintf(stderr, "edgepress: %s\n", err.text);
	buf_release(&b);
}

static void
draw(void *ctx, const char *what, size_t done, size_t all)
{
	static int64_t last_ms; /* one process, one progress */

	(void)ctx;
	if (isatty(STDERR_FILENO)) {
		(void)fprintf(stderr, "\r\033[K%s %zu/%zu%s", what, done, all, done == all ? "\n" : "");
		return;
	}
	int64_t now_ms = clock_monotonic_ms();

	if (last_ms == 0)
		last_ms = now_ms;
	if (now_ms - last_ms < LOG_EVERY_MS)
		return;
	last_ms = now_ms;
	(void)fprintf(stderr, "%s %zu/%zu\n", what, done, all);
}

void
output_progress(struct progress *out)
{
	*out = (struct progress){ .step = draw };
}

struct str
output_count(struct arena *a, uint64_t n)
{
	if (n < 1000)
		return arena_printf(a, "%" PRIu64, n);
	return arena_printf(a, "%.*s,%03" PRIu64, STR_ARG(output_count(a, n / 1000)), n % 1000);
}

struct str
output_age(struct arena *a, int64_t then, int64_t now)
{
	int64_t s = then > now ? then - now : now - then, n = s;
	const char *unit = "s";

	if (s >= 2 * 86400)
		n = s / 86400, unit = "days";
	else if (s >= 2 * 3600)
		n = s / 3600, unit = "h";
	else if (s >= 120)
		n = s / 60, unit = "min";
	return then > now ? arena_printf(a, "in %" PRId64 " %s", n, unit)
	                  : arena_printf(a, "%" PRId64 " %s ago", n, unit);
}
