#include "publisher/origin/invalidate.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "publisher/origin/bucket.h"
#include "publisher/origin/replay.h"
#include "publisher/purge/purge.h"

#define JOBS_MAX 1024
#define QUEUE_MAX 256
#define BATCH_MAX 64
#define JOB_KEPT_S 3600
#define REFRESH_MS 10000
/* Messages that verify, and answers to those that do not. */
#define RATE_PER_S 20
#define BURST 50

enum job_state { JOB_FREE, JOB_QUEUED, JOB_WORKING, JOB_DONE, JOB_FAILED };

struct job {
	enum job_state state;
	char id[SEEN_ID_MAX + 1];
	uint64_t turn;         /* order of arrival */
	int64_t at;            /* Unix time of arrival */
	int64_t version;       /* served when it was carried out */
	struct arena *arena;   /* of what is wanted, until it is done */
	struct invalidation wanted;
	char detail[sizeof(((struct err *)0)->text)];
};

struct invalidate {
	struct invalidate_settings settings;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	struct arena *secret_arena;
	struct webhook_secret *secret; /* NULL: not configured */
	struct replay *seen;
	struct bucket taken, refused;
	uint64_t turns;
	size_t queued;
	struct job job[JOBS_MAX];
};

static struct job *
job_find(struct invalidate *v, struct str id)
{
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (v->job[i].state != JOB_FREE && str_eq(str_of(v->job[i].id), id))
			return &v->job[i];
	return NULL;
}

/* A free place: one never used, or the oldest of those that are over. */
static struct job *
job_place(struct invalidate *v)
{
	struct job *best = NULL;
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *j = &v->job[i];
		if (j->state == JOB_FREE)
			return j;
		if ((j->state == JOB_DONE || j->state == JOB_FAILED)
		    && (best == NULL || j->turn < best->turn))
			best = j;
	}
	return best;
}

/* Answers */

static void
too_many(struct invalidate *v, struct arena *a, struct answer *out)
{
	metrics_add(&v->settings.metrics->messages[MESSAGE_LIMITED], 1);
	answer_problem(a, 429, "Too Many Requests", "More messages than this origin takes at once.",
	    0, out);
	answer_header(out, "Retry-After", "1");
}

static void
answer_job(struct arena *a, unsigned status, struct str id, enum job_state state,
    int64_t version, const char *detail, struct answer *out)
{
	static const char *const names[] = { "", "queued", "working", "done", "failed" };
	struct buf *b = buf_in(a, 4096);
	buf_put(b, STR("{\"id\":"));
	json_quote(b, id);
	buf_printf(b, ",\"state\":\"%s\",\"version\":%" PRId64, names[state], version);
	if (detail[0] != '\0') {
		buf_put(b, STR(",\"detail\":"));
		json_quote(b, str_of(detail));
	}
	buf_put(b, STR("}\n"));
	answer_text(out, status, "application/json", buf_str(b));
	if (status == 202)
		answer_header(out, "Location",
		    arena_printf(a, "/-/invalidate/%.*s", STR_ARG(id)).p);
}

static void
refuse(struct invalidate *v, struct arena *a, const struct err *err, struct answer *out)
{
	if (!bucket_take(&v->refused, clock_monotonic_ms())) {
		too_many(v, a, out);
		return;
	}
	metrics_add(&v->settings.metrics->messages[MESSAGE_REFUSED], 1);
	log_event(LOG_WARN, "webhook refused", LOG_FIELDS(LOG_TEXT("why", str_of(err->text))));
	if (err->code == ERR_UNTRUSTED)
		answer_problem(a, 401, "Unauthorized",
		    "The signature matches no secret, or the timestamp is too far off.", 0, out);
	else
		answer_problem(a, 400, "Bad Request",
		    "webhook-id, webhook-timestamp or webhook-signature is missing or malformed.", 0,
		    out);
}

/* Verified and new: queue it. `a` of the message goes into the job. */
static void
enqueue(struct invalidate *v, struct str id, int64_t now, struct arena *own,
    const struct invalidation *wanted, struct job *j)
{
	*j = (struct job){ .state = JOB_QUEUED, .turn = ++v->turns, .at = now, .arena = own,
		.wanted = *wanted };
	(void)snprintf(j->id, sizeof j->id, "%.*s", STR_ARG(id));
	v->queued++;
	metrics_add(&v->settings.metrics->messages[MESSAGE_TAKEN], 1);
	(void)pthread_cond_signal(&v->changed);
}

