#include "generator/gate/seen.h"

#include <assert.h>
#include <unicode/ustring.h>

#include "generator/gate/language/language.h"

#define BANDS 16 /* of 8 minima each: what is alike to 90 per cent meets in one with p > 0.9998 */
#define BAND_ROWS (SIGNATURE / BANDS)
#define PATTERNS_MAX 64
#define PATTERN_TIME 2000 /* ICU's own unit, a bound against patterns that backtrack */

struct entry {
	struct str where;
	struct signature signature;
};
/* A chained hash table from a 64-bit key; the keys are hashes, collisions are checked by the
 * caller where they would matter. */
struct slot {
	uint64_t key;
	const struct entry *entry;
	struct slot *next;
};
struct map {
	struct slot **head;
	size_t n, room; /* room: a power of two */
};
struct cached_pattern {
	const char *pattern;
	URegularExpression *regex;
};
struct cache {
	struct cached_pattern pattern[PATTERNS_MAX];
	size_t patterns;
};
struct seen {
	struct arena *arena;
	struct map id, band;
	const struct language **language;
	size_t languages, languages_room;
	struct cache *cache;
};

struct seen *
seen_new(struct arena *a)
{
	struct seen *s = ARENA_NEW(a, struct seen);
	s->arena = a;
	s->cache = ARENA_NEW(a, struct cache);
	return s;
}

/* Keyed by content only: the same input gives the same verdict. The digest's first bytes. */
static uint64_t
key_of(struct str bytes)
{
	uint64_t k;
	struct digest d = digest_of(bytes);
	memcpy(&k, d.b, sizeof k);
	return k;
}

static void
map_grow(struct arena *a, struct map *m)
{
	size_t room = m->room == 0 ? 64 : 4 * m->room;
	struct slot **head = ARENA_ARRAY(a, struct slot *, room);
	for (size_t i = 0; i < m->room; i++)
		for (struct slot *s = m->head[i], *next; s != NULL; s = next) {
			next = s->next;
			s->next = head[s->key & (room - 1)];
			head[s->key & (room - 1)] = s;
		}
	m->head = head;
	m->room = room;
}

static void
map_add(struct arena *a, struct map *m, uint64_t key, const struct entry *e)
{
	if (m->n >= m->room)
		map_grow(a, m);
	struct slot *s = ARENA_NEW(a, struct slot);
	*s = (struct slot){ key, e, m->head[key & (m->room - 1)] };
	m->head[key & (m->room - 1)] = s;
	m->n++;
}

static const struct slot *
map_first(const struct map *m, uint64_t key)
{
	return m->room == 0 ? NULL : m->head[key & (m->room - 1)];
}

/* The names cannot hold a slash, so the key is unambiguous. */
static uint64_t
id_key(struct arena *a, const struct document *d)
{
	return key_of(arena_printf(a, "%.*s/%.*s/%.*s", STR_ARG(d->vertical), STR_ARG(d->locale),
	    STR_ARG(d->id)));
}

static uint64_t
band_key(struct arena *a, const struct document *d, const struct signature *s, size_t band)
{
	struct buf *b = buf_in(a, 256);
	buf_printf(b, "%.*s/%.*s/%zu/", STR_ARG(d->vertical), STR_ARG(d->locale), band);
	for (size_t i = 0; i < BAND_ROWS; i++)
		buf_printf(b, "%08x", s->minimum[band * BAND_ROWS + i]);
	return key_of(buf_str(b));
}

const struct str *
seen_id(const struct seen *s, const struct document *d)
{
	uint64_t key = id_key(s->arena, d);
	for (const struct slot *x = map_first(&s->id, key); x != NULL; x = x->next)
		if (x->key == key)
			return &x->entry->where;
	return NULL;
}

const struct str *
seen_similar(const struct seen *s, const struct document *d, const struct signature *sig,
    int64_t *percent)
{
	const struct str *best = NULL;
	*percent = 0;
	for (size_t band = 0; band < BANDS; band++) {
		uint64_t key = band_key(s->arena, d, sig, band);
		for (const struct slot *x = map_first(&s->band, key); x != NULL; x = x->next) {
			if (x->key != key)
				continue;
			int64_t p = signature_percent(sig, &x->entry->signature);
			if (p > *percent) {
				*percent = p;
				best = &x->entry->where;
			}
		}
	}
	return best;
}

void
seen_remember(struct seen *s, const struct gate_input *in)
{
	const struct document *d = in->document;
	struct entry *e = ARENA_NEW(s->arena, struct entry);
	e->where = arena_copy(s->arena, d->raw.where);
	signature_make(in->arena, in, &e->signature);
	map_add(s->arena, &s->id, id_key(s->arena, d), e);
	if (e->signature.shingles == 0)
		return;
	for (size_t band = 0; band < BANDS; band++)
		map_add(s->arena, &s->band, band_key(s->arena, d, &e->signature, band), e);
}

const struct language *
seen_language(struct seen *s, struct str locale)
{
	for (size_t i = 0; i < s->languages; i++)
		if (str_eq(s->language[i]->tag, locale))
			return s->language[i];
	ARENA_GROW(s->arena, s->language, s->languages, s->languages_room);
	return s->language[s->languages++] = language_make(s->arena, locale);
}

static void
close_regex(void *regex)
{
	uregex_close(regex);
}

static URegularExpression *
compile(struct arena *a, const char *pattern)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = 0;
	UChar *p = ARENA_ARRAY(a, UChar, strlen(pattern) + 1);
	u_strFromUTF8(p, (int32_t)strlen(pattern) + 1, &n, pattern, -1, &e);
	URegularExpression *regex = uregex_open(p, n, 0, NULL, &e);
	assert(U_SUCCESS(e)); /* the patterns are ours, and tests run them all */
	arena_defer(a, close_regex, regex);
	uregex_setTimeLimit(regex, PATTERN_TIME, &e);
	return regex;
}

URegularExpression *
seen_pattern(const struct seen *s, const char *pattern, const UChar *text, int32_t n)
{
	struct cache *c = s->cache;
	size_t i = 0;
	while (i < c->patterns && c->pattern[i].pattern != pattern)
		i++;
	if (i == c->patterns) {
		assert(i < PATTERNS_MAX);
		c->pattern[c->patterns++] =
		    (struct cached_pattern){ pattern, compile(s->arena, pattern) };
	}
	UErrorCode e = U_ZERO_ERROR;
	uregex_setText(c->pattern[i].regex, text, n, &e);
	return c->pattern[i].regex;
}
