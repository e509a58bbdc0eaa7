/*
 * bidi: text of one direction inside text of the other. A Latin model name in an Arabic sentence
 * is set apart by FSI and PDI (U+2068, U+2069; UAX #9, 2.4.2), so that neither its brackets nor
 * the numbers beside it jump; this holds in plain text, attributes and JSON as well as in HTML,
 * where <bdi> says the same.
 */
#ifndef GENERATOR_LOCALE_BIDI_H
#define GENERATOR_LOCALE_BIDI_H

#include "base/buf.h"

/* Has the text a letter of the other direction than `rtl`? */
bool bidi_differs(struct str text, bool rtl);
/* The text, set apart if it has. */
void bidi_put(struct buf *out, struct str text, bool rtl);

#endif
