/*
 * context: where in its output format a template is, tracked through the literal text: in
 * HTML text, in a quoted URL attribute, inside a JSON string. From this follows how a value
 * is escaped there, or that none may stand there. A plain value: copied, compared, no owner.
 */
#ifndef GENERATOR_TEMPLATE_CONTEXT_H
#define GENERATOR_TEMPLATE_CONTEXT_H

#include "base/str.h"
#include "generator/template/escape.h"
#include "generator/template/template.h"

#define CONTEXT_WORD 32

/* All members are bytes, so contexts can be compared with memcmp. */
struct context {
	uint8_t type;      /* enum template_type */
	uint8_t state;     /* enum state, in context.c */
	uint8_t quote;     /* around the attribute value: '"' or '\'' */
	uint8_t attribute; /* enum attribute: what its value means */
	uint8_t url;       /* enum url_part: how far into a URL */
	uint8_t element;   /* enum element: what the text of the element means */
	uint8_t script;    /* enum script: what the type attribute said */
	uint8_t json;      /* enum json_part */
	uint8_t reference; /* a '&' is open */
	uint8_t n;         /* bytes of `word`; CONTEXT_WORD: it was longer */
	char word[CONTEXT_WORD - 1]; /* name being read, lower-cased, or possible end tag */
};

/* What is wrong with a place, and what to do about it. */
struct complaint {
	const char *what, *remedy;
};

struct context context_start(enum template_type);
bool context_eq(const struct context *, const struct context *);
/* Take literal text. False: *offset is the byte that cannot stand there. */
bool context_text(struct context *, struct str text, size_t *offset, struct complaint *);
/* How a value is escaped here; moves the context behind it. `raw`: it is to be verbatim. */
bool context_value(struct context *, bool raw, enum escape *out, struct complaint *);
/* A section begins or ends here: a tag or attribute name that is being read is complete. */
bool context_boundary(struct context *, struct complaint *);
/* The context behind a section: `before` if it was skipped, `after` if not. */
bool context_join(struct context *before, const struct context *after);
/* May a template end here? */
bool context_is_end(const struct context *);
/* In people's words: "inside a comment". */
const char *context_name(const struct context *);

#endif
