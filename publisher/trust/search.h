/*
 * search: the role that answers for a path, through delegations of any depth (TUF 1.0 section
 * 5.6.7). Only for a profile that reads any repository; ours are read whole by trust_refresh.
 */
#ifndef PUBLISHER_TRUST_SEARCH_H
#define PUBLISHER_TRUST_SEARCH_H

#include "publisher/trust/client.h"

#define SEARCH_ROLES_MAX 32 /* that one search may visit */

struct trust_search {
	const struct trusted *trusted;
	const struct trust_source *source;
	int64_t now;
	/* Bytes of a role that was trusted earlier; empty if there are none. */
	struct str (*cached)(void *ctx, struct arena *, struct str role);
};

/* Does a delegation (paths or path_hash_prefixes) hold this path? A `*` or `?` does not match
 * a slash. */
bool delegation_holds(const json_t *delegation, struct str path);
/* In preorder, each role once; a terminating delegation ends it. ERR_ABSENT: nobody lists it. */
bool trust_search(struct arena *, const struct trust_search *, struct str path,
    struct target *out, struct err *);

#endif
