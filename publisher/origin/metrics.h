/*
 * metrics: what /-/metrics shows, as Prometheus text (exposition format 0.0.4). Counters are
 * atomic and never go back; docs/origin.md explains each.
 */
#ifndef PUBLISHER_ORIGIN_METRICS_H
#define PUBLISHER_ORIGIN_METRICS_H

#include <stdatomic.h>

#include "base/buf.h"
#include "publisher/origin/cache.h"
#include "publisher/origin/follow.h"
#include "publisher/origin/guard.h"
#include "publisher/origin/reaper.h"
#include "publisher/origin/route.h"

#define METRICS_ROUTES (ROUTE_INVALIDATION + 1)
#define METRICS_BUCKETS 12

enum message_fate { /* of a webhook message */
	MESSAGE_TAKEN,
	MESSAGE_DUPLICATE,
	MESSAGE_REFUSED,  /* signature, time, syntax */
	MESSAGE_LIMITED,
	MESSAGE_DONE,
	MESSAGE_FAILED,
	MESSAGE_FATES,
};

struct metrics {
	atomic_uint_fast64_t requests[METRICS_ROUTES][6]; /* by first digit of the status */
	atomic_uint_fast64_t took[METRICS_BUCKETS + 1];
	atomic_uint_fast64_t took_us, bytes;
	atomic_uint_fast64_t refused[GUARD_VERDICTS];
	atomic_uint_fast64_t damaged;     /* store objects whose bytes are not what was signed */
	atomic_uint_fast64_t unavailable; /* store objects that could not be read */
	atomic_uint_fast64_t store_reads, store_us;
	atomic_uint_fast64_t messages[MESSAGE_FATES];
	atomic_uint_fast64_t purges, purge_failures; /* by edge */
};

void metrics_request(struct metrics *, enum route_kind, unsigned status, int64_t took_us,
    uint64_t bytes);
static inline void
metrics_add(atomic_uint_fast64_t *counter, uint64_t n)
{
	(void)atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* What else is shown beside the counters. */
struct gauges {
	struct follow_report follow;
	struct cache_report blobs, manifests;
	struct reaper_report connections;
	int64_t now, started;
};
void metrics_write(const struct metrics *, const struct gauges *, struct buf *out);

#endif
