#include "publisher/upkeep/gc.h"

#include <pthread.h>
#include <sys/wait.h>

#include "publisher/release/site.h"
#include "publisher/release/sweep.h"
#include "publisher/upkeep/reach.h"
#include "tests/unit/lib/publish_world.h"

#define HOUR 3600

static void
publish(struct world *w, const char *const *text, size_t n)
{
	struct published p;
	struct err err = { 0 };
	const struct publish_bundle b = bundle_of(w->a, "weather", "en-us", text, n);
	OK(publish_commit(w->a, world_site(w), &b, 1, STR("test"), NULL, &p, &err));
}

static struct gc_report
collect(struct world *w, int64_t grace_s)
{
	struct gc_report r;
	struct err err = { 0 };
	const struct gc_options o = { .grace_s = grace_s };
	OK(gc_run(w->a, world_site(w), &o, &r, &err));
	return r;
}

/* Every object that is needed is there, whole. */
struct proof {
	struct store *store;
	size_t objects;
};

static bool
prove(void *ctx, const struct reach_object *o, struct err *err)
{
	struct proof *p = ctx;
	struct arena *a = arena_new();
	struct str bytes = STR("");
	bool ok = store_get(p->store, a, o->key, STORE_OBJECT_MAX, &bytes, NULL, err);
	const struct digest is = digest_of(bytes);
	ok = ok && (o->sha256 == NULL || digest_eq(&is, o->sha256)
	    || err_set(err, ERR_UNTRUSTED, "%.*s", STR_ARG(o->key)));
	arena_free(a);
	p->objects++;
	return ok;
}

static size_t
assert_whole(struct world *w)
{
	struct site *s = world_site(w);
	struct proof p = { .store = site_store(s) };
	struct err err = { 0 };
	const struct reach r = { .store = p.store, .anchor = s->anchor, .live = s->live,
		.visit = prove, .ctx = &p };
	OK(reach_walk(&r, &err));
	return p.objects;
}

static bool
count_one(void *ctx, const struct store_entry *e, struct err *err)
{
	(void)e;
	(void)err;
	++*(size_t *)ctx;
	return true;
}

static size_t
objects(struct world *w, const char *prefix)
{
	size_t n = 0;
	struct err err = { 0 };
	OK(store_list(world_store(w), str_of(prefix), count_one, &n, &err));
	return n;
}

static bool
is_there(struct world *w, const char *content)
{
	char hex[DIGEST_HEX + 1];
	struct str body;
	struct err err = { 0 };
	const struct digest d = digest_of(str_of(content));
	digest_hex(&d, hex);
	return store_get(world_store(w), w->a, store_blob_key(w->a, hex, ""), 1000, &body, NULL, &err);
}

static void
what_no_kept_version_needs_goes_and_all_else_stays(void **state)
{
	struct world w;
	const char *const text[][2] = { { "one", "same" }, { "two", "same" }, { "three", "same" } };
	(void)state;
	world_begin(&w);
	w.target.keep = 2;
	for (size_t i = 0; i < LEN(text); i++)
		publish(&w, text[i], 2);
	assert_true(is_there(&w, "<p>one</p>"));
	const struct gc_report r = collect(&w, 0);
	assert_int_equal(r.removed[GC_BLOBS].objects, 2); /* page and source of "one" */
	assert_int_equal(r.removed[GC_BLOBS].bytes, strlen("<p>one</p>") + strlen("<doc>one</doc>"));
	assert_int_equal(r.removed[GC_SHARDS].objects, 1);
	assert_int_equal(r.removed[GC_MANIFESTS].objects, 1);
	assert_int_equal(r.unknown.objects, 0);
	assert_false(is_there(&w, "<p>one</p>"));
	assert_true(is_there(&w, "<p>two</p>")); /* the one before the live one */
	assert_true(is_there(&w, "<p>same</p>"));
	assert_true(assert_whole(&w) > 20);
	publish(&w, text[0], 2); /* what was removed can come back */
	assert_true(is_there(&w, "<p>one</p>"));
	assert_whole(&w);
	assert_int_equal(objects(&w, "gc/"), 1);
	world_end(&w);
}

