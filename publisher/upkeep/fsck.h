/*
 * fsck: proves a store whole, and mends it (docs/operations.md). Whole: every signed file
 * verifies, every object that a kept version needs is there and is what was signed, the log
 * is complete, no purge is left unfinished.
 *
 * Memory: about 32 bytes for each object that is needed, and 64 objects at a time.
 */
#ifndef PUBLISHER_FSCK_H
#define PUBLISHER_FSCK_H

#include "publisher/release/publish.h"

enum fsck_state {
	FSCK_MISSING,    /* and nothing was tried */
	FSCK_DAMAGED,    /* its bytes are not what was signed; nothing was tried */
	FSCK_REPAIRED,   /* it was missing or damaged, and is whole now */
	FSCK_LOST,       /* it is, and cannot be had again */
	FSCK_UNFINISHED, /* purges or the log are behind; a publish, or --repair, completes them */
	FSCK_UNKNOWN,    /* an object that is not ours */
	FSCK_DROPPED,    /* left out of the new version, because it is lost */
	FSCK_STATES
};
extern const char *const fsck_state_name[FSCK_STATES];

struct fsck_finding {
	enum fsck_state state;
	struct str key;
	struct str what; /* "weather/en-us version 3, seattle.html"; may be empty */
	struct str why;
};

enum fsck_loss {
	LOSS_TELL,     /* what is lost is told and stays */
	LOSS_DROP,     /* the newest readable version, without the documents that are lost */
	LOSS_ROLLBACK, /* the newest version that is whole; without one, as LOSS_DROP */
};
struct fsck_options {
	bool repair;
	enum fsck_loss loss;       /* of what --repair could not get */
	struct store *const *from; /* other stores that may have what is missing */
	size_t froms;
	const struct progress *progress; /* "check" */
	void (*found)(void *ctx, const struct fsck_finding *);
	void *ctx;
};
struct fsck_report {
	uint64_t objects, bytes; /* checked */
	uint64_t unneeded;       /* blobs, shards and manifests for gc */
	uint64_t found[FSCK_STATES];
	bool whole;              /* now */
	struct published mended; /* the new version; changed: there is one, to be made fresh */
};
/* `s` was opened by site_salvage. ERR_ABSENT: nothing is published. ERR_BUSY: the store does not
 * answer, so nothing can be said. ERR_SETUP: to mend, secret keys are needed. */
bool fsck_run(struct arena *, struct site *, const struct fsck_options *, struct fsck_report *,
    struct err *);

/* For fsck's own files. */
struct marks;
struct fsck {
	struct arena *a;
	struct site *site;
	const struct fsck_options *o;
	struct fsck_report *out;
	struct marks *seen; /* keys that were checked */
	struct marks *lost; /* keys */
};
void fsck_tell(struct fsck *, enum fsck_state, struct str key, struct str what, struct str why);
/* Make the log's files again from its records. ERR_UNTRUSTED, ERR_ABSENT: that is not possible. */
bool fsck_log(struct fsck *, struct err *);
/* A new version of each bundle that has lost something. */
bool fsck_mend(struct fsck *, struct err *);

#endif
