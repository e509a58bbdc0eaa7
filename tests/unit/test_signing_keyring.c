#include "tests/unit/lib/tuf_site.h"

#include <sodium.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* RFC 8032, section 7.1, test 1. */
#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define SIGNATURE "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" \
	"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
/* What tuf-js says that key's id is. */
#define KEY_ID "74c181c7ad8a0855d4b55e44d2ba87aabdddb196832571f15f92fece332e4916"

#define KEY_FILE(role, public, private)                                                   \
	"{\"keytype\":\"ed25519\",\"private\":\"" private "\",\"public\":\"" public           \
	"\",\"role\":\"" role "\",\"scheme\":\"ed25519\"}"

static const char *
put_key(struct arena *a, const char *dir, const char *name, const char *text, unsigned mode)
{
	struct err err;
	const char *path = fs_join(a, dir, name);
	OK(fs_create(path, str_of(text), 0600, &err));
	assert_int_equal(chmod(path, (mode_t)mode), 0);
	return path;
}

static bool
open_keys(struct arena *a, const char *dir, struct keyring **out, struct err *err)
{
	bool ok = keyring_open(a, dir, out, err);
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* leak checkers attach */
	return ok;
}

static void
refuses(struct arena *a, const char *dir, enum err_code code, const char *why)
{
	struct keyring *k;
	struct err err = { 0 };
	assert_false(open_keys(a, dir, &k, &err));
	if (err.code != code || strstr(err.text, why) == NULL)
		fail_msg("code %d, '%s' does not say '%s'", (int)err.code, err.text, why);
	assert_null(strstr(err.text, SEED));
}

static void
a_key_file_signs_as_rfc_8032_says(void **state)
{
	const char *dir = scratch_folder(*state);
	struct keyring *k;
	struct keyfile *const *f;
	struct err err;
	unsigned char sig[64];
	char hex[129];
	(void)put_key(*state, dir, "weather.74c181c7.key", KEY_FILE("weather", PUBLIC, SEED), 0600);
	(void)put_key(*state, dir, "README", "not a key", 0644);
	OK(open_keys(*state, dir, &k, &err));
	assert_int_equal(keyring_keys(k, &f), 1);
	assert_str(f[0]->role, "weather");
	assert_str(f[0]->key->id, KEY_ID);
	OK(keyring_sign(k, STR(KEY_ID), STR(""), sig, &err));
	assert_string_equal(sodium_bin2hex(hex, sizeof hex, sig, sizeof sig), SIGNATURE);
	assert_false(keyring_sign(k, STR("0000"), STR(""), sig, &err));
	assert_int_equal(err.code, ERR_ABSENT);
}

