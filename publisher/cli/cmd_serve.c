/* serve: start the origin, which is a program of its own: it cannot sign. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "publisher/cli/place.h"

static enum exit_code
run(struct cli *cli)
{
	struct config config;
	const struct target_config *target;
	const char *program;
	const char *argv[12];
	size_t n = 0;
	struct err err = { 0 };

	if (!place_config(cli, &config, &err) || !place_target(cli, &config, &target, &err)
	    || !place_program(cli->arena, "edgepress-origin", &program, &err))
		return cli_fail(&err);
	argv[n++] = program;
	argv[n++] = "--config";
	argv[n++] = config.path;
	argv[n++] = "--target";
	argv[n++] = arena_copy(cli->arena, target->name).p;
	if (cli_value(cli, "listen") != NULL) {
		argv[n++] = "--listen";
		argv[n++] = cli_value(cli, "listen");
	}
	if (cli_value(cli, "log") != NULL) {
		argv[n++] = "--log";
		argv[n++] = cli_value(cli, "log");
	}
	argv[n] = NULL;
	execv(program, (char *const *)(uintptr_t)argv); /* execv promises not to write there */
	err_set_(&err, ERR_SETUP, "%s: %s", program, strerror(errno));
	return cli_fail(&err);
}

const struct cli_command cmd_serve = {
	.name = "serve",
	.args = "[TARGET]",
	.summary = "start the origin server of a target",
	.help = "Start edgepress-origin for a target: it verifies what the store holds, serves it\n"
		"over HTTP and follows every publish by itself. Stays until Ctrl-C or SIGTERM,\n"
		"which let requests in progress finish.",
	.example = "  edgepress serve local --listen 127.0.0.1:8080 --log text",
	.option = {
		{ "listen", "ADDR:PORT", "instead of [origin] listen" },
		{ "log", "FORM", "text or json" },
	},
	.run = run,
};
