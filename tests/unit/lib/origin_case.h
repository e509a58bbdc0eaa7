/* origin_case: an origin in this process, without its HTTP server, over a store that can be
 * down, slow, or changed under its hands. */
#ifndef TESTS_UNIT_ORIGIN_CASE_H
#define TESTS_UNIT_ORIGIN_CASE_H

#include "tests/unit/lib/publish_world.h"

#include <sodium.h>
#include <time.h>

#include "base/log.h"
#include "publisher/origin/serve.h"

#define FRESHNESS_MS 60

struct fickle {
	struct store inner;
	atomic_bool down;
	atomic_uint gets, delay_ms;
};

static inline void
pause_ms(unsigned ms)
{
	const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
	(void)nanosleep(&t, NULL);
}

static inline bool
fickle_up(struct fickle *f, struct err *err)
{
	pause_ms(atomic_load(&f->delay_ms));
	return !atomic_load(&f->down) || err_set(err, ERR_BUSY, "connection refused");
}

static inline bool
fickle_get(void *state, struct str key, struct buf *out, struct str *etag, struct arena *a,
    struct err *err)
{
	struct fickle *f = state;
	(void)atomic_fetch_add(&f->gets, 1);
	return fickle_up(f, err)
	    && f->inner.driver->get(f->inner.state, key, out, etag, a, err);
}

static inline bool
fickle_create(void *state, const struct object *o, struct err *err)
{
	(void)state;
	(void)o;
	return err_set(err, ERR_SETUP, "an origin never writes");
}

static inline bool
fickle_swap(void *state, const struct object *o, struct str etag, struct err *err)
{
	(void)etag;
	return fickle_create(state, o, err);
}

static inline bool
fickle_unchanged(void *state, struct str key, struct str etag, bool *out, struct err *err)
{
	struct fickle *f = state;
	return fickle_up(f, err)
	    && f->inner.driver->unchanged(f->inner.state, key, etag, out, err);
}

static const struct store_driver fickle_driver = { .scheme = "fickle", .get = fickle_get,
	.create = fickle_create, .swap = fickle_swap, .unchanged = fickle_unchanged };

struct origin_case {
	struct world w;
	struct arena *a;       /* of what runs; new with each start */
	struct config config;
	struct origin *origin;
	struct fickle fickle;
	struct store store;
	const char *state;     /* folder; NULL: nothing is remembered */
	const char *secret;    /* file of the webhook secret */
};

/* One document a bundle, "a", with this text. */
static inline void
case_publish(struct origin_case *c, const char *text)
{
	struct site *site = world_site(&c->w);
	struct publish_bundle b = bundle_of(c->w.a, "weather", "en-us", &text, 1);
	struct published out;
	struct err err;
	OK(publish_commit(c->w.a, site, &b, 1, STR("publish"), NULL, &out, &err));
	/* Leak checkers attach to the process; keyring_open has forbidden that. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static inline void
case_start(struct origin_case *c)
{
	struct store *store;
	struct err err;
	c->a = arena_new();
	c->origin = ARENA_NEW(c->a, struct origin);
	OK(store_open(c->a, c->w.target.store, &store, &err));
	c->fickle.inner = *store;
	c->store = (struct store){ &fickle_driver, &c->fickle };
	c->origin->config = &c->config;
	c->origin->target = &c->w.target;
	objects_init(&c->origin->objects, &c->store, c->w.target.root, 8u << 20, 8,
	    &c->origin->metrics);
	const struct follow_settings follow = { &c->store, c->w.target.root, c->state,
		FRESHNESS_MS };
	OK(reaper_start(c->a, &c->origin->reaper, &err));
	OK(follow_start(c->a, &follow, &c->origin->follow, &err));
	const struct invalidate_settings invalidate = { .secret = c->secret, .state = c->state,
		.follow = c->origin->follow, .metrics = &c->origin->metrics };
	OK(invalidate_start(c->a, &invalidate, &c->origin->invalidate, &err));
}

static inline void
case_stop(struct origin_case *c)
{
	invalidate_stop(c->origin->invalidate);
	follow_stop(c->origin->follow);
	reaper_stop(c->origin->reaper);
	objects_release(&c->origin->objects);
	arena_free(c->a);
	c->origin = NULL;
}

static inline int
case_setup(void **state)
{
	struct origin_case *c = calloc(1, sizeof *c);
	assert_non_null(c);
	assert_true(sodium_init() >= 0);
	log_threshold((enum log_level)(LOG_ERROR + 1)); /* refusals are the point of these tests */
	world_begin(&c->w);
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	*state = c;
	return 0;
}

static inline int
case_teardown(void **state)
{
	struct origin_case *c = *state;
	if (c->origin != NULL)
		case_stop(c);
	world_end(&c->w);
	free(c);
	return 0;
}

#define ORIGIN_TEST(f) cmocka_unit_test_setup_teardown(f, case_setup, case_teardown)

struct got {
	unsigned status;
	struct str body;
	struct answer answer;
};

static inline struct got
case_ask(struct origin_case *c, struct request rq)
{
	struct served s;
	struct got g;
	if (rq.now == 0)
		rq.now = NOW;
	serve(c->origin, c->a, &rq, &s);
	g = (struct got){ s.answer.status, arena_copy(c->a, s.body), s.answer };
	served_release(c->origin, &s);
	return g;
}

static inline struct got
case_get(struct origin_case *c, const char *target)
{
	return case_ask(c, (struct request){ .method = METHOD_GET, .target = str_of(target) });
}

static inline const char *
got_header(const struct got *g, const char *name)
{
	for (size_t i = 0; i < g->answer.headers; i++)
		if (strcmp(g->answer.header[i].name, name) == 0)
			return g->answer.header[i].value;
	return "";
}

static inline void
assert_has(const struct got *g, const char *name, const char *part)
{
	if (strstr(got_header(g, name), part) == NULL)
		fail_msg("%s: '%s' does not hold '%s'", name, got_header(g, name), part);
}

/* Wait, at most two seconds, until this path is answered with this status. */
static inline struct got
case_await(struct origin_case *c, const char *target, unsigned status)
{
	struct got g = case_get(c, target);
	for (int i = 0; i < 200 && g.status != status; i++) {
		pause_ms(10);
		g = case_get(c, target);
	}
	assert_int_equal(g.status, status);
	return g;
}

#endif
