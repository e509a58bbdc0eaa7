#include "base/fs.h"
#include "tests/unit/lib/sample.h"

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
a_time_zone_must_be_one_that_there_is(void **state)
{
	const char *text = arena_copy(*state, str_of(json_sample)).p;
	char *zone = strstr(text, "America/Los_Angeles");

	assert_non_null(zone);
	memcpy(zone, "America/Seattle_WA_", 19);
	struct outcome *o = read_bytes(*state, str_of(text), FORM_JSON, 1);
	assert_false(o->ok);
	assert_int_equal(o->f.n, 1);
	assert_true(str_eq(o->f.item[0].element, STR("facts/place/zone")));
	assert_true(str_starts(o->f.item[0].text, STR("'America/Seattle_WA_' is no IANA time zone")));
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
prose_with_too_many_paragraphs_is_told_so(void **state)
{
	struct arena *a = *state;
	struct buf *b = buf_in(a, DOCUMENT_MAX);

	for (int i = 0; i < 401; i++)
		buf_put(b, STR("<p>Rain.</p>"));
	struct str many = arena_copy(a, buf_str(b));
	struct outcome *o = changed(a, "<prose>", arena_printf(a, "<prose>%s", many.p).p);
	assert_false(o->ok);
	assert_true(str_eq(o->f.item[0].text, STR("'prose' holds more than 400 elements")));
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
a_document_cannot_take_the_name_of_the_index(void **state)
{
	assert_refused(changed(*state, "<id>seattle<", "<id>index<"), "id", 4,
	    "'index' cannot become part of an address");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
		TEST(a_time_zone_must_be_one_that_there_is),
		TEST(a_too_long_text_is_refused_with_its_length),
		TEST(lists_hold_items_only_and_are_bounded),
		TEST(prose_with_too_many_paragraphs_is_told_so),
		TEST(all_of_the_closed_list_is_accepted_and_kept),
		TEST(a_document_cannot_take_the_name_of_the_index),
		TEST(what_ends_before_it_starts_is_refused),
		TEST(a_refused_document_can_still_be_identified),
		TEST(lines_count_from_where_the_document_begins),
		TEST(cdata_comments_and_character_references_are_only_spelling),
		TEST(every_vertical_reads_the_same_from_xml_and_json),
		TEST(the_example_of_the_reference_is_a_document_in_both_forms),
	};

	return cmocka_run_group_tests(tests, open_schemas, close_schemas);
}
