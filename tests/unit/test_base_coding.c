#include "tests/unit/lib/unit.h"

#include "base/coding.h"

static const enum coding all[] = { CODING_GZIP, CODING_BR, CODING_ZSTD };

static void
code(struct arena *a, enum coding coding, struct str in, struct buf *out)
{
	struct coder *c = coder_new();
	struct err e;
	(void)a;
	assert_true(coder_code(c, coding, 0, in, out, &e));
	coder_free(c);
}

static void
what_was_coded_is_decoded_whatever_the_coder_has_coded_before(void **state)
{
	char text[100000];
	struct err e;
	struct coder *c = coder_new();
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)("edgepress"[i % 9] + (i * i) % 5);
	for (size_t n = 0; n <= sizeof text; n += 12500)
		for (size_t i = 0; i < LEN(all); i++) {
			struct str in = { text, n };
			struct buf *coded = buf_in(*state, 200000), *back = buf_in(*state, n);
			assert_true(coder_code(c, all[i], n % 25000 ? 1 : 0, in, coded, &e));
			assert_true(coding_decode(all[i], buf_str(coded), back, &e));
			assert_true(str_eq(buf_str(back), in));
		}
	coder_free(c);
}

static void
the_same_input_gives_the_same_bytes_without_time_or_system(void **state)
{
	struct err e;
	struct coder *used = coder_new();
	for (size_t i = 0; i < LEN(all); i++) {
		struct buf *a = buf_in(*state, 1000), *b = buf_in(*state, 1000),
			   *other = buf_in(*state, 1000);
		code(*state, all[i], STR("weather"), a);
		assert_true(coder_code(used, all[i], 3, STR("climate"), other, &e));
		assert_true(coder_code(used, all[i], 0, STR("weather"), b, &e));
		assert_true(str_eq(buf_str(a), buf_str(b)));
		assert_non_null(strchr(coding_version(*state, all[i]).p, '.'));
		if (all[i] == CODING_GZIP)
			assert_memory_equal(a->p, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", 10);
	}
	coder_free(used);
}

static void
a_bomb_stops_at_the_bound(void **state)
{
	struct err e;
	const size_t n = 16 << 20;
	char *zeros = arena_alloc(*state, n, 1);
	for (size_t i = 0; i < LEN(all); i++) {
		struct buf *coded = buf_in(*state, 1 << 20), *out = buf_in(*state, 1 << 16);
		code(*state, all[i], (struct str){ zeros, n }, coded);
		assert_true(coded->n < 20000);
		assert_false(coding_decode(all[i], buf_str(coded), out, &e));
		assert_int_equal(e.code, ERR_LIMIT);
		assert_true(out->room < 1 << 18);
	}
}

static void
only_one_whole_member_is_accepted(void **state)
{
	struct err e;
	for (size_t i = 0; i < LEN(all); i++) {
		struct buf *coded = buf_in(*state, 1000);
		code(*state, all[i], STR("some text that is long enough"), coded);
		size_t whole = coded->n;
		for (size_t n = 0; n < whole; n++)
			assert_false(coding_decode(all[i], (struct str){ coded->p, n },
			    buf_in(*state, 99), &e));
		buf_putc(coded, '\0');
		assert_false(coding_decode(all[i], buf_str(coded), buf_in(*state, 99), &e));
		assert_non_null(strstr(e.text, "1 bytes after the end"));
		coded->n = whole;
		code(*state, all[i], STR("second member"), coded);
		assert_false(coding_decode(all[i], buf_str(coded), buf_in(*state, 99), &e));
		assert_false(coding_decode(all[i], STR("<html>"), buf_in(*state, 99), &e));
	}
}

static void
a_damaged_gzip_member_is_refused(void **state)
{
	struct err e;
	struct buf *coded = buf_in(*state, 1000);
	code(*state, CODING_GZIP, STR("some text that is long enough"), coded);
	coded->p[coded->n - 6] ^= 1; /* the CRC */
	assert_false(coding_decode(CODING_GZIP, buf_str(coded), buf_in(*state, 99), &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_false(coding_decode(CODING_GZIP, STR("\x78\x9c\x03\x00\x00\x00\x00\x01"),
	    buf_in(*state, 99), &e));
}

/* RFC 8878, section 3.1.1.1.2: the window descriptor, or a single segment of the content's size. */
static void
no_zstd_frame_asks_for_a_window_over_8_mib(void **state)
{
	const size_t sizes[] = { 1000, (8u << 20) + 1, 40u << 20 };
	struct err e;
	struct coder *c = coder_new();
	for (int level = 1; level <= coding_kinds[CODING_ZSTD].level_max; level += 6)
		for (size_t i = 0; i < LEN(sizes); i++) {
			struct buf *coded = buf_in(*state, 1 << 20);
			char *zeros = arena_alloc(*state, sizes[i], 1);
			assert_true(coder_code(c, CODING_ZSTD, level, (struct str){ zeros, sizes[i] },
			    coded, &e));
			assert_memory_equal(coded->p, "\x28\xb5\x2f\xfd", 4);
			bool single = (coded->p[4] & 0x20) != 0;
			if (single)
				assert_true(sizes[i] <= 8u << 20);
			else
				assert_true(10 + ((unsigned char)coded->p[5] >> 3) <= 23);
		}
	coder_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_coded_is_decoded_whatever_the_coder_has_coded_before),
		TEST(the_same_input_gives_the_same_bytes_without_time_or_system),
		TEST(a_bomb_stops_at_the_bound),
		TEST(only_one_whole_member_is_accepted),
		TEST(a_damaged_gzip_member_is_refused),
		TEST(no_zstd_frame_asks_for_a_window_over_8_mib),
	};
	return cmocka_run_group_tests_name("coding", tests, NULL, NULL);
}
