#include "publisher/signing/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/path.h"

#define FILE_BYTES_MAX 4096
#define FILES_MAX 4096
#define SEED_HEX (2 * crypto_sign_SEEDBYTES)

struct keyring {
	struct arena *arena;
	const char *dir;
	struct key_file *file;
	unsigned char **secret; /* locked memory, one for each file */
	size_t n, file_room, secret_room;
};

static void
secret_free(void *p)
{
	sodium_free(p); /* wipes first */
}

/* Locked as far as RLIMIT_MEMLOCK allows, with guard pages, wiped with the arena. */
static void *
secret_alloc(struct arena *a, size_t n)
{
	void *p = sodium_malloc(n);
	if (p == NULL)
		abort(); /* out of memory */
	arena_defer(a, secret_free, p);
	return p;
}

/* Neither a core file nor a debugger shall hold what this process can sign with. */
static bool
process_harden(struct err *err)
{
	const struct rlimit none = { 0, 0 };
	if (sodium_init() < 0)
		return err_set(err, ERR_SETUP, "libsodium does not start");
	return (setrlimit(RLIMIT_CORE, &none) == 0 || err_sys(err, "RLIMIT_CORE"))
	    && (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 || err_sys(err, "PR_SET_DUMPABLE"));
}

static void
keyring_add(struct keyring *k, struct str role, struct str path, unsigned char *secret,
    const unsigned char public[static 32])
{
	struct public_key *key = ARENA_NEW(k->arena, struct public_key);
	memcpy(key->key, public, sizeof key->key);
	key->id = key_id(k->arena, public);
	(void)sodium_mprotect_readonly(secret);
	ARENA_GROW(k->arena, k->file, k->n, k->file_room);
	ARENA_GROW(k->arena, k->secret, k->n, k->secret_room);
	k->file[k->n] = (struct key_file){ arena_copy(k->arena, role),
		arena_copy(k->arena, path), key };
	k->secret[k->n++] = secret;
}

/* Only its owner may read it, and it must be ours: anybody else could have put it there. */
static bool
mode_check(int fd, mode_t kind, mode_t forbidden, struct stat *st, struct err *err)
{
	if (fstat(fd, st) != 0)
		return err_sys(err, "fstat");
	if ((st->st_mode & S_IFMT) != kind)
		return err_set(err, ERR_SETUP, "not a regular %s", kind == S_IFDIR ? "folder" : "file");
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(err, ERR_SETUP, "belongs to user %ju, not to you", (uintmax_t)st->st_uid);
	if ((st->st_mode & forbidden) != 0)
		return err_set(err, ERR_SETUP, "mode %03o lets others in: chmod %s", st->st_mode & 0777u,
		    kind == S_IFDIR ? "700" : "600");
	return true;
}

static bool
file_read(const char *path, char *locked, size_t *n, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "open");
	ssize_t got = -1;
	bool ok = mode_check(fd, S_IFREG, 077, &st, err)
	    && ((got = read(fd, locked, FILE_BYTES_MAX)) >= 0 || err_sys(err, "read"))
	    && ((got == st.st_size && got < FILE_BYTES_MAX)
	           || err_set(err, ERR_SETUP, "damaged: %jd bytes", (intmax_t)st.st_size));
	(void)close(fd);
	*n = ok ? (size_t)got : 0;
	return ok;
}

/*
 * Take the seed out of the file's text, leaving zeros: what parses the rest keeps copies in
 * ordinary memory.
 */
static bool
seed_take(char *text, size_t n, unsigned char seed[static crypto_sign_SEEDBYTES],
    struct err *err)
{
	static const char member[] = "\"private\"";
	char *at = memmem(text, n, member, strlen(member)), *end = text + n;
	if (at == NULL)
		return err_set(err, ERR_SETUP, "damaged: no private key");
	at += strlen(member);
	while (at < end && (*at == ' ' || *at == ':'))
		at++;
	if (end - at < SEED_HEX + 2 || *at != '"' || at[SEED_HEX + 1] != '"'
	    || sodium_hex2bin(seed, crypto_sign_SEEDBYTES, at + 1, SEED_HEX, NULL, NULL, NULL) != 0)
		return err_set(err, ERR_SETUP, "damaged: the private key is not %d hex digits",
		    SEED_HEX);
	memset(at + 1, '0', SEED_HEX);
	return true;
}

