/*
 * foreign: Ed25519 keys as other programs write them. Secrets: PKCS#8 PEM (RFC 8410, not
 * encrypted), securesystemslib's JSON, a key file of ours. Public keys: SubjectPublicKeyInfo
 * PEM, or 64 hex digits.
 */
#ifndef PUBLISHER_SIGNING_FOREIGN_H
#define PUBLISHER_SIGNING_FOREIGN_H

#include "publisher/signing/keyfile.h"

/* The seed into locked memory of the arena. ERR_SETUP: others may read the file; ERR_INPUT:
 * not such a key. */
bool foreign_secret(struct arena *, const char *path, unsigned char **seed, struct err *);
/* `text` is the hex digits themselves, or else the path of a file that holds either form. */
bool foreign_public(struct arena *, const char *text, unsigned char key[static 32], struct err *);

#endif
