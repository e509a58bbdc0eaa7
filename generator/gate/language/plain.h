/* plain: text made comparable through ICU, as UTF-16. Lives in the arena. */
#ifndef GENERATOR_GATE_LANGUAGE_PLAIN_H
#define GENERATOR_GATE_LANGUAGE_PLAIN_H

#include <unicode/umachine.h>

#include "base/arena.h"

struct plain {
	const UChar *p; /* NUL-terminated as well */
	int32_t n;
};

/* UTF-16; ill-formed bytes become U+FFFD. */
struct plain plain_utf16(struct arena *, struct str);
struct str plain_utf8(struct arena *, struct plain);
/* NFKC; digits of any script as ASCII; one blank for each run of white space; '-' for every
 * dash and minus, ' and " for every quotation mark. */
struct plain plain_shape(struct arena *, struct str);
/* As plain_shape, and case folded, without what is invisible (NFKC_Casefold). */
struct plain plain_fold(struct arena *, struct str);
/* All three at once, for texts that are looked at in each. */
struct plain_forms {
	struct plain text, shape, fold;
};
struct plain_forms plain_forms(struct arena *, struct str);
/* Where `needle` stands in `s` at or after `from`, -1 if nowhere. As a word: not within a
 * longer run of letters and digits, except in scripts that do not separate words. */
int32_t plain_find(struct plain s, struct plain needle, int32_t from);
int32_t plain_find_word(struct plain s, struct plain needle, int32_t from);
/* Without ASCII white space at both ends, as str_trim. */
struct plain plain_trim(struct plain);
/* Characters as a reader counts them (extended grapheme clusters). */
int64_t plain_length(struct plain);
/* Han, Hiragana, Katakana, Thai and others, which are written without blanks. */
bool plain_is_unspaced(UChar32);

#endif
