/* check: judge documents by schema and gates; publish nothing. */
#include <stdio.h>

#include "publisher/cli/batch.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"

static void
print_gate(const struct gate *g)
{
	static const char *const word[] = { "off", "warns", "refuses" };

	printf("%s: %s\n  by default: %s\n  remedy: %s\n", g->name, g->summary,
	    word[g->severity], g->remedy);
}

static enum exit_code
explain(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < gates_count; i++)
		if (*name == '\0' || strcmp(gates[i].name, name) == 0) {
			print_gate(&gates[i]);
			if (*name != '\0')
				return EXIT_DONE;
		}
	if (*name == '\0')
		return EXIT_DONE;
	(void)fprintf(stderr, "edgepress: there is no gate '%s'; 'edgepress %s --gates' lists them\n",
	    name, cli->command->name);
	return EXIT_USAGE;
}

static enum exit_code
run(struct cli *cli)
{
	struct config config;
	struct batch batch = { 0 };
	struct batch_options options;
	struct err err = { 0 };

	if (cli_flag(cli, "gates"))
		return explain(cli, "");
	if (cli_value(cli, "explain") != NULL)
		return explain(cli, cli_value(cli, "explain"));
	output_progress(cli, &batch.progress);
	if (!place_config(cli, &config, &err)
	    || !place_catalog(cli->arena, &config, &batch.catalog, &err)
	    || !batch_options(cli, &config, &options, &err)
	    || !batch_read(cli->arena, &config, &options, cli->arg, cli->args, &batch, &err))
		return cli_fail(&err);
	batch_commit(&batch);
	batch_report(&batch, true);
	if (cli->json)
		output_json(batch_json(&batch));
	else
		printf("%zu documents: %zu pass, %zu refused, %zu warnings\n", batch.n,
		    batch.accepted, batch.refused, batch.warnings);
	return batch.refused > 0 ? EXIT_REJECTED : EXIT_DONE;
}

const struct cli_command cmd_check = {
	.name = "check",
	.args = "[PATH...]",
	.summary = "judge documents by schema and gates",
	.help = "Read documents (files, folders, '-' for NDJSON on standard input; the site's own\n"
		"without PATH) and judge each by its vertical's schema and gates. Findings go to\n"
		"standard error as file:line: gate: element: what (remedy). Nothing is published.\n"
		"Exit code 3 if any document is refused.",
	.example = "  edgepress check documents/weather/en-us/seattle.xml\n"
		   "  edgepress check --explain grounding",
	.option = {
		{ "explain", "GATE", "say what a gate checks and what to do about it" },
		{ "gates", NULL, "explain all gates" },
		BATCH_OPTIONS,
	},
	.run = run,
};
