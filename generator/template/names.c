#include "generator/template/names.h"

#include "generator/template/compile.h"

#define SCOPE_MAX 64
#define VISITS_MAX 20000 /* programs in scopes; what lies beyond is not judged */
#define NEAR_MAX 40      /* bytes of a name that is compared with others */

/* The shapes in which a name is looked up, outermost first; each stands there once, since a
 * shape that is met again hides nothing new. */
struct scope {
	const struct shape *shape[SCOPE_MAX];
	size_t n;
};

struct visit {
	const struct program *program;
	struct scope scope;
	struct visit *next;
};

struct walk {
	struct arena *arena;
	struct visit *visits;
	size_t count;
	/* Called for every path; false stops. `found` is NULL if it leads nowhere. */
	bool (*see)(struct walk *, const struct ast *at, const struct path *,
	    const struct scope *, const struct shape *found);
	void *ctx;
};

const struct shape shape_any = { .kind = SHAPE_ANY };
const struct shape shape_scalar = { .kind = SHAPE_SCALAR };

struct shape *
shape_object(struct arena *a)
{
	struct shape *s = ARENA_NEW(a, struct shape);
	s->kind = SHAPE_OBJECT;
	return s;
}

const struct shape *
shape_list(struct arena *a, const struct shape *item)
{
	struct shape *s = ARENA_NEW(a, struct shape);
	*s = (struct shape){ .kind = SHAPE_LIST, .item = item };
	return s;
}

void
shape_add(struct arena *a, struct shape *object, struct str name, const struct shape *shape)
{
	ARENA_GROW(a, object->member, object->members, object->room);
	object->member[object->members++] = (struct shape_member){ name, shape };
}

const struct shape *
shape_member(const struct shape *object, struct str name)
{
	for (size_t i = 0; i < object->members; i++)
		if (str_eq(object->member[i].name, name))
			return object->member[i].shape;
	return NULL;
}

static const struct shape *
step(const struct shape *s, struct str name)
{
	uint64_t position;
	switch (s->kind) {
	case SHAPE_ANY: return &shape_any;
	case SHAPE_OBJECT: return shape_member(s, name);
	case SHAPE_LIST: return str_to_u64(name, &position) ? s->item : NULL;
	case SHAPE_SCALAR: break;
	}
	return NULL;
}

/* Where the path leads from this shape; *wrong is the segment that leads nowhere, and *at the
 * shape that lacks it. */
static const struct shape *
follow(const struct shape *s, const struct path *p, size_t *wrong, const struct shape **at)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct shape *next = step(s, p->segment[i]);
		if (next == NULL) {
			*wrong = i;
			*at = s;
			return NULL;
		}
		s = next;
	}
	return s;
}

/* Names are looked for from the inside out. Where several shapes have the name, which one is
 * met depends on what the document leaves out. */
static const struct shape *
resolve(const struct scope *scope, const struct path *p)
{
	const struct shape *found = NULL;
	if (p->kind == PATH_HERE)
		return scope->shape[scope->n - 1];
	if (p->kind != PATH_NAME)
		return &shape_scalar; /* @first, @last, @index */
	for (size_t i = scope->n; i > 0; i--) {
		size_t wrong;
		const struct shape *at, *s = scope->shape[i - 1];
		if (s->kind != SHAPE_OBJECT && s->kind != SHAPE_ANY)
			continue;
		s = follow(s, p, &wrong, &at);
		if (s != NULL && found != NULL && s != found)
			return &shape_any;
		found = found != NULL ? found : s;
	}
	return found;
}

static void
scope_push(struct scope *scope, const struct shape *s)
{
	size_t n = 0;
	for (size_t i = 0; i < scope->n; i++)
		if (scope->shape[i] != s)
			scope->shape[n++] = scope->shape[i];
	if (n == SCOPE_MAX)
		scope->shape[--n] = &shape_any;
	scope->shape[n] = s;
	scope->n = n + 1;
}

