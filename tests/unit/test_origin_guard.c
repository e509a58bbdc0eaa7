#include "tests/unit/lib/unit.h"

#include "publisher/origin/bucket.h"
#include "publisher/origin/guard.h"

struct field {
	const char *name, *value;
};

static struct head
head_of(struct arena *a, const struct field *f, size_t n)
{
	struct head h = { 0 };
	for (size_t i = 0; i < n; i++)
		guard_field(a, &h, str_of(f[i].name), str_of(f[i].value));
	return h;
}
#define HEAD(a, ...)                                                                      \
	head_of(a, (const struct field[]){ { "Host", "x" }, __VA_ARGS__ },                \
	    LEN(((const struct field[]){ { "Host", "x" }, __VA_ARGS__ })))

static enum guard_verdict
judge_get(const struct head *h)
{
	return guard_judge(h, METHOD_GET, true, 100);
}

static void
an_ordinary_head_passes_and_leaves_what_matters(void **state)
{
	struct arena *a = *state;
	struct head h = HEAD(a, { "Accept-Encoding", "br" }, { "accept-encoding", "gzip" },
	    { "RANGE", "bytes=0-1" }, { "Range", "bytes=5-6" }, { "If-None-Match", "\"a\"" },
	    { "If-None-Match", "\"b\"" }, { "Cookie", "secret=1" });
	assert_int_equal(judge_get(&h), GUARD_FINE);
	assert_str(h.request.accept_encoding, "br, gzip"); /* a list: RFC 9110, 5.3 */
	assert_str(h.request.if_none_match, "\"a\", \"b\"");
	assert_str(h.request.range, "bytes=0-1"); /* no list: the first counts */
}

static void
a_host_that_no_url_could_have_is_refused(void **state)
{
	static const struct { const char *host; enum guard_verdict verdict; } cases[] = {
		{ "example.com", GUARD_FINE }, { "127.0.0.1:8080", GUARD_FINE }, { "[::1]:80", GUARD_FINE },
		{ "", GUARD_FINE }, { "a b", GUARD_HOST }, { "a/b", GUARD_HOST }, { "user@a", GUARD_HOST },
		{ "a\\b", GUARD_HOST }, { "a#b", GUARD_HOST }, { "\xc3\xa9", GUARD_HOST },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		const struct field field = { "Host", cases[i].host };
		struct head h = head_of(*state, &field, 1);
		assert_int_equal(judge_get(&h), cases[i].verdict);
	}
}

static void
ambiguous_heads_are_refused_by_name(void **state)
{
	struct arena *a = *state;
	struct head h;
	h = HEAD(a, { "Transfer-Encoding", "identity" });
	assert_int_equal(judge_get(&h), GUARD_TRANSFER);
	h = HEAD(a, { "host", "y" });
	assert_int_equal(judge_get(&h), GUARD_HOST);
	h = HEAD(a, { "Content-Length", "0" }, { "Content-Length", "0" });
	assert_int_equal(judge_get(&h), GUARD_LENGTH);
	h = HEAD(a, { "Content-Length", "0x10" });
	assert_int_equal(judge_get(&h), GUARD_LENGTH);
	h = HEAD(a, { "Content-Length", "1" });
	assert_int_equal(judge_get(&h), GUARD_LENGTH); /* a GET has no body */
	h = HEAD(a, { "Content-Length", "0" });
	assert_int_equal(judge_get(&h), GUARD_FINE);
	h = HEAD(a, { "X ", "y" });
	assert_int_equal(judge_get(&h), GUARD_NAME);
	h = HEAD(a, { "", "y" });
	assert_int_equal(judge_get(&h), GUARD_NAME);
	h = HEAD(a, { "X", "a\rb" });
	assert_int_equal(judge_get(&h), GUARD_NAME);
	h = (struct head){ 0 };
	assert_int_equal(judge_get(&h), GUARD_HOST);
	assert_int_equal(guard_judge(&h, METHOD_GET, false, 100), GUARD_FINE); /* HTTP/1.0 */
	for (int i = 0; i <= GUARD_FIELDS_MAX; i++)
		guard_field(a, &h, STR("X"), STR("y"));
	assert_int_equal(judge_get(&h), GUARD_FIELDS);
}

static void
a_message_needs_a_length_within_bounds(void **state)
{
	struct arena *a = *state;
	struct head h = HEAD(a, { "Content-Length", "100" });
	assert_int_equal(guard_judge(&h, METHOD_POST, true, 100), GUARD_FINE);
	h = HEAD(a, { "Content-Length", "101" });
	assert_int_equal(guard_judge(&h, METHOD_POST, true, 100), GUARD_TOO_LARGE);
	h = HEAD(a, { "X", "y" });
	assert_int_equal(guard_judge(&h, METHOD_POST, true, 100), GUARD_NO_LENGTH);
}

static void
only_a_well_formed_traceparent_is_kept(void **state)
{
	static const char good[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	static const char *const bad[] = {
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
		"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "x",
	};
	struct arena *a = *state;
	struct head h = HEAD(a, { "traceparent", good });
	assert_str(h.traceparent, good);
	for (size_t i = 0; i < LEN(bad); i++) {
		h = HEAD(a, { "traceparent", bad[i] });
		assert_int_equal(judge_get(&h), GUARD_FINE);
		assert_int_equal(h.traceparent.n, 0);
	}
}

static void
a_bucket_gives_a_burst_and_then_its_rate(void **state)
{
	struct bucket b;
	unsigned n = 0;
	(void)state;
	bucket_init(&b, 20, 50, 1000);
	while (bucket_take(&b, 1000))
		n++;
	assert_int_equal(n, 50);
	assert_false(bucket_take(&b, 1049));
	assert_true(bucket_take(&b, 1050)); /* 1 token each 50 ms */
	assert_false(bucket_take(&b, 1050));
	assert_false(bucket_take(&b, 900)); /* a clock that stepped back gives none */
	for (n = 0; bucket_take(&b, INT64_MAX / 2); n++)
		;
	assert_int_equal(n, 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_ordinary_head_passes_and_leaves_what_matters),
		TEST(a_host_that_no_url_could_have_is_refused),
		TEST(ambiguous_heads_are_refused_by_name),
		TEST(a_message_needs_a_length_within_bounds),
		TEST(only_a_well_formed_traceparent_is_kept),
		TEST(a_bucket_gives_a_burst_and_then_its_rate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
