/* Values that try to leave their place, in every context: what comes out is parsed again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

#include "tests/unit/lib/template_case.h"

static const char *const hostile[] = { "", "x", "<script>alert(1)</script>", "</script>",
	"</title></textarea>", "\"><img src=x onerror=alert(1)>", "' onclick='alert(1)", "`", "=",
	"-->", "<!--", "]]>", "<![CDATA[", "&lt;", "&#x3c;script&#x3e;", "&", "&amp", "a&b;c",
	"\\", "\\\"", "\\u003c", "\",\"x\":\"", "{{x}}", "{{{x}}}", "${x}", "\n", "\t", "a\r\nb",
	"\x01\x02\x1f\x7f", "\xff\xfe", "\xc0\xbc", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x80",
	"\xe2\x80\xa8\xe2\x80\xa9", "\xef\xbf\xbe\xef\xbf\xbf", "\xe2\x80\xae", "\xf0\x9f\x8c\xa7",
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:1", "java\tscript:1",
	"java\nscript:1", "\x01javascript:1", "javascript&colon;1", "&#106;avascript:1",
	"data:text/html,x", "vbscript:x", "//evil.example", "/\\evil.example", "\\\\evil.example",
	"https:evil", "https://e.example/?a=\"b\"", "mailto:a@b.c", "../../x", "a/b?c#d", "..", ".",
	"%2e%2e%2f", "blob:x", "file:///etc/passwd", ":", "1:2", "x:y" };

#define RANDOM 300
#define COUNT (LEN(hostile) + RANDOM)

/* The i-th value: from the list, then pseudo-random, mostly of bytes that mean something. */
static struct str
value_at(struct arena *a, size_t i)
{
	static const char telling[] = "<>\"'&;=/\\`:-!?[]{}()#x \n\tjscript";
	if (i < LEN(hostile))
		return str_of(hostile[i]);
	uint64_t seed = 0x9E3779B97F4A7C15u * (i + 1);
	size_t n = 1 + i % 24;
	char *p = arena_alloc(a, n, 1);
	for (size_t k = 0; k < n; k++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		p[k] = seed & 0x300 ? telling[(seed >> 16) % (sizeof telling - 1)] : (char)(seed >> 32);
	}
	return (struct str){ p, n };
}

static struct node *
data_of(struct arena *a, struct str value)
{
	struct node *root = node_add(a, NULL, NODE_OBJECT, STR(""), STR(""));
	(void)node_add(a, root, NODE_TEXT, STR("x"), value);
	return root;
}

/* Can every format carry this as it is? */
static bool
is_plain_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\n' && s.p[i] != '\t') ||
		    s.p[i] == 127)
			return false;
	return str_is_utf8(s) && memmem(s.p, s.n, "\xef\xbf", 2) == NULL &&
	    memmem(s.p, s.n, "\xc2", 1) == NULL;
}

static bool
is_text_of(const xmlChar *got, struct str want)
{
	return str_eq(str_of(got ? (const char *)got : ""), want);
}

static void
check_attribute(xmlNode *n, const char *name, struct str want)
{
	xmlChar *got = xmlGetProp(n, (const xmlChar *)name);
	assert_true(is_text_of(got, want));
	xmlFree(got);
}

static void
check_content(xmlNode *n, struct str want)
{
	xmlChar *got = xmlNodeGetContent(n);
	assert_true(is_text_of(got, want));
	xmlFree(got);
}

static void
xml_stays_well_formed_and_keeps_the_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct arena *a = arena_new();
		struct str out, v = value_at(a, i);
		assert_true(case_render(a, TEMPLATE_XML,
		    STR("<r a=\"{{x}}\" b='{{x}}'>{{x}}<e>{{x | text}}</e></r>"), NULL,
		    data_of(a, v), &out));
		xmlDoc *doc = xmlReadMemory(out.p, (int)out.n, NULL, "UTF-8",
		    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
		assert_non_null(doc);
		xmlNode *r = xmlDocGetRootElement(doc);
		assert_int_equal(xmlChildElementCount(r), 1);
		assert_non_null(r->properties->next);
		assert_null(r->properties->next->next);
		if (is_plain_text(v)) {
			check_attribute(r, "a", v);
			check_attribute(r, "b", v);
			check_content(xmlFirstElementChild(r), v);
		}
		xmlFreeDoc(doc);
		arena_free(a);
	}
}

