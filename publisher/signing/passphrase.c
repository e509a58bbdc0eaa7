#include "publisher/signing/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define OPS_MAX 16
#define MEMORY_MIN 8192
#define MEMORY_MAX (INT64_C(1) << 30)
#define DERIVED_MAX 64
#define TRIES 3

_Static_assert(SEAL_SALT == crypto_pwhash_SALTBYTES, "Argon2id");
_Static_assert(SEAL_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "XChaCha20");
_Static_assert(SEAL_BOX == 32 + crypto_aead_xchacha20poly1305_ietf_ABYTES, "Poly1305");

/* A key that Argon2id has made in this process. */
struct derived {
	int64_t ops, memory;
	unsigned char salt[SEAL_SALT];
	unsigned char *key; /* locked */
};

/* Of the whole process; see the header. */
static struct {
	char *present, *next;  /* from the environment; locked */
	int fd;                /* -1: none */
	char *lines;           /* read from it so far; locked */
	bool read;
	struct derived derived[DERIVED_MAX];
	size_t n;
	bool wanted;           /* new keys are encrypted */
	enum seal_cost cost;
	struct derived *current; /* what new seals are made with */
} own = { .fd = -1 };

static char *
locked_new(size_t n)
{
	char *p = sodium_malloc(n);
	if (p == NULL)
		abort(); /* out of memory */
	sodium_memzero(p, n);
	return p;
}

static char *
environment_take(const char *name)
{
	char *value = getenv(name), *kept = NULL;
	if (value == NULL)
		return NULL;
	const size_t n = strlen(value);
	if (n > 0 && n <= PASSPHRASE_MAX) {
		kept = locked_new(PASSPHRASE_MAX + 1);
		memcpy(kept, value, n);
	}
	sodium_memzero(value, n);
	(void)unsetenv(name);
	return kept;
}

void
passphrase_setup(void)
{
	own.present = environment_take("EDGEPRESS_PASSPHRASE");
	own.next = environment_take("EDGEPRESS_NEW_PASSPHRASE");
}

bool
passphrase_from(const char *descriptor, struct err *err)
{
	uint64_t fd;
	if (!str_to_u64(str_of(descriptor), &fd) || fd > 1023 || fcntl((int)fd, F_GETFD) < 0)
		return err_set(err, ERR_INPUT, "--passphrase-fd %s: not an open file descriptor",
		    descriptor);
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	own.fd = (int)fd;
	return true;
}

bool
seal_cost_parse(const char *name, enum seal_cost *out, struct err *err)
{
	static const char *const names[] = { "moderate", "interactive", "sensitive" };
	for (size_t i = 0; i < LEN(names); i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (enum seal_cost)i;
			return true;
		}
	return err_set(err, ERR_INPUT, "'%s' is none of moderate, interactive, sensitive", name);
}

void
seal_wanted(enum seal_cost cost)
{
	own.wanted = true;
	own.cost = cost;
}

bool
seal_is_wanted(enum seal_cost *cost)
{
	*cost = own.cost;
	return own.wanted;
}

static bool
line_copy(const char *line, size_t n, char *out, struct err *err)
{
	if (n == 0 || n > PASSPHRASE_MAX)
		return err_set(err, ERR_SETUP, "a passphrase has 1 to %d bytes", PASSPHRASE_MAX);
	memcpy(out, line, n);
	out[n] = '\0';
	return true;
}

/* The first or second line of what the descriptor gives. */
static bool
descriptor_line(bool second, char *out, struct err *err)
{
	const size_t room = 2 * PASSPHRASE_MAX + 3;
	size_t n = 0;
	if (!own.read) {
		own.lines = locked_new(room);
		for (ssize_t got = 1; got > 0 && n + 1 < room; n += got > 0 ? (size_t)got : 0) {
			got = read(own.fd, own.lines + n, room - 1 - n);
			if (got < 0 && errno != EINTR)
				return err_sys(err, "passphrase from descriptor %d", own.fd);
			got = got < 0 ? 1 : got;
		}
		own.read = true;
	}
	const char *line = own.lines, *end = strchr(line, '\n');
	if (second) {
		if (end == NULL || end[1] == '\0')
			return err_set(err, ERR_SETUP, "descriptor %d has no second line with the new "
			    "passphrase", own.fd);
		line = end + 1;
		end = strchr(line, '\n');
	}
	return line_copy(line, end != NULL ? (size_t)(end - line) : strlen(line), out, err)
	    || err_in(err, "descriptor %d", own.fd);
}

