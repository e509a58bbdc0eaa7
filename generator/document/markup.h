/*
 * markup: parsed prose to bytes, by a serializer of our own that knows a closed list of
 * elements and attributes and nothing else. What it writes, XML and HTML parsers read alike.
 */
#ifndef GENERATOR_DOCUMENT_MARKUP_H
#define GENERATOR_DOCUMENT_MARKUP_H

#include <libxml/tree.h>

#include "base/buf.h"

/* Append the content of an element of the schema type `markup`, which the schema has judged.
 * Same content, same bytes: blanks are collapsed, attributes have a fixed order; writing
 * what was written changes nothing. Elements that are not on the list are left out with
 * all they hold. */
void markup_put(struct buf *, const xmlNode *container);
/* Text with & < > " escaped. */
void markup_put_text(struct buf *, struct str);

#endif
