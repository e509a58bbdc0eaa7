/*
 * catalog: the folders in which schemas, policies, templates, messages and assets are looked
 * up. A site's own folder comes first, the shipped one last; the first that has a file wins,
 * so a site overrides one file without copying the rest.
 *
 *   <root>/schemas/<vertical>.xsd          what a document of the vertical looks like
 *   <root>/schemas/<vertical>.ini          its policy: gates, limits, allowed hosts
 *   <root>/templates/<vertical>/           its surfaces (surface.h): document/, bundle/,
 *                                          partials/, assets/
 *   <root>/templates/shared/               the same for all verticals
 *   <root>/templates/messages/<tag>.json   message patterns; also templates/<vertical>/messages
 */
#ifndef GENERATOR_CATALOG_H
#define GENERATOR_CATALOG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/str.h"

#define CATALOG_FILE_MAX (1024 * 1024)

struct catalog {
	const char *const *root; /* most specific first */
	size_t roots;
};

/* Read `name` ("schemas/weather.xsd") from the first root that has it; *path is that file.
 * ERR_ABSENT names all the places that were tried; ERR_INPUT for a name with a segment that
 * is empty or begins with a dot, or with a backslash. */
bool catalog_read(struct arena *, const struct catalog *, const char *name, struct str *text,
    const char **path, struct err *);
bool catalog_has(struct arena *, const struct catalog *, const char *name);
/* Names (not paths) of the regular files in a folder of any root, sorted, each once. */
bool catalog_list(struct arena *, const struct catalog *, const char *dir, struct str **names,
    size_t *n, struct err *);
/* Verticals: every schemas/<name>.xsd but envelope.xsd, sorted. */
bool catalog_verticals(struct arena *, const struct catalog *, struct str **names, size_t *n,
    struct err *);

#endif
