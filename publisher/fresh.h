/*
 * fresh: after a commit, make every origin answer from it and every edge forget what it
 * replaced (docs/freshness.md): intents are written to the store, origins are woken and
 * waited for, edges are purged, and purged again after their settle time, then confirmed.
 */
#ifndef PUBLISHER_FRESH_H
#define PUBLISHER_FRESH_H

#include "publisher/purge/purge.h"
#include "publisher/publish.h"

struct fresh_origin {
	const char *url;
	bool confirmed;    /* said that it serves at least this version */
	struct err err;
};
struct fresh_report {
	struct fresh_origin *origin;
	size_t origins;
	struct purge_result *edge;
	size_t edges;
	bool done;         /* all confirmed; else exit code 6 */
};
/* Also finishes what earlier publishes left: receipts/<version>.intent without .done. */
bool fresh_make(struct arena *, struct site *, const struct target_config *,
    const struct published *, struct fresh_report *out, struct err *);
/* Call an origin's webhook and wait at most timeout_ms until it says done. */
bool fresh_call_origin(struct arena *, const char *origin, const char *secret_file,
    int64_t version, const struct str *keys, size_t n, int64_t timeout_ms, struct err *);

#endif
