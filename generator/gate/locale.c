/* Is the text in the locale's script, and in its language? */
#include <assert.h>
#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "generator/gate/judges.h"
#include "generator/gate/language/language.h"
#include "generator/gate/language/trait.h"
#include "generator/gate/reading.h"

#define LETTERS_MIN 20 /* fewer give no verdict: a headline may be one foreign name */
#define WORDS_MIN 20
#define LANGUAGES 32 /* that are told apart: bits of a word */
#define SHARE_MIN 50 /* per cent of the letters that must be of the locale's script */

struct letters {
	int64_t own, other, kana, han, persian;
};

static bool
is_own(const struct language *l, UScriptCode s)
{
	for (size_t i = 0; i < l->scripts; i++)
		if (l->script[i] == s)
			return true;
	return l->scripts == 0;
}

/* The next character: is it a letter of a script, and of which? */
static UChar32
next_letter(struct plain s, int32_t *i, bool *is_letter, UScriptCode *script)
{
	UErrorCode e = U_ZERO_ERROR;
	UChar32 c;
	U16_NEXT(s.p, *i, s.n, c);
	if (c <= 0xFFFF) {
		uint16_t t = trait_of((UChar)c);
		*is_letter = (t & TRAIT_ALPHA) != 0;
		*script = trait_script(t);
	} else {
		*is_letter = u_isalpha(c);
		*script = uscript_getScript(c, &e);
	}
	*is_letter = *is_letter && *script != USCRIPT_COMMON && *script != USCRIPT_INHERITED;
	return c;
}

static void
count(const struct language *l, struct plain s, struct letters *n)
{
	for (int32_t i = 0; i < s.n;) {
		UScriptCode script;
		bool is_letter;
		UChar32 c = next_letter(s, &i, &is_letter, &script);
		if (!is_letter)
			continue;
		*(is_own(l, script) ? &n->own : &n->other) += 1;
		n->kana += script == USCRIPT_HIRAGANA;
		n->han += script == USCRIPT_HAN;
		/* Letters of Persian and Urdu that Arabic lacks. */
		n->persian += c == 0x067E || c == 0x0686 || c == 0x0698 || c == 0x06AF
		    || c == 0x06A9 || c == 0x06CC || c == 0x06D2;
	}
}

/* What the letters speak against, or NULL. */
static const char *
script_fault(const struct language *l, const struct letters *n)
{
	int64_t all = n->own + n->other;
	if (all < LETTERS_MIN)
		return NULL;
	if (100 * n->own < SHARE_MIN * all)
		return "most letters are of another script than the locale's";
	if (strcmp(l->code, "ja") == 0 && n->kana == 0 && n->han >= LETTERS_MIN)
		return "no kana at all: this is not Japanese";
	if (strcmp(l->code, "zh") == 0 && 10 * n->kana > all)
		return "kana: this is Japanese, not Chinese";
	if (strcmp(l->code, "ar") == 0 && 100 * n->persian > 3 * all)
		return "letters of Persian or Urdu: this is not Arabic";
	return NULL;
}

struct votes {
	int64_t words;
	int64_t hits[LANGUAGES]; /* by position in language_words */
};

/* The function words of all languages, hashed: which of them have it, by position. */
struct function_word {
	struct plain word;
	uint32_t languages;
};
#define FUNCTION_WORDS 4096 /* a power of two, several times their number */
static struct function_word function_words[FUNCTION_WORDS];
static pthread_once_t function_words_once = PTHREAD_ONCE_INIT;

static struct function_word *
function_word(struct plain s)
{
	uint32_t h = 2166136261u;
	for (int32_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 16777619u;
	for (h ^= h >> 15;; h++) {
		struct function_word *w = &function_words[h % FUNCTION_WORDS];
		if (w->word.n == 0 || (w->word.n == s.n && u_memcmp(w->word.p, s.p, s.n) == 0))
			return w;
	}
}

/* For the life of the program; read-only afterwards. */
static void
function_words_make(void)
{
	static struct arena *a;
	size_t n = 0;
	a = arena_new();
	for (size_t k = 0; k < language_words_count && k < LANGUAGES; k++) {
		struct str rest = str_of(language_words[k].function);
		while (rest.p != NULL && rest.n > 0) {
			struct plain word = plain_utf16(a, str_cut(rest, ' ', &rest));
			struct function_word *w = function_word(word);
			n += w->word.n == 0;
			assert(word.n > 0 && n < FUNCTION_WORDS / 2);
			w->word = word;
			w->languages |= UINT32_C(1) << k;
		}
	}
}

static void
vote(struct plain s, struct votes *v)
{
	for (int32_t i = 0; i < s.n;) {
		int32_t start = i;
		while (i < s.n && ((trait_of(s.p[i]) & TRAIT_ALPHA) != 0 || U_IS_SURROGATE(s.p[i])))
			i++;
		if (i == start) {
			i++;
			continue;
		}
		if (start > 0 && u_isdigit(s.p[start - 1]))
			continue; /* "23e": not the Italian word for and */
		uint32_t languages = function_word((struct plain){ s.p + start, i - start })->languages;
		v->words++;
		for (; languages != 0; languages &= languages - 1)
			v->hits[__builtin_ctz(languages)]++;
	}
}

static void
add_letters(struct letters *to, const struct letters *n)
{
	to->own += n->own;
	to->other += n->other;
	to->kana += n->kana;
	to->han += n->han;
	to->persian += n->persian;
}

static void
add_votes(struct votes *to, const struct votes *v)
{
	to->words += v->words;
	for (size_t i = 0; i < LANGUAGES; i++)
		to->hits[i] += v->hits[i];
}

/* The code of the language that the text is in instead, or NULL. */
static const char *
other_language(const struct language *l, const struct votes *v)
{
	int64_t own = -1, best = 0;
	const char *code = NULL;
	for (size_t i = 0; i < language_words_count && i < LANGUAGES; i++) {
		if (strcmp(language_words[i].code, l->code) == 0 && language_words[i].function != NULL)
			own = v->hits[i];
		else if (v->hits[i] > best) {
			best = v->hits[i];
			code = language_words[i].code;
		}
	}
	if (v->words < WORDS_MIN || own < 0)
		return NULL;
	/* A sixth of a text are function words; the other language must have that, and the
	 * locale's own far less. */
	return 100 * best >= 15 * v->words && best >= 2 * own + 3 ? code : NULL;
}

static bool
judge_part(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct str element, unsigned line, const struct letters *n, const struct votes *v)
{
	const char *fault = script_fault(in->language, n), *code = other_language(in->language, v);
	if (fault != NULL)
		gate_report(in, g, out, element, line, "%s (%lld of %lld letters are of it)", fault,
		    (long long)n->own, (long long)n->own + (long long)n->other);
	else if (code != NULL)
		gate_report(in, g, out, element, line, "reads like language '%s', not '%s'", code,
		    in->language->code);
	return fault != NULL || code != NULL;
}

void
judge_locale(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct language *l = in->language;
	struct letters all = { .own = 0 };
	struct votes all_votes = { .words = 0 };
	bool found = false;
	(void)pthread_once(&function_words_once, function_words_make);
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		struct letters n = { .own = 0 };
		struct votes v = { .words = 0 };
		count(l, x->forms.text, &n);
		vote(x->forms.fold, &v);
		found = judge_part(in, g, out, x->element, x->line, &n, &v) || found;
		add_letters(&all, &n);
		add_votes(&all_votes, &v);
	}
	/* Short paragraphs, each too short for a verdict, give one together. */
	if (!found)
		(void)judge_part(in, g, out, STR(""), 0, &all, &all_votes);
}
