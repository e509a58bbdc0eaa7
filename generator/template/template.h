/*
 * template: Mustache (the public specification with inheritance and dynamic names), compiled
 * once, then evaluated over a node tree. In a typed template (all but TEMPLATE_PLAIN) the
 * escaping follows the output context, and formatting is at hand. docs/templates.md is the
 * reference for authors.
 *   {{path}} {{.}} {{"text"}}          a value, escaped for where it stands
 *   {{path | number "SKELETON"}}       ICU number skeleton
 *   {{path | date "SKELETON"}}         ICU date skeleton, UTC; {{path | date "SKELETON" zone}}
 *                                      takes the IANA zone from another path
 *   {{path | relative "STYLE" now}}    one time seen from another: "in 3 hours"
 *   {{path | range "SKELETON" end}}    two dates, the zone from a third path or UTC
 *   {{path | list "STYLE"}}            a list of texts as a sentence has it: "a, b and c";
 *                                      {{path | list "STYLE" name}}: of its items' `name`
 *   {{path | json}}                    a whole JSON value, also of an object, list or text
 *   {{path | text}}                    markup as plain text
 *   {{path | url}}                     percent-encoded, as a part of a URL
 *   {{message key}}                    an ICU message pattern whose arguments are looked up
 *                                      by name in the context; filters may follow
 *   {{@first}} {{@last}} {{@index}}    inside a list section; true/false, from 0
 *   {{{path}}}                         only for elements of the schema type `markup`
 */
#ifndef GENERATOR_TEMPLATE_TEMPLATE_H
#define GENERATOR_TEMPLATE_TEMPLATE_H

#include "base/buf.h"
#include "generator/document/node.h"

enum template_type {
	TEMPLATE_PLAIN, /* the Mustache spec as it is: HTML escape, {{{raw}}} */
	TEMPLATE_HTML,
	TEMPLATE_XML,
	TEMPLATE_JSON,
	TEMPLATE_TEXT,  /* no escaping: text/plain and the like */
};

/* From a file name's ending: .html; .xml .atom .rss; .json .webmanifest; else TEXT. */
enum template_type template_type_of(struct str file_name);

/* What the compiler asks of its surroundings. */
struct template_source {
	void *ctx;
	/* Text of a partial; *path is how errors name it. ERR_ABSENT if there is none. */
	bool (*partial)(void *ctx, struct str name, struct str *text, struct str *path,
	    struct err *);
	/* May {{{name}}} stand unescaped? The last segment of the path. NULL: never in a typed
	 * template. */
	bool (*is_markup)(void *ctx, struct str name);
	/* Is there such a message in any language? `where` names file, line and column. NULL:
	 * only rendering will tell. */
	bool (*has_message)(void *ctx, struct str key, struct str where);
	/* {{>*name}}, a partial named by a value, is allowed: then `partial` is also called by
	 * template_render, from as many threads as that is; what it gives lives as long as
	 * that rendering. */
	bool dynamic;
};

/* Formatting, provided by the locale. The value is the text of a node. */
struct formatter {
	void *ctx;
	bool (*number)(void *ctx, struct str value, struct str skeleton, struct buf *out,
	    struct err *);
	bool (*date)(void *ctx, struct str rfc3339, struct str skeleton, struct str zone,
	    struct buf *out, struct err *);
	/* phrase.h says what these three give. */
	bool (*list)(void *ctx, const struct str *item, size_t n, struct str style,
	    struct buf *out, struct err *);
	bool (*relative)(void *ctx, struct str when, struct str now, struct str style,
	    struct buf *out, struct err *);
	bool (*range)(void *ctx, struct str from, struct str to, struct str skeleton,
	    struct str zone, struct buf *out, struct err *);
	/* `find` answers an argument by name, NULL if there is none. */
	bool (*message)(void *ctx, struct str key,
	    const struct node *(*find)(void *find_ctx, struct str name), void *find_ctx,
	    struct buf *out, struct err *);
};

struct template;

/* ERR_INPUT: "path:line:column: what; what to do"; ERR_ABSENT for a missing partial of a typed
 * template (in PLAIN it renders as nothing). The template lives in the arena; `path`, `text`
 * and the source must live as long. Immutable: may be rendered by many threads at once. */
bool template_compile(struct arena *, struct str path, struct str text, enum template_type,
    const struct template_source *, struct template **out, struct err *);
/* Appends to `out`, which a failure leaves with a part. `formatter` may be NULL: then number,
 * date and message are ERR_SETUP. ERR_INPUT names template, line and path of a value that
 * cannot stand in its place; ERR_LIMIT: output over its bound, or over 20 million steps. */
bool template_render(const struct template *, const struct node *data,
    const struct formatter *, struct buf *out, struct err *);

#endif
