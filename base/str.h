/*
 * str: borrowed text with its length. Not NUL-terminated; may hold any byte.
 * The bytes belong to whoever made them, usually an arena that outlives the str.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
/* A str over a string literal; usable in static initialisers as STR_INIT. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_INIT(literal) { "" literal, sizeof(literal) - 1 }
/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "")

static inline struct str
str_of(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Byte order, shorter first on a tie: the order of canonical JSON and of our listings. */
int str_cmp(struct str a, struct str b);
/* The part before the first `c`; *rest is what follows it, or empty with p == NULL if none. */
struct str str_cut(struct str s, char c, struct str *rest);
/* `s` without ASCII white space at both ends. */
struct str str_trim(struct str s);
/* Decimal digits only, no sign, at most 2^53; false on anything else. */
bool str_to_u64(struct str s, uint64_t *out);
/* Well-formed UTF-8 (RFC 3629) without NUL. */
bool str_is_utf8(struct str s);
/* Bytes of the well-formed character that `s` starts with: 1 to 4; 0 if there is none. */
size_t str_utf8_length(struct str s);

#endif
