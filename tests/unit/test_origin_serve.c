#include "tests/unit/lib/origin_case.h"

/* The store's file of this key, and a way to put other bytes there. */
static const char *
store_path(struct origin_case *c, struct str key)
{
	return arena_printf(c->w.a, "%s/public/%.*s", c->w.dir, STR_ARG(key)).p;
}

static void
store_overwrite(struct origin_case *c, struct str key, struct str body)
{
	struct err err;
	OK(fs_replace(store_path(c, key), body, 0644, &err));
}

static struct str
store_bytes(struct origin_case *c, struct str key)
{
	struct str body;
	struct err err;
	OK(fs_read(c->w.a, store_path(c, key), 1 << 20, &body, &err));
	return body;
}

static struct manifest_file
published_file(struct origin_case *c, const char *path)
{
	const struct live *live = world_live(&c->w);
	const struct live_bundle *b = live_find(live, STR("weather"), STR("en-us"));
	assert_non_null(b);
	const struct manifest_file *f = live_file(world_store(&c->w), b, path);
	assert_non_null(f);
	return *f;
}

static struct str
blob_key(struct origin_case *c, const struct digest *d)
{
	char hex[DIGEST_HEX + 1];
	digest_hex(d, hex);
	return store_blob_key(c->w.a, hex, "");
}

static void
what_is_published_is_served_and_replaced_within_freshness(void **state)
{
	struct origin_case *c = *state;
	case_publish(c, "sunny");
	case_start(c);
	struct got g = case_get(c, "/weather/en-us/a.html");
	assert_int_equal(g.status, 200);
	assert_str(g.body, "<p>sunny</p>");
	assert_has(&g, "Surrogate-Key", "weather.en-us.a");
	assert_has(&g, "Cache-Status", "fwd=uri-miss; stored");
	g = case_get(c, "/weather/en-us/a.html");
	assert_string_equal(got_header(&g, "Cache-Status"), "edgepress; hit");
	case_publish(c, "rain");
	pause_ms(FRESHNESS_MS); /* an origin that nobody woke */
	g = case_get(c, "/weather/en-us/a.html");
	assert_str(g.body, "<p>rain</p>");
}

static void
what_the_store_does_not_confirm_is_kept_by_edges_for_seconds_only(void **state)
{
	struct origin_case *c = *state;
	case_publish(c, "sunny");
	case_start(c);
	struct got g = case_get(c, "/weather/en-us/a.html");
	assert_has(&g, "CDN-Cache-Control", "max-age=86400,");
	atomic_store(&c->fickle.down, true);
	pause_ms(3 * FRESHNESS_MS);
	case_publish(c, "rain"); /* whose purge this origin's answers must not undo for a day */
	g = case_get(c, "/weather/en-us/a.html");
	assert_str(g.body, "<p>sunny</p>");
	assert_has(&g, "Cache-Status", "stale-pointer");
	assert_has(&g, "CDN-Cache-Control", "max-age=10,");
	atomic_store(&c->fickle.down, false);
	pause_ms(3 * FRESHNESS_MS);
	g = case_get(c, "/weather/en-us/a.html");
	assert_str(g.body, "<p>rain</p>");
	assert_has(&g, "CDN-Cache-Control", "max-age=86400,");
}

static void
a_date_of_before_a_publish_does_not_vouch_for_bytes_of_after_it(void **state)
{
	struct origin_case *c = *state;
	char before[30];
	case_publish(c, "sunny");
	case_start(c);
	/* Every reader of the first version has a date from before the second one. */
	time_http(clock_now() - 1, before);
	case_publish(c, "rain"); /* the same document's date, as after a change of template */
	pause_ms(2 * FRESHNESS_MS);
	struct got g = case_ask(c, (struct request){ .method = METHOD_GET,
		.target = STR("/weather/en-us/a.html"), .if_modified_since = str_of(before),
		.now = clock_now() + 100 });
	assert_int_equal(g.status, 200);
	g = case_ask(c, (struct request){ .method = METHOD_GET, .target = STR("/weather/en-us/a.html"),
		.if_modified_since = str_of(got_header(&g, "Last-Modified")), .now = clock_now() + 100 });
	assert_int_equal(g.status, 304);
}

