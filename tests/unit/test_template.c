#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/lib/node_json.h"
#include "tests/unit/lib/template_case.h"

struct sample {
	const char *text, *data;
	const char *out;  /* what it renders, or */
	const char *fail; /* a part of the error */
};

static bool
as_expected(enum template_type type, const struct sample *s, const struct case_partial *partials)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct str got;
	json_t *j;
	assert_true(json_parse(a, str_of(s->data ? s->data : "{}"), &j, &err));
	struct node *data = node_from_json(a, j);
	case_mark(data);
	bool ok = case_render(a, type, str_of(s->text), partials, data, &got);
	bool good = s->out ? ok && str_eq(got, str_of(s->out))
	                          : !ok && memmem(got.p, got.n, s->fail, strlen(s->fail));
	if (!good)
		print_message("template: %s\nexpected: %s\n     got: %.*s\n", s->text,
		    s->out ? s->out : s->fail, STR_ARG(got));
	arena_free(a);
	return good;
}

/* All of them, so that one run shows every difference. */
static void
check(enum template_type type, const struct sample *s, size_t n, const struct case_partial *p)
{
	size_t good = 0;
	for (size_t i = 0; i < n; i++)
		good += as_expected(type, &s[i], p);
	assert_int_equal(good, n);
}

#define CHECK(type, samples) check(type, samples, LEN(samples), NULL)

static void
html_text_and_attributes_are_escaped(void **state)
{
	static const struct sample s[] = {
		{ "<p>{{x}}</p>", "{\"x\":\"<b a='`'>&\\\"\"}",
		    "<p>&lt;b a&#61;&#39;&#96;&#39;&gt;&amp;&quot;</p>", NULL },
		{ "<p title=\"{{x}}\" class='a {{x}}'>", "{\"x\":\"\\\"'>\"}",
		    "<p title=\"&quot;&#39;&gt;\" class='a &quot;&#39;&gt;'>", NULL },
		{ "<title>{{x}}</title><textarea>{{x}}</textarea>", "{\"x\":\"</title>\"}",
		    "<title>&lt;/title&gt;</title><textarea>&lt;/title&gt;</textarea>", NULL },
		{ "<p>{{x}}</p>", "{\"x\":\"a\\u0001\\tb\\u001f\"}", "<p>a\tb</p>", NULL },
		{ "<!doctype html><!-- c --><p>{{x}}</p>", "{\"x\":1.5}",
		    "<!doctype html><!-- c --><p>1.5</p>", NULL },
		{ "<p>{{missing}}{{a.b.c}}</p>", NULL, "<p></p>", NULL },
		{ "<p>{{\"a<b\"}}</p>", NULL, "<p>a&lt;b</p>", NULL },
		{ "<script>let a = 1 < 2;</script><style>p{}</style><p>{{x}}", "{\"x\":\"y\"}",
		    "<script>let a = 1 < 2;</script><style>p{}</style><p>y", NULL },
	};
	(void)state;
	CHECK(TEMPLATE_HTML, s);
}

