/*
 * Names in prose that the facts do not have. Only a warning unless the policy says otherwise:
 * which capitals make a name is a guess. German writes all nouns with one and is left out but
 * for longer sequences; in Japanese, runs of katakana are looked at.
 */
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "generator/gate/grounding/ground.h"

#define KATAKANA_MIN 3
#define NAMES_MAX 5 /* findings for one document */

struct word {
	int32_t start, end;
	bool is_capital, after_stop;
};

static bool
is_known(const struct ground *g, int32_t start, int32_t end)
{
	struct plain word = { g->gloss.p + start, end - start };
	if (facts_have_text(g->facts, word))
		return true;
	const struct policy_words *allow = &g->in->policy->entities;
	for (size_t i = 0; i < allow->n; i++)
		if (plain_find_word(gloss_fold(g->in->arena, allow->item[i]), word, 0) >= 0)
			return true;
	return false;
}

static void
report(struct ground *g, int32_t start, int32_t end, size_t *reported)
{
	if (++*reported <= NAMES_MAX)
		ground_report(g, g->in->policy->entities_severity != SEVERITY_REJECT, start, end,
		    "is a name that the facts do not have");
}

/* The next word from `*i`; false at the end. */
static bool
next_word(const struct gloss *s, int32_t *i, struct word *w)
{
	bool stop = *i == 0;
	while (*i < s->n && !gloss_is_letter(s, *i)) {
		UChar c = s->p[*i];
		stop = stop || gloss_ends_sentence(s, *i) || c == ':' || c == '"' || c == 0x201C
		    || c == 0x201E || c == 0xAB || c == '(' || c == '.';
		++*i;
	}
	if (*i >= s->n)
		return false;
	w->start = *i;
	while (*i < s->n && (gloss_is_letter(s, *i) || (s->p[*i] == '-' && gloss_is_letter(s, *i + 1))))
		++*i;
	w->end = *i;
	w->after_stop = stop;
	struct str source = gloss_source(s, w->start, w->end);
	UErrorCode e = U_ZERO_ERROR;
	UChar32 first = 0;
	int32_t at = 0;
	U8_NEXT((const uint8_t *)source.p, at, (int32_t)source.n, first);
	w->is_capital = first > 0 && u_isupper(first) && uscript_getScript(first, &e) == USCRIPT_LATIN;
	return true;
}

/* Only one blank between: a comma or bracket ends a name. */
static bool
is_adjacent(const struct gloss *s, const struct word *x, const struct word *y)
{
	return y->start == x->end + 1 && s->p[x->end] == ' ';
}

static void
judge_sequence(struct ground *g, const struct word *w, size_t n, size_t least, size_t *reported)
{
	const struct gloss *s = &g->gloss;
	/* At the start of a sentence a capital means nothing. */
	size_t from = w[0].after_stop ? 1 : 0;
	if (n < from + least)
		return;
	for (size_t i = from; i < n; i++) {
		const struct tag *t = gloss_name_at(s, w[i].start, NAME_MONTH);
		bool is_date = t != NULL || gloss_name_at(s, w[i].start, NAME_WEEKDAY) != NULL;
		bool is_common = gloss_word_at(s, w[i].start, WORD_COMMON) != NULL
		    || gloss_word_at(s, w[i].start, WORD_UNIT) != NULL;
		if (!is_date && !is_common && !is_known(g, w[i].start, w[i].end)) {
			report(g, w[from].start, w[n - 1].end, reported);
			return;
		}
	}
}

static void
judge_latin(struct ground *g, size_t least)
{
	struct word run[8], w;
	size_t n = 0, reported = 0;
	for (int32_t i = 0; next_word(&g->gloss, &i, &w);) {
		bool goes_on = n > 0 && n < LEN(run) && w.is_capital
		    && is_adjacent(&g->gloss, &run[n - 1], &w);
		if (!goes_on && n > 0) {
			judge_sequence(g, run, n, least, &reported);
			n = 0;
		}
		if (w.is_capital)
			run[n++] = w;
	}
	if (n > 0)
		judge_sequence(g, run, n, least, &reported);
}

static bool
is_katakana(UChar c)
{
	UErrorCode e = U_ZERO_ERROR;
	return uscript_getScript(c, &e) == USCRIPT_KATAKANA || c == 0x30FC;
}

static void
judge_katakana(struct ground *g)
{
	const struct gloss *s = &g->gloss;
	size_t reported = 0;
	for (int32_t i = 0; i < s->n; i++) {
		int32_t start = i;
		while (i < s->n && is_katakana(s->p[i]))
			i++;
		if (i - start >= KATAKANA_MIN && gloss_word_at(s, start, WORD_COMMON) == NULL
		    && gloss_word_at(s, start, WORD_UNIT) == NULL && !is_known(g, start, i))
			report(g, start, i, &reported);
	}
}

void
ground_names(struct ground *g)
{
	const char *code = g->gloss.language->code;
	if (g->in->policy->entities_severity == SEVERITY_OFF || g->passage->kind == PASSAGE_TITLE)
		return; /* headlines capitalise every word */
	if (strcmp(code, "ja") == 0)
		judge_katakana(g);
	else
		judge_latin(g, strcmp(code, "de") == 0 ? 3 : 2);
}
