/*
 * Whatever a document says, the gates come to a verdict, the same one each time, in words that
 * can be printed. The first byte chooses the locale; the lines are title, a fact that is a
 * text, a fact that is a number, and the prose.
 */
#include "generator/gate/gate.h"
#include "tests/fuzz/fuzz.h"

static const char *const locales[] = { "en-us", "fr-fr", "de-de", "ja-jp", "ar-sa", "es-es",
	"zh-hans-cn", "hi-in", "th-th", "xx" };

static void
add(struct arena *a, struct node *to, enum node_kind kind, const char *name, struct str text)
{
	(void)node_add(a, to, kind, str_of(name), text);
}

static void
build(struct arena *a, struct str text, struct document *d)
{
	size_t which = text.n > 0 ? (unsigned char)text.p[0] % LEN(locales) : 0;
	struct str rest = text.n > 0 ? (struct str){ text.p + 1, text.n - 1 } : text;
	struct str title = str_cut(rest, '\n', &rest), words = str_cut(rest, '\n', &rest);
	struct str number = str_cut(rest, '\n', &rest);
	struct node *root = node_add(a, NULL, NODE_OBJECT, STR(""), STR(""));
	add(a, root, NODE_TEXT, "title", title);
	add(a, root, NODE_TEXT, "summary", STR("A summary."));
	add(a, root, NODE_MARKUP, "prose", rest.p == NULL ? STR("") : rest);
	struct node *facts = node_add(a, root, NODE_OBJECT, STR("facts"), STR(""));
	add(a, facts, NODE_TEXT, "name", words);
	add(a, facts, NODE_TEXT, "zone", STR("Europe/Berlin"));
	add(a, facts, NODE_TEXT, "day", STR("2026-11-20"));
	if (text_is_number(number))
		add(a, facts, NODE_NUMBER, "value", number);
	struct node *source = node_add(a, node_add(a, root, NODE_LIST, STR("sources"), STR("")), NODE_OBJECT,
	    STR(""), STR(""));
	add(a, source, NODE_TEXT, "excerpt", words);
	*d = (struct document){ .vertical = STR("fuzz"), .locale = str_of(locales[which]),
		.id = STR("one"), .title = title, .updated = 1795197600, .expires = 1795284000,
		.root = root, .raw = { .where = STR("fuzz"), .line = 1 } };
}

static void
judge(struct arena *a, struct str text, struct buf *said)
{
	struct policy p;
	struct err e = { 0 };
	struct document d;
	struct findings f = { .arena = a };
	PROMISE(policy_parse(a, "fuzz.ini", STR("[forbidden]\nall = gale\n[grounding]\nallow = 24\n"
	    "[disclaimer]\nrequired = facts.name\n[quotes]\nwords = 1\n[copied]\nwords = 2\n"
	    "[review]\nall = storm\n[length ja]\ntitle_max = 9\n[units]\nvalue = celsius\n"), &p, &e));
	build(a, text, &d);
	gates_judge(a, &d, &p, NULL, 1795200000, &f);
	for (size_t i = 0; i < f.n; i++) {
		PROMISE(str_is_utf8(f.item[i].text) && f.item[i].text.n > 0);
		PROMISE(f.item[i].severity != SEVERITY_OFF && f.item[i].remedy != NULL);
		PROMISE(memchr(f.item[i].text.p, '\n', f.item[i].text.n) == NULL);
		buf_put(said, str_of(f.item[i].gate));
		buf_put(said, f.item[i].element);
		buf_put(said, f.item[i].text);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct str text = { (const char *)bytes, n };
	struct buf *first = buf_in(a, 1 << 20), *second = buf_in(a, 1 << 20);
	/* document_read lets nothing else through. */
	if (str_is_utf8(text) && n <= 16384) {
		judge(a, text, first);
		judge(a, text, second);
		PROMISE(str_eq(buf_str(first), buf_str(second)));
	}
	arena_free(a);
	return 0;
}
