/*
 * crew: threads that work off tasks while these are still being found. The queue is short:
 * who gives faster than the crew works helps it, so memory stays bounded. For a number that
 * is known beforehand there is parallel.h.
 */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include "base/arena.h"
#include "base/err.h"

#define CREW_MAX 64

struct crew;

/* `worker` is below the crew's size and never at work on two tasks at a time. The task belongs
 * to the callee. */
typedef bool crew_work(void *ctx, unsigned worker, void *task, struct err *);

/* size counts the calling thread, which is worker 0; 1 to CREW_MAX, cut to it. */
struct crew *crew_new(struct arena *, unsigned size, crew_work *, void *ctx);
/* By the thread that made the crew. False, and the task stays the caller's, once one has failed;
 * that failure is told. */
bool crew_give(struct crew *, void *task, struct err *);
/* Work off what is left and end the threads; needed once in any case, also after a failure,
 * when tasks that are left are handed to `drop` (may be NULL). */
bool crew_finish(struct crew *, void (*drop)(void *task), struct err *);

#endif
