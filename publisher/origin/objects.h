/*
 * objects: what the origin reads from the store beside the view: blobs, manifests of kept
 * versions and older metadata. Each is verified before it is handed out, once, and then kept
 * within the memory budget.
 */
#ifndef PUBLISHER_ORIGIN_OBJECTS_H
#define PUBLISHER_ORIGIN_OBJECTS_H

#include <pthread.h>

#include "publisher/bundle/live.h"
#include "publisher/origin/bucket.h"
#include "publisher/origin/cache.h"
#include "publisher/origin/metrics.h"
#include "publisher/origin/route.h"
#include "publisher/origin/view.h"

struct objects {
	struct store *store;
	const char *root; /* file with the trusted root */
	struct metrics *metrics;
	struct cache *blobs;     /* values: struct bytes */
	struct cache *manifests; /* and their shards; values: struct kept */
	pthread_mutex_t search_lock;
	struct bucket search;    /* of kept versions for a blob: each may read many manifests */
};

struct bytes {
	size_t n;
	char p[];
};
/* What has been parsed: the manifest of a version that is not current, or a shard of any. */
struct kept {
	struct arena *arena;
	struct manifest manifest;
	struct tree tree;
	uint64_t *number; /* of the tree's blobs */
	size_t numbers;
};

void objects_init(struct objects *, struct store *, const char *root, size_t memory,
    unsigned busy_max, struct metrics *);
void objects_release(struct objects *);

/* Each hands out a held item of its cache. ERR_BUSY: the store cannot tell now, or lacks what
 * is signed; ERR_UNTRUSTED: its bytes are not what was signed. */
bool objects_blob(struct objects *, const struct coded *, enum coding, struct cached **out,
    bool *hit, struct err *);
bool objects_manifest_bytes(struct objects *, struct str vertical, struct str locale,
    const struct bundle_version *, struct cached **out, bool *hit, struct err *);
bool objects_manifest(struct objects *, struct str vertical, struct str locale,
    const struct bundle_version *, struct cached **out, struct err *);
/* A shard, as its entries. `bytes`: as stored, if they are in memory; else (p == NULL) they are
 * read from the store. */
bool objects_tree(struct objects *, const struct shard *, struct str bytes, struct cached **out,
    struct err *);
/* Its very bytes. */
bool objects_tree_bytes(struct objects *, const struct shard *, struct str bytes,
    struct cached **out, bool *hit, struct err *);
/* May kept versions be searched for a blob now? ERR_BUSY if there were too many searches. */
bool objects_may_search(struct objects *, struct err *);
/* Metadata older than what is trusted now, for clients that catch up: any version of a role
 * that its present keys have signed, and the chain of roots. ERR_ABSENT: there is none that
 * could be trusted. */
bool objects_metadata(struct objects *, const struct trusted *, struct str role,
    int64_t version, struct cached **out, bool *hit, struct err *);
/* A file of the log (ROUTE_LOG). Tiles are made from what the checkpoint's tree was checked to
 * have; the checkpoint itself is read again each second. ERR_ABSENT: there is none. */
bool objects_log(struct objects *, const struct trusted *, const struct route *, int64_t now,
    struct cached **out, bool *hit, struct err *);

/* For the files of the origin that read objects: count and tell a read that began at began_us
 * (monotonic); false if it was none. */
bool objects_note(struct objects *, int64_t began_us, struct str key, bool ok,
    const struct err *);
struct bytes *objects_bytes(struct str);
int64_t objects_clock_us(void);

#endif
