/*
 * client: the TUF 1.0 client workflow (section 5), as publisher, origin and `verify` run it.
 * Nothing that was not checked comes out of here.
 */
#ifndef PUBLISHER_TRUST_CLIENT_H
#define PUBLISHER_TRUST_CLIENT_H

#include "publisher/trust/metadata.h"

/* Where metadata is fetched: a store or a URL. name: "metadata/3.snapshot.json". */
struct trust_source {
	/* At most max bytes into the arena; ERR_ABSENT only if it surely does not exist. */
	bool (*get)(void *ctx, struct arena *, struct str name, size_t max, struct str *out,
	    struct err *);
	void *ctx;
	/* Optional: told of each file at the moment at which it is trusted, in order; what was
	 * trusted stays so when a later file is refused (sections 5.3.8, 5.4.5, 5.5.7, 5.6.6). */
	void (*trusts)(void *ctx, const struct metadata *);
};

/* All that is trusted at one moment; immutable, lives in the arena it was made in. */
struct trusted {
	struct root root;
	struct timestamp timestamp;
	struct snapshot snapshot;
	struct targets targets;   /* top level */
	struct targets *role;     /* one per delegated vertical, in delegation order */
	size_t roles;
};

enum trust_expiry {
	EXPIRY_CHECK,  /* as TUF asks: an expired role is ERR_UNTRUSTED */
	EXPIRY_IGNORE, /* for whoever renews it, and for an origin that must go on answering */
};

/*
 * Load root from `anchor` (bytes of a trusted root), walk to the newest root, then
 * timestamp, snapshot, targets and every delegated role. `before`, if not NULL, is what was
 * trusted earlier: lower versions are refused (rollback), unless a key rotation says
 * otherwise (section 5.3.11); files that are the same as before are not fetched again. It may
 * end early: a file that was never trusted has no bytes. *out
 * never points into `before`. ERR_ABSENT: there is no timestamp.json (nothing is published).
 * ERR_UNTRUSTED: attack, by name ("rollback", "freeze: … expired at …", "mix-and-match",
 * "signature", "endless data", or what is malformed). ERR_BUSY: could not be fetched.
 * ERR_SETUP: the anchor itself is no root, or is more than 256 versions old.
 */
bool trust_refresh(struct arena *, struct str anchor, const struct trusted *before,
    const struct trust_source *, int64_t now, enum trust_expiry, struct trusted **out,
    struct err *);

/* Walk only the root chain; for whoever has to sign before there is a timestamp. */
bool trust_root(struct arena *, struct str anchor, const struct trust_source *,
    struct root *out, struct err *);
/*
 * The newest targets.json that the source holds: the live one (NULL: none yet) or later ones
 * that a ceremony has put and no release has taken up. For whoever signs; clients never look
 * ahead. ERR_ABSENT: there is none at all.
 */
bool trust_targets(struct arena *, const struct root *, const struct targets *live,
    const struct trust_source *, struct targets *out, struct err *);

/* The role of a vertical; NULL if it is not delegated. */
const struct targets *trusted_role(const struct trusted *, struct str vertical);

/*
 * For a profile that reads any repository: one delegated role, as `who` vouches for it, at the
 * version that the snapshot names. cached: what was trusted earlier, empty if nothing was.
 */
bool trust_role(struct arena *, const struct trusted *, const struct trust_source *, int64_t now,
    const struct role_keys *who, struct str cached, struct targets *out, struct err *);

#endif
