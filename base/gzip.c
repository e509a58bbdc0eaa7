#include "base/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define WINDOW_GZIP (15 + 16) /* zlib's way to say: RFC 1952 framing */
#define OS_UNKNOWN 255
#define PIECE 16384

static Bytef *
bytes_of(struct str s)
{
	return (Bytef *)(uintptr_t)s.p; /* zlib 1.2's next_in is not const, but only read */
}

static bool
fits(struct str in, struct err *err)
{
	return in.n <= UINT_MAX || err_set(err, ERR_LIMIT, "%zu bytes, at most %u", in.n, UINT_MAX);
}

bool
gzip_code(struct str in, struct buf *out, struct err *err)
{
	gz_header header = { .os = OS_UNKNOWN };
	Bytef piece[PIECE];
	z_stream z = { .next_in = bytes_of(in), .avail_in = (uInt)in.n };
	int state;
	if (!fits(in, err))
		return false;
	if (deflateInit2(&z, 9, Z_DEFLATED, WINDOW_GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* out of memory */
	(void)deflateSetHeader(&z, &header);
	do {
		z.next_out = piece;
		z.avail_out = PIECE;
		state = deflate(&z, Z_FINISH);
		buf_put(out, (struct str){ (char *)piece, PIECE - z.avail_out });
	} while (state == Z_OK && !out->refused);
	(void)deflateEnd(&z);
	return buf_ok(out, err);
}

bool
gzip_decode(struct str in, struct buf *out, struct err *err)
{
	Bytef piece[PIECE];
	z_stream z = { .next_in = bytes_of(in), .avail_in = (uInt)in.n };
	int state;
	if (!fits(in, err))
		return false;
	if (inflateInit2(&z, WINDOW_GZIP) != Z_OK)
		abort(); /* out of memory */
	do {
		z.next_out = piece;
		z.avail_out = PIECE;
		state = inflate(&z, Z_NO_FLUSH);
		buf_put(out, (struct str){ (char *)piece, PIECE - z.avail_out });
	} while (state == Z_OK && !out->refused);
	size_t left = z.avail_in;
	(void)inflateEnd(&z);
	if (!buf_ok(out, err))
		return err_in(err, "gzip");
	if (state == Z_BUF_ERROR)
		return err_set(err, ERR_INPUT, "gzip: ends too early");
	if (state != Z_STREAM_END)
		return err_set(err, ERR_INPUT, "gzip: damaged data");
	return left == 0 || err_set(err, ERR_INPUT, "gzip: %zu bytes after the end", left);
}

const char *
gzip_version(void)
{
	return zlibVersion();
}
