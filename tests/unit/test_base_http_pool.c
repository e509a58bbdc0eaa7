#include "tests/unit/lib/http_service.h"

#include <sodium.h>

#include "base/http_pool.h"
#include "base/md5.h"
#include "base/parallel.h"

static int64_t
asked(const char *value, int64_t now)
{
	struct http_header h = { STR("retry-after"), str_of(value) };
	const struct http_response r = { .header = &h, .headers = 1 };
	return http_retry_after_ms(&r, now);
}

static void
retry_after_is_seconds_or_a_date_and_bounded(void **state)
{
	const int64_t now = 1792000000; /* Wed, 14 Oct 2026 17:46:40 GMT */
	(void)state;
	assert_int_equal(asked("2", now), 2000);
	assert_int_equal(asked("0", now), 0);
	assert_int_equal(asked("Wed, 14 Oct 2026 17:46:45 GMT", now), 5000);
	assert_int_equal(asked("Wed, 14 Oct 2026 17:46:35 GMT", now), 0);
	assert_int_equal(asked("99999999999", now), 24 * 3600 * 1000);
	assert_int_equal(asked("Wed, 14 Oct 2099 17:46:45 GMT", now), 24 * 3600 * 1000);
	assert_int_equal(asked("-1", now), 0);
	assert_int_equal(asked("soon", now), 0);
	assert_int_equal(http_retry_after_ms(&(struct http_response){ 0 }, now), 0);
}

/* Answers with the next status of a list, then the last one again and again. */
struct script {
	int status[8];
	size_t n;
};

static int
play(struct service *s, const char *request, char body[static 1024])
{
	struct script *p = s->ctx;
	(void)request;
	(void)snprintf(body, 1024, "answer %zu", p->n + 1);
	return p->status[p->n + 1 < LEN(p->status) && p->status[p->n + 1] != 0 ? p->n++ : p->n];
}

static bool
sign(void *ctx, struct arena *a, unsigned attempt, struct http_request *rq, struct err *err)
{
	struct http_header *h = ARENA_NEW(a, struct http_header);
	(void)ctx;
	(void)err;
	*h = (struct http_header){ STR("X-Attempt"), arena_printf(a, "%u", attempt) };
	rq->header = h;
	rq->headers = 1;
	return true;
}

static bool
again_on_404(void *ctx, unsigned attempt, const struct http_response *r)
{
	(void)ctx;
	return r->status == 404 && attempt == 0;
}

static bool
call(struct service *s, struct script *script, struct http_call c, struct http_response *out,
    bool *unsure, struct arena *keep)
{
	struct arena *a = arena_new();
	struct err err;
	s->handle = play;
	s->ctx = script;
	service_start(s);
	c.request.method = "GET";
	c.request.url = s->url;
	c.patience.first_ms = c.patience.first_ms ? c.patience.first_ms : 5;
	bool ok = http_pool_call(http_pool_open(a), keep, &c, out, unsure, &err);
	service_stop(s);
	arena_free(a);
	return ok;
}

static void
what_passes_is_tried_again_and_signed_anew(void **state)
{
	static struct service s;
	struct script p = { .status = { 503, 500, 429, 200 } };
	struct http_response r;
	bool unsure = false;
	assert_true(call(&s, &p, (struct http_call){ .sign = sign }, &r, &unsure, *state));
	assert_int_equal(r.status, 200);
	assert_int_equal(s.n, 4);
	assert_true(unsure);
	for (unsigned i = 0; i < 4; i++)
		assert_non_null(strstr(s.seen[i], arena_printf(*state, "X-Attempt: %u\r\n", i).p));
}

static void
tries_are_bounded_and_the_last_answer_is_given(void **state)
{
	static struct service s;
	struct script p = { .status = { 503 } };
	struct http_response r;
	assert_true(call(&s, &p, (struct http_call){ .patience = { .tries = 3 } }, &r, NULL, *state));
	assert_int_equal(r.status, 503);
	assert_int_equal(s.n, 3);
}

static void
time_is_bounded_too(void **state)
{
	static struct service s;
	struct script p = { .status = { 503 } };
	struct http_response r;
	int64_t start = clock_monotonic_ms();
	assert_true(call(&s, &p, (struct http_call){ .patience = { .tries = 60, .first_ms = 40,
	    .most_ms = 40, .total_ms = 300 } }, &r, NULL, *state));
	assert_true(clock_monotonic_ms() - start < 2000);
	assert_true(s.n > 3 && s.n < 60);
}

static void
a_refusal_is_no_reason_to_try_again_unless_the_caller_says_so(void **state)
{
	static struct service s, t;
	struct script p = { .status = { 404, 200 } }, q = { .status = { 404, 200 } };
	struct http_response r;
	bool unsure = false;
	assert_true(call(&s, &p, (struct http_call){ 0 }, &r, &unsure, *state));
	assert_int_equal(r.status, 404);
	assert_int_equal(s.n, 1);
	assert_true(call(&t, &q, (struct http_call){ .again = again_on_404 }, &r, &unsure, *state));
	assert_int_equal(r.status, 200);
	assert_false(unsure); /* a 404 is an answer: nothing was done */
}

static void
too_many_requests_leaves_no_doubt(void **state)
{
	static struct service s;
	struct script p = { .status = { 429, 200 } };
	struct http_response r;
	bool unsure = false;
	assert_true(call(&s, &p, (struct http_call){ 0 }, &r, &unsure, *state));
	assert_false(unsure);
}

struct shared {
	struct http_pool *pool;
	const char *url;
};

static bool
one_call(void *ctx, size_t i, struct err *err)
{
	struct shared *s = ctx;
	struct arena *a = arena_new();
	struct http_response r;
	const struct http_call c = { .request = { .method = "GET", .url = s->url } };
	(void)i;
	bool ok = http_pool_call(s->pool, a, &c, &r, NULL, err) && r.status == 200;
	arena_free(a);
	return ok;
}

static void
many_threads_share_a_pool(void **state)
{
	static struct service s;
	struct script p = { .status = { 200 } };
	struct shared shared = { .pool = http_pool_open(*state) };
	struct err err;
	s.handle = play;
	s.ctx = &p;
	service_start(&s);
	shared.url = s.url;
	bool ok = parallel(48, 8, one_call, &shared, &err);
	service_stop(&s);
	assert_true(ok);
	assert_int_equal(s.n, 48);
}

static void
md5_is_that_of_rfc_1321(void **state)
{
	assert_str(md5_base64(*state, STR("")), "1B2M2Y8AsgTpgAmY7PhCfg==");
	assert_str(md5_base64(*state, STR("abc")), "kAFQmDzST7DWlj99KOF/cg==");
	assert_str(md5_base64(*state, (struct str){ 0 }), "1B2M2Y8AsgTpgAmY7PhCfg==");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(retry_after_is_seconds_or_a_date_and_bounded),
		TEST(what_passes_is_tried_again_and_signed_anew),
		TEST(tries_are_bounded_and_the_last_answer_is_given),
		TEST(time_is_bounded_too),
		TEST(a_refusal_is_no_reason_to_try_again_unless_the_caller_says_so),
		TEST(too_many_requests_leaves_no_doubt),
		TEST(many_threads_share_a_pool),
		TEST(md5_is_that_of_rfc_1321),
	};
	if (sodium_init() < 0 || !http_setup(NULL))
		return 1;
	return cmocka_run_group_tests_name("http_pool", tests, NULL, NULL);
}
