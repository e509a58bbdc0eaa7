/* expiry: what people and pipelines are told before signed metadata expires. Never an error. */
#ifndef PUBLISHER_CLI_EXPIRY_H
#define PUBLISHER_CLI_EXPIRY_H

#include "base/json.h"
#include "publisher/trust/client.h"

/* Under 30 days of root or targets, 15 days of a vertical, 3 days of the snapshot, 12 hours of
 * the timestamp: a line each on standard error, with the command that mends it. */
void expiry_warn(struct arena *, const struct trusted *, int64_t now);
/* "expiring": [{ "role", "expires", "days_left" }] into o; empty if nothing is. */
void expiry_json(struct arena *, const struct trusted *, int64_t now, json_t *o);

#endif
