#include "generator/gate/language/plain.h"

#include <assert.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include "generator/gate/language/trait.h"

#define NOT_ALONE 0xFFFF /* no character: what becomes of a unit depends on its neighbours */

struct plain
plain_utf16(struct arena *a, struct str s)
{
	assert(s.n < INT32_MAX / 8);
	UErrorCode e = U_ZERO_ERROR;
	UChar *p = ARENA_ARRAY(a, UChar, s.n + 1);
	int32_t n = 0;
	while (n < (int32_t)s.n && (unsigned char)s.p[n] < 0x80) {
		p[n] = (UChar)s.p[n];
		n++;
	}
	if (n == (int32_t)s.n)
		return (struct plain){ p, n };
	u_strFromUTF8WithSub(p, (int32_t)s.n + 1, &n, s.p ? s.p : "", (int32_t)s.n, 0xFFFD, NULL, &e);
	return (struct plain){ p, U_FAILURE(e) ? 0 : n };
}

struct str
plain_utf8(struct arena *a, struct plain s)
{
	UErrorCode e = U_ZERO_ERROR;
	char *p = ARENA_ARRAY(a, char, 3 * (size_t)s.n + 1);
	int32_t n = 0;
	u_strToUTF8WithSub(p, 3 * s.n + 1, &n, s.p, s.n, 0xFFFD, NULL, &e);
	return (struct str){ p, U_FAILURE(e) ? 0 : (size_t)n };
}

static UChar32
shape_of(UChar32 c)
{
	int32_t digit = u_charDigitValue(c);
	if (digit >= 0)
		return '0' + digit;
	if (u_isUWhiteSpace(c))
		return ' ';
	switch (c) {
	case 0x2212: /* minus, to Unicode a symbol */
		return '-';
	case 0x2018: case 0x2019: case 0x201A: case 0x201B: case 0x2032: case 0x02BC:
		return '\'';
	case 0x201C: case 0x201D: case 0x201E: case 0x201F: case 0x00AB: case 0x00BB:
	case 0x2033:
		return '"';
	default:
		return u_charType(c) == U_DASH_PUNCTUATION ? '-' : c;
	}
}

static const UNormalizer2 *
nfkc(void)
{
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFKCInstance(&e);
	assert(U_SUCCESS(e));
	return form;
}

static const UNormalizer2 *
nfkc_casefold(void)
{
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFKCCasefoldInstance(&e);
	assert(U_SUCCESS(e));
	return form;
}

/* What the unit becomes in any text whose units all have an answer here: one unit. Where each
 * has a boundary before it, what a text becomes is what its units become, one by one. */
static uint16_t
alone(UChar c, const UNormalizer2 *form)
{
	UErrorCode e = U_ZERO_ERROR;
	UChar to[4];
	if (U16_IS_SURROGATE(c) || !unorm2_hasBoundaryBefore(form, c))
		return NOT_ALONE;
	int32_t n = unorm2_normalize(form, &c, 1, to, LEN(to), &e);
	return U_SUCCESS(e) && n == 1 ? (uint16_t)shape_of(to[0]) : NOT_ALONE;
}

static uint16_t
shape_alone(UChar c)
{
	return alone(c, nfkc());
}

static uint16_t
fold_alone(UChar c)
{
	return alone(c, nfkc_casefold());
}

static struct units shapes = { .make = shape_alone };
static struct units folds = { .make = fold_alone };

/* False, and *out is nothing, if a unit of the text depends on its neighbours. */
static bool
shaped_by_unit(struct arena *a, struct plain from, struct units *units, struct plain *out)
{
	UChar *p = ARENA_ARRAY(a, UChar, (size_t)from.n + 1);
	int32_t n = 0;
	for (int32_t i = 0; i < from.n; i++) {
		UChar c = units_at(units, from.p[i]);
		if (c == NOT_ALONE)
			return false;
		if (c != ' ' || (n > 0 && p[n - 1] != ' '))
			p[n++] = c;
	}
	n -= n > 0 && p[n - 1] == ' ';
	p[n] = 0;
	*out = (struct plain){ p, n };
	return true;
}

