#include "generator/template/compile.h"

#include "base/path.h"

/* One text in one context. */
struct unit {
	const struct ast *text; /* its children are compiled */
	struct context in, out;
	const struct overrides *overrides;
	bool indented; /* an indentation may be in force */
	bool within;   /* a line: without the line break at its end */
	bool open;     /* being compiled */
	bool recursed; /* `out` was taken to be `in` while it was open */
	struct program program;
	struct unit *next;
};

struct compiler {
	struct arena *arena;
	enum template_type type;
	const struct template_source *source;
	struct file *files;
	struct unit *units;
	size_t count;   /* of units */
	unsigned depth; /* of open units */
	struct err *err;
};

/* A program being written. */
struct builder {
	struct compiler *compiler;
	const struct overrides *overrides;
	bool indented;
	const struct ast *last; /* loses the line break at its end; NULL: nothing does */
	struct context context;
	struct op *op;
	size_t n, room;
	char *literal; /* text that is not yet an op */
	size_t length, literal_room;
};

static const struct overrides no_overrides;

static struct op *
op_append(struct builder *b, enum op_kind kind, const struct ast *at)
{
	ARENA_GROW(b->compiler->arena, b->op, b->n, b->room);
	struct op *op = &b->op[b->n++];
	*op = (struct op){ .kind = kind, .at = at };
	return op;
}

/* What was put so far becomes one op. */
static void
flush(struct builder *b)
{
	if (b->length > 0)
		op_append(b, OP_TEXT, NULL)->text = (struct str){ b->literal, b->length };
	b->literal = NULL;
	b->length = b->literal_room = 0;
}

static struct op *
op_add(struct builder *b, enum op_kind kind, const struct ast *at)
{
	flush(b);
	return op_append(b, kind, at);
}

static void
put(struct builder *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		ARENA_GROW(b->compiler->arena, b->literal, b->length, b->literal_room);
		b->literal[b->length++] = s.p[i];
	}
}

static bool
complain(const struct builder *b, const struct ast *at, const struct complaint *why)
{
	return ast_error(at, b->compiler->err, "%s; %s", why->what, why->remedy);
}

/* White space at the beginning of a line means nothing in any context but itself. */
static bool
put_literal(struct builder *b, const struct ast *at, struct str s)
{
	struct complaint why;
	size_t offset = 0;
	if (!context_text(&b->context, s, &offset, &why)) {
		struct ast there = *at;
		there.column += (unsigned)offset;
		return complain(b, &there, &why);
	}
	put(b, s);
	return true;
}

static bool
put_line(struct builder *b, const struct ast *at, struct str blank)
{
	if (b->indented)
		(void)op_add(b, OP_LINE, at);
	return put_literal(b, at, blank);
}

static bool compile_list(struct builder *, const struct ast *list);

static struct program
program_of(struct builder *b)
{
	flush(b);
	return (struct program){ b->op, b->n };
}

static bool
same_overrides(const struct overrides *a, const struct overrides *b)
{
	return a->n == b->n &&
	    (a->n == 0 || memcmp(a->block, b->block, a->n * sizeof *a->block) == 0);
}

static struct unit *
unit_find(const struct compiler *c, const struct unit *like)
{
	for (struct unit *u = c->units; u != NULL; u = u->next)
		if (u->text == like->text && u->indented == like->indented &&
		    u->within == like->within && context_eq(&u->in, &like->in) && same_overrides(u->overrides, like->overrides))
			return u;
	return NULL;
}

static bool
unit_fill(struct compiler *c, struct unit *u, const struct ast *at)
{
	struct builder b = { .compiler = c, .overrides = u->overrides, .indented = u->indented,
		.last = u->within ? u->text->last : NULL, .context = u->in };
	u->open = true;
	c->depth++;
	if (!compile_list(&b, u->text->first))
		return false;
	c->depth--;
	u->open = false;
	u->out = b.context;
	u->program = program_of(&b);
	return !u->recursed || context_eq(&u->in, &u->out) ||
	    ast_error(at, c->err, "a text that contains itself ends %s, but begins %s; "
	                          "let it leave the output as it found it",
	        context_name(&u->out), context_name(&u->in));
}

