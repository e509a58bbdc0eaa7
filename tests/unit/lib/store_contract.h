/*
 * store_contract: what every store keeps, as one function to be run against each driver. The
 * unit test runs it against a folder and memory, tests/e2e/store_contract.c against real servers.
 */
#ifndef TESTS_UNIT_STORE_CONTRACT_H
#define TESTS_UNIT_STORE_CONTRACT_H

#include "tests/unit/lib/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "publisher/store/store.h"

/* A driver to test: how to get an empty store that goes with the arena. */
struct kind {
	const char *name;
	const char *(*fresh)(struct arena *);
};

struct world {
	struct arena *a;
	const struct kind *kind;
	const char *url;
	struct store *s;
	struct err err;
};

/* A call that must succeed; says why if it does not. */
#define CONTRACT(w, call)                                                                 \
	do {                                                                              \
		if (!(call))                                                              \
			fail_msg("%s: %s", #call, (w)->err.text);                          \
	} while (0)

static inline void
world_begin(struct world *w, const struct kind *kind)
{
	*w = (struct world){ .a = arena_new(), .kind = kind };
	w->url = kind->fresh(w->a);
	CONTRACT(w, store_open(w->a, w->url, &w->s, &w->err));
}

static inline void
world_end(struct world *w)
{
	arena_free(w->a);
}

static inline struct object
object(const char *key, const char *body)
{
	return (struct object){ str_of(key), str_of(body), STR("text/plain"), true };
}

static inline bool
create(struct world *w, const char *key, const char *body)
{
	const struct object o = object(key, body);
	return store_create(w->s, &o, &w->err);
}

static inline bool
swap(struct world *w, const char *key, const char *body, struct str etag)
{
	const struct object o = object(key, body);
	return store_swap(w->s, &o, etag, &w->err);
}

static inline void
assert_holds(struct world *w, const char *key, const char *body)
{
	struct str there;
	if (!store_get(w->s, w->a, str_of(key), 1000, &there, NULL, &w->err))
		fail_msg("%s: %s", w->kind->name, w->err.text);
	assert_true(str_eq(there, str_of(body)));
}

/* Contract */

static inline void
what_was_created_is_read_back(struct world *w)
{
	struct str body;
	assert_true(create(w, "blobs/ab/abcd.gz", "hello"));
	assert_holds(w, "blobs/ab/abcd.gz", "hello");
	assert_true(create(w, "empty", ""));
	assert_holds(w, "empty", "");
	assert_false(store_get(w->s, w->a, STR("blobs/ab/none"), 10, &body, NULL, &w->err));
	assert_int_equal(w->err.code, ERR_ABSENT);
	assert_false(store_get(w->s, w->a, STR("no/such/folder"), 10, &body, NULL, &w->err));
	assert_int_equal(w->err.code, ERR_ABSENT);
}

static inline void
an_object_is_never_overwritten_by_create(struct world *w)
{
	assert_true(create(w, "metadata/1.root.json", "one"));
	assert_true(create(w, "metadata/1.root.json", "one"));
	assert_false(create(w, "metadata/1.root.json", "two"));
	assert_int_equal(w->err.code, ERR_STALE);
	assert_false(create(w, "metadata/1.root.json", "much longer than before"));
	assert_int_equal(w->err.code, ERR_STALE);
	const struct object o = object("metadata/1.root.json", "two");
	assert_false(store_put(w->s, &o, &w->err));
	assert_int_equal(w->err.code, ERR_UNTRUSTED);
	assert_holds(w, "metadata/1.root.json", "one");
}

static inline void
a_swap_replaces_only_what_was_seen(struct world *w)
{
	struct str body, first, second;
	const struct str key = STR("metadata/timestamp.json");
	assert_true(swap(w, key.p, "one", STR("")));
	assert_false(swap(w, key.p, "two", STR("")));
	assert_int_equal(w->err.code, ERR_STALE);
	assert_true(store_get(w->s, w->a, key, 10, &body, &first, &w->err));
	assert_true(swap(w, key.p, "two", first));
	assert_false(swap(w, key.p, "three", first));
	assert_int_equal(w->err.code, ERR_STALE);
	assert_holds(w, key.p, "two");
	assert_true(store_get(w->s, w->a, key, 10, &body, &second, &w->err));
	assert_false(str_eq(first, second));
	assert_false(swap(w, "metadata/absent.json", "x", first));
	assert_int_equal(w->err.code, ERR_STALE);
}

static inline void
unchanged_sees_every_swap(struct world *w)
{
	struct str body, etag;
	bool same = false;
	const struct str key = STR("timestamp.json");
	assert_true(swap(w, key.p, "one", STR("")));
	assert_true(store_unchanged(w->s, STR("absent"), STR("x"), &same, &w->err));
	assert_false(same);
	assert_true(store_get(w->s, w->a, key, 10, &body, &etag, &w->err));
	assert_true(store_unchanged(w->s, key, etag, &same, &w->err));
	assert_true(same);
	assert_true(swap(w, key.p, "two", etag));
	assert_true(store_unchanged(w->s, key, etag, &same, &w->err));
	assert_false(same);
}

static inline void
a_key_cannot_leave_the_store(struct world *w)
{
	static const char *const bad[] = { "", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".tmp/x",
		".lock", "a\\b", "a b", "a\nb" };
	struct str body;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_false(create(w, bad[i], "x"));
		assert_int_equal(w->err.code, ERR_INPUT);
		assert_false(swap(w, bad[i], "x", STR("")));
		assert_int_equal(w->err.code, ERR_INPUT);
		assert_false(store_get(w->s, w->a, str_of(bad[i]), 10, &body, NULL, &w->err));
		assert_int_equal(w->err.code, ERR_INPUT);
	}
}