/* What is not secret in a key file. */
static bool
file_parse(struct arena *a, struct str text, struct str *role, struct digest *public,
    struct err *err)
{
	json_t *json;
	struct str type, scheme, private;
	char zeros[SEED_HEX];
	memset(zeros, '0', sizeof zeros);
	return json_parse(a, text, &json, err) && field_text(json, "keytype", &type, err)
	    && field_text(json, "scheme", &scheme, err) && field_text(json, "role", role, err)
	    && field_digest(json, "public", public, err)
	    && field_text(json, "private", &private, err)
	    && ((str_eq(type, STR("ed25519")) && str_eq(scheme, STR("ed25519")))
	           || err_set(err, ERR_INPUT, "not an ed25519 key"))
	    && (name_is_safe(*role, VERTICAL_MAX) || err_set(err, ERR_INPUT, "not a role's name"))
	    && (str_eq(private, (struct str){ zeros, sizeof zeros })
	           || err_set(err, ERR_INPUT, "more than one private key"));
}

static bool
key_load(struct keyring *k, struct str path, struct err *err)
{
	unsigned char *seed = secret_alloc(k->arena, crypto_sign_SEEDBYTES);
	unsigned char *secret = secret_alloc(k->arena, crypto_sign_SECRETKEYBYTES);
	char *text = secret_alloc(k->arena, FILE_BYTES_MAX);
	unsigned char is[crypto_sign_PUBLICKEYBYTES];
	struct digest said;
	struct str role;
	size_t n;
	if (!file_read(path.p, text, &n, err) || !seed_take(text, n, seed, err))
		return false;
	if (!file_parse(k->arena, (struct str){ text, n }, &role, &said, err)) {
		err->code = ERR_SETUP;
		return err_in(err, "damaged");
	}
	(void)crypto_sign_seed_keypair(is, secret, seed);
	sodium_memzero(seed, crypto_sign_SEEDBYTES);
	if (sodium_memcmp(is, said.b, sizeof is) != 0)
		return err_set(err, ERR_SETUP, "damaged: private and public key do not belong together");
	if (keyring_has(k, key_id(k->arena, is)))
		return err_set(err, ERR_SETUP, "the same key is in another file already");
	keyring_add(k, role, path, secret, is);
	return true;
}

static bool
folder_check(const char *dir, struct err *err)
{
	struct stat st;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? err_set(err, ERR_ABSENT, "no such folder")
		                       : err_sys(err, "open");
	bool ok = mode_check(fd, S_IFDIR, 022, &st, err);
	(void)close(fd);
	return ok;
}

bool
keyring_open(struct arena *a, const char *dir, struct keyring **out, struct err *err)
{
	struct fs_entry *entry;
	size_t n;
	struct keyring *k = ARENA_NEW(a, struct keyring);
	k->arena = a;
	k->dir = arena_copy(a, str_of(dir)).p;
	if (!process_harden(err) || !folder_check(dir, err)
	    || !fs_list(a, dir, FILES_MAX, &entry, &n, err))
		return err_in(err, "keys %s", dir);
	for (size_t i = 0; i < n; i++) {
		struct err why = { 0 };
		if (entry[i].is_dir || !str_ends(entry[i].path, STR(".key"))
		    || key_load(k, entry[i].path, &why) || why.code == ERR_ABSENT)
			continue; /* absent: a ceremony has dropped it since it was listed */
		(void)err_set(err, why.code, "%s", why.text);
		return err_in(err, "key file %.*s", STR_ARG(entry[i].path));
	}
	*out = k;
	return true;
}

bool
keyring_create(struct arena *a, const char *dir, struct keyring **out, struct err *err)
{
	if (!fs_mkdirs(fs_dir(a, dir), err))
		return false;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_sys(err, "keys %s", dir);
	return keyring_open(a, dir, out, err);
}

