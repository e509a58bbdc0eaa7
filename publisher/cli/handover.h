/* handover: what the generator made, in the terms of the publisher. */
#ifndef PUBLISHER_CLI_HANDOVER_H
#define PUBLISHER_CLI_HANDOVER_H

#include "publisher/cli/batch.h"
#include "publisher/release/publish.h"

/*
 * out[] runs parallel to bundles. Provenance of a kept document is the live manifest's. A
 * bundle that owes anything to what is live (merged, or with a refused document) is based on
 * it: another publisher's change in between makes the plan or commit ERR_STALE.
 */
bool handover(struct batch *, const struct batch_bundle *, const struct rendered *, size_t n,
    bool merge, struct site *, struct publish_bundle **out, struct err *);

#endif
