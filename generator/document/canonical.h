/*
 * canonical: the form in which a document is stored (document.h), read back without a schema.
 * Only bytes that document_read made belong here: whoever kept them checks their digest.
 */
#ifndef GENERATOR_DOCUMENT_CANONICAL_H
#define GENERATOR_DOCUMENT_CANONICAL_H

#include "generator/document/document.h"

/* Append an element of that name. */
void canonical_put(struct buf *out, const struct node *, struct str name);
/* "facts", "prose", "sources": the members that lists of documents go without. */
bool canonical_is_bulk(struct str name);
/* Append what lists need of a document: its canonical form without its bulk. */
void canonical_outline(const struct document *, struct buf *out);
/*
 * Set root, and title and times with it, from out->canonical, or from an outline in its place:
 * all else in *out stays. The tree lives in the arena and borrows from `text`; lines are 0.
 * ERR_UNTRUSTED: document_read did not make these bytes.
 */
bool canonical_restore(struct arena *, const struct schemas *, struct str text,
    struct document *out, struct err *);

#endif
