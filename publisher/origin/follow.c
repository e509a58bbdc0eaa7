#include "publisher/origin/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "publisher/origin/state.h"

#define PERIOD_MIN_MS 20
#define RETRY_MS 100 /* between checks while a version is awaited */

struct follow {
	struct follow_settings settings;
	struct trusted *remembered; /* of an earlier run; a floor until there is a view */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Below: guarded by lock. */
	struct view *view;
	bool stop, wanted, absent, failing;
	bool expiry_told; /* of this view */
	uint64_t begun, good; /* checks are numbered: the last one begun, the last good one */
	int64_t checking_ms;  /* start of the check under way; 0: none */
	int64_t confirmed_ms; /* start of the last good check; 0: never */
	int64_t failed_ms;    /* end of the last check, if it failed; else 0 */
	int64_t since;
	uint64_t checks, failures, refusals, swaps;
	struct err why;
};

/* Monotonic, and never 0, which means "not yet". */
static int64_t
now_ms(void)
{
	return clock_monotonic_ms() + 1;
}

static void
wait_until(struct follow *f, int64_t ms)
{
	const struct timespec until = { .tv_sec = (ms - 1) / 1000,
		.tv_nsec = (ms - 1) % 1000 * 1000000 };
	(void)pthread_cond_timedwait(&f->changed, &f->lock, &until);
}

/* What was trusted is worth nothing to the next run if it cannot be kept; say so once each. */
static void
remember(const struct follow *f, const struct trusted *t)
{
	struct err err = { 0 };
	if (f->settings.state != NULL && !state_write(f->settings.state, t, &err))
		log_event(LOG_ERROR, "state not kept", LOG_FIELDS(LOG_TEXT("why", str_of(err.text))));
}

static void
swap(struct follow *f, struct view *fresh)
{
	(void)pthread_mutex_lock(&f->lock);
	struct view *old = f->view;
	f->view = fresh;
	f->since = clock_now();
	f->expiry_told = false;
	f->swaps++;
	(void)pthread_mutex_unlock(&f->lock);
	const int64_t was = old != NULL ? view_version(old) : 0;
	log_event(LOG_INFO, "serving", LOG_FIELDS(LOG_INT("version", view_version(fresh)),
	    LOG_INT("before", was), LOG_INT("bundles", (int64_t)view_live(fresh)->bundles)));
	view_drop(old);
}

/* Read and verify what the store publishes now. Only the follow thread writes f->view, so it
 * may read it without the lock. */
static bool
rebuild(struct follow *f, struct err *err)
{
	struct arena *a = arena_new(), *scratch = arena_new();
	struct live floor = { .trusted = f->remembered };
	const struct live *before = f->view != NULL ? view_live(f->view)
	    : f->remembered != NULL ? &floor : NULL;
	struct live *live;
	struct str anchor;
	/* Expired metadata that was trusted before, or is newer, goes on being served, and
	 * flagged; a first start from an expired site is refused, as TUF asks. */
	bool ok = fs_read(scratch, f->settings.root, ROOT_MAX, &anchor, err)
	    && live_read(a, f->settings.store, anchor, before, clock_now(),
	           before != NULL ? EXPIRY_IGNORE : EXPIRY_CHECK, &live, err)
	    && live_fetch(live, f->settings.store, err);
	arena_free(scratch);
	if (!ok) {
		arena_free(a);
		return false;
	}
	const bool newer = before == NULL
	    || live->trusted->timestamp.meta.version > before->trusted->timestamp.meta.version;
	if (newer)
		remember(f, live->trusted);
	swap(f, view_new(a, live));
	return true;
}

static bool
check(struct follow *f, bool *absent, struct err *err)
{
	bool same = false;
	*absent = false;
	if (f->view != NULL) {
		if (!store_unchanged(f->settings.store, STR("metadata/timestamp.json"),
		        view_live(f->view)->etag, &same, err))
			return false;
		if (same)
			return true;
	}
	if (rebuild(f, err))
		return true;
	*absent = err->code == ERR_ABSENT && f->view == NULL && f->remembered == NULL;
	return *absent;
}

static void
tell(const struct follow *f, bool ok, const struct err *err)
{
	if (ok && f->failing)
		log_event(LOG_INFO, "store is back", NULL);
	else if (!ok && (!f->failing || strcmp(err->text, f->why.text) != 0))
		log_event(err->code == ERR_BUSY ? LOG_WARN : LOG_ERROR,
		    err->code == ERR_UNTRUSTED ? "store refused" : "store check failed",
		    LOG_FIELDS(LOG_TEXT("why", str_of(err->text)),
		        LOG_INT("serving", f->view != NULL ? view_version(f->view) : 0)));
}

/* Served on, but somebody has to renew it. */
static void
tell_expiry(struct follow *f)
{
	struct str role;
	if (f->view == NULL || f->expiry_told || view_expires(f->view, &role) > clock_now())
		return;
	f->expiry_told = true;
	log_event(LOG_ERROR, "metadata has expired; renew it with: edgepress timestamp",
	    LOG_FIELDS(LOG_TEXT("role", role), LOG_INT("version", view_version(f->view))));
}

/* One check. Called and left with the lock held. */
static void
run_check(struct follow *f)
{
	struct err err = { 0 };
	bool absent;
	const int64_t started = now_ms();
	const uint64_t number = ++f->begun;
	f->checking_ms = started;
	f->wanted = false;
	(void)pthread_mutex_unlock(&f->lock);
	bool ok = check(f, &absent, &err);
	(void)pthread_mutex_lock(&f->lock);
	tell(f, ok, &err);
	tell_expiry(f);
	f->checking_ms = 0;
	f->checks++;
	f->absent = absent;
	f->failing = !ok;
	if (ok) {
		f->good = number;
		f->confirmed_ms = started; /* no younger than its question */
		f->failed_ms = 0;
	} else {
		f->failed_ms = now_ms();
		f->failures++;
		f->refusals += err.code == ERR_UNTRUSTED;
		f->why = err;
	}
	(void)pthread_cond_broadcast(&f->changed);
}