static void
a_state_folder_that_cannot_be_used_does_not_keep_the_origin_from_serving(void **state)
{
	struct origin_case *c = *state;
	struct err err;
	case_publish(c, "sunny");
	c->state = fs_join(c->w.a, c->w.dir, "state");
	OK(fs_mkdirs(fs_join(c->w.a, c->state, "webhook-ids"), &err)); /* of all things a folder */
	OK(fs_mkdirs(fs_join(c->w.a, c->state, "timestamp.json"), &err));
	case_start(c);
	assert_int_equal(case_get(c, "/weather/en-us/a.html").status, 200);
	case_stop(c);
	c->state = fs_join(c->w.a, c->w.dir, "a-file"); /* a disk that is full errs likewise */
	OK(fs_replace(c->state, STR("x"), 0600, &err));
	case_start(c);
	assert_int_equal(case_get(c, "/weather/en-us/a.html").status, 200);
}

static void
every_version_stays_under_its_number(void **state)
{
	struct origin_case *c = *state;
	case_publish(c, "sunny");
	case_publish(c, "rain");
	case_start(c);
	struct got g = case_get(c, "/@1/weather/en-us/a.html");
	assert_str(g.body, "<p>sunny</p>");
	assert_has(&g, "Cache-Control", "immutable");
	assert_str(case_get(c, "/@2/weather/en-us/a.html").body, "<p>rain</p>");
	g = case_get(c, "/@3/weather/en-us/a.html");
	assert_int_equal(g.status, 404);
	assert_string_equal(got_header(&g, "Cache-Control"), "no-store"); /* it may come */
	assert_int_equal(case_get(c, "/@1/weather/fr-fr/a.html").status, 404);
}

static void
a_blob_is_served_by_digest_if_a_kept_version_names_it(void **state)
{
	struct origin_case *c = *state;
	char hex[DIGEST_HEX + 1];
	case_publish(c, "sunny");
	struct manifest_file old = published_file(c, "a.html");
	case_publish(c, "rain");
	struct manifest_file new = published_file(c, "a.html");
	case_start(c);
	digest_hex(&new.form[CODING_NONE].sha256, hex);
	struct got g = case_get(c, arena_printf(c->a, "/blobs/%s", hex).p);
	assert_str(g.body, "<p>rain</p>");
	assert_has(&g, "Content-Type", "text/html");
	assert_has(&g, "Cache-Control", "immutable");
	digest_hex(&old.form[CODING_NONE].sha256, hex);
	assert_str(case_get(c, arena_printf(c->a, "/blobs/%s", hex).p).body, "<p>sunny</p>");
	assert_int_equal(case_get(c, arena_printf(c->a, "/blobs/%s.gz", hex).p).status, 404);
	/* A file of the store that no manifest names is not there. */
	const struct digest stray = digest_of(STR("stray"));
	digest_hex(&stray, hex);
	struct err err;
	OK(fs_mkdirs(arena_printf(c->a, "%s/public/blobs/%.2s", c->w.dir, hex).p, &err));
	store_overwrite(c, blob_key(c, &stray), STR("stray"));
	assert_int_equal(case_get(c, arena_printf(c->a, "/blobs/%s", hex).p).status, 404);
}

static void
a_tampered_blob_is_an_error_and_never_its_bytes(void **state)
{
	struct origin_case *c = *state;
	case_publish(c, "sunny");
	struct manifest_file f = published_file(c, "a.html");
	store_overwrite(c, blob_key(c, &f.form[CODING_NONE].sha256), STR("<p>evil!</p>"));
	case_start(c);
	struct got g = case_get(c, "/weather/en-us/a.html");
	assert_int_equal(g.status, 502);
	assert_string_equal(got_header(&g, "Cache-Control"), "no-store");
	assert_null(strstr(g.body.p, "evil"));
	assert_int_equal(atomic_load(&c->origin->metrics.damaged), 1);
	assert_int_equal(case_get(c, "/weather/en-us/index.txt").status, 200);
	store_overwrite(c, blob_key(c, &f.form[CODING_NONE].sha256), STR("<p>sunny</p>"));
	assert_int_equal(case_get(c, "/weather/en-us/a.html").status, 200); /* not remembered */
}

static void
a_tampered_pointer_leaves_the_last_good_version(void **state)
{
	struct origin_case *c = *state;
	struct follow_report r;
	case_publish(c, "sunny");
	case_start(c);
	struct str good = store_bytes(c, STR("metadata/timestamp.json"));
	store_overwrite(c, STR("metadata/timestamp.json"), STR("{\"signed\":{},\"signatures\":[]}"));
	for (int i = 0; i < 100; i++) {
		follow_report(c->origin->follow, &r);
		if (r.refusals > 0)
			break;
		pause_ms(10);
	}
	assert_true(r.refusals > 0);
	pause_ms(FRESHNESS_MS);
	struct got g = case_get(c, "/weather/en-us/a.html");
	assert_str(g.body, "<p>sunny</p>");
	g = case_get(c, "/weather/en-us/index.txt");
	assert_has(&g, "Cache-Status", "detail=stale-pointer");
	assert_int_equal(case_get(c, "/-/readyz").status, 200);
	store_overwrite(c, STR("metadata/timestamp.json"), good);
	for (int i = 0; i < 100 && r.failing; i++, pause_ms(10))
		follow_report(c->origin->follow, &r);
	assert_false(r.failing);
}

