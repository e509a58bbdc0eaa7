/* The contract of a store against the drivers that need no server, and the file driver's own. */
#include "tests/unit/lib/scratch.h"
#include "tests/unit/lib/store_contract.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "base/digest.h"
#include "base/fs.h"
#include "publisher/store/store.h"

static const char *
file_fresh(struct arena *a)
{
	return arena_printf(a, "file:%s/deep/public", scratch_folder(a)).p;
}

static const char *
memory_fresh(struct arena *a)
{
	static unsigned n;
	return arena_printf(a, "memory:%u", n++).p;
}

static const struct kind kinds[] = {
	{ "file", file_fresh },
	{ "memory", memory_fresh },
};

static void
every_driver_keeps_the_contract(void **state)
{
	(void)state;
	for (size_t k = 0; k < LEN(kinds); k++)
		keeps_the_contract(&kinds[k]);
}

/* The file driver */

static void
a_store_folder_that_is_gone_is_not_an_empty_store(void **state)
{
	struct world w;
	struct str body;
	(void)state;
	world_begin(&w, &kinds[0]);
	assert_false(store_get(w.s, w.a, STR("metadata/timestamp.json"), 10, &body, NULL, &w.err));
	assert_int_equal(w.err.code, ERR_SETUP);
	assert_non_null(strstr(w.err.text, arena_printf(w.a, "there is no folder %s",
	    w.url + strlen("file:")).p));
	world_end(&w);
}

static void
a_link_in_the_folder_leads_nowhere(void **state)
{
	struct world w;
	struct str body;
	(void)state;
	world_begin(&w, &kinds[0]);
	assert_true(create(&w, "a/one", "1"));
	const char *root = strchr(w.url, ':') + 1;
	assert_int_equal(symlink("/etc", fs_join(w.a, root, "etc")), 0);
	assert_int_equal(symlink("/etc/passwd", fs_join(w.a, root, "a/passwd")), 0);
	assert_int_equal(mkfifo(fs_join(w.a, root, "fifo"), 0600), 0);
	static const char *const key[] = { "etc/passwd", "a/passwd", "fifo", "a" };
	for (size_t i = 0; i < LEN(key); i++) {
		assert_false(store_get(w.s, w.a, str_of(key[i]), 9999, &body, NULL, &w.err));
		assert_int_equal(w.err.code, ERR_SETUP);
	}
	assert_false(create(&w, "etc/new", "x"));
	assert_int_equal(w.err.code, ERR_SETUP);
	world_end(&w);
}

static void
a_store_that_may_not_be_read_is_not_absent(void **state)
{
	struct world w;
	struct str body;
	(void)state;
	bool root = geteuid() == 0; /* may read everything: be somebody else for a while */
	assert_int_equal(root ? seteuid(65534) : 0, 0);
	world_begin(&w, &kinds[0]);
	assert_true(create(&w, "a/one", "1"));
	const char *file = fs_join(w.a, strchr(w.url, ':') + 1, "a/one");
	assert_int_equal(chmod(file, 0), 0);
	assert_false(store_get(w.s, w.a, STR("a/one"), 10, &body, NULL, &w.err));
	assert_int_equal(w.err.code, ERR_SETUP);
	world_end(&w);
	assert_int_equal(root ? seteuid(0) : 0, 0);
}

static void
leftovers_of_killed_runs_are_swept_after_an_hour(void **state)
{
	struct world w;
	struct store *next;
	(void)state;
	world_begin(&w, &kinds[0]);
	assert_true(create(&w, "one", "1"));
	const char *root = strchr(w.url, ':') + 1;
	const char *old = fs_join(w.a, root, ".tmp/00000000000000aa.tmp");
	const char *young = fs_join(w.a, root, ".tmp/00000000000000bb.tmp");
	const struct utimbuf then = { 1000, 1000 };
	assert_true(fs_replace(old, STR("x"), 0644, &w.err));
	assert_true(fs_replace(young, STR("x"), 0644, &w.err));
	assert_int_equal(utime(old, &then), 0);
	assert_true(store_open(w.a, w.url, &next, &w.err));
	w.s = next;
	assert_true(create(&w, "two", "2"));
	assert_false(fs_exists(old));
	assert_true(fs_exists(young));
	world_end(&w);
}

static void
an_unknown_kind_of_store_names_the_known_ones(void **state)
{
	struct arena *a = arena_new();
	struct store *s;
	struct err err;
	(void)state;
	assert_false(store_open(a, "ftp:/x", &s, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, "known kinds are file:"));
	assert_false(store_open(a, "public", &s, &err));
	assert_false(store_open(a, "file:", &s, &err));
	arena_free(a);
}

/* Mistyped or meant: no error shows it. */
static void
a_password_in_the_url_of_a_store_is_refused_and_not_told(void **state)
{
	static const char *const url[] = {
		"s3:https://ann:hunter2@example.com/site",
		"azblob:https://ann:hunter2@example.blob.core.windows.net/site",
		"azblob:https://example.blob.core.windows.net/site?sig=hunter2",
		"s3:https://example.com/site?key=hunter2",
		"s3://ann:hunter2@site",
		"https://ann:hunter2@example.com/site",
		"ann@hunter2:x",
	};
	struct arena *a = arena_new();
	struct store *s;
	(void)state;
	for (size_t i = 0; i < LEN(url); i++) {
		struct err err = { 0 };
		assert_false(store_open(a, url[i], &s, &err));
		assert_null(strstr(err.text, "hunter2"));
		assert_true(err.code == ERR_INPUT || err.code == ERR_SETUP);
	}
	arena_free(a);
}

static void
a_blob_is_kept_under_its_digest(void **state)
{
	struct arena *a = arena_new();
	char hex[DIGEST_HEX + 1];
	const struct digest d = digest_of(STR(""));
	(void)state;
	digest_hex(&d, hex);
	assert_true(str_eq(store_blob_key(a, hex, ""),
	    STR("blobs/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
	assert_true(str_ends(store_blob_key(a, hex, "gz"), STR("b855.gz")));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_driver_keeps_the_contract),
		cmocka_unit_test(a_store_folder_that_is_gone_is_not_an_empty_store),
		cmocka_unit_test(a_link_in_the_folder_leads_nowhere),
		cmocka_unit_test(a_store_that_may_not_be_read_is_not_absent),
		cmocka_unit_test(leftovers_of_killed_runs_are_swept_after_an_hour),
		cmocka_unit_test(an_unknown_kind_of_store_names_the_known_ones),
		cmocka_unit_test(a_password_in_the_url_of_a_store_is_refused_and_not_told),
		cmocka_unit_test(a_blob_is_kept_under_its_digest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
