/*
 * spool: bytes set aside in a file, read through a mapping. What was put stays readable where
 * it is for as long as the spool lives, while the kernel may drop it from memory at any time:
 * a run of any length holds little. Any number of threads may put and read.
 */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define SPOOL_PUT_MAX (64u * 1024 * 1024) /* bytes of one put */

struct spool;

/* A file without a name in $TMPDIR (else /tmp); gone with the arena. ERR_SETUP. */
bool spool_open(struct arena *, struct spool **out, struct err *);
/* Over a file that a spool has made up to byte `used`, 0 for an empty one; closed with the
 * arena. Opened for reading only, nothing can be put. */
bool spool_over(struct arena *, int fd, uint64_t used, struct spool **out, struct err *);
/* A copy of the bytes that lives as long as the spool; `at`, unless NULL, is its place in the
 * file. ERR_BUSY when the disk is full, ERR_LIMIT above SPOOL_PUT_MAX. */
bool spool_put(struct spool *, struct str bytes, struct str *out, uint64_t *at, struct err *);
/* What was put at that place of the file; false if it cannot have been. */
bool spool_get(struct spool *, uint64_t at, size_t n, struct str *out);
/* Give back the memory of what was read. Readers lose nothing: it is read in again. */
void spool_rest(struct spool *);
/* Bytes of the file that are taken. */
uint64_t spool_size(struct spool *);

#endif
