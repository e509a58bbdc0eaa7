/* site: an open target, for the files of publisher/ that change it. */
#ifndef PUBLISHER_SITE_H
#define PUBLISHER_SITE_H

#include "publisher/release/keyset.h"
#include "publisher/release/publish.h"
#include "publisher/release/seen.h"
#include "publisher/release/shelf.h"

struct site {
	struct arena *a;
	const struct target_config *target;
	struct store *store;
	struct str anchor;
	struct keyring *keys; /* NULL: not on this machine; no_keys says why */
	struct err no_keys;
	bool mending;         /* opened by site_mend */
	bool salvaging;       /* opened by site_salvage */
	bool sweeping;        /* this is gc: it does not wait for itself */
	struct str round;     /* newest round of gc at the start of this attempt: sweep.h */
	struct root root;     /* newest */
	struct targets targets; /* newest top level; may not be live yet */
	struct live *live;    /* NULL: nothing published yet */
	struct err behind;    /* why this store is older than what was seen; code 0: it is not */
	const char *folder;   /* for site_glimpse's copies; NULL: none */
	struct shelf *shelf;  /* what this machine has kept of it; NULL: nothing */
	bool glimpsed;        /* live is what site_remember saw, confirmed by one request */
	bool log_behind;      /* the log could not be completed */
	struct seen floor;    /* of publish_resume: all that is signed gets higher versions */
};

/* site_reload after a commit of one's own: roots and targets were looked for just before it. */
bool site_reload_own(struct site *, struct err *);

/* 0 if nothing is published. */
int64_t site_version(const struct site *);

/* A bundle's place in the next version of its role. */
struct bundle_change {
	struct str vertical, locale;
	struct digest sha256;
	uint64_t length;
	const struct manifest *manifest; /* for the log */
	const struct digest *lost; /* manifests that the history shall not list any more */
	size_t losses;
};

/* What one attempt at a release wants; filled in by `prepare` from the site as it is. */
struct wanted {
	int64_t version;           /* that the new snapshot will have */
	bool release;              /* false: there is nothing to do */
	struct bundle_change *change;
	size_t changes;
	struct str note;
	const char *kind;          /* for the log; NULL: "publish", or "renew" without a change */
	bool logged;               /* a new snapshot and a record also if nothing was due */
	struct keyset *keys;       /* grows from attempt to attempt: purging more is harmless */
};
/*
 * Called anew for each attempt: all that the change needs and that is not in s->live is put
 * here, each time. Only while s->round stays the same may it take for granted what it put in
 * an earlier attempt: else gc may have removed it. An error of its own, also ERR_STALE, is
 * final.
 */
typedef bool preparer(void *ctx, struct arena *, struct site *, struct wanted *, struct err *);
/*
 * Prepare, issue, put what is immutable, write down what will have to be purged, swap
 * timestamp.json; and all of it again when another publisher was faster.
 */
bool release_run(struct arena *, struct site *, preparer *prepare, void *ctx,
    struct published *out, struct err *);

/* After losing for the n-th time: a random pause that grows, so that somebody gets through. */
void release_pause(int tries);

/* Are the keys here that sign what the plan changes? Asks for a passphrase, if there is one.
 * Better said before the first upload than after the last. */
bool site_can_sign(const struct site *, const struct plan *, struct err *);

/* The intent of a version, and what tells that it is done: receipts/12.intent, .done. */
struct str receipt_key(struct arena *, int64_t version, const char *what);

#endif
