#include "publisher/release/fresh.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/parallel.h"
#include "publisher/release/site.h"

#define LOOK_BACK 10000   /* versions; usually the walk ends at the first or second */
#define MARGIN_MS 250     /* beyond freshness: a poll under way, and its answer */
#define ORIGIN_MS 10000   /* that an origin may take to confirm */
#define RECEIPT_MAX STORE_OBJECT_MAX

struct freshening {
	struct arena *a;
	struct site *s;
	const struct target_config *target;
	int64_t version;
	bool own;             /* nobody else has receipts of it, and its keys are known */
	int64_t start_ms;     /* monotonic */
	struct keyset keys;
	struct fresh_report *out;
};

/* Receipts */

static bool
receipt_get(struct freshening *f, int64_t version, const char *what, bool *there,
    struct str *body, struct err *err)
{
	struct err why = { 0 };
	*there = store_get(f->s->store, f->a, receipt_key(f->a, version, what), RECEIPT_MAX, body,
	    NULL, &why);
	return *there || why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
}

static bool
intent_merge(struct freshening *f, struct str body, struct err *err)
{
	json_t *j;
	const json_t *keys;
	if (!json_parse(f->a, body, &j, err) || !field_array(j, "keys", &keys, err))
		return false;
	for (size_t i = 0; i < json_array_size(keys); i++) {
		const char *key = json_string_value(json_array_get(keys, i));
		size_t n = key ? strlen(key) : 0;
		/* Whoever can write to the store must not be able to write header fields. */
		if (n == 0 || n > KEY_MAX || strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789._-") != n)
			return err_set(err, ERR_UNTRUSTED, "keys[%zu]: not a surrogate key", i);
		keyset_add(&f->keys, str_of(key));
	}
	return true;
}

/* Take the keys of one receipt, if there is such a one. */
static bool
receipt_merge(struct freshening *f, int64_t version, const char *what, bool *there,
    struct err *err)
{
	struct str body;
	if (!receipt_get(f, version, what, there, &body, err))
		return false;
	return !*there || intent_merge(f, body, err)
	    || err_in(err, "%.*s: what it says of purges is not believed; purge the edges as a whole "
	        "and remove it", STR_ARG(receipt_key(f->a, version, what)));
}

/* Versions up to ours that nobody finished. The walk ends at a version with .done, which covers
 * all before it, or with .pending, which names all that was still to be done. */
static bool
unfinished_merge(struct freshening *f, bool *already_done, struct err *err)
{
	struct str body;
	bool done = false, pending = false, intent = false;
	*already_done = false;
	for (int64_t v = f->version - f->own; v > 0 && v > f->version - LOOK_BACK && !pending; v--) {
		if (!receipt_get(f, v, "done", &done, &body, err))
			return false;
		*already_done = *already_done || (done && v == f->version);
		if (done)
			break;
		if (!receipt_merge(f, v, "intent", &intent, err)
		    || !receipt_merge(f, v, "pending", &pending, err))
			return false;
		f->out->finished += (intent || pending) && v < f->version;
	}
	return true;
}

/* An edge may be away for more versions than anybody wants to look through: the next publish
 * needs to read this one only. Who tried before us at this version has written the same. */
static bool
pending_put(struct freshening *f, struct err *err)
{
	json_t *j = json_new_object(f->a), *keys = json_array();
	struct buf *body = buf_in(f->a, RECEIPT_MAX);
	struct err why = { 0 };
	(void)json_object_set_new(j, "version", json_integer(f->version));
	(void)json_object_set_new(j, "keys", keys);
	for (size_t i = 0; i < f->keys.n; i++)
		(void)json_array_append_new(keys, json_str(f->keys.key[i]));
	if (!json_pretty(j, body, err))
		return false;
	const struct object o = { receipt_key(f->a, f->version, "pending"), buf_str(body),
		STR("application/json"), true };
	return store_create(f->s->store, &o, &why) || why.code == ERR_STALE
	    || err_set(err, why.code, "%s", why.text);
}

static bool
done_put(struct freshening *f, struct err *err)
{
	struct str body = arena_printf(f->a, "{\n  \"version\": %lld\n}\n", (long long)f->version);
	const struct object o = { receipt_key(f->a, f->version, "done"), body,
		STR("application/json"), true };
	return store_put(f->s->store, &o, err);
}

/* Waiting */

static void
wait_until(int64_t at_ms)
{
	clock_sleep_ms(at_ms - clock_monotonic_ms());
}

static bool
origin_wake(void *ctx, size_t i, struct err *err)
{
	struct freshening *f = ctx;
	struct fresh_origin *o = &f->out->origin[i];
	struct arena *a = arena_new();
	(void)err;
	o->url = f->target->origin[i];
	if (f->target->webhook_secret == NULL)
		(void)err_set(&o->err, ERR_SETUP, "no webhook_secret to call it with; it finds the new "
		    "version by itself");
	else
		o->confirmed = fresh_call_origin(a, o->url, f->target->webhook_secret, f->version, NULL,
		    0, ORIGIN_MS, &o->err);
	o->reached = o->confirmed
	    || (f->target->webhook_secret != NULL && o->err.code != ERR_BUSY);
	o->took_ms = clock_monotonic_ms() - f->start_ms;
	arena_free(a);
	return true; /* one that fails does not stop the others */
}

/* Until every origin answers from the new version: because it says so, or because by its own
 * promise it no longer answers from anything older. */
static void
origins_settle(struct freshening *f)
{
	size_t n = f->target->origins;
	bool all = n > 0;
	f->out->origin = ARENA_ARRAY(f->a, struct fresh_origin, n);
	f->out->origins = n;
	(void)parallel(n, (unsigned)n, origin_wake, f, NULL);
	for (size_t i = 0; i < n; i++)
		all = all && f->out->origin[i].confirmed;
	if (!all && (n > 0 || f->target->edges > 0))
		wait_until(f->start_ms + f->target->freshness_ms + MARGIN_MS);
}

static bool
purge(struct freshening *f)
{
	return purge_edges(f->a, f->target->edge, f->target->edges, f->keys.key, f->keys.n,
	    f->out->edge);
}

/* A fetch that was in flight during the purge may put the old version back: purge again when
 * the slowest such fetch is over. */
static bool
edges_settle(struct freshening *f)
{
	int64_t settle_ms = 0;
	f->out->edge = ARENA_ARRAY(f->a, struct purge_result, f->target->edges);
	f->out->edges = f->target->edges;
	bool ok = purge(f);
	for (size_t i = 0; i < f->target->edges; i++)
		if (f->target->edge[i]->settle_ms > settle_ms)
			settle_ms = f->target->edge[i]->settle_ms;
	if (settle_ms == 0)
		return ok;
	/* Also if an edge did not confirm: it may now, and the others need it all the same. Not
	 * before every origin is fresh, those behind a balancer's one address included. */
	wait_until(clock_monotonic_ms() + settle_ms);
	wait_until(f->start_ms + f->target->freshness_ms + MARGIN_MS);
	return purge(f);
}

bool
fresh_make(struct arena *a, struct site *s, const struct target_config *target,
    const struct published *published, struct fresh_report *out, struct err *err)
{
	struct freshening f = { .a = a, .s = s, .target = target, .version = published->version,
		.own = published->appended,
		.start_ms = clock_monotonic_ms(), .keys = { .a = a }, .out = out };
	bool already;
	struct err why = { 0 };
	*out = (struct fresh_report){ 0 };
	for (size_t i = 0; i < published->keys; i++)
		keyset_add(&f.keys, published->key[i]);
	/* Trouble with what others left is no reason to leave our own edges stale. */
	bool merged = unfinished_merge(&f, &already, &why);
	keyset_sort(&f.keys);
	out->key = f.keys.key;
	out->keys = f.keys.n;
	out->done = true;
	if (merged && f.keys.n == 0 && !published->changed)
		return true;
	origins_settle(&f);
	for (size_t i = 0; i < out->origins; i++)
		out->done = out->done && (out->origin[i].confirmed || !out->origin[i].reached);
	if (f.keys.n > 0 && !edges_settle(&f))
		out->done = false;
	if (!merged)
		return err_set(err, why.code, "%s", why.text);
	if (!out->done)
		return pending_put(&f, err);
	return already || done_put(&f, err);
}
