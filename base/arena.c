#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Under AddressSanitizer each allocation is a block of its own, so that it sees overruns. */
#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_ROOM 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_ROOM 0
#endif
#endif
#ifndef BLOCK_ROOM
#define BLOCK_ROOM (16 * 1024 - sizeof(struct block))
#endif

struct block {
	struct block *older;
	max_align_t bytes[];
};

struct deferred {
	struct deferred *older;
	void (*close)(void *);
	void *handle;
};

struct arena {
	struct block *block;
	struct deferred *deferred;
	char *next;  /* free part of the newest small block */
	size_t room;
};

static void *
zeroed(size_t size)
{
	void *p = calloc(1, size);
	if (p == NULL)
		abort(); /* every input is bounded at the border: a deployment fault */
	return p;
}

struct arena *
arena_new(void)
{
	return zeroed(sizeof(struct arena));
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	while (a->deferred != NULL) { /* a close may defer or allocate */
		struct deferred *d = a->deferred;
		a->deferred = d->older;
		d->close(d->handle);
	}
	while (a->block != NULL) {
		struct block *older = a->block->older;
		free(a->block);
		a->block = older;
	}
	free(a);
}

static void *
block_add(struct arena *a, size_t room)
{
	if (room > SIZE_MAX - sizeof(struct block))
		abort();
	struct block *b = zeroed(sizeof *b + room);
	b->older = a->block;
	a->block = b;
	return b->bytes;
}

void *
arena_alloc(struct arena *a, size_t count, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	size_t n;
	if (__builtin_mul_overflow(count, size, &n) || n > SIZE_MAX - align)
		abort();
	size_t taken = (n + align - 1) / align * align;
	if (taken == 0)
		taken = align;
	if (taken > BLOCK_ROOM / 4)
		return block_add(a, n > 0 ? n : 1);
	if (taken > a->room) {
		a->next = block_add(a, BLOCK_ROOM);
		a->room = BLOCK_ROOM;
	}
	void *p = a->next;
	a->next += taken;
	a->room -= taken;
	return p;
}

struct str
arena_copy(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1, 1);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

struct str
arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		abort();
	char *p = arena_alloc(a, (size_t)n + 1, 1);
	(void)vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

void
arena_defer(struct arena *a, void (*close)(void *), void *handle)
{
	struct deferred *d = ARENA_NEW(a, struct deferred);
	*d = (struct deferred){ a->deferred, close, handle };
	a->deferred = d;
}

void *
arena_grow(struct arena *a, void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	size_t wanted = count < 4 ? 8 : count * 2;
	void *grown = arena_alloc(a, wanted, size);
	if (count > 0)
		memcpy(grown, items, count * size);
	*room = wanted;
	return grown;
}
