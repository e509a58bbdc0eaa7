/* What the tests of templates share: data with markup, partials by name, a formatter whose
 * results can be told apart. */
#ifndef TESTS_UNIT_TEMPLATE_CASE_H
#define TESTS_UNIT_TEMPLATE_CASE_H

#include "base/json.h"
#include "generator/template/template.h"

/* Name and text, up to a NULL name. */
struct case_partial {
	const char *name, *text;
};

static inline bool
case_find_partial(void *ctx, struct str name, struct str *text, struct str *path,
    struct err *err)
{
	const struct case_partial *p = ctx;
	for (; p != NULL && p->name != NULL; p++)
		if (str_eq(name, str_of(p->name))) {
			*text = str_of(p->text);
			*path = str_of(p->name);
			return true;
		}
	return err_set(err, ERR_ABSENT, "no partial '%.*s'", STR_ARG(name));
}

static inline bool
case_is_markup(void *ctx, struct str name)
{
	(void)ctx;
	return str_eq(name, STR("prose"));
}

/* Every member called "prose" that holds text is markup. */
static inline void
case_mark(struct node *n)
{
	if (n->kind == NODE_TEXT && str_eq(n->name, STR("prose")))
		n->kind = NODE_MARKUP;
	for (struct node *k = n->first; k != NULL; k = k->next)
		case_mark(k);
}

static inline bool
case_number(void *ctx, struct str value, struct str skeleton, struct buf *out, struct err *err)
{
	(void)ctx;
	if (!text_is_number(value))
		return err_set(err, ERR_INPUT, "'%.*s' is not a number", STR_ARG(value));
	buf_printf(out, "<%.*s|%.*s>", STR_ARG(skeleton), STR_ARG(value));
	return true;
}

static inline bool
case_date(void *ctx, struct str value, struct str skeleton, struct str zone, struct buf *out,
    struct err *err)
{
	(void)ctx;
	(void)err;
	buf_printf(out, "%.*s %.*s %.*s", STR_ARG(value), STR_ARG(skeleton), STR_ARG(zone));
	return true;
}

static inline bool
case_message(void *ctx, struct str key,
    const struct node *(*find)(void *, struct str), void *find_ctx, struct buf *out,
    struct err *err)
{
	const struct node *n = find(find_ctx, STR("who"));
	(void)ctx;
	if (str_eq(key, STR("missing")))
		return err_set(err, ERR_INPUT, "no message 'missing'");
	buf_printf(out, "%.*s & %.*s", STR_ARG(key), n ? (int)n->text.n : 0, n ? n->text.p : "");
	return true;
}

/* Compile and render. The answer is the output, or, on failure, the error's text. */
static inline bool
case_render(struct arena *a, enum template_type type, struct str text,
    const struct case_partial *partials, const struct node *data, struct str *out)
{
	const struct template_source source = { (void *)partials, case_find_partial,
		case_is_markup, NULL, true };
	const struct formatter formatter = { .number = case_number, .date = case_date,
		.message = case_message };
	struct buf *b = buf_in(a, 1 << 20);
	struct template *t;
	struct err err = { 0 };
	if (!template_compile(a, STR("t"), text, type, &source, &t, &err) ||
	    !template_render(t, data, &formatter, b, &err)) {
		*out = arena_printf(a, "%s", err.text);
		return false;
	}
	*out = buf_str(b);
	return true;
}

#endif
