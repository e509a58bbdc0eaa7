#include "generator/document/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (64 * 1024)

struct source {
	struct arena *arena;
	struct str path;
	const struct intake *to;
	struct err *err;
};

static bool
refuse(const struct source *s, unsigned line, struct str text, const char *remedy)
{
	const struct finding f = {
		.gate = "schema",
		.severity = SEVERITY_REJECT,
		.where = line > 0
		    ? arena_printf(s->arena, "%.*s:%u", STR_ARG(s->path), line) : s->path,
		.line = line,
		.text = text,
		.remedy = remedy,
	};

	s->to->refuse(s->to->ctx, &f);
	return true; /* reading goes on */
}

/* Hand on a document; `line` is also part of its name if the file has others. */
static bool
take(const struct source *s, enum document_form form, struct str bytes, unsigned line,
    bool one_of_many)
{
	const struct raw raw = {
		.where = one_of_many
		    ? arena_printf(s->arena, "%.*s:%u", STR_ARG(s->path), line) : s->path,
		.path = s->path,
		.line = line,
		.form = form,
		.bytes = bytes,
	};

	return s->to->take(s->to->ctx, &raw, s->err);
}

/* ---- a JSON file: one document, or an array of them ---- */

struct cut {
	struct str s;
	size_t at;
	unsigned line;
};

static char
next_char(struct cut *c)
{
	for (; c->at < c->s.n; c->at++) {
		char ch = c->s.p[c->at];
		if (ch != ' ' && ch != '\t' && ch != '\r' && ch != '\n')
			return ch;
		c->line += ch == '\n';
	}
	return '\0';
}

/* From an opening brace to behind the one that closes it; false if there is none. What is
 * between is judged by the reader of documents. */
static bool
skip_object(struct cut *c)
{
	size_t depth = 0;
	bool quoted = false;

	for (; c->at < c->s.n; c->at++) {
		char ch = c->s.p[c->at];
		c->line += ch == '\n';
		if (quoted && ch == '\\')
			c->at++;
		else if (ch == '"')
			quoted = !quoted;
		else if (!quoted && (ch == '{' || ch == '['))
			depth++;
		else if (!quoted && (ch == '}' || ch == ']') && --depth == 0)
			return c->at++, true;
	}
	return false;
}

static bool
take_array(const struct source *s, struct cut *c)
{
	const char *remedy = "separate the documents of the array by commas";

	c->at++;
	if (next_char(c) == ']')
		return true;
	for (;;) {
		if (next_char(c) != '{')
			return refuse(s, c->line, STR("the array holds something that is no document; "
			    "the rest of the file is not read"), remedy);
		size_t from = c->at;
		unsigned line = c->line;
		if (!skip_object(c))
			return refuse(s, line, STR("the document that begins here does not end"), remedy);
		if (!take(s, FORM_JSON, (struct str){ c->s.p + from, c->at - from }, line, true))
			return false;
		char ch = next_char(c);
		if (ch == ']') {
			c->at++;
			return next_char(c) == '\0'
			    || refuse(s, c->line, STR("something stands behind the array"), remedy);
		}
		if (ch != ',')
			return refuse(s, c->line, STR("a comma or the end of the array is missing; "
			    "the rest of the file is not read"), remedy);
		c->at++;
	}
}

static bool
is_gzip(struct str s)
{
	return str_starts(s, STR("\x1f\x8b"));
}

static bool
take_json(const struct source *s, struct str text)
{
	struct cut c = { text, 0, 1 };

	if (str_starts(text, STR("\xef\xbb\xbf")))
		c.at = 3;
	if (is_gzip(text) || next_char(&c) != '[')
		return take(s, FORM_JSON, text, 1, false);
	return take_array(s, &c);
}

/* ---- a stream of lines ---- */

struct stream {
	int fd;
	char *p;
	size_t from, end, room;
	size_t searched; /* no line feed before this */
	unsigned line;   /* of p[from] */
	bool too_long;   /* inside a line that was refused already */
	bool ended;
};

