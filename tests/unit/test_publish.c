#include "publisher/tlog/check.h"
#include "tests/unit/lib/publish_world.h"

#include <pthread.h>
#include <sys/wait.h>

static void
publish(struct world *w, struct publish_bundle b, struct published *out)
{
	struct err err;
	OK(publish_commit(w->a, world_site(w), &b, 1, STR("test"), NULL, out, &err));
}

static bool
has_key(const struct published *p, const char *key)
{
	for (size_t i = 0; i < p->keys; i++)
		if (str_eq(p->key[i], str_of(key)))
			return true;
	return false;
}

static bool
has_path_key(const struct published *p, const char *path)
{
	char key[KEY_MAX + 1];
	key_path(STR("weather"), STR("en-us"), str_of(path), key);
	return has_key(p, key);
}

static void
the_first_publish_makes_a_site_that_a_client_can_verify(void **state)
{
	struct world w;
	struct published p;
	const char *const text[] = { "rain", "sun" };
	(void)state;
	world_begin(&w);
	assert_null(site_live(world_site(&w)));
	publish(&w, bundle_of(w.a, "weather", "en-us", text, 2), &p);
	assert_true(p.changed);
	assert_int_equal(p.version, 1);
	assert_int_equal(p.conflicts, 0);
	const struct live *live = world_live(&w);
	assert_int_equal(live->bundles, 1);
	const struct live_bundle *b = live_find(live, STR("weather"), STR("en-us"));
	assert_int_equal(b->current.version, 1);
	assert_int_equal(b->first, 1);
	assert_int_equal(b->current.time, NOW);
	assert_str(b->current.note, "test");
	assert_int_equal(b->histories, 0);
	assert_int_equal(b->manifest->documents, 2);
	assert_int_equal(b->manifest->files, 3);
	const struct manifest_file *f = file_there(world_store(&w), b, "a.html");
	assert_int_equal(f->modified, NOW - 100);
	assert_int_equal(f->expires, NOW + 30 * DAY);
	assert_str(published_body(&w, live, "weather", "en-us", "index.txt"), "a\nb\n");
	assert_str(published_body(&w, live, "weather", "en-us", "b.html"),
	    "<p>sun</p>");
	world_end(&w);
}

