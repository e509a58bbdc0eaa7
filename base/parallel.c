#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 64

struct crew {
	parallel_work *work;
	void *ctx;
	size_t n;
	atomic_size_t next;
	atomic_bool failed;
	struct err err; /* of whoever set failed */
};

static void *
labour(void *arg)
{
	struct crew *c = arg;
	struct err err;
	size_t i;
	while (!atomic_load(&c->failed) && (i = atomic_fetch_add(&c->next, 1)) < c->n)
		if (!c->work(c->ctx, i, &err) && !atomic_exchange(&c->failed, true))
			c->err = err;
	return NULL;
}

bool
parallel(size_t n, unsigned threads, parallel_work *work, void *ctx, struct err *err)
{
	struct crew c = { .work = work, .ctx = ctx, .n = n };
	pthread_t thread[THREADS_MAX];
	unsigned started = 0;
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	/* The calling thread works, too; that no other could be started only costs time. */
	while (started + 1 < threads && started + 1 < n
	    && pthread_create(&thread[started], NULL, labour, &c) == 0)
		started++;
	(void)labour(&c);
	for (unsigned i = 0; i < started; i++)
		(void)pthread_join(thread[i], NULL);
	return !atomic_load(&c.failed) || err_set(err, c.err.code, "%s", c.err.text);
}

unsigned
parallel_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}
