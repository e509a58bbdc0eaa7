/*
 * jsonread: a JSON document as the XML that means the same (docs/documents.md), so that one
 * schema judges both. Every element stands on the line of the member it was made from.
 */
#ifndef GENERATOR_DOCUMENT_JSONREAD_H
#define GENERATOR_DOCUMENT_JSONREAD_H

#include "generator/document/schema.h"
#include "generator/document/xmlread.h"

/* Escaping and the names of elements lengthen the text, at most to this. */
#define JSON_AS_XML_MAX (8 * DOCUMENT_MAX)

/*
 * `bytes` must be a JSON object that json_parse took: syntax is not checked again. It is read
 * once more because jansson keeps neither lines nor the spelling of numbers. Members of the
 * type `markup` must be strings that hold a balanced fragment: none can reach beyond its own
 * element. The text is in the arena.
 */
bool json_to_xml(struct arena *, struct str bytes, const struct schema *, struct str *out,
    struct fault *);

#endif
