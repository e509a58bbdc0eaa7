#include "generator/gate/grounding/gloss.h"

#include <assert.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "generator/gate/language/trait.h"

#define NOT_ONE 0xFFFF /* no character */
#define FOLDED_MAX 24 /* units of one folded character; the longest known has 18 */

struct writer {
	UChar *p;
	int32_t *at; /* NULL: not wanted */
	int32_t n;
};

static void
put(struct writer *w, UChar32 c, int32_t at)
{
	int32_t start = w->n;
	U16_APPEND_UNSAFE(w->p, w->n, c);
	for (int32_t i = start; w->at != NULL && i < w->n; i++)
		w->at[i] = at;
}

/* Vowel signs and lengthening of Arabic, which prose may set or leave out. */
static bool
is_arabic_ornament(UChar32 c)
{
	return (c >= 0x064B && c <= 0x0652) || c == 0x0670 || c == 0x0640;
}

static void
put_shaped(struct writer *w, UChar32 c, int32_t at)
{
	int32_t digit = u_charDigitValue(c);
	if (is_arabic_ornament(c))
		return;
	if (digit >= 0)
		c = '0' + digit;
	else if (u_isUWhiteSpace(c))
		c = ' ';
	else if (c == 0x2212 || c == '~' || u_charType(c) == U_DASH_PUNCTUATION)
		c = '-';
	else if (c == 0x2018 || c == 0x2019 || c == 0x02BC || c == 0x2032)
		c = '\'';
	put(w, c, at);
}

static void
put_folded(struct writer *w, const UNormalizer2 *form, UChar32 c, int32_t at)
{
	UChar from[2], to[FOLDED_MAX];
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = 0;
	if (c < 0x80 || u_charType(c) == U_OTHER_NUMBER || u_charDigitValue(c) >= 0) {
		/* "km²" and "½" must not become digits of their own. */
		put_shaped(w, c < 0x80 ? u_tolower(c) : c, at);
		return;
	}
	U16_APPEND_UNSAFE(from, n, c);
	int32_t m = unorm2_normalize(form, from, n, to, LEN(to), &e);
	if (U_FAILURE(e)) {
		put_shaped(w, c, at);
		return;
	}
	for (int32_t i = 0; i < m;) {
		U16_NEXT(to, i, m, c);
		put_shaped(w, c, at);
	}
}

/* What put_folded writes for a unit, if that is one unit. */
static uint16_t
folded_alone(UChar c)
{
	UErrorCode e = U_ZERO_ERROR;
	UChar p[FOLDED_MAX];
	struct writer w = { .p = p };
	const UNormalizer2 *form = unorm2_getNFKCCasefoldInstance(&e);
	assert(U_SUCCESS(e));
	if (U16_IS_SURROGATE(c))
		return NOT_ONE;
	put_folded(&w, form, c, 0);
	return w.n == 1 ? p[0] : NOT_ONE;
}

static struct units folded = { .make = folded_alone };

/* Writes at most FOLDED_MAX units a character; what grows beyond twice the bytes cannot be,
 * since only characters of three bytes and more grow. */
static void
fold(struct str s, struct writer *w, int32_t room)
{
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFKCCasefoldInstance(&e);
	assert(U_SUCCESS(e));
	for (int32_t i = 0; i < (int32_t)s.n && w->n + FOLDED_MAX < room;) {
		UChar32 c;
		int32_t at = i;
		U8_NEXT((const uint8_t *)s.p, i, (int32_t)s.n, c);
		c = c < 0 ? 0xFFFD : c;
		uint16_t one = c <= 0xFFFF ? units_at(&folded, (UChar)c) : NOT_ONE;
		if (one == NOT_ONE) {
			put_folded(w, form, c, at);
			continue;
		}
		if (w->at != NULL)
			w->at[w->n] = at;
		w->p[w->n++] = one;
	}
}

static int32_t
room_for(struct str s)
{
	assert(s.n < INT32_MAX / 16);
	return 6 * (int32_t)s.n + FOLDED_MAX + 2;
}

struct plain
gloss_fold(struct arena *a, struct str s)
{
	int32_t room = room_for(s);
	struct writer w = { .p = ARENA_ARRAY(a, UChar, (size_t)room) };
	fold(s, &w, room);
	w.p[w.n] = 0;
	return (struct plain){ w.p, w.n };
}

bool
gloss_is_digit(const struct gloss *s, int32_t i)
{
	return i >= 0 && i < s->n && s->p[i] >= '0' && s->p[i] <= '9';
}

bool
gloss_is_letter(const struct gloss *s, int32_t i)
{
	return i >= 0 && i < s->n
	    && ((trait_of(s->p[i]) & TRAIT_ALPHA) != 0 || U_IS_SURROGATE(s->p[i]));
}

