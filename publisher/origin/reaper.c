#include "publisher/origin/reaper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

#define TICK_MS 250
#define CROWDED_MS 1000 /* that a silent connection may stay when room is short */

static const int64_t usual_ms[PHASES] = {
	[PHASE_FIRST] = 10000, [PHASE_IDLE] = 75000, [PHASE_HEAD] = 10000, [PHASE_BODY] = 10000,
	[PHASE_WORK] = INT64_MAX, [PHASE_WRITE] = 30000,
};
#define WRITE_BYTES_PER_MS 16

struct connection {
	struct connection *next, *before;
	int socket;
	enum phase phase;
	int64_t since_ms, until_ms;
	bool cut;
};

struct reaper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	bool stop;
	int64_t allowed_ms[PHASES];
	int64_t idle_ms; /* instead of the allowance, once draining; else 0 */
	uint64_t crowd;  /* connections from which on room is short; 0: never */
	struct connection *first;
	struct reaper_report report;
};

struct connection *
reaper_add(struct reaper *r, int socket)
{
	struct connection *c = calloc(1, sizeof *c);
	if (c == NULL)
		abort();
	c->socket = socket;
	c->since_ms = clock_monotonic_ms();
	c->until_ms = c->since_ms + r->allowed_ms[PHASE_FIRST];
	(void)pthread_mutex_lock(&r->lock);
	c->next = r->first;
	if (r->first != NULL)
		r->first->before = c;
	r->first = c;
	r->report.connections++;
	r->report.accepted++;
	(void)pthread_mutex_unlock(&r->lock);
	return c;
}

void
reaper_remove(struct reaper *r, struct connection *c)
{
	(void)pthread_mutex_lock(&r->lock);
	*(c->before != NULL ? &c->before->next : &r->first) = c->next;
	if (c->next != NULL)
		c->next->before = c->before;
	r->report.connections--;
	(void)pthread_mutex_unlock(&r->lock);
	free(c);
}

void
reaper_phase(struct reaper *r, struct connection *c, enum phase phase, uint64_t bytes)
{
	int64_t allowed = r->allowed_ms[phase];
	(void)pthread_mutex_lock(&r->lock);
	c->phase = phase;
	c->since_ms = clock_monotonic_ms();
	if (phase == PHASE_WRITE)
		allowed += (int64_t)(bytes / WRITE_BYTES_PER_MS);
	c->until_ms = allowed == INT64_MAX ? INT64_MAX : c->since_ms + allowed;
	(void)pthread_mutex_unlock(&r->lock);
}

/* The lock is held, so the socket cannot have been closed and its number used again: the
 * library tells reaper_remove before it closes. */
static void
cut_late(struct reaper *r)
{
	const int64_t now = clock_monotonic_ms();
	const bool crowded = r->crowd > 0 && r->report.connections >= r->crowd;
	const int64_t silent_ms = r->idle_ms > 0 ? r->idle_ms : crowded ? CROWDED_MS : 0;
	for (struct connection *c = r->first; c != NULL; c = c->next) {
		bool waiting = c->phase == PHASE_IDLE || c->phase == PHASE_FIRST;
		int64_t until = c->until_ms;
		if (waiting && silent_ms > 0 && c->since_ms + silent_ms < until)
			until = c->since_ms + silent_ms;
		if (c->cut || now < until)
			continue;
		c->cut = true;
		r->report.cut[c->phase]++;
		(void)shutdown(c->socket, SHUT_RDWR);
	}
}

static void *
reaper_run(void *arg)
{
	struct reaper *r = arg;
	(void)pthread_mutex_lock(&r->lock);
	while (!r->stop) {
		struct timespec until;
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TICK_MS * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000L;
		}
		(void)pthread_cond_timedwait(&r->stopped, &r->lock, &until);
		cut_late(r);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

bool
reaper_start(struct arena *a, struct reaper **out, struct err *err)
{
	pthread_condattr_t monotonic;
	struct reaper *r = ARENA_NEW(a, struct reaper);
	memcpy(r->allowed_ms, usual_ms, sizeof usual_ms);
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&r->stopped, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	int failed = pthread_create(&r->thread, NULL, reaper_run, r);
	if (failed != 0) {
		errno = failed;
		return err_sys(err, "starting a thread");
	}
	*out = r;
	return true;
}

void
reaper_stop(struct reaper *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_cond_broadcast(&r->stopped);
	(void)pthread_mutex_unlock(&r->lock);
	(void)pthread_join(r->thread, NULL);
	(void)pthread_cond_destroy(&r->stopped);
	(void)pthread_mutex_destroy(&r->lock);
}

void
reaper_allow(struct reaper *r, enum phase phase, int64_t ms)
{
	r->allowed_ms[phase] = ms;
}

void
reaper_crowd(struct reaper *r, uint64_t connections)
{
	(void)pthread_mutex_lock(&r->lock);
	r->crowd = connections;
	(void)pthread_mutex_unlock(&r->lock);
}

void
reaper_drain(struct reaper *r, int64_t idle_ms)
{
	(void)pthread_mutex_lock(&r->lock);
	r->idle_ms = idle_ms;
	(void)pthread_mutex_unlock(&r->lock);
}

void
reaper_report(struct reaper *r, struct reaper_report *out)
{
	(void)pthread_mutex_lock(&r->lock);
	*out = r->report;
	out->busy = 0;
	for (const struct connection *c = r->first; c != NULL; c = c->next)
		out->busy += c->phase != PHASE_IDLE && c->phase != PHASE_FIRST;
	(void)pthread_mutex_unlock(&r->lock);
}

const char *
phase_name(enum phase phase)
{
	static const char *const names[] = { "first", "idle", "head", "body", "work", "write" };
	return names[phase];
}
