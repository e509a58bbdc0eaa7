/*
 * archive: bundles of a site as one file, for where no network leads: a plain ustar archive
 * (POSIX.1-2017, pax, "ustar Interchange Format") whose members are named as in a store, behind
 * one that says what it is, edgepress-export.json. Same content, same bytes: no dates, no names of users.
 *
 * Nothing in it is believed for being in it: blobs, shards and manifests have to have the
 * digest in their name, metadata the signatures that lead to a root that the reader trusts.
 */
#ifndef PUBLISHER_ARCHIVE_H
#define PUBLISHER_ARCHIVE_H

#include "publisher/transfer/promote.h"

#define ARCHIVE_MEMBERS 20000000

struct archive_sum {
	uint64_t members, bytes; /* bytes: of the members */
};

/* Write what `p` means to `path`, which is replaced when all of it is there: metadata, all
 * manifests that are live, then version, shards and blobs of what is meant. Each object is
 * verified. `anchor` is the root from which the chain of roots begins. */
bool archive_write(struct arena *, const struct promotion *, struct str anchor,
    const char *path, const struct progress *, struct archive_sum *out, struct err *);

struct archive {
	struct store *store;      /* reads what is in it; nothing else works */
	const struct live *live;
	const struct str *bundle; /* that it is about */
	size_t bundles;
	int64_t version;          /* 0: what was live */
	struct archive_sum sum;
};
/*
 * Open and verify all of it: form, digests, signatures from the root in `anchor` on, and that
 * nothing is missing. ERR_INPUT: not such an archive, damaged, or made to do harm (says where);
 * ERR_UNTRUSTED: not what was signed. Signatures that have expired are taken: see trusted.
 * Memory: 32 bytes for each member, one member and one shard at a time.
 */
bool archive_open(struct arena *, const char *path, struct str anchor, struct archive *out,
    struct err *);

#endif
