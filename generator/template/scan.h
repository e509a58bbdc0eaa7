/*
 * scan: a template's text as tokens: literal text, cut after every line, and tags. Opening
 * and closing tags are matched; the white space around standalone tags is marked.
 */
#ifndef GENERATOR_TEMPLATE_SCAN_H
#define GENERATOR_TEMPLATE_SCAN_H

#include "generator/template/ast.h"

enum tag {
	TAG_TEXT,
	TAG_VALUE,
	TAG_RAW,
	TAG_SECTION,
	TAG_INVERTED,
	TAG_CLOSE,
	TAG_PARTIAL,
	TAG_PARENT,
	TAG_BLOCK,
	TAG_COMMENT,
	TAG_DELIMITERS,
};

struct token {
	enum tag tag;
	struct str text; /* literal, or what stands in the tag, trimmed */
	unsigned line, column;
	size_t mate;     /* of an opening tag its closing one, and the reverse */
	bool starts;     /* nothing stands before it on its line */
	bool alone;      /* a tag whose line, but for it, is blank */
	bool overrides;  /* a block right inside a parent, or its closing tag */
	bool dropped;    /* white space that goes with a standalone tag */
};

struct tokens {
	struct token *item;
	size_t n, room;
};

bool scan(struct arena *, const struct file *, struct str text, struct tokens *, struct err *);

#endif
