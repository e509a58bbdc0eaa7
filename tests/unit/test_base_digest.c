#include "tests/unit/unit.h"

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
	struct err e;
	for (size_t i = 0; i < LEN(pairs); i++) {
		struct buf *b = buf_in(*state, 100);
		struct str back;
		base64_put(b, str_of(pairs[i][0]));
		assert_str(buf_str(b), pairs[i][1]);
		assert_true(base64_parse(*state, buf_str(b), &back, &e));
		assert_str(back, pairs[i][0]);
	}
}

static void
base64_and_hex_give_back_any_bytes_of_any_length(void **state)
{
	struct err e;
	char bytes[2000];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	for (size_t n = 0; n < sizeof bytes; n += 97) {
		struct str in = { bytes, n }, back;
		struct buf *b = buf_in(*state, 8000);
		base64_put(b, in);
		assert_true(base64_parse(*state, buf_str(b), &back, &e));
		assert_true(str_eq(in, back));
		buf_reset(b);
		hex_put(b, in);
		assert_int_equal(b->n, 2 * n);
		assert_true(hex_parse(*state, buf_str(b), &back, &e));
		assert_true(str_eq(in, back));
	}
}

static void
odd_base64_is_refused(void **state)
{
	static const struct str bad[] = { STR_INIT("Zg"), STR_INIT("Zg="), STR_INIT("Zg==="),
		STR_INIT("Zh=="),     /* bits set that no byte has */
		STR_INIT("Zm9v\n"), STR_INIT(" Zm9"), STR_INIT("Zm9-"), STR_INIT("Zm9_"),
		STR_INIT("===="), STR_INIT("Zg==Zg=="), STR_INIT("Zm\0v"), STR_INIT("Z") };
	struct str out;
	struct err e;
	for (size_t i = 0; i < LEN(bad); i++)
		assert_false(base64_parse(*state, bad[i], &out, &e));
	assert_int_equal(e.code, ERR_INPUT);
}

static void
odd_hex_is_refused(void **state)
{
	struct str out;
	struct err e;
	assert_false(hex_parse(*state, STR("abc"), &out, &e));
	assert_false(hex_parse(*state, STR("0g"), &out, &e));
	assert_false(hex_parse(*state, STR("a b "), &out, &e));
	assert_true(hex_parse(*state, STR(""), &out, &e));
	assert_int_equal(out.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sha256_matches_the_published_examples),
		TEST(a_digest_has_one_spelling),
		TEST(base64_matches_rfc_4648),
		TEST(base64_and_hex_give_back_any_bytes_of_any_length),
		TEST(odd_base64_is_refused),
		TEST(odd_hex_is_refused),
	};
	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
