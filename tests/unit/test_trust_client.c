/* What a client meets: each attack of the TUF specification, section 1.5.2, by its name. */
#include "tests/unit/lib/tuf_site.h"

#include "publisher/signing/metafile.h"

#define LATER (SITE_NOW + 10 * SITE_DAY)

/* A site with two releases of weather; *before is what a client trusted in between. */
static struct site *
site_updated(struct arena *a, struct trusted **before)
{
	struct site *s = site_new(a);
	(void)site_release(s, "weather", "rain");
	*before = site_refresh(s, NULL);
	(void)site_release(s, "weather", "sun");
	return s;
}

static struct signers
signers_of(struct site *s, const char *role)
{
	struct release r = site_state(s);
	const struct role_keys *top = root_role(r.root, role);
	return signed_by(top != NULL ? top : targets_role(r.targets, str_of(role)), NULL);
}

/* The attacker holds the role's key: put `body`, well signed, under that name. */
static struct str
forge(struct site *s, const char *role, const char *name, const json_t *body)
{
	struct issued f;
	struct err err;
	OK(metafile_sign(s->a, s->keys, str_of(name), body, signers_of(s, role), &f, &err));
	struct issued *there = site_find(s, name);
	if (there != NULL)
		there->bytes = f.bytes;
	else
		site_put(s, f);
	return f.bytes;
}

static void
forge_timestamp(struct site *s, int64_t version, struct str snapshot, int64_t snapshot_version)
{
	struct meta_entry e = metafile_entry(s->a, STR("snapshot"), snapshot_version, snapshot);
	(void)forge(s, "timestamp", "metadata/timestamp.json",
	    timestamp_body(s->a, &e, version, LATER));
}

/* A snapshot over these entries, and a timestamp that vouches for it. */
static void
forge_snapshot(struct site *s, const struct meta_entry *e, size_t n, int64_t version)
{
	struct str name = metafile_name(s->a, STR("snapshot"), version);
	struct str bytes = forge(s, "snapshot", name.p, snapshot_body(s->a, e, n, NULL, version, LATER));
	forge_timestamp(s, version, bytes, version);
}

/* A new file of weather with these targets, all the way up to the timestamp. */
static void
forge_weather(struct site *s, const struct trusted *now, const struct target *t, size_t n)
{
	const int64_t version = trusted_role(now, STR("weather"))->meta.version + 1;
	struct meta_entry e[3];
	struct str name = metafile_name(s->a, STR("weather"), version);
	struct str bytes = forge(s, "weather", name.p,
	    targets_body(s->a, t, n, NULL, 0, version, LATER));
	assert_int_equal(now->snapshot.n, LEN(e));
	for (size_t i = 0; i < LEN(e); i++)
		e[i] = str_eq(now->snapshot.entry[i].name, STR("weather.json"))
		    ? metafile_entry(s->a, STR("weather"), version, bytes) : now->snapshot.entry[i];
	forge_snapshot(s, e, LEN(e), now->snapshot.meta.version + 1);
}

static void
rollback_of_the_timestamp_is_refused(void **state)
{
	struct site *s = site_new(*state);
	(void)site_release(s, "weather", "rain");
	struct str old = site_file(s, "metadata/timestamp.json")->bytes;
	(void)site_release(s, "weather", "sun");
	struct trusted *before = site_refresh(s, NULL);
	site_file(s, "metadata/timestamp.json")->bytes = old;
	site_refuses(s, before, "rollback: timestamp version 1, but 2 was seen");
	(void)site_refresh(s, NULL); /* first contact cannot know; the expiry bounds it */
}

static void
the_same_timestamp_again_is_no_rollback_and_costs_two_requests(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	before = site_refresh(s, before);
	s->fetched = 0;
	struct trusted *after = site_refresh(s, before);
	assert_int_equal(s->fetched, 2); /* next root, timestamp */
	assert_str(after->snapshot.meta.bytes, before->snapshot.meta.bytes.p);
	assert_int_equal(trusted_role(after, STR("weather"))->n, 1);
}

static void
of_two_timestamps_with_one_version_the_first_is_believed(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	before = site_refresh(s, before);
	forge_timestamp(s, before->timestamp.meta.version, STR("other"), 9);
	struct trusted *after = site_refresh(s, before);
	assert_int_equal(after->snapshot.meta.version, before->snapshot.meta.version);
}

