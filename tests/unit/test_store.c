/* The contract of a store, one function run against every driver, and the file driver's own. */
#include "tests/unit/lib/scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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

static const struct kind kinds[] = {
	{ "file", file_fresh },
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