static inline void
an_object_larger_than_asked_for_is_refused(struct world *w)
{
	struct str body;
	assert_true(create(w, "big", "0123456789"));
	assert_true(store_get(w->s, w->a, STR("big"), 10, &body, NULL, &w->err));
	assert_false(store_get(w->s, w->a, STR("big"), 9, &body, NULL, &w->err));
	assert_int_equal(w->err.code, ERR_LIMIT);
}

struct racer {
	struct world *w;
	pthread_t thread;
	unsigned number, won;
};

/* Adds one to a counter in the store, ten times, as publishers do with the pointer. */
static inline void *
race(void *arg)
{
	struct racer *r = arg;
	while (r->won < 10) {
		struct arena *a = arena_new();
		struct str body, etag;
		struct err err;
		uint64_t n;
		if (store_get(r->w->s, a, STR("counter"), 100, &body, &etag, &err)
		    && str_to_u64(body, &n)) {
			const struct object o = { STR("counter"),
				arena_printf(a, "%llu", (unsigned long long)n + 1), STR(""), false };
			if (store_swap(r->w->s, &o, etag, &err))
				r->won++;
			else if (err.code != ERR_STALE)
				break;
		}
		arena_free(a);
	}
	return NULL;
}

static inline void
of_many_swappers_no_update_is_lost(struct world *w)
{
	struct racer r[4];
	assert_true(swap(w, "counter", "0", STR("")));
	for (unsigned i = 0; i < LEN(r); i++) {
		r[i] = (struct racer){ .w = w, .number = i };
		assert_int_equal(pthread_create(&r[i].thread, NULL, race, &r[i]), 0);
	}
	for (unsigned i = 0; i < LEN(r); i++)
		(void)pthread_join(r[i].thread, NULL);
	assert_holds(w, "counter", "40");
}

struct shown {
	struct world *w;
	unsigned n, sizes;
	bool recent, remove;
	const char *stop_at;
	char keys[4096]; /* "one two ", in any order */
};

static inline bool
show(void *ctx, const struct store_entry *e, struct err *err)
{
	struct shown *s = ctx;
	char *end = s->keys + strlen(s->keys);
	(void)snprintf(end, (size_t)(s->keys + sizeof s->keys - end), " %.*s ", STR_ARG(e->key));
	s->n++;
	s->sizes += (unsigned)e->size;
	s->recent = e->modified == 0 || llabs((long long)(time(NULL) - e->modified)) < 3600;
	if (s->stop_at != NULL && str_eq(e->key, str_of(s->stop_at)))
		return err_set(err, ERR_INPUT, "seen enough");
	return !s->remove || store_remove(s->w->s, e->key, err);
}

static inline void
a_listing_shows_every_key_below_its_prefix(struct world *w)
{
	static const char *const keys[] = { "blobs/ab/one", "blobs/ab/two.gz", "blobs/cd/three",
		"blobs2/four", "metadata/1.root.json", "top" };
	struct shown all = { .w = w }, some = { .w = w }, none = { .w = w };
	for (size_t i = 0; i < LEN(keys); i++)
		assert_true(create(w, keys[i], "12345"));
	assert_true(store_list(w->s, STR(""), show, &all, &w->err));
	assert_int_equal(all.n, LEN(keys));
	assert_int_equal(all.sizes, 5 * LEN(keys));
	assert_true(all.recent);
	for (size_t i = 0; i < LEN(keys); i++)
		assert_non_null(strstr(all.keys, arena_printf(w->a, " %s ", keys[i]).p));
	assert_true(store_list(w->s, STR("blobs/"), show, &some, &w->err));
	assert_int_equal(some.n, 3);
	assert_null(strstr(some.keys, "four"));
	assert_true(store_list(w->s, STR("nothing/here/"), show, &none, &w->err));
	assert_int_equal(none.n, 0);
}

