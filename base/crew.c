#include "base/crew.h"

#include <pthread.h>

#define QUEUE 32

struct member {
	struct crew *crew;
	unsigned number;
	pthread_t thread;
};

struct crew {
	crew_work *work;
	void *ctx;
	pthread_mutex_t lock;
	pthread_cond_t given;
	void *task[QUEUE]; /* a ring */
	size_t first, n;
	bool ended, failed;
	struct err err; /* of whoever set failed */
	struct member member[CREW_MAX];
	unsigned started; /* members beside the calling thread */
};

/* Do the oldest task; the lock is held before and after. */
static void
work_one(struct crew *c, unsigned number)
{
	struct err err;
	void *task = c->task[c->first];
	c->first = (c->first + 1) % QUEUE;
	c->n--;
	(void)pthread_mutex_unlock(&c->lock);
	bool ok = c->work(c->ctx, number, task, &err);
	(void)pthread_mutex_lock(&c->lock);
	if (!ok && !c->failed) {
		c->failed = true;
		c->err = err;
	}
}

static void *
labour(void *arg)
{
	struct member *m = arg;
	struct crew *c = m->crew;
	(void)pthread_mutex_lock(&c->lock);
	while (!c->failed && (c->n > 0 || !c->ended)) {
		if (c->n > 0)
			work_one(c, m->number);
		else
			(void)pthread_cond_wait(&c->given, &c->lock);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct crew *
crew_new(struct arena *a, unsigned size, crew_work *work, void *ctx)
{
	struct crew *c = ARENA_NEW(a, struct crew);
	c->work = work;
	c->ctx = ctx;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->given, NULL);
	if (size > CREW_MAX)
		size = CREW_MAX;
	/* That a thread could not be started only costs time. */
	while (c->started + 1 < size) {
		struct member *m = &c->member[c->started];
		*m = (struct member){ .crew = c, .number = c->started + 1 };
		if (pthread_create(&m->thread, NULL, labour, m) != 0)
			break;
		c->started++;
	}
	return c;
}

bool
crew_give(struct crew *c, void *task, struct err *err)
{
	(void)pthread_mutex_lock(&c->lock);
	while (!c->failed && c->n > 0 && (c->n == QUEUE || c->started == 0))
		work_one(c, 0);
	bool ok = !c->failed;
	if (ok)
		c->task[(c->first + c->n++) % QUEUE] = task;
	(void)pthread_cond_signal(&c->given);
	(void)pthread_mutex_unlock(&c->lock);
	return ok || err_set(err, c->err.code, "%s", c->err.text);
}

bool
crew_finish(struct crew *c, void (*drop)(void *task), struct err *err)
{
	(void)pthread_mutex_lock(&c->lock);
	c->ended = true;
	(void)pthread_cond_broadcast(&c->given);
	while (!c->failed && c->n > 0)
		work_one(c, 0);
	(void)pthread_cond_broadcast(&c->given);
	(void)pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->started; i++)
		(void)pthread_join(c->member[i].thread, NULL);
	for (; drop != NULL && c->n > 0; c->n--, c->first = (c->first + 1) % QUEUE)
		drop(c->task[c->first]);
	(void)pthread_cond_destroy(&c->given);
	(void)pthread_mutex_destroy(&c->lock);
	return !c->failed || err_set(err, c->err.code, "%s", c->err.text);
}
