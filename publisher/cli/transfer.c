#include "publisher/cli/transfer.h"

#include <stdio.h>

#include "publisher/cli/output.h"
#include "publisher/cli/report.h"
#include "publisher/release/fresh.h"

struct run {
	struct cli *cli;
	const struct target_config *to;
	struct site *site;
	struct plan *plan;
	struct published done;
	bool guarded;
};

static void
expired(const struct metadata *m, int64_t now, struct str *role)
{
	if (role->n == 0 && m->expires <= now)
		*role = m->role;
}

void
transfer_expired(const struct trusted *t, int64_t now, struct str *role)
{
	*role = (struct str){ 0 };
	expired(&t->timestamp.meta, now, role);
	expired(&t->snapshot.meta, now, role);
	expired(&t->targets.meta, now, role);
	expired(&t->root.meta, now, role);
	for (size_t i = 0; i < t->roles; i++)
		expired(&t->role[i].meta, now, role);
}

/* A single document never trips the guard. */
static bool
guard_passes(struct run *r, const struct config *c, struct err *err)
{
	for (size_t i = 0; i < r->plan->bundles; i++) {
		const struct planned_bundle *b = &r->plan->bundle[i];

		r->guarded = b->documents_removed > 1
		    && b->documents_removed * 100 > b->before * c->max_removed;
		if (r->guarded)
			return err_set(err, ERR_LIMIT, "%.*s/%.*s: %zu of %zu live documents of %.*s would "
			    "disappear, more than max_removed = %u %%: nothing was changed; go on with "
			    "--allow-large-change", STR_ARG(b->vertical), STR_ARG(b->locale),
			    b->documents_removed, b->before, STR_ARG(r->to->name), c->max_removed);
	}
	return true;
}

static void
show(struct run *r, const struct fresh_report *fresh)
{
	const bool dry = cli_flag(r->cli, "dry-run");

	if (r->cli->json) {
		json_t *o = json_new_object(r->cli->arena);

		report_plan_json(o, r->plan);
		json_object_set_new(o, "dry_run", json_boolean(dry));
		if (!dry)
			report_done_json(o, &r->done, fresh);
		output_json(o);
	} else if (dry) {
		report_plan(r->cli->arena, r->plan);
		puts("dry run: nothing was written");
	} else
		report_done(r->cli->arena, r->plan, &r->done, fresh);
}

enum exit_code
transfer(struct cli *cli, const struct config *config, const struct target_config *to,
    const struct promotion *promotion)
{
	struct run r = { .cli = cli, .to = to };
	struct fresh_report fresh = { 0 };
	struct progress progress;
	struct err err = { 0 };

	output_progress(cli, &progress);
	if (!site_open(cli->arena, to, &r.site, &err)
	    || !promote_plan(cli->arena, r.site, promotion, &r.plan, &err))
		return cli_fail(&err);
	if (cli_flag(cli, "dry-run")) {
		show(&r, &fresh);
		return EXIT_DONE;
	}
	if (!cli_flag(cli, "allow-large-change") && !guard_passes(&r, config, &err)) {
		(void)cli_fail(&err);
		return EXIT_GUARD;
	}
	if (!promote_commit(cli->arena, r.site, promotion, &progress, &r.done, &err))
		return cli_fail(&err);
	if (!fresh_make(cli->arena, r.site, to, &r.done, &fresh, &err))
		return report_unconfirmed(&r.done, &err);
	show(&r, &fresh);
	return fresh.done ? EXIT_DONE : EXIT_UNCONFIRMED;
}
