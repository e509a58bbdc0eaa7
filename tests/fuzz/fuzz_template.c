/*
 * Fuzz target: any template over any value. The input is a byte for the type, the template,
 * a partial and a value, with 0xFF between them. What a typed template renders must itself
 * be text that ends where a file may end: no value has moved the output elsewhere. And it has the
 * structure that a harmless value gives: as many angle brackets, XML as libxml2 reads it, JSON as
 * jansson does.
 */
#include <libxml/parser.h>

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

static bool
names_partial(struct str s)
{
	return s.n > 0 && memchr(s.p, '*', s.n) != NULL;
}

static size_t
brackets(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '<' || s.p[i] == '>';
	return n;
}

static size_t
parts_of(const xmlNode *n)
{
	size_t sum = 0;
	for (; n != NULL; n = n->next) {
		sum += n->type != XML_TEXT_NODE;
		for (const xmlAttr *a = n->type == XML_ELEMENT_NODE ? n->properties : NULL; a != NULL;
		     a = a->next)
			sum += 1000;
		sum += n->type == XML_ELEMENT_NODE ? parts_of(n->children) : 0;
	}
	return sum;
}

/* 0: not well-formed. */
static size_t
xml_parts(struct str s)
{
	xmlDoc *doc = xmlReadMemory(s.p, (int)s.n, NULL, "UTF-8",
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
	size_t n = doc != NULL ? 1 + parts_of(doc->children) : 0;
	xmlFreeDoc(doc);
	return n;
}

/* 0: no JSON. */
static size_t
json_parts(const json_t *j)
{
	size_t n = j != NULL, i;
	const char *name;
	json_t *k;
	if (json_is_array(j))
		json_array_foreach(j, i, k)
			n += 2 + json_parts(k);
	else
		json_object_foreach((json_t *)(uintptr_t)j, name, k)
			n += 1000 + json_parts(k);
	return n;
}

static size_t
json_parts_of(struct str s)
{
	json_t *j = json_loadb(s.p, s.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	size_t n = json_parts(j);
	json_decref(j);
	return n;
}

/* `harmless` is what the same template makes of "x". */
static void
compare(enum template_type type, struct str out, struct str harmless)
{
	if (type == TEMPLATE_HTML || type == TEMPLATE_XML)
		PROMISE(brackets(out) == brackets(harmless));
	if (type == TEMPLATE_XML)
		PROMISE(xml_parts(out) == xml_parts(harmless));
	if (type == TEMPLATE_JSON)
		PROMISE(json_parts_of(harmless) == 0 || json_parts_of(out) > 0);
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
	const struct template_source source = { .ctx = &partial, .partial = find_partial,
		.dynamic = true };
	struct arena *a = arena_new();
	struct buf *out = buf_in(a, 1 << 16);
	struct template *t;
	struct err err;
	if (template_compile(a, STR("t"), text, type, &source, &t, &err) &&
	    template_render(t, data_of(a, rest), NULL, out, &err)) {
		struct buf *harmless = buf_in(a, 1 << 16);
		check(type, buf_str(out));
		/* A value may name a partial; and one that is missing is not rendered. */
		if (rest.n > 0 && !names_partial(text) && !names_partial(partial)
		    && template_render(t, data_of(a, STR("x")), NULL, harmless, &err))
			compare(type, buf_str(out), buf_str(harmless));
	}
	arena_free(a);
	return 0;
}
