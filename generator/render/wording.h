/*
 * wording: are the messages of all languages what the templates ask for? Nothing is rendered:
 * the templates say which keys they use, the English (or root) pattern which arguments there
 * are, ICU which plural categories a language has.
 */
#ifndef GENERATOR_RENDER_WORDING_H
#define GENERATOR_RENDER_WORDING_H

#include "generator/document/document.h"

enum wording_kind {
	WORDING_MISSING,   /* a locale takes the key from English, or from nowhere */
	WORDING_UNUSED,    /* no template says the key */
	WORDING_SYNTAX,    /* the pattern or the file cannot be read */
	WORDING_ARGUMENTS, /* others than those of the English pattern */
	WORDING_PLURAL,    /* lacks a category of the language, or has one that it does not know */
	WORDING_KINDS
};

struct wording_finding {
	enum wording_kind kind;
	struct str file; /* of the message; of MISSING, the file in which it should be */
	unsigned line;   /* 0: of none */
	struct str locale, key;
	struct str text; /* what is wrong, in people's words */
};
struct wording {
	struct wording_finding *finding; /* by file, line and key */
	size_t n;
	struct str *locale; /* that were looked at, sorted */
	size_t locales;
	size_t keys; /* that the templates of all verticals use, each counted once a vertical */
};

/* "missing" and so on. */
const char *wording_kind_name(enum wording_kind);
/* `locale` may be NULL: then all locales that have a file. Templates that do not compile are an
 * error, messages that do not are findings. */
bool wording_check(struct arena *, const struct catalog *, const struct schemas *,
    const struct str *locale, size_t locales, struct wording *out, struct err *);

#endif
