/*
 * node: the one tree that documents become, whether they came as XML or as JSON, and that
 * templates are evaluated over. Built once in an arena, then read-only.
 *
 * The mapping between XML, JSON and this tree (docs/documents.md):
 *   object   <->  an element with child elements
 *   list     <->  an element whose children are all called <item>
 *   text     <->  an element with text only; "true" and "false" are booleans, decimal numbers
 *                 are numbers (their spelling is kept), anything else is text
 *   markup   <->  an element of the schema type `markup`: a small XHTML subset, in JSON a
 *                 string that holds it
 *   null, "", [] and {}  <->  no element: in documents what is empty counts as absent
 */
#ifndef GENERATOR_DOCUMENT_NODE_H
#define GENERATOR_DOCUMENT_NODE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"

enum node_kind {
	NODE_NULL,
	NODE_BOOL,   /* text is "true" or "false" */
	NODE_NUMBER, /* text is a JSON number as it was written */
	NODE_TEXT,
	NODE_MARKUP, /* text is well-formed XHTML of the allowed subset, already serialised */
	NODE_LIST,
	NODE_OBJECT,
};

struct node {
	enum node_kind kind;
	struct str name; /* as a member of its object; empty in a list and at the root */
	struct str text; /* empty for lists and objects */
	struct node *first, *last, *next;
	size_t count;  /* children of a list or object */
	unsigned line; /* where its element starts; 0 if unknown */
};

/* Make a node and append it to `parent` (NULL: a root). The name is borrowed. */
struct node *node_add(struct arena *, struct node *parent, enum node_kind, struct str name,
    struct str text);
/* The member of an object, or NULL; NULL in, NULL out. */
const struct node *node_get(const struct node *object, struct str name);
/* As node_get along "facts.high"; a list is entered by position, "periods.0". */
const struct node *node_at(const struct node *, struct str dotted);
/* Text of a scalar at a dotted path, empty if there is none. */
struct str node_text_at(const struct node *, const char *dotted);
/* Compact JSON, members in order; markup becomes a string. */
void node_to_json(const struct node *, struct buf *out);
/* What the text of an element without child elements is: a boolean, a number, or text. */
enum node_kind scalar_kind(struct str);
/* A JSON number (RFC 8259, section 6) and nothing else. */
bool text_is_number(struct str);

#endif
