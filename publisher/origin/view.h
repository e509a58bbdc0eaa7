/*
 * view: the site at one moment as the origin serves it: the verified metadata and manifests
 * of one live state, never changed once built. Requests hold the view they began with; its
 * memory goes when the last of them is done. Lookups are binary searches in what live has
 * sorted, so a new view costs nothing per file.
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

/* What a blob of the current manifests is. Documents' sources are blobs, too. */
struct view_blob {
	const struct manifest *manifest;
	const struct manifest_file *file;         /* NULL: a document's source */
	const struct manifest_document *document; /* NULL: a file */
	bool gzip;                                /* the file's gzip form */
};
/* By the digest of the very bytes, coded if gzip. The index is made on the first call. */
bool view_blob(struct view *, const struct digest *, bool gzip, struct view_blob *out);

/* A file as a representation with its surrogate keys. `pinned`: asked for by version or
 * digest, so these bytes for ever. */
void representation_of_file(const struct manifest *, const struct manifest_file *, bool pinned,
    struct representation *out);
/* One form of a file, or a document's source, as /blobs/ serves it. */
void representation_of_blob(const struct view_blob *, struct representation *out);

/* An index from digests to blobs of some manifests; memory from the arena. */
struct blob_index {
	struct blob_slot *slot; /* open addressing */
	size_t slots;           /* a power of two */
};
void blob_index_make(struct arena *, const struct manifest *const *manifest, size_t n,
    struct blob_index *out);
bool blob_index_find(const struct blob_index *, const struct digest *, bool gzip,
    struct view_blob *out);

#endif
