/* keys at rest: encrypted or not, taken from elsewhere, or behind a program. */
#include <sodium.h>
#include <stdio.h>

#include "publisher/cli/keys.h"
#include "publisher/cli/output.h"
#include "publisher/signing/foreign.h"

bool
keys_options(struct keys_run *r, enum seal_cost *cost, struct err *err)
{
	const char *name = cli_value(r->cli, "cost");

	*cost = SEAL_MODERATE;
	if (name != NULL && !seal_cost_parse(name, cost, err))
		return false;
	if (cli_flag(r->cli, "encrypt"))
		seal_wanted(*cost);
	return true;
}

static bool
tell(struct keys_run *r, const char *what, size_t n)
{
	json_t *o = json_new_object(r->cli->arena);

	if (!r->cli->json) {
		printf("%zu key files in %s were %s\n", n, r->target->keys, what);
		return true;
	}
	json_object_set_new(o, what, json_integer((json_int_t)n));
	output_json(o);
	return true;
}

static bool
encrypt(struct keys_run *r, bool anew, struct err *err)
{
	struct keyring *ring;
	enum seal_cost cost;
	size_t n;

	return keys_options(r, &cost, err)
	    && keyring_open(r->cli->arena, r->target->keys, &ring, err)
	    && keyring_seal(ring, cost, anew, &n, err) && tell(r, "encrypted", n);
}

bool
keys_encrypt(struct keys_run *r, struct err *err)
{
	return encrypt(r, false, err);
}

bool
keys_passphrase(struct keys_run *r, struct err *err)
{
	return encrypt(r, true, err);
}

bool
keys_decrypt(struct keys_run *r, struct err *err)
{
	struct keyring *ring;
	size_t n;

	return keyring_open(r->cli->arena, r->target->keys, &ring, err)
	    && keyring_unseal(ring, &n, err)
	    && tell(r, "decrypted", n);
}

static bool
tell_key(struct keys_run *r, const struct public_key *key)
{
	json_t *o = json_new_object(r->cli->arena);

	if (!r->cli->json) {
		printf("key %.*s of %.*s is in %s\n", STR_ARG(key->id), STR_ARG(r->name),
		    r->target->keys);
		return true;
	}
	json_object_set_new(o, "role", json_str(r->name));
	json_object_set_new(o, "keyid", json_str(key->id));
	output_json(o);
	return true;
}

bool
keys_import(struct keys_run *r, struct err *err)
{
	struct keyring *ring;
	const struct public_key *key;
	unsigned char *seed;
	enum seal_cost cost;

	return keys_options(r, &cost, err) && foreign_secret(r->cli->arena, r->arg[0], &seed, err)
	    && keyring_create(r->cli->arena, r->target->keys, &ring, err)
	    && keyring_take(ring, r->name, seed, &key, err) && tell_key(r, key);
}

bool
keys_signer(struct keys_run *r, struct err *err)
{
	const char *limit = cli_value(r->cli, "timeout");
	struct sign_command command = { .argv = r->arg + 1, .timeout_s = 30 };
	struct keyring *ring;
	const struct public_key *key;
	unsigned char public[32];
	uint64_t seconds = 30;

	if (limit != NULL && (!str_to_u64(str_of(limit), &seconds) || seconds < 1 || seconds > 600))
		return err_set(err, ERR_INPUT, "--timeout %s: 1 to 600 seconds", limit);
	command.timeout_s = (int64_t)seconds;
	return foreign_public(r->cli->arena, r->arg[0], public, err)
	    && keyring_create(r->cli->arena, r->target->keys, &ring, err)
	    && keyring_take_command(ring, r->name, public, &command, &key, err) && tell_key(r, key);
}
