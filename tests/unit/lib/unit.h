/* unit: what every unit test includes; cmocka wants these four before its own header. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define assert_str(actual, expected) assert_str_(actual, str_of(expected), __FILE__, __LINE__)

static inline void
assert_str_(struct str actual, struct str expected, const char *file, int line)
{
	if (str_eq(actual, expected))
		return;
	print_error("got      '%.*s'\nexpected '%.*s'\n", STR_ARG(actual), STR_ARG(expected));
	_fail(file, line);
}

/* Every test gets a fresh arena as its state. */
static inline int
arena_setup(void **state)
{
	*state = arena_new();
	return 0;
}

static inline int
arena_teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, arena_setup, arena_teardown)

#endif
