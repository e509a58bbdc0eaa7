/* promote: what one target has, live at another, to the byte. */
#include <inttypes.h>

#include "base/clock.h"
#include "publisher/cli/place.h"
#include "publisher/cli/transfer.h"

/* What is taken over has to be what is live there now, not what somebody holds back or again. */
static bool
source_check(const struct site *from, struct str name, struct err *err)
{
	const struct live *live = site_live(from);
	struct str role;

	if (live == NULL)
		return err_set(err, ERR_ABSENT, "%.*s: nothing is published there yet", STR_ARG(name));
	if (!site_current(from, err))
		return err_in(err, "%.*s", STR_ARG(name));
	transfer_expired(live->trusted, clock_now(), &role);
	return role.n == 0 || err_set(err, ERR_UNTRUSTED, "%.*s: its %.*s has expired, so nobody vouches "
	    "that this is what is live there: run `edgepress timestamp %.*s`", STR_ARG(name),
	    STR_ARG(role), STR_ARG(name));
}

static bool
version_read(const struct cli *cli, int64_t *out)
{
	const char *text = cli_value(cli, "version");
	uint64_t n = 0;

	if (text != NULL && (!str_to_u64(str_of(text), &n) || n == 0))
		return false;
	*out = (int64_t)n;
	return true;
}

static enum exit_code
run(struct cli *cli)
{
	struct promotion p = { .kind = "promote" };
	struct config config;
	const struct target_config *from, *to;
	struct site *site;
	struct err err = { 0 };

	if (cli->args < 2)
		return cli_usage(cli, "two targets are needed: from which, and to which");
	if (!version_read(cli, &p.version))
		return cli_usage(cli, "--version takes a number that 'edgepress history' lists");
	if (!place_config(cli, &config, &err)
	    || !config_target(&config, str_of(cli->arg[0]), &from, &err)
	    || !config_target(&config, str_of(cli->arg[1]), &to, &err))
		return cli_fail(&err);
	if (from == to)
		return cli_usage(cli, "both targets are the same");
	if (!site_open(cli->arena, from, &site, &err) || !source_check(site, from->name, &err))
		return cli_fail(&err);
	p.store = site_store(site);
	p.live = site_live(site);
	p.n = cli->args - 2;
	struct str *bundle = ARENA_ARRAY(cli->arena, struct str, p.n + 1);

	for (size_t i = 0; i < p.n; i++)
		bundle[i] = str_of(cli->arg[i + 2]);
	p.bundle = bundle;
	p.note = cli_value(cli, "note") ? str_of(cli_value(cli, "note"))
	    : arena_printf(cli->arena, "promote version %" PRId64 " of %.*s",
	          p.version ? p.version : p.live->trusted->snapshot.meta.version, STR_ARG(from->name));
	return transfer(cli, &config, to, &p);
}

const struct cli_command cmd_promote = {
	.name = "promote",
	.args = "FROM TO [BUNDLE...]",
	.summary = "what one target has, live at another, to the byte",
	.help = "Make the bundles of a target (all without BUNDLE) live at another one as they are:\n"
		"same manifests, same files, same hashes; nothing is rendered. What TO lacks is copied\n"
		"and verified on the way, in one commit that TO's keys sign. Of FROM, only the trusted\n"
		"root is needed. Bundles that FROM does not have stay as they are.",
	.example = "  edgepress promote staging prod --dry-run\n"
		   "  edgepress promote staging prod\n"
		   "  edgepress promote staging prod weather/en-us --version 12",
	.option = {
		{ "version", "N", "an earlier version of FROM, instead of what is live" },
		TRANSFER_OPTIONS,
	},
	.run = run,
};
