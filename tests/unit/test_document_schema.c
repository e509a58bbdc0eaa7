#include <libxml/parser.h>
#include <pthread.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/lib/sample.h"

static void
schemas_know_their_markup_and_have_a_digest_each(void **state)
{
	(void)state;
	assert_true(schemas_is_markup(schemas, STR("weather"), STR("prose")));
	assert_false(schemas_is_markup(schemas, STR("weather"), STR("summary")));
	assert_false(schemas_is_markup(schemas, STR("absent"), STR("prose")));
	assert_non_null(schemas_digest(schemas, STR("weather")));
	assert_null(schemas_digest(schemas, STR("absent")));
	assert_false(digest_eq(schemas_digest(schemas, STR("weather")),
	    schemas_digest(schemas, STR("sports"))));
}

/* Every element that a schema declares, and every value of an enumeration. */
static void
assert_documented(struct arena *a, const xmlNode *n, const char *docs, const char *file)
{
	for (; n != NULL; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		bool named = xmlStrEqual(n->name, (const xmlChar *)"element");
		bool value = xmlStrEqual(n->name, (const xmlChar *)"enumeration");
		xmlChar *z = xmlGetNoNsProp((xmlNode *)n, (const xmlChar *)(named ? "name" : "value"));
		if ((named || value) && strstr(docs,
		        arena_printf(a, named ? "`%s`" : "%s", (const char *)z).p) == NULL)
			fail_msg("docs/documents.md does not tell of '%s' of %s", (const char *)z, file);
		xmlFree(z);
		assert_documented(a, n->children, docs, file);
	}
}

static void
the_reference_names_every_element_and_value_of_the_schemas(void **state)
{
	struct arena *a = *state;
	struct str docs, xsd, *names;
	const char *path;
	struct err err;
	size_t n;

	assert_true(fs_read(a, "docs/documents.md", 1 << 20, &docs, &err));
	assert_true(catalog_list(a, &catalog, "schemas", &names, &n, &err));
	for (size_t i = 0; i < n; i++) {
		if (!str_ends(names[i], STR(".xsd")))
			continue;
		const char *name = arena_printf(a, "schemas/%.*s", STR_ARG(names[i])).p;
		assert_true(catalog_read(a, &catalog, name, &xsd, &path, &err));
		xmlDoc *doc = xmlReadMemory(xsd.p, (int)xsd.n, NULL, NULL, XML_PARSE_NONET);
		assert_documented(a, xmlDocGetRootElement(doc), docs.p, path);
		xmlFreeDoc(doc);
	}
}

static void
nothing_is_loaded_once_schemas_are_compiled(void **state)
{
	(void)state;
	xmlDoc *doc = xmlReadFile("schemas/envelope.xsd", NULL, XML_PARSE_NOERROR);
	assert_null(doc);
}

/* Another catalog folder in front, with one file. */
static const char *
site_with(struct arena *a, const char *name, const char *text)
{
	static int n;
	struct err err;
	const char *dir = arena_printf(a, "build/tmp-document-%d-%d", (int)getpid(), n++).p;
	const char *path = arena_printf(a, "%s/schemas/%s", dir, name).p;

	assert_true(fs_mkdirs(fs_dir(a, path), &err));
	assert_true(fs_replace(path, str_of(text), 0644, &err));
	return dir;
}

static void
site_remove(struct arena *a, const char *dir, const char *name)
{
	assert_int_equal(unlink(arena_printf(a, "%s/schemas/%s", dir, name).p), 0);
	assert_int_equal(rmdir(arena_printf(a, "%s/schemas", dir).p), 0);
	assert_int_equal(rmdir(dir), 0);
}

