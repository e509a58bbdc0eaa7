#include "base/path.h"

#define PATH_BYTES_MAX 512

static bool
is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
segment_is_safe(struct str s, bool upper)
{
	if (s.n == 0 || s.p[0] == '.' || s.p[s.n - 1] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!is_lower_or_digit(c) && c != '-' && c != '.' && c != '_'
		    && !(upper && c >= 'A' && c <= 'Z'))
			return false;
	}
	return true;
}

static bool
is_safe(struct str s, bool upper)
{
	if (s.n == 0 || s.n > PATH_BYTES_MAX)
		return false;
	struct str rest = s;
	do {
		if (!segment_is_safe(str_cut(rest, '/', &rest), upper))
			return false;
	} while (rest.p != NULL);
	return true;
}

bool
path_is_safe(struct str s)
{
	return is_safe(s, false);
}

bool
key_is_safe(struct str s)
{
	return is_safe(s, true);
}

bool
name_is_safe(struct str s, size_t max)
{
	if (s.n == 0 || s.n > max || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_lower_or_digit(s.p[i]) && (s.p[i] != '-' || s.p[i - 1] == '-'))
			return false;
	return true;
}
