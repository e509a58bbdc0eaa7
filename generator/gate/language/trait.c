#include "generator/gate/language/trait.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

uint16_t *
units_fill(struct units *u, unsigned page)
{
	uint16_t *made = malloc(256 * sizeof *made), *other = NULL;
	if (made == NULL)
		abort();
	for (unsigned i = 0; i < 256; i++)
		made[i] = u->make((UChar)(page << 8 | i));
	/* Two threads may come here at once; both have made the same. */
	if (atomic_compare_exchange_strong_explicit(&u->page[page], &other, made,
	    memory_order_acq_rel, memory_order_acquire))
		return made;
	free(made);
	return other;
}

static bool
is_safe(UChar c)
{
	switch (u_charType(c)) {
	case U_CONTROL_CHAR:
		return c == '\n' || c == '\t' || c == '\r';
	case U_PRIVATE_USE_CHAR:
	case U_UNASSIGNED:
	case U_SURROGATE:
	case U_LINE_SEPARATOR:
	case U_PARAGRAPH_SEPARATOR:
	case U_FORMAT_CHAR: /* marks of direction, isolates, joiners */
		return false;
	default:
		return c != 0xFFFD && !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
	}
}

static bool
is_lone(UChar c)
{
	switch (u_getIntPropertyValue(c, UCHAR_GRAPHEME_CLUSTER_BREAK)) {
	case U_GCB_OTHER:
	case U_GCB_CONTROL:
	case U_GCB_LF: /* CR is none of these: CR LF counts once */
		return true;
	default:
		return false;
	}
}

static uint16_t
make(UChar c)
{
	UErrorCode e = U_ZERO_ERROR;
	if (U16_IS_SURROGATE(c))
		return 0;
	UScriptCode script = uscript_getScript(c, &e);
	assert(U_SUCCESS(e) && script >= 0 && script <= 255);
	unsigned t = (unsigned)script;
	if (u_isalpha(c))
		t |= TRAIT_ALPHA;
	if (is_safe(c))
		t |= TRAIT_SAFE;
	if (u_getCombiningClass(c) == 0
	    && u_getIntPropertyValue(c, UCHAR_NFC_QUICK_CHECK) == UNORM_YES)
		t |= TRAIT_NFC;
	if (is_lone(c))
		t |= TRAIT_LONE;
	if (u_charType(c) == U_NON_SPACING_MARK)
		t |= TRAIT_MARK;
	if (u_isalpha(c) && uscript_breaksBetweenLetters(script))
		t |= TRAIT_UNSPACED;
	return (uint16_t)t;
}

struct units traits = { .make = make };
