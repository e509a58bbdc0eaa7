/*
 * model: what an XSD says about elements, as far as findings and markup need it. Reads the
 * part of XSD that docs/documents.md asks verticals to keep to; what it does not understand
 * it leaves to libxml2's own words.
 */
#ifndef GENERATOR_DOCUMENT_MODEL_H
#define GENERATOR_DOCUMENT_MODEL_H

#include <libxml/tree.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum type_kind {
	TYPE_SIMPLE, /* text only */
	TYPE_OBJECT, /* xs:all: members in any order */
	TYPE_LIST,   /* a sequence of <item> */
	TYPE_OTHER,  /* markup and its parts, or not understood */
};

struct member {
	struct str name;
	struct str type;             /* name of a type; empty if `own` is set or unknown */
	const struct model_type *own; /* declared in place */
	bool required;
	unsigned max;                /* of an item; 0 for unbounded */
};

struct model_type {
	struct str name;
	enum type_kind kind;
	struct str says; /* its documentation: "a number from 0 to 100" */
	struct str base; /* of an extension or restriction */
	struct member *member;
	size_t members, member_room;
	struct str *value; /* of an enumeration */
	size_t values, value_room;
};

struct model {
	struct arena *arena;
	struct model_type **type;
	size_t types, room;
};

/* Add the types of one XSD. Texts are copied. */
void model_add(struct model *, const xmlNode *xs_schema);
/* The named type, or NULL. */
const struct model_type *model_type(const struct model *, struct str name);
/* The type of a document's element, by the way down from its root; NULL if unknown. */
const struct model_type *model_of(const struct model *, const xmlNode *element);
/* A member of a type or of what it extends, or NULL. */
const struct member *model_member(const struct model *, const struct model_type *,
    struct str name);
/* What a value of the type must look like: "one of: up, down, flat", or empty. */
struct str model_says(const struct model *, struct arena *, const struct model_type *);
/* "place, period, kind": all members of a type and what it extends. */
struct str model_names(const struct model *, struct arena *, const struct model_type *);
/* Names of elements that are declared with the named type somewhere, each once. */
struct str *model_elements(const struct model *, struct arena *, struct str type, size_t *n);
/* Names of the elements of type `markup`. ERR_SETUP if one has another type elsewhere. */
bool model_markup(const struct model *, struct arena *, struct str **names, size_t *n,
    struct err *);

#endif
