/* The quick look at rendered output says yes only where libxml2 and jansson would. */
#include "base/json.h"
#include "generator/document/xmlread.h"
#include "generator/render/sound.h"
#include "tests/unit/lib/render_case.h"
#include "tests/unit/lib/unit.h"

static enum sound_element
element(struct str name)
{
	static const char *const normal[] = { "html", "head", "body", "title", "p", "a", "i", "b" };
	if (str_eq(name, STR("br")) || str_eq(name, STR("meta")))
		return SOUND_VOID;
	if (str_eq(name, STR("svg")))
		return SOUND_FOREIGN;
	for (size_t i = 0; i < LEN(normal); i++)
		if (str_eq(name, str_of(normal[i])))
			return SOUND_NORMAL;
	return SOUND_UNKNOWN;
}

static enum sound_element
any_element(struct str name)
{
	return str_eq(name, STR("svg")) ? SOUND_FOREIGN
	    : element(name) == SOUND_VOID || str_eq(name, STR("link")) || str_eq(name, STR("img"))
	    ? SOUND_VOID : SOUND_NORMAL;
}

static void
silent(void *ctx, XML_COMPLAINT *e)
{
	(void)e;
	*(bool *)ctx = true;
}

static bool
libxml2_takes(struct str body)
{
	bool complained = false;
	xmlSetStructuredErrorFunc(&complained, silent);
	xmlDoc *d = xmlReadMemory(body.p, (int)body.n, NULL, "UTF-8", XML_PARSE_NONET);
	xmlSetStructuredErrorFunc(NULL, NULL);
	xmlFreeDoc(d);
	return d != NULL && !complained;
}

static bool
jansson_takes(struct str body)
{
	struct arena *a = arena_new();
	struct err err;
	json_t *value;
	bool ok = json_parse(a, body, &value, &err);
	arena_free(a);
	return ok;
}

static void
plain_output_is_taken_at_once(void **state)
{
	(void)state;
	assert_true(sound_html(STR("<!DOCTYPE html>\n<html lang=\"en\"><body><p title='a &gt; b'>x<br/>"
	    "y &#160;</p><!-- x --></body></html>\n"), element));
	assert_true(sound_html(STR("<p><svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg></p>"), element));
	assert_true(sound_json(STR("{\"a\": [1, -2.5, true, null], \"b\": {\"a\": \"\\n\\u003c\"}}\n")));
}

static void
what_is_in_doubt_is_left_to_others(void **state)
{
	static const char *const html[] = { "", "x", "<p>", "<p/>", "<p></b>", "<p></p><p></p>", "<q></q>",
		"<br></br>", "<p a=1></p>", "<p a=\"1\" a=\"2\"></p>", "<p a=\"1\"b=\"2\"></p>", "<p>&nbsp;</p>",
		"<p>&#0;</p>", "<p>a & b</p>", "<p>]]></p>", "<p><!-- -- --></p>", "<p><!--> --></p>",
		"<p a=\"<\"></p>", "<p><![CDATA[x]]></p>", "<?x?><p></p>", "<a:p></a:p>", "<p xml:lang=\"x\"></p>",
		"<p xmlns=\"y z\"></p>", "<p>\xC0\x80</p>", "<p>\x01</p>", "<p>\xEF\xBF\xBF</p>",
		"<!DOCTYPE html SYSTEM \"x\"><p></p>", "<svg><svg></svg><g/></svg>", "<p><svg></svg><i/></p>" };
	static const char *const json[] = { "", "{", "{}x", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "1.",
		"-", ".5", "1e5", "99999999999999999999", "\"\\u0000\"", "\"\\x\"", "\"\\ud800\"", "\"\x01\"",
		"\"\xFF\"", "\"a", "tru", "{1:2}", "{\"\\u0061\":1,\"a\":2}", "[1 2]", "\"\\u00" };
	(void)state;
	for (size_t i = 0; i < LEN(html); i++)
		if (sound_html(str_of(html[i]), element))
			fail_msg("%s", html[i]);
	for (size_t i = 0; i < LEN(json); i++)
		if (sound_json(str_of(json[i])))
			fail_msg("%s", json[i]);
	struct buf deep;
	buf_init(&deep, 1000);
	for (int i = 0; i < 65; i++)
		buf_putc(&deep, '[');
	for (int i = 0; i < 65; i++)
		buf_putc(&deep, ']');
	assert_false(sound_json(buf_str(&deep)));
	buf_release(&deep);
}

/* Bytes of `body`, one in STEP, replaced by each of a few. With 1 it takes half a minute. */
#define STEP 41

static void
spoil_each_byte(struct arena *a, struct str body, bool is_html)
{
	static const char spoilers[] = "<>&\"'/=-!? x\x01\x80\xFF{}[],:\\0]";
	struct str copy = arena_copy(a, body);
	char *p = (char *)copy.p;
	size_t taken = 0;
	for (size_t i = 0; i < body.n; i += STEP) {
		for (size_t k = 0; k < sizeof spoilers - 1; k++) {
			p[i] = spoilers[k];
			if (!(is_html ? sound_html(copy, any_element) : sound_json(copy)))
				continue;
			taken++;
			if (!(is_html ? libxml2_takes(copy) : jansson_takes(copy)))
				fail_msg("'%c' at %zu: %.*s", spoilers[k], i, (int)(i < 40 ? i : 40) + 20,
				    p + (i < 40 ? 0 : i - 40));
		}
		p[i] = body.p[i];
	}
	assert_true(taken > 0);
}

static void
what_the_templates_make_is_sound_and_spoiled_it_is_judged_alike(void **state)
{
	struct render_case *c = render_case(*state, NULL);
	const struct document *d = document_named(c, "sports-en-us-final");
	const struct rendered *r = bundle_of(c, &d, 1);
	size_t pages = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct rendered_file *f = &r->file[i];
		bool is_html = str_starts(f->type, STR("text/html"));
		if (f->document.n == 0 || !(is_html || str_ends(f->type, STR("json"))))
			continue;
		if (!(is_html ? sound_html(f->body, any_element) : sound_json(f->body)))
			fail_msg("%.*s is not taken at once", STR_ARG(f->path));
		spoil_each_byte(*state, f->body, is_html);
		pages++;
	}
	assert_true(pages >= 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_output_is_taken_at_once),
		TEST(what_is_in_doubt_is_left_to_others),
		TEST(what_the_templates_make_is_sound_and_spoiled_it_is_judged_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
