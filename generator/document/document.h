/*
 * document: one item of one vertical in one locale, parsed and judged by its schema.
 * Input is hostile: no DTD, entity, network or file access; bounded in bytes, depth,
 * elements and attributes.
 */
#ifndef GENERATOR_DOCUMENT_DOCUMENT_H
#define GENERATOR_DOCUMENT_DOCUMENT_H

#include "base/digest.h"
#include "generator/catalog.h"
#include "generator/document/finding.h"
#include "generator/document/node.h"
#include "generator/document/schema.h"

#define DOCUMENT_MAX (1024 * 1024) /* bytes of one document */
#define DOCUMENT_DEPTH 64
#define DOCUMENT_ELEMENTS 20000

enum document_form { FORM_XML, FORM_JSON };

/* Bytes that claim to be a document, and where they came from. */
struct raw {
	struct str where; /* "documents/weather/en-us.ndjson:12" or a file's path */
	struct str path;  /* the file alone */
	unsigned line;    /* line of the file on which the bytes begin, from 1 */
	enum document_form form;
	struct str bytes; /* from intake: valid only during its take call */
};

struct document {
	struct str vertical, locale, id; /* each name_is_safe: they become paths and keys */
	struct str title;
	int64_t updated, expires;        /* Unix seconds */
	const struct node *root;         /* the object <document>; members sorted by name */
	struct raw raw;                  /* bytes are borrowed, where and path copied */
	struct str canonical;            /* its XML form, serialised: stored as the source */
	struct digest digest;            /* of canonical */
};

/*
 * Parse and validate. XML and JSON that say the same have the same canonical form; reading a
 * canonical form gives it again. Elements without content, null, "", [] and {} count as
 * absent, so NODE_NULL does not occur; white space in texts is collapsed.
 *
 * True if there is a document; false if the bytes were refused, and then `findings` says why
 * under the gate "schema" (with the line in raw.path and the element). What could still be
 * read of vertical, locale and id is in *out either way, so that the last good version can be
 * found; names that are not safe as paths are left empty. All that is kept lives in the
 * arena. Thread-safe, one arena per thread.
 */
bool document_read(struct arena *, const struct schemas *, const struct raw *,
    struct document *out, struct findings *);

#endif
