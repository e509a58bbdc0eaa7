/*
 * escape: text into its output context. Every function appends; invalid UTF-8 becomes
 * U+FFFD, and control characters that the format cannot carry are dropped.
 */
#ifndef GENERATOR_TEMPLATE_ESCAPE_H
#define GENERATOR_TEMPLATE_ESCAPE_H

#include "base/buf.h"
#include "base/err.h"

/* How a value goes out; chosen by the compiler, see context_value. */
enum escape {
	ESCAPE_NONE,
	ESCAPE_PLAIN,       /* the Mustache spec: & < > " ' */
	ESCAPE_HTML,        /* text, and quoted attribute values */
	ESCAPE_MARKUP,      /* HTML text; safe markup verbatim */
	ESCAPE_URL,         /* a whole URL in an attribute: checked */
	ESCAPE_URL_AFTER,   /* follows a whole URL: empty, or begins with one slash */
	ESCAPE_URL_PATH,    /* percent-encoded but for "/" */
	ESCAPE_URL_QUERY,   /* percent-encoded */
	ESCAPE_URL_ADDRESS, /* after "mailto:" or "tel:": percent-encoded but for "@" and "+" */
	ESCAPE_XML_TEXT,
	ESCAPE_XML_ATTRIBUTE,
	ESCAPE_JSON_STRING, /* inside the quotes */
	ESCAPE_JSON_VALUE,  /* a number, true, false or null, or what `json` made */
};

/* ERR_INPUT if the value cannot stand there: a URL with a forbidden scheme, text that is not
 * a JSON value. `encoded`: it went through the `url` filter, so '%' stays. */
bool escape_put(struct buf *out, enum escape, struct str value, bool encoded, struct err *);
/* Percent-encode everything but unreserved characters (RFC 3986, section 2.3). */
void escape_component(struct buf *out, struct str value);
/* JSON that may hold '<', '>', '&', U+2028 or U+2029 in its strings, with these escaped. */
void escape_json(struct buf *out, struct str json);
/* XHTML markup as plain text: tags removed, references decoded, a blank between blocks. */
void markup_text(struct buf *out, struct str markup);

#endif
