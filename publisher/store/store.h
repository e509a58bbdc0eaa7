/*
 * store: where a published site lives. Drivers only move bytes; this wrapper keeps the
 * contract (safe keys, bounds, immutability). A new store is one file and one table line.
 * A store may be used by several threads at once.
 */
#ifndef PUBLISHER_STORE_STORE_H
#define PUBLISHER_STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define STORE_OBJECT_MAX (64u * 1024 * 1024)
#define STORE_LIST_MAX 20000000 /* objects of one listing */

struct settings;

struct store {
	const struct store_driver *driver;
	void *state;
	/* If set, asked before each store_create and store_put, by any thread: it may wait, or
	 * refuse with an error. See publisher/release/sweep.h. */
	bool (*guard)(void *ctx, struct str key, struct err *);
	void *guard_ctx;
};

struct object {
	struct str key;
	struct str body;
	struct str type;     /* media type, stored as a property where the store can */
	bool immutable;      /* cache class, likewise: store_cache_control */
	struct str coding;   /* content coding, likewise: "" (none), "gzip", "br", "zstd" */
};

struct store_entry {
	struct str key;      /* lives until the visit ends */
	uint64_t size;
	int64_t modified;    /* Unix seconds by the store's clock; 0 = not known */
};
/* Called for each object of a listing, in any order, by the thread that lists. May remove what
 * it is shown. False, with the error set, ends the listing. */
typedef bool store_visit(void *ctx, const struct store_entry *, struct err *);

struct store_driver {
	const char *scheme; /* what stands before ":" */
	/* Required. *state lives in `a`, as `where` does: what stands behind "scheme:". Secrets
	 * come from the settings and are never part of an error. */
	bool (*open)(struct arena *a, struct str where, const struct settings *, void **state,
	    struct err *);
	/* Required. Appends the body to `out`; ERR_ABSENT if there is no such key, ERR_BUSY if
	 * that is not known (a store that is down is never "absent"). etag may be NULL. */
	bool (*get)(void *state, struct str key, struct buf *out, struct str *etag,
	    struct arena *etag_arena, struct err *);
	/* Required. Never overwrites; ERR_STALE if the key exists. Durable when it returns. */
	bool (*create)(void *state, const struct object *, struct err *);
	/* Required. Replaces only what still carries `etag` (empty: only if absent), else
	 * ERR_STALE. */
	bool (*swap)(void *state, const struct object *, struct str etag, struct err *);
	/* Required. Is the object's etag still `etag`? One cheap request. */
	bool (*unchanged)(void *state, struct str key, struct str etag, bool *out, struct err *);
	/* Required. Every object whose key starts with `prefix`, which is "" or ends with '/';
	 * page by page, so that memory is bounded. A store that is not there is an error. */
	bool (*list)(void *state, struct str prefix, store_visit *, void *ctx, struct err *);
	/* Required. Absent already is success. */
	bool (*remove)(void *state, struct str key, struct err *);
	bool local;  /* `where` is a path or a name: no settings file follows it */
	bool hidden; /* for tests: not offered to users */
};

extern const struct store_driver store_file, store_azblob, store_s3, store_memory;

/* "file:/srv/public", or "azblob:https://…" and, after a blank, the file that holds its
 * settings (settings.h) instead of the environment. ERR_INPUT lists the schemes there are. */
bool store_open(struct arena *, const char *url, struct store **out, struct err *);
/* Read at most max bytes into the arena; ERR_LIMIT beyond. ERR_ABSENT only if the store is
 * there and surely has no such object. etag may be NULL. */
bool store_get(struct store *, struct arena *, struct str key, size_t max, struct str *out,
    struct str *etag, struct err *);
/* Create an immutable object; the same bytes there already is success, other bytes are
 * ERR_STALE: somebody else has taken the name. */
bool store_create(struct store *, const struct object *, struct err *);
/* As store_create, for names that follow from the content: other bytes are ERR_UNTRUSTED. */
bool store_put(struct store *, const struct object *, struct err *);
/* Replace the object that still carries `etag` (empty: only if there is none); ERR_STALE
 * otherwise. After ERR_BUSY the swap may or may not have happened: read again. */
bool store_swap(struct store *, const struct object *, struct str etag, struct err *);
/* Does the object still carry `etag`? Cheaper than reading it. */
bool store_unchanged(struct store *, struct str key, struct str etag, bool *out, struct err *);
/* Every object whose key starts with `prefix` ("" or "folder/"), in any order. ERR_LIMIT beyond
 * STORE_LIST_MAX. What is no key (a lost+found, a file somebody put there) is not shown. */
bool store_list(struct store *, struct str prefix, store_visit *, void *ctx, struct err *);
/* Absent already is success. */
bool store_remove(struct store *, struct str key, struct err *);

/* Cache-Control of a cache class, for stores that keep it: the mutable class is to be asked
 * for each time. */
const char *store_cache_control(bool immutable);
/* "blobs/ab/abcd….gz": where a blob is kept; coding is "" or "gz". */
struct str store_blob_key(struct arena *, const char hex[static 64], const char *coding);

#endif
