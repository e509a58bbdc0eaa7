#include "publisher/release/sweep.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"

#define STATE_MAX 4096
#define POLL_MS 250

static const char *const phase_name[] = { "idle", "looking", "removing" };

/* State */

static bool
state_parse(struct arena *a, struct str bytes, struct sweep_state *out, struct err *err)
{
	json_t *j;
	struct str phase;
	if (!json_parse(a, bytes, &j, err) || !field_text(j, "phase", &phase, err)
	    || !field_text(j, "round", &out->round, err))
		return false;
	for (size_t i = 0; i < LEN(phase_name); i++)
		if (str_eq(phase, str_of(phase_name[i]))) {
			out->phase = (enum sweep_phase)i;
			return true;
		}
	return err_set(err, ERR_INPUT, "phase: unknown");
}

bool
sweep_read(struct arena *a, struct store *s, struct sweep_state *out, struct err *err)
{
	struct str bytes;
	struct err why = { 0 };
	*out = (struct sweep_state){ .round = STR(""), .etag = STR("") };
	if (!store_get(s, a, SWEEP_KEY, STATE_MAX, &bytes, &out->etag, &why))
		return why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
	return state_parse(a, bytes, out, err)
	    || err_in(err, "gc/sweep is damaged: remove it when no gc is at work");
}

bool
sweep_write(struct arena *a, struct store *s, struct sweep_state *was, enum sweep_phase phase,
    struct str round, struct err *err)
{
	/* The beat makes each writing another content: where the etag is a digest, too. */
	struct str bytes = arena_printf(a, "{\"phase\":\"%s\",\"round\":\"%.*s\",\"beat\":%lld}\n",
	    phase_name[phase], STR_ARG(round), (long long)clock_monotonic_ms());
	const struct object o = { SWEEP_KEY, bytes, STR("application/json"), false, STR("") };
	struct sweep_state now;
	if (!store_swap(s, &o, was->etag, err) || !sweep_read(a, s, &now, err))
		return false;
	if (now.phase != phase || !str_eq(now.round, round))
		return err_set(err, ERR_STALE, "another gc has taken over");
	*was = now;
	return true;
}

/* List */

uint64_t
sweep_mark(struct str key)
{
	uint64_t mark = 0;
	const struct digest d = digest_of(key);
	for (size_t i = 0; i < sizeof mark; i++)
		mark = mark << 8 | d.b[i];
	return mark;
}

struct str
sweep_list_key(struct arena *a, struct str round)
{
	return arena_printf(a, "gc/%.*s.list", STR_ARG(round));
}

static int
by_mark(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

bool
sweep_list_put(struct store *s, struct str round, uint64_t *mark, size_t n, struct err *err)
{
	struct arena *a = arena_new();
	unsigned char *bytes = arena_alloc(a, n + 1, sizeof *mark);
	if (n > 0)
		qsort(mark, n, sizeof *mark, by_mark);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof *mark; k++)
			bytes[i * sizeof *mark + k] = (unsigned char)(mark[i] >> (56 - 8 * k));
	const struct object o = { sweep_list_key(a, round), { (const char *)bytes, n * sizeof *mark },
		STR("application/octet-stream"), true, STR("") };
	bool ok = store_put(s, &o, err);
	arena_free(a);
	return ok;
}

static bool
list_get(struct arena *a, struct store *s, struct str round, uint64_t **out, size_t *n,
    struct err *err)
{
	struct str bytes;
	if (!store_get(s, a, sweep_list_key(a, round), SWEEP_LIST_MAX * sizeof **out, &bytes, NULL,
	        err))
		return false;
	*n = bytes.n / sizeof **out;
	*out = ARENA_ARRAY(a, uint64_t, *n);
	for (size_t i = 0; i < *n * sizeof **out; i++)
		(*out)[i / sizeof **out] = (*out)[i / sizeof **out] << 8 | (unsigned char)bytes.p[i];
	return true;
}

/* Guard */

struct guard {
	struct arena *a;
	struct store *store;
	pthread_mutex_t lock; /* of what follows */
	struct sweep_state state;
	uint64_t *mark;
	size_t n;
};

static bool
look(struct guard *g, struct err *err)
{
	/* The list goes when its round ends: then there is another state to read. */
	for (int tries = 0;; tries++) {
		struct err why = { 0 };
		g->n = 0;
		if (!sweep_read(g->a, g->store, &g->state, err))
			return false;
		if (g->state.phase != SWEEP_REMOVING
		    || list_get(g->a, g->store, g->state.round, &g->mark, &g->n, &why))
			return true;
		if (why.code != ERR_ABSENT || tries == 3)
			return err_set(err, why.code == ERR_ABSENT ? ERR_BUSY : why.code, "%s", why.text);
	}
}

static bool
is_condemned(const struct guard *g, uint64_t mark)
{
	return g->n > 0 && bsearch(&mark, g->mark, g->n, sizeof mark, by_mark) != NULL;
}

/* Its process has stopped by itself long ago, if it still is: nothing is removed any more. */
static bool
bury(struct guard *g, struct err *err)
{
	struct err why = { 0 };
	return sweep_write(g->a, g->store, &g->state, SWEEP_IDLE, g->state.round, &why)
	    || why.code == ERR_STALE || err_set(err, why.code, "%s", why.text);
}

static bool
wait_for(struct guard *g, uint64_t mark, struct err *err)
{
	int64_t beat_ms = clock_monotonic_ms();
	while (is_condemned(g, mark)) {
		struct str etag = g->state.etag;
		clock_sleep_ms(POLL_MS);
		if (!look(g, err))
			return false;
		if (!str_eq(etag, g->state.etag))
			beat_ms = clock_monotonic_ms();
		if (clock_monotonic_ms() - beat_ms > SWEEP_DEAD_MS && (!bury(g, err) || !look(g, err)))
			return false;
	}
	return true;
}

static bool
before_create(void *ctx, struct str key, struct err *err)
{
	struct guard *g = ctx;
	const uint64_t mark = sweep_mark(key);
	(void)pthread_mutex_lock(&g->lock);
	bool ok = wait_for(g, mark, err) || err_in(err, "waiting for gc");
	(void)pthread_mutex_unlock(&g->lock);
	return ok;
}

static void
guard_release(void *guard)
{
	struct guard *g = guard;
	(void)pthread_mutex_destroy(&g->lock);
}

bool
sweep_guard(struct arena *a, struct store *s, struct str *round, struct err *err)
{
	struct guard *g = ARENA_NEW(a, struct guard);
	sweep_unguard(s);
	g->a = a;
	g->store = s;
	(void)pthread_mutex_init(&g->lock, NULL);
	arena_defer(a, guard_release, g);
	if (!look(g, err))
		return false;
	*round = g->state.round;
	s->guard = before_create;
	s->guard_ctx = g;
	return true;
}

void
sweep_unguard(struct store *s)
{
	s->guard = NULL;
	s->guard_ctx = NULL;
}
