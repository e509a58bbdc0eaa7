#include "generator/locale/bidi.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

/* U+2068 and U+2069, byte by byte: tools take a literal of one alone for an attack. */
static const char first_strong_isolate[] = { '\xE2', '\x81', '\xA8' };
static const char pop_isolate[] = { '\xE2', '\x81', '\xA9' };

bool
bidi_differs(struct str text, bool rtl)
{
	for (size_t i = 0; i < text.n;) {
		int32_t c;
		U8_NEXT(text.p, i, text.n, c);
		const UCharDirection d = c < 0 ? U_OTHER_NEUTRAL : u_charDirection(c);
		const bool is_right = d == U_RIGHT_TO_LEFT || d == U_RIGHT_TO_LEFT_ARABIC;
		if (rtl ? d == U_LEFT_TO_RIGHT : is_right)
			return true;
	}
	return false;
}

void
bidi_put(struct buf *out, struct str text, bool rtl)
{
	const bool apart = bidi_differs(text, rtl);
	if (apart)
		buf_put(out, (struct str){ first_strong_isolate, sizeof first_strong_isolate });
	buf_put(out, text);
	if (apart)
		buf_put(out, (struct str){ pop_isolate, sizeof pop_isolate });
}
