/* release: one commit, tried until it is in or hopeless; site.h has the contract. */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "publisher/release/audit.h"
#include "publisher/release/site.h"
#include "publisher/release/sweep.h"

#define LOSSES_MANY 12
#define OTHERS_MAX 8
#define TRY_MS 20 /* that a try takes at least */
#define TRY_MAX_MS 1000
#define SKIP_MAX 8
#define NOTE_MAX 200
#define TIMESTAMP STR("metadata/timestamp.json")

/* The vertical's targets, as a role change that grows */

static void
set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		abort(); /* out of memory */
}

static json_t *
version_json(const struct bundle_version *v, bool with_file)
{
	char hex[DIGEST_HEX + 1];
	json_t *j = json_object();
	set(j, "version", json_integer(v->version));
	set(j, "time", json_integer(v->time));
	set(j, "note", json_str(v->note));
	if (with_file) {
		digest_hex(&v->sha256, hex);
		set(j, "sha256", json_str(str_of(hex)));
		set(j, "length", json_integer((json_int_t)v->length));
	}
	return j;
}

/* n: its place among the bundle's versions; 1 is the newest. */
static bool
is_kept(const struct target_config *t, const struct bundle_version *v, size_t n, int64_t now)
{
	return n <= t->keep || (n <= KEEP_MAX && now - v->time < t->keep_for_s);
}

static bool
is_lost(const struct bundle_change *c, const struct bundle_version *v)
{
	for (size_t i = 0; i < c->losses; i++)
		if (digest_eq(&c->lost[i], &v->sha256))
			return true;
	return false;
}

/* What the new version says of itself and of the ones before it; see live.h. */
static const json_t *
custom_make(struct arena *a, const struct live_bundle *was, const struct wanted *w,
    const struct bundle_change *c, int64_t now, const struct target_config *target)
{
	const struct bundle_version v = { .version = w->version, .time = now, .note = w->note };
	json_t *j = json_new_object(a), *history = json_array();
	json_t *own = version_json(&v, false);
	if (json_object_update(j, own) != 0)
		abort();
	json_decref(own);
	set(j, "first", json_integer(was ? was->first : w->version));
	set(j, "history", history);
	for (size_t i = 0; was != NULL && i < was->histories + 1; i++) {
		const struct bundle_version *old = i == 0 ? &was->current : &was->history[i - 1];
		if (!is_kept(target, old, i + 2, now))
			break; /* those behind it are older */
		if (is_lost(c, old))
			continue;
		if (json_array_append_new(history, version_json(old, true)) != 0)
			abort();
	}
	return j;
}

static int
by_path(const void *a, const void *b)
{
	return str_cmp(((const struct target *)a)->path, ((const struct target *)b)->path);
}

static bool
is_replaced(const struct wanted *w, struct arena *a, struct str path)
{
	for (size_t i = 0; i < w->changes; i++)
		if (str_eq(path, arena_printf(a, "%.*s/%.*s/bundle.json",
		        STR_ARG(w->change[i].vertical), STR_ARG(w->change[i].locale))))
			return true;
	return false;
}

/* The new complete list of one vertical: what stays, then what changes, sorted. */
static struct role_change
role_make(struct arena *a, const struct site *s, const struct wanted *w, struct str vertical,
    int64_t now)
{
	const struct targets *live = s->live ? trusted_role(s->live->trusted, vertical) : NULL;
	size_t old = live ? live->n : 0, n = 0;
	struct target *target = ARENA_ARRAY(a, struct target, old + w->changes);
	for (size_t i = 0; i < old; i++)
		if (!is_replaced(w, a, live->target[i].path))
			target[n++] = live->target[i];
	for (size_t i = 0; i < w->changes; i++) {
		const struct bundle_change *c = &w->change[i];
		if (!str_eq(c->vertical, vertical))
			continue;
		target[n++] = (struct target){
			.path = arena_printf(a, "%.*s/%.*s/bundle.json", STR_ARG(vertical),
			    STR_ARG(c->locale)),
			.sha256 = c->sha256, .length = c->length,
			.custom = custom_make(a, s->live ? live_find(s->live, vertical, c->locale) : NULL,
			    w, c, now, s->target),
		};
	}
	if (n > 0)
		qsort(target, n, sizeof *target, by_path);
	return (struct role_change){ vertical, target, n };
}

static bool
has_change(const struct role_change *change, size_t n, struct str vertical)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(change[i].vertical, vertical))
			return true;
	return false;
}

static void
changes_make(struct arena *a, const struct site *s, const struct wanted *w, int64_t now,
    struct release *r)
{
	struct role_change *change = ARENA_ARRAY(a, struct role_change, w->changes);
	for (size_t i = 0; i < w->changes; i++)
		if (!has_change(change, r->changes, w->change[i].vertical))
			change[r->changes++] = role_make(a, s, w, w->change[i].vertical, now);
	r->change = change;
}

/* Metadata is ASCII. */
static struct str
note_clean(struct arena *a, struct str note)
{
	size_t n = note.n < NOTE_MAX ? note.n : NOTE_MAX;
	char *p = arena_alloc(a, n + 1, 1);
	for (size_t i = 0; i < n; i++)
		p[i] = note.p[i] >= ' ' && note.p[i] < 0x7f ? note.p[i] : '?';
	return (struct str){ p, n };
}

