#include "publisher/release/shelf.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"

#define TIMESTAMP STR("metadata/timestamp.json")
#define POINTER "pointer" /* the timestamp.json that was remembered: its etag, a newline, its bytes */
#define POINTER_MAX (64 * 1024)
#define UNREAD_S (7 * 86400)
#define FILES_MAX 200000
#define BYTES_MAX (UINT64_C(1024) * 1024 * 1024)
#define SWEEP_ONE_IN 16

struct shelf {
	struct arena *a;
	struct store *behind;
	const char *folder;
	struct store_driver driver;
	struct store store;
	atomic_bool distrusted;
	atomic_bool settled; /* no numbered metadata is there that is not on the shelf */
	atomic_bool entered; /* nor another timestamp.json than this one: */
	struct str timestamp, etag;
};

/* What is immutable and small, but for what people are told to remove by hand. */
static bool
is_kept(struct str key)
{
	return (str_starts(key, STR("metadata/")) && !str_eq(key, TIMESTAMP))
	    || str_starts(key, STR("targets/")) || str_starts(key, STR("trees/"))
	    || str_starts(key, STR("log/tile/")) || str_starts(key, STR("log/records/"))
	    || (str_starts(key, STR("receipts/")) && str_ends(key, STR(".done")));
}

/* The digest in the names of manifests ("…/<sha256>.bundle.json") and shards. */
static bool
digest_in(struct str key, struct digest *out)
{
	const char *slash = memrchr(key.p, '/', key.n);
	struct err ignored;
	struct str name = slash == NULL ? key
	    : (struct str){ slash + 1, key.n - (size_t)(slash + 1 - key.p) };
	if (str_ends(name, STR(".bundle.json")))
		name.n -= strlen(".bundle.json");
	return digest_parse(name, out, &ignored);
}

static const char *
path_of(const struct shelf *s, struct arena *a, struct str key)
{
	return fs_join(a, s->folder, arena_copy(a, key).p);
}

/* The time of the last reading is that of the file. */
static void
touch(const char *path)
{
	struct fs_stamp st;
	if (fs_stamp(path, &st) && st.modified_ns / 1000000000 + 86400 < time(NULL))
		(void)utimensat(AT_FDCWD, path, NULL, 0);
}

/* A copy without a digest in its name has one in front, and a newline. */
static bool
is_whole(struct str key, struct str *bytes)
{
	struct digest named, is;
	struct str rest;
	struct err ignored;
	if (!digest_in(key, &named)) {
		if (!digest_parse(str_cut(*bytes, '\n', &rest), &named, &ignored))
			return false;
		*bytes = rest;
	}
	is = digest_of(*bytes);
	return digest_eq(&is, &named);
}

static bool
copy_get(const struct shelf *s, struct str key, struct buf *out)
{
	struct arena *a = arena_new();
	const char *path = path_of(s, a, key);
	struct str bytes;
	struct err ignored;
	bool ok = fs_read(a, path, out->max - out->n + DIGEST_HEX + 1, &bytes, &ignored)
	    && is_whole(key, &bytes) && bytes.n <= out->max - out->n;
	if (ok) {
		buf_put(out, bytes);
		touch(path);
	}
	arena_free(a);
	return ok;
}

/* A copy that cannot be kept costs a request later. */
static void
copy_keep(const struct shelf *s, struct str key, struct str bytes)
{
	struct arena *a = arena_new();
	const char *path = path_of(s, a, key);
	char hex[DIGEST_HEX + 1];
	struct digest d;
	struct err ignored;
	if (!digest_in(key, &d)) {
		d = digest_of(bytes);
		digest_hex(&d, hex);
		bytes = arena_printf(a, "%s\n%.*s", hex, STR_ARG(bytes));
	}
	if (fs_mkdirs(fs_dir(a, path), &ignored))
		(void)fs_refresh(path, bytes, 0644, &ignored);
	arena_free(a);
}

/* The driver */

static bool
is_numbered(struct str key)
{
	return str_ends(key, STR(".root.json")) || str_ends(key, STR(".targets.json"));
}

static bool
get(void *state, struct str key, struct buf *out, struct str *etag, struct arena *etag_arena,
    struct err *err)
{
	struct shelf *s = state;
	const bool kept = is_kept(key);
	if (atomic_load(&s->entered) && str_eq(key, TIMESTAMP)) {
		buf_put(out, s->timestamp);
		if (etag != NULL)
			*etag = arena_copy(etag_arena, s->etag);
		return buf_ok(out, err);
	}
	if (kept && etag == NULL && !atomic_load(&s->distrusted) && copy_get(s, key, out))
		return true;
	if (kept && atomic_load(&s->settled) && is_numbered(key))
		return err_set(err, ERR_ABSENT, "was not there when all was done");
	const size_t before = out->n;
	if (!s->behind->driver->get(s->behind->state, key, out, etag, etag_arena, err))
		return false;
	if (kept && !out->refused)
		copy_keep(s, key, (struct str){ out->p + before, out->n - before });
	return true;
}

