#include "generator/document/node.h"

#include <assert.h>

#define NUMBER_LENGTH_MAX 18 /* what every JSON reader takes; longer digits are text */

struct node *
node_add(struct arena *a, struct node *parent, enum node_kind kind, struct str name,
    struct str text)
{
	struct node *n = ARENA_NEW(a, struct node);

	n->kind = kind;
	n->name = name;
	n->text = text;
	if (parent == NULL)
		return n;
	assert(parent->kind == NODE_LIST || parent->kind == NODE_OBJECT);
	if (parent->last != NULL)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	parent->count++;
	return n;
}

const struct node *
node_get(const struct node *object, struct str name)
{
	if (object == NULL || object->kind != NODE_OBJECT)
		return NULL;
	for (const struct node *n = object->first; n != NULL; n = n->next)
		if (str_eq(n->name, name))
			return n;
	return NULL;
}

static const struct node *
item_at(const struct node *list, struct str position)
{
	uint64_t i;

	if (!str_to_u64(position, &i) || i >= list->count)
		return NULL;
	const struct node *n = list->first;
	while (i-- > 0)
		n = n->next;
	return n;
}

const struct node *
node_at(const struct node *n, struct str dotted)
{
	struct str rest = dotted;

	while (n != NULL && rest.p != NULL) {
		struct str step = str_cut(rest, '.', &rest);
		n = n->kind == NODE_LIST ? item_at(n, step) : node_get(n, step);
	}
	return n;
}

struct str
node_text_at(const struct node *root, const char *dotted)
{
	const struct node *n = node_at(root, str_of(dotted));

	return n != NULL ? n->text : STR("");
}

void
node_to_json(const struct node *n, struct buf *out)
{
	bool named = n->kind == NODE_OBJECT;

	switch (n->kind) {
	case NODE_NULL:
		buf_put(out, STR("null"));
		return;
	case NODE_BOOL:
	case NODE_NUMBER:
		buf_put(out, n->text);
		return;
	case NODE_TEXT:
	case NODE_MARKUP:
		json_quote(out, n->text);
		return;
	case NODE_LIST:
	case NODE_OBJECT:
		break;
	}
	buf_putc(out, named ? '{' : '[');
	for (const struct node *c = n->first; c != NULL; c = c->next) {
		if (c != n->first)
			buf_putc(out, ',');
		if (named) {
			json_quote(out, c->name);
			buf_putc(out, ':');
		}
		node_to_json(c, out);
	}
	buf_putc(out, named ? '}' : ']');
}

/* Skip digits from `i`; the position behind them. */
static size_t
digits_end(struct str s, size_t i)
{
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

bool
text_is_number(struct str s)
{
	size_t i = s.n > 0 && s.p[0] == '-' ? 1 : 0;
	size_t end = digits_end(s, i);

	if (end == i || (s.p[i] == '0' && end > i + 1))
		return false;
	i = end;
	if (i < s.n && s.p[i] == '.') {
		end = digits_end(s, i + 1);
		if (end == i + 1)
			return false;
		i = end;
	}
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		end = digits_end(s, i);
		if (end == i)
			return false;
		i = end;
	}
	return i == s.n;
}

enum node_kind
scalar_kind(struct str s)
{
	if (str_eq(s, STR("true")) || str_eq(s, STR("false")))
		return NODE_BOOL;
	bool number = s.n <= NUMBER_LENGTH_MAX && text_is_number(s)
	    && memchr(s.p, 'e', s.n) == NULL && memchr(s.p, 'E', s.n) == NULL;
	return number ? NODE_NUMBER : NODE_TEXT;
}
