#include "tests/unit/lib/unit.h"

#include <sodium.h>

#include "base/digest.h"

static void
sha256_matches_the_published_examples(void **state)
{
	struct digest d = digest_of(STR("abc"));
	assert_str(digest_str(*state, &d),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	d = digest_of((struct str){ NULL, 0 });
	assert_str(digest_str(*state, &d),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
a_digest_has_one_spelling(void **state)
{
	struct digest d = digest_of(STR("abc")), same, other = digest_of(STR("abd"));
	struct str hex = digest_str(*state, &d);
	struct err e;
	assert_true(digest_parse(hex, &same, &e));
	assert_true(digest_eq(&d, &same));
	assert_false(digest_eq(&d, &other));
	assert_false(digest_parse((struct str){ hex.p, 63 }, &same, &e));
	assert_int_equal(e.code, ERR_INPUT);
	char upper[DIGEST_HEX + 1];
	digest_hex(&d, upper);
	upper[0] = 'B';
	assert_false(digest_parse(str_of(upper), &same, &e));
	upper[0] = 'g';
	assert_false(digest_parse(str_of(upper), &same, &e));
	upper[0] = '\0';
	assert_false(digest_parse((struct str){ upper, DIGEST_HEX }, &same, &e));
	assert_false(digest_parse(STR(""), &same, &e));
}

static void
base64_matches_rfc_4648(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foobar", "Zm9vYmFy" } };
	for (size_t i = 0; i < LEN(pairs); i++) {
		struct buf *b = buf_in(*state, 100);
		base64_put(b, str_of(pairs[i][0]));
		assert_str(buf_str(b), pairs[i][1]);
	}
}

static void
long_bytes_are_coded_without_a_seam(void **state)
{
	char bytes[2000];
	unsigned char back[sizeof bytes];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	for (size_t n = 0; n < sizeof bytes; n += 97) {
		struct buf *b = buf_in(*state, 8000);
		size_t got = 0;
		base64_put(b, (struct str){ bytes, n });
		assert_int_equal(sodium_base642bin(back, sizeof back, b->p, b->n, NULL, &got, NULL,
		    sodium_base64_VARIANT_ORIGINAL), 0);
		assert_int_equal(got, n);
		assert_memory_equal(back, bytes, n);
		buf_reset(b);
		hex_put(b, (struct str){ bytes, n });
		assert_int_equal(b->n, 2 * n);
		assert_int_equal(sodium_hex2bin(back, sizeof back, b->p, b->n, NULL, &got, NULL), 0);
		assert_memory_equal(back, bytes, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sha256_matches_the_published_examples),
		TEST(a_digest_has_one_spelling),
		TEST(base64_matches_rfc_4648),
		TEST(long_bytes_are_coded_without_a_seam),
	};
	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
