/* keys: who may sign for a target. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/cli/founding.h"
#include "publisher/cli/keys.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/release/ceremony.h"

static bool
keys_init(struct keys_run *r, struct err *err)
{
	enum seal_cost cost;

	if (!keys_options(r, &cost, err)
	    || !founding_target(r->cli->arena, &r->config, r->target, err))
		return false;
	if (!r->cli->json)
		printf("made the keys of %.*s in %s (mode 0600) and its trusted root %s\n"
		       "Move the root keys to a safe place off this machine: publishing does not "
		       "need them.\n", STR_ARG(r->target->name), r->target->keys, r->target->root);
	return true;
}

static bool
is_among(const struct role_keys *role, size_t roles, struct str id)
{
	for (size_t i = 0; i < roles; i++)
		for (size_t k = 0; k < role[i].keys; k++)
			if (str_eq(role[i].key[k]->id, id))
				return true;
	return false;
}

/* By the newest root and targets: a vertical's new key is live with the next publish. */
static const char *
use_of(const struct site *site, const struct public_key *key)
{
	struct release r;

	site_release(site, &r);
	if (r.base != NULL && is_among(r.base->targets.role, r.base->targets.roles, key->id))
		return "in use";
	if (is_among(r.targets->role, r.targets->roles, key->id))
		return "from the next publish on";
	return is_among(r.root->role, LEN(r.root->role), key->id) ? "in use" : "retired";
}

static bool
keys_list(struct keys_run *r, struct err *err)
{
	static const char *const kept[] = { [KEY_PLAIN] = "plain", [KEY_SEALED] = "encrypted",
		[KEY_COMMAND] = "command" };
	struct arena *a = r->cli->arena;
	struct keyring *ring;
	struct site *site;
	struct keyfile *const *file;

	if (!keyring_open(a, r->target->keys, &ring, err)
	    || !site_open(a, r->target, &site, err))
		return false;
	size_t n = keyring_keys(ring, &file);
	json_t *list = json_new_array(a);

	for (size_t i = 0; i < n; i++) {
		const char *use = use_of(site, file[i]->key);
		json_t *o = json_object();

		const char *rest = kept[file[i]->kind];

		if (!r->cli->json)
			printf("%-12.*s %.*s  %-9s  %s\n", STR_ARG(file[i]->role),
			    STR_ARG(file[i]->key->id), rest, use);
		json_object_set_new(o, "role", json_str(file[i]->role));
		json_object_set_new(o, "keyid", json_str(file[i]->key->id));
		json_object_set_new(o, "secret", json_string(rest));
		json_object_set_new(o, "use", json_string(use));
		json_array_append_new(list, o);
	}
	if (r->cli->json)
		output_json(list);
	return true;
}

static bool
keys_replace(struct keys_run *r,
    bool (*how)(struct arena *, struct site *, struct str, struct err *), struct err *err)
{
	struct site *site;

	if (!site_mend(r->cli->arena, r->target, &site, err)
	    || !how(r->cli->arena, site, r->name, err))
		return false;
	if (!r->cli->json)
		printf("%.*s has a new key; clients follow by themselves\n", STR_ARG(r->name));
	return true;
}

static bool
keys_rotate(struct keys_run *r, struct err *err)
{
	return keys_replace(r, ceremony_rotate, err);
}

static bool
keys_revoke(struct keys_run *r, struct err *err)
{
	return keys_replace(r, ceremony_revoke, err);
}

static bool
keys_resume(struct keys_run *r, struct err *err)
{
	struct site *site;
	struct published done;

	if (!site_open(r->cli->arena, r->target, &site, err)
	    || !publish_resume(r->cli->arena, site, &done, err))
		return false;
	if (!r->cli->json)
		printf("what the store holds is live as version %" PRId64 "\n", done.version);
	return true;
}

static bool
keys_adopt(struct keys_run *r, struct err *err)
{
	if (!founding_adopt(r->cli->arena, &r->config, r->target, r->arg[0], err))
		return false;
	if (!r->cli->json)
		printf("%s is the trusted root of %.*s now\n", r->arg[0], STR_ARG(r->target->name));
	return true;
}

static bool
keys_renew(struct keys_run *r, struct err *err)
{
	struct site *site;
	struct release now;

	if (!site_open(r->cli->arena, r->target, &site, err)
	    || !ceremony_renew(r->cli->arena, site, err))
		return false;
	site_release(site, &now);
	if (!r->cli->json)
		printf("root %" PRId64 " is good until %.*s\n", now.root->meta.version,
		    STR_ARG(time_rfc3339(r->cli->arena, now.root->meta.expires)));
	return true;
}

static bool
keys_delegate(struct keys_run *r, struct err *err)
{
	struct site *site;

	if (!site_open(r->cli->arena, r->target, &site, err)
	    || !ceremony_delegate(r->cli->arena, site, r->name, err))
		return false;
	if (!r->cli->json)
		printf("%.*s has a key of its own and can be published\n", STR_ARG(r->name));
	return true;
}

