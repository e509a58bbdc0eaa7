/* init: a small site that publishes at once, from the shipped starter. */
#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"
#include "generator/template/template.h"
#include "publisher/cli/founding.h"
#include "publisher/cli/place.h"

#define STARTER "templates/starter"
#define STARTER_FILES 200
#define HOUR 3600

static bool
no_partial(void *ctx, struct str name, struct str *text, struct str *path, struct err *err)
{
	(void)ctx;
	(void)text;
	(void)path;
	return err_set(err, ERR_ABSENT, "the starter has no partial '%.*s'", STR_ARG(name));
}

/* What the starter's files may mention: {{now}}, {{tomorrow}}. */
static const struct node *
starter_data(struct arena *a)
{
	int64_t now = clock_now() / HOUR * HOUR;
	struct node *data = node_add(a, NULL, NODE_OBJECT, STR(""), STR(""));

	node_add(a, data, NODE_TEXT, STR("now"), time_rfc3339(a, now));
	node_add(a, data, NODE_TEXT, STR("tomorrow"), time_rfc3339(a, now + 24 * (int64_t)HOUR));
	return data;
}

static bool
write_one(struct arena *a, const char *from, const char *to, const struct node *data,
    struct err *err)
{
	const struct template_source source = { .partial = no_partial };
	struct template *t;
	struct str text;
	struct buf *out = buf_in(a, CATALOG_FILE_MAX);

	return fs_read(a, from, CATALOG_FILE_MAX, &text, err)
	    && template_compile(a, str_of(from), text, TEMPLATE_PLAIN, &source, &t, err)
	    && template_render(t, data, NULL, out, err)
	    && fs_mkdirs(fs_dir(a, to), err)
	    && fs_create(to, buf_str(out), 0644, err);
}

static bool
write_starter(struct arena *a, const char *share, const char *dir, struct err *err)
{
	const char *from = fs_join(a, share, STARTER);
	const struct node *data = starter_data(a);
	struct fs_entry *file;
	size_t n;

	if (!fs_walk(a, from, STARTER_FILES, &file, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!write_one(a, file[i].path.p, fs_join(a, dir, file[i].path.p + strlen(from) + 1),
		    data, err))
			return false;
	return true;
}

/* Secrets stay out of version control, and so does what is made. In a folder that has such a
 * list already it is the user's. */
static bool
write_ignore(struct arena *a, const char *dir, struct err *err)
{
	static const char lines[] = "/keys/\n/public/\n/state/\n/trust/*.seen.json\n";
	const char *path = fs_join(a, dir, ".gitignore");

	if (!fs_exists(path))
		return fs_create(path, str_of(lines), 0644, err);
	(void)fprintf(stderr, "edgepress: %s is left as it is; it should name /keys/ (secrets), /public/ "
	                "and /state/\n", path);
	return true;
}

static bool
found(struct arena *a, const char *ini, struct err *err)
{
	struct config config;
	const struct target_config *target;

	return config_read(a, ini, &config, err) && config_target(&config, STR(""), &target, err)
	    && write_ignore(a, config.dir, err) && founding_target(a, &config, target, err);
}

static enum exit_code
run(struct cli *cli)
{
	const char *dir = cli->args > 0 ? cli->arg[0] : cli->site ? cli->site : ".", *share;
	const char *ini = fs_join(cli->arena, dir, "edgepress.ini");
	struct err err = { 0 };

	if (cli->args > 1)
		return cli_usage(cli, "one folder at a time");
	if (fs_exists(ini)) {
		err_set_(&err, ERR_SETUP, "%s is already there: this folder has a site", ini);
		return cli_fail(&err);
	}
	if (!fs_mkdirs(dir, &err) || !place_share(cli->arena, &share, &err)
	    || !write_starter(cli->arena, share, dir, &err)
	    || !found(cli->arena, ini, &err)) {
		(void)cli_fail(&err);
		return EXIT_FAILED;
	}
	bool here = strcmp(dir, ".") == 0;

	printf("a small site is in %s, with keys of its own; next:\n  %s%s%sedgepress publish && "
	       "edgepress serve\n", here ? "this folder" : dir, here ? "" : "cd ", here ? "" : dir,
	    here ? "" : " && ");
	return EXIT_DONE;
}

const struct cli_command cmd_init = {
	.name = "init",
	.args = "[DIR]",
	.summary = "make a small site that publishes at once",
	.help = "Write a small site into a folder (the current one without DIR): settings, a few\n"
		"documents to copy from, fresh keys, a webhook secret. Nothing there is replaced.",
	.example = "  edgepress init mysite && cd mysite && edgepress publish && edgepress serve",
	.option = { { 0 } },
	.run = run,
};