static void
rollback_of_the_snapshot_is_refused(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	before = site_refresh(s, before);
	forge_timestamp(s, 3, site_file(s, "metadata/1.snapshot.json")->bytes, 1);
	site_refuses(s, before, "rollback: snapshot version 1, but 2 was seen");
}

static void
rollback_of_a_role_is_refused(void **state)
{
	struct trusted *first;
	struct site *s = site_updated(*state, &first);
	struct trusted *before = site_refresh(s, first);
	forge_snapshot(s, first->snapshot.entry, first->snapshot.n, 3);
	site_refuses(s, before, "rollback: weather.json version 1, but 2 was seen");
}

static void
a_role_may_not_leave_the_snapshot(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	before = site_refresh(s, before);
	assert_str(before->snapshot.entry[2].name, "weather.json");
	forge_snapshot(s, before->snapshot.entry, 2, 3);
	site_refuses(s, before, "rollback: weather.json is no longer listed");
	site_refuses(s, NULL, "the snapshot does not list weather");
}

static void
freeze_is_noticed_when_any_role_expires(void **state)
{
	const struct { const char *role; struct lifetimes life; } cases[] = {
		{ "root", { 100, 900, 900, 900, 900 } },
		{ "targets", { 900, 100, 900, 900, 900 } },
		{ "weather", { 900, 900, 100, 900, 900 } },
		{ "snapshot", { 900, 900, 900, 100, 900 } },
		{ "timestamp", { 900, 900, 900, 900, 100 } },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		struct site *s = site_new_for(*state, &cases[i].life);
		char why[64];
		(void)site_release_for(s, &cases[i].life, "weather", "rain");
		s->now += 99;
		struct trusted *before = site_refresh(s, NULL);
		s->now += 1;
		(void)snprintf(why, sizeof why, "freeze: %s version 1 expired at 2027-01-15T",
		    str_eq(str_of(cases[i].role), STR("weather")) ? "weather" : cases[i].role);
		site_refuses(s, NULL, why);
		site_refuses(s, before, why);
	}
}

static void
whoever_renews_and_an_origin_may_read_what_has_expired(void **state)
{
	struct trusted *t;
	struct site *s = site_updated(*state, &t);
	struct trust_source source = site_source(s);
	struct err err;
	s->now += 800 * (int64_t)SITE_DAY;
	OK(trust_refresh(s->a, s->anchor, NULL, &source, s->now, EXPIRY_IGNORE, &t, &err));
	assert_int_equal(t->snapshot.meta.version, 2);
}

static void
mix_and_match_is_refused(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	struct str right = site_file(s, "metadata/2.snapshot.json")->bytes;
	site_file(s, "metadata/2.snapshot.json")->bytes
	    = site_file(s, "metadata/1.snapshot.json")->bytes;
	site_refuses(s, before, "mix-and-match");
	site_file(s, "metadata/2.snapshot.json")->bytes = right;
	site_file(s, "metadata/2.weather.json")->bytes
	    = site_file(s, "metadata/1.weather.json")->bytes;
	site_refuses(s, before, "mix-and-match");
	site_refuses(s, NULL, "mix-and-match");
}

static void
a_file_of_another_version_is_refused_even_without_a_digest(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	const struct meta_entry e = { .name = STR_INIT("snapshot.json"), .version = 3 };
	site_put(s, (struct issued){ STR("metadata/3.snapshot.json"),
	    site_file(s, "metadata/2.snapshot.json")->bytes });
	(void)forge(s, "timestamp", "metadata/timestamp.json", timestamp_body(s->a, &e, 3, LATER));
	site_refuses(s, before, "mix-and-match: version 2 in place of 3");
}

static void
version_alone_is_enough_where_tuf_allows_it(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	const struct meta_entry e = { .name = STR_INIT("snapshot.json"), .version = 2 };
	(void)forge(s, "timestamp", "metadata/timestamp.json", timestamp_body(s->a, &e, 3, LATER));
	assert_int_equal(site_refresh(s, before)->timestamp.meta.version, 3);
}

static void
arbitrary_keys_are_refused(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before), *other = site_new(*state);
	(void)site_release(other, "weather", "lies");
	for (size_t i = 0; i < other->n; i++)
		if (site_find(s, other->file[i].name.p) != NULL)
			site_file(s, other->file[i].name.p)->bytes = other->file[i].bytes;
	site_refuses(s, NULL, "signature: 0 of 1 needed keys of timestamp");
}

