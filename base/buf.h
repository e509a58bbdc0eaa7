/*
 * buf: bytes being written, with a maximum it was born with. A refused append makes the
 * failure stick: write freely, ask once with buf_ok. Owns heap memory: release it, or make
 * it with buf_in so that an arena does.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct buf {
	char *p;
	size_t n;
	size_t room;
	size_t max;
	bool refused;
};

void buf_init(struct buf *, size_t max);
/* As buf_init, released with the arena; the returned pointer lives in it. */
struct buf *buf_in(struct arena *, size_t max);
void buf_release(struct buf *);
/* Empties it; keeps the memory, clears the refusal. */
void buf_reset(struct buf *);
void buf_put(struct buf *, struct str);
void buf_putc(struct buf *, char);
void buf_printf(struct buf *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* ERR_LIMIT if any append was refused. */
bool buf_ok(const struct buf *, struct err *);

static inline struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}

#endif
