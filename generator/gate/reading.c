#include "generator/gate/reading.h"

#include <stdio.h>

/* What the prose consists of: an element, or a text between tags (its name is empty). */
struct piece {
	struct str name, text;
	struct str href; /* of an element; p == NULL: none */
	struct piece *first, *last, *next;
};

struct maker {
	struct arena *arena;
	struct str rest; /* of the prose, while it is read */
	struct passage *passage;
	size_t passages, passages_room;
	struct reading_link *link;
	size_t links, links_room;
	struct reading_block *block;
	size_t blocks, blocks_room;
	struct leaf *leaf;
	size_t leaves, leaves_room;
	unsigned line; /* of the prose element; its content is one line */
};

static bool
take(struct maker *m, struct str what)
{
	if (!str_starts(m->rest, what))
		return false;
	m->rest.p += what.n;
	m->rest.n -= what.n;
	return true;
}

/* What stands before the first of `ends`, which must come; with references resolved. */
static bool
take_text(struct maker *m, const char *ends, struct str *out)
{
	static const struct {
		struct str name;
		char c;
	} known[] = { { STR_INIT("&amp;"), '&' }, { STR_INIT("&lt;"), '<' }, { STR_INIT("&gt;"), '>' },
		{ STR_INIT("&quot;"), '"' } };
	size_t n = 0, used = 0;
	while (n < m->rest.n && strchr(ends, m->rest.p[n]) == NULL)
		n++;
	if (n == m->rest.n)
		return false;
	char *p = ARENA_ARRAY(m->arena, char, n + 1);
	for (size_t i = 0; i < n;) {
		struct str at = { m->rest.p + i, n - i };
		size_t k = 0;
		while (at.p[0] == '&' && k < LEN(known) && !str_starts(at, known[k].name))
			k++;
		if (k == LEN(known))
			return false;
		p[used++] = at.p[0] == '&' ? known[k].c : at.p[0];
		i += at.p[0] == '&' ? known[k].name.n : 1;
	}
	m->rest.p += n;
	m->rest.n -= n;
	*out = (struct str){ p, used };
	return true;
}

static struct str
take_name(struct maker *m)
{
	size_t n = 0;
	while (n < m->rest.n && ((m->rest.p[n] >= 'a' && m->rest.p[n] <= 'z')
	    || (n > 0 && m->rest.p[n] >= '0' && m->rest.p[n] <= '9')))
		n++;
	struct str name = { m->rest.p, n };
	m->rest.p += n;
	m->rest.n -= n;
	return name;
}

static struct piece *
add_piece(struct maker *m, struct piece *parent)
{
	struct piece *x = ARENA_NEW(m->arena, struct piece);
	if (parent->last != NULL)
		parent->last->next = x;
	else
		parent->first = x;
	parent->last = x;
	return x;
}

static bool take_content(struct maker *, struct piece *, unsigned depth);

/* Behind "<": a tag as markup_put writes it, and all up to its end tag. */
static bool
take_element(struct maker *m, struct piece *x, unsigned depth)
{
	x->name = take_name(m);
	while (take(m, STR(" "))) {
		struct str name = take_name(m), value;
		if (name.n == 0 || !take(m, STR("=\"")) || !take_text(m, "\"", &value)
		    || !take(m, STR("\"")))
			return false;
		if (str_eq(name, STR("href")))
			x->href = value;
	}
	if (x->name.n == 0 || depth > DOCUMENT_DEPTH)
		return false;
	if (take(m, STR("/>")))
		return true;
	return take(m, STR(">")) && take_content(m, x, depth + 1) && take(m, STR("</"))
	    && take(m, x->name) && take(m, STR(">"));
}

/* All up to an end tag, or to the end. */
static bool
take_content(struct maker *m, struct piece *parent, unsigned depth)
{
	while (m->rest.n > 0 && !str_starts(m->rest, STR("</"))) {
		struct piece *x = add_piece(m, parent);
		bool ok = take(m, STR("<")) ? take_element(m, x, depth) : take_text(m, "<", &x->text);
		if (!ok)
			return false;
	}
	return true;
}

static bool
is_inline(const struct piece *x)
{
	static const struct str name[] = { STR_INIT("strong"), STR_INIT("em"), STR_INIT("a"),
		STR_INIT("b"), STR_INIT("i"), STR_INIT("span"), STR_INIT("br"), STR_INIT("sub"),
		STR_INIT("sup"), STR_INIT("code"), STR_INIT("abbr"), STR_INIT("time") };
	for (size_t i = 0; i < LEN(name); i++)
		if (str_eq(x->name, name[i]))
			return true;
	return false;
}

/* The text within, written to `to` unless that is NULL; its length. */
static size_t
collect(const struct piece *x, bool inline_only, char *to)
{
	size_t n = 0;
	for (const struct piece *c = x->first; c != NULL; c = c->next) {
		char *at = to == NULL ? NULL : to + n;
		if (c->name.n == 0) {
			if (at != NULL)
				memcpy(at, c->text.p, c->text.n);
			n += c->text.n;
		} else if (str_eq(c->name, STR("br"))) {
			if (at != NULL)
				*at = ' ';
			n++;
		} else if (!inline_only || is_inline(c)) {
			n += collect(c, inline_only, at);
		}
	}
	return n;
}

static struct str
text_of(struct maker *m, const struct piece *x, bool inline_only)
{
	size_t n = collect(x, inline_only, NULL);
	char *p = ARENA_ARRAY(m->arena, char, n + 1);
	(void)collect(x, inline_only, p);
	return (struct str){ p, n };
}

