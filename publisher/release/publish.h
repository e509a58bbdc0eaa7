/*
 * publish: rendered files in, live site out. plan -> blobs -> manifests -> role metadata ->
 * snapshot -> receipts/<version>.intent -> timestamp.json by compare-and-swap, the only commit
 * point. Killed at any instant, the site is as it was, and running it again finishes.
 */
#ifndef PUBLISHER_PUBLISH_H
#define PUBLISHER_PUBLISH_H

#include "publisher/bundle/live.h"
#include "publisher/config/config.h"
#include "publisher/signing/issue.h"

struct publish_document {
	struct str id, title;
	int64_t updated, expires;
	struct str source;       /* canonical XML */
	struct digest sha256;    /* of source; see publish_file */
	struct str provenance;   /* a JSON object without blanks, keys sorted */
};
/*
 * The caller vouches for sha256: it decides what is new, and only the bytes of what is new are
 * read, so bodies may lie in a mapped file of any size. What is read is checked: ERR_UNTRUSTED
 * if bytes have another digest, because whoever kept them (the render cache) is damaged.
 */
struct publish_file {
	struct str path, type, document, body;
	struct digest sha256;    /* of body */
};
/* One bundle as it shall be: complete. A file is served as immutable if its name carries the
 * first hex digits (8 at least) of its content's SHA-256: "assets/page.1f2e3d4c.css". */
struct publish_bundle {
	struct str vertical, locale;
	const struct publish_document *document;
	size_t documents;
	const struct publish_file *file;
	size_t files;
	json_t *inputs;
	/* Documents that are taken down, sorted by id: all of them, if `buries`; else those of the
	 * live version stay. A document that has one in the plan makes that ERR_STALE: whoever
	 * made the input looks again at what is live (publish_buried). */
	const struct tombstone *tombstone;
	size_t tombstones;
	bool buries;
	/*
	 * Was it made from what is live (documents merged or kept)? Then the live version of the
	 * bundle that was read, PUBLISH_NOT_LIVE if there was none: when another publisher has
	 * changed the bundle since, plan and commit fail with ERR_STALE instead of undoing that
	 * change, and the input has to be made again after site_reload. 0: it owes nothing to
	 * what is live.
	 */
	int64_t based_on;
};
#define PUBLISH_NOT_LIVE (-1)

enum change { CHANGE_NONE, CHANGE_ADDED, CHANGE_CHANGED, CHANGE_REMOVED };
struct planned_file {
	struct str path; /* "weather/en-us/seattle.html" */
	enum change change;
};
struct planned_bundle {
	struct str vertical, locale;
	enum change change;
	size_t before, after;    /* documents */
	size_t documents_removed;
	struct planned_file *file; /* only those that change */
	size_t files;
	struct manifest manifest; /* the new one; a shard of size 0 is still to be made */
};
struct content;
struct draft_document;
struct plan {
	struct planned_bundle *bundle;
	size_t bundles;
	size_t added, changed, removed;  /* files */
	struct content **content;        /* of files, to be coded and uploaded: draft.h */
	size_t contents;
	struct draft_document **source;  /* to be uploaded */
	size_t sources;
	size_t blobs;                    /* contents and sources; their coded forms come on top */
	uint64_t bytes;                  /* of the blobs */
	struct str *key;                 /* surrogate keys to purge, sorted, unique */
	size_t keys;
	bool renew;                      /* nothing changed but metadata is due for renewal */
};

struct site;  /* an open target: store, anchor, keyring if its folder is there, live state */
/* expiry is ignored: whoever publishes renews. A target never published has no live state. */
bool site_open(struct arena *, const struct target_config *, struct site **out, struct err *);
/* As site_open, for whoever replaces keys: takes what is live also if only the root before the
 * newest vouches for it, which is how an interrupted rotation may leave a site. */
bool site_mend(struct arena *, const struct target_config *, struct site **out, struct err *);
/* As site_open, for fsck: opens also a site with manifests that cannot be read; see live_salvage. */
bool site_salvage(struct arena *, const struct target_config *, struct site **out, struct err *);
/*
 * As site_open, with a folder of copies (shelf.h; NULL: none). If nothing has happened since
 * site_remember, one conditional request tells, and is all: then this is a glimpse, enough to
 * say what is live. A ceremony that was begun and has not reached timestamp.json is not seen by
 * it, so before anything is signed or written comes site_confirm.
 */
