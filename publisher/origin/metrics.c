#include "publisher/origin/metrics.h"

#include <inttypes.h>

static const int64_t bucket_us[METRICS_BUCKETS] = {
	100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 500000, 2000000, 10000000,
};

void
metrics_request(struct metrics *m, enum route_kind route, unsigned status, int64_t took_us,
    uint64_t bytes)
{
	size_t b = 0;
	while (b < METRICS_BUCKETS && took_us > bucket_us[b])
		b++;
	metrics_add(&m->requests[route][status / 100 < 6 ? status / 100 : 0], 1);
	metrics_add(&m->took[b], 1);
	metrics_add(&m->took_us, (uint64_t)took_us);
	metrics_add(&m->bytes, bytes);
}

static uint64_t
value(const atomic_uint_fast64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
put_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP edgepress_%s %s\n# TYPE edgepress_%s %s\n", name, help, name, type);
}

static void
put_one(struct buf *out, const char *name, const char *type, const char *help, int64_t n)
{
	put_head(out, name, type, help);
	buf_printf(out, "edgepress_%s %" PRId64 "\n", name, n);
}

static void
put_requests(const struct metrics *m, struct buf *out)
{
	put_head(out, "requests_total", "counter", "Requests answered, by route and status class.");
	for (size_t r = 0; r < METRICS_ROUTES; r++)
		for (size_t s = 0; s < 6; s++)
			if (value(&m->requests[r][s]) > 0)
				buf_printf(out, "edgepress_requests_total{route=\"%s\",status=\"%zuxx\"} %"
				    PRIu64 "\n", route_name((enum route_kind)r), s,
				    value(&m->requests[r][s]));
	put_head(out, "request_duration_seconds", "histogram",
	    "From the request line to the end of the answer.");
	uint64_t below = 0;
	for (size_t b = 0; b < METRICS_BUCKETS; b++) {
		below += value(&m->took[b]);
		buf_printf(out, "edgepress_request_duration_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
		    (double)bucket_us[b] / 1e6, below);
	}
	below += value(&m->took[METRICS_BUCKETS]);
	buf_printf(out, "edgepress_request_duration_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n"
	    "edgepress_request_duration_seconds_sum %.6f\n"
	    "edgepress_request_duration_seconds_count %" PRIu64 "\n", below,
	    (double)value(&m->took_us) / 1e6, below);
	put_one(out, "sent_bytes_total", "counter", "Bytes of bodies sent.",
	    (int64_t)value(&m->bytes));
}

static void
put_pointer(const struct follow_report *f, int64_t now, struct buf *out)
{
	put_one(out, "ready", "gauge", "1 while there is a verified site to serve.", f->has_view);
	put_one(out, "site_version", "gauge", "Version of the site being served.", f->version);
	put_head(out, "pointer_age_seconds", "gauge",
	    "Since the store last confirmed the version being served; -1: never.");
	buf_printf(out, "edgepress_pointer_age_seconds %.3f\n",
	    f->age_ms < 0 ? -1.0 : (double)f->age_ms / 1000);
	put_one(out, "metadata_expires_seconds", "gauge",
	    "Until the first role of the trusted metadata expires; negative: it has.",
	    f->has_view ? f->expires - now : 0);
	put_one(out, "store_checks_total", "counter", "Checks of the pointer.", (int64_t)f->checks);
	put_one(out, "store_check_failures_total", "counter",
	    "Checks that the store did not answer, or not with anything to be trusted.",
	    (int64_t)f->failures);
	put_one(out, "store_refusals_total", "counter",
	    "Checks that found a store whose metadata or manifests must not be trusted.",
	    (int64_t)f->refusals);
	put_one(out, "site_swaps_total", "counter", "New versions taken up.", (int64_t)f->swaps);
}

