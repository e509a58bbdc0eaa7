/* Stores that fail at one operation, before it is done or after: whoever publishes, rolls back,
 * renews or replaces a key is told, and goes on. */
#include "tests/unit/lib/publish_world.h"

#include "publisher/release/ceremony.h"
#include "publisher/release/site.h"

#define OPERATIONS_MAX 200

/* Something that changes the site; `text` is what publishing would publish. */
typedef bool act(struct world *, struct site *, const char *text, struct err *);

static bool
commit(struct world *w, struct site *s, const char *text, struct err *err)
{
	const char *const both[] = { text, text };
	const struct publish_bundle b = bundle_of(w->a, "weather", "en-us", both, 2);
	struct published p;
	return publish_commit(w->a, s, &b, 1, STR(""), NULL, &p, err);
}

/* To the version before, whichever that is. */
static bool
roll_back(struct world *w, struct site *s, const char *text, struct err *err)
{
	struct published p;
	(void)text;
	return publish_rollback(w->a, s, NULL, 0, site_live(s)->bundle[0].history[0].version, &p, err);
}

static bool
renew(struct world *w, struct site *s, const char *text, struct err *err)
{
	struct published p;
	(void)text;
	return publish_renew(w->a, s, true, &p, err);
}

static bool
rotate(struct world *w, struct site *s, const char *text, struct err *err)
{
	(void)text;
	return ceremony_rotate(w->a, s, STR("weather"), err);
}

static struct str
page(struct world *w, const char *path)
{
	return published_body(w, world_live(w), "weather", "en-us", path);
}

/* Fails at `at`; then the site is whole and the next publish, without failures, brings `text`.
 * Returns whether there was such an operation. */
static bool
failing_at(struct world *w, act *what, unsigned at, bool after)
{
	struct err err = { 0 };
	struct arena *whole = w->a;
	w->a = arena_new(); /* each site holds its keys in locked memory, of which there is little */
	struct site *s = world_site(w);
	struct spy *spy = spy_on(w->a, s);
	struct str text = arena_printf(w->a, "at %u %d", at, after);
	spy->fail_at = at;
	spy->fail_after = after;
	if (!what(w, s, text.p, &err))
		assert_true(err.code == ERR_BUSY || err.code == ERR_STALE);
	bool fired = spy->ops >= at;
	assert_true(str_eq(page(w, "a.html"), page(w, "b.html"))); /* never a mixture */
	OK(commit(w, world_site(w), arena_printf(w->a, "next %u %d", at, after).p, &err));
	assert_non_null(strstr(page(w, "a.html").p, "next"));
	arena_free(w->a);
	w->a = whole;
	return fired;
}

/* Two versions are there, so that there is something to roll back to. */
static void
failing_everywhere(act *what, unsigned operations_min)
{
	struct world w;
	struct err err = { 0 };
	world_begin(&w);
	OK(commit(&w, world_site(&w), "first", &err));
	OK(commit(&w, world_site(&w), "second", &err));
	for (int after = 0; after < 2; after++) {
		unsigned at = 1;
		while (failing_at(&w, what, at, after == 1))
			assert_true(++at < OPERATIONS_MAX);
		assert_true(at > operations_min);
	}
	world_end(&w);
}

static void
a_publish_goes_on_after_any_operation_that_failed(void **state)
{
	(void)state;
	failing_everywhere(commit, 20);
}

static void
a_rollback_goes_on_after_any_operation_that_failed(void **state)
{
	(void)state;
	failing_everywhere(roll_back, 10);
}

static void
a_renewal_goes_on_after_any_operation_that_failed(void **state)
{
	(void)state;
	failing_everywhere(renew, 3);
}

static void
a_rotation_goes_on_after_any_operation_that_failed(void **state)
{
	(void)state;
	failing_everywhere(rotate, 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_publish_goes_on_after_any_operation_that_failed),
		cmocka_unit_test(a_rollback_goes_on_after_any_operation_that_failed),
		cmocka_unit_test(a_renewal_goes_on_after_any_operation_that_failed),
		cmocka_unit_test(a_rotation_goes_on_after_any_operation_that_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
