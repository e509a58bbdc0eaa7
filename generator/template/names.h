/*
 * names: does every name that a template says lead somewhere? A misspelt name would render as
 * nothing, for ever and in silence; here it is an error before there is data. What a document
 * may have but need not is fine: a shape says what is possible, not what is there.
 */
#ifndef GENERATOR_TEMPLATE_NAMES_H
#define GENERATOR_TEMPLATE_NAMES_H

#include "generator/template/template.h"

enum shape_kind {
	SHAPE_ANY, /* nothing is known about it: every name may lead somewhere */
	SHAPE_SCALAR,
	SHAPE_LIST,
	SHAPE_OBJECT,
};

/* What the data of a template can look like. Shapes may contain themselves. */
struct shape {
	enum shape_kind kind;
	const struct shape *item; /* LIST */
	struct shape_member *member; /* OBJECT */
	size_t members, room;
};
struct shape_member {
	struct str name;
	const struct shape *shape;
};

extern const struct shape shape_any, shape_scalar;

struct shape *shape_object(struct arena *);
const struct shape *shape_list(struct arena *, const struct shape *item);
/* The name is borrowed. */
void shape_add(struct arena *, struct shape *object, struct str name, const struct shape *);
/* NULL if an object has none of that name. */
const struct shape *shape_member(const struct shape *object, struct str name);

/* A file that serves several verticals may name what only one of them has. */
struct names_shared {
	struct str folder; /* files with this in their path */
	const struct shape *const *root; /* of the other verticals' data */
	size_t n;
};

/*
 * Judge all names of a compiled template whose data has the shape `root`. ERR_INPUT:
 * "path:line:column: no 'temprature' in 'facts'; did you mean 'temperature'?"; only the first.
 * Arguments of messages are not judged: their patterns belong to the locale.
 */
bool template_names(const struct template *, const struct shape *root,
    const struct names_shared *, struct err *);

#endif
