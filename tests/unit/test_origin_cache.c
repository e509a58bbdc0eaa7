#include "tests/unit/lib/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "publisher/origin/cache.h"

static atomic_uint loads, disposed;

static void
dispose(void *value)
{
	(void)atomic_fetch_add(&disposed, 1);
	free(value);
}

struct recipe {
	unsigned ms;
	size_t size;
	bool fails;
};

static bool
load(void *ctx, const struct digest *key, void **value, size_t *size, struct err *err)
{
	const struct recipe *r = ctx;
	const struct timespec t = { 0, (long)r->ms * 1000000 };
	(void)key;
	(void)atomic_fetch_add(&loads, 1);
	(void)nanosleep(&t, NULL);
	if (r->fails)
		return err_set(err, ERR_BUSY, "no");
	*value = malloc(1);
	*size = r->size;
	return *value != NULL;
}

static int
reset(void **state)
{
	(void)state;
	atomic_store(&loads, 0);
	atomic_store(&disposed, 0);
	return 0;
}

static struct digest
key_of(unsigned n)
{
	return digest_of((struct str){ (const char *)&n, sizeof n });
}

struct asker {
	struct cache *cache;
	struct recipe recipe;
	bool ok;
};

static void *
ask(void *arg)
{
	struct asker *a = arg;
	const struct digest key = key_of(1);
	struct cached *item = NULL;
	struct err err;
	bool hit;
	a->ok = cache_get(a->cache, &key, load, &a->recipe, &item, &hit, &err);
	if (a->ok)
		cache_drop(a->cache, item);
	return NULL;
}

static void
ask_together(struct cache *c, struct recipe r, size_t n, bool ok)
{
	pthread_t thread[32];
	struct asker asker[32];
	for (size_t i = 0; i < n; i++) {
		asker[i] = (struct asker){ c, r, false };
		assert_int_equal(pthread_create(&thread[i], NULL, ask, &asker[i]), 0);
	}
	for (size_t i = 0; i < n; i++) {
		(void)pthread_join(thread[i], NULL);
		assert_int_equal(asker[i].ok, ok);
	}
}

static void
many_who_ask_for_the_same_cause_one_load(void **state)
{
	struct cache *c = cache_new(1000, 32, dispose);
	(void)state;
	ask_together(c, (struct recipe){ .ms = 50, .size = 10 }, 32, true);
	assert_int_equal(atomic_load(&loads), 1);
	cache_free(c);
	assert_int_equal(atomic_load(&disposed), 1);
}

static void
a_failure_reaches_all_who_wait_and_is_forgotten(void **state)
{
	struct cache *c = cache_new(1000, 32, dispose);
	struct cache_report r;
	(void)state;
	ask_together(c, (struct recipe){ .ms = 50, .fails = true }, 16, false);
	assert_true(atomic_load(&loads) < 16);
	ask_together(c, (struct recipe){ .size = 10 }, 1, true);
	cache_report(c, &r);
	assert_int_equal(r.items, 1);
	cache_free(c);
}

static void
no_more_than_so_many_wait_for_a_store_that_hangs(void **state)
{
	struct cache *c = cache_new(1000, 2, dispose);
	struct asker slow[2] = { { c, { .ms = 300, .size = 10 }, false },
		{ c, { .ms = 300, .size = 10 }, false } };
	const struct timespec t = { 0, 100000000 };
	const struct digest other = key_of(2);
	struct recipe r = { .size = 10 };
	struct cached *item;
	pthread_t thread[2];
	struct err err;
	bool hit;
	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask, &slow[i]), 0);
	(void)nanosleep(&t, NULL);
	assert_false(cache_get(c, &other, load, &r, &item, &hit, &err));
	assert_int_equal(err.code, ERR_BUSY);
	for (size_t i = 0; i < 2; i++) {
		(void)pthread_join(thread[i], NULL);
		assert_true(slow[i].ok);
	}
	assert_true(cache_get(c, &other, load, &r, &item, &hit, &err));
	cache_drop(c, item);
	cache_free(c);
}

static void
the_least_recently_used_goes_first_and_what_is_held_lives_on(void **state)
{
	struct cache *c = cache_new(100, 4, dispose);
	struct recipe r = { .size = 25 };
	struct cached *item[6];
	struct cache_report report;
	struct err err;
	bool hit;
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		const struct digest key = key_of(i), first = key_of(0);
		struct cached *again;
		assert_true(cache_get(c, &key, load, &r, &item[i], &hit, &err));
		assert_true(cache_get(c, &first, load, &r, &again, &hit, &err));
		assert_true(hit); /* used each time, so never the oldest */
		cache_drop(c, again);
	}
	cache_report(c, &report);
	assert_int_equal(report.items, 6); /* held: forgetting them would free nothing */
	assert_int_equal(report.evictions, 0);
	assert_int_equal(atomic_load(&disposed), 0);
	for (unsigned i = 0; i < 6; i++)
		cache_drop(c, item[i]);
	cache_report(c, &report);
	assert_int_equal(report.items, 4);
	assert_int_equal(report.bytes, 100);
	assert_int_equal(report.evictions, 2);
	assert_int_equal(atomic_load(&disposed), 2);
	cache_free(c);
	assert_int_equal(atomic_load(&disposed), 6);
}