static void *
follow_run(void *arg)
{
	struct follow *f = arg;
	int64_t period = f->settings.freshness_ms / 2;
	if (period < PERIOD_MIN_MS)
		period = PERIOD_MIN_MS;
	(void)pthread_mutex_lock(&f->lock);
	int64_t next = now_ms() + period;
	while (!f->stop) {
		if (!f->wanted && now_ms() < next) {
			wait_until(f, next);
			continue;
		}
		next = now_ms() + period;
		run_check(f);
	}
	(void)pthread_mutex_unlock(&f->lock);
	return NULL;
}

bool
follow_start(struct arena *a, const struct follow_settings *settings, struct follow **out,
    struct err *err)
{
	pthread_condattr_t monotonic;
	struct follow *f = ARENA_NEW(a, struct follow);
	struct err why = { 0 };
	f->settings = *settings;
	if (settings->state != NULL && !state_read(a, settings->state, &f->remembered, &why))
		log_event(LOG_ERROR, "state not read: a rollback since the last run would not be seen",
		    LOG_FIELDS(LOG_TEXT("why", str_of(why.text))));
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&f->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	(void)pthread_mutex_lock(&f->lock);
	run_check(f);
	(void)pthread_mutex_unlock(&f->lock);
	int failed = pthread_create(&f->thread, NULL, follow_run, f);
	if (failed != 0) {
		errno = failed;
		return err_sys(err, "starting a thread");
	}
	*out = f;
	return true;
}

void
follow_stop(struct follow *f)
{
	(void)pthread_mutex_lock(&f->lock);
	f->stop = true;
	(void)pthread_cond_broadcast(&f->changed);
	(void)pthread_mutex_unlock(&f->lock);
	(void)pthread_join(f->thread, NULL);
	view_drop(f->view);
	f->view = NULL;
	(void)pthread_cond_destroy(&f->changed);
	(void)pthread_mutex_destroy(&f->lock);
}

/* Until when a request that came at `now` may wait for a check: measured from the start of
 * the one under way, so that a hanging store costs each worker that time once, not each
 * request. */
static int64_t
patience(const struct follow *f, int64_t now)
{
	return (f->checking_ms != 0 ? f->checking_ms : now) + FOLLOW_WAIT_MS;
}

struct view *
follow_view(struct follow *f, enum pointer *pointer)
{
	(void)pthread_mutex_lock(&f->lock);
	const int64_t came = now_ms();
	const int64_t floor = came - f->settings.freshness_ms;
	int64_t until = 0;
	while (f->confirmed_ms < floor && f->failed_ms < floor && !f->stop) {
		if (until == 0)
			until = patience(f, came);
		if (now_ms() >= until)
			break;
		f->wanted |= f->checking_ms == 0;
		(void)pthread_cond_broadcast(&f->changed);
		wait_until(f, until);
	}
	*pointer = f->confirmed_ms >= floor && f->confirmed_ms != 0 ? POINTER_CONFIRMED
	                                                            : POINTER_STALE;
	struct view *v = f->view;
	if (v != NULL)
		view_hold(v);
	(void)pthread_mutex_unlock(&f->lock);
	return v;
}

bool
follow_refresh(struct follow *f, int64_t version, int64_t timeout_ms, int64_t *reached,
    struct err *err)
{
	(void)pthread_mutex_lock(&f->lock);
	const uint64_t begun = f->begun; /* one under way may have asked before the commit */
	const int64_t until = now_ms() + timeout_ms;
	int64_t retry = 0; /* when to ask again for a check */
	bool ok = false;
	while (!ok && !f->stop && now_ms() < until) {
		if (now_ms() >= retry && f->checking_ms == 0 && !f->wanted) {
			f->wanted = true;
			retry = now_ms() + RETRY_MS;
			(void)pthread_cond_broadcast(&f->changed);
		}
		wait_until(f, retry < until && retry > now_ms() ? retry : now_ms() + RETRY_MS);
		ok = f->good > begun
		    && (version == 0 || (f->view != NULL && view_version(f->view) >= version));
	}
	*reached = f->view != NULL ? view_version(f->view) : 0;
	if (!ok && f->failing)
		*err = f->why;
	else if (!ok)
		(void)err_set(err, ERR_STALE, "the store is at version %" PRId64 ", not %" PRId64,
		    *reached, version);
	(void)pthread_mutex_unlock(&f->lock);
	return ok;
}

void
follow_report(struct follow *f, struct follow_report *out)
{
	struct follow_report r = { .age_ms = -1 };
	(void)pthread_mutex_lock(&f->lock);
	r.has_view = f->view != NULL;
	r.absent = f->absent;
	if (f->view != NULL) {
		struct str role;
		r.version = view_version(f->view);
		r.since = f->since;
		r.expires = view_expires(f->view, &role);
		(void)snprintf(r.expires_role, sizeof r.expires_role, "%.*s", STR_ARG(role));
	}
	if (f->confirmed_ms != 0)
		r.age_ms = now_ms() - f->confirmed_ms;
	r.checks = f->checks;
	r.failures = f->failures;
	r.refusals = f->refusals;
	r.swaps = f->swaps;
	r.failing = f->failing;
	if (f->failing) {
		r.code = f->why.code;
		(void)snprintf(r.why, sizeof r.why, "%s", f->why.text);
	}
	(void)pthread_mutex_unlock(&f->lock);
	*out = r;
}
