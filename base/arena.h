/*
 * arena: the memory and the open handles of one job (a document, a publish, a request).
 * Everything is given back at once, handles closed newest first. Not thread-safe: one
 * arena belongs to one thread at a time. Out of memory aborts; see docs/architecture.md.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena;

struct arena *arena_new(void);
/* Runs the deferred closes, newest first, then frees everything. NULL is fine. */
void arena_free(struct arena *);
/* Zeroed, aligned for any type, never NULL. Aborts when count * size overflows. */
void *arena_alloc(struct arena *, size_t count, size_t size);
/* A copy that is also NUL-terminated (the NUL is not counted in n). */
struct str arena_copy(struct arena *, struct str);
struct str arena_printf(struct arena *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Call close(handle) when the arena goes. */
void arena_defer(struct arena *, void (*close)(void *), void *handle);

#define ARENA_NEW(arena, type) ((type *)arena_alloc(arena, 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc(arena, count, sizeof(type)))
/*
 * Make room for one more in the arena-owned array `items` (a pointer lvalue) of `count`
 * used slots and `room` slots; both size_t lvalues. Doubles; the old copy stays in the arena.
 */
#define ARENA_GROW(arena, items, count, room)                                             \
	((items) = arena_grow(arena, items, count, &(room), sizeof *(items)))
void *arena_grow(struct arena *, void *items, size_t count, size_t *room, size_t size);

#endif
