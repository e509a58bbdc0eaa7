/*
 * shelf: a store with a folder in front of it, in which copies stay of the immutable objects
 * that this machine has read or written: metadata, manifests, shards, the log, receipts of what
 * is done. Each is checked against its digest when it is read, and metadata is signed: whoever
 * finds that wrong stops trusting the shelf (shelf_distrust). The folder may go at any time.
 */
#ifndef PUBLISHER_SHELF_H
#define PUBLISHER_SHELF_H

#include "publisher/store/store.h"

struct shelf;

/* `folder` is made when there is something to keep in it; one for each site. *store has the
 * errors of `behind`. */
struct shelf *shelf_open(struct arena *, struct store *behind, const char *folder,
    struct store **store);
/*
 * One conditional request: is timestamp.json what shelf_remember was told last? Then, until
 * shelf_leave, it is read from the shelf, and numbered roots and targets that are not on it
 * count as absent, without a question: nobody has made a later timestamp.json with them.
 */
bool shelf_enter(struct shelf *);
/* Likewise for roots and targets alone, to read timestamp.json after a commit of one's own. */
void shelf_settle(struct shelf *);
void shelf_leave(struct shelf *);
/* Copies are not read any more; they are replaced by what the store has. */
void shelf_distrust(struct shelf *);
/* All is done under this timestamp.json. Now and then also drops what was not read for long. */
void shelf_remember(struct shelf *, struct str timestamp, struct str etag);

#endif
