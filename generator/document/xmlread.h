/*
 * xmlread: hostile bytes to an xmlDoc. A cheap scan of our own comes first, because libxml2's
 * limits are far too generous (time grows with the square of the attributes, 2.9.14); then
 * libxml2 reads from memory, without network, entities or DTD; then the tree is checked for
 * what a document may not hold. No other file hands document bytes to libxml2.
 */
#ifndef GENERATOR_DOCUMENT_XMLREAD_H
#define GENERATOR_DOCUMENT_XMLREAD_H

#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

#include "base/arena.h"
#include "base/str.h"

/* What libxml2 hands to an error callback: const from 2.12 on. */
#if LIBXML_VERSION >= 21200
#define XML_COMPLAINT const xmlError
#else
#define XML_COMPLAINT xmlError
#endif

#define XML_TAG_MAX (16 * 1024)
#define XML_ATTRIBUTES_MAX 256

/* Why bytes were refused. Texts live in the arena that was given. */
struct fault {
	unsigned line; /* within the bytes, from 1 */
	struct str element;
	struct str text;
	const char *remedy;
};

/*
 * Parse at most DOCUMENT_MAX bytes, DOCUMENT_DEPTH deep, with DOCUMENT_ELEMENTS elements. The
 * tree has elements and text only: comments are dropped, there are no namespaces, processing
 * instructions, control characters or characters that override the direction of writing.
 * Lives in the arena. False sets *fault; *out is then what was read so far, or NULL.
 */
bool xml_read(struct arena *, struct str bytes, xmlDoc **out, struct fault *fault);

/* As xml_read with a higher bound of bytes, for text that the program made itself out of a
 * document: escaping lengthens it. */
bool xml_read_made(struct arena *, struct str bytes, size_t max, xmlDoc **out,
    struct fault *fault);

/* "facts/high", "prose/p[2]": where a node stands, without the root's own name. Names that
 * are absurdly long are cut. */
struct str xml_path(struct arena *, const xmlNode *);
/* An element's text with white space collapsed; empty if it has none. In the arena. */
struct str xml_text(struct arena *, const xmlNode *);
struct str xml_name(const xmlNode *);
/* The first child element with that name, or NULL. */
xmlNode *xml_child(const xmlNode *, struct str name);

/* `s` without blanks at its ends, runs of them as one space (XML Schema part 2, 4.3.6). */
struct str text_collapse(struct arena *, struct str s);
/* At most `max` bytes of a text, cut between characters, with an ellipsis if cut. */
struct str text_excerpt(struct arena *a, struct str s, size_t max);
/* The first character that no document may hold, 0 if there is none. */
unsigned text_forbidden(struct str);

#endif