static void
json_stays_json_and_keeps_the_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct arena *a = arena_new();
		struct str out, v = value_at(a, i);
		struct err err;
		json_t *j;
		assert_true(case_render(a, TEMPLATE_JSON,
		    STR("{\"a\":\"{{x}}\",\"b\":[\"[{{x}}]\"],\"c-{{x}}\":1}"), NULL, data_of(a, v),
		    &out));
		assert_true(json_parse(a, out, &j, &err));
		assert_int_equal(json_object_size(j), 3);
		assert_int_equal(json_array_size(json_object_get(j, "b")), 1);
		const json_t *got = json_object_get(j, "a");
		if (str_is_utf8(v))
			assert_true(str_eq((struct str){ json_string_value(got),
			                       json_string_length(got) }, v));
		arena_free(a);
	}
}

static void
a_json_value_is_one_value_or_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct arena *a = arena_new();
		struct str out, v = value_at(a, i);
		struct err err;
		json_t *j;
		if (case_render(a, TEMPLATE_JSON, STR("[{{x}}]"), NULL, data_of(a, v), &out)) {
			assert_true(json_parse(a, out, &j, &err));
			assert_int_equal(json_array_size(j), 1);
		}
		if (str_is_utf8(v)) {
			assert_true(case_render(a, TEMPLATE_JSON, STR("[{{x | json}}]"), NULL,
			    data_of(a, v), &out));
			assert_true(json_parse(a, out, &j, &err));
			assert_int_equal(json_array_size(j), 1);
		}
		arena_free(a);
	}
}

static size_t
count(struct str s, const char *bytes)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] != '\0' && strchr(bytes, s.p[i]) != NULL;
	return n;
}

/* Elements and attributes of a tree. */
static size_t
parts(const xmlNode *n)
{
	size_t sum = 0;
	for (; n != NULL; n = n->next) {
		sum += n->type == XML_ELEMENT_NODE || n->type == XML_COMMENT_NODE;
		if (n->type == XML_ELEMENT_NODE)
			for (const xmlAttr *p = n->properties; p != NULL; p = p->next)
				sum += 1000;
		sum += parts(n->children);
	}
	return sum;
}

static size_t
html_parts(struct str html)
{
	htmlDocPtr doc = htmlReadMemory(html.p, (int)html.n, NULL, "UTF-8",
	    HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
	assert_non_null(doc);
	size_t n = parts(doc->children);
	xmlFreeDoc(doc);
	return n;
}

static void
html_keeps_its_structure(void **state)
{
	const struct str t = STR("<!doctype html><title>{{x}}</title><p class=\"a {{x}}\" id='{{x}}' "
	                         "data-a=\"{{x}}\">{{x}}<b>{{x}}</b></p><textarea>{{x}}</textarea>");
	struct arena *h = arena_new();
	struct str harmless;
	(void)state;
	assert_true(case_render(h, TEMPLATE_HTML, t, NULL, data_of(h, STR("x")), &harmless));
	for (size_t i = 0; i < COUNT; i++) {
		struct arena *a = arena_new();
		struct str out, v = value_at(a, i);
		assert_true(case_render(a, TEMPLATE_HTML, t, NULL, data_of(a, v), &out));
		assert_int_equal(count(out, "<>\"'=`"), count(harmless, "<>\"'=`"));
		if (v.n > 0)
			assert_int_equal(html_parts(out), html_parts(harmless));
		assert_true(str_is_utf8(out));
		arena_free(a);
	}
	arena_free(h);
}

static void
html_attributes_keep_the_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct arena *a = arena_new();
		struct str out, v = value_at(a, i);
		assert_true(case_render(a, TEMPLATE_HTML, STR("<p id=\"{{x}}\" class='{{x}}'>a</p>"),
		    NULL, data_of(a, v), &out));
		htmlDocPtr doc = htmlReadMemory(out.p, (int)out.n, NULL, "UTF-8",
		    HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
		xmlNode *p = xmlFirstElementChild(xmlFirstElementChild(xmlDocGetRootElement(doc)));
		assert_string_equal(p->name, "p");
		if (is_plain_text(v)) {
			check_attribute(p, "id", v);
			check_attribute(p, "class", v);
		}
		xmlFreeDoc(doc);
		arena_free(a);
	}
}

static void
a_script_of_json_neither_ends_early_nor_changes(void **state)
{
	const struct str open = STR("<script type=\"application/ld+json\">");
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct arena *a = arena_new();
		struct str out, v = value_at(a, i);
		struct err err;
		json_t *j;
		assert_true(case_render(a, TEMPLATE_HTML,
		    STR("<script type=\"application/ld+json\">{\"a\":\"{{x}}\"}</script>"), NULL,
		    data_of(a, v), &out));
		assert_int_equal(count(out, "<>"), 4);
		struct str inner = { out.p + open.n, out.n - open.n - strlen("</script>") };
		assert_true(json_parse(a, inner, &j, &err));
		assert_int_equal(json_object_size(j), 1);
		arena_free(a);
	}
}

