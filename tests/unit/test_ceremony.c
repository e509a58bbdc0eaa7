/* Replacing keys while others publish, die or have died. */
#include "tests/unit/lib/publish_world.h"

#include <sys/wait.h>

#include "publisher/release/ceremony.h"

static const char *const roles[] = { "root", "targets", "snapshot", "timestamp", "weather" };

static void
publish_text(struct world *w, const char *text)
{
	const char *const texts[] = { text };
	const struct publish_bundle b = bundle_of(w->a, "weather", "en-us", texts, 1);
	struct published p;
	struct err err;
	OK(publish_commit(w->a, world_site(w), &b, 1, STR(""), NULL, &p, &err));
}

static void
key_lose(struct world *w, const char *role)
{
	struct fs_entry *entry;
	size_t n;
	struct err err;
	OK(fs_list(w->a, w->target.keys, 100, &entry, &n, &err));
	for (size_t i = 0; i < n; i++)
		if (strstr(entry[i].path.p, arena_printf(w->a, "/%s.", role).p) != NULL)
			assert_int_equal(unlink(entry[i].path.p), 0);
}

/* In a process of its own that dies at store operation `at`; true if it came to its end. */
static bool
rotate_killed(struct world *w, const char *role, unsigned at, bool after)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		struct site *s;
		struct err err = { 0 };
		if (!site_mend(w->a, &w->target, &s, &err))
			_exit(3);
		struct spy *spy = spy_on(w->a, s);
		spy->kill_at = at;
		spy->kill_after = after;
		_exit(ceremony_rotate(w->a, s, str_of(role), &err) ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	return WEXITSTATUS(status) == 0;
}

static void
rotate(struct world *w, const char *role)
{
	struct site *s;
	struct err err;
	OK(site_mend(w->a, &w->target, &s, &err));
	OK(ceremony_rotate(w->a, s, str_of(role), &err));
}

static void
kill_everywhere(const char *role, bool lost)
{
	bool done = false;
	for (unsigned at = 1; !done; at++) {
		struct world w;
		world_begin(&w);
		publish_text(&w, "old");
		if (lost)
			key_lose(&w, role);
		done = rotate_killed(&w, role, at, at % 2 == 0);
		if (!lost) { /* at no moment is there a client that cannot go on */
			assert_str(published_body(&w, world_live(&w), "weather", "en-us", "a.html"),
			    "<p>old</p>");
			publish_text(&w, "between");
		}
		rotate(&w, role);
		publish_text(&w, "new");
		assert_str(published_body(&w, world_live(&w), "weather", "en-us", "a.html"),
		    "<p>new</p>");
		world_end(&w);
	}
}

static void
a_rotation_killed_at_any_store_operation_harms_nobody_and_a_rerun_finishes(void **state)
{
	(void)state;
	for (size_t i = 1; i < LEN(roles); i++) /* of root: one file, no release */
		kill_everywhere(roles[i], false);
}

static void
a_key_that_is_lost_is_replaced_even_if_the_rotation_is_killed(void **state)
{
	(void)state;
	kill_everywhere("timestamp", true);
	kill_everywhere("weather", true);
}

static void
names_that_a_dead_publisher_has_taken_do_not_stop_a_rotation(void **state)
{
	static const char *const taken[] = { "2.weather", "2.snapshot", "3.weather", "2.finance" };
	struct err err;
	(void)state;
	for (size_t i = 0; i < LEN(roles); i++) {
		struct world w;
		struct store *store;
		struct keyring *ring;
		struct keyfile *const *key;
		world_begin(&w);
		publish_text(&w, "old");
		OK(store_open(w.a, w.target.store, &store, &err));
		for (size_t k = 0; k < LEN(taken); k++) {
			const struct object o = { arena_printf(w.a, "metadata/%s.json", taken[k]),
				STR("{}"), STR(""), true };
			OK(store_put(store, &o, &err));
		}
		rotate(&w, roles[i]);
		publish_text(&w, "new");
		(void)world_live(&w);
		OK(keyring_open(w.a, w.target.keys, &ring, &err));
		/* no keys are left over from tries that came to nothing */
		assert_int_equal(keyring_keys(ring, &key), 8 + (i == 0 ? 3 : 1));
		world_end(&w);
	}
}

/* The uploads of a publish last; a ceremony on the same machine goes faster. */
static void
a_publish_in_progress_takes_up_a_key_that_was_replaced_meanwhile(void **state)
{
	struct err err;
	(void)state;
	for (size_t i = 0; i < LEN(roles); i++) {
		struct world w;
		struct published p;
		world_begin(&w);
		publish_text(&w, "old");
		struct site *slow = world_site(&w);
		rotate(&w, roles[i]);
		const char *const texts[] = { "new" };
		const struct publish_bundle b = bundle_of(w.a, "weather", "en-us", texts, 1);
		OK(publish_commit(w.a, slow, &b, 1, STR(""), NULL, &p, &err));
		assert_str(published_body(&w, world_live(&w), "weather", "en-us", "a.html"),
		    "<p>new</p>");
		world_end(&w);
	}
}

