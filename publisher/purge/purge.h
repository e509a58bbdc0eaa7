/*
 * purge: tell an edge cache to forget what changed, by surrogate key. Drivers build one
 * request; the wrapper finds the driver, batches and retries. A new driver is one file and one table line.
 */
#ifndef PUBLISHER_PURGE_PURGE_H
#define PUBLISHER_PURGE_PURGE_H

#include "base/http.h"
#include "publisher/config/config.h"

struct purge_driver {
	const char *name;
	size_t batch; /* keys in one request at most */
	/* Build the request that purges these keys. */
	bool (*request)(struct arena *, const struct edge_config *, const struct str *keys,
	    size_t n, struct http_request *out, struct err *);
	/* Did the edge accept it? ERR_BUSY to try again, ERR_SETUP if it never will. */
	bool (*accepted)(const struct edge_config *, const struct http_response *, struct err *);
};
extern const struct purge_driver purge_varnish;
const struct purge_driver *purge_driver(struct str name); /* NULL if there is none */

struct purge_result {
	const struct edge_config *edge;
	bool confirmed;
	struct err err; /* why not */
	int64_t took_ms;
};
/* Purge keys at every edge, all edges at the same time, each request tried at most 3 times;
 * true if all confirmed. result[] has room for `edges`. */
bool purge_edges(struct arena *, const struct edge_config *const *edge, size_t edges,
    const struct str *keys, size_t n, struct purge_result *result);

#endif
