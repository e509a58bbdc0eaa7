/*
 * message: ICU message patterns, as translators know them:
 *   {name}  {name, number}  {name, number, ::SKELETON}  {name, date, ::SKELETON}
 *   {name, plural, offset:1 =0 {none} one {# day} other {# days}}
 *   {name, selectordinal, …}  {name, select, up {rose} other {stood still}}
 * Apostrophes quote as in ICU: only before { } and, inside a plural, #; '' is one apostrophe.
 * Two things are ours: a name may be a dotted path ("facts.high"), and a style may hold {name},
 * replaced by that argument's text ("::currency/{currency}"); in a date style the second word
 * is an IANA time zone ("::yMMMdjm {zone}"). A text that is inserted and holds letters of the
 * other direction is set apart (bidi.h).
 */
#ifndef GENERATOR_LOCALE_MESSAGE_H
#define GENERATOR_LOCALE_MESSAGE_H

#include "base/buf.h"
#include "generator/document/node.h"
#include "generator/locale/pseudo.h"

#define MESSAGE_MAX 4096 /* bytes of one pattern */
#define MESSAGE_DEPTH 8  /* plurals inside selects inside plurals */

struct message;

/* What a pattern needs from a locale. */
struct message_env {
	void *ctx;
	/* `skeleton` may be empty: the locale's plain number. */
	bool (*number)(void *ctx, struct str value, struct str skeleton, struct buf *out,
	    struct err *);
	/* `zone` may be empty: UTC. */
	bool (*date)(void *ctx, struct str value, struct str skeleton, struct str zone,
	    struct buf *out, struct err *);
	/* CLDR plural category ("few"), a constant, of a decimal number. */
	bool (*category)(void *ctx, struct str value, bool ordinal, struct str *out,
	    struct err *);
	bool rtl;           /* the pattern's own direction */
	enum pseudo pseudo; /* what becomes of its words */
};

/* `find` answers an argument by name, NULL if there is none. */
typedef const struct node *message_find(void *find_ctx, struct str name);

/* ERR_INPUT: "column 12: what is wrong". Styles without {name} are tried out at once. The
 * message lives in the arena and borrows `pattern`. */
bool message_parse(struct arena *, struct str pattern, const struct message_env *,
    const struct message **out, struct err *);
/* Appends to `out`. A missing argument is ERR_INPUT, except of a select, which takes "other". */
bool message_format(const struct message *, const struct message_env *, message_find *find,
    void *find_ctx, struct buf *out, struct err *);

/* What a pattern asks for, each time that it does. */
struct message_visitor {
	void *ctx;
	/* An argument, also one that stands in a style. */
	void (*argument)(void *ctx, struct str name);
	/* A plural, with its cases as written ("one", "=0"); optional. */
	void (*plural)(void *ctx, bool ordinal, const struct str *choice, size_t n);
};
void message_visit(const struct message *, const struct message_visitor *);

#endif