bool
keyring_make(struct keyring *k, struct str role, const struct public_key **out,
    struct err *err)
{
	static const char form[] = "{\n  \"keytype\": \"ed25519\",\n  \"private\": \"%s\",\n"
	    "  \"public\": \"%s\",\n  \"role\": \"%.*s\",\n  \"scheme\": \"ed25519\"\n}\n";
	unsigned char *seed = secret_alloc(k->arena, crypto_sign_SEEDBYTES);
	unsigned char *secret = secret_alloc(k->arena, crypto_sign_SECRETKEYBYTES);
	char *private = secret_alloc(k->arena, SEED_HEX + 1);
	char *text = secret_alloc(k->arena, FILE_BYTES_MAX);
	unsigned char public[crypto_sign_PUBLICKEYBYTES];
	char hex[2 * sizeof public + 1];
	if (!name_is_safe(role, VERTICAL_MAX))
		return err_set(err, ERR_INPUT, "'%.*s' cannot name a role", STR_ARG(role));
	randombytes_buf(seed, crypto_sign_SEEDBYTES);
	(void)crypto_sign_seed_keypair(public, secret, seed);
	sodium_bin2hex(private, SEED_HEX + 1, seed, crypto_sign_SEEDBYTES);
	sodium_bin2hex(hex, sizeof hex, public, sizeof public);
	int n = snprintf(text, FILE_BYTES_MAX, form, private, hex, STR_ARG(role));
	struct str path = arena_printf(k->arena, "%s/%.*s.%.8s.key", k->dir, STR_ARG(role),
	    key_id(k->arena, public).p);
	bool ok = fs_create(path.p, (struct str){ text, (size_t)n }, 0600, err);
	sodium_memzero(seed, crypto_sign_SEEDBYTES);
	sodium_memzero(private, SEED_HEX + 1);
	sodium_memzero(text, FILE_BYTES_MAX);
	if (!ok)
		return err_in(err, "new key of %.*s", STR_ARG(role));
	keyring_add(k, role, path, secret, public);
	*out = k->file[k->n - 1].key;
	return true;
}

size_t
keyring_keys(const struct keyring *k, const struct key_file **out)
{
	*out = k->file;
	return k->n;
}

static size_t
key_index(const struct keyring *k, struct str id)
{
	size_t i = 0;
	while (i < k->n && !str_eq(k->file[i].key->id, id))
		i++;
	return i;
}

bool
keyring_has(const struct keyring *k, struct str id)
{
	return key_index(k, id) < k->n;
}

bool
keyring_sign(const struct keyring *k, struct str id, struct str bytes,
    unsigned char sig[static 64], struct err *err)
{
	const size_t i = key_index(k, id);
	if (i == k->n)
		return err_set(err, ERR_ABSENT, "the secret of key %.*s is not in %s", STR_ARG(id),
		    k->dir);
	(void)crypto_sign_detached(sig, NULL, (const unsigned char *)bytes.p, bytes.n, k->secret[i]);
	return true;
}

bool
keyring_sign_note(const struct keyring *k, const struct role_keys *who, struct str bytes,
    const struct public_key **key, unsigned char sig[static 64], struct err *err)
{
	if (bytes.n == 0 || bytes.p[0] == '{')
		return err_set(err, ERR_INPUT, "this could be taken for metadata of %.*s",
		    STR_ARG(who->name));
	for (size_t i = 0; i < who->keys; i++)
		if (keyring_has(k, who->key[i]->id)) {
			*key = who->key[i];
			return keyring_sign(k, who->key[i]->id, bytes, sig, err);
		}
	return err_set(err, ERR_ABSENT, "no secret key of %.*s is in %s", STR_ARG(who->name), k->dir);
}

bool
keyring_drop(struct keyring *k, struct str id, struct err *err)
{
	const size_t i = key_index(k, id);
	if (i == k->n)
		return err_set(err, ERR_ABSENT, "key %.*s is not in %s", STR_ARG(id), k->dir);
	if (unlink(k->file[i].path.p) != 0)
		return err_sys(err, "%s", k->file[i].path.p);
	(void)sodium_mprotect_readwrite(k->secret[i]);
	sodium_memzero(k->secret[i], crypto_sign_SECRETKEYBYTES);
	k->n--;
	memmove(&k->file[i], &k->file[i + 1], (k->n - i) * sizeof *k->file);
	memmove(&k->secret[i], &k->secret[i + 1], (k->n - i) * sizeof *k->secret);
	return true;
}
