/* rollback: a pointer flip and a purge; nothing is built. */
#include <inttypes.h>
#include <stdio.h>

#include "base/parallel.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/cli/relist.h"
#include "publisher/cli/report.h"

static bool
is_meant(struct str name, const struct str *bundle, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(bundle[i], name))
			return true;
	return n == 0;
}

static void
show_bundle(struct str name, const struct live_bundle *b, int64_t to)
{
	const struct bundle_version *v = live_version(b, to);

	if (v == NULL && to < b->first)
		printf("- %.*s  was not there: becomes empty\n", STR_ARG(name));
	else if (v == NULL)
		printf("! %.*s  is no longer kept so far back: this would fail\n", STR_ARG(name));
	else if (v->version != b->current.version)
		printf("~ %.*s  %" PRId64 " -> %" PRId64 "\n", STR_ARG(name), b->current.version,
		    v->version);
}

static bool
show(struct arena *a, struct site *site, const struct str *bundle, size_t n, int64_t to,
    struct err *err)
{
	const struct live *live = site_live(site);

	if (live == NULL)
		return err_set(err, ERR_ABSENT, "nothing is published yet");
	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];
		struct str name = arena_printf(a, "%.*s/%.*s", STR_ARG(b->vertical),
		    STR_ARG(b->locale));

		if (is_meant(name, bundle, n))
			show_bundle(name, b, to);
	}
	puts("dry run: nothing was written");
	return true;
}

/* Live bundles that are meant, with what is taken down in them. */
static size_t
buried(struct cli *cli, struct site *site, const struct str *bundle, size_t n,
    struct publish_bundle *out)
{
	const struct live *live = site_live(site);
	size_t found = 0;

	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];
		struct str name = arena_printf(cli->arena, "%.*s/%.*s", STR_ARG(b->vertical),
		    STR_ARG(b->locale));

		if (is_meant(name, bundle, n) && b->manifest->tombstones > 0)
			out[found++] = (struct publish_bundle){ .vertical = b->vertical,
				.locale = b->locale, .tombstone = b->manifest->tombstone,
				.tombstones = b->manifest->tombstones };
	}
	return found;
}

/* An older version had lists that name what is taken down since: they are rendered anew. */
static bool
lists_again(struct cli *cli, const struct config *config, struct site *site,
    const struct str *bundle, size_t n, struct published *done, struct err *err)
{
	const struct batch_options options = { .jobs = parallel_cores() };
	struct batch *batch = ARENA_NEW(cli->arena, struct batch);
	struct publish_bundle *input = ARENA_ARRAY(cli->arena, struct publish_bundle,
	    site_live(site)->bundles + 1);
	struct published listed;
	size_t inputs = buried(cli, site, bundle, n, input);

	output_progress(cli, &batch->progress);
	if (!place_catalog(cli->arena, config, &batch->catalog, err)
	    || !relist(cli->arena, config, &options, site, batch, input, inputs, err)
	    || !publish_commit(cli->arena, site, input, inputs,
	        STR("lists without what is taken down"), &batch->progress, &listed, err))
		return false;
	/* The keys of the rollback itself are in its intent, which is not done yet. */
	listed.changed = true;
	*done = listed;
	return true;
}

static enum exit_code
run(struct cli *cli)
{
	const char *to = cli_value(cli, "to");
	uint64_t version = 0;
	struct config config;
	const struct target_config *target;
	struct site *site;
	struct published done = { 0 };
	struct fresh_report fresh = { 0 };
	struct err err = { 0 };

	if (to == NULL || !str_to_u64(str_of(to), &version) || version == 0)
		return cli_usage(cli, "--to VERSION is needed; 'edgepress history' lists versions");
	size_t n = cli->args > 1 ? cli->args - 1 : 0;
	struct str *bundle = ARENA_ARRAY(cli->arena, struct str, n + 1);

	for (size_t i = 0; i < n; i++)
		bundle[i] = str_of(cli->arg[i + 1]);
	if (!place_config(cli, &config, &err) || !place_target(cli, &config, &target, &err)
	    || !site_open(cli->arena, target, &site, &err))
		return cli_fail(&err);
	if (cli_flag(cli, "dry-run"))
		return show(cli->arena, site, bundle, n, (int64_t)version, &err) ? EXIT_DONE
		    : cli_fail(&err);
	if (!publish_rollback(cli->arena, site, bundle, n, (int64_t)version, &done, &err))
		return cli_fail(&err);
	if (done.unlisted && !lists_again(cli, &config, site, bundle, n, &done, &err))
		(void)fprintf(stderr, "edgepress: lists that named what was taken down are left out, because "
		                "they could not be rendered: %s; publish again to have them\n", err.text);
	if (!fresh_make(cli->arena, site, target, &done, &fresh, &err))
		return report_unconfirmed(&done, &err);
	if (cli->json) {
		json_t *o = json_new_object(cli->arena);

		report_done_json(o, &done, &fresh);
		output_json(o);
	} else
		report_done(cli->arena, NULL, &done, &fresh);
	return fresh.done ? EXIT_DONE : EXIT_UNCONFIRMED;
}

const struct cli_command cmd_rollback = {
	.name = "rollback",
	.args = "TARGET --to VERSION [BUNDLE...]",
	.summary = "make an earlier version live again, in seconds",
	.help = "Make bundles (all of them without BUNDLE) what they were in an earlier version of\n"
		"the site. That becomes a new version: nothing is rebuilt or uploaded but signed\n"
		"metadata, and only what differs is purged.",
	.example = "  edgepress history local\n"
		   "  edgepress rollback local --to 3\n"
		   "  edgepress rollback local --to 3 weather/en-us",
	.option = {
		{ "to", "VERSION", "a version that 'edgepress history' lists" },
		{ "dry-run", NULL, "say which bundles would change; write nothing" },
	},
	.run = run,
};
