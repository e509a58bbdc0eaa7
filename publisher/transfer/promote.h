/*
 * promote: bundles of one site made live at another as they are: the same manifests, shards and
 * blobs, to the byte; nothing is rendered or coded. Only what the other store lacks is copied,
 * each object verified on its way. The new metadata is signed by the keys of the site that it
 * goes to; of the one that it comes from, only the trusted root is needed.
 */
#ifndef PUBLISHER_PROMOTE_H
#define PUBLISHER_PROMOTE_H

#include "publisher/release/publish.h"

struct promotion {
	struct store *store;      /* where it comes from, */
	const struct live *live;  /* and what was verified there */
	const struct str *bundle; /* "weather/en-us"; n == 0: all */
	size_t n;
	int64_t version;          /* of that site; 0: what is live */
	struct str note;          /* for the history */
	const char *kind;         /* for the log: "promote", "import" */
};

/* One bundle of a promotion, at its version. */
struct promoted {
	const struct live_bundle *live;
	const struct bundle_version *version;
};
/* What is meant, sorted; a bundle that did not exist at that version is none of it.
 * ERR_INPUT: no such bundle; ERR_ABSENT: a version that is no longer kept. */
bool promotion_bundles(struct arena *, const struct promotion *, struct promoted **out,
    size_t *n, struct err *);
/* The bytes of its manifest, verified and parsed. */
bool promotion_manifest(struct arena *, struct store *, const struct promoted *,
    struct str *bytes, struct manifest *out, struct err *);

/*
 * What promote_commit would do; blobs and bytes are those that would be copied. ERR_INPUT: a
 * document is taken down at `to` and this version does not know of it.
 */
bool promote_plan(struct arena *, struct site *to, const struct promotion *, struct plan **out,
    struct err *);
/* Carry out, in one commit. Retried when another publisher was faster. */
bool promote_commit(struct arena *, struct site *to, const struct promotion *,
    const struct progress *, struct published *out, struct err *);

#endif