static void
young_objects_and_foreign_ones_stay(void **state)
{
	struct world w;
	struct err err = { 0 };
	const char *const text[][1] = { { "one" }, { "two" } };
	(void)state;
	world_begin(&w);
	w.target.keep = 1;
	for (size_t i = 0; i < LEN(text); i++)
		publish(&w, text[i], 1);
	const struct object o = { STR("blobs/notes.txt"), STR("mine"), STR("text/plain"), true };
	OK(store_put(world_store(&w), &o, &err));
	struct gc_report r = collect(&w, HOUR);
	assert_int_equal(r.removed[GC_BLOBS].objects, 0);
	assert_true(r.young.objects >= 4);
	assert_int_equal(r.unknown.objects, 1);
	r = collect(&w, 0);
	assert_int_equal(r.removed[GC_BLOBS].objects, 2);
	assert_int_equal(r.unknown.objects, 1);
	assert_int_equal(objects(&w, "blobs/"), 4); /* page, source, index, notes */
	assert_whole(&w);
	world_end(&w);
}

static void
keep_for_keeps_young_versions_beyond_the_number(void **state)
{
	struct world w;
	const char *const text[][1] = { { "one" }, { "two" }, { "three" } };
	(void)state;
	world_begin(&w);
	w.target.keep = 1;
	w.target.keep_for_s = HOUR;
	for (size_t i = 0; i < LEN(text); i++) {
		publish(&w, text[i], 1);
		set_clock(NOW + ((int64_t)i + 1) * (HOUR / 2));
	}
	(void)collect(&w, 0); /* at NOW + 30 min "two" came, at NOW + 60 min "three" */
	assert_false(is_there(&w, "<p>one</p>"));
	assert_true(is_there(&w, "<p>two</p>"));
	assert_whole(&w);
	world_end(&w);
}

static void
a_dry_run_tells_the_same_and_writes_nothing(void **state)
{
	struct world w;
	struct err err = { 0 };
	struct gc_report r;
	const char *const text[][1] = { { "one" }, { "two" } };
	(void)state;
	world_begin(&w);
	w.target.keep = 1;
	for (size_t i = 0; i < LEN(text); i++)
		publish(&w, text[i], 1);
	const size_t before = objects(&w, "");
	const int64_t version = world_live(&w)->trusted->timestamp.meta.version;
	/* A dry run goes by this machine's clock. */
	(void)unsetenv("SOURCE_DATE_EPOCH");
	OK(gc_run(w.a, world_site(&w), &(struct gc_options){ .dry_run = true }, &r, &err));
	set_clock(NOW);
	assert_int_equal(objects(&w, ""), before);
	assert_int_equal(world_live(&w)->trusted->timestamp.meta.version, version);
	const struct gc_report done = collect(&w, 0);
	for (size_t k = 0; k < GC_KINDS; k++) {
		assert_int_equal(r.removed[k].objects, done.removed[k].objects);
		assert_int_equal(r.removed[k].bytes, done.removed[k].bytes);
	}
	world_end(&w);
}

static void
long_histories_lose_old_metadata_receipts_and_partial_tiles_and_no_root(void **state)
{
	struct world w;
	(void)state;
	world_begin(&w);
	w.target.keep = 2;
	for (int i = 0; i < 40; i++) {
		const char *const text[] = { arena_printf(w.a, "edition %d", i).p };
		publish(&w, text, 1);
	}
	const size_t records = objects(&w, "log/records/");
	const struct gc_report r = collect(&w, 0);
	assert_int_equal(objects(&w, "log/records/"), records); /* all of them are in the log */
	assert_int_equal(r.removed[GC_LOG].objects, 2 * 39);
	assert_true(r.removed[GC_METADATA].objects >= 2 * 15);
	assert_true(is_there(&w, "<p>edition 38</p>"));
	assert_whole(&w);
	const char *const text[] = { "after" };
	publish(&w, text, 1);
	assert_whole(&w);
	world_end(&w);
}

/* A publisher that is slow between its uploads and its commit */

struct slow {
	struct world *w;
	bool collected;
};

