#include "tests/unit/lib/http_service.h"

#include <stdatomic.h>

#include "base/fs.h"
#include "publisher/purge/purge.h"
#include "tests/unit/lib/scratch.h"

static atomic_int failures; /* answers of 503 before the first 200 */

static int
edge_handle(struct service *s, const char *request, char body[static 1024])
{
	(void)s;
	(void)request;
	(void)body;
	return atomic_fetch_sub(&failures, 1) > 0 ? 503 : 200;
}

static int
edge_refuse(struct service *s, const char *request, char body[static 1024])
{
	(void)s;
	(void)request;
	(void)body;
	return 403;
}

static bool
purge_one(struct arena *a, const struct edge_config *e, const struct str *keys, size_t n,
    struct purge_result *r)
{
	return purge_edges(a, &e, 1, keys, n, r);
}

static void
keys_are_sent_in_batches_of_a_hundred(void **state)
{
	static struct service s = { .handle = edge_handle };
	struct str key[250];
	struct purge_result r;
	for (size_t i = 0; i < LEN(key); i++)
		key[i] = arena_printf(*state, "weather.en-us.%018zu", i);
	atomic_store(&failures, 0);
	service_start(&s);
	const struct edge_config e = { .name = STR("east"), .driver = STR("varnish"), .url = s.url };
	assert_true(purge_one(*state, &e, key, LEN(key), &r));
	service_stop(&s);
	assert_true(r.confirmed);
	assert_int_equal(s.n, 3);
	assert_int_equal(strncmp(s.seen[0], "PURGE / HTTP/1.1\r\n", 18), 0);
	const char *header = strstr(s.seen[0], "xkey-purge: weather.en-us.000000000000000000 ");
	assert_non_null(header);
	assert_true(strcspn(header, "\r") < 4096);
	assert_non_null(strstr(s.seen[0], "000000000000000099\r\n"));
	assert_non_null(strstr(s.seen[2], "000000000000000249\r\n"));
	assert_null(strstr(s.seen[0], "X-Purge-Secret"));
}

static void
a_busy_edge_is_asked_again(void **state)
{
	static struct service s = { .handle = edge_handle };
	const struct str key = STR("weather.en-us.a");
	struct purge_result r;
	atomic_store(&failures, 2);
	service_start(&s);
	const struct edge_config e = { .name = STR("east"), .driver = STR("varnish"), .url = s.url };
	assert_true(purge_one(*state, &e, &key, 1, &r));
	atomic_store(&failures, 3);
	assert_false(purge_one(*state, &e, &key, 1, &r));
	service_stop(&s);
	assert_int_equal(s.n, 6);
	assert_int_equal(r.err.code, ERR_BUSY);
	assert_non_null(strstr(r.err.text, "edge east: http://127.0.0.1:"));
	assert_non_null(strstr(r.err.text, "answered 503"));
}

static void
an_edge_that_refuses_is_told_what_to_check_and_the_others_are_purged(void **state)
{
	static struct service good = { .handle = edge_handle }, bad = { .handle = edge_refuse };
	const struct str key = STR("weather.en-us.a");
	struct purge_result r[3];
	atomic_store(&failures, 0);
	service_start(&good);
	service_start(&bad);
	const struct edge_config one = { .name = STR("one"), .driver = STR("varnish"), .url = bad.url };
	const struct edge_config two = { .name = STR("two"), .driver = STR("varnish"), .url = good.url };
	const struct edge_config three = { .name = STR("three"), .driver = STR("akamai"),
		.url = good.url };
	const struct edge_config *const edges[] = { &one, &two, &three };
	assert_false(purge_edges(*state, edges, 3, &key, 1, r));
	service_stop(&good);
	service_stop(&bad);
	assert_false(r[0].confirmed);
	assert_int_equal(r[0].err.code, ERR_SETUP);
	assert_non_null(strstr(r[0].err.text, "ACL"));
	assert_int_equal(bad.n, 1); /* it never will: not asked again */
	assert_true(r[1].confirmed);
	assert_int_equal(good.n, 1);
	assert_false(r[2].confirmed);
	assert_non_null(strstr(r[2].err.text, "no purge driver 'akamai'; known: varnish"));
}

static void
the_secret_is_sent_and_has_to_be_one_word(void **state)
{
	static struct service s = { .handle = edge_handle };
	const struct str key = STR("weather.en-us.a");
	struct purge_result r;
	struct err err;
	const char *file = fs_join(*state, scratch_folder(*state), "secret");
	assert_true(fs_replace(file, STR("s3cret\n"), 0600, &err));
	atomic_store(&failures, 0);
	service_start(&s);
	const struct edge_config e = { .name = STR("east"), .driver = STR("varnish"), .url = s.url,
		.secret_file = file };
	assert_true(purge_one(*state, &e, &key, 1, &r));
	assert_true(fs_replace(file, STR("two\r\nwords: x"), 0600, &err));
	assert_false(purge_one(*state, &e, &key, 1, &r));
	service_stop(&s);
	assert_int_equal(s.n, 1);
	assert_non_null(strstr(s.seen[0], "X-Purge-Secret: s3cret\r\n"));
	assert_int_equal(r.err.code, ERR_SETUP);
}

static void
an_edge_that_is_gone_is_not_confirmed(void **state)
{
	const struct str key = STR("weather.en-us.a");
	struct purge_result r;
	const struct edge_config e = { .name = STR("east"), .driver = STR("varnish"),
		.url = "http://127.0.0.1:1" };
	assert_false(purge_one(*state, &e, &key, 1, &r));
	assert_int_equal(r.err.code, ERR_BUSY);
	assert_true(r.took_ms < 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_are_sent_in_batches_of_a_hundred),
		TEST(a_busy_edge_is_asked_again),
		TEST(an_edge_that_refuses_is_told_what_to_check_and_the_others_are_purged),
		TEST(the_secret_is_sent_and_has_to_be_one_word),
		TEST(an_edge_that_is_gone_is_not_confirmed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
