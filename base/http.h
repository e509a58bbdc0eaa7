/*
 * http: client requests through libcurl; the only file that includes it. HTTP/1.1, no
 * redirects, no netrc, no proxy from the environment, only http and https URLs, bounded in
 * time and size; certificates are verified. A session keeps its connection alive and belongs to one thread at a time.
 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct http_session;

struct http_header {
	struct str name, value; /* neither may hold a control character: ERR_INPUT */
};
struct http_request {
	const char *method; /* any token */
	const char *url;
	const struct http_header *header;
	size_t headers;
	struct str body;    /* sent if p is set */
	int64_t timeout_ms; /* whole exchange; 0 = 10,000 */
	int64_t stall_ms;   /* no byte for so long: it is dead; 0 = 30,000 or half of timeout_ms */
	size_t body_max;    /* of the answer; 0 = 1 MiB */
	bool public_only;   /* connect to addresses of the public Internet alone: address.h */
	const char *ca;     /* file with the PEM certificates to trust; NULL = the system's */
};
struct http_response {
	int status;
	struct http_header *header; /* names lower-cased */
	size_t headers;
	struct str body;
};

/* Call once in main, before threads. */
bool http_setup(struct err *);
struct http_session *http_open(struct arena *);
/* The answer, whatever its status, lives in the arena. ERR_BUSY (connection, time-out),
 * ERR_UNTRUSTED (its certificate), ERR_SETUP (`ca`), ERR_LIMIT (body over its bound), ERR_INPUT
 * (URL). The error names method and URL, with any
 * query left out. */
bool http_do(struct http_session *, struct arena *, const struct http_request *,
    struct http_response *out, struct err *);
/* Value of a header (name in lower case), empty if absent. */
struct str http_header(const struct http_response *, const char *name);

#endif
