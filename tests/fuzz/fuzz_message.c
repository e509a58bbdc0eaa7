/* Fuzz target: any message pattern, with a number, a text and a date for its arguments. What is
 * accepted formats or fails with a reason, within its bounds. The input is the pattern, 0xFF and
 * the value of {n}. */
#include "generator/locale/message.h"
#include "tests/fuzz/fuzz.h"

static bool
put_number(void *ctx, struct str value, struct str skeleton, struct buf *out, struct err *err)
{
	(void)ctx, (void)skeleton;
	if (!text_is_number(value))
		return err_set(err, ERR_INPUT, "no number");
	buf_put(out, value);
	return true;
}

static bool
put_date(void *ctx, struct str value, struct str skeleton, struct str zone, struct buf *out,
    struct err *err)
{
	(void)ctx, (void)zone, (void)err;
	buf_put(out, value);
	buf_put(out, skeleton);
	return true;
}

static bool
pick(void *ctx, struct str value, bool ordinal, struct str *out, struct err *err)
{
	(void)ctx, (void)err;
	PROMISE(text_is_number(value));
	*out = ordinal ? STR("few") : STR("one");
	return true;
}

static const struct node *
find(void *ctx, struct str name)
{
	return node_get(ctx, name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct message_env env = { NULL, put_number, put_date, pick };
	struct str rest, pattern = str_cut((struct str){ (const char *)bytes, n }, '\xFF', &rest);
	struct arena *a = arena_new();
	struct node *data = node_add(a, NULL, NODE_OBJECT, STR(""), STR(""));
	(void)node_add(a, data, text_is_number(rest) ? NODE_NUMBER : NODE_TEXT, STR("n"), rest);
	(void)node_add(a, data, NODE_NULL, STR("z"), STR(""));
	struct buf *out = buf_in(a, 1 << 16);
	const struct message *message;
	struct err err;
	if (message_parse(a, pattern, &env, &message, &err)
	    && message_format(message, &env, find, data, out, &err))
		PROMISE(!out->refused);
	else
		PROMISE(err.text[0] != '\0');
	arena_free(a);
	return 0;
}
