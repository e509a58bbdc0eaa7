#include "publisher/cli/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "generator/document/document.h"
#include "publisher/cli/place.h"

#define BATCH_MS 1000
#define BATCH_MS_MAX 3600000
#define PIECE_LINES 1000
#define PIECE_MAX (16u * 1024 * 1024)
#define DEPTH_MAX 64
#define EVENTS (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR)

static volatile sig_atomic_t stopped;

static void
stop(int signal)
{
	(void)signal;
	stopped = 1;
}

struct watching {
	struct cli *cli;
	watch_run *run;
	int64_t batch_ms;
	sigset_t during; /* signals as they are while nothing runs */
	enum exit_code code;
};

/* Signals wait until a run is over: it is not torn apart. */
static void
hold_signals(struct watching *w)
{
	struct sigaction action = { .sa_handler = stop };
	sigset_t held;
	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &held, &w->during);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

/* Is there something to read from fd within the time? timeout_ms < 0: however long it takes.
 * False also when a signal came. */
static bool
wait_for(const struct watching *w, int fd, int64_t timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	const struct timespec t = { timeout_ms / 1000, timeout_ms % 1000 * 1000000 };
	return ppoll(&p, 1, timeout_ms < 0 ? NULL : &t, &w->during) > 0 && !stopped;
}

static void
run_once(struct watching *w, const struct watch_piece *piece)
{
	struct cli one = *w->cli;
	one.arena = arena_new();
	enum exit_code code = w->run(&one, piece);
	if (code != EXIT_DONE)
		w->code = code;
	arena_free(one.arena);
	(void)fflush(stdout);
}

/* ---- folders ---- */

/* The folder and all below it; those that are watched already stay so. */
static void
watch_below(int notify, const char *folder, int depth)
{
	DIR *d = opendir(folder);
	if (d == NULL || depth > DEPTH_MAX) {
		if (d != NULL)
			(void)closedir(d);
		return;
	}
	if (inotify_add_watch(notify, folder, EVENTS) < 0)
		(void)fprintf(stderr, "edgepress: %s is not watched: %s\n", folder, strerror(errno));
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		struct arena *a = arena_new();
		struct stat st;
		if (e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
		    && S_ISDIR(st.st_mode))
			watch_below(notify, fs_join(a, folder, e->d_name), depth + 1);
		arena_free(a);
	}
	(void)closedir(d);
}

static void
watch_path(int notify, const char *path)
{
	struct arena *a = arena_new();
	if (fs_is_dir(path))
		watch_below(notify, path, 0);
	else
		(void)inotify_add_watch(notify, fs_dir(a, path), EVENTS);
	arena_free(a);
}

/* Hidden names are files that are still being written. */
static bool
is_news(const struct inotify_event *e)
{
	return e->len == 0 || e->name[0] != '.';
}

/* Everything that has been noticed so far; true if any of it is news. */
static bool
drain(int notify)
{
	char room[64 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool news = false;
	for (ssize_t n; (n = read(notify, room, sizeof room)) > 0;)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e =
			    (const struct inotify_event *)(const void *)(room + at);
			news = is_news(e) || news;
			at += (ssize_t)(sizeof *e + e->len);
		}
	return news;
}

/* What a run reads: its paths, and what the site has of its own. */
static void
watch_all(struct watching *w, int notify, char *const *path, size_t n)
{
	static const char *const own[] = { "schemas", "templates" };
	struct arena *a = arena_new();
	struct cli cli = *w->cli;
	struct config config;
	struct err err;
	cli.arena = a;
	for (size_t i = 0; i < n; i++)
		watch_path(notify, path[i]);
	if (place_config(&cli, &config, &err)) {
		if (n == 0)
			watch_path(notify, config.documents);
		for (size_t i = 0; i < LEN(own); i++)
			if (fs_is_dir(fs_join(a, config.dir, own[i])))
				watch_path(notify, fs_join(a, config.dir, own[i]));
		watch_path(notify, config.path);
	}
	arena_free(a);
}

static enum exit_code
watch_folders(struct watching *w, char *const *path, size_t n)
{
	int notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (notify < 0) {
		perror("edgepress: watching folders");
		return EXIT_FAILED;
	}
	while (!stopped) {
		watch_all(w, notify, path, n); /* before the run: what it misses comes as news */
		run_once(w, NULL);
		bool news = false;
		while (!stopped && !news) {
			news = wait_for(w, notify, -1) && drain(notify);
			if (news)
				(void)wait_for(w, -1, w->batch_ms);
		}
		(void)drain(notify);
	}
	(void)close(notify);
	return EXIT_DONE;
}

