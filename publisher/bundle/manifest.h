/*
 * manifest: what one version of a bundle holds (schemas/bundle.schema.json). The file is
 * deterministic: it names no time but its documents', no version; the version is in the
 * signed role metadata that points at it.
 */
#ifndef PUBLISHER_BUNDLE_MANIFEST_H
#define PUBLISHER_BUNDLE_MANIFEST_H

#include "base/digest.h"
#include "base/json.h"

#define MANIFEST_MAX (32u * 1024 * 1024)
#define MANIFEST_FILES 200000
#define KEY_MAX 32 /* bytes of a surrogate key: RFC 9875 */

struct manifest_document {
	struct str id, title;
	int64_t updated, expires;
	struct digest source;     /* blob: the document's canonical XML */
	uint64_t source_size;
	const json_t *provenance; /* grade, agent, model, run, reviewer, responsible, sources, gates */
};

struct manifest_file {
	struct str path;          /* "seattle.html" */
	struct str type;
	struct str document;      /* id; empty for files of the whole bundle */
	struct digest sha256;     /* of the identity bytes */
	uint64_t size;
	bool has_gzip;            /* kept only where smaller */
	struct digest gzip;       /* of the coded bytes */
	uint64_t gzip_size;
	int64_t modified;         /* Last-Modified: the document's, or the newest document's, updated */
	int64_t expires;          /* 0: none; else the document's expiry */
	bool immutable;           /* assets: the name changes with the content */
};

struct manifest {
	struct str vertical, locale;
	int64_t updated;          /* newest document */
	int64_t first_expiry;     /* of its documents; 0 without any. Not written: it follows */
	const json_t *inputs;     /* name -> text */
	struct manifest_document *document; /* sorted by id */
	size_t documents;
	struct manifest_file *file;         /* sorted by path */
	size_t files;
};

/* Strict and bounded; ERR_INPUT names the member. */
bool manifest_read(struct arena *, struct str bytes, struct manifest *out, struct err *);
bool manifest_write(const struct manifest *, struct buf *out, struct err *);
const struct manifest_file *manifest_find(const struct manifest *, struct str path);
const struct manifest_document *manifest_document(const struct manifest *, struct str id);

/*
 * Surrogate keys: [a-z0-9._-], at most 32. Each writes a NUL-terminated key.
 *   key_bundle    "weather.en-us"
 *   key_item      of a document: "weather.en-us.seattle", or, if that is too long, its first
 *                 15 characters, "-" and 16 hex digits of SHA-256 over the whole
 *   key_path      of one URL path, also of its 404: "p." and 30 hex digits; the bundle's own
 *                 folder is the empty path
 *   KEY_TIMESTAMP of metadata/timestamp.json
 */
#define KEY_TIMESTAMP "tuf-ts"
void key_bundle(struct str vertical, struct str locale, char out[KEY_MAX + 1]);
void key_item(struct str vertical, struct str locale, struct str id, char out[KEY_MAX + 1]);
void key_path(struct str vertical, struct str locale, struct str path, char out[KEY_MAX + 1]);

#endif
