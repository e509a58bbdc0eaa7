/* The stash: what is put is found by the next run, whole, or not at all. */
#include "base/stash.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/parallel.h"
#include "base/spool.h"
#include "tests/unit/lib/scratch.h"

static struct stash *
open_stash(struct arena *a, const char *folder)
{
	struct stash *s;
	struct err err;
	if (!stash_open(a, folder, &s, &err))
		fail_msg("%s", err.text);
	return s;
}

static struct digest
key(const char *text)
{
	return digest_of(str_of(text));
}

static void
put(struct stash *s, const char *name, struct str bytes)
{
	struct stash_ref ref;
	struct str copy;
	struct err err;
	struct digest k = key(name);
	if (!stash_put(s, bytes, &ref, &copy, &err))
		fail_msg("%s", err.text);
	assert_true(str_eq(copy, bytes));
	stash_name(s, &k, ref);
}

static bool
has(struct stash *s, const char *name, struct str wanted)
{
	struct digest k = key(name);
	struct str found;
	return stash_find(s, &k, &found) && str_eq(found, wanted);
}

static void
the_next_run_finds_what_this_one_has_put(void **state)
{
	const char *dir = scratch_folder(*state);
	struct arena *one = arena_new(), *two = arena_new();
	struct stash *s = open_stash(one, dir);
	put(s, "a", STR("first"));
	put(s, "b", STR("second"));
	put(s, "a", STR("first"));
	stash_commit(s);
	arena_free(one);
	s = open_stash(two, dir);
	assert_true(has(s, "a", STR("first")));
	assert_true(has(s, "b", STR("second")));
	assert_false(has(s, "c", STR("")));
	put(s, "b", STR("another"));
	stash_commit(s);
	arena_free(two);
	one = arena_new();
	s = open_stash(one, dir);
	assert_true(has(s, "a", STR("first")));
	assert_true(has(s, "b", STR("another")));
	arena_free(one);
}

static void
two_programs_at_once_lose_nothing_of_each_other(void **state)
{
	const char *dir = scratch_folder(*state);
	struct arena *a = arena_new(), *b = arena_new(), *c = arena_new();
	struct stash *x = open_stash(a, dir), *y = open_stash(b, dir);
	put(x, "x", STR("of x"));
	put(y, "y", STR("of y"));
	stash_commit(x);
	stash_commit(y);
	arena_free(a);
	arena_free(b);
	struct stash *s = open_stash(c, dir);
	assert_true(has(s, "x", STR("of x")));
	assert_true(has(s, "y", STR("of y")));
	arena_free(c);
}

static void
a_run_that_dies_before_its_commit_leaves_no_pack_behind(void **state)
{
	const char *dir = scratch_folder(*state);
	struct arena *a = arena_new();
	struct fs_entry *file;
	size_t n, packs = 0;
	struct err err;
	put(open_stash(a, dir), "lost", STR("lost"));
	arena_free(a); /* its lock goes with it */
	a = arena_new();
	struct arena *other = arena_new();
	struct stash *s = open_stash(a, dir), *live = open_stash(other, dir);
	put(s, "kept", STR("kept"));
	put(live, "later", STR("later"));
	stash_commit(s); /* sweeps, but not what `live` appends to */
	assert_true(fs_list(*state, dir, 100, &file, &n, &err));
	for (size_t i = 0; i < n; i++)
		packs += strstr(file[i].path.p, "/pack-") != NULL;
	assert_int_equal(packs, 2);
	stash_commit(live);
	arena_free(a);
	arena_free(other);
	a = arena_new();
	s = open_stash(a, dir);
	assert_true(has(s, "kept", STR("kept")));
	assert_true(has(s, "later", STR("later")));
	assert_false(has(s, "lost", STR("lost")));
	arena_free(a);
}