static void
take_verified(struct invalidate *v, struct arena *a, const struct webhook_message *m,
    int64_t now, struct answer *out)
{
	struct err err = { 0 };
	struct job *j = job_find(v, m->id);
	if (j != NULL || replay_has(v->seen, m->id, now)) {
		metrics_add(&v->settings.metrics->messages[MESSAGE_DUPLICATE], 1);
		answer_job(a, 202, m->id, j != NULL ? j->state : JOB_DONE, j != NULL ? j->version : 0,
		    "", out);
		return;
	}
	j = job_place(v);
	if (!bucket_take(&v->taken, clock_monotonic_ms()) || j == NULL || v->queued >= QUEUE_MAX) {
		too_many(v, a, out);
		return;
	}
	struct arena *own = arena_new();
	struct invalidation wanted;
	if (!invalidation_read(own, m->body, &wanted, &err)) {
		arena_free(own);
		metrics_add(&v->settings.metrics->messages[MESSAGE_REFUSED], 1);
		answer_problem(a, 400, "Bad Request", arena_copy(a, str_of(err.text)).p, 0, out);
		return;
	}
	enqueue(v, m->id, now, own, &wanted, j);
	answer_job(a, 202, m->id, JOB_QUEUED, 0, "", out);
}

void
invalidate_take(struct invalidate *v, struct arena *a, const struct webhook_message *m,
    int64_t now, struct answer *out)
{
	struct err err = { 0 };
	(void)pthread_mutex_lock(&v->lock);
	if (v->secret == NULL)
		answer_problem(a, 501, "Not Implemented",
		    "This origin takes no messages: no webhook_secret in its edgepress.ini.", 0, out);
	else if (!webhook_verify(v->secret, m, now, &err))
		refuse(v, a, &err, out);
	else
		take_verified(v, a, m, now, out);
	(void)pthread_mutex_unlock(&v->lock);
}

void
invalidate_show(struct invalidate *v, struct arena *a, struct str id, struct answer *out)
{
	(void)pthread_mutex_lock(&v->lock);
	const struct job *j = job_find(v, id);
	if (j != NULL && j->at + JOB_KEPT_S >= (int64_t)time(NULL))
		answer_job(a, 200, id, j->state, j->version, j->detail, out);
	else
		answer_problem(a, 404, "Not Found", "No such message, or more than an hour ago.", 0,
		    out);
	(void)pthread_mutex_unlock(&v->lock);
}

/* Work: what waits is carried out together. */

struct batch {
	struct arena *arena;
	struct job *job[BATCH_MAX];
	size_t n;
	int64_t version;
	struct str *key;
	size_t keys;
};

static int
by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int
by_turn(const void *a, const void *b)
{
	const struct job *x = *(struct job *const *)a, *y = *(struct job *const *)b;
	return (x->turn > y->turn) - (x->turn < y->turn);
}

/* Mark up to BATCH_MAX queued jobs as working; the lock is held. */
static void
batch_gather(struct invalidate *v, struct batch *b)
{
	size_t keys = 0;
	for (size_t i = 0; i < JOBS_MAX && b->n < BATCH_MAX; i++)
		if (v->job[i].state == JOB_QUEUED)
			b->job[b->n++] = &v->job[i];
	qsort(b->job, b->n, sizeof *b->job, by_turn);
	for (size_t i = 0; i < b->n; i++)
		keys += b->job[i]->wanted.keys;
	b->key = ARENA_ARRAY(b->arena, struct str, keys);
	for (size_t i = 0; i < b->n; i++) {
		const struct invalidation *w = &b->job[i]->wanted;
		b->job[i]->state = JOB_WORKING;
		if (w->version > b->version)
			b->version = w->version;
		for (size_t k = 0; k < w->keys; k++)
			b->key[b->keys++] = arena_copy(b->arena, w->key[k]);
	}
	v->queued -= b->n;
	if (b->keys == 0)
		return;
	qsort(b->key, b->keys, sizeof *b->key, by_text);
	size_t unique = 1;
	for (size_t i = 1; i < b->keys; i++)
		if (!str_eq(b->key[i], b->key[unique - 1]))
			b->key[unique++] = b->key[i];
	b->keys = unique;
}

static bool
purge(struct invalidate *v, const struct batch *b, struct err *err)
{
	const struct invalidate_settings *s = &v->settings;
	if (b->keys == 0 || s->edges == 0)
		return true;
	struct purge_result *result = ARENA_ARRAY(b->arena, struct purge_result, s->edges);
	bool ok = purge_edges(b->arena, s->edge, s->edges, b->key, b->keys, result);
	for (size_t i = 0; i < s->edges; i++) {
		metrics_add(result[i].confirmed ? &s->metrics->purges : &s->metrics->purge_failures, 1);
		if (!result[i].confirmed) {
			log_event(LOG_WARN, "edge not purged",
			    LOG_FIELDS(LOG_TEXT("edge", result[i].edge->name),
			        LOG_TEXT("why", str_of(result[i].err.text))));
			*err = result[i].err;
		}
	}
	return ok;
}

