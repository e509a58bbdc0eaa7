/*
 * sigv4: AWS Signature Version 4 (docs.aws.amazon.com, "Create a signed AWS API request").
 * libcurl 7.88's own signs neither encoded paths nor sorted queries, so this is ours. Pure: no
 * clock, no environment, no I/O. The key that is derived from the secret is wiped.
 */
#ifndef PUBLISHER_STORE_SIGV4_H
#define PUBLISHER_STORE_SIGV4_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/http.h"
#include "base/str.h"

#define SIGV4_SECRET_MAX 256 /* bytes; AWS has 40 */
#define SIGV4_TIME 16 /* "20130524T000000Z" */

struct sigv4_request {
	struct str method;
	struct str path; /* from its slash on, not encoded */
	/* S3 takes a path as it is; for all other services ".", ".." and "//" are resolved. */
	bool resolve_path;
	const struct http_header *query; /* not encoded, in any order */
	size_t queries;
	const struct http_header *header; /* every one is signed; host and x-amz-date among them */
	size_t headers;
	struct str payload; /* SHA-256 of the body in hex, or "UNSIGNED-PAYLOAD" */
};
struct sigv4_scope {
	char time[SIGV4_TIME + 1];
	struct str region, service; /* "us-east-1", "s3" */
};

/* `now` (Unix seconds) as x-amz-date has it. */
void sigv4_time(int64_t now, char out[static SIGV4_TIME + 1]);
/* Percent-encode all but A-Z a-z 0-9 - . _ ~, and all but '/' too if keep_slash. */
void sigv4_encode(struct buf *, struct str, bool keep_slash);
/* The query as it is signed and has to be sent: encoded, sorted, "name=" without a value. */
struct str sigv4_query(struct arena *, const struct http_header *, size_t n);
/* What is signed: first the request, then its digest with time and scope. */
struct str sigv4_canonical(struct arena *, const struct sigv4_request *);
struct str sigv4_to_sign(struct arena *, const struct sigv4_scope *, struct str canonical);
/* 64 hex digits. */
struct str sigv4_signature(struct arena *, const struct sigv4_scope *, struct str to_sign,
    struct str secret);
/* "ID/20130524/us-east-1/s3/aws4_request" */
struct str sigv4_credential(struct arena *, const struct sigv4_scope *, struct str id);
/* The value of the Authorization header. */
struct str sigv4_authorization(struct arena *, const struct sigv4_scope *,
    const struct sigv4_request *, struct str id, struct str secret);

#endif
