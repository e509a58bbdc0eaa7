/*
 * file: a folder as a store. Keys are paths below it; every step on the way is opened without
 * following links, so a key cannot lead out, whatever is in the folder. New bytes are written
 * beside, in .tmp/, made durable and then given their name: a crash leaves a file whole or
 * absent. The etag is the SHA-256 of the content, never time and size.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/path.h"
#include "publisher/store/store.h"

#define TEMP ".tmp"
#define LOCK ".lock"
#define TEMP_AGE_S 3600 /* nobody writes one file for that long */
#define WALK_DEPTH_MAX 64 /* folders below each other; ours go three deep */
#define LOCK_WAIT_MS 10000
#define LOCK_PAUSE_MS 5

struct folder {
	const char *path;
	atomic_bool swept; /* leftovers of killed runs were looked for */
};

static bool
file_open(struct arena *a, struct str where, const struct settings *settings, void **state,
    struct err *err)
{
	(void)settings;
	if (where.n == 0 || where.n >= PATH_MAX)
		return err_set(err, ERR_INPUT, "no path after 'file:'");
	struct folder *f = ARENA_NEW(a, struct folder);
	f->path = arena_copy(a, where).p;
	*state = f;
	return true;
}

static void
close_quietly(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

/* One name below `dir`, never through a link; made, durably, if `make`. -1 if it failed. */
static int
step_into(int dir, const char *name, bool make, struct err *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags);
	if (fd < 0 && errno == ENOENT && make) {
		bool made = mkdirat(dir, name, 0777) == 0;
		if ((!made && errno != EEXIST) || (made && fsync(dir) != 0)) {
			(void)err_sys(err, "make folder %s", name);
			return -1;
		}
		fd = openat(dir, name, flags);
	}
	if (fd < 0)
		(void)err_sys(err, "folder %s", name);
	return fd;
}

/*
 * The store's own folder, opened anew each time: it may be mounted or replaced while an
 * origin runs. That it is not there is a fault of the installation, not an absent object.
 */
static int
root_open(const struct folder *f, bool make, struct err *err)
{
	int fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && make) {
		if (!fs_mkdirs(f->path, err))
			return -1;
		fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0 && errno == ENOENT)
		(void)err_set(err, ERR_SETUP, "there is no folder %s", f->path);
	else if (fd < 0)
		(void)err_sys(err, "%s", f->path);
	return fd;
}

/* The folder that holds the key's last segment, which is copied to name. -1 if it failed. */
static int
parent_open(const struct folder *f, struct str key, bool make, char name[NAME_MAX + 1],
    struct err *err)
{
	int dir = root_open(f, make, err);
	struct str rest = key;
	while (dir >= 0) {
		struct str segment = str_cut(rest, '/', &rest);
		if (segment.n > NAME_MAX) {
			(void)err_set(err, ERR_INPUT, "name longer than %d bytes", NAME_MAX);
			close_quietly(dir);
			return -1;
		}
		memcpy(name, segment.p, segment.n);
		name[segment.n] = '\0';
		if (rest.p == NULL)
			break;
		int below = step_into(dir, name, make, err);
		close_quietly(dir);
		dir = below;
	}
	return dir;
}

static bool
read_fd(int fd, struct buf *out, struct err *err)
{
	char part[65536];
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_sys(err, "fstat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_SETUP, "not a regular file");
	if ((uintmax_t)st.st_size > out->max - out->n)
		return err_set(err, ERR_LIMIT, "%jd bytes, at most %zu", (intmax_t)st.st_size,
		    out->max - out->n);
	for (;;) {
		ssize_t n = read(fd, part, sizeof part);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read");
		if (n > 0)
			buf_put(out, (struct str){ part, (size_t)n });
		if (n == 0 || out->refused) /* refused: it grows while it is read */
			return buf_ok(out, err);
	}
}

static bool
read_at(int dir, const char *name, struct buf *out, struct err *err)
{
	/* O_NONBLOCK: a FIFO must not hang us. */
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "open");
	bool ok = read_fd(fd, out, err);
	(void)close(fd);
	return ok;
}

static bool
file_get(void *state, struct str key, struct buf *out, struct str *etag, struct arena *a,
    struct err *err)
{
	char name[NAME_MAX + 1];
	size_t start = out->n;
	int dir = parent_open(state, key, false, name, err);
	if (dir < 0)
		return false;
	bool ok = read_at(dir, name, out, err);
	(void)close(dir);
	if (ok && etag != NULL) {
		struct digest d = digest_of((struct str){ buf_str(out).p + start, out->n - start });
		*etag = digest_str(a, &d);
	}
	return ok;
}

