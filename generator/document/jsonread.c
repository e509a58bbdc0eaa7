#include "generator/document/jsonread.h"

#include <unicode/utf8.h>

#include "base/buf.h"
#include "generator/document/document.h"

#define NAME_LENGTH_MAX 64

struct walk {
	struct arena *arena;
	struct str s;
	size_t at;
	unsigned line;     /* of s.p[at] */
	unsigned out_line; /* of the XML; runs after `line` */
	struct buf *out;
	const struct schema *schema;
	struct fault *fault;
};

/* Where the walk is: a member's name, or a position in an array. */
struct frame {
	const struct frame *up;
	struct str name;
	size_t position; /* from 1; 0 for a member */
};

static bool walk_value(struct walk *, const struct frame *);

static struct str
frame_path(struct arena *a, const struct frame *f)
{
	struct str path = STR("");

	for (; f != NULL && f->up != NULL; f = f->up) {
		struct str at = f->position > 0 ? arena_printf(a, "[%zu]", f->position) : STR("");
		path = arena_printf(a, "%.*s%.*s%s%.*s", STR_ARG(f->name), STR_ARG(at),
		    path.n > 0 ? "/" : "", STR_ARG(path));
	}
	return path;
}

static bool
refuse(struct walk *w, const struct frame *f, struct str text, const char *remedy)
{
	*w->fault = (struct fault){ w->line, frame_path(w->arena, f), text, remedy };
	return false;
}

static char
next_char(struct walk *w)
{
	for (; w->at < w->s.n; w->at++) {
		char c = w->s.p[w->at];
		if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return c;
		w->line += c == '\n';
	}
	return '\0';
}

static void
skip_comma(struct walk *w)
{
	if (next_char(w) == ',')
		w->at++;
}

/* Four hex digits at `p`, which json_parse has seen. */
static unsigned
hex4(const char *p)
{
	unsigned u = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];
		u = u * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return u;
}

/* Decode the escape behind a backslash at `at` into `to`; both move on. */
static size_t
unescape(const char *from, char **to)
{
	static const char pairs[] = "n\nt\tr\rb\bf\f";

	if (*from != 'u') {
		char c = *from;
		for (size_t i = 0; i + 1 < sizeof pairs; i += 2)
			if (pairs[i] == *from)
				c = pairs[i + 1];
		*(*to)++ = c;
		return 1;
	}
	unsigned u = hex4(from + 1);
	size_t used = 5, n = 0;
	if (u >= 0xd800 && u < 0xdc00) { /* json_parse refuses a half of a pair */
		u = 0x10000 + ((u - 0xd800) << 10) + (hex4(from + 7) - 0xdc00);
		used = 11;
	}
	U8_APPEND_UNSAFE(*to, n, u);
	*to += n;
	return used;
}

/* The string at the opening quote. Line ends become blanks, to keep the lines in step. */
static struct str
walk_string(struct walk *w)
{
	size_t from = ++w->at;

	while (w->s.p[w->at] != '"')
		w->at += w->s.p[w->at] == '\\' ? 2 : 1;
	char *text = ARENA_ARRAY(w->arena, char, w->at - from + 1), *to = text;
	for (size_t i = from; i < w->at;) {
		if (w->s.p[i] == '\\')
			i += 1 + unescape(w->s.p + i + 1, &to);
		else
			*to++ = w->s.p[i++];
	}
	w->at++;
	for (char *p = text; p < to; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	return (struct str){ text, (size_t)(to - text) };
}

static void
put_text(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '&')
			buf_put(out, STR("&amp;"));
		else if (s.p[i] == '<')
			buf_put(out, STR("&lt;"));
		else if (s.p[i] == '>')
			buf_put(out, STR("&gt;"));
		else
			buf_putc(out, s.p[i]);
	}
}

