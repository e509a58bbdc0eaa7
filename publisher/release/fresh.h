/*
 * fresh: after a commit, make every origin answer from it and every edge forget what it
 * replaced (docs/freshness.md): intents are written to the store, origins are woken and
 * waited for, edges are purged, and purged again after their settle time, then confirmed.
 */
#ifndef PUBLISHER_FRESH_H
#define PUBLISHER_FRESH_H

#include "publisher/purge/purge.h"
#include "publisher/release/publish.h"

struct fresh_origin {
	const char *url;
	bool confirmed;    /* said that it serves at least this version */
	bool reached;      /* answered at all */
	struct err err;
	int64_t took_ms;
};
struct fresh_report {
	struct fresh_origin *origin;
	size_t origins;
	struct purge_result *edge; /* of the last purge */
	size_t edges;
	struct str *key;   /* purged, those of unfinished earlier versions included */
	size_t keys;
	unsigned finished; /* earlier versions that were finished on the way */
	bool done;         /* else exit code 6 */
};
/*
 * Make what was published fresh everywhere, and finish what earlier publishes left:
 * receipts/<version>.intent without .done. What is still not done is
 * written to receipts/<version>.pending, for the next publish.
 *
 * done: every edge has confirmed, and every origin that answered has confirmed. An origin
 * that cannot be reached, or that has no secret to be called with, does not prevent it: by its
 * own promise it looks for a new version after `freshness`, and that is waited for. If it is
 * false, .done is not written and the next publish purges all of it again. Fails only if the
 * store cannot be read or written.
 */
bool fresh_make(struct arena *, struct site *, const struct target_config *,
    const struct published *, struct fresh_report *out, struct err *);

/*
 * Call an origin's webhook and wait at most timeout_ms until it says done, at this version or
 * a later one. keys, if any, are purged by the origin at its own edges. ERR_BUSY: it could not
 * be reached; other errors: it answered, but did not confirm.
 */
bool fresh_call_origin(struct arena *, const char *origin, const char *secret_file,
    int64_t version, const struct str *keys, size_t n, int64_t timeout_ms, struct err *);

#endif
