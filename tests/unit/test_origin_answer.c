#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "publisher/origin/answer.h"
#include "publisher/origin/negotiate.h"

#define NOW 1790000000
#define PLAIN_TAG "\"01010101010101010101010101010101\""
#define GZIP_TAG "\"02020202020202020202020202020202\""

static struct arena *arena;

static struct representation
page(void)
{
	struct representation r = {
		.type = STR("text/html; charset=utf-8"), .form = { { .size = 1000 }, { .size = 300 } },
		.forms = 1u << CODING_NONE | 1u << CODING_GZIP,
		.modified = NOW - 3600, .policy = POLICY_STABLE,
	};
	memset(r.form[CODING_NONE].sha256.b, 1, sizeof r.form[CODING_NONE].sha256.b);
	memset(r.form[CODING_GZIP].sha256.b, 2, sizeof r.form[CODING_GZIP].sha256.b);
	representation_key(&r, "weather");
	representation_key(&r, "weather.en-us");
	return r;
}

static struct request
get(void)
{
	return (struct request){ .method = METHOD_GET, .target = STR("/x"), .now = NOW };
}

static struct answer
answer_of(const struct request *rq, const struct representation *r)
{
	struct answer w;
	answer_representation(arena, rq, r, &w);
	return w;
}

static const char *
header_of(const struct answer *w, const char *name)
{
	for (size_t i = 0; i < w->headers; i++)
		if (strcmp(w->header[i].name, name) == 0)
			return w->header[i].value;
	return "";
}

static void
a_page_carries_its_validators_keys_and_policies(void **state)
{
	struct request rq = get();
	struct representation r = page();
	struct answer w = answer_of(&rq, &r);
	(void)state;
	assert_int_equal(w.status, 200);
	assert_int_equal(w.length, 1000);
	assert_string_equal(header_of(&w, "ETag"), PLAIN_TAG);
	assert_string_equal(header_of(&w, "Vary"), "Accept-Encoding");
	assert_string_equal(header_of(&w, "Content-Encoding"), "");
	assert_string_equal(header_of(&w, "Content-Type"), "text/html; charset=utf-8");
	assert_string_equal(header_of(&w, "Surrogate-Key"), "weather weather.en-us");
	assert_string_equal(header_of(&w, "Cache-Tag"), "weather,weather.en-us");
	assert_string_equal(header_of(&w, "Cache-Groups"), "\"weather\", \"weather.en-us\"");
	assert_string_equal(header_of(&w, "Cache-Control"),
	    "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400");
	assert_non_null(strstr(header_of(&w, "CDN-Cache-Control"), "max-age=86400"));
	assert_string_equal(header_of(&w, "Repr-Digest"),
	    "sha-256=:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=:");
	assert_non_null(strstr(header_of(&w, "Content-Security-Policy"), "frame-ancestors 'self'"));
	r.embeddable = true;
	w = answer_of(&rq, &r);
	assert_non_null(strstr(header_of(&w, "Content-Security-Policy"), "frame-ancestors *"));
}

static void
each_coding_has_its_own_tag_and_digest(void **state)
{
	struct request rq = get();
	struct representation r = page();
	(void)state;
	rq.accept_encoding = STR("br, gzip;q=0.8");
	struct answer w = answer_of(&rq, &r);
	assert_int_equal(w.coding, CODING_GZIP);
	assert_int_equal(w.length, 300);
	assert_string_equal(header_of(&w, "ETag"), GZIP_TAG);
	assert_string_equal(header_of(&w, "Content-Encoding"), "gzip");
	assert_non_null(strstr(header_of(&w, "Repr-Digest"), "AgICAg"));
	r.forms = 1u << CODING_NONE;
	w = answer_of(&rq, &r);
	assert_string_equal(header_of(&w, "Vary"), "");
	assert_string_equal(header_of(&w, "Content-Encoding"), "");
}