static void
html_refuses_values_where_no_escaping_is_safe(void **state)
{
	static const struct sample s[] = {
		{ "<p>\n  <b {{x}}>", NULL, NULL, "t:2:6: no value can stand here: inside a tag; "
		                                  "write the attribute out" },
		{ "<{{x}}>", NULL, NULL, "right behind a '<'" },
		{ "<a{{x}}>", NULL, NULL, "inside the name of a tag" },
		{ "<a b{{x}}=\"\">", NULL, NULL, "inside the name of an attribute" },
		{ "<a b={{x}}>", NULL, NULL, "without quotes; put quotes around it" },
		{ "<a b=c{{x}}>", NULL, NULL, "without quotes" },
		{ "</a{{x}}>", NULL, NULL, "inside an end tag" },
		{ "<a ONclick=\"f({{x}})\">", NULL, NULL, "event handler" },
		{ "<a style='{{x}}'>", NULL, NULL, "style attribute" },
		{ "<img srcset=\"{{x}}\">", NULL, NULL, "several URLs" },
		{ "<iframe srcdoc=\"{{x}}\">", NULL, NULL, "srcdoc" },
		{ "<script>{{x}}</script>", NULL, NULL, "inside a script or style element" },
		{ "<SCRIPT type=module>{{x}}</SCRIPT>", NULL, NULL, "script or style" },
		{ "<script type=\"{{x}}\">", NULL, NULL, "the type of a script" },
		{ "<script src=\"{{x}}\"></script>", NULL, NULL, "from where a script comes" },
		{ "<iframe src=\"{{x}}\"></iframe>", NULL, NULL, "what is embedded" },
		{ "<object data='{{x}}'></object>", NULL, NULL, "what is embedded" },
		{ "<base href='{{x}}'>", NULL, NULL, "where all links lead" },
		{ "<meta http-equiv=refresh content='1;url={{x}}'>", NULL, NULL, "acts as a header" },
		{ "<meta content='{{x}}' http-equiv='refresh'>", NULL, NULL, "acts as a header" },
		{ "<meta {{#x}}content='{{x}}' {{/x}}http-equiv='refresh'>", NULL, NULL,
		    "acts as a header" },
		{ "<script type=module type='application/json'>{{x}}</script>", NULL, NULL,
		    "inside a script or style element" },
		{ "<svg><animate values='{{x}}'>", NULL, NULL, "several URLs" },
		{ "<style>{{x}}</style>", NULL, NULL, "script or style" },
		{ "<iframe>{{x}}</iframe>", NULL, NULL, "script or style" },
		{ "<!-- {{x}} -->", NULL, NULL, "inside a comment" },
		{ "<!doctype {{x}}>", NULL, NULL, "inside the doctype" },
		{ "<title></{{x}}", NULL, NULL, "may be an end tag" },
		{ "<p>&{{x}};", NULL, NULL, "right behind a '&'; write &amp;" },
		{ "<p>a < b", NULL, NULL, "t:1:7: a '<' that begins no tag" },
		{ "<p title=\"a\" \">{{x}}", NULL, NULL, "quote or a '>' is missing" },
		{ "<p>{{{x}}}", NULL, NULL, "'x' is not of the schema type markup" },
		{ "<p>{{&a.x}}", NULL, NULL, "'x' is not of the schema type markup" },
		{ "<p title=\"{{{prose}}}\">", NULL, NULL, "markup anywhere but in text" },
		{ "<script>x", NULL, NULL, "ends inside a script" },
		{ "<p title=\"", NULL, NULL, "ends in an attribute value; close what is open" },
		{ "<script>\"<!--\"</script>", NULL, NULL, "in a script" },
	};
	(void)state;
	CHECK(TEMPLATE_HTML, s);
}