static void
a_verticals_key_does_not_sign_for_another(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	struct meta_entry e[3];
	before = site_refresh(s, before);
	struct str bytes = forge(s, "finance", "metadata/3.weather.json",
	    targets_body(s->a, NULL, 0, NULL, 0, 3, LATER));
	memcpy(e, before->snapshot.entry, sizeof e);
	e[2] = metafile_entry(s->a, STR("weather"), 3, bytes);
	forge_snapshot(s, e, LEN(e), 3);
	site_refuses(s, before, "signature: 0 of 1 needed keys of weather");
}

static void
a_vertical_may_not_list_a_foreign_path(void **state)
{
	static const char *const paths[] = { "finance/en-us/bundle.json", "weather/bundle.json",
		"weather/en-us/more/bundle.json", "weatherman/en-us/bundle.json" };
	for (size_t i = 0; i < LEN(paths); i++) {
		struct trusted *before;
		struct site *s = site_updated(*state, &before);
		const struct target t = { .path = str_of(paths[i]) };
		before = site_refresh(s, before);
		forge_weather(s, before, &t, 1);
		site_refuses(s, before, "weather may list weather/LOCALE/NAME only");
	}
}

static void
the_top_level_may_not_answer_for_a_vertical(void **state)
{
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	const struct target t = { .path = STR_INIT("weather/en-us/bundle.json") };
	struct meta_entry e[3];
	(void)site_release(s, "weather", "rain");
	struct trusted *before = site_refresh(s, NULL);
	struct str bytes = forge(s, "targets", "metadata/2.targets.json",
	    targets_body(s->a, &t, 1, r.targets->role, r.targets->roles, 2, LATER));
	memcpy(e, before->snapshot.entry, sizeof e);
	assert_str(e[1].name, "targets.json");
	e[1] = metafile_entry(s->a, STR("targets"), 2, bytes);
	forge_snapshot(s, e, LEN(e), 2);
	site_refuses(s, before, "belongs to a vertical");
}

static void
endless_data_is_cut_off_at_its_bound(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	struct str right = site_file(s, "metadata/timestamp.json")->bytes;
	char *padded = arena_alloc(s->a, TIMESTAMP_MAX + 1, 1);
	memset(padded, ' ', TIMESTAMP_MAX + 1);
	memcpy(padded, right.p, right.n);
	site_file(s, "metadata/timestamp.json")->bytes = (struct str){ padded, TIMESTAMP_MAX + 1 };
	site_refuses(s, before, "endless data: more than 16384 bytes");
	site_file(s, "metadata/timestamp.json")->bytes = right;
	struct issued *snapshot = site_file(s, "metadata/2.snapshot.json");
	snapshot->bytes = arena_printf(s->a, "%.*s ", STR_ARG(snapshot->bytes));
	site_refuses(s, before, "endless data"); /* one byte more than signed */
}

static json_t *
next_root(struct site *s, const struct root *root, int64_t version)
{
	return root_body(s->a, root->role, version, LATER);
}

static void
a_root_must_follow_its_predecessor_by_one(void **state)
{
	static const int64_t versions[] = { 1, 3 };
	for (size_t i = 0; i < LEN(versions); i++) {
		struct trusted *before;
		struct site *s = site_updated(*state, &before);
		(void)forge(s, "root", "metadata/2.root.json", next_root(s, &before->root, versions[i]));
		site_refuses(s, before, "rollback: root version");
	}
}

static void
a_client_does_not_go_back_to_an_older_root(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	site_rotate(s, "timestamp");
	before = site_refresh(s, before);
	assert_int_equal(before->root.meta.version, 2);
	site_file(s, "metadata/2.root.json")->name = STR("gone");
	assert_int_equal(site_refresh(s, before)->root.meta.version, 2);
	(void)site_release(s, "weather", "old key"); /* signed by what root 1 says */
	site_refuses(s, before, "signature: 0 of 1 needed keys of timestamp");
}

static void
a_root_signed_by_one_of_two_keys_is_refused(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	const struct role_keys *root = root_role(&before->root, "root");
	struct role_keys one = *root;
	struct issued f;
	struct err err;
	one.keys = one.threshold = 1;
	OK(metafile_sign(s->a, s->keys, STR("metadata/2.root.json"), next_root(s, &before->root, 2),
	    signed_by(&one, NULL), &f, &err));
	site_put(s, f);
	site_refuses(s, before, "keys of root 1: signature: 1 of 2 needed keys of root");
}

