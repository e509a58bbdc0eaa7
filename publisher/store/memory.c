/*
 * memory: a store for tests. "memory:NAME" is one store for the whole process, whoever opens
 * it and how often; it lasts until the process ends.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "publisher/store/store.h"

struct kept {
	struct str key, body;
	uint64_t version;
	int64_t modified;
};
struct room {
	struct room *next;
	struct str name;
	pthread_mutex_t lock;
	struct kept *item; /* sorted by key */
	size_t n, room;
	uint64_t written;
};

static pthread_mutex_t rooms_lock = PTHREAD_MUTEX_INITIALIZER;
static struct room *rooms;

static struct str
copy(struct str s)
{
	char *p = malloc(s.n + 1);
	if (p == NULL)
		abort();
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

static struct room *
room_named(struct str name)
{
	for (struct room *r = rooms; r != NULL; r = r->next)
		if (str_eq(r->name, name))
			return r;
	struct room *r = calloc(1, sizeof *r);
	if (r == NULL || pthread_mutex_init(&r->lock, NULL) != 0)
		abort();
	r->name = copy(name);
	r->next = rooms;
	rooms = r;
	return r;
}

static bool
memory_open(struct arena *a, struct str where, const struct settings *settings, void **state,
    struct err *err)
{
	(void)a;
	(void)settings;
	(void)err;
	(void)pthread_mutex_lock(&rooms_lock);
	*state = room_named(where);
	(void)pthread_mutex_unlock(&rooms_lock);
	return true;
}

/* The first item that is not before `key`. */
static size_t
place_of(const struct room *r, struct str key)
{
	size_t low = 0, high = r->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_cmp(r->item[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct kept *
find(const struct room *r, struct str key)
{
	size_t i = place_of(r, key);
	return i < r->n && str_eq(r->item[i].key, key) ? &r->item[i] : NULL;
}

static void
put(struct room *r, const struct object *o)
{
	struct kept *k = find(r, o->key);
	if (k == NULL) {
		size_t i = place_of(r, o->key);
		if (r->n == r->room) {
			r->room = r->room ? 2 * r->room : 64;
			r->item = realloc(r->item, r->room * sizeof *r->item);
			if (r->item == NULL)
				abort();
		}
		k = &r->item[i];
		memmove(k + 1, k, (r->n - i) * sizeof *k);
		r->n++;
		*k = (struct kept){ .key = copy(o->key) };
	}
	free((void *)(uintptr_t)k->body.p);
	k->body = copy(o->body);
	k->version = ++r->written;
	k->modified = clock_now();
}

static bool
etag_is(const struct kept *k, struct str etag)
{
	uint64_t version = 0;
	return k == NULL ? etag.n == 0 : str_to_u64(etag, &version) && version == k->version;
}

static bool
memory_get(void *state, struct str key, struct buf *out, struct str *etag, struct arena *a,
    struct err *err)
{
	struct room *r = state;
	(void)pthread_mutex_lock(&r->lock);
	const struct kept *k = find(r, key);
	if (k != NULL)
		buf_put(out, k->body);
	if (k != NULL && etag != NULL)
		*etag = arena_printf(a, "%ju", (uintmax_t)k->version);
	(void)pthread_mutex_unlock(&r->lock);
	return k != NULL ? buf_ok(out, err) : err_set(err, ERR_ABSENT, "no such object");
}

static bool
memory_swap(void *state, const struct object *o, struct str etag, struct err *err)
{
	struct room *r = state;
	(void)pthread_mutex_lock(&r->lock);
	bool ok = etag_is(find(r, o->key), etag);
	if (ok)
		put(r, o);
	(void)pthread_mutex_unlock(&r->lock);
	return ok || err_set(err, ERR_STALE, "was replaced by another publisher");
}

static bool
memory_create(void *state, const struct object *o, struct err *err)
{
	return memory_swap(state, o, STR(""), err);
}

static bool
memory_unchanged(void *state, struct str key, struct str etag, bool *out, struct err *err)
{
	struct room *r = state;
	(void)err;
	(void)pthread_mutex_lock(&r->lock);
	const struct kept *k = find(r, key);
	*out = k != NULL && etag_is(k, etag);
	(void)pthread_mutex_unlock(&r->lock);
	return true;
}

/* The first entry behind `last` (or at it, for the first of all); false if there is none. */
static bool
entry_after(struct room *r, struct arena *a, struct str prefix, struct str last,
    struct store_entry *out)
{
	(void)pthread_mutex_lock(&r->lock);
	size_t i = place_of(r, last);
	while (i < r->n && str_eq(r->item[i].key, last))
		i++;
	bool more = i < r->n && str_starts(r->item[i].key, prefix);
	if (more)
		*out = (struct store_entry){ arena_copy(a, r->item[i].key), r->item[i].body.n,
			r->item[i].modified };
	(void)pthread_mutex_unlock(&r->lock);
	return more;
}

/* The lock is not held during a visit: the visitor may call back into the store. */
static bool
memory_list(void *state, struct str prefix, store_visit *visit, void *ctx, struct err *err)
{
	struct arena *a = arena_new();
	struct store_entry e = { .key = prefix };
	bool ok = true;
	while (ok && entry_after(state, a, prefix, e.key, &e))
		ok = visit(ctx, &e, err);
	arena_free(a);
	return ok;
}

static bool
memory_remove(void *state, struct str key, struct err *err)
{
	struct room *r = state;
	(void)err;
	(void)pthread_mutex_lock(&r->lock);
	struct kept *k = find(r, key);
	if (k != NULL) {
		free((void *)(uintptr_t)k->key.p);
		free((void *)(uintptr_t)k->body.p);
		memmove(k, k + 1, (size_t)(r->item + r->n - (k + 1)) * sizeof *k);
		r->n--;
	}
	(void)pthread_mutex_unlock(&r->lock);
	return true;
}

const struct store_driver store_memory = {
	.scheme = "memory",
	.local = true,
	.hidden = true,
	.open = memory_open,
	.get = memory_get,
	.create = memory_create,
	.swap = memory_swap,
	.unchanged = memory_unchanged,
	.list = memory_list,
	.remove = memory_remove,
};
