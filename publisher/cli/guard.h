/* guard: the blast radius of one run: it stops when too much fails or would disappear at once. */
#ifndef PUBLISHER_CLI_GUARD_H
#define PUBLISHER_CLI_GUARD_H

#include "publisher/cli/batch.h"
#include "publisher/release/publish.h"

/* False if the guard stops: err says which bundle, how much, and how to go on. */
bool guard_passes(const struct batch *, const struct batch_bundle *, size_t n, struct site *,
    struct err *);

#endif
