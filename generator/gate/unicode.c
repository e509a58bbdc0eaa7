/* Text that looks like one thing and is another: bidi, homographs, the invisible. */
#include <assert.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "generator/gate/judges.h"
#include "generator/gate/language/language.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/language/trait.h"
#include "generator/gate/reading.h"

static bool
is_isolate(UChar32 c)
{
	return c >= 0x2066 && c <= 0x2069;
}

bool
unicode_is_unsafe(int32_t c)
{
	int8_t type = u_charType(c);
	return type == U_CONTROL_CHAR || type == U_UNASSIGNED || type == U_PRIVATE_USE_CHAR
	    || type == U_SURROGATE || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR
	    || (c >= 0x202A && c <= 0x202E) || is_isolate(c) || (c >= 0xE0000 && c <= 0xE007F);
}

struct unicode_walk {
	UChar32 last;        /* the character before, 0 at the start */
	int open_isolates;
	UScriptCode script;  /* of the word so far; USCRIPT_COMMON if none yet */
	bool is_rtl;
};

/* Joiners shape letters of some scripts and glue emoji; elsewhere they only hide. */
static bool
joiner_fits(UChar32 before)
{
	UErrorCode e = U_ZERO_ERROR;
	UScriptCode s = uscript_getScript(before, &e);
	return u_hasBinaryProperty(before, UCHAR_EXTENDED_PICTOGRAPHIC) || before == 0xFE0F
	    || u_hasBinaryProperty(before, UCHAR_EMOJI_MODIFIER)
	    || (s != USCRIPT_LATIN && s != USCRIPT_COMMON && s != USCRIPT_CYRILLIC
		&& s != USCRIPT_GREEK && !uscript_breaksBetweenLetters(s));
}

static bool
selector_fits(UChar32 c, UChar32 before)
{
	if (c >= 0xE0100)
		return u_hasBinaryProperty(before, UCHAR_IDEOGRAPHIC);
	return c >= 0xFE00 && (u_hasBinaryProperty(before, UCHAR_EMOJI)
	    || u_hasBinaryProperty(before, UCHAR_IDEOGRAPHIC) || u_charType(before) == U_MATH_SYMBOL);
}

/* What is wrong with the character, or NULL. */
static const char *
fault_of(UChar32 c, const struct unicode_walk *w)
{
	switch (u_charType(c)) {
	case U_CONTROL_CHAR:
		return c == '\n' || c == '\t' || c == '\r' ? NULL : "a control character";
	case U_PRIVATE_USE_CHAR:
		return "a private-use character, which means nothing to others";
	case U_UNASSIGNED:
	case U_SURROGATE:
		return "not a character of this Unicode version";
	case U_LINE_SEPARATOR:
	case U_PARAGRAPH_SEPARATOR:
		return "a line separator that markup should express";
	default:
		break;
	}
	if (c == 0xFFFD)
		return "what is left of a character that was lost on the way";
	if (c >= 0x202A && c <= 0x202E)
		return "it overrides the direction of writing";
	if (c == 0x200E || c == 0x200F || c == 0x061C)
		return w->is_rtl ? NULL : "a direction mark in a left-to-right locale";
	if (c == 0x200C || c == 0x200D)
		return joiner_fits(w->last) ? NULL : "an invisible joiner that joins nothing";
	if (is_isolate(c) || !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return NULL;
	return selector_fits(c, w->last) ? NULL : "an invisible character";
}

/* "pаypal" with a Cyrillic а: true once a word has letters of both scripts. */
static bool
mixes(struct unicode_walk *w, UChar32 c)
{
	UErrorCode e = U_ZERO_ERROR;
	if (!u_isalpha(c)) {
		if (u_charType(c) != U_NON_SPACING_MARK)
			w->script = USCRIPT_COMMON;
		return false;
	}
	UScriptCode s = uscript_getScript(c, &e), before = w->script;
	if (s == USCRIPT_LATIN || s == USCRIPT_CYRILLIC)
		w->script = s;
	return s != before && (s == USCRIPT_LATIN || s == USCRIPT_CYRILLIC)
	    && (before == USCRIPT_LATIN || before == USCRIPT_CYRILLIC);
}

/* The last words before the place, whole characters. */
static struct str
tail(struct str s)
{
	const int32_t max = 30;
	if (s.n <= (size_t)max)
		return s;
	int32_t from = (int32_t)s.n - max;
	U8_SET_CP_START((const uint8_t *)s.p, 0, from);
	return (struct str){ s.p + from, s.n - (size_t)from };
}

/* The quick way to the answer "nothing is wrong", for texts of units that are safe anywhere. */
static bool
is_innocent(struct plain s)
{
	const uint16_t innocent = TRAIT_SAFE | TRAIT_NFC;
	UScriptCode before = USCRIPT_COMMON;
	for (int32_t i = 0; i < s.n; i++) {
		uint16_t t = trait_of(s.p[i]);
		if ((t & innocent) != innocent)
			return false;
		UScriptCode script = trait_script(t);
		if ((t & TRAIT_ALPHA) == 0) {
			if ((t & TRAIT_MARK) == 0)
				before = USCRIPT_COMMON;
		} else if (script == USCRIPT_LATIN || script == USCRIPT_CYRILLIC) {
			if (before != USCRIPT_COMMON && before != script)
				return false;
			before = script;
		}
	}
	return true;
}

static void
check_text(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct str element, unsigned line, struct str s, struct plain text)
{
	if (is_innocent(text))
		return;
	struct unicode_walk w = { .script = USCRIPT_COMMON, .is_rtl = in->language->is_rtl };
	for (int32_t i = 0; i < (int32_t)s.n;) {
		UChar32 c;
		int32_t start = i;
		U8_NEXT((const uint8_t *)s.p, i, (int32_t)s.n, c);
		const char *fault = c < 0 ? "not UTF-8" : fault_of(c, &w);
		if (fault == NULL && c >= 0 && mixes(&w, c))
			fault = "Latin and Cyrillic letters in one word";
		if (fault != NULL) {
			struct str before = tail((struct str){ s.p, (size_t)start });
			gate_report(in, g, out, element, line, "U+%04X after '%.*s': %s",
			    c < 0 ? 0xFFFDu : (unsigned)c, STR_ARG(before), fault);
			return; /* one finding for an element says enough */
		}
		w.open_isolates += c == 0x2069 ? -1 : is_isolate(c) ? 1 : 0;
		if (w.open_isolates < 0)
			break;
		w.last = c;
	}
	if (w.open_isolates != 0)
		gate_report(in, g, out, element, line,
		    "isolates (U+2066 to U+2069) that are not closed where they were opened");
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&e);
	if (U_SUCCESS(e) && !unorm2_isNormalized(nfc, text.p, text.n, &e))
		gate_report(in, g, out, element, line,
		    "not in normalisation form C: '%.*s'", QUOTE(s));
}

void
judge_unicode(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	for (size_t i = 0; i < in->reading->leaves; i++) {
		const struct leaf *l = &in->reading->leaf[i];
		if (l->node->kind == NODE_TEXT)
			check_text(in, g, out, l->path, l->node->line, l->node->text, l->forms.text);
	}
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *p = &in->reading->passage[i];
		if (p->kind == PASSAGE_PROSE)
			check_text(in, g, out, p->element, p->line, p->text, p->forms.text);
	}
}
