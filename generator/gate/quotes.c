/*
 * The words of sources: what stands in quotation marks must be theirs ("quotes"), and what is
 * theirs must stand in quotation marks ("copied"). A source's words are its `excerpt`, and the
 * texts of the facts.
 */
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "generator/gate/judges.h"
#include "generator/gate/language/language.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/quotation.h"
#include "generator/gate/reading.h"

#define QUOTATIONS_MAX 200 /* of a document */
#define RUNS_MAX 65536 /* of a source; those behind are not looked at */

/* Words; in Chinese and Japanese half the characters. */
struct words {
	int32_t *start, *end; /* in the folded text */
	size_t n;
};

static struct words
words_of(struct arena *a, const struct language *l, struct plain s)
{
	size_t room = (size_t)s.n + 1;
	struct words w = { ARENA_ARRAY(a, int32_t, room), ARENA_ARRAY(a, int32_t, room), 0 };
	bool within = false;
	for (int32_t i = 0; i < s.n;) {
		int32_t start = i;
		UChar32 c;
		U16_NEXT(s.p, i, s.n, c);
		bool is_word = u_isalnum(c) || (u_charType(c) == U_NON_SPACING_MARK && within)
		    || u_charType(c) == U_COMBINING_SPACING_MARK;
		if (is_word && (!within || (l->is_cjk && plain_is_unspaced(c))))
			w.start[w.n++] = start;
		if (is_word)
			w.end[w.n - 1] = i;
		within = is_word;
	}
	return w;
}

static size_t
least(const struct gate_input *in, int64_t words)
{
	return (size_t)(in->language->is_cjk ? 2 * words : words);
}

static bool
is_source(const struct leaf *l)
{
	return l->forms.fold.n > 0
	    && (str_starts(l->path, STR("facts/")) || str_eq(l->node->name, STR("excerpt")));
}

/* The words alone, each with a blank on both sides: marks and blanks differ from page to page. */
static struct plain
bare(const struct gate_input *in, struct plain s)
{
	struct words w = words_of(in->arena, in->language, s);
	UChar *p = ARENA_ARRAY(in->arena, UChar, 2 * (size_t)s.n + 2);
	int32_t n = 0;
	for (size_t i = 0; i < w.n; i++) {
		p[n++] = ' ';
		u_memcpy(p + n, s.p + w.start[i], w.end[i] - w.start[i]);
		n += w.end[i] - w.start[i];
	}
	p[n++] = ' ';
	return (struct plain){ p, n };
}

/* What may be quoted, made when the first quotation is met. */
struct said {
	struct plain text;  /* of all sources, bare */
	size_t quotations;  /* looked up so far */
};

static struct plain
all_said(const struct gate_input *in)
{
	size_t room = 1;
	for (size_t i = 0; i < in->reading->leaves; i++)
		if (is_source(&in->reading->leaf[i]))
			room += 2 * (size_t)in->reading->leaf[i].forms.fold.n + 3;
	UChar *p = ARENA_ARRAY(in->arena, UChar, room);
	int32_t n = 0;
	for (size_t i = 0; i < in->reading->leaves; i++) {
		if (!is_source(&in->reading->leaf[i]))
			continue;
		struct plain one = bare(in, in->reading->leaf[i].forms.fold);
		u_memcpy(p + n, one.p, one.n);
		n += one.n;
		p[n++] = '|'; /* no quotation goes from one into the next */
	}
	return (struct plain){ p, n };
}

static bool
is_said(const struct gate_input *in, struct said *said, struct plain words)
{
	if (said->text.p == NULL)
		said->text = all_said(in);
	return plain_find(said->text, words, 0) >= 0;
}

/* An omission, "..." or "[...]", parts a quotation in two; returns how far the first goes. */
static int32_t
part_end(struct plain s, int32_t from)
{
	for (int32_t i = from; i + 2 < s.n; i++)
		if (s.p[i] == '.' && s.p[i + 1] == '.' && s.p[i + 2] == '.')
			return i;
	return s.n;
}

static void
judge_quotation(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct said *said, const struct passage *x, struct str quotation)
{
	struct plain all = plain_fold(in->arena, quotation);
	if (words_of(in->arena, in->language, all).n < least(in, in->policy->quote_words))
		return;
	if (said->quotations++ == QUOTATIONS_MAX)
		gate_report(in, g, out, x->element, x->line, "more than %d quotations", QUOTATIONS_MAX);
	if (said->quotations > QUOTATIONS_MAX)
		return;
	for (int32_t from = 0; from < all.n;) {
		int32_t end = part_end(all, from);
		struct plain part = { all.p + from, end - from }, words = bare(in, part);
		if (words.n > 1 && !is_said(in, said, words)) {
			gate_report(in, g, out, x->element, x->line,
			    "'%.*s' is quoted, but stands in none of the facts and excerpts",
			    QUOTE(plain_utf8(in->arena, plain_trim(part))));
			return;
		}
		from = end + 3;
	}
}

