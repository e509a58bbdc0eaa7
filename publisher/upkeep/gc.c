#include "publisher/upkeep/gc.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/parallel.h"
#include "publisher/release/site.h"
#include "publisher/release/sweep.h"
#include "publisher/tlog/check.h"
#include "publisher/upkeep/reach.h"

#define MARK_BYTES 8
#define METADATA_KEEP 20  /* versions behind the live one that stay in any case */
#define RECEIPTS_KEEP 16  /* the first ones prove that there was a site: site.c */
#define SETTLE_MS 250     /* beyond freshness: origins have left what was live before */

struct doomed {
	struct str key;
	uint64_t size;
	bool spared;
};
/* Of one metadata role: the newest file that was there when the grace began. */
struct role_age {
	struct str name; /* "weather.json" */
	int64_t version;
};
struct gc {
	struct arena *a;          /* of the run */
	struct site *site;
	const struct gc_options *o;
	struct gc_report *out;
	struct marks *marks, *shards;
	const struct live *marked; /* that `marks` is of */
	size_t marked_n;
	int64_t cutoff;           /* by the store's clock: what is younger stays */
	struct role_age *role;
	size_t roles, roles_room;
	int64_t newest_done;      /* receipt */
	uint64_t log_size;        /* records of the log */
	/* of a round */
	struct arena *round_arena;
	struct str round;
	struct doomed *doomed;
	size_t n, room, listed;
	bool full, declared;
	bool begun;      /* removals were asked for */
	/* beating */
	struct sweep_state state;
	pthread_mutex_t lock;
	atomic_int_fast64_t beat_ms;
	size_t done;
};

static void
step(const struct gc *g, const char *what, size_t done, size_t all)
{
	if (g->o->progress != NULL && g->o->progress->step != NULL)
		g->o->progress->step(g->o->progress->ctx, what, done, all);
}

/* Beating */

static bool
write_state(struct gc *g, enum sweep_phase phase, struct str round, struct err *err)
{
	const int64_t now_ms = clock_monotonic_ms();
	if (!sweep_write(g->a, g->site->store, &g->state, phase, round, err))
		return false;
	atomic_store(&g->beat_ms, now_ms); /* when it was sent: it counts from then at the latest */
	return true;
}

/* Others must see that this one lives; one that could not say so for a while stops. */
static bool
beat(struct gc *g, struct err *err)
{
	if (g->o->dry_run || clock_monotonic_ms() - atomic_load(&g->beat_ms) < SWEEP_BEAT_MS)
		return true;
	(void)pthread_mutex_lock(&g->lock);
	bool ok = clock_monotonic_ms() - atomic_load(&g->beat_ms) < SWEEP_BEAT_MS
	    || write_state(g, g->state.phase, g->state.round, err);
	(void)pthread_mutex_unlock(&g->lock);
	return ok;
}

/* Marking */

static bool
mark(void *ctx, const struct reach_object *o, struct err *err)
{
	struct gc *g = ctx;
	const struct digest d = reach_key_digest(o->key);
	(void)marks_add(g->marks, &d);
	if (++g->marked_n % 1000 == 0)
		step(g, "mark", g->marked_n, 0);
	return beat(g, err);
}

static bool
log_size_read(struct gc *g, const struct live *live, struct err *err)
{
	struct log_head head;
	bool there;
	if (!log_head_read(live->trusted->snapshot.custom, &head, &there, err))
		return false;
	g->log_size = there ? head.tree.size : 0;
	return true;
}

/* What was marked before stays so: more than needed is kept, until the next run. */
static bool
marks_complete(struct gc *g, const struct live *live, struct err *err)
{
	const struct reach r = { .store = g->site->store, .anchor = g->site->anchor, .live = live,
		.visit = mark, .ctx = g, .seen = g->shards };
	if (g->marked == live)
		return true;
	if (!reach_walk(&r, err) || !log_size_read(g, live, err))
		return err_in(err, "what is kept cannot be told, so nothing is removed; `edgepress fsck "
		    "%.*s` tells more", STR_ARG(g->site->target->name));
	g->marked = live;
	return true;
}

static bool
is_marked(const struct gc *g, struct str key)
{
	const struct digest d = reach_key_digest(key);
	return marks_has(g->marks, &d);
}

