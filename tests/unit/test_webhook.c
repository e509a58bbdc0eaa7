#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/json.h"
#include "publisher/webhook/webhook.h"

static struct webhook_secret *
secret_of(struct arena *a, const char *text, unsigned mode, struct err *err)
{
	char path[] = "/tmp/edgepress-webhook-XXXXXX";
	struct webhook_secret *s = NULL;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
	(void)webhook_secret_read(a, path, &s, err);
	(void)unlink(path);
	return s;
}

static void
the_published_vectors_are_judged_as_published(void **state)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct str text;
	json_t *j;
	(void)state;
	assert_true(fs_read(a, "tests/data/webhook/standard-webhooks.json", 1 << 20, &text, &err));
	assert_true(json_parse(a, text, &j, &err));
	const json_t *tests = json_object_get(j, "tests");
	assert_true(json_array_size(tests) >= 6);
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *t = json_array_get(tests, i);
		int64_t at = json_integer_value(json_object_get(t, "timestamp"));
		struct webhook_secret *s = secret_of(a,
		    json_string_value(json_object_get(t, "secret")), 0600, &err);
		assert_non_null(s);
		const struct webhook_message m = {
			.id = str_of(json_string_value(json_object_get(t, "id"))),
			.timestamp = arena_printf(a, "%lld", (long long)at),
			.signature = str_of(json_string_value(json_object_get(t, "signature"))),
			.body = str_of(json_string_value(json_object_get(t, "body"))),
		};
		bool valid = json_is_true(json_object_get(t, "valid"));
		assert_int_equal(webhook_verify(s, &m, at, &err), valid);
		/* The same message out of its time is refused. */
		assert_false(webhook_verify(s, &m, at + WEBHOOK_TOLERANCE_S + 1, &err));
		assert_int_equal(err.code, ERR_UNTRUSTED);
		assert_int_equal(webhook_verify(s, &m, at - WEBHOOK_TOLERANCE_S, &err), valid);
	}
	arena_free(a);
}

static void
what_was_signed_verifies_until_a_byte_changes(void **state)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct webhook_message m, other;
	(void)state;
	struct str text = webhook_secret_make(a);
	struct webhook_secret *s = secret_of(a, text.p, 0600, &err);
	assert_non_null(s);
	assert_true(webhook_sign(a, s, STR("{\"a\":1}"), 1790000000, &m, &err));
	assert_true(webhook_verify(s, &m, 1790000010, &err));
	other = m;
	other.body = STR("{\"a\":2}");
	assert_false(webhook_verify(s, &other, 1790000010, &err));
	assert_int_equal(err.code, ERR_UNTRUSTED);
	other = m;
	other.id = STR("msg_x");
	assert_false(webhook_verify(s, &other, 1790000010, &err));
	other = m;
	other.id = STR("../../etc/passwd");
	assert_false(webhook_verify(s, &other, 1790000010, &err));
	assert_int_equal(err.code, ERR_INPUT);
	other = m;
	other.timestamp = STR("");
	assert_false(webhook_verify(s, &other, 1790000010, &err));
	arena_free(a);
}

static void
a_new_secret_signs_while_the_old_one_still_verifies(void **state)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct webhook_message m;
	(void)state;
	struct str older = webhook_secret_make(a), newer = webhook_secret_make(a);
	struct webhook_secret *before = secret_of(a, older.p, 0600, &err);
	struct str both = arena_printf(a, "# rotated\n%s\n\n%s\n", newer.p, older.p);
	struct webhook_secret *after = secret_of(a, both.p, 0600, &err);
	assert_non_null(after);
	assert_true(webhook_sign(a, before, STR("x"), 1, &m, &err));
	assert_true(webhook_verify(after, &m, 1, &err));
	assert_true(webhook_sign(a, after, STR("x"), 1, &m, &err));
	assert_false(webhook_verify(before, &m, 1, &err)); /* signed by the first line */
	arena_free(a);
}

static void
a_secret_file_that_others_may_read_or_that_is_weak_is_refused(void **state)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	(void)state;
	assert_null(secret_of(a, webhook_secret_make(a).p, 0644, &err));
	assert_int_equal(err.code, ERR_SETUP);
	assert_non_null(strstr(err.text, "chmod"));
	assert_null(secret_of(a, "whsec_c2hvcnQ=\n", 0600, &err));
	assert_non_null(strstr(err.text, ":1:"));
	assert_null(secret_of(a, "\n# nothing\n", 0600, &err));
	assert_int_equal(err.code, ERR_SETUP);
	arena_free(a);
}

static void
an_invalidation_reads_back_as_written(void **state)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct str keys[] = { STR_INIT("weather.en-us"), STR_INIT("p.0123") }, body;
	struct invalidation in = { .version = 12, .key = keys, .keys = 2 }, back;
	(void)state;
	assert_true(invalidation_write(a, &in, 1790000000, &body, &err));
	assert_true(invalidation_read(a, body, &back, &err));
	assert_int_equal(back.version, 12);
	assert_int_equal(back.keys, 2);
	assert_true(str_eq(back.key[1], keys[1]));
	arena_free(a);
}

static void
odd_invalidations_are_refused_with_the_member_at_fault(void **state)
{
	static const struct { const char *body, *says; } cases[] = {
		{ "", "JSON" },
		{ "[]", "" },
		{ "{\"type\":\"other\",\"data\":{}}", "type" },
		{ "{\"type\":\"edgepress.invalidate\"}", "data" },
		{ "{\"type\":\"edgepress.invalidate\",\"data\":{\"version\":-1}}", "version" },
		{ "{\"type\":\"edgepress.invalidate\",\"data\":{\"keys\":[\"a b\"]}}", "keys[0]" },
		{ "{\"type\":\"edgepress.invalidate\",\"data\":{\"keys\":[7]}}", "keys[0]" },
		{ "{\"type\":\"edgepress.invalidate\",\"data\":{\"keys\":\"x\"}}", "keys" },
	};
	struct arena *a = arena_new();
	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct err err = { 0 };
		struct invalidation in;
		assert_false(invalidation_read(a, str_of(cases[i].body), &in, &err));
		assert_non_null(strstr(err.text, cases[i].says));
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors_are_judged_as_published),
		cmocka_unit_test(what_was_signed_verifies_until_a_byte_changes),
		cmocka_unit_test(a_new_secret_signs_while_the_old_one_still_verifies),
		cmocka_unit_test(a_secret_file_that_others_may_read_or_that_is_weak_is_refused),
		cmocka_unit_test(an_invalidation_reads_back_as_written),
		cmocka_unit_test(odd_invalidations_are_refused_with_the_member_at_fault),
	};
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
