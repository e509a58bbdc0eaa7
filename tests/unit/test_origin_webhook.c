#include "tests/unit/lib/origin_case.h"

static int
hooked_setup(void **state)
{
	int failed = case_setup(state);
	struct origin_case *c = *state;
	struct err err;
	c->secret = arena_printf(c->w.a, "%s/webhook.secret", c->w.dir).p;
	c->state = arena_printf(c->w.a, "%s/state", c->w.dir).p;
	OK(fs_create(c->secret, webhook_secret_make(c->w.a), 0600, &err));
	case_publish(c, "sunny");
	case_start(c);
	return failed;
}

#define HOOK_TEST(f) cmocka_unit_test_setup_teardown(f, hooked_setup, case_teardown)

static struct webhook_message
message(struct origin_case *c, int64_t version)
{
	const struct invalidation in = { .version = version };
	struct webhook_secret *secret;
	struct webhook_message m;
	struct str body;
	struct err err;
	OK(webhook_secret_read(c->w.a, c->secret, &secret, &err));
	OK(invalidation_write(c->w.a, &in, (int64_t)time(NULL), &body, &err));
	OK(webhook_sign(c->w.a, secret, body, (int64_t)time(NULL), &m, &err));
	return m;
}

static struct answer
post(struct origin_case *c, const struct webhook_message *m)
{
	struct answer w;
	invalidate_take(c->origin->invalidate, c->a, m, (int64_t)time(NULL), &w);
	return w;
}

/* What GET /-/invalidate/<id> shows once the message is no longer under way. */
static struct str
await_end(struct origin_case *c, struct str id)
{
	struct answer w;
	struct str text = { 0 };
	for (int i = 0; i < 500; i++, pause_ms(10)) {
		invalidate_show(c->origin->invalidate, c->a, id, &w);
		text = arena_copy(c->a, w.text);
		if (strstr(text.p, "\"queued\"") == NULL && strstr(text.p, "\"working\"") == NULL)
			break;
	}
	assert_int_equal(w.status, 200);
	return text;
}

static void
a_signed_message_makes_the_origin_fresh_at_once(void **state)
{
	struct origin_case *c = *state;
	case_publish(c, "rain");
	struct webhook_message m = message(c, 2);
	struct answer w = post(c, &m);
	assert_int_equal(w.status, 202);
	struct got located = { .answer = w };
	assert_string_equal(got_header(&located, "Location"),
	    arena_printf(c->a, "/-/invalidate/%.*s", STR_ARG(m.id)).p);
	struct str end = await_end(c, m.id);
	assert_non_null(strstr(end.p, "\"state\":\"done\",\"version\":2"));
	assert_str(case_get(c, "/weather/en-us/a.html").body, "<p>rain</p>");
}

static void
a_message_that_came_before_does_nothing_again(void **state)
{
	struct origin_case *c = *state;
	struct webhook_message m = message(c, 0);
	assert_int_equal(post(c, &m).status, 202);
	(void)await_end(c, m.id);
	assert_int_equal(post(c, &m).status, 202);
	assert_int_equal(atomic_load(&c->origin->metrics.messages[MESSAGE_TAKEN]), 1);
	assert_int_equal(atomic_load(&c->origin->metrics.messages[MESSAGE_DUPLICATE]), 1);
	case_stop(c);
	case_start(c); /* nor after a restart */
	struct answer w = post(c, &m);
	assert_int_equal(w.status, 202);
	assert_non_null(strstr(arena_copy(c->a, w.text).p, "\"done\""));
	assert_int_equal(atomic_load(&c->origin->metrics.messages[MESSAGE_TAKEN]), 0);
}

static void
what_is_not_signed_is_not_even_parsed(void **state)
{
	struct origin_case *c = *state;
	struct webhook_message m = message(c, 0);
	m.body = STR("not json");
	assert_int_equal(post(c, &m).status, 401);
	m.signature = (struct str){ 0 };
	assert_int_equal(post(c, &m).status, 400);
	m.id = STR("a b");
	assert_int_equal(post(c, &m).status, 400);
	assert_int_equal(atomic_load(&c->origin->metrics.messages[MESSAGE_REFUSED]), 3);
	struct answer w;
	invalidate_show(c->origin->invalidate, c->a, STR("msg_unknown"), &w);
	assert_int_equal(w.status, 404);
}

static void
a_flood_is_told_to_come_back_later(void **state)
{
	struct origin_case *c = *state;
	unsigned taken = 0, limited = 0;
	for (int i = 0; i < 80; i++) {
		struct webhook_message m = message(c, 0);
		struct answer w = post(c, &m);
		struct got g = { .answer = w };
		taken += w.status == 202;
		limited += w.status == 429;
		if (w.status == 429)
			assert_string_equal(got_header(&g, "Retry-After"), "1");
	}
	assert_int_equal(taken + limited, 80);
	assert_true(taken >= 50 && limited > 0);
}

static void
a_version_that_never_comes_is_a_failure_that_says_so(void **state)
{
	struct origin_case *c = *state;
	int64_t reached;
	struct err err = { 0 };
	assert_false(follow_refresh(c->origin->follow, 9, 300, &reached, &err));
	assert_int_equal(reached, 1);
	assert_non_null(strstr(err.text, "version 1, not 9"));
	atomic_store(&c->fickle.down, true);
	assert_false(follow_refresh(c->origin->follow, 0, 300, &reached, &err));
	assert_non_null(strstr(err.text, "connection refused"));
}

static void
without_a_secret_nothing_is_taken(void **state)
{
	struct origin_case *c = *state;
	struct webhook_message m = message(c, 0);
	case_stop(c);
	c->secret = NULL;
	case_start(c);
	assert_int_equal(post(c, &m).status, 501);
}

static void
a_rotated_secret_is_taken_up_by_a_reload(void **state)
{
	struct origin_case *c = *state;
	struct err err = { 0 };
	struct webhook_message before = message(c, 0);
	OK(fs_replace(c->secret, webhook_secret_make(c->w.a), 0600, &err));
	OK(invalidate_reload(c->origin->invalidate, &err));
	assert_int_equal(post(c, &before).status, 401);
	struct webhook_message after = message(c, 0);
	assert_int_equal(post(c, &after).status, 202);
	OK(fs_replace(c->secret, STR("broken"), 0600, &err));
	assert_false(invalidate_reload(c->origin->invalidate, &err));
	struct webhook_message later = after;
	assert_int_equal(post(c, &later).status, 202); /* the good one is still in use */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOOK_TEST(a_signed_message_makes_the_origin_fresh_at_once),
		HOOK_TEST(a_message_that_came_before_does_nothing_again),
		HOOK_TEST(what_is_not_signed_is_not_even_parsed),
		HOOK_TEST(a_flood_is_told_to_come_back_later),
		HOOK_TEST(a_version_that_never_comes_is_a_failure_that_says_so),
		HOOK_TEST(without_a_secret_nothing_is_taken),
		HOOK_TEST(a_rotated_secret_is_taken_up_by_a_reload),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
