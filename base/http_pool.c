#include "base/http_pool.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define TRIES 6
#define FIRST_MS 200
#define MOST_MS 10000
#define TOTAL_MS 60000
#define RETRY_AFTER_MAX_S (24 * 3600)

/* A session and the arena that closes it; on the pool's stack while nobody uses it. */
struct line {
	struct line *below;
	struct arena *arena;
	struct http_session *session;
};
struct http_pool {
	pthread_mutex_t lock;
	struct line *idle; /* the one used last on top: its connection is the likeliest to live */
};

static void
pool_close(void *handle)
{
	struct http_pool *p = handle;
	while (p->idle != NULL) {
		struct line *l = p->idle;
		p->idle = l->below;
		arena_free(l->arena);
	}
	(void)pthread_mutex_destroy(&p->lock);
}

struct http_pool *
http_pool_open(struct arena *a)
{
	struct http_pool *p = ARENA_NEW(a, struct http_pool);
	if (pthread_mutex_init(&p->lock, NULL) != 0)
		abort();
	arena_defer(a, pool_close, p);
	return p;
}

static struct line *
line_take(struct http_pool *p)
{
	(void)pthread_mutex_lock(&p->lock);
	struct line *l = p->idle;
	if (l != NULL)
		p->idle = l->below;
	(void)pthread_mutex_unlock(&p->lock);
	if (l != NULL)
		return l;
	struct arena *a = arena_new();
	l = ARENA_NEW(a, struct line);
	*l = (struct line){ .arena = a, .session = http_open(a) };
	return l;
}

static void
line_give(struct http_pool *p, struct line *l)
{
	(void)pthread_mutex_lock(&p->lock);
	l->below = p->idle;
	p->idle = l;
	(void)pthread_mutex_unlock(&p->lock);
}

int64_t
http_retry_after_ms(const struct http_response *r, int64_t now)
{
	struct str value = http_header(r, "retry-after");
	uint64_t seconds;
	int64_t date;
	if (str_to_u64(value, &seconds))
		return 1000 * (int64_t)(seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S);
	if (!time_parse_http(value, &date) || date <= now)
		return 0;
	return 1000 * (date - now < RETRY_AFTER_MAX_S ? date - now : RETRY_AFTER_MAX_S);
}

static struct http_patience
patience_of(const struct http_call *c)
{
	struct http_patience p = c->patience;
	p.tries = p.tries > 0 ? p.tries : TRIES;
	p.first_ms = p.first_ms > 0 ? p.first_ms : FIRST_MS;
	p.most_ms = p.most_ms > 0 ? p.most_ms : MOST_MS;
	p.total_ms = p.total_ms > 0 ? p.total_ms : TOTAL_MS;
	return p;
}

/* Full jitter: many clients that failed together do not come back together. */
static int64_t
pause_ms(const struct http_patience *p, unsigned attempt)
{
	int64_t top = p->first_ms;
	for (unsigned i = 0; i < attempt && top < p->most_ms; i++)
		top *= 2;
	top = top < p->most_ms ? top : p->most_ms;
	return (int64_t)randombytes_uniform((uint32_t)(top < UINT32_MAX ? top : UINT32_MAX - 1) + 1);
}

static bool
is_passing(int status)
{
	return status == 408 || status == 429 || (status >= 500 && status != 501);
}

/* One try on a session that nobody else has meanwhile. */
static bool
try_once(struct http_pool *p, struct arena *a, const struct http_call *c, unsigned attempt,
    struct http_response *out, struct err *err)
{
	struct http_request rq = c->request;
	if (c->sign != NULL && !c->sign(c->ctx, a, attempt, &rq, err))
		return false;
	struct line *l = line_take(p);
	bool ok = http_do(l->session, a, &rq, out, err);
	line_give(p, l);
	return ok;
}

bool
http_pool_call(struct http_pool *pool, struct arena *a, const struct http_call *c,
    struct http_response *out, bool *unsure, struct err *err)
{
	const struct http_patience p = patience_of(c);
	const int64_t until = clock_monotonic_ms() + p.total_ms;
	for (unsigned attempt = 0;; attempt++) {
		struct err why = { 0 };
		bool answered = try_once(pool, a, c, attempt, out, &why);
		bool passing = answered ? is_passing(out->status) : why.code == ERR_BUSY;
		if (unsure != NULL && passing && !(answered && out->status == 429))
			*unsure = true;
		int64_t wait = pause_ms(&p, attempt);
		if (answered) {
			int64_t asked = http_retry_after_ms(out, time(NULL));
			passing = passing || (c->again != NULL && c->again(c->ctx, attempt, out));
			wait = asked > wait ? asked : wait;
		}
		if (!passing || attempt + 1 >= p.tries || clock_monotonic_ms() + wait > until)
			return answered || err_set(err, why.code, "%s", why.text);
		clock_sleep_ms(wait);
	}
}
