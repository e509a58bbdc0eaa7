/*
 * view: the site at one moment as the origin serves it: the verified metadata and manifests
 * of one live state, never changed once built. Requests hold the view they began with; its
 * memory goes when the last of them is done. Shards that did not change are shared with the
 * view before, so a new view costs nothing per file.
 */
#ifndef PUBLISHER_ORIGIN_VIEW_H
#define PUBLISHER_ORIGIN_VIEW_H

#include "publisher/bundle/live.h"
#include "publisher/origin/answer.h"

struct view;

/* Takes over `arena`, in which `live` lies. Held once, by the caller. */
struct view *view_new(struct arena *arena, const struct live *live);
void view_hold(struct view *);
void view_drop(struct view *); /* NULL is fine */

const struct live *view_live(const struct view *);
/* The version of the site: of its snapshot. */
int64_t view_version(const struct view *);
/* When the first of the roles expires, and which it is. */
int64_t view_expires(const struct view *, struct str *role);

/* One file of the TUF repository that this view trusts: "timestamp.json",
 * "12.weather.json". False if it is none of them. */
struct view_metadata {
	struct str name, bytes;
	struct digest sha256;
};
bool view_metadata(const struct view *, struct str name, struct view_metadata *out);

/* What a blob is: a file in one of its forms, or a document's source. */
struct view_blob {
	const struct manifest *manifest;
	const struct manifest_file *file;         /* NULL: a document's source */
	const struct manifest_document *document; /* NULL: a file */
	enum coding coding;
};
/* The blob of these very bytes, coded so, among the entries of a shard. */
bool view_blob(const struct manifest *, const struct tree *, const struct digest *, enum coding,
    struct view_blob *out);
/* The beginnings of the digests of all blobs of a shard, sorted: where to look for one. */
void blob_numbers(struct arena *, const struct tree *, uint64_t **out, size_t *n);
bool blob_may_be(const uint64_t *number, size_t n, const struct digest *);

/* A file as a representation with its surrogate keys. `pinned`: asked for by version or
 * digest, so these bytes for ever. */
void representation_of_file(const struct manifest *, const struct manifest_file *, bool pinned,
    struct representation *out);
/* One form of a file, or a document's source, as /blobs/ serves it. */
void representation_of_blob(const struct view_blob *, struct representation *out);

#endif
