#include "publisher/store/s3_credentials.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "publisher/store/s3_source.h"

#define MARGIN_S 300    /* renewed so long before it expires, or in the last quarter of its life */
#define TRY_AGAIN_S 10  /* after a failed renewal, while the old key is still good */

struct held {
	struct s3_key key;
	struct s3_locked locked;
	int64_t renew_at; /* 0 = never */
	unsigned users;   /* under the lock; the current one has the owner as one more */
};
struct s3_credentials {
	const struct settings *settings;
	const struct s3_source *source;
	struct str region;
	pthread_mutex_t lock;
	pthread_cond_t landed;
	struct held *current;
	unsigned flights; /* renewals begun and ended */
	bool in_flight, current_refused;
	struct err failed; /* of the last flight; code 0 if it brought a key */
	int64_t not_before;
};

static void
held_drop(struct held *h)
{
	if (h != NULL && --h->users == 0)
		sodium_free(h); /* zeroes it */
}

static void
credentials_close(void *handle)
{
	struct s3_credentials *c = handle;
	held_drop(c->current);
	(void)pthread_cond_destroy(&c->landed);
	(void)pthread_mutex_destroy(&c->lock);
}

bool
s3_credentials_open(struct arena *a, const struct settings *settings, struct str region,
    struct s3_credentials **out, struct err *err)
{
	struct s3_credentials *c = ARENA_NEW(a, struct s3_credentials);
	c->settings = settings;
	c->region = region;
	if (!s3_source_choose(a, settings, &c->source, err))
		return false;
	if (sodium_init() < 0 || pthread_mutex_init(&c->lock, NULL) != 0
	    || pthread_cond_init(&c->landed, NULL) != 0)
		abort();
	arena_defer(a, credentials_close, c);
	*out = c;
	return true;
}

static struct held *
ask(struct s3_credentials *c, struct err *err)
{
	struct arena *a = arena_new();
	struct held *h = sodium_malloc(sizeof *h);
	if (h == NULL)
		abort(); /* out of memory */
	memset(h, 0, sizeof *h);
	h->users = 1;
	bool ok = c->source->ask(a, c->settings, c->region, &h->locked, err);
	arena_free(a);
	if (!ok) {
		(void)err_in(err, "credentials from %s", c->source->name);
		held_drop(h);
		return NULL;
	}
	h->key = (struct s3_key){ str_of(h->locked.id), str_of(h->locked.secret),
		str_of(h->locked.token) };
	if (h->locked.expires != 0) {
		int64_t left = h->locked.expires - (int64_t)time(NULL);
		h->renew_at = h->locked.expires - (left / 4 < MARGIN_S ? left / 4 : MARGIN_S);
	}
	return h;
}

static bool
is_usable(const struct s3_credentials *c, int64_t now)
{
	const struct held *h = c->current;
	return h != NULL && !c->current_refused
	    && (h->locked.expires == 0 || now < h->locked.expires);
}

static bool
is_due(const struct s3_credentials *c, int64_t now)
{
	if (!is_usable(c, now))
		return true;
	return c->current->renew_at != 0 && now >= c->current->renew_at && now >= c->not_before;
}

/* Called and left with the lock held; the source is asked without it. */
static void
renew(struct s3_credentials *c)
{
	struct err why = { 0 };
	c->in_flight = true;
	(void)pthread_mutex_unlock(&c->lock);
	struct held *fresh = ask(c, &why);
	(void)pthread_mutex_lock(&c->lock);
	if (fresh != NULL) {
		held_drop(c->current);
		c->current = fresh;
		c->current_refused = false;
	}
	c->failed = why;
	c->not_before = fresh != NULL ? 0 : (int64_t)time(NULL) + TRY_AGAIN_S;
	c->in_flight = false;
	c->flights++;
	(void)pthread_cond_broadcast(&c->landed);
}

bool
s3_credentials_take(struct s3_credentials *c, const struct s3_key **out, struct err *err)
{
	(void)pthread_mutex_lock(&c->lock);
	if (is_due(c, (int64_t)time(NULL)) && !c->in_flight) {
		renew(c);
	} else if (!is_usable(c, (int64_t)time(NULL))) {
		const unsigned flight = c->flights;
		while (c->flights == flight)
			(void)pthread_cond_wait(&c->landed, &c->lock);
	}
	bool ok = is_usable(c, (int64_t)time(NULL));
	if (ok) {
		c->current->users++;
		*out = &c->current->key;
	} else if (c->failed.code != 0) {
		(void)err_set(err, c->failed.code, "%s", c->failed.text);
	} else {
		(void)err_set(err, ERR_SETUP, "credentials from %s: expired already; check the clock",
		    c->source->name);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return ok;
}

/* The key is the first member of what holds it. */
void
s3_credentials_give(struct s3_credentials *c, const struct s3_key *key)
{
	(void)pthread_mutex_lock(&c->lock);
	held_drop((struct held *)(void *)(uintptr_t)key);
	(void)pthread_mutex_unlock(&c->lock);
}

bool
s3_credentials_refused(struct s3_credentials *c, const struct s3_key *key)
{
	(void)pthread_mutex_lock(&c->lock);
	/* Another one may be here already. */
	if (c->current != NULL && key == &c->current->key && !c->source->fixed)
		c->current_refused = true;
	(void)pthread_mutex_unlock(&c->lock);
	return !c->source->fixed;
}
