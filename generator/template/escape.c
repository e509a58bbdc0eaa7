#include "generator/template/escape.h"

#include <unicode/utf8.h>

#include "generator/document/node.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* What stands for an ASCII character; NULL is the character itself. */
struct table {
	const char *ascii[128];
	bool json;     /* U+2028 and U+2029 end lines in scripts */
	bool xml;      /* U+FFFE and U+FFFF cannot stand in XML */
	bool verbatim; /* beyond ASCII, nothing is looked at */
};

#define DROP_CONTROLS [0 ... 8] = "", [11 ... 31] = "", [127] = ""

static const struct table plain = {
	.ascii = { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;",
		['\''] = "&#39;" },
	.verbatim = true,
};
static const struct table html = {
	.ascii = { DROP_CONTROLS, ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;",
		['"'] = "&quot;", ['\''] = "&#39;", ['`'] = "&#96;", ['='] = "&#61;" },
	.xml = true, /* URLs in XML come through here too */
};
static const struct table xml_text = {
	.ascii = { DROP_CONTROLS, ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;" },
	.xml = true,
};
static const struct table xml_attribute = {
	.ascii = { [0 ... 8] = "", [11 ... 31] = "", [127] = "", ['\t'] = "&#9;",
		['\n'] = "&#10;", ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;",
		['"'] = "&quot;", ['\''] = "&#39;" },
	.xml = true,
};
#define U(hex) "\\u00" hex
static const struct table in_json_string = {
	.ascii = { "\\ufffd", U("01"), U("02"), U("03"), U("04"), U("05"), U("06"), U("07"), "\\b",
		"\\t", "\\n", U("0b"), "\\f", "\\r", U("0e"), U("0f"), U("10"), U("11"), U("12"),
		U("13"), U("14"), U("15"), U("16"), U("17"), U("18"), U("19"), U("1a"), U("1b"),
		U("1c"), U("1d"), U("1e"), U("1f"), ['"'] = "\\\"", ['\\'] = "\\\\",
		['<'] = U("3c"), ['>'] = U("3e"), ['&'] = U("26"), [127] = U("7f") },
	.json = true,
};
/* Over JSON that is already written: only what a script element must not see. */
static const struct table over_json = {
	.ascii = { ['<'] = U("3c"), ['>'] = U("3e"), ['&'] = U("26") },
	.json = true,
};

/* The code point at p (*n bytes of it), or -1 and n = 1 if there is none. */
static int32_t
utf8_next(const char *p, const char *end, size_t *n)
{
	int32_t c, i = 0, most = end - p < U8_MAX_LENGTH ? (int32_t)(end - p) : U8_MAX_LENGTH;
	U8_NEXT(p, i, most, c);
	*n = c < 0 ? 1 : (size_t)i;
	return c;
}

static const char *
beyond_ascii(const struct table *t, int32_t c)
{
	if (c < 0 || (t->xml && (c == 0xFFFE || c == 0xFFFF)))
		return REPLACEMENT;
	if (t->json && c == 0x2028)
		return "\\u2028";
	return t->json && c == 0x2029 ? "\\u2029" : NULL;
}

static void
put(struct buf *out, struct str s, const struct table *t)
{
	const char *end = s.p + s.n, *from = s.p;
	for (const char *p = s.p; p < end;) {
		size_t n = 1;
		unsigned char b = (unsigned char)*p;
		const char *instead = b < 0x80 ? t->ascii[b]
		    : t->verbatim              ? NULL
		                               : beyond_ascii(t, utf8_next(p, end, &n));
		if (instead != NULL) {
			buf_put(out, (struct str){ from, (size_t)(p - from) });
			buf_put(out, str_of(instead));
			from = p + n;
		}
		p += n;
	}
	if (from < end)
		buf_put(out, (struct str){ from, (size_t)(end - from) });
}

static bool
is_unreserved(unsigned char b)
{
	return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') ||
	    b == '-' || b == '.' || b == '_' || b == '~';
}

static void
percent(struct buf *out, const char *p, size_t n)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < n; i++) {
		const char code[] = { '%', hex[(unsigned char)p[i] >> 4],
			hex[(unsigned char)p[i] & 15] };
		buf_put(out, (struct str){ code, sizeof code });
	}
}

/* Percent-encode all but unreserved bytes and those in `also`; never two slashes in a row. */
static void
put_percent(struct buf *out, struct str s, const char *also)
{
	const char *end = s.p + s.n;
	for (const char *p = s.p; p < end;) {
		size_t n;
		int32_t c = utf8_next(p, end, &n);
		bool twice = c == '/' && out->n > 0 && out->p[out->n - 1] == '/';
		if (c < 0)
			percent(out, REPLACEMENT, 3);
		else if (c > 0 && c < 128 && !twice &&
		    (is_unreserved((unsigned char)c) || strchr(also, c)))
			buf_putc(out, *p);
		else
			percent(out, p, n);
		p += n;
	}
}

