#include "generator/template/scan.h"

#define DELIMITER_MAX 16

struct scanner {
	struct arena *arena;
	const struct file *file;
	struct tokens *out;
	const char *p, *end;
	unsigned line, column;
	struct str open, close;
	struct err *err;
};

static bool
scan_error(const struct scanner *s, unsigned line, unsigned column, const char *what)
{
	return err_set(s->err, ERR_INPUT, "%.*s:%u:%u: %s", STR_ARG(s->file->path), line, column,
	    what);
}

static struct token *
token_add(struct scanner *s, enum tag tag)
{
	struct tokens *t = s->out;
	ARENA_GROW(s->arena, t->item, t->n, t->room);
	struct token *token = &t->item[t->n++];
	*token = (struct token){ .tag = tag, .line = s->line, .column = s->column };
	return token;
}

static void
move_to(struct scanner *s, const char *to)
{
	for (; s->p < to; s->p++) {
		s->column++;
		if (*s->p == '\n') {
			s->line++;
			s->column = 1;
		}
	}
}

static void
scan_text(struct scanner *s, const char *to)
{
	while (s->p < to) {
		const char *nl = memchr(s->p, '\n', (size_t)(to - s->p));
		const char *end = nl ? nl + 1 : to;
		token_add(s, TAG_TEXT)->text = (struct str){ s->p, (size_t)(end - s->p) };
		move_to(s, end);
	}
}

static const char *
find(const char *p, const char *end, struct str what)
{
	return memmem(p, (size_t)(end - p), what.p, what.n);
}

/* {{=<% %>=}}: two words without '='. */
static bool
set_delimiters(struct scanner *s, const struct token *t)
{
	size_t n = 0;
	while (n < t->text.n && t->text.p[n] != ' ' && t->text.p[n] != '\t' &&
	    t->text.p[n] != '\n' && t->text.p[n] != '\r')
		n++;
	struct str open = { t->text.p, n };
	struct str close = str_trim((struct str){ t->text.p + n, t->text.n - n });
	if (open.n == 0 || close.n == 0 || open.n > DELIMITER_MAX || close.n > DELIMITER_MAX ||
	    memchr(open.p, '=', open.n) || memchr(close.p, '=', close.n) ||
	    memchr(close.p, ' ', close.n))
		return scan_error(s, t->line, t->column,
		    "these are not two delimiters; write {{=<% %>=}}");
	s->open = open;
	s->close = close;
	return true;
}

static enum tag
tag_of(char sigil)
{
	switch (sigil) {
	case '#': return TAG_SECTION;
	case '^': return TAG_INVERTED;
	case '/': return TAG_CLOSE;
	case '>': return TAG_PARTIAL;
	case '<': return TAG_PARENT;
	case '$': return TAG_BLOCK;
	case '&':
	case '{': return TAG_RAW;
	case '!': return TAG_COMMENT;
	case '=': return TAG_DELIMITERS;
	default: return TAG_VALUE;
	}
}

/* The tag that begins at s->p. Triple tags end in "}" and the delimiter, changes of
 * delimiters in "=" and the delimiter. */
static bool
scan_tag(struct scanner *s)
{
	const char *body = s->p + s->open.n;
	char sigil = body < s->end ? *body : 0;
	enum tag tag = tag_of(sigil);
	char closing[DELIMITER_MAX + 1] = { sigil == '{' ? '}' : '=' };
	size_t inner = sigil == '{' || sigil == '=';
	body += tag != TAG_VALUE;
	memcpy(closing + inner, s->close.p, s->close.n);
	const char *end = find(body, s->end, (struct str){ closing, inner + s->close.n });
	if (end == NULL)
		return scan_error(s, s->line, s->column,
		    "this tag is not closed; add its closing delimiter");
	struct token *t = token_add(s, tag);
	t->text = str_trim((struct str){ body, (size_t)(end - body) });
	move_to(s, end + inner + s->close.n);
	return tag != TAG_DELIMITERS || set_delimiters(s, t);
}

static bool
scan_all(struct scanner *s)
{
	while (s->p < s->end) {
		const char *tag = find(s->p, s->end, s->open);
		scan_text(s, tag ? tag : s->end);
		if (tag && !scan_tag(s))
			return false;
	}
	return true;
}

