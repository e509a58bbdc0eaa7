/*
 * render: what goes in and out of rendering, and the whole of a small bundle at once; for many
 * documents and threads see renderer.h. What templates see is described in docs/surfaces.md.
 */
#ifndef GENERATOR_RENDER_RENDER_H
#define GENERATOR_RENDER_RENDER_H

#include "generator/document/document.h"

#define RENDER_LATEST 25 /* documents in a bundle template's list `latest`; MSN wants less than 30 */

struct site_info {
	struct str name; /* of the site: "Example Weather" */
	struct str url;  /* "https://example.com", no slash at the end: prefix of canonical links */
	struct str publisher; /* who is responsible for it, in people's words */
	/* Locales of this run that have the same vertical, sorted: hreflang links are made for
	 * documents of the same id. */
	struct str *locale;
	size_t locales;
	/* Optional: is there a document of this vertical with the id in another locale? Without
	 * it, every locale above is taken to have every document. */
	bool (*has)(void *ctx, struct str locale, struct str id);
	/* Optional: a document whose files could not be rendered, and why: ERR_SETUP if the
	 * templates or messages are to blame, else the document is (an unknown time zone, say).
	 * True goes on without it: it is in no feed either. Without it, or on false, the bundle
	 * fails; so it does if templates are to blame and no document is left. */
	bool (*refuse)(void *ctx, const struct document *, const struct err *why);
	void *ctx; /* of has and refuse */
};

struct rendered_file {
	struct str path;     /* "seattle.html": path_is_safe, unique in the bundle */
	struct str type;     /* media type: "text/html; charset=utf-8" */
	struct str document; /* id it was rendered from; empty for a file of the whole bundle */
	struct str key;      /* hex digest of all it was made from: same key, same bytes */
	struct str body;
	struct digest sha256; /* of body */
};

struct rendered {
	struct rendered_file *file; /* sorted by path */
	size_t n;
	json_t *inputs; /* object: name -> text; program, ICU, CLDR, schema, templates, messages */
};

/* A document without files, and why. */
struct casualty {
	const struct document *document;
	struct err why;
};
/* Hands the casualties of one bundle to site->refuse. If no document is left and templates are
 * to blame for all of it, it is the templates that are refused: false, as when refuse says so. */
bool casualties_refuse(const struct site_info *, const struct casualty *, size_t n,
    bool none_left, struct err *);
/* By path. ERR_INPUT if two files want to be the same. */
bool rendered_sort(struct rendered *, struct err *);

/* Documents in any order, all of this vertical and locale, ids unique. A rendered file that
 * is not well-formed for its type is ERR_SETUP naming template, line and document. */
bool render_bundle(struct arena *, const struct catalog *, const struct schemas *,
    const struct site_info *, struct str vertical, struct str locale,
    const struct document *const *documents, size_t n, struct rendered *out, struct err *);

#endif
