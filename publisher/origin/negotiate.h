/*
 * negotiate: what a client asks for beside the path: content codings, conditions and ranges
 * (RFC 9110 sections 8.8, 12.5.3, 13 and 14). Pure: no clock, no allocation, no I/O.
 */
#ifndef PUBLISHER_ORIGIN_NEGOTIATE_H
#define PUBLISHER_ORIGIN_NEGOTIATE_H

#include "publisher/bundle/tree.h"

/*
 * Which of the forms that there are (1u << coding | …, at least one) the client likes best;
 * of those it likes equally, the smallest. An absent or empty header, and one that refuses all
 * there is, mean the plain bytes; a single form is not negotiated.
 */
enum coding coding_preferred(struct str accept_encoding, unsigned forms,
    const struct coded form[CODINGS]);

/* Is etag (quoted, strong) in the If-None-Match value, by weak comparison? "*" is any. */
bool etag_listed(struct str if_none_match, struct str etag);
/* May a range be served under this If-Range value? A strong entity tag that is ours, or the
 * date of Last-Modified, if that is at least a minute old and so a strong validator. */
bool range_applies(struct str if_range, struct str etag, int64_t modified, int64_t now);

enum range_verdict {
	RANGE_NONE,    /* no, odd or several ranges: the whole representation */
	RANGE_ONE,
	RANGE_OUTSIDE, /* 416 */
};
/* `range` is the header's value; on RANGE_ONE the part is [*from, *from + *length). */
enum range_verdict range_read(struct str range, uint64_t size, uint64_t *from,
    uint64_t *length);

#endif
