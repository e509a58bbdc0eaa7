/*
 * passphrase: where the passphrase of encrypted keys comes from, and what was derived from it.
 * One for the process, used by one thread: a run asks once, however often it opens its keys.
 * Looked for in this order: the file descriptor of passphrase_from, EDGEPRESS_PASSPHRASE, the
 * terminal (without echo). All of it stays in locked memory.
 */
#ifndef PUBLISHER_SIGNING_PASSPHRASE_H
#define PUBLISHER_SIGNING_PASSPHRASE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

#define PASSPHRASE_MAX 1024
#define SEAL_SALT 16
#define SEAL_NONCE 24
#define SEAL_BOX 48 /* 32 bytes and their authenticator */

/*
 * A secret of 32 bytes, encrypted: XChaCha20-Poly1305 (IETF) under a key that Argon2id
 * (RFC 9106) makes from the passphrase. Bounded when read: at most 16 passes and 1 GiB, so
 * that a hostile file cannot exhaust the machine.
 */
struct seal {
	int64_t ops, memory; /* passes; bytes */
	unsigned char salt[SEAL_SALT], nonce[SEAL_NONCE], box[SEAL_BOX];
};

/* What one guess costs an attacker, and one run the user. Names as libsodium's. */
enum seal_cost {
	SEAL_MODERATE,    /* 256 MiB, 3 passes */
	SEAL_INTERACTIVE, /* 64 MiB, 2 passes: for small machines */
	SEAL_SENSITIVE,   /* 1 GiB, 4 passes */
};
bool seal_cost_parse(const char *name, enum seal_cost *out, struct err *);

/* Takes EDGEPRESS_PASSPHRASE and EDGEPRESS_NEW_PASSPHRASE out of the environment, so that no
 * program that is started from here sees them. Call once, early in main. */
void passphrase_setup(void);
/* Read passphrases from this open descriptor (a decimal number), one a line: the present one,
 * then a new one if it is to be changed. ERR_INPUT. */
bool passphrase_from(const char *descriptor, struct err *);

/* Keys that are made from here on are encrypted, at this cost. */
void seal_wanted(enum seal_cost);
bool seal_is_wanted(enum seal_cost *);

/* From the "sealed" member of a key file: ERR_INPUT if it is damaged or beyond the bounds. */
bool seal_read(const json_t *, struct seal *out, struct err *);
/* The member's value; the reference is the caller's. */
json_t *seal_json(struct arena *, const struct seal *);
/*
 * Open it with what this process already knows, else with the passphrase, which is asked for.
 * `what` is shown; `bound` is what the box was bound to. ERR_SETUP: wrong passphrase, or none
 * to be had; three tries at a terminal.
 */
bool seal_open(struct str what, const struct seal *, struct str bound,
    unsigned char secret[static 32], struct err *);
/* Encrypt under the passphrase that has opened or closed something last; the first time it is
 * asked for, twice at a terminal. */
bool seal_close(struct str bound, enum seal_cost, const unsigned char secret[static 32],
    struct seal *out, struct err *);
/* The next seal_close asks for a new passphrase. */
void seal_forget(void);

#endif
