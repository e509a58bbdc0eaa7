/* digest: SHA-256 (FIPS 180-4, through nettle) and its spellings. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define DIGEST_HEX 64

struct digest {
	unsigned char b[32];
};

struct digest digest_of(struct str);
bool digest_eq(const struct digest *, const struct digest *);
/* Exactly 64 lower-case hex digits; ERR_INPUT otherwise. */
bool digest_parse(struct str hex, struct digest *out, struct err *);
/* Writes 64 hex digits and a NUL. */
void digest_hex(const struct digest *, char out[DIGEST_HEX + 1]);
struct str digest_str(struct arena *, const struct digest *);
/* RFC 4648 base64 with padding: any bytes. */
void base64_put(struct buf *, struct str bytes);
void hex_put(struct buf *, struct str bytes);

#endif
