#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

static void
release(void *b)
{
	buf_release(b);
}

struct buf *
buf_in(struct arena *a, size_t max)
{
	struct buf *b = ARENA_NEW(a, struct buf);
	buf_init(b, max);
	arena_defer(a, release, b);
	return b;
}

void
buf_release(struct buf *b)
{
	free(b->p);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->refused = false;
}

/* Room for n more bytes and a NUL that printf wants; false, and it sticks, over the maximum. */
static bool
reserve(struct buf *b, size_t n)
{
	if (b->refused || n > b->max - b->n) {
		b->refused = true;
		return false;
	}
	size_t needed = b->n + n + 1;
	if (needed <= b->room)
		return true;
	size_t room = b->room * 2 > needed ? b->room * 2 : needed + 64;
	char *p = realloc(b->p, room);
	if (p == NULL)
		abort();
	b->p = p;
	b->room = room;
	return true;
}

void
buf_put(struct buf *b, struct str s)
{
	if (s.n == 0 || !reserve(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void
buf_putc(struct buf *b, char c)
{
	if (reserve(b, 1))
		b->p[b->n++] = c;
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		abort();
	if (reserve(b, (size_t)n)) {
		(void)vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

bool
buf_ok(const struct buf *b, struct err *err)
{
	return !b->refused || err_set(err, ERR_LIMIT, "more than %zu bytes", b->max);
}
