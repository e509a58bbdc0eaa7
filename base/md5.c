#include "base/md5.h"

#include <nettle/md5.h>

#include "base/buf.h"
#include "base/digest.h"

struct str
md5_base64(struct arena *a, struct str bytes)
{
	struct md5_ctx ctx;
	uint8_t digest[MD5_DIGEST_SIZE];
	struct buf *out = buf_in(a, 64);
	md5_init(&ctx);
	md5_update(&ctx, bytes.n, (const uint8_t *)(bytes.p != NULL ? bytes.p : ""));
	md5_digest(&ctx, sizeof digest, digest);
	base64_put(out, (struct str){ (const char *)digest, sizeof digest });
	return buf_str(out);
}