static void
collect_at_commit(void *ctx, const char *what, size_t done, size_t all)
{
	struct slow *s = ctx;
	(void)all;
	if (strcmp(what, "commit") != 0 || done != 0 || s->collected)
		return;
	s->collected = true;
	assert_true(is_there(s->w, "<p>new</p>")); /* and nobody needs it yet */
	const struct gc_report r = collect(s->w, 0);
	assert_true(r.removed[GC_BLOBS].objects >= 2);
	assert_false(is_there(s->w, "<p>new</p>"));
}

static void
what_was_removed_under_a_slow_publisher_is_put_again(void **state)
{
	struct world w;
	struct published p;
	struct err err = { 0 };
	struct slow slow = { .w = &w };
	const struct progress progress = { collect_at_commit, &slow };
	const char *const old[] = { "old" }, *const new[] = { "new" };
	(void)state;
	world_begin(&w);
	publish(&w, old, 1);
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", new, 1);
	OK(publish_commit(w.a, world_site(&w), &b, 1, STR("slow"), &progress, &p, &err));
	assert_true(slow.collected);
	assert_int_equal(p.conflicts, 1);
	assert_true(is_there(&w, "<p>new</p>"));
	assert_whole(&w);
	world_end(&w);
}

/* While a round is at work */

struct creation {
	struct store *store;
	struct object object;
	atomic_bool done;
};

static void *
create(void *ctx)
{
	struct creation *c = ctx;
	struct err err = { 0 };
	OK(store_put(c->store, &c->object, &err));
	atomic_store(&c->done, true);
	return NULL;
}

static void
a_condemned_object_is_not_created_before_the_round_is_over(void **state)
{
	struct world w;
	struct err err = { 0 };
	struct str round;
	struct sweep_state st;
	pthread_t thread;
	(void)state;
	world_begin(&w);
	struct creation c = { .store = world_store(&w), .object = { STR("trees/x"), STR("x"),
		STR("text/plain"), true, STR("") } };
	struct store *gc = world_store(&w);
	uint64_t mark[] = { sweep_mark(STR("trees/y")), sweep_mark(STR("trees/x")) };
	OK(sweep_list_put(gc, STR("r1"), mark, LEN(mark), &err));
	OK(sweep_read(w.a, gc, &st, &err));
	OK(sweep_write(w.a, gc, &st, SWEEP_REMOVING, STR("r1"), &err));
	OK(sweep_guard(w.a, c.store, &round, &err));
	assert_str(round, "r1");
	const struct object other = { STR("trees/z"), STR("z"), STR("text/plain"), true };
	OK(store_put(c.store, &other, &err)); /* is not on the list */
	assert_int_equal(pthread_create(&thread, NULL, create, &c), 0);
	clock_sleep_ms(400);
	assert_false(atomic_load(&c.done));
	OK(sweep_write(w.a, gc, &st, SWEEP_IDLE, STR("r1"), &err));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(atomic_load(&c.done));
	sweep_unguard(c.store);
	world_end(&w);
}

static void
two_collectors_never_work_at_the_same_time_and_the_dead_are_taken_over(void **state)
{
	struct world w;
	struct err err = { 0 };
	struct sweep_state st;
	struct gc_report r;
	const char *const text[] = { "one" };
	(void)state;
	world_begin(&w);
	publish(&w, text, 1);
	struct store *other = world_store(&w);
	OK(sweep_read(w.a, other, &st, &err));
	OK(sweep_write(w.a, other, &st, SWEEP_REMOVING, STR("r1"), &err));
	const struct gc_options o = { 0 };
	assert_false(gc_run(w.a, world_site(&w), &o, &r, &err));
	assert_int_equal(err.code, ERR_BUSY);
	err = (struct err){ 0 };
	OK(gc_run(w.a, world_site(&w), &(struct gc_options){ .take_over = true }, &r, &err));
	assert_false(sweep_write(w.a, other, &st, SWEEP_REMOVING, STR("r1"), &err)); /* its beat */
	assert_int_equal(err.code, ERR_STALE);
	assert_whole(&w);
	world_end(&w);
}

