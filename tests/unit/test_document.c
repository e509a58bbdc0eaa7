/* Run from the top of the tree: the shipped schemas are read. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <libxml/parser.h>

#include "base/fs.h"
#include "generator/document.h"
#include "tests/unit/unit.h"

static const char *const roots[] = { "." };
static const struct catalog catalog = { roots, 1 };
static struct arena *shared;
static struct schemas *schemas;

static const char xml_sample[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<document>\n"
    "  <vertical>weather</vertical>\n"
    "  <id>seattle</id>\n"
    "  <locale>en-us</locale>\n"
    "  <title>Rain &amp; wind\n    in Seattle</title>\n"
    "  <summary>Rain on Friday.</summary>\n"
    "  <updated>2026-11-20T18:00:00Z</updated>\n"
    "  <expires>2026-11-21T06:00:00Z</expires>\n"
    "  <provenance><agent>writer</agent><model>m-1</model><run>r1</run>\n"
    "    <grade>generated</grade><responsible>Example Ltd</responsible></provenance>\n"
    "  <sources><item><id>nws</id><name>NWS</name><url>https://api.weather.gov/a?b=1&amp;c=2</url>\n"
    "    <retrieved>2026-11-20T17:55:00Z</retrieved></item></sources>\n"
    "  <facts>\n"
    "    <place><name>Seattle</name><country>US</country><zone>America/Los_Angeles</zone></place>\n"
    "    <period><start>2026-11-20T18:00:00Z</start><end>2026-11-21T06:00:00Z</end></period>\n"
    "    <kind>forecast</kind>\n"
    "    <condition>rain</condition>\n"
    "    <high>9.50</high>\n"
    "    <alerts/>\n"
    "    <periods><item><start>2026-11-20T18:00:00Z</start><condition>rain</condition></item>\n"
    "      <item><start>2026-11-21T00:00:00Z</start><condition>cloudy</condition></item></periods>\n"
    "  </facts>\n"
    "  <prose><p>Rain  <em>falls</em> &lt;here&gt;.</p>\n"
    "    <ul><li>See <a href=\"https://a.example/x?y=1&amp;z=2\">more</a></li></ul></prose>\n"
    "</document>\n";

/* The same content: members in another order, blanks and nulls elsewhere. */
static const char json_sample[] =
    "{\n"
    "  \"prose\": \"<p>Rain <em>falls</em> &lt;here>.</p><ul><li>\\n See <a href='https://"
    "a.example/x?y=1&amp;z=2'>more</a></li></ul>\",\n"
    "  \"facts\": {\n"
    "    \"periods\": [ { \"condition\": \"rain\", \"start\": \"2026-11-20T18:00:00Z\" },\n"
    "      { \"start\": \"2026-11-21T00:00:00Z\", \"condition\": \"cloudy\", \"high\": null } ],\n"
    "    \"high\": 9.50, \"low\": null, \"wind\": {}, \"alerts\": [],\n"
    "    \"kind\": \"forecast\", \"condition\": \"rain\",\n"
    "    \"period\": { \"start\": \"2026-11-20T18:00:00Z\", \"end\": \"2026-11-21T06:00:00Z\" },\n"
    "    \"place\": { \"name\": \"Seattle\", \"country\": \"US\", \"zone\": \"America/Los_Angeles\" }\n"
    "  },\n"
    "  \"vertical\": \"weather\", \"id\": \"seattle\", \"locale\": \"en-us\",\n"
    "  \"title\": \"Rain & wind in \\u0053eattle\", \"summary\": \" Rain on\\nFriday. \",\n"
    "  \"updated\": \"2026-11-20T18:00:00Z\", \"expires\": \"2026-11-21T06:00:00Z\",\n"
    "  \"image\": { \"url\": \"\", \"alt\": null },\n"
    "  \"provenance\": { \"agent\": \"writer\", \"model\": \"m-1\", \"run\": \"r1\",\n"
    "    \"grade\": \"generated\", \"responsible\": \"Example Ltd\" },\n"
    "  \"sources\": [ { \"id\": \"nws\", \"name\": \"NWS\", \"url\": "
    "\"https://api.weather.gov/a?b=1&c=2\", \"retrieved\": \"2026-11-20T17:55:00Z\" } ]\n"
    "}\n";

struct outcome {
	struct arena *a;
	bool ok;
	struct document d;
	struct findings f;
};

static struct outcome *
read_bytes(struct arena *a, struct str bytes, enum document_form form, unsigned line)
{
	struct outcome *o = ARENA_NEW(a, struct outcome);
	const struct raw raw = { STR("file:1"), STR("file"), line, form, bytes };

	o->a = a;
	o->f.arena = a;
	o->ok = document_read(a, schemas, &raw, &o->d, &o->f);
	assert_int_equal(o->ok, !findings_reject(&o->f));
	return o;
}

