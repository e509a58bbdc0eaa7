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
	const struct signature *signature;
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
	struct http_session *session; /* NULL: not needed yet */
};
struct seen {
	struct arena *arena;
	struct map id, band;
	const struct language **language;
	size_t languages, languages_room;
	struct cache *cache;
	exchange_fn *answers; /* NULL: the network */
	void *answers_ctx;
	struct signature *last; /* of the document just judged; NULL unless made by seen_tools */
};

struct seen *
seen_new(struct arena *a)
{
	struct seen *s = ARENA_NEW(a, struct seen);
	s->arena = a;
	s->cache = ARENA_NEW(a, struct cache);
	return s;
}

struct seen *
seen_tools(struct arena *a)
{
	struct seen *s = seen_new(a);
	s->last = ARENA_NEW(a, struct signature);
	return s;
}

bool
seen_is_tools(const struct seen *s)
{
	return s->last != NULL;
}

struct signature *
seen_signature(struct seen *s)
{
	return s->last;
}

struct signature *
seen_signature_new(struct seen *s)
{
	return ARENA_NEW(s->arena, struct signature);
}

/* Keyed by content only: the same input gives the same verdict. */
static uint64_t
hash(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001B3u; /* FNV-1a */
	return h;
}

/* Spread over all bits: the tables take the low ones. */
static uint64_t
spread(uint64_t h)
{
	h = (h ^ (h >> 32)) * 0xD6E8FEB86659FD93u;
	return h ^ (h >> 32);
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
bundle_hash(const struct document *d)
{
	uint64_t h = hash(0xCBF29CE484222325u, d->vertical.p, d->vertical.n);
	h = hash(h, "/", 1);
	h = hash(h, d->locale.p, d->locale.n);
	return hash(h, "/", 1);
}

static uint64_t
id_key(const struct document *d)
{
	return spread(hash(bundle_hash(d), d->id.p, d->id.n));
}

static uint64_t
band_key(uint64_t bundle, const struct signature *s, size_t band)
{
	uint64_t h = hash(bundle, &band, sizeof band);
	return spread(hash(h, &s->minimum[band * BAND_ROWS], BAND_ROWS * sizeof *s->minimum));
}

const struct str *
seen_id(const struct seen *s, const struct document *d)
{
	uint64_t key = id_key(d);
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
	uint64_t bundle = bundle_hash(d);
	*percent = 0;
	for (size_t band = 0; band < BANDS; band++) {
		uint64_t key = band_key(bundle, sig, band);
		for (const struct slot *x = map_first(&s->band, key); x != NULL; x = x->next) {
			if (x->key != key)
				continue;
			int64_t p = signature_percent(sig, x->entry->signature);
			if (p > *percent) {
				*percent = p;
				best = &x->entry->where;
			}
		}
	}
	return best;
}

void
seen_remember(struct seen *s, const struct document *d, const struct signature *signature)
{
	struct entry *e = ARENA_NEW(s->arena, struct entry);
	uint64_t bundle = bundle_hash(d);
	e->where = arena_copy(s->arena, d->raw.where);
	e->signature = signature;
	map_add(s->arena, &s->id, id_key(d), e);
	if (signature->shingles == 0)
		return;
	for (size_t band = 0; band < BANDS; band++)
		map_add(s->arena, &s->band, band_key(bundle, signature, band), e);
}

void
seen_answers(struct seen *s, exchange_fn *answers, void *ctx)
{
	s->answers = answers;
	s->answers_ctx = ctx;
}

bool
seen_exchange(const struct seen *s, struct arena *a, const struct http_request *rq,
    struct http_response *out, struct err *err)
{
	if (s->answers != NULL)
		return s->answers(s->answers_ctx, a, rq, out, err);
	if (s->cache->session == NULL)
		s->cache->session = http_open(s->arena);
	return http_do(s->cache->session, a, rq, out, err);
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