/* Putting it */

struct str
receipt_key(struct arena *a, int64_t version, const char *what)
{
	return arena_printf(a, "receipts/%" PRId64 ".%s", version, what);
}

/* Before the swap, so that whoever comes after a publisher that died knows what to purge. */
static bool
intent_put(struct arena *a, const struct site *s, const struct wanted *w, struct err *err)
{
	if (w->keys->n == 0)
		return true;
	keyset_sort(w->keys);
	json_t *j = json_new_object(a), *keys = json_array();
	struct buf *body = buf_in(a, STORE_OBJECT_MAX);
	set(j, "version", json_integer(w->version));
	set(j, "keys", keys);
	for (size_t i = 0; i < w->keys->n; i++)
		if (json_array_append_new(keys, json_str(w->keys->key[i])) != 0)
			abort();
	if (!json_pretty(j, body, err))
		return false;
	const struct object o = { receipt_key(a, w->version, "intent"), buf_str(body),
		STR("application/json"), true };
	return store_create(s->store, &o, err);
}

/* Did the swap happen although its answer said otherwise, or never came? */
static bool
is_ours(const struct site *s, const struct issued *timestamp)
{
	struct arena *a = arena_new();
	struct str there;
	struct err ignored;
	bool ours = store_get(s->store, a, TIMESTAMP, TIMESTAMP_MAX, &there, NULL, &ignored)
	    && str_eq(there, timestamp->bytes);
	arena_free(a);
	return ours;
}

static bool
timestamp_swap(const struct site *s, const struct issued *t, struct err *err)
{
	const struct object o = { t->name, t->bytes, STR("application/json"), false };
	struct err why = { 0 };
	if (store_swap(s->store, &o, s->live ? s->live->etag : STR(""), &why))
		return true;
	return ((why.code == ERR_STALE || why.code == ERR_BUSY) && is_ours(s, t))
	    || err_set(err, why.code, "%s", why.text);
}

static bool
issued_create(const struct site *s, const struct issued *f, struct err *err)
{
	const struct object o = { f->name, f->bytes, STR("application/json"), true };
	return store_create(s->store, &o, err);
}

bool
publish_issued(struct site *s, const struct issued *issued, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!(str_eq(issued[i].name, TIMESTAMP) ? timestamp_swap(s, &issued[i], err)
		                                        : issued_create(s, &issued[i], err)))
			return false;
	return site_reload(s, err);
}

/* Trying */

struct attempt {
	struct arena *a;
	struct site *s;
	preparer *prepare;
	void *ctx;
	struct keyset keys;
	int64_t at_least; /* lower versions' names are taken */
	int64_t skip;
	int64_t version;  /* of the site, when this attempt is over */
	bool logged, appended;
	struct audit_next next;
	bool released;
	bool hopeless;    /* trying again would not help */
};

/* Uploads take time: has a ceremony replaced keys meanwhile? Then nobody would believe what
 * was signed with the old ones. */
static bool
root_is_newest(struct arena *a, const struct site *s, struct err *err)
{
	struct str ignored, next = arena_printf(a, "metadata/%" PRId64 ".root.json",
	    s->root.meta.version + 1);
	struct err why = { 0 };
	if (store_get(s->store, a, next, ROOT_MAX, &ignored, NULL, &why))
		return err_set(err, ERR_STALE, "the root was replaced meanwhile");
	return why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
}

/* With its record in the log, unless it is the timestamp alone, which tells nothing new. */
static bool
issue_logged(struct attempt *t, const struct wanted *w, const struct release *r, int64_t now,
    struct issued **out, size_t *n, struct err *err)
{
	struct release logged = *r;
	t->logged = w->changes > 0 || w->logged;
	if (!t->logged) {
		if (!issue_release(t->a, t->s->keys, r, &lifetimes_default, now, out, n, err))
			return false;
		t->logged = *n > 1;
	}
	if (!t->logged)
		return true;
	if (!audit_prepare(t->a, t->s, w, now, &t->next, err))
		return false;
	logged.custom = t->next.custom;
	return issue_release(t->a, t->s->keys, &logged, &lifetimes_default, now, out, n, err);
}

static bool
release_put(struct attempt *t, const struct wanted *w, const struct release *r, int64_t now,
    struct err *err)
{
	struct issued *issued;
	struct err why = { 0 };
	size_t n;
	if (!issue_logged(t, w, r, now, &issued, &n, err))
		return false;
	for (size_t i = 0; i + 1 < n; i++)
		if (!issued_create(t->s, &issued[i], &why)) {
			/* Taken by a publisher that will be faster, or by one that died: nobody can
			 * tell, and it does not matter. TUF allows gaps: skip. */
			if (why.code == ERR_STALE) {
				t->at_least = w->version + t->skip;
				t->skip = t->skip < SKIP_MAX ? t->skip * 2 : SKIP_MAX;
			}
			return err_set(err, why.code, "%s", why.text);
		}
	if (!intent_put(t->a, t->s, w, err) || !root_is_newest(t->a, t->s, err)
	    || !timestamp_swap(t->s, &issued[n - 1], err))
		return false;
	if (n > 1) /* more than the timestamp: a new snapshot is among it */
		t->version = w->version;
	t->appended = n > 1;
	return true;
}

