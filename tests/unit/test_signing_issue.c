#include "tests/unit/lib/tuf_site.h"

#include "publisher/signing/metafile.h"

static bool
client_sees(const struct trusted *t, const char *vertical, const char *body)
{
	const struct targets *role = trusted_role(t, str_of(vertical));
	const struct digest d = digest_of(str_of(body));
	return role != NULL && role->n == 1 && digest_eq(&role->target[0].sha256, &d);
}

static void
a_first_release_is_accepted_on_first_contact(void **state)
{
	struct site *s = site_new(*state);
	assert_int_equal(site_release(s, "weather", "rain"), 5); /* targets, 2 roles, snapshot, timestamp */
	struct trusted *t = site_refresh(s, NULL);
	assert_true(client_sees(t, "weather", "rain"));
	assert_int_equal(t->roles, 2);
	assert_int_equal(trusted_role(t, STR("finance"))->n, 0);
	assert_null(trusted_role(t, STR("sports")));
	assert_int_equal(t->snapshot.meta.version, 1);
}

static void
an_update_writes_only_what_changed(void **state)
{
	struct site *s = site_new(*state);
	(void)site_release(s, "weather", "rain");
	struct trusted *before = site_refresh(s, NULL);
	assert_int_equal(site_release(s, "weather", "sun"), 3); /* role, snapshot, timestamp */
	s->fetched = 0;
	struct trusted *after = site_refresh(s, before);
	assert_true(client_sees(after, "weather", "sun"));
	assert_int_equal(after->snapshot.meta.version, 2);
	assert_int_equal(s->fetched, 4); /* next root, timestamp, snapshot, weather */
}


/* A client from before, one that was here after every put, and one on first contact. */
struct clients {
	const struct trusted *old, *steady;
};

static void
all_clients_see(struct site *s, struct clients *c, const char *body)
{
	c->steady = site_refresh(s, c->steady);
	assert_true(client_sees(c->steady, "weather", body));
	assert_true(client_sees(site_refresh(s, c->old), "weather", body));
	assert_true(client_sees(site_refresh(s, NULL), "weather", body));
}

static void
a_rotation_leaves_no_client_out_at_any_instant(void **state)
{
	static const char *const roles[] = { "weather", "timestamp", "snapshot", "targets", "root" };
	for (size_t r = 0; r < LEN(roles); r++) {
		struct site *s = site_new(*state);
		struct issued *out;
		size_t n;
		struct err err;
		(void)site_release(s, "weather", "rain");
		struct clients c = { site_refresh(s, NULL), site_refresh(s, NULL) };
		struct release state_now = site_state(s);
		OK(issue_rotation(s->a, s->keys, &state_now, str_of(roles[r]), &lifetimes_default, s->now,
		    &out, &n, &err));
		for (size_t i = 0; i < n; i++) {
			site_put(s, out[i]);
			all_clients_see(s, &c, "rain");
		}
		(void)site_release(s, "weather", "sun");
		all_clients_see(s, &c, "sun");
		assert_int_equal(c.steady->root.meta.version, r == 0 ? 1 : 2);
		assert_int_equal(c.steady->targets.meta.version, r == 0 || r == 3 ? 2 : 1);
	}
}

static size_t
signatures(struct site *s, const char *name)
{
	json_t *j;
	struct err err;
	OK(json_parse(s->a, site_file(s, name)->bytes, &j, &err));
	return json_array_size(json_object_get(j, "signatures"));
}

static void
after_a_rotation_only_the_new_key_signs(void **state)
{
	struct site *s = site_new(*state);
	struct keyfile *const *f;
	(void)site_release(s, "weather", "rain");
	const struct trusted *before = site_refresh(s, NULL);
	struct str old = root_role(&before->root, "timestamp")->key[0]->id;
	site_rotate(s, "timestamp");
	assert_int_equal(signatures(s, "metadata/timestamp.json"), 2);
	(void)site_release(s, "weather", "sun");
	assert_int_equal(signatures(s, "metadata/timestamp.json"), 1);
	const struct trusted *after = site_refresh(s, before);
	assert_false(str_eq(root_role(&after->root, "timestamp")->key[0]->id, old));
	assert_true(keyring_has(s->keys, old)); /* kept until it is dropped */
	assert_int_equal(keyring_keys(s->keys, &f), 9);
}

