/*
 * compile: parsed files and an output context to programs. A program is the form of one file
 * or block in one context, with one set of overrides; whatever can be decided before there
 * is data has been. Programs are read-only once compiled.
 */
#ifndef GENERATOR_TEMPLATE_COMPILE_H
#define GENERATOR_TEMPLATE_COMPILE_H

#include "generator/template/ast.h"
#include "generator/template/context.h"

#define TEMPLATE_UNITS_MAX 4096 /* compiled forms of one template */
#define TEMPLATE_DEPTH_MAX 64   /* partials and blocks inside each other */

/* Which block is overridden by which text; outer overrides win over inner ones. */
struct overrides {
	const struct ast **block;
	size_t n;
};

enum op_kind {
	OP_TEXT,
	OP_LINE, /* the indentation that is in force */
	OP_VALUE,
	OP_SECTION,
	OP_INVERTED,
	OP_CALL,    /* a partial, parent or override */
	OP_DYNAMIC, /* a partial whose name is a value: compiled while rendering */
};

struct op;
struct program {
	const struct op *op;
	size_t n;
};

/* In what surroundings a dynamic partial is compiled. */
struct place {
	struct context context;
	const struct overrides *overrides;
};

struct op {
	enum op_kind kind;
	enum escape escape; /* VALUE */
	bool indents;       /* CALL, DYNAMIC: text is put before every line; else none is */
	struct str text;    /* TEXT; CALL, DYNAMIC */
	const struct program *program; /* SECTION, INVERTED: the body; CALL */
	const struct place *place;     /* DYNAMIC */
	const struct ast *at;          /* names, and where errors point */
};

struct compiler;
struct compiler *compiler_new(struct arena *, enum template_type,
    const struct template_source *);
/* The template's own text; it must end where a file may end. */
bool compile_root(struct compiler *, struct str path, struct str text,
    const struct program **out, struct err *);
/* A partial that leaves the context as it found it. *out is NULL if there is none. */
bool compile_partial(struct compiler *, struct str name, const struct place *, bool indented,
    const struct ast *at, const struct program **out, struct err *);

struct template {
	enum template_type type;
	const struct template_source *source;
	const struct program *program;
	struct str path;
};

#endif