/* `text` with its first `from` replaced. */
static struct str
with(struct arena *a, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return arena_printf(a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static struct outcome *
changed(struct arena *a, const char *from, const char *to)
{
	return read_bytes(a, with(a, xml_sample, from, to), FORM_XML, 1);
}

static struct outcome *
changed_json(struct arena *a, const char *from, const char *to)
{
	return read_bytes(a, with(a, json_sample, from, to), FORM_JSON, 1);
}

/* The outcome must be a refusal with a finding that holds `text`, at element and line. */
static void
assert_refused(const struct outcome *o, const char *element, unsigned line, const char *text)
{
	assert_false(o->ok);
	for (size_t i = 0; i < o->f.n; i++) {
		const struct finding *f = &o->f.item[i];
		assert_string_equal(f->gate, "schema");
		assert_non_null(f->remedy);
		if (memmem(f->text.p, f->text.n, text, strlen(text)) != NULL
		    && str_eq(f->element, str_of(element)) && (line == 0 || f->line == line))
			return;
	}
	for (size_t i = 0; i < o->f.n; i++)
		print_error("got %u %.*s: %.*s\n", o->f.item[i].line, STR_ARG(o->f.item[i].element),
		    STR_ARG(o->f.item[i].text));
	fail_msg("no finding on %s, line %u, with '%s'", element, line, text);
}

static int
open_schemas(void **state)
{
	struct err err;

	(void)state;
	shared = arena_new();
	if (schemas_open(shared, &catalog, &schemas, &err))
		return 0;
	print_error("%s\n", err.text);
	return -1;
}

static int
close_schemas(void **state)
{
	(void)state;
	arena_free(shared);
	return 0;
}

static void
a_valid_document_becomes_a_tree(void **state)
{
	struct outcome *o = read_bytes(*state, str_of(xml_sample), FORM_XML, 1);

	for (size_t i = 0; i < o->f.n; i++)
		print_error("%u %.*s: %.*s\n", o->f.item[i].line, STR_ARG(o->f.item[i].element),
		    STR_ARG(o->f.item[i].text));
	assert_true(o->ok);
	assert_true(str_eq(o->d.vertical, STR("weather")));
	assert_true(str_eq(o->d.id, STR("seattle")));
	assert_true(str_eq(o->d.locale, STR("en-us")));
	assert_true(str_eq(o->d.title, STR("Rain & wind in Seattle")));
	assert_int_equal(o->d.updated, 1795197600);
	assert_int_equal(o->d.expires - o->d.updated, 12 * 3600);
	assert_int_equal(node_at(o->d.root, STR("facts.high"))->kind, NODE_NUMBER);
	assert_true(str_eq(node_text_at(o->d.root, "facts.high"), STR("9.50")));
	assert_int_equal(node_at(o->d.root, STR("facts.periods"))->kind, NODE_LIST);
	assert_true(str_eq(node_text_at(o->d.root, "facts.periods.1.condition"), STR("cloudy")));
	assert_int_equal(node_at(o->d.root, STR("facts.high"))->line, 20);
	assert_null(node_at(o->d.root, STR("facts.alerts")));
}

static void
prose_is_written_anew_with_blanks_collapsed(void **state)
{
	struct outcome *o = read_bytes(*state, str_of(xml_sample), FORM_XML, 1);
	const struct node *prose = node_get(o->d.root, STR("prose"));

	assert_int_equal(prose->kind, NODE_MARKUP);
	assert_true(str_eq(prose->text,
	    STR("<p>Rain <em>falls</em> &lt;here&gt;.</p><ul><li>See "
	        "<a href=\"https://a.example/x?y=1&amp;z=2\">more</a></li></ul>")));
}

static void
xml_and_json_of_the_same_content_have_the_same_canonical_form(void **state)
{
	struct outcome *x = read_bytes(*state, str_of(xml_sample), FORM_XML, 1);
	struct outcome *j = read_bytes(*state, str_of(json_sample), FORM_JSON, 1);

	for (size_t i = 0; i < j->f.n; i++)
		print_error("%u %.*s: %.*s\n", j->f.item[i].line, STR_ARG(j->f.item[i].element),
		    STR_ARG(j->f.item[i].text));
	assert_true(x->ok && j->ok);
	assert_string_equal(arena_copy(*state, x->d.canonical).p,
	    arena_copy(*state, j->d.canonical).p);
	assert_true(digest_eq(&x->d.digest, &j->d.digest));
}

static void
reading_a_canonical_form_gives_it_again(void **state)
{
	struct outcome *first = read_bytes(*state, str_of(xml_sample), FORM_XML, 1);
	struct outcome *again = read_bytes(*state, first->d.canonical, FORM_XML, 1);

	assert_true(again->ok);
	assert_true(str_eq(first->d.canonical, again->d.canonical));
	assert_true(digest_eq(&first->d.digest, &again->d.digest));
}

/* The tree as JSON, read as a JSON document, is the document again. */
static void
a_tree_written_as_json_is_the_same_document(void **state)
{
	struct outcome *first = read_bytes(*state, str_of(xml_sample), FORM_XML, 1);
	struct buf *b = buf_in(*state, DOCUMENT_MAX);

	node_to_json(first->d.root, b);
	struct outcome *again = read_bytes(*state, buf_str(b), FORM_JSON, 1);
	assert_true(again->ok);
	assert_true(str_eq(first->d.canonical, again->d.canonical));
}

static void
members_may_come_in_any_order(void **state)
{
	struct arena *a = *state;
	struct str s = with(a, xml_sample, "  <id>seattle</id>\n", "");

	s = with(a, s.p, "</document>", "<id>seattle</id></document>");
	struct outcome *o = read_bytes(a, s, FORM_XML, 1);
	assert_true(o->ok);
	assert_true(digest_eq(&o->d.digest,
	    &read_bytes(a, str_of(xml_sample), FORM_XML, 1)->d.digest));
}

static void
a_missing_member_is_named(void **state)
{
	assert_refused(changed(*state, "<condition>rain</condition>\n    <high>", "<high>"),
	    "facts", 15, "'condition' is missing");
	assert_refused(changed_json(*state, "\"kind\": \"forecast\",", ""), "facts", 3,
	    "'kind' is missing");
}

static void
an_empty_member_counts_as_missing(void **state)
{
	assert_refused(changed(*state, "Rain on Friday.", "  "), "", 2,
	    "'summary' is missing or empty");
	assert_refused(changed_json(*state, "\" Rain on\\nFriday. \"", "null"), "", 1,
	    "'summary' is missing or empty");
}

static void
an_unknown_member_is_named_with_the_likely_one(void **state)
{
	assert_refused(changed(*state, "<high>9.50</high>", "<hihg>9.50</hihg>"), "facts/hihg",
	    20, "'high' is");
	assert_refused(changed_json(*state, "\"low\": null", "\"lov\": 3"), "facts/lov", 6,
	    "'low' is");
	assert_refused(changed(*state, "<id>seattle</id>", "<id>seattle</id><zzzzzz>1</zzzzzz>"),
	    "zzzzzz", 4, "known are: vertical, id");
}

static void
unknown_and_missing_members_are_said_at_once(void **state)
{
	struct outcome *o = changed(*state, "<kind>forecast</kind>", "<sort>forecast</sort>");

	assert_refused(o, "facts/sort", 18, "'sort' is not known here");
	assert_refused(o, "facts", 15, "'kind' is missing");
}

static void
a_member_given_twice_is_refused(void **state)
{
	assert_refused(changed(*state, "<id>seattle</id>", "<id>seattle</id><id>b</id>"),
	    "id[2]", 4, "'id' is given twice");
	assert_refused(changed_json(*state, "\"id\": \"seattle\"",
	    "\"id\": \"seattle\", \"id\": \"b\""), "", 11, "duplicate");
}

static void
a_wrong_value_is_quoted_with_what_is_expected(void **state)
{
	assert_refused(changed(*state, "9.50", "9,5"), "facts/high", 20,
	    "'9,5' is not degrees Celsius from -100 to 70");
	assert_refused(changed(*state, "9.50", "1e1"), "facts/high", 20, "'1e1' is not degrees");
	assert_refused(changed(*state, "9.50", "99"), "facts/high", 20, "'99' is not degrees");
	assert_refused(changed(*state, "<condition>rain</condition>\n    <high>",
	    "<condition>Rain</condition>\n    <high>"), "facts/condition", 19,
	    "'Rain' is not one of: clear, mostly-clear");
	assert_refused(changed_json(*state, "\"2026-11-21T00:00:00Z\"", "\"tomorrow\""),
	    "facts/periods/item[2]/start", 5, "'tomorrow' is not a moment in UTC");
	assert_refused(changed(*state, "2026-11-20T18:00:00Z", "2026-02-30T18:00:00Z"), "updated",
	    9, "'2026-02-30T18:00:00Z' is not a moment");
}

static void
a_too_long_text_is_refused_with_its_length(void **state)
{
	struct arena *a = *state;
	char *s = ARENA_ARRAY(a, char, 402);

	for (int i = 0; i < 400; i += 2)
		memcpy(s + i, "\xc3\xa4", 2); /* two bytes, one character */
	assert_true(changed(a, "Rain &amp; wind\n    in Seattle", s)->ok);
	s[400] = 'x';
	assert_refused(changed(a, "Rain &amp; wind\n    in Seattle", s), "title", 6,
	    "201 characters, but must be one line, 1 to 200 characters");
}

static void
lists_hold_items_only_and_are_bounded(void **state)
{
	struct arena *a = *state;
	struct buf *b = buf_in(a, DOCUMENT_MAX);

	for (int i = 0; i < 61; i++)
		buf_put(b, STR("<item><start>2026-11-20T18:00:00Z</start>"
		               "<condition>rain</condition></item>"));
	struct str many = arena_copy(a, buf_str(b));
	assert_refused(changed(a, "<periods>", arena_printf(a, "<periods>%s", many.p).p),
	    "facts/periods", 22, "63 items, at most 60");
	assert_refused(changed(a, "<periods>", "<periods><hour>1</hour>"), "facts/periods/hour", 22,
	    "holds only <item>");
	assert_refused(changed(a, "<periods>", "<periods><item/>"), "facts/periods/item[1]", 22,
	    "'start' is missing");
	assert_refused(changed_json(a, "\"periods\": [", "\"periods\": [ null,"),
	    "facts/periods/item[1]", 4, "'start' is missing");
}

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
all_of_the_closed_list_is_accepted_and_kept(void **state)
{
	static const char good[] =
	    "<h2>a</h2><h3>b</h3><ol><li>c<ul><li>d</li></ul></li></ol><blockquote><p>e</p>"
	    "</blockquote><table><thead><tr><th>f</th></tr></thead><tbody><tr><td>g</td></tr>"
	    "</tbody></table><p><strong>h</strong><b>i</b><i>j</i><br/><span lang=\"ar\" "
	    "dir=\"rtl\">k</span><a href=\"https://a.example/%C3%A4\" hreflang=\"de\"><em>l</em>"
	    "</a></p>";
	struct outcome *o = changed(*state, "<prose>",
	    arena_printf(*state, "<prose>%s", good).p);

	assert_true(o->ok);
	assert_true(str_starts(node_text_at(o->d.root, "prose"), str_of(good)));
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

static void
what_ends_before_it_starts_is_refused(void **state)
{
	assert_refused(changed(*state, "2026-11-21T06:00:00Z</exp", "2026-11-20T18:00:00Z</exp"),
	    "expires", 10, "not later");
	assert_refused(changed(*state, "2026-11-21T06:00:00Z</end", "2026-11-20T17:00:00Z</end"),
	    "facts/period", 17, "before it starts");
}

static void
a_refused_document_can_still_be_identified(void **state)
{
	struct outcome *o = changed(*state, "9.50", "warm");

	assert_true(str_eq(o->d.id, STR("seattle")) && str_eq(o->d.vertical, STR("weather"))
	    && str_eq(o->d.locale, STR("en-us")));
	o = changed(*state, "Rain  <em>", "AT&T <em>"); /* not even well-formed */
	assert_false(o->ok);
	assert_true(str_eq(o->d.id, STR("seattle")) && str_eq(o->d.vertical, STR("weather"))
	    && str_eq(o->d.locale, STR("en-us")));
	o = changed_json(*state, "<p>Rain", "<p><Rain");
	assert_false(o->ok);
	assert_true(str_eq(o->d.id, STR("seattle")) && str_eq(o->d.vertical, STR("weather"))
	    && str_eq(o->d.locale, STR("en-us")));
}

static void
lines_count_from_where_the_document_begins(void **state)
{
	struct arena *a = *state;

	assert_refused(read_bytes(a, with(a, xml_sample, "9.50", "x"), FORM_XML, 100), "facts/high",
	    119, "'x' is not");
	assert_refused(read_bytes(a, with(a, json_sample, "9.50", "\"x\""), FORM_JSON, 7),
	    "facts/high", 12, "'x' is not");
}

static void
cdata_comments_and_character_references_are_only_spelling(void **state)
{
	struct arena *a = *state;
	struct outcome *o = changed(a, "Rain &amp; wind", "<!-- x -->R&#97;in <![CDATA[& wi]]>nd");

	assert_true(o->ok);
	assert_true(digest_eq(&o->d.digest,
	    &read_bytes(a, str_of(xml_sample), FORM_XML, 1)->d.digest));
}

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

/* Documents that use every member of their vertical; seeds of the fuzzers too. */
static void
every_vertical_reads_the_same_from_xml_and_json(void **state)
{
	static const char *const verticals[] = { "weather", "finance", "sports" };
	struct arena *a = *state;
	struct str xml, json;
	struct err err;

	for (size_t i = 0; i < LEN(verticals); i++) {
		const char *v = verticals[i];
		assert_true(fs_read(a, arena_printf(a, "tests/fuzz/corpus/document_xml/%s.xml", v).p,
		    DOCUMENT_MAX, &xml, &err));
		assert_true(fs_read(a, arena_printf(a, "tests/fuzz/corpus/document_json/%s.json", v).p,
		    DOCUMENT_MAX, &json, &err));
		struct outcome *x = read_bytes(a, xml, FORM_XML, 1);
		struct outcome *j = read_bytes(a, json, FORM_JSON, 1);
		if (!x->ok || !j->ok)
			fail_msg("%s: %.*s", v, STR_ARG((x->ok ? j : x)->f.item[0].text));
		assert_str(x->d.vertical, v);
		assert_true(digest_eq(&x->d.digest, &j->d.digest));
	}
}

static void
nothing_is_loaded_once_schemas_are_compiled(void **state)
{
	(void)state;
	xmlDoc *doc = xmlReadFile("schemas/envelope.xsd", NULL, XML_PARSE_NOERROR);
	assert_null(doc);
}

/* The bytes of the first block of that language in the reference. */
static struct str
block_of(struct arena *a, struct str docs, const char *language)
{
	const char *fence = arena_printf(a, "\n```%s\n", language).p;
	const char *from = strstr(docs.p, fence) + strlen(fence);

	return (struct str){ from, (size_t)(strstr(from, "```\n") - from) };
}

static void
the_example_of_the_reference_is_a_document_in_both_forms(void **state)
{
	struct arena *a = *state;
	struct str docs;
	struct err err;

	assert_true(fs_read(a, "docs/documents.md", 1 << 20, &docs, &err));
	struct outcome *x = read_bytes(a, block_of(a, docs, "xml"), FORM_XML, 1);
	struct outcome *j = read_bytes(a, block_of(a, docs, "json"), FORM_JSON, 1);
	assert_true(x->ok && j->ok);
	assert_true(digest_eq(&x->d.digest, &j->d.digest));
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
		TEST(every_vertical_reads_the_same_from_xml_and_json),
		TEST(nothing_is_loaded_once_schemas_are_compiled),
		TEST(the_reference_names_every_element_and_value_of_the_schemas),
		TEST(the_example_of_the_reference_is_a_document_in_both_forms),
		TEST(a_vertical_is_added_with_a_file_alone),
		TEST(an_unusable_schema_is_an_error_that_names_the_file),
		TEST(threads_share_the_schemas),
		TEST(a_valid_document_becomes_a_tree),
		TEST(prose_is_written_anew_with_blanks_collapsed),
		TEST(xml_and_json_of_the_same_content_have_the_same_canonical_form),
		TEST(reading_a_canonical_form_gives_it_again),
		TEST(a_tree_written_as_json_is_the_same_document),
		TEST(members_may_come_in_any_order),
		TEST(a_missing_member_is_named),
		TEST(an_empty_member_counts_as_missing),
		TEST(an_unknown_member_is_named_with_the_likely_one),
		TEST(unknown_and_missing_members_are_said_at_once),
		TEST(a_member_given_twice_is_refused),
		TEST(a_wrong_value_is_quoted_with_what_is_expected),
		TEST(a_too_long_text_is_refused_with_its_length),
		TEST(lists_hold_items_only_and_are_bounded),
		TEST(markup_outside_the_closed_list_is_refused),
		TEST(all_of_the_closed_list_is_accepted_and_kept),
		TEST(a_json_fragment_cannot_leave_its_element),
		TEST(markup_in_a_json_text_stays_text),
		TEST(json_types_that_do_not_fit_are_refused),
		TEST(json_tricks_are_refused),
		TEST(xml_tricks_are_refused),
		TEST(what_is_too_large_is_refused_before_it_is_parsed),
		TEST(a_flood_of_faults_gives_a_hundred_short_findings),
		TEST(names_that_cannot_be_paths_are_refused),
		TEST(what_ends_before_it_starts_is_refused),
		TEST(a_refused_document_can_still_be_identified),
		TEST(lines_count_from_where_the_document_begins),
		TEST(cdata_comments_and_character_references_are_only_spelling),
		TEST(schemas_know_their_markup_and_have_a_digest_each),
	};

	return cmocka_run_group_tests(tests, open_schemas, close_schemas);
}
