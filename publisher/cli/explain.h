/* explain: a gate, as it is and as the policies of a site set it. */
#ifndef PUBLISHER_CLI_EXPLAIN_H
#define PUBLISHER_CLI_EXPLAIN_H

#include "generator/gate/gate.h"
#include "publisher/cli/cli.h"

/* A policy of the site. */
struct explain_policy {
	struct str vertical;
	struct policy policy;
};
struct explain_scope {
	struct explain_policy *policy; /* none outside of a site */
	size_t policies;
	struct str locale; /* empty: what holds for all without a section of their own */
};
/* The policies of the site that the command is called in; of one vertical if `vertical` is set.
 * Outside of a site there are none. ERR_ABSENT: no such vertical. */
bool explain_open(const struct cli *, const char *vertical, struct explain_scope *, struct err *);
/* For people, and for machines. */
void explain_gate(struct arena *, const struct gate *, const struct explain_scope *);
json_t *explain_gate_json(struct arena *, const struct gate *, const struct explain_scope *);
/* All gates, a line for each. */
void explain_list(const struct explain_scope *);
/* `check --explain NAME` and `explain NAME`: a usage error if there is no such gate. */
enum exit_code explain_named(const struct cli *, const char *name, const struct explain_scope *);

#endif