static void
job_end(struct invalidate *v, struct job *j, bool ok, int64_t version, const struct err *why)
{
	struct err err = { 0 };
	j->state = ok ? JOB_DONE : JOB_FAILED;
	j->version = version;
	if (!ok)
		(void)snprintf(j->detail, sizeof j->detail, "%s", why->text);
	arena_free(j->arena);
	j->arena = NULL;
	metrics_add(&v->settings.metrics->messages[ok ? MESSAGE_DONE : MESSAGE_FAILED], 1);
	if (ok)
		log_event(LOG_INFO, "invalidated",
		    LOG_FIELDS(LOG_TEXT("id", str_of(j->id)), LOG_INT("version", version)));
	else
		log_event(LOG_WARN, "invalidation failed",
		    LOG_FIELDS(LOG_TEXT("id", str_of(j->id)), LOG_INT("version", version),
		        LOG_TEXT("why", str_of(j->detail))));
	/* Only now: a message that a crash cut short may be sent again. */
	if (!replay_add(v->seen, str_of(j->id), j->at, &err))
		log_event(LOG_ERROR, "webhook id not kept",
		    LOG_FIELDS(LOG_TEXT("why", str_of(err.text))));
}

static void
batch_run(struct invalidate *v, struct batch *b)
{
	struct err stale = { 0 }, unpurged = { 0 };
	int64_t reached = 0;
	bool fresh = follow_refresh(v->settings.follow, b->version, REFRESH_MS, &reached, &stale);
	/* Edges that purge before the origin is fresh would only fetch the old version again. */
	bool purged = fresh && purge(v, b, &unpurged);
	(void)pthread_mutex_lock(&v->lock);
	for (size_t i = 0; i < b->n; i++)
		job_end(v, b->job[i], fresh && purged, reached, fresh ? &unpurged : &stale);
	(void)pthread_mutex_unlock(&v->lock);
}

static void *
invalidate_run(void *arg)
{
	struct invalidate *v = arg;
	(void)pthread_mutex_lock(&v->lock);
	while (!v->stop) {
		if (v->queued == 0) {
			(void)pthread_cond_wait(&v->changed, &v->lock);
			continue;
		}
		struct batch b = { .arena = arena_new() };
		batch_gather(v, &b);
		(void)pthread_mutex_unlock(&v->lock);
		batch_run(v, &b);
		arena_free(b.arena);
		(void)pthread_mutex_lock(&v->lock);
	}
	(void)pthread_mutex_unlock(&v->lock);
	return NULL;
}

bool
invalidate_reload(struct invalidate *v, struct err *err)
{
	struct arena *a = arena_new();
	struct webhook_secret *secret = NULL;
	if (v->settings.secret != NULL && !webhook_secret_read(a, v->settings.secret, &secret, err)) {
		arena_free(a);
		return false;
	}
	(void)pthread_mutex_lock(&v->lock);
	struct arena *old = v->secret_arena;
	v->secret_arena = a;
	v->secret = secret;
	(void)pthread_mutex_unlock(&v->lock);
	arena_free(old);
	return true;
}

bool
invalidate_start(struct arena *a, const struct invalidate_settings *settings,
    struct invalidate **out, struct err *err)
{
	struct invalidate *v = ARENA_NEW(a, struct invalidate);
	v->settings = *settings;
	bucket_init(&v->taken, RATE_PER_S, BURST, clock_monotonic_ms());
	bucket_init(&v->refused, RATE_PER_S, BURST, clock_monotonic_ms());
	(void)pthread_mutex_init(&v->lock, NULL);
	(void)pthread_cond_init(&v->changed, NULL);
	if (!invalidate_reload(v, err))
		return false;
	/* No reason not to serve: a full disk must not keep an origin from starting again. */
	struct err why = { 0 };
	if (!replay_open(a, settings->state, (int64_t)time(NULL), &v->seen, &why))
		log_event(LOG_ERROR, "webhook ids not kept: a replay after a restart would be taken",
		    LOG_FIELDS(LOG_TEXT("why", str_of(why.text))));
	int failed = pthread_create(&v->thread, NULL, invalidate_run, v);
	if (failed != 0) {
		errno = failed;
		return err_sys(err, "starting a thread");
	}
	*out = v;
	return true;
}

void
invalidate_stop(struct invalidate *v)
{
	(void)pthread_mutex_lock(&v->lock);
	v->stop = true;
	(void)pthread_cond_signal(&v->changed);
	(void)pthread_mutex_unlock(&v->lock);
	(void)pthread_join(v->thread, NULL);
	for (size_t i = 0; i < JOBS_MAX; i++)
		arena_free(v->job[i].arena);
	arena_free(v->secret_arena);
	(void)pthread_cond_destroy(&v->changed);
	(void)pthread_mutex_destroy(&v->lock);
}
