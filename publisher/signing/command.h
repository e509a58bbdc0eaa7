/*
 * command: a program that signs (for an HSM, a KMS, a smart card). It is started directly,
 * without a shell, once for each signature:
 *   standard input    the exact bytes to sign
 *   environment       EDGEPRESS_ROLE, EDGEPRESS_KEYID, EDGEPRESS_SCHEME=ed25519, and ours
 *   standard output   the Ed25519 signature: 64 raw bytes, or 128 hex digits, or base64
 *   standard error    shown as it is
 *   exit code         0, or it has refused
 */
#ifndef PUBLISHER_SIGNING_COMMAND_H
#define PUBLISHER_SIGNING_COMMAND_H

#include "base/arena.h"
#include "base/err.h"

struct sign_command {
	char *const *argv;   /* NULL at the end; argv[0] is looked for in PATH without a slash */
	int64_t timeout_s;   /* then it is killed */
};

/* The signature is not checked here. ERR_SETUP: cannot be started, or answered nonsense;
 * ERR_BUSY: refused or too slow. */
bool command_sign(struct arena *, const struct sign_command *, struct str role, struct str key_id,
    struct str bytes, unsigned char sig[static 64], struct err *);

#endif
