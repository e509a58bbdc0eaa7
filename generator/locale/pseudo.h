/*
 * pseudo: locales that nobody reads, for testing layouts with the English messages:
 *   en-xa   accents, vowels doubled (about 40 % longer), brackets around each message: text that
 *           is cut off, set in a font without accents or not from the messages shows at once
 *   ar-xb   every word written right to left on right-to-left pages
 * `edgepress render --pseudo` uses them; documents in them are refused (gate locale).
 */
#ifndef GENERATOR_LOCALE_PSEUDO_H
#define GENERATOR_LOCALE_PSEUDO_H

#include "base/arena.h"
#include "base/str.h"

enum pseudo { PSEUDO_NONE, PSEUDO_LONG, PSEUDO_BIDI };

/* What the locale "en-xa" or "ar-xb" is; PSEUDO_NONE for any other. */
enum pseudo pseudo_of(struct str tag);
/* The words of a message so; text without letters stays as it is. */
struct str pseudo_text(struct arena *, enum pseudo, struct str text);

#endif
