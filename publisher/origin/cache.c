#include "publisher/origin/cache.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define BUCKETS 16384 /* a power of two */
#define WAIT_S 10
#define TURN_S 1

/* Somebody is loading this key; the others wait for `done`. The loader's own. */
struct load {
	struct digest key;
	struct load *next;
	struct cached *item; /* NULL: failed, and why */
	struct err err;
	unsigned waiters;
	bool done;
};

struct cache {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a load is done, or a waiter has left one */
	void (*dispose)(void *);
	size_t budget, item_max, bytes, items;
	size_t large;  /* bytes of those over item_max, which are kept while in use; not in `bytes` */
	size_t in_use; /* bytes of those that are held */
	unsigned busy_max, busy; /* callers that load or wait */
	unsigned loads_max, loads;
	struct load *load;
	struct cached *newest, *oldest;
	uint64_t hits, misses, failures, evictions;
	struct cached *bucket[BUCKETS];
};

static void *
zeroed(size_t size)
{
	void *p = calloc(1, size);
	if (p == NULL)
		abort();
	return p;
}

struct cache *
cache_new(size_t budget, unsigned busy_max, void (*dispose)(void *))
{
	pthread_condattr_t monotonic;
	struct cache *c = zeroed(sizeof *c);
	c->budget = budget;
	c->item_max = budget / 4; /* no one at the price of everything else */
	c->loads_max = busy_max;
	c->busy_max = busy_max;
	c->dispose = dispose;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&c->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	return c;
}

void
cache_costly(struct cache *c, unsigned loads_max)
{
	c->item_max = SIZE_MAX;
	c->loads_max = loads_max;
}

static struct cached **
bucket_of(struct cache *c, const struct digest *key)
{
	uint32_t h;
	memcpy(&h, key->b, sizeof h); /* a digest is as good as any hash of it */
	return &c->bucket[h & (BUCKETS - 1)];
}

static void
list_front(struct cache *c, struct cached *i)
{
	i->newer = NULL;
	i->older = c->newest;
	if (c->newest != NULL)
		c->newest->newer = i;
	c->newest = i;
	if (c->oldest == NULL)
		c->oldest = i;
}

static void
list_out(struct cache *c, struct cached *i)
{
	if (i->newer != NULL)
		i->newer->older = i->older;
	else
		c->newest = i->older;
	if (i->older != NULL)
		i->older->newer = i->newer;
	else
		c->oldest = i->newer;
}

static void
end(struct cache *c, struct cached *i)
{
	c->dispose(i->value);
	free(i);
}

static bool
is_large(const struct cache *c, const struct cached *i)
{
	return i->size > c->item_max;
}

static void
hold(struct cache *c, struct cached *i)
{
	if (i->holds++ == 0)
		c->in_use += i->size;
}

/* Forget an item that nobody holds. */
static void
forget(struct cache *c, struct cached *i)
{
	struct cached **at = bucket_of(c, &i->key);
	while (*at != i)
		at = &(*at)->chain;
	*at = i->chain;
	list_out(c, i);
	*(is_large(c, i) ? &c->large : &c->bytes) -= i->size;
	c->items--;
	end(c, i);
}

static void
evict(struct cache *c, const struct cached *keep)
{
	for (struct cached *i = c->oldest, *newer; c->bytes > c->budget && i != NULL; i = newer) {
		newer = i->newer;
		if (i == keep || i->holds > 0 || is_large(c, i))
			continue;
		forget(c, i);
		c->evictions++;
	}
}

static struct cached *
find(struct cache *c, const struct digest *key)
{
	struct cached *i = *bucket_of(c, key);
	while (i != NULL && !digest_eq(&i->key, key))
		i = i->chain;
	return i;
}

static void
insert(struct cache *c, struct cached *i)
{
	struct cached **at = bucket_of(c, &i->key);
	i->chain = *at;
	*at = i;
	list_front(c, i);
	*(is_large(c, i) ? &c->large : &c->bytes) += i->size;
	c->items++;
	hold(c, i);
	evict(c, i);
}

static struct timespec
after_s(time_t s)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += s;
	return t;
}

/* Wait until somebody else's load is over. Called and left with the lock held. */
static bool
await(struct cache *c, struct load *l, struct cached **out, struct err *err)
{
	const struct timespec until = after_s(WAIT_S);
	int late = 0;
	l->waiters++;
	while (!l->done && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&c->changed, &c->lock, &until);
	bool ok = l->done && l->item != NULL;
	if (ok) {
		*out = l->item;
		hold(c, l->item);
	} else if (l->done) {
		*err = l->err;
	} else {
		(void)err_set(err, ERR_BUSY, "took longer than %d s", WAIT_S);
	}
	if (--l->waiters == 0)
		(void)pthread_cond_broadcast(&c->changed); /* its loader may end it */
	return ok;
}