static struct plain
shaped(struct arena *a, struct plain from, struct units *units, const UNormalizer2 *form)
{
	struct plain quick;
	UErrorCode e = U_ZERO_ERROR;
	if (shaped_by_unit(a, from, units, &quick))
		return quick;
	/* The longest compatibility decomposition is of 18 characters; most grow not at all. */
	int32_t room = 2 * from.n + 64, n = 0;
	UChar *p = ARENA_ARRAY(a, UChar, (size_t)room + 1);
	n = unorm2_normalize(form, from.p, from.n, p, room, &e);
	if (e == U_BUFFER_OVERFLOW_ERROR) {
		e = U_ZERO_ERROR;
		p = ARENA_ARRAY(a, UChar, (size_t)n + 1);
		n = unorm2_normalize(form, from.p, from.n, p, n, &e);
	}
	assert(U_SUCCESS(e));
	int32_t out = 0;
	for (int32_t i = 0; i < n;) {
		UChar32 c;
		U16_NEXT(p, i, n, c);
		c = shape_of(c);
		if (c == ' ' && (out == 0 || p[out - 1] == ' '))
			continue;
		U16_APPEND_UNSAFE(p, out, c); /* never longer than what was read */
	}
	if (out > 0 && p[out - 1] == ' ')
		out--;
	p[out] = 0;
	return (struct plain){ p, out };
}

struct plain
plain_shape(struct arena *a, struct str s)
{
	return shaped(a, plain_utf16(a, s), &shapes, nfkc());
}

struct plain
plain_fold(struct arena *a, struct str s)
{
	return shaped(a, plain_utf16(a, s), &folds, nfkc_casefold());
}

struct plain_forms
plain_forms(struct arena *a, struct str s)
{
	struct plain text = plain_utf16(a, s);
	return (struct plain_forms){ text, shaped(a, text, &shapes, nfkc()),
		shaped(a, text, &folds, nfkc_casefold()) };
}

int32_t
plain_find(struct plain s, struct plain needle, int32_t from)
{
	if (needle.n == 0 || from > s.n)
		return -1;
	const UChar *at = u_strFindFirst(s.p + from, s.n - from, needle.p, needle.n);
	return at == NULL ? -1 : (int32_t)(at - s.p);
}

bool
plain_is_unspaced(UChar32 c)
{
	UErrorCode e = U_ZERO_ERROR;
	if (c >= 0 && c <= 0xFFFF)
		return (trait_of((UChar)c) & TRAIT_UNSPACED) != 0;
	return u_isalpha(c) && uscript_breaksBetweenLetters(uscript_getScript(c, &e));
}

static bool
splits(UChar32 inside, UChar32 outside)
{
	return u_isalnum(inside) && (u_isalnum(outside) || u_charType(outside) == U_NON_SPACING_MARK)
	    && !plain_is_unspaced(inside) && !plain_is_unspaced(outside);
}

int32_t
plain_find_word(struct plain s, struct plain needle, int32_t from)
{
	for (int32_t at = plain_find(s, needle, from); at >= 0; at = plain_find(s, needle, at + 1)) {
		int32_t end = at + needle.n;
		UChar32 before = ' ', first, last, after = ' ';
		if (at > 0)
			U16_GET(s.p, 0, at - 1, s.n, before);
		U16_GET(s.p, 0, at, s.n, first);
		U16_GET(s.p, 0, end - 1, s.n, last);
		if (end < s.n)
			U16_GET(s.p, 0, end, s.n, after);
		if (!splits(first, before) && !splits(last, after))
			return at;
	}
	return -1;
}

static bool
is_blank(UChar c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct plain
plain_trim(struct plain s)
{
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	return s;
}

int64_t
plain_length(struct plain s)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t lone = 0;
	while (lone < s.n && (trait_of(s.p[lone]) & TRAIT_LONE) != 0)
		lone++;
	if (lone == s.n)
		return s.n;
	UBreakIterator *it = ubrk_open(UBRK_CHARACTER, "root", s.p, s.n, &e);
	int64_t n = 0;
	while (U_SUCCESS(e) && ubrk_next(it) != UBRK_DONE)
		n++;
	ubrk_close(it);
	return n;
}