static void
a_root_that_its_own_keys_have_not_signed_is_refused(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before), *other = site_new(*state);
	struct release r = site_state(other);
	struct role_keys role[4];
	memcpy(role, before->root.role, sizeof role);
	role[0] = *root_role(r.root, "root");
	(void)forge(s, "root", "metadata/2.root.json", root_body(s->a, role, 2, LATER));
	site_refuses(s, before, "its own keys: signature: 0 of 2");
}

static void
two_signatures_by_one_key_are_refused(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	struct issued *f = site_file(s, "metadata/timestamp.json");
	json_t *j;
	struct err err;
	struct buf *out = buf_in(s->a, TIMESTAMP_MAX);
	OK(json_parse(s->a, f->bytes, &j, &err));
	json_t *list = json_object_get(j, "signatures");
	(void)json_array_append(list, json_array_get(list, 0));
	OK(json_canonical(j, out, &err));
	f->bytes = buf_str(out);
	site_refuses(s, before, "has signed twice");
}

static void
a_rotated_key_ends_a_fast_forward(void **state)
{
	for (int snapshot = 0; snapshot < 2; snapshot++) {
		struct trusted *before;
		struct site *s = site_updated(*state, &before);
		struct site legit = *s;
		/* Whoever stole the keys signs versions that nobody can ever pass. */
		before = site_refresh(s, before);
		forge_snapshot(s, before->snapshot.entry, before->snapshot.n, INT64_C(9007199254740991));
		before = site_refresh(s, before);
		*s = legit;
		forge_timestamp(s, 2, site_file(s, "metadata/2.snapshot.json")->bytes, 2);
		site_refuses(s, before, "rollback: timestamp");
		site_rotate(s, snapshot ? "snapshot" : "timestamp");
		if (snapshot)
			site_rotate(s, "timestamp"); /* it was the timestamp that ran ahead as well */
		assert_true(site_refresh(s, before)->timestamp.meta.version < 10);
	}
}

static void
what_cannot_be_fetched_is_not_an_attack_and_not_absent(void **state)
{
	struct trusted *before, *t;
	struct site *s = site_updated(*state, &before);
	struct trust_source source = site_source(s);
	struct err err;
	site_file(s, "metadata/2.snapshot.json")->name = STR("gone");
	assert_false(trust_refresh(s->a, s->anchor, before, &source, s->now, EXPIRY_CHECK, &t, &err));
	assert_int_equal(err.code, ERR_BUSY);
	site_file(s, "metadata/timestamp.json")->name = STR("gone");
	assert_false(trust_refresh(s->a, s->anchor, NULL, &source, s->now, EXPIRY_CHECK, &t, &err));
	assert_int_equal(err.code, ERR_ABSENT);
}

static bool
get_nothing(void *ctx, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	(void)ctx, (void)a, (void)max, (void)out;
	return err_set(err, ERR_BUSY, "%.*s: 503", STR_ARG(name));
}

static void
a_store_that_is_down_does_not_mean_there_is_no_newer_root(void **state)
{
	struct site *s = site_new(*state);
	struct trust_source down = { get_nothing, NULL };
	struct root root;
	struct err err;
	assert_false(trust_root(s->a, s->anchor, &down, &root, &err));
	assert_int_equal(err.code, ERR_BUSY);
}

static void
an_anchor_that_is_no_root_is_a_fault_of_the_installation(void **state)
{
	struct site *s = site_new(*state);
	struct trust_source source = site_source(s);
	struct root root;
	struct err err;
	assert_false(trust_root(s->a, STR("{}"), &source, &root, &err));
	assert_int_equal(err.code, ERR_SETUP);
	struct str targets = site_file(s, "metadata/1.targets.json")->bytes;
	assert_false(trust_root(s->a, targets, &source, &root, &err));
	assert_int_equal(err.code, ERR_SETUP);
}