static void
load_begin(struct cache *c, struct load *l, const struct digest *key)
{
	l->key = *key;
	l->next = c->load;
	c->load = l;
}

/* Tell those who wait, and end it once the last of them has left. */
static void
load_end(struct cache *c, struct load *l)
{
	struct load **at = &c->load;
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	l->done = true;
	(void)pthread_cond_broadcast(&c->changed);
	while (l->waiters > 0)
		(void)pthread_cond_wait(&c->changed, &c->lock);
	free(l);
}

/* Load it ourselves; the lock is held but during the work. */
static bool
load_now(struct cache *c, const struct digest *key, cache_loader *loader, void *ctx,
    struct cached **out, struct err *err)
{
	struct load *l = zeroed(sizeof *l);
	struct cached *i = zeroed(sizeof *i);
	load_begin(c, l, key);
	c->loads++;
	(void)pthread_mutex_unlock(&c->lock);
	i->key = *key;
	bool ok = loader(ctx, key, &i->value, &i->size, &l->err);
	(void)pthread_mutex_lock(&c->lock);
	c->loads--;
	if (ok) {
		insert(c, i);
		l->item = *out = i;
	} else {
		free(i);
		c->failures++;
		*err = l->err;
	}
	load_end(c, l);
	return ok;
}

static bool
hit_now(struct cache *c, const struct digest *key, struct cached **out)
{
	struct cached *i = find(c, key);
	if (i == NULL)
		return false;
	list_out(c, i);
	list_front(c, i);
	hold(c, i);
	*out = i;
	return true;
}

static struct load *
load_of(struct cache *c, const struct digest *key)
{
	struct load *l = c->load;
	while (l != NULL && !digest_eq(&l->key, key))
		l = l->next;
	return l;
}

/* Wait for a turn to load, for a load of the same key, or for its value, whichever is first.
 * False after TURN_S. */
static bool
turn(struct cache *c, const struct digest *key)
{
	const struct timespec until = after_s(TURN_S);
	while (c->loads >= c->loads_max && load_of(c, key) == NULL && find(c, key) == NULL)
		if (pthread_cond_timedwait(&c->changed, &c->lock, &until) == ETIMEDOUT)
			return false;
	return true;
}

static bool
get_slowly(struct cache *c, const struct digest *key, cache_loader *loader, void *ctx,
    struct cached **out, struct err *err)
{
	if (!turn(c, key))
		return err_set(err, ERR_BUSY, "%u requests wait for the store already", c->busy);
	if (hit_now(c, key, out))
		return true;
	struct load *l = load_of(c, key);
	return l != NULL ? await(c, l, out, err) : load_now(c, key, loader, ctx, out, err);
}

static bool
get_locked(struct cache *c, const struct digest *key, cache_loader *loader, void *ctx,
    struct cached **out, bool *hit, struct err *err)
{
	*hit = hit_now(c, key, out);
	if (*hit) {
		c->hits++;
		return true;
	}
	c->misses++;
	if (c->busy >= c->busy_max)
		return err_set(err, ERR_BUSY, "%u requests wait for the store already", c->busy);
	if (c->in_use / 4 > c->budget && c->item_max != SIZE_MAX)
		return err_set(err, ERR_BUSY, "slow readers hold %zu bytes, four times the budget",
		    c->in_use);
	c->busy++;
	bool ok = get_slowly(c, key, loader, ctx, out, err);
	c->busy--;
	return ok;
}

bool
cache_get(struct cache *c, const struct digest *key, cache_loader *loader, void *ctx,
    struct cached **out, bool *hit, struct err *err)
{
	(void)pthread_mutex_lock(&c->lock);
	bool ok = get_locked(c, key, loader, ctx, out, hit, err);
	(void)pthread_mutex_unlock(&c->lock);
	return ok;
}

void
cache_drop(struct cache *c, struct cached *i)
{
	if (i == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	if (--i->holds == 0) {
		c->in_use -= i->size;
		if (is_large(c, i))
			forget(c, i);
		evict(c, c->newest);
	}
	(void)pthread_mutex_unlock(&c->lock);
}

void
cache_free(struct cache *c)
{
	for (struct cached *i = c->newest, *older; i != NULL; i = older) {
		older = i->older;
		assert(i->holds == 0);
		end(c, i);
	}
	(void)pthread_cond_destroy(&c->changed);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

void
cache_report(struct cache *c, struct cache_report *out)
{
	(void)pthread_mutex_lock(&c->lock);
	*out = (struct cache_report){ .items = c->items, .bytes = c->bytes + c->large, .budget = c->budget,
		.hits = c->hits, .misses = c->misses, .failures = c->failures,
		.evictions = c->evictions, .busy = c->busy };
	(void)pthread_mutex_unlock(&c->lock);
}
