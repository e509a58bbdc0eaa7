/*
 * http_pool: requests from many threads at once, over connections that are kept and used again,
 * and made again when the failure is one that passes: no connection or answer, 408, 429, 5xx.
 * Pauses grow exponentially with full jitter; a Retry-After (RFC 9110, section 10.2.3) is waited
 * for, unless it lasts longer than there is patience.
 */
#ifndef BASE_HTTP_POOL_H
#define BASE_HTTP_POOL_H

#include "base/http.h"

struct http_pool;

struct http_patience {
	unsigned tries;   /* in all; 0 = 6 */
	int64_t first_ms; /* the first pause is at most this, each next one twice that; 0 = 200 */
	int64_t most_ms;  /* longest pause of our own; 0 = 10,000 */
	int64_t total_ms; /* from the first try on; none is begun later; 0 = 60,000 */
};
struct http_call {
	struct http_request request;
	/* Optional. Called before each try, `attempt` counting from 0, to make the request that is
	 * sent: the one above plus what must be new each time (date, signature). What it allocates
	 * in the arena lives for the try; headers is to be set to an array of its own. */
	bool (*sign)(void *ctx, struct arena *, unsigned attempt, struct http_request *,
	    struct err *);
	/* Optional. Is an answer that is no 408, 429 or 5xx worth another try too? */
	bool (*again)(void *ctx, unsigned attempt, const struct http_response *);
	void *ctx; /* of sign and again */
	struct http_patience patience;
};

/* Connections close with the arena; no call may be under way then. */
struct http_pool *http_pool_open(struct arena *);
/*
 * The last answer, whatever its status, lives in the arena. False, as http_do, if the last try
 * had none. *unsure, if given, becomes true when a try that was answered by nothing or by 408
 * or 5xx may have done its work at the server all the same; it is never set to false.
 */
bool http_pool_call(struct http_pool *, struct arena *, const struct http_call *,
    struct http_response *out, bool *unsure, struct err *);

/* Of an answer that came at `now` (Unix seconds): how long it asks to wait, in milliseconds; 0
 * if it does not say, or says so wrongly. */
int64_t http_retry_after_ms(const struct http_response *, int64_t now);

#endif
