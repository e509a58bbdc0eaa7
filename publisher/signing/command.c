#include "publisher/signing/command.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define ANSWER_MAX 512

/* A running signer: we write to `in`, read from `out`. */
struct signer {
	pid_t pid;
	int in, out;
	int64_t until_ms;
};

static void
close_once(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* Ours, with what the signer has to know in front. */
static char **
environment(struct arena *a, struct str role, struct str key_id)
{
	size_t n = 0;
	while (environ[n] != NULL)
		n++;
	char **out = ARENA_ARRAY(a, char *, n + 4);
	out[0] = (char *)arena_printf(a, "EDGEPRESS_ROLE=%.*s", STR_ARG(role)).p;
	out[1] = (char *)arena_printf(a, "EDGEPRESS_KEYID=%.*s", STR_ARG(key_id)).p;
	out[2] = (char *)arena_copy(a, STR("EDGEPRESS_SCHEME=ed25519")).p;
	memcpy(out + 3, environ, n * sizeof *out);
	return out;
}

static bool
start(const struct sign_command *c, char **env, struct signer *s, struct err *err)
{
	int in[2], out[2];
	posix_spawn_file_actions_t files;
	if (pipe2(in, O_CLOEXEC) != 0)
		return err_sys(err, "pipe");
	if (pipe2(out, O_CLOEXEC) != 0) {
		(void)close(in[0]);
		(void)close(in[1]);
		return err_sys(err, "pipe");
	}
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
	int why = posix_spawnp(&s->pid, c->argv[0], &files, NULL, c->argv, env);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)close(in[0]);
	(void)close(out[1]);
	s->in = in[1];
	s->out = out[0];
	s->until_ms = clock_monotonic_ms() + c->timeout_s * 1000;
	(void)fcntl(s->in, F_SETFL, O_NONBLOCK);
	if (why == 0)
		return true;
	close_once(&s->in);
	close_once(&s->out);
	errno = why;
	return err_set(err, ERR_SETUP, "cannot be started: %m");
}

/* Hand over the bytes and take the answer, whichever way it wants them first. */
static bool
converse(struct signer *s, struct str bytes, char *answer, size_t *n, struct err *err)
{
	*n = 0;
	while (s->out >= 0) {
		struct pollfd fd[2] = { { .fd = s->out, .events = POLLIN },
			{ .fd = s->in, .events = POLLOUT } };
		const int64_t left = s->until_ms - clock_monotonic_ms();
		if (left <= 0)
			return err_set(err, ERR_BUSY, "has not answered in time and was ended");
		if (poll(fd, s->in >= 0 ? 2 : 1, (int)left) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (s->in >= 0 && fd[1].revents != 0) {
			const ssize_t put = write(s->in, bytes.p, bytes.n);
			if (put > 0)
				bytes = (struct str){ bytes.p + put, bytes.n - (size_t)put };
			if (bytes.n == 0 || (put < 0 && errno != EAGAIN && errno != EINTR))
				close_once(&s->in); /* it need not read all: the answer is judged */
		}
		if (fd[0].revents != 0) {
			const ssize_t got = read(s->out, answer + *n, ANSWER_MAX - *n);
			if (got > 0)
				*n += (size_t)got;
			if (got == 0 || (got < 0 && errno != EINTR))
				close_once(&s->out);
			if (*n == ANSWER_MAX)
				return err_set(err, ERR_SETUP, "answered more than a signature");
		}
	}
	return true;
}

/* Wait for its end, as long as it may still take. */
static bool
finish(struct signer *s, bool ok, struct err *err)
{
	int status = 0;
	pid_t done = 0;
	close_once(&s->in);
	close_once(&s->out);
	while (ok && (done = waitpid(s->pid, &status, WNOHANG)) == 0
	    && clock_monotonic_ms() < s->until_ms)
		clock_sleep_ms(5);
	if (done != s->pid) {
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, &status, 0);
		return ok ? err_set(err, ERR_BUSY, "has not ended in time and was killed") : false;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return WIFEXITED(status)
	    ? err_set(err, ERR_BUSY, "refused with exit code %d", WEXITSTATUS(status))
	    : err_set(err, ERR_BUSY, "was ended by signal %d", WTERMSIG(status));
}

static bool
answer_read(struct str answer, unsigned char sig[static 64], struct err *err)
{
	const struct str text = str_trim(answer);
	size_t n = 0;
	if (answer.n == 64) {
		memcpy(sig, answer.p, 64);
		return true;
	}
	if (text.n == 128 && sodium_hex2bin(sig, 64, text.p, text.n, NULL, &n, NULL) == 0 && n == 64)
		return true;
	if (sodium_base642bin(sig, 64, text.p, text.n, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL)
	    == 0 && n == 64)
		return true;
	return err_set(err, ERR_SETUP, "answered %zu bytes that are no Ed25519 signature: raw, hex or "
	    "base64", answer.n);
}

bool
command_sign(struct arena *a, const struct sign_command *c, struct str role, struct str key_id,
    struct str bytes, unsigned char sig[static 64], struct err *err)
{
	struct signer s = { .in = -1, .out = -1 };
	char answer[ANSWER_MAX];
	size_t n;
	if (!start(c, environment(a, role, key_id), &s, err))
		return err_in(err, "signer %s", c->argv[0]);
	bool ok = converse(&s, bytes, answer, &n, err);
	ok = finish(&s, ok, err) && ok;
	return (ok && answer_read((struct str){ answer, n }, sig, err))
	    || err_in(err, "signer %s", c->argv[0]);
}
