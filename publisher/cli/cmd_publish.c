/* publish: the whole way, from documents to fresh edges. */
#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"
#include "publisher/cli/expiry.h"
#include "publisher/cli/guard.h"
#include "publisher/cli/handover.h"
#include "publisher/cli/keep.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/cli/report.h"
#include "publisher/cli/results.h"
#include "publisher/cli/watch.h"
#include "publisher/release/fresh.h"

/* All of one run; filled stage by stage. */
struct run {
	struct cli *cli;
	const struct watch_piece *piece; /* of a stream; NULL: from paths */
	struct batch_options options;
	struct config config;
	const struct target_config *target;
	struct batch batch;
	struct site *site;
	struct batch_bundle *bundle;
	size_t bundles;
	struct publish_bundle *input;
	struct plan *plan;
	struct published done;
	bool guarded;         /* stopped by the guard */
	const char *rejected; /* why nothing is published: too much was refused */
};

/* Documents in, judged. */
static bool
gather(struct run *r, struct err *err)
{
	struct cli *cli = r->cli;
	size_t skip = cli->args > 0 ? 1 : 0; /* the target */

	output_progress(cli, &r->batch.progress);
	if (!place_catalog(cli->arena, &r->config, &r->batch.catalog, err))
		return false;
	return r->piece != NULL
	    ? batch_read_lines(cli->arena, &r->config, &r->options, r->piece->lines,
	          r->piece->first, &r->batch, err)
	    : batch_read(cli->arena, &r->config, &r->options, cli->arg + skip, cli->args - skip,
	          &r->batch, err);
}

/* What a stream brings is never the whole of a bundle. */
static bool
merges(const struct run *r)
{
	return r->piece != NULL || cli_flag(r->cli, "merge");
}

/* Is this run over because of what was refused? */
static bool
is_rejected(struct run *r)
{
	const struct batch *b = &r->batch;

	if (b->refused > 0 && cli_flag(r->cli, "strict"))
		r->rejected = "documents were refused, and --strict was given";
	else if (b->refused > 0 && b->accepted == b->kept)
		r->rejected = "every document was refused";
	return r->rejected != NULL;
}

/* With the last good version of what was refused, within the guard. */
static bool
complete(struct run *r, struct err *err)
{
	keep_buried(&r->batch, r->site);
	if (is_rejected(r) || !keep_live(&r->batch, r->site, merges(r), err))
		return false;
	batch_bundles(&r->batch, &r->bundle, &r->bundles);
	r->guarded = !cli_flag(r->cli, "allow-large-change")
	    && !guard_passes(&r->batch, r->bundle, r->bundles, r->site, err);
	return !r->guarded;
}

/* What rendering refuses is refused like all else: its last good version comes in. */
static bool
render(struct run *r, struct rendered **out, struct err *err)
{
	do {
		if (!complete(r, err) || !batch_render(&r->batch, r->bundle, r->bundles, out, err))
			return false;
	} while (r->batch.late > 0);
	return true;
}

static bool
make(struct run *r, struct err *err)
{
	struct rendered *rendered;

	return render(r, &rendered, err)
	    && handover(&r->batch, r->bundle, rendered, r->bundles, merges(r),
	        r->site, &r->input, err)
	    && publish_plan(r->cli->arena, r->site, r->input, r->bundles, &r->plan, err);
}

/* All is live as it shall be, and everything is done that a publish does. */
static bool
is_done(const struct run *r)
{
	return site_is_glimpse(r->site) && plan_is_empty(r->plan);
}

static bool
carry_out(struct run *r, struct err *err)
{
	const char *note = cli_value(r->cli, "note") ? cli_value(r->cli, "note") : "publish";

	if (is_done(r)) {
		r->done.version = site_live(r->site)->trusted->snapshot.meta.version;
		return true;
	}
	return publish_commit(r->cli->arena, r->site, r->input, r->bundles, str_of(note),
	    &r->batch.progress, &r->done, err);
}

/* Everything but freshness; once more from what is live now if another publisher was faster
 * with a bundle that this run is based on. */
static bool
commit(struct run *r, struct err *err)
{
	for (struct contest contest = { 0 };;) {
		if (make(r, err) && (cli_flag(r->cli, "dry-run") || carry_out(r, err))) {
			r->done.conflicts += contest.lost;
			return true;
		}
		if (r->guarded || r->rejected || err->code != ERR_STALE || !contest_again(&contest)
		    || !site_reload(r->site, err))
			return false;
	}
}

static void
show_plan(struct run *r)
{
	if (r->cli->json) {
		json_t *o = batch_json(&r->batch);

		report_plan_json(o, r->plan);
		json_object_set_new(o, "dry_run", json_true());
		output_answer(r->cli, o);
	} else {
		report_plan(r->cli->arena, r->plan);
		puts("dry run: nothing was written");
	}
}