static void
accept_encoding_is_read_with_its_weights(void **state)
{
	static const struct { const char *header; bool gzip; } cases[] = {
		{ "", false }, { "gzip", true }, { "GZIP", true }, { "x-gzip", true }, { "*", true },
		{ "gzip;q=0", false }, { "gzip; q=0.000", false }, { "*;q=0", false },
		{ "br, deflate", false }, { "gzip;q=0.5, identity", false },
		{ "gzip;q=0.5, identity;q=0.5", true }, { "identity;q=0", false },
		{ "*, gzip;q=0", false }, { "gzip;q=2", false }, { "gzip;q=x", false },
		{ "gzip;Q=1.000", true }, { " , ,gzip", true }, { "gzipx", false },
	};
	(void)state;
	const struct representation r = page();
	for (size_t i = 0; i < LEN(cases); i++)
		assert_int_equal(coding_preferred(str_of(cases[i].header), r.forms, r.form),
		    cases[i].gzip ? CODING_GZIP : CODING_NONE);
}

static void
among_several_codings_weight_decides_and_then_size(void **state)
{
	static const struct { const char *header; enum coding coding; } cases[] = {
		{ "", CODING_NONE }, { "gzip, deflate, br, zstd", CODING_BR },
		{ "gzip, deflate, br", CODING_BR }, { "gzip, zstd", CODING_ZSTD }, { "zstd", CODING_ZSTD },
		{ "br;q=0.5, gzip", CODING_GZIP }, { "zstd;q=1.0, br;q=0.999", CODING_ZSTD },
		{ "*", CODING_BR }, { "br;q=0, *", CODING_ZSTD }, { "*;q=0.1, gzip;q=0.2", CODING_GZIP },
		{ "br;q=0, zstd;q=0, gzip;q=0", CODING_NONE }, { "identity, br;q=0.9", CODING_NONE },
		{ "identity;q=0.5, br;q=0.5", CODING_BR }, { "BR", CODING_BR }, { "brotli", CODING_NONE },
		{ "identity;q=0, zstd;q=0.001", CODING_ZSTD }, { "dcb, dcz, zstd", CODING_ZSTD },
	};
	const struct coded form[CODINGS] = { { .size = 1000 }, { .size = 300 }, { .size = 250 },
		{ .size = 290 } };
	(void)state;
	for (size_t i = 0; i < LEN(cases); i++)
		assert_int_equal(coding_preferred(str_of(cases[i].header), (1u << CODINGS) - 1, form),
		    cases[i].coding);
	/* What there is one of is not negotiated. */
	assert_int_equal(coding_preferred(STR("identity"), 1u << CODING_BR, form), CODING_BR);
}

static void
a_known_tag_is_answered_304_with_what_a_cache_needs(void **state)
{
	static const char *const known[] = { PLAIN_TAG, "W/" PLAIN_TAG, "*",
		"\"a\", W/\"b\"," PLAIN_TAG, "\"a,\"\t, " PLAIN_TAG };
	static const char *const unknown[] = { "\"a\"", "01010101010101010101010101010101", "W/", "\"",
		GZIP_TAG, "\"a\" b " PLAIN_TAG };
	struct request rq = get();
	struct representation r = page();
	(void)state;
	for (size_t i = 0; i < LEN(known); i++) {
		rq.if_none_match = str_of(known[i]);
		struct answer w = answer_of(&rq, &r);
		assert_int_equal(w.status, 304);
		assert_int_equal(w.body, BODY_NONE);
		assert_string_equal(header_of(&w, "ETag"), PLAIN_TAG);
		assert_string_equal(header_of(&w, "Vary"), "Accept-Encoding");
		assert_string_not_equal(header_of(&w, "Cache-Control"), "");
		assert_string_not_equal(header_of(&w, "CDN-Cache-Control"), "");
		assert_string_not_equal(header_of(&w, "Surrogate-Key"), "");
		assert_string_equal(header_of(&w, "Content-Type"), "");
	}
	for (size_t i = 0; i < LEN(unknown); i++) {
		rq.if_none_match = str_of(unknown[i]);
		assert_int_equal(answer_of(&rq, &r).status, 200);
	}
}