static bool
is_unspaced(const struct gloss *s, int32_t i)
{
	return i >= 0 && i < s->n && plain_is_unspaced(s->p[i]);
}

static bool
matches(const struct gloss *s, int32_t i, struct plain word)
{
	/* Behind both stands a NUL. */
	return word.n > 0 && i + word.n <= s->n && s->p[i] == word.p[0]
	    && (word.n == 1 || s->p[i + 1] == word.p[1])
	    && u_memcmp(s->p + i, word.p, word.n) == 0;
}

/* Does a word that ends before `end` end there, rather than go on? */
static bool
ends(const struct gloss *s, int32_t end)
{
	return !gloss_is_letter(s, end) || !gloss_is_letter(s, end - 1) || is_unspaced(s, end)
	    || is_unspaced(s, end - 1);
}

static bool
name_ends(const struct gloss *s, const struct language_name *name, int32_t end)
{
	if (ends(s, end))
		return true;
	/* Fridays, vendredis; Freitagabend. */
	if (name->is_short || name->kind != NAME_WEEKDAY)
		return false;
	return strcmp(s->language->code, "de") == 0 || (s->p[end] == 's' && ends(s, end + 1));
}

/* "(金)": a day of one character is a day only in brackets. */
static bool
is_bracketed(const struct gloss *s, int32_t start, int32_t end)
{
	return start > 0 && s->p[start - 1] == '(' && end < s->n
	    && (s->p[end] == ')' || s->p[end] == 0x30FB); /* (土・祝) */
}

struct tagger {
	struct arena *arena;
	struct tag *tag;
	size_t n, room;
};

static void
add_tag(struct tagger *t, struct tag tag)
{
	ARENA_GROW(t->arena, t->tag, t->n, t->room);
	t->tag[t->n++] = tag;
}

static void
tag_at(struct tagger *t, const struct gloss *s, int32_t i)
{
	const struct language *l = s->language;
	const struct language_range *names = &l->names_of[s->p[i] & 255];
	const struct language_range *words = &l->words_of[s->p[i] & 255];
	for (size_t k = names->from; k < names->to; k++) {
		const struct language_name *x = &l->name[k];
		if (!matches(s, i, x->word) || !name_ends(s, x, i + x->word.n))
			continue;
		bool may_be_part = is_unspaced(s, i) || strcmp(l->code, "ko") == 0;
		if (x->word.n == 1 && may_be_part && !is_bracketed(s, i, i + 1))
			continue;
		add_tag(t, (struct tag){ i, i + x->word.n, x, NULL });
	}
	for (size_t k = words->from; k < words->to; k++) {
		const struct language_word *x = &l->word[k];
		if (matches(s, i, x->word) && (x->is_prefix || ends(s, i + x->word.n)))
			add_tag(t, (struct tag){ i, i + x->word.n, NULL, x });
	}
}

/* Arabic writes "and", "in", "by" and the article in one with the word: how many of the word's
 * first letters may be those. */
static int32_t
arabic_prefixes(const struct gloss *s, int32_t i)
{
	int32_t n = 0;
	while (n < 2 && i + n < s->n && s->p[i + n] != 0
	    && u_strchr(u"وفبلك", s->p[i + n]) != NULL)
		n++;
	return n;
}

/* So does Hebrew: "in November" is one word. */
static int32_t
hebrew_prefixes(const struct gloss *s, int32_t i)
{
	int32_t n = 0;
	while (n < 2 && i + n < s->n && s->p[i + n] != 0
	    && u_strchr(u"בלהמושכ", s->p[i + n]) != NULL)
		n++;
	return n;
}

static void
tag_word(struct tagger *t, const struct gloss *s, int32_t i)
{
	tag_at(t, s, i);
	if (s->p[i] >= 0x0590 && s->p[i] <= 0x05FF)
		for (int32_t k = hebrew_prefixes(s, i); k > 0; k--)
			tag_at(t, s, i + k);
	if (s->p[i] < 0x0600 || s->p[i] > 0x06FF)
		return;
	int32_t prefixes = arabic_prefixes(s, i);
	for (int32_t k = 0; k <= prefixes; k++) {
		if (k > 0)
			tag_at(t, s, i + k);
		if (i + k + 2 < s->n && s->p[i + k] == 0x0627 && s->p[i + k + 1] == 0x0644)
			tag_at(t, s, i + k + 2);
	}
}

static void
tag_all(struct arena *a, struct gloss *s)
{
	struct tagger t = { .arena = a };
	for (int32_t i = 0; i < s->n; i++) {
		if (s->p[i] == ' ' || gloss_is_digit(s, i))
			continue;
		if (!gloss_is_letter(s, i) || is_unspaced(s, i))
			tag_at(&t, s, i);
		else if (i == 0 || !gloss_is_letter(s, i - 1) || is_unspaced(s, i - 1))
			tag_word(&t, s, i);
	}
	/* Prefixes put a few tags out of order. */
	for (size_t i = 1; i < t.n; i++)
		for (size_t k = i; k > 0 && t.tag[k - 1].start > t.tag[k].start; k--) {
			struct tag x = t.tag[k];
			t.tag[k] = t.tag[k - 1];
			t.tag[k - 1] = x;
		}
	s->tag = t.tag;
	s->tags = t.n;
}