bool site_glimpse(struct arena *, const struct target_config *, const char *folder,
    struct site **out, struct err *);
bool site_is_glimpse(const struct site *);
/* Read what a glimpse has left out; nothing to do if it was none. */
bool site_confirm(struct site *, struct err *);
/* Read all again from the store alone: copies of a store that was restored from an older copy are
 * of another history, in which the same names may have had other bytes. */
bool site_distrust(struct site *, struct err *);
/* All is done under what is live: published, logged, confirmed by every edge. */
void site_remember(struct site *);
const struct live *site_live(const struct site *); /* NULL: nothing published yet */
struct store *site_store(const struct site *);
/* ERR_UNTRUSTED: this store is behind what has been seen of it from this machine (seen.h). */
bool site_current(const struct site *, struct err *);
/* See what is live now. What site_live told before stays valid. */
bool site_reload(struct site *, struct err *);
/* For ceremonies. ERR_SETUP: the secret keys are not on this machine. */
bool site_keyring(const struct site *, struct keyring **out, struct err *);
/* What a release starts from: live metadata, newest root and targets; no changes. */
void site_release(const struct site *, struct release *out);

/* Why this document may not be published now; NULL: it may. */
const struct tombstone *publish_buried(const struct site *, struct str vertical,
    struct str locale, struct str id);

/* There is nothing to do: no bundle changes, nothing is due for renewal. */
bool plan_is_empty(const struct plan *);
/* No network write, no file written. Bundles not named stay as they are. */
bool publish_plan(struct arena *, struct site *, const struct publish_bundle *, size_t n,
    struct plan **out, struct err *);

struct progress {
	/* From any thread, but never from two at the same time. all is 0 where nobody knows it. */
	void (*step)(void *ctx, const char *what, size_t done, size_t all);
	void *ctx;
};
struct published {
	int64_t version;   /* of the site: its snapshot */
	unsigned conflicts; /* lost swaps that were rebased */
	struct str *key;   /* what has to be purged */
	size_t keys;
	bool changed;
	bool appended;     /* the version is this call's own */
	bool unlisted;     /* of a rollback: lists that name what is taken down were left out */
};
/*
 * Losing to other publishers. There is no queue: whoever lost tries again after a random pause of
 * about as many tries' length as the others seem to be, and after a short one when it has lost
 * many times, so that the ones that come anew do not always win. Begins as zeros.
 */
#define CONTEST_S 180
struct contest {
	unsigned lost;
	int64_t since_ms; /* monotonic; of the first loss */
	int64_t began_ms; /* of this try */
};
/* After one more loss: waits. False if it has been losing for CONTEST_S. */
bool contest_again(struct contest *);

/* Carry out: retries when another publisher was faster (rebase; for CONTEST_S, then ERR_STALE;
 * at once if a bundle is based_on what is no longer live). `note` is kept in the history. */
bool publish_commit(struct arena *, struct site *, const struct publish_bundle *, size_t n,
    struct str note, const struct progress *, struct published *out, struct err *);

/*
 * Make bundles (all if n == 0; "weather/en-us") what they were in site version `to`. A bundle
 * that did not exist then becomes empty; its history stays. ERR_ABSENT: a version that is no
 * longer kept. A rollback is a new version like any other, so it can itself be rolled back.
 */
bool publish_rollback(struct arena *, struct site *, const struct str *bundles, size_t n,
    int64_t to, struct published *out, struct err *);

/* Renew what is due (always the timestamp if force). */
bool publish_renew(struct arena *, struct site *, bool force, struct published *out,
    struct err *);

/* The store has gone back behind what this machine has seen (seen.h), and that is meant: sign
 * all that is live anew, under versions above those, so that clients go on. */
bool publish_resume(struct arena *, struct site *, struct published *out, struct err *);

/* At the end of a ceremony: what is live once more, signed by the keys that count now, with a
 * record of its own in the log; `note` says what was done. */
bool publish_rekeyed(struct arena *, struct site *, struct str note, struct published *out,
    struct err *);

/* Put what a ceremony (issue_rotation, issue_root, issue_vertical) has made, in its order;
 * timestamp.json by compare-and-swap. ERR_STALE: somebody else was faster, begin anew. */
bool publish_issued(struct site *, const struct issued *, size_t n, struct err *);

#endif
