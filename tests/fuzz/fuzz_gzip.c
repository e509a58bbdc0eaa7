/* Decoding keeps to its bound; what was decoded codes and decodes to the same. */
#include "base/gzip.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct str in = { (const char *)bytes, n };
	struct buf *plain = buf_in(a, 65536), *coded = buf_in(a, n + 1024), *back = buf_in(a, n);
	struct err e;
	(void)gzip_decode(in, plain, &e);
	PROMISE(plain->n <= 65536);
	PROMISE(gzip_code(in, coded, &e));
	PROMISE(gzip_decode(buf_str(coded), back, &e));
	PROMISE(str_eq(in, buf_str(back)));
	arena_free(a);
	return 0;
}