/* As a browser sees it: would this run code or leave the host? */
static bool
is_dangerous(struct str url)
{
	char flat[256];
	size_t n = 0;
	for (size_t i = 0; i < url.n && n < sizeof flat - 1; i++)
		if ((unsigned char)url.p[i] > ' ')
			flat[n++] = url.p[i];
	flat[n] = '\0';
	size_t scheme = strcspn(flat, ":/?#\\");
	if (flat[0] == '\\' || (flat[0] == '/' && (flat[1] == '/' || flat[1] == '\\')))
		return true;
	return flat[scheme] == ':' && strncasecmp(flat, "https:", 6) != 0 &&
	    strncasecmp(flat, "http:", 5) != 0 && strncasecmp(flat, "mailto:", 7) != 0;
}

static void
check_link(struct arena *a, const char *template, struct str v)
{
	struct str out;
	if (!case_render(a, TEMPLATE_HTML, str_of(template), NULL, data_of(a, v), &out))
		return; /* refused, with an error: nothing was published */
	htmlDocPtr doc = htmlReadMemory(out.p, (int)out.n, NULL, "UTF-8",
	    HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
	xmlNode *link = xmlFirstElementChild(xmlFirstElementChild(xmlDocGetRootElement(doc)));
	assert_string_equal(link->name, "a");
	assert_null(link->properties->next);
	xmlChar *href = xmlGetProp(link, (const xmlChar *)"href");
	if (href != NULL)
		assert_false(is_dangerous(str_of((const char *)href)));
	xmlFree(href);
	xmlFreeDoc(doc);
}

static void
links_never_run_code_or_leave_the_host_by_surprise(void **state)
{
	static const char *const links[] = { "<a href=\"{{x}}\">", "<a href='{{x}}{{x}}'>",
		"<a href=\"/{{x}}\">", "<a href=\"{{x}}/{{x}}\">", "<a href=\"x{{x}}{{x}}\">",
		"<a href=\"/p/{{x}}.html?q={{x}}#{{x}}\">", "<a href=\"{{y}}{{x}}\">",
		"<a href=\"{{y}}/{{x}}\">", "<a href=\"?{{x}}\">", "<a href=\"{{x | url}}\">" };
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < LEN(links); k++) {
			struct arena *a = arena_new();
			check_link(a, links[k], value_at(a, i));
			arena_free(a);
		}
}

/* Pieces of templates put together at random: compiled or refused, never a crash. */
static void
any_template_is_compiled_or_refused(void **state)
{
	static const char *const piece[] = { "{{x}}", "{{{x}}}", "{{#x}}", "{{/x}}", "{{^x}}",
		"{{>p}}", "{{<p}}", "{{/p}}", "{{$b}}", "{{/b}}", "{{>*x}}", "{{!c}}", "{{=| |=}}",
		"|={{ }}=|", "<p", " a=", "\"", "'", ">", "<script>", "</script>", "<!--", "-->", "\n",
		"  ", "<a href=\"", "/", ":", "x", "{{@last}}", "{{x | json}}", "&", "\\", "{", "}",
		"<script type=\"application/json\">", "<title>", "</title>", "{{" };
	static const struct case_partial p[] = { { "p", "a{{$b}}\n b{{/b}}{{#x}}{{>p}}{{/x}}" },
		{ "x", "<b>{{x}}" }, { NULL, NULL } };
	uint64_t seed = 42;
	(void)state;
	for (size_t i = 0; i < 4000; i++) {
		struct arena *a = arena_new();
		struct buf *text = buf_in(a, 4096);
		struct str out;
		for (size_t n = i % 14; n > 0; n--) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			buf_put(text, str_of(piece[(seed >> 33) % LEN(piece)]));
		}
		(void)case_render(a, i % 5, buf_str(text), p, data_of(a, STR("x")), &out);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xml_stays_well_formed_and_keeps_the_value),
		cmocka_unit_test(json_stays_json_and_keeps_the_value),
		cmocka_unit_test(a_json_value_is_one_value_or_an_error),
		cmocka_unit_test(html_keeps_its_structure),
		cmocka_unit_test(html_attributes_keep_the_value),
		cmocka_unit_test(a_script_of_json_neither_ends_early_nor_changes),
		cmocka_unit_test(links_never_run_code_or_leave_the_host_by_surprise),
		cmocka_unit_test(any_template_is_compiled_or_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
