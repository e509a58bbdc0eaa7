/* scratch: a folder for one test, below build/, and files in it. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/unit.h"

static inline const char *
scratch_folder(struct arena *a)
{
	static int n;
	struct err err;
	const char *dir = arena_printf(a, "build/scratch-%d-%d", (int)getpid(), n++).p;

	if (!fs_mkdirs(dir, &err))
		fail_msg("%s", err.text);
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

static inline int
scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static inline void
scratch_remove(const char *dir)
{
	assert_int_equal(nftw(dir, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
