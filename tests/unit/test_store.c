/* The contract of a store, one function run against every driver, and the file driver's own. */
#include "tests/unit/lib/scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "base/digest.h"
#include "base/fs.h"
#include "publisher/store/store.h"

/* A driver to test: how to get an empty store that goes with the arena. */
struct kind {
	const char *name;
	const char *(*fresh)(struct arena *);
};

static const char *
file_fresh(struct arena *a)
{
	return arena_printf(a, "file:%s/deep/public", scratch_folder(a)).p;
}

static const char *
memory_fresh(struct arena *a)
{
	static unsigned n;
	return arena_printf(a, "memory:%u", n++).p;
}

static const struct kind kinds[] = {
	{ "file", file_fresh },
	{ "memory", memory_fresh },
};

struct world {
	struct arena *a;
	const struct kind *kind;
	const char *url;
	struct store *s;
	struct err err;
};

static void
world_begin(struct world *w, const struct kind *kind)
{
	*w = (struct world){ .a = arena_new(), .kind = kind };
	w->url = kind->fresh(w->a);
	assert_true(store_open(w->a, w->url, &w->s, &w->err));
}

static void
world_end(struct world *w)
{
	arena_free(w->a);
}

static struct object
object(const char *key, const char *body)
{
	return (struct object){ str_of(key), str_of(body), STR("text/plain"), true };
}

static bool
create(struct world *w, const char *key, const char *body)
{
	const struct object o = object(key, body);
	return store_create(w->s, &o, &w->err);
}

static bool
swap(struct world *w, const char *key, const char *body, struct str etag)
{
	const struct object o = object(key, body);
	return store_swap(w->s, &o, etag, &w->err);
}

static void
assert_holds(struct world *w, const char *key, const char *body)
{
	struct str there;
	if (!store_get(w->s, w->a, str_of(key), 1000, &there, NULL, &w->err))
		fail_msg("%s: %s", w->kind->name, w->err.text);
	assert_true(str_eq(there, str_of(body)));
}

/* Contract */

static void
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

static void
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

static void
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

static void
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

static void
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

static void
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
static void *
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

static void
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

static bool
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

static void
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

static void
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

static void
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

static void
every_driver_keeps_the_contract(void **state)
{
	void (*const contract[])(struct world *) = {
		what_was_created_is_read_back,
		an_object_is_never_overwritten_by_create,
		a_swap_replaces_only_what_was_seen,
		unchanged_sees_every_swap,
		a_key_cannot_leave_the_store,
		an_object_larger_than_asked_for_is_refused,
		of_many_swappers_no_update_is_lost,
		a_listing_shows_every_key_below_its_prefix,
		a_listing_ends_where_its_visitor_says,
		what_was_removed_is_absent,
	};
	(void)state;
	for (size_t k = 0; k < LEN(kinds); k++)
		for (size_t i = 0; i < LEN(contract); i++) {
			struct world w;
			world_begin(&w, &kinds[k]);
			contract[i](&w);
			world_end(&w);
		}
}

/* The file driver */

static void
a_store_folder_that_is_gone_is_not_an_empty_store(void **state)
{
	struct world w;
	struct str body;
	(void)state;
	world_begin(&w, &kinds[0]);
	assert_false(store_get(w.s, w.a, STR("metadata/timestamp.json"), 10, &body, NULL, &w.err));
	assert_int_equal(w.err.code, ERR_SETUP);
	assert_non_null(strstr(w.err.text, arena_printf(w.a, "there is no folder %s",
	    w.url + strlen("file:")).p));
	world_end(&w);
}

