/*
 * merkle: the hash tree of RFC 6962, section 2.1, and its proofs. Pure: no I/O but what `get`
 * does, no clock. Leaves are counted from 0; a tree of n leaves is named by n and its root.
 */
#ifndef PUBLISHER_TLOG_MERKLE_H
#define PUBLISHER_TLOG_MERKLE_H

#include "base/digest.h"

#define MERKLE_LEVELS 64
#define MERKLE_SIZE_MAX (UINT64_C(1) << 53) /* what JSON and str_to_u64 can hold */

struct merkle_tree {
	uint64_t size;
	struct digest root;
};

/* The root of no leaves is SHA-256 of nothing. */
struct digest merkle_empty(void);
struct digest merkle_leaf(struct str entry);
struct digest merkle_node(const struct digest *left, const struct digest *right);

/* A tree that grows by its end: the roots of its whole subtrees, largest first. */
struct merkle_edge {
	uint64_t size;
	struct digest hash[MERKLE_LEVELS]; /* as many as `size` has bits set */
};
void merkle_push(struct merkle_edge *, const struct digest *leaf);
struct digest merkle_edge_root(const struct merkle_edge *);

/* Where hashes of whole subtrees come from: MTH(D[index << level : (index + 1) << level]). */
struct merkle_source {
	bool (*get)(void *ctx, unsigned level, uint64_t index, struct digest *out, struct err *);
	void *ctx;
};
/* MTH(D[0:size]). Errors are those of `get`. */
bool merkle_root(const struct merkle_source *, uint64_t size, struct digest *out, struct err *);

struct merkle_proof {
	struct digest hash[2 * MERKLE_LEVELS];
	size_t n;
};
/* Section 2.1.1; leaf < size. Section 2.1.2; 0 < old <= size. Errors are those of `get`. */
bool merkle_inclusion(const struct merkle_source *, uint64_t leaf, uint64_t size,
    struct merkle_proof *out, struct err *);
bool merkle_consistency(const struct merkle_source *, uint64_t old, uint64_t size,
    struct merkle_proof *out, struct err *);

/* Is this the hash of leaf number `leaf` of that tree? RFC 9162, section 2.1.3.2. */
bool merkle_included(const struct merkle_tree *, uint64_t leaf, const struct digest *hash,
    const struct merkle_proof *);
/* Does `new` begin with all of `old`? RFC 9162, section 2.1.4.2; so does every tree with the
 * empty one, by an empty proof. */
bool merkle_consistent(const struct merkle_tree *old, const struct merkle_tree *new,
    const struct merkle_proof *);

#endif
