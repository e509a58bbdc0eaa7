#include "publisher/signing/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/path.h"

#define FILES_MAX 4096

struct keyring {
	struct arena *arena;
	const char *dir;
	struct keyfile **file;
	size_t n, room;
	bool seals;          /* new keys are encrypted */
	enum seal_cost cost;
};

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
keyring_add(struct keyring *k, struct keyfile *f)
{
	ARENA_GROW(k->arena, k->file, k->n, k->room);
	k->file[k->n++] = f;
}

static bool
key_load(struct keyring *k, struct str path, struct err *err)
{
	struct keyfile *f;
	if (!keyfile_read(k->arena, path, &f, err))
		return false;
	if (keyring_has(k, f->key->id))
		return err_set(err, ERR_SETUP, "the same key is in another file already");
	keyring_add(k, f);
	k->seals = k->seals || f->kind == KEY_SEALED;
	return true;
}

static bool
folder_check(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? err_set(err, ERR_ABSENT, "no such folder")
		                       : err_sys(err, "open");
	bool ok = keyfile_mode(fd, S_IFDIR, 022, err);
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
	k->seals = seal_is_wanted(&k->cost);
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

/* The passphrase of new keys is that of the old ones: it has to have opened one. */
static bool
one_opened(struct keyring *k, struct err *err)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->file[i]->kind == KEY_SEALED)
			return keyfile_open(k->arena, k->file[i], err);
	return true;
}

static bool
key_write(struct keyring *k, struct keyfile *f, const struct public_key **out, struct err *err)
{
	f->path = arena_printf(k->arena, "%s/%.*s.%.8s.key", k->dir, STR_ARG(f->role), f->key->id.p);
	if (f->kind == KEY_PLAIN && k->seals) {
		if (!one_opened(k, err))
			return false;
		f->kind = KEY_SEALED;
	}
	if (!keyfile_write(k->arena, f, k->cost, false, err))
		return err_in(err, "new key of %.*s", STR_ARG(f->role));
	keyring_add(k, f);
	*out = f->key;
	return true;
}

bool
keyring_take(struct keyring *k, struct str role, unsigned char seed[static 32],
    const struct public_key **out, struct err *err)
{
	if (!name_is_safe(role, VERTICAL_MAX))
		return err_set(err, ERR_INPUT, "'%.*s' cannot name a role", STR_ARG(role));
	struct keyfile *f = keyfile_make(k->arena, role, STR(""), seed);
	return keyring_has(k, f->key->id)
	    ? err_set(err, ERR_STALE, "key %.8s is in %s already", f->key->id.p, k->dir)
	    : key_write(k, f, out, err);
}

bool
keyring_make(struct keyring *k, struct str role, const struct public_key **out,
    struct err *err)
{
	unsigned char *seed = secret_alloc(k->arena, crypto_sign_SEEDBYTES);
	randombytes_buf(seed, crypto_sign_SEEDBYTES);
	return keyring_take(k, role, seed, out, err);
}

static bool
signature_good(const struct keyfile *f, struct str bytes, const unsigned char sig[static 64],
    struct err *err)
{
	return crypto_sign_verify_detached(sig, (const unsigned char *)bytes.p, bytes.n, f->key->key)
	        == 0
	    || err_set(err, ERR_SETUP, "signer %s: its signature is not one of key %.8s: is it the "
	           "right key?", f->command.argv[0], f->key->id.p);
}

static bool
sign_with(const struct keyring *k, struct keyfile *f, struct str bytes,
    unsigned char sig[static 64], struct err *err)
{
	if (f->kind == KEY_COMMAND) {
		struct arena *a = arena_new();
		bool ok = command_sign(a, &f->command, f->role, f->key->id, bytes, sig, err)
		    && signature_good(f, bytes, sig, err);
		arena_free(a);
		return ok;
	}
	if (!keyfile_open(k->arena, f, err))
		return false;
	(void)crypto_sign_detached(sig, NULL, (const unsigned char *)bytes.p, bytes.n, f->secret);
	return true;
}

