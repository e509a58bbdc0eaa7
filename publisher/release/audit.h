/*
 * audit: the log of a site's commits, as its publishers write it (docs/trust.md).
 *
 * The record of a commit stands in the store before the swap of timestamp.json, and the signed
 * snapshot names it and the tree that it gives: so the swap is what appends it. Files of the
 * log follow from what was committed alone, are written after the swap, and whoever comes next
 * completes what a publisher that died has left out. So at most one record is missing in them.
 */
#ifndef PUBLISHER_AUDIT_H
#define PUBLISHER_AUDIT_H

#include "publisher/release/site.h"
#include "publisher/tlog/tile.h"

/* A record on its way into the log. */
struct audit_next {
	const json_t *custom; /* for the snapshot */
	struct tile_file file[TILE_FILES];
	size_t files;
	struct merkle_tree tree;
	struct str origin;
};
/* Write what the log of the live site lacks: files, then the checkpoint, which never falls
 * back. ERR_UNTRUSTED: what is there is not the log that was signed; nothing was changed. */
bool audit_complete(struct arena *, const struct site *, struct err *);
/* Make and put the record of a commit. The log of what is live is complete then. */
bool audit_prepare(struct arena *, const struct site *, const struct wanted *, int64_t now,
    struct audit_next *out, struct err *);
/* Before `next` becomes the root: the checkpoint gets the signatures of its snapshot role too, so
 * that clients believe it on either side. The keys of both have to be here. */
bool audit_cosign(struct arena *, const struct site *, const struct root *next, struct err *);
/* After the swap. */
bool audit_finish(struct arena *, const struct site *, const struct audit_next *, struct err *);

#endif