static bool
mate(struct scanner *s, size_t open, size_t close)
{
	struct token *o = &s->out->item[open], *c = &s->out->item[close];
	if (!str_eq(o->text, c->text))
		return err_set(s->err, ERR_INPUT,
		    "%.*s:%u:%u: '%.*s' is closed where '%.*s' of line %u is open; close that first",
		    STR_ARG(s->file->path), c->line, c->column, STR_ARG(c->text),
		    STR_ARG(o->text), o->line);
	o->mate = close;
	c->mate = open;
	c->overrides = o->overrides;
	return true;
}

static bool
match(struct scanner *s)
{
	size_t open[TEMPLATE_NEST_MAX], depth = 0;
	struct token *t = s->out->item;
	for (size_t i = 0; i < s->out->n; i++) {
		if (t[i].tag == TAG_CLOSE) {
			if (depth == 0)
				return scan_error(s, t[i].line, t[i].column,
				    "nothing is open here; take this closing tag away");
			if (!mate(s, open[--depth], i))
				return false;
		} else if (t[i].tag == TAG_SECTION || t[i].tag == TAG_INVERTED ||
		    t[i].tag == TAG_PARENT || t[i].tag == TAG_BLOCK) {
			if (depth == TEMPLATE_NEST_MAX)
				return scan_error(s, t[i].line, t[i].column,
				    "nested too deeply; move the inner part to a partial");
			t[i].overrides = t[i].tag == TAG_BLOCK && depth > 0 &&
			    t[open[depth - 1]].tag == TAG_PARENT;
			open[depth++] = i;
		}
	}
	return depth == 0 || scan_error(s, t[open[depth - 1]].line, t[open[depth - 1]].column,
	    "this is never closed; add its closing tag");
}

static bool
is_blank(const struct token *t)
{
	return t->tag == TAG_TEXT && str_trim(t->text).n == 0;
}

static bool
ends_line(const struct token *t)
{
	return t->tag == TAG_TEXT && t->text.p[t->text.n - 1] == '\n';
}

/* Only white space stands before token i on its line. */
static bool
blank_before(const struct tokens *t, size_t i)
{
	return t->item[i].starts || (is_blank(&t->item[i - 1]) && t->item[i - 1].starts);
}

static bool
blank_after(const struct tokens *t, size_t i)
{
	return i + 1 == t->n ||
	    (is_blank(&t->item[i + 1]) && (ends_line(&t->item[i + 1]) || i + 2 == t->n));
}

static void
drop_before(struct tokens *t, size_t i)
{
	if (!t->item[i].starts)
		t->item[i - 1].dropped = true;
}

static void
drop_after(struct tokens *t, size_t i)
{
	if (i + 1 < t->n)
		t->item[i + 1].dropped = true;
}

/*
 * A parent is standalone with its closing tag, wherever that stands. What is outside of an
 * override inside its parent is ignored anyway, so only its inner side counts. Every other
 * tag is standalone if it is alone on its line.
 */
static void
mark_standalone(struct tokens *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->item[i].starts = i == 0 || ends_line(&t->item[i - 1]);
	for (size_t i = 0; i < t->n; i++) {
		struct token *k = &t->item[i];
		bool closes_parent = k->tag == TAG_CLOSE && t->item[k->mate].tag == TAG_PARENT;
		if (k->tag == TAG_TEXT || k->tag == TAG_VALUE || k->tag == TAG_RAW || closes_parent)
			continue;
		if (k->overrides) {
			bool opens = k->tag == TAG_BLOCK;
			k->alone = opens ? blank_after(t, i) && i + 1 < k->mate : blank_before(t, i);
			if (k->alone && opens)
				drop_after(t, i);
			else if (k->alone)
				drop_before(t, i);
			continue;
		}
		size_t last = k->tag == TAG_PARENT ? k->mate : i;
		k->alone = blank_before(t, i) && blank_after(t, last);
		if (k->alone) {
			drop_before(t, i);
			drop_after(t, last);
		}
	}
}

bool
scan(struct arena *a, const struct file *file, struct str text, struct tokens *out,
    struct err *err)
{
	*out = (struct tokens){ 0 };
	if (text.n > TEMPLATE_FILE_MAX)
		return err_set(err, ERR_LIMIT, "%.*s: %zu bytes, at most %d", STR_ARG(file->path),
		    text.n, TEMPLATE_FILE_MAX);
	if (text.n == 0)
		return true;
	struct scanner s = { .arena = a, .file = file, .out = out, .p = text.p,
		.end = text.p + text.n, .line = 1, .column = 1, .open = STR("{{"),
		.close = STR("}}"), .err = err };
	if (!scan_all(&s) || !match(&s))
		return false;
	mark_standalone(out);
	return true;
}
