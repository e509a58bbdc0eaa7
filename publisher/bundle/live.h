/*
 * live: all that a store currently publishes, verified: the trusted metadata and the manifest
 * of every bundle; their shards when somebody asks for one. What publish starts from, what the
 * origin serves from.
 *
 * A bundle is the TUF target "<vertical>/<locale>/bundle.json". Its `custom` object carries
 * the version and the history that makes rollback and /@<version>/ URLs possible, under the
 * current role's signature:
 *   { "version": 12, "first": 3, "time": 1790000000, "note": "…", "history": [
 *     { "version": 9, "sha256": "…", "length": 123, "time": …, "note": "…" },
 *     … newest first, without the current one ] }
 * A version is the number of the site's snapshot in which the bundle became what it is; first
 * is the one in which it appeared, kept when history no longer reaches back to it.
 */
#ifndef PUBLISHER_BUNDLE_LIVE_H
#define PUBLISHER_BUNDLE_LIVE_H

#include "publisher/bundle/tree.h"
#include "publisher/store/store.h"
#include "publisher/trust/client.h"

struct bundle_version {
	int64_t version, time;
	struct digest sha256;
	uint64_t length;
	struct str note; /* ASCII, "publish", "rollback to 9" */
};

struct manifest_hold; /* a manifest that several live states share */

struct live_bundle {
	struct str vertical, locale;
	int64_t first;
	struct bundle_version current;
	struct bundle_version *history; /* newest first */
	size_t histories;
	const struct manifest *manifest;
	struct manifest_hold *hold;
	bool damaged; /* by live_salvage only: the manifest cannot be read */
};

struct live {
	struct trusted *trusted;
	struct str etag;              /* of timestamp.json: for the swap and for polling */
	struct live_bundle *bundle;   /* sorted by vertical, then locale */
	size_t bundles;
};

/* A store as a source of metadata. */
struct trust_source store_source(struct store *);
/*
 * ERR_ABSENT: nothing published yet. `before` may be NULL; what is unchanged since then is
 * neither fetched nor parsed again. The two share manifests by counting references, from any
 * thread: either arena may go first. Other errors as trust_refresh; a manifest that is not
 * what was signed is ERR_UNTRUSTED.
 */
bool live_read(struct arena *, struct store *, struct str anchor, const struct live *before,
    int64_t now, enum trust_expiry, struct live **out, struct err *);
/* As live_read without a `before`, for whoever mends: in the place of a manifest that cannot be
 * read stands one without entries, with the tombstones of the newest kept version that can. */
bool live_salvage(struct arena *, struct store *, struct str anchor, int64_t now,
    enum trust_expiry, struct live **out, struct err *);
const struct live_bundle *live_find(const struct live *, struct str vertical,
    struct str locale);
/* The bundle as it was in site version `version`: its newest version that is not younger.
 * NULL if it is no longer kept or did not exist. */
const struct bundle_version *live_version(const struct live_bundle *, int64_t version);
/* Where the store keeps that version's manifest. */
struct str live_manifest_key(struct arena *, struct str vertical, struct str locale,
    const struct digest *);
/* Read and verify the manifest of any kept version. */
bool live_manifest(struct arena *, struct store *, struct str vertical, struct str locale,
    const struct bundle_version *, struct manifest *out, struct err *);

/*
 * Shards. Each is read at most once, verified against the manifest before it is parsed, and
 * shared by all live states whose manifests list it. ERR_UNTRUSTED: is not what was signed;
 * ERR_BUSY: could not be read now, or is missing although it is signed. Thread-safe.
 */
/* Shard i of the manifest, parsed; valid as long as the live state. */
bool live_tree(const struct live_bundle *, struct store *, size_t i, const struct tree **out,
    struct err *);
/* The entry of a document; NULL in *out if there is none. */
bool live_document(const struct live_bundle *, struct store *, struct str id,
    const struct manifest_document **out, struct err *);
/* How many live documents are not among the n ids, sorted, and have not expired at `now`: reads
 * only shards that lack one. */
bool live_missing(const struct live_bundle *, struct store *, const struct str *id, size_t n,
    int64_t now, size_t *out, struct err *);
/* Read the bytes of all shards that are not in memory yet, in parallel; they stay there. */
bool live_fetch(const struct live *, struct store *, struct err *);
/* Bytes that live_fetch has read. */
struct str live_shard_bytes(const struct live_bundle *, size_t i);
/* A shard of any version, read and verified: its stored bytes. */
bool shard_get(struct arena *, struct store *, const struct shard *, struct str *out,
    struct err *);
/* Numbers that belong to shard i, made by whoever needs them first, in memory that goes with
 * the shard; see view.c. */
typedef bool shard_numbers(void *ctx, struct arena *, uint64_t **out, size_t *n, struct err *);
bool live_numbers(const struct live_bundle *b, size_t i, shard_numbers *make, void *ctx,
    const uint64_t **out, size_t *n, struct err *err);

#endif
