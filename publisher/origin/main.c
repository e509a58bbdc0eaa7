/* edgepress-origin: the program that faces the network. It verifies and never signs. */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/http.h"
#include "base/log.h"
#include "publisher/config/value.h"
#include "publisher/origin/listen.h"
#include "publisher/origin/server.h"

#define DRAIN_MS 10000
#define DRAIN_IDLE_MS 1000
#define DRAIN_TICK_MS 20
#define HUNG_MS 11000 /* after SIGTERM, whatever still hangs then */
#define FILES_WANTED 16384
#define FILES_OURS 256 /* not connections: store, log, threads */

static const char usage[] =
    "usage: edgepress-origin --config edgepress.ini [--target NAME] [options]\n"
    "\n"
    "Serves what a target publishes, verified against its trusted root.\n"
    "\n"
    "  --config FILE       settings of the site\n"
    "  --target NAME       which target; may be left out if there is only one\n"
    "  --listen ADDR:PORT  instead of [origin] listen; port 0: any free one\n"
    "  --log text|json     instead of [origin] log\n"
    "  --port-file FILE    write the port there once it is open\n"
    "  --version, --help\n"
    "\n"
    "SIGTERM ends it when the requests under way are answered, at most 10 s later;\n"
    "SIGHUP reads the webhook secret again.\n"
    "\n"
    "example: edgepress-origin --config edgepress.ini --target local --listen 127.0.0.1:0\n";

struct options {
	const char *config, *target, *listen, *log, *port_file;
};

static bool
fail(const char *what, const struct err *err)
{
	log_event(LOG_ERROR, what, LOG_FIELDS(LOG_TEXT("why", str_of(err->text))));
	return false;
}

/* -1: go on; else the exit code. */
static int
options_read(int argc, char **argv, struct options *out)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' }, { "target", required_argument, NULL, 't' },
		{ "listen", required_argument, NULL, 'l' }, { "log", required_argument, NULL, 'L' },
		{ "port-file", required_argument, NULL, 'p' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' }, { 0 },
	};
	int c;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'c': out->config = optarg; break;
		case 't': out->target = optarg; break;
		case 'l': out->listen = optarg; break;
		case 'L': out->log = optarg; break;
		case 'p': out->port_file = optarg; break;
		case 'h': (void)fputs(usage, stdout); return 0;
		case 'v': (void)puts("edgepress-origin " EDGEPRESS_VERSION); return 0;
		default: (void)fputs(usage, stderr); return 2;
		}
	}
	if (out->config != NULL && optind == argc
	    && (out->log == NULL || strcmp(out->log, "text") == 0 || strcmp(out->log, "json") == 0))
		return -1;
	(void)fputs(usage, stderr);
	return 2;
}

static bool
config_load(struct arena *a, const struct options *opt, struct config *c,
    const struct target_config **target, struct err *err)
{
	if (!config_read(a, opt->config, c, err)
	    || !config_target(c, str_of(opt->target), target, err))
		return false;
	if (opt->log != NULL)
		c->origin.log_json = strcmp(opt->log, "json") == 0;
	return opt->listen == NULL
	    || value_listen(a, str_of(opt->listen), &c->origin.address, &c->origin.port, err)
	    || err_in(err, "--listen");
}

