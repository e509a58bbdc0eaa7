/* operations: /-/healthz, /-/readyz, /-/status and /-/metrics; docs/origin.md has their forms. */
#ifndef PUBLISHER_ORIGIN_OPERATIONS_H
#define PUBLISHER_ORIGIN_OPERATIONS_H

#include "publisher/origin/serve.h"

void operations_alive(struct answer *out);
void operations_ready(struct origin *, struct arena *, int64_t now, struct answer *out);
void operations_status(struct origin *, struct arena *, int64_t now, struct answer *out);
void operations_metrics(struct origin *, struct arena *, int64_t now, struct answer *out);

#endif