static void
a_made_key_is_there_after_opening_again(void **state)
{
	const char *dir = fs_join(*state, scratch_folder(*state), "deep/keys");
	struct keyring *k;
	const struct public_key *key;
	struct keyfile *const *f;
	struct err err;
	struct stat st;
	unsigned char a[64], b[64];
	OK(keyring_create(*state, dir, &k, &err));
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	OK(keyring_make(k, STR("timestamp"), &key, &err));
	OK(keyring_sign(k, key->id, STR("x"), a, &err));
	assert_int_equal(keyring_keys(k, &f), 1);
	assert_int_equal(stat(f[0]->path.p, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(str_ends(f[0]->path, arena_printf(*state, "/timestamp.%.8s.key", key->id.p)));
	OK(open_keys(*state, dir, &k, &err));
	assert_true(keyring_has(k, key->id));
	OK(keyring_sign(k, key->id, STR("x"), b, &err));
	assert_memory_equal(a, b, sizeof a);
	assert_int_equal(crypto_sign_verify_detached(b, (const unsigned char *)"x", 1, key->key), 0);
	(void)remove(f[0]->path.p);
	(void)remove(dir);
	(void)remove(fs_dir(*state, dir));
}

static void
a_dropped_key_is_gone_from_disk_and_from_memory(void **state)
{
	const char *dir = scratch_folder(*state);
	struct keyring *k;
	struct keyfile *const *f;
	struct err err;
	struct keyfile *const *before;
	(void)put_key(*state, dir, "a.key", KEY_FILE("weather", PUBLIC, SEED), 0600);
	OK(open_keys(*state, dir, &k, &err));
	assert_int_equal(keyring_keys(k, &f), 1);
	OK(keyring_drop(k, STR(KEY_ID), &err));
	assert_false(keyring_has(k, STR(KEY_ID)));
	assert_false(fs_exists(fs_join(*state, dir, "a.key")));
	assert_int_equal(keyring_keys(k, &before), 0);
	assert_false(keyring_drop(k, STR(KEY_ID), &err));
	assert_int_equal(err.code, ERR_ABSENT);
}

static void
a_key_that_others_may_read_is_refused(void **state)
{
	static const unsigned modes[] = { 0640, 0604, 0660, 0602 };
	for (size_t i = 0; i < LEN(modes); i++) {
		const char *dir = scratch_folder(*state);
		(void)put_key(*state, dir, "a.key", KEY_FILE("weather", PUBLIC, SEED), modes[i]);
		refuses(*state, dir, ERR_SETUP, "a.key: mode 6");
		assert_int_equal(chmod(fs_join(*state, dir, "a.key"), 0600), 0);
		assert_int_equal(chmod(dir, 0770), 0);
		refuses(*state, dir, ERR_SETUP, "mode 770 lets others in: chmod 700");
	}
}

static void
a_link_in_place_of_a_key_is_not_followed(void **state)
{
	const char *dir = scratch_folder(*state), *elsewhere = scratch_folder(*state);
	struct keyring *k;
	struct keyfile *const *f;
	struct err err;
	const char *real = put_key(*state, elsewhere, "a.key", KEY_FILE("weather", PUBLIC, SEED), 0600);
	const char *link = fs_join(*state, dir, "a.key");
	assert_int_equal(symlink(real, link), 0);
	if (open_keys(*state, dir, &k, &err))
		assert_int_equal(keyring_keys(k, &f), 0);
	assert_int_equal(unlink(link), 0);
}

static void
a_damaged_key_file_is_named_and_its_secret_is_not(void **state)
{
	static const char *const texts[] = {
		"", "{}", "{\"private\":\"12\"}", KEY_FILE("weather", PUBLIC, "00"),
		KEY_FILE("Weather", PUBLIC, SEED), KEY_FILE("weather", "00", SEED),
		KEY_FILE("weather", KEY_ID, SEED), "[" KEY_FILE("weather", PUBLIC, SEED),
		"{\"private\":\"" SEED "\"," "\"x\":" KEY_FILE("weather", PUBLIC, SEED) "}",
	};
	for (size_t i = 0; i < LEN(texts); i++) {
		const char *dir = scratch_folder(*state);
		(void)put_key(*state, dir, "a.key", texts[i], 0600);
		refuses(*state, dir, ERR_SETUP, "a.key: damaged");
	}
}

static void
one_key_in_two_files_is_refused(void **state)
{
	const char *dir = scratch_folder(*state);
	(void)put_key(*state, dir, "a.key", KEY_FILE("weather", PUBLIC, SEED), 0600);
	(void)put_key(*state, dir, "b.key", KEY_FILE("finance", PUBLIC, SEED), 0600);
	refuses(*state, dir, ERR_SETUP, "b.key: the same key");
}

static void
an_absent_folder_is_absent(void **state)
{
	refuses(*state, fs_join(*state, scratch_folder(*state), "none"), ERR_ABSENT, "none");
}

static void
an_open_keyring_leaves_no_core_and_no_tracer(void **state)
{
	struct keyring *k;
	struct rlimit core;
	struct err err;
	OK(keyring_open(*state, scratch_folder(*state), &k, &err));
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	assert_int_equal(core.rlim_cur, 0);
	assert_int_equal(core.rlim_max, 0);
}

static void
a_note_is_signed_for_a_role_and_never_looks_like_metadata(void **state)
{
	const char *dir = scratch_folder(*state);
	const struct public_key other = { .id = STR_INIT("feed") };
	struct keyring *k;
	struct keyfile *const *f;
	const struct public_key *by;
	struct err err;
	unsigned char sig[64];
	(void)put_key(*state, dir, "t.key", KEY_FILE("timestamp", PUBLIC, SEED), 0600);
	OK(open_keys(*state, dir, &k, &err));
	(void)keyring_keys(k, &f);
	const struct public_key *keys[] = { &other, f[0]->key };
	const struct role_keys both = { STR("timestamp"), keys, 2, 1 };
	const struct role_keys gone = { STR("timestamp"), keys, 1, 1 };
	OK(keyring_sign_note(k, &both, STR("example.org/log\n5\n"), &by, sig, &err));
	assert_str(by->id, KEY_ID);
	assert_int_equal(crypto_sign_verify_detached(sig,
	    (const unsigned char *)"example.org/log\n5\n", 18, by->key), 0);
	assert_false(keyring_sign_note(k, &both, STR("{\"_type\":\"root\"}"), &by, sig, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_false(keyring_sign_note(k, &gone, STR("x"), &by, sig, &err));
	assert_int_equal(err.code, ERR_ABSENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_file_signs_as_rfc_8032_says),
		TEST(a_made_key_is_there_after_opening_again),
		TEST(a_dropped_key_is_gone_from_disk_and_from_memory),
		TEST(a_key_that_others_may_read_is_refused),
		TEST(a_link_in_place_of_a_key_is_not_followed),
		TEST(a_damaged_key_file_is_named_and_its_secret_is_not),
		TEST(one_key_in_two_files_is_refused),
		TEST(an_absent_folder_is_absent),
		TEST(a_note_is_signed_for_a_role_and_never_looks_like_metadata),
		TEST(an_open_keyring_leaves_no_core_and_no_tracer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
