#include "publisher/config/value.h"

#include <arpa/inet.h>
#include <inttypes.h>

#include "base/clock.h"

#define URL_BYTES_MAX 512

bool
value_ms(struct str text, int64_t min, int64_t max, int64_t *out, struct err *err)
{
	uint64_t ms;
	int64_t s, value;
	struct str digits = { text.p, text.n > 2 ? text.n - 2 : 0 };
	if (str_ends(text, STR("ms")) && str_to_u64(digits, &ms) && ms <= INT32_MAX)
		value = (int64_t)ms;
	else if (duration_parse(text, &s, NULL) && s <= INT32_MAX)
		value = s * 1000;
	else
		return err_set(err, ERR_SETUP, "'%.*s' is no duration such as 500ms, 2s or 5m",
		    STR_ARG(text));
	if (value < min || value > max)
		return err_set(err, ERR_SETUP, "'%.*s' is not within %" PRId64 "ms and %" PRId64
		    "ms", STR_ARG(text), min, max);
	*out = value;
	return true;
}

static unsigned
unit_shift(char unit)
{
	switch (unit) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

bool
value_bytes(struct str text, uint64_t min, uint64_t max, size_t *out, struct err *err)
{
	uint64_t value;
	unsigned shift = text.n > 0 ? unit_shift(text.p[text.n - 1]) : 0;
	struct str digits = { text.p, text.n - (shift > 0) };
	if (!str_to_u64(digits, &value) || value > (UINT64_MAX >> shift))
		return err_set(err, ERR_SETUP, "'%.*s' is no size such as 65536, 512K, 256M or 2G",
		    STR_ARG(text));
	value <<= shift;
	if (value < min || value > max)
		return err_set(err, ERR_SETUP, "'%.*s' is not within %" PRIu64 " and %" PRIu64
		    " bytes", STR_ARG(text), min, max);
	*out = (size_t)value;
	return true;
}

bool
value_number(struct str text, unsigned min, unsigned max, unsigned *out, struct err *err)
{
	uint64_t value;
	if (!str_to_u64(text, &value) || value < min || value > max)
		return err_set(err, ERR_SETUP, "'%.*s' is no number from %u to %u", STR_ARG(text),
		    min, max);
	*out = (unsigned)value;
	return true;
}

bool
value_percent(struct str text, unsigned *out, struct err *err)
{
	if (str_ends(text, STR("%")))
		text.n--;
	return value_number(text, 0, 100, out, err);
}

static bool
url_bytes_are_fine(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}?#@", c) != NULL)
			return false;
	}
	return true;
}

bool
value_url(struct arena *a, struct str text, const char **out, struct err *err)
{
	struct str rest = text;
	while (str_ends(rest, STR("/")))
		rest.n--;
	size_t scheme = str_starts(rest, STR("https://")) ? 8
	    : str_starts(rest, STR("http://")) ? 7 : 0;
	if (scheme == 0 || rest.n == scheme || rest.p[scheme] == '/' || rest.n > URL_BYTES_MAX
	    || !url_bytes_are_fine(rest))
		return err_set(err, ERR_SETUP,
		    "'%.*s' is no URL such as http://127.0.0.1:6081 (no user, no query)",
		    STR_ARG(text));
	*out = arena_copy(a, rest).p;
	return true;
}

static bool
is_address(const char *text)
{
	struct in6_addr bytes;
	return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1;
}

bool
value_listen(struct arena *a, struct str text, const char **address, uint16_t *port,
    struct err *err)
{
	size_t colon = text.n;
	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	struct str host = { text.p, colon > 0 ? colon - 1 : 0 };
	struct str digits = { text.p + colon, text.n - colon };
	bool bracketed = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	if (bracketed)
		host = (struct str){ host.p + 1, host.n - 2 };
	const char *name = arena_copy(a, host).p;
	uint64_t number = 0;
	if (!is_address(name) || bracketed != (strchr(name, ':') != NULL)
	    || !str_to_u64(digits, &number) || number > UINT16_MAX)
		return err_set(err, ERR_SETUP,
		    "'%.*s' is no address and port such as 127.0.0.1:8080 or [::1]:8080",
		    STR_ARG(text));
	*address = name;
	*port = (uint16_t)number;
	return true;
}

static bool
is_between(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

bool
value_list(struct arena *a, struct str text, size_t max, struct str **out, size_t *n,
    struct err *err)
{
	struct str *word = ARENA_ARRAY(a, struct str, max);
	size_t words = 0;
	for (size_t i = 0; i < text.n;) {
		size_t start = i;
		while (i < text.n && !is_between(text.p[i]))
			i++;
		if (i > start && words == max)
			return err_set(err, ERR_SETUP, "more than %zu in the list", max);
		if (i > start)
			word[words++] = (struct str){ text.p + start, i - start };
		i += i == start;
	}
	*out = word;
	*n = words;
	return true;
}
