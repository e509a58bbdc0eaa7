/* gc: what no kept version needs goes. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/upkeep/gc.h"

#define LISTED_MAX 1000 /* in JSON */

struct listing {
	json_t *list; /* NULL: for people, line by line */
};

static void
show_doomed(void *ctx, struct str key, uint64_t bytes)
{
	const struct listing *l = ctx;

	if (l->list == NULL)
		printf("- %.*s  %" PRIu64 "\n", STR_ARG(key), bytes);
	else if (json_array_size(l->list) < LISTED_MAX)
		json_array_append_new(l->list, json_str(key));
}

static json_t *
sum_json(const struct gc_sum *s)
{
	return json_pack("{s:I,s:I}", "objects", (json_int_t)s->objects, "bytes",
	    (json_int_t)s->bytes);
}

static struct gc_sum
total(const struct gc_report *r)
{
	struct gc_sum sum = { 0 };

	for (size_t i = 0; i < GC_KINDS; i++) {
		sum.objects += r->removed[i].objects;
		sum.bytes += r->removed[i].bytes;
	}
	return sum;
}

static void
print_json(struct cli *cli, const struct gc_report *r, json_t *list, bool dry_run)
{
	json_t *o = json_new_object(cli->arena), *kinds = json_object();
	const struct gc_sum all = total(r);

	for (size_t i = 0; i < GC_KINDS; i++)
		json_object_set_new(kinds, gc_kind_name[i], sum_json(&r->removed[i]));
	json_object_set_new(o, "dry_run", json_boolean(dry_run));
	json_object_set_new(o, "removed", sum_json(&all));
	json_object_set_new(o, "removed_by_kind", kinds);
	json_object_set_new(o, "kept", sum_json(&r->kept));
	json_object_set_new(o, "young", sum_json(&r->young));
	json_object_set_new(o, "unknown", sum_json(&r->unknown));
	if (dry_run)
		json_object_set(o, "objects", list); /* the first ones of many */
	output_json(o);
}

static void
line(struct arena *a, const char *what, const struct gc_sum *s)
{
	printf("%-22s %12.*s %16.*s\n", what, STR_ARG(output_count(a, s->objects)),
	    STR_ARG(output_count(a, s->bytes)));
}

static void
print_text(struct cli *cli, const struct gc_report *r, bool dry_run)
{
	const struct gc_sum all = total(r);

	printf("%-22s %12s %16s\n", "", "objects", "bytes");
	line(cli->arena, dry_run ? "would be removed" : "removed", &all);
	for (size_t i = 0; i < GC_KINDS; i++)
		if (r->removed[i].objects > 0)
			line(cli->arena, arena_printf(cli->arena, "  %s", gc_kind_name[i]).p, &r->removed[i]);
	line(cli->arena, "needed, kept", &r->kept);
	line(cli->arena, "not needed, but young", &r->young);
	if (r->unknown.objects > 0)
		line(cli->arena, "not ours, left alone", &r->unknown);
	if (dry_run)
		puts("dry run: nothing was written");
}

static enum exit_code
run(struct cli *cli)
{
	struct listing listing = { cli->json ? json_new_array(cli->arena) : NULL };
	struct progress progress;
	struct gc_options o = { .dry_run = cli_flag(cli, "dry-run"),
		.take_over = cli_flag(cli, "take-over"), .progress = &progress,
		.doomed = show_doomed, .ctx = &listing };
	const char *grace = cli_value(cli, "grace");
	struct config config;
	const struct target_config *target;
	struct site *site;
	struct gc_report report;
	struct err err = { 0 };

	output_progress(cli, &progress);
	if (grace != NULL && !duration_parse(str_of(grace), &o.grace_s, &err))
		return cli_usage(cli, "--grace: %s", err.text);
	if (!place_config(cli, &config, &err) || !place_target(cli, &config, &target, &err)
	    || !site_open(cli->arena, target, &site, &err))
		return cli_fail(&err);
	if (grace == NULL)
		o.grace_s = target->gc_grace_s;
	if (!gc_run(cli->arena, site, &o, &report, &err))
		return cli_fail(&err);
	if (cli->json)
		print_json(cli, &report, listing.list, o.dry_run);
	else
		print_text(cli, &report, o.dry_run);
	return EXIT_DONE;
}

const struct cli_command cmd_gc = {
	.name = "gc",
	.args = "[TARGET]",
	.summary = "remove what no kept version needs",
	.help = "Remove from the store what no version needs that 'edgepress history' lists, and that\n"
		"is older than the target's gc_grace (24h). It may run at any time, beside publishers;\n"
		"ended half-way, it has done no harm, and the next run goes on. Roots, the log and what\n"
		"is not ours stay.",
	.example = "  edgepress gc local --dry-run\n"
		   "  edgepress gc local",
	.option = {
		{ "dry-run", NULL, "list what would go; write nothing" },
		{ "grace", "DURATION", "leave alone what is younger (default: gc_grace of the target)" },
		{ "take-over", NULL, "do not wait 10 minutes for a gc that has surely died" },
	},
	.run = run,
};