/* Founding, as it may have died: after some keys, after the root, after the root in the store. */
static void
founding_a_target_that_died_half_way_is_finished_by_running_it_again(void **state)
{
	const struct str verticals[] = { STR_INIT("weather"), STR_INIT("finance") };
	struct err err;
	(void)state;
	for (int died = 0; died < 3; died++) {
		struct world w;
		struct keyring *ring;
		struct keyfile *const *key;
		world_begin(&w);
		w.target.keys = fs_join(w.a, w.dir, "other-keys");
		w.target.root = fs_join(w.a, w.dir, "other.json");
		w.target.store = arena_printf(w.a, "file:%s/other", w.dir).p;
		OK(ceremony_found(w.a, &w.target, verticals, LEN(verticals), &err));
		assert_int_equal(unlink(fs_join(w.a, w.dir, "other/metadata/1.targets.json")), 0);
		if (died < 2)
			assert_int_equal(unlink(fs_join(w.a, w.dir, "other/metadata/1.root.json")), 0);
		if (died < 1) {
			assert_int_equal(unlink(w.target.root), 0);
			key_lose(&w, "weather");
			key_lose(&w, "targets");
		}
		OK(ceremony_found(w.a, &w.target, verticals, LEN(verticals), &err));
		publish_text(&w, "new");
		(void)world_live(&w);
		OK(keyring_open(w.a, w.target.keys, &ring, &err));
		assert_int_equal(keyring_keys(ring, &key), 8);
		assert_false(ceremony_found(w.a, &w.target, verticals, LEN(verticals), &err));
		assert_int_equal(err.code, ERR_SETUP);
		assert_non_null(strstr(err.text, "is already there"));
		world_end(&w);
	}
}

static void
what_a_clock_far_ahead_has_signed_is_signed_anew(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	(void)state;
	world_begin(&w);
	set_clock(NOW + 4000 * (int64_t)DAY);
	publish_text(&w, "old");
	set_clock(NOW);
	OK(publish_renew(w.a, world_site(&w), false, &p, &err));
	assert_true(p.changed);
	const struct trusted *t = world_live(&w)->trusted;
	assert_true(t->timestamp.meta.expires <= NOW + lifetimes_default.timestamp_s);
	assert_true(t->snapshot.meta.expires <= NOW + lifetimes_default.snapshot_s);
	for (size_t i = 0; i < t->roles; i++)
		assert_true(t->role[i].meta.expires <= NOW + lifetimes_default.role_s);
	OK(publish_renew(w.a, world_site(&w), false, &p, &err));
	assert_false(p.changed);
	world_end(&w);
}

static void
a_root_that_has_expired_is_renewed_with_the_same_keys(void **state)
{
	struct world w;
	struct published p;
	struct err err;
	(void)state;
	world_begin(&w);
	publish_text(&w, "old");
	set_clock(NOW + 366 * (int64_t)DAY);
	OK(ceremony_renew(w.a, world_site(&w), &err));
	OK(publish_renew(w.a, world_site(&w), false, &p, &err));
	assert_int_equal(world_live(&w)->trusted->root.meta.version, 2);
	world_end(&w);
}

static void
whoever_may_not_read_the_keys_can_still_look(void **state)
{
	struct world w;
	struct site *s;
	struct keyring *ring;
	struct err err;
	(void)state;
	world_begin(&w);
	publish_text(&w, "old");
	OK(fs_create(fs_join(w.a, w.target.keys, "zz.key"), STR("damaged"), 0600, &err));
	OK(site_open(w.a, &w.target, &s, &err));
	assert_non_null(site_live(s));
	assert_false(site_keyring(s, &ring, &err));
	assert_non_null(strstr(err.text, "zz.key: damaged"));
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rotation_killed_at_any_store_operation_harms_nobody_and_a_rerun_finishes),
		cmocka_unit_test(a_key_that_is_lost_is_replaced_even_if_the_rotation_is_killed),
		cmocka_unit_test(names_that_a_dead_publisher_has_taken_do_not_stop_a_rotation),
		cmocka_unit_test(a_publish_in_progress_takes_up_a_key_that_was_replaced_meanwhile),
		cmocka_unit_test(founding_a_target_that_died_half_way_is_finished_by_running_it_again),
		cmocka_unit_test(what_a_clock_far_ahead_has_signed_is_signed_anew),
		cmocka_unit_test(a_root_that_has_expired_is_renewed_with_the_same_keys),
		cmocka_unit_test(whoever_may_not_read_the_keys_can_still_look),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
