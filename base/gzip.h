/* gzip: RFC 1952 through zlib, deterministic for one zlib version (level 9, no time, OS 255). */
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Appends the coded form of `in`. */
bool gzip_code(struct str in, struct buf *out, struct err *);
/* Appends the decoded form: exactly one member, nothing after it, at most out->max bytes. */
bool gzip_decode(struct str in, struct buf *out, struct err *);
/* The zlib in use, for a bundle's recorded inputs. */
const char *gzip_version(void);

#endif
