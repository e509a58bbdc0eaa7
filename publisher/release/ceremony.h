/*
 * ceremony: the rare acts that change who may sign: founding a target, delegating a vertical,
 * replacing a key. Each leaves clients without a gap (docs/trust.md).
 */
#ifndef PUBLISHER_CEREMONY_H
#define PUBLISHER_CEREMONY_H

#include "publisher/release/publish.h"

/* Make all keys of a target in its keys folder, its trusted root file, and the first root and
 * targets in its store; finishes what an earlier run has left undone. ERR_SETUP if all of it is
 * there. */
bool ceremony_found(struct arena *, const struct target_config *, const struct str *verticals,
    size_t n, struct err *);
/*
 * As ceremony_found, from a root.json that was made elsewhere: it becomes the trusted root as it
 * is, so its clients go on from it. The keys of targets, snapshot and timestamp that it names have
 * to be in the keys folder; verticals get keys, unless there are some. ERR_UNTRUSTED: not signed
 * by its own Ed25519 keys.
 */
bool ceremony_adopt(struct arena *, const struct target_config *, const char *root,
    const struct str *verticals, size_t n, struct err *);
/* Make a key for one more vertical and delegate it; takes effect with the next publish. */
bool ceremony_delegate(struct arena *, struct site *, struct str vertical, struct err *);
/* Replace the key of a role. Also renews the metadata, in the same commit. */
bool ceremony_rotate(struct arena *, struct site *, struct str role, struct err *);
/* As ceremony_rotate for a key that was lost or stolen: nothing is signed with the old one, so
 * between the new root and the release behind it, for a moment, clients refuse what is live. */
bool ceremony_revoke(struct arena *, struct site *, struct str role, struct err *);
/* The next root with the same keys and a new expiry: clients stop when root expires. */
bool ceremony_renew(struct arena *, struct site *, struct err *);
/*
 * Bring live what was signed elsewhere (offline.h): a next root, a next targets.json, or both at
 * once; copies of either are put together. Signatures of the old and the new keys are checked,
 * as clients will check them, before anything is put. old_is_lost: as ceremony_revoke. ERR_STALE: made for an older root.json or targets.json.
 */
bool ceremony_apply(struct arena *, struct site *, const struct str *copy, size_t n,
    bool old_is_lost, struct err *);

#endif
