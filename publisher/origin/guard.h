/*
 * guard: what a request head may look like before anything else is done with it. Debian's
 * libmicrohttpd reads heads that two servers in a row could understand differently (request
 * smuggling); whatever is ambiguous is refused with 400 and the connection ends. The guard
 * also picks out the few fields that anything depends on. Pure but for the arena.
 */
#ifndef PUBLISHER_ORIGIN_GUARD_H
#define PUBLISHER_ORIGIN_GUARD_H

#include "publisher/origin/answer.h"

#define GUARD_FIELDS_MAX 100

enum guard_verdict {
	GUARD_FINE,
	GUARD_NAME,     /* a field name or value with characters that have no place there */
	GUARD_FIELDS,   /* too many fields */
	GUARD_HOST,     /* none or several */
	GUARD_LENGTH,   /* several, odd, or a body where there can be none */
	GUARD_TRANSFER, /* Transfer-Encoding: nothing that we take needs it */
	GUARD_TOO_LARGE, /* a webhook body over its bound: 413 */
	GUARD_NO_LENGTH, /* POST without Content-Length: 411 */
	GUARD_VERDICTS,
};

struct head {
	struct request request; /* method, target and now are the caller's */
	uint64_t length;        /* Content-Length; 0 if absent */
	struct str webhook_id, webhook_timestamp, webhook_signature;
	struct str traceparent; /* W3C trace context, well-formed; else empty */
	/* The rest belongs to guard.c. */
	unsigned fields, hosts, lengths;
	enum guard_verdict verdict;
};

/* One field of the head; call it for each, in order. */
void guard_field(struct arena *, struct head *, struct str name, struct str value);
/* After the last field. http_1_1: a Host field is then due. */
enum guard_verdict guard_judge(const struct head *, enum method, bool http_1_1,
    uint64_t body_max);
/* The 400 and its siblings; close is set. */
void guard_answer(struct arena *, enum guard_verdict, struct answer *out);
const char *guard_name(enum guard_verdict);

#endif