/* The unit of this text here; moves *context behind it. */
static bool
unit_get(struct compiler *c, struct unit like, const struct ast *at, struct context *context,
    struct unit **out)
{
	like.in = *context;
	struct unit *u = unit_find(c, &like);
	if (u == NULL) {
		if (c->count++ == TEMPLATE_UNITS_MAX || c->depth == TEMPLATE_DEPTH_MAX)
			return ast_error(at, c->err, "partials are nested too deeply or used in too "
			                             "many ways; make them fewer");
		u = ARENA_NEW(c->arena, struct unit);
		*u = like;
		u->next = c->units;
		c->units = u;
		if (!unit_fill(c, u, at))
			return false;
	} else if (u->open) {
		u->recursed = true;
		u->out = u->in;
	}
	*context = u->out;
	*out = u;
	return true;
}

/* The parsed partial that the tag `at` asks for; ERR_ABSENT if there is none. */
static bool
file_get(struct compiler *c, struct str name, const struct ast *at, struct file **out,
    struct err *err)
{
	struct str text = { NULL, 0 }, path = name;
	for (*out = c->files; *out != NULL; *out = (*out)->next)
		if (str_eq((*out)->name, name))
			return true;
	bool found = c->source != NULL && c->source->partial != NULL &&
	        (c->type == TEMPLATE_PLAIN || key_is_safe(name))
	    ? c->source->partial(c->source->ctx, name, &text, &path, err)
	    : err_set(err, ERR_ABSENT, "no partial '%.*s'", STR_ARG(name));
	if (!found)
		return err_in(err, "%.*s:%u:%u", STR_ARG(at->file->path), at->line, at->column);
	struct file *f = ARENA_NEW(c->arena, struct file);
	f->name = arena_copy(c->arena, name);
	f->path = path;
	if (!ast_parse(c->arena, f, text, c->type, err))
		return false;
	f->next = c->files;
	c->files = f;
	*out = f;
	return true;
}

/* As file_get, but where nothing is to be rendered for a missing partial, *out is NULL. */
static bool
file_get_lenient(struct compiler *c, struct str name, const struct ast *at, struct file **out,
    struct err *err)
{
	struct err why;
	if (file_get(c, name, at, out, &why))
		return true;
	*out = NULL;
	if (why.code == ERR_ABSENT)
		return true;
	*err = why;
	return false;
}

static const struct ast *
override_of(const struct overrides *o, struct str name)
{
	for (size_t i = 0; i < o->n; i++)
		if (str_eq(o->block[i]->text, name))
			return o->block[i];
	return NULL;
}

/* The overrides in force inside a parent: those from outside, then its own. */
static const struct overrides *
with_overrides(struct builder *b, const struct ast *parent)
{
	size_t n = b->overrides->n;
	for (const struct ast *k = parent->first; k != NULL; k = k->next)
		n++;
	if (n == b->overrides->n)
		return b->overrides;
	struct overrides *o = ARENA_NEW(b->compiler->arena, struct overrides);
	o->block = ARENA_ARRAY(b->compiler->arena, const struct ast *, n);
	for (; o->n < b->overrides->n; o->n++)
		o->block[o->n] = b->overrides->block[o->n];
	for (const struct ast *k = parent->first; k != NULL; k = k->next)
		if (override_of(o, k->text) == NULL)
			o->block[o->n++] = k;
	return o;
}

/* Editors end a file with a line break, which is not meant where its tag stands within a
 * line, as in an attribute. The Mustache specification keeps it. */
static bool
is_within_line(const struct compiler *c, const struct ast *at)
{
	return c->type != TEMPLATE_PLAIN && !at->lines;
}

