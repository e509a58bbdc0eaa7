/* render: documents to files in a folder, to look at; publish does not need it. */
#include <stdio.h>

#include "base/fs.h"
#include "generator/locale/pseudo.h"
#include "publisher/cli/batch.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/cli/watch.h"

/* All of one run. */
struct run {
	struct cli *cli;
	const char *out;
	struct config config;
	struct batch batch;
	struct batch_bundle *bundle;
	struct rendered *rendered;
	size_t bundles, files;
};

/* A file that has its bytes already is left as it is, and only new bytes are checked again. */
static bool
write_bundle(const struct run *r, const struct batch_bundle *b, const struct rendered *rendered,
    struct err *err)
{
	struct arena *a = arena_new();
	const char *dir = arena_printf(a, "%s/%.*s/%.*s", r->out, STR_ARG(b->vertical),
	    STR_ARG(b->locale)).p;
	bool ok = true;

	for (size_t i = 0; ok && i < rendered->n; i++) {
		const struct rendered_file *f = &rendered->file[i];
		const char *path = fs_join(a, dir, arena_copy(a, f->path).p);
		struct digest digest = digest_of(f->body);

		ok = (digest_eq(&digest, &f->sha256)
		         || err_set(err, ERR_UNTRUSTED, "%s: the cache holds other bytes than it was given",
		             path))
		    && fs_mkdirs(fs_dir(a, path), err) && fs_refresh(path, f->body, 0644, err);
	}
	arena_free(a);
	return ok;
}

/* The English bundles as if in the pseudo-locale, one for each vertical. */
static bool
pretend(struct run *r, const char *locale, struct err *err)
{
	size_t n = 0;

	if (pseudo_of(str_of(locale)) == PSEUDO_NONE)
		return err_set(err, ERR_INPUT, "--pseudo %s: there are en-xa and ar-xb", locale);
	for (size_t i = 0; i < r->bundles; i++) {
		const struct batch_bundle *b = &r->bundle[i];

		if (!str_starts(b->locale, STR("en-"))
		    || (n > 0 && str_eq(r->bundle[n - 1].vertical, b->vertical)))
			continue;
		r->bundle[n] = *b;
		r->bundle[n++].locale = str_of(locale);
	}
	r->bundles = n;
	return n > 0 || err_set(err, ERR_INPUT, "--pseudo shows English documents; there are none");
}

static bool
make(struct run *r, const struct batch_options *options, struct err *err)
{
	if (!batch_read(r->cli->arena, &r->config, options, r->cli->arg, r->cli->args, &r->batch, err))
		return false;
	do {
		batch_bundles(&r->batch, &r->bundle, &r->bundles);
		if (cli_value(r->cli, "pseudo") != NULL && !pretend(r, cli_value(r->cli, "pseudo"), err))
			return false;
		if (!batch_render(&r->batch, r->bundle, r->bundles, &r->rendered, err))
			return false;
	} while (r->batch.late > 0);
	for (size_t i = 0; i < r->bundles; i++) {
		if (!cli_flag(r->cli, "dry-run")
		    && !write_bundle(r, &r->bundle[i], &r->rendered[i], err))
			return false;
		r->files += r->rendered[i].n;
	}
	return true;
}

static void
show(const struct run *r)
{
	const bool dry = cli_flag(r->cli, "dry-run");

	if (r->cli->json) {
		json_t *o = batch_json(&r->batch);

		json_object_set_new(o, "files", json_integer((json_int_t)r->files));
		json_object_set_new(o, "bundles", json_integer((json_int_t)r->bundles));
		json_object_set_new(o, "out", json_string(r->out));
		output_answer(r->cli, o);
	} else {
		printf("%zu files of %zu documents in %zu bundles %s%s; %zu refused\n", r->files,
		    r->batch.accepted, r->bundles, dry ? "rendered" : "written to ", dry ? "" : r->out,
		    r->batch.refused);
	}
}

static enum exit_code
render_once(struct cli *cli, const struct watch_piece *piece)
{
	struct batch_options options;
	struct err err = { 0 };
	struct run *r = ARENA_NEW(cli->arena, struct run);

	if (piece != NULL)
		return cli_usage(cli, "a stream holds parts of bundles: publish --watch merges them");
	r->cli = cli;
	r->out = cli_value(cli, "out") ? cli_value(cli, "out") : "rendered";
	if (!place_config(cli, &r->config, &err)
	    || !place_catalog(cli->arena, &r->config, &r->batch.catalog, &err)
	    || !batch_options(cli, &r->config, &options, &err))
		return cli_fail(&err);
	if (cli_value(cli, "pseudo") != NULL)
		options.cache = NULL; /* what it knows is in the documents' own locales */
	output_progress(cli, &r->batch.progress);
	bool ok = make(r, &options, &err);

	if (!ok && batch_distrusts(&r->batch, &err)) {
		r->batch = (struct batch){ .catalog = r->batch.catalog, .progress = r->batch.progress };
		r->files = 0;
		options.cache = NULL;
		ok = make(r, &options, &err);
	}
	if (!ok)
		return cli_fail(&err);
	batch_commit(&r->batch);
	batch_report(&r->batch, false);
	show(r);
	return r->batch.refused > 0 ? EXIT_REJECTED : EXIT_DONE;
}

static enum exit_code
run(struct cli *cli)
{
	return watch(cli, cli->arg, cli->args, render_once);
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
		{ "pseudo", "LOCALE", "English documents as en-xa (long) or ar-xb (right to left)" },
		{ "dry-run", NULL, "render everything, write nothing: do documents and templates fit?" },
		BATCH_OPTIONS,
		WATCH_OPTIONS,
	},
	.run = run,
};
