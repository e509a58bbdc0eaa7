/* What counts as well-formed, and which media type a name has. */
#include "generator/render/output.h"
#include "tests/unit/lib/unit.h"

static void
judge(struct arena *a, const char *path, const char *body, const char *why, int line)
{
	struct err err = { 0 };
	bool ok = output_check(a, str_of(path), str_of(body), &err);
	if (why == NULL && !ok)
		fail_msg("line %d: %s", line, err.text);
	if (why != NULL && (ok || strstr(err.text, why) == NULL))
		fail_msg("line %d: '%s' lacks '%s'", line, err.text, why);
}
#define good(path, body) judge(*state, path, body, NULL, __LINE__)
#define bad(path, body, why) judge(*state, path, body, why, __LINE__)

static void
html_is_well_formed_and_of_known_elements(void **state)
{
	good("a.html", "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/></head>"
	    "<body><p title=\"a > b\">x<br/>y</p><!-- it's <b/> --></body></html>");
	good("a.html", "<div><svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg></div>");
	bad("a.html", "<p>x", "line 1 of the output");
	bad("a.html", "<div>\n<p>a</div>", "line 2 of the output");
	bad("a.html", "<p>a &nbsp; b</p>", "nbsp");
	bad("a.html", "<p>a & b</p>", "line 1");
	bad("a.html", "<p a=\"1\" a=\"2\">x</p>", "line 1");
	bad("a.html", "<div>\n\n<blink>x</blink></div>", "line 3 of the output, `<blink>x</blink></div>`: <blink> is no HTML");
	bad("a.html", "<br>x</br>", "<br> cannot have content");
}

static void
only_void_elements_close_themselves(void **state)
{
	bad("a.html", "<div>\n<script/></div>", "line 2 of the output: write <script></script>");
	bad("a.html", "<div><p a='>'/></div>", "write <p></p>");
	bad("a.html", "<div><svg><g/></svg><i /></div>", "write <i></i>");
	good("a.html", "<div><svg><g/></svg><img src=\"a\" alt=\"/>\"/></div>");
}

static void
xml_and_json_are_what_their_standards_say(void **state)
{
	good("feed.atom", "<feed xmlns=\"http://www.w3.org/2005/Atom\"/>");
	bad("feed.atom", "<feed><a></feed>", "line 1 of the output");
	bad("feed.atom", "<x:feed/>", "line 1 of the output");
	bad("feed.atom", "", "the output");
	good("a.json", "{\"a\":[1,2]}");
	bad("a.json", "{\"a\":[1,2],}", "line 1");
	bad("a.json", "{\"a\":1,\"a\":2}", "a");
	bad("a.css", "a{}\xFF", "not UTF-8");
	good("robots.txt", "anything < goes");
}

static void
an_entity_is_never_expanded_nor_fetched(void **state)
{
	bad("a.xml", "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>", "DOCTYPE");
	bad("a.html", "<!DOCTYPE html SYSTEM \"http://127.0.0.1:1/x\"><html lang=\"en\"></html>",
	    "DOCTYPE");
}

static void
the_media_type_follows_the_ending(void **state)
{
	(void)state;
	assert_str(output_type(STR("seattle.html")), "text/html; charset=utf-8");
	assert_str(output_type(STR("seattle.fragment.html")), "text/html; charset=utf-8");
	assert_str(output_type(STR("seattle.card.json")), "application/json");
	assert_str(output_type(STR("feed.json")), "application/feed+json");
	assert_str(output_type(STR("my-feed.json")), "application/json");
	assert_str(output_type(STR("feed.atom")), "application/atom+xml");
	assert_str(output_type(STR("sitemap.xml")), "application/xml");
	assert_str(output_type(STR("assets/page.0123456789ab.css")), "text/css; charset=utf-8");
	assert_str(output_type(STR("what")), "application/octet-stream");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(html_is_well_formed_and_of_known_elements),
		TEST(only_void_elements_close_themselves),
		TEST(xml_and_json_are_what_their_standards_say),
		TEST(an_entity_is_never_expanded_nor_fetched),
		TEST(the_media_type_follows_the_ending),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