static bool
is_block(const struct passage *x)
{
	return memmem(x->element.p, x->element.n, "blockquote", 10) != NULL;
}

void
judge_quotes(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	struct said said = { .quotations = 0 };
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		struct str quotation;
		size_t at = 0, start;
		bool any = false;
		while (quotation_next(x->text, &at, &start, &quotation)) {
			judge_quotation(in, g, out, &said, x, quotation);
			any = true;
		}
		if (is_block(x) && !any)
			judge_quotation(in, g, out, &said, x, x->text);
	}
}

/* ---- copied ---- */

static uint64_t
run_hash(struct plain s, const struct words *w, size_t from, size_t n)
{
	uint64_t h = 0xCBF29CE484222325u; /* FNV-1a */
	for (size_t k = from; k < from + n; k++) {
		for (int32_t i = w->start[k]; i < w->end[k]; i++)
			h = (h ^ s.p[i]) * 0x100000001B3u;
		h = (h ^ ' ') * 0x100000001B3u;
	}
	return h | 1; /* 0 is an empty place */
}

struct runs {
	uint64_t *hash;
	size_t room, n; /* room: a power of two, at least twice n */
};

static uint64_t *
runs_place(const struct runs *r, uint64_t hash)
{
	size_t i = (size_t)((hash ^ (hash >> 29)) & (r->room - 1));
	while (r->hash[i] != 0 && r->hash[i] != hash)
		i = (i + 1) & (r->room - 1);
	return &r->hash[i];
}

/* All runs of `least` words in the excerpts. */
static struct runs
runs_make(const struct gate_input *in, size_t words)
{
	size_t most = 0;
	for (size_t i = 0; i < in->reading->leaves; i++)
		if (str_eq(in->reading->leaf[i].node->name, STR("excerpt")))
			most += (size_t)in->reading->leaf[i].forms.fold.n;
	struct runs r = { .room = 16 };
	if (most == 0)
		return r;
	while (r.room < 2 * most && r.room < 2 * RUNS_MAX)
		r.room *= 2;
	r.hash = ARENA_ARRAY(in->arena, uint64_t, r.room);
	for (size_t i = 0; i < in->reading->leaves; i++) {
		const struct leaf *l = &in->reading->leaf[i];
		if (!str_eq(l->node->name, STR("excerpt")))
			continue;
		struct words w = words_of(in->arena, in->language, l->forms.fold);
		for (size_t k = 0; k + words <= w.n && r.n < RUNS_MAX; k++, r.n++) {
			uint64_t h = run_hash(l->forms.fold, &w, k, words);
			*runs_place(&r, h) = h;
		}
	}
	return r;
}

/* The passage without what it quotes; each quotation leaves a mark that no run goes across. */
static struct plain
unquoted(struct arena *a, const struct passage *x)
{
	struct buf *b = buf_in(a, 2 * x->text.n + 16);
	struct str quotation;
	size_t at = 0, from = 0, start;
	while (quotation_next(x->text, &at, &start, &quotation)) {
		buf_put(b, (struct str){ x->text.p + from, start - from });
		buf_put(b, STR(" 0quoted0 "));
		from = at;
	}
	buf_put(b, (struct str){ x->text.p + from, x->text.n - from });
	return buf_ok(b, &(struct err){ 0 }) ? plain_fold(a, buf_str(b)) : x->forms.fold;
}

void
judge_copied(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	size_t words = least(in, in->policy->copy_words);
	struct runs r = words > 0 ? runs_make(in, words) : (struct runs){ 0 };
	if (r.n == 0)
		return;
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		if (is_block(x))
			continue;
		struct plain s = unquoted(in->arena, x);
		struct words w = words_of(in->arena, in->language, s);
		for (size_t k = 0; k + words <= w.n; k++) {
			if (*runs_place(&r, run_hash(s, &w, k, words)) == 0)
				continue;
			struct plain run = { s.p + w.start[k], w.end[k + words - 1] - w.start[k] };
			gate_report(in, g, out, x->element, x->line,
			    "%zu words in a row are those of a source: '%.*s'", words,
			    QUOTE(plain_utf8(in->arena, run)));
			break;
		}
	}
}
