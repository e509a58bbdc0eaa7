/*
 * schema: the compiled schemas of a catalog, one per vertical. libxml2 judges; beside it
 * stands a small model of the same XSD (which members an object has, what a type says of
 * itself), for readable findings and to know which elements hold markup.
 *
 * Schemas are trusted input of the build, read once and only from the catalog's schemas/:
 * schemas_open replaces libxml2's external entity loader for good, and afterwards nothing is
 * ever loaded. Call it first in the main thread; then everything here is thread-safe.
 */
#ifndef GENERATOR_DOCUMENT_SCHEMA_H
#define GENERATOR_DOCUMENT_SCHEMA_H

#include <libxml/tree.h>

#include "base/digest.h"
#include "generator/catalog.h"

struct schemas;
struct schema;
struct model;

bool schemas_open(struct arena *, const struct catalog *, struct schemas **out, struct err *);
/* Is `element` declared with the schema type `markup` in this vertical's schema? */
bool schemas_is_markup(const struct schemas *, struct str vertical, struct str element);
/* Digest of the vertical's schema with what it includes: one of a bundle's inputs. */
const struct digest *schemas_digest(const struct schemas *, struct str vertical);
/* "finance, sports, weather". */
struct str schemas_names(const struct schemas *);

/* One vertical's schema, or NULL. */
const struct schema *schemas_find(const struct schemas *, struct str vertical);
bool schema_is_markup(const struct schema *, struct str element);
/* What its elements can hold (model.h). */
const struct model *schema_model(const struct schema *);

/* One thing that is wrong with an element. Texts live in the arena given to schema_judge. */
struct verdict {
	const xmlNode *node;
	struct str text;
	const char *remedy;
};
/* Judge a document; `say` is called for each thing that is wrong. True if there is none. */
bool schema_judge(const struct schema *, struct arena *, xmlDoc *,
    void (*say)(void *ctx, const struct verdict *), void *ctx);

#endif