static void
a_store_that_is_down_is_served_around_and_never_taken_for_empty(void **state)
{
	struct origin_case *c = *state;
	case_publish(c, "sunny");
	case_start(c);
	assert_int_equal(case_get(c, "/weather/en-us/a.html").status, 200);
	atomic_store(&c->fickle.down, true);
	pause_ms(2 * FRESHNESS_MS);
	struct got g = case_get(c, "/weather/en-us/a.html");
	assert_int_equal(g.status, 200);
	assert_has(&g, "Cache-Status", "detail=stale-pointer");
	g = case_get(c, "/weather/en-us/index.txt"); /* not in memory */
	assert_int_equal(g.status, 503);
	assert_string_equal(got_header(&g, "Cache-Control"), "no-store");
	assert_string_equal(got_header(&g, "Retry-After"), "1");
	assert_int_equal(case_get(c, "/metadata/2.root.json").status, 503);
	assert_int_equal(case_get(c, "/@9/weather/en-us/a.html").status, 503);
	g = case_get(c, "/weather/en-us/new.html");
	assert_string_equal(got_header(&g, "Cache-Control"), "no-store");
	atomic_store(&c->fickle.down, false);
	(void)case_await(c, "/metadata/2.root.json", 404);
}

static void
an_origin_waits_for_the_first_publish(void **state)
{
	struct origin_case *c = *state;
	case_start(c);
	struct got g = case_get(c, "/weather/en-us/a.html");
	assert_int_equal(g.status, 503);
	assert_string_equal(got_header(&g, "Cache-Control"), "no-store");
	assert_int_equal(case_get(c, "/-/readyz").status, 503);
	assert_int_equal(case_get(c, "/-/healthz").status, 200);
	assert_int_equal(case_get(c, "/metadata/timestamp.json").status, 404);
	case_publish(c, "sunny");
	assert_str(case_await(c, "/weather/en-us/a.html", 200).body, "<p>sunny</p>");
	assert_int_equal(case_get(c, "/-/readyz").status, 200);
}

static void
a_rollback_of_the_store_is_refused_across_a_restart(void **state)
{
	struct origin_case *c = *state;
	c->state = arena_printf(c->w.a, "%s/state", c->w.dir).p;
	case_publish(c, "sunny");
	struct str older = store_bytes(c, STR("metadata/timestamp.json"));
	case_publish(c, "rain");
	case_start(c);
	case_stop(c);
	store_overwrite(c, STR("metadata/timestamp.json"), older);
	case_start(c);
	struct got g = case_get(c, "/weather/en-us/a.html");
	assert_int_equal(g.status, 503);
	g = case_get(c, "/-/readyz");
	assert_non_null(strstr(g.body.p, "rollback"));
	case_stop(c);
	c->state = NULL; /* an origin without memory cannot know */
	case_start(c);
	assert_str(case_get(c, "/weather/en-us/a.html").body, "<p>sunny</p>");
}

static void
expired_metadata_stops_a_first_start_but_not_a_running_site(void **state)
{
	struct origin_case *c = *state;
	const char *folder = arena_printf(c->w.a, "%s/state", c->w.dir).p;
	case_publish(c, "sunny");
	set_clock(NOW + 3 * DAY); /* timestamps live for two */
	case_start(c);
	assert_int_equal(case_get(c, "/weather/en-us/a.html").status, 503);
	case_stop(c);
	set_clock(NOW);
	c->state = folder;
	case_start(c);
	case_stop(c);
	set_clock(NOW + 3 * DAY);
	case_start(c); /* this very timestamp was trusted in time */
	assert_int_equal(case_get(c, "/weather/en-us/a.html").status, 200);
	struct got g = case_ask(c, (struct request){ .method = METHOD_GET,
	    .target = STR("/-/readyz"), .now = NOW + 3 * DAY });
	assert_int_equal(g.status, 200);
	assert_non_null(strstr(g.body.p, "expired"));
}

