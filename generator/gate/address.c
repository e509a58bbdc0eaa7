#include "generator/gate/address.h"

#include <ctype.h>

/* As browsers parse (WHATWG URL): a last label that starts with a digit makes the host an
 * IPv4 address, whatever its spelling ("0x7f.1", "2130706433"). */
static bool
is_number_host(struct str host)
{
	size_t dot = host.n;
	while (dot > 0 && host.p[dot - 1] != '.')
		dot--;
	return dot < host.n && isdigit((unsigned char)host.p[dot]);
}

static const char *
host_fault(struct str host)
{
	if (host.n == 0)
		return "no host";
	if (host.n > 253)
		return "a host that is too long";
	if (host.p[0] == '[' || is_number_host(host))
		return "an IP address instead of a host name";
	if (memchr(host.p, '.', host.n) == NULL)
		return "a host without a domain";
	for (size_t i = 0; i < host.n; i++) {
		unsigned char c = (unsigned char)host.p[i];
		bool edge = i == 0 || i + 1 == host.n || host.p[i - 1] == '.' || host.p[i + 1] == '.';
		if (!(islower(c) || isdigit(c) || (c == '-' && !edge) || (c == '.' && !edge)))
			return c >= 0x80 ? "a host in other letters than ASCII (write it as xn--...)"
			    : "a host with a character that host names do not have";
	}
	return NULL;
}

static const char *
bytes_fault(struct str url)
{
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];
		if (c <= ' ' || c == 0x7F)
			return "a blank, tab or line break in it, which browsers skip";
		if (c == '\\')
			return "a backslash in it, which browsers take for a slash";
	}
	return NULL;
}

const char *
address_fault(struct arena *a, struct str url, struct str *host)
{
	static const char scheme[] = "https://";
	*host = STR("");
	const char *fault = bytes_fault(url);
	if (fault != NULL)
		return fault;
	if (url.n < sizeof scheme - 1 || strncasecmp(url.p, scheme, sizeof scheme - 1) != 0)
		return "not an https:// address";
	struct str rest = { url.p + sizeof scheme - 1, url.n - (sizeof scheme - 1) };
	size_t end = 0;
	while (end < rest.n && strchr("/?#", rest.p[end]) == NULL)
		end++;
	struct str authority = { rest.p, end };
	if (memchr(authority.p, '@', authority.n) != NULL)
		return "a user name before the host, which hides the host";
	char *lower = ARENA_ARRAY(a, char, authority.n + 1);
	for (size_t i = 0; i < authority.n; i++)
		lower[i] = (char)tolower((unsigned char)authority.p[i]);
	struct str port = { NULL, 0 }, name = { lower, authority.n };
	if (authority.n > 0 && authority.p[0] != '[')
		name = str_cut(name, ':', &port);
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	*host = name;
	if (port.p != NULL && !str_eq(port, STR("443")))
		return "a port of its own";
	return host_fault(name);
}

bool
address_is_allowed(struct str host, const struct policy_words *hosts)
{
	for (size_t i = 0; i < hosts->n; i++) {
		struct str h = hosts->item[i];
		if (str_eq(host, h)
		    || (host.n > h.n && str_ends(host, h) && host.p[host.n - h.n - 1] == '.'))
			return true;
	}
	return hosts->n == 0;
}
