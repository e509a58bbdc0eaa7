#include "tests/unit/lib/sample.h"

static void
markup_outside_the_closed_list_is_refused(void **state)
{
	static const char *const bad[] = {
		"<script>alert(1)</script>", "<p><img src=\"https://a.example/x\"/></p>",
		"<p><a href=\"javascript:alert(1)\">x</a></p>",
		"<p><a href=\" java&#9;script:alert(1)\">x</a></p>",
		"<p><a href=\"//evil.example/\">x</a></p>", "<p><a href=\"http://a.example/\">x</a></p>",
		"<p><a href=\"https:\\\\a.example/\">x</a></p>",
		"<p><a href=\"https://a.example@evil.example/\">x</a></p>",
		"<p><a href=\"data:text/html,x\">x</a></p>", "<p onclick=\"x()\">x</p>",
		"<p style=\"color:red\">x</p>", "<p><a>x</a></p>", "<p><svg/></p>", "<math><mi/></math>",
		"<p><a href=\"https://a.example/\"><b><a href=\"https://b.example/\">x</a></b></a></p>",
		"<p><p>x</p></p>", "<table><tr><td>x</td></tr></table>", "bare text",
		"<p><span dir=\"up\">x</span></p>", "<p>x</p><p><iframe/></p>", "<P>x</P>",
		"<ul>text<li>x</li></ul>", "<style>p{}</style>", "<h1>x</h1>",
	};

	for (size_t i = 0; i < LEN(bad); i++) {
		struct outcome *o = changed(*state, "<prose>",
		    arena_printf(*state, "<prose>%s", bad[i]).p);
		if (o->ok)
			fail_msg("accepted: %s", bad[i]);
	}
}

static void
a_json_fragment_cannot_leave_its_element(void **state)
{
	assert_refused(changed_json(*state, "<p>Rain <em>",
	    "</prose><title>x</title><prose><p>Rain <em>"), "prose", 2, "not well-formed");
	assert_refused(changed_json(*state, "<p>Rain <em>", "</x><x><p>Rain <em>"), "prose", 2,
	    "not well-formed");
	assert_refused(changed_json(*state, "<p>Rain <em>", "<!DOCTYPE x><p>Rain <em>"), "prose",
	    2, "DOCTYPE");
	assert_refused(changed_json(*state, "<p>Rain <em>", "<p>AT&T <em>"), "prose", 2,
	    "not well-formed");
}

static void
markup_in_a_json_text_stays_text(void **state)
{
	struct outcome *o = changed_json(*state, "Rain & wind", "<b>Rain</b> &amp;");

	assert_true(o->ok);
	assert_true(str_eq(o->d.title, STR("<b>Rain</b> &amp; in Seattle")));
	assert_non_null(strstr(arena_copy(*state, o->d.canonical).p,
	    "<title>&lt;b&gt;Rain&lt;/b&gt; &amp;amp; in Seattle</title>"));
}

static void
json_types_that_do_not_fit_are_refused(void **state)
{
	assert_refused(changed_json(*state, "\"high\": 9.50", "\"high\": \"warm\""), "facts/high", 6,
	    "'warm' is not degrees");
	assert_refused(changed_json(*state, "\"high\": 9.50", "\"high\": [9]"), "facts/high", 6,
	    "must be degrees");
	assert_refused(changed_json(*state, "\"high\": 9.50", "\"high\": 1e400"), "", 6, "not valid");
	assert_refused(changed_json(*state, "\"high\": 9.50", "\"high\": NaN"), "", 6, "not valid");
	assert_refused(changed_json(*state, "\"high\": 9.50", "\"High\": 9"), "facts", 6,
	    "no name of a member");
	assert_refused(changed_json(*state, "\"high\": 9.50", "\"a><b\": 9"), "facts", 6,
	    "no name of a member");
	assert_refused(changed_json(*state, "\"facts\": {", "\"facts\": {\"item\": 1,"), "facts", 3,
	    "no name of a member");
	assert_refused(changed_json(*state, "\"prose\": \"<p>Rain <em>falls</em> &lt;here>.</p><ul>"
	    "<li>\\n See <a href='https://a.example/x?y=1&amp;z=2'>more</a></li></ul>\"",
	    "\"prose\": [\"<p>x</p>\"]"), "prose", 2, "must be a string");
}

