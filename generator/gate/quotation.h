/* quotation: which parts of a text stand in quotation marks, of any language. */
#ifndef GENERATOR_GATE_QUOTATION_H
#define GENERATOR_GATE_QUOTATION_H

#include "base/str.h"

/* The next text in quotation marks in s at or behind byte *at, without its marks; *at moves
 * behind the closing one, *start is where the opening one stands. False if there is none.
 * Single marks are apostrophes as often, and do not count. */
bool quotation_next(struct str s, size_t *at, size_t *start, struct str *out);

#endif