/* Call `text` with the indentation of the tag `at` (lines) or with none. */
static bool
compile_call(struct builder *b, const struct ast *at, const struct ast *text,
    const struct overrides *overrides)
{
	struct unit *u, like = { .text = text, .overrides = overrides,
		.indented = at->lines && (b->indented || at->indent.n > 0),
		.within = is_within_line(b->compiler, at) };
	if (!unit_get(b->compiler, like, at, &b->context, &u))
		return false;
	struct op *op = op_add(b, OP_CALL, at);
	op->program = &u->program;
	op->indents = at->lines;
	op->text = at->indent;
	return true;
}

static bool
compile_dynamic(struct builder *b, const struct ast *at, const struct overrides *overrides)
{
	if (b->compiler->source == NULL || !b->compiler->source->dynamic)
		return ast_error(at, b->compiler->err,
		    "a value names the partial, which is not allowed here; write sections around "
		    "partials with written names");
	struct place *place = ARENA_NEW(b->compiler->arena, struct place);
	*place = (struct place){ b->context, overrides };
	struct op *op = op_add(b, OP_DYNAMIC, at);
	op->place = place;
	op->indents = at->lines;
	op->text = at->indent;
	return true;
}

static bool
compile_partial_tag(struct builder *b, const struct ast *at)
{
	struct compiler *c = b->compiler;
	const struct overrides *overrides =
	    at->kind == AST_PARENT ? with_overrides(b, at) : b->overrides;
	struct file *f;
	if (at->path != NULL)
		return compile_dynamic(b, at, overrides);
	if (c->type != TEMPLATE_PLAIN)
		return file_get(c, at->text, at, &f, c->err) &&
		    compile_call(b, at, &f->root, overrides);
	return file_get_lenient(c, at->text, at, &f, c->err) &&
	    (f == NULL || compile_call(b, at, &f->root, overrides));
}

static bool
compile_block(struct builder *b, const struct ast *at)
{
	const struct ast *over = override_of(b->overrides, at->text);
	if (over == NULL)
		return (!at->lines || !at->inline_ || put_line(b, at, at->indent)) &&
		    compile_list(b, at->first);
	if (at->lines && !over->own_lines && !put_line(b, at, at->indent))
		return false;
	return compile_call(b, at, over, b->overrides);
}

/* A misspelled key is the template's fault, and known before there is a document. */
static bool
check_message(const struct builder *b, const struct ast *at)
{
	struct compiler *c = b->compiler;
	if (at->expr == NULL || at->expr->kind != EXPR_MESSAGE || c->source == NULL
	    || c->source->has_message == NULL)
		return true;
	struct str where = arena_printf(c->arena, "%.*s:%u:%u", STR_ARG(at->file->path), at->line,
	    at->column);
	return c->source->has_message(c->source->ctx, at->expr->text, where)
	    || ast_error(at, c->err, "there is no message '%.*s' in any language; correct the key, or "
	        "add it to messages/en.json", STR_ARG(at->expr->text));
}

static bool
compile_value(struct builder *b, const struct ast *at)
{
	struct compiler *c = b->compiler;
	struct complaint why;
	enum escape escape;
	bool typed = c->type != TEMPLATE_PLAIN, text = c->type == TEMPLATE_TEXT;
	if (!check_message(b, at))
		return false;
	if (typed && !text && at->raw) {
		const struct path *p = &at->expr->path;
		struct str name = p->n > 0 ? p->segment[p->n - 1] : p->source;
		if (c->source == NULL || c->source->is_markup == NULL ||
		    !c->source->is_markup(c->source->ctx, name))
			return ast_error(at, c->err,
			    "'%.*s' is not of the schema type markup; write {{%.*s}}, which is escaped",
			    STR_ARG(name), STR_ARG(at->text));
	}
	if (!context_value(&b->context, at->raw, &escape, &why))
		return ast_error(at, c->err, "no value can stand here: %s; %s", why.what,
		    why.remedy ? why.remedy : "move it out");
	bool json = expr_ends_with(at->expr, FILTER_JSON);
	if (json && escape != ESCAPE_JSON_VALUE && escape != ESCAPE_NONE)
		return ast_error(at, c->err,
		    "| json makes a whole JSON value, but this is %s; take the filter%s away",
		    context_name(&b->context),
		    escape == ESCAPE_JSON_STRING ? " or the quotes" : "");
	op_add(b, OP_VALUE, at)->escape = json ? ESCAPE_NONE : escape;
	return true;
}