/* One line without echo. */
static bool
terminal_line(int tty, const char *prompt, char *out, struct err *err)
{
	struct termios was, quiet;
	size_t n = 0;
	char c = '\0';
	if (tcgetattr(tty, &was) != 0)
		return err_sys(err, "terminal");
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	if (tcsetattr(tty, TCSAFLUSH, &quiet) != 0)
		return err_sys(err, "terminal");
	(void)dprintf(tty, "%s: ", prompt); /* behind it: what is typed before is thrown away */
	while (n <= PASSPHRASE_MAX && read(tty, &c, 1) == 1 && c != '\n')
		out[n++] = c;
	out[n <= PASSPHRASE_MAX ? n : PASSPHRASE_MAX] = '\0';
	(void)tcsetattr(tty, TCSAFLUSH, &was);
	(void)dprintf(tty, "\n");
	return (n > 0 && n <= PASSPHRASE_MAX)
	    || err_set(err, ERR_SETUP, "a passphrase has 1 to %d bytes", PASSPHRASE_MAX);
}

static bool
terminal_ask(struct str what, bool new, char *out, struct err *err)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	char prompt[256];
	if (tty < 0)
		return err_set(err, ERR_SETUP, "%.*s is encrypted and there is no terminal to ask for the "
		    "passphrase: --passphrase-fd N or EDGEPRESS_PASSPHRASE", STR_ARG(what));
	(void)snprintf(prompt, sizeof prompt, "%spassphrase for %.*s", new ? "new " : "",
	    STR_ARG(what));
	bool ok = terminal_line(tty, prompt, out, err);
	if (ok && new) {
		char *again = locked_new(PASSPHRASE_MAX + 1);
		ok = terminal_line(tty, "the same again", again, err)
		    && (strcmp(out, again) == 0
		           || err_set(err, ERR_SETUP, "the two passphrases differ"));
		sodium_free(again);
	}
	(void)close(tty);
	return ok;
}

/* Can it be asked for again? */
static bool
is_interactive(void)
{
	return own.fd < 0 && own.present == NULL;
}

static bool
passphrase_get(struct str what, bool new, char *out, struct err *err)
{
	/* What replaces a passphrase that this run has used is another one. */
	const bool second = new && own.n > 0;
	if (own.fd >= 0)
		return descriptor_line(second, out, err);
	const char *from = second ? own.next : own.present;
	if (from != NULL)
		return line_copy(from, strlen(from), out, err);
	if (second && own.present != NULL)
		return err_set(err, ERR_SETUP, "EDGEPRESS_NEW_PASSPHRASE is needed too");
	return terminal_ask(what, new, out, err);
}

static bool
derive(const char *passphrase, struct derived *d, struct err *err)
{
	d->key = (unsigned char *)locked_new(32);
	if (crypto_pwhash(d->key, 32, passphrase, strlen(passphrase), d->salt,
	        (unsigned long long)d->ops, (size_t)d->memory, crypto_pwhash_ALG_ARGON2ID13) == 0)
		return true;
	sodium_free(d->key);
	d->key = NULL;
	return err_set(err, ERR_BUSY, "Argon2id needs %" PRId64 " MiB of memory, which are not to be "
	    "had", d->memory >> 20);
}

static struct derived *
remember(const struct derived *d)
{
	const size_t at = own.n < DERIVED_MAX ? own.n++ : DERIVED_MAX - 1;
	if (own.derived[at].key != NULL)
		sodium_free(own.derived[at].key);
	own.derived[at] = *d;
	return &own.derived[at];
}

static bool
opens(const struct derived *d, const struct seal *s, struct str bound,
    unsigned char secret[static 32])
{
	unsigned long long n = 0;
	return d->ops == s->ops && d->memory == s->memory
	    && memcmp(d->salt, s->salt, sizeof d->salt) == 0
	    && crypto_aead_xchacha20poly1305_ietf_decrypt(secret, &n, NULL, s->box, sizeof s->box,
	           (const unsigned char *)bound.p, bound.n, s->nonce, d->key) == 0;
}

/* One guess at the passphrase. *wrong: it was that. */
static bool
open_once(struct str what, const struct seal *s, struct str bound,
    unsigned char secret[static 32], bool *wrong, struct err *err)
{
	struct derived d = { .ops = s->ops, .memory = s->memory };
	char *passphrase = locked_new(PASSPHRASE_MAX + 1);
	memcpy(d.salt, s->salt, sizeof d.salt);
	*wrong = false;
	bool ok = passphrase_get(what, false, passphrase, err) && derive(passphrase, &d, err);
	sodium_free(passphrase);
	if (!ok)
		return false;
	if (opens(&d, s, bound, secret)) {
		own.current = remember(&d);
		return true;
	}
	sodium_free(d.key);
	*wrong = true;
	return err_set(err, ERR_SETUP, "%.*s: wrong passphrase (or the file is damaged)",
	    STR_ARG(what));
}

