#include "base/ini.h"

#include <ini.h>

#include "base/fs.h"

#define FILE_MAX (256 * 1024)
#define NAME_BYTES_MAX 49 /* inih cuts sections and keys to this without a word */

struct reading {
	struct arena *arena;
	struct str rest; /* not yet read */
	unsigned line;
	struct str raw; /* the line inih is looking at */
	struct ini_entry *entry;
	size_t n, room;
	unsigned bad_line;
	const char *bad; /* the first thing that was wrong */
};

static void
refuse(struct reading *r, const char *why)
{
	if (r->bad == NULL) {
		r->bad = why;
		r->bad_line = r->line;
	}
}

/* As fgets, which inih expects: one line at a time, so that we know its number. */
static char *
next_line(char *out, int room, void *arg)
{
	struct reading *r = arg;
	if (r->rest.n == 0 || r->bad != NULL)
		return NULL;
	r->raw = str_cut(r->rest, '\n', &r->rest);
	r->line++;
	if (room < 2 || r->raw.n > (size_t)room - 2) {
		refuse(r, "line too long");
		return NULL;
	}
	struct str text = str_trim(r->raw), after;
	if (str_starts(text, STR("[")) && str_cut(text, ']', &after).n > NAME_BYTES_MAX)
		refuse(r, "section name too long");
	/* A leading blank would make the line a continuation of the one before. */
	if (text.n > 0)
		memcpy(out, text.p, text.n);
	out[text.n] = '\n';
	out[text.n + 1] = '\0';
	return out;
}

static int
take(void *arg, const char *section, const char *key, const char *value)
{
	struct reading *r = arg;
	if (strlen(key) >= NAME_BYTES_MAX) /* perhaps cut off */
		refuse(r, "key too long");
	if (key[0] == '\0')
		refuse(r, "no key before the sign");
	ARENA_GROW(r->arena, r->entry, r->n, r->room);
	r->entry[r->n++] = (struct ini_entry){
		.section = arena_copy(r->arena, str_of(section)),
		.key = arena_copy(r->arena, str_of(key)),
		.value = arena_copy(r->arena, str_of(value)),
		.line = r->line,
	};
	return 1;
}

bool
ini_parse_text(struct arena *a, const char *path, struct str text, struct ini *out,
    struct err *err)
{
	struct reading r = { .arena = a, .rest = text };
	if (text.n > FILE_MAX)
		return err_set(err, ERR_INPUT, "%s: %zu bytes, at most %d", path, text.n, FILE_MAX);
	if (!str_is_utf8(text))
		return err_set(err, ERR_INPUT, "%s: not UTF-8 text", path);
	int line = ini_parse_stream(next_line, &r, take, &r);
	if (r.bad != NULL)
		return err_set(err, ERR_INPUT, "%s:%u: %s", path, r.bad_line, r.bad);
	if (line != 0)
		return err_set(err, ERR_INPUT, "%s:%d: neither [section] nor key = value", path,
		    line);
	*out = (struct ini){ arena_copy(a, str_of(path)).p, r.entry, r.n };
	return true;
}

bool
ini_read(struct arena *a, const char *path, struct ini *out, struct err *err)
{
	struct str text;
	return fs_read(a, path, FILE_MAX, &text, err) && ini_parse_text(a, path, text, out, err);
}
