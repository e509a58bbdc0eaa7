/* render: compiled programs over a tree of nodes to bytes. */
#include <stdio.h>

#include "generator/template/compile.h"

#define STEPS_MAX 20000000 /* ops of one rendering: a bound on time */

/* What names are looked up in, innermost first. */
struct frame {
	const struct node *node;
	const struct frame *up;
	bool is_item; /* of a list: index and last mean something */
	size_t index;
	bool last;
};

/* Indentation in force: `text` behind that of `up`. */
struct indent {
	struct str text;
	const struct indent *up;
};

struct render {
	const struct template *template;
	const struct formatter *formatter;
	struct buf *out;
	struct buf scratch[2]; /* results of filters, in turn */
	unsigned depth;        /* of calls */
	uint64_t steps;
	struct arena *arena;       /* of partials with dynamic names; NULL until one is used */
	struct compiler *compiler; /* likewise */
	char index[24];
	struct err *err;
};

/* A value on its way out. */
struct value {
	const struct node *node; /* NULL: text alone, or missing */
	struct str text;
	bool missing; /* nothing there: null, empty or no such name */
	bool markup;  /* text is markup */
};

static const struct value nothing = { .text = STR_INIT(""), .missing = true };

static bool
fail(struct render *r, const struct ast *at, const char *what)
{
	const char *brace = at->kind == AST_VALUE ? "" : "section or partial ";
	return err_set(r->err, ERR_SETUP, "%.*s:%u:%u: %s'%.*s': %s", STR_ARG(at->file->path),
	    at->line, at->column, brace, STR_ARG(at->text), what);
}

static const struct node *
member(const struct node *n, struct str name)
{
	if (n->kind == NODE_OBJECT)
		return node_get(n, name);
	return n->kind == NODE_LIST ? node_at(n, name) : NULL;
}

static const struct node *
look_up(const struct frame *f, const struct path *p)
{
	if (p->kind == PATH_HERE)
		return f->node;
	const struct node *n = NULL;
	for (; f != NULL && n == NULL; f = f->up)
		if (f->node != NULL && f->node->kind == NODE_OBJECT)
			n = node_get(f->node, p->segment[0]);
	for (size_t i = 1; i < p->n && n != NULL; i++)
		n = member(n, p->segment[i]);
	return n;
}

/* The innermost list item, NULL outside of lists. */
static const struct frame *
item(const struct frame *f)
{
	while (f != NULL && !f->is_item)
		f = f->up;
	return f;
}

static struct value
at_value(struct render *r, const struct frame *f, enum path_kind kind)
{
	f = item(f);
	if (f == NULL)
		return nothing;
	if (kind == PATH_INDEX) {
		int n = snprintf(r->index, sizeof r->index, "%zu", f->index);
		return (struct value){ .text = { r->index, (size_t)n } };
	}
	bool yes = kind == PATH_FIRST ? f->index == 0 : f->last;
	return (struct value){ .text = yes ? STR("true") : STR("false") };
}

static struct value
value_of(struct render *r, const struct frame *f, const struct path *p)
{
	if (p->kind != PATH_NAME && p->kind != PATH_HERE)
		return at_value(r, f, p->kind);
	const struct node *n = look_up(f, p);
	if (n == NULL || n->kind == NODE_NULL)
		return nothing;
	struct value v = { .node = n, .text = n->text, .markup = n->kind == NODE_MARKUP };
	if (v.text.n == 0) {
		v.text = STR("");
		v.missing = n->kind == NODE_TEXT;
	}
	return v;
}

static bool
is_true(struct render *r, const struct frame *f, const struct path *p, const struct node **node)
{
	struct value v = value_of(r, f, p);
	*node = v.node;
	if (v.missing)
		return false;
	if (v.node == NULL)
		return !str_eq(v.text, STR("false"));
	switch (v.node->kind) {
	case NODE_BOOL: return str_eq(v.text, STR("true"));
	case NODE_LIST: return v.node->count > 0;
	case NODE_MARKUP: return v.text.n > 0;
	default: return true;
	}
}

/* Arguments of message patterns are looked up as names in tags are. */
struct finder {
	struct render *render;
	const struct frame *frame;
};

static const struct node *
find_argument(void *ctx, struct str name)
{
	const struct finder *f = ctx;
	struct str segment[8];
	struct path p = { .kind = PATH_NAME, .segment = segment };
	for (struct str rest = name; rest.p != NULL;) {
		if (p.n == LEN(segment))
			return NULL;
		segment[p.n++] = str_cut(rest, '.', &rest);
	}
	return look_up(f->frame, &p);
}