static void
urls_are_checked_whole_and_encoded_in_part(void **state)
{
	static const struct sample s[] = {
		{ "<a href=\"{{x}}\">", "{\"x\":\"https://e.com/?a=1&b\"}",
		    "<a href=\"https://e.com/?a&#61;1&amp;b\">", NULL },
		{ "<a href='{{x}}'>", "{\"x\":\"../a/b.html\"}", "<a href='../a/b.html'>", NULL },
		{ "<a href='{{x}}'>", "{\"x\":\"MAILTO:a@b.c\"}", "<a href='MAILTO:a@b.c'>", NULL },
		{ "<a href='{{x}}'>", NULL, "<a href=''>", NULL },
		{ "<a href='{{x}}'>", "{\"x\":\"javascript:alert(1)\"}", NULL,
		    "t:1:10: 'x': the scheme of 'javascript:alert(1)' is not https, http or mailto" },
		{ "<a href='{{x}}'>", "{\"x\":\"java\\nscript:alert(1)\"}", NULL, "control" },
		{ "<a href='{{x}}'>", "{\"x\":\" \\u0001data:text/html,x\"}", NULL, "scheme" },
		{ "<a href='{{x}}'>", "{\"x\":\"//evil.example\"}", NULL, "begins with //" },
		{ "<a href='{{x}}'>", "{\"x\":\"/\\\\evil.example\"}", NULL, "backslash" },
		{ "<a href='{{x}}'>", "{\"x\":\"https:evil\"}", NULL, "scheme" },
		{ "<a href='{{x}}'>", "{\"x\":\"https:///evil\"}", NULL, "without a host" },
		{ "<svg><a xlink:href='{{x}}'>", "{\"x\":\"javascript:1\"}", NULL, "scheme" },
		{ "<form action='{{x}}'>", "{\"x\":\"vbscript:1\"}", NULL, "scheme" },
		{ "<a href='/x/{{x}}.html'>", "{\"x\":\"a b/c?d&e:\\u00e9\"}",
		    "<a href='/x/a%20b/c%3Fd%26e%3A%C3%A9.html'>", NULL },
		{ "<a href='/{{x}}'>", "{\"x\":\"/evil.example\"}", "<a href='/%2Fevil.example'>",
		    NULL },
		{ "<a href='{{b}}/{{x}}'>", "{\"b\":\"\",\"x\":\"/evil\"}", "<a href='/%2Fevil'>",
		    NULL },
		{ "<a href='/x/{{x}}'>", "{\"x\":\"a/../../b\"}", NULL, "'.' or '..'" },
		{ "<a href='/x?q={{x}}&amp;y'>", "{\"x\":\"a&b=/c\"}",
		    "<a href='/x?q=a%26b%3D%2Fc&amp;y'>", NULL },
		{ "<a href='/x?q={{x | url}}'>", "{\"x\":\"a b\"}", "<a href='/x?q=a%20b'>", NULL },
		{ "<a href='{{b}}{{x}}'>", "{\"b\":\"https://e.com\",\"x\":\"/y\"}",
		    "<a href='https://e.com/y'>", NULL },
		{ "<a href='{{b}}{{x}}'>", "{\"b\":\"https://e.com\",\"x\":\".evil\"}", NULL,
		    "has to begin with a slash" },
		{ "<a href='{{b}}:{{x}}'>", NULL, NULL, "a value behind a scheme" },
		{ "<a href='javascript:{{x}}'>", NULL, NULL, "a value behind a scheme" },
		{ "<a href='&#106;avascript:{{x}}'>", NULL, NULL, "a value behind a scheme" },
		{ "<a href='java{{x}}:{{x}}'>", NULL, NULL, "a value behind a scheme" },
		{ "<img src='https://{{x}}/'>", NULL, NULL, "in the host of a URL" },
		{ "<img src='https://a{{x}}/'>", NULL, NULL, "in the host of a URL" },
		{ "<img src='//{{x}}/'>", NULL, NULL, "in the host of a URL" },
		{ "<a href='mailto:{{x}}'>", "{\"x\":\"a@b.c?cc=d\"}",
		    "<a href='mailto:a@b.c%3Fcc%3Dd'>", NULL },
		{ "<script src='/a/{{x}}.js'></script>", "{\"x\":\"v1\"}",
		    "<script src='/a/v1.js'></script>", NULL },
	};
	(void)state;
	CHECK(TEMPLATE_HTML, s);
}

