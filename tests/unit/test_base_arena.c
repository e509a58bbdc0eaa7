#include "tests/unit/lib/unit.h"

#include "base/buf.h"

static char order[8];

static void
note(void *name)
{
	strncat(order, name, sizeof order - strlen(order) - 1);
}

static void
closes_run_newest_first(void **state)
{
	static char a_name[] = "a", b_name[] = "b", c_name[] = "c";
	(void)state;
	struct arena *a = arena_new();
	order[0] = '\0';
	arena_defer(a, note, a_name);
	arena_defer(a, note, b_name);
	arena_defer(a, note, c_name);
	arena_free(a);
	assert_string_equal(order, "cba");
	arena_free(NULL);
}

static void
memory_is_zeroed_and_aligned_at_any_size(void **state)
{
	for (size_t size = 0; size < 40000; size = size * 2 + 1) {
		char *p = arena_alloc(*state, 1, size);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
}

static void
a_copy_is_nul_terminated_and_its_own(void **state)
{
	char text[] = "abc";
	struct str s = arena_copy(*state, (struct str){ text, 2 });
	text[0] = 'x';
	assert_string_equal(s.p, "ab");
	assert_int_equal(s.n, 2);
	assert_string_equal(arena_copy(*state, (struct str){ NULL, 0 }).p, "");
	assert_str(arena_printf(*state, "%s-%05d", "n", 42), "n-00042");
}

static void
an_array_grows_and_keeps_what_it_had(void **state)
{
	int *items = NULL;
	size_t n = 0, room = 0;
	for (int i = 0; i < 1000; i++) {
		ARENA_GROW(*state, items, n, room);
		items[n++] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
}

static void
a_buffer_takes_exactly_its_maximum(void **state)
{
	struct buf *b = buf_in(*state, 5);
	struct err e;
	buf_put(b, STR("abc"));
	buf_printf(b, "%d", 42);
	assert_true(buf_ok(b, &e));
	assert_str(buf_str(b), "abc42");
	buf_putc(b, '!');
	assert_false(buf_ok(b, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_str(buf_str(b), "abc42");
}

static void
a_refusal_sticks_until_reset(void **state)
{
	struct buf *b = buf_in(*state, 4);
	buf_put(b, STR("abcde"));
	buf_put(b, STR("a"));
	assert_false(buf_ok(b, NULL));
	assert_int_equal(b->n, 0);
	buf_reset(b);
	buf_put(b, STR("abcd"));
	assert_true(buf_ok(b, NULL));
	assert_str(buf_str(b), "abcd");
}

static void
an_empty_buffer_is_an_empty_text(void **state)
{
	struct buf *b = buf_in(*state, SIZE_MAX);
	assert_str(buf_str(b), "");
	assert_non_null(buf_str(b).p);
	for (int i = 0; i < 100000; i++)
		buf_putc(b, 'x');
	assert_int_equal(b->n, 100000);
	buf_release(b);
	buf_put(b, STR("again"));
	assert_str(buf_str(b), "again");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(closes_run_newest_first),
		TEST(memory_is_zeroed_and_aligned_at_any_size),
		TEST(a_copy_is_nul_terminated_and_its_own),
		TEST(an_array_grows_and_keeps_what_it_had),
		TEST(a_buffer_takes_exactly_its_maximum),
		TEST(a_refusal_sticks_until_reset),
		TEST(an_empty_buffer_is_an_empty_text),
	};
	return cmocka_run_group_tests_name("arena and buf", tests, NULL, NULL);
}
