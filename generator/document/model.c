#include "generator/document/model.h"

#include "base/buf.h"

#define SAYS_MAX 4096
#define BASES_MAX 16 /* of an extension chain: an XSD may be wrong in a circle */

static struct model_type *read_type(struct model *, const xmlNode *, struct str name);

static struct str
attribute(struct arena *a, const xmlNode *n, const char *name)
{
	xmlChar *z = xmlGetNoNsProp((xmlNode *)n, (const xmlChar *)name);
	struct str s = arena_copy(a, str_of(z ? (const char *)z : ""));

	xmlFree(z);
	return s;
}

static bool
is(const xmlNode *n, const char *local)
{
	return n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, (const xmlChar *)local);
}

static void
read_member(struct model *m, struct model_type *t, const xmlNode *n)
{
	struct arena *a = m->arena;
	struct member e = { .name = attribute(a, n, "name"), .type = attribute(a, n, "type") };
	struct str max = attribute(a, n, "maxOccurs");
	uint64_t u = 1;

	if (e.name.n == 0)
		return;
	e.required = !str_eq(attribute(a, n, "minOccurs"), STR("0"));
	if (max.n > 0 && !str_to_u64(max, &u))
		u = 0; /* unbounded */
	e.max = (unsigned)u;
	for (const xmlNode *c = n->children; c != NULL; c = c->next)
		if (is(c, "complexType") || is(c, "simpleType"))
			e.own = read_type(m, c, STR(""));
	ARENA_GROW(a, t->member, t->members, t->member_room);
	t->member[t->members++] = e;
}

static void
read_documentation(struct model *m, struct model_type *t, const xmlNode *annotation)
{
	for (const xmlNode *c = annotation->children; c != NULL; c = c->next)
		if (is(c, "documentation")) {
			xmlChar *z = xmlNodeGetContent(c);
			t->says = arena_copy(m->arena, str_trim(str_of((const char *)z)));
			xmlFree(z);
		}
}

/* Everything below a type's definition that says something about its content. */
static void
read_content(struct model *m, struct model_type *t, const xmlNode *parent)
{
	for (const xmlNode *n = parent->children; n != NULL; n = n->next) {
		if (is(n, "element")) {
			read_member(m, t, n);
		} else if (is(n, "annotation")) {
			read_documentation(m, t, n);
		} else if (is(n, "enumeration")) {
			ARENA_GROW(m->arena, t->value, t->values, t->value_room);
			t->value[t->values++] = attribute(m->arena, n, "value");
		} else if (n->type == XML_ELEMENT_NODE) {
			if (is(n, "all"))
				t->kind = TYPE_OBJECT;
			if (is(n, "extension") || is(n, "restriction"))
				t->base = attribute(m->arena, n, "base");
			read_content(m, t, n);
		}
	}
}

static struct model_type *
read_type(struct model *m, const xmlNode *n, struct str name)
{
	struct model_type *t = ARENA_NEW(m->arena, struct model_type);

	ARENA_GROW(m->arena, m->type, m->types, m->room);
	m->type[m->types++] = t;
	t->name = name;
	t->kind = is(n, "simpleType") ? TYPE_SIMPLE : TYPE_OTHER;
	read_content(m, t, n);
	if (t->kind == TYPE_OTHER && t->members == 1 && str_eq(t->member[0].name, STR("item")))
		t->kind = TYPE_LIST;
	return t;
}

void
model_add(struct model *m, const xmlNode *xs_schema)
{
	for (const xmlNode *n = xs_schema->children; n != NULL; n = n->next)
		if (is(n, "complexType") || is(n, "simpleType"))
			(void)read_type(m, n, attribute(m->arena, n, "name"));
}

const struct model_type *
model_type(const struct model *m, struct str name)
{
	for (size_t i = 0; name.n > 0 && i < m->types; i++)
		if (str_eq(m->type[i]->name, name))
			return m->type[i];
	return NULL;
}