static void
show_done(struct run *r, const struct fresh_report *fresh)
{
	if (r->cli->json) {
		json_t *o = batch_json(&r->batch);

		report_plan_json(o, r->plan);
		report_done_json(o, &r->done, fresh);
		json_object_set_new(o, "kept", json_integer((json_int_t)r->batch.kept));
		output_answer(r->cli, o);
	} else {
		printf("%zu documents pass, %zu refused, %zu kept from before\n",
		    r->batch.accepted - r->batch.kept, r->batch.refused, r->batch.kept);
		report_done(r->cli->arena, r->plan, &r->done, fresh);
	}
}

/* Beside what was rendered lies what is known of the store. */
static const char *
shelf(const struct run *r)
{
	return r->options.cache == NULL ? NULL : fs_join(r->cli->arena, r->options.cache, "store");
}

/* From documents to the commit; once more without the cache if that is damaged. */
static bool
publish(struct run *r, struct err *err)
{
	if (!place_config(r->cli, &r->config, err)
	    || !place_target(r->cli, &r->config, &r->target, err)
	    || !batch_options(r->cli, &r->config, &r->options, err) || !gather(r, err)
	    || !site_glimpse(r->cli->arena, r->target, shelf(r), &r->site, err))
		return false;
	if (commit(r, err))
		return true;
	if (r->rejected || r->guarded || !batch_distrusts(&r->batch, err))
		return false;
	r->batch = (struct batch){ 0 };
	r->options.cache = NULL;
	return site_distrust(r->site, err) && gather(r, err) && commit(r, err);
}

static enum exit_code
publish_once(struct cli *cli, const struct watch_piece *piece)
{
	struct run *r = ARENA_NEW(cli->arena, struct run);
	struct fresh_report fresh = { 0 };
	struct err err = { 0 }, report_err = { 0 };

	r->cli = cli;
	r->piece = piece;
	bool ok = publish(r, &err);

	if (r->batch.stash != NULL)
		batch_commit(&r->batch);
	batch_report(&r->batch, false);
	if (r->batch.stash != NULL && !results_report(cli, &r->batch, &report_err))
		(void)cli_fail(&report_err);
	if (r->rejected)
		(void)fprintf(stderr, "edgepress: %s: nothing was published\n", r->rejected);
	if (!ok) {
		enum exit_code code = r->rejected ? EXIT_REJECTED : cli_fail(&err);

		return r->guarded ? EXIT_GUARD : code;
	}
	if (cli_flag(cli, "dry-run")) {
		show_plan(r);
		return EXIT_DONE;
	}
	fresh.done = is_done(r);
	if (!fresh.done && !fresh_make(cli->arena, r->site, r->target, &r->done, &fresh, &err))
		return report_unconfirmed(&r->done, &err);
	if (fresh.done)
		site_remember(r->site);
	if (site_live(r->site) != NULL)
		expiry_warn(cli->arena, site_live(r->site)->trusted, clock_now());
	show_done(r, &fresh);
	return fresh.done ? EXIT_DONE : EXIT_UNCONFIRMED;
}

static enum exit_code
run(struct cli *cli)
{
	size_t skip = cli->args > 0 ? 1 : 0; /* the target */
	enum results_format format;
	struct err err = { 0 };

	if (cli_value(cli, "report") != NULL
	    && !results_format_of(cli_value(cli, "report"), &format, &err))
		return cli_usage(cli, "%s", err.text);
	return watch(cli, cli->arg + skip, cli->args - skip, publish_once);
}

const struct cli_command cmd_publish = {
	.name = "publish",
	.args = "[TARGET [PATH...]]",
	.summary = "make a version live; done when every edge is fresh",
	.help = "Check documents (the site's own without PATH), set aside those that are refused\n"
		"(their last good version stays live), render the rest, and publish all bundles\n"
		"in one commit. The documents are the whole of each bundle they belong to: what is\n"
		"not among them is removed, unless --merge. Running it twice does nothing more.\n"
		"Returns when every origin serves the new version and every edge has forgotten\n"
		"the old one. Refused documents alone do not fail it: see --strict.",
	.example = "  edgepress publish local --dry-run\n"
		   "  edgepress publish local\n"
		   "  agent | edgepress publish local --merge -\n"
		   "  agent | edgepress publish local --watch -",
	.option = {
		{ "dry-run", NULL, "show the plan; write nothing anywhere" },
		{ "merge", NULL, "leave live documents alone that the input does not name" },
		{ "strict", NULL, "publish nothing if any document is refused (exit code 3)" },
		{ "allow-large-change", NULL, "do not let the guard stop a large change" },
		{ "report", "FILE", "findings of the gates into a file: .json, .sarif or .xml (JUnit)" },
		{ "note", "TEXT", "kept in the history (default: publish)" },
		BATCH_OPTIONS,
		WATCH_OPTIONS,
	},
	.run = run,
};