bool
keyring_take_command(struct keyring *k, struct str role, const unsigned char key[static 32],
    const struct sign_command *c, const struct public_key **out, struct err *err)
{
	struct keyfile *f = ARENA_NEW(k->arena, struct keyfile);
	struct public_key *public = ARENA_NEW(k->arena, struct public_key);
	unsigned char sig[64];
	if (!name_is_safe(role, VERTICAL_MAX))
		return err_set(err, ERR_INPUT, "'%.*s' cannot name a role", STR_ARG(role));
	memcpy(public->key, key, sizeof public->key);
	public->id = key_id(k->arena, key);
	*f = (struct keyfile){ .role = arena_copy(k->arena, role), .key = public,
		.kind = KEY_COMMAND, .command = *c };
	if (keyring_has(k, public->id))
		return err_set(err, ERR_STALE, "key %.8s is in %s already", public->id.p, k->dir);
	return sign_with(k, f, STR("edgepress: is this signer the one?"), sig, err)
	    && key_write(k, f, out, err);
}

/* Every secret that is in a file, opened. */
static bool
all_open(struct keyring *k, struct err *err)
{
	for (size_t i = 0; i < k->n; i++)
		if (!keyfile_open(k->arena, k->file[i], err))
			return false;
	return true;
}

static bool
write_all(struct keyring *k, enum key_kind kind, bool same_too, enum seal_cost cost, size_t *n,
    struct err *err)
{
	*n = 0;
	for (size_t i = 0; i < k->n; i++) {
		struct keyfile *f = k->file[i];
		if (f->kind == KEY_COMMAND || (f->kind == kind && !same_too))
			continue;
		f->kind = kind;
		if (!keyfile_write(k->arena, f, cost, true, err))
			return err_in(err, "key file %.*s", STR_ARG(f->path));
		++*n;
	}
	return true;
}

bool
keyring_seal(struct keyring *k, enum seal_cost cost, bool anew, size_t *n, struct err *err)
{
	*n = 0;
	if (!all_open(k, err))
		return false;
	if (anew)
		seal_forget();
	return write_all(k, KEY_SEALED, anew, cost, n, err);
}

bool
keyring_unseal(struct keyring *k, size_t *n, struct err *err)
{
	*n = 0;
	return all_open(k, err) && write_all(k, KEY_PLAIN, false, SEAL_MODERATE, n, err);
}

size_t
keyring_keys(const struct keyring *k, struct keyfile *const **out)
{
	*out = k->file;
	return k->n;
}

static size_t
key_index(const struct keyring *k, struct str id)
{
	size_t i = 0;
	while (i < k->n && !str_eq(k->file[i]->key->id, id))
		i++;
	return i;
}

bool
keyring_has(const struct keyring *k, struct str id)
{
	return key_index(k, id) < k->n;
}

bool
keyring_unlock(const struct keyring *k, const struct role_keys *who, struct err *err)
{
	for (size_t i = 0; i < who->keys; i++) {
		const size_t at = key_index(k, who->key[i]->id);
		if (at < k->n && !keyfile_open(k->arena, k->file[at], err))
			return false;
	}
	return true;
}

bool
keyring_sign(const struct keyring *k, struct str id, struct str bytes,
    unsigned char sig[static 64], struct err *err)
{
	const size_t i = key_index(k, id);
	if (i == k->n)
		return err_set(err, ERR_ABSENT, "the secret of key %.*s is not in %s", STR_ARG(id),
		    k->dir);
	return sign_with(k, k->file[i], bytes, sig, err);
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
	if (unlink(k->file[i]->path.p) != 0)
		return err_sys(err, "%s", k->file[i]->path.p);
	if (k->file[i]->secret != NULL) {
		(void)sodium_mprotect_readwrite(k->file[i]->secret);
		sodium_memzero(k->file[i]->secret, crypto_sign_SECRETKEYBYTES);
	}
	k->n--;
	memmove(&k->file[i], &k->file[i + 1], (k->n - i) * sizeof *k->file);
	return true;
}