/* The order that issue_rotation gives when the old secret is gone. */
static void
a_lost_key_can_be_replaced(void **state)
{
	static const char *const roles[] = { "timestamp", "snapshot", "targets", "weather" };
	for (size_t r = 0; r < LEN(roles); r++) {
		struct site *s = site_new(*state);
		struct err err;
		struct issued *out;
		size_t n;
		(void)site_release(s, "weather", "rain");
		const struct trusted *before = site_refresh(s, NULL);
		const struct role_keys *who = root_role(&before->root, roles[r]);
		if (who == NULL)
			who = targets_role(&before->targets, STR("weather"));
		OK(keyring_drop(s->keys, who->key[0]->id, &err));
		struct release now = site_state(s);
		OK(issue_rotation(s->a, s->keys, &now, str_of(roles[r]), &lifetimes_default, s->now, &out,
		    &n, &err));
		assert_str(out[0].name, r == 3 ? "metadata/2.targets.json" : "metadata/2.root.json");
		site_put_all(s, out, n);
		assert_true(client_sees(site_refresh(s, before), "weather", "rain"));
	}
}

static void
a_rotation_that_died_before_its_root_is_simply_run_again(void **state)
{
	static const char *const roles[] = { "weather", "timestamp", "snapshot", "targets" };
	for (size_t r = 0; r < LEN(roles); r++)
		for (size_t died = 0; died < 3; died++) {
			struct site *s = site_new(*state);
			struct issued *out;
			size_t n;
			struct err err;
			(void)site_release(s, "weather", "rain");
			const struct trusted *before = site_refresh(s, NULL);
			struct release now = site_state(s);
			OK(issue_rotation(s->a, s->keys, &now, str_of(roles[r]), &lifetimes_default, s->now,
			    &out, &n, &err));
			site_put_all(s, out, died < n ? died : n - 1);
			now = site_state(s);
			now.version_at_least = 3; /* as publish does when it finds a name taken */
			OK(issue_rotation(s->a, s->keys, &now, str_of(roles[r]), &lifetimes_default, s->now,
			    &out, &n, &err));
			site_put_all(s, out, n);
			assert_true(client_sees(site_refresh(s, before), "weather", "rain"));
			s->now++;
			(void)site_release(s, "weather", "sun");
			assert_true(client_sees(site_refresh(s, before), "weather", "sun"));
		}
}

static void
a_new_vertical_is_live_with_the_next_release(void **state)
{
	struct site *s = site_new(*state);
	struct issued targets;
	struct err err;
	(void)site_release(s, "weather", "rain");
	const struct trusted *before = site_refresh(s, NULL);
	struct release now = site_state(s);
	OK(issue_vertical(s->a, s->keys, now.root, now.targets, STR("sports"), &lifetimes_default,
	    s->now, &targets, &err));
	assert_str(targets.name, "metadata/2.targets.json");
	site_put(s, targets);
	assert_null(trusted_role(site_refresh(s, before), STR("sports")));
	now = site_state(s);
	assert_false(issue_vertical(s->a, s->keys, now.root, now.targets, STR("sports"),
	    &lifetimes_default, s->now, &targets, &err));
	assert_int_equal(err.code, ERR_STALE);
	(void)site_release(s, "sports", "goal");
	const struct trusted *after = site_refresh(s, before);
	assert_true(client_sees(after, "sports", "goal"));
	assert_true(client_sees(after, "weather", "rain"));
}

static void
a_vertical_that_is_not_delegated_is_named_with_what_to_do(void **state)
{
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	const struct role_change change = { .vertical = STR_INIT("sports") };
	struct issued *out;
	size_t n;
	struct err err;
	r.change = &change;
	r.changes = 1;
	assert_false(issue_release(s->a, s->keys, &r, &lifetimes_default, s->now, &out, &n, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "edgepress keys delegate TARGET sports"));
}

static void
a_missing_secret_is_named_with_what_to_do(void **state)
{
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	const struct role_change change = { .vertical = STR_INIT("weather") };
	struct issued *out;
	size_t n;
	struct err err;
	OK(keyring_drop(s->keys, targets_role(r.targets, STR("weather"))->key[0]->id, &err));
	r.change = &change;
	r.changes = 1;
	assert_false(issue_release(s->a, s->keys, &r, &lifetimes_default, s->now, &out, &n, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "0 of the 1 secret keys needed for weather"));
}

