/* How well the gate "grounding" tells right sentences from wrong ones: for each locale and each
 * kind of error, and what it got wrong. Reads tests/data/grounding; `make report`. */
#include <glob.h>

#include "tests/unit/lib/labelled.h"

static FILE *misses;

static void
note_miss(const char *locale, const char *kind, const char *text, struct str finding)
{
	if (kind == NULL)
		(void)fprintf(misses, "%s: right but refused: %s\n       %.*s\n", locale, text, STR_ARG(finding));
	else
		(void)fprintf(misses, "%s: %s not seen: %s\n", locale, kind, text);
}

static void
print_row(const struct tally *t)
{
	double p = tally_precision(t), r = tally_recall(t);
	printf("%-16s %8u %8u %6u %6u %10.3f %7.3f %6.3f\n", t->name, t->right, t->accepted, t->wrong,
	    t->caught, p, r, p + r > 0 ? 2 * p * r / (p + r) : 0);
}

static void
report_folder(struct labelled *l, const char *title, const char *pattern)
{
	glob_t files;
	struct tally all = { .name = "all" };
	memset(l->kind, 0, sizeof l->kind);
	l->kinds = 0;
	if (glob(pattern, 0, NULL, &files) != 0)
		return;
	printf("%s\n%-16s %8s %8s %6s %6s %10s %7s %6s\n", title, "locale", "right", "accepted", "wrong",
	    "caught", "precision", "recall", "F1");
	for (size_t i = 0; i < files.gl_pathc; i++) {
		if (strstr(files.gl_pathv[i], "/facts.json") != NULL)
			continue;
		struct tally t = labelled_run(l, files.gl_pathv[i]);
		print_row(&t);
		all.right += t.right, all.accepted += t.accepted;
		all.wrong += t.wrong, all.caught += t.caught;
	}
	print_row(&all);
	printf("\n%-16s %6s %6s %7s\n", "kind", "wrong", "caught", "recall");
	for (size_t i = 0; i < l->kinds; i++)
		printf("%-16s %6u %6u %7.3f\n", l->kind[i].name, l->kind[i].wrong, l->kind[i].caught,
		    tally_recall(&l->kind[i]));
	printf("\n");
	globfree(&files);
}

int
main(void)
{
	char *text = NULL;
	size_t n;
	struct labelled l;
	struct arena *a = arena_new();
	misses = open_memstream(&text, &n);
	if (misses == NULL)
		return 1;
	labelled_open(&l, a);
	l.miss = note_miss;
	report_folder(&l, "First set", LABELLED "/*.json");
	report_folder(&l, "Held-out set", LABELLED "/held-out/*.json");
	report_folder(&l, "Second held-out set", LABELLED "/second/*.json");
	report_folder(&l, "Hard cases", LABELLED "/hard/*.json");
	labelled_close(&l);
	arena_free(a);
	(void)fclose(misses);
	printf("%s%s", n > 0 ? "Judged wrongly\n" : "", text);
	free(text);
	return 0;
}
