/*
 * s3_call: one request to S3 and its answer: signed, tried again while the failure passes, with
 * new credentials when a server says that they have expired.
 */
#ifndef PUBLISHER_STORE_S3_CALL_H
#define PUBLISHER_STORE_S3_CALL_H

#include <stdatomic.h>

#include "base/http_pool.h"
#include "publisher/store/s3_credentials.h"
#include "publisher/store/s3_place.h"

struct s3_server {
	struct s3_place place;
	struct s3_credentials *credentials;
	struct http_pool *pool;
	const char *ca; /* AWS_CA_BUNDLE; NULL = the system's */
};

struct s3_request {
	const char *method;
	struct str key;  /* behind the prefix; p == NULL: the bucket itself */
	const struct http_header *query, *header;
	size_t queries, headers;
	struct str body;
	size_t body_max; /* of the answer; 0 = 64 KiB */
	const struct http_patience *patience; /* NULL: s3_to_write */
};

/* A publisher may wait; whoever reads has somebody waiting for it. */
extern const struct http_patience s3_to_write, s3_to_read, s3_to_poll;

bool s3_server_open(struct arena *, struct str where, const struct settings *,
    struct s3_server *out, struct err *);
/* The answer lives in the arena, whatever its status. *unsure as http_pool_call; may be NULL. */
bool s3_call(const struct s3_server *, struct arena *, const struct s3_request *,
    struct http_response *out, bool *unsure, struct err *);
/* What S3 calls the error: "NoSuchKey"; empty if the answer is no error of S3. */
struct str s3_code(struct arena *, const struct http_response *);
/* Turns an answer that is no success into an error that says what to do. Never shows more of
 * the answer than S3's code. */
bool s3_fail(const struct s3_server *, struct arena *, const struct http_response *,
    struct err *);

#endif
