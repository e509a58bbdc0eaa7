/*
 * expr: what stands inside a value tag: a name, a quoted text or a message, then filters.
 *     facts.high | number ".0"        "2026-11-20T18:00:00Z" | date "yMMMd"        message key
 */
#ifndef GENERATOR_TEMPLATE_EXPR_H
#define GENERATOR_TEMPLATE_EXPR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define EXPR_FILTERS 4

enum path_kind { PATH_NAME, PATH_HERE, PATH_FIRST, PATH_LAST, PATH_INDEX };

struct path {
	enum path_kind kind;
	struct str *segment; /* "a.b" is two */
	size_t n;
	struct str source; /* as written */
};

enum filter_kind {
	FILTER_NUMBER,
	FILTER_DATE,
	FILTER_RELATIVE,
	FILTER_RANGE,
	FILTER_LIST,
	FILTER_JSON,
	FILTER_TEXT,
	FILTER_URL,
};

struct filter {
	enum filter_kind kind;
	struct str skeleton;      /* NUMBER, DATE, RANGE; a style of RELATIVE, LIST */
	const struct path *other; /* RELATIVE: now; RANGE: its end; LIST: of each item, or NULL */
	const struct path *zone;  /* DATE, RANGE; NULL is UTC */
};

enum expr_kind { EXPR_PATH, EXPR_LITERAL, EXPR_MESSAGE };

struct expr {
	enum expr_kind kind;
	struct path path;
	struct str text; /* LITERAL: the text; MESSAGE: its key */
	struct filter filter[EXPR_FILTERS];
	size_t filters;
	struct str source; /* as written */
};

/* `plain`: everything is one dotted name, as the Mustache spec has it. The error says what is
 * wrong and what to do, without a position. */
bool expr_parse(struct arena *, struct str source, bool plain, struct expr *out, struct err *);
bool path_parse(struct arena *, struct str source, bool plain, struct path *out, struct err *);
/* Is the last filter of this kind? */
bool expr_ends_with(const struct expr *, enum filter_kind);

#endif
