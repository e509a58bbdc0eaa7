/* The gate grounding over the labelled sentences: it must find what is wrong and must not cry
 * wolf. The floors are what was reached; `make report` shows the figures and the misses. */
#include <glob.h>
#include <pthread.h>

#include "tests/unit/lib/labelled.h"

/* Per locale: at most so many mistakes of either kind. A set of 50 has 2 % for each. */
#define PRECISION_FLOOR 0.98
#define RECALL_FLOOR 0.95

static void
print_miss(const char *locale, const char *kind, const char *text, struct str finding)
{
	print_error("%s: %s: %s\n  %.*s\n", locale, kind == NULL ? "right but refused" : kind, text,
	    STR_ARG(finding));
}

static void
hold_floors(struct arena *a, const char *pattern, size_t locales, unsigned sentences)
{
	struct labelled l;
	glob_t files;
	size_t n = 0;
	unsigned all = 0, failures = 0;
	labelled_open(&l, a);
	l.miss = print_miss;
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		if (strstr(files.gl_pathv[i], "/facts.json") != NULL)
			continue;
		struct tally t = labelled_run(&l, files.gl_pathv[i]);
		n++;
		all += t.right + t.wrong;
		if (tally_precision(&t) < PRECISION_FLOOR || tally_recall(&t) < RECALL_FLOOR) {
			print_error("%s: precision %.3f, recall %.3f\n", t.name, tally_precision(&t),
			    tally_recall(&t));
			failures++;
		}
	}
	globfree(&files);
	labelled_close(&l);
	assert_int_equal(failures, 0);
	assert_true(n >= locales);
	assert_true(all >= sentences);
}

static void
wrong_sentences_are_refused_and_right_ones_pass_in_each_locale(void **state)
{
	hold_floors(*state, LABELLED "/*.json", 8, 480);
}

static void
so_are_those_that_were_held_out_while_the_gate_was_written(void **state)
{
	hold_floors(*state, LABELLED "/held-out/*.json", 8, 80);
	hold_floors(*state, LABELLED "/second/*.json", 8, 80);
}

static void
hard_cases_and_differences_that_follow_from_two_facts_are_told_apart(void **state)
{
	hold_floors(*state, LABELLED "/hard/*.json", 10, 140);
}

static void *
judge_file(void *path)
{
	static _Thread_local struct tally tally;
	struct labelled l;
	struct arena *a = arena_new();
	labelled_open(&l, a);
	tally = labelled_run(&l, path);
	labelled_close(&l);
	arena_free(a);
	return tally_precision(&tally) < PRECISION_FLOOR || tally_recall(&tally) < RECALL_FLOOR ? path : NULL;
}

static void
several_threads_judge_documents_of_the_same_and_of_other_locales(void **state)
{
	static char files[][48] = { LABELLED "/held-out/ja-jp.json", LABELLED "/held-out/ar-sa.json",
		LABELLED "/held-out/ja-jp.json", LABELLED "/held-out/ru-ru.json" };
	pthread_t thread[LEN(files)];
	(void)state;
	for (size_t i = 0; i < LEN(files); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, judge_file, files[i]), 0);
	for (size_t i = 0; i < LEN(files); i++) {
		void *failed;
		assert_int_equal(pthread_join(thread[i], &failed), 0);
		assert_null(failed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(wrong_sentences_are_refused_and_right_ones_pass_in_each_locale,
		    arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(so_are_those_that_were_held_out_while_the_gate_was_written,
		    arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(
		    hard_cases_and_differences_that_follow_from_two_facts_are_told_apart, arena_setup,
		    arena_teardown),
		cmocka_unit_test(several_threads_judge_documents_of_the_same_and_of_other_locales),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
