#include "publisher/store/settings.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (64 * 1024)

struct setting_line {
	struct str name;
	const char *value;
};

struct settings {
	const char *file; /* NULL: the environment */
	struct setting_line *line;
	size_t n, room;
};

static void
wipe(void *secret)
{
	sodium_free(secret); /* zeroes it */
}

static char *
secret_room(struct arena *a, size_t n)
{
	char *p = sodium_malloc(n + 1);
	if (p == NULL)
		abort(); /* out of memory */
	p[n] = '\0';
	arena_defer(a, wipe, p);
	return p;
}

struct str
secret_keep(struct arena *a, struct str bytes)
{
	char *p = secret_room(a, bytes.n);
	if (bytes.n > 0)
		memcpy(p, bytes.p, bytes.n);
	return (struct str){ p, bytes.n };
}

static bool
file_take(struct arena *a, int fd, char **out, size_t *n, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_sys(err, "fstat");
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return err_set(err, ERR_SETUP, "no regular file of at most %d bytes", FILE_MAX);
	if (st.st_mode & 007)
		return err_set(err, ERR_SETUP, "everybody may read it: chmod 600");
	*out = secret_room(a, (size_t)st.st_size);
	*n = 0;
	while (*n < (size_t)st.st_size) {
		ssize_t r = read(fd, *out + *n, (size_t)st.st_size - *n);
		if (r < 0)
			return err_sys(err, "read");
		if (r == 0)
			break;
		*n += (size_t)r;
	}
	(*out)[*n] = '\0';
	return true;
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '_'
		        || (i > 0 && s.p[i] >= '0' && s.p[i] <= '9')))
			return false;
	return s.n > 0;
}

static struct str
unquoted(struct str s)
{
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
		return (struct str){ s.p + 1, s.n - 2 };
	return s;
}

/* The value stays where it is and gets its NUL there: no copy of a secret is made. */
static bool
line_take(struct arena *a, struct settings *s, char *text, struct str line, struct err *err)
{
	struct str value, name, export = STR("export ");
	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return true;
	if (str_starts(line, export))
		line = (struct str){ line.p + export.n, line.n - export.n };
	name = str_trim(str_cut(line, '=', &value));
	if (value.p == NULL || !is_name(name))
		return err_set(err, ERR_SETUP, "is not NAME=value");
	value = unquoted(str_trim(value));
	if (memchr(value.p, '\0', value.n) != NULL)
		return err_set(err, ERR_SETUP, "the value holds a NUL");
	text[value.p + value.n - text] = '\0';
	ARENA_GROW(a, s->line, s->n, s->room);
	s->line[s->n++] = (struct setting_line){ arena_copy(a, name), value.p };
	return true;
}

static bool
lines_take(struct arena *a, struct settings *s, char *text, size_t n, struct err *err)
{
	struct str rest = { text, n };
	for (unsigned number = 1; rest.p != NULL; number++) {
		struct str line = str_cut(rest, '\n', &rest);
		if (!line_take(a, s, text, line, err))
			return err_in(err, "line %u", number);
	}
	return true;
}

bool
settings_open(struct arena *a, const char *file, const struct settings **out, struct err *err)
{
	struct settings *s = ARENA_NEW(a, struct settings);
	char *text = NULL;
	size_t n = 0;
	*out = s;
	if (file == NULL)
		return true;
	s->file = arena_copy(a, str_of(file)).p;
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool ok = fd >= 0 ? file_take(a, fd, &text, &n, err) && lines_take(a, s, text, n, err)
	                  : err_sys(err, "open");
	if (fd >= 0)
		(void)close(fd);
	if (!ok && err != NULL && err->code == ERR_ABSENT)
		err->code = ERR_SETUP;
	return ok || err_in(err, "settings of the store: %s", file);
}

const char *
setting(const struct settings *s, const char *name)
{
	const char *value = NULL;
	if (s->file == NULL)
		value = getenv(name);
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->line[i].name, str_of(name)))
			value = s->line[i].value;
	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
settings_file(const struct settings *s)
{
	return s->file;
}
