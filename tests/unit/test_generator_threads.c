/* Documents read, judged and rendered on several threads at once: the same bytes and findings
 * as on one. For the thread sanitizer above all. */
#include <pthread.h>

#include "generator/gate/gate.h"
#include "generator/render/surface.h"
#include "generator/render/renderer.h"
#include "tests/unit/lib/render_case.h"
#include "tests/unit/lib/unit.h"

#define THREADS 4

static const char *const names[] = { "finance-ar-sa-sp500", "finance-de-de-sp500",
	"finance-en-us-sp500", "finance-fr-fr-eur-jpy", "finance-ja-jp-eur-jpy", "sports-ar-sa-final",
	"sports-de-de-gruppe-e", "sports-en-us-final", "sports-fr-fr-france-maroc",
	"sports-ja-jp-group-e" };

struct work {
	struct render_case *c;
	const struct renderer *renderer[LEN(names)]; /* shared by all threads */
	struct policy policy[LEN(names)];
	struct str text[LEN(names)];
	struct digest result[THREADS + 1][LEN(names)];
};
struct worker {
	struct work *work;
	size_t number;
};

/* Digest of the stored form, the findings and the files. */
static struct digest
process(struct work *w, size_t i, struct seen *tools)
{
	struct arena *a = arena_new();
	struct buf *all = buf_in(a, 64 * 1024 * 1024);
	const struct raw raw = { STR("case.json"), STR("case.json"), 1, FORM_JSON, w->text[i] };
	struct findings f = { .arena = a };
	struct document d;
	struct rendered out = { 0 };
	struct err err = { 0 };
	if (!document_read(a, w->c->schemas, &raw, &d, &f))
		return (struct digest){ { 0 } };
	buf_put(all, d.canonical);
	gates_judge(a, &d, &w->policy[i], tools, d.updated, &f);
	for (size_t k = 0; k < f.n; k++)
		buf_printf(all, "%s %.*s %.*s\n", f.item[k].gate, STR_ARG(f.item[k].element),
		    STR_ARG(f.item[k].text));
	if (!renderer_document(w->renderer[i], a, &d, &out, &err))
		buf_put(all, str_of(err.text));
	for (size_t k = 0; k < out.n; k++)
		buf_put(all, out.file[k].body);
	struct digest digest = digest_of(buf_str(all));
	arena_free(a);
	return digest;
}

static void *
work_through(void *ctx)
{
	const struct worker *worker = ctx;
	struct arena *a = arena_new();
	struct seen *tools = seen_tools(a);
	for (size_t k = 0; k < 2 * LEN(names); k++) {
		size_t i = (k + worker->number * 3) % LEN(names);
		worker->work->result[worker->number][i] = process(worker->work, i, tools);
	}
	arena_free(a);
	return NULL;
}

static void
threads_make_the_bytes_that_one_makes(void **state)
{
	struct work *w = ARENA_NEW(*state, struct work);
	struct worker worker[THREADS + 1];
	pthread_t thread[THREADS];
	struct err err = { 0 };
	w->c = render_case(*state, NULL);
	for (size_t i = 0; i < LEN(names); i++) {
		struct str rest, locale, vertical = str_cut(str_of(names[i]), '-', &rest);
		struct surfaces *s = ARENA_NEW(*state, struct surfaces);
		struct renderer *r;
		locale = (struct str){ rest.p, 5 };
		const char *path = arena_printf(*state, "tests/data/render/%s.json", names[i]).p;
		if (!fs_read(*state, path, DOCUMENT_MAX, &w->text[i], &err)
		    || !policy_open(*state, &w->c->catalog, vertical, &w->policy[i], &err)
		    || !surfaces_load(*state, &w->c->catalog, w->c->schemas, vertical, s, &err)
		    || !renderer_open(*state, &w->c->catalog, w->c->schemas, s, &w->c->site, vertical,
		        locale, &r, &err))
			fail_msg("%s", err.text);
		w->renderer[i] = r;
	}
	/* The threads first, so that what is made when first needed is made by them. */
	for (size_t k = 0; k <= THREADS; k++)
		worker[k] = (struct worker){ w, k };
	for (size_t k = 0; k < THREADS; k++)
		assert_int_equal(pthread_create(&thread[k], NULL, work_through, &worker[k]), 0);
	for (size_t k = 0; k < THREADS; k++)
		assert_int_equal(pthread_join(thread[k], NULL), 0);
	(void)work_through(&worker[THREADS]);
	static const struct digest none;
	for (size_t i = 0; i < LEN(names); i++) {
		assert_false(digest_eq(&w->result[THREADS][i], &none));
		for (size_t k = 0; k < THREADS; k++)
			if (!digest_eq(&w->result[k][i], &w->result[THREADS][i]))
				fail_msg("thread %zu made something else of %s", k, names[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(threads_make_the_bytes_that_one_makes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