/* Is this the first time here? */
static bool
visit(struct walk *w, const struct program *p, const struct scope *scope)
{
	for (const struct visit *v = w->visits; v != NULL; v = v->next)
		if (v->program == p && v->scope.n == scope->n
		    && memcmp(v->scope.shape, scope->shape, scope->n * sizeof *scope->shape) == 0)
			return false;
	if (w->count++ == VISITS_MAX)
		return false;
	struct visit *v = ARENA_NEW(w->arena, struct visit);
	*v = (struct visit){ p, *scope, w->visits };
	w->visits = v;
	return true;
}

static bool walk(struct walk *, const struct program *, const struct scope *);

static bool
walk_section(struct walk *w, const struct op *op, const struct scope *scope)
{
	const struct shape *s = resolve(scope, op->at->path);
	struct scope inner = *scope;
	if (!w->see(w, op->at, op->at->path, scope, s))
		return false;
	if (op->kind == OP_INVERTED)
		return walk(w, op->program, scope);
	if (s == NULL)
		return true; /* never rendered */
	if (op->at->path->kind == PATH_NAME || op->at->path->kind == PATH_HERE)
		scope_push(&inner, s->kind == SHAPE_LIST ? s->item : s);
	return walk(w, op->program, &inner);
}

static bool
walk_value(struct walk *w, const struct op *op, const struct scope *scope)
{
	const struct expr *e = op->at->expr;
	if (e->kind == EXPR_PATH && !w->see(w, op->at, &e->path, scope, resolve(scope, &e->path)))
		return false;
	for (size_t i = 0; i < e->filters; i++) {
		const struct filter *f = &e->filter[i];
		/* What a list is made of is looked up in its items, which may differ. */
		const struct path *path[] = { f->kind == FILTER_LIST ? NULL : f->other, f->zone };
		for (size_t k = 0; k < LEN(path); k++)
			if (path[k] != NULL
			    && !w->see(w, op->at, path[k], scope, resolve(scope, path[k])))
				return false;
	}
	return true;
}

static bool
walk(struct walk *w, const struct program *p, const struct scope *scope)
{
	bool ok = true;
	if (!visit(w, p, scope))
		return true;
	for (size_t i = 0; ok && i < p->n; i++) {
		const struct op *op = &p->op[i];
		if (op->kind == OP_VALUE)
			ok = walk_value(w, op, scope);
		else if (op->kind == OP_SECTION || op->kind == OP_INVERTED)
			ok = walk_section(w, op, scope);
		else if (op->kind == OP_CALL)
			ok = walk(w, op->program, scope);
	}
	return ok;
}

/* ---- elsewhere: does another vertical have it? ---- */

struct excuse {
	const struct ast *at;
	const struct path *path;
	bool found;
};

static bool
see_excuse(struct walk *w, const struct ast *at, const struct path *p,
    const struct scope *scope, const struct shape *found)
{
	struct excuse *e = w->ctx;
	(void)scope;
	e->found = at == e->at && p == e->path && found != NULL;
	return !e->found;
}

static bool
is_excused(const struct template *t, const struct names_shared *shared, const struct ast *at,
    const struct path *p)
{
	struct excuse e = { at, p, false };
	struct str path = at->file->path;
	if (shared == NULL || memmem(path.p, path.n, shared->folder.p, shared->folder.n) == NULL)
		return false;
	for (size_t i = 0; !e.found && i < shared->n; i++) {
		struct walk w = { .arena = arena_new(), .see = see_excuse, .ctx = &e };
		struct scope scope = { { shared->root[i] }, 1 };
		(void)walk(&w, t->program, &scope);
		arena_free(w.arena);
	}
	return e.found;
}