static void
root_and_targets_keys_may_stay_offline(void **state)
{
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	struct keyfile *const *f;
	struct issued *out;
	size_t n;
	struct err err;
	OK(keyring_drop(s->keys, root_role(r.root, "root")->key[0]->id, &err));
	OK(keyring_drop(s->keys, root_role(r.root, "root")->key[1]->id, &err));
	OK(keyring_drop(s->keys, root_role(r.root, "targets")->key[0]->id, &err));
	(void)site_release(s, "weather", "rain");
	s->now += 300 * SITE_DAY; /* targets is due, but nobody here can renew it */
	(void)site_release(s, "weather", "sun");
	assert_true(client_sees(site_refresh(s, NULL), "weather", "sun"));
	r = site_state(s);
	const size_t keys = keyring_keys(s->keys, &f);
	assert_false(issue_rotation(s->a, s->keys, &r, STR("timestamp"), &lifetimes_default, s->now,
	    &out, &n, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_false(issue_rotation(s->a, s->keys, &r, STR("weather"), &lifetimes_default, s->now,
	    &out, &n, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_int_equal(keyring_keys(s->keys, &f), keys); /* none was made in vain */
}

static void
what_is_due_is_renewed_and_nothing_else(void **state)
{
	const struct { int days; bool due; size_t files; } cases[] = {
		{ 0, false, 1 },   /* asked for: the timestamp alone */
		{ 2, true, 1 },
		{ 10, true, 2 },   /* snapshot, timestamp */
		{ 61, true, 4 },   /* both verticals too */
		{ 250, true, 5 },  /* and targets */
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct site *s = site_new(*state);
		struct issued *out;
		size_t n;
		struct err err;
		(void)site_release(s, "weather", "rain");
		s->now += cases[i].days * SITE_DAY;
		struct release r = site_state(s);
		assert_int_equal(issue_due(r.base, &lifetimes_default, s->now), cases[i].due);
		OK(issue_release(s->a, s->keys, &r, &lifetimes_default, s->now, &out, &n, &err));
		assert_int_equal(n, cases[i].files);
		site_put_all(s, out, n);
		struct trusted *t = site_refresh(s, NULL);
		assert_true(client_sees(t, "weather", "rain"));
		assert_int_equal(t->snapshot.meta.version, n == 1 ? 1 : 2);
		assert_false(issue_due(t, &lifetimes_default, s->now));
	}
}

static void
a_root_is_renewed_with_the_same_keys(void **state)
{
	struct site *s = site_new(*state);
	struct issued root;
	struct err err;
	(void)site_release(s, "weather", "rain");
	s->now += 364 * (int64_t)SITE_DAY;
	struct release r = site_state(s);
	OK(issue_root(s->a, s->keys, r.root, &lifetimes_default, s->now, &root, &err));
	assert_str(root.name, "metadata/2.root.json");
	site_put(s, root);
	s->now += 2 * SITE_DAY;
	(void)site_release(s, "weather", "sun");
	const struct trusted *t = site_refresh(s, NULL);
	assert_int_equal(t->root.meta.version, 2);
	assert_int_equal(signatures(s, "metadata/2.root.json"), 3);
}

static void
versions_skip_what_a_dead_publisher_has_left(void **state)
{
	struct site *s = site_new(*state);
	(void)site_release(s, "weather", "rain");
	const struct trusted *before = site_refresh(s, NULL);
	struct release r = site_state(s);
	const struct role_change change = { .vertical = STR_INIT("weather") };
	struct issued *out;
	size_t n;
	struct err err;
	assert_int_equal(release_version(&r), 2);
	r.version_at_least = 7;
	r.change = &change;
	r.changes = 1;
	assert_int_equal(release_version(&r), 7);
	OK(issue_release(s->a, s->keys, &r, &lifetimes_default, s->now, &out, &n, &err));
	assert_str(out[0].name, "metadata/7.weather.json");
	assert_str(out[1].name, "metadata/7.snapshot.json");
	site_put_all(s, out, n);
	const struct trusted *t = site_refresh(s, before);
	assert_int_equal(t->snapshot.meta.version, 7);
	assert_int_equal(t->timestamp.meta.version, 2);
	assert_int_equal(trusted_role(t, STR("weather"))->n, 0);
}

static void
the_same_input_gives_the_same_bytes(void **state)
{
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	struct issued *a, *b;
	size_t n, m;
	struct err err;
	OK(issue_release(s->a, s->keys, &r, &lifetimes_default, s->now, &a, &n, &err));
	OK(issue_release(s->a, s->keys, &r, &lifetimes_default, s->now, &b, &m, &err));
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++)
		assert_true(str_eq(a[i].bytes, b[i].bytes));
}

static void
only_printable_ascii_is_signed(void **state)
{
	static const char *const notes[] = { "caf\xc3\xa9", "two\nlines" };
	for (size_t i = 0; i < LEN(notes); i++) {
		struct site *s = site_new(*state);
		struct release r = site_state(s);
		json_t *custom = json_new_object(s->a);
		const struct target t = { .path = STR_INIT("weather/en-us/bundle.json"), .custom = custom };
		const struct role_change change = { STR_INIT("weather"), &t, 1 };
		struct issued *out;
		size_t n;
		struct err err;
		(void)json_object_set_new(custom, "note", json_str(str_of(notes[i])));
		r.change = &change;
		r.changes = 1;
		assert_false(issue_release(s->a, s->keys, &r, &lifetimes_default, s->now, &out, &n, &err));
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void
a_release_never_signs_a_path_outside_its_vertical(void **state)
{
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	const struct target t = { .path = STR_INIT("finance/en-us/bundle.json") };
	const struct role_change change = { STR_INIT("weather"), &t, 1 };
	struct issued *out;
	size_t n;
	struct err err;
	r.change = &change;
	r.changes = 1;
	assert_false(issue_release(s->a, s->keys, &r, &lifetimes_default, s->now, &out, &n, &err));
	assert_int_equal(err.code, ERR_INPUT);
}

static void
a_second_first_ceremony_makes_no_other_keys(void **state)
{
	struct site *s = site_new(*state);
	struct issued root = { 0 }, targets;
	struct keyfile *const *key;
	struct err err;
	const size_t had = keyring_keys(s->keys, &key);
	OK(issue_site(s->a, s->keys, NULL, 0, &lifetimes_default, s->now, &root, &targets, &err));
	assert_int_equal(keyring_keys(s->keys, &key), had);
}

static void
a_vertical_needs_a_name_that_every_client_takes(void **state)
{
	static const char *const names[] = { "root", "timestamp", "snapshot", "targets", "2026",
		"Weather", "a/b", "", "seventeen-letters" };
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	for (size_t i = 0; i < LEN(names); i++) {
		struct issued f;
		struct err err;
		assert_false(issue_vertical(s->a, s->keys, r.root, r.targets, str_of(names[i]),
		    &lifetimes_default, s->now, &f, &err));
		assert_int_equal(err.code, ERR_INPUT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_first_release_is_accepted_on_first_contact),
		TEST(an_update_writes_only_what_changed),
		TEST(a_rotation_leaves_no_client_out_at_any_instant),
		TEST(after_a_rotation_only_the_new_key_signs),
		TEST(a_lost_key_can_be_replaced),
		TEST(a_rotation_that_died_before_its_root_is_simply_run_again),
		TEST(a_new_vertical_is_live_with_the_next_release),
		TEST(a_vertical_that_is_not_delegated_is_named_with_what_to_do),
		TEST(a_missing_secret_is_named_with_what_to_do),
		TEST(root_and_targets_keys_may_stay_offline),
		TEST(what_is_due_is_renewed_and_nothing_else),
		TEST(a_root_is_renewed_with_the_same_keys),
		TEST(versions_skip_what_a_dead_publisher_has_left),
		TEST(the_same_input_gives_the_same_bytes),
		TEST(only_printable_ascii_is_signed),
		TEST(a_release_never_signs_a_path_outside_its_vertical),
		TEST(a_second_first_ceremony_makes_no_other_keys),
		TEST(a_vertical_needs_a_name_that_every_client_takes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
