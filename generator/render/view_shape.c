#include "generator/render/view_shape.h"

#include "generator/document/canonical.h"
#include "generator/document/model.h"
#include "generator/render/view.h"

#define BASES_MAX 16 /* types that extend each other */

struct known {
	const struct model_type *type;
	const struct shape *shape;
};

struct shaping {
	struct arena *arena;
	const struct model *model;
	bool drawn; /* with what view_document adds to facts */
	struct known *known;
	size_t n, room;
};

static const struct shape *shape_of(struct shaping *, const struct model_type *);

static const struct shape *
member_shape(struct shaping *s, const struct member *m)
{
	return shape_of(s, m->own != NULL ? m->own : model_type(s->model, m->type));
}

/* view.h lists what is drawn beside the members of facts. */
static void
add_drawn(struct shaping *s, struct shape *object, const struct member *m,
    const struct shape *shape)
{
	struct arena *a = s->arena;
	if (shape->kind == SHAPE_SCALAR) {
		shape_add(a, object, arena_printf(a, "%.*s-icon", STR_ARG(m->name)), &shape_scalar);
		shape_add(a, object, arena_printf(a, "%.*s-image", STR_ARG(m->name)), &shape_scalar);
	} else if (shape->kind == SHAPE_LIST && str_eq(m->name, STR("series"))) {
		shape_add(a, object, STR("series-line"), &shape_scalar);
		shape_add(a, object, STR("series-end"), &shape_scalar);
	}
}

static void
add_members(struct shaping *s, struct shape *object, const struct model_type *t)
{
	for (int i = 0; t != NULL && i < BASES_MAX; i++, t = model_type(s->model, t->base))
		for (size_t k = 0; k < t->members; k++) {
			const struct shape *m = member_shape(s, &t->member[k]);
			shape_add(s->arena, object, t->member[k].name, m);
		}
	for (size_t k = 0, n = object->members; s->drawn && k < n; k++) {
		const struct member m = { .name = object->member[k].name };
		add_drawn(s, object, &m, object->member[k].shape);
	}
}

/* The type, or what it extends, that says what its content is. */
static enum type_kind
kind_of(const struct shaping *s, const struct model_type *t)
{
	enum type_kind kind = t->kind;
	for (int i = 0; kind == TYPE_OTHER && t != NULL && i < BASES_MAX; i++) {
		kind = t->kind;
		t = model_type(s->model, t->base);
	}
	return kind;
}

static const struct shape *
shape_of(struct shaping *s, const struct model_type *t)
{
	if (t == NULL)
		return &shape_any;
	if (str_eq(t->name, STR("markup")))
		return &shape_scalar;
	for (size_t i = 0; i < s->n; i++)
		if (s->known[i].type == t)
			return s->known[i].shape;
	enum type_kind kind = kind_of(s, t);
	if (kind == TYPE_SIMPLE || kind == TYPE_OTHER)
		return kind == TYPE_SIMPLE ? &shape_scalar : &shape_any;
	struct shape *shape = shape_object(s->arena);
	ARENA_GROW(s->arena, s->known, s->n, s->room);
	s->known[s->n++] = (struct known){ t, shape }; /* it may contain itself */
	if (kind == TYPE_OBJECT) {
		add_members(s, shape, t);
		return shape;
	}
	shape->kind = SHAPE_LIST;
	shape->item = t->members > 0 ? member_shape(s, &t->member[0]) : &shape_any;
	return shape;
}

static void
add_scalars(struct arena *a, struct shape *object, const char *const *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		shape_add(a, object, str_of(name[i]), &shape_scalar);
}

static struct shape *
object_of(struct arena *a, const char *const *name, size_t n)
{
	struct shape *o = shape_object(a);
	add_scalars(a, o, name, n);
	return o;
}

static const struct shape *
assets_shape(struct arena *a, const struct surfaces *surfaces)
{
	struct shape *o = shape_object(a);
	for (size_t i = 0; i < surfaces->assets; i++)
		shape_add(a, o, view_asset_member(a, surfaces->asset[i].name), &shape_scalar);
	return o;
}

/* What every view has: site, page, assets, alternates. */
static void
add_surroundings(struct arena *a, struct shape *root, const struct surfaces *surfaces)
{
	static const char *const site[] = { "name", "url", "publisher" };
	shape_add(a, root, STR("site"), object_of(a, site, LEN(site)));
	shape_add(a, root, STR("assets"), assets_shape(a, surfaces));
}

static void
add_page(struct arena *a, struct shape *root)
{
	static const char *const page[] = { "url", "path", "base-url", "base-path", "vertical",
		"locale", "lang", "dir", "rtl", "wide", "language", "default-url" };
	static const char *const other[] = { "lang", "language", "url" };
	shape_add(a, root, STR("page"), object_of(a, page, LEN(page)));
	shape_add(a, root, STR("alternates"), shape_list(a, object_of(a, other, LEN(other))));
}

/* A document's own members and what view.c puts beside them. NULL: no such schema. */
static struct shape *
document_shape(struct arena *a, const struct schemas *schemas, struct str vertical, bool drawn)
{
	static const char *const disclosure[] = { "grade", "assisted", "reviewed",
		"digital-source-type", "schema-type" };
	const struct schema *schema = schemas_find(schemas, vertical);
	if (schema == NULL)
		return NULL;
	struct shaping plain = { .arena = a, .model = schema_model(schema) };
	struct shaping facts = { .arena = a, .model = plain.model, .drawn = true };
	const struct model_type *t = model_type(plain.model, STR("document"));
	struct shape *root = shape_object(a);
	for (size_t i = 0; t != NULL && i < t->members; i++) {
		const struct member *m = &t->member[i];
		if (!drawn && canonical_is_bulk(m->name))
			continue;
		shape_add(a, root, m->name,
		    member_shape(str_eq(m->name, STR("facts")) ? &facts : &plain, m));
	}
	if (root->members == 0)
		return NULL;
	add_page(a, root);
	shape_add(a, root, STR("disclosure"), object_of(a, disclosure, LEN(disclosure)));
	static const char *const feed[] = { "updated-rfc822", "title-brief", "title-long" };
	add_scalars(a, root, feed, LEN(feed));
	shape_add(a, root, STR("digest"), &shape_scalar);
	return root;
}

const struct shape *
view_shape_document(struct arena *a, const struct schemas *schemas, struct str vertical,
    const struct surfaces *surfaces)
{
	struct shape *root = document_shape(a, schemas, vertical, true);
	if (root == NULL)
		return &shape_any;
	add_surroundings(a, root, surfaces);
	return root;
}

const struct shape *
view_shape_bundle(struct arena *a, const struct schemas *schemas, struct str vertical,
    const struct surfaces *surfaces)
{
	static const char *const own[] = { "count", "updated", "updated-rfc822" };
	struct shape *root = object_of(a, own, LEN(own));
	const struct shape *listed = document_shape(a, schemas, vertical, false);
	const struct shape *whole = document_shape(a, schemas, vertical, true);
	if (listed == NULL || whole == NULL)
		return &shape_any;
	shape_add(a, root, STR("documents"), shape_list(a, listed));
	shape_add(a, root, STR("latest"), shape_list(a, whole));
	add_page(a, root);
	add_surroundings(a, root, surfaces);
	return root;
}
