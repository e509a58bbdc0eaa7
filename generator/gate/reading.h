/*
 * reading: what a reader of the document gets to read, in pieces that each know their
 * element, and its links. Made once per document, shared by all gates.
 */
#ifndef GENERATOR_GATE_READING_H
#define GENERATOR_GATE_READING_H

#include "generator/document/document.h"
#include "generator/gate/language/plain.h"

enum passage_kind {
	PASSAGE_TITLE,
	PASSAGE_SHORT, /* the short title */
	PASSAGE_SUMMARY,
	PASSAGE_ALT,   /* of the image */
	PASSAGE_PROSE, /* one paragraph, heading, quotation or list item */
};

struct passage {
	enum passage_kind kind;
	struct str element; /* "prose/p[2]" */
	struct str text;    /* UTF-8, white space as in the document */
	unsigned line;
	struct plain_forms forms; /* of text */
};

struct reading_link {
	struct str element; /* "prose/p[2]/a[1]" */
	struct str href;    /* p == NULL: no href at all */
	struct str text;
	unsigned line;
};

/* A block of the prose in document order, for the markup gate. */
struct reading_block {
	struct str element;
	struct str name; /* "h2" */
	unsigned depth;  /* prose's own children: 1 */
	bool empty;      /* nothing to read in it or below it */
	unsigned line;
};

/* A scalar of the document. */
struct leaf {
	const struct node *node;
	const struct node *parent, *grand;
	struct str path;          /* "facts/periods/item[2]/high" */
	struct plain_forms forms; /* of a text; else empty */
};

struct reading {
	const struct passage *passage;
	size_t passages;
	const struct reading_link *link;
	size_t links;
	const struct reading_block *block;
	size_t blocks;
	const struct leaf *leaf; /* all scalars, in order */
	size_t leaves;
	bool broken; /* the prose is not what document_read makes */
};

void reading_make(struct arena *, const struct document *, struct reading *out);

#endif
