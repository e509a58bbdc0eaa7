/*
 * json: strict reading (RFC 8259) and two ways of writing, over jansson. Duplicate member
 * names, NUL, invalid UTF-8 and depth over 64 are refused.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"

/* The value lives in the arena. ERR_INPUT names line and column. */
bool json_parse(struct arena *, struct str text, json_t **out, struct err *);
/* A new object or array that lives in the arena; children are set with json_..._set_new. */
json_t *json_new_object(struct arena *);
json_t *json_new_array(struct arena *);
/* A string value (reference owned by the caller, for ..._set_new); must be UTF-8. */
json_t *json_str(struct str);
/* Canonical JSON (OLPC, as TUF 1.0 section 4.2.1 asks): sorted keys, no blanks, integers
 * only; ERR_INPUT on a real number. */
bool json_canonical(const json_t *, struct buf *out, struct err *);
/* Sorted keys, two-space indent, newline at the end: stable bytes for files people read. */
bool json_pretty(const json_t *, struct buf *out, struct err *);
/* A JSON string with its quotes; `<`, `>`, `&`, U+2028 and U+2029 as \u escapes, so that the
 * result is also safe inside an HTML script element. Invalid UTF-8 becomes U+FFFD. */
void json_quote(struct buf *out, struct str);

/* Members of an object: ERR_INPUT naming the member if it is absent or of another type.
 * Text is borrowed from the value. */
bool field_text(const json_t *, const char *name, struct str *out, struct err *);
bool field_int(const json_t *, const char *name, int64_t min, int64_t max, int64_t *out,
    struct err *);
bool field_digest(const json_t *, const char *name, struct digest *out, struct err *);
bool field_time(const json_t *, const char *name, int64_t *out, struct err *);
bool field_object(const json_t *, const char *name, const json_t **out, struct err *);
bool field_array(const json_t *, const char *name, const json_t **out, struct err *);
/* Empty (n == 0) if the member is absent; an error if it is there with another type. */
bool field_text_opt(const json_t *, const char *name, struct str *out, struct err *);

#endif
