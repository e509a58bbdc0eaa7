/* place: looking for the site from the current folder, for our own files from the program. */
#include "publisher/cli/place.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"

#define CONFIG_NAME "edgepress.ini"

static bool
config_above(struct arena *a, const char **out, struct err *err)
{
	char here[PATH_MAX];

	*out = CONFIG_NAME;
	if (fs_exists(*out)) /* so that messages name files as the user would */
		return true;
	if (getcwd(here, sizeof here) == NULL)
		return err_sys(err, "the current folder");
	for (const char *dir = here;; dir = fs_dir(a, dir)) {
		*out = fs_join(a, dir, CONFIG_NAME);
		if (fs_exists(*out))
			return true;
		if (strcmp(dir, "/") == 0 || strcmp(dir, ".") == 0)
			break;
	}
	return err_set(err, ERR_SETUP,
	    "no " CONFIG_NAME " in %s or above it; make a site with 'edgepress init DIR', or "
	    "name one with --site DIR", here);
}

bool
place_config(const struct cli *cli, struct config *out, struct err *err)
{
	const char *path;

	if (cli->site != NULL)
		path = fs_join(cli->arena, cli->site, CONFIG_NAME);
	else if (!config_above(cli->arena, &path, err))
		return false;
	return config_read(cli->arena, path, out, err);
}

bool
place_target(const struct cli *cli, const struct config *config,
    const struct target_config **out, struct err *err)
{
	const char *name = cli->args > 0 ? cli->arg[0] : NULL;

	if (config_target(config, str_of(name), out, err))
		return true;
	if (name != NULL && fs_exists(name))
		return err_set(err, ERR_INPUT, "'%s' is a path; the target comes first: edgepress %s %s",
		    name, cli->command->name, cli->command->args);
	return false;
}

static bool
program_dir(struct arena *a, const char **out, struct err *err)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n < 0)
		return err_sys(err, "/proc/self/exe");
	self[n] = '\0';
	*out = fs_dir(a, self);
	return true;
}

bool
place_program(struct arena *a, const char *name, const char **out, struct err *err)
{
	const char *dir;

	if (!program_dir(a, &dir, err))
		return false;
	*out = fs_join(a, dir, name);
	return fs_exists(*out)
	    || err_set(err, ERR_SETUP, "%s is missing; build or install it beside edgepress", *out);
}

bool
place_share(struct arena *a, const char **out, struct err *err)
{
	static const char *const beside[] = { "../share/edgepress", "..", "../..", "../../.." };
	const char *env = getenv("EDGEPRESS_SHARE"), *dir;

	if (env != NULL && *env != '\0') {
		*out = arena_copy(a, str_of(env)).p;
		return fs_exists(fs_join(a, *out, "schemas/envelope.xsd"))
		    || err_set(err, ERR_SETUP, "EDGEPRESS_SHARE=%s has no schemas/envelope.xsd", env);
	}
	if (!program_dir(a, &dir, err))
		return false;
	for (size_t i = 0; i < LEN(beside); i++) {
		char real[PATH_MAX];

		if (!fs_exists(fs_join(a, dir, arena_printf(a, "%s/schemas/envelope.xsd", beside[i]).p))
		    || realpath(fs_join(a, dir, beside[i]), real) == NULL)
			continue;
		*out = arena_copy(a, str_of(real)).p;
		return true;
	}
	return err_set(err, ERR_SETUP,
	    "the shipped schemas and templates are not beside %s; set EDGEPRESS_SHARE to the "
	    "folder that holds schemas/ and templates/", dir);
}

bool
place_catalog(struct arena *a, const struct config *config, struct catalog *out,
    struct err *err)
{
	const char **root = ARENA_ARRAY(a, const char *, 2);

	root[0] = config->dir;
	if (!place_share(a, &root[1], err))
		return false;
	*out = (struct catalog){ .root = root, .roots = 2 };
	return true;
}
