/*
 * ast: a template file as its author wrote it: literal text, tags and their nesting, with
 * the white space of standalone tags taken out. Knows nothing of output contexts. Read-only
 * once parsed; lives in the arena it was parsed into.
 */
#ifndef GENERATOR_TEMPLATE_AST_H
#define GENERATOR_TEMPLATE_AST_H

#include "generator/template/expr.h"
#include "generator/template/template.h"

#define TEMPLATE_FILE_MAX (1024 * 1024)
#define TEMPLATE_NEST_MAX 32 /* sections, blocks and parents inside each other in one file */

enum ast_kind {
	AST_TEXT,
	AST_LINE, /* a line begins: text is its leading white space */
	AST_VALUE,
	AST_SECTION,
	AST_INVERTED,
	AST_PARTIAL,
	AST_PARENT, /* its children are AST_BLOCKs, the overrides */
	AST_BLOCK,
};

struct ast {
	enum ast_kind kind;
	struct str text;         /* literal, white space of a line, or name */
	const struct expr *expr; /* VALUE */
	const struct path *path; /* SECTION, INVERTED; PARTIAL and PARENT with a dynamic name */
	/* Of PARTIAL and PARENT: put before every line, if `lines`. Of a BLOCK: before every
	 * line of what overrides it, if `lines`; the author's own text has it already. */
	struct str indent;
	bool lines;    /* the tag stands at the start of a line */
	bool inline_;  /* a BLOCK that shares its line with other text */
	bool own_lines; /* an override whose text begins on a line of its own */
	bool raw;      /* VALUE without escaping */
	unsigned line, column; /* from 1; columns are bytes */
	const struct file *file;
	struct ast *first, *last, *next;
};

struct file {
	struct str name; /* as a partial; empty for the template itself */
	struct str path; /* as errors name it */
	struct ast root; /* its children are the file */
	struct file *next;
};

/* ERR_INPUT: "path:line:column: what; what to do". PLAIN knows no filters, no @names. */
bool ast_parse(struct arena *, struct file *, struct str text, enum template_type,
    struct err *);
/* Set an ERR_INPUT error that points at `at`. */
void ast_error_(const struct ast *at, struct err *, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define ast_error(at, e, ...) (ast_error_(at, e, __VA_ARGS__), false) /* as err_set */

#endif
