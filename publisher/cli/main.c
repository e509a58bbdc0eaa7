/* The program for people, as a table. */
#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>

#include "base/http.h"
#include "base/parallel.h"
#include "publisher/cli/cli.h"
#include "publisher/signing/passphrase.h"

static const struct cli_command *const commands[] = {
	&cmd_init,
	&cmd_check,
	&cmd_explain,
	&cmd_messages,
	&cmd_render,
	&cmd_preview,
	&cmd_publish,
	&cmd_serve,
	&cmd_verify,
	&cmd_status,
	&cmd_history,
	&cmd_audit,
	&cmd_rollback,
	&cmd_promote,
	&cmd_export,
	&cmd_import,
	&cmd_takedown,
	&cmd_invalidate,
	&cmd_keys,
	&cmd_timestamp,
	&cmd_gc, &cmd_fsck, &cmd_diff,
};

/* Threads take turns at the processors, so no more heaps are needed than there are of these; each
 * keeps what its largest task took. */
static void
heaps_bound(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_ARENA_MAX, (int)parallel_cores());
#endif
}

int
main(int argc, char **argv)
{
	struct err err = { 0 };

	heaps_bound();
	(void)signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		(void)fputs("edgepress: libsodium does not start\n", stderr);
		return EXIT_FAILED;
	}
	passphrase_setup();
	if (!http_setup(&err))
		return (int)cli_fail(&err);
	return cli_main(commands, LEN(commands), argc, argv);
}
