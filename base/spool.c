#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNKS_MAX 1024 /* of SPOOL_PUT_MAX bytes each: 64 GiB */

struct spool {
	pthread_mutex_t lock;
	int fd;
	char *chunk[CHUNKS_MAX]; /* mapped one by one, as they are needed */
	size_t chunks;
	size_t used; /* of the last chunk */
};

static void
spool_close(void *handle)
{
	struct spool *s = handle;
	for (size_t i = 0; i < s->chunks; i++)
		(void)munmap(s->chunk[i], SPOOL_PUT_MAX);
	(void)close(s->fd);
	(void)pthread_mutex_destroy(&s->lock);
}

/* Not every file system has O_TMPFILE. */
static int
nameless(struct arena *a, const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	struct str name = arena_printf(a, "%s/edgepress-XXXXXX", folder);
	char *path = (char *)(uintptr_t)name.p;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

static bool
chunk_add(struct spool *s, struct err *err)
{
	if (s->chunks == CHUNKS_MAX)
		return err_set(err, ERR_LIMIT, "more than %zu GiB in one run",
		    (size_t)CHUNKS_MAX * SPOOL_PUT_MAX >> 30);
	off_t at = (off_t)(s->chunks * (uint64_t)SPOOL_PUT_MAX);
	void *p = mmap(NULL, SPOOL_PUT_MAX, PROT_READ, MAP_SHARED, s->fd, at);
	if (p == MAP_FAILED)
		return err_sys(err, "mapping the spool");
	s->chunk[s->chunks++] = p;
	s->used = 0;
	return true;
}

bool
spool_over(struct arena *a, int fd, uint64_t used, struct spool **out, struct err *err)
{
	struct spool *s = *out = ARENA_NEW(a, struct spool);
	s->fd = fd;
	(void)pthread_mutex_init(&s->lock, NULL);
	arena_defer(a, spool_close, s);
	while (s->chunks * (uint64_t)SPOOL_PUT_MAX < used)
		if (!chunk_add(s, err))
			return false;
	if (s->chunks > 0)
		s->used = (size_t)(used - (s->chunks - 1) * (uint64_t)SPOOL_PUT_MAX);
	s->used = (s->used + 7) / 8 * 8;
	return true;
}

bool
spool_open(struct arena *a, struct spool **out, struct err *err)
{
	const char *folder = getenv("TMPDIR");
	if (folder == NULL || *folder == '\0')
		folder = "/tmp";
	int fd = nameless(a, folder);
	if (fd < 0)
		return err_sys(err, "%s: a file for what is rendered (TMPDIR names the folder)", folder);
	return spool_over(a, fd, 0, out, err);
}


/* Room for n bytes that lie in one chunk. */
static bool
reserve(struct spool *s, size_t n, const char **p, uint64_t *at, struct err *err)
{
	(void)pthread_mutex_lock(&s->lock);
	bool ok = (s->chunks > 0 && n <= SPOOL_PUT_MAX - s->used) || chunk_add(s, err);
	if (ok) {
		*p = s->chunk[s->chunks - 1] + s->used;
		*at = (s->chunks - 1) * (uint64_t)SPOOL_PUT_MAX + s->used;
		s->used += (n + 7) / 8 * 8 < SPOOL_PUT_MAX - s->used ? (n + 7) / 8 * 8
		                                                     : SPOOL_PUT_MAX - s->used;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return ok;
}

bool
spool_put(struct spool *s, struct str bytes, struct str *out, uint64_t *at, struct err *err)
{
	uint64_t from;
	const char *p;
	if (bytes.n > SPOOL_PUT_MAX)
		return err_set(err, ERR_LIMIT, "%zu bytes, at most %u", bytes.n, SPOOL_PUT_MAX);
	if (!reserve(s, bytes.n, &p, &from, err))
		return false;
	for (size_t done = 0; done < bytes.n;) {
		ssize_t n = pwrite(s->fd, bytes.p + done, bytes.n - done, (off_t)(from + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "writing to the spool");
		done += (size_t)n;
	}
	*out = (struct str){ p, bytes.n };
	if (at != NULL)
		*at = from;
	return true;
}

bool
spool_get(struct spool *s, uint64_t at, size_t n, struct str *out)
{
	(void)pthread_mutex_lock(&s->lock);
	uint64_t chunk = at / SPOOL_PUT_MAX, from = at % SPOOL_PUT_MAX;
	bool ok = chunk < s->chunks && n <= SPOOL_PUT_MAX - from
	    && (chunk + 1 < s->chunks || from + n <= s->used);
	if (ok)
		*out = (struct str){ s->chunk[chunk] + from, n };
	(void)pthread_mutex_unlock(&s->lock);
	return ok;
}

void
spool_rest(struct spool *s)
{
	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->chunks; i++)
		(void)madvise(s->chunk[i], SPOOL_PUT_MAX, MADV_DONTNEED);
	(void)pthread_mutex_unlock(&s->lock);
}

uint64_t
spool_size(struct spool *s)
{
	(void)pthread_mutex_lock(&s->lock);
	uint64_t n = s->chunks == 0 ? 0 : (s->chunks - 1) * (uint64_t)SPOOL_PUT_MAX + s->used;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}
