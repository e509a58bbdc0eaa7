#include "generator/render/sound.h"

#define JSON_DEPTH 64   /* as json_parse */
#define MEMBERS_MAX 256 /* names of open objects that are remembered */
#define DIGITS_MAX 15   /* of a number: far from what overflows */
#define OPEN_MAX 64     /* elements */
#define ATTRIBUTES_MAX 24

/* What is being read; past its end stands nothing: every look asks first. */
struct cursor {
	const char *p, *end;
};

static bool
at(const struct cursor *c, char b)
{
	return c->p < c->end && *c->p == b;
}

static bool
skip(struct cursor *c, struct str what)
{
	if ((size_t)(c->end - c->p) < what.n || memcmp(c->p, what.p, what.n) != 0)
		return false;
	c->p += what.n;
	return true;
}

static bool
is_digit(char b)
{
	return b >= '0' && b <= '9';
}

static bool
is_hex(char b)
{
	return is_digit(b) || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F');
}

static bool
is_blank(char b)
{
	return b == ' ' || b == '\n' || b == '\t' || b == '\r';
}

static void
skip_blanks(struct cursor *c)
{
	while (c->p < c->end && is_blank(*c->p))
		c->p++;
}

/* One character beyond ASCII. XML excludes U+FFFE and U+FFFF; JSON may have them. */
static bool
skip_character(struct cursor *c)
{
	size_t n = str_utf8_length((struct str){ c->p, (size_t)(c->end - c->p) });
	if (n == 0 || (n == 3 && memcmp(c->p, "\xef\xbf", 2) == 0 && (unsigned char)c->p[2] >= 0xbe))
		return false;
	c->p += n;
	return true;
}

/* JSON */

struct members {
	struct str name[MEMBERS_MAX];
	size_t n;
};

/* Behind the first quote, up to behind the last. `is_plain`: without escapes. */
static bool
json_text(struct cursor *c, struct str *out, bool *is_plain)
{
	const char *from = c->p;
	*is_plain = true;
	while (c->p < c->end && *c->p != '"') {
		unsigned char b = (unsigned char)*c->p;
		if (b < 0x20)
			return false;
		if (b >= 0x80) {
			if (!skip_character(c))
				return false;
			continue;
		}
		c->p++;
		if (b != '\\')
			continue;
		*is_plain = false;
		/* Other characters, say halves of surrogates, are jansson's to judge. */
		if (!skip(c, STR("u003")) && !skip(c, STR("u002"))
		        ? c->p == c->end || memchr("\"\\/bfnrt", *c->p, 8) == NULL
		        : c->p == c->end || !is_hex(*c->p))
			return false;
		c->p++;
	}
	*out = (struct str){ from, (size_t)(c->p - from) };
	return skip(c, STR("\""));
}

static bool
json_number(struct cursor *c)
{
	const char *from = c->p;
	if (at(c, '-'))
		c->p++;
	const char *first = c->p;
	while (c->p < c->end && is_digit(*c->p))
		c->p++;
	if (c->p == first || (*first == '0' && c->p > first + 1))
		return false;
	if (at(c, '.')) {
		const char *point = c->p++;
		while (c->p < c->end && is_digit(*c->p))
			c->p++;
		if (c->p == point + 1)
			return false;
	}
	return c->p - from <= DIGITS_MAX && !at(c, 'e') && !at(c, 'E');
}

static bool json_value(struct cursor *, struct members *, unsigned depth);

/* Behind the brace. Names with escapes might be the same as others: jansson compares them. */
static bool
json_object_rest(struct cursor *c, struct members *m, unsigned depth)
{
	size_t mine = m->n;
	skip_blanks(c);
	if (skip(c, STR("}")))
		return true;
	do {
		struct str name;
		bool is_plain;
		skip_blanks(c);
		if (!skip(c, STR("\"")) || !json_text(c, &name, &is_plain) || !is_plain
		    || m->n == MEMBERS_MAX)
			return false;
		for (size_t i = mine; i < m->n; i++)
			if (str_eq(m->name[i], name))
				return false;
		m->name[m->n++] = name;
		skip_blanks(c);
		if (!skip(c, STR(":")) || !json_value(c, m, depth))
			return false;
		skip_blanks(c);
	} while (skip(c, STR(",")));
	m->n = mine;
	return skip(c, STR("}"));
}

