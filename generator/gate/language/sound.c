#include "generator/gate/language/sound.h"

#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define NAME_MAX_UNITS 96

static void
close_slot(void *slot)
{
	void **latin = slot;
	if (*latin != NULL)
		utrans_close(*latin);
}

void **
sound_slot(struct arena *a)
{
	void **slot = ARENA_NEW(a, void *);
	arena_defer(a, close_slot, slot);
	return slot;
}

/* Letters that languages without the sound write for each other. */
static char
consonant(UChar c)
{
	static const char from[] = "bcdfgjklmnpqrstvxz", to[] = "bkdfgjklmnpklstbks";
	const char *at = c < 0x80 && c > 0 ? strchr(from, (char)c) : NULL;
	return at == NULL ? '\0' : to[at - from];
}

int
sound_of(void **slot, struct plain s, char out[SOUND_MAX])
{
	UChar text[NAME_MAX_UNITS];
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = s.n, limit = s.n;
	int length = 0;
	out[0] = '\0';
	if (n <= 0 || n > NAME_MAX_UNITS / 4)
		return 0;
	if (*slot == NULL)
		*slot = utrans_openU(u"Any-Latin; Latin-ASCII; Lower", -1, UTRANS_FORWARD, NULL, 0, NULL, &e);
	if (U_FAILURE(e) || *slot == NULL)
		return 0;
	u_memcpy(text, s.p, n);
	utrans_transUChars(*slot, text, &n, NAME_MAX_UNITS, 0, &limit, &e);
	if (U_FAILURE(e))
		return 0;
	for (int32_t i = 0; i < limit && length < SOUND_MAX - 1; i++) {
		char c = consonant(text[i]);
		if (c != '\0' && (length == 0 || out[length - 1] != c))
			out[length++] = c;
	}
	out[length] = '\0';
	return length;
}
