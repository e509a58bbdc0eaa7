/* report: a plan and what came of it, for people and for machines. */
#ifndef PUBLISHER_CLI_REPORT_H
#define PUBLISHER_CLI_REPORT_H

#include "base/json.h"
#include "publisher/cli/cli.h"
#include "publisher/release/fresh.h"

void report_plan(struct arena *, const struct plan *);
/* Adds "files", "bundles" and "purge" to the object. */
void report_plan_json(json_t *, const struct plan *);
/* It is live, but whether edges are fresh is not known, for this reason. EXIT_UNCONFIRMED. */
enum exit_code report_unconfirmed(const struct published *, const struct err *);
/* plan may be NULL. */
void report_done(struct arena *, const struct plan *, const struct published *,
    const struct fresh_report *);
/* Adds "version", "changed", "conflicts", "purged", "origins", "edges". */
void report_done_json(json_t *, const struct published *, const struct fresh_report *);

#endif
