#include "tests/unit/lib/unit.h"

#include "base/gzip.h"

static void
what_was_coded_is_decoded(void **state)
{
	char text[100000];
	struct err e;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)("edgepress"[i % 9] + (i * i) % 5);
	for (size_t n = 0; n <= sizeof text; n += 12500) {
		struct str in = { text, n };
		struct buf *coded = buf_in(*state, 200000), *back = buf_in(*state, n);
		assert_true(gzip_code(in, coded, &e));
		assert_true(gzip_decode(buf_str(coded), back, &e));
		assert_true(str_eq(buf_str(back), in));
	}
}

static void
the_same_input_gives_the_same_bytes_without_time_or_system(void **state)
{
	struct err e;
	struct buf *a = buf_in(*state, 1000), *b = buf_in(*state, 1000);
	assert_true(gzip_code(STR("weather"), a, &e));
	assert_true(gzip_code(STR("weather"), b, &e));
	assert_true(str_eq(buf_str(a), buf_str(b)));
	assert_memory_equal(a->p, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", 10);
	assert_non_null(strchr(gzip_version(), '.'));
}

static void
a_bomb_stops_at_the_bound(void **state)
{
	struct err e;
	const size_t n = 16 << 20;
	struct buf *coded = buf_in(*state, 1 << 20), *out = buf_in(*state, 1 << 16);
	char *zeros = arena_alloc(*state, n, 1);
	assert_true(gzip_code((struct str){ zeros, n }, coded, &e));
	assert_true(coded->n < 20000);
	assert_false(gzip_decode(buf_str(coded), out, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_true(out->room < 1 << 18);
}

static void
only_one_whole_undamaged_member_is_accepted(void **state)
{
	struct err e;
	struct buf *coded = buf_in(*state, 1000);
	assert_true(gzip_code(STR("some text that is long enough"), coded, &e));
	size_t whole = coded->n;
	for (size_t n = 0; n < whole; n++)
		assert_false(gzip_decode((struct str){ coded->p, n }, buf_in(*state, 99), &e));
	buf_putc(coded, '\0');
	assert_false(gzip_decode(buf_str(coded), buf_in(*state, 99), &e));
	assert_non_null(strstr(e.text, "1 bytes after the end"));
	coded->n = whole;
	assert_true(gzip_code(STR("second member"), coded, &e));
	assert_false(gzip_decode(buf_str(coded), buf_in(*state, 99), &e));
	coded->n = whole;
	coded->p[whole - 6] ^= 1; /* the CRC */
	assert_false(gzip_decode(buf_str(coded), buf_in(*state, 99), &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_false(gzip_decode(STR("<html>"), buf_in(*state, 99), &e));
	assert_false(gzip_decode(STR("\x78\x9c\x03\x00\x00\x00\x00\x01"), buf_in(*state, 99), &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_coded_is_decoded),
		TEST(the_same_input_gives_the_same_bytes_without_time_or_system),
		TEST(a_bomb_stops_at_the_bound),
		TEST(only_one_whole_undamaged_member_is_accepted),
	};
	return cmocka_run_group_tests_name("gzip", tests, NULL, NULL);
}
