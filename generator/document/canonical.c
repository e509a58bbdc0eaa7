#include "generator/document/canonical.h"

#include "base/clock.h"
#include "generator/document/markup.h"

struct reader {
	struct arena *arena;
	const struct schema *schema;
	struct str s;
	size_t at;
	unsigned depth;
};

static void
put_tag(struct buf *out, const char *open, struct str name)
{
	buf_put(out, str_of(open));
	buf_put(out, name);
	buf_putc(out, '>');
}

void
canonical_put(struct buf *out, const struct node *n, struct str name)
{
	put_tag(out, "<", name);
	if (n->kind == NODE_MARKUP)
		buf_put(out, n->text);
	else
		markup_put_text(out, n->text);
	for (const struct node *c = n->first; c != NULL; c = c->next)
		canonical_put(out, c, n->kind == NODE_LIST ? STR("item") : c->name);
	put_tag(out, "</", name);
}

void
canonical_outline(const struct document *d, struct buf *out)
{
	put_tag(out, "<", STR("document"));
	for (const struct node *c = d->root->first; c != NULL; c = c->next)
		if (!canonical_is_bulk(c->name))
			canonical_put(out, c, c->name);
	put_tag(out, "</", STR("document"));
	buf_putc(out, '\n');
}

bool
canonical_is_bulk(struct str name)
{
	return str_eq(name, STR("facts")) || str_eq(name, STR("prose"))
	    || str_eq(name, STR("sources"));
}

static bool
looking_at(const struct reader *r, struct str what)
{
	return r->s.n - r->at >= what.n && memcmp(r->s.p + r->at, what.p, what.n) == 0;
}

static bool
take(struct reader *r, struct str what)
{
	if (!looking_at(r, what))
		return false;
	r->at += what.n;
	return true;
}

/* Up to the next `c`, which is passed. */
static bool
take_until(struct reader *r, char c, struct str *out)
{
	const char *from = r->s.p + r->at, *end = memchr(from, c, r->s.n - r->at);
	if (end == NULL)
		return false;
	*out = (struct str){ from, (size_t)(end - from) };
	r->at += out->n + 1;
	return true;
}

/* The four characters that markup_put_text escapes. */
static struct str
unescaped(struct arena *a, struct str s)
{
	static const struct {
		struct str name;
		char c;
	} known[] = { { STR_INIT("&amp;"), '&' }, { STR_INIT("&lt;"), '<' },
		{ STR_INIT("&gt;"), '>' }, { STR_INIT("&quot;"), '"' } };
	if (s.n == 0 || memchr(s.p, '&', s.n) == NULL)
		return s;
	char *p = ARENA_ARRAY(a, char, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n;) {
		size_t k = 0;
		struct str rest = { s.p + i, s.n - i };
		while (k < LEN(known) && !str_starts(rest, known[k].name))
			k++;
		p[n++] = k < LEN(known) ? known[k].c : s.p[i];
		i += k < LEN(known) ? known[k].name.n : 1;
	}
	return (struct str){ p, n };
}

/* Up to the end tag that belongs to the start tag just read, which is passed. */
static bool
take_markup(struct reader *r, struct str name, struct str *out)
{
	const size_t from = r->at;
	for (unsigned depth = 1; r->at < r->s.n;) {
		struct str before, tag;
		if (!take_until(r, '<', &before) || !take_until(r, '>', &tag))
			return false;
		bool ends = str_starts(tag, STR("/"));
		struct str rest, bare = ends ? (struct str){ tag.p + 1, tag.n - 1 }
		                             : str_cut(tag, ' ', &rest);
		if (!str_eq(bare, name))
			continue;
		depth = ends ? depth - 1 : depth + 1;
		if (depth == 0) {
			*out = (struct str){ r->s.p + from, (size_t)(tag.p - 1 - (r->s.p + from)) };
			return true;
		}
	}
	return false;
}

static bool read_element(struct reader *, struct node *parent);

static bool
take_end(struct reader *r, struct str name)
{
	return take(r, STR("</")) && take(r, name) && take(r, STR(">"));
}

static bool
all_items(const struct node *parent)
{
	for (const struct node *c = parent->first; c != NULL; c = c->next)
		if (!str_eq(c->name, STR("item")))
			return false;
	return true;
}

/* Child elements up to the end tag. */
static bool
read_children(struct reader *r, struct node *n, struct str name)
{
	while (!looking_at(r, STR("</")))
		if (!read_element(r, n))
			return false;
	if (all_items(n)) {
		n->kind = NODE_LIST;
		for (struct node *c = n->first; c != NULL; c = c->next)
			c->name = STR("");
	}
	return take_end(r, name);
}

static bool
read_content(struct reader *r, struct node *parent, struct str name, struct node **out)
{
	struct str text;
	if (schema_is_markup(r->schema, name)) {
		if (!take_markup(r, name, &text))
			return false;
		*out = node_add(r->arena, parent, NODE_MARKUP, name, text);
		return true;
	}
	if (looking_at(r, STR("<")) && !looking_at(r, STR("</"))) {
		*out = node_add(r->arena, parent, NODE_OBJECT, name, STR(""));
		return read_children(r, *out, name);
	}
	if (!take_until(r, '<', &text))
		return false;
	r->at--;
	text = unescaped(r->arena, text);
	*out = node_add(r->arena, parent, scalar_kind(text), name, text);
	return take_end(r, name);
}

static bool
read_element(struct reader *r, struct node *parent)
{
	struct str name;
	struct node *n;
	if (r->depth == DOCUMENT_DEPTH || !take(r, STR("<")) || !take_until(r, '>', &name))
		return false;
	r->depth++;
	bool ok = read_content(r, parent, name, &n);
	r->depth--;
	return ok;
}

static bool
read_root(struct reader *r, struct node **out)
{
	*out = node_add(r->arena, NULL, NODE_OBJECT, STR(""), STR(""));
	return take(r, STR("<document>")) && read_children(r, *out, STR("document"))
	    && take(r, STR("\n")) && r->at == r->s.n && (*out)->kind == NODE_OBJECT;
}

bool
canonical_restore(struct arena *a, const struct schemas *schemas, struct str text,
    struct document *out, struct err *err)
{
	struct reader r = { .arena = a, .s = text };
	struct node *root;
	r.schema = schemas_find(schemas, out->vertical);
	if (!read_root(&r, &root)
	    || !time_parse(node_text_at(root, "updated"), &out->updated, err)
	    || !time_parse(node_text_at(root, "expires"), &out->expires, err))
		return err_set(err, ERR_UNTRUSTED, "'%.*s': not the form in which documents are "
		    "stored", STR_ARG(out->id));
	out->root = root;
	out->title = node_text_at(root, "title");
	return true;
}