static void
an_expired_document_is_gone_but_its_version_can_be_looked_at(void **state)
{
	struct origin_case *c = *state;
	struct request rq = { .method = METHOD_GET, .target = STR("/weather/en-us/a.html"),
		.now = NOW + 31 * DAY };
	case_publish(c, "sunny");
	case_start(c);
	struct got g = case_ask(c, rq);
	assert_int_equal(g.status, 410);
	assert_has(&g, "Surrogate-Key", "weather.en-us.a");
	rq.target = STR("/@1/weather/en-us/a.html");
	g = case_ask(c, rq);
	assert_int_equal(g.status, 200);
	assert_string_equal(got_header(&g, "Cache-Control"), "no-store");
}

static void
a_404_carries_the_key_that_publishing_the_path_purges(void **state)
{
	struct origin_case *c = *state;
	char key[KEY_MAX + 1];
	case_publish(c, "sunny");
	case_start(c);
	struct got g = case_get(c, "/weather/en-us/new.html");
	key_path(STR("weather"), STR("en-us"), STR("new.html"), key);
	assert_int_equal(g.status, 404);
	assert_string_equal(got_header(&g, "Surrogate-Key"), key);
	assert_string_equal(got_header(&g, "Cache-Control"), "public, max-age=10");
	assert_string_equal(got_header(&g, "Vary"), "");
	g = case_get(c, "/no/such.thing/../x");
	assert_int_equal(g.status, 404);
	assert_string_equal(got_header(&g, "Cache-Control"), "no-store");
}

static void
the_tuf_repository_is_served_from_what_is_trusted(void **state)
{
	struct origin_case *c = *state;
	case_publish(c, "sunny");
	case_publish(c, "rain");
	case_start(c);
	struct got g = case_get(c, "/metadata/timestamp.json");
	assert_int_equal(g.status, 200);
	assert_string_equal(got_header(&g, "Cache-Control"), "no-cache");
	assert_str(g.body, arena_copy(c->a, store_bytes(c, STR("metadata/timestamp.json"))).p);
	assert_has(&g, "Surrogate-Key", "tuf-ts");
	g = case_get(c, "/metadata/1.root.json");
	assert_int_equal(g.status, 200);
	assert_has(&g, "Cache-Control", "immutable");
	g = case_get(c, "/metadata/2.root.json");
	assert_int_equal(g.status, 404);
	assert_int_equal(g.body.n, 0);
	assert_string_equal(got_header(&g, "Cache-Control"), "no-store");
	/* Older snapshots only as far as they are signed. */
	assert_int_equal(case_get(c, "/metadata/1.snapshot.json").status, 200);
	store_overwrite(c, STR("metadata/1.weather.json"), store_bytes(c,
	    STR("metadata/1.finance.json")));
	assert_int_equal(case_get(c, "/metadata/1.weather.json").status, 502);
	assert_int_equal(case_get(c, "/metadata/1.sports.json").status, 404);
	char hex[DIGEST_HEX + 1];
	digest_hex(&world_live(&c->w)->bundle[0].current.sha256, hex);
	g = case_get(c, arena_printf(c->a, "/targets/weather/en-us/%s.bundle.json", hex).p);
	assert_int_equal(g.status, 200);
	assert_has(&g, "Content-Type", "application/json");
	hex[0] = hex[0] == '0' ? '1' : '0';
	g = case_get(c, arena_printf(c->a, "/targets/weather/en-us/%s.bundle.json", hex).p);
	assert_int_equal(g.status, 404);
}

/* The next root, with the same keys; returns its bytes. */
static struct str
rotate_root(struct origin_case *c)
{
	struct site *site = world_site(&c->w);
	struct keyring *keys;
	struct release r;
	struct issued next;
	struct err err;
	OK(site_keyring(site, &keys, &err));
	site_release(site, &r);
	OK(issue_root(c->w.a, keys, r.root, &lifetimes_default, NOW, &next, &err));
	const struct object o = { next.name, next.bytes, STR(""), true };
	OK(store_put(site_store(site), &o, &err));
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return next.bytes;
}