/* Read once more into the stream; false with an error set if that fails. */
static bool
stream_fill(struct stream *t, const struct source *s)
{
	memmove(t->p, t->p + t->from, t->end - t->from);
	t->end -= t->from;
	t->searched -= t->from;
	t->from = 0;
	ssize_t n;
	do
		n = read(t->fd, t->p + t->end, t->room - t->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(s->err, "%.*s", STR_ARG(s->path));
	t->ended = n == 0;
	t->end += (size_t)n;
	return true;
}

static bool
take_line(struct stream *t, const struct source *s, size_t end)
{
	struct str line = { t->p + t->from, end - t->from };

	if (t->too_long || str_trim(line).n == 0)
		return true;
	if (line.n > DOCUMENT_MAX)
		return refuse(s, t->line, arena_printf(s->arena, "a line of more than %d bytes",
		    DOCUMENT_MAX), "split the document");
	return take(s, FORM_JSON, line, t->line, true);
}

/* What has been read has no line feed: drop it if it is too long already. */
static bool
stream_drop(struct stream *t, const struct source *s)
{
	if (t->end - t->from <= DOCUMENT_MAX)
		return true;
	if (!t->too_long)
		(void)refuse(s, t->line, arena_printf(s->arena, "a line of more than %d bytes",
		    DOCUMENT_MAX), "split the document");
	t->too_long = true;
	t->from = t->end;
	return true;
}

static bool
take_lines(struct stream *t, const struct source *s)
{
	for (;;) {
		const char *lf = t->end > t->searched
		    ? memchr(t->p + t->searched, '\n', t->end - t->searched) : NULL;
		if (lf != NULL) {
			size_t at = (size_t)(lf - t->p);
			if (!take_line(t, s, at))
				return false;
			t->from = t->searched = at + 1;
			t->too_long = false;
			t->line++;
			continue;
		}
		t->searched = t->end;
		if (t->ended)
			return take_line(t, s, t->end);
		if (!stream_drop(t, s) || !stream_fill(t, s))
			return false;
	}
}

bool
intake_lines(struct arena *a, struct str where, struct str lines, unsigned first,
    const struct intake *to, struct err *err)
{
	const struct source s = { a, where, to, err };
	struct stream t = { .p = (char *)(uintptr_t)lines.p, .end = lines.n, .room = lines.n,
		.line = first, .ended = true };
	return take_lines(&t, &s);
}

/* Standard input that begins with '<': one XML document, all of it. */
static bool
take_xml_stream(struct stream *t, const struct source *s)
{
	while (!t->ended && t->end - t->from <= DOCUMENT_MAX)
		if (!stream_fill(t, s))
			return false;
	return take(s, FORM_XML, (struct str){ t->p + t->from, t->end - t->from }, 1, false);
}

/* The first line that is not empty; false if its end has not been read yet. */
static bool
first_line(const struct stream *t, struct str *line)
{
	struct str rest = { t->p + t->from, t->end - t->from };

	while (rest.n > 0 && strchr(" \t\r\n", rest.p[0]) != NULL && rest.p[0] != '\0') {
		rest.p++;
		rest.n--;
	}
	bool is_whole = memchr(rest.p, '\n', rest.n) != NULL || t->ended;
	*line = str_trim(str_cut(rest, '\n', &rest));
	return is_whole;
}

/* Does a document begin there that goes on in further lines? Then its first line ends in the
 * middle of something, which that of a stream of documents never does. */
static bool
is_spread(struct str line)
{
	return line.n > 0 && (line.p[0] == '[' || (line.p[0] == '{'
	    && memchr("{[,", line.p[line.n - 1], 3) != NULL));
}

/* Standard input that is no stream of lines but what a .json file would hold. */
static bool
take_json_stream(struct stream *t, const struct source *s)
{
	t->room = INTAKE_ARRAY_MAX + CHUNK;
	t->p = realloc(t->p, t->room);
	if (t->p == NULL)
		abort();
	while (!t->ended && t->end - t->from <= INTAKE_ARRAY_MAX)
		if (!stream_fill(t, s))
			return false;
	if (t->end - t->from > INTAKE_ARRAY_MAX)
		return refuse(s, 0, arena_printf(s->arena, "more than %d bytes", INTAKE_ARRAY_MAX),
		    "split it, or write one document a line");
	return take_json(s, (struct str){ t->p + t->from, t->end - t->from });
}

static bool
stream_begin(struct stream *t, const struct source *s, bool is_stdin)
{
	while (!t->ended && t->end < 4)
		if (!stream_fill(t, s))
			return false;
	struct str start = { t->p, t->end };
	if (is_gzip(start))
		return refuse(s, 0, STR("a gzip file"), "decompress it");
	if (str_starts(start, STR("\xef\xbb\xbf")))
		t->from = t->searched = 3;
	if (!is_stdin)
		return take_lines(t, s);
	if (t->from < t->end && t->p[t->from] == '<')
		return take_xml_stream(t, s);
	struct str line;
	while (!first_line(t, &line) && t->end - t->from < CHUNK)
		if (!stream_fill(t, s))
			return false;
	return is_spread(line) ? take_json_stream(t, s) : take_lines(t, s);
}

static bool
take_stream(const struct source *s, int fd, bool is_stdin)
{
	struct stream t = { .fd = fd, .room = DOCUMENT_MAX + CHUNK, .line = 1 };

	t.p = malloc(t.room);
	if (t.p == NULL)
		abort();
	bool ok = stream_begin(&t, s, is_stdin);
	free(t.p);
	return ok;
}

/* ---- files and folders ---- */

static bool
take_ndjson_file(const struct source *s)
{
	const char *path = arena_copy(s->arena, s->path).p;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return refuse(s, 0, arena_printf(s->arena, "cannot be read: %s", strerror(errno)),
		    "give the program the right to read it");
	bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? take_stream(s, fd, false)
	    : refuse(s, 0, STR("not a regular file"), "name a file");
	(void)close(fd);
	return ok;
}

static bool
take_whole_file(const struct source *s, size_t max, bool xml)
{
	struct arena *scratch = arena_new();
	struct str text;
	struct err why;
	bool ok;

	if (!fs_read(scratch, arena_copy(scratch, s->path).p, max, &text, &why))
		ok = refuse(s, 0, arena_printf(s->arena, "cannot be read: %s", why.text),
		    why.code == ERR_LIMIT ? "split it, or write it as .ndjson"
		        : "give the program the right to read it");
	else
		ok = xml ? take(s, FORM_XML, text, 1, false) : take_json(s, text);
	arena_free(scratch);
	return ok;
}

static bool
is_document(struct str path)
{
	return str_ends(path, STR(".xml")) || str_ends(path, STR(".json"))
	    || str_ends(path, STR(".ndjson"));
}

static bool
take_file(const struct source *s)
{
	if (str_ends(s->path, STR(".ndjson")))
		return take_ndjson_file(s);
	if (str_ends(s->path, STR(".xml")))
		return take_whole_file(s, DOCUMENT_MAX, true);
	return take_whole_file(s, INTAKE_ARRAY_MAX, false);
}

bool
intake_file(struct arena *a, struct str path, const struct intake *to, struct err *err)
{
	const struct source s = { a, path, to, err };
	return take_file(&s);
}

/* Streams are read here, line by line; whole files by whoever has a thread for them. */
static bool
pass_on(const struct source *s, const struct fs_entry *entry)
{
	if (s->to->file == NULL || str_ends(s->path, STR(".ndjson")))
		return take_file(s);
	return s->to->file(s->to->ctx, entry, s->err);
}

static bool
take_folder(struct arena *a, const char *path, const struct intake *to, struct err *err)
{
	struct fs_entry *entry;
	size_t n;

	if (!fs_walk(a, path, INTAKE_FILES_MAX, &entry, &n, err))
		return false;
	if (to->expect != NULL)
		to->expect(to->ctx, n);
	for (size_t i = 0; i < n; i++) {
		const struct source s = { a, entry[i].path, to, err };
		if (is_document(s.path) && !pass_on(&s, &entry[i]))
			return false;
	}
	return true;
}

bool
intake_read(struct arena *a, const char *path, const struct intake *to, struct err *err)
{
	const struct source s = { a, arena_copy(a, str_of(path)), to, err };

	if (str_eq(s.path, STR("-")))
		return take_stream(&s, STDIN_FILENO, true);
	if (!fs_exists(path))
		return err_set(err, ERR_ABSENT, "%s: no such file or folder", path);
	if (fs_is_dir(path))
		return take_folder(a, path, to, err);
	if (!is_document(s.path))
		return err_set(err, ERR_INPUT,
		    "%s: a document's name ends in .xml, .json or .ndjson", path);
	struct fs_entry *entry = ARENA_NEW(a, struct fs_entry);
	entry->path = s.path;
	(void)fs_stamp(path, &entry->stamp);
	return pass_on(&s, entry);
}
