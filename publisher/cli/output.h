/* output: what commands print: JSON for machines, progress for people. */
#ifndef PUBLISHER_CLI_OUTPUT_H
#define PUBLISHER_CLI_OUTPUT_H

#include "base/json.h"
#include "publisher/cli/cli.h"
#include "publisher/release/publish.h"

/* Pretty JSON and a newline on standard output. */
void output_json(const json_t *);
/* The answer of a command that can --watch: then one line for each run, else as output_json. */
void output_answer(const struct cli *, const json_t *);
/*
 * On standard error: on a terminal a bar with rate and time left; with --json one object a
 * line; else a line of text. In the latter two at most one every other second, so that short
 * work says nothing and long work is seen to move.
 */
void output_progress(const struct cli *, struct progress *out);
/* "1,234" */
struct str output_count(struct arena *, uint64_t);
/* "2026-11-20T18:00:00Z", or "in 3 h" and "5 min ago" style ages for people. */
struct str output_age(struct arena *, int64_t then, int64_t now);

#endif
