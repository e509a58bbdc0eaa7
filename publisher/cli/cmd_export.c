/* export, import: bundles as one file, for where no network leads. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/cli/transfer.h"
#include "publisher/release/seen.h"
#include "publisher/transfer/archive.h"

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

static bool
export_make(struct cli *cli, struct promotion *p, struct archive_sum *sum, struct err *err)
{
	struct config config;
	const struct target_config *target;
	struct site *site;
	struct progress progress;
	struct str anchor;

	output_progress(cli, &progress);
	if (!place_config(cli, &config, err) || !place_target(cli, &config, &target, err)
	    || !site_open(cli->arena, target, &site, err) || !site_current(site, err)
	    || !fs_read(cli->arena, target->root, ROOT_MAX, &anchor, err))
		return false;
	p->store = site_store(site);
	p->live = site_live(site);
	return p->live != NULL
	    ? archive_write(cli->arena, p, anchor, cli_value(cli, "out"), &progress, sum, err)
	    : err_set(err, ERR_ABSENT, "nothing is published yet");
}

static enum exit_code
run_export(struct cli *cli)
{
	struct promotion p = { .kind = "export" };
	struct archive_sum sum = { 0 };
	struct err err = { 0 };

	if (cli_value(cli, "out") == NULL)
		return cli_usage(cli, "--out FILE is needed");
	if (!version_read(cli, &p.version))
		return cli_usage(cli, "--version takes a number that 'edgepress history' lists");
	p.n = cli->args > 1 ? cli->args - 1 : 0;
	struct str *bundle = ARENA_ARRAY(cli->arena, struct str, p.n + 1);

	for (size_t i = 0; i < p.n; i++)
		bundle[i] = str_of(cli->arg[i + 1]);
	p.bundle = bundle;
	if (!export_make(cli, &p, &sum, &err))
		return cli_fail(&err);
	if (cli->json) {
		json_t *o = json_new_object(cli->arena);

		json_object_set_new(o, "file", json_string(cli_value(cli, "out")));
		json_object_set_new(o, "objects", json_integer((json_int_t)sum.members));
		json_object_set_new(o, "bytes", json_integer((json_int_t)sum.bytes));
		json_object_set_new(o, "version", json_integer(p.version ? p.version
		    : p.live->trusted->snapshot.meta.version));
		output_json(o);
	} else
		printf("%s: %.*s objects, %.*s bytes\n", cli_value(cli, "out"),
		    STR_ARG(output_count(cli->arena, sum.members)),
		    STR_ARG(output_count(cli->arena, sum.bytes)));
	return EXIT_DONE;
}

const struct cli_command cmd_export = {
	.name = "export",
	.args = "TARGET [BUNDLE...] --out FILE",
	.summary = "bundles as one file, to be carried where no network leads",
	.help = "Write the bundles of a target (all without BUNDLE) with their signed metadata into one\n"
		"file, a tar archive; 'edgepress import' makes them live at another target. The same\n"
		"content gives the same bytes. No secret key is needed, and none is in it.",
	.example = "  edgepress export local --out site.tar\n"
		   "  edgepress export local weather/en-us --out weather.tar",
	.option = {
		{ "out", "FILE", "where to; replaced when all of it is written" },
		{ "version", "N", "an earlier version, instead of what is live" },
	},
	.run = run_export,
};

/* Whom the file has to come from: --root, or the trusted root of --from. */
static bool
root_find(struct cli *cli, const struct config *config, const char **out, struct err *err)
{
	const char *root = cli_value(cli, "root"), *from = cli_value(cli, "from");
	const struct target_config *target;

	*out = root;
	if (root != NULL)
		return true;
	if (!config_target(config, str_of(from), &target, err))
		return false;
	*out = target->root;
	return true;
}

/* An older export than one that was imported here is a way to set a site back unseen. So is a
 * new one that asks for an older version: the archive's head says so, and is not signed. */
static bool
age_check(struct cli *cli, const char *root, const struct archive *archive, struct err *err)
{
	const struct trusted *t = archive->live->trusted;
	struct seen seen;
	struct str role;

	if (!seen_read(cli->arena, root, &seen, err))
		return false;
	if (!cli_flag(cli, "older") && !seen_check(&seen, t, err))
		return err_in(err, "older than what was imported before; --older takes it all the same");
	if (!cli_flag(cli, "older") && archive->version != 0 && archive->version < seen.snapshot)
		return err_set(err, ERR_UNTRUSTED, "it brings version %" PRId64 ", but %" PRId64 " was imported "
		    "before; --older takes it all the same", archive->version, seen.snapshot);
	transfer_expired(t, clock_now(), &role);
	if (role.n > 0)
		(void)fprintf(stderr, "edgepress: its %.*s has expired since it was exported\n",
		    STR_ARG(role));
	return true;
}

static enum exit_code
run_import(struct cli *cli)
{
	struct config config;
	const struct target_config *to;
	struct archive archive = { 0 };
	const char *root;
	struct str anchor;
	struct err err = { 0 };

	if (cli->args != 2)
		return cli_usage(cli, "a file and a target are needed");
	if ((cli_value(cli, "root") == NULL) == (cli_value(cli, "from") == NULL))
		return cli_usage(cli, "say whose signatures count: --root FILE, or --from TARGET");
	if (!place_config(cli, &config, &err)
	    || !config_target(&config, str_of(cli->arg[1]), &to, &err)
	    || !root_find(cli, &config, &root, &err)
	    || !fs_read(cli->arena, root, ROOT_MAX, &anchor, &err)
	    || !archive_open(cli->arena, cli->arg[0], anchor, &archive, &err)
	    || !age_check(cli, root, &archive, &err))
		return cli_fail(&err);
	const int64_t version = archive.version ? archive.version
	    : archive.live->trusted->snapshot.meta.version;
	const struct promotion p = { .store = archive.store, .live = archive.live,
		.bundle = archive.bundle, .n = archive.bundles, .version = archive.version,
		.kind = "import", .note = cli_value(cli, "note") ? str_of(cli_value(cli, "note"))
		    : arena_printf(cli->arena, "import of version %" PRId64, version) };
	enum exit_code code = transfer(cli, &config, to, &p);

	if ((code == EXIT_DONE || code == EXIT_UNCONFIRMED) && !cli_flag(cli, "dry-run"))
		seen_keep(cli->arena, root, archive.live->trusted);
	return code;
}

const struct cli_command cmd_import = {
	.name = "import",
	.args = "FILE TARGET",
	.summary = "make live what another site has exported",
	.help = "Verify all of a file that 'edgepress export' has written, against the root of the site\n"
		"it comes from, before anything is written; then make its bundles live at TARGET, to\n"
		"the byte, as promote does. With --dry-run it only verifies and shows the plan.",
	.example = "  edgepress import site.tar prod --root staging.root.json --dry-run\n"
		   "  edgepress import site.tar prod --from staging",
	.option = {
		{ "root", "FILE", "trusted root of the site that it comes from" },
		{ "from", "TARGET", "or that of a target of edgepress.ini" },
		{ "older", NULL, "also an older version than was imported before" },
		TRANSFER_OPTIONS,
	},
	.run = run_import,
};
