#include "generator/locale/pseudo.h"

#include <string.h>

#define WIDEST 8 /* bytes that a letter becomes, at most */

enum pseudo
pseudo_of(struct str tag)
{
	return str_eq(tag, STR("en-xa")) ? PSEUDO_LONG
	    : str_eq(tag, STR("ar-xb"))  ? PSEUDO_BIDI
	                                 : PSEUDO_NONE;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t
put_accented(char *out, char c)
{
	static const char *const lower[] = { "å", "ƀ", "ç", "ð", "é", "ƒ", "ĝ", "ĥ", "î", "ĵ", "ķ", "ļ",
		"ɱ", "ñ", "ö", "þ", "ǫ", "ŕ", "š", "ţ", "û", "ṽ", "ŵ", "ẋ", "ý", "ž" };
	static const char *const upper[] = { "Å", "Ɓ", "Ç", "Ð", "É", "Ƒ", "Ĝ", "Ĥ", "Î", "Ĵ", "Ķ", "Ļ",
		"Ṁ", "Ñ", "Ö", "Þ", "Ǫ", "Ŕ", "Š", "Ţ", "Û", "Ṽ", "Ŵ", "Ẋ", "Ý", "Ž" };
	const char *const *row = c >= 'a' ? lower : upper;
	const char *to = row[(c | ('a' - 'A')) - 'a'];
	const size_t n = strlen(to), times = strchr("aeiouAEIOU", c) != NULL ? 2 : 1;
	for (size_t i = 0; i < times; i++)
		memcpy(out + i * n, to, n);
	return times * n;
}

static struct str
lengthen(struct arena *a, struct str text)
{
	char *out = ARENA_ARRAY(a, char, text.n * WIDEST + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (is_letter(text.p[i]))
			n += put_accented(out + n, text.p[i]);
		else
			out[n++] = text.p[i];
	}
	return (struct str){ out, n };
}

/* Words alone: what stands between them keeps its own direction. */
static struct str
turn(struct arena *a, struct str text)
{
	/* U+200F U+202E and U+202C U+200F, as bytes: such characters mislead in a source. */
	static const char before[] = { '\xE2', '\x80', '\x8F', '\xE2', '\x80', '\xAE', 0 };
	static const char after[] = { '\xE2', '\x80', '\xAC', '\xE2', '\x80', '\x8F', 0 };
	const size_t edges = sizeof before + sizeof after - 2;
	char *out = ARENA_ARRAY(a, char, text.n * (edges + 1) + 1);
	size_t n = 0;
	bool inside = false;
	for (size_t i = 0; i <= text.n; i++) {
		const bool letter = i < text.n && is_letter(text.p[i]);
		if (letter != inside) {
			const char *mark = letter ? before : after;
			memcpy(out + n, mark, strlen(mark));
			n += strlen(mark);
			inside = letter;
		}
		if (i < text.n)
			out[n++] = text.p[i];
	}
	return (struct str){ out, n };
}

struct str
pseudo_text(struct arena *a, enum pseudo kind, struct str text)
{
	return kind == PSEUDO_LONG ? lengthen(a, text)
	    : kind == PSEUDO_BIDI  ? turn(a, text)
	                           : text;
}
