/* parse: tokens to the tree of ast.h, with the white space rules of the Mustache spec. */
#include <stdarg.h>
#include <stdio.h>

#include "generator/template/ast.h"
#include "generator/template/scan.h"

struct parser {
	struct arena *arena;
	const struct file *file;
	struct tokens tokens;
	bool plain;
	struct str dedent; /* white space taken from the lines of the override being parsed */
	struct err *err;
};

void
ast_error_(const struct ast *at, struct err *err, const char *format, ...)
{
	char what[512];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	err_set_(err, ERR_INPUT, "%.*s:%u:%u: %s", STR_ARG(at->file->path), at->line, at->column,
	    what);
}

static struct ast *
add(struct parser *p, struct ast *parent, enum ast_kind kind, const struct token *t)
{
	struct ast *n = ARENA_NEW(p->arena, struct ast);
	*n = (struct ast){ .kind = kind, .text = t->text, .line = t->line,
		.column = t->column, .file = p->file };
	*(parent->last ? &parent->last->next : &parent->first) = n;
	parent->last = n;
	return n;
}

static struct str
leading_blank(struct str s)
{
	size_t n = 0;
	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return (struct str){ s.p, n };
}

static struct str
dedented(const struct parser *p, struct str blank)
{
	size_t n = 0;
	while (n < p->dedent.n && n < blank.n && p->dedent.p[n] == blank.p[n])
		n++;
	return (struct str){ blank.p + n, blank.n - n };
}

static void
add_line(struct parser *p, struct ast *parent, const struct token *t, struct str blank)
{
	add(p, parent, AST_LINE, t)->text = dedented(p, blank);
}

/* White space before the tag i on its line. */
static struct str
blank_before(const struct parser *p, size_t i)
{
	const struct token *t = p->tokens.item;
	return t[i].starts ? STR("") : leading_blank(t[i - 1].text);
}

/* The indentation of a block whose tag is alone on its line: that of its first line, or of
 * the tag if it has none. */
static struct str
block_indent(const struct parser *p, size_t i)
{
	const struct token *t = p->tokens.item;
	size_t first = i + 1;
	while (first < t[i].mate && t[first].tag == TAG_TEXT && str_trim(t[first].text).n == 0 &&
	    memchr(t[first].text.p, '\n', t[first].text.n))
		first++;
	bool empty = first >= t[i].mate || (first + 1 == t[i].mate && t[first].dropped);
	if (empty)
		return t[i].overrides ? STR("") : blank_before(p, i);
	return t[first].tag == TAG_TEXT ? leading_blank(t[first].text) : STR("");
}

/* Literal text, at most a line of it. */
static void
parse_text(struct parser *p, struct ast *parent, size_t i)
{
	const struct token *t = &p->tokens.item[i];
	struct str blank = t->starts ? leading_blank(t->text) : STR("");
	struct str rest = { t->text.p + blank.n, t->text.n - blank.n };
	bool before_block = rest.n == 0 && i + 1 < p->tokens.n && t[1].tag == TAG_BLOCK;
	if (before_block && t->starts)
		return; /* the block takes it, since what overrides it is indented by it */
	if (t->starts && !str_eq(rest, STR("\n")) && !str_eq(rest, STR("\r\n"))) {
		add_line(p, parent, t, blank);
		if (rest.n == 0)
			return;
		struct ast *n = add(p, parent, AST_TEXT, t);
		n->text = rest;
		n->column += (unsigned)blank.n;
		return;
	}
	add(p, parent, AST_TEXT, t);
}

static bool
parse_path(struct parser *p, const struct ast *at, struct str text, const struct path **out)
{
	struct path *path = ARENA_NEW(p->arena, struct path);
	struct err why;
	if (!path_parse(p->arena, text, p->plain, path, &why))
		return ast_error(at, p->err, "%s", why.text);
	*out = path;
	return true;
}

static bool
parse_value(struct parser *p, struct ast *n, bool raw)
{
	struct expr *e = ARENA_NEW(p->arena, struct expr);
	struct err why;
	if (!expr_parse(p->arena, n->text, p->plain, e, &why))
		return ast_error(n, p->err, "%s", why.text);
	if (raw && !p->plain && (e->kind != EXPR_PATH || e->filters > 0))
		return ast_error(n, p->err,
		    "only a name can go out unescaped; take the filter or one pair of braces away");
	n->expr = e;
	n->raw = raw;
	return true;
}

/* The name of a partial or parent, "*path" if a value names it. */
static bool
parse_name(struct parser *p, struct ast *n)
{
	if (n->text.n == 0)
		return ast_error(n, p->err, "no name here; name a partial");
	if (n->text.p[0] != '*')
		return true;
	return parse_path(p, n, str_trim((struct str){ n->text.p + 1, n->text.n - 1 }), &n->path);
}

