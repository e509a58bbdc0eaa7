/* archive_write: objects out of a store into one file, many read at a time, in their order. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/parallel.h"
#include "publisher/transfer/archive.h"
#include "publisher/transfer/archive_form.h"
#include "publisher/upkeep/reach.h"

#define TOGETHER 64
#define TOGETHER_BYTES (64u * 1024 * 1024)

/* One object that is being read. */
struct member {
	struct str key, body;
	struct digest sha256;
	uint64_t size;
};
struct writing {
	struct arena *a;          /* of the batch */
	const struct promotion *p;
	FILE *file;
	struct marks *written;    /* by key */
	struct member member[TOGETHER];
	size_t n;
	uint64_t bytes;           /* of the batch */
	const struct progress *progress;
	struct archive_sum sum;
};

static bool
bytes_put(struct writing *w, const void *p, size_t n, struct err *err)
{
	return n == 0 || fwrite(p, 1, n, w->file) == n || err_sys(err, "write");
}

static bool
member_put(struct writing *w, struct str name, struct str body, struct err *err)
{
	static const unsigned char zeros[USTAR_BLOCK];
	unsigned char block[USTAR_BLOCK];
	w->sum.members++;
	w->sum.bytes += body.n;
	return ustar_put(block, name, body.n, err) && bytes_put(w, block, sizeof block, err)
	    && bytes_put(w, body.p, body.n, err) && bytes_put(w, zeros, ustar_padding(body.n), err);
}

static bool
member_get(void *ctx, size_t i, struct err *err)
{
	struct writing *w = ctx;
	struct member *m = &w->member[i];
	struct arena *a = arena_new();
	struct str body;
	bool ok = store_get(w->p->store, a, m->key, m->size, &body, NULL, err);
	if (ok) {
		const struct digest is = digest_of(body);
		ok = (body.n == m->size && digest_eq(&is, &m->sha256))
		    || err_set(err, ERR_UNTRUSTED, "%.*s is not what was signed", STR_ARG(m->key));
	}
	if (ok && body.n > 0)
		memcpy((char *)(uintptr_t)m->body.p, body.p, body.n); /* room made by member_add */
	arena_free(a);
	return ok;
}

static bool
batch_put(struct writing *w, struct err *err)
{
	bool ok = parallel(w->n, TOGETHER, member_get, w, err);
	for (size_t i = 0; ok && i < w->n; i++)
		ok = member_put(w, w->member[i].key, w->member[i].body, err);
	if (ok && w->progress != NULL && w->progress->step != NULL)
		w->progress->step(w->progress->ctx, "export", (size_t)w->sum.members, 0);
	arena_free(w->a);
	w->a = arena_new();
	w->n = 0;
	w->bytes = 0;
	return ok;
}

static bool
member_add(struct writing *w, struct str key, const struct digest *sha256, uint64_t size,
    struct err *err)
{
	const struct digest name = digest_of(key);
	if (!marks_add(w->written, &name))
		return true;
	if ((w->n == TOGETHER || w->bytes + size > TOGETHER_BYTES) && !batch_put(w, err))
		return false;
	w->bytes += size;
	w->member[w->n++] = (struct member){ .key = arena_copy(w->a, key), .sha256 = *sha256,
		.size = size, .body = { arena_alloc(w->a, size + 1, 1), size } };
	return true;
}

static bool
reached(void *ctx, const struct reach_object *o, struct err *err)
{
	return member_add(ctx, o->key, o->sha256, o->size, err);
}

/* Whoever reads it trusts all that is live, or nothing: so their manifests are all there. */
static bool
manifests_add(struct writing *w, struct err *err)
{
	const struct live *live = w->p->live;
	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];
		struct arena *a = arena_new();
		bool ok = member_add(w, live_manifest_key(a, b->vertical, b->locale,
		    &b->current.sha256), &b->current.sha256, b->current.length, err);
		arena_free(a);
		if (!ok)
			return false;
	}
	return true;
}

static bool
head_put(struct writing *w, struct arena *a, const struct str *bundle, size_t n, struct err *err)
{
	json_t *j = json_new_object(a), *list = json_array();
	struct buf *text = buf_in(a, STORE_OBJECT_MAX);
	(void)json_object_set_new(j, "format", json_integer(1));
	(void)json_object_set_new(j, "version", json_integer(w->p->version));
	(void)json_object_set_new(j, "bundles", list);
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, json_str(bundle[i]));
	return json_pretty(j, text, err)
	    && member_put(w, STR("edgepress-export.json"), buf_str(text), err);
}

static bool
all_put(struct writing *w, struct arena *a, struct str anchor, struct err *err)
{
	static const unsigned char zeros[2 * USTAR_BLOCK];
	struct promoted *list;
	size_t n;
	if (!promotion_bundles(a, w->p, &list, &n, err))
		return false;
	struct str *bundle = ARENA_ARRAY(a, struct str, n + 1);
	for (size_t i = 0; i < n; i++)
		bundle[i] = arena_printf(a, "%.*s/%.*s", STR_ARG(list[i].live->vertical),
		    STR_ARG(list[i].live->locale));
	struct reach r = { .store = w->p->store, .anchor = anchor, .live = w->p->live,
		.parts = REACH_ONLY_METADATA, .visit = reached, .ctx = w };
	if (!head_put(w, a, bundle, n, err) || !reach_walk(&r, err) || !manifests_add(w, err))
		return false;
	r.parts = REACH_ONLY_BUNDLES;
	r.bundle = bundle;
	r.bundles = n;
	r.version = w->p->version;
	r.current = w->p->version == 0;
	return (n == 0 || reach_walk(&r, err)) && batch_put(w, err)
	    && bytes_put(w, zeros, sizeof zeros, err);
}

static bool
file_end(FILE *f, struct err *err)
{
	bool ok = (fflush(f) == 0 && fsync(fileno(f)) == 0) || err_sys(err, "write");
	return (fclose(f) == 0 || err_sys(err, "close")) && ok;
}

bool
archive_write(struct arena *a, const struct promotion *p, struct str anchor, const char *path,
    const struct progress *progress, struct archive_sum *out, struct err *err)
{
	const char *tmp = arena_printf(a, "%s.tmp-%ld", path, (long)getpid()).p;
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	struct writing *w = ARENA_NEW(a, struct writing);
	if (fd < 0)
		return err_sys(err, "%s", tmp);
	*w = (struct writing){ .a = arena_new(), .p = p, .file = fdopen(fd, "wb"),
		.written = marks_new(a, 16), .progress = progress };
	if (w->file == NULL)
		abort(); /* out of memory */
	bool ok = all_put(w, a, anchor, err);
	struct err ignored;
	ok = file_end(w->file, ok ? err : &ignored) && ok;
	ok = ok && (rename(tmp, path) == 0 || err_sys(err, "rename"));
	arena_free(w->a);
	if (!ok)
		(void)unlink(tmp);
	*out = w->sum;
	return ok || err_in(err, "%s", path);
}
