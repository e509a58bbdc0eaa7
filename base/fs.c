#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 64
#define FOLDERS_MAX 65536 /* beside the caller's bound on files */

static bool
read_all(int fd, char *p, size_t n, size_t *got, struct err *err)
{
	for (*got = 0; *got < n;) {
		ssize_t r = read(fd, p + *got, n - *got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(err, "read");
		if (r == 0)
			break;
		*got += (size_t)r;
	}
	return true;
}

static bool
read_open(struct arena *a, int fd, size_t max, struct str *out, struct err *err)
{
	struct stat st;
	size_t got;
	if (fstat(fd, &st) != 0)
		return err_sys(err, "fstat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_SETUP, "not a regular file");
	if ((uintmax_t)st.st_size > max)
		return err_set(err, ERR_LIMIT, "%jd bytes, at most %zu", (intmax_t)st.st_size, max);
	/* The byte beyond the end shows whether the file is growing; then it is the NUL. */
	size_t n = (size_t)st.st_size;
	char *p = arena_alloc(a, n + 1, 1);
	if (!read_all(fd, p, n + 1, &got, err))
		return false;
	if (got > n)
		return err_set(err, ERR_BUSY, "grew while it was read");
	p[got] = '\0';
	*out = (struct str){ p, got };
	return true;
}

bool
fs_read(struct arena *a, const char *path, size_t max, struct str *out, struct err *err)
{
	/* O_NONBLOCK: a FIFO must not hang us. Links are followed: people and Kubernetes link. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "%s", path);
	bool ok = read_open(a, fd, max, out, err);
	(void)close(fd);
	return ok || err_in(err, "%s", path);
}

bool
fs_write(int fd, struct str body, struct err *err)
{
	while (body.n > 0) {
		ssize_t n = write(fd, body.p, body.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "write");
		body.p += n;
		body.n -= (size_t)n;
	}
	return true;
}

/* A new hidden file in the folder; fs_list and fs_walk do not see it. -1 if that failed. */
static int
temp_open(int dir, unsigned mode, char name[32], struct err *err)
{
	for (int tries = 0; tries < 8; tries++) {
		uint64_t random = 0;
		if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
			break;
		(void)snprintf(name, 32, ".tmp-%016jx", (uintmax_t)random);
		int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    (mode_t)mode);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			break;
	}
	(void)err_sys(err, "create");
	return -1;
}

static bool
name_over(int dir, const char *from, const char *to, struct err *err)
{
	return renameat(dir, from, dir, to) == 0 || err_sys(err, "rename");
}

/* Gives the file its name unless that is taken. Not every file system has NOREPLACE. */
static bool
name_once(int dir, const char *from, const char *to, struct err *err)
{
	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return err_sys(err, "rename");
	if (linkat(dir, from, dir, to, 0) != 0)
		return err_sys(err, "link");
	(void)unlinkat(dir, from, 0);
	return true;
}

typedef bool namer(int dir, const char *from, const char *to, struct err *);

static bool
write_in(int dir, const char *name, struct str body, unsigned mode, namer *give_name,
    bool durable, struct err *err)
{
	char temp[32];
	int fd = temp_open(dir, mode, temp, err);
	if (fd < 0)
		return false;
	bool ok = fs_write(fd, body, err)
	    && (!durable || fsync(fd) == 0 || err_sys(err, "fsync"));
	(void)close(fd); /* fsync has already said what close could say */
	ok = ok && give_name(dir, temp, name, err);
	if (!ok)
		(void)unlinkat(dir, temp, 0);
	return ok && (!durable || fsync(dir) == 0 || err_sys(err, "fsync of the folder"));
}

static bool
write_file(const char *path, struct str body, unsigned mode, namer *give_name, bool durable,
    struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char folder[PATH_MAX] = ".";
	if (slash != NULL) {
		size_t n = slash == path ? 1 : (size_t)(slash - path);
		if (n >= sizeof folder)
			return err_set(err, ERR_SETUP, "%.80s...: path too long", path);
		memcpy(folder, path, n);
		folder[n] = '\0';
	}
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys(err, "%s", folder);
	bool ok = write_in(dir, name, body, mode, give_name, durable, err);
	(void)close(dir);
	return ok || err_in(err, "%s", path);
}

bool
fs_replace(const char *path, struct str body, unsigned mode, struct err *err)
{
	return write_file(path, body, mode, name_over, true, err);
}

static bool
has_bytes(const char *path, struct str body)
{
	struct arena *a = arena_new();
	struct fs_stamp stamp;
	struct str now;
	struct err err;
	bool same = fs_stamp(path, &stamp) && stamp.size == body.n
	    && fs_read(a, path, body.n, &now, &err) && str_eq(now, body);
	arena_free(a);
	return same;
}

bool
fs_refresh(const char *path, struct str body, unsigned mode, struct err *err)
{
	return has_bytes(path, body) || write_file(path, body, mode, name_over, false, err);
}

bool
fs_create(const char *path, struct str body, unsigned mode, struct err *err)
{
	struct stat st;
	if (lstat(path, &st) == 0)
		return err_set(err, ERR_STALE, "%s: exists already", path);
	return write_file(path, body, mode, name_once, true, err);
}

/* Make one folder and its name in the parent durable; one that exists is fine. */
static bool
make_one(const char *path, struct err *err)
{
	struct arena *a = arena_new();
	bool made = mkdir(path, 0777) == 0;
	bool ok = made || (errno == EEXIST && fs_is_dir(path)) || err_sys(err, "%s", path);
	int parent = made ? open(fs_dir(a, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (parent >= 0) {
		ok = fsync(parent) == 0 || err_sys(err, "%s: fsync of the folder above", path);
		(void)close(parent);
	}
	arena_free(a);
	return ok;
}

bool
fs_mkdirs(const char *path, struct err *err)
{
	char part[PATH_MAX];
	size_t n = strlen(path);
	if (n == 0 || n >= sizeof part)
		return err_set(err, ERR_SETUP, "'%.80s': not a usable folder name", path);
	if (fs_is_dir(path))
		return true;
	for (size_t i = 1; i <= n; i++) {
		if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (!make_one(part, err))
			return false;
	}
	return true;
}

bool
fs_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
fs_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

const char *
fs_join(struct arena *a, const char *dir, const char *rest)
{
	if (rest[0] == '/' || dir[0] == '\0')
		return arena_copy(a, str_of(rest)).p;
	bool has_slash = dir[strlen(dir) - 1] == '/';
	return arena_printf(a, "%s%s%s", dir, has_slash ? "" : "/", rest).p;
}

const char *
fs_dir(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		return ".";
	size_t n = slash == path ? 1 : (size_t)(slash - path);
	return arena_copy(a, (struct str){ path, n }).p;
}

struct listing {
	struct arena *arena;
	struct fs_entry *entry;
	size_t n, room, max;
};

static struct fs_stamp
stamp_of(const struct stat *st)
{
	return (struct fs_stamp){ .device = st->st_dev, .inode = st->st_ino,
		.size = (uint64_t)st->st_size,
		.modified_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
		.changed_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec };
}

bool
fs_stamp(const char *path, struct fs_stamp *out)
{
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*out = stamp_of(&st);
	return true;
}

static bool
listing_add(struct listing *l, const struct fs_entry *entry, struct err *err)
{
	if (l->n == l->max)
		return err_set(err, ERR_LIMIT, "more than %zu entries", l->max);
	ARENA_GROW(l->arena, l->entry, l->n, l->room);
	l->entry[l->n++] = *entry;
	return true;
}

static int
by_path(const void *a, const void *b)
{
	return str_cmp(((const struct fs_entry *)a)->path, ((const struct fs_entry *)b)->path);
}

/* Regular files and folders only: a link could lead out of the tree, or round in it. */
static bool
list_open(DIR *handle, const char *dir, struct listing *l, struct err *err)
{
	for (;;) {
		struct stat st;
		errno = 0;
		const struct dirent *d = readdir(handle);
		if (d == NULL)
			return errno == 0 || err_sys(err, "readdir");
		if (d->d_name[0] == '.'
		    || fstatat(dirfd(handle), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0
		    || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
			continue;
		const struct fs_entry entry = { str_of(fs_join(l->arena, dir, d->d_name)),
			S_ISDIR(st.st_mode), stamp_of(&st) };
		if (!listing_add(l, &entry, err))
			return false;
	}
}

static bool
list_folder(const char *dir, int flags, struct listing *l, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
	if (fd < 0)
		return err_sys(err, "%s", dir);
	DIR *handle = fdopendir(fd);
	if (handle == NULL) {
		(void)close(fd);
		return err_sys(err, "%s", dir);
	}
	bool ok = list_open(handle, dir, l, err);
	(void)closedir(handle);
	if (l->n > 0)
		qsort(l->entry, l->n, sizeof *l->entry, by_path);
	return ok || err_in(err, "%s", dir);
}

bool
fs_list(struct arena *a, const char *dir, size_t max, struct fs_entry **out, size_t *n,
    struct err *err)
{
	struct listing l = { .arena = a, .max = max };
	if (!list_folder(dir, 0, &l, err))
		return false;
	*out = l.entry;
	*n = l.n;
	return true;
}

static bool
walk(const char *dir, int flags, int depth, struct listing *files, struct err *err)
{
	struct listing here = { .arena = files->arena, .max = files->max + FOLDERS_MAX };
	if (depth > DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "%s: folders deeper than %d", dir, DEPTH_MAX);
	if (!list_folder(dir, flags, &here, err))
		return false;
	for (size_t i = 0; i < here.n; i++) {
		const struct fs_entry *e = &here.entry[i];
		if (e->is_dir ? !walk(e->path.p, O_NOFOLLOW, depth + 1, files, err)
		              : !listing_add(files, e, err))
			return false;
	}
	return true;
}

bool
fs_walk(struct arena *a, const char *dir, size_t max, struct fs_entry **out, size_t *n,
    struct err *err)
{
	struct listing files = { .arena = a, .max = max };
	if (!walk(dir, 0, 0, &files, err))
		return false;
	*out = files.entry;
	*n = files.n;
	return true;
}
