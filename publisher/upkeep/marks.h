/*
 * marks: a set of keys or digests in little memory: open addressing over their first bytes.
 * Eight bytes of a key's SHA-256 serve where a false "yes" does no harm; 32 where it would.
 */
#ifndef PUBLISHER_MARKS_H
#define PUBLISHER_MARKS_H

#include "base/digest.h"

struct marks {
	unsigned char *slot; /* zeros: free */
	size_t width, slots, n;
};

/* width: bytes of the digest that are kept, 8 to 32. Goes with the arena. Takes 1.5 to 3
 * times width bytes for each. */
struct marks *marks_new(struct arena *, size_t width);
/* False if it was there. */
bool marks_add(struct marks *, const struct digest *);
bool marks_has(const struct marks *, const struct digest *);

#endif