static void
json_in_a_script_element_is_json(void **state)
{
#define LD(inner) "<script type=\"application/ld+json\">" inner "</script>"
	static const struct sample s[] = {
		{ LD("{\"a\":\"{{x}}\"}"), "{\"x\":\"</script><!--\\\"\"}",
		    LD("{\"a\":\"\\u003c/script\\u003e\\u003c!--\\\"\"}"), NULL },
		{ LD("[{{x}},{{y}},{{z}}]"), "{\"x\":-1.5,\"y\":true}", LD("[-1.5,true,null]"),
		    NULL },
		{ LD("{{x}}"), "{\"x\":\"1,alert\"}", NULL, "is not a JSON number" },
		{ LD("{{x | json}}"), "{\"x\":{\"a\":[\"</script>&\",1]}}",
		    LD("{\"a\":[\"\\u003c/script\\u003e\\u0026\",1]}"), NULL },
		{ LD("{{x | json}}"), NULL, LD("null"), NULL },
		{ LD("\"{{x | json}}\""), NULL, NULL, "take the filter or the quotes away" },
		{ LD("\"\\{{x}}\""), NULL, NULL, "inside an escape sequence" },
		{ LD("\"<{{x}}\""), NULL, NULL, "may be an end tag" },
		{ LD("{{x}}"), "{\"x\":[1]}", NULL, "is a list; use a section over it, or | json" },
		{ LD("\"{{prose}}\""), "{\"prose\":\"<p>a</p>\"}",
		    LD("\"\\u003cp\\u003ea\\u003c/p\\u003e\""), NULL },
		{ LD("{{prose | json}}"), "{\"prose\":\"<p>a</p>\"}",
		    LD("\"\\u003cp\\u003ea\\u003c/p\\u003e\""), NULL },
		{ LD("{{prose | text | json}}"), "{\"prose\":\"<p>a</p><p>&lt;</p>\"}",
		    LD("\"a \\u003c\""), NULL },
		{ LD("\"a</script>"), NULL, NULL, "an end tag inside a JSON string" },
	};
	(void)state;
	CHECK(TEMPLATE_HTML, s);
}

static void
markup_goes_out_verbatim_only_in_html_text(void **state)
{
	static const struct sample html[] = {
		{ "<div>{{{prose}}}</div>", "{\"prose\":\"<p>a &amp; b</p>\"}",
		    "<div><p>a &amp; b</p></div>", NULL },
		{ "<div>{{{a.prose}}}{{{prose}}}</div>", "{\"a\":{}}", "<div></div>", NULL },
		{ "<div>{{{a.prose}}}</div>", "{\"a\":{\"prose\":7}}", NULL,
		    "t:1:6: 'a.prose': is not markup" },
		{ "<meta content=\"{{prose}}\">",
		    "{\"prose\":\"<p>1 &lt; 2<br/>x &#8211; <b>y</b>z</p><p>e</p>\"}",
		    "<meta content=\"1 &lt; 2 x \xE2\x80\x93 yz e\">", NULL },
		{ "<p>{{prose}}</p>", "{\"prose\":\"<p>a <i>b</i></p>\"}", "<p>a b</p>", NULL },
	};
	static const struct sample xml[] = {
		{ "<content>{{{prose}}}{{prose}}|{{prose | text}}</content>",
		    "{\"prose\":\"<p>a&amp;</p>\"}",
		    "<content>&lt;p&gt;a&amp;amp;&lt;/p&gt;&lt;p&gt;a&amp;amp;&lt;/p&gt;|a&amp;"
		    "</content>", NULL },
	};
	static const struct sample json[] = {
		{ "{\"h\":\"{{{prose}}}\",\"t\":\"{{prose | text}}\"}",
		    "{\"prose\":\"<p class=\\\"x\\\">a</p>\"}",
		    "{\"h\":\"\\u003cp class=\\\"x\\\"\\u003ea\\u003c/p\\u003e\",\"t\":\"a\"}", NULL },
		{ "{{{prose}}}", NULL, NULL, "put quotes around it" },
	};
	(void)state;
	CHECK(TEMPLATE_HTML, html);
	CHECK(TEMPLATE_XML, xml);
	CHECK(TEMPLATE_JSON, json);
}

