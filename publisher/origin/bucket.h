/* bucket: so many a second, and a burst more: a token bucket. Not thread-safe. */
#ifndef PUBLISHER_ORIGIN_BUCKET_H
#define PUBLISHER_ORIGIN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	int64_t rate_per_s, burst;
	int64_t at_ms; /* monotonic; when `milli` was true */
	int64_t milli; /* thousandths of a token */
};

/* Full at `now_ms`. */
void bucket_init(struct bucket *, int64_t rate_per_s, int64_t burst, int64_t now_ms);
/* One token, if there is one. */
bool bucket_take(struct bucket *, int64_t now_ms);

#endif
