/*
 * seen: the highest versions that this machine has published or verified, in a file beside the
 * trusted root (trust/NAME.root.json, trust/NAME.seen.json). Versions only rise: a store that
 * has gone back, restored from an older copy or by an attacker, is told apart (TUF 1.0 sections
 * 5.4.3 and 5.5.5). Not secret; lost, it is made again.
 */
#ifndef PUBLISHER_SEEN_H
#define PUBLISHER_SEEN_H

#include "publisher/trust/client.h"

struct seen {
	int64_t root, timestamp, snapshot; /* 0: none yet */
};

/* `root` is the path of the trusted root. An absent file is {0}; a damaged one ERR_SETUP. */
bool seen_read(struct arena *, const char *root, struct seen *out, struct err *);
/* ERR_UNTRUSTED "rollback: …" names both versions. Under a newer root any versions will do: a
 * ceremony may have begun anew, and no thief can make one. */
bool seen_check(const struct seen *, const struct trusted *, struct err *);
/* Keep it, as far as this user may write there: a reader's machine need not remember. Under one
 * root nothing that is kept sinks, whatever was taken on purpose. */
void seen_keep(struct arena *, const char *root, const struct trusted *);

#endif
