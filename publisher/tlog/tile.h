/*
 * tile: a log as static files (c2sp.org/tlog-tiles): hashes in tiles 256 wide, entries in
 * bundles of 256, each with its partial forms. What a name holds follows from the entries
 * alone, so whoever writes it writes the same bytes. Reads through a trust_source; every
 * hash handed out has been checked against the root of the tree.
 */
#ifndef PUBLISHER_TLOG_TILE_H
#define PUBLISHER_TLOG_TILE_H

#include "publisher/tlog/merkle.h"
#include "publisher/trust/client.h"

#define TILE_WIDTH 256
#define TILE_BYTES (TILE_WIDTH * 32)
#define ENTRY_MAX 65535 /* its length is written in two bytes */
#define ENTRIES_BYTES (TILE_WIDTH * (2 + ENTRY_MAX))
#define LOG_PREFIX "log/"

struct tile {
	bool entries;    /* a bundle of entries, not hashes; its level is 0 */
	unsigned level;
	uint64_t index;
	unsigned width;  /* 1 to 256 */
};
/* "log/tile/0/x001/234.p/5", "log/tile/entries/000". */
struct str tile_name(struct arena *, const struct tile *);
/* The reverse, of what stands behind "log/tile/": the one spelling only. */
bool tile_name_read(struct str, struct tile *out);
/* How wide a tree of that size has this tile: 0 if not at all. */
unsigned tile_width(uint64_t size, unsigned level, uint64_t index);

/* Entries of a bundle, borrowed; ERR_INPUT unless they are exactly n. */
bool entries_read(struct str bytes, struct str *entry, unsigned n, struct err *);
void entries_put(struct buf *, struct str entry);

struct tile_hold;
struct tile_tree {
	struct arena *a;
	const struct trust_source *source;
	struct merkle_tree tree;
	struct tile_hold *hold; /* what was read */
};
/*
 * The tree of this size and root as the source's tiles have it; what it is about lives in `a`.
 * ERR_UNTRUSTED: the tiles at its edge do not give the root. ERR_ABSENT names the tile that is
 * not there; ERR_BUSY as the source.
 */
bool tile_tree_open(struct arena *a, const struct trust_source *, const struct merkle_tree *,
    struct tile_tree **out, struct err *);
/* Its hashes, for merkle_inclusion and merkle_consistency. ERR_UNTRUSTED names a tile that
 * is not what the tree was made of. */
struct merkle_source tile_tree_source(struct tile_tree *);
/* Does the tree begin with all of `old`? ERR_UNTRUSTED: a fork, or a tile as above. */
bool tile_tree_extends(struct tile_tree *, const struct merkle_tree *old, struct err *);
/* Is this leaf number `leaf`? ERR_UNTRUSTED otherwise. */
bool tile_tree_includes(struct tile_tree *, uint64_t leaf, struct str entry, struct err *);
/* The entries of bundle `index`, checked against the tree; *n of them. */
bool tile_tree_entries(struct tile_tree *, uint64_t index, struct str **out, unsigned *n,
    struct err *);

/* The bytes of any file that this tree or a smaller one has, made from what was checked.
 * ERR_ABSENT: it has no such file. */
bool tile_tree_file(struct tile_tree *, const struct tile *, struct str *out, struct err *);

/* A file of the log that is to be written. */
struct tile_file {
	struct str name, bytes;
};
#define TILE_FILES 9 /* one bundle and at most eight levels */
/* The files that one more entry makes, and the tree it gives. */
bool tile_tree_append(struct tile_tree *, struct str entry, struct merkle_tree *next,
    struct tile_file out[static TILE_FILES], size_t *n, struct err *);

#endif
