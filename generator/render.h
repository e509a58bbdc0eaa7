/*
 * render: all the documents of one vertical and locale to the files of one bundle. The same
 * documents, templates, messages and library versions give the same bytes.
 */
#ifndef GENERATOR_RENDER_H
#define GENERATOR_RENDER_H

#include "generator/document.h"

struct site_info {
	struct str name; /* of the site: "Example Weather" */
	struct str url;  /* "https://example.com", no slash at the end: prefix of canonical links */
	struct str publisher; /* who is responsible for it, in people's words */
	/* Locales of this run that have the same vertical, sorted: hreflang links are made for
	 * documents of the same id. */
	struct str *locale;
	size_t locales;
};

struct rendered_file {
	struct str path;     /* "seattle.html": path_is_safe, unique in the bundle */
	struct str type;     /* media type: "text/html; charset=utf-8" */
	struct str document; /* id it was rendered from; empty for a file of the whole bundle */
	struct str body;
};

struct rendered {
	struct rendered_file *file; /* sorted by path */
	size_t n;
	json_t *inputs; /* object: name -> text; program, ICU, CLDR, schema, templates, messages */
};

/* Documents in any order, all of this vertical and locale, ids unique. A rendered file that
 * is not well-formed for its type is ERR_INPUT naming template, line and document. */
bool render_bundle(struct arena *, const struct catalog *, const struct schemas *,
    const struct site_info *, struct str vertical, struct str locale,
    const struct document *const *documents, size_t n, struct rendered *out, struct err *);

#endif
