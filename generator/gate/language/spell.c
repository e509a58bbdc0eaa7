/* Numbers in words, from ICU's rules for spelling them out: each gender and case that it knows. */
#include <stdio.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "generator/gate/language/language.h"

#define SPELLED_MAX 100 /* from 21 on only in the plain forms: prose has figures there */

static void
add_spelled(struct maker *m, const UNumberFormat *f, int from, int to)
{
	for (int value = from; value <= to; value++) {
		UChar text[96];
		UErrorCode e = U_ZERO_ERROR;
		int32_t n = unum_format(f, value, text, LEN(text), NULL, &e);
		if (U_SUCCESS(e) && n > 0 && n < (int32_t)LEN(text))
			maker_add_word(m, plain_utf8(m->arena, (struct plain){ text, n }),
			    (struct language_word){ .kind = WORD_NUMBER, .value = value });
	}
}

void
language_add_numbers(struct maker *m)
{
	static const UChar cardinal[] = u"%spellout-cardinal", numbering[] = u"%spellout-numbering";
	UChar sets[4096];
	UErrorCode e = U_ZERO_ERROR;
	UNumberFormat *f = unum_open(UNUM_SPELLOUT, NULL, 0, m->l->icu, NULL, &e);
	if (U_FAILURE(e))
		return;
	int32_t n = unum_getTextAttribute(f, UNUM_PUBLIC_RULESETS, sets, LEN(sets), &e);
	for (int32_t i = 0, end; U_SUCCESS(e) && i < n && n < (int32_t)LEN(sets); i = end + 1) {
		for (end = i; end < n && sets[end] != ';'; end++)
			;
		sets[end < n ? end : n - 1] = end < n ? 0 : sets[n - 1];
		bool is_plain = u_strcmp(sets + i, numbering) == 0 || u_strcmp(sets + i, cardinal) == 0;
		if (!is_plain && u_strncmp(sets + i, cardinal, u_strlen(cardinal)) != 0)
			continue; /* years, ordinals */
		UErrorCode chosen = U_ZERO_ERROR;
		unum_setTextAttribute(f, UNUM_DEFAULT_RULESET, sets + i, u_strlen(sets + i), &chosen);
		if (U_SUCCESS(chosen))
			add_spelled(m, f, 2, is_plain ? SPELLED_MAX : 20);
	}
	unum_close(f);
}
