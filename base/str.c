#include "base/str.h"

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq((struct str){ s.p, prefix.n }, prefix);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n
	    && (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

struct str
str_cut(struct str s, char c, struct str *rest)
{
	const char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);
	if (at == NULL) {
		*rest = (struct str){ NULL, 0 };
		return s;
	}
	size_t n = (size_t)(at - s.p);
	*rest = (struct str){ at + 1, s.n - n - 1 };
	return (struct str){ s.p, n };
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	return s;
}

bool
str_to_u64(struct str s, uint64_t *out)
{
	const uint64_t max = UINT64_C(1) << 53;
	uint64_t value = 0;
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(s.p[i] - '0');
		if (value > max)
			return false;
	}
	*out = value;
	return true;
}

/* RFC 3629, section 4: the second byte's range depends on the first. */
size_t
str_utf8_length(struct str s)
{
	if (s.n == 0)
		return 0;
	const unsigned char *b = (const unsigned char *)s.p;
	if (b[0] < 0x80)
		return 1;
	size_t n = b[0] >= 0xc2 && b[0] <= 0xdf ? 2
	    : b[0] >= 0xe0 && b[0] <= 0xef      ? 3
	    : b[0] >= 0xf0 && b[0] <= 0xf4      ? 4
	                                        : 0;
	if (n == 0 || n > s.n)
		return 0;
	unsigned char low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;
	if (b[1] < low || b[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool
str_is_utf8(struct str s)
{
	while (s.n > 0) {
		if (s.p[0] != '\0' && (unsigned char)s.p[0] < 0x80) {
			s.p++;
			s.n--;
			continue;
		}
		size_t n = str_utf8_length(s);
		if (n == 0 || s.p[0] == '\0')
			return false;
		s.p += n;
		s.n -= n;
	}
	return true;
}