/* ---- a stream ---- */

struct stream {
	struct buf text;  /* lines that wait, and the beginning of another */
	size_t whole;     /* bytes of whole lines */
	size_t lines;     /* in them */
	unsigned first;   /* number of the first */
	int64_t since_ms; /* when the first of them came */
	bool skipping;    /* the rest of a line that is too long */
	bool ended;
};

static void
stream_take(struct stream *s, struct str bytes)
{
	while (bytes.n > 0) {
		const char *end = memchr(bytes.p, '\n', bytes.n);
		size_t n = end != NULL ? (size_t)(end - bytes.p) + 1 : bytes.n;
		size_t room = DOCUMENT_MAX + 1, line = s->text.n - s->whole;
		/* One byte too many is kept of such a line: enough to be refused as one. */
		if (!s->skipping)
			buf_put(&s->text, (struct str){ bytes.p, line + n <= room ? n : room - line });
		s->skipping = line + n > room || s->skipping;
		if (end != NULL) {
			if (s->skipping)
				buf_putc(&s->text, '\n');
			s->skipping = false;
			s->whole = s->text.n;
			s->lines++;
		}
		bytes.p += n;
		bytes.n -= n;
	}
}

static bool
stream_read(struct stream *s)
{
	char room[64 * 1024];
	ssize_t n = read(STDIN_FILENO, room, sizeof room);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n < 0)
		perror("edgepress: standard input");
	if (n <= 0) {
		s->ended = true;
		if (s->text.n > s->whole) { /* a last line without its end */
			s->whole = s->text.n;
			s->lines++;
		}
		return n == 0;
	}
	if (s->lines == 0)
		s->since_ms = clock_monotonic_ms();
	stream_take(s, (struct str){ room, (size_t)n });
	return true;
}

static bool
is_full(const struct watching *w, const struct stream *s)
{
	return s->lines > 0 && (s->ended || s->lines >= PIECE_LINES || s->text.n >= PIECE_MAX
	    || clock_monotonic_ms() - s->since_ms >= w->batch_ms);
}

static void
run_piece(struct watching *w, struct stream *s)
{
	const struct watch_piece piece = { { s->text.p, s->whole }, s->first };
	run_once(w, &piece);
	memmove(s->text.p, s->text.p + s->whole, s->text.n - s->whole);
	s->text.n -= s->whole;
	s->first += (unsigned)s->lines;
	s->whole = 0;
	s->lines = 0;
	s->since_ms = clock_monotonic_ms();
}

static enum exit_code
watch_stream(struct watching *w)
{
	struct stream s = { .first = 1 };
	bool ok = true;
	buf_init(&s.text, PIECE_MAX + 4 * DOCUMENT_MAX);
	while (ok && !stopped && !(s.ended && s.lines == 0)) {
		int64_t left_ms = s.lines == 0
		    ? -1 : w->batch_ms - (clock_monotonic_ms() - s.since_ms);
		if (!s.ended && !is_full(w, &s)
		    && wait_for(w, STDIN_FILENO, left_ms < 0 && s.lines > 0 ? 0 : left_ms))
			ok = stream_read(&s);
		if (ok && (is_full(w, &s) || (stopped && s.lines > 0)))
			run_piece(w, &s);
	}
	buf_release(&s.text);
	return !ok ? EXIT_FAILED : stopped ? EXIT_DONE : w->code;
}

enum exit_code
watch(struct cli *cli, char *const *path, size_t n, watch_run *run)
{
	struct watching w = { .cli = cli, .run = run, .batch_ms = BATCH_MS };
	const char *ms = cli_value(cli, "batch-ms");
	uint64_t value;
	bool is_stream = false;
	if (ms != NULL && (!cli_flag(cli, "watch") || !str_to_u64(str_of(ms), &value)
	    || value > BATCH_MS_MAX))
		return cli_usage(cli, "--batch-ms goes with --watch and is at most %d", BATCH_MS_MAX);
	if (!cli_flag(cli, "watch"))
		return run(cli, NULL);
	if (ms != NULL)
		w.batch_ms = (int64_t)value;
	for (size_t i = 0; i < n; i++)
		is_stream = is_stream || strcmp(path[i], "-") == 0;
	if (is_stream && n > 1)
		return cli_usage(cli, "with --watch, '-' stands alone");
	hold_signals(&w);
	return is_stream ? watch_stream(&w) : watch_folders(&w, path, n);
}