static void
xml_is_escaped_as_xml(void **state)
{
	static const struct sample s[] = {
		{ "<?xml version=\"1.0\"?>\n<a b=\"{{x}}\" c='{{x}}'>{{x}}</a>",
		    "{\"x\":\"<\\\"\\n'&]]>\\u0007\\uffff\"}",
		    "<?xml version=\"1.0\"?>\n<a b=\"&lt;&quot;&#10;&#39;&amp;]]&gt;\xEF\xBF\xBD\" "
		    "c='&lt;&quot;&#10;&#39;&amp;]]&gt;\xEF\xBF\xBD'>"
		    "&lt;\"\n'&amp;]]&gt;\xEF\xBF\xBD</a>", NULL },
		{ "<a><![CDATA[{{x}}]]></a>", NULL, NULL, "inside a CDATA section" },
		{ "<a><![CDATA[<]]></a>", NULL, "<a><![CDATA[<]]></a>", NULL },
		{ "<!-- {{x}} -->", NULL, NULL, "inside a comment" },
		{ "<?p {{x}}?>", NULL, NULL, "inside a processing instruction" },
		{ "<a xmlns:b=\"{{x}}\"/>", NULL, NULL, "namespace" },
		{ "<title>{{x}}</title>", "{\"x\":\"a<\"}", "<title>a&lt;</title>", NULL },
		{ "<svg:script>{{x}}</svg:script>", NULL, NULL, "inside a script or style element" },
		{ "<svg onload='{{x}}'/>", NULL, NULL, "event handler" },
		{ "<link href='{{x}}'/>", "{\"x\":\"https://e.com/?a=b&c\"}",
		    "<link href='https://e.com/?a&#61;b&amp;c'/>", NULL },
		{ "<link href='{{x}}'/>", "{\"x\":\"javascript:1\"}", NULL, "scheme" },
		{ "<a b=c>", NULL, NULL, "without a quoted value" },
		{ "<!DOCTYPE a [<!ENTITY b \"c\">]><a/>", NULL, NULL, "doctype with declarations" },
	};
	(void)state;
	CHECK(TEMPLATE_XML, s);
}

static void
json_is_escaped_as_json(void **state)
{
	static const struct sample s[] = {
		{ "{\"{{k}}\": \"{{x}}\"}", "{\"k\":\"a\\\"\",\"x\":\"\\\\\\n\\u0001\\u2028\"}",
		    "{\"a\\\"\": \"\\\\\\n\\u0001\\u2028\"}", NULL },
		{ "[{{#l}}{{.}}{{^@last}},{{/@last}}{{/l}}]", "{\"l\":[1,2.5,-3]}", "[1,2.5,-3]",
		    NULL },
		{ "[{{#l}}{\"i\":{{@index}},\"f\":{{@first}}}{{^@last}},{{/@last}}{{/l}}]",
		    "{\"l\":[{},{}]}", "[{\"i\":0,\"f\":true},{\"i\":1,\"f\":false}]", NULL },
		{ "{{x}}", "{\"x\":\"\"}", "null", NULL },
		{ "{{x}}", "{\"x\":\"0x1\"}", NULL, "add | json, or quotes around it" },
		{ "{{x | json}}", "{\"x\":\"a\\\"b\"}", "\"a\\\"b\"", NULL },
		{ "{{x | number \".0\"}}", "{\"x\":1}", NULL, "is not a JSON number" },
		{ "{{x | number \".0\" | json}}", "{\"x\":1}", "\"\\u003c.0|1\\u003e\"", NULL },
		{ "{\"a\":\"b\n\"}", NULL, NULL, "t:1:8: a line break" },
		{ "{\"a", NULL, NULL, "ends inside a JSON string" },
	};
	(void)state;
	CHECK(TEMPLATE_JSON, s);
}

