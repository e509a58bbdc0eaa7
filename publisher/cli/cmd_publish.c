/* publish: the whole way, from documents to fresh edges. */
#include <stdio.h>

#include "base/clock.h"
#include "publisher/cli/expiry.h"
#include "publisher/cli/guard.h"
#include "publisher/cli/handover.h"
#include "publisher/cli/keep.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/cli/report.h"
#include "publisher/fresh.h"

#define TRIES 20

/* All of one run; filled stage by stage. */
struct run {
	struct cli *cli;
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
	size_t skip = r->cli->args > 0 ? 1 : 0; /* the target */
	struct batch_options options;

	return place_config(r->cli, &r->config, err)
	    && place_target(r->cli, &r->config, &r->target, err)
	    && place_catalog(r->cli->arena, &r->config, &r->batch.catalog, err)
	    && batch_options(r->cli, &r->config, &options, err)
	    && batch_read(r->cli->arena, &r->config, &options, r->cli->arg + skip,
	        r->cli->args - skip, &r->batch, err)
	    && site_open(r->cli->arena, r->target, &r->site, err);
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
	if (is_rejected(r) || !keep_live(&r->batch, r->site, cli_flag(r->cli, "merge"), err))
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
	    && handover(&r->batch, r->bundle, rendered, r->bundles, cli_flag(r->cli, "merge"),
	        r->site, &r->input, err)
	    && publish_plan(r->cli->arena, r->site, r->input, r->bundles, &r->plan, err);
}

/* Everything but freshness; once more from what is live now if another publisher was faster
 * with a bundle that this run is based on. */
static bool
commit(struct run *r, struct err *err)
{
	const char *note = cli_value(r->cli, "note") ? cli_value(r->cli, "note") : "publish";
	struct progress progress;

	output_progress(&progress);
	for (unsigned tries = 1;; tries++) {
		if (make(r, err)
		    && (cli_flag(r->cli, "dry-run")
		        || publish_commit(r->cli->arena, r->site, r->input, r->bundles, str_of(note),
		            &progress, &r->done, err)))
			return true;
		if (r->guarded || r->rejected || err->code != ERR_STALE || tries == TRIES
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
		output_json(o);
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
		output_json(o);
	} else {
		printf("%zu documents pass, %zu refused, %zu kept from before\n",
		    r->batch.accepted - r->batch.kept, r->batch.refused, r->batch.kept);
		report_done(r->cli->arena, r->plan, &r->done, fresh);
	}
}

static enum exit_code
run(struct cli *cli)
{
	struct run r = { .cli = cli };
	struct fresh_report fresh = { 0 };
	struct err err = { 0 };

	if (!gather(&r, &err))
		return cli_fail(&err);
	bool ok = commit(&r, &err);

	batch_commit(&r.batch);
	batch_report(&r.batch, false);
	if (r.rejected)
		(void)fprintf(stderr, "edgepress: %s: nothing was published\n", r.rejected);
	if (!ok) {
		enum exit_code code = r.rejected ? EXIT_REJECTED : cli_fail(&err);

		return r.guarded ? EXIT_GUARD : code;
	}
	if (cli_flag(cli, "dry-run")) {
		show_plan(&r);
		return EXIT_DONE;
	}
	if (!fresh_make(cli->arena, r.site, r.target, &r.done, &fresh, &err))
		return report_unconfirmed(&r.done, &err);
	if (site_live(r.site) != NULL)
		expiry_warn(cli->arena, site_live(r.site)->trusted, clock_now());
	show_done(&r, &fresh);
	return fresh.done ? EXIT_DONE : EXIT_UNCONFIRMED;
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
		   "  agent | edgepress publish local --merge -",
	.option = {
		{ "dry-run", NULL, "show the plan; write nothing anywhere" },
		{ "merge", NULL, "leave live documents alone that the input does not name" },
		{ "strict", NULL, "publish nothing if any document is refused (exit code 3)" },
		{ "allow-large-change", NULL, "do not let the guard stop a large change" },
		{ "note", "TEXT", "kept in the history (default: publish)" },
		BATCH_OPTIONS,
	},
	.run = run,
};
