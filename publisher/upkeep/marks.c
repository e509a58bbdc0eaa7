#include "publisher/upkeep/marks.h"

#include <stdlib.h>

#define SLOTS_FIRST 1024

static void
release(void *marks)
{
	struct marks *m = marks;
	free(m->slot);
	m->slot = NULL;
}

static unsigned char *
slots_new(size_t n, size_t width)
{
	unsigned char *p = calloc(n, width);
	if (p == NULL)
		abort();
	return p;
}

struct marks *
marks_new(struct arena *a, size_t width)
{
	struct marks *m = ARENA_NEW(a, struct marks);
	*m = (struct marks){ slots_new(SLOTS_FIRST, width), width, SLOTS_FIRST, 0 };
	arena_defer(a, release, m);
	return m;
}

static bool
is_free(const struct marks *m, const unsigned char *slot)
{
	unsigned char any = 0;
	for (size_t i = 0; i < m->width; i++)
		any |= slot[i];
	return any == 0;
}

/* Where these bytes are, or would be. */
static unsigned char *
slot_of(const struct marks *m, const unsigned char *bytes)
{
	uint64_t h;
	memcpy(&h, bytes, sizeof h); /* a digest is as good as any hash of it */
	for (size_t i = (size_t)h & (m->slots - 1);; i = (i + 1) & (m->slots - 1)) {
		unsigned char *slot = m->slot + i * m->width;
		if (memcmp(slot, bytes, m->width) == 0 || is_free(m, slot))
			return slot;
	}
}

static void
grow(struct marks *m)
{
	struct marks bigger = { slots_new(2 * m->slots, m->width), m->width, 2 * m->slots, m->n };
	for (size_t i = 0; i < m->slots; i++) {
		const unsigned char *old = m->slot + i * m->width;
		if (!is_free(m, old))
			memcpy(slot_of(&bigger, old), old, m->width);
	}
	free(m->slot);
	*m = bigger;
}

bool
marks_add(struct marks *m, const struct digest *d)
{
	if (3 * m->n >= 2 * m->slots)
		grow(m);
	unsigned char *slot = slot_of(m, d->b);
	if (!is_free(m, slot))
		return false;
	memcpy(slot, d->b, m->width);
	m->n++;
	return true;
}

bool
marks_has(const struct marks *m, const struct digest *d)
{
	return !is_free(m, slot_of(m, d->b));
}
