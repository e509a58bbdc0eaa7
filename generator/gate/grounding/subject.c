/* Who a sentence is about: names that the facts have, found again in prose though it shortens,
 * inflects or joins them. */
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "generator/gate/grounding/ground.h"

#define SUBJECTS_MAX 80 /* a table has at most 60 teams */
#define SENTENCE_MAX 400 /* units in front and behind that count as the sentence */
#define WORD_LEAST 3    /* letters of a word that may stand for a name; in CJK 2 */

static bool
is_name(struct str s)
{
	return str_eq(s, STR("name")) || str_eq(s, STR("team")) || str_eq(s, STR("player"));
}

static void
add_subject(const struct ground *g, const struct node *object, const struct node *text)
{
	struct facts *f = g->facts;
	if (f->subjects == SUBJECTS_MAX || text->kind != NODE_TEXT || text->text.n == 0)
		return;
	f->subject[f->subjects++] = (struct subject){ .object = object, .text = text,
		.name = gloss_fold(g->in->arena, text->text) };
}

/* Sides of a match, and items of lists that have a name. */
static void
collect(const struct ground *g, const struct node *n, bool may_be, unsigned depth)
{
	if (depth >= DOCUMENT_DEPTH || (n->kind != NODE_OBJECT && n->kind != NODE_LIST))
		return;
	for (const struct node *x = n->first; x != NULL; x = x->next) {
		bool is_side = str_eq(x->name, STR("home")) || str_eq(x->name, STR("away"));
		if (may_be && n->kind == NODE_OBJECT && is_name(x->name))
			add_subject(g, n, x);
		collect(g, x, n->kind == NODE_LIST || is_side, depth + 1);
	}
}

static bool
is_letter(UChar c)
{
	return u_isalpha(c) || U_IS_SURROGATE(c) || u_charType(c) == U_NON_SPACING_MARK
	    || u_charType(c) == U_COMBINING_SPACING_MARK;
}

/* Do other subjects, of another name, have the word as well? "FC", "United". */
static bool
is_shared(const struct facts *f, const struct subject *s, struct plain word)
{
	for (size_t i = 0; i < f->subjects; i++) {
		const struct subject *x = &f->subject[i];
		bool is_other = x->name.n != s->name.n || u_memcmp(x->name.p, s->name.p, s->name.n) != 0;
		if (is_other && plain_find_word(x->name, word, 0) >= 0)
			return true;
	}
	return false;
}

static void
split_name(const struct facts *f, struct subject *s)
{
	for (int32_t i = 0; i < s->name.n && s->words < SUBJECT_WORDS;) {
		while (i < s->name.n && !is_letter(s->name.p[i]))
			i++;
		int32_t from = i;
		while (i < s->name.n && is_letter(s->name.p[i]))
			i++;
		struct plain word = { s->name.p + from, i - from };
		int32_t least = word.n > 0 && plain_is_unspaced(word.p[0]) ? 2 : WORD_LEAST;
		if (word.n >= least && !is_shared(f, s, word))
			s->word[s->words++] = word;
	}
}

void
facts_subjects(const struct ground *g)
{
	struct facts *f = g->facts;
	if (f->subject != NULL)
		return;
	f->subject = ARENA_ARRAY(g->in->arena, struct subject, SUBJECTS_MAX);
	if (f->root != NULL)
		collect(g, f->root, false, 0);
	for (size_t i = 0; i < f->subjects; i++)
		split_name(f, &f->subject[i]);
}

void
gloss_sentence(const struct gloss *s, int32_t i, int32_t *start, int32_t *end)
{
	const int32_t least = i > SENTENCE_MAX ? i - SENTENCE_MAX : 0;
	const int32_t most = s->n - i > SENTENCE_MAX ? i + SENTENCE_MAX : s->n;
	*start = i;
	*end = i;
	while (*start > least && !gloss_ends_sentence(s, *start - 1))
		--*start;
	while (*end < most && !gloss_ends_sentence(s, *end))
		++*end;
}

bool
subject_is_mentioned(struct ground *g, const struct node *object, int32_t start, int32_t end)
{
	struct facts *f = g->facts;
	int32_t ignored;
	if (f->said == NULL)
		f->said = ARENA_ARRAY(g->in->arena, bool, SUBJECTS_MAX);
	/* Asked for each figure of a sentence: looked for once. */
	if (f->said_in != g->passage || f->said_start != start || f->said_end != end)
		for (size_t i = 0; i < f->subjects; i++)
			f->said[i] = subject_find(&g->gloss, &f->subject[i], start, end, &ignored) >= 0;
	f->said_in = g->passage;
	f->said_start = start;
	f->said_end = end;
	for (size_t i = 0; i < f->subjects; i++)
		if (f->subject[i].object == object && f->said[i])
			return true;
	return false;
}

/* How many letters a word may lack or have more at its end: cases, plurals, "Kölner". */
static int32_t
endings_of(const struct language *l, struct plain word)
{
	static const char *const inflecting[] = { "ru", "uk", "pl", "cs", "de", "tr", "fi", "hu", "el" };
	for (size_t i = 0; i < LEN(inflecting); i++)
		if (strcmp(l->code, inflecting[i]) == 0)
			return word.n >= 5 ? 3 : word.n == 4 ? 2 : 0;
	return 0;
}

/* Arabic joins "and", "to", "by" to the word. */
static bool
starts(const struct gloss *s, int32_t at, struct plain word)
{
	if (plain_is_unspaced(word.p[0]) || at == 0 || !is_letter(s->p[at - 1]))
		return true;
	bool is_joined = s->p[at - 1] >= 0x0600 && s->p[at - 1] < 0x0700
	    && u_strchr(u"وفبلك", s->p[at - 1]) != NULL;
	return is_joined && (at == 1 || !is_letter(s->p[at - 2]));
}

/* The word at `at`, inflected or not: where it ends, -1 if it is another. */
static int32_t
word_end(const struct gloss *s, int32_t at, struct plain word)
{
	int32_t more = endings_of(s->language, word), least = word.n - (more > 1 ? 1 : 0);
	int32_t same = 0;
	while (same < word.n && at + same < s->n && s->p[at + same] == word.p[same])
		same++;
	if (same < least)
		return -1;
	int32_t end = at + same;
	if (plain_is_unspaced(word.p[0]))
		return same == word.n ? end : -1;
	while (end < s->n && is_letter(s->p[end]))
		end++;
	return end - at <= word.n + more ? end : -1;
}

int32_t
subject_find(const struct gloss *s, const struct subject *x, int32_t from, int32_t to, int32_t *end)
{
	for (int32_t i = from; i < to; i++) {
		if (x->name.n > 0 && s->p[i] == x->name.p[0] && i + x->name.n <= to
		    && u_memcmp(s->p + i, x->name.p, x->name.n) == 0 && starts(s, i, x->name)
		    && (plain_is_unspaced(s->p[i]) || !is_letter(s->p[i + x->name.n]))) {
			*end = i + x->name.n;
			return i;
		}
		for (int k = 0; k < x->words; k++) {
			if (s->p[i] != x->word[k].p[0] || !starts(s, i, x->word[k]))
				continue;
			*end = word_end(s, i, x->word[k]);
			if (*end >= 0)
				return i;
		}
	}
	return -1;
}
