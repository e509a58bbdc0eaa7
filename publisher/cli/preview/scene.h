/*
 * scene: the site as `edgepress preview` shows it: documents judged as for a publish, templates
 * compiled, and any file drawn when somebody looks at it. Refused documents are drawn too, if
 * they can be read. Read-only once made: any number of threads may look at one, which goes when
 * the last lets go of it.
 */
#ifndef PUBLISHER_CLI_PREVIEW_SCENE_H
#define PUBLISHER_CLI_PREVIEW_SCENE_H

#include "publisher/cli/batch.h"

struct scene;

/* Never fails: what is wrong with the site is part of what is shown. The number tells scenes
 * apart. */
struct scene *scene_new(const struct cli *, uint64_t number);
struct scene *scene_hold(struct scene *);
void scene_drop(struct scene *);

/* Folders whose change makes another scene, the site's own first, as watch_open wants them. They
 * live as long as the scene. */
const char *const *scene_folders(const struct scene *);
/* All there is to show, as JSON: problems, bundles, surfaces, documents with their findings and
 * with a key that changes when their files do (docs/preview.md). */
bool scene_index(struct scene *, struct arena *, struct str *out, struct err *);
/* What the site would serve under /<vertical>/<locale>/<path>. ERR_ABSENT: nothing. Any other
 * error is one of a template or document, for people. */
bool scene_file(struct scene *, struct arena *, struct str target, struct rendered_file *out,
    struct err *);
/* A file of the preview's own, "preview.css". ERR_ABSENT. */
bool scene_own(struct scene *, struct arena *, struct str name, struct str *out, struct err *);
/* A file of the Adaptive Cards libraries, if the site has them in node_modules: "adaptivecards",
 * "templating", "expressions". ERR_ABSENT. */
bool scene_library(struct scene *, struct arena *, struct str name, struct str *out,
    struct err *);
/* Lines of the template, message or schema file that an error's text points at ("path:line:"),
 * for people; empty if it points at none. */
struct str scene_excerpt(struct scene *, struct arena *, struct str text);

#endif