/* ---- complaints ---- */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edit distance (Levenshtein). Both are short. */
static size_t
distance(struct str a, struct str b)
{
	size_t row[NEAR_MAX + 1];
	for (size_t k = 0; k <= b.n; k++)
		row[k] = k;
	for (size_t i = 0; i < a.n; i++) {
		size_t corner = row[0];
		row[0] = i + 1;
		for (size_t k = 0; k < b.n; k++) {
			size_t change = corner + (a.p[i] != b.p[k]);
			corner = row[k + 1];
			row[k + 1] = least(change, least(row[k], row[k + 1]) + 1);
		}
	}
	return row[b.n];
}

/* The member whose name is most like it, if one is. */
static struct str
nearest(const struct shape *s, struct str name, struct str best, size_t *bound)
{
	for (size_t i = 0; name.n <= NEAR_MAX && i < s->members; i++) {
		struct str other = s->member[i].name;
		size_t d = other.n <= NEAR_MAX ? distance(name, other) : *bound;
		if (d < *bound) {
			*bound = d;
			best = other;
		}
	}
	return best;
}

static struct str
names_of(struct arena *a, const struct shape *s)
{
	struct buf *b = buf_in(a, 300);
	for (size_t i = 0; i < s->members; i++) {
		if (b->n > 0)
			buf_put(b, STR(", "));
		buf_put(b, s->member[i].name);
	}
	return b->refused ? arena_printf(a, "%.*s ...", STR_ARG(buf_str(b))) : buf_str(b);
}

struct judging {
	const struct template *template;
	const struct names_shared *shared;
	struct err *err;
};

/* The shape that should have had the name: the one that knew the beginning of the path, else
 * the innermost object; all are searched for what might be meant. */
static bool
complain(struct walk *w, const struct ast *at, const struct path *p, const struct scope *scope)
{
	struct judging *j = w->ctx;
	const struct shape *lacks = NULL;
	size_t wrong = 0, bound = least(3, p->segment[0].n / 2 + 1);
	struct str meant = { 0 };
	for (size_t i = scope->n; i > 0; i--) {
		const struct shape *s = scope->shape[i - 1], *place = s;
		size_t k = 0;
		if (s == NULL || s->kind != SHAPE_OBJECT)
			continue;
		(void)follow(s, p, &k, &place);
		if (lacks == NULL || k > wrong) {
			lacks = place;
			wrong = k;
			meant = (struct str){ 0 };
			bound = least(3, p->segment[k].n / 2 + 1);
		}
		if (k == wrong)
			meant = nearest(place, p->segment[k], meant, &bound);
	}
	struct str name = p->segment[wrong];
	struct str before = { p->source.p, (size_t)(name.p - p->source.p) };
	before.n -= before.n > 0;
	struct str in = before.n > 0
	    ? arena_printf(w->arena, "no '%.*s' in '%.*s'", STR_ARG(name), STR_ARG(before))
	    : arena_printf(w->arena, "nothing here is called '%.*s'", STR_ARG(name));
	if (meant.n > 0)
		return ast_error(at, j->err, "%.*s; did you mean '%.*s'?", STR_ARG(in), STR_ARG(meant));
	if (lacks != NULL && lacks->kind == SHAPE_OBJECT)
		return ast_error(at, j->err, "%.*s; there are %.*s", STR_ARG(in),
		    STR_ARG(names_of(w->arena, lacks)));
	return ast_error(at, j->err, "%.*s; it is %s", STR_ARG(in),
	    lacks != NULL && lacks->kind == SHAPE_LIST
	        ? "a list: use a section over it, or a position" : "a single value");
}

static bool
see_name(struct walk *w, const struct ast *at, const struct path *p, const struct scope *scope,
    const struct shape *found)
{
	struct judging *j = w->ctx;
	return found != NULL || is_excused(j->template, j->shared, at, p)
	    || complain(w, at, p, scope);
}

bool
template_names(const struct template *t, const struct shape *root,
    const struct names_shared *shared, struct err *err)
{
	struct judging j = { t, shared, err };
	struct walk w = { .arena = arena_new(), .see = see_name, .ctx = &j };
	struct scope scope = { { root }, 1 };
	bool ok = walk(&w, t->program, &scope);
	arena_free(w.arena);
	return ok;
}