static void
a_date_counts_only_where_there_is_no_tag(void **state)
{
	char date[30], older[30];
	struct request rq = get();
	struct representation r = page();
	(void)state;
	time_http(r.modified, date);
	time_http(r.modified - 1, older);
	rq.if_modified_since = str_of(date);
	assert_int_equal(answer_of(&rq, &r).status, 304);
	rq.if_modified_since = str_of(older);
	assert_int_equal(answer_of(&rq, &r).status, 200);
	rq.if_modified_since = STR("yesterday");
	assert_int_equal(answer_of(&rq, &r).status, 200);
	rq.if_modified_since = str_of(date);
	rq.if_none_match = STR("\"other\"");
	assert_int_equal(answer_of(&rq, &r).status, 200);
}

static void
one_range_is_a_part_and_everything_odd_is_the_whole(void **state)
{
	static const struct { const char *range; unsigned status; uint64_t from, length; } cases[] = {
		{ "bytes=0-99", 206, 0, 100 }, { "bytes=999-", 206, 999, 1 },
		{ "bytes=-10", 206, 990, 10 }, { "bytes=-5000", 206, 0, 1000 },
		{ "bytes=500-5000", 206, 500, 500 }, { "Bytes= 1-2 ", 206, 1, 2 },
		{ "bytes=1000-", 416, 0, 0 }, { "bytes=-0", 416, 0, 0 },
		{ "bytes=0-1,5-6", 200, 0, 1000 }, { "bytes=5-1", 200, 0, 1000 },
		{ "bytes=", 200, 0, 1000 }, { "bytes=-", 200, 0, 1000 }, { "lines=0-1", 200, 0, 1000 },
		{ "bytes=0x1-2", 200, 0, 1000 }, { "bytes=1 -2", 200, 0, 1000 },
		{ "bytes=1- 2", 200, 0, 1000 }, { "bytes=1--2", 200, 0, 1000 },
		{ "bytes=99999999999999999999-", 200, 0, 1000 }, { "bytes", 200, 0, 1000 },
	};
	struct request rq = get();
	struct representation r = page();
	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		rq.range = str_of(cases[i].range);
		struct answer w = answer_of(&rq, &r);
		assert_int_equal(w.status, cases[i].status);
		if (w.status != 416) {
			assert_int_equal(w.from, cases[i].from);
			assert_int_equal(w.length, cases[i].length);
		} else {
			assert_string_equal(header_of(&w, "Content-Range"), "bytes */1000");
			assert_string_equal(header_of(&w, "Cache-Control"), "no-store");
		}
	}
	rq.range = STR("bytes=0-99");
	struct answer w = answer_of(&rq, &r);
	assert_string_equal(header_of(&w, "Content-Range"), "bytes 0-99/1000");
	rq.method = METHOD_HEAD; /* RFC 9110, 14.2: Range is for GET */
	assert_int_equal(answer_of(&rq, &r).status, 200);
}

static void
if_range_wants_the_strong_tag_or_an_old_enough_date(void **state)
{
	char date[30];
	struct request rq = get();
	struct representation r = page();
	(void)state;
	rq.range = STR("bytes=0-99");
	rq.if_range = STR(PLAIN_TAG);
	assert_int_equal(answer_of(&rq, &r).status, 206);
	rq.if_range = STR("W/" PLAIN_TAG);
	assert_int_equal(answer_of(&rq, &r).status, 200);
	rq.if_range = STR(GZIP_TAG);
	assert_int_equal(answer_of(&rq, &r).status, 200);
	time_http(r.modified, date);
	rq.if_range = str_of(date);
	assert_int_equal(answer_of(&rq, &r).status, 206);
	r.modified = NOW - 5;
	time_http(r.modified, date);
	assert_int_equal(answer_of(&rq, &r).status, 200);
}

static void
no_cache_keeps_a_list_longer_than_what_it_lists(void **state)
{
	struct request rq = get();
	struct representation r = page();
	(void)state;
	r.lists_until = NOW + 100;
	struct answer w = answer_of(&rq, &r);
	assert_string_equal(header_of(&w, "CDN-Cache-Control"),
	    "public, max-age=100, stale-while-revalidate=0, stale-if-error=0");
	rq.now = r.lists_until;
	w = answer_of(&rq, &r);
	assert_int_equal(w.status, 200);
	assert_string_equal(header_of(&w, "CDN-Cache-Control"),
	    "public, max-age=10, stale-while-revalidate=0, stale-if-error=0");
}

