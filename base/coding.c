#include "base/coding.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define WINDOW_GZIP (15 + 16) /* zlib's way to say: RFC 1952 framing */
#define WINDOW_ZSTD 23        /* RFC 9659: 8 MiB */
#define OS_UNKNOWN 255
#define PIECE 16384

const struct coding_kind coding_kinds[CODINGS] = {
	[CODING_NONE] = { "", "", "", 0, 0 },
	[CODING_GZIP] = { "gzip", ".gz", "zlib", 9, 9 },
	[CODING_BR] = { "br", ".br", "brotli", 6, 11 },
	[CODING_ZSTD] = { "zstd", ".zst", "zstd", 8, 19 },
};

struct coder {
	z_stream gzip;
	int gzip_level; /* 0: not begun */
	ZSTD_CCtx *zstd;
};

struct coder *
coder_new(void)
{
	struct coder *c = calloc(1, sizeof *c);
	if (c == NULL)
		abort();
	return c;
}

void
coder_free(struct coder *c)
{
	if (c == NULL)
		return;
	if (c->gzip_level != 0)
		(void)deflateEnd(&c->gzip);
	(void)ZSTD_freeCCtx(c->zstd);
	free(c);
}

static Bytef *
bytes_of(struct str s)
{
	return (Bytef *)(uintptr_t)s.p; /* zlib 1.2's next_in is not const, but only read */
}

static bool
fits(struct str in, struct err *err)
{
	return in.n <= INT_MAX || err_set(err, ERR_LIMIT, "%zu bytes, at most %d", in.n, INT_MAX);
}

/* A stream for this level, as new. */
static void
gzip_begin(struct coder *c, int level)
{
	if (c->gzip_level == level) {
		(void)deflateReset(&c->gzip);
		return;
	}
	if (c->gzip_level != 0)
		(void)deflateEnd(&c->gzip);
	c->gzip = (z_stream){ 0 };
	c->gzip_level = level;
	if (deflateInit2(&c->gzip, level, Z_DEFLATED, WINDOW_GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* out of memory */
}

static bool
gzip_code(struct coder *c, int level, struct str in, struct buf *out, struct err *err)
{
	gz_header header = { .os = OS_UNKNOWN };
	Bytef piece[PIECE];
	int state;
	gzip_begin(c, level);
	z_stream *z = &c->gzip;
	z->next_in = bytes_of(in);
	z->avail_in = (uInt)in.n;
	(void)deflateSetHeader(z, &header);
	do {
		z->next_out = piece;
		z->avail_out = PIECE;
		state = deflate(z, Z_FINISH);
		buf_put(out, (struct str){ (char *)piece, PIECE - z->avail_out });
	} while (state == Z_OK && !out->refused);
	return buf_ok(out, err);
}

/* For encoders that want all their room at once. */
static void *
room_new(size_t n)
{
	void *p = malloc(n);
	if (p == NULL)
		abort();
	return p;
}

static bool
room_give(void *p, size_t n, struct buf *out, struct err *err)
{
	buf_put(out, (struct str){ p, n });
	free(p);
	return buf_ok(out, err);
}

static bool
br_code(struct coder *c, int level, struct str in, struct buf *out, struct err *err)
{
	size_t n = BrotliEncoderMaxCompressedSize(in.n);
	uint8_t *p = room_new(n);
	(void)c;
	if (BrotliEncoderCompress(level, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, in.n,
	        (const uint8_t *)in.p, &n, p) != BROTLI_TRUE)
		abort(); /* out of memory: there is room enough */
	return room_give(p, n, out, err);
}

static bool
zstd_code(struct coder *c, int level, struct str in, struct buf *out, struct err *err)
{
	if (c->zstd == NULL && (c->zstd = ZSTD_createCCtx()) == NULL)
		abort();
	(void)ZSTD_CCtx_reset(c->zstd, ZSTD_reset_session_and_parameters);
	(void)ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, level);
	if (in.n > (size_t)1 << WINDOW_ZSTD)
		(void)ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_windowLog, WINDOW_ZSTD);
	size_t n = ZSTD_compressBound(in.n);
	void *p = room_new(n);
	n = ZSTD_compress2(c->zstd, p, n, in.p, in.n);
	if (ZSTD_isError(n))
		abort(); /* out of memory: there is room enough */
	return room_give(p, n, out, err);
}

