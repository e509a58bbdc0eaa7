/*
 * gc: removes from a store what no kept version needs (docs/operations.md). Kept versions are
 * those that the signed history lists; see reach.h. It runs beside any number of publishers;
 * ended at any instant, it has done no harm, and the next run goes on.
 *
 * Memory: about 16 bytes for each object that is kept, and the keys of one round, at most
 * SWEEP_LIST_MAX (sweep.h): 10 million objects take about 300 MB.
 */
#ifndef PUBLISHER_GC_H
#define PUBLISHER_GC_H

#include "publisher/release/publish.h"

enum gc_kind { GC_BLOBS, GC_SHARDS, GC_MANIFESTS, GC_METADATA, GC_RECEIPTS, GC_LOG, GC_KINDS };
extern const char *const gc_kind_name[GC_KINDS]; /* "blobs", "trees", … */

struct gc_sum {
	uint64_t objects, bytes;
};
struct gc_options {
	int64_t grace_s;   /* younger objects are left alone */
	bool dry_run;      /* no write at all */
	bool take_over;    /* from another gc that has died, before its time is over */
	const struct progress *progress; /* NULL: nobody looks; "mark", "list", "remove" */
	/* Dry run: told of each object that would go. May be NULL. */
	void (*doomed)(void *ctx, struct str key, uint64_t bytes);
	void *ctx;
};
struct gc_report {
	struct gc_sum removed[GC_KINDS]; /* or would be, in a dry run */
	struct gc_sum kept;    /* needed */
	struct gc_sum young;   /* not needed, but within the grace */
	struct gc_sum unknown; /* not ours: left alone */
	unsigned rounds;
};

/*
 * ERR_ABSENT: nothing is published. ERR_UNTRUSTED, ERR_BUSY: a kept version is not whole, so
 * what it needs is not known: fsck tells more, and nothing was removed. ERR_BUSY also: another
 * gc is at work. ERR_SETUP: the timestamp's secret key is not here.
 */
bool gc_run(struct arena *, struct site *, const struct gc_options *, struct gc_report *out,
    struct err *);

/*
 * What a key is by its form, in the layout of docs/stores.md; GC_KINDS if it is no name of
 * ours. Also for fsck.
 */
enum gc_kind gc_kind_of(struct str key);
/* "12.weather.json" behind "metadata/", "12.intent" behind "receipts/". */
bool gc_numbered(struct str key, int64_t *number, struct str *name);

#endif