/* Ages that only a listing tells */

static bool
metadata_age(void *ctx, const struct store_entry *e, struct err *err)
{
	struct gc *g = ctx;
	int64_t version;
	struct str name;
	size_t i = 0;
	if (e->modified == 0 || e->modified > g->cutoff || gc_kind_of(e->key) != GC_METADATA
	    || !gc_numbered(e->key, &version, &name))
		return beat(g, err);
	while (i < g->roles && !str_eq(g->role[i].name, name))
		i++;
	if (i == g->roles) {
		ARENA_GROW(g->a, g->role, g->roles, g->roles_room);
		g->role[g->roles++] = (struct role_age){ arena_copy(g->a, name), version };
	}
	if (version > g->role[i].version)
		g->role[i].version = version;
	return beat(g, err);
}

static bool
receipt_age(void *ctx, const struct store_entry *e, struct err *err)
{
	struct gc *g = ctx;
	int64_t version;
	struct str name;
	if (gc_numbered(e->key, &version, &name) && str_eq(name, STR("done"))
	    && version > g->newest_done)
		g->newest_done = version;
	return beat(g, err);
}

static int64_t
live_version_of(const struct gc *g, struct str role)
{
	const struct trusted *t = g->marked->trusted;
	if (str_eq(role, STR("snapshot")))
		return t->snapshot.meta.version;
	const struct meta_entry *e = snapshot_find(&t->snapshot, role);
	return e != NULL ? e->version : 0;
}

/* Replaced before the grace began, and long behind what is live. Roots stay for ever: clients
 * that were away walk along them. */
static bool
metadata_is_over(const struct gc *g, struct str key)
{
	int64_t version;
	struct str name;
	if (!gc_numbered(key, &version, &name) || str_eq(name, STR("root.json")))
		return false;
	struct str role = { name.p, name.n - strlen(".json") };
	for (size_t i = 0; i < g->roles; i++)
		if (str_eq(g->role[i].name, name))
			return version < g->role[i].version
			    && version + METADATA_KEEP < live_version_of(g, role);
	return false;
}

/* A receipt that says "done" covers all before it: fresh.h. */
static bool
receipt_is_over(const struct gc *g, struct str key)
{
	int64_t version;
	struct str name;
	return gc_numbered(key, &version, &name) && version > RECEIPTS_KEEP
	    && version < g->newest_done;
}

/* Another width of it is marked: it is in the tree, and has grown. Records that are not marked
 * belong to publishers that lost. */
static bool
log_is_over(const struct gc *g, struct str key)
{
	struct tile t;
	if (!str_starts(key, STR("log/tile/")))
		return true;
	struct str name = { key.p + strlen("log/tile/"), key.n - strlen("log/tile/") };
	return tile_name_read(name, &t) && t.width < tile_width(g->log_size, t.level, t.index);
}

static bool
is_over(const struct gc *g, enum gc_kind kind, struct str key)
{
	switch (kind) {
	case GC_METADATA:
		return metadata_is_over(g, key);
	case GC_RECEIPTS:
		return receipt_is_over(g, key);
	case GC_LOG:
		return log_is_over(g, key);
	default:
		return true;
	}
}

/* Listing */

static void
count(struct gc_sum *sum, uint64_t bytes)
{
	sum->objects++;
	sum->bytes += bytes;
}

static void
doom(struct gc *g, enum gc_kind kind, const struct store_entry *e)
{
	if (g->o->dry_run) {
		count(&g->out->removed[kind], e->size);
		if (g->o->doomed != NULL)
			g->o->doomed(g->o->ctx, e->key, e->size);
		return;
	}
	if (g->n == SWEEP_LIST_MAX) {
		g->full = true;
		return;
	}
	ARENA_GROW(g->round_arena, g->doomed, g->n, g->room);
	g->doomed[g->n++] = (struct doomed){ arena_copy(g->round_arena, e->key), e->size, false };
}