/* Files in .tmp/ that are older than an hour: their writer was killed. */
static void
sweep(int temp)
{
	struct stat st;
	const struct dirent *d;
	int fd = dup(temp);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	if (list == NULL) {
		close_quietly(fd);
		return;
	}
	while ((d = readdir(list)) != NULL)
		if (str_ends(str_of(d->d_name), STR(".tmp"))
		    && fstatat(temp, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
		    && S_ISREG(st.st_mode) && time(NULL) - st.st_mtime > TEMP_AGE_S)
			(void)unlinkat(temp, d->d_name, 0);
	(void)closedir(list);
}

static int
temp_folder(struct folder *f, struct err *err)
{
	int root = root_open(f, true, err);
	int temp = root >= 0 ? step_into(root, TEMP, true, err) : -1;
	close_quietly(root);
	if (temp >= 0 && !atomic_exchange(&f->swept, true))
		sweep(temp);
	return temp;
}

static int
temp_file(int temp, char name[40], struct err *err)
{
	uint64_t random;
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
		(void)err_sys(err, "getrandom");
		return -1;
	}
	(void)snprintf(name, 40, "%016jx.tmp", (uintmax_t)random);
	int fd = openat(temp, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		(void)err_sys(err, "create in " TEMP);
	return fd;
}

static bool
write_fd(int fd, struct str body, struct err *err)
{
	return fs_write(fd, body, err) && (fsync(fd) == 0 || err_sys(err, "fsync"));
}

/* Not every file system knows NOREPLACE; a link never replaces either. */
static bool
name_once(int temp, const char *from, int dir, const char *to, struct err *err)
{
	if (renameat2(temp, from, dir, to, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return err_sys(err, "rename");
	return linkat(temp, from, dir, to, 0) == 0 || err_sys(err, "link");
}

static bool
name_over(int temp, const char *from, int dir, const char *to, struct err *err)
{
	return renameat(temp, from, dir, to) == 0 || err_sys(err, "rename");
}

typedef bool namer(int temp, const char *from, int dir, const char *to, struct err *);

/* Write body beside, durably, then let `give_name` put it at dir/to. */
static bool
write_named(struct folder *f, struct str body, int dir, const char *to, namer *give_name,
    struct err *err)
{
	char name[40];
	int temp = temp_folder(f, err);
	if (temp < 0)
		return false;
	int fd = temp_file(temp, name, err);
	bool ok = fd >= 0 && write_fd(fd, body, err) && give_name(temp, name, dir, to, err);
	if (fd >= 0)
		(void)unlinkat(temp, name, 0); /* gone already after a rename */
	close_quietly(fd);
	close_quietly(temp);
	return ok && (fsync(dir) == 0 || err_sys(err, "fsync of the folder"));
}

static bool
file_create(void *state, const struct object *o, struct err *err)
{
	char name[NAME_MAX + 1];
	struct stat st;
	int dir = parent_open(state, o->key, true, name, err);
	if (dir < 0)
		return false;
	/* Most often it is known beforehand: spares writing all of it. Its name may not be
	 * durable yet if its writer has just been killed. */
	bool exists = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	bool ok = exists ? fsync(dir) == 0 || err_sys(err, "fsync of the folder")
	                 : write_named(state, o->body, dir, name, name_once, err);
	(void)close(dir);
	return ok && (!exists || err_set(err, ERR_STALE, "exists already"));
}

/* The lock makes compare and rename one step among publishers; readers need none. */
static int
lock(const struct folder *f, struct err *err)
{
	int root = root_open(f, true, err);
	if (root < 0)
		return -1;
	int fd = openat(root, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		(void)err_sys(err, LOCK);
	(void)close(root);
	int64_t until = clock_monotonic_ms() + LOCK_WAIT_MS;
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR || (errno == EWOULDBLOCK && clock_monotonic_ms() < until)) {
			clock_sleep_ms(LOCK_PAUSE_MS);
			continue;
		}
		if (errno == EWOULDBLOCK)
			(void)err_set(err, ERR_BUSY, "%s/%s is held by another publisher for %d s",
			    f->path, LOCK, LOCK_WAIT_MS / 1000);
		else
			(void)err_sys(err, LOCK);
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Is dir/name what carries `etag`; or, for an empty one, absent? */
static bool
compare(int dir, const char *name, struct str etag, struct err *err)
{
	struct buf there;
	struct err why = { 0 };
	buf_init(&there, STORE_OBJECT_MAX);
	bool read = read_at(dir, name, &there, &why);
	struct digest d = digest_of(buf_str(&there));
	buf_release(&there);
	if (!read && why.code != ERR_ABSENT)
		return err_set(err, why.code, "%s", why.text);
	char hex[DIGEST_HEX + 1] = "";
	if (read)
		digest_hex(&d, hex);
	return str_eq(str_of(hex), etag)
	    || err_set(err, ERR_STALE, "was replaced by another publisher");
}

static bool
file_swap(void *state, const struct object *o, struct str etag, struct err *err)
{
	char name[NAME_MAX + 1];
	int locked = lock(state, err);
	if (locked < 0)
		return false;
	int dir = parent_open(state, o->key, true, name, err);
	bool ok = dir >= 0 && compare(dir, name, etag, err)
	    && write_named(state, o->body, dir, name, name_over, err);
	close_quietly(dir);
	(void)close(locked); /* releases the lock */
	return ok;
}

/* The pointer is a kilobyte: reading and hashing it costs less than being wrong about a
 * time stamp of coarse clocks and reused inodes would. */
static bool
file_unchanged(void *state, struct str key, struct str etag, bool *out, struct err *err)
{
	struct arena *a = arena_new();
	struct buf *body = buf_in(a, STORE_OBJECT_MAX);
	struct str now;
	struct err why = { 0 };
	bool ok = file_get(state, key, body, &now, a, &why);
	if (ok || why.code == ERR_ABSENT)
		*out = ok && str_eq(now, etag);
	else
		(void)err_set(err, why.code, "%s", why.text);
	arena_free(a);
	return ok || why.code == ERR_ABSENT;
}

/* Listing: names come from the disk and may be anything; folders may vanish meanwhile. */

struct walk {
	struct arena *a;
	store_visit *visit;
	void *ctx;
	unsigned depth;
};

static bool walk_folder(struct walk *, int dir, struct str prefix, struct err *);

static bool
walk_entry(struct walk *w, int dir, const char *name, struct str prefix, struct err *err)
{
	struct stat st;
	struct str key = arena_printf(w->a, "%.*s%s", STR_ARG(prefix), name);
	if (!key_is_safe(key)) /* so .tmp and .lock are not shown */
		return true;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT || err_sys(err, "%.*s", STR_ARG(key));
	if (S_ISREG(st.st_mode)) {
		const struct store_entry e = { key, (uint64_t)st.st_size, st.st_mtime };
		return w->visit(w->ctx, &e, err);
	}
	if (!S_ISDIR(st.st_mode) || w->depth >= WALK_DEPTH_MAX)
		return true;
	struct err why = { 0 };
	int below = step_into(dir, name, false, &why);
	if (below < 0)
		return why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
	w->depth++;
	bool ok = walk_folder(w, below, arena_printf(w->a, "%.*s/", STR_ARG(key)), err);
	w->depth--;
	return ok;
}

/* Takes `dir`. The names of one folder are held at a time, and those of the folders above. */
static bool
walk_folder(struct walk *w, int dir, struct str prefix, struct err *err)
{
	DIR *list = fdopendir(dir);
	const struct dirent *d;
	bool ok = true;
	if (list == NULL) {
		(void)close(dir);
		return err_sys(err, "%.*s", STR_ARG(prefix));
	}
	while (ok && (errno = 0, d = readdir(list)) != NULL) {
		struct walk below = { arena_new(), w->visit, w->ctx, w->depth };
		ok = walk_entry(&below, dir, d->d_name, prefix, err);
		arena_free(below.a);
	}
	ok = ok && (errno == 0 || err_sys(err, "%.*s", STR_ARG(prefix)));
	(void)closedir(list);
	return ok;
}

static bool
file_list(void *state, struct str prefix, store_visit *visit, void *ctx, struct err *err)
{
	struct walk w = { .visit = visit, .ctx = ctx };
	struct str rest = prefix;
	char name[NAME_MAX + 1];
	int dir = root_open(state, false, err);
	while (dir >= 0 && rest.n > 0) {
		struct err why = { 0 };
		struct str segment = str_cut(rest, '/', &rest);
		(void)snprintf(name, sizeof name, "%.*s", STR_ARG(segment));
		int below = step_into(dir, name, false, &why);
		(void)close(dir);
		if (below < 0)
			return why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
		dir = below;
	}
	return dir >= 0 && walk_folder(&w, dir, prefix, err);
}

static bool
file_remove(void *state, struct str key, struct err *err)
{
	char name[NAME_MAX + 1];
	struct err why = { 0 };
	int dir = parent_open(state, key, false, name, &why);
	if (dir < 0)
		return why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
	bool gone = unlinkat(dir, name, 0) == 0 || errno == ENOENT || err_sys(err, "remove");
	(void)close(dir);
	return gone;
}

const struct store_driver store_file = {
	.scheme = "file",
	.local = true,
	.open = file_open,
	.get = file_get,
	.create = file_create,
	.swap = file_swap,
	.unchanged = file_unchanged,
	.list = file_list,
	.remove = file_remove,
};
