/*
 * watch: a command run again and again: at once and whenever something below the watched
 * folders changes, or for every piece of a stream of documents on standard input. SIGINT and
 * SIGTERM end it after the batch that is running; a batch that fails does not.
 */
#ifndef PUBLISHER_CLI_WATCH_H
#define PUBLISHER_CLI_WATCH_H

#include "publisher/cli/cli.h"
#include "publisher/config/config.h"

/* One piece of a stream. */
struct watch_piece {
	struct str lines; /* whole lines of NDJSON */
	unsigned first;   /* number of the first one */
};

/* One run; `piece` is NULL unless a stream is watched. The cli's arena is this run's alone. */
typedef enum exit_code watch_run(struct cli *, const struct watch_piece *piece);

#define WATCH_OPTIONS                                                                     \
	{ "watch", NULL, "go on: again after every change, until SIGINT or SIGTERM" },      \
	{ "batch-ms", "N", "with --watch: gather changes for so long (default: 1000)" }

/* Runs once without --watch. paths: what is read (n == 0: the site's documents); "-" among them
 * is the stream. The answer is that of the last run that failed, if the stream ended. */
enum exit_code watch(struct cli *, char *const *path, size_t n, watch_run *run);

#endif
