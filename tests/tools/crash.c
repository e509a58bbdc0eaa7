/*
 * crash: preloaded into a publisher, it ends it at one of its writing system calls, or writes
 * down what they were. Below CRASH_UNDER (an absolute path without links) each such call has a
 * number, from 1:
 *
 *	CRASH_AT=7 CRASH_HOW=before   SIGKILL instead of the seventh call
 *	CRASH_AT=7 CRASH_HOW=torn     the same, but half of what it should write is written
 *	CRASH_JOURNAL=FILE            one line of JSON for each call, before it is made
 *	CRASH_UNSYNCED=file|folder    fsync of files or of folders says yes and does nothing
 *
 * Calls are made one at a time, so that their order is that of the journal.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long calls;

struct call {
	const char *name;
	char path[PATH_MAX], to[PATH_MAX]; /* below CRASH_UNDER; "" is that folder itself */
	const void *data;
	size_t n;
	off_t at; /* of pwrite */
	bool seen; /* it is below CRASH_UNDER */
};

/* What stands behind CRASH_UNDER/, or NULL. */
static const char *
below(const char *path)
{
	const char *under = getenv("CRASH_UNDER");
	size_t n = under ? strlen(under) : 0;
	if (n == 0 || strncmp(path, under, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return NULL;
	return path[n] == '/' ? path + n + 1 : path + n;
}

static bool
of_fd(int fd, char out[PATH_MAX])
{
	char link[64], path[PATH_MAX];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	const char *rest = below(path);
	return rest != NULL && (size_t)snprintf(out, PATH_MAX, "%s", rest) < PATH_MAX;
}

static bool
of_name(int dir, const char *name, char out[PATH_MAX])
{
	char folder[PATH_MAX] = "", path[2 * PATH_MAX];
	if (name[0] == '/') {
		const char *rest = below(name);
		return rest != NULL && (size_t)snprintf(out, PATH_MAX, "%s", rest) < PATH_MAX;
	}
	if (dir != AT_FDCWD) {
		if (!of_fd(dir, folder))
			return false;
		(void)snprintf(path, sizeof path, "%s%s%s", folder, folder[0] ? "/" : "", name);
	} else {
		const char *rest = getcwd(folder, sizeof folder) ? below(folder) : NULL;
		if (rest == NULL)
			return false;
		while (strncmp(name, "./", 2) == 0)
			name += 2;
		(void)snprintf(path, sizeof path, "%s%s%s", rest, rest[0] ? "/" : "", name);
	}
	return (size_t)snprintf(out, PATH_MAX, "%s", path) < PATH_MAX;
}

/* Memory, paths and numbers here are our own: what is written is JSON as it stands. */
static void
journal(const struct call *c)
{
	const char *file = getenv("CRASH_JOURNAL");
	FILE *f = file ? fopen(file, "ae") : NULL;
	if (f == NULL)
		return;
	(void)fprintf(f, "{\"call\":\"%s\",\"path\":\"%s\",\"to\":\"%s\",\"at\":%lld,\"data\":\"",
	    c->name, c->path, c->to, (long long)c->at);
	for (size_t i = 0; i < c->n; i++)
		(void)fprintf(f, "%02x", ((const unsigned char *)c->data)[i]);
	(void)fputs("\"}\n", f);
	(void)fclose(f);
}

/* To be called before each call; end() comes after it. */
static void
begin(const struct call *c, int fd)
{
	(void)pthread_mutex_lock(&lock);
	if (!c->seen)
		return;
	const char *at = getenv("CRASH_AT"), *how = getenv("CRASH_HOW");
	bool last = ++calls == (at ? strtol(at, NULL, 10) : 0);
	if (last && how != NULL && strcmp(how, "torn") == 0 && strcmp(c->name, "write") == 0)
		(void)syscall(SYS_write, fd, c->data, c->n / 2);
	if (last)
		(void)raise(SIGKILL);
	journal(c);
}

static void
end(void)
{
	int was = errno;
	(void)pthread_mutex_unlock(&lock);
	errno = was;
}

/* Opening writes only where it makes the file or empties it. */
static int
open_seen(int dir, const char *path, int flags, mode_t mode)
{
	struct call c = { .name = "create" };
	struct stat st;
	bool writes = (flags & (O_CREAT | O_TRUNC)) != 0 && of_name(dir, path, c.path);
	if (writes && fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		c.name = "truncate";
		writes = (flags & O_TRUNC) != 0;
	}
	c.seen = writes;
	begin(&c, -1);
	int fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	end();
	return fd;
}

/* The mode is there only if a file may be made. */
#define MODE_OF(flags, mode)                             \
	mode_t mode = 0;                                 \
	if ((flags) & O_CREAT) {                         \
		va_list more;                            \
		va_start(more, flags);                   \
		mode = va_arg(more, mode_t);             \
		va_end(more);                            \
	}

int
open(const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_seen(AT_FDCWD, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_seen(dir, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_seen(AT_FDCWD, path, flags, mode);
}

int
openat64(int dir, const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_seen(dir, path, flags, mode);
}

ssize_t
write(int fd, const void *data, size_t n)
{
	struct call c = { .name = "write", .data = data, .n = n };
	c.seen = of_fd(fd, c.path);
	begin(&c, fd);
	ssize_t done = syscall(SYS_write, fd, data, n);
	end();
	return done;
}

/* One in the middle of a file, as the render cache makes it. */
ssize_t
pwrite(int fd, const void *data, size_t n, off_t at)
{
	struct call c = { .name = "pwrite", .data = data, .n = n, .at = at };
	c.seen = of_fd(fd, c.path);
	begin(&c, fd);
	ssize_t done = syscall(SYS_pwrite64, fd, data, n, at);
	end();
	return done;
}

int
fsync(int fd)
{
	struct call c = { .name = "sync" };
	struct stat st;
	const char *skip = getenv("CRASH_UNSYNCED");
	c.seen = of_fd(fd, c.path);
	bool skipped = c.seen && skip != NULL && fstat(fd, &st) == 0
	    && strcmp(skip, S_ISDIR(st.st_mode) ? "folder" : "file") == 0;
	c.name = skipped ? "unsynced" : "sync";
	begin(&c, -1);
	int done = skipped ? 0 : (int)syscall(SYS_fsync, fd);
	end();
	return done;
}

int
fdatasync(int fd)
{
	return fsync(fd);
}

static int
move(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	struct call c = { .name = "rename" };
	struct stat st;
	c.seen = of_name(from_dir, from, c.path) && of_name(to_dir, to, c.to)
	    && !((flags & 1) && fstatat(to_dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0);
	begin(&c, -1);
	int done = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
	end();
	return done;
}

int
rename(const char *from, const char *to)
{
	return move(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return move(from_dir, from, to_dir, to, 0);
}

int
renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return move(from_dir, from, to_dir, to, flags);
}

int
linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	struct call c = { .name = "link" };
	c.seen = of_name(from_dir, from, c.path) && of_name(to_dir, to, c.to);
	begin(&c, -1);
	int done = (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
	end();
	return done;
}

/* Removing what is not there writes nothing. */
int
unlinkat(int dir, const char *path, int flags)
{
	struct call c = { .name = "unlink" };
	struct stat st;
	c.seen = of_name(dir, path, c.path) && fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
	begin(&c, -1);
	int done = (int)syscall(SYS_unlinkat, dir, path, flags);
	end();
	return done;
}

int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	struct call c = { .name = "mkdir" };
	struct stat st;
	c.seen = of_name(dir, path, c.path) && fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) != 0;
	begin(&c, -1);
	int done = (int)syscall(SYS_mkdirat, dir, path, mode);
	end();
	return done;
}

int
mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

int
ftruncate(int fd, off_t size)
{
	struct call c = { .name = "truncate" };
	c.seen = of_fd(fd, c.path);
	begin(&c, -1);
	int done = (int)syscall(SYS_ftruncate, fd, size);
	end();
	return done;
}
