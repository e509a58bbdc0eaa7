/*
 * metafile: one metadata file being written (TUF 1.0 section 4): its body from structs, its
 * signatures from the keyring. Used by the ceremonies and releases of issue.h only.
 */
#ifndef PUBLISHER_SIGNING_METAFILE_H
#define PUBLISHER_SIGNING_METAFILE_H

#include "publisher/signing/issue.h"

#define SIGNERS_MAX 2 /* a role before and after its rotation */

/* Roles whose thresholds the signatures must meet, each on its own. */
struct signers {
	const struct role_keys *role[SIGNERS_MAX];
	size_t n;
};
static inline struct signers
signed_by(const struct role_keys *one, const struct role_keys *other)
{
	return (struct signers){ { one, other }, other != NULL ? 2 : 1 };
}

/* Bodies ("signed") that live in the arena. role: root, timestamp, snapshot, targets. */
json_t *root_body(struct arena *, const struct role_keys role[4], int64_t version,
    int64_t expires);
json_t *targets_body(struct arena *, const struct target *, size_t n,
    const struct role_keys *delegated, size_t roles, int64_t version, int64_t expires);
/* custom may be NULL */
json_t *snapshot_body(struct arena *, const struct meta_entry *, size_t n, const json_t *custom,
    int64_t version, int64_t expires);
json_t *timestamp_body(struct arena *, const struct meta_entry *snapshot, int64_t version,
    int64_t expires);

/* Are there enough secrets here for all of them? */
bool metafile_can_sign(const struct keyring *, struct signers);
/*
 * Sign with every key of `who` that is here. ERR_ABSENT if that is not enough, ERR_INPUT if
 * the body is not plain ASCII with integers. root.json is written for people, the others as
 * canonical JSON.
 */
bool metafile_sign(struct arena *, const struct keyring *, struct str name, const json_t *body,
    struct signers who, struct issued *out, struct err *);
/* "metadata/4.weather.json" */
struct str metafile_name(struct arena *, struct str role, int64_t version);
/* Version, length and digest of a file, as timestamp and snapshot name it. */
struct meta_entry metafile_entry(struct arena *, struct str role, int64_t version,
    struct str bytes);

#endif
