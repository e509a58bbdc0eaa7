/* keys: who may sign for a target. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/ceremony.h"
#include "publisher/cli/founding.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"

/* What every sub-command works on. */
struct keys_run {
	struct cli *cli;
	struct config config;
	const struct target_config *target;
	struct str name; /* role or vertical, if one is named */
};

static bool
keys_init(struct keys_run *r, struct err *err)
{
	if (!founding_target(r->cli->arena, &r->config, r->target, err))
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
	struct arena *a = r->cli->arena;
	struct keyring *ring;
	struct site *site;
	const struct key_file *file;

	if (!keyring_open(a, r->target->keys, &ring, err)
	    || !site_open(a, r->target, &site, err))
		return false;
	size_t n = keyring_keys(ring, &file);
	json_t *list = json_new_array(a);

	for (size_t i = 0; i < n; i++) {
		const char *use = use_of(site, file[i].key);
		json_t *o = json_object();

		if (!r->cli->json)
			printf("%-12.*s %.*s  %s\n", STR_ARG(file[i].role), STR_ARG(file[i].key->id), use);
		json_object_set_new(o, "role", json_str(file[i].role));
		json_object_set_new(o, "keyid", json_str(file[i].key->id));
		json_object_set_new(o, "use", json_string(use));
		json_array_append_new(list, o);
	}
	if (r->cli->json)
		output_json(list);
	return true;
}

static bool
keys_rotate(struct keys_run *r, struct err *err)
{
	struct site *site;

	if (!site_mend(r->cli->arena, r->target, &site, err)
	    || !ceremony_rotate(r->cli->arena, site, r->name, err))
		return false;
	if (!r->cli->json)
		printf("%.*s has a new key; clients follow by themselves\n", STR_ARG(r->name));
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

static const struct {
	const char *name;
	bool named; /* takes a role or vertical */
	bool (*run)(struct keys_run *, struct err *);
} acts[] = {
	{ "init", false, keys_init },
	{ "list", false, keys_list },
	{ "rotate", true, keys_rotate },
	{ "renew", false, keys_renew },
	{ "delegate", true, keys_delegate },
};

static enum exit_code
run(struct cli *cli)
{
	struct keys_run r = { .cli = cli };
	struct err err = { 0 };

	for (size_t i = 0; cli->args > 0 && i < LEN(acts); i++) {
		if (strcmp(acts[i].name, cli->arg[0]) != 0)
			continue;
		if (cli->args != (acts[i].named ? 3u : 2u))
			return cli_usage(cli, "'keys %s' needs a target%s", acts[i].name,
			    acts[i].named ? " and a role or vertical" : "");
		if (acts[i].named)
			r.name = str_of(cli->arg[2]);
		if (!place_config(cli, &r.config, &err)
		    || !config_target(&r.config, str_of(cli->arg[1]), &r.target, &err)
		    || !acts[i].run(&r, &err))
			return cli_fail(&err);
		return EXIT_DONE;
	}
	return cli_usage(cli, "init, list, rotate, renew or delegate is needed");
}

const struct cli_command cmd_keys = {
	.name = "keys",
	.args = "init|list|rotate|renew|delegate TARGET [ROLE]",
	.summary = "make, list and replace the keys that sign a target",
	.help = "init      make all keys of a target and its trusted root; once\n"
		"list      the secret keys that are here, and whether they are in use\n"
		"rotate    replace the key of ROLE: root, targets, snapshot, timestamp, a vertical\n"
		"renew     sign the root anew with the same keys, once a year: clients stop when it\n"
		"          expires\n"
		"delegate  make a key for one more vertical, before its first publish",
	.example = "  edgepress keys init local\n"
		   "  edgepress keys rotate local timestamp\n"
		   "  edgepress keys delegate local air",
	.option = { { 0 } },
	.run = run,
};
