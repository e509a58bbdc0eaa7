/* invalidate: call the webhook of a target's origins, and wait until they have done it. */
#include <stdio.h>

#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/release/fresh.h"

#define WAIT_MS 30000

struct call {
	const char *origin;
	bool ok;
	struct err err;
};

static void
print_calls(struct cli *cli, const struct call *call, size_t n)
{
	json_t *list = json_new_array(cli->arena);

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		if (!cli->json)
			printf("origin %s: %s\n", call[i].origin, call[i].ok ? "done" : call[i].err.text);
		json_object_set_new(o, "origin", json_string(call[i].origin));
		json_object_set_new(o, "done", json_boolean(call[i].ok));
		if (!call[i].ok)
			json_object_set_new(o, "error", json_str(str_of(call[i].err.text)));
		json_array_append_new(list, o);
	}
	if (cli->json)
		output_json(list);
}

/* As the Surrogate-Key header spells them: what an origin would refuse is a wrong call here. */
static bool
is_key(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return n > 0 && n <= KEY_MAX && s[n] == '\0';
}

static enum exit_code
run(struct cli *cli)
{
	struct config config;
	const struct target_config *target;
	struct err err = { 0 };
	size_t n = cli->args > 1 ? cli->args - 1 : 0, failed = 0;
	struct str *key = ARENA_ARRAY(cli->arena, struct str, n + 1);

	for (size_t i = 0; i < n; i++) {
		key[i] = str_of(cli->arg[i + 1]);
		if (!is_key(key[i].p))
			return cli_usage(cli, "'%s' is no surrogate key: 1 to %d of a-z 0-9 . _ -",
			    key[i].p, KEY_MAX);
	}
	if (!place_config(cli, &config, &err) || !place_target(cli, &config, &target, &err))
		return cli_fail(&err);
	const char *secret = cli_value(cli, "secret") ? cli_value(cli, "secret")
	                                              : target->webhook_secret;
	const char *only = cli_value(cli, "origin");
	size_t calls = only ? 1 : target->origins;

	if (secret == NULL || calls == 0)
		return cli_usage(cli, "[target %.*s] of %s names no %s", STR_ARG(target->name),
		    config.path, secret == NULL ? "webhook_secret" : "origins");
	struct call *call = ARENA_ARRAY(cli->arena, struct call, calls);

	for (size_t i = 0; i < calls; i++) {
		call[i].origin = only ? only : target->origin[i];
		call[i].ok = fresh_call_origin(cli->arena, call[i].origin, secret, 0, key, n, WAIT_MS,
		    &call[i].err);
		failed += !call[i].ok;
	}
	print_calls(cli, call, calls);
	return failed > 0 ? EXIT_UNCONFIRMED : EXIT_DONE;
}

const struct cli_command cmd_invalidate = {
	.name = "invalidate",
	.args = "TARGET [KEY...]",
	.summary = "tell origins to re-read the store and purge keys at their edges",
	.help = "Send a signed webhook to every origin of the target: it re-reads the store at once\n"
		"and purges the surrogate keys at its edges (none: it only re-reads). Waits until\n"
		"each origin says that it is done; exit code 6 if one does not.\n"
		"Keys are what the Surrogate-Key header of a response lists.",
	.example = "  edgepress invalidate local\n"
		   "  edgepress invalidate local weather.en-us.seattle",
	.option = {
		{ "origin", "URL", "only this one" },
		{ "secret", "FILE", "instead of the target's webhook_secret" },
	},
	.run = run,
};
