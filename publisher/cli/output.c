/* output: the few shapes that several commands print in. */
#include "publisher/cli/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

#define LOG_EVERY_MS 2000
#define DRAW_EVERY_MS 100
#define BAR 30
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

void
output_answer(const struct cli *cli, const json_t *value)
{
	if (!cli_flag(cli, "watch")) {
		output_json(value);
		return;
	}
	char *line = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	if (line != NULL)
		puts(line);
	free(line);
}

/* The stage that is running; one process, one progress. */
static struct {
	char what[16];
	int64_t since_ms, last_ms;
} stage;

static void
draw_bar(const char *what, size_t done, size_t all, double rate)
{
	char bar[BAR + 1], left[32] = "";
	size_t full = all > 0 ? done * BAR / all : 0;
	if (all == 0) { /* nobody knows */
		(void)fprintf(stderr, "\r\033[K%-7s %zu, %.0f/s", what, done, rate);
		return;
	}
	for (size_t i = 0; i < BAR; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR] = '\0';
	if (rate > 0 && done < all)
		(void)snprintf(left, sizeof left, ", %.0f s left", (double)(all - done) / rate);
	(void)fprintf(stderr, "\r\033[K%-7s %s %zu/%zu, %.0f/s%s%s", what, bar, done, all, rate, left,
	    done == all ? "\n" : "");
}

static void
draw_line(bool json, const char *what, size_t done, size_t all, double rate)
{
	if (json)
		(void)fprintf(stderr, "{\"progress\":\"%s\",\"done\":%zu,\"all\":%zu,\"rate\":%.0f}\n",
		    what, done, all, rate);
	else
		(void)fprintf(stderr, "%s %zu/%zu, %.0f/s\n", what, done, all, rate);
}

static void
draw(void *json, const char *what, size_t done, size_t all)
{
	bool terminal = json == NULL && isatty(STDERR_FILENO);
	int64_t now_ms = clock_monotonic_ms();
	if (strncmp(what, stage.what, sizeof stage.what) != 0) {
		(void)snprintf(stage.what, sizeof stage.what, "%s", what);
		stage.since_ms = stage.last_ms = now_ms;
	}
	bool due = now_ms - stage.last_ms >= (terminal ? DRAW_EVERY_MS : LOG_EVERY_MS);
	if (!due && !(terminal && done == all))
		return;
	stage.last_ms = now_ms;
	double rate = (double)done * 1000 / (double)(now_ms - stage.since_ms + 1);
	if (terminal)
		draw_bar(what, done, all, rate);
	else
		draw_line(json != NULL, what, done, all, rate);
}

void
output_progress(const struct cli *cli, struct progress *out)
{
	static char json; /* its address says that events are wanted */
	*out = (struct progress){ .step = draw, .ctx = cli->json ? &json : NULL };
	stage.what[0] = '\0';
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
