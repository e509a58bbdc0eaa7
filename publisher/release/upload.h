/*
 * upload: new content on its way into the store: checked, coded and put by many threads at
 * once, each form given back before the next is made, so that memory does not grow with the
 * site. Waiting for the store and work of the processors overlap; as many threads code at a
 * time as there are processors.
 */
#ifndef PUBLISHER_UPLOAD_H
#define PUBLISHER_UPLOAD_H

#include "publisher/release/draft.h"

struct upload {
	struct store *store;
	unsigned threads; /* objects under way at the same time */
	const struct progress *progress; /* NULL: nobody looks */
};

/* The plan's contents and sources. What is stored is marked so, with its coded forms: another
 * plan of the same draft does not put it again. ERR_UNTRUSTED: bytes have another digest than
 * the caller vouched for. */
bool upload_contents(const struct upload *, const struct plan *, struct err *);
/* The shards of one bundle that are new; fills in the planned manifest. */
bool upload_trees(const struct upload *, const struct draft_bundle *, struct planned_bundle *,
    struct err *);

#endif
