#include "publisher/origin/replay.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"

#define IDS_MAX 20000 /* more than the rate limit lets through in SEEN_KEPT_S */
#define LINE_MAX_BYTES (SEEN_ID_MAX + 32)
#define FILE_MAX (IDS_MAX * LINE_MAX_BYTES)

struct replay {
	const char *path; /* NULL: none */
	size_t first, n;  /* a ring, oldest first */
	size_t lines;     /* in the file */
	struct {
		int64_t at;
		unsigned char length;
		char id[SEEN_ID_MAX];
	} ring[IDS_MAX];
};

static void
forget_old(struct replay *s, int64_t now)
{
	while (s->n > 0 && s->ring[s->first].at + SEEN_KEPT_S < now) {
		s->first = (s->first + 1) % IDS_MAX;
		s->n--;
	}
}

static bool
ring_put(struct replay *s, struct str id, int64_t at)
{
	if (s->n == IDS_MAX || id.n == 0 || id.n > SEEN_ID_MAX)
		return false;
	size_t i = (s->first + s->n++) % IDS_MAX;
	s->ring[i].at = at;
	s->ring[i].length = (unsigned char)id.n;
	memcpy(s->ring[i].id, id.p, id.n);
	return true;
}

/* "<Unix time> <id>" a line. A last line that a crash cut short is skipped. */
static void
lines_read(struct replay *s, struct str text, int64_t now)
{
	for (struct str rest = text; rest.p != NULL;) {
		struct str id, line = str_cut(rest, '\n', &rest);
		uint64_t at;
		if (rest.p == NULL || !str_to_u64(str_cut(line, ' ', &id), &at))
			continue;
		if ((int64_t)at + SEEN_KEPT_S >= now && (int64_t)at <= now + SEEN_KEPT_S)
			(void)ring_put(s, id, (int64_t)at);
	}
}

static bool
rewrite(struct replay *s, struct err *err)
{
	struct buf b;
	buf_init(&b, FILE_MAX);
	for (size_t k = 0; k < s->n; k++) {
		size_t i = (s->first + k) % IDS_MAX;
		buf_printf(&b, "%" PRId64 " %.*s\n", s->ring[i].at, s->ring[i].length,
		    s->ring[i].id);
	}
	bool ok = buf_ok(&b, err) && fs_replace(s->path, buf_str(&b), 0600, err);
	buf_release(&b);
	s->lines = s->n;
	return ok;
}

bool
replay_open(struct arena *a, const char *dir, int64_t now, struct replay **out, struct err *err)
{
	struct replay *s = ARENA_NEW(a, struct replay);
	struct err why = { 0 };
	struct str text;
	*out = s;
	if (dir == NULL)
		return true;
	s->path = fs_join(a, dir, "webhook-ids");
	if (fs_read(a, s->path, FILE_MAX, &text, &why))
		lines_read(s, text, now);
	else if (why.code != ERR_ABSENT)
		return err_set(err, why.code, "ids of webhook messages: %s", why.text);
	return (fs_mkdirs(dir, err) && rewrite(s, err)) || err_in(err, "ids of webhook messages");
}

bool
replay_has(const struct replay *s, struct str id, int64_t now)
{
	for (size_t k = 0; k < s->n; k++) {
		size_t i = (s->first + k) % IDS_MAX;
		if (s->ring[i].at + SEEN_KEPT_S >= now
		    && str_eq((struct str){ s->ring[i].id, s->ring[i].length }, id))
			return true;
	}
	return false;
}

static bool
append(const char *path, struct str line, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "%s", path);
	ssize_t n = write(fd, line.p, line.n);
	bool ok = n == (ssize_t)line.n || err_sys(err, "%s", path);
	(void)close(fd);
	return ok;
}

bool
replay_add(struct replay *s, struct str id, int64_t now, struct err *err)
{
	struct buf b;
	forget_old(s, now);
	if (!ring_put(s, id, now))
		return err_set(err, ERR_BUSY, "too many webhook messages");
	if (s->path == NULL)
		return true;
	if (s->lines > 1000 && s->lines > 2 * s->n)
		return rewrite(s, err);
	buf_init(&b, LINE_MAX_BYTES);
	buf_printf(&b, "%" PRId64 " %.*s\n", now, STR_ARG(id));
	bool ok = append(s->path, buf_str(&b), err);
	buf_release(&b);
	s->lines += ok;
	return ok;
}
