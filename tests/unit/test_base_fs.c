#include "tests/unit/lib/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"

static const char *root;

static const char *
in_root(struct arena *a, const char *rest)
{
	return fs_join(a, root, rest);
}

static int
folder_setup(void **state)
{
	(void)arena_setup(state);
	root = scratch_folder(*state);
	return 0;
}

static void
a_file_is_read_back_as_it_was_written(void **state)
{
	struct str body;
	struct err e;
	const char *path = in_root(*state, "f");
	assert_true(fs_replace(path, STR("a\0b"), 0644, &e));
	assert_true(fs_read(*state, path, 3, &body, &e));
	assert_true(str_eq(body, STR("a\0b")));
	assert_int_equal(body.p[3], '\0');
	assert_true(fs_replace(path, STR(""), 0644, &e));
	assert_true(fs_read(*state, path, 0, &body, &e));
	assert_int_equal(body.n, 0);
}

static void
reading_says_what_is_wrong_and_names_the_path(void **state)
{
	struct str body;
	struct err e;
	assert_false(fs_read(*state, in_root(*state, "none"), 10, &body, &e));
	assert_int_equal(e.code, ERR_ABSENT);
	assert_non_null(strstr(e.text, "/none: "));
	assert_true(fs_replace(in_root(*state, "f"), STR("1234"), 0644, &e));
	assert_false(fs_read(*state, in_root(*state, "f"), 3, &body, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(fs_read(*state, root, 10, &body, &e));
	assert_int_equal(e.code, ERR_SETUP);
}

static void
a_fifo_is_refused_and_does_not_hang(void **state)
{
	struct str body;
	struct err e;
	const char *path = in_root(*state, "fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(fs_read(*state, path, 10, &body, &e));
	assert_int_equal(e.code, ERR_SETUP);
}

static void
replace_changes_the_name_and_not_the_open_file(void **state)
{
	struct err e;
	char old[4] = "";
	const char *path = in_root(*state, "f");
	assert_true(fs_replace(path, STR("old"), 0644, &e));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fs_replace(path, STR("new"), 0600, &e));
	assert_int_equal(read(fd, old, 3), 3);
	assert_string_equal(old, "old");
	(void)close(fd);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
create_never_overwrites(void **state)
{
	struct str body;
	struct err e;
	const char *path = in_root(*state, "f");
	assert_true(fs_create(path, STR("first"), 0644, &e));
	assert_false(fs_create(path, STR("second"), 0644, &e));
	assert_int_equal(e.code, ERR_STALE);
	assert_true(fs_read(*state, path, 10, &body, &e));
	assert_str(body, "first");
	assert_false(fs_create(in_root(*state, "no/f"), STR("x"), 0644, &e));
	assert_int_equal(e.code, ERR_ABSENT);
}

static void
of_many_creators_one_wins(void **state)
{
	const char *path = in_root(*state, "f");
	int won = 0;
	for (int i = 0; i < 8; i++) {
		pid_t child = fork();
		if (child == 0)
			_exit(fs_create(path, STR("x"), 0644, NULL) ? 1 : 0);
	}
	for (int i = 0; i < 8; i++) {
		int status = 0;
		(void)wait(&status);
		won += WEXITSTATUS(status);
	}
	assert_int_equal(won, 1);
}

static void
a_killed_writer_leaves_no_half_file_under_the_name(void **state)
{
	const size_t n = 8 << 20;
	char *bytes = arena_alloc(*state, n, 1);
	struct str body;
	memset(bytes, 'x', n);
	for (int i = 0; i < 10; i++) {
		const char *path = arena_printf(*state, "%s/f%d", root, i).p;
		pid_t child = fork();
		if (child == 0)
			_exit(fs_create(path, (struct str){ bytes, n }, 0644, NULL) ? 0 : 1);
		(void)usleep((useconds_t)i * 700);
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
		if (fs_exists(path)) {
			assert_true(fs_read(*state, path, n, &body, NULL));
			assert_int_equal(body.n, n);
		}
	}
}

static void
folders_are_made_with_their_parents_and_again(void **state)
{
	struct err e;
	const char *path = in_root(*state, "a/b//c/");
	assert_true(fs_mkdirs(path, &e));
	assert_true(fs_is_dir(in_root(*state, "a/b/c")));
	assert_true(fs_mkdirs(path, &e));
	assert_true(fs_replace(in_root(*state, "f"), STR(""), 0644, &e));
	assert_false(fs_mkdirs(in_root(*state, "f/g"), &e));
	assert_false(fs_mkdirs("", &e));
	assert_false(fs_is_dir(in_root(*state, "f")));
	assert_true(fs_exists(in_root(*state, "f")));
	assert_false(fs_exists(in_root(*state, "none")));
}

static void
paths_are_joined_and_taken_apart(void **state)
{
	assert_string_equal(fs_join(*state, "a", "b"), "a/b");
	assert_string_equal(fs_join(*state, "a/", "b"), "a/b");
	assert_string_equal(fs_join(*state, "a", "/b"), "/b");
	assert_string_equal(fs_join(*state, "", "b"), "b");
	assert_string_equal(fs_dir(*state, "a/b/c"), "a/b");
	assert_string_equal(fs_dir(*state, "/c"), "/");
	assert_string_equal(fs_dir(*state, "c"), ".");
}

static void
fill_tree(struct arena *a)
{
	assert_true(fs_mkdirs(in_root(a, "t/b"), NULL));
	assert_true(fs_mkdirs(in_root(a, "t/.git"), NULL));
	assert_true(fs_replace(in_root(a, "t/b/x"), STR(""), 0644, NULL));
	assert_true(fs_replace(in_root(a, "t/a"), STR(""), 0644, NULL));
	assert_true(fs_replace(in_root(a, "t/c"), STR(""), 0644, NULL));
	assert_true(fs_replace(in_root(a, "t/.git/config"), STR(""), 0644, NULL));
	assert_int_equal(symlink("..", in_root(a, "t/loop")), 0);
	assert_int_equal(symlink("/etc/passwd", in_root(a, "t/secret")), 0);
	assert_int_equal(mkfifo(in_root(a, "t/fifo"), 0600), 0);
}

static void
a_walk_is_sorted_and_follows_no_link(void **state)
{
	struct fs_entry *found;
	size_t n;
	struct err e;
	fill_tree(*state);
	assert_true(fs_walk(*state, in_root(*state, "t"), 3, &found, &n, &e));
	assert_int_equal(n, 3);
	assert_string_equal(found[0].path.p, in_root(*state, "t/a"));
	assert_string_equal(found[1].path.p, in_root(*state, "t/b/x"));
	assert_string_equal(found[2].path.p, in_root(*state, "t/c"));
	assert_false(fs_walk(*state, in_root(*state, "t"), 2, &found, &n, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(fs_walk(*state, in_root(*state, "none"), 2, &found, &n, &e));
	assert_int_equal(e.code, ERR_ABSENT);
}

static void
a_list_has_folders_and_files_of_one_level(void **state)
{
	struct fs_entry *found;
	size_t n;
	struct err e;
	fill_tree(*state);
	assert_true(fs_list(*state, in_root(*state, "t"), 3, &found, &n, &e));
	assert_int_equal(n, 3);
	assert_string_equal(found[1].path.p, in_root(*state, "t/b"));
	assert_true(found[1].is_dir);
	assert_false(found[2].is_dir);
	assert_false(fs_list(*state, in_root(*state, "t"), 2, &found, &n, &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
a_walk_ends_at_64_folders_deep(void **state)
{
	struct fs_entry *found;
	size_t n;
	struct err e;
	const char *path = root;
	for (int i = 0; i < 70; i++)
		path = fs_join(*state, path, "d");
	assert_true(fs_mkdirs(path, &e));
	assert_false(fs_walk(*state, root, 10, &found, &n, &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

#define FS_TEST(f) cmocka_unit_test_setup_teardown(f, folder_setup, arena_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FS_TEST(a_file_is_read_back_as_it_was_written),
		FS_TEST(reading_says_what_is_wrong_and_names_the_path),
		FS_TEST(a_fifo_is_refused_and_does_not_hang),
		FS_TEST(replace_changes_the_name_and_not_the_open_file),
		FS_TEST(create_never_overwrites),
		FS_TEST(of_many_creators_one_wins),
		FS_TEST(a_killed_writer_leaves_no_half_file_under_the_name),
		FS_TEST(folders_are_made_with_their_parents_and_again),
		FS_TEST(paths_are_joined_and_taken_apart),
		FS_TEST(a_walk_is_sorted_and_follows_no_link),
		FS_TEST(a_list_has_folders_and_files_of_one_level),
		FS_TEST(a_walk_ends_at_64_folders_deep),
	};
	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
