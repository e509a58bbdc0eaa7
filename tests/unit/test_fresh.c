#include "tests/unit/lib/publish_world.h"

#include <stdatomic.h>

#include "publisher/release/fresh.h"
#include "publisher/webhook/webhook.h"
#include "tests/unit/lib/http_service.h"

/* An origin that serves `version` after it was asked `looks` times. */
struct origin {
	atomic_int looks;
	atomic_int version;
	atomic_int post_status; /* 202 if all is well */
};

static int
origin_handle(struct service *s, const char *request, char body[static 1024])
{
	struct origin *o = s->ctx;
	if (strncmp(request, "POST /-/invalidate HTTP/1.1\r\n", 29) == 0) {
		(void)snprintf(body, 1024, "{\"id\":\"msg_1\",\"state\":\"queued\",\"version\":0}");
		return atomic_load(&o->post_status);
	}
	if (strncmp(request, "GET /-/invalidate/msg_1 ", 24) != 0)
		return 404;
	bool done = atomic_fetch_sub(&o->looks, 1) <= 1;
	(void)snprintf(body, 1024, "{\"id\":\"msg_1\",\"state\":\"%s\",\"version\":%d}",
	    done ? "done" : "working", done ? atomic_load(&o->version) : 0);
	return 200;
}

static atomic_int edge_status = 200;
static atomic_int edge_refuses; /* so many requests more */

static int
edge_handle(struct service *s, const char *request, char body[static 1024])
{
	(void)s;
	(void)request;
	(void)body;
	if (atomic_load(&edge_refuses) > 0 && atomic_fetch_sub(&edge_refuses, 1) > 0)
		return 403;
	return atomic_load(&edge_status);
}

/* A world with one origin and one edge, and a first version that is published and fresh. */
struct net {
	struct world w;
	struct origin origin;
	struct service os, es;
	struct edge_config edge;
	const struct edge_config *edges[1];
	const char *origins[1];
};

static void
commit(struct net *n, const char *text, struct published *out)
{
	const char *const texts[] = { text };
	struct err err;
	const struct publish_bundle b = bundle_of(n->w.a, "weather", "en-us", texts, 1);
	OK(publish_commit(n->w.a, world_site(&n->w), &b, 1, STR(""), NULL, out, &err));
}

static struct net *
net_begin(void)
{
	struct net *n = calloc(1, sizeof *n);
	struct err err;
	world_begin(&n->w);
	const char *secret = fs_join(n->w.a, n->w.dir, "hook");
	OK(fs_create(secret, webhook_secret_make(n->w.a), 0600, &err));
	atomic_store(&n->origin.looks, 2);
	atomic_store(&n->origin.version, 99);
	atomic_store(&n->origin.post_status, 202);
	atomic_store(&edge_status, 200);
	n->os.handle = origin_handle;
	n->os.ctx = &n->origin;
	n->es.handle = edge_handle;
	service_start(&n->os);
	service_start(&n->es);
	n->edge = (struct edge_config){ .name = STR("east"), .driver = STR("varnish"),
		.url = n->es.url, .settle_ms = 120 };
	n->edges[0] = &n->edge;
	n->origins[0] = n->os.url;
	n->w.target.edge = n->edges;
	n->w.target.edges = 1;
	n->w.target.origin = n->origins;
	n->w.target.origins = 1;
	n->w.target.webhook_secret = secret;
	n->w.target.freshness_ms = 300;
	return n;
}

static void
net_stop(struct net *n)
{
	service_stop(&n->os);
	service_stop(&n->es);
}

static void
net_end(struct net *n)
{
	world_end(&n->w);
	free(n);
}

static bool
exists(struct net *n, const char *key)
{
	struct store *s;
	struct str body;
	struct err err;
	OK(store_open(n->w.a, n->w.target.store, &s, &err));
	return store_get(s, n->w.a, str_of(key), 10000, &body, NULL, &err);
}

static void
edges_are_purged_after_the_origins_confirm_and_again_after_they_settle(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct err err;
	(void)state;
	commit(n, "one", &p);
	assert_true(exists(n, "receipts/1.intent"));
	assert_false(exists(n, "receipts/1.done"));
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_true(r.done);
	assert_true(r.origin[0].confirmed);
	assert_true(r.edge[0].confirmed);
	assert_true(exists(n, "receipts/1.done"));
	assert_int_equal(n->os.n, 3); /* the message, and two looks */
	assert_non_null(strstr(n->os.seen[0], "webhook-signature: v1,"));
	assert_non_null(strstr(n->os.seen[0], "\"version\":1"));
	assert_int_equal(n->es.n, 2);
	assert_non_null(strstr(n->es.seen[0], "weather.en-us.a"));
	assert_int_equal(strcmp(n->es.seen[0], n->es.seen[1]), 0);
	assert_true(n->es.at_ms[0] >= n->os.at_ms[2]);
	assert_true(n->es.at_ms[1] - n->es.at_ms[0] >= 120);
	net_end(n);
}

static void
an_origin_that_is_gone_is_waited_for_until_it_would_be_fresh(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct err err;
	(void)state;
	n->origins[0] = "http://127.0.0.1:1";
	commit(n, "one", &p);
	int64_t start = clock_monotonic_ms();
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_true(r.done);
	assert_false(r.origin[0].confirmed);
	assert_false(r.origin[0].reached);
	assert_true(n->es.at_ms[0] - start >= 300);
	net_end(n);
}