static void
a_walk_passes_at_most_256_roots(void **state)
{
	struct site *s = site_new(*state);
	struct release r = site_state(s);
	struct trust_source source = site_source(s);
	struct issued f[257];
	struct root root;
	struct err err;
	s->n = 0;
	for (int i = 0; i < 257; i++)
		OK(metafile_sign(s->a, s->keys, metafile_name(s->a, STR("root"), i + 2),
		    next_root(s, r.root, i + 2), signed_by(root_role(r.root, "root"), NULL), &f[i],
		    &err));
	site_put_all(s, f, 255);
	OK(trust_root(s->a, s->anchor, &source, &root, &err));
	assert_int_equal(root.meta.version, 256);
	site_put(s, f[255]);
	assert_false(trust_root(s->a, s->anchor, &source, &root, &err));
	assert_int_equal(err.code, ERR_SETUP);
	assert_non_null(strstr(err.text, "replace it by metadata/257.root.json"));
	OK(trust_root(s->a, f[0].bytes, &source, &root, &err)); /* from root 2 */
}

static bool
same_content(const struct metadata *a, const struct metadata *b)
{
	return str_eq(a->canonical, b->canonical);
}

static bool
same_trust(const struct trusted *a, const struct trusted *b)
{
	if (a->roles != b->roles || !same_content(&a->root.meta, &b->root.meta)
	    || !same_content(&a->timestamp.meta, &b->timestamp.meta)
	    || !same_content(&a->snapshot.meta, &b->snapshot.meta)
	    || !same_content(&a->targets.meta, &b->targets.meta))
		return false;
	for (size_t i = 0; i < a->roles; i++)
		if (!same_content(&a->role[i].meta, &b->role[i].meta))
			return false;
	return true;
}

static void
no_flipped_byte_changes_what_is_trusted(void **state)
{
	struct trusted *before;
	struct site *s = site_updated(*state, &before);
	struct trust_source source = site_source(s);
	site_rotate(s, "root");
	const struct trusted *right = site_refresh(s, NULL);
	size_t refused = 0, all = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct issued whole = s->file[i];
		for (size_t at = i % 5; at < whole.bytes.n; at += 5) {
			struct arena *a = arena_new();
			char *bytes = (char *)arena_copy(a, whole.bytes).p;
			struct trusted *t;
			struct err err;
			bytes[at] ^= (char)(1 << (at / 5 % 8));
			s->file[i].bytes.p = bytes;
			bool ok = trust_refresh(a, s->anchor, NULL, &source, s->now, EXPIRY_CHECK, &t, &err);
			if (ok && !same_trust(t, right))
				fail_msg("%.*s: byte %zu", STR_ARG(whole.name), at);
			refused += !ok;
			all++;
			arena_free(a);
		}
		s->file[i] = whole;
	}
	assert_true(refused > all / 3); /* files of older versions are not read at all */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rollback_of_the_timestamp_is_refused),
		TEST(the_same_timestamp_again_is_no_rollback_and_costs_two_requests),
		TEST(of_two_timestamps_with_one_version_the_first_is_believed),
		TEST(rollback_of_the_snapshot_is_refused),
		TEST(rollback_of_a_role_is_refused),
		TEST(a_role_may_not_leave_the_snapshot),
		TEST(freeze_is_noticed_when_any_role_expires),
		TEST(whoever_renews_and_an_origin_may_read_what_has_expired),
		TEST(mix_and_match_is_refused),
		TEST(a_file_of_another_version_is_refused_even_without_a_digest),
		TEST(version_alone_is_enough_where_tuf_allows_it),
		TEST(arbitrary_keys_are_refused),
		TEST(a_verticals_key_does_not_sign_for_another),
		TEST(a_vertical_may_not_list_a_foreign_path),
		TEST(the_top_level_may_not_answer_for_a_vertical),
		TEST(endless_data_is_cut_off_at_its_bound),
		TEST(a_root_must_follow_its_predecessor_by_one),
		TEST(a_client_does_not_go_back_to_an_older_root),
		TEST(a_root_signed_by_one_of_two_keys_is_refused),
		TEST(a_root_that_its_own_keys_have_not_signed_is_refused),
		TEST(two_signatures_by_one_key_are_refused),
		TEST(a_rotated_key_ends_a_fast_forward),
		TEST(what_cannot_be_fetched_is_not_an_attack_and_not_absent),
		TEST(a_store_that_is_down_does_not_mean_there_is_no_newer_root),
		TEST(an_anchor_that_is_no_root_is_a_fault_of_the_installation),
		TEST(a_walk_passes_at_most_256_roots),
		TEST(no_flipped_byte_changes_what_is_trusted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
