/*
 * keyring: the folder that holds a target's secret keys, one file a key, mode 0600:
 * <role>.<first 8 of key id>.key. Secrets are read into locked memory, never logged, and
 * wiped. The origin is linked without this folder of the source tree.
 */
#ifndef PUBLISHER_SIGNING_KEYRING_H
#define PUBLISHER_SIGNING_KEYRING_H

#include "publisher/trust/metadata.h"

struct keyring;

/* Reads every key file; ERR_SETUP names a file that is readable by others or damaged. An
 * absent folder is ERR_ABSENT. The secrets live as long as the arena. */
bool keyring_open(struct arena *, const char *dir, struct keyring **out, struct err *);
/* Make a new key for `role`, write its file, add it. */
bool keyring_make(struct keyring *, struct str role, const struct public_key **out,
    struct err *);
struct key_file {
	struct str role, path;
	const struct public_key *key;
};
size_t keyring_keys(const struct keyring *, const struct key_file **out);
/* The public half and the ability to sign for this id? */
bool keyring_has(const struct keyring *, struct str key_id);
/* Detached Ed25519 signature over bytes; ERR_ABSENT if the secret is not here. */
bool keyring_sign(const struct keyring *, struct str key_id, struct str bytes,
    unsigned char sig[static 64], struct err *);

#endif