static bool
judge(void *ctx, const struct store_entry *e, struct err *err)
{
	struct gc *g = ctx;
	const enum gc_kind kind = gc_kind_of(e->key);
	if (++g->listed % 1000 == 0)
		step(g, "list", g->listed, 0);
	if (str_starts(e->key, STR("gc/"))) /* our own; see tidy */
		return beat(g, err);
	const bool needed = is_marked(g, e->key);
	if (kind == GC_KINDS && !needed)
		count(&g->out->unknown, e->size);
	else if (needed || !is_over(g, kind, e->key))
		count(&g->out->kept, e->size);
	else if (e->modified == 0 || e->modified > g->cutoff)
		count(&g->out->young, e->size);
	else
		doom(g, kind, e);
	return beat(g, err);
}

static bool
list(struct gc *g, struct err *err)
{
	struct store *s = g->site->store;
	g->out->kept = g->out->young = g->out->unknown = (struct gc_sum){ 0 };
	g->listed = 0;
	return store_list(s, STR("metadata/"), metadata_age, g, err)
	    && store_list(s, STR("receipts/"), receipt_age, g, err)
	    && store_list(s, STR(""), judge, g, err);
}

/* A round */

static bool
declare(struct gc *g, struct err *err)
{
	uint64_t *mark_of = ARENA_ARRAY(g->round_arena, uint64_t, g->n);
	for (size_t i = 0; i < g->n; i++)
		mark_of[i] = sweep_mark(g->doomed[i].key);
	g->declared = sweep_list_put(g->site->store, g->round, mark_of, g->n, err)
	    && write_state(g, SWEEP_REMOVING, g->round, err);
	return g->declared;
}

/* Before each try of the swap: what has become live since is spared. */
static bool
prepare_fence(void *ctx, struct arena *a, struct site *s, struct wanted *w, struct err *err)
{
	struct gc *g = ctx;
	(void)a;
	if (s->live == NULL || !marks_complete(g, s->live, err))
		return false;
	for (size_t i = 0; i < g->n; i++)
		g->doomed[i].spared = g->doomed[i].spared || is_marked(g, g->doomed[i].key);
	if (!g->declared && !declare(g, err))
		return false;
	w->release = true; /* of timestamp.json, if nothing else is due */
	return true;
}

static bool
remove_one(void *ctx, size_t i, struct err *err)
{
	struct gc *g = ctx;
	const struct doomed *d = &g->doomed[i];
	if (d->spared)
		return true;
	if (!beat(g, err))
		return false;
	if (clock_monotonic_ms() - atomic_load(&g->beat_ms) > SWEEP_LOST_MS)
		return err_set(err, ERR_BUSY, "this gc was held up for too long; run it again");
	if (!store_remove(g->site->store, d->key, err))
		return false;
	(void)pthread_mutex_lock(&g->lock);
	count(&g->out->removed[gc_kind_of(d->key)], d->size);
	if (++g->done % 100 == 0)
		step(g, "remove", g->done, g->n);
	(void)pthread_mutex_unlock(&g->lock);
	return true;
}

/* Origins answer from what was live before the fence for a moment. */
static void
settle(const struct gc *g)
{
	clock_sleep_ms(g->site->target->freshness_ms + SETTLE_MS);
}

static bool
sweep(struct gc *g, struct err *err)
{
	struct published fence;
	char hex[33];
	unsigned char id[16];
	randombytes_buf(id, sizeof id);
	(void)sodium_bin2hex(hex, sizeof hex, id, sizeof id);
	g->round = arena_copy(g->a, str_of(hex));
	g->declared = false;
	g->done = 0;
	if (!release_run(g->a, g->site, prepare_fence, g, &fence, err))
		return err_in(err, "before anything was removed");
	settle(g);
	g->begun = true;
	if (!parallel(g->n, g->site->target->uploads, remove_one, g, err))
		return false;
	g->begun = false;
	g->out->rounds++;
	return write_state(g, SWEEP_IDLE, g->round, err)
	    && store_remove(g->site->store, sweep_list_key(g->a, g->round), err);
}

/* The run */

struct folder {
	struct gc *g;
	struct str probe;
	int64_t now, state; /* when the probe was written, and gc/sweep */
	struct str *old;    /* lists and probes of runs that died */
	size_t n, room;
};

static bool
folder_see(void *ctx, const struct store_entry *e, struct err *err)
{
	struct folder *f = ctx;
	(void)err;
	if (str_eq(e->key, f->probe))
		f->now = e->modified;
	else if (str_eq(e->key, SWEEP_KEY))
		f->state = e->modified;
	else {
		ARENA_GROW(f->g->a, f->old, f->n, f->room);
		f->old[f->n++] = arena_copy(f->g->a, e->key);
	}
	return true;
}

