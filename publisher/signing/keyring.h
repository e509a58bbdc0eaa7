/*
 * keyring: the folder that holds a target's secret keys, one file a key, mode 0600:
 * <role>.<first 8 of key id>.key, other names are not looked at. Secrets are read into locked
 * memory, never logged, and wiped. The origin is linked without this folder of the source tree.
 *
 *   { "keytype": "ed25519", "scheme": "ed25519", "role": "timestamp",
 *     "public": 64 hex, "private": 64 hex (the seed of RFC 8032) }
 */
#ifndef PUBLISHER_SIGNING_KEYRING_H
#define PUBLISHER_SIGNING_KEYRING_H

#include "publisher/trust/metadata.h"

struct keyring;

/*
 * Reads every key file; ERR_SETUP names a file or folder that others may read or change, or
 * a file that is damaged. An absent folder is ERR_ABSENT. The secrets live as long as the
 * arena. From here on the process leaves no core dump and cannot be traced by its own user.
 */
bool keyring_open(struct arena *, const char *dir, struct keyring **out, struct err *);
/* As keyring_open, after making the folder (mode 0700) if it is absent. */
bool keyring_create(struct arena *, const char *dir, struct keyring **out, struct err *);
/* Make a new key for `role`, write its file, add it. */
bool keyring_make(struct keyring *, struct str role, const struct public_key **out,
    struct err *);
struct key_file {
	struct str role, path;
	const struct public_key *key;
};
/* All keys, by file name; the array is good until the next keyring_make or keyring_drop. */
size_t keyring_keys(const struct keyring *, const struct key_file **out);
/* The public half and the ability to sign for this id? */
bool keyring_has(const struct keyring *, struct str key_id);
/* Detached Ed25519 signature over bytes; ERR_ABSENT if the secret is not here. */
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
