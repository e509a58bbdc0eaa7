/*
 * live: all that a store currently publishes, verified: the trusted metadata and the manifest
 * of every bundle. What publish starts from, what the origin serves from.
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

#include "publisher/bundle/manifest.h"
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

#endif
