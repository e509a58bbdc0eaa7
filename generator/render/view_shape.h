/*
 * view_shape: what the views of view.h can look like, from the vertical's schema: templates
 * are judged by it before there is a document.
 */
#ifndef GENERATOR_RENDER_VIEW_SHAPE_H
#define GENERATOR_RENDER_VIEW_SHAPE_H

#include "generator/document/schema.h"
#include "generator/render/surface.h"
#include "generator/template/names.h"

/* Of view_document; without a schema of that name, of anything. Assets are those of `surfaces`.
 * Names are borrowed from the schemas; the rest lives in the arena. */
const struct shape *view_shape_document(struct arena *, const struct schemas *,
    struct str vertical, const struct surfaces *);
/* Of view_bundle. */
const struct shape *view_shape_bundle(struct arena *, const struct schemas *,
    struct str vertical, const struct surfaces *);

#endif
