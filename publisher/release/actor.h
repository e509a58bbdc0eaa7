/* actor: who is publishing, for the log. From the environment; never a secret. */
#ifndef PUBLISHER_ACTOR_H
#define PUBLISHER_ACTOR_H

#include "base/arena.h"

struct actor {
	struct str who; /* "alice@build-7", or whom the CI names; clean: record_text */
	struct str run; /* URL of the CI job; empty if there is none */
};
/* EDGEPRESS_ACTOR and EDGEPRESS_RUN, else what GitHub Actions, Azure Pipelines or GitLab CI say,
 * else user@host. */
struct actor actor_now(struct arena *);

#endif
