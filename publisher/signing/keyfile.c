#include "publisher/signing/keyfile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/path.h"

#define FILE_BYTES_MAX 8192
#define SEED_HEX (2 * crypto_sign_SEEDBYTES)
#define WORDS_MAX 32
#define TIMEOUT_S 30

static void
secret_free(void *p)
{
	sodium_free(p); /* wipes first */
}

void *
secret_alloc(struct arena *a, size_t n)
{
	void *p = sodium_malloc(n);
	if (p == NULL)
		abort(); /* out of memory */
	sodium_memzero(p, n);
	arena_defer(a, secret_free, p);
	return p;
}

/* Only its owner may read it, and it must be ours: anybody else could have put it there. */
bool
keyfile_mode(int fd, unsigned kind, unsigned forbidden, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_sys(err, "fstat");
	if ((st.st_mode & S_IFMT) != kind)
		return err_set(err, ERR_SETUP, "not a regular %s", kind == S_IFDIR ? "folder" : "file");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_SETUP, "belongs to user %ju, not to you", (uintmax_t)st.st_uid);
	if ((st.st_mode & forbidden) != 0)
		return err_set(err, ERR_SETUP, "mode %03o lets others in: chmod %s", st.st_mode & 0777u,
		    kind == S_IFDIR ? "700" : "600");
	return true;
}

static bool
file_read(const char *path, char *locked, size_t *n, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "open");
	ssize_t got = -1;
	bool ok = keyfile_mode(fd, S_IFREG, 077, err)
	    && ((got = read(fd, locked, FILE_BYTES_MAX)) >= 0 || err_sys(err, "read"))
	    && (got < FILE_BYTES_MAX || err_set(err, ERR_SETUP, "damaged: %d bytes or more",
	                                    FILE_BYTES_MAX));
	(void)close(fd);
	*n = ok ? (size_t)got : 0;
	return ok;
}

/*
 * Take the seed out of the file's text, leaving zeros: what parses the rest keeps copies in
 * ordinary memory. *there: the file has one.
 */
