/* cli: options, help and errors, all from the tables. */
#include "publisher/cli/cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "publisher/signing/passphrase.h"

#define COMMON_OPTIONS                                                                    \
	"  --site DIR          the site's folder, with edgepress.ini (default: here or above)\n" \
	"  --json              answer in JSON on standard output\n"                        \
	"  --passphrase-fd N   read the passphrase of encrypted keys from this descriptor\n"  \
	"  --help              this text\n"

static void
print_commands(FILE *out, const struct cli_command *const *commands, size_t n)
{
	(void)fputs("edgepress " EDGEPRESS_VERSION
	      ": checks, renders, signs and publishes what agents write\n\n"
	      "usage: edgepress COMMAND [OPTION...] [ARGUMENT...]\n\n",
	    out);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(out, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
	(void)fputs("\nedgepress COMMAND --help tells more and gives an example.\n"
	      "exit codes: 0 done, 1 failed, 2 usage, 3 rejected by gates, 4 lost a race,\n"
	      "  5 stopped by the guard, 6 published but an edge is unconfirmed, 75 try later\n",
	    out);
}

static void
print_help(const struct cli_command *c)
{
	printf("edgepress %s %s\n\n%s\n\noptions:\n", c->name, c->args, c->help);
	for (const struct cli_option *o = c->option; o->name != NULL; o++) {
		char left[64];

		(void)snprintf(left, sizeof left, "--%s%s%s", o->name, o->arg ? " " : "",
		    o->arg ? o->arg : "");
		printf("  %-19s %s\n", left, o->help);
	}
	printf(COMMON_OPTIONS "\nexample:\n%s\n", c->example);
}

static size_t
option_count(const struct cli_command *c)
{
	size_t n = 0;

	while (n < CLI_OPTIONS_MAX && c->option[n].name != NULL)
		n++;
	return n;
}

enum { COMMON_SITE = 256, COMMON_JSON, COMMON_HELP, COMMON_PASSPHRASE, FIRST_OWN };
#define COMMON 4

/* Fill cli from argv; an exit code to leave with, or -1 to go on. */
static int
parse(struct cli *cli, int argc, char **argv)
{
	struct option table[CLI_OPTIONS_MAX + COMMON + 1] = {
		{ "site", required_argument, NULL, COMMON_SITE },
		{ "json", no_argument, NULL, COMMON_JSON },
		{ "help", no_argument, NULL, COMMON_HELP },
		{ "passphrase-fd", required_argument, NULL, COMMON_PASSPHRASE },
	};
	size_t own = option_count(cli->command);
	struct err err = { 0 };

	for (size_t i = 0; i < own; i++)
		table[COMMON + i] = (struct option){ cli->command->option[i].name,
			cli->command->option[i].arg ? required_argument : no_argument, NULL,
			FIRST_OWN + (int)i };
	opterr = 0;
	optind = 1;
	for (int o; (o = getopt_long(argc, argv, ":", table, NULL)) != -1;) {
		if (o == COMMON_HELP) {
			print_help(cli->command);
			return EXIT_DONE;
		}
		if (o == COMMON_SITE)
			cli->site = optarg;
		else if (o == COMMON_JSON)
			cli->json = true;
		else if (o == COMMON_PASSPHRASE) {
			if (!passphrase_from(optarg, &err))
				return (int)cli_usage(cli, "%s", err.text);
		}
		else if (o >= FIRST_OWN)
			cli->value[o - FIRST_OWN] = optarg ? optarg : "";
		else
			return (int)cli_usage(cli, "%s '%s'",
			    o == ':' ? "a value is missing behind" : "unknown option",
			    argv[optind - 1]);
	}
	cli->arg = argv + optind;
	cli->args = (size_t)(argc - optind);
	return -1;
}

int
cli_main(const struct cli_command *const *commands, size_t n, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
		print_commands(stdout, commands, n);
		return EXIT_DONE;
	}
	if (strcmp(name, "--version") == 0) {
		puts("edgepress " EDGEPRESS_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(commands[i]->name, name) != 0)
			continue;
		struct cli cli = { .command = commands[i], .arena = arena_new() };
		int code = parse(&cli, argc - 1, argv + 1);

		if (code < 0)
			code = (int)commands[i]->run(&cli);
		arena_free(cli.arena);
		if (fflush(stdout) != 0 && code == EXIT_DONE) {
			perror("edgepress: standard output");
			code = EXIT_FAILED;
		}
		return code;
	}
	if (*name != '\0')
		(void)fprintf(stderr, "edgepress: unknown command '%s'\n\n", name);
	print_commands(stderr, commands, n);
	return EXIT_USAGE;
}

enum exit_code
cli_fail(const struct err *err)
{
	(void)fprintf(stderr, "edgepress: %s\n", err->text);
	switch (err->code) {
	case ERR_STALE:
		return EXIT_LOST_RACE;
	case ERR_BUSY:
		return EXIT_TRY_LATER;
	case ERR_INPUT:
	case ERR_ABSENT:
	case ERR_UNTRUSTED:
	case ERR_LIMIT:
	case ERR_SETUP:
		break;
	}
	return EXIT_FAILED;
}

enum exit_code
cli_usage(const struct cli *cli, const char *format, ...)
{
	va_list ap;

	(void)fprintf(stderr, "edgepress %s: ", cli->command->name);
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
	(void)fprintf(stderr, "\nusage: edgepress %s %s; edgepress %s --help tells more\n",
	    cli->command->name, cli->command->args, cli->command->name);
	return EXIT_USAGE;
}

const char *
cli_value(const struct cli *cli, const char *option)
{
	for (size_t i = 0; i < option_count(cli->command); i++)
		if (strcmp(cli->command->option[i].name, option) == 0)
			return cli->value[i];
	abort(); /* not in the table: a mistake in the command itself */
}

bool
cli_flag(const struct cli *cli, const char *option)
{
	return cli_value(cli, option) != NULL;
}