/* Positions among the siblings of one name, from 1: as XPath counts. */
struct positions {
	struct str name[24];
	unsigned count[24];
	size_t n;
};

static unsigned
position(struct positions *p, struct str name)
{
	size_t i = 0;
	while (i < p->n && !str_eq(p->name[i], name))
		i++;
	if (i == LEN(p->name))
		return 1; /* more kinds of element than any schema of ours allows */
	if (i == p->n)
		p->name[p->n++] = name;
	return ++p->count[i];
}

/* "path/name[2]", without the brackets for 0. */
static struct str
path_to(struct arena *a, struct str path, struct str name, size_t nth)
{
	char number[24] = "";
	size_t slash = path.n > 0, n = 0;
	if (nth > 0)
		n = (size_t)snprintf(number, sizeof number, "[%zu]", nth);
	char *p = ARENA_ARRAY(a, char, path.n + slash + name.n + n + 1);
	memcpy(p, path.p, path.n);
	memcpy(p + path.n, "/", slash);
	memcpy(p + path.n + slash, name.p, name.n);
	memcpy(p + path.n + slash + name.n, number, n);
	return (struct str){ p, path.n + slash + name.n + n };
}

static void
add_passage(struct maker *m, enum passage_kind kind, struct str element, struct str text,
    unsigned line)
{
	if (str_trim(text).n == 0)
		return;
	ARENA_GROW(m->arena, m->passage, m->passages, m->passages_room);
	m->passage[m->passages++] =
	    (struct passage){ kind, element, text, line, plain_forms(m->arena, text) };
}

static void walk(struct maker *, const struct piece *, struct str path, unsigned depth);

static void
walk_element(struct maker *m, const struct piece *x, struct str path, unsigned nth,
    unsigned depth)
{
	struct str at = path_to(m->arena, path, x->name, nth);
	if (str_eq(x->name, STR("a"))) {
		ARENA_GROW(m->arena, m->link, m->links, m->links_room);
		m->link[m->links++] =
		    (struct reading_link){ at, x->href, text_of(m, x, false), m->line };
	}
	if (!is_inline(x)) {
		ARENA_GROW(m->arena, m->block, m->blocks, m->blocks_room);
		m->block[m->blocks++] = (struct reading_block){ at, x->name, depth,
			str_trim(text_of(m, x, false)).n == 0, m->line };
		add_passage(m, PASSAGE_PROSE, at, text_of(m, x, true), m->line);
	}
	walk(m, x, at, depth + 1);
}

static void
walk(struct maker *m, const struct piece *x, struct str path, unsigned depth)
{
	struct positions p = { .n = 0 };
	for (const struct piece *c = x->first; c != NULL; c = c->next)
		if (c->name.n > 0)
			walk_element(m, c, path, position(&p, c->name), depth);
}

/* The prose is what markup_put wrote of what the schema let pass: its few forms, and nothing
 * else, are read here. */
static bool
read_prose(struct maker *m, const struct node *prose)
{
	struct piece root = { .name = STR("prose") };
	m->rest = prose->text;
	m->line = prose->line;
	if (!take_content(m, &root, 1) || m->rest.n > 0)
		return false;
	add_passage(m, PASSAGE_PROSE, STR("prose"), text_of(m, &root, true), prose->line);
	walk(m, &root, STR("prose"), 1);
	return true;
}

static void
add_node(struct maker *m, enum passage_kind kind, const struct node *n, struct str element)
{
	if (n != NULL)
		add_passage(m, kind, element, n->text, n->line);
}

static void
add_leaf(struct maker *m, struct leaf leaf)
{
	if (leaf.node->kind == NODE_TEXT)
		leaf.forms = plain_forms(m->arena, leaf.node->text);
	ARENA_GROW(m->arena, m->leaf, m->leaves, m->leaves_room);
	m->leaf[m->leaves++] = leaf;
}

static void
add_leaves(struct maker *m, const struct node *grand, const struct node *parent,
    const struct node *n, struct str path, unsigned depth)
{
	if (n->kind != NODE_OBJECT && n->kind != NODE_LIST) {
		add_leaf(m, (struct leaf){ .node = n, .parent = parent, .grand = grand, .path = path });
		return;
	}
	bool is_list = n->kind == NODE_LIST;
	size_t i = 0;
	for (const struct node *c = n->first; c != NULL && depth < DOCUMENT_DEPTH; c = c->next, i++)
		add_leaves(m, parent, n, c, path_to(m->arena, path, is_list ? STR("item") : c->name,
		    is_list ? i + 1 : 0), depth + 1);
}

void
reading_make(struct arena *a, const struct document *d, struct reading *out)
{
	struct maker m = { .arena = a };
	const struct node *prose = node_get(d->root, STR("prose"));
	add_node(&m, PASSAGE_TITLE, node_get(d->root, STR("title")), STR("title"));
	add_node(&m, PASSAGE_SHORT, node_get(d->root, STR("short-title")), STR("short-title"));
	add_node(&m, PASSAGE_SUMMARY, node_get(d->root, STR("summary")), STR("summary"));
	add_node(&m, PASSAGE_ALT, node_at(d->root, STR("image.alt")), STR("image/alt"));
	bool ok = prose == NULL || prose->text.n == 0 || read_prose(&m, prose);
	add_leaves(&m, NULL, NULL, d->root, STR(""), 0);
	*out = (struct reading){ m.passage, m.passages, m.link, m.links, m.block, m.blocks, m.leaf,
		m.leaves, !ok };
}
