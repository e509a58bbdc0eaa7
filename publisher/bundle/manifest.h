/*
 * manifest: what one version of a bundle holds (schemas/bundle.schema.json): the TUF target
 * <vertical>/<locale>/bundle.json. It lists shards, and each shard, one immutable object of the
 * store (tree.h), lists documents and files. It is deterministic: it names no time but its
 * documents', no version; the version is in the signed role metadata that points at it.
 *
 * A shard holds all entries whose stem falls into its part of the space of hashes. Which shards
 * there are follows from the entries alone: a part with too many of them is halved. So the
 * shard of a path is known without reading any, a document stands with its files, and a changed
 * document changes one shard.
 */
#ifndef PUBLISHER_BUNDLE_MANIFEST_H
#define PUBLISHER_BUNDLE_MANIFEST_H

#include "base/digest.h"
#include "base/json.h"

#define MANIFEST_MAX (8u * 1024 * 1024)
#define MANIFEST_SHARDS 20000
#define TOMBSTONES_MAX 5000
#define TOMBSTONE_TEXT 500 /* bytes of a reason */
#define KEY_MAX 32 /* bytes of a surrogate key: RFC 9875 */

struct shard {
	uint32_t from;          /* the first hash of its part, which ends where the next begins */
	struct digest sha256;   /* of the object's very bytes; its key is trees/<sha256> */
	uint64_t size;
	struct digest content;  /* of its entries but for coded forms: tree_content */
	struct digest ids;      /* of its documents' ids: tree_ids */
	struct digest sources;  /* of its documents' ids and sources: tree_sources */
	uint32_t documents, files;
};

/* A document that was taken down: it is gone, in all versions, until the takedown is lifted. */
struct tombstone {
	struct str id;
	int64_t since;
	struct str reason, who;   /* in people's words; public, like all of the manifest */
};

struct manifest {
	struct str vertical, locale;
	int64_t updated;          /* newest document */
	int64_t first_expiry;     /* of its documents; 0 without any */
	const json_t *inputs;     /* name -> text */
	struct shard *shard;      /* sorted by from; none is empty */
	size_t shards;
	size_t documents, files;  /* in all shards */
	const struct tombstone *tombstone; /* sorted by id; none of them is a document of a shard */
	size_t tombstones;
};

/* Strict and bounded; ERR_INPUT names the member. */
bool manifest_read(struct arena *, struct str bytes, struct manifest *out, struct err *);
bool manifest_write(const struct manifest *, struct buf *out, struct err *);
/* The first 32 bits of SHA-256 over the stem of a path or id: what is before its first '.' or
 * '/'. */
uint32_t manifest_hash(struct str path);
/* The shard that has this path or id, if the bundle has it at all. NULL: it does not. */
const struct shard *manifest_shard(const struct manifest *, struct str path);
/* NULL: the document is not taken down. */
const struct tombstone *manifest_tombstone(const struct manifest *, struct str id);
/* The tombstone of the document that a path would belong to. */
const struct tombstone *manifest_buried(const struct manifest *, struct str path);
/* The last of n shards that begins at or before `hash`; NULL if there is none. */
const struct shard *shard_at(const struct shard *, size_t n, uint32_t hash);

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
