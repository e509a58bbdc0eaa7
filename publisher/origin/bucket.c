#include "publisher/origin/bucket.h"

void
bucket_init(struct bucket *b, int64_t rate_per_s, int64_t burst, int64_t now_ms)
{
	*b = (struct bucket){ rate_per_s, burst, now_ms, burst * 1000 };
}

bool
bucket_take(struct bucket *b, int64_t now_ms)
{
	const int64_t passed = now_ms > b->at_ms ? now_ms - b->at_ms : 0;
	/* A long silence fills it; no need to multiply beyond that. */
	b->milli = passed > 1000 * b->burst ? b->burst * 1000 : b->milli + passed * b->rate_per_s;
	b->at_ms = now_ms;
	if (b->milli > b->burst * 1000)
		b->milli = b->burst * 1000;
	if (b->milli < 1000)
		return false;
	b->milli -= 1000;
	return true;
}
