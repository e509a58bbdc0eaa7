#include "tests/unit/lib/publish_world.h"

static void
publish(struct world *w, const char *text)
{
	struct published p;
	struct err err;
	const char *const texts[] = { text, "same" };
	const struct publish_bundle b[] = { bundle_of(w->a, "weather", "en-us", texts, 2),
		bundle_of(w->a, "finance", "de-de", &texts[1], 1) };
	OK(publish_commit(w->a, world_site(w), b, 2, STR(""), NULL, &p, &err));
}

struct reader {
	struct store *store;
	struct str anchor;
};

static struct reader
reader_of(struct world *w)
{
	struct reader r;
	struct err err;
	OK(store_open(w->a, w->target.store, &r.store, &err));
	OK(fs_read(w->a, w->target.root, ROOT_MAX, &r.anchor, &err));
	return r;
}

static const char *
path_of(struct world *w, struct str key)
{
	return arena_printf(w->a, "%s/public/%.*s", w->dir, STR_ARG(key)).p;
}

static const char *
manifest_file(struct world *w, const struct live_bundle *b)
{
	return path_of(w, live_manifest_key(w->a, b->vertical, b->locale, &b->current.sha256));
}

static void
an_unpublished_store_is_absent_and_a_broken_one_is_not(void **state)
{
	struct world w;
	struct live *live;
	struct err err;
	(void)state;
	world_begin(&w);
	struct reader r = reader_of(&w);
	assert_false(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	publish(&w, "one");
	assert_int_equal(unlink(path_of(&w, STR("metadata/1.snapshot.json"))), 0);
	assert_false(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	assert_int_equal(err.code, ERR_BUSY);
	world_end(&w);
}

static void
the_etag_is_that_of_the_pointer_that_was_read(void **state)
{
	struct world w;
	struct live *live;
	struct err err;
	bool same;
	(void)state;
	world_begin(&w);
	struct reader r = reader_of(&w);
	publish(&w, "one");
	OK(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	OK(store_unchanged(r.store, STR("metadata/timestamp.json"), live->etag, &same, &err));
	assert_true(same);
	publish(&w, "two");
	OK(store_unchanged(r.store, STR("metadata/timestamp.json"), live->etag, &same, &err));
	assert_false(same);
	world_end(&w);
}

static void
unchanged_manifests_are_shared_whichever_live_state_goes_first(void **state)
{
	struct world w;
	struct live *live[3];
	struct arena *a[3];
	struct err err;
	(void)state;
	world_begin(&w);
	struct reader r = reader_of(&w);
	for (int i = 0; i < 3; i++) {
		const char *const text[] = { "one", "two", "three" };
		publish(&w, text[i]);
		a[i] = arena_new();
		OK(live_read(a[i], r.store, r.anchor, i > 0 ? live[i - 1] : NULL, NOW, EXPIRY_CHECK,
		    &live[i], &err));
		assert_int_equal(live[i]->bundles, 2);
	}
	const struct live_bundle *f[3], *e[3];
	for (int i = 0; i < 3; i++) {
		f[i] = live_find(live[i], STR("finance"), STR("de-de"));
		e[i] = live_find(live[i], STR("weather"), STR("en-us"));
	}
	assert_ptr_equal(f[0]->manifest, f[2]->manifest);
	assert_ptr_not_equal(e[0]->manifest, e[2]->manifest);
	assert_int_equal(f[2]->current.version, 1);
	arena_free(a[1]);
	assert_non_null(live_file(r.store, f[0], "a.html"));
	arena_free(a[0]);
	assert_non_null(live_file(r.store, f[2], "a.html"));
	assert_non_null(live_file(r.store, e[2], "a.html"));
	arena_free(a[2]);
	world_end(&w);
}

static void
a_manifest_that_was_tampered_with_is_not_believed(void **state)
{
	struct world w;
	struct live *live;
	struct str bytes;
	struct err err;
	(void)state;
	world_begin(&w);
	struct reader r = reader_of(&w);
	publish(&w, "one");
	OK(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	const char *path = manifest_file(&w, live_find(live, STR("weather"), STR("en-us")));
	OK(fs_read(w.a, path, MANIFEST_MAX, &bytes, &err));
	char *changed = arena_alloc(w.a, bytes.n, 1);
	memcpy(changed, bytes.p, bytes.n);
	changed[bytes.n / 2] ^= 1;
	OK(fs_replace(path, (struct str){ changed, bytes.n }, 0644, &err));
	assert_false(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_non_null(strstr(err.text, "is not what was signed"));
	OK(fs_replace(path, arena_printf(w.a, "%.*s ", STR_ARG(bytes)), 0644, &err));
	assert_false(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_int_equal(unlink(path), 0);
	assert_false(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	assert_int_equal(err.code, ERR_BUSY); /* it was signed: not absent, only not to be had */
	world_end(&w);
}

static void
a_manifest_of_another_bundle_is_refused(void **state)
{
	struct world w;
	struct live *live;
	struct manifest m;
	struct err err;
	(void)state;
	world_begin(&w);
	struct reader r = reader_of(&w);
	publish(&w, "one");
	OK(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	const struct live_bundle *b = live_find(live, STR("weather"), STR("en-us"));
	struct str bytes;
	OK(fs_read(w.a, manifest_file(&w, b), MANIFEST_MAX, &bytes, &err));
	const struct object o = { live_manifest_key(w.a, STR("weather"), STR("fr-fr"),
	    &b->current.sha256), bytes, STR(""), true };
	OK(store_put(r.store, &o, &err));
	assert_false(live_manifest(w.a, r.store, STR("weather"), STR("fr-fr"), &b->current, &m,
	    &err));
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_non_null(strstr(err.text, "manifest of another bundle"));
	world_end(&w);
}

static void
expired_metadata_counts_only_for_those_who_renew_or_go_on(void **state)
{
	struct world w;
	struct live *live;
	struct err err;
	(void)state;
	world_begin(&w);
	struct reader r = reader_of(&w);
	publish(&w, "one");
	assert_false(live_read(w.a, r.store, r.anchor, NULL, NOW + 3 * DAY, EXPIRY_CHECK, &live,
	    &err));
	assert_int_equal(err.code, ERR_UNTRUSTED);
	OK(live_read(w.a, r.store, r.anchor, NULL, NOW + 3 * DAY, EXPIRY_IGNORE, &live, &err));
	assert_int_equal(live->bundles, 2);
	world_end(&w);
}

static void
a_store_that_goes_back_in_time_is_refused(void **state)
{
	struct world w;
	struct live *live, *older;
	struct str old;
	struct err err;
	(void)state;
	world_begin(&w);
	struct reader r = reader_of(&w);
	publish(&w, "one");
	const char *pointer = path_of(&w, STR("metadata/timestamp.json"));
	OK(fs_read(w.a, pointer, TIMESTAMP_MAX, &old, &err));
	publish(&w, "two");
	OK(live_read(w.a, r.store, r.anchor, NULL, NOW, EXPIRY_CHECK, &live, &err));
	OK(fs_replace(pointer, old, 0644, &err));
	assert_false(live_read(w.a, r.store, r.anchor, live, NOW, EXPIRY_CHECK, &older, &err));
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_non_null(strstr(err.text, "rollback"));
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unpublished_store_is_absent_and_a_broken_one_is_not),
		cmocka_unit_test(the_etag_is_that_of_the_pointer_that_was_read),
		cmocka_unit_test(unchanged_manifests_are_shared_whichever_live_state_goes_first),
		cmocka_unit_test(a_manifest_that_was_tampered_with_is_not_believed),
		cmocka_unit_test(a_manifest_of_another_bundle_is_refused),
		cmocka_unit_test(expired_metadata_counts_only_for_those_who_renew_or_go_on),
		cmocka_unit_test(a_store_that_goes_back_in_time_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
