#include "generator/gate/reading.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#define PROSE_FLAGS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

struct maker {
	struct arena *arena;
	struct passage *passage;
	size_t passages, passages_room;
	struct reading_link *link;
	size_t links, links_room;
	struct reading_block *block;
	size_t blocks, blocks_room;
	unsigned line; /* of the prose element, on which the fragment's first line stands */
};

static void
close_xml(void *doc)
{
	xmlFreeDoc(doc);
}

static bool
is_inline(const xmlNode *x)
{
	static const char *const name[] = { "strong", "em", "a", "b", "i", "span", "br", "sub",
		"sup", "code", "abbr", "time" };
	for (size_t i = 0; i < LEN(name); i++)
		if (strcmp((const char *)x->name, name[i]) == 0)
			return true;
	return false;
}

static void
collect(const xmlNode *x, bool inline_only, struct buf *out)
{
	for (const xmlNode *c = x->children; c != NULL; c = c->next) {
		if (c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE)
			buf_put(out, str_of((const char *)c->content));
		else if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, "br") == 0)
			buf_putc(out, ' ');
		else if (c->type == XML_ELEMENT_NODE && (!inline_only || is_inline(c)))
			collect(c, inline_only, out);
	}
}

static struct str
text_of(struct maker *m, const xmlNode *x, bool inline_only)
{
	struct buf b;
	buf_init(&b, DOCUMENT_MAX);
	collect(x, inline_only, &b);
	struct str text = arena_copy(m->arena, buf_str(&b));
	buf_release(&b);
	return text;
}

/* Positions among the siblings of one name, from 1: as XPath counts. */
struct positions {
	const xmlChar *name[24]; /* interned by the parser's dictionary */
	unsigned count[24];
	size_t n;
};

static unsigned
position(struct positions *p, const xmlChar *name)
{
	size_t i = 0;
	while (i < p->n && !xmlStrEqual(p->name[i], name))
		i++;
	if (i == LEN(p->name))
		return 1; /* more kinds of element than any schema of ours allows */
	if (i == p->n)
		p->name[p->n++] = name;
	return ++p->count[i];
}

static unsigned
line_of(const struct maker *m, const xmlNode *x)
{
	long line = xmlGetLineNo(x);
	return m->line == 0 || line < 1 ? 0 : m->line + (unsigned)line - 1;
}

static void
add_passage(struct maker *m, enum passage_kind kind, struct str element, struct str text,
    unsigned line)
{
	if (str_trim(text).n == 0)
		return;
	ARENA_GROW(m->arena, m->passage, m->passages, m->passages_room);
	m->passage[m->passages++] = (struct passage){ kind, element, text, line };
}

static void
add_link(struct maker *m, const xmlNode *x, struct str element)
{
	xmlChar *href = xmlGetNoNsProp(x, BAD_CAST "href");
	struct reading_link l = { .element = element, .text = text_of(m, x, false),
		.line = line_of(m, x) };
	if (href != NULL)
		l.href = arena_copy(m->arena, str_of((const char *)href));
	xmlFree(href);
	ARENA_GROW(m->arena, m->link, m->links, m->links_room);
	m->link[m->links++] = l;
}

static void walk(struct maker *, const xmlNode *, struct str path, unsigned depth);

static void
walk_element(struct maker *m, const xmlNode *x, struct str path, unsigned nth, unsigned depth)
{
	struct str at = arena_printf(m->arena, "%.*s/%s[%u]", STR_ARG(path),
	    (const char *)x->name, nth);
	if (strcmp((const char *)x->name, "a") == 0)
		add_link(m, x, at);
	if (!is_inline(x)) {
		ARENA_GROW(m->arena, m->block, m->blocks, m->blocks_room);
		m->block[m->blocks++] = (struct reading_block){ at,
			arena_copy(m->arena, str_of((const char *)x->name)), depth,
			str_trim(text_of(m, x, false)).n == 0, line_of(m, x) };
		add_passage(m, PASSAGE_PROSE, at, text_of(m, x, true), line_of(m, x));
	}
	walk(m, x, at, depth + 1);
}

static void
walk(struct maker *m, const xmlNode *x, struct str path, unsigned depth)
{
	if (depth > DOCUMENT_DEPTH)
		return;
	struct positions p = { .n = 0 };
	for (const xmlNode *c = x->children; c != NULL; c = c->next)
		if (c->type == XML_ELEMENT_NODE)
			walk_element(m, c, path, position(&p, c->name), depth);
}

/* The fragment is our own serialisation of what the schema let pass; it is parsed as
 * carefully as foreign bytes all the same. */
static bool
read_prose(struct maker *m, const struct node *prose)
{
	struct str text = arena_printf(m->arena, "<prose>%.*s</prose>", STR_ARG(prose->text));
	xmlDoc *doc = xmlReadMemory(text.p, (int)text.n, NULL, "UTF-8", PROSE_FLAGS);
	if (doc == NULL)
		return false;
	arena_defer(m->arena, close_xml, doc);
	const xmlNode *root = xmlDocGetRootElement(doc);
	if (root == NULL || doc->intSubset != NULL)
		return false;
	m->line = prose->line;
	add_passage(m, PASSAGE_PROSE, STR("prose"), text_of(m, root, true), prose->line);
	walk(m, root, STR("prose"), 1);
	return true;
}

static void
add_node(struct maker *m, enum passage_kind kind, const struct node *n, struct str element)
{
	if (n != NULL)
		add_passage(m, kind, element, n->text, n->line);
}

void
reading_make(struct arena *a, const struct document *d, struct reading *out)
{
	struct maker m = { .arena = a };
	const struct node *prose = node_get(d->root, STR("prose"));
	add_node(&m, PASSAGE_TITLE, node_get(d->root, STR("title")), STR("title"));
	add_node(&m, PASSAGE_SUMMARY, node_get(d->root, STR("summary")), STR("summary"));
	add_node(&m, PASSAGE_ALT, node_at(d->root, STR("image.alt")), STR("image/alt"));
	bool ok = prose == NULL || prose->text.n == 0 || read_prose(&m, prose);
	*out = (struct reading){ m.passage, m.passages, m.link, m.links, m.block, m.blocks, !ok };
}

struct leaves {
	struct arena *arena;
	struct leaf *leaf;
	size_t n, room;
};

static void
leaves_walk(struct leaves *l, const struct node *grand, const struct node *parent,
    const struct node *n, struct str path, unsigned depth)
{
	if (n->kind != NODE_OBJECT && n->kind != NODE_LIST) {
		ARENA_GROW(l->arena, l->leaf, l->n, l->room);
		l->leaf[l->n++] = (struct leaf){ n, parent, grand, path };
		return;
	}
	size_t i = 0;
	for (const struct node *c = n->first; c != NULL && depth < DOCUMENT_DEPTH; c = c->next) {
		struct str at = n->kind == NODE_LIST
		    ? arena_printf(l->arena, "%.*s/item[%zu]", STR_ARG(path), ++i)
		    : arena_printf(l->arena, "%.*s%s%.*s", STR_ARG(path), path.n ? "/" : "",
			STR_ARG(c->name));
		leaves_walk(l, parent, n, c, at, depth + 1);
	}
}

void
leaves_make(struct arena *a, const struct node *node, struct str path, const struct leaf **out,
    size_t *count)
{
	struct leaves l = { .arena = a };
	if (node != NULL)
		leaves_walk(&l, NULL, NULL, node, path, 0);
	*out = l.leaf;
	*count = l.n;
}
