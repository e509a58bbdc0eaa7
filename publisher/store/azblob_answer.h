/* azblob_answer: what Azure's answers mean, in the words of store.h and of people. */
#ifndef PUBLISHER_STORE_AZBLOB_ANSWER_H
#define PUBLISHER_STORE_AZBLOB_ANSWER_H

#include "base/http.h"

/* The value of x-ms-error-code, "" if there is none. */
struct str azblob_code(const struct http_response *);
/* Is the body the one that Content-MD5, where given, tells of? */
bool azblob_is_whole(struct arena *, const struct http_response *);
/*
 * Always false: the error for an answer that is not the one hoped for. ERR_ABSENT only if Azure
 * says that the blob is not there, ERR_STALE for a condition that failed, ERR_SETUP for missing
 * rights and containers, ERR_BUSY for all that may pass.
 */
bool azblob_fail(const struct http_response *, const char *method, const char *url,
    struct err *);

#endif