/* The scratch buffer that `v` does not stand in, empty. */
static struct buf *
scratch_for(struct render *r, const struct value *v)
{
	struct buf *b = &r->scratch[0];
	if (v->text.p != NULL && v->text.p == b->p)
		b = &r->scratch[1];
	buf_reset(b);
	return b;
}

static void
become_text(struct render *r, struct value *v)
{
	if (!v->markup)
		return;
	struct buf *b = scratch_for(r, v);
	markup_text(b, v->text);
	*v = (struct value){ .text = buf_str(b), .missing = b->n == 0 };
}

static void
become_json(struct render *r, struct value *v)
{
	struct buf *b = scratch_for(r, v);
	if (v->missing && (v->node == NULL || v->node->kind == NODE_NULL)) {
		buf_put(b, STR("null"));
	} else if (v->node != NULL) {
		node_to_json(v->node, b);
		struct value whole = { .text = buf_str(b) };
		b = scratch_for(r, &whole);
		escape_json(b, whole.text);
	} else {
		json_quote(b, v->text);
	}
	*v = (struct value){ .text = buf_str(b) };
}

/* The path's text; empty if there is no path or nothing at its end. */
static struct str
text_at(struct render *r, const struct frame *f, const struct path *p)
{
	return p != NULL ? value_of(r, f, p).text : STR("");
}

static bool
become_list(struct render *r, const struct filter *filter, struct value *v, struct buf *out)
{
	const struct formatter *fm = r->formatter;
	struct arena *a = arena_new();
	size_t n = 0;
	bool ok = v->node != NULL && v->node->kind == NODE_LIST;
	if (!ok)
		(void)err_set(r->err, ERR_SETUP, "is not a list");
	struct str *item = ARENA_ARRAY(a, struct str, ok ? v->node->count + 1 : 1);
	for (const struct node *k = ok ? v->node->first : NULL; k != NULL; k = k->next) {
		const struct frame inner = { .node = k };
		const struct node *text = filter->other != NULL ? look_up(&inner, filter->other) : k;
		if (text != NULL && text->text.n > 0)
			item[n++] = text->text;
	}
	ok = ok && fm->list(fm->ctx, item, n, filter->skeleton, out, r->err);
	arena_free(a);
	return ok;
}

static bool
become_formatted(struct render *r, const struct frame *f, const struct filter *filter,
    struct value *v)
{
	const struct formatter *fm = r->formatter;
	if (fm == NULL)
		return err_set(r->err, ERR_SETUP, "no locale to format with");
	if (v->missing)
		return true; /* nothing stays nothing */
	struct buf *b = scratch_for(r, v);
	const struct str other = text_at(r, f, filter->other), zone = text_at(r, f, filter->zone);
	bool ok = false;
	switch (filter->kind) {
	case FILTER_NUMBER:
		ok = fm->number(fm->ctx, v->text, filter->skeleton, b, r->err);
		break;
	case FILTER_DATE:
		ok = fm->date(fm->ctx, v->text, filter->skeleton, zone, b, r->err);
		break;
	case FILTER_RELATIVE:
		ok = fm->relative(fm->ctx, v->text, other, filter->skeleton, b, r->err);
		break;
	case FILTER_RANGE:
		ok = fm->range(fm->ctx, v->text, other, filter->skeleton, zone, b, r->err);
		break;
	case FILTER_LIST:
		ok = become_list(r, filter, v, b);
		break;
	case FILTER_JSON:
	case FILTER_TEXT:
	case FILTER_URL:
		break; /* of another kind: apply */
	}
	*v = (struct value){ .text = buf_str(b), .missing = b->n == 0 };
	return ok;
}

static bool
apply(struct render *r, const struct frame *f, const struct filter *filter, struct value *v)
{
	switch (filter->kind) {
	case FILTER_NUMBER:
	case FILTER_DATE:
	case FILTER_RELATIVE:
	case FILTER_RANGE:
	case FILTER_LIST:
		return become_formatted(r, f, filter, v);
	case FILTER_JSON:
		become_json(r, v);
		return true;
	case FILTER_TEXT:
		become_text(r, v);
		return true;
	case FILTER_URL: {
		become_text(r, v);
		struct buf *b = scratch_for(r, v);
		escape_component(b, v->text);
		*v = (struct value){ .text = buf_str(b), .missing = v->missing };
		return true;
	}
	}
	return false;
}

