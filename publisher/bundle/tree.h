/*
 * tree: the entries of one shard of a bundle (schemas/tree.schema.json): documents with their
 * provenance, and files with the digests of their bytes and of every coded form that is kept.
 * Kept in the store as trees/<sha256>, gzip-coded; the digest is that of the coded bytes.
 */
#ifndef PUBLISHER_BUNDLE_TREE_H
#define PUBLISHER_BUNDLE_TREE_H

#include "base/coding.h"
#include "publisher/bundle/manifest.h"

#define TREE_MAX (16u * 1024 * 1024)  /* as stored */
#define TREE_TEXT_MAX (64u * 1024 * 1024)
#define TREE_ENTRIES 1000             /* a part of the space with more of them is halved */

struct manifest_document {
	struct str id, title;
	int64_t updated, expires;
	struct digest source;     /* blob: the document's canonical XML */
	uint64_t source_size;
	struct str provenance;    /* JSON object without blanks, keys sorted: made, sources, gates */
};

struct coded {
	struct digest sha256; /* of these very bytes */
	uint64_t size;
};

struct manifest_file {
	struct str path;          /* "seattle.html" */
	struct str type;
	struct str document;      /* id; empty for files of the whole bundle */
	struct coded form[CODINGS]; /* [CODING_NONE] always; a coded one if its bit is in `forms` */
	unsigned forms;           /* 1u << CODING_GZIP | …: kept only where smaller */
	int64_t modified;         /* Last-Modified: the document's; 0: the bundle's `updated` */
	int64_t expires;          /* 0: none; else the document's expiry */
	bool immutable;           /* assets: the name changes with the content */
};

struct tree {
	struct manifest_document *document; /* sorted by id */
	size_t documents;
	struct manifest_file *file;         /* sorted by path */
	size_t files;
};

static inline bool
has_form(const struct manifest_file *f, enum coding c)
{
	return c == CODING_NONE || (f->forms >> c & 1) != 0;
}

/* `stored` are the object's bytes. Strict and bounded; ERR_INPUT names the entry. All that is
 * in *out lives in the arena and nowhere else. Without provenance if nobody asks for it. */
bool tree_read(struct arena *, struct str stored, bool provenance, struct tree *out,
    struct err *);
/* Appends what is to be stored. */
bool tree_write(const struct tree *, struct coder *, struct buf *stored, struct err *);
/* BLAKE2b over all entries but for the coded forms: equal if and only if a shard made from the
 * same documents and files would be equal. */
struct digest tree_content(const struct tree *);
/* SHA-256 over the ids in their order, each followed by a line feed. */
struct digest tree_ids(const struct str *id, size_t n);
/* SHA-256 over "<id> <sha256 of its source>\n" of each document. */
struct digest tree_sources(const struct tree *);

/* Media types go into header fields and HTML: only what "type/sub; charset=utf-8" needs. */
bool media_type_is_safe(struct str);
const struct manifest_file *tree_file(const struct tree *, struct str path);
const struct manifest_document *tree_document(const struct tree *, struct str id);
/* Where the store keeps it. */
struct str tree_key(struct arena *, const struct digest *);

#endif