bool
seal_open(struct str what, const struct seal *s, struct str bound,
    unsigned char secret[static 32], struct err *err)
{
	bool wrong = true;
	for (size_t i = 0; i < own.n; i++)
		if (opens(&own.derived[i], s, bound, secret)) {
			own.current = &own.derived[i];
			return true;
		}
	for (int tries = 0; wrong && tries < (is_interactive() ? TRIES : 1); tries++)
		if (open_once(what, s, bound, secret, &wrong, err))
			return true;
	return false;
}

static bool
close_with_new(enum seal_cost cost, struct err *err)
{
	static const struct { int64_t ops, memory; } of[] = {
		[SEAL_MODERATE] = { crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
			crypto_pwhash_argon2id_MEMLIMIT_MODERATE },
		[SEAL_INTERACTIVE] = { crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE,
			crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE },
		[SEAL_SENSITIVE] = { crypto_pwhash_argon2id_OPSLIMIT_SENSITIVE,
			crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE },
	};
	struct derived d = { .ops = of[cost].ops, .memory = of[cost].memory };
	char *passphrase = locked_new(PASSPHRASE_MAX + 1);
	randombytes_buf(d.salt, sizeof d.salt);
	bool ok = passphrase_get(STR("the keys"), true, passphrase, err)
	    && derive(passphrase, &d, err);
	sodium_free(passphrase);
	if (ok)
		own.current = remember(&d);
	return ok;
}

bool
seal_close(struct str bound, enum seal_cost cost, const unsigned char secret[static 32],
    struct seal *out, struct err *err)
{
	if (own.current == NULL && !close_with_new(cost, err))
		return false;
	*out = (struct seal){ .ops = own.current->ops, .memory = own.current->memory };
	memcpy(out->salt, own.current->salt, sizeof out->salt);
	randombytes_buf(out->nonce, sizeof out->nonce);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(out->box, NULL, secret, 32,
	    (const unsigned char *)bound.p, bound.n, NULL, out->nonce, own.current->key);
	return true;
}

void
seal_forget(void)
{
	own.current = NULL;
}

static bool
hex_read(const json_t *from, const char *name, unsigned char *out, size_t n, struct err *err)
{
	struct str hex;
	size_t got;
	return field_text(from, name, &hex, err)
	    && ((hex.n == 2 * n && sodium_hex2bin(out, n, hex.p, hex.n, NULL, &got, NULL) == 0
	            && got == n)
	           || err_set(err, ERR_INPUT, "%s: not %zu hex digits", name, 2 * n));
}

bool
seal_read(const json_t *from, struct seal *out, struct err *err)
{
	struct str kdf, cipher;
	if (!field_text(from, "kdf", &kdf, err) || !field_text(from, "cipher", &cipher, err))
		return false;
	if (!str_eq(kdf, STR("argon2id")) || !str_eq(cipher, STR("xchacha20-poly1305")))
		return err_set(err, ERR_INPUT, "not argon2id and xchacha20-poly1305");
	return field_int(from, "ops", 1, OPS_MAX, &out->ops, err)
	    && field_int(from, "memory", MEMORY_MIN, MEMORY_MAX, &out->memory, err)
	    && hex_read(from, "salt", out->salt, sizeof out->salt, err)
	    && hex_read(from, "nonce", out->nonce, sizeof out->nonce, err)
	    && hex_read(from, "box", out->box, sizeof out->box, err);
}

static json_t *
hex_json(struct arena *a, const unsigned char *bytes, size_t n)
{
	struct buf *hex = buf_in(a, 2 * n);
	hex_put(hex, (struct str){ (const char *)bytes, n });
	return json_str(buf_str(hex));
}

json_t *
seal_json(struct arena *a, const struct seal *s)
{
	json_t *j = json_object();
	(void)json_object_set_new(j, "kdf", json_string("argon2id"));
	(void)json_object_set_new(j, "cipher", json_string("xchacha20-poly1305"));
	(void)json_object_set_new(j, "ops", json_integer(s->ops));
	(void)json_object_set_new(j, "memory", json_integer(s->memory));
	(void)json_object_set_new(j, "salt", hex_json(a, s->salt, sizeof s->salt));
	(void)json_object_set_new(j, "nonce", hex_json(a, s->nonce, sizeof s->nonce));
	(void)json_object_set_new(j, "box", hex_json(a, s->box, sizeof s->box));
	return j;
}
