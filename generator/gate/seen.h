/*
 * seen: what a run remembers between documents: the accepted ones (for duplicates), and what
 * is costly to make and the same for each (languages, compiled patterns).
 */
#ifndef GENERATOR_GATE_SEEN_H
#define GENERATOR_GATE_SEEN_H

#include <unicode/uregex.h>

#include "base/http.h"
#include "generator/gate/gate.h"

#define SIGNATURE 128 /* minima of a MinHash signature: a standard error of 3 per cent or less */

/* The prose as a set of shingles, in small. */
struct signature {
	uint32_t minimum[SIGNATURE];
	struct digest exact; /* of the folded prose */
	size_t shingles;
};
void signature_make(struct arena *, const struct gate_input *, struct signature *out);
/* Estimated per cent of shingles that both have. */
int64_t signature_percent(const struct signature *, const struct signature *);

/* An accepted document of the same vertical and locale with this id, or NULL: its `where`. */
const struct str *seen_id(const struct seen *, const struct document *);
/* The most similar accepted document of the same vertical and locale; NULL if none is near. */
const struct str *seen_similar(const struct seen *, const struct document *,
    const struct signature *, int64_t *percent);
/* The signature is borrowed. */
void seen_remember(struct seen *, const struct document *, const struct signature *);
/* Made by seen_tools? Then nothing is remembered, and gates_judge leaves the signature in
 * seen_signature. */
bool seen_is_tools(const struct seen *);
struct signature *seen_signature(struct seen *);
/* One that lives as long as the run. */
struct signature *seen_signature_new(struct seen *);
/* What the duplicates gate has to say; `in` needs document, policy, arena and severity. */
void seen_compare(const struct seen *, const struct gate_input *, const struct gate *,
    const struct signature *, struct findings *out);

/* Ask the network; how is decided by who made the run: base/http.h, unless seen_answers says
 * otherwise. */
bool seen_exchange(const struct seen *, struct arena *, const struct http_request *,
    struct http_response *out, struct err *);
typedef bool exchange_fn(void *ctx, struct arena *, const struct http_request *,
    struct http_response *out, struct err *);
/* Take answers from a function instead of the network. */
void seen_answers(struct seen *, exchange_fn *, void *ctx);

const struct language *seen_language(struct seen *, struct str locale);
/* The compiled pattern, reset to `text`. `pattern` must be a literal: it is the key. */
URegularExpression *seen_pattern(const struct seen *, const char *pattern, const UChar *text,
    int32_t n);

#endif