static bool parse_list(struct parser *, struct ast *parent, size_t from, size_t to);

static bool
parse_block(struct parser *p, struct ast *parent, size_t i)
{
	const struct token *t = &p->tokens.item[i];
	struct ast *n = add(p, parent, AST_BLOCK, t);
	struct str outer = p->dedent;
	if (t->overrides) {
		n->own_lines = t->alone;
		p->dedent = t->alone ? block_indent(p, i) : STR("");
	} else {
		bool first = t->starts || (t[-1].starts && t[-1].tag == TAG_TEXT &&
		    leading_blank(t[-1].text).n == t[-1].text.n);
		n->lines = t->alone || first;
		n->inline_ = !t->alone;
		n->indent = dedented(p, t->alone ? block_indent(p, i)
		        : first ? blank_before(p, i) : STR(""));
	}
	bool ok = parse_list(p, n, i + 1, t->mate);
	p->dedent = outer;
	return ok;
}

static bool
parse_parent(struct parser *p, struct ast *parent, size_t i)
{
	const struct token *t = p->tokens.item;
	struct ast *n = add(p, parent, AST_PARENT, &t[i]);
	n->lines = t[i].alone;
	n->indent = t[i].alone ? dedented(p, blank_before(p, i)) : STR("");
	if (!parse_name(p, n))
		return false;
	for (size_t k = i + 1; k < t[i].mate; k++) {
		if (t[k].tag == TAG_BLOCK) {
			if (!parse_block(p, n, k))
				return false;
			k = t[k].mate;
		} else if (!p->plain && t[k].tag != TAG_TEXT && t[k].tag != TAG_COMMENT) {
			struct ast at = { .line = t[k].line, .column = t[k].column,
				.file = p->file };
			return ast_error(&at, p->err,
			    "only blocks mean something inside a parent; put this into a block");
		}
	}
	return true;
}

static bool
parse_section(struct parser *p, struct ast *parent, size_t i)
{
	const struct token *t = &p->tokens.item[i];
	struct ast *n =
	    add(p, parent, t->tag == TAG_SECTION ? AST_SECTION : AST_INVERTED, t);
	return parse_path(p, n, n->text, &n->path) && parse_list(p, n, i + 1, t->mate);
}

static bool
parse_tag(struct parser *p, struct ast *parent, size_t i)
{
	const struct token *t = &p->tokens.item[i];
	bool raw = t->tag == TAG_RAW;
	if (t->starts && !t->alone && t->tag != TAG_BLOCK)
		add_line(p, parent, t, STR(""));
	switch (t->tag) {
	case TAG_VALUE:
	case TAG_RAW:
		return parse_value(p, add(p, parent, AST_VALUE, t), raw);
	case TAG_SECTION:
	case TAG_INVERTED:
		return parse_section(p, parent, i);
	case TAG_PARENT:
		return parse_parent(p, parent, i);
	case TAG_BLOCK:
		return parse_block(p, parent, i);
	case TAG_PARTIAL: {
		struct ast *n = add(p, parent, AST_PARTIAL, t);
		n->lines = t->alone;
		n->indent = t->alone ? dedented(p, blank_before(p, i)) : STR("");
		return parse_name(p, n);
	}
	case TAG_TEXT:
	case TAG_CLOSE:
	case TAG_COMMENT:
	case TAG_DELIMITERS:
		break;
	}
	return true;
}

static bool
parse_list(struct parser *p, struct ast *parent, size_t from, size_t to)
{
	const struct token *t = p->tokens.item;
	for (size_t i = from; i < to; i++) {
		if (t[i].dropped)
			continue;
		if (t[i].tag == TAG_TEXT) {
			parse_text(p, parent, i);
			continue;
		}
		if (!parse_tag(p, parent, i))
			return false;
		if (t[i].mate > i)
			i = t[i].mate;
	}
	if (to < p->tokens.n && t[to].starts && !t[to].alone && !t[to].overrides)
		add_line(p, parent, &t[to], STR(""));
	return true;
}

bool
ast_parse(struct arena *a, struct file *file, struct str text, enum template_type type,
    struct err *err)
{
	struct parser p = { .arena = a, .file = file, .plain = type == TEMPLATE_PLAIN,
		.err = err };
	file->root = (struct ast){ .file = file, .line = 1, .column = 1 };
	return scan(a, file, text, &p.tokens, err) &&
	    parse_list(&p, &file->root, 0, p.tokens.n);
}
