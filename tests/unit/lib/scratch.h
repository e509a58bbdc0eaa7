/* scratch: a folder for one test, in TMPDIR, and files in it. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/lib/unit.h"

static inline int
scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static inline void
scratch_remove(void *dir)
{
	assert_int_equal(nftw(dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Empty, mode 0700; goes with the arena. */
static inline const char *
scratch_folder(struct arena *a)
{
	const char *in = getenv("TMPDIR");
	char *dir = arena_alloc(a, PATH_MAX, 1);
	(void)snprintf(dir, PATH_MAX, "%s/edgepress-unit-XXXXXX",
	    in != NULL && in[0] == '/' ? in : "/tmp");

	assert_non_null(mkdtemp(dir));
	arena_defer(a, scratch_remove, dir);
	return dir;
}

/* Write dir/name with its folders; returns its path. */
static inline const char *
scratch_file(struct arena *a, const char *dir, const char *name, struct str text)
{
	const char *path = arena_printf(a, "%s/%s", dir, name).p;
	struct err err;

	if (!fs_mkdirs(fs_dir(a, path), &err))
		fail_msg("%s", err.text);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text.p ? text.p : "", 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
	return path;
}

#endif
