/*
 * codings: MB/s and size of every coding and level on the files named by the arguments, one
 * after the other on one core, as publishing codes them. `make bench-codings` gives it the
 * rendered sample site.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/coding.h"
#include "base/fs.h"

#define FILE_BYTES (64u * 1024 * 1024)
#define LEAST_MS 300 /* of measuring each line */

struct sample {
	struct str *file;
	size_t n;
	uint64_t bytes;
};

/* Coded bytes of the whole sample; what is not smaller counts as it is. */
static uint64_t
code_all(struct coder *c, const struct sample *s, enum coding coding, int level)
{
	uint64_t coded = 0;
	struct err err;

	for (size_t i = 0; i < s->n; i++) {
		struct buf out;

		buf_init(&out, s->file[i].n);
		coded += coder_code(c, coding, level, s->file[i], &out, &err) ? out.n : s->file[i].n;
		buf_release(&out);
	}
	return coded;
}

static void
measure(struct coder *c, const struct sample *s, enum coding coding, int level)
{
	const struct coding_kind *k = &coding_kinds[coding];
	int64_t began = clock_monotonic_ms(), took;
	uint64_t coded;
	unsigned rounds = 0;

	do {
		coded = code_all(c, s, coding, level);
		rounds++;
		took = clock_monotonic_ms() - began;
	} while (took < LEAST_MS);
	printf("%-6s %5d %9.1f %9.0f %7.1f %%%s\n", k->token, level,
	    (double)s->bytes * rounds / 1e3 / (double)took,
	    (double)s->n * rounds * 1e3 / (double)took, 100.0 * (double)coded / (double)s->bytes,
	    level == k->level ? "  default" : "");
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct sample s = { .file = ARENA_ARRAY(a, struct str, (size_t)argc) };
	struct coder *c = coder_new();
	struct err err;

	for (int i = 1; i < argc; i++) {
		if (!fs_read(a, argv[i], FILE_BYTES, &s.file[s.n], &err)) {
			(void)fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		s.bytes += s.file[s.n++].n;
	}
	printf("%zu files, %.1f KB on average\n", s.n, s.n ? (double)s.bytes / 1e3 / (double)s.n : 0);
	printf("%-6s %5s %9s %9s %9s\n", "coding", "level", "MB/s", "files/s", "size");
	for (int coding = CODING_NONE + 1; coding < CODINGS && s.n > 0; coding++)
		for (int level = 1; level <= coding_kinds[coding].level_max; level++)
			measure(c, &s, (enum coding)coding, level);
	coder_free(c);
	arena_free(a);
	return 0;
}
