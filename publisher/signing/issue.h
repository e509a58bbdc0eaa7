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

/* First ceremony: makes root (3 keys, threshold 2), targets, snapshot, timestamp and one key
 * per vertical in the keyring; issues 1.root.json and 1.targets.json, both to be put. An earlier
 * run may have died: keys that are in the keyring are used, and root->bytes, if there are any,
 * are the root that it made. */
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
	/* What the new snapshot says as its `custom`; with it a new snapshot is made in any case.
	 * NULL: what the base says. */
	const json_t *custom;
	/* The store has gone back: timestamp gets at least this version, and every vertical is signed
	 * anew, so that clients which saw more go on. */
	int64_t timestamp_at_least;
	bool sign_all;
	/* A root that will be put after this release: timestamp, snapshot and targets are signed by
	 * its keys too. Set by issue_rotation; NULL otherwise. */
	const struct root *next;
	/* In a rotation: the old keys count as lost or stolen, nothing is signed with them. The new
	 * root comes first then. */
	bool old_is_lost;
};
/* The version of the snapshot that a release with changes will have. */
int64_t release_version(const struct release *);
/*
 * A commit: new role files, snapshot and timestamp. Without a change, only what is due is
 * signed anew: usually the timestamp alone, the snapshot keeping its version. Every delegated
 * role that has never been listed gets an (empty) file, so that the snapshot names all of
 * them. Unchanged files that are near their expiry (under a third of their life left) are
 * signed anew with the same content if their keys are here; those that the present keys do
 * not vouch for (after a rotation) must be. ERR_ABSENT names the vertical that is not
 * delegated, or the secret key that is missing, and the command to run.
 *
 * out[n-1] is metadata/timestamp.json, to be swapped; all before it are immutable and are put
 * first. A targets.json that is not live yet is among them.
 */
bool issue_release(struct arena *, const struct keyring *, const struct release *,
    const struct lifetimes *, int64_t now, struct issued **out, size_t *n, struct err *);

/* Does the live metadata need renewal (any role with under half of the timestamp's or a
 * third of the others' life left, or more than a whole life: a clock was wrong)? Root is not asked: only a ceremony can renew it. */
bool issue_due(const struct trusted *, const struct lifetimes *, int64_t now);

/*
 * Replace the keys of a role ("root", "targets", "snapshot", "timestamp" or a vertical): a new
 * root or targets, and in the same go a release, so that no client ever sees a gap. The caller
 * puts out[] in this order, which is one of
 *   vertical    targets, role, snapshot, timestamp: one swap brings it all
 *   timestamp, snapshot, targets
 *               files, timestamp (signed by old and new keys: good under the old root and
 *               under the new one), then <N+1>.root.json. Caches must have forgotten the old
 *               timestamp.json before that root is put: under it, the old one is not signed.
 *   root        <N+1>.root.json alone, signed by the old and the new root keys
 * If the old secret is lost, nobody can sign for both: <N+1>.root.json comes first, and
 * clients refuse what is live until the swap that follows at once.
 * The next release needs the new keys only. Old key files stay until keyring_drop.
 */
bool issue_rotation(struct arena *, struct keyring *, const struct release *, struct str role,
    const struct lifetimes *, int64_t now, struct issued **out, size_t *n, struct err *);

/*
 * Bring a next root live that is signed already, with the release that it needs: where it
 * changes the keys of timestamp, snapshot or targets. out[] is in the order of issue_rotation.
 * A changed targets.json is r->targets, signed by the old and the new keys, or can be signed
 * here.
 */
bool issue_next_root(struct arena *, const struct keyring *, const struct release *,
    const struct issued *root, const struct lifetimes *, int64_t now, struct issued **out,
    size_t *n, struct err *);

/* May a vertical have this name? ERR_INPUT. */
bool issue_vertical_name(struct str, struct err *);

/* The next root with the same keys and a new expiry: what has to be done once a year. */
bool issue_root(struct arena *, const struct keyring *, const struct root *,
    const struct lifetimes *, int64_t now, struct issued *out, struct err *);

/* Delegate one more vertical: makes its key, issues the next targets.json. It is live with
 * the next release (trust_targets finds it). */
bool issue_vertical(struct arena *, struct keyring *, const struct root *,
    const struct targets *, struct str vertical, const struct lifetimes *, int64_t now,
    struct issued *out, struct err *);

#endif