static const char tides[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
    "<xs:include schemaLocation='envelope.xsd'/>"
    "<xs:complexType name='facts'><xs:all>"
    "<xs:element name='level' type='amount'/>"
    "<xs:element name='advice' type='markup' minOccurs='0'/>"
    "</xs:all></xs:complexType></xs:schema>";

static void
a_vertical_is_added_with_a_file_alone(void **state)
{
	struct arena *a = *state;
	const char *dir = site_with(a, "tides.xsd", tides);
	const char *const both[] = { dir, "." };
	struct schemas *mine, *shipped = schemas;
	struct err err = { 0 };

	if (!schemas_open(a, &(struct catalog){ both, 2 }, &mine, &err))
		fail_msg("%s", err.text);
	assert_true(schemas_is_markup(mine, STR("tides"), STR("advice")));
	assert_true(digest_eq(schemas_digest(mine, STR("weather")),
	    schemas_digest(shipped, STR("weather"))));
	struct str facts = with(a, json_sample, "\"facts\": {",
	    "\"facts\": {\"level\": 3.10, \"advice\": \"<p>Mind  the water</p>\" }, \"x\": {");
	facts = with(a, facts.p, "weather", "tides");
	schemas = mine;
	struct outcome *o = read_bytes(a, facts, FORM_JSON, 1);
	assert_refused(o, "x", 3, "'x' is not known here");
	const char *start = strstr(facts.p, " \"x\": {"), *end = strstr(start, "\n  },");
	struct outcome *good = read_bytes(a, arena_printf(a, "%.*s%s", (int)(start - facts.p),
	    facts.p, end + 5), FORM_JSON, 1);
	schemas = shipped;
	assert_true(good->ok);
	assert_str(node_text_at(good->d.root, "facts.advice"), "<p>Mind the water</p>");
	assert_str(node_text_at(good->d.root, "facts.level"), "3.10");
	site_remove(a, dir, "tides.xsd");
}

static void
assert_schema_refused(struct arena *a, const char *name, const char *text, const char *why)
{
	const char *dir = site_with(a, name, text);
	const char *const both[] = { dir, "." };
	struct schemas *mine;
	struct err err = { 0 };

	assert_false(schemas_open(a, &(struct catalog){ both, 2 }, &mine, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, why);
	site_remove(a, dir, name);
}

static void
an_unusable_schema_is_an_error_that_names_the_file(void **state)
{
	struct arena *a = *state;
	struct str s;

	assert_schema_refused(a, "tides.xsd", "<xs:schema", "tides.xsd");
	assert_schema_refused(a, "tides.xsd", "<a/>", "tides.xsd");
	s = with(a, tides, "amount", "amnt");
	assert_schema_refused(a, "tides.xsd", s.p, "amnt");
	s = with(a, tides, "envelope.xsd", "absent.xsd");
	assert_schema_refused(a, "tides.xsd", s.p, "cannot include schemas/absent.xsd");
	s = with(a, tides, "envelope.xsd", "/etc/passwd");
	assert_schema_refused(a, "tides.xsd", s.p, "only files of schemas/ can be included");
	s = with(a, tides, "envelope.xsd", "https://evil.example/x.xsd");
	assert_schema_refused(a, "tides.xsd", s.p, "only files of schemas/ can be included");
	s = with(a, tides, "name='level' type='amount'", "name='advice' type='amount'");
	s = with(a, s.p, "<xs:element name='advice' type='markup' minOccurs='0'/>",
	    "<xs:element name='x' type='x'/>");
	s = with(a, s.p, "</xs:schema>", "<xs:complexType name='x'><xs:all><xs:element "
	    "name='advice' type='markup'/></xs:all></xs:complexType></xs:schema>");
	assert_schema_refused(a, "tides.xsd", s.p, "has the type markup here and another");
	assert_schema_refused(a, "Tides.xsd", tides, "cannot be a vertical's name");
}

static void *
judge_many(void *failures)
{
	struct arena *a = arena_new();

	for (int i = 0; i < 50; i++) {
		struct outcome *x = read_bytes(a, str_of(i % 2 ? xml_sample : json_sample),
		    i % 2 ? FORM_XML : FORM_JSON, 1);
		struct outcome *bad = changed(a, "9.50", "x");
		*(int *)failures += !x->ok || bad->ok || bad->f.n != 1;
	}
	arena_free(a);
	return NULL;
}

static void
threads_share_the_schemas(void **state)
{
	pthread_t t[4];
	int failures[4] = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, judge_many, &failures[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(failures[i], 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(schemas_know_their_markup_and_have_a_digest_each),
		TEST(the_reference_names_every_element_and_value_of_the_schemas),
		TEST(nothing_is_loaded_once_schemas_are_compiled),
		TEST(a_vertical_is_added_with_a_file_alone),
		TEST(an_unusable_schema_is_an_error_that_names_the_file),
		TEST(threads_share_the_schemas),
	};

	return cmocka_run_group_tests(tests, open_schemas, close_schemas);
}