void
gloss_make(struct arena *a, const struct language *l, struct str source, struct gloss *out)
{
	int32_t room = room_for(source);
	struct writer w = { .p = ARENA_ARRAY(a, UChar, (size_t)room),
		.at = ARENA_ARRAY(a, int32_t, (size_t)room) };
	fold(source, &w, room);
	w.p[w.n] = 0;
	w.at[w.n] = (int32_t)source.n;
	*out = (struct gloss){ .language = l, .source = source, .p = w.p, .n = w.n, .at = w.at,
		.is_used = ARENA_ARRAY(a, bool, (size_t)w.n + 1) };
	tag_all(a, out);
}

struct str
gloss_source(const struct gloss *s, int32_t start, int32_t end)
{
	int32_t from = s->at[start], to = s->at[end];
	return (struct str){ s->source.p + from, (size_t)(to - from) };
}

void
gloss_use(struct gloss *s, int32_t start, int32_t end)
{
	for (int32_t i = start; i < end; i++)
		s->is_used[i] = true;
}

bool
gloss_is_used(const struct gloss *s, int32_t start, int32_t end)
{
	for (int32_t i = start; i < end; i++)
		if (s->is_used[i])
			return true;
	return false;
}

size_t
gloss_tag_from(const struct gloss *s, int32_t start)
{
	size_t low = 0, high = s->tags;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (s->tag[mid].start < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_kind(const struct tag *t, int name_kind, int word_kind)
{
	return (t->name != NULL && (int)t->name->kind == name_kind)
	    || (t->word != NULL && (int)t->word->kind == word_kind);
}

static const struct tag *
find_at(const struct gloss *s, int32_t start, int name_kind, int word_kind)
{
	for (size_t i = gloss_tag_from(s, start); i < s->tags && s->tag[i].start == start; i++)
		if (is_kind(&s->tag[i], name_kind, word_kind))
			return &s->tag[i];
	return NULL;
}

static const struct tag *
find_before(const struct gloss *s, int32_t end, int name_kind, int word_kind)
{
	const int32_t longest = 40;
	for (size_t i = gloss_tag_from(s, end - longest); i < s->tags && s->tag[i].start < end; i++)
		if (s->tag[i].end == end && is_kind(&s->tag[i], name_kind, word_kind))
			return &s->tag[i];
	return NULL;
}

const struct tag *
gloss_word_at(const struct gloss *s, int32_t start, enum word_kind kind)
{
	return find_at(s, start, -1, (int)kind);
}

const struct tag *
gloss_word_before(const struct gloss *s, int32_t end, enum word_kind kind)
{
	return find_before(s, end, -1, (int)kind);
}

const struct tag *
gloss_name_at(const struct gloss *s, int32_t start, enum name_kind kind)
{
	return find_at(s, start, (int)kind, -1);
}

const struct tag *
gloss_name_before(const struct gloss *s, int32_t end, enum name_kind kind)
{
	return find_before(s, end, (int)kind, -1);
}

int32_t
gloss_skip(const struct gloss *s, int32_t i)
{
	while (i < s->n && s->p[i] == ' ')
		i++;
	return i;
}

int32_t
gloss_back(const struct gloss *s, int32_t i)
{
	while (i > 0 && s->p[i - 1] == ' ')
		i--;
	return i;
}

bool
gloss_has(const struct gloss *s, int32_t i, const char *ascii)
{
	for (; *ascii != '\0'; i++, ascii++)
		if (i < 0 || i >= s->n || s->p[i] != (UChar)*ascii)
			return false;
	return true;
}

bool
gloss_ends_sentence(const struct gloss *s, int32_t i)
{
	UChar c = s->p[i];
	if (c == '!' || c == '?' || c == 0x3002 || c == 0x061F || c == ';' || c == 0x061B)
		return true;
	/* Not "20. November" nor "St. Louis": a capital must follow a longer word. */
	return c == '.' && i + 1 < s->n && s->p[i + 1] == ' ' && !gloss_is_digit(s, i - 1)
	    && gloss_is_letter(s, i - 1) && gloss_is_letter(s, i - 2) && gloss_is_letter(s, i - 3);
}

int
gloss_digits(const struct gloss *s, int32_t i, int32_t *end, int64_t *value)
{
	int n = 0;
	*value = 0;
	for (; gloss_is_digit(s, i); i++, n++)
		if (n < 9)
			*value = *value * 10 + s->p[i] - '0';
	*end = i;
	return n;
}