static bool
subject(struct render *r, const struct frame *f, const struct expr *e, struct value *out)
{
	if (e->kind == EXPR_PATH) {
		*out = value_of(r, f, &e->path);
		return true;
	}
	*out = (struct value){ .text = e->text, .missing = e->text.n == 0 };
	if (e->kind == EXPR_LITERAL)
		return true;
	if (r->formatter == NULL)
		return err_set(r->err, ERR_SETUP, "no locale to take the message from");
	struct finder finder = { r, f };
	struct buf *b = scratch_for(r, out);
	if (!r->formatter->message(r->formatter->ctx, e->text, find_argument, &finder, b, r->err))
		return false;
	*out = (struct value){ .text = buf_str(b), .missing = b->n == 0 };
	return true;
}

static bool
is_tree(const struct value *v)
{
	return v->node != NULL && (v->node->kind == NODE_LIST || v->node->kind == NODE_OBJECT);
}

/* What may not be written as it is: lists, objects; and as markup anything else. */
static bool
check_kind(const struct render *r, const struct op *op, const struct value *v)
{
	if (r->template->type == TEMPLATE_PLAIN)
		return true;
	if (is_tree(v))
		return err_set(r->err, ERR_SETUP, "is %s; use a section over it%s",
		    v->node->kind == NODE_LIST ? "a list" : "an object",
		    op->escape == ESCAPE_JSON_VALUE ? ", or | json" : "");
	if (op->at->raw && !v->markup && !v->missing && r->template->type != TEMPLATE_TEXT)
		return err_set(r->err, ERR_SETUP,
		    "is not markup in this document; write {{%.*s}}", STR_ARG(op->at->text));
	return true;
}

/* Markup goes out as markup into feeds and JSON, and as what people would read elsewhere. */
static bool
keeps_markup(const struct render *r, enum escape how)
{
	return r->template->type == TEMPLATE_PLAIN || how == ESCAPE_MARKUP ||
	    how == ESCAPE_XML_TEXT || how == ESCAPE_XML_ATTRIBUTE || how == ESCAPE_JSON_STRING;
}

static bool
write_value(struct render *r, const struct op *op, const struct frame *f)
{
	const struct expr *e = op->at->expr;
	struct value v;
	if (!subject(r, f, e, &v))
		return false;
	for (size_t i = 0; i < e->filters; i++) {
		bool whole = e->filter[i].kind == FILTER_JSON || e->filter[i].kind == FILTER_LIST;
		if ((!whole && !check_kind(r, op, &v)) || !apply(r, f, &e->filter[i], &v))
			return false;
	}
	if (!buf_ok(&r->scratch[0], r->err) || !buf_ok(&r->scratch[1], r->err) ||
	    !check_kind(r, op, &v))
		return false;
	if (!keeps_markup(r, op->escape))
		become_text(r, &v);
	return escape_put(r->out, op->escape, v.text, expr_ends_with(e, FILTER_URL), r->err);
}

static bool
render_value(struct render *r, const struct op *op, const struct frame *f)
{
	if (op->at->expr->kind == EXPR_PATH && op->at->expr->filters == 0 &&
	    op->escape == ESCAPE_NONE && r->template->type == TEMPLATE_PLAIN) {
		buf_put(r->out, value_of(r, f, &op->at->expr->path).text);
		return true;
	}
	const struct ast *at = op->at;
	return write_value(r, op, f) ||
	    err_in(r->err, "%.*s:%u:%u: '%.*s'", STR_ARG(at->file->path), at->line, at->column,
	        STR_ARG(at->text));
}

static void
put_indent(struct render *r, const struct indent *i)
{
	if (i == NULL)
		return;
	put_indent(r, i->up);
	buf_put(r->out, i->text);
}

static bool run(struct render *, const struct program *, const struct frame *,
    const struct indent *);

static bool
render_section(struct render *r, const struct op *op, const struct frame *f,
    const struct indent *indent)
{
	const struct node *n;
	bool yes = is_true(r, f, op->at->path, &n);
	if (op->kind == OP_INVERTED)
		return yes || run(r, op->program, f, indent);
	if (!yes)
		return true;
	struct frame inner = { .node = n, .up = f };
	if (n == NULL) /* @first, @last, @index: nothing to look up in */
		return run(r, op->program, f, indent);
	if (n->kind != NODE_LIST)
		return run(r, op->program, &inner, indent);
	inner.is_item = true;
	for (const struct node *k = n->first; k != NULL; k = k->next, inner.index++) {
		inner.node = k;
		inner.last = k->next == NULL;
		if (!run(r, op->program, &inner, indent))
			return false;
	}
	return true;
}