static void
nothing_is_removed_from_a_site_that_is_not_whole(void **state)
{
	struct world w;
	struct err err = { 0 };
	struct gc_report r;
	const char *const text[][1] = { { "one" }, { "two" } };
	(void)state;
	world_begin(&w);
	for (size_t i = 0; i < LEN(text); i++)
		publish(&w, text[i], 1);
	const struct live_bundle *b = &world_live(&w)->bundle[0];
	OK(store_remove(world_store(&w), live_manifest_key(w.a, b->vertical, b->locale,
	    &b->history[0].sha256), &err));
	const size_t before = objects(&w, "blobs/");
	assert_false(gc_run(w.a, world_site(&w), &(struct gc_options){ 0 }, &r, &err));
	assert_non_null(strstr(err.text, "fsck"));
	assert_int_equal(objects(&w, "blobs/"), before);
	struct sweep_state st;
	OK(sweep_read(w.a, world_store(&w), &st, &err));
	assert_int_equal(st.phase, SWEEP_IDLE);
	world_end(&w);
}

/* Publishers that bring old content back again and again, and gc without any grace beside them */

#define EDITIONS 12

static void
publisher_run(struct world *w, const char *locale, int salt)
{
	for (int i = 0; i < EDITIONS; i++) {
		struct published p;
		struct err err = { 0 };
		struct arena *a = arena_new();
		struct site *s;
		const char *const text[] = { arena_printf(a, "edition %d", (i + salt) % 3).p, "same" };
		const struct publish_bundle b = bundle_of(a, "weather", locale, text, 2);
		OK(site_open(a, &w->target, &s, &err));
		while (!publish_commit(a, s, &b, 1, STR("race"), NULL, &p, &err))
			assert_int_equal(err.code, ERR_STALE); /* 20 times slower than the others: again */
		arena_free(a);
	}
}

static pid_t
start_publisher(struct world *w, const char *locale, int salt)
{
	const pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	publisher_run(w, locale, salt);
	_exit(0);
}

static void
racing_publishers_and_gc_never_lose_an_object(void **state)
{
	struct world w;
	int status, ended = 0;
	unsigned removed = 0, rounds = 0;
	const char *const text[] = { "first" };
	(void)state;
	world_begin(&w);
	w.target.keep = 1;
	publish(&w, text, 1);
	(void)start_publisher(&w, "en-us", 0);
	(void)start_publisher(&w, "en-us", 1);
	(void)start_publisher(&w, "de-de", 0);
	while (ended < 3) {
		struct gc_report r;
		struct err err = { 0 };
		struct arena *a = arena_new();
		struct site *s;
		const struct gc_options o = { 0 };
		OK(site_open(a, &w.target, &s, &err));
		if (gc_run(a, s, &o, &r, &err)) {
			removed += (unsigned)r.removed[GC_BLOBS].objects;
			rounds += r.rounds;
		} else /* a version went while it was looked at; or the publishers are too quick */
			assert_true(err.code == ERR_BUSY || err.code == ERR_STALE);
		arena_free(a);
		while (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			ended++;
		}
	}
	assert_true(rounds > 0);
	(void)collect(&w, 0);
	assert_whole(&w);
	assert_true(removed > 0);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_kept_version_needs_goes_and_all_else_stays),
		cmocka_unit_test(young_objects_and_foreign_ones_stay),
		cmocka_unit_test(keep_for_keeps_young_versions_beyond_the_number),
		cmocka_unit_test(a_dry_run_tells_the_same_and_writes_nothing),
		cmocka_unit_test(long_histories_lose_old_metadata_receipts_and_partial_tiles_and_no_root),
		cmocka_unit_test(what_was_removed_under_a_slow_publisher_is_put_again),
		cmocka_unit_test(a_condemned_object_is_not_created_before_the_round_is_over),
		cmocka_unit_test(two_collectors_never_work_at_the_same_time_and_the_dead_are_taken_over),
		cmocka_unit_test(nothing_is_removed_from_a_site_that_is_not_whole),
		cmocka_unit_test(racing_publishers_and_gc_never_lose_an_object),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
