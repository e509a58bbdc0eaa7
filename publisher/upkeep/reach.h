/*
 * reach: every object of a store that the kept versions of a site need, and why. What gc keeps,
 * fsck proves, export packs and promote copies.
 *
 * Kept are the versions that the signed history of each bundle lists (`keep`, `keep_for`): a
 * version is one manifest, its shards, and their blobs in all coded forms; then the metadata
 * from the anchor's root on, and the log with its records. Receipts are not among them: see gc.
 */
#ifndef PUBLISHER_REACH_H
#define PUBLISHER_REACH_H

#include "publisher/bundle/live.h"
#include "publisher/upkeep/marks.h"

enum reach_kind {
	REACH_METADATA, /* root chain, targets, roles, snapshot; timestamp.json last */
	REACH_MANIFEST,
	REACH_SHARD,
	REACH_FILE,     /* a blob: a file in one of its forms */
	REACH_SOURCE,   /* a blob: a document's canonical XML */
	REACH_LOG,      /* checkpoint, tiles, records */
};
/* Lives until the visit ends. */
struct reach_object {
	enum reach_kind kind;
	struct str key;
	const struct digest *sha256; /* of its bytes; NULL: follows from nothing signed (log tiles) */
	uint64_t size;               /* if sha256 is there */
	struct str type;             /* media type it is stored with */
	enum coding coding;          /* that it is stored with; REACH_FILE: its form */
	bool immutable;
	/* What needs it; empty or NULL where it does not apply. */
	struct str vertical, locale;
	const struct bundle_version *version; /* the newest that does */
	struct str name;             /* path of the file, id of the document */
	const struct manifest *manifest;
	const struct manifest_file *file;
};
/*
 * In this order: metadata; for each bundle, newest version first, its manifest, then shard by
 * shard the shard and the blobs of its entries; the log. A shard is shown once, blobs that
 * several entries share each time. By one thread. False, with the error set, ends the walk.
 */
typedef bool reach_visit(void *ctx, const struct reach_object *, struct err *);
/* A manifest, shard or log that could not be read or is not what was signed: it was shown, what
 * it leads to is not. The walk goes on if this returns true. */
typedef bool reach_broken(void *ctx, const struct reach_object *, const struct err *why,
    struct err *);

#define REACH_ONLY_METADATA (1u << REACH_METADATA)
#define REACH_ONLY_BUNDLES (1u << REACH_MANIFEST)
#define REACH_ONLY_LOG (1u << REACH_LOG)

struct reach {
	struct store *store;
	struct str anchor;
	const struct live *live;    /* its manifests are not asked: they are read anew */
	unsigned parts;             /* REACH_ONLY_… | …; 0: all */
	const struct str *bundle;   /* "weather/en-us": only these; NULL: all */
	size_t bundles;
	int64_t version;            /* bundles as they were in this version of the site; 0: all kept */
	bool current;               /* live versions only */
	reach_visit *visit;
	reach_broken *broken;       /* NULL: ends the walk with its error */
	void *ctx;
	/* Shards whose entries were shown: not again. NULL: within each walk. Must have width 32. */
	struct marks *seen;
};

/* Memory: 16 shards at a time, and 32 bytes times 3 for each shard. Errors as live_manifest and
 * shard_get. */
bool reach_walk(const struct reach *, struct err *);

/* The first 8 bytes of a key's SHA-256: how gc tells keys apart. */
struct digest reach_key_digest(struct str key);

#endif
