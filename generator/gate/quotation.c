#include "generator/gate/quotation.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define CLOSERS 3

/* Some marks open in one language and close in another: „x“, “x”, ”x”, «x», »x«. */
static const struct {
	UChar32 open, close[CLOSERS];
} marks[] = {
	{ '"', { '"' } },
	{ 0x201C, { 0x201D, 0x201C } },
	{ 0x201D, { 0x201D } },
	{ 0x201E, { 0x201C, 0x201D, 0x201E } },
	{ 0xAB, { 0xBB } },
	{ 0xBB, { 0xAB, 0xBB } },
	{ 0x300C, { 0x300D } },
	{ 0x300E, { 0x300F } },
	{ 0xFF02, { 0xFF02 } },
};

static size_t
mark_of(UChar32 c)
{
	size_t i = 0;
	while (i < LEN(marks) && marks[i].open != c)
		i++;
	return i;
}

static bool
closes(size_t mark, UChar32 c)
{
	for (size_t i = 0; i < CLOSERS; i++)
		if (marks[mark].close[i] != 0 && marks[mark].close[i] == c)
			return true;
	return false;
}

/* Where the text that mark opened ends, and what is behind its closing mark; 0 if nowhere. */
static size_t
close_at(struct str s, size_t from, size_t mark, size_t *behind)
{
	const uint8_t *p = (const uint8_t *)s.p;
	for (int32_t i = (int32_t)from; i < (int32_t)s.n;) {
		int32_t start = i;
		UChar32 c, next = 0;
		U8_NEXT(p, i, (int32_t)s.n, c);
		if (!closes(mark, c))
			continue;
		if (i < (int32_t)s.n)
			U8_GET(p, 0, i, (int32_t)s.n, next);
		/* A mark that opens as well closes only where no word begins. */
		if (mark_of(c) < LEN(marks) && next > 0 && u_isalnum(next))
			continue;
		*behind = (size_t)i;
		return (size_t)start;
	}
	return 0;
}

bool
quotation_next(struct str s, size_t *at, size_t *start, struct str *out)
{
	const uint8_t *p = (const uint8_t *)s.p;
	UChar32 before = 0;
	for (int32_t i = (int32_t)*at; i < (int32_t)s.n;) {
		size_t here = (size_t)i, behind;
		UChar32 c;
		U8_NEXT(p, i, (int32_t)s.n, c);
		size_t mark = mark_of(c);
		/* 5" is five inches */
		bool opens = mark < LEN(marks)
		    && (marks[mark].open == 0x300C || marks[mark].open == 0x300E || before <= 0
		        || !u_isalnum(before));
		before = c;
		size_t end = opens ? close_at(s, (size_t)i, mark, &behind) : 0;
		if (end == 0)
			continue;
		*start = here;
		*out = (struct str){ s.p + i, end - (size_t)i };
		*at = behind;
		return true;
	}
	*at = s.n;
	return false;
}
