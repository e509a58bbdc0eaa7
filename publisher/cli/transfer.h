/* transfer: what promote and import have in common: plan, guard, commit, purge, and telling it. */
#ifndef PUBLISHER_CLI_TRANSFER_H
#define PUBLISHER_CLI_TRANSFER_H

#include "publisher/cli/cli.h"
#include "publisher/config/config.h"
#include "publisher/transfer/promote.h"

#define TRANSFER_OPTIONS                                                                  \
	{ "dry-run", NULL, "show the plan; write nothing anywhere" },                     \
	{ "allow-large-change", NULL, "do not let the guard stop a large change" },       \
	{ "note", "TEXT", "kept in the history" }

/* To this target, as the command's options say; prints what came of it. */
enum exit_code transfer(struct cli *, const struct config *, const struct target_config *to,
    const struct promotion *);
/* The first role that has expired makes *role its name; else n == 0. */
void transfer_expired(const struct trusted *, int64_t now, struct str *role);

#endif
