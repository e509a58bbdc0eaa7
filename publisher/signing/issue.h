/*
 * issue: make new signed metadata (TUF 1.0 section 4). Pure but for the keyring: returns
 * bytes; putting them into a store is the caller's work, timestamp last.
 */
#ifndef PUBLISHER_SIGNING_ISSUE_H
#define PUBLISHER_SIGNING_ISSUE_H

#include "publisher/signing/keyring.h"
#include "publisher/trust/client.h"

struct lifetimes { /* seconds */
	int64_t root_s, targets_s, role_s, snapshot_s, timestamp_s;
};
extern const struct lifetimes lifetimes_default; /* 1 y, 1 y, 90 d, 14 d, 2 d */

struct issued {
	struct str name;  /* "metadata/4.snapshot.json" */
	struct str bytes;
};

/* First ceremony: makes root (2 keys, threshold 2), targets, snapshot, timestamp and one key
 * per vertical in the keyring; issues 1.root.json and 1.targets.json. */
bool issue_site(struct arena *, struct keyring *, const struct str *verticals, size_t n,
    const struct lifetimes *, int64_t now, struct issued *root, struct issued *targets,
    struct err *);

/* The complete new target list of one vertical. */
struct role_change {
	struct str vertical;
	const struct target *target; /* sorted by path; custom may be NULL */
	size_t n;
};

struct release {
	const struct trusted *base;   /* what is live, expiry ignored; NULL: first publish */
	const struct root *root;      /* newest root */
	const struct targets *targets; /* newest top-level targets (may be newer than base's) */
	const struct role_change *change;
	size_t changes;
	/*
	 * No new role or snapshot file gets a lower version than this; 0: each is its
	 * predecessor's version + 1. A publisher that died has left files whose names are taken:
	 * TUF allows the gap that skipping them leaves. The new snapshot's version is exactly
	 * max(base's + 1, version_at_least), 1 without a base: callers know it beforehand.
	 */
	int64_t version_at_least;
};
/*
 * A commit: new role files, snapshot and timestamp. Without a change, only what is due is
 * signed anew: usually the timestamp alone, the snapshot keeping its version. Every delegated role that has never been
 * listed gets an (empty) file, so that the snapshot names all of them. Unchanged roles near
 * their expiry (under a third of their life left) are signed anew with the same targets.
 * ERR_ABSENT names the vertical that is not delegated, or the secret key that is missing, and
 * the command to run. out[n-1] is metadata/timestamp.json.
 */
bool issue_release(struct arena *, const struct keyring *, const struct release *,
    const struct lifetimes *, int64_t now, struct issued **out, size_t *n, struct err *);

/* Does the live metadata need renewal (any role with under half of the timestamp's or a
 * third of the others' life left)? */
bool issue_due(const struct trusted *, const struct lifetimes *, int64_t now);

/*
 * Replace the key of a role ("root", "targets", "snapshot", "timestamp" or a vertical): a new
 * root and/or targets signed by old and new keys where TUF asks, and in the same go a release
 * so that no client ever sees a gap: while the old root is still trusted, timestamp and
 * snapshot carry signatures of old and new keys. The caller puts out[] in order.
 */
bool issue_rotation(struct arena *, struct keyring *, const struct release *, struct str role,
    const struct lifetimes *, int64_t now, struct issued **out, size_t *n, struct err *);

/* Delegate one more vertical: makes its key, issues the next targets.json. */
bool issue_vertical(struct arena *, struct keyring *, const struct root *,
    const struct targets *, struct str vertical, const struct lifetimes *, int64_t now,
    struct issued *out, struct err *);

#endif