static void
no_cache_keeps_a_document_longer_than_it_is_true(void **state)
{
	struct request rq = get();
	struct representation r = page();
	(void)state;
	r.expires = NOW + 100;
	struct answer w = answer_of(&rq, &r);
	assert_string_equal(header_of(&w, "Cache-Control"),
	    "public, max-age=60, stale-while-revalidate=40, stale-if-error=40");
	assert_string_equal(header_of(&w, "CDN-Cache-Control"),
	    "public, max-age=100, stale-while-revalidate=0, stale-if-error=0");
	r.policy = POLICY_IMMUTABLE;
	w = answer_of(&rq, &r);
	assert_string_equal(header_of(&w, "Cache-Control"), "public, max-age=100, immutable");
	rq.now = r.expires;
	w = answer_of(&rq, &r); /* pinned: still there for whoever asks, kept by nobody */
	assert_int_equal(w.status, 200);
	assert_string_equal(header_of(&w, "Cache-Control"), "no-store");
	r.policy = POLICY_STABLE;
	w = answer_of(&rq, &r);
	assert_int_equal(w.status, 410);
	assert_string_equal(header_of(&w, "Content-Type"), "application/problem+json");
	assert_string_equal(header_of(&w, "Surrogate-Key"), "weather weather.en-us");
	assert_string_equal(header_of(&w, "CDN-Cache-Control"), "public, max-age=10");
}

static void
assets_are_kept_for_a_year_and_the_timestamp_not_at_all(void **state)
{
	struct request rq = get();
	struct representation r = page();
	(void)state;
	r.policy = POLICY_IMMUTABLE;
	struct answer w = answer_of(&rq, &r);
	assert_string_equal(header_of(&w, "Cache-Control"), "public, max-age=31536000, immutable");
	r.policy = POLICY_REVALIDATE;
	w = answer_of(&rq, &r);
	assert_string_equal(header_of(&w, "Cache-Control"), "no-cache");
	assert_string_equal(header_of(&w, "CDN-Cache-Control"), "no-cache");
}

static void
a_problem_is_json_and_not_stored_unless_told(void **state)
{
	struct answer w = { 0 };
	(void)state;
	answer_problem(arena, 400, "Bad Request", "A \"quoted\" reason.", 0, &w);
	assert_int_equal(w.status, 400);
	assert_string_equal(header_of(&w, "Cache-Control"), "no-store");
	assert_true(str_eq(w.text, STR("{\"type\":\"about:blank\",\"title\":\"Bad Request\","
	    "\"status\":400,\"detail\":\"A \\\"quoted\\\" reason.\"}\n")));
	answer_not_allowed(arena, "GET, HEAD, OPTIONS", &w);
	assert_string_equal(header_of(&w, "Allow"), "GET, HEAD, OPTIONS");
}

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_carries_its_validators_keys_and_policies),
		cmocka_unit_test(each_coding_has_its_own_tag_and_digest),
		cmocka_unit_test(accept_encoding_is_read_with_its_weights),
		cmocka_unit_test(among_several_codings_weight_decides_and_then_size),
		cmocka_unit_test(a_known_tag_is_answered_304_with_what_a_cache_needs),
		cmocka_unit_test(a_date_counts_only_where_there_is_no_tag),
		cmocka_unit_test(one_range_is_a_part_and_everything_odd_is_the_whole),
		cmocka_unit_test(if_range_wants_the_strong_tag_or_an_old_enough_date),
		cmocka_unit_test(no_cache_keeps_a_list_longer_than_what_it_lists),		cmocka_unit_test(no_cache_keeps_a_document_longer_than_it_is_true),
		cmocka_unit_test(assets_are_kept_for_a_year_and_the_timestamp_not_at_all),
		cmocka_unit_test(a_problem_is_json_and_not_stored_unless_told),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
