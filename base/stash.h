/*
 * stash: a cache of bytes in a folder, found by key. Whatever it holds can be made again: a
 * folder that is deleted, damaged, read-only or of another version only costs time, and any
 * number of programs may use one at once.
 *
 *   index      sorted keys with the place, length and checksum of their bytes; replaced whole
 *   pack-<id>  the bytes, only ever appended to, by one program at a time; the oldest go when
 *              all together are larger than STASH_MAX
 *
 * Without a folder it is a spool that is gone after the run.
 */
#ifndef BASE_STASH_H
#define BASE_STASH_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"

#define STASH_MAX (8ull << 30)  /* bytes of all packs */
#define STASH_UNUSED_DAYS 30    /* what nobody asked for so long is forgotten */

struct stash;

/* Where bytes are: may be kept in other bytes of the stash. */
struct stash_ref {
	uint64_t at;
	uint32_t pack, n;
};

/* folder NULL: nothing is kept. An unusable folder is as good as none: stash_folder is then
 * NULL. ERR_SETUP only if there is no place for a run's own bytes either. */
bool stash_open(struct arena *, const char *folder, struct stash **out, struct err *);
const char *stash_folder(const struct stash *);

/* Any number of threads may call these. */
/* A copy that stays where it is while the stash is open. */
bool stash_put(struct stash *, struct str bytes, struct stash_ref *out, struct str *copy,
    struct err *);
/* False if the bytes are gone. They are not checked. */
bool stash_get(struct stash *, struct stash_ref, struct str *out);
/* The bytes under a key, checked; false if there are none. */
bool stash_find(struct stash *, const struct digest *key, struct str *out);
/* From stash_commit on the bytes are found under the key. */
void stash_name(struct stash *, const struct digest *key, struct stash_ref);
/* For bytes that no digest covers. */
uint64_t stash_checksum(struct str);

/* Write the index, if there is anything new. A failure costs only the time of the next run. */
void stash_commit(struct stash *);
/* Its bytes turned out to be damaged: later runs begin anew. */
void stash_forget(struct stash *);
/* Give back the memory of what was read; it is read in again. */
void stash_rest(struct stash *);

#endif