static void
filters_format_and_their_results_are_escaped(void **state)
{
	static const struct sample s[] = {
		{ "<p>{{x | number \".0\"}}</p>", "{\"x\":5}", "<p>&lt;.0|5&gt;</p>", NULL },
		{ "<p>{{\"7\" | number \"%\"}}</p>", NULL, "<p>&lt;%|7&gt;</p>", NULL },
		{ "<p>{{x|date \"yMMMd\" zone.id}}</p>", "{\"x\":\"d\",\"zone\":{\"id\":\"Z&\"}}",
		    "<p>d yMMMd Z&amp;</p>", NULL },
		{ "<p>{{nothing | number \".0\"}}</p>", NULL, "<p></p>", NULL },
		{ "<p>{{message hello.all}}</p>", "{\"who\":\"<b>\"}",
		    "<p>hello.all &amp; &lt;b&gt;</p>", NULL },
		{ "<p title=\"{{message a}}\">{{message}}</p>", "{\"message\":\"m\"}",
		    "<p title=\"a &amp; \">m</p>", NULL },
		{ "{{x | number \".0\"}}", "{\"x\":\"five\"}", NULL, "t:1:1: 'x | number \".0\"': "
		                                                     "'five' is not a number" },
		{ "{{message missing}}", NULL, NULL, "t:1:1: 'message missing': no message" },
		{ "{{x | upper}}", NULL, NULL, "unknown filter 'upper'; there are number, date" },
		{ "{{x | number}}", NULL, NULL, "has no skeleton" },
		{ "{{x | number \".0}}", NULL, NULL, "a quote is not closed" },
		{ "{{x | json}}", NULL, NULL, "| json makes a whole JSON value, but this is in text" },
		{ "{{x y}}", NULL, NULL, "unexpected 'y'; put a | before a filter" },
		{ "{{@middle}}", NULL, NULL, "there are @first, @last and @index" },
		{ "{{a..b}}", NULL, NULL, "is not a name" },
		{ "{{}}", NULL, NULL, "an empty tag" },
		{ "{{x}}", "{\"x\":[]}", NULL, "is a list; use a section" },
		{ "{{x | number \".0\"}}", "{\"x\":{}}", NULL, "is an object; use a section" },
	};
	(void)state;
	CHECK(TEMPLATE_HTML, s);
}

static void
sections_leave_the_output_as_they_found_it(void **state)
{
	static const struct sample s[] = {
		{ "<option{{#x}} selected{{/x}}>", "{\"x\":true}", "<option selected>", NULL },
		{ "<a{{#x}} href=\"{{.}}\"{{/x}}>", "{\"x\":\"/y\"}", "<a href=\"/y\">", NULL },
		{ "<a {{#x}}href=\"{{.}}\"{{/x}} class='b'>", "{\"x\":\"/y\"}",
		    "<a href=\"/y\" class='b'>", NULL },
		{ "<a {{#x}}href=\"{{.}}\" {{/x}}class='b'>", "{}", "<a class='b'>", NULL },
		{ "<p class=\"a{{#x}} b{{/x}}\">", "{\"x\":1}", "<p class=\"a b\">", NULL },
		{ "{{#x}}<p title=\"{{/x}}\">", NULL, NULL,
		    "t:1:1: this section begins in text and ends in an attribute value" },
		{ "<p title=\"{{#x}}\">{{/x}}", NULL, NULL, "has to leave the output" },
		{ "<a href=\"{{#x}}{{.}}{{/x}}\">", NULL, NULL, "put it around the whole" },
		{ "<a{{#x}}b{{/x}}>", NULL, NULL, "put together by sections" },
		{ "<a on{{#x}}click=\"\"{{/x}}>", NULL, NULL, "put together by sections" },
		{ "{{#x}}<script>{{/x}}", NULL, NULL, "has to leave the output" },
		{ "{{#x}}", NULL, NULL, "t:1:1: this is never closed" },
		{ "{{#x}}\n{{/y}}", NULL, NULL, "t:2:1: 'y' is closed where 'x' of line 1 is open" },
		{ "{{/y}}", NULL, NULL, "nothing is open here" },
		{ "{{#x", NULL, NULL, "this tag is not closed" },
		{ "{{#x}}{{y}}{{/x}}{{^x}}no{{/x}}", "{\"x\":{\"y\":\"<\"}}", "&lt;", NULL },
		{ "{{#x}}1{{/x}}{{^x}}no{{/x}}", "{\"x\":\"\"}", "no", NULL },
		{ "{{#x}}1{{/x}}{{^x}}no{{/x}}", "{\"x\":0}", "1", NULL },
	};
	(void)state;
	CHECK(TEMPLATE_HTML, s);
}

