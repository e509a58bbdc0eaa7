/*
 * sweep: how gc and publishers keep out of each other's way, through the store alone
 * (docs/operations.md has the argument).
 *
 * gc/sweep is one small mutable object: the state of the newest round of removals. A round
 * first declares what it is about to remove (gc/<round>.list), then renews timestamp.json by
 * compare-and-swap, then removes, then ends. A publisher reads gc/sweep at the start of each
 * attempt, after timestamp.json:
 *  - while a round is at work it creates nothing that is on the list, but waits;
 *  - when the round is another than at its attempt before, what it put then may be gone: it
 *    puts all of it again.
 */
#ifndef PUBLISHER_SWEEP_H
#define PUBLISHER_SWEEP_H

#include "publisher/store/store.h"

#define SWEEP_KEY STR("gc/sweep")
#define SWEEP_LIST_MAX 500000    /* objects of one round */
#define SWEEP_BEAT_MS 15000      /* a round at work says so this often */
#define SWEEP_LOST_MS 60000      /* without a beat for so long, it stops by itself */
#define SWEEP_DEAD_MS 600000     /* and after that, nobody waits for it any more */

enum sweep_phase {
	SWEEP_IDLE,    /* the round is over, or there never was one */
	SWEEP_LOOKING, /* gc is at work; nothing is removed yet */
	SWEEP_REMOVING,
};
struct sweep_state {
	enum sweep_phase phase;
	struct str round;  /* of the newest round that has begun to remove; empty: none */
	struct str etag;   /* of gc/sweep; empty: absent */
};
bool sweep_read(struct arena *, struct store *, struct sweep_state *out, struct err *);
/* Replace what still is `was`; its etag becomes the new one. ERR_STALE: another gc has. */
bool sweep_write(struct arena *, struct store *, struct sweep_state *was, enum sweep_phase,
    struct str round, struct err *);

/* gc/<round>.list: the keys' digests, their first 8 bytes each, sorted by them. */
struct str sweep_list_key(struct arena *, struct str round);
bool sweep_list_put(struct store *, struct str round, uint64_t *mark, size_t n, struct err *);
uint64_t sweep_mark(struct str key);

/* Guard every creation in this store until sweep_unguard; *round is that of the newest round.
 * What waits, waits as long as the round is alive: ERR_BUSY if the store cannot be asked. */
bool sweep_guard(struct arena *, struct store *, struct str *round, struct err *);
void sweep_unguard(struct store *);

#endif
