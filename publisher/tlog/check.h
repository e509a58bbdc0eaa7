/*
 * check: the log as whoever does not trust its writer reads it: against signed metadata, its
 * own checkpoint, and what was seen before. No store, no keys but public ones.
 */
#ifndef PUBLISHER_TLOG_CHECK_H
#define PUBLISHER_TLOG_CHECK_H

#include "publisher/tlog/note.h"
#include "publisher/tlog/record.h"
#include "publisher/tlog/tile.h"

#define CHECKPOINT_NAME STR("log/checkpoint")

/* The log's checkpoint, signed by enough keys of `who` (the snapshot role); has `origin` if
 * that is not empty. ERR_UNTRUSTED otherwise. */
bool log_checkpoint_read(struct arena *, struct str bytes, const struct role_keys *who,
    struct str origin, struct checkpoint *out, struct err *);

struct log_seen {
	bool there;             /* false: the site has no log (yet) */
	struct log_head head;
	struct merkle_tree checkpoint; /* size 0: there is none yet */
	bool pending;           /* the newest record is signed but not in the checkpoint yet */
	struct record record;   /* the newest */
	struct tile_tree *tree; /* of the checkpoint; NULL without one */
};
/*
 * Is the log what `t` has signed? `checkpoint` is what log/checkpoint held, fetched before `t`
 * was (p == NULL: absent). `before`, if not NULL, is the tree of a checkpoint that was checked
 * earlier. Checks the checkpoint's signature and that it begins with all of `before`; that it
 * has the tree of the signed metadata, or that tree without its newest record while a publisher
 * is at work; that the newest record is in it, and is about what is live.
 * ERR_STALE: they were read at different moments: read both again; if it stays so, the metadata
 * was rolled back, or records are withheld. ERR_UNTRUSTED says what is wrong, and where.
 */
bool log_check(struct arena *, const struct trust_source *, const struct trusted *t,
    struct str checkpoint, const struct merkle_tree *before, struct log_seen *out, struct err *);

/* Every record, oldest first, each checked against the tree and the one before it. */
typedef bool log_visit(void *ctx, uint64_t index, const struct record *, struct err *);
bool log_walk(struct tile_tree *, log_visit *, void *ctx, struct err *);

#endif
