/*
 * Fuzz target: any template over any value. The input is a byte for the type, the template,
 * a partial and a value, with 0xFF between them. What a typed template renders must itself
 * be text that ends where a file may end: no value has moved the output elsewhere.
 */
#include "generator/template/context.h"
#include "generator/template/template.h"
#include "tests/fuzz/fuzz.h"

static bool
find_partial(void *ctx, struct str name, struct str *text, struct str *path, struct err *err)
{
	if (!str_eq(name, STR("p")))
		return err_set(err, ERR_ABSENT, "no such partial");
	*text = *(struct str *)ctx;
	*path = name;
	return true;
}

static const struct node *
data_of(struct arena *a, struct str value)
{
	struct node *root = node_add(a, NULL, NODE_OBJECT, STR(""), STR(""));
	struct node *list = node_add(a, root, NODE_LIST, STR("l"), STR(""));
	(void)node_add(a, list, NODE_TEXT, STR(""), value);
	(void)node_add(a, list, NODE_NUMBER, STR(""), STR("2"));
	(void)node_add(a, root, NODE_TEXT, STR("x"), value);
	(void)node_add(a, root, NODE_TEXT, STR("n"), STR("p"));
	return root;
}

static void
check(enum template_type type, struct str out)
{
	struct context c = context_start(type);
	struct complaint why;
	size_t offset;
	PROMISE(context_text(&c, out, &offset, &why) && context_is_end(&c));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (n == 0)
		return 0;
	enum template_type type = bytes[0] % (TEMPLATE_TEXT + 1);
	struct str rest = { (const char *)bytes + 1, n - 1 };
	struct str text = str_cut(rest, '\xFF', &rest);
	struct str partial = str_cut(rest, '\xFF', &rest);
	const struct template_source source = { &partial, find_partial, NULL, true };
	struct arena *a = arena_new();
	struct buf *out = buf_in(a, 1 << 16);
	struct template *t;
	struct err err;
	if (template_compile(a, STR("t"), text, type, &source, &t, &err) &&
	    template_render(t, data_of(a, rest), NULL, out, &err))
		check(type, buf_str(out));
	arena_free(a);
	return 0;
}
