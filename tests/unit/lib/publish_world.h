/* publish_world: a site on disk to publish to, and a store that watches, fails or kills. */
#ifndef TESTS_UNIT_PUBLISH_WORLD_H
#define TESTS_UNIT_PUBLISH_WORLD_H

#include "tests/unit/lib/scratch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "publisher/release/publish.h"

#define NOW INT64_C(1800000000)
#define DAY 86400

#define OK(call) assert_ok((call), &err, __FILE__, __LINE__)
static inline void
assert_ok(bool ok, const struct err *err, const char *file, int line)
{
	if (ok)
		return;
	print_error("error %d: %s\n", (int)err->code, err->text);
	_fail(file, line);
}

/* The wall clock of this process and of its children. */
static inline void
set_clock(int64_t now)
{
	char text[32];
	(void)snprintf(text, sizeof text, "%lld", (long long)now);
	assert_int_equal(setenv("SOURCE_DATE_EPOCH", text, 1), 0);
}

/* A store in front of another one. */
struct spy {
	struct store inner;
	atomic_uint creates, swaps, ops; /* uploads come from several threads */
	unsigned kill_at;       /* die before this operation; 0: never */
	bool kill_after;        /* … after it */
	bool lose_swap_answer;  /* swap, then say that nothing is known */
	unsigned fail_at;       /* this operation is ERR_BUSY; 0: never */
	bool fail_after;        /* … but is done */
	bool down;              /* every get is ERR_BUSY */
};

/* The number of this operation. */
static inline unsigned
spy_before(struct spy *s)
{
	unsigned op = atomic_fetch_add(&s->ops, 1) + 1;
	if (op == s->kill_at && !s->kill_after)
		_exit(9);
	return op;
}

static inline void
spy_after(const struct spy *s, unsigned op)
{
	if (op == s->kill_at && s->kill_after)
		_exit(9);
}

/* Is this operation to fail, and is this the moment? */
static inline bool
spy_fails(const struct spy *s, unsigned op, bool after, struct err *err)
{
	return op == s->fail_at && s->fail_after == after && !err_set(err, ERR_BUSY, "reset");
}

static inline bool
spy_get(void *state, struct str key, struct buf *out, struct str *etag, struct arena *a,
    struct err *err)
{
	struct spy *s = state;
	if (s->down)
		return err_set(err, ERR_BUSY, "503");
	unsigned op = spy_before(s);
	if (spy_fails(s, op, false, err) || spy_fails(s, op, true, err))
		return false;
	bool ok = s->inner.driver->get(s->inner.state, key, out, etag, a, err);
	spy_after(s, op);
	return ok;
}

static inline bool
spy_create(void *state, const struct object *o, struct err *err)
{
	struct spy *s = state;
	s->creates++;
	unsigned op = spy_before(s);
	if (spy_fails(s, op, false, err))
		return false;
	bool ok = s->inner.driver->create(s->inner.state, o, err);
	spy_after(s, op);
	return !spy_fails(s, op, true, err) && ok;
}

static inline bool
spy_swap(void *state, const struct object *o, struct str etag, struct err *err)
{
	struct spy *s = state;
	s->swaps++;
	unsigned op = spy_before(s);
	if (spy_fails(s, op, false, err))
		return false;
	bool ok = s->inner.driver->swap(s->inner.state, o, etag, err);
	spy_after(s, op);
	if (spy_fails(s, op, true, err))
		return false;
	if (s->lose_swap_answer)
		return err_set(err, ERR_BUSY, "connection reset");
	return ok;
}

static inline bool
spy_unchanged(void *state, struct str key, struct str etag, bool *out, struct err *err)
{
	struct spy *s = state;
	return s->inner.driver->unchanged(s->inner.state, key, etag, out, err);
}

static const struct store_driver spy_driver = { .scheme = "spy", .get = spy_get,
	.create = spy_create, .swap = spy_swap, .unchanged = spy_unchanged };

static inline struct spy *
spy_on(struct arena *a, struct site *site)
{
	struct store *s = site_store(site);
	struct spy *spy = ARENA_NEW(a, struct spy);
	spy->inner = *s;
	*s = (struct store){ &spy_driver, spy };
	return spy;
}

struct world {
	struct arena *a;
	const char *dir;
	struct target_config target;
};

/* A new site for weather and finance, its keys made, nothing published. */
static inline void
world_begin(struct world *w)
{
	const struct str verticals[] = { STR_INIT("weather"), STR_INIT("finance") };
	struct keyring *keys;
	struct issued file[2] = { 0 };
	struct store *store;
	struct err err = { 0 };
	set_clock(NOW);
	*w = (struct world){ .a = arena_new() };
	w->dir = scratch_folder(w->a);
	w->target = (struct target_config){ .name = STR("local"), .keep = 20,
		.store = arena_printf(w->a, "file:%s/public", w->dir).p,
		.keys = fs_join(w->a, w->dir, "keys"), .root = fs_join(w->a, w->dir, "root.json"),
		.freshness_ms = 50, .uploads = 8 };
	OK(keyring_create(w->a, w->target.keys, &keys, &err));
	OK(issue_site(w->a, keys, verticals, LEN(verticals), &lifetimes_default, NOW, &file[0],
	    &file[1], &err));
	OK(fs_create(w->target.root, file[0].bytes, 0644, &err));
	OK(store_open(w->a, w->target.store, &store, &err));
	for (int i = 0; i < 2; i++) {
		const struct object o = { file[i].name, file[i].bytes, STR(""), true };
		OK(store_put(store, &o, &err));
	}
}