/* One try. ERR_STALE: somebody else was faster. */
static bool
attempt_once(struct attempt *t, struct err *err)
{
	struct release r;
	struct keyring *keys;
	const int64_t now = clock_now();
	site_release(t->s, &r);
	r.version_at_least = t->at_least;
	struct wanted w = { .version = release_version(&r), .keys = &t->keys };
	t->version = site_version(t->s);
	if (!site_keyring(t->s, &keys, err)
	    || (!t->s->sweeping && !sweep_guard(t->a, t->s->store, &t->s->round, err))
	    || !t->prepare(t->ctx, t->a, t->s, &w, err)) {
		t->hopeless = true;
		return false;
	}
	if (!w.release)
		return true;
	if (w.changes > 0)
		keyset_add(&t->keys, STR(KEY_TIMESTAMP));
	w.note = note_clean(t->a, w.note);
	changes_make(t->a, t->s, &w, now, &r);
	if (!release_put(t, &w, &r, now, err))
		return false;
	t->released = true;
	return true;
}

/* It is committed. What cannot be written to the log now, the next publish completes. */
static void
log_complete(struct attempt *t)
{
	struct err why = { 0 };
	t->s->log_behind = !(t->released && t->logged ? audit_finish(t->a, t->s, &t->next, &why)
	                                              : audit_complete(t->a, t->s, &why));
	if (t->s->log_behind)
		log_event(LOG_WARN, "the log is behind", LOG_FIELDS(LOG_TEXT("why", str_of(why.text))));
}

void
release_pause(int tries)
{
	clock_sleep_ms(randombytes_uniform(20u << (tries < 6 ? tries : 6)));
}

bool
contest_again(struct contest *c)
{
	const int64_t now_ms = clock_monotonic_ms();
	int64_t took_ms = c->lost > 0 ? now_ms - c->began_ms : TRY_MS;
	if (c->lost++ == 0)
		c->since_ms = now_ms;
	if (now_ms - c->since_ms > CONTEST_S * 1000)
		return false;
	took_ms = took_ms < TRY_MS ? TRY_MS : took_ms > TRY_MAX_MS ? TRY_MAX_MS : took_ms;
	const int64_t others = c->lost > LOSSES_MANY ? 2 : c->lost < OTHERS_MAX ? c->lost : OTHERS_MAX;
	clock_sleep_ms(randombytes_uniform((uint32_t)(2 * took_ms * others)));
	c->began_ms = clock_monotonic_ms();
	return true;
}

/* Versions only rise: not over a store that has gone back, unless that is what this is for. */
static bool
store_is_current(const struct site *s, struct err *err)
{
	return s->behind.code == 0 || s->floor.timestamp > 0
	    || err_set(err, ERR_UNTRUSTED, "%s: was the store restored from an older copy? If that is "
	           "meant, run `edgepress keys resume %.*s`: it signs what is live under versions above",
	           s->behind.text, STR_ARG(s->target->name));
}

static bool
run(struct arena *a, struct site *s, preparer *prepare, void *ctx, struct published *out,
    struct err *err)
{
	struct attempt t = { .a = a, .s = s, .prepare = prepare, .ctx = ctx, .skip = 1,
		.keys = { .a = a } };
	struct contest contest = { 0 };
	struct err why = { 0 }, ignored;
	*out = (struct published){ 0 };
	t.at_least = s->floor.snapshot > 0 ? s->floor.snapshot + 1 : 0;
	if (!site_confirm(s, err) || !store_is_current(s, err))
		return false;
	while (!attempt_once(&t, &why)) {
		int64_t seen = s->live ? s->live->trusted->timestamp.meta.version : 0;
		if (why.code != ERR_STALE || t.hopeless)
			return err_set(err, why.code, "%s", why.text);
		if (!contest_again(&contest))
			return err_set(err, ERR_STALE, "lost to other publishers %u times in %d s: %s",
			    contest.lost, CONTEST_S, why.text);
		if (!site_reload(s, err))
			return false;
		out->conflicts += s->live != NULL
		    && s->live->trusted->timestamp.meta.version != seen;
	}
	keyset_sort(&t.keys);
	out->key = t.keys.key;
	out->keys = t.keys.n;
	out->changed = t.released;
	log_complete(&t);
	/* It is committed; that it could not be read back now is not this call's failure. */
	if (t.released && site_reload_own(s, &ignored) && s->live != NULL)
		seen_keep(a, s->target->root, s->live->trusted);
	out->version = t.version;
	out->appended = t.appended;
	return true;
}

bool
release_run(struct arena *a, struct site *s, preparer *prepare, void *ctx,
    struct published *out, struct err *err)
{
	bool ok = run(a, s, prepare, ctx, out, err);
	sweep_unguard(s->store); /* its memory is the caller's */
	return ok;
}
