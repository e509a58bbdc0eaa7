/*
 * coding: content codings (RFC 9110, section 8.4.1) through zlib, libbrotli and libzstd: gzip
 * (RFC 1952), br (RFC 7932), zstd (RFC 8878 with the window of RFC 9659, at most 8 MiB).
 * Deterministic for one version of a library and one level: no time, no name, no thread.
 */
#ifndef BASE_CODING_H
#define BASE_CODING_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum coding { CODING_NONE, CODING_GZIP, CODING_BR, CODING_ZSTD, CODINGS };

struct coding_kind {
	const char *token;   /* in Content-Encoding and Accept-Encoding; "" for none */
	const char *suffix;  /* of a blob's name: "", ".gz" */
	const char *library;
	int level, level_max; /* the default: see docs/publishing.md and `make bench-codings` */
};
extern const struct coding_kind coding_kinds[CODINGS];

/* What encoders reuse from call to call; for one thread at a time. */
struct coder;
struct coder *coder_new(void);
void coder_free(struct coder *); /* NULL is fine */
/* Appends the coded form of `in`; level 0 is the default. ERR_LIMIT beyond out->max. */
bool coder_code(struct coder *, enum coding, int level, struct str in, struct buf *out,
    struct err *);
/* Appends the decoded form: exactly one member or frame, nothing after it, at most out->max
 * bytes; of none, `in` itself. */
bool coding_decode(enum coding, struct str in, struct buf *out, struct err *);
/* The version of the library in use, for a bundle's recorded inputs. */
struct str coding_version(struct arena *, enum coding);

#endif
