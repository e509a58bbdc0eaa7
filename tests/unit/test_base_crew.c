/* The crew: every task once, by whichever thread, and the first failure is told. */
#include "base/crew.h"

#include <stdatomic.h>

#include "tests/unit/lib/unit.h"

#define TASKS 5000

struct count {
	atomic_int done[TASKS];
	atomic_int at_work[CREW_MAX];
	atomic_bool overlap;
	int fails; /* task that fails; -1: none */
};

static bool
work(void *ctx, unsigned worker, void *task, struct err *err)
{
	struct count *c = ctx;
	size_t i = (size_t)((uintptr_t)task - 1);
	if (atomic_fetch_add(&c->at_work[worker], 1) != 0)
		atomic_store(&c->overlap, true);
	atomic_fetch_add(&c->done[i], 1);
	atomic_fetch_sub(&c->at_work[worker], 1);
	return (int)i != c->fails || err_set(err, ERR_INPUT, "task %zu", i);
}

static bool
run(struct arena *a, struct count *c, unsigned size, struct err *err)
{
	struct crew *crew = crew_new(a, size, work, c);
	bool ok = true;
	for (size_t i = 0; ok && i < TASKS; i++)
		ok = crew_give(crew, (void *)(uintptr_t)(i + 1), err);
	return crew_finish(crew, NULL, err) && ok;
}

static void
every_task_is_done_once_whatever_the_size_of_the_crew(void **state)
{
	const unsigned sizes[] = { 1, 2, 7, 1000 };
	for (size_t k = 0; k < LEN(sizes); k++) {
		struct count *c = ARENA_NEW(*state, struct count);
		struct err err;
		c->fails = -1;
		assert_true(run(*state, c, sizes[k], &err));
		for (size_t i = 0; i < TASKS; i++)
			assert_int_equal(c->done[i], 1);
		assert_false(c->overlap);
	}
}

static void
a_failure_ends_the_work_and_is_told(void **state)
{
	for (unsigned size = 1; size < 4; size++) {
		struct count *c = ARENA_NEW(*state, struct count);
		struct err err = { 0 };
		int done = 0;
		c->fails = 100;
		assert_false(run(*state, c, size, &err));
		assert_string_equal(err.text, "task 100");
		for (size_t i = 0; i < TASKS; i++)
			done += c->done[i];
		assert_true(done < 300);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_task_is_done_once_whatever_the_size_of_the_crew),
		TEST(a_failure_ends_the_work_and_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