static void
partials_are_compiled_where_they_stand(void **state)
{
	static const struct case_partial p[] = {
		{ "value", "{{x}}" },
		{ "line.txt", "{{#x}}{{.}}{{/x}}\n" },
		{ "script", "<script>" },
		{ "page", "<title>{{$title}}none{{/title}}</title><p>{{$body}}{{/body}}</p>" },
		{ "tree", "<li>{{n}}{{#kids}}{{>tree}}{{/kids}}</li>" },
		{ "endless", "{{>endless}}" },
		{ "grows", "<p title=\"{{>grows}}" },
		{ "bad", "<p>\n <b {{x}}>" },
		{ "unclosed", "<p title='" },
		{ NULL, NULL },
	};
	static const struct sample s[] = {
		{ "<p title=\"{{>value}}\">{{>value}}</p><script type='application/json'>"
		  "\"{{>value}}\"</script>", "{\"x\":\"\\\"<\"}",
		    "<p title=\"&quot;&lt;\">&quot;&lt;</p><script type='application/json'>"
		    "\"\\\"\\u003c\"</script>", NULL },
		{ "<p title=\"{{>line.txt}}\"><script type='application/json'>\"{{>line.txt}}\""
		  "</script>\n  {{>line.txt}}\n", "{\"x\":\"y\"}",
		    "<p title=\"y\"><script type='application/json'>\"y\"</script>\n  y\n", NULL },
		{ "<p {{>value}}>", NULL, NULL, "value:1:1: no value can stand here: inside a tag" },
		{ "{{>script}}{{x}}</script>", NULL, NULL, "inside a script" },
		{ "{{<page}}{{$title}}{{x}}{{/title}}{{$body}}<a href=\"{{x}}\">{{/body}}{{/page}}",
		    "{\"x\":\"a&b\"}", "<title>a&amp;b</title><p><a href=\"a&amp;b\"></p>", NULL },
		{ "{{<page}}{{$title}}<b title='{{/title}}{{/page}}", NULL, "<title><b title='</title>"
		                                                            "<p></p>", NULL },
		{ "{{<page}}{{x}}{{/page}}", NULL, NULL, "put this into a block" },
		{ "{{>tree}}", "{\"n\":1,\"kids\":[{\"n\":2,\"kids\":[]}]}", "<li>1<li>2</li></li>",
		    NULL },
		{ "{{>endless}}", NULL, NULL, "nested more than 64 deep" },
		{ "{{>grows}}", NULL, NULL, "grows:1:" },
		{ "{{>absent}}", NULL, NULL, "t:1:1: no partial 'absent'" },
		{ "{{>../value}}", NULL, NULL, "t:1:1: no partial '../value'" },
		{ "a\n{{>bad}}", NULL, NULL, "bad:2:5: " },
		{ "<b title=\"{{>*x}}\">{{>*x}}", "{\"x\":\"value\"}", "<b title=\"value\">value", NULL },
		{ "{{>*x}}", "{\"x\":\"nowhere\"}", "", NULL },
		{ "{{>*x}}", "{\"x\":\"unclosed\"}", NULL, "since its name is a value" },
		{ "{{>*x}}", "{\"x\":\"bad\"}", NULL, "bad:2:5: " },
		{ "{{<*x}}{{$title}}T{{/title}}{{/*x}}", "{\"x\":\"page\"}", "<title>T</title><p></p>",
		    NULL },
	};
	(void)state;
	check(TEMPLATE_HTML, s, LEN(s), p);
}

