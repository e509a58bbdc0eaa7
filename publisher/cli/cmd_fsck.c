/* fsck: is the store whole? If not, it can be made so. */
#include <inttypes.h>
#include <stdio.h>

#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/cli/report.h"
#include "publisher/upkeep/fsck.h"

#define SHOWN_MAX 10000 /* findings; all are counted */

struct showing {
	json_t *list; /* NULL: for people, line by line */
	size_t n;
};

static void
show(void *ctx, const struct fsck_finding *f)
{
	struct showing *s = ctx;

	if (s->n++ >= SHOWN_MAX)
		return;
	if (s->list != NULL) {
		json_t *o = json_object();

		json_object_set_new(o, "state", json_string(fsck_state_name[f->state]));
		json_object_set_new(o, "key", json_str(f->key));
		json_object_set_new(o, "what", json_str(f->what));
		json_object_set_new(o, "why", json_str(f->why));
		json_array_append_new(s->list, o);
		return;
	}
	printf("%-10s %.*s%s%.*s%s%s%.*s\n", fsck_state_name[f->state], STR_ARG(f->key),
	    f->what.n > 0 ? " (" : "", STR_ARG(f->what), f->what.n > 0 ? ")" : "",
	    f->why.n > 0 ? ": " : "", STR_ARG(f->why));
}

static void
print_json(struct cli *cli, const struct fsck_report *r, const struct fresh_report *fresh,
    json_t *list)
{
	json_t *o = json_new_object(cli->arena), *counts = json_object();

	for (size_t i = 0; i < FSCK_STATES; i++)
		json_object_set_new(counts, fsck_state_name[i], json_integer((json_int_t)r->found[i]));
	json_object_set_new(o, "whole", json_boolean(r->whole));
	json_object_set_new(o, "objects", json_integer((json_int_t)r->objects));
	json_object_set_new(o, "bytes", json_integer((json_int_t)r->bytes));
	json_object_set_new(o, "unneeded", json_integer((json_int_t)r->unneeded));
	json_object_set_new(o, "found", counts);
	json_object_set(o, "findings", list);
	if (r->mended.changed)
		report_done_json(o, &r->mended, fresh);
	output_json(o);
}

static void
print_text(struct cli *cli, const struct fsck_report *r, const struct fresh_report *fresh)
{
	printf("%.*s objects checked, %.*s that gc would look at\n",
	    STR_ARG(output_count(cli->arena, r->objects)),
	    STR_ARG(output_count(cli->arena, r->unneeded)));
	for (size_t i = 0; i < FSCK_STATES; i++)
		if (r->found[i] > 0)
			printf("  %s: %" PRIu64 "\n", fsck_state_name[i], r->found[i]);
	if (r->mended.changed)
		report_done(cli->arena, NULL, &r->mended, fresh);
	puts(r->whole ? "the store is whole" : "the store is NOT whole");
}

/* A target of this site, or a store's URL. */
static bool
from_open(struct cli *cli, const struct config *config, const char *name, struct store **out,
    struct err *err)
{
	const struct target_config *target;
	struct err ignored;

	return config_target(config, str_of(name), &target, &ignored)
	    ? store_open(cli->arena, target->store, out, err)
	    : store_open(cli->arena, name, out, err) || err_in(err, "--from");
}

static bool
loss_of(const char *text, enum fsck_loss *out)
{
	*out = text == NULL ? LOSS_TELL : str_eq(str_of(text), STR("drop")) ? LOSS_DROP : LOSS_ROLLBACK;
	return *out != LOSS_ROLLBACK || str_eq(str_of(text), STR("rollback"));
}

/* A new version, or purges that somebody left. */
static bool
make_fresh(struct cli *cli, struct site *site, const struct target_config *target,
    const struct fsck_report *r, struct fresh_report *out, struct err *err)
{
	struct published p = r->mended;

	*out = (struct fresh_report){ .done = true };
	if (!r->mended.changed && r->found[FSCK_UNFINISHED] == 0)
		return true;
	if (!r->mended.changed)
		p.version = site_live(site)->trusted->snapshot.meta.version;
	return fresh_make(cli->arena, site, target, &p, out, err);
}

static enum exit_code
run(struct cli *cli)
{
	const char *from = cli_value(cli, "from"), *loss = cli_value(cli, "lost");
	struct showing showing = { cli->json ? json_new_array(cli->arena) : NULL, 0 };
	struct progress progress;
	struct fsck_options o = { .repair = cli_flag(cli, "repair"), .progress = &progress,
		.found = show, .ctx = &showing };
	struct config config;
	const struct target_config *target;
	struct site *site;
	struct store *other;
	struct fsck_report report;
	struct fresh_report fresh = { .done = true };
	struct err err = { 0 };

	if (!loss_of(loss, &o.loss))
		return cli_usage(cli, "--lost is drop or rollback");
	if ((loss != NULL || from != NULL) && !o.repair)
		return cli_usage(cli, "--from and --lost go with --repair");
	output_progress(cli, &progress);
	if (!place_config(cli, &config, &err) || !place_target(cli, &config, &target, &err)
	    || (from != NULL && !from_open(cli, &config, from, &other, &err)))
		return cli_fail(&err);
	o.from = &other;
	o.froms = from != NULL;
	if (!site_salvage(cli->arena, target, &site, &err)
	    || !fsck_run(cli->arena, site, &o, &report, &err))
		return cli_fail(&err);
	if (o.repair && !make_fresh(cli, site, target, &report, &fresh, &err))
		return report_unconfirmed(&report.mended, &err);
	if (cli->json)
		print_json(cli, &report, &fresh, showing.list);
	else
		print_text(cli, &report, &fresh);
	return !report.whole ? EXIT_FAILED : fresh.done ? EXIT_DONE : EXIT_UNCONFIRMED;
}

const struct cli_command cmd_fsck = {
	.name = "fsck",
	.args = "[TARGET]",
	.summary = "prove a store whole; --repair mends it",
	.help = "Read every object that a kept version needs and check it against what is signed;\n"
		"tell what is missing, damaged, unfinished or not ours. Exit code 1 if the store is not\n"
		"whole. --repair makes again what follows from other objects: coded forms and the files\n"
		"behind them, the log; takes the rest from another store with --from; and finishes\n"
		"purges. What is lost then is left out of a new version with --lost drop (its documents)\n"
		"or --lost rollback (back to the newest whole version): publish it again after that.",
	.example = "  edgepress fsck local\n"
		   "  edgepress fsck local --repair\n"
		   "  edgepress fsck local --repair --lost drop",
	.option = {
		{ "repair", NULL, "mend what can be mended; writes to the store" },
		{ "from", "STORE", "with --repair: a target or file:DIR that may have what is missing" },
		{ "lost", "HOW", "with --repair: drop or rollback: a new version without what is lost" },
	},
	.run = run,
};
