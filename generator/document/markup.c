#include "generator/document/markup.h"

#include "generator/document/xmlread.h"

enum place {
	BLOCK,  /* begins and ends a line of text */
	BOX,    /* holds elements only */
	INLINE,
	BREAK,
};

static const struct tag {
	const char *name;
	enum place place;
} tags[] = {
	{ "p", BLOCK }, { "h2", BLOCK }, { "h3", BLOCK }, { "li", BLOCK }, { "th", BLOCK },
	{ "td", BLOCK }, { "ul", BOX }, { "ol", BOX }, { "blockquote", BOX }, { "table", BOX },
	{ "thead", BOX }, { "tbody", BOX }, { "tr", BOX }, { "a", INLINE }, { "strong", INLINE },
	{ "em", INLINE }, { "b", INLINE }, { "i", INLINE }, { "span", INLINE }, { "br", BREAK },
};

static const char *const attributes[] = { "href", "hreflang", "lang", "dir" };

struct writer {
	struct buf *out;
	bool at_start; /* of a line of text, or behind a blank: a blank here is dropped */
	bool blank;    /* one was read and not yet written */
};

static const struct tag *
tag_of(const xmlNode *n)
{
	for (size_t i = 0; i < LEN(tags); i++)
		if (xmlStrEqual(n->name, (const xmlChar *)tags[i].name))
			return &tags[i];
	return NULL;
}

static void
put_escaped(struct buf *out, char c)
{
	switch (c) {
	case '&':
		buf_put(out, STR("&amp;"));
		return;
	case '<':
		buf_put(out, STR("&lt;"));
		return;
	case '>':
		buf_put(out, STR("&gt;"));
		return;
	case '"':
		buf_put(out, STR("&quot;"));
		return;
	default:
		buf_putc(out, c);
	}
}

void
markup_put_text(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		put_escaped(out, s.p[i]);
}

static void
flush_blank(struct writer *w)
{
	if (w->blank && !w->at_start) {
		buf_putc(w->out, ' ');
		w->at_start = true;
	}
	w->blank = false;
}

static void
line_start(struct writer *w)
{
	w->at_start = true;
	w->blank = false;
}

static void
put_inline_text(struct writer *w, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r') {
			w->blank = true;
			continue;
		}
		flush_blank(w);
		put_escaped(w->out, s.p[i]);
		w->at_start = false;
	}
}

static void
put_attributes(struct buf *out, const xmlNode *n)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < LEN(attributes); i++) {
		xmlChar *z = xmlGetNoNsProp((xmlNode *)n, (const xmlChar *)attributes[i]);
		if (z == NULL)
			continue;
		buf_printf(out, " %s=\"", attributes[i]);
		markup_put_text(out, text_collapse(a, str_of((const char *)z)));
		buf_putc(out, '"');
		xmlFree(z);
	}
	arena_free(a);
}

static void put_children(struct writer *, const xmlNode *, bool text_too);

static void
put_element(struct writer *w, const xmlNode *n)
{
	const struct tag *t = tag_of(n);

	if (t == NULL)
		return;
	if (t->place == INLINE)
		flush_blank(w);
	else
		line_start(w);
	buf_printf(w->out, "<%s", t->name);
	if (n->properties != NULL)
		put_attributes(w->out, n);
	if (t->place == BREAK) {
		buf_put(w->out, STR("/>"));
		return;
	}
	buf_putc(w->out, '>');
	put_children(w, n, t->place != BOX);
	if (t->place != INLINE)
		line_start(w);
	buf_printf(w->out, "</%s>", t->name);
}

/* Depth is bounded by the reader. */
static void
put_children(struct writer *w, const xmlNode *parent, bool text_too)
{
	for (const xmlNode *n = parent->children; n != NULL; n = n->next) {
		if (n->type == XML_ELEMENT_NODE)
			put_element(w, n);
		else if (text_too && n->content != NULL)
			put_inline_text(w, str_of((const char *)n->content));
	}
}

void
markup_put(struct buf *out, const xmlNode *container)
{
	struct writer w = { .out = out, .at_start = true };

	put_children(&w, container, false);
}