static void
any_byte_of_the_index_may_be_wrong(void **state)
{
	const char *dir = scratch_folder(*state);
	const char *path = arena_printf(*state, "%s/index", dir).p;
	struct arena *a = arena_new();
	struct str was;
	struct err err;
	struct stash *s = open_stash(a, dir);
	put(s, "a", STR("bytes"));
	stash_commit(s);
	arena_free(a);
	assert_true(fs_read(*state, path, 1 << 20, &was, &err));
	for (size_t i = 0; i <= was.n; i++) {
		char *bytes = (char *)(uintptr_t)arena_copy(*state, was).p;
		bytes[i < was.n ? i : 0] ^= 0x5a;
		assert_true(fs_replace(path, (struct str){ bytes, i < was.n ? was.n : i / 2 }, 0600, &err));
		a = arena_new();
		s = open_stash(a, dir);
		struct digest k = key("a");
		struct str found;
		if (stash_find(s, &k, &found))
			assert_true(str_eq(found, STR("bytes")));
		arena_free(a);
	}
}

static void
without_a_folder_or_with_a_wrong_one_nothing_is_kept_and_all_works(void **state)
{
	struct err err;
	const char *file = arena_printf(*state, "%s/file", scratch_folder(*state)).p;
	assert_true(fs_replace(file, STR("x"), 0600, &err));
	const char *const folders[] = { NULL, file };
	for (size_t i = 0; i < LEN(folders); i++) {
		struct arena *a = arena_new();
		struct stash *s = open_stash(a, folders[i]);
		assert_null(stash_folder(s));
		put(s, "a", STR("bytes"));
		stash_commit(s);
		arena_free(a);
	}
}

#define PUTS 2000

struct puts {
	struct spool *spool;
	struct str copy[PUTS];
};

static void
bytes_of(size_t i, char out[4000], struct str *text)
{
	*text = (struct str){ out, 1 + i * 7 % 3999 };
	memset(out, 'a' + (int)(i % 26), text->n);
}

static bool
put_one(void *ctx, size_t i, struct err *err)
{
	struct puts *p = ctx;
	char room[4000];
	struct str text;
	bytes_of(i, room, &text);
	return spool_put(p->spool, text, &p->copy[i], NULL, err);
}

static void
what_many_threads_put_into_a_spool_stays_where_it_is(void **state)
{
	struct puts *p = ARENA_NEW(*state, struct puts);
	struct err err;
	char room[4000];
	struct str text;
	assert_true(spool_open(*state, &p->spool, &err));
	assert_true(parallel(PUTS, 4, put_one, p, &err));
	spool_rest(p->spool);
	for (size_t i = 0; i < PUTS; i++) {
		bytes_of(i, room, &text);
		assert_true(str_eq(p->copy[i], text));
	}
}

static void
a_spool_is_opened_again_over_its_file(void **state)
{
	const char *path = arena_printf(*state, "%s/spool", scratch_folder(*state)).p;
	struct arena *a = arena_new();
	struct spool *s;
	struct str copy;
	struct err err;
	uint64_t at, next;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(spool_over(a, fd, 0, &s, &err));
	assert_true(spool_put(s, STR("abc"), &copy, &at, &err));
	arena_free(a);
	a = arena_new();
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(spool_over(a, fd, 3, &s, &err));
	assert_true(spool_get(s, at, 3, &copy));
	assert_true(str_eq(copy, STR("abc")));
	assert_true(spool_put(s, STR("def"), &copy, &next, &err));
	assert_true(next >= 3);
	assert_false(spool_get(s, next, 4000, &copy));
	assert_false(spool_get(s, UINT64_MAX - 1, 4, &copy));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_next_run_finds_what_this_one_has_put),
		TEST(two_programs_at_once_lose_nothing_of_each_other),
		TEST(a_run_that_dies_before_its_commit_leaves_no_pack_behind),
		TEST(any_byte_of_the_index_may_be_wrong),
		TEST(without_a_folder_or_with_a_wrong_one_nothing_is_kept_and_all_works),
		TEST(what_many_threads_put_into_a_spool_stays_where_it_is),
		TEST(a_spool_is_opened_again_over_its_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
