/*
 * Names in prose that the facts do not have. Only a warning unless the policy says otherwise:
 * which capitals make a name is a guess. German writes all nouns with one and is left out but
 * for longer sequences; in Japanese, runs of katakana are looked at.
 */
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "generator/gate/grounding/ground.h"
#include "generator/gate/language/sound.h"

#define KATAKANA_MIN 3
#define SOUNDS_MAX 20000 /* comparisons for one document */
#define NAMES_MAX 5 /* findings for one document */

struct word {
	int32_t start, end;
	bool is_capital, after_stop;
};

/* The next word of a text of the facts, from *i. */
static bool
next_of(struct plain s, int32_t *i, struct plain *word)
{
	while (*i < s.n && !u_isalpha(s.p[*i]) && !plain_is_unspaced(s.p[*i]))
		++*i;
	int32_t from = *i;
	while (*i < s.n && (u_isalpha(s.p[*i]) || s.p[*i] == 0x30FC))
		++*i;
	*word = (struct plain){ s.p + from, *i - from };
	return word->n > 0;
}

static bool
is_inflected(struct plain x, struct plain y)
{
	int32_t same = 0, shorter = x.n < y.n ? x.n : y.n, more = x.n < y.n ? y.n - x.n : x.n - y.n;
	while (same < shorter && x.p[same] == y.p[same])
		same++;
	return same >= 3 && same >= shorter - 2 && more <= 3;
}

/* A case of a name of the facts, or the same name in other letters: Шальке, メルバル. Asked
 * only about names that are not in the facts as they stand. */
static bool
is_variant(const struct ground *g, struct plain word)
{
	char mine[SOUND_MAX], other[SOUND_MAX];
	void **latin = g->in->language->latin;
	UErrorCode e = U_ZERO_ERROR;
	UScriptCode script = uscript_getScript(word.p[0], &e);
	bool is_cyrillic = script == USCRIPT_CYRILLIC || script == USCRIPT_GREEK;
	int sounds = script == USCRIPT_LATIN ? 0 : sound_of(latin, word, mine);
	for (size_t i = 0; i < g->facts->texts; i++) {
		struct plain x, text = g->facts->text[i].text;
		for (int32_t k = 0; next_of(text, &k, &x) && g->facts->sounds < SOUNDS_MAX;) {
			g->facts->sounds++;
			if (is_cyrillic && is_inflected(x, word))
				return true;
			if (sounds >= 3 && x.p[0] < 0x0250 && sound_of(latin, x, other) == sounds
			    && strcmp(mine, other) == 0)
				return true;
		}
	}
	return false;
}

static bool
is_known(const struct ground *g, int32_t start, int32_t end)
{
	struct plain word = { g->gloss.p + start, end - start };
	if (facts_have_text(g->facts, word) || is_variant(g, word))
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
	const struct policy *p = g->in->policy;
	bool rejects = p->entities_severity == SEVERITY_REJECT;
	for (size_t i = 0; i < p->entities_reject.n; i++)
		rejects = rejects || str_eq(p->entities_reject.item[i], g->in->language->tag)
		    || str_eq(p->entities_reject.item[i], str_of(g->in->language->code));
	if (++*reported <= NAMES_MAX)
		ground_report(g, !rejects, start, end,
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
	UScriptCode script = first > 0 ? uscript_getScript(first, &e) : USCRIPT_INVALID_CODE;
	w->is_capital = first > 0 && u_isupper(first) && (script == USCRIPT_LATIN
	    || script == USCRIPT_CYRILLIC || script == USCRIPT_GREEK);
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
	for (int32_t i = 0; reported < NAMES_MAX && next_word(&g->gloss, &i, &w);) {
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
	for (int32_t i = 0; i < s->n && reported < NAMES_MAX; i++) {
		int32_t start = i;
		while (i < s->n && is_katakana(s->p[i]))
			i++;
		if (i - start >= KATAKANA_MIN && gloss_word_at(s, start, WORD_COMMON) == NULL
		    && gloss_word_at(s, start, WORD_UNIT) == NULL && !is_known(g, start, i))
			report(g, start, i, &reported);
	}
}

/* 克里斯蒂亚诺·罗纳尔多: with a dot between its parts a name is foreign; where it begins and
 * ends cannot be seen, but two signs on either side of the dot must be those of a fact. */
static void
judge_dotted(struct ground *g)
{
	const struct gloss *s = &g->gloss;
	size_t reported = 0;
	for (int32_t i = 2; i + 2 < s->n; i++) {
		if (s->p[i] != 0xB7 || !plain_is_unspaced(s->p[i - 1]) || !plain_is_unspaced(s->p[i - 2])
		    || !plain_is_unspaced(s->p[i + 1]) || !plain_is_unspaced(s->p[i + 2]))
			continue;
		if (!facts_have_text(g->facts, (struct plain){ s->p + i - 2, 5 }))
			report(g, i - 2, i + 3, &reported);
	}
}

void
ground_names(struct ground *g)
{
	const char *code = g->gloss.language->code;
	if (g->in->policy->entities_severity == SEVERITY_OFF || g->passage->kind == PASSAGE_TITLE
	    || g->passage->kind == PASSAGE_SHORT)
		return; /* headlines capitalise every word */
	if (strcmp(code, "ja") == 0)
		judge_katakana(g);
	else if (strcmp(code, "zh") == 0)
		judge_dotted(g);
	else
		judge_latin(g, strcmp(code, "de") == 0 ? 3 : 2);
}
