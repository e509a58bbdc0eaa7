/*
 * surface: the templates and assets that a vertical has, found in the catalog and compiled
 * once. A file in the vertical's own folder replaces the shared one of the same name:
 *   templates/<vertical|shared>/document/   once per document; "{id}" in the name is its id
 *   templates/<vertical|shared>/bundle/     once per vertical and locale
 *   templates/<vertical|shared>/partials/   {{> name.html}} by the file name;
 *                                           one of a single line loses its line end
 *   templates/<vertical|shared>/assets/     copied to assets/<name>.<12 of sha256>.<ending>
 */
#ifndef GENERATOR_RENDER_SURFACE_H
#define GENERATOR_RENDER_SURFACE_H

#include "generator/document/document.h"
#include "generator/template/template.h"

#define SURFACE_FILES 256 /* in one folder */

struct surface {
	struct str name; /* "{id}.html" */
	struct str path; /* where it was found, for errors */
	struct template *template;
};
struct asset {
	struct str name; /* "page.css" */
	struct str path; /* in the bundle: "assets/page.0123456789ab.css" */
	struct str body;
};
/* A key that some messages/<tag>.json of the vertical or of all verticals has. */
struct surface_message {
	struct str key;
	struct str used; /* "file:line:column" of a template that says it; empty: none does */
};
struct surfaces {
	struct surface *document, *bundle; /* sorted by name */
	size_t documents, bundles;
	struct asset *asset; /* sorted by name */
	size_t assets;
	struct surface_message *message; /* sorted by key */
	size_t messages;
	struct digest digest; /* of all files in these folders: one of a bundle's inputs */
};

/* Templates that do not compile are an error here; so is a message that no language has. All of it lives in the arena. */
bool surfaces_load(struct arena *, const struct catalog *, const struct schemas *,
    struct str vertical, struct surfaces *out, struct err *);
/* NULL if there is none of that name. */
const struct asset *surfaces_asset(const struct surfaces *, struct str name);

#endif