static void
the_chain_of_roots_is_served_from_wherever_the_origin_began(void **state)
{
	struct origin_case *c = *state;
	struct err err;
	case_publish(c, "sunny");
	case_start(c);
	struct str second = rotate_root(c);
	case_publish(c, "rain");
	assert_int_equal(case_await(c, "/metadata/2.root.json", 200).body.n, second.n);
	assert_int_equal(case_get(c, "/metadata/1.root.json").status, 200);
	assert_int_equal(case_get(c, "/metadata/3.root.json").status, 404);
	case_stop(c);
	/* Installed later, with the newer root only. */
	OK(fs_replace(c->w.target.root, second, 0644, &err));
	case_start(c);
	struct got g = case_get(c, "/metadata/1.root.json");
	assert_int_equal(g.status, 200);
	assert_has(&g, "Cache-Control", "immutable");
	case_stop(c);
	struct str forged = arena_copy(c->w.a, store_bytes(c, STR("metadata/1.root.json")));
	char *year = strstr(forged.p, "\"expires\"");
	assert_non_null(year);
	*strpbrk(year, "0123456789") = '9'; /* valid for ever, so to speak */
	store_overwrite(c, STR("metadata/1.root.json"), forged);
	case_start(c);
	assert_int_equal(case_get(c, "/metadata/1.root.json").status, 502);
	assert_str(case_get(c, "/weather/en-us/a.html").body, "<p>rain</p>");
}

static void
other_methods_are_told_what_is_allowed(void **state)
{
	struct origin_case *c = *state;
	case_start(c);
	struct got g = case_ask(c, (struct request){ .method = METHOD_OTHER,
	    .target = STR("/weather/en-us/a.html") });
	assert_int_equal(g.status, 405);
	assert_string_equal(got_header(&g, "Allow"), "GET, HEAD, OPTIONS");
	g = case_get(c, "/-/invalidate");
	assert_int_equal(g.status, 405);
	assert_string_equal(got_header(&g, "Allow"), "POST, OPTIONS");
	g = case_ask(c, (struct request){ .method = METHOD_OPTIONS,
	    .target = STR("/weather/en-us/a.html") });
	assert_int_equal(g.status, 204);
	assert_has(&g, "Access-Control-Allow-Methods", "GET");
	g = case_ask(c, (struct request){ .method = METHOD_HEAD, .target = STR("/-/healthz") });
	assert_int_equal(g.status, 200);
	assert_int_equal(g.body.n, 0);
	assert_int_equal(g.answer.length, 6);
}

static void
metrics_and_status_tell_what_happened(void **state)
{
	struct origin_case *c = *state;
	case_publish(c, "sunny");
	case_start(c);
	(void)case_get(c, "/weather/en-us/a.html");
	struct got g = case_get(c, "/-/metrics");
	const char *text = arena_copy(c->a, g.body).p;
	assert_non_null(strstr(text, "\nedgepress_ready 1\n"));
	assert_non_null(strstr(text, "\nedgepress_site_version 1\n"));
	assert_non_null(strstr(text, "\nedgepress_cache_misses_total{cache=\"blobs\"} 1\n"));
	g = case_get(c, "/-/status");
	text = arena_copy(c->a, g.body).p;
	assert_non_null(strstr(text, "\"condition\": \"fresh\""));
	assert_non_null(strstr(text, "\"bundle\": \"weather/en-us\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ORIGIN_TEST(what_is_published_is_served_and_replaced_within_freshness),
		ORIGIN_TEST(what_the_store_does_not_confirm_is_kept_by_edges_for_seconds_only),
		ORIGIN_TEST(a_date_of_before_a_publish_does_not_vouch_for_bytes_of_after_it),
		ORIGIN_TEST(a_state_folder_that_cannot_be_used_does_not_keep_the_origin_from_serving),
		ORIGIN_TEST(every_version_stays_under_its_number),
		ORIGIN_TEST(a_blob_is_served_by_digest_if_a_kept_version_names_it),
		ORIGIN_TEST(a_tampered_blob_is_an_error_and_never_its_bytes),
		ORIGIN_TEST(a_tampered_pointer_leaves_the_last_good_version),
		ORIGIN_TEST(a_store_that_is_down_is_served_around_and_never_taken_for_empty),
		ORIGIN_TEST(an_origin_waits_for_the_first_publish),
		ORIGIN_TEST(a_rollback_of_the_store_is_refused_across_a_restart),
		ORIGIN_TEST(expired_metadata_stops_a_first_start_but_not_a_running_site),
		ORIGIN_TEST(an_expired_document_is_gone_but_its_version_can_be_looked_at),
		ORIGIN_TEST(a_404_carries_the_key_that_publishing_the_path_purges),
		ORIGIN_TEST(the_tuf_repository_is_served_from_what_is_trusted),
		ORIGIN_TEST(the_chain_of_roots_is_served_from_wherever_the_origin_began),
		ORIGIN_TEST(other_methods_are_told_what_is_allowed),
		ORIGIN_TEST(metrics_and_status_tell_what_happened),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
