/*
 * replay: ids of webhook messages that were carried out, so that a replay does nothing, not even
 * after a restart. Kept for as long as a message could be replayed, in memory and in a file
 * that grows by a line a message and is rewritten without the old ones. Not thread-safe.
 */
#ifndef PUBLISHER_ORIGIN_REPLAY_H
#define PUBLISHER_ORIGIN_REPLAY_H

#include "base/arena.h"
#include "base/err.h"

#define SEEN_ID_MAX 64
/* A timestamp may be 300 s early or late: twice that after a message was taken, it is too
 * old to be taken again. */
#define SEEN_KEPT_S 900

struct replay;

/* dir NULL: in memory only. False: the ids of earlier runs are lost, or new ones cannot be
 * kept; *out works all the same. */
bool replay_open(struct arena *, const char *dir, int64_t now, struct replay **out, struct err *);
bool replay_has(const struct replay *, struct str id, int64_t now);
/* ERR_BUSY: the table is full of young ids; ERR_SETUP: the file cannot be written. */
bool replay_add(struct replay *, struct str id, int64_t now, struct err *);

#endif