const struct member *
model_member(const struct model *m, const struct model_type *t, struct str name)
{
	for (int i = 0; t != NULL && i < BASES_MAX; i++, t = model_type(m, t->base))
		for (size_t k = 0; k < t->members; k++)
			if (str_eq(t->member[k].name, name))
				return &t->member[k];
	return NULL;
}

const struct model_type *
model_of(const struct model *m, const xmlNode *element)
{
	const xmlNode *n = element;

	if (n == NULL || n->type != XML_ELEMENT_NODE)
		return NULL;
	if (n->parent == NULL || n->parent->type != XML_ELEMENT_NODE)
		return model_type(m, str_of((const char *)n->name));
	const struct member *e =
	    model_member(m, model_of(m, n->parent), str_of((const char *)n->name));
	if (e == NULL)
		return NULL;
	return e->own != NULL ? e->own : model_type(m, e->type);
}

static void
put_listed(struct buf *b, struct str s)
{
	if (b->n > 0)
		buf_put(b, STR(", "));
	buf_put(b, s);
}

struct str
model_says(const struct model *m, struct arena *a, const struct model_type *t)
{
	for (int i = 0; t != NULL && i < BASES_MAX; i++, t = model_type(m, t->base)) {
		if (t->says.n > 0)
			return t->says;
		if (t->values == 0)
			continue;
		struct buf *b = buf_in(a, SAYS_MAX);
		for (size_t k = 0; k < t->values; k++)
			put_listed(b, t->value[k]);
		return arena_printf(a, "one of: %.*s", STR_ARG(buf_str(b)));
	}
	return STR("");
}

struct str
model_names(const struct model *m, struct arena *a, const struct model_type *t)
{
	struct buf *b = buf_in(a, SAYS_MAX);

	for (int i = 0; t != NULL && i < BASES_MAX; i++, t = model_type(m, t->base))
		for (size_t k = 0; k < t->members; k++)
			put_listed(b, t->member[k].name);
	return buf_str(b);
}

static bool
names_have(const struct str *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

struct str *
model_elements(const struct model *m, struct arena *a, struct str type, size_t *n)
{
	struct str *names = NULL;
	size_t room = 0;

	*n = 0;
	for (size_t i = 0; i < m->types; i++)
		for (size_t k = 0; k < m->type[i]->members; k++) {
			struct member e = m->type[i]->member[k];
			if (!str_eq(e.type, type) || names_have(names, *n, e.name))
				continue;
			ARENA_GROW(a, names, *n, room);
			names[(*n)++] = e.name;
		}
	return names;
}

/* Is there a member of this name and another type than markup? Parts of markup itself do
 * not count: below a markup element nothing else is looked up. */
static bool
has_other_use(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->types; i++)
		for (size_t k = 0; k < m->type[i]->members; k++) {
			const struct member *e = &m->type[i]->member[k];
			if (str_eq(e->name, name) && !str_eq(e->type, STR("markup"))
			    && (m->type[i]->kind == TYPE_OBJECT || m->type[i]->kind == TYPE_LIST))
				return true;
		}
	return false;
}

bool
model_markup(const struct model *m, struct arena *a, struct str **names, size_t *n,
    struct err *err)
{
	size_t room = 0;

	*names = NULL;
	*n = 0;
	for (size_t i = 0; i < m->types; i++)
		for (size_t k = 0; k < m->type[i]->members; k++) {
			struct member e = m->type[i]->member[k];
			if (!str_eq(e.type, STR("markup")) || names_have(*names, *n, e.name))
				continue;
			if (str_eq(e.name, STR("item")) || has_other_use(m, e.name))
				return err_set(err, ERR_SETUP,
				    "element '%.*s' has the type markup here and another elsewhere: "
				    "use another name", STR_ARG(e.name));
			ARENA_GROW(a, *names, *n, room);
			(*names)[(*n)++] = e.name;
		}
	return true;
}
