#include "generator/gate/cue.h"

#include <assert.h>
#include <unicode/ustring.h>

#define HEADS 1024 /* a power of two, well above the number of cues */

struct cue {
	struct plain text;
	uint64_t group;
	bool at_start;
	const struct cue *next;
};

/* Found by their first two units; those of one unit are ASCII. */
struct cues {
	struct arena *arena;
	const struct cue *head[HEADS];
	const struct cue *start;
	uint64_t single[128];
};

static unsigned
head_of(UChar a, UChar b)
{
	return (a * 31u + b * 7u) & (HEADS - 1);
}

struct cues *
cues_new(struct arena *a)
{
	struct cues *c = ARENA_NEW(a, struct cues);
	c->arena = a;
	return c;
}

static void
add(struct cues *c, struct str text, unsigned group)
{
	struct cue *x = ARENA_NEW(c->arena, struct cue);
	x->at_start = text.n > 1 && text.p[0] == '^';
	x->group = UINT64_C(1) << group;
	x->text = plain_utf16(c->arena,
	    x->at_start ? (struct str){ text.p + 1, text.n - 1 } : text);
	assert(group < CUE_GROUPS && x->text.n > 0);
	if (x->at_start) {
		x->next = c->start;
		c->start = x;
	} else if (x->text.n == 1) {
		assert(x->text.p[0] < 128);
		c->single[x->text.p[0]] |= x->group;
	} else {
		const struct cue **head = &c->head[head_of(x->text.p[0], x->text.p[1])];
		x->next = *head;
		*head = x;
	}
}

void
cues_add(struct cues *c, const char *list, unsigned group)
{
	struct str rest = str_of(list);
	while (rest.p != NULL)
		add(c, str_cut(rest, '|', &rest), group);
}

static bool
stands_at(const struct cue *x, struct plain s, int32_t i)
{
	return x->text.n <= s.n - i && u_memcmp(s.p + i, x->text.p, x->text.n) == 0;
}

uint64_t
cues_in(const struct cues *c, struct plain s)
{
	uint64_t found = 0;
	for (const struct cue *x = c->start; x != NULL; x = x->next)
		if (s.p[0] == x->text.p[0] && stands_at(x, s, 0))
			found |= x->group;
	for (int32_t i = 0; i < s.n; i++) {
		UChar a = s.p[i];
		if (a < 128)
			found |= c->single[a];
		/* Behind the last unit stands a NUL, which no cue holds. */
		for (const struct cue *x = c->head[head_of(a, s.p[i + 1])]; x != NULL; x = x->next)
			if ((found & x->group) == 0 && stands_at(x, s, i))
				found |= x->group;
	}
	return found;
}
