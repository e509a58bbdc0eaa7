/*
 * keyfile: one file of a keyring. It names the role and the public key; the secret is there in
 * plain, encrypted, or behind a program:
 *
 *   { "keytype": "ed25519", "scheme": "ed25519", "role": "timestamp", "public": 64 hex,
 *     "private": 64 hex (the seed of RFC 8032)
 *     "sealed": { "kdf": "argon2id", "cipher": "xchacha20-poly1305", "ops", "memory", "salt",
 *         "nonce", "box" } (that seed, bound to role and public key)
 *     "command": ["/usr/local/bin/sign", "--slot", "1"], "timeout": 30 (seconds) }
 *
 * with exactly one of private, sealed and command.
 */
#ifndef PUBLISHER_SIGNING_KEYFILE_H
#define PUBLISHER_SIGNING_KEYFILE_H

#include "publisher/signing/command.h"
#include "publisher/signing/passphrase.h"
#include "publisher/trust/metadata.h"

enum key_kind { KEY_PLAIN, KEY_SEALED, KEY_COMMAND };

struct keyfile {
	struct str role, path;
	const struct public_key *key;
	enum key_kind kind;
	unsigned char *secret;       /* locked, 64 bytes as libsodium has it; NULL: not opened, or
	                              * a command's */
	struct seal seal;            /* KEY_SEALED */
	struct sign_command command; /* KEY_COMMAND */
};

/* Zeroed, locked as far as RLIMIT_MEMLOCK allows, with guard pages, wiped with the arena. */
void *secret_alloc(struct arena *, size_t n);
/* Is this open file or folder ours, of that kind, and without any of the forbidden bits? */
bool keyfile_mode(int fd, unsigned kind, unsigned forbidden, struct err *);
/* ERR_SETUP: damaged, or readable by others. A sealed secret stays closed. */
bool keyfile_read(struct arena *, struct str path, struct keyfile **out, struct err *);
/* Open a sealed secret; nothing to do for the other kinds. */
bool keyfile_open(struct arena *, struct keyfile *, struct err *);
/* Write it as its kind says, replacing what is there if `replace`; else ERR_STALE. The secret
 * has to be open, and is sealed anew. */
bool keyfile_write(struct arena *, struct keyfile *, enum seal_cost, bool replace, struct err *);
/* A plain key from its seed, which is wiped. */
struct keyfile *keyfile_make(struct arena *, struct str role, struct str path,
    unsigned char seed[static 32]);

#endif