static void
a_block_that_overrides_itself_ends_in_an_error(void **state)
{
	static const struct case_partial p[] = { { "p", "{{$a}}{{/a}}" }, { NULL, NULL } };
	static const struct sample s = { "{{<p}}{{$a}}x{{$a}}y{{/a}}{{/a}}{{/p}}", NULL, NULL,
		"nested more than 64 deep" };
	(void)state;
	check(TEMPLATE_TEXT, &s, 1, p);
	check(TEMPLATE_PLAIN, &s, 1, p);
}

static void
output_stays_within_its_bound(void **state)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct buf *out = buf_in(a, 16);
	struct template *t;
	json_t *j;
	(void)state;
	assert_true(json_parse(a, STR("{\"l\":[1,2,3,4,5,6,7]}"), &j, &err));
	assert_true(template_compile(a, STR("t"), STR("{{#l}}{{#l}}{{#l}}abc{{/l}}{{/l}}{{/l}}"),
	    TEMPLATE_TEXT, NULL, &t, &err));
	assert_false(template_render(t, node_from_json(a, j), NULL, out, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	arena_free(a);
}

static void
without_a_locale_a_filter_is_an_error(void **state)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct buf *out = buf_in(a, 64);
	struct template *t;
	json_t *j;
	(void)state;
	assert_true(json_parse(a, STR("{\"x\":1}"), &j, &err));
	assert_true(template_compile(a, STR("t"), STR("{{x | number \".0\"}}"), TEMPLATE_TEXT, NULL,
	    &t, &err));
	assert_false(template_render(t, node_from_json(a, j), NULL, out, &err));
	assert_int_equal(err.code, ERR_SETUP);
	arena_free(a);
}

static void
a_value_names_a_partial_only_where_the_source_allows_it(void **state)
{
	struct arena *a = arena_new();
	const struct template_source source = { .partial = case_find_partial };
	struct err err = { 0 };
	struct template *t;
	(void)state;
	assert_false(template_compile(a, STR("t"), STR("\n{{>*x}}"), TEMPLATE_HTML, &source, &t,
	    &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_true(str_starts(str_of(err.text), STR("t:2:1: a value names the partial")));
	arena_free(a);
}

static void
the_type_follows_the_ending(void **state)
{
	(void)state;
	assert_int_equal(template_type_of(STR("{id}.html")), TEMPLATE_HTML);
	assert_int_equal(template_type_of(STR("feed.atom")), TEMPLATE_XML);
	assert_int_equal(template_type_of(STR("card.json")), TEMPLATE_JSON);
	assert_int_equal(template_type_of(STR("robots.txt")), TEMPLATE_TEXT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_text_and_attributes_are_escaped),
		cmocka_unit_test(html_refuses_values_where_no_escaping_is_safe),
		cmocka_unit_test(urls_are_checked_whole_and_encoded_in_part),
		cmocka_unit_test(json_in_a_script_element_is_json),
		cmocka_unit_test(markup_goes_out_verbatim_only_in_html_text),
		cmocka_unit_test(xml_is_escaped_as_xml),
		cmocka_unit_test(json_is_escaped_as_json),
		cmocka_unit_test(filters_format_and_their_results_are_escaped),
		cmocka_unit_test(sections_leave_the_output_as_they_found_it),
		cmocka_unit_test(partials_are_compiled_where_they_stand),
		cmocka_unit_test(a_block_that_overrides_itself_ends_in_an_error),
		cmocka_unit_test(output_stays_within_its_bound),
		cmocka_unit_test(without_a_locale_a_filter_is_an_error),
		cmocka_unit_test(a_value_names_a_partial_only_where_the_source_allows_it),
		cmocka_unit_test(the_type_follows_the_ending),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