/* A fragment is taken only if it is balanced in itself: then it cannot close its element. */
static bool
walk_fragment(struct walk *w, const struct frame *f, struct str text)
{
	xmlDoc *doc;
	struct fault inner;
	struct arena *a = arena_new();
	bool ok = xml_read(a, arena_printf(a, "<x>%.*s</x>", STR_ARG(text)), &doc, &inner);

	if (!ok)
		(void)refuse(w, f, arena_copy(w->arena, inner.text), inner.remedy);
	arena_free(a);
	if (ok)
		buf_put(w->out, text);
	return ok;
}

static bool
walk_text(struct walk *w, const struct frame *f)
{
	struct str text = walk_string(w);
	unsigned c = text_forbidden(text);

	if (c != 0)
		return refuse(w, f,
		    arena_printf(w->arena,
			"the character U+%04X, which is invisible or turns text around", c),
		    "remove the character");
	if (schema_is_markup(w->schema, f->name))
		return walk_fragment(w, f, text);
	put_text(w->out, text);
	return true;
}

static bool
name_is_fine(struct str s)
{
	if (s.n == 0 || s.n > NAME_LENGTH_MAX || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 'a' || s.p[i] > 'z') && (s.p[i] < '0' || s.p[i] > '9')
		    && s.p[i] != '-')
			return false;
	return true;
}

static bool
walk_element(struct walk *w, const struct frame *f)
{
	(void)next_char(w);
	for (; w->out_line < w->line; w->out_line++)
		buf_putc(w->out, '\n');
	buf_putc(w->out, '<');
	buf_put(w->out, f->name);
	buf_putc(w->out, '>');
	if (!walk_value(w, f))
		return false;
	buf_put(w->out, STR("</"));
	buf_put(w->out, f->name);
	buf_putc(w->out, '>');
	return true;
}

static bool
walk_object(struct walk *w, const struct frame *f)
{
	for (w->at++; next_char(w) != '}'; skip_comma(w)) {
		struct frame member = { f, walk_string(w), 0 };
		if (!name_is_fine(member.name) || str_eq(member.name, STR("item")))
			return refuse(w, f,
			    arena_printf(w->arena, "'%.*s' is no name of a member",
				STR_ARG(text_excerpt(w->arena, member.name, NAME_LENGTH_MAX))),
			    "names are lower-case letters, digits and hyphens; lists are arrays");
		(void)next_char(w);
		w->at++; /* the colon */
		if (!walk_element(w, &member))
			return false;
	}
	w->at++;
	return true;
}

static bool
walk_array(struct walk *w, const struct frame *f)
{
	struct frame item = { f, STR("item"), 0 };

	for (w->at++; next_char(w) != ']'; skip_comma(w)) {
		item.position++;
		if (!walk_element(w, &item))
			return false;
	}
	w->at++;
	return true;
}

/* Depth is bounded by json_parse. */
static bool
walk_value(struct walk *w, const struct frame *f)
{
	char c = next_char(w);
	size_t from = w->at;

	if (c == '"')
		return walk_text(w, f);
	if ((c == '{' || c == '[') && schema_is_markup(w->schema, f->name))
		return refuse(w, f, STR("must be a string that holds markup"),
		    "write the fragment as one string: \"<p>...</p>\"");
	if (c == '{')
		return walk_object(w, f);
	if (c == '[')
		return walk_array(w, f);
	while (w->at < w->s.n && strchr(",]} \t\r\n", w->s.p[w->at]) == NULL)
		w->at++;
	struct str word = { w->s.p + from, w->at - from };
	if (!str_eq(word, STR("null")))
		buf_put(w->out, word);
	return true;
}

bool
json_to_xml(struct arena *a, struct str bytes, const struct schema *schema, struct str *out,
    struct fault *fault)
{
	struct walk w = {
		.arena = a,
		.s = bytes,
		.line = 1,
		.out_line = 1,
		.out = buf_in(a, JSON_AS_XML_MAX),
		.schema = schema,
		.fault = fault,
	};
	const struct frame root = { NULL, STR("document"), 0 };
	struct err err;

	*fault = (struct fault){ 0 };
	if (!walk_element(&w, &root))
		return false;
	if (!buf_ok(w.out, &err))
		return refuse(&w, &root, STR("too large as XML"), "split the document");
	*out = buf_str(w.out);
	return true;
}