static const struct act {
	const char *name, *usage;
	bool target, role;   /* stand behind it, in this order */
	size_t least, most;  /* further words */
	keys_act *run;
} acts[] = {
	{ "init", "TARGET", true, false, 0, 0, keys_init },
	{ "list", "TARGET", true, false, 0, 0, keys_list },
	{ "rotate", "TARGET ROLE", true, true, 0, 0, keys_rotate },
	{ "revoke", "TARGET ROLE", true, true, 0, 0, keys_revoke },
	{ "resume", "TARGET", true, false, 0, 0, keys_resume },
	{ "adopt", "TARGET ROOT", true, false, 1, 1, keys_adopt },
	{ "renew", "TARGET", true, false, 0, 0, keys_renew },
	{ "delegate", "TARGET VERTICAL", true, true, 0, 0, keys_delegate },
	{ "encrypt", "TARGET", true, false, 0, 0, keys_encrypt },
	{ "decrypt", "TARGET", true, false, 0, 0, keys_decrypt },
	{ "passphrase", "TARGET", true, false, 0, 0, keys_passphrase },
	{ "import", "TARGET ROLE FILE", true, true, 1, 1, keys_import },
	{ "signer", "TARGET ROLE PUBLIC COMMAND [ARG...]", true, true, 2, 32, keys_signer },
	{ "make", "DIR ROLE", false, false, 2, 2, keys_make },
	{ "draft", "TARGET FILE [CHANGE...]", true, false, 1, 97, keys_draft },
	{ "sign", "FILE DIR", false, false, 2, 2, keys_sign },
	{ "assemble", "FILE COPY...", false, false, 2, 33, keys_assemble },
	{ "apply", "TARGET FILE...", true, false, 1, 32, keys_apply },
};

static bool
act_run(const struct act *act, struct keys_run *r, struct err *err)
{
	if (act->target
	    && (!place_config(r->cli, &r->config, err)
	        || !config_target(&r->config, str_of(r->cli->arg[1]), &r->target, err)))
		return false;
	if (act->role)
		r->name = str_of(r->cli->arg[2]);
	r->arg = r->cli->arg + 1 + act->target + act->role;
	r->args = r->cli->args - 1 - act->target - act->role;
	return act->run(r, err);
}

static enum exit_code
run(struct cli *cli)
{
	struct keys_run r = { .cli = cli };
	struct err err = { 0 };

	for (size_t i = 0; cli->args > 0 && i < LEN(acts); i++) {
		const size_t named = 1 + (size_t)acts[i].target + (size_t)acts[i].role;

		if (strcmp(acts[i].name, cli->arg[0]) != 0)
			continue;
		if (cli->args < named + acts[i].least || cli->args > named + acts[i].most)
			return cli_usage(cli, "it is 'edgepress keys %s %s'", acts[i].name, acts[i].usage);
		return act_run(&acts[i], &r, &err) ? EXIT_DONE : cli_fail(&err);
	}
	return cli->args > 0 ? cli_usage(cli, "there is no act '%s'; --help lists them", cli->arg[0])
	    : cli_usage(cli, "one of the acts that --help lists is needed");
}

const struct cli_command cmd_keys = {
	.name = "keys",
	.args = "ACT TARGET [ROLE] [...]",
	.summary = "make, keep and replace the keys that sign a target",
	.help = "init TARGET            make all keys of a target and its trusted root; once\n"
		"list TARGET            the secret keys that are here, and whether they are in use\n"
		"rotate TARGET ROLE     replace the key of root, targets, snapshot, timestamp or a\n"
		"                       vertical; all keys above it have to be here\n"
		"revoke TARGET ROLE     the same for a key that was lost or stolen\n"
		"renew TARGET           sign the root anew with the same keys, once a year: clients\n"
		"                       stop when it expires\n"
		"resume TARGET          go on from a store that was restored from an older copy\n"
		"adopt TARGET ROOT      begin from a root.json made elsewhere, whose keys are here\n"
		"delegate TARGET NAME   a key for one more vertical, before its first publish\n"
		"encrypt TARGET         encrypt the key files that are here with a passphrase\n"
		"passphrase TARGET      encrypt them under another passphrase\n"
		"decrypt TARGET         write them plain again\n"
		"import TARGET ROLE FILE   take an Ed25519 key: PKCS#8 PEM, securesystemslib's JSON\n"
		"signer TARGET ROLE PUBLIC COMMAND [ARG...]   a program signs (HSM, KMS)\n"
		"make DIR ROLE          a key on a machine without a site; shows its public key\n"
		"draft TARGET FILE [CHANGE...]   the next root or targets, to be signed elsewhere;\n"
		"                       CHANGE: add ROLE PUBLIC, remove ROLE KEYID, threshold ROLE N\n"
		"sign FILE DIR          sign a draft with the keys in DIR; needs no site\n"
		"assemble FILE COPY...  put signed copies of a draft together into FILE\n"
		"apply TARGET FILE...   check signed drafts and bring them live",
	.example = "  edgepress keys init local\n"
		   "  edgepress keys encrypt local\n"
		   "  edgepress keys rotate local timestamp\n"
		   "  edgepress keys delegate local air",
	.option = {
		{ "encrypt", NULL, "init, import: encrypt what is made or taken" },
		{ "cost", "COST", "of a guess: moderate (default), interactive or sensitive" },
		{ "expires", "TIME", "draft: how long it shall be good (default 365d)" },
		{ "old-is-lost", NULL, "apply: sign nothing with the keys that it replaces" },
		{ "timeout", "S", "signer: seconds it may take (default 30)" },
	},
	.run = run,
};
