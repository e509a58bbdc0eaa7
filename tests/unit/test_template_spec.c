/* Every test of the public Mustache specification but the optional lambdas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/json.h"
#include "generator/template/template.h"
#include "tests/unit/lib/node_json.h"

#define FOLDER "tests/data/mustache-spec/"
#define TESTS_MAX 256

static const char *const modules[] = { "comments", "delimiters", "interpolation", "inverted",
	"partials", "sections", "opt-inheritance", "opt-dynamic-names" };

static struct str
text_of(const json_t *j)
{
	return (struct str){ json_string_value(j), json_string_length(j) };
}

static bool
partial(void *ctx, struct str name, struct str *text, struct str *path, struct err *err)
{
	const json_t *j = json_object_getn(ctx, name.p, name.n);
	if (j == NULL)
		return err_set(err, ERR_ABSENT, "no partial '%.*s'", STR_ARG(name));
	*text = text_of(j);
	*path = name;
	return true;
}

static void
renders_as_the_spec_says(void **state)
{
	json_t *test = *state;
	struct arena *a = arena_new();
	struct template_source source = { .ctx = json_object_get(test, "partials"),
		.partial = partial, .dynamic = true };
	struct template *t = NULL;
	struct buf *out = buf_in(a, 1 << 16);
	struct err err = { 0 };
	bool ok = template_compile(a, STR("spec"), text_of(json_object_get(test, "template")),
	              TEMPLATE_PLAIN, &source, &t, &err) &&
	    template_render(t, node_from_json(a, json_object_get(test, "data")), NULL, out, &err);
	struct str expected = text_of(json_object_get(test, "expected"));
	if (!ok || !str_eq(buf_str(out), expected))
		print_message("%s\nexpected: '%.*s'\n     got: '%.*s'\n", err.text,
		    STR_ARG(expected), STR_ARG(buf_str(out)));
	assert_true(ok);
	assert_true(str_eq(buf_str(out), expected));
	arena_free(a);
}

static size_t
module_add(struct arena *a, const char *module, struct CMUnitTest *tests, size_t n)
{
	struct str path = arena_printf(a, FOLDER "%s.json", module), text;
	struct err err;
	json_t *spec, *test;
	size_t i;
	if (!fs_read(a, path.p, 1 << 20, &text, &err) || !json_parse(a, text, &spec, &err)) {
		print_error("%s\n", err.text);
		exit(1);
	}
	json_array_foreach (json_object_get(spec, "tests"), i, test) {
		if (n == TESTS_MAX)
			break;
		tests[n++] = (struct CMUnitTest){
			.name = arena_printf(a, "%s: %s", module,
			    json_string_value(json_object_get(test, "name"))).p,
			.test_func = renders_as_the_spec_says,
			.initial_state = test,
		};
	}
	return n;
}

int
main(void)
{
	struct arena *a = arena_new();
	struct CMUnitTest tests[TESTS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < LEN(modules); i++)
		n = module_add(a, modules[i], tests, n);
	print_message("%zu tests of the Mustache specification\n", n);
	int failed = _cmocka_run_group_tests("mustache spec", tests, n, NULL, NULL);
	arena_free(a);
	return failed != 0 || n < 180;
}
