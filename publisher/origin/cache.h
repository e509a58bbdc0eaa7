/*
 * cache: things that were verified once, by digest, within a memory budget; the least
 * recently used goes first. However many ask for what is not there, one of them loads it and
 * the others wait. What is in use is not evicted, as that would free nothing: who asks for it
 * meanwhile shares it. What is in use may exceed the budget fourfold, then nothing more is
 * loaded. Thread-safe.
 */
#ifndef PUBLISHER_ORIGIN_CACHE_H
#define PUBLISHER_ORIGIN_CACHE_H

#include "base/digest.h"

struct cache;

/* An item, held by whoever got it until cache_drop. */
struct cached {
	void *value;
	size_t size;
	struct digest key;
	/* The rest belongs to cache.c. */
	struct cached *newer, *older, *chain;
	unsigned holds;
};

/* Make the value of one key: *size is what it counts in the budget. */
typedef bool cache_loader(void *ctx, const struct digest *key, void **value, size_t *size,
    struct err *);

/* At most busy_max callers load or wait for a load at once, so that a store that hangs does
 * not stop whoever needs none of it; `dispose` ends a value. Lives until the process ends
 * or cache_free, by when nothing may be held. */
struct cache *cache_new(size_t budget, unsigned busy_max, void (*dispose)(void *));
/* Its values are costly to make: at most so many are made at a time, further ones wait their
 * turn for a second; and the latest one is kept, even if it is larger than the budget. */
void cache_costly(struct cache *, unsigned loads_max);
void cache_free(struct cache *);
/* *hit: was there. ERR_BUSY: too many callers wait already, or another's load took over 10 s. Any
 * error of the loader goes to all who waited for it, and is not remembered. */
bool cache_get(struct cache *c, const struct digest *key, cache_loader *loader, void *ctx,
    struct cached **out, bool *hit, struct err *err);
void cache_drop(struct cache *, struct cached *);

struct cache_report {
	size_t items, bytes, budget;
	uint64_t hits, misses, failures, evictions;
	unsigned busy;
};
void cache_report(struct cache *, struct cache_report *out);

#endif
