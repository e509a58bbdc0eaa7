/* keys: what the sub-commands of `edgepress keys` share; the table is in cmd_keys.c. */
#ifndef PUBLISHER_CLI_KEYS_H
#define PUBLISHER_CLI_KEYS_H

#include "publisher/cli/cli.h"
#include "publisher/release/publish.h"

struct keys_run {
	struct cli *cli;
	struct config config;
	const struct target_config *target; /* NULL if the sub-command needs no site */
	struct str name; /* role or vertical, if one is named */
	char **arg;      /* what stands behind the target (and the name) */
	size_t args;
};

typedef bool keys_act(struct keys_run *, struct err *);

/* keys_rest.c: how keys lie on this machine */
keys_act keys_encrypt, keys_decrypt, keys_passphrase, keys_import, keys_signer;
/* keys_offline.c: a ceremony on several machines */
keys_act keys_make, keys_draft, keys_sign, keys_assemble, keys_apply;
/* Heed --encrypt and --cost, before keys are opened or made. */
bool keys_options(struct keys_run *, enum seal_cost *cost, struct err *);

#endif