static inline void
world_end(struct world *w)
{
	/* Leak checkers attach to the process; keyring_open has forbidden that. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	arena_free(w->a);
	(void)unsetenv("SOURCE_DATE_EPOCH");
}

static inline struct site *
world_site(struct world *w)
{
	struct site *s;
	struct err err;
	OK(site_open(w->a, &w->target, &s, &err));
	return s;
}

/* What a client that checks everything sees, now. */
static inline struct live *
world_live(struct world *w)
{
	struct store *store;
	struct str anchor;
	struct live *live = NULL;
	struct err err;
	OK(store_open(w->a, w->target.store, &store, &err));
	OK(fs_read(w->a, w->target.root, ROOT_MAX, &anchor, &err));
	OK(live_read(w->a, store, anchor, NULL, clock_now(), EXPIRY_CHECK, &live, &err));
	return live;
}

static inline struct publish_file
file_of(struct str path, struct str type, struct str document, struct str body)
{
	return (struct publish_file){ path, type, document, body, digest_of(body) };
}

/* A bundle of documents "a", "b", … each with a page and a source, and an index; the text of
 * document i is text[i], NULL leaves it out. */
static inline struct publish_bundle
bundle_of(struct arena *a, const char *vertical, const char *locale, const char *const *text,
    size_t n)
{
	struct publish_document *d = ARENA_ARRAY(a, struct publish_document, n);
	struct publish_file *f = ARENA_ARRAY(a, struct publish_file, n + 1);
	struct publish_bundle b = { .vertical = str_of(vertical), .locale = str_of(locale),
		.document = d, .file = f, .inputs = json_new_object(a) };
	struct buf *index = buf_in(a, 1u << 20);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == NULL)
			continue;
		struct str id = arena_printf(a, "%c", (char)('a' + i));
		d[b.documents++] = (struct publish_document){ .id = id,
			.title = arena_printf(a, "Title of %.*s", STR_ARG(id)), .updated = NOW - 100,
			.expires = NOW + 30 * DAY, .source = arena_printf(a, "<doc>%s</doc>", text[i]),
			.provenance = STR("{}") };
		d[b.documents - 1].sha256 = digest_of(d[b.documents - 1].source);
		f[b.files++] = file_of(arena_printf(a, "%.*s.html", STR_ARG(id)),
		    STR("text/html; charset=utf-8"), id, arena_printf(a, "<p>%s</p>", text[i]));
		buf_printf(index, "%.*s\n", STR_ARG(id));
	}
	f[b.files++] = file_of(STR("index.txt"), STR("text/plain"), (struct str){ 0 },
	    buf_str(index));
	return b;
}

/* The entry of a live file; NULL if there is none. */
static inline const struct manifest_file *
live_file(struct store *store, const struct live_bundle *b, const char *path)
{
	const struct tree *tree;
	struct err err;
	const struct shard *s = manifest_shard(b->manifest, str_of(path));
	if (s == NULL)
		return NULL;
	OK(live_tree(b, store, (size_t)(s - b->manifest->shard), &tree, &err));
	return tree_file(tree, str_of(path));
}

static inline const struct manifest_file *
file_there(struct store *store, const struct live_bundle *b, const char *path)
{
	const struct manifest_file *f = live_file(store, b, path);
	if (f == NULL) {
		fail_msg("%s is not published", path);
		abort();
	}
	return f;
}

static inline struct store *
world_store(struct world *w)
{
	struct store *store;
	struct err err;
	OK(store_open(w->a, w->target.store, &store, &err));
	return store;
}

/* The body of a file as it is published; empty if there is none. */
static inline struct str
published_body(struct world *w, const struct live *live, const char *vertical,
    const char *locale, const char *path)
{
	struct store *store = world_store(w);
	struct err err;
	struct str body = { 0 };
	const struct live_bundle *b = live_find(live, str_of(vertical), str_of(locale));
	const struct manifest_file *f = b ? live_file(store, b, path) : NULL;
	if (f == NULL)
		return body;
	const struct coded *plain = &f->form[CODING_NONE];
	char hex[DIGEST_HEX + 1];
	digest_hex(&plain->sha256, hex);
	OK(store_get(store, w->a, store_blob_key(w->a, hex, ""), plain->size, &body, NULL, &err));
	const struct digest is = digest_of(body);
	assert_true(digest_eq(&is, &plain->sha256));
	return arena_copy(w->a, body); /* with a NUL */
}

#endif
