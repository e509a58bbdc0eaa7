/* keyset: the surrogate keys that a change makes edges forget; sorted, each once. */
#ifndef PUBLISHER_KEYSET_H
#define PUBLISHER_KEYSET_H

#include "publisher/bundle/tree.h"
#include "publisher/release/publish.h"

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
	size_t documents_removed;
	/* If set, is shown the old entries that were looked at; they go when it returns. */
	void (*seen)(void *ctx, const struct tree *old);
	void *ctx;
};
/* The shards of one version of a bundle and how to get at their entries. */
struct tree_source {
	const struct shard *shard;
	size_t n;
	/* What is in *out lives in the arena, or longer. */
	bool (*tree)(void *ctx, struct arena *, size_t i, struct tree *out, struct err *);
	void *ctx;
};
/*
 * What has to be forgotten when `new` takes the place of `old` (either may be NULL), added to
 * d: the item keys of documents whose files changed, the path keys of changed files of the
 * whole bundle, and the path keys of new files, because edges may hold their 404. Shards of the
 * same content are not looked at. d->file is sorted.
 */
bool difference_add(struct arena *, struct str vertical, struct str locale,
    const struct tree_source *old, const struct tree_source *new, struct difference *d,
    struct err *);

#endif