static inline void
a_listing_ends_where_its_visitor_says(struct world *w)
{
	struct shown one = { .w = w, .stop_at = "a/b" };
	static const char *const bad[] = { "a", "/", "../", "a//", ".tmp/", "a b/" };
	assert_true(create(w, "a/b", "x"));
	assert_false(store_list(w->s, STR("a/"), show, &one, &w->err));
	assert_non_null(strstr(w->err.text, "seen enough"));
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_false(store_list(w->s, str_of(bad[i]), show, &one, &w->err));
		assert_int_equal(w->err.code, ERR_INPUT);
	}
}

static inline void
what_was_removed_is_absent(struct world *w)
{
	struct str body;
	struct shown all = { .w = w, .remove = true };
	assert_true(create(w, "a/b/c", "x"));
	assert_true(store_remove(w->s, STR("a/b/c"), &w->err));
	assert_true(store_remove(w->s, STR("a/b/c"), &w->err));
	assert_true(store_remove(w->s, STR("never/was"), &w->err));
	assert_false(store_get(w->s, w->a, STR("a/b/c"), 10, &body, NULL, &w->err));
	assert_int_equal(w->err.code, ERR_ABSENT);
	assert_false(store_remove(w->s, STR("../a"), &w->err));
	assert_int_equal(w->err.code, ERR_INPUT);
	assert_true(create(w, "a/b/c", "y"));
	assert_holds(w, "a/b/c", "y");
	for (unsigned i = 0; i < 20; i++)
		assert_true(create(w, arena_printf(w->a, "many/%u", i).p, "z"));
	assert_true(store_list(w->s, STR("many/"), show, &all, &w->err));
	assert_int_equal(all.n, 20);
	assert_false(store_get(w->s, w->a, STR("many/7"), 10, &body, NULL, &w->err));
	assert_int_equal(w->err.code, ERR_ABSENT);
}

/* What publishers that read the same pointer do: one of them may replace it. */
struct rival {
	struct world *w;
	struct str etag;
	pthread_t thread;
	unsigned number;
	atomic_uint *won, *lost;
	struct err err;
};

static inline void *
swap_as_rival(void *arg)
{
	struct rival *r = arg;
	char body[64];
	(void)snprintf(body, sizeof body, "rival %u, who saw %.*s", r->number,
	    (int)(r->etag.n < 20 ? r->etag.n : 20), r->etag.p);
	const struct object o = object("metadata/timestamp.json", body);
	if (store_swap(r->w->s, &o, r->etag, &r->err))
		atomic_fetch_add(r->won, 1);
	else if (r->err.code == ERR_STALE)
		atomic_fetch_add(r->lost, 1);
	return NULL;
}

static inline void
of_twelve_rivals_one_wins(struct world *w)
{
	struct rival r[12];
	struct str body, etag = STR("");
	for (unsigned round = 0; round < 4; round++) {
		atomic_uint won = 0, lost = 0;
		for (unsigned i = 0; i < LEN(r); i++) {
			r[i] = (struct rival){ w, etag, .number = i, .won = &won, .lost = &lost };
			assert_int_equal(pthread_create(&r[i].thread, NULL, swap_as_rival, &r[i]), 0);
		}
		for (unsigned i = 0; i < LEN(r); i++)
			(void)pthread_join(r[i].thread, NULL);
		assert_int_equal(won, 1);
		assert_int_equal(lost, LEN(r) - 1);
		CONTRACT(w, store_get(w->s, w->a, STR("metadata/timestamp.json"), 100, &body, &etag,
		    &w->err));
	}
}

static inline void *
create_as_rival(void *arg)
{
	struct rival *r = arg;
	const struct object o = object("blobs/ab/same", "the same bytes");
	if (store_create(r->w->s, &o, &r->err))
		atomic_fetch_add(r->won, 1);
	return NULL;
}

