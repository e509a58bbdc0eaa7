#include "tests/unit/tuf_site.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_first_release_is_accepted_on_first_contact),
		TEST(an_update_writes_only_what_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