static bool
json_array_rest(struct cursor *c, struct members *m, unsigned depth)
{
	skip_blanks(c);
	if (skip(c, STR("]")))
		return true;
	do {
		if (!json_value(c, m, depth))
			return false;
		skip_blanks(c);
	} while (skip(c, STR(",")));
	return skip(c, STR("]"));
}

static bool
json_value(struct cursor *c, struct members *m, unsigned depth)
{
	struct str ignored;
	bool is_plain;
	skip_blanks(c);
	if (skip(c, STR("\"")))
		return json_text(c, &ignored, &is_plain);
	if (skip(c, STR("{")))
		return depth < JSON_DEPTH && json_object_rest(c, m, depth + 1);
	if (skip(c, STR("[")))
		return depth < JSON_DEPTH && json_array_rest(c, m, depth + 1);
	return skip(c, STR("true")) || skip(c, STR("false")) || skip(c, STR("null"))
	    || json_number(c);
}

bool
sound_json(struct str s)
{
	struct cursor c = { s.p, s.p + s.n };
	struct members m;
	m.n = 0;
	if (!json_value(&c, &m, 0))
		return false;
	skip_blanks(&c);
	return c.p == c.end;
}

/* HTML */

struct markup {
	struct cursor at;
	enum sound_element (*element)(struct str name);
	struct str open[OPEN_MAX];
	size_t n;
	size_t foreign; /* elements open since the one that began other rules; 0: none */
};