static void
an_origin_that_answers_but_does_not_confirm_is_told(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct err err;
	(void)state;
	commit(n, "one", &p);
	atomic_store(&n->origin.version, 0); /* says done, but is behind */
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	assert_false(r.done);
	assert_true(r.origin[0].reached);
	assert_non_null(strstr(r.origin[0].err.text, "is at version 0, not 1"));
	assert_false(exists(n, "receipts/1.done"));
	atomic_store(&n->origin.post_status, 401);
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_false(r.done);
	assert_non_null(strstr(r.origin[0].err.text, "refused the signature (401)"));
	net_end(n);
}

static void
what_a_failed_or_killed_publish_left_is_purged_by_the_next(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct err err;
	const char *const finance[] = { "up" };
	(void)state;
	commit(n, "one", &p);
	atomic_store(&edge_status, 403);
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	assert_false(r.done);
	assert_false(r.edge[0].confirmed);
	commit(n, "two", &p); /* … and here the publisher is killed */
	atomic_store(&edge_status, 200);
	const struct publish_bundle b = bundle_of(n->w.a, "finance", "en-us", finance, 1);
	OK(publish_commit(n->w.a, world_site(&n->w), &b, 1, STR(""), NULL, &p, &err));
	assert_int_equal(p.version, 3);
	size_t before = n->es.n;
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	assert_true(r.done);
	assert_int_equal(r.finished, 2);
	assert_true(exists(n, "receipts/3.done"));
	size_t after = n->es.n;
	/* All is done now: a publish without changes has nothing to do. */
	OK(publish_commit(n->w.a, world_site(&n->w), &b, 1, STR(""), NULL, &p, &err));
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_true(r.done);
	assert_int_equal(n->es.n, after);
	assert_non_null(strstr(n->es.seen[before], "weather.en-us.a"));
	assert_non_null(strstr(n->es.seen[before], "finance.en-us.a"));
	net_end(n);
}

static void
the_last_purge_is_sent_also_where_the_first_was_refused(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct err err;
	(void)state;
	commit(n, "one", &p);
	atomic_store(&edge_refuses, 1);
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_int_equal(n->es.n, 2);
	assert_true(r.done);
	net_end(n);
}

static void
the_last_purge_waits_for_origins_that_share_an_address(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct err err;
	(void)state;
	n->edge.settle_ms = 20; /* shorter than freshness: one behind a balancer may be old yet */
	n->w.target.freshness_ms = 500;
	commit(n, "one", &p);
	int64_t start = clock_monotonic_ms();
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_true(r.done);
	assert_int_equal(n->es.n, 2);
	assert_true(n->es.at_ms[1] - start >= 500);
	net_end(n);
}

static void
killed_between_commit_and_purge_a_rerun_without_changes_finishes(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct err err;
	(void)state;
	commit(n, "one", &p);
	commit(n, "one", &p);
	assert_false(p.changed);
	assert_int_equal(p.keys, 0);
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_true(r.done);
	assert_int_equal(n->es.n, 2);
	assert_non_null(strstr(n->es.seen[1], "weather.en-us.a"));
	assert_true(exists(n, "receipts/1.done"));
	net_end(n);
}

static void
an_intent_that_is_no_intent_is_not_believed(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct store *s;
	struct err err;
	(void)state;
	commit(n, "one", &p);
	OK(store_open(n->w.a, n->w.target.store, &s, &err));
	const struct object o = { STR("receipts/2.intent"),
		STR("{\"version\":2,\"keys\":[\"a\\r\\nHost: x\"]}"), STR(""), true };
	OK(store_put(s, &o, &err));
	p.version = 2;
	p.appended = false; /* by somebody who comes after it */
	assert_false(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_non_null(strstr(err.text, "receipts/2.intent"));
	/* our own keys are purged all the same */
	assert_int_equal(n->es.n, 2);
	assert_non_null(strstr(n->es.seen[0], "weather.en-us.a"));
	assert_null(strstr(n->es.seen[0], "Host: x"));
	net_end(n);
}

static void
an_edge_that_was_away_for_many_versions_misses_nothing(void **state)
{
	struct net *n = net_begin();
	struct published p;
	struct fresh_report r;
	struct err err;
	const char *const finance[] = { "up" };
	(void)state;
	const struct publish_bundle b = bundle_of(n->w.a, "finance", "en-us", finance, 1);
	OK(publish_commit(n->w.a, world_site(&n->w), &b, 1, STR(""), NULL, &p, &err));
	atomic_store(&edge_status, 403);
	for (int i = 0; i < 25; i++) {
		OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
		assert_false(r.done);
		commit(n, i % 2 == 0 ? "one" : "two", &p);
	}
	atomic_store(&edge_status, 200);
	size_t before = n->es.n;
	OK(fresh_make(n->w.a, world_site(&n->w), &n->w.target, &p, &r, &err));
	net_stop(n);
	assert_true(r.done);
	assert_non_null(strstr(n->es.seen[before], "finance.en-us.a"));
	net_end(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_are_purged_after_the_origins_confirm_and_again_after_they_settle),
		cmocka_unit_test(an_origin_that_is_gone_is_waited_for_until_it_would_be_fresh),
		cmocka_unit_test(an_origin_that_answers_but_does_not_confirm_is_told),
		cmocka_unit_test(what_a_failed_or_killed_publish_left_is_purged_by_the_next),
		cmocka_unit_test(the_last_purge_is_sent_also_where_the_first_was_refused),
		cmocka_unit_test(the_last_purge_waits_for_origins_that_share_an_address),
		cmocka_unit_test(killed_between_commit_and_purge_a_rerun_without_changes_finishes),
		cmocka_unit_test(an_intent_that_is_no_intent_is_not_believed),
		cmocka_unit_test(an_edge_that_was_away_for_many_versions_misses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