static void
json_tricks_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "[]", "null", "\"x\"", "{", "{}{}", "{\"vertical\":\"weather\\ud800\"}",
		"{\"vertical\":\"weather\\u0000\"}", "{\"vertical\":\"weather\xff\"}", "\x1f\x8b\x08",
		"{'vertical':'weather'}", "{\"vertical\":\"weather\",}", "{\"vertical\":\"nothing\"}",
	};

	for (size_t i = 0; i < LEN(bad); i++)
		assert_false(read_bytes(*state, str_of(bad[i]), FORM_JSON, 1)->ok);
	assert_refused(changed_json(*state, "Friday", "\\u0007Friday"), "summary", 12, "U+0007");
	assert_refused(changed_json(*state, "Friday", "\\u202eFriday"), "summary", 12, "U+202E");
}

static void
xml_tricks_are_refused(void **state)
{
	struct arena *a = *state;

	assert_refused(changed(a, "<document>", "<!DOCTYPE document [<!ENTITY x SYSTEM "
	    "\"file:///etc/passwd\">]><document>"), "", 2, "DOCTYPE");
	assert_refused(changed(a, "Rain on", "&x;"), "", 8, "Entity 'x' not defined");
	assert_refused(changed(a, "Rain on", "<?php x?>"), "", 8, "processing instruction");
	assert_refused(changed(a, "<document>", "<document xmlns=\"urn:x\">"), "", 2, "namespace");
	assert_refused(changed(a, "<facts>", "<facts xmlns:xsi=\"http://www.w3.org/2001/"
	    "XMLSchema-instance\" xsi:type=\"x\">"), "facts", 15, "namespace");
	assert_refused(changed(a, "<facts>", "<facts x:y=\"1\">"), "", 15, "Namespace prefix x");
	assert_refused(changed(a, "<facts>", "<facts xml:lang=\"en\">"), "facts", 15, "xml:lang");
	assert_refused(changed(a, "<facts>", "<facts a=\"1\">"), "facts", 15,
	    "the attribute 'a' is not allowed");
	assert_refused(changed(a, "Rain on", "\x01"), "", 0, "not well-formed");
	assert_refused(changed(a, "Rain on", "&#x202E;"), "summary", 8, "U+202E");
	assert_refused(changed(a, "Rain on", "\xc2\x85"), "summary", 8, "U+0085");
	assert_refused(changed(a, "UTF-8", "ISO-8859-1"), "", 0, "another encoding");
	assert_refused(changed(a, "<id>", "<xi:include href=\"/etc/passwd\"/><id>"), "", 4,
	    "Namespace prefix xi");
	assert_refused(changed(a, "document>", "doc>"), "", 0, "not well-formed");
	assert_refused(read_bytes(a, STR("\x1f\x8b\x08\x00"), FORM_XML, 1), "", 1, "gzip");
	assert_refused(read_bytes(a, STR("<document>\0</document>"), FORM_XML, 1), "", 1, "NUL");
	assert_refused(read_bytes(a, STR(""), FORM_XML, 1), "", 1, "no bytes");
	assert_refused(read_bytes(a, STR("<other/>"), FORM_XML, 1), "", 1, "must be 'document'");
}

static struct str
repeated(struct arena *a, const char *what, size_t times)
{
	struct buf *b = buf_in(a, 4 * DOCUMENT_MAX);

	for (size_t i = 0; i < times; i++)
		buf_put(b, str_of(what));
	return arena_copy(a, buf_str(b));
}