static bool
is_letter(char b)
{
	return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

static bool
markup_name(struct cursor *c, struct str *out)
{
	const char *from = c->p;
	while (c->p < c->end && (is_letter(*c->p) || is_digit(*c->p) || *c->p == '-' || *c->p == '_'))
		c->p++;
	*out = (struct str){ from, (size_t)(c->p - from) };
	return out->n > 0 && is_letter(*from);
}

static bool
markup_reference(struct cursor *c)
{
	if (skip(c, STR("&amp;")) || skip(c, STR("&lt;")) || skip(c, STR("&gt;"))
	    || skip(c, STR("&quot;")) || skip(c, STR("&apos;")))
		return true;
	if (!skip(c, STR("&#")))
		return false;
	unsigned value = 0, digits = 0;
	for (; c->p < c->end && is_digit(*c->p) && digits < 5; digits++)
		value = 10 * value + (unsigned)(*c->p++ - '0');
	/* Below U+D800 all but controls can be referred to. */
	return digits > 0 && (value >= 0x20 || value == 9 || value == 10) && value < 0xd800
	    && skip(c, STR(";"));
}

/* Characters up to `end`, which stays; `<` never, and in text no "]]>". */
static bool
markup_text(struct cursor *c, char end)
{
	while (c->p < c->end && *c->p != end) {
		unsigned char b = (unsigned char)*c->p;
		if (b >= '?' ? b < 0x7f && b != ']' : b >= ' ' && b != '&' && b != '<') {
			c->p++;
			continue;
		}
		if (b == '<' || b == 0x7f || (b < 0x20 && !is_blank((char)b)))
			return false;
		if (b == ']' && end == '<' && c->end - c->p > 2 && c->p[1] == ']')
			return false;
		if (b == '&' ? !markup_reference(c) : b >= 0x80 ? !skip_character(c) : false)
			return false;
		c->p += b != '&' && b < 0x80;
	}
	return true;
}

struct attributes {
	struct str name[ATTRIBUTES_MAX];
	size_t n;
};

/* Name, equals sign, quoted value. */
static bool
markup_attribute(struct markup *m, struct attributes *a)
{
	struct str name;
	if (a->n == ATTRIBUTES_MAX || !markup_name(&m->at, &name))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (str_eq(a->name[i], name))
			return false;
	a->name[a->n++] = name;
	if (!skip(&m->at, STR("=")) || m->at.p == m->at.end)
		return false;
	char quote = *m->at.p++;
	const char *from = m->at.p;
	if ((quote != '"' && quote != '\'') || !markup_text(&m->at, quote) || m->at.p == m->at.end)
		return false;
	struct str value = { from, (size_t)(m->at.p - from) };
	if (str_eq(name, STR("xmlns")) && !str_eq(value, STR("http://www.w3.org/2000/svg")))
		return false;
	m->at.p++;
	return true;
}

/* May an element of this name and kind stand here, and how does it end? */
static bool
markup_is_allowed(const struct markup *m, struct str name, enum sound_element e,
    bool closes_itself)
{
	if (m->foreign > 0)
		return e != SOUND_FOREIGN && !str_starts(name, STR("svg"));
	return e == SOUND_VOID ? closes_itself
	    : e == SOUND_FOREIGN || (e == SOUND_NORMAL && !closes_itself);
}

/* Behind "<". */
static bool
markup_start(struct markup *m)
{
	struct attributes a;
	struct str name;
	a.n = 0;
	if (!markup_name(&m->at, &name))
		return false;
	while (m->at.p < m->at.end && is_blank(*m->at.p)) {
		skip_blanks(&m->at);
		if (at(&m->at, '/') || at(&m->at, '>'))
			break;
		if (!markup_attribute(m, &a))
			return false;
	}
	bool closes_itself = skip(&m->at, STR("/"));
	enum sound_element e = m->element(name);
	if (!skip(&m->at, STR(">")) || !markup_is_allowed(m, name, e, closes_itself))
		return false;
	if (closes_itself)
		return true;
	if (m->n == OPEN_MAX)
		return false;
	m->open[m->n++] = name;
	if (m->foreign > 0 || e == SOUND_FOREIGN)
		m->foreign++;
	return true;
}

/* Behind "</". */
static bool
markup_end(struct markup *m)
{
	if (m->n == 0 || !skip(&m->at, m->open[m->n - 1]))
		return false;
	skip_blanks(&m->at);
	m->n--;
	m->foreign -= m->foreign > 0;
	return skip(&m->at, STR(">"));
}

static bool
markup_comment(struct cursor *c)
{
	/* "<!-->" is a whole comment to some. */
	if (at(c, '>') || skip(c, STR("->")))
		return false;
	const char *dashes = memmem(c->p, (size_t)(c->end - c->p), "--", 2);
	if (dashes == NULL)
		return false;
	for (; c->p < dashes; c->p++)
		if ((unsigned char)*c->p >= 0x7f || ((unsigned char)*c->p < 0x20 && !is_blank(*c->p)))
			return false;
	return skip(c, STR("-->"));
}

static bool
markup_content(struct markup *m)
{
	do {
		if (!markup_text(&m->at, '<') || m->at.p == m->at.end)
			return false;
		m->at.p++;
		bool ok = skip(&m->at, STR("!--")) ? markup_comment(&m->at)
		    : skip(&m->at, STR("/"))       ? markup_end(m)
		                                   : markup_start(m);
		if (!ok)
			return false;
	} while (m->n > 0);
	return true;
}

bool
sound_html(struct str s, enum sound_element (*element)(struct str name))
{
	struct markup m;
	m.at = (struct cursor){ s.p, s.p + s.n };
	m.element = element;
	m.n = m.foreign = 0;
	(void)skip(&m.at, STR("<!DOCTYPE html>"));
	skip_blanks(&m.at);
	if (!skip(&m.at, STR("<")) || !markup_start(&m) || (m.n > 0 && !markup_content(&m)))
		return false;
	skip_blanks(&m.at);
	return m.at.p == m.at.end;
}
