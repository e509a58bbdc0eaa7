/*
 * draft: the bundles as they shall be, sorted and checked once; from it plans are made
 * against whatever is live. A coded form is made at most once, and only of new content.
 */
#ifndef PUBLISHER_DRAFT_H
#define PUBLISHER_DRAFT_H

#include "publisher/site.h"

struct draft_file {
	const struct publish_file *from;
	bool coded;       /* gzip was tried; its result is kept if it is smaller */
	struct buf gzip;  /* n == 0: not worth it */
	struct digest gzip_sha256;
};
struct draft_document {
	const struct publish_document *from;
};
struct draft_bundle {
	const struct publish_bundle *from;
	struct draft_document *document; /* sorted by id */
	struct draft_file *file;         /* sorted by path */
	int64_t updated;                 /* newest document */
};
struct draft {
	struct draft_bundle *bundle;
	size_t n;
};

/* ERR_INPUT names the bundle and what is wrong with it. */
bool draft_make(struct arena *, const struct publish_bundle *, size_t n, struct draft **out,
    struct err *);
/* The plan that makes the site's live state into the draft. */
bool plan_make(struct arena *, struct site *, struct draft *, struct plan **out,
    struct err *);

#endif