static bool
create(void *state, const struct object *o, struct err *err)
{
	const struct shelf *s = state;
	if (!s->behind->driver->create(s->behind->state, o, err))
		return false;
	if (is_kept(o->key))
		copy_keep(s, o->key, o->body);
	return true;
}

static bool
swap(void *state, const struct object *o, struct str etag, struct err *err)
{
	const struct shelf *s = state;
	return s->behind->driver->swap(s->behind->state, o, etag, err);
}

static bool
unchanged(void *state, struct str key, struct str etag, bool *out, struct err *err)
{
	const struct shelf *s = state;
	return s->behind->driver->unchanged(s->behind->state, key, etag, out, err);
}

static bool
list(void *state, struct str prefix, store_visit *visit, void *ctx, struct err *err)
{
	const struct shelf *s = state;
	return s->behind->driver->list(s->behind->state, prefix, visit, ctx, err);
}

static bool
drop(void *state, struct str key, struct err *err)
{
	const struct shelf *s = state;
	struct arena *a = arena_new();
	if (is_kept(key))
		(void)unlink(path_of(s, a, key));
	arena_free(a);
	return s->behind->driver->remove(s->behind->state, key, err);
}

struct shelf *
shelf_open(struct arena *a, struct store *behind, const char *folder, struct store **store)
{
	struct shelf *s = ARENA_NEW(a, struct shelf);
	s->a = a;
	s->behind = behind;
	s->folder = folder;
	s->driver = (struct store_driver){ .scheme = behind->driver->scheme, .get = get,
		.create = create, .swap = swap, .unchanged = unchanged, .list = list, .remove = drop,
		.local = behind->driver->local, .hidden = true };
	s->store = (struct store){ &s->driver, s };
	*store = &s->store;
	return s;
}

/* Entering and leaving */

static bool
pointer_read(struct shelf *s)
{
	struct str bytes;
	struct err ignored;
	if (!fs_read(s->a, fs_join(s->a, s->folder, POINTER), POINTER_MAX, &bytes, &ignored))
		return false;
	s->etag = str_cut(bytes, '\n', &s->timestamp);
	return s->etag.n > 0 && s->timestamp.n > 0;
}

bool
shelf_enter(struct shelf *s)
{
	struct err ignored;
	bool same = false;
	same = pointer_read(s) && store_unchanged(s->behind, TIMESTAMP, s->etag, &same, &ignored)
	    && same;
	atomic_store(&s->entered, same);
	atomic_store(&s->settled, same);
	return same;
}

void
shelf_settle(struct shelf *s)
{
	atomic_store(&s->settled, true);
}

void
shelf_leave(struct shelf *s)
{
	atomic_store(&s->entered, false);
	atomic_store(&s->settled, false);
}

void
shelf_distrust(struct shelf *s)
{
	shelf_leave(s);
	atomic_store(&s->distrusted, true);
}

/* Tidying up */

static int
oldest_first(const void *a, const void *b)
{
	const struct fs_entry *x = a, *y = b;
	return (x->stamp.modified_ns > y->stamp.modified_ns)
	    - (x->stamp.modified_ns < y->stamp.modified_ns);
}

static void
sweep(const struct shelf *s)
{
	struct arena *a = arena_new();
	struct fs_entry *file;
	struct err ignored;
	size_t n;
	uint64_t bytes = 0;
	const int64_t old_ns = ((int64_t)time(NULL) - UNREAD_S) * 1000000000;
	if (fs_walk(a, s->folder, FILES_MAX, &file, &n, &ignored) && n > 0) {
		for (size_t i = 0; i < n; i++)
			bytes += file[i].stamp.size;
		qsort(file, n, sizeof *file, oldest_first);
		for (size_t i = 0; i < n && (bytes > BYTES_MAX || file[i].stamp.modified_ns < old_ns);
		     i++) {
			bytes -= file[i].stamp.size;
			(void)unlink(file[i].path.p);
		}
	}
	arena_free(a);
}

void
shelf_remember(struct shelf *s, struct str timestamp, struct str etag)
{
	struct arena *a = arena_new();
	struct err ignored;
	if (etag.n > 0 && memchr(etag.p, '\n', etag.n) == NULL && fs_mkdirs(s->folder, &ignored))
		(void)fs_refresh(fs_join(a, s->folder, POINTER),
		    arena_printf(a, "%.*s\n%.*s", STR_ARG(etag), STR_ARG(timestamp)), 0644, &ignored);
	arena_free(a);
	if (randombytes_uniform(SWEEP_ONE_IN) == 0)
		sweep(s);
}
