/* Near-duplicates by MinHash over shingles (Broder 1997), found through bands (LSH). */
#include <unicode/ustring.h>

#include "generator/gate/judges.h"
#include "generator/gate/language/language.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"
#include "generator/gate/seen.h"

#define SHINGLE_WORDS 3
#define SHINGLE_CHARACTERS 5 /* where words are not separated by blanks */
#define SHINGLES_MIN 8       /* with fewer, only the same text counts */

/* A 64-bit mixer (the finaliser of splitmix64). */
static uint64_t
mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15u;
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
	return x ^ (x >> 31);
}

static uint64_t
hash(const UChar *p, int32_t n)
{
	uint64_t h = 0xCBF29CE484222325u; /* FNV-1a */
	for (int32_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001B3u;
	return h;
}

/* Four minima, as signed numbers: those are what vector units compare. */
typedef int32_t four __attribute__((vector_size(16)));
typedef uint32_t four_steps __attribute__((vector_size(16)));
#define SIGN 0x80000000u /* turns the order of unsigned numbers into that of signed ones */

struct minima {
	four of[SIGNATURE / 4];
	size_t shingles;
};

/*
 * The i-th hash of a shingle is x + i * y, where x and y are the halves of one good hash: any
 * two of them are independent, which is all that the error of the estimate rests on
 * (Kirsch and Mitzenmacher 2006), and a vector unit makes several at once.
 */
static void
minima_add(struct minima *m, uint64_t shingle)
{
	uint64_t both = mix(shingle);
	uint32_t x = (uint32_t)both + SIGN, y = (uint32_t)(both >> 32);
	four_steps hash = { x, x + y, x + 2 * y, x + 3 * y };
	for (size_t i = 0; i < SIGNATURE / 4; i++, hash += 4 * y) {
		four h = (four)hash, is_less = h < m->of[i];
		m->of[i] = (h & is_less) | (m->of[i] & ~is_less);
	}
	m->shingles++;
}

/* Each run of three words, or of five characters: from[] are where the pieces begin. */
static void
minima_fill(struct minima *m, struct plain text, bool by_character)
{
	int32_t from[SHINGLE_CHARACTERS + 1];
	int32_t width = by_character ? SHINGLE_CHARACTERS : SHINGLE_WORDS, have = 0;
	for (int32_t i = 0; i <= text.n; i++) {
		bool starts = by_character || i == 0 || text.p[i - 1] == ' ' || i == text.n;
		if (!starts)
			continue;
		if (have == width) {
			minima_add(m, hash(text.p + from[0], i - from[0]));
			memmove(from, from + 1, (size_t)(width - 1) * sizeof *from);
			have--;
		}
		from[have++] = i;
	}
}

void
signature_make(struct arena *a, const struct gate_input *in, struct signature *out)
{
	size_t room = 1;
	for (size_t i = 0; i < in->reading->passages; i++)
		room += (size_t)in->reading->passage[i].forms.fold.n + 1;
	UChar *p = ARENA_ARRAY(a, UChar, room);
	struct plain text = { p, 0 };
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct plain *fold = &in->reading->passage[i].forms.fold;
		if (in->reading->passage[i].kind != PASSAGE_PROSE || fold->n == 0)
			continue;
		if (text.n > 0)
			p[text.n++] = ' ';
		u_memcpy(p + text.n, fold->p, fold->n);
		text.n += fold->n;
	}
	memset(out, 0, sizeof *out);
	out->exact = digest_of((struct str){ (const char *)text.p, (size_t)text.n * sizeof *text.p });
	struct minima minima = { .shingles = 0 };
	for (size_t i = 0; i < SIGNATURE; i++)
		minima.of[i / 4][i % 4] = INT32_MAX;
	minima_fill(&minima, text, in->language->is_cjk);
	for (size_t i = 0; i < SIGNATURE; i++)
		out->minimum[i] = (uint32_t)minima.of[i / 4][i % 4] ^ SIGN;
	out->shingles = minima.shingles;
}

int64_t
signature_percent(const struct signature *x, const struct signature *y)
{
	if (digest_eq(&x->exact, &y->exact))
		return 100;
	if (x->shingles < SHINGLES_MIN || y->shingles < SHINGLES_MIN)
		return 0;
	int64_t same = 0;
	for (size_t i = 0; i < SIGNATURE; i++)
		same += x->minimum[i] == y->minimum[i];
	/* Not the same text, so never quite 100. */
	return same == SIGNATURE ? 99 : 100 * same / SIGNATURE;
}

void
seen_compare(const struct seen *seen, const struct gate_input *in, const struct gate *g,
    const struct signature *s, struct findings *out)
{
	const struct str *other = seen_id(seen, in->document);
	int64_t percent;
	if (other != NULL) {
		gate_report(in, g, out, STR("id"), 0, "'%.*s' is the id of %.*s as well",
		    QUOTE(in->document->id), STR_ARG(*other));
		return;
	}
	other = s->shingles == 0 ? NULL : seen_similar(seen, in->document, s, &percent);
	if (other != NULL && percent >= in->policy->duplicates_percent)
		gate_report(in, g, out, STR("prose"), 0, "%lld per cent the same as %.*s",
		    (long long)percent, STR_ARG(*other));
}

/* Among documents that are judged apart there is nothing to compare with yet. */
void
judge_duplicates(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	struct signature s;
	if (seen_is_tools(in->seen))
		return;
	signature_make(in->arena, in, &s);
	seen_compare(in->seen, in, g, &s, out);
}