static void
put_cache(const struct gauges *g, struct buf *out)
{
	const struct {
		const char *name;
		const struct cache_report *report;
	} cache[] = { { "blobs", &g->blobs }, { "manifests", &g->manifests } };
	const struct {
		const char *name, *type, *help;
	} shown[] = {
		{ "cache_bytes", "gauge", "Verified bytes kept in memory." },
		{ "cache_items", "gauge", "Objects kept in memory." },
		{ "cache_hits_total", "counter", "Objects found in memory." },
		{ "cache_misses_total", "counter", "Objects not found in memory." },
		{ "cache_evictions_total", "counter", "Objects dropped for room." },
	};
	for (size_t s = 0; s < LEN(shown); s++) {
		put_head(out, shown[s].name, shown[s].type, shown[s].help);
		for (size_t i = 0; i < LEN(cache); i++) {
			const struct cache_report *r = cache[i].report;
			const uint64_t n[] = { r->bytes, r->items, r->hits, r->misses, r->evictions };
			buf_printf(out, "edgepress_%s{cache=\"%s\"} %" PRIu64 "\n", shown[s].name,
			    cache[i].name, n[s]);
		}
	}
}

static void
put_connections(const struct metrics *m, const struct reaper_report *r, struct buf *out)
{
	put_one(out, "connections", "gauge", "Open connections.", (int64_t)r->connections);
	put_one(out, "connections_total", "counter", "Connections accepted.", (int64_t)r->accepted);
	put_head(out, "connections_cut_total", "counter",
	    "Connections that missed a deadline, by what they were doing.");
	for (size_t i = 0; i < PHASES; i++)
		buf_printf(out, "edgepress_connections_cut_total{phase=\"%s\"} %" PRIu64 "\n",
		    phase_name((enum phase)i), r->cut[i]);
	put_head(out, "refused_heads_total", "counter", "Request heads refused, by reason.");
	for (size_t i = GUARD_FINE + 1; i < GUARD_VERDICTS; i++)
		buf_printf(out, "edgepress_refused_heads_total{reason=\"%s\"} %" PRIu64 "\n",
		    guard_name((enum guard_verdict)i), value(&m->refused[i]));
}

static void
put_store(const struct metrics *m, struct buf *out)
{
	put_one(out, "damaged_objects_total", "counter",
	    "Objects of the store whose bytes were not what was signed; never served.",
	    (int64_t)value(&m->damaged));
	put_one(out, "unavailable_objects_total", "counter",
	    "Objects that could not be read from the store.", (int64_t)value(&m->unavailable));
	put_one(out, "store_reads_total", "counter", "Objects read from the store.",
	    (int64_t)value(&m->store_reads));
	put_head(out, "store_read_seconds_total", "counter", "Time those reads took.");
	buf_printf(out, "edgepress_store_read_seconds_total %.6f\n",
	    (double)value(&m->store_us) / 1e6);
}

static void
put_messages(const struct metrics *m, struct buf *out)
{
	static const char *const names[] = { "taken", "duplicate", "refused", "limited", "done",
		"failed" };
	put_head(out, "invalidations_total", "counter", "Webhook messages, by what became of them.");
	for (size_t i = 0; i < MESSAGE_FATES; i++)
		buf_printf(out, "edgepress_invalidations_total{fate=\"%s\"} %" PRIu64 "\n", names[i],
		    value(&m->messages[i]));
	put_one(out, "purges_total", "counter", "Purges that an edge confirmed.",
	    (int64_t)value(&m->purges));
	put_one(out, "purge_failures_total", "counter", "Purges that an edge did not confirm.",
	    (int64_t)value(&m->purge_failures));
}

void
metrics_write(const struct metrics *m, const struct gauges *g, struct buf *out)
{
	put_head(out, "build_info", "gauge", "The program's version.");
	buf_put(out, STR("edgepress_build_info{version=\"" EDGEPRESS_VERSION "\"} 1\n"));
	put_one(out, "start_time_seconds", "gauge", "When this origin started, Unix time.",
	    g->started);
	put_pointer(&g->follow, g->now, out);
	put_requests(m, out);
	put_store(m, out);
	put_cache(g, out);
	put_connections(m, &g->connections, out);
	put_messages(m, out);
}