static void
a_link_in_the_folder_leads_nowhere(void **state)
{
	struct world w;
	struct str body;
	(void)state;
	world_begin(&w, &kinds[0]);
	assert_true(create(&w, "a/one", "1"));
	const char *root = strchr(w.url, ':') + 1;
	assert_int_equal(symlink("/etc", fs_join(w.a, root, "etc")), 0);
	assert_int_equal(symlink("/etc/passwd", fs_join(w.a, root, "a/passwd")), 0);
	assert_int_equal(mkfifo(fs_join(w.a, root, "fifo"), 0600), 0);
	static const char *const key[] = { "etc/passwd", "a/passwd", "fifo", "a" };
	for (size_t i = 0; i < LEN(key); i++) {
		assert_false(store_get(w.s, w.a, str_of(key[i]), 9999, &body, NULL, &w.err));
		assert_int_equal(w.err.code, ERR_SETUP);
	}
	assert_false(create(&w, "etc/new", "x"));
	assert_int_equal(w.err.code, ERR_SETUP);
	world_end(&w);
}

static void
a_store_that_may_not_be_read_is_not_absent(void **state)
{
	struct world w;
	struct str body;
	(void)state;
	bool root = geteuid() == 0; /* may read everything: be somebody else for a while */
	assert_int_equal(root ? seteuid(65534) : 0, 0);
	world_begin(&w, &kinds[0]);
	assert_true(create(&w, "a/one", "1"));
	const char *file = fs_join(w.a, strchr(w.url, ':') + 1, "a/one");
	assert_int_equal(chmod(file, 0), 0);
	assert_false(store_get(w.s, w.a, STR("a/one"), 10, &body, NULL, &w.err));
	assert_int_equal(w.err.code, ERR_SETUP);
	world_end(&w);
	assert_int_equal(root ? seteuid(0) : 0, 0);
}

static void
leftovers_of_killed_runs_are_swept_after_an_hour(void **state)
{
	struct world w;
	struct store *next;
	(void)state;
	world_begin(&w, &kinds[0]);
	assert_true(create(&w, "one", "1"));
	const char *root = strchr(w.url, ':') + 1;
	const char *old = fs_join(w.a, root, ".tmp/00000000000000aa.tmp");
	const char *young = fs_join(w.a, root, ".tmp/00000000000000bb.tmp");
	const struct utimbuf then = { 1000, 1000 };
	assert_true(fs_replace(old, STR("x"), 0644, &w.err));
	assert_true(fs_replace(young, STR("x"), 0644, &w.err));
	assert_int_equal(utime(old, &then), 0);
	assert_true(store_open(w.a, w.url, &next, &w.err));
	w.s = next;
	assert_true(create(&w, "two", "2"));
	assert_false(fs_exists(old));
	assert_true(fs_exists(young));
	world_end(&w);
}

static void
an_unknown_kind_of_store_names_the_known_ones(void **state)
{
	struct arena *a = arena_new();
	struct store *s;
	struct err err;
	(void)state;
	assert_false(store_open(a, "ftp:/x", &s, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, "known kinds are file:"));
	assert_false(store_open(a, "public", &s, &err));
	assert_false(store_open(a, "file:", &s, &err));
	arena_free(a);
}

static void
a_blob_is_kept_under_its_digest(void **state)
{
	struct arena *a = arena_new();
	char hex[DIGEST_HEX + 1];
	const struct digest d = digest_of(STR(""));
	(void)state;
	digest_hex(&d, hex);
	assert_true(str_eq(store_blob_key(a, hex, ""),
	    STR("blobs/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
	assert_true(str_ends(store_blob_key(a, hex, "gz"), STR("b855.gz")));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_driver_keeps_the_contract),
		cmocka_unit_test(a_store_folder_that_is_gone_is_not_an_empty_store),
		cmocka_unit_test(a_link_in_the_folder_leads_nowhere),
		cmocka_unit_test(a_store_that_may_not_be_read_is_not_absent),
		cmocka_unit_test(leftovers_of_killed_runs_are_swept_after_an_hour),
		cmocka_unit_test(an_unknown_kind_of_store_names_the_known_ones),
		cmocka_unit_test(a_blob_is_kept_under_its_digest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