static bool
compile_section(struct builder *b, const struct ast *at)
{
	struct complaint why;
	if (!context_boundary(&b->context, &why))
		return complain(b, at, &why);
	struct builder body = { .compiler = b->compiler, .overrides = b->overrides,
		.indented = b->indented, .context = b->context };
	if (!compile_list(&body, at->first))
		return false;
	if (!context_boundary(&body.context, &why))
		return complain(b, at, &why);
	if (!context_join(&b->context, &body.context))
		return ast_error(at, b->compiler->err,
		    "this section begins %s and ends %s (or further along there); it has to leave the "
		    "output as it found it: put it around the whole element, attribute or string",
		    context_name(&b->context), context_name(&body.context));
	struct program *p = ARENA_NEW(b->compiler->arena, struct program);
	*p = program_of(&body);
	op_add(b, at->kind == AST_SECTION ? OP_SECTION : OP_INVERTED, at)->program = p;
	return true;
}

static struct str
without_break(struct str s)
{
	s.n -= str_ends(s, STR("\n"));
	s.n -= str_ends(s, STR("\r"));
	return s;
}

static bool
compile_one(struct builder *b, const struct ast *at)
{
	switch (at->kind) {
	case AST_TEXT:
		return put_literal(b, at, at == b->last ? without_break(at->text) : at->text);
	case AST_LINE: return put_line(b, at, at->text);
	case AST_VALUE: return compile_value(b, at);
	case AST_SECTION:
	case AST_INVERTED: return compile_section(b, at);
	case AST_PARTIAL:
	case AST_PARENT: return compile_partial_tag(b, at);
	case AST_BLOCK: return compile_block(b, at);
	}
	return false;
}

static bool
compile_list(struct builder *b, const struct ast *list)
{
	for (const struct ast *at = list; at != NULL; at = at->next)
		if (!compile_one(b, at))
			return false;
	return true;
}

struct compiler *
compiler_new(struct arena *a, enum template_type type, const struct template_source *source)
{
	struct compiler *c = ARENA_NEW(a, struct compiler);
	*c = (struct compiler){ .arena = a, .type = type, .source = source };
	return c;
}

bool
compile_root(struct compiler *c, struct str path, struct str text, const struct program **out,
    struct err *err)
{
	struct file *f = ARENA_NEW(c->arena, struct file);
	struct context context = context_start(c->type);
	struct unit *u, like = { .text = &f->root, .overrides = &no_overrides };
	f->path = path;
	c->err = err;
	if (!ast_parse(c->arena, f, text, c->type, err) ||
	    !unit_get(c, like, &f->root, &context, &u))
		return false;
	if (!context_is_end(&context))
		return err_set(err, ERR_INPUT, "%.*s: the template ends %s; close what is open",
		    STR_ARG(path), context_name(&context));
	*out = &u->program;
	return true;
}

bool
compile_partial(struct compiler *c, struct str name, const struct place *place, bool indented,
    const struct ast *at, const struct program **out, struct err *err)
{
	struct context context = place->context;
	struct unit *u, like = { .overrides = place->overrides, .indented = indented,
		.within = is_within_line(c, at) };
	struct file *f;
	*out = NULL;
	c->err = err;
	if (!file_get_lenient(c, name, at, &f, err))
		return false;
	if (f == NULL)
		return true;
	like.text = &f->root;
	if (!unit_get(c, like, at, &context, &u))
		return false;
	if (!context_eq(&context, &place->context))
		return ast_error(at, err, "the partial '%.*s' begins %s and ends %s; it has to leave "
		                          "the output as it found it, since its name is a value",
		    STR_ARG(name), context_name(&place->context), context_name(&context));
	*out = &u->program;
	return true;
}
