/*
 * url: how far into a URL the literal text of an attribute has come, so that values can be
 * checked (a whole URL) or encoded (a part of one).
 */
#ifndef GENERATOR_TEMPLATE_URL_H
#define GENERATOR_TEMPLATE_URL_H

#include "generator/template/context.h"

enum url_part {
	URL_START,     /* nothing yet */
	URL_WORD,      /* a scheme, or the first segment of a relative path; kept in `word` */
	URL_SLASH,     /* one leading slash */
	URL_SLASHES,   /* behind "https:" or "//" */
	URL_AUTHORITY, /* host and port */
	URL_PATH,
	URL_QUERY,     /* or fragment */
	URL_ADDRESS,   /* behind "mailto:" or "tel:" */
	URL_VALUE,     /* behind a whole URL that was a value */
	URL_RELATIVE,  /* behind a value in the first segment of a relative path */
	URL_REFUSED,   /* behind another scheme: no value may follow */
};

void url_literal(struct context *, char);
bool url_value(struct context *, enum escape *out, struct complaint *);

#endif