static void
slow_readers_share_one_copy_and_cannot_hold_more_than_four_budgets(void **state)
{
	struct cache *c = cache_new(100, 4, dispose);
	struct recipe giant = { .size = 90 };
	struct cached *item[100];
	struct err err;
	bool hit;
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		const struct digest same = key_of(1);
		assert_true(cache_get(c, &same, load, &giant, &item[i], &hit, &err));
	}
	assert_int_equal(atomic_load(&loads), 1);
	for (unsigned i = 0; i < 100; i++)
		cache_drop(c, item[i]);
	assert_int_equal(atomic_load(&disposed), 1); /* too large to stay */
	unsigned n = 0;
	for (struct digest key = key_of(0); n < 100
	    && cache_get(c, &key, load, &giant, &item[n], &hit, &err); key = key_of(++n))
		;
	assert_int_equal(n, 5);
	assert_int_equal(err.code, ERR_BUSY);
	while (n > 0)
		cache_drop(c, item[--n]);
	assert_int_equal(atomic_load(&disposed), 6);
	cache_free(c);
}

static void
one_giant_does_not_push_everything_out(void **state)
{
	struct cache *c = cache_new(100, 4, dispose);
	struct recipe small = { .size = 10 }, giant = { .size = 90 };
	struct cached *item;
	struct cache_report report;
	struct err err;
	bool hit;
	const struct digest one = key_of(1), two = key_of(2);
	(void)state;
	assert_true(cache_get(c, &one, load, &small, &item, &hit, &err));
	cache_drop(c, item);
	assert_true(cache_get(c, &two, load, &giant, &item, &hit, &err));
	cache_drop(c, item);
	cache_report(c, &report);
	assert_int_equal(report.items, 1);
	assert_int_equal(atomic_load(&disposed), 1);
	cache_free(c);
}

#define CACHE_TEST(f) cmocka_unit_test_setup(f, reset)

static void *
ask_for_another(void *arg)
{
	static atomic_uint number = 100;
	struct asker *a = arg;
	const struct digest key = key_of(atomic_fetch_add(&number, 1));
	struct cached *item = NULL;
	struct err err;
	bool hit;
	a->ok = cache_get(a->cache, &key, load, &a->recipe, &item, &hit, &err);
	if (a->ok)
		cache_drop(a->cache, item);
	return NULL;
}

static void
costly_values_are_made_one_after_the_other(void **state)
{
	struct cache *c = cache_new(1000, 32, dispose);
	pthread_t thread[6];
	struct asker asker[6];
	struct timespec from, to;
	(void)state;
	cache_costly(c, 2);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	for (size_t i = 0; i < 6; i++) {
		asker[i] = (struct asker){ .cache = c, .recipe = { .ms = 100, .size = 1 } };
		assert_int_equal(pthread_create(&thread[i], NULL, ask_for_another, &asker[i]), 0);
	}
	for (size_t i = 0; i < 6; i++) {
		(void)pthread_join(thread[i], NULL);
		assert_true(asker[i].ok);
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 >= 299);
	/* Who would have to wait for longer than a second is refused. */
	bool refused = false;
	cache_costly(c, 1);
	for (size_t i = 0; i < 3; i++) {
		asker[i] = (struct asker){ .cache = c, .recipe = { .ms = 800, .size = 1 } };
		assert_int_equal(pthread_create(&thread[i], NULL, ask_for_another, &asker[i]), 0);
	}
	for (size_t i = 0; i < 3; i++) {
		(void)pthread_join(thread[i], NULL);
		refused |= !asker[i].ok;
	}
	assert_true(refused);
	cache_free(c);
}

static void
the_latest_costly_value_is_kept_however_large(void **state)
{
	struct cache *c = cache_new(100, 4, dispose);
	struct cache_report r;
	(void)state;
	cache_costly(c, 2);
	for (int i = 0; i < 3; i++)
		ask_together(c, (struct recipe){ .size = 5000 }, 1, true);
	assert_int_equal(atomic_load(&loads), 1);
	struct asker other = { .cache = c, .recipe = { .size = 6000 } };
	(void)ask_for_another(&other);
	cache_report(c, &r);
	assert_int_equal(r.items, 1);
	assert_int_equal(r.bytes, 6000);
	cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CACHE_TEST(slow_readers_share_one_copy_and_cannot_hold_more_than_four_budgets),
		CACHE_TEST(costly_values_are_made_one_after_the_other),
		CACHE_TEST(the_latest_costly_value_is_kept_however_large),
		CACHE_TEST(many_who_ask_for_the_same_cause_one_load),
		CACHE_TEST(a_failure_reaches_all_who_wait_and_is_forgotten),
		CACHE_TEST(no_more_than_so_many_wait_for_a_store_that_hangs),
		CACHE_TEST(the_least_recently_used_goes_first_and_what_is_held_lives_on),
		CACHE_TEST(one_giant_does_not_push_everything_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
