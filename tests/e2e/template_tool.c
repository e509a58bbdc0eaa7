/*
 * template_tool: renders templates for tests in other languages. A line of standard input is
 * "TYPE TEMPLATE VALUE": html, xml or json, then hex; the value is the text that {{x}} is. A line
 * of the output is "compile HEX" or "render HEX", an error's text, or "done HEX", the bytes.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "generator/template/template.h"

#define OUT_MAX (64 * 1024 * 1024)

static enum template_type
type_of(const char *name)
{
	return strcmp(name, "html") == 0 ? TEMPLATE_HTML
	    : strcmp(name, "xml") == 0   ? TEMPLATE_XML
	                                 : TEMPLATE_JSON;
}

static struct str
unhex(struct arena *a, const char *hex)
{
	size_t n = strlen(hex), used = 0;
	char *bytes = arena_alloc(a, n / 2 + 1, 1);
	if (sodium_hex2bin((unsigned char *)bytes, n / 2 + 1, hex, n, NULL, &used, NULL) != 0)
		exit(1);
	return (struct str){ bytes, used };
}

static void
answer(struct arena *a, const char *what, struct str bytes)
{
	char *hex = arena_alloc(a, bytes.n * 2 + 1, 1);
	(void)sodium_bin2hex(hex, bytes.n * 2 + 1, (const unsigned char *)bytes.p, bytes.n);
	printf("%s %s\n", what, hex);
}

static void
render(const char *type, const char *template_hex, const char *value_hex)
{
	struct arena *a = arena_new();
	struct buf *out = buf_in(a, OUT_MAX);
	struct node *root = node_add(a, NULL, NODE_OBJECT, STR(""), STR(""));
	struct template *t;
	struct err err = { 0 };
	(void)node_add(a, root, NODE_TEXT, STR("x"), unhex(a, value_hex));
	if (!template_compile(a, STR("t"), unhex(a, template_hex), type_of(type), NULL, &t, &err))
		answer(a, "compile", str_of(err.text));
	else if (!template_render(t, root, NULL, out, &err))
		answer(a, "render", str_of(err.text));
	else
		answer(a, "done", buf_str(out));
	arena_free(a);
}

int
main(void)
{
	char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, stdin) > 0) {
		char *rest = line;
		const char *type = strsep(&rest, " "), *template_hex = strsep(&rest, " "),
		           *value_hex = strsep(&rest, "\n");
		if (value_hex != NULL)
			render(type, template_hex, value_hex);
	}
	free(line);
	return 0;
}
