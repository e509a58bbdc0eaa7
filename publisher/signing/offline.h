/*
 * offline: a ceremony whose keys never meet on one machine. A draft is the next root.json or
 * targets.json (TUF 1.0 sections 4.3, 4.5), with whatever signatures it has so far; copies of it
 * are signed where the keys are, and put together again. Pure but for the keyring.
 */
#ifndef PUBLISHER_SIGNING_OFFLINE_H
#define PUBLISHER_SIGNING_OFFLINE_H

#include "publisher/signing/issue.h"

enum draft_act { DRAFT_ADD, DRAFT_REMOVE, DRAFT_THRESHOLD };
struct draft_change {
	enum draft_act act;
	struct str role;        /* of the top level: of root.json; else a vertical: of targets.json */
	unsigned char key[32];  /* DRAFT_ADD: Ed25519 */
	struct str id;          /* DRAFT_REMOVE: the beginning of its id, at least 8 digits */
	unsigned threshold;     /* DRAFT_THRESHOLD */
};

/*
 * The next version, unsigned, with these changes in order: of root if there is none. ERR_INPUT:
 * changes of both files, a key that is (not) there, a threshold that the keys cannot meet.
 * Adding a key to a vertical that is not there delegates it.
 */
bool offline_draft(struct arena *, const struct root *, const struct targets *,
    const struct draft_change *, size_t n, int64_t expires, struct str *out, struct err *);

struct draft {
	bool is_root;
	struct root root;       /* one of the two */
	struct targets targets;
	const struct metadata *meta;
};
/* ERR_INPUT: neither a root.json nor a targets.json of ours. Signatures are not judged. */
bool offline_read(struct arena *, struct str bytes, struct draft *out, struct err *);
/* Sign with every key of the draft's role ("root" or "targets") that is in the keyring, whether
 * the draft names it or an earlier file does. ERR_ABSENT: there is none. *added: new ones. */
bool offline_sign(struct arena *, const struct keyring *, struct str bytes, struct str *out,
    size_t *added, struct err *);
/* All signatures of copies of one draft. ERR_INPUT: they are of different drafts. */
bool offline_merge(struct arena *, const struct str *copy, size_t n, struct str *out,
    struct err *);

#endif
