/*
 * cli: the shape of a command line: a table of commands, each with a table of options.
 * Help, usage errors and `--help` come from the tables. Only here do errors become text and
 * exit codes.
 */
#ifndef PUBLISHER_CLI_CLI_H
#define PUBLISHER_CLI_CLI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Documented in docs/commands.md; pipelines act on them. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_REJECTED = 3,    /* by gates */
	EXIT_LOST_RACE = 4,   /* other publishers were faster, too often */
	EXIT_GUARD = 5,       /* stopped by the blast-radius guard: nothing was published */
	EXIT_UNCONFIRMED = 6, /* published, but an edge did not confirm its purge */
	EXIT_TRY_LATER = 75,  /* store or network is busy; sysexits.h EX_TEMPFAIL */
};

#define CLI_OPTIONS_MAX 12

struct cli_option {
	const char *name; /* "dry-run" */
	const char *arg;  /* "DIR" if it takes a value, else NULL */
	const char *help; /* one line */
};

struct cli {
	const struct cli_command *command;
	struct arena *arena;         /* of the whole run */
	const char *value[CLI_OPTIONS_MAX]; /* by position in the command's table; "" if a flag */
	char **arg;                  /* what stands behind the options */
	size_t args;
	const char *site;            /* --site DIR; folder of edgepress.ini */
	bool json;                   /* --json */
};

struct cli_command {
	const char *name;
	const char *args;     /* "[TARGET]" */
	const char *summary;  /* one line */
	const char *help;     /* what it does, in a few lines */
	const char *example;  /* command lines that work */
	struct cli_option option[CLI_OPTIONS_MAX];
	enum exit_code (*run)(struct cli *);
};

/* main: finds the command, parses its options, runs it. */
int cli_main(const struct cli_command *const *commands, size_t n, int argc, char **argv);
/* Print "edgepress: <text>" and answer the exit code for it. */
enum exit_code cli_fail(const struct err *);
/* A wrong use of this command: says so, names its --help. */
enum exit_code cli_usage(const struct cli *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The value of an option, NULL if it was not given. */
const char *cli_value(const struct cli *, const char *option);
bool cli_flag(const struct cli *, const char *option);

extern const struct cli_command cmd_init, cmd_check, cmd_messages, cmd_render, cmd_preview, cmd_publish, cmd_serve,
    cmd_rollback, cmd_status, cmd_history, cmd_verify, cmd_keys, cmd_timestamp,
    cmd_invalidate, cmd_audit, cmd_takedown, cmd_promote, cmd_export, cmd_import,
    cmd_gc, cmd_fsck, cmd_diff, cmd_explain;

#endif
