/* Markup where no tags can stand: as plain text, references resolved. */
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "generator/template/escape.h"

/* Elements that begin on a line of their own: their texts must not run together. */
static const char *const blocks[] = { "p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd",
	"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "tr", "td", "th", "figure",
	"figcaption", "section", "article", "hr", "pre" };

static bool
is_block(struct str tag)
{
	size_t n = 0;
	if (tag.n > 0 && tag.p[0] == '/') {
		tag.p++;
		tag.n--;
	}
	while (n < tag.n && tag.p[n] != ' ' && tag.p[n] != '/' && tag.p[n] != '\n')
		n++;
	for (size_t i = 0; i < LEN(blocks); i++)
		if (str_eq((struct str){ tag.p, n }, str_of(blocks[i])))
			return true;
	return false;
}

static void
put_code_point(struct buf *out, int32_t c)
{
	char bytes[U8_MAX_LENGTH];
	size_t n = 0;
	if (c <= 0 || c > UCHAR_MAX_VALUE || U_IS_SURROGATE(c))
		c = 0xFFFD;
	U8_APPEND_UNSAFE(bytes, n, c);
	buf_put(out, (struct str){ bytes, n });
}

static int
digit(char b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	b |= 32;
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : 16;
}

/* "#65" or "#x41" */
static bool
number(struct str name, int32_t *out)
{
	int base = name.n > 1 && (name.p[1] | 32) == 'x' ? 16 : 10;
	size_t i = base == 16 ? 2 : 1;
	*out = 0;
	if (i == name.n)
		return false;
	for (; i < name.n; i++) {
		if (digit(name.p[i]) >= base)
			return false;
		if (*out <= 0x10FFFF)
			*out = *out * base + digit(name.p[i]);
	}
	return true;
}

/* The reference at p, "&...;": the bytes it takes, 0 if it is none that we know. */
static size_t
put_reference(struct buf *out, const char *p, const char *end)
{
	static const struct {
		const char *name;
		int32_t c;
	} known[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' },
		{ "apos", '\'' }, { "nbsp", 0xA0 } };
	size_t room = (size_t)(end - p) < 12 ? (size_t)(end - p) : 12;
	const char *semicolon = memchr(p, ';', room);
	if (semicolon == NULL)
		return 0;
	struct str name = { p + 1, (size_t)(semicolon - p) - 1 };
	int32_t c = 0;
	bool found = name.n > 1 && name.p[0] == '#' && number(name, &c);
	for (size_t i = 0; !found && i < LEN(known); i++) {
		found = str_eq(name, str_of(known[i].name));
		c = known[i].c;
	}
	if (!found)
		return 0;
	put_code_point(out, c);
	return name.n + 2;
}

void
markup_text(struct buf *out, struct str markup)
{
	const char *end = markup.p + markup.n;
	size_t start = out->n;
	bool gap = false;
	for (const char *p = markup.p; p < end;) {
		if (*p == '<') {
			const char *close = memchr(p, '>', (size_t)(end - p));
			const char *to = close ? close : end;
			gap = gap || is_block((struct str){ p + 1, (size_t)(to - p) - 1 });
			p = close ? close + 1 : end;
			continue;
		}
		bool blank = *p == ' ' || *p == '\n' || *p == '\t';
		if (gap && !blank && out->n > start && out->p[out->n - 1] != ' ' &&
		    out->p[out->n - 1] != '\n')
			buf_putc(out, ' ');
		gap = gap && blank;
		size_t n = *p == '&' ? put_reference(out, p, end) : 0;
		if (n == 0)
			buf_putc(out, *p);
		p += n ? n : 1;
	}
}