static bool
seed_take(char *text, size_t n, unsigned char seed[static crypto_sign_SEEDBYTES], bool *there,
    struct err *err)
{
	static const char member[] = "\"private\"";
	char *at = memmem(text, n, member, strlen(member)), *end = text + n;
	*there = at != NULL;
	if (at == NULL)
		return true;
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

static bool
command_read(struct arena *a, const json_t *file, struct sign_command *out, struct err *err)
{
	const json_t *words;
	int64_t timeout = TIMEOUT_S;
	if (!field_array(file, "command", &words, err)
	    || (json_object_get(file, "timeout") != NULL
	        && !field_int(file, "timeout", 1, 600, &timeout, err)))
		return false;
	const size_t n = json_array_size(words);
	char **argv = ARENA_ARRAY(a, char *, n + 1);
	if (n == 0 || n > WORDS_MAX)
		return err_set(err, ERR_INPUT, "command: 1 to %d words", WORDS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str word = str_of(json_string_value(json_array_get(words, i)));
		if (word.p == NULL || (i == 0 && word.n == 0))
			return err_set(err, ERR_INPUT, "command: not a list of words");
		argv[i] = (char *)arena_copy(a, word).p;
	}
	*out = (struct sign_command){ argv, timeout };
	return true;
}

/* What is not secret in a key file. plain: it had a private key, now zeros. */
static bool
file_parse(struct arena *a, struct str text, bool plain, struct keyfile *out,
    struct digest *public, struct err *err)
{
	json_t *json;
	const json_t *sealed;
	struct str type, scheme, private;
	char zeros[SEED_HEX];
	memset(zeros, '0', sizeof zeros);
	if (!json_parse(a, text, &json, err) || !field_text(json, "keytype", &type, err)
	    || !field_text(json, "scheme", &scheme, err) || !field_text(json, "role", &out->role, err)
	    || !field_digest(json, "public", public, err))
		return false;
	if (!str_eq(type, STR("ed25519")) || !str_eq(scheme, STR("ed25519")))
		return err_set(err, ERR_INPUT, "not an ed25519 key");
	if (!name_is_safe(out->role, VERTICAL_MAX))
		return err_set(err, ERR_INPUT, "not a role's name");
	const bool is_sealed = json_object_get(json, "sealed") != NULL;
	const bool is_command = json_object_get(json, "command") != NULL;
	if (plain + is_sealed + is_command != 1)
		return err_set(err, ERR_INPUT, "exactly one of private, sealed and command is needed");
	out->kind = plain ? KEY_PLAIN : is_sealed ? KEY_SEALED : KEY_COMMAND;
	if (is_sealed)
		return (field_object(json, "sealed", &sealed, err) && seal_read(sealed, &out->seal, err))
		    || err_in(err, "sealed");
	if (is_command)
		return command_read(a, json, &out->command, err);
	return field_text(json, "private", &private, err)
	    && (str_eq(private, (struct str){ zeros, sizeof zeros })
	           || err_set(err, ERR_INPUT, "more than one private key"));
}

static const struct public_key *
key_of(struct arena *a, const unsigned char public[static 32])
{
	struct public_key *key = ARENA_NEW(a, struct public_key);
	memcpy(key->key, public, sizeof key->key);
	key->id = key_id(a, public);
	return key;
}

/* Does this seed belong to the public key? Then it is the secret. */
static bool
secret_set(struct arena *a, struct keyfile *f, unsigned char seed[static 32], struct err *err)
{
	unsigned char is[crypto_sign_PUBLICKEYBYTES];
	f->secret = secret_alloc(a, crypto_sign_SECRETKEYBYTES);
	(void)crypto_sign_seed_keypair(is, f->secret, seed);
	sodium_memzero(seed, crypto_sign_SEEDBYTES);
	(void)sodium_mprotect_readonly(f->secret);
	if (sodium_memcmp(is, f->key->key, sizeof is) == 0)
		return true;
	f->secret = NULL;
	return err_set(err, ERR_SETUP, "damaged: private and public key do not belong together");
}

bool
keyfile_read(struct arena *a, struct str path, struct keyfile **out, struct err *err)
{
	struct keyfile *f = ARENA_NEW(a, struct keyfile);
	unsigned char *seed = secret_alloc(a, crypto_sign_SEEDBYTES);
	char *text = secret_alloc(a, FILE_BYTES_MAX);
	struct digest said;
	bool plain;
	size_t n;
	if (!file_read(path.p, text, &n, err) || !seed_take(text, n, seed, &plain, err))
		return false;
	if (!file_parse(a, arena_copy(a, (struct str){ text, n }), plain, f, &said, err)) {
		err->code = ERR_SETUP;
		return err_in(err, "damaged");
	}
	f->role = arena_copy(a, f->role);
	f->path = arena_copy(a, path);
	f->key = key_of(a, said.b);
	*out = f;
	return !plain || secret_set(a, f, seed, err);
}

/* A box is good for this key of this role only. */
static struct str
bound_to(struct arena *a, const struct keyfile *f)
{
	return arena_printf(a, "edgepress key %.*s %.*s", STR_ARG(f->role), STR_ARG(f->key->id));
}

bool
keyfile_open(struct arena *a, struct keyfile *f, struct err *err)
{
	if (f->kind != KEY_SEALED || f->secret != NULL)
		return true;
	unsigned char *seed = secret_alloc(a, crypto_sign_SEEDBYTES);
	return seal_open(f->path, &f->seal, bound_to(a, f), seed, err)
	    && (secret_set(a, f, seed, err) || err_in(err, "%.*s", STR_ARG(f->path)));
}

/* Built by hand where it holds the secret: a JSON library's copies are not wiped. */
static bool
plain_text(struct arena *a, const struct keyfile *f, struct str *out)
{
	static const char form[] = "{\n  \"keytype\": \"ed25519\",\n  \"private\": \"%s\",\n"
	    "  \"public\": \"%s\",\n  \"role\": \"%.*s\",\n  \"scheme\": \"ed25519\"\n}\n";
	unsigned char *seed = secret_alloc(a, crypto_sign_SEEDBYTES);
	char *private = secret_alloc(a, SEED_HEX + 1), *text = secret_alloc(a, FILE_BYTES_MAX);
	char public[2 * sizeof f->key->key + 1];
	(void)crypto_sign_ed25519_sk_to_seed(seed, f->secret);
	sodium_bin2hex(private, SEED_HEX + 1, seed, crypto_sign_SEEDBYTES);
	sodium_bin2hex(public, sizeof public, f->key->key, sizeof f->key->key);
	int n = snprintf(text, FILE_BYTES_MAX, form, private, public, STR_ARG(f->role));
	sodium_memzero(private, SEED_HEX);
	sodium_memzero(seed, crypto_sign_SEEDBYTES);
	*out = (struct str){ text, (size_t)n };
	return true;
}

static json_t *
words_json(const struct sign_command *c)
{
	json_t *words = json_array();
	for (char *const *word = c->argv; *word != NULL; word++)
		(void)json_array_append_new(words, json_str(str_of(*word)));
	return words;
}

static bool
other_text(struct arena *a, struct keyfile *f, enum seal_cost cost, struct str *out,
    struct err *err)
{
	json_t *j = json_new_object(a);
	struct buf *text = buf_in(a, FILE_BYTES_MAX - 1), *hex = buf_in(a, 64);
	hex_put(hex, (struct str){ (const char *)f->key->key, sizeof f->key->key });
	(void)json_object_set_new(j, "keytype", json_string("ed25519"));
	(void)json_object_set_new(j, "scheme", json_string("ed25519"));
	(void)json_object_set_new(j, "role", json_str(f->role));
	(void)json_object_set_new(j, "public", json_str(buf_str(hex)));
	if (f->kind == KEY_COMMAND) {
		(void)json_object_set_new(j, "command", words_json(&f->command));
		(void)json_object_set_new(j, "timeout", json_integer(f->command.timeout_s));
	} else {
		unsigned char *seed = secret_alloc(a, crypto_sign_SEEDBYTES);
		(void)crypto_sign_ed25519_sk_to_seed(seed, f->secret);
		bool ok = seal_close(bound_to(a, f), cost, seed, &f->seal, err);
		sodium_memzero(seed, crypto_sign_SEEDBYTES);
		if (!ok)
			return false;
		(void)json_object_set_new(j, "sealed", seal_json(a, &f->seal));
	}
	if (!json_pretty(j, text, err))
		return err_in(err, "key file");
	*out = buf_str(text);
	return true;
}

bool
keyfile_write(struct arena *a, struct keyfile *f, enum seal_cost cost, bool replace,
    struct err *err)
{
	struct str text;
	if (!(f->kind == KEY_PLAIN ? plain_text(a, f, &text) : other_text(a, f, cost, &text, err)))
		return false;
	bool ok = replace ? fs_replace(f->path.p, text, 0600, err)
	                  : fs_create(f->path.p, text, 0600, err);
	if (f->kind == KEY_PLAIN)
		sodium_memzero((char *)text.p, text.n);
	return ok;
}

struct keyfile *
keyfile_make(struct arena *a, struct str role, struct str path, unsigned char seed[static 32])
{
	struct keyfile *f = ARENA_NEW(a, struct keyfile);
	unsigned char public[crypto_sign_PUBLICKEYBYTES];
	f->secret = secret_alloc(a, crypto_sign_SECRETKEYBYTES);
	(void)crypto_sign_seed_keypair(public, f->secret, seed);
	sodium_memzero(seed, crypto_sign_SEEDBYTES);
	(void)sodium_mprotect_readonly(f->secret);
	f->role = arena_copy(a, role);
	f->key = key_of(a, public);
	f->path = path.n > 0 ? arena_copy(a, path) : path;
	return f;
}