static inline void
all_who_create_the_same_bytes_succeed(struct world *w)
{
	struct rival r[12];
	atomic_uint won = 0;
	for (unsigned i = 0; i < LEN(r); i++) {
		r[i] = (struct rival){ w, .number = i, .won = &won };
		assert_int_equal(pthread_create(&r[i].thread, NULL, create_as_rival, &r[i]), 0);
	}
	for (unsigned i = 0; i < LEN(r); i++)
		(void)pthread_join(r[i].thread, NULL);
	assert_int_equal(won, LEN(r));
}

/* Many times what a driver under test sends in one piece. */
static inline void
a_big_object_of_any_bytes_comes_back_whole(struct world *w)
{
	const size_t n = 3 * 1024 * 1024 + 17;
	char *bytes = arena_alloc(w->a, n, 1);
	struct str body;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * i / 7 + i / 4096);
	struct object o = { STR("blobs/bi/big"), { bytes, n }, STR("application/octet-stream"), true };
	CONTRACT(w, store_create(w->s, &o, &w->err));
	CONTRACT(w, store_get(w->s, w->a, o.key, n, &body, NULL, &w->err));
	assert_int_equal(body.n, n);
	assert_memory_equal(body.p, bytes, n);
	CONTRACT(w, store_create(w->s, &o, &w->err));
	bytes[n - 1] ^= 1;
	assert_false(store_create(w->s, &o, &w->err));
	assert_int_equal(w->err.code, ERR_STALE);
	struct str etag;
	CONTRACT(w, store_get(w->s, w->a, o.key, n, &body, &etag, &w->err));
	CONTRACT(w, store_swap(w->s, &o, etag, &w->err));
	assert_false(store_swap(w->s, &o, etag, &w->err));
	assert_int_equal(w->err.code, ERR_STALE);
	CONTRACT(w, store_get(w->s, w->a, o.key, n, &body, NULL, &w->err));
	assert_memory_equal(body.p, bytes, n);
}

static inline void
an_empty_object_is_an_object(struct world *w)
{
	struct str body = STR("x");
	assert_true(create(w, "empty", ""));
	CONTRACT(w, store_get(w->s, w->a, STR("empty"), 10, &body, NULL, &w->err));
	assert_int_equal(body.n, 0);
	assert_true(create(w, "empty", ""));
	assert_false(create(w, "empty", "no longer"));
	assert_int_equal(w->err.code, ERR_STALE);
}

static inline void
a_coded_object_is_not_decoded(struct world *w)
{
	const struct object o = { STR("blobs/gz/page.gz"), STR("\x1f\x8b no gzip at all"),
		STR("text/html"), true, STR("gzip") };
	struct str body;
	CONTRACT(w, store_put(w->s, &o, &w->err));
	CONTRACT(w, store_get(w->s, w->a, o.key, 100, &body, NULL, &w->err));
	assert_true(str_eq(body, o.body));
}

/* Each runs against a store of its own. */
static const struct {
	const char *name;
	void (*run)(struct world *);
} contract[] = {
	{ "what_was_created_is_read_back", what_was_created_is_read_back },
	{ "an_object_is_never_overwritten_by_create", an_object_is_never_overwritten_by_create },
	{ "a_swap_replaces_only_what_was_seen", a_swap_replaces_only_what_was_seen },
	{ "unchanged_sees_every_swap", unchanged_sees_every_swap },
	{ "a_key_cannot_leave_the_store", a_key_cannot_leave_the_store },
	{ "an_object_larger_than_asked_for_is_refused", an_object_larger_than_asked_for_is_refused },
	{ "of_many_swappers_no_update_is_lost", of_many_swappers_no_update_is_lost },
	{ "a_listing_shows_every_key_below_its_prefix", a_listing_shows_every_key_below_its_prefix },
	{ "a_listing_ends_where_its_visitor_says", a_listing_ends_where_its_visitor_says },
	{ "what_was_removed_is_absent", what_was_removed_is_absent },
	{ "of_twelve_rivals_one_wins", of_twelve_rivals_one_wins },
	{ "all_who_create_the_same_bytes_succeed", all_who_create_the_same_bytes_succeed },
	{ "a_big_object_of_any_bytes_comes_back_whole", a_big_object_of_any_bytes_comes_back_whole },
	{ "an_empty_object_is_an_object", an_empty_object_is_an_object },
	{ "a_coded_object_is_not_decoded", a_coded_object_is_not_decoded },
};

static inline void
keeps_the_contract(const struct kind *kind)
{
	for (size_t i = 0; i < LEN(contract); i++) {
		struct world w;
		print_message("%s: %s\n", kind->name, contract[i].name);
		world_begin(&w, kind);
		contract[i].run(&w);
		world_end(&w);
	}
}

#endif
