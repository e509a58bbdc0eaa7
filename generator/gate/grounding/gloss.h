/*
 * gloss: a passage made ready for grounding: case folded, digits of any script as ASCII, every
 * dash as '-', every blank as ' '; each unit knows where in the passage it came from. The
 * words and names that a language knows are tagged. What a rule has understood is used up.
 */
#ifndef GENERATOR_GATE_GROUNDING_GLOSS_H
#define GENERATOR_GATE_GROUNDING_GLOSS_H

#include "generator/gate/language/language.h"

struct tag {
	int32_t start, end;
	const struct language_name *name; /* either */
	const struct language_word *word; /* or */
};

struct gloss {
	const struct language *language;
	struct str source;
	UChar *p; /* NUL-terminated */
	int32_t n;
	int32_t *at;   /* n + 1 offsets into source, in bytes */
	bool *is_used; /* n + 1 */
	const struct tag *tag; /* by start; of one start the longest first */
	size_t tags;
};

void gloss_make(struct arena *, const struct language *, struct str source, struct gloss *out);
/* The folded text alone. */
struct plain gloss_fold(struct arena *, struct str);
/* The passage's own words for [start, end). */
struct str gloss_source(const struct gloss *, int32_t start, int32_t end);
void gloss_use(struct gloss *, int32_t start, int32_t end);
bool gloss_is_used(const struct gloss *, int32_t start, int32_t end);

/* The tag of a word of this kind that starts, or ends, exactly there; NULL if none. */
const struct tag *gloss_word_at(const struct gloss *, int32_t start, enum word_kind);
const struct tag *gloss_word_before(const struct gloss *, int32_t end, enum word_kind);
const struct tag *gloss_name_at(const struct gloss *, int32_t start, enum name_kind);
const struct tag *gloss_name_before(const struct gloss *, int32_t end, enum name_kind);
/* Index of the first tag that starts at or after the place. */
size_t gloss_tag_from(const struct gloss *, int32_t start);

/* Behind blanks from `i`; in front of blanks up to `i`. */
int32_t gloss_skip(const struct gloss *, int32_t i);
int32_t gloss_back(const struct gloss *, int32_t i);
bool gloss_has(const struct gloss *, int32_t i, const char *ascii);
bool gloss_is_digit(const struct gloss *, int32_t i);
bool gloss_is_letter(const struct gloss *, int32_t i);
/* Does the sentence end with the character at `i`? */
bool gloss_ends_sentence(const struct gloss *, int32_t i);
/* Digits from `i`: their number, 0 if none; *end is behind them. At most 9 digits count. */
int gloss_digits(const struct gloss *, int32_t i, int32_t *end, int64_t *value);

#endif