static void
publishing_the_same_again_changes_nothing(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const text[] = { "rain", "sun" };
	(void)state;
	world_begin(&w);
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", text, 2);
	publish(&w, b, &p);
	struct site *s = world_site(&w);
	struct spy *spy = spy_on(w.a, s);
	set_clock(NOW + 10);
	OK(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_false(p.changed);
	assert_int_equal(p.version, 1);
	assert_int_equal(p.keys, 0);
	assert_int_equal(spy->creates, 0);
	assert_int_equal(spy->swaps, 0);
	world_end(&w);
}

static void
a_change_uploads_and_purges_what_changed_and_no_more(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const old[] = { "rain", "sun", NULL, "fog" };
	const char *const new[] = { "rain", "snow", "hail", NULL };
	(void)state;
	world_begin(&w);
	publish(&w, bundle_of(w.a, "weather", "en-us", old, 4), &p);
	struct site *s = world_site(&w);
	struct spy *spy = spy_on(w.a, s);
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", new, 4);
	OK(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(p.version, 2);
	/* b and c: page and source, too short for a coded form; index, shard, manifest, role,
	 * snapshot, intent; of the log: record, entries, tile. */
	assert_int_equal(spy->creates, 2 * 2 + 1 + 1 + 1 + 2 + 1 + 3);
	assert_true(has_key(&p, "weather.en-us.b"));
	assert_true(has_key(&p, "weather.en-us.c"));
	assert_true(has_key(&p, "weather.en-us.d"));
	assert_true(has_path_key(&p, "index.txt"));
	assert_true(has_path_key(&p, "c.html")); /* edges may hold its 404 */
	assert_true(has_key(&p, "tuf-ts"));
	assert_int_equal(p.keys, 6);
	const struct live *live = world_live(&w);
	const struct live_bundle *lb = live_find(live, STR("weather"), STR("en-us"));
	assert_int_equal(lb->histories, 1);
	assert_int_equal(lb->history[0].version, 1);
	assert_int_equal(live_version(lb, 1)->version, 1);
	assert_int_equal(live_version(lb, 7)->version, 2);
	assert_null(live_version(lb, 0));
	assert_str(published_body(&w, live, "weather", "en-us", "d.html"), "");
	world_end(&w);
}

static void
a_plan_tells_and_does_nothing(void **state)
{
	struct world w;
	struct published p;
	struct plan *plan;
	struct err err;
	const char *const old[] = { "rain", "sun", "fog" };
	const char *const new[] = { "rain", "snow", NULL };
	(void)state;
	world_begin(&w);
	publish(&w, bundle_of(w.a, "weather", "en-us", old, 3), &p);
	struct site *s = world_site(&w);
	struct spy *spy = spy_on(w.a, s);
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", new, 3);
	OK(publish_plan(w.a, s, &b, 1, &plan, &err));
	assert_int_equal(spy->creates, 0);
	assert_int_equal(spy->ops, 1); /* the entries of the shard that changes are read */
	assert_int_equal(plan->bundle[0].change, CHANGE_CHANGED);
	assert_int_equal(plan->bundle[0].before, 3);
	assert_int_equal(plan->bundle[0].after, 2);
	assert_int_equal(plan->bundle[0].documents_removed, 1);
	assert_int_equal(plan->added, 0);
	assert_int_equal(plan->changed, 2);
	assert_int_equal(plan->removed, 1);
	assert_int_equal(plan->bundle[0].files, 3);
	assert_str(plan->bundle[0].file[0].path, "weather/en-us/b.html");
	assert_int_equal(plan->bundle[0].file[0].change, CHANGE_CHANGED);
	assert_str(plan->bundle[0].file[1].path, "weather/en-us/c.html");
	assert_int_equal(plan->bundle[0].file[1].change, CHANGE_REMOVED);
	assert_int_equal(plan->blobs, 3);
	assert_false(plan->renew);
	assert_int_equal(world_live(&w)->trusted->snapshot.meta.version, 1);
	world_end(&w);
}

static void
a_coded_form_is_kept_only_where_it_is_smaller_and_made_once(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const text[] = { "x" };
	(void)state;
	world_begin(&w);
	struct publish_bundle b = bundle_of(w.a, "weather", "en-us", text, 1);
	char *noise = arena_alloc(w.a, 4000, 1), *zeros = arena_alloc(w.a, 4000, 1);
	for (uint32_t i = 0, x = 1; i < 4000; i++, x = x * 1664525 + 1013904223) {
		noise[i] = (char)(x >> 24);
		zeros[i] = '0';
	}
	struct publish_file f[] = {
		file_of(STR("a.json"), STR("application/json"), STR("a"), (struct str){ zeros, 4000 }),
		file_of(STR("assets/page.51b8d4ba1fa4.css"), STR("text/css"), (struct str){ 0 },
		    STR("body{}")),
		file_of(STR("noise.txt"), STR("text/plain"), (struct str){ 0 },
		    (struct str){ noise, 4000 }),
		file_of(STR("zeros.png"), STR("image/png"), (struct str){ 0 },
		    (struct str){ zeros, 4000 }),
	};
	const struct digest css = digest_of(f[1].body);
	char hex[DIGEST_HEX + 1];
	digest_hex(&css, hex);
	f[1].path = arena_printf(w.a, "assets/page.%.12s.css", hex);
	b.file = f;
	b.files = LEN(f);
	publish(&w, b, &p);
	const struct live_bundle *m = &world_live(&w)->bundle[0];
	struct store *store = world_store(&w);
	for (int coding = CODING_NONE + 1; coding < CODINGS; coding++) {
		const struct manifest_file *json = file_there(store, m, "a.json");
		char coded_hex[DIGEST_HEX + 1];
		struct str coded;
		struct buf *back = buf_in(w.a, 4000);
		assert_true(has_form(json, (enum coding)coding));
		assert_true(json->form[coding].size < 100);
		digest_hex(&json->form[coding].sha256, coded_hex);
		OK(store_get(store, w.a, store_blob_key(w.a, coded_hex, coding_kinds[coding].suffix + 1),
		    100, &coded, NULL, &err));
		OK(coding_decode((enum coding)coding, coded, back, &err));
		assert_true(str_eq(buf_str(back), (struct str){ zeros, 4000 }));
	}
	assert_int_equal(file_there(store, m, "noise.txt")->forms, 0);
	assert_false(file_there(store, m, "noise.txt")->immutable);
	assert_int_equal(file_there(store, m, "zeros.png")->forms, 0);
	assert_true(file_there(store, m, f[1].path.p)->immutable);
	/* Under another name the same bytes are neither compressed nor uploaded again. */
	f[0].path = STR("b.json");
	struct site *s = world_site(&w);
	struct plan *plan;
	OK(publish_plan(w.a, s, &b, 1, &plan, &err));
	assert_int_equal(plan->blobs, 0);
	publish(&w, b, &p);
	assert_int_equal(file_there(store, &world_live(&w)->bundle[0], "b.json")->forms,
	    file_there(store, m, "a.json")->forms);
	world_end(&w);
}

static void
several_bundles_flip_together_and_others_stay(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one" }, *const two[] = { "two" };
	(void)state;
	world_begin(&w);
	const struct publish_bundle first[] = { bundle_of(w.a, "weather", "en-us", one, 1),
		bundle_of(w.a, "weather", "de-de", one, 1), bundle_of(w.a, "finance", "en-us", one, 1) };
	OK(publish_commit(w.a, world_site(&w), first, 3, STR(""), NULL, &p, &err));
	const struct publish_bundle second[] = { bundle_of(w.a, "finance", "en-us", two, 1),
		bundle_of(w.a, "weather", "en-us", two, 1) };
	OK(publish_commit(w.a, world_site(&w), second, 2, STR(""), NULL, &p, &err));
	const struct live *live = world_live(&w);
	assert_int_equal(live->bundles, 3);
	assert_int_equal(live_find(live, STR("weather"), STR("de-de"))->current.version, 1);
	assert_int_equal(live_find(live, STR("weather"), STR("en-us"))->current.version, 2);
	assert_int_equal(live_find(live, STR("finance"), STR("en-us"))->current.version, 2);
	world_end(&w);
}

static void
history_is_kept_as_long_as_configured(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	(void)state;
	world_begin(&w);
	w.target.keep = 3;
	for (int i = 1; i <= 5; i++) {
		const char *const text[] = { arena_printf(w.a, "version %d", i).p };
		publish(&w, bundle_of(w.a, "weather", "en-us", text, 1), &p);
		assert_int_equal(p.version, i);
	}
	const struct live_bundle *b = &world_live(&w)->bundle[0];
	assert_int_equal(b->histories, 2);
	assert_int_equal(b->history[0].version, 4);
	assert_int_equal(b->history[1].version, 3);
	assert_int_equal(b->first, 1);
	assert_null(live_version(b, 2));
	assert_false(publish_rollback(w.a, world_site(&w), NULL, 0, 2, &p, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "version 2 is no longer kept; the oldest is 3"));
	world_end(&w);
}

static void
a_rollback_brings_the_old_version_back_and_can_be_undone(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one", "same" }, *const two[] = { "two", "same" };
	const struct str name = STR("weather/en-us");
	(void)state;
	world_begin(&w);
	publish(&w, bundle_of(w.a, "weather", "en-us", one, 2), &p);
	publish(&w, bundle_of(w.a, "weather", "en-us", two, 2), &p);
	publish(&w, bundle_of(w.a, "weather", "de-de", two, 2), &p);
	OK(publish_rollback(w.a, world_site(&w), &name, 1, 1, &p, &err));
	assert_int_equal(p.version, 4);
	assert_int_equal(p.keys, 2);
	assert_true(has_key(&p, "weather.en-us.a"));
	const struct live *live = world_live(&w);
	const struct live_bundle *b = live_find(live, STR("weather"), STR("en-us"));
	assert_int_equal(b->current.version, 4);
	assert_str(b->current.note, "rollback to 1");
	assert_int_equal(b->histories, 2);
	assert_non_null(strstr(published_body(&w, live, "weather", "en-us", "a.html").p, "one"));
	/* Everything as in version 1: de-de was not there yet. */
	OK(publish_rollback(w.a, world_site(&w), NULL, 0, 1, &p, &err));
	assert_int_equal(p.version, 5);
	live = world_live(&w);
	assert_int_equal(live_find(live, STR("weather"), STR("de-de"))->manifest->files, 0);
	assert_true(has_key(&p, "weather.de-de.a"));
	/* That can be undone like anything else. */
	OK(publish_rollback(w.a, world_site(&w), NULL, 0, 4, &p, &err));
	live = world_live(&w);
	assert_non_null(strstr(published_body(&w, live, "weather", "de-de", "a.html").p, "two"));
	/* And once more as it was before all that. */
	OK(publish_rollback(w.a, world_site(&w), &name, 1, 3, &p, &err));
	live = world_live(&w);
	assert_non_null(strstr(published_body(&w, live, "weather", "en-us", "a.html").p, "two"));
	OK(publish_rollback(w.a, world_site(&w), &name, 1, p.version, &p, &err));
	assert_false(p.changed);
	assert_false(publish_rollback(w.a, world_site(&w), NULL, 0, 99, &p, &err));
	assert_int_equal(err.code, ERR_INPUT);
	const struct str wrong = STR("weather/fr-fr");
	assert_false(publish_rollback(w.a, world_site(&w), &wrong, 1, 1, &p, &err));
	assert_non_null(strstr(err.text, "no bundle 'weather/fr-fr' is live"));
	world_end(&w);
}

/* In a child: publish `b`, dying at store operation `at`. True if it lived to the end. */
static bool
publish_dying(struct world *w, const struct publish_bundle *b, unsigned at, bool after)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct published p;
		struct err err;
		struct site *s;
		if (!site_open(w->a, &w->target, &s, &err))
			_exit(1);
		struct spy *spy = spy_on(w->a, s);
		spy->kill_at = at;
		spy->kill_after = after;
		_exit(publish_commit(w->a, s, b, 1, STR(""), NULL, &p, &err) ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	return WEXITSTATUS(status) == 0;
}

static bool
is_exactly(struct world *w, const char *text)
{
	const struct live *live = world_live(w);
	const struct str wanted = arena_printf(w->a, "<p>%s</p>", text);
	bool page = str_eq(published_body(w, live, "weather", "en-us", "a.html"), wanted);
	bool other = str_eq(published_body(w, live, "weather", "en-us", "b.html"), wanted);
	assert_int_equal(page, other); /* never a mixture */
	return page;
}

static bool
is_in_order(void *ctx, uint64_t index, const struct record *r, struct err *err)
{
	int64_t *last = ctx;
	(void)index;
	(void)err;
	assert_true(r->version > *last);
	*last = r->version;
	return true;
}

/* What a dead publisher leaves is at most one record that is signed and not in the log yet; what
 * a publish leaves is a whole log that ends with it. */
static void
log_is_right(struct world *w, bool may_lag)
{
	struct store *store;
	struct str checkpoint = { 0 };
	struct log_seen seen;
	int64_t last = 0;
	struct err err = { 0 }, ignored;
	const struct trusted *t = world_live(w)->trusted;
	OK(store_open(w->a, w->target.store, &store, &err));
	const struct trust_source source = store_source(store);
	(void)store_get(store, w->a, CHECKPOINT_NAME, NOTE_BYTES_MAX, &checkpoint, NULL, &ignored);
	OK(log_check(w->a, &source, t, checkpoint, NULL, &seen, &err));
	assert_true(seen.there && (may_lag || !seen.pending));
	assert_int_equal(seen.record.version, t->snapshot.meta.version);
	if (seen.tree != NULL)
		OK(log_walk(seen.tree, is_in_order, &last, &err));
	assert_true(seen.pending || last == t->snapshot.meta.version);
}

static void
kill_everywhere(bool after)
{
	struct world w;
	struct published p;
	struct err err;
	const char *text[] = { "text 0", "text 0" };
	bool lived = false;
	unsigned orphans = 0;
	world_begin(&w);
	publish(&w, bundle_of(w.a, "weather", "en-us", text, 2), &p);
	for (unsigned at = 1; !lived; at++) {
		const char *old = text[0];
		text[0] = text[1] = arena_printf(w.a, "text %u", at).p;
		const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", text, 2);
		set_clock(NOW + at * 10);
		lived = publish_dying(&w, &b, at, after);
		assert_true(is_exactly(&w, old) || is_exactly(&w, text[0]));
		log_is_right(&w, true);
		set_clock(NOW + at * 10 + 5);
		OK(publish_commit(w.a, world_site(&w), &b, 1, STR(""), NULL, &p, &err));
		assert_int_equal(p.conflicts, 0);
		assert_true(is_exactly(&w, text[0]));
		log_is_right(&w, false);
		orphans += p.version != world_live(&w)->bundle[0].history[0].version + 1;
		/* Whoever makes edges fresh finds what to purge. */
		struct store *store;
		struct str intent;
		OK(store_open(w.a, w.target.store, &store, &err));
		OK(store_get(store, w.a, arena_printf(w.a, "receipts/%d.intent", (int)p.version), 9999,
		    &intent, NULL, &err));
		assert_non_null(strstr(arena_copy(w.a, intent).p, "\"weather.en-us.a\""));
		assert_true(at < 100);
	}
	assert_true(orphans > 0); /* names that the dead had taken were skipped */
	world_end(&w);
}

static void
killed_before_any_store_operation_the_site_is_whole_and_a_rerun_finishes(void **state)
{
	(void)state;
	kill_everywhere(false);
}

static void
killed_after_any_store_operation_the_site_is_whole_and_a_rerun_finishes(void **state)
{
	(void)state;
	kill_everywhere(true);
}

static void
the_first_publish_survives_being_killed_too(void **state)
{
	const char *const text[] = { "rain", "rain" };
	bool lived = false;
	(void)state;
	for (unsigned at = 1; !lived; at += 3) {
		struct world w;
		struct published p;
		world_begin(&w);
		const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", text, 2);
		lived = publish_dying(&w, &b, at, true);
		set_clock(NOW + 5);
		publish(&w, b, &p);
		assert_true(is_exactly(&w, "rain"));
		world_end(&w);
	}
}

struct publisher {
	struct world *w;
	pthread_t thread;
	const char *locale;
	unsigned conflicts;
	bool ok;
	struct err err;
};

static void *
publish_often(void *arg)
{
	struct publisher *me = arg;
	struct arena *a = arena_new();
	me->ok = true;
	for (int i = 0; me->ok && i < 5; i++) {
		const char *const text[] = { arena_printf(a, "%s %d", me->locale, i).p };
		const struct publish_bundle b = bundle_of(a, "weather", me->locale, text, 1);
		struct site *s;
		struct published p;
		me->ok = site_open(a, &me->w->target, &s, &me->err)
		    && publish_commit(a, s, &b, 1, STR(""), NULL, &p, &me->err);
		me->conflicts += me->ok ? p.conflicts : 0;
	}
	arena_free(a);
	return NULL;
}

static void
of_many_publishers_at_the_same_time_none_is_lost(void **state)
{
	struct world w;
	struct publisher p[] = { { .locale = "en-us" }, { .locale = "de-de" },
		{ .locale = "fr-fr" }, { .locale = "ja-jp" } };
	(void)state;
	world_begin(&w);
	for (size_t i = 0; i < LEN(p); i++) {
		p[i].w = &w;
		assert_int_equal(pthread_create(&p[i].thread, NULL, publish_often, &p[i]), 0);
	}
	for (size_t i = 0; i < LEN(p); i++)
		(void)pthread_join(p[i].thread, NULL);
	const struct live *live = world_live(&w);
	assert_int_equal(live->bundles, LEN(p));
	for (size_t i = 0; i < LEN(p); i++) {
		assert_ok(p[i].ok, &p[i].err, __FILE__, __LINE__);
		const struct live_bundle *b = live_find(live, STR("weather"), str_of(p[i].locale));
		assert_int_equal(b->histories, 4);
		assert_non_null(strstr(published_body(&w, live, "weather", p[i].locale, "a.html").p,
		    arena_printf(w.a, "%s 4", p[i].locale).p));
	}
	world_end(&w);
}

static void
a_faster_publisher_is_not_overwritten(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one" }, *const two[] = { "two" };
	(void)state;
	world_begin(&w);
	publish(&w, bundle_of(w.a, "weather", "en-us", one, 1), &p);
	struct site *slow = world_site(&w);
	publish(&w, bundle_of(w.a, "finance", "en-us", two, 1), &p);
	assert_int_equal(p.version, 2);
	set_clock(NOW + 1);
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", two, 1);
	OK(publish_commit(w.a, slow, &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(p.conflicts, 1);
	assert_int_equal(p.version, 3);
	assert_int_equal(world_live(&w)->bundles, 2);
	world_end(&w);
}

static void
an_input_made_from_an_older_version_does_not_undo_a_newer_one(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one", NULL, NULL }, *const theirs[] = { "one", "theirs", NULL };
	const char *const ours[] = { "one", NULL, "ours" };
	(void)state;
	world_begin(&w);
	struct publish_bundle b = bundle_of(w.a, "weather", "en-us", one, 3);
	b.based_on = PUBLISH_NOT_LIVE;
	struct site *first = world_site(&w);
	publish(&w, b, &p);
	set_clock(NOW + 1);
	assert_false(publish_commit(w.a, first, &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(err.code, ERR_STALE);
	struct site *s = world_site(&w);
	publish(&w, bundle_of(w.a, "weather", "en-us", theirs, 3), &p);
	b = bundle_of(w.a, "weather", "en-us", ours, 3); /* merged with version 1 */
	b.based_on = 1;
	assert_false(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(err.code, ERR_STALE);
	assert_non_null(strstr(err.text, "weather/en-us: another publisher has changed it"));
	assert_str(published_body(&w, world_live(&w), "weather", "en-us", "b.html"),
	    "<p>theirs</p>");
	OK(site_reload(s, &err));
	b.based_on = site_live(s)->bundle[0].current.version;
	OK(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(p.version, 3);
	world_end(&w);
}

static void
a_lost_answer_after_the_swap_is_success(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one" };
	(void)state;
	world_begin(&w);
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", one, 1);
	struct site *s = world_site(&w);
	spy_on(w.a, s)->lose_swap_answer = true;
	OK(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(p.version, 1);
	assert_int_equal(world_live(&w)->bundles, 1);
	world_end(&w);
}

static void
a_store_that_is_down_is_not_taken_for_an_empty_one(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one" }, *const two[] = { "two" };
	(void)state;
	world_begin(&w);
	publish(&w, bundle_of(w.a, "weather", "en-us", one, 1), &p);
	struct site *s = world_site(&w);
	publish(&w, bundle_of(w.a, "weather", "de-de", one, 1), &p);
	spy_on(w.a, s)->down = true;
	set_clock(NOW + 9);
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", two, 1);
	assert_false(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(err.code, ERR_BUSY);
	assert_int_equal(world_live(&w)->bundles, 2);
	world_end(&w);
}

static void
metadata_is_renewed_when_it_is_due_and_keeps_its_content(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one" };
	(void)state;
	world_begin(&w);
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", one, 1);
	assert_false(publish_renew(w.a, world_site(&w), true, &p, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	publish(&w, b, &p);
	OK(publish_renew(w.a, world_site(&w), false, &p, &err));
	assert_false(p.changed);
	OK(publish_renew(w.a, world_site(&w), true, &p, &err));
	assert_true(p.changed);
	assert_int_equal(p.version, 1);
	assert_int_equal(world_live(&w)->trusted->timestamp.meta.version, 2);
	/* A publish without changes renews as well: so a cron job that publishes is enough. */
	set_clock(NOW + 13 * DAY);
	publish(&w, b, &p);
	assert_true(p.changed);
	assert_int_equal(p.version, 2);
	assert_int_equal(p.keys, 0);
	const struct live *live = world_live(&w); /* checks expiry */
	assert_int_equal(live->bundle[0].current.version, 1);
	world_end(&w);
}

static void
wrong_input_is_refused_before_anything_is_written(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one" };
	(void)state;
	world_begin(&w);
	struct site *s = world_site(&w);
	struct spy *spy = spy_on(w.a, s);
	const struct publish_bundle good = bundle_of(w.a, "weather", "en-us", one, 1);
	struct publish_file file = good.file[0];
	struct publish_bundle b = good;
	b.file = &file;
	b.files = 1;
	file.path = STR("../a.html");
	assert_false(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_non_null(strstr(err.text, "weather/en-us: '../a.html' is no path"));
	file = good.file[0];
	file.document = STR("nobody");
	assert_false(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_non_null(strstr(err.text, "its document 'nobody' is not in the bundle"));
	file = good.file[0];
	file.type = STR("text/html\r\nx: y");
	assert_false(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_non_null(strstr(err.text, "not a media type"));
	const struct publish_bundle twice[] = { good, good };
	assert_false(publish_commit(w.a, s, twice, 2, STR(""), NULL, &p, &err));
	assert_non_null(strstr(err.text, "named twice"));
	b = bundle_of(w.a, "sports", "en-us", one, 1);
	assert_false(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_non_null(strstr(err.text, "edgepress keys delegate local sports"));
	assert_int_equal(spy->creates, 0);
	world_end(&w);
}

static void
bytes_that_are_not_what_was_vouched_for_are_not_published(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one" };
	(void)state;
	world_begin(&w);
	const struct publish_bundle good = bundle_of(w.a, "weather", "en-us", one, 1);
	struct publish_file file[] = { good.file[0], good.file[1] };
	struct publish_bundle b = good;
	b.file = file;
	file[0].body = STR("<p>won</p>");
	assert_false(publish_commit(w.a, world_site(&w), &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_non_null(strstr(err.text, "render cache is damaged"));
	assert_null(site_live(world_site(&w)));
	/* What is published already is not read: its digest is enough. */
	publish(&w, good, &p);
	file[0].body = (struct str){ NULL, good.file[0].body.n };
	OK(publish_commit(w.a, world_site(&w), &b, 1, STR(""), NULL, &p, &err));
	assert_false(p.changed);
	world_end(&w);
}

static void
without_keys_a_site_can_be_read_but_not_changed(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	const char *const one[] = { "one" }, *const two[] = { "two" };
	(void)state;
	world_begin(&w);
	publish(&w, bundle_of(w.a, "weather", "en-us", one, 1), &p);
	w.target.keys = fs_join(w.a, w.dir, "elsewhere");
	struct site *s = world_site(&w);
	assert_int_equal(site_live(s)->bundles, 1);
	struct plan *plan;
	const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", two, 1);
	OK(publish_plan(w.a, s, &b, 1, &plan, &err));
	assert_false(publish_commit(w.a, s, &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(err.code, ERR_SETUP);
	assert_non_null(strstr(err.text, "no secret keys of target local here"));
	w.target.root = fs_join(w.a, w.dir, "nowhere.json");
	assert_false(site_open(w.a, &w.target, &s, &err));
	assert_non_null(strstr(err.text, "run `edgepress keys init local`"));
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_publish_makes_a_site_that_a_client_can_verify),
		cmocka_unit_test(publishing_the_same_again_changes_nothing),
		cmocka_unit_test(a_change_uploads_and_purges_what_changed_and_no_more),
		cmocka_unit_test(a_plan_tells_and_does_nothing),
		cmocka_unit_test(a_coded_form_is_kept_only_where_it_is_smaller_and_made_once),
		cmocka_unit_test(several_bundles_flip_together_and_others_stay),
		cmocka_unit_test(history_is_kept_as_long_as_configured),
		cmocka_unit_test(a_rollback_brings_the_old_version_back_and_can_be_undone),
		cmocka_unit_test(killed_before_any_store_operation_the_site_is_whole_and_a_rerun_finishes),
		cmocka_unit_test(killed_after_any_store_operation_the_site_is_whole_and_a_rerun_finishes),
		cmocka_unit_test(the_first_publish_survives_being_killed_too),
		cmocka_unit_test(of_many_publishers_at_the_same_time_none_is_lost),
		cmocka_unit_test(a_faster_publisher_is_not_overwritten),
		cmocka_unit_test(an_input_made_from_an_older_version_does_not_undo_a_newer_one),
		cmocka_unit_test(a_lost_answer_after_the_swap_is_success),
		cmocka_unit_test(a_store_that_is_down_is_not_taken_for_an_empty_one),
		cmocka_unit_test(metadata_is_renewed_when_it_is_due_and_keeps_its_content),
		cmocka_unit_test(wrong_input_is_refused_before_anything_is_written),
		cmocka_unit_test(bytes_that_are_not_what_was_vouched_for_are_not_published),
		cmocka_unit_test(without_keys_a_site_can_be_read_but_not_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
