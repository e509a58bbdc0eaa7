/* What is read can be written in both ways, and reads back as the same value. */
#include "base/json.h"
#include "tests/fuzz/fuzz.h"

static void
check(struct arena *a, const json_t *value)
{
	struct buf *text = buf_in(a, 1 << 20), *again = buf_in(a, 1 << 20);
	struct err e;
	json_t *back;
	if (!json_pretty(value, text, &e))
		return; /* over the bound */
	PROMISE(json_parse(a, buf_str(text), &back, &e));
	PROMISE(json_equal((json_t *)(uintptr_t)value, back));
	buf_reset(text);
	if (!json_canonical(value, text, &e))
		return; /* a real number */
	PROMISE(json_canonical(back, again, &e));
	PROMISE(str_eq(buf_str(text), buf_str(again)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct str text = { (const char *)bytes, n };
	struct buf *quoted = buf_in(a, n * 6 + 2);
	json_t *value;
	struct err e;
	if (json_parse(a, text, &value, &e))
		check(a, value);
	json_quote(quoted, text); /* of any bytes: UTF-8, one line, no markup */
	PROMISE(buf_ok(quoted, &e));
	PROMISE(str_is_utf8(buf_str(quoted)));
	PROMISE(memchr(quoted->p, '<', quoted->n) == NULL);
	PROMISE(memchr(quoted->p, '\n', quoted->n) == NULL);
	arena_free(a);
	return 0;
}
