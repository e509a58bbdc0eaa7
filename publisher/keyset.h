/* keyset: the surrogate keys that a change makes edges forget; sorted, each once. */
#ifndef PUBLISHER_KEYSET_H
#define PUBLISHER_KEYSET_H

#include "publisher/bundle/manifest.h"
#include "publisher/publish.h"

struct keyset {
	struct arena *a;
	struct str *key;
	size_t n, room;
};

void keyset_add(struct keyset *, struct str key); /* copied */
/* Sort, drop doubles. More may be added afterwards. */
void keyset_sort(struct keyset *);

struct difference {
	struct keyset *keys;
	struct planned_file *file; /* those that change, by path */
	size_t n, room;
	size_t added, changed, removed;
};
/*
 * What has to be forgotten when `new` takes the place of `old` (either may be NULL), added to
 * d: the item keys of documents whose files changed, the path keys of changed files of the
 * whole bundle, and the path keys of new files, because edges may hold their 404.
 */
void difference_add(struct arena *, const struct manifest *old, const struct manifest *new,
    struct difference *d);

#endif