void
escape_component(struct buf *out, struct str value)
{
	put_percent(out, value, "");
}

void
escape_json(struct buf *out, struct str json)
{
	put(out, json, &over_json);
}

/* Browsers take tabs and line breaks out of a URL, and white space and controls around it. */
static struct str
url_trim(struct str s)
{
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

static bool
starts_nocase(struct str s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && strncasecmp(s.p, word, n) == 0;
}

/* Is this a URL that may be published: https, http, mailto, or relative to this host? */
static bool
url_check(struct str s, struct err *err)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127)
			return err_set(err, ERR_INPUT, "a control character in a URL");
	if (memchr(s.p, '\\', s.n))
		return err_set(err, ERR_INPUT, "a backslash in a URL");
	size_t n = 0;
	while (n < s.n && !memchr("/?#:", s.p[n], 4))
		n++;
	if (n == s.n || s.p[n] != ':') /* no scheme */
		return (s.n < 2 || memcmp(s.p, "//", 2) != 0) ||
		    err_set(err, ERR_INPUT, "a URL that begins with //; write its scheme");
	if (starts_nocase(s, "mailto:"))
		return true;
	size_t host = starts_nocase(s, "https://") ? 8 : starts_nocase(s, "http://") ? 7 : 0;
	if (host == 0)
		return err_set(err, ERR_INPUT,
		    "the scheme of '%.*s' is not https, http or mailto", s.n < 60 ? (int)s.n : 60,
		    s.p);
	return (host < s.n && !memchr("/?#", s.p[host], 3)) ||
	    err_set(err, ERR_INPUT, "a URL without a host");
}

static bool
put_url(struct buf *out, struct str value, struct err *err)
{
	struct str s = url_trim(value);
	if (s.n > 0 && !url_check(s, err))
		return false;
	put(out, s, &html);
	return true;
}

/* No segment of a part of a path may be "." or "..": it would climb out of the author's. */
static bool
segments_stay(struct str s, struct err *err)
{
	for (struct str rest = s; rest.p != NULL;) {
		struct str segment = str_cut(rest, '/', &rest);
		if (str_eq(segment, STR(".")) || str_eq(segment, STR("..")))
			return err_set(err, ERR_INPUT, "'.' or '..' as a part of a URL's path");
	}
	return true;
}

static bool
put_url_path(struct buf *out, struct str value, bool encoded, struct err *err)
{
	if (!segments_stay(value, err))
		return false;
	put_percent(out, value, encoded ? "%" : "/");
	return true;
}

static bool
put_json_value(struct buf *out, struct str value, struct err *err)
{
	if (value.n == 0)
		buf_put(out, STR("null"));
	else if (text_is_number(value) || str_eq(value, STR("true")) ||
	    str_eq(value, STR("false")) || str_eq(value, STR("null")))
		buf_put(out, value);
	else
		return err_set(err, ERR_SETUP,
		    "'%.*s' is not a JSON number, true or false; add | json, or quotes around it",
		    value.n < 60 ? (int)value.n : 60, value.p);
	return true;
}

bool
escape_put(struct buf *out, enum escape how, struct str value, bool encoded, struct err *err)
{
	switch (how) {
	case ESCAPE_NONE:
	case ESCAPE_MARKUP:
		buf_put(out, value);
		return true;
	case ESCAPE_PLAIN:
		put(out, value, &plain);
		return true;
	case ESCAPE_HTML:
		put(out, value, &html);
		return true;
	case ESCAPE_XML_TEXT:
		put(out, value, &xml_text);
		return true;
	case ESCAPE_XML_ATTRIBUTE:
		put(out, value, &xml_attribute);
		return true;
	case ESCAPE_JSON_STRING:
		put(out, value, &in_json_string);
		return true;
	case ESCAPE_JSON_VALUE:
		return put_json_value(out, value, err);
	case ESCAPE_URL:
		return put_url(out, value, err);
	case ESCAPE_URL_AFTER:
		if (value.n > 0 && (value.p[0] != '/' || encoded))
			return err_set(err, ERR_INPUT,
			    "a value behind a whole URL has to begin with a slash");
		return put_url_path(out, value, false, err);
	case ESCAPE_URL_PATH:
		return put_url_path(out, value, encoded, err);
	case ESCAPE_URL_QUERY:
		put_percent(out, value, encoded ? "%" : "");
		return true;
	case ESCAPE_URL_ADDRESS:
		put_percent(out, value, encoded ? "%" : "@+");
		return true;
	}
	return false;
}
