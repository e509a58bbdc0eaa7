/* check: judge documents by schema and gates; publish nothing. */
#include <stdio.h>

#include "publisher/cli/explain.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/cli/results.h"

#define OUTPUT_MAX (64u * 1024 * 1024)
#define LIMIT_MAX 25000

/* What --format asks for; --json is short for json. */
static bool
format_of(const struct cli *cli, enum results_format *out, struct err *err)
{
	*out = cli->json ? RESULTS_JSON : RESULTS_TEXT;
	return cli_value(cli, "format") == NULL
	    || results_format(cli_value(cli, "format"), out, err) || err_in(err, "--format");
}

static bool
limit_of(const struct cli *cli, size_t *out, struct err *err)
{
	const char *text = cli_value(cli, "limit");
	uint64_t n = 0;

	if (text != NULL && (!str_to_u64(str_of(text), &n) || n == 0 || n > LIMIT_MAX))
		return err_set(err, ERR_INPUT, "--limit '%s': a number from 1 to %d", text, LIMIT_MAX);
	*out = (size_t)n;
	return true;
}

static bool
print(const struct cli *cli, const struct batch *b, enum results_format format, struct err *err)
{
	if (format == RESULTS_TEXT) {
		printf("%zu documents: %zu pass, %zu refused, %zu warnings\n", b->n, b->accepted,
		    b->refused, b->warnings);
		return true;
	}
	struct buf *out = buf_in(cli->arena, OUTPUT_MAX);

	if (!results_write(b, format, b->limit > 0 ? b->limit : RESULTS_MAX, out, err))
		return false;
	(void)fwrite(out->p, 1, out->n, stdout);
	return true;
}

static enum exit_code
run(struct cli *cli)
{
	struct config config;
	struct batch batch = { 0 };
	struct batch_options options;
	struct explain_scope scope = { 0 };
	enum results_format format, of_report;
	struct err err = { 0 };

	if (cli_value(cli, "explain") != NULL)
		return explain_open(cli, NULL, &scope, &err)
		    ? explain_named(cli, cli_value(cli, "explain"), &scope) : cli_fail(&err);
	if (!format_of(cli, &format, &err) || !limit_of(cli, &batch.limit, &err)
	    || (cli_value(cli, "report") != NULL
	        && !results_format_of(cli_value(cli, "report"), &of_report, &err)))
		return cli_usage(cli, "%s", err.text);
	output_progress(cli, &batch.progress);
	if (!place_config(cli, &config, &err)
	    || !place_catalog(cli->arena, &config, &batch.catalog, &err)
	    || !batch_options(cli, &config, &options, &err)
	    || !batch_read(cli->arena, &config, &options, cli->arg, cli->args, &batch, &err))
		return cli_fail(&err);
	batch_commit(&batch);
	batch_report(&batch, true);
	if (!print(cli, &batch, format, &err) || !results_report(cli, &batch, &err))
		return cli_fail(&err);
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
		   "  edgepress check --format sarif >gates.sarif\n"
		   "  edgepress check --explain grounding",
	.option = {
		{ "explain", "GATE", "say what a gate checks and what to do about it" },
		{ "format", "FORMAT", "on standard output: text, json, sarif or junit" },
		{ "report", "FILE", "as well into a file: .json, .sarif or .xml (JUnit)" },
		{ "limit", "N", "so many findings at most (default: 1000 as text, else 5000)" },
		BATCH_OPTIONS,
	},
	.run = run,
};
