/* preview: the site on this machine, drawn anew whenever a file changes. */
#include <signal.h>
#include <stdio.h>

#include "publisher/cli/place.h"
#include "publisher/cli/preview/watch.h"
#include "publisher/cli/preview/web.h"
#include "publisher/config/value.h"
#include "publisher/origin/listen.h"

#define LISTEN "127.0.0.1:8081"
#define LOOK_MS 500 /* for signals that came between two waits */

static volatile sig_atomic_t is_asked_to_stop;

static void
on_signal(int number)
{
	(void)number;
	is_asked_to_stop = 1;
}

static void
catch_signals(void)
{
	struct sigaction s = { .sa_handler = on_signal };
	(void)sigaction(SIGINT, &s, NULL);
	(void)sigaction(SIGTERM, &s, NULL);
}

static bool
same_folders(const char *const *a, const char *const *b)
{
	size_t i = 0;
	while (a[i] != NULL && b[i] != NULL && strcmp(a[i], b[i]) == 0)
		i++;
	return a[i] == b[i]; /* both NULL */
}

/* One scene after another, until a signal. The watch is there before its scene is read, so no
 * change falls between the two; where the scene then lies in other folders, again. */
static bool
follow(struct cli *cli, struct web *web, struct scene *first, struct err *err)
{
	struct scene *shown = scene_hold(first);
	uint64_t number = 1;
	bool ok = true;
	while (ok && !is_asked_to_stop) {
		struct arena *a = arena_new();
		struct watch *watch;
		ok = watch_open(a, scene_folders(shown), &watch, err);
		if (ok) {
			struct scene *next = scene_new(cli, ++number);
			bool same = same_folders(scene_folders(shown), scene_folders(next));
			scene_drop(shown);
			shown = scene_hold(next);
			web_show(web, next);
			while (same && !is_asked_to_stop && !watch_wait(watch, LOOK_MS))
				;
			watch_close(watch);
		}
		arena_free(a);
	}
	scene_drop(shown);
	return ok;
}

static enum exit_code
run(struct cli *cli)
{
	const char *listen = cli_value(cli, "listen") ? cli_value(cli, "listen") : LISTEN;
	const char *address;
	struct config config;
	struct str shown;
	struct web *web;
	uint16_t port;
	int fd;
	struct err err = { 0 };

	if (!place_config(cli, &config, &err) /* no site at all is no preview */
	    || !value_listen(cli->arena, str_of(listen), &address, &port, &err)
	    || !listen_open(cli->arena, address, port, &fd, &shown, &port, &err))
		return cli_fail(&err);
	catch_signals();
	struct scene *first = scene_new(cli, 1);
	if (!web_start(cli->arena, fd, shown, first, &web, &err))
		return cli_fail(&err);
	printf("http://%.*s/ shows the site; Ctrl-C ends it\n", STR_ARG(shown));
	(void)fflush(stdout);
	bool ok = follow(cli, web, first, &err);
	web_stop(web);
	return ok ? EXIT_DONE : cli_fail(&err);
}

const struct cli_command cmd_preview = {
	.name = "preview",
	.args = "[PATH...]",
	.summary = "show the site in a browser, drawn anew as files change",
	.help = "Serve the site (or the documents at PATH) from this machine: every document in every\n"
		"locale, surface and size side by side, with what the gates found beside it. Pages follow\n"
		"changes of documents, templates, messages and assets by themselves; an error of a\n"
		"template is shown with its lines. Listens on this machine only, changes nothing and needs no\n"
		"key. Refused documents are shown too. Stays until Ctrl-C.",
	.example = "  edgepress preview\n  edgepress preview --listen 127.0.0.1:9000 documents/weather",
	.option = {
		{ "listen", "ADDR:PORT", "where (default: " LISTEN "; port 0: any that is free)" },
		BATCH_OPTIONS,
	},
	.run = run,
};