bool
coder_code(struct coder *c, enum coding coding, int level, struct str in, struct buf *out,
    struct err *err)
{
	static bool (*const code[CODINGS])(struct coder *, int, struct str, struct buf *,
	    struct err *) = { NULL, gzip_code, br_code, zstd_code };
	if (level == 0)
		level = coding_kinds[coding].level;
	if (in.p == NULL)
		in = STR("");
	if (code[coding] != NULL)
		return fits(in, err) && code[coding](c, level, in, out, err);
	buf_put(out, in);
	return buf_ok(out, err);
}

static bool
gzip_decode(struct str in, struct buf *out, struct err *err)
{
	Bytef piece[PIECE];
	z_stream z = { .next_in = bytes_of(in), .avail_in = (uInt)in.n };
	int state;
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
		return false;
	if (state == Z_BUF_ERROR)
		return err_set(err, ERR_INPUT, "ends too early");
	if (state != Z_STREAM_END)
		return err_set(err, ERR_INPUT, "damaged data");
	return left == 0 || err_set(err, ERR_INPUT, "%zu bytes after the end", left);
}

static bool
br_decode(struct str in, struct buf *out, struct err *err)
{
	uint8_t piece[PIECE];
	const uint8_t *next = (const uint8_t *)in.p;
	size_t left = in.n;
	BrotliDecoderResult state;
	BrotliDecoderState *d = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	if (d == NULL)
		abort(); /* out of memory */
	do {
		uint8_t *to = piece;
		size_t room = PIECE;
		state = BrotliDecoderDecompressStream(d, &left, &next, &room, &to, NULL);
		buf_put(out, (struct str){ (char *)piece, PIECE - room });
	} while (state == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && !out->refused);
	BrotliDecoderDestroyInstance(d);
	if (!buf_ok(out, err))
		return false;
	if (state == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
		return err_set(err, ERR_INPUT, "ends too early");
	if (state != BROTLI_DECODER_RESULT_SUCCESS)
		return err_set(err, ERR_INPUT, "damaged data");
	return left == 0 || err_set(err, ERR_INPUT, "%zu bytes after the end", left);
}

static bool
zstd_decode(struct str in, struct buf *out, struct err *err)
{
	char piece[PIECE];
	ZSTD_inBuffer from = { in.p, in.n, 0 };
	size_t state;
	bool stuck;
	ZSTD_DCtx *d = ZSTD_createDCtx();
	if (d == NULL)
		abort(); /* out of memory */
	(void)ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, WINDOW_ZSTD);
	do {
		ZSTD_outBuffer to = { .dst = piece, .size = PIECE };
		state = ZSTD_decompressStream(d, &to, &from);
		buf_put(out, (struct str){ piece, to.pos });
		stuck = from.pos == from.size && to.pos < PIECE;
	} while (state != 0 && !ZSTD_isError(state) && !stuck && !out->refused);
	(void)ZSTD_freeDCtx(d);
	if (!buf_ok(out, err))
		return false;
	if (ZSTD_isError(state))
		return err_set(err, ERR_INPUT, "damaged data: %s", ZSTD_getErrorName(state));
	if (state != 0)
		return err_set(err, ERR_INPUT, "ends too early");
	return from.pos == from.size
	    || err_set(err, ERR_INPUT, "%zu bytes after the end", from.size - from.pos);
}

bool
coding_decode(enum coding coding, struct str in, struct buf *out, struct err *err)
{
	static bool (*const decode[CODINGS])(struct str, struct buf *, struct err *) = { NULL,
		gzip_decode, br_decode, zstd_decode };
	if (decode[coding] != NULL)
		return (fits(in, err) && decode[coding](in, out, err))
		    || err_in(err, "%s", coding_kinds[coding].token);
	buf_put(out, in);
	return buf_ok(out, err);
}

struct str
coding_version(struct arena *a, enum coding coding)
{
	uint32_t br = BrotliEncoderVersion();
	switch (coding) {
	case CODING_GZIP:
		return str_of(zlibVersion());
	case CODING_BR:
		return arena_printf(a, "%u.%u.%u", br >> 24, (br >> 12) & 0xfff, br & 0xfff);
	case CODING_ZSTD:
		return str_of(ZSTD_versionString());
	default:
		return STR("");
	}
}
