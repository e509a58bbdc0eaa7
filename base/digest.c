#include "base/digest.h"

#include <nettle/sha2.h>
#include <sodium.h>

struct digest
digest_of(struct str bytes)
{
	struct sha256_ctx state;
	struct digest d;
	sha256_init(&state);
	sha256_update(&state, bytes.n, (const uint8_t *)bytes.p);
	sha256_digest(&state, sizeof d.b, d.b);
	return d;
}

bool
digest_eq(const struct digest *a, const struct digest *b)
{
	return sodium_memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool
digest_parse(struct str hex, struct digest *out, struct err *err)
{
	bool ok = hex.n == DIGEST_HEX;
	for (size_t i = 0; ok && i < hex.n; i++)
		ok = hex.p[i] < 'A' || hex.p[i] > 'Z';
	struct digest d;
	ok = ok && sodium_hex2bin(d.b, sizeof d.b, hex.p, hex.n, NULL, NULL, NULL) == 0;
	if (!ok)
		return err_set(err, ERR_INPUT, "not a sha256 in 64 lower-case hex digits");
	*out = d;
	return true;
}

void
digest_hex(const struct digest *d, char out[DIGEST_HEX + 1])
{
	(void)sodium_bin2hex(out, DIGEST_HEX + 1, d->b, sizeof d->b);
}

struct str
digest_str(struct arena *a, const struct digest *d)
{
	char *hex = arena_alloc(a, DIGEST_HEX + 1, 1);
	digest_hex(d, hex);
	return (struct str){ hex, DIGEST_HEX };
}

#define PIECE 768 /* a multiple of 3: pieces of base64 join without padding between */

void
base64_put(struct buf *out, struct str bytes)
{
	char text[sodium_base64_ENCODED_LEN(PIECE, sodium_base64_VARIANT_ORIGINAL)];
	while (bytes.n > 0) {
		size_t n = bytes.n < PIECE ? bytes.n : PIECE;
		(void)sodium_bin2base64(text, sizeof text, (const unsigned char *)bytes.p, n,
		    sodium_base64_VARIANT_ORIGINAL);
		buf_put(out, str_of(text));
		bytes.p += n;
		bytes.n -= n;
	}
}

void
hex_put(struct buf *out, struct str bytes)
{
	char text[2 * PIECE + 1];
	while (bytes.n > 0) {
		size_t n = bytes.n < PIECE ? bytes.n : PIECE;
		(void)sodium_bin2hex(text, sizeof text, (const unsigned char *)bytes.p, n);
		buf_put(out, (struct str){ text, 2 * n });
		bytes.p += n;
		bytes.n -= n;
	}
}
