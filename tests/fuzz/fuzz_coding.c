/* Decoding keeps to its bound; what was decoded codes and decodes to the same. The first byte
 * says which coding. */
#include "base/coding.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct coder *coder;
	struct arena *a = arena_new();
	enum coding coding = n == 0 ? CODING_GZIP : (enum coding)(1 + bytes[0] % (CODINGS - 1));
	struct str in = n == 0 ? STR("") : (struct str){ (const char *)bytes + 1, n - 1 };
	struct buf *plain = buf_in(a, 65536), *coded = buf_in(a, n + 1024), *back = buf_in(a, n);
	struct err e;
	if (coder == NULL)
		coder = coder_new();
	(void)coding_decode(coding, in, plain, &e);
	PROMISE(plain->n <= 65536);
	PROMISE(coder_code(coder, coding, 1, in, coded, &e));
	PROMISE(coding_decode(coding, buf_str(coded), back, &e));
	PROMISE(str_eq(in, buf_str(back)));
	arena_free(a);
	return 0;
}
