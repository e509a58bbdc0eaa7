/* render: documents to files in a folder, to look at; publish does not need it. */
#include <stdio.h>

#include "base/fs.h"
#include "publisher/cli/batch.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"

static bool
write_bundle(struct arena *a, const char *out, const struct batch_bundle *b,
    const struct rendered *r, struct err *err)
{
	const char *dir = arena_printf(a, "%s/%.*s/%.*s", out, STR_ARG(b->vertical),
	    STR_ARG(b->locale)).p;

	for (size_t i = 0; i < r->n; i++) {
		const char *path = fs_join(a, dir, arena_copy(a, r->file[i].path).p);

		if (!fs_mkdirs(fs_dir(a, path), err)
		    || !fs_replace(path, r->file[i].body, 0644, err))
			return false;
	}
	return true;
}

static enum exit_code
run(struct cli *cli)
{
	const char *out = cli_value(cli, "out") ? cli_value(cli, "out") : "rendered";
	struct config config;
	struct batch batch = { 0 };
	struct batch_options options;
	struct batch_bundle *bundle;
	struct rendered *rendered;
	size_t bundles, files = 0;
	struct err err = { 0 };

	if (!place_config(cli, &config, &err)
	    || !place_catalog(cli->arena, &config, &batch.catalog, &err)
	    || !batch_options(cli, &config, &options, &err)
	    || !batch_read(cli->arena, &config, &options, cli->arg, cli->args, &batch, &err))
		return cli_fail(&err);
	do {
		batch_bundles(&batch, &bundle, &bundles);
		if (!batch_render(&batch, bundle, bundles, &rendered, &err))
			return cli_fail(&err);
	} while (batch.late > 0);
	batch_commit(&batch);
	batch_report(&batch, false);
	for (size_t i = 0; i < bundles; i++) {
		if (!cli_flag(cli, "dry-run")
		    && !write_bundle(cli->arena, out, &bundle[i], &rendered[i], &err))
			return cli_fail(&err);
		files += rendered[i].n;
	}
	if (cli->json) {
		json_t *o = batch_json(&batch);

		json_object_set_new(o, "files", json_integer((json_int_t)files));
		json_object_set_new(o, "bundles", json_integer((json_int_t)bundles));
		json_object_set_new(o, "out", json_string(out));
		output_json(o);
	} else
		printf("%zu files of %zu documents in %zu bundles %s%s; %zu refused\n", files,
		    batch.accepted, bundles, cli_flag(cli, "dry-run") ? "rendered" : "written to ",
		    cli_flag(cli, "dry-run") ? "" : out, batch.refused);
	return batch.refused > 0 ? EXIT_REJECTED : EXIT_DONE;
}

const struct cli_command cmd_render = {
	.name = "render",
	.args = "[PATH...]",
	.summary = "render documents into a folder, to look at them",
	.help = "Check documents (the site's own without PATH) and render those that pass through\n"
		"their vertical's templates into a folder, one sub-folder per bundle, as the site\n"
		"would serve them; pages opened as files lack their style sheet, so look at them through\n"
		"any web server whose root is that folder. Exit code 3 if any document is refused.",
	.example = "  edgepress render --out preview documents/weather",
	.option = {
		{ "out", "DIR", "where to (default: rendered)" },
		{ "dry-run", NULL, "render everything, write nothing: do documents and templates fit?" },
		BATCH_OPTIONS,
	},
	.run = run,
};
