#include "publisher/origin/operations.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"

#define METRICS_BYTES_MAX (256 * 1024)
#define STATUS_BYTES_MAX (4 * 1024 * 1024)

void
operations_alive(struct answer *out)
{
	answer_text(out, 200, "text/plain", STR("alive\n"));
}

/* One word for what a person should look at first. */
static const char *
condition(const struct origin *o, const struct follow_report *f, int64_t now)
{
	if (atomic_load(&o->draining))
		return "stopping";
	if (!f->has_view)
		return f->absent ? "nothing is published yet" : "no verified site yet";
	if (f->failing && f->code == ERR_UNTRUSTED)
		return "the store is not to be trusted; serving the last good version";
	if (f->failing)
		return "the store does not answer; serving the last good version";
	return f->expires <= now ? "metadata has expired; renew it" : "fresh";
}

static void
set(json_t *j, const char *name, json_t *value)
{
	(void)json_object_set_new(j, name, value);
}

/* What readyz and status have in common. */
static json_t *
pointer_json(struct origin *o, struct arena *a, const struct follow_report *f, int64_t now)
{
	json_t *j = json_new_object(a);
	set(j, "ready", json_boolean(f->has_view && !atomic_load(&o->draining)));
	set(j, "condition", json_string(condition(o, f, now)));
	set(j, "version", json_integer(f->version));
	set(j, "pointer_age_ms", json_integer(f->age_ms));
	if (f->has_view) {
		set(j, "expires", json_str(time_rfc3339(a, f->expires)));
		set(j, "expires_role", json_string(f->expires_role));
		set(j, "expired", json_boolean(f->expires <= now));
	}
	if (f->failing)
		set(j, "problem", json_string(f->why));
	return j;
}

static void
answer_json(struct arena *a, unsigned status, const json_t *j, struct answer *out)
{
	struct buf *b = buf_in(a, STATUS_BYTES_MAX);
	struct err err;
	if (!json_pretty(j, b, &err))
		answer_problem(a, 500, "Internal Server Error", "The status is too large.", 0, out);
	else
		answer_text(out, status, "application/json", buf_str(b));
}

void
operations_ready(struct origin *o, struct arena *a, int64_t now, struct answer *out)
{
	struct follow_report f;
	follow_report(o->follow, &f);
	bool ready = f.has_view && !atomic_load(&o->draining);
	answer_json(a, ready ? 200 : 503, pointer_json(o, a, &f, now), out);
}

static json_t *
bundles_json(struct arena *a, const struct live *live, int64_t now)
{
	json_t *list = json_array();
	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];
		json_t *j = json_object();
		set(j, "bundle", json_str(arena_printf(a, "%.*s/%.*s", STR_ARG(b->vertical),
		    STR_ARG(b->locale))));
		set(j, "version", json_integer(b->current.version));
		set(j, "published", json_str(time_rfc3339(a, b->current.time)));
		set(j, "age_s", json_integer(now - b->current.time));
		set(j, "documents", json_integer((json_int_t)b->manifest->documents));
		set(j, "files", json_integer((json_int_t)b->manifest->files));
		set(j, "kept_versions", json_integer((json_int_t)b->histories + 1));
		(void)json_array_append_new(list, j);
	}
	return list;
}

static uint64_t
answered(const struct metrics *m)
{
	uint64_t n = 0;
	for (size_t r = 0; r < METRICS_ROUTES; r++)
		for (size_t s = 0; s < 6; s++)
			n += atomic_load(&m->requests[r][s]);
	return n;
}

void
operations_status(struct origin *o, struct arena *a, int64_t now, struct answer *out)
{
	struct follow_report f;
	struct cache_report blobs;
	struct reaper_report connections;
	enum pointer pointer;
	follow_report(o->follow, &f);
	cache_report(o->objects.blobs, &blobs);
	reaper_report(o->reaper, &connections);
	json_t *j = pointer_json(o, a, &f, now);
	set(j, "target", json_str(o->target->name));
	set(j, "program", json_string("edgepress-origin " EDGEPRESS_VERSION));
	set(j, "uptime_s", json_integer(now - o->started));
	set(j, "serving_since", json_str(time_rfc3339(a, f.since)));
	set(j, "requests", json_integer((json_int_t)answered(&o->metrics)));
	set(j, "connections", json_integer((json_int_t)connections.connections));
	set(j, "store_checks", json_integer((json_int_t)f.checks));
	set(j, "store_check_failures", json_integer((json_int_t)f.failures));
	set(j, "store_refusals", json_integer((json_int_t)f.refusals));
	set(j, "damaged_objects", json_integer((json_int_t)atomic_load(&o->metrics.damaged)));
	set(j, "cache_bytes", json_integer((json_int_t)blobs.bytes));
	set(j, "cache_hits", json_integer((json_int_t)blobs.hits));
	set(j, "cache_misses", json_integer((json_int_t)blobs.misses));
	struct view *v = follow_view(o->follow, &pointer);
	set(j, "bundles", v != NULL ? bundles_json(a, view_live(v), now) : json_array());
	view_drop(v);
	answer_json(a, 200, j, out);
}

void
operations_metrics(struct origin *o, struct arena *a, int64_t now, struct answer *out)
{
	struct gauges g = { .now = now, .started = o->started };
	struct buf *b = buf_in(a, METRICS_BYTES_MAX);
	follow_report(o->follow, &g.follow);
	cache_report(o->objects.blobs, &g.blobs);
	cache_report(o->objects.manifests, &g.manifests);
	reaper_report(o->reaper, &g.connections);
	metrics_write(&o->metrics, &g, b);
	answer_text(out, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(b));
}