static void
what_is_too_large_is_refused_before_it_is_parsed(void **state)
{
	struct arena *a = *state;

	assert_refused(changed(a, "<prose>", arena_printf(a, "<prose>%s",
	    repeated(a, "<blockquote>", 63).p).p), "", 0, "deeper than 64");
	assert_refused(changed(a, "<prose>", arena_printf(a, "<prose>%s",
	    repeated(a, "<p/>", 20001).p).p), "", 0, "more than 20000 elements");
	assert_refused(changed(a, "<prose>", arena_printf(a, "<prose %s>",
	    repeated(a, "a=\"\" ", 300).p).p), "", 0, "256 attributes");
	assert_refused(changed(a, "<prose>", arena_printf(a, "<prose a=\"%s\">",
	    repeated(a, "x", 17000).p).p), "", 0, "16384 bytes");
	assert_refused(read_bytes(a, repeated(a, " ", DOCUMENT_MAX + 1), FORM_XML, 1), "", 1,
	    "at most 1048576");
	assert_refused(read_bytes(a, repeated(a, " ", DOCUMENT_MAX + 1), FORM_JSON, 1), "", 1,
	    "at most 1048576");
	assert_refused(read_bytes(a, repeated(a, "[", 100), FORM_JSON, 1), "", 1, "deeper than 64");
	assert_refused(changed_json(a, "\"alerts\": []", arena_printf(a, "\"alerts\": [0%s]",
	    repeated(a, ",0", 400000).p).p), "", 0, "more than 20000 elements");
}

static void
a_flood_of_faults_gives_a_hundred_short_findings(void **state)
{
	struct arena *a = *state;
	struct buf *b = buf_in(a, DOCUMENT_MAX);
	struct str long_name = repeated(a, "x", 10000);

	buf_put(b, STR("<facts>"));
	for (int i = 0; i < 18000; i++)
		buf_printf(b, "<x%d>1</x%d>", i, i);
	buf_printf(b, "<%s><%s/></%s>", long_name.p, long_name.p, long_name.p);
	struct outcome *o = changed(a, "<facts>", arena_copy(a, buf_str(b)).p);
	assert_int_equal(o->f.n, 100);
	o = changed(a, "<id>", arena_printf(a, "<%s>1</%s><id>", long_name.p, long_name.p).p);
	assert_refused(o, arena_printf(a, "%.64s…", long_name.p).p, 4, "is not known here");
	for (size_t i = 0; i < o->f.n; i++)
		assert_true(o->f.item[i].text.n < 1000);
}

static void
names_that_cannot_be_paths_are_refused(void **state)
{
	assert_refused(changed(*state, "<id>seattle</id>", "<id>../x</id>"), "id", 4,
	    "'../x' is not lower-case letters");
	assert_refused(changed(*state, "<id>seattle</id>", "<id>a--b</id>"), "id", 4,
	    "'a--b' cannot become part of an address");
	assert_refused(changed(*state, "<id>seattle</id>", "<id>a-</id>"), "id", 4, "'a-' cannot");
	assert_refused(changed(*state, "weather", "../../etc"), "vertical", 3, "not the name");
	assert_refused(changed(*state, "weather", "tides"), "vertical", 3,
	    "there is no vertical 'tides'; there are: finance, sports, weather");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(markup_outside_the_closed_list_is_refused),
		TEST(a_json_fragment_cannot_leave_its_element),
		TEST(markup_in_a_json_text_stays_text),
		TEST(json_types_that_do_not_fit_are_refused),
		TEST(json_tricks_are_refused),
		TEST(xml_tricks_are_refused),
		TEST(what_is_too_large_is_refused_before_it_is_parsed),
		TEST(a_flood_of_faults_gives_a_hundred_short_findings),
		TEST(names_that_cannot_be_paths_are_refused),
	};

	return cmocka_run_group_tests(tests, open_schemas, close_schemas);
}
