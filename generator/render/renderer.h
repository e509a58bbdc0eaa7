/*
 * renderer: the documents of one vertical and locale to files, one by one, on any number of
 * threads. The same documents, templates, messages and library versions give the same bytes.
 */
#ifndef GENERATOR_RENDER_RENDERER_H
#define GENERATOR_RENDER_RENDERER_H

#include "generator/render/render.h"
#include "generator/render/surface.h"

struct renderer;

/* What is given must live as long as the renderer, which lives in the arena. ERR_SETUP. */
bool renderer_open(struct arena *, const struct catalog *, const struct schemas *,
    const struct surfaces *, const struct site_info *, struct str vertical, struct str locale,
    struct renderer **out, struct err *);
/* As in struct rendered. */
json_t *renderer_inputs(const struct renderer *);

/* Digest of all that a document's files are made of: same key, same files. Of the document
 * digest, id, vertical and locale are read. */
struct digest renderer_document_key(const struct renderer *, const struct document *);
/* A document's files: bodies and paths live in the arena. On failure the code tells who is to
 * blame: ERR_SETUP the templates, else the document. */
bool renderer_document(const struct renderer *, struct arena *, const struct document *,
    struct rendered *out, struct err *);

/* The order of lists: newest first; of the same moment, by id. For qsort over pointers. */
int renderer_order(const void *left, const void *right);
/* The same for the files of the whole bundle, from the keys of its documents, in order. */
struct digest renderer_lists_key(const struct renderer *, const struct digest *document_key,
    size_t n);
/* newest_first may be outlines (canonical.h); the first RENDER_LATEST of them (or all) stand
 * whole in `latest`. */
bool renderer_lists(const struct renderer *, struct arena *,
    const struct document *const *newest_first, size_t n,
    const struct document *const *latest, struct rendered *out, struct err *);
/* Give back what only speed needs (formatters, mostly), until it is needed again: a renderer
 * that waits while others work is small. */
void renderer_rest(const struct renderer *);
/* One file of renderer_document or renderer_lists: that of the surface at this position. */
bool renderer_document_file(const struct renderer *, struct arena *, const struct document *,
    size_t surface, struct rendered_file *out, struct err *);
bool renderer_list_file(const struct renderer *, struct arena *,
    const struct document *const *newest_first, size_t n,
    const struct document *const *latest, size_t surface, struct rendered_file *out,
    struct err *);
/* Assets: bodies are those of the surfaces. */
void renderer_assets(const struct renderer *, struct arena *, struct rendered *out);

#endif