static bool
call(struct render *r, const struct op *op, const struct program *p, const struct frame *f,
    const struct indent *indent)
{
	struct indent deeper = { op->text, indent };
	if (r->depth == TEMPLATE_DEPTH_MAX)
		return fail(r, op->at, "partials are nested more than 64 deep; let them end");
	r->depth++;
	if (op->indents && op->text.n > 0)
		indent = &deeper;
	bool ok = run(r, p, f, op->indents ? indent : NULL);
	r->depth--;
	return ok;
}

/* Compiled for this rendering alone, so that templates stay read-only and shared. */
static bool
render_dynamic(struct render *r, const struct op *op, const struct frame *f,
    const struct indent *indent)
{
	const struct template *t = r->template;
	struct value v = value_of(r, f, op->at->path);
	const struct program *p;
	if (v.missing || v.text.n == 0)
		return true;
	if (r->compiler == NULL) {
		r->arena = arena_new();
		r->compiler = compiler_new(r->arena, t->type, t->source);
	}
	bool indented = op->indents && (indent != NULL || op->text.n > 0);
	if (!compile_partial(r->compiler, v.text, op->place, indented, op->at, &p, r->err))
		return false;
	return p == NULL || call(r, op, p, f, indent);
}

static bool
run_op(struct render *r, const struct op *op, const struct frame *f,
    const struct indent *indent)
{
	switch (op->kind) {
	case OP_TEXT:
		buf_put(r->out, op->text);
		return true;
	case OP_LINE:
		put_indent(r, indent);
		return true;
	case OP_VALUE: return render_value(r, op, f);
	case OP_SECTION:
	case OP_INVERTED: return render_section(r, op, f, indent);
	case OP_CALL: return call(r, op, op->program, f, indent);
	case OP_DYNAMIC: return render_dynamic(r, op, f, indent);
	}
	return false;
}

static bool
run(struct render *r, const struct program *p, const struct frame *f,
    const struct indent *indent)
{
	if (++r->steps > STEPS_MAX)
		return err_set(r->err, ERR_LIMIT, "%.*s: more than %d steps; loop over less",
		    STR_ARG(r->template->path), STEPS_MAX);
	for (size_t i = 0; i < p->n; i++, r->steps++)
		if (r->out->refused || !run_op(r, &p->op[i], f, indent))
			return false;
	return true;
}

bool
template_render(const struct template *t, const struct node *data,
    const struct formatter *formatter, struct buf *out, struct err *err)
{
	struct render r = { .template = t, .formatter = formatter, .out = out, .err = err };
	struct frame root = { .node = data };
	buf_init(&r.scratch[0], out->max);
	buf_init(&r.scratch[1], out->max);
	bool ok = run(&r, t->program, &root, NULL);
	if (out->refused)
		ok = buf_ok(out, err) || err_in(err, "%.*s", STR_ARG(t->path));
	buf_release(&r.scratch[0]);
	buf_release(&r.scratch[1]);
	arena_free(r.arena);
	return ok;
}

enum template_type
template_type_of(struct str name)
{
	static const struct {
		const char *ending;
		enum template_type type;
	} endings[] = { { ".html", TEMPLATE_HTML }, { ".htm", TEMPLATE_HTML },
		{ ".xml", TEMPLATE_XML }, { ".atom", TEMPLATE_XML }, { ".rss", TEMPLATE_XML },
		{ ".svg", TEMPLATE_XML }, { ".xhtml", TEMPLATE_XML }, { ".json", TEMPLATE_JSON },
		{ ".webmanifest", TEMPLATE_JSON } };
	for (size_t i = 0; i < LEN(endings); i++)
		if (str_ends(name, str_of(endings[i].ending)))
			return endings[i].type;
	return TEMPLATE_TEXT;
}

bool
template_compile(struct arena *a, struct str path, struct str text, enum template_type type,
    const struct template_source *source, struct template **out, struct err *err)
{
	struct compiler *c = compiler_new(a, type, source);
	const struct program *p;
	if (!compile_root(c, path, text, &p, err))
		return false;
	*out = ARENA_NEW(a, struct template);
	**out = (struct template){ type, source, p, path };
	return true;
}
