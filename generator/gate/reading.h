/*
 * reading: what a reader of the document gets to read, in pieces that each know their
 * element, and its links. Made once per document, shared by all gates.
 */
#ifndef GENERATOR_GATE_READING_H
#define GENERATOR_GATE_READING_H

#include "generator/document/document.h"

enum passage_kind {
	PASSAGE_TITLE,
	PASSAGE_SUMMARY,
	PASSAGE_ALT,   /* of the image */
	PASSAGE_PROSE, /* one paragraph, heading, quotation or list item */
};

struct passage {
	enum passage_kind kind;
	struct str element; /* "prose/p[2]" */
	struct str text;    /* UTF-8, white space as in the document */
	unsigned line;
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

struct reading {
	const struct passage *passage;
	size_t passages;
	const struct reading_link *link;
	size_t links;
	const struct reading_block *block;
	size_t blocks;
	bool broken; /* the prose is not well-formed */
};

void reading_make(struct arena *, const struct document *, struct reading *out);

/* Every scalar below `node`, with its path ("facts/periods/item[2]/high"), in order. */
struct leaf {
	const struct node *node;
	const struct node *parent, *grand;
	struct str path;
};
void leaves_make(struct arena *, const struct node *, struct str path, const struct leaf **out,
    size_t *count);
#endif