/* The store's own time, which objects have theirs from: clocks of machines differ. */
static bool
store_time(struct gc *g, struct folder *f, struct err *err)
{
	char hex[33];
	unsigned char id[16];
	randombytes_buf(id, sizeof id);
	(void)sodium_bin2hex(hex, sizeof hex, id, sizeof id);
	*f = (struct folder){ .g = g, .probe = arena_printf(g->a, "gc/%s.probe", hex) };
	const struct object o = { f->probe, STR("gc\n"), STR("text/plain"), true, STR("") };
	return store_put(g->site->store, &o, err)
	    && store_list(g->site->store, STR("gc/"), folder_see, f, err)
	    && store_remove(g->site->store, f->probe, err)
	    && (f->now != 0 || err_set(err, ERR_SETUP, "the store does not tell how old objects are"));
}

/* Only when no other gc is at work. */
static bool
tidy(struct gc *g, const struct folder *f, struct err *err)
{
	for (size_t i = 0; i < f->n; i++)
		if (!store_remove(g->site->store, f->old[i], err))
			return false;
	return true;
}

static bool
begin(struct gc *g, struct err *err)
{
	struct folder f;
	if (!store_time(g, &f, err) || !sweep_read(g->a, g->site->store, &g->state, err))
		return false;
	if (g->state.phase != SWEEP_IDLE && !g->o->take_over
	    && f.now - f.state < SWEEP_DEAD_MS / 1000)
		return err_set(err, ERR_BUSY, "another gc is at work, or has died: %" PRId64 " s ago it "
		    "was alive. Try again in %d minutes; or, if it has surely ended, with --take-over",
		    f.now - f.state, SWEEP_DEAD_MS / 60000);
	g->cutoff = f.now - g->o->grace_s;
	return write_state(g, SWEEP_LOOKING, g->state.round, err) && tidy(g, &f, err);
}

/* However it ended: nothing is being removed any more, unless the store has not answered. */
static void
end(struct gc *g, const struct err *why)
{
	struct err ignored;
	if (g->state.phase != SWEEP_IDLE && (!g->begun || why->code != ERR_BUSY))
		(void)write_state(g, SWEEP_IDLE, g->state.round, &ignored);
}

static bool
one_round(struct gc *g, struct err *err)
{
	g->round_arena = arena_new();
	g->doomed = NULL;
	g->n = g->room = 0;
	g->full = false;
	bool ok = marks_complete(g, g->site->live, err) && list(g, err) && (g->n == 0 || sweep(g, err));
	arena_free(g->round_arena);
	return ok;
}

static bool
work(struct gc *g, struct err *err)
{
	if (!begin(g, err))
		return false;
	do {
		if (g->state.phase == SWEEP_IDLE && !write_state(g, SWEEP_LOOKING, g->state.round, err))
			return false;
		if (!one_round(g, err))
			return false;
	} while (g->full);
	return g->state.phase == SWEEP_IDLE || write_state(g, SWEEP_IDLE, g->state.round, err);
}

bool
gc_run(struct arena *a, struct site *s, const struct gc_options *o, struct gc_report *out,
    struct err *err)
{
	struct gc g = { .a = a, .site = s, .o = o, .out = out };
	struct keyring *keys;
	struct err why = { 0 };
	*out = (struct gc_report){ 0 };
	if (s->live == NULL)
		return err_set(err, ERR_ABSENT, "nothing is published yet");
	if (!o->dry_run && !site_keyring(s, &keys, err))
		return false;
	g.marks = marks_new(a, MARK_BYTES);
	g.shards = marks_new(a, sizeof(struct digest));
	(void)pthread_mutex_init(&g.lock, NULL);
	g.cutoff = clock_now() - o->grace_s;
	s->sweeping = true;
	bool ok = o->dry_run ? one_round(&g, &why) : work(&g, &why);
	if (!ok && !o->dry_run)
		end(&g, &why);
	s->sweeping = false;
	(void)pthread_mutex_destroy(&g.lock);
	return ok || err_set(err, why.code, "%s", why.text);
}