/* How many connections the limit of open files allows. */
static unsigned
connections_allowed(void)
{
	struct rlimit files;
	const struct rlimit no_core = { 0, 0 };
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return SERVER_CONNECTIONS / 8;
	if (files.rlim_cur < FILES_WANTED) {
		files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	const rlim_t room = files.rlim_cur > 2 * FILES_OURS ? files.rlim_cur - FILES_OURS
	                                                    : files.rlim_cur / 2;
	return room < SERVER_CONNECTIONS ? (unsigned)room : SERVER_CONNECTIONS;
}

static bool
origin_start(struct arena *a, struct origin *o, struct err *err)
{
	const struct config *c = o->config;
	const char *state = c->origin.state[0] == '\0' ? NULL
	    : fs_join(a, c->origin.state, arena_copy(a, o->target->name).p);
	struct store *store;
	if (!store_open(a, o->target->store, &store, err))
		return false;
	const struct follow_settings follow = { .store = store, .root = o->target->root,
		.state = state, .freshness_ms = c->origin.freshness_ms };
	const unsigned threads = c->origin.threads > SERVER_THREADS_MIN ? c->origin.threads
	                                                                : SERVER_THREADS_MIN;
	/* Some threads stay free of the store whatever it does. */
	objects_init(&o->objects, store, o->target->root, c->origin.memory, threads * 3 / 4,
	    &o->metrics);
	if (!reaper_start(a, &o->reaper, err) || !follow_start(a, &follow, &o->follow, err))
		return false;
	const struct invalidate_settings invalidate = { .secret = o->target->webhook_secret,
		.state = state, .edge = o->target->edge, .edges = o->target->edges,
		.follow = o->follow, .metrics = &o->metrics };
	return invalidate_start(a, &invalidate, &o->invalidate, err);
}

static bool
port_tell(const struct options *opt, struct arena *a, uint16_t port, struct err *err)
{
	return opt->port_file == NULL
	    || fs_replace(opt->port_file, arena_printf(a, "%u\n", port), 0644, err);
}

/* Sleep until a signal says stop; reload on SIGHUP. */
static void
attend(struct origin *o, const sigset_t *signals)
{
	struct err err;
	int signal = 0;
	while (sigwait(signals, &signal) == 0 && signal == SIGHUP) {
		if (invalidate_reload(o->invalidate, &err))
			log_event(LOG_INFO, "reloaded", NULL);
		else
			(void)fail("not reloaded", &err);
	}
	log_event(LOG_INFO, "stopping", LOG_FIELDS(LOG_INT("signal", signal)));
}

/* A thread that hangs in the store cannot be joined, and nothing it may still do matters. */
static void *
end_whatever_hangs(void *unused)
{
	clock_sleep_ms(HUNG_MS);
	log_event(LOG_WARN, "stopped; the store still hangs", NULL);
	_exit(0);
	return unused;
}

static void
watch_the_end(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, end_whatever_hangs, NULL) == 0)
		(void)pthread_detach(thread);
}

static void
drain(struct origin *o, struct server *s)
{
	struct reaper_report r;
	const int64_t until = clock_monotonic_ms() + DRAIN_MS;
	watch_the_end();
	listen_notify("STOPPING=1");
	server_quiesce(s);
	reaper_drain(o->reaper, DRAIN_IDLE_MS);
	do {
		clock_sleep_ms(DRAIN_TICK_MS);
		reaper_report(o->reaper, &r);
	} while (r.connections > 0 && clock_monotonic_ms() < until);
	server_stop(s);
	log_event(LOG_INFO, "stopped", LOG_FIELDS(LOG_INT("cut", (int64_t)r.connections)));
}

static bool
run(struct arena *a, struct origin *o, const struct options *opt, const sigset_t *signals)
{
	const struct config *c = o->config;
	struct server_settings settings = { .threads = c->origin.threads,
		.connections = connections_allowed() };
	struct server *server;
	struct err err = { 0 };
	struct str shown;
	uint16_t port;
	if (!listen_open(a, c->origin.address, c->origin.port, &settings.socket, &shown, &port, &err)
	    || !origin_start(a, o, &err) || !server_start(a, o, &settings, &server, &err)
	    || !port_tell(opt, a, port, &err))
		return fail("not started", &err);
	log_event(LOG_INFO, "listening", LOG_FIELDS(LOG_TEXT("address", shown),
	    LOG_INT("port", port), LOG_TEXT("target", o->target->name),
	    LOG_TEXT("version", STR(EDGEPRESS_VERSION)),
	    LOG_TEXT("libmicrohttpd", str_of(server_library()))));
	listen_notify("READY=1");
	attend(o, signals);
	drain(o, server);
	invalidate_stop(o->invalidate);
	follow_stop(o->follow);
	reaper_stop(o->reaper);
	objects_release(&o->objects);
	return true;
}

static bool
serve_until_stopped(struct arena *a, const struct options *opt, const sigset_t *signals)
{
	struct origin *o = ARENA_NEW(a, struct origin);
	struct config *config = ARENA_NEW(a, struct config);
	struct err err = { 0 };
	if (!config_load(a, opt, config, &o->target, &err))
		return fail("not started", &err);
	log_json(config->origin.log_json);
	o->config = config;
	o->started = clock_now();
	return run(a, o, opt, signals);
}

int
main(int argc, char **argv)
{
	struct options opt = { 0 };
	struct err err = { 0 };
	sigset_t signals;
	int code = options_read(argc, argv, &opt);
	if (code >= 0)
		return code;
	if (sodium_init() < 0 || !http_setup(&err))
		return fail("not started", &err) ? 0 : 1;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL); /* for all threads to come */
	(void)signal(SIGPIPE, SIG_IGN);
	struct arena *a = arena_new();
	bool ok = serve_until_stopped(a, &opt, &signals);
	if (ok) /* else threads may be using it still */
		arena_free(a);
	return ok ? 0 : 1;
}
