/*
 * keyring: the folder that holds a target's secret keys, one file a key, mode 0600:
 * <role>.<first 8 of key id>.key as keyfile.h has it; other names are not looked at. Secrets
 * are read into locked memory, never logged, and wiped; encrypted ones are opened when they
 * sign first. The origin is linked without this folder of the source tree.
 */
#ifndef PUBLISHER_SIGNING_KEYRING_H
#define PUBLISHER_SIGNING_KEYRING_H

#include "publisher/signing/keyfile.h"

struct keyring;

/*
 * Reads every key file; ERR_SETUP names a file or folder that others may read or change, or
 * a file that is damaged. An absent folder is ERR_ABSENT. The secrets live as long as the
 * arena. From here on the process leaves no core dump and cannot be traced by its own user.
 */
bool keyring_open(struct arena *, const char *dir, struct keyring **out, struct err *);
/* As keyring_open, after making the folder (mode 0700) if it is absent. */
bool keyring_create(struct arena *, const char *dir, struct keyring **out, struct err *);
/* Make a new key for `role`, write its file, add it. Encrypted if seal_wanted was called, or if
 * the folder has an encrypted key. */
bool keyring_make(struct keyring *, struct str role, const struct public_key **out,
    struct err *);
/* Take a key that exists: its seed, which is wiped; or a program that signs, which is asked
 * for one signature first. ERR_STALE: it is here already. */
bool keyring_take(struct keyring *, struct str role, unsigned char seed[static 32],
    const struct public_key **out, struct err *);
bool keyring_take_command(struct keyring *, struct str role, const unsigned char key[static 32],
    const struct sign_command *, const struct public_key **out, struct err *);
/* Write every secret encrypted, or plain. Opens what is closed first: with one passphrase all
 * is right or nothing is changed. anew: under a passphrase that is asked for. *n: how many. */
bool keyring_seal(struct keyring *, enum seal_cost, bool anew, size_t *n, struct err *);
bool keyring_unseal(struct keyring *, size_t *n, struct err *);
/* All keys, by file name; the array is good until one is made, taken or dropped. */
size_t keyring_keys(const struct keyring *, struct keyfile *const **out);
/* The public half and the ability to sign for this id? */
bool keyring_has(const struct keyring *, struct str key_id);
/* Open those of `who`'s keys that are here and closed: so that a wrong passphrase is told
 * before any work. Missing keys are no error. */
bool keyring_unlock(const struct keyring *, const struct role_keys *who, struct err *);
/* Detached Ed25519 signature over bytes, checked; ERR_ABSENT if the secret is not here. */
bool keyring_sign(const struct keyring *, struct str key_id, struct str bytes,
    unsigned char sig[static 64], struct err *);
/*
 * Sign bytes that are no TUF metadata (a signed note, say) for a role: with the first of
 * `who`'s keys whose secret is here; *key tells which. Nothing that begins with "{" is taken,
 * so that such a signature never counts for metadata: ERR_INPUT. ERR_ABSENT: no key is here.
 */
bool keyring_sign_note(const struct keyring *, const struct role_keys *who, struct str bytes,
    const struct public_key **key, unsigned char sig[static 64], struct err *);
/* Delete the file of a key that nothing trusts any more, and wipe it from memory. */
bool keyring_drop(struct keyring *, struct str key_id, struct err *);

#endif
