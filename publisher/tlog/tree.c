/* tile: a tree behind its tiles; what comes out of here was checked against its root. */
#include <inttypes.h>

#include "publisher/tlog/tile.h"

struct tile_hold {
	struct tile_hold *next;
	struct tile tile;
	struct str bytes;
};

static bool
wrong(struct arena *a, const struct tile *t, struct err *err)
{
	return err_set(err, ERR_UNTRUSTED, "%.*s is not what the log was made of",
	    STR_ARG(tile_name(a, t)));
}

/* A tile of a grown log may stand under its whole name only. */
static bool
file_get(struct tile_tree *t, const struct tile *tile, size_t max, struct str *out,
    bool *whole, struct err *err)
{
	struct tile full = *tile;
	struct err why = { 0 };
	*whole = tile->width == TILE_WIDTH;
	if (t->source->get(t->source->ctx, t->a, tile_name(t->a, tile), max, out, &why))
		return true;
	full.width = TILE_WIDTH;
	if (why.code == ERR_ABSENT && !*whole
	    && t->source->get(t->source->ctx, t->a, tile_name(t->a, &full), max, out, err)) {
		*whole = true;
		return true;
	}
	if (why.code == ERR_LIMIT)
		return wrong(t->a, tile, err);
	return err_set(err, why.code, "%s", why.text);
}

static struct digest
hash_at(struct str bytes, size_t i)
{
	struct digest d;
	memcpy(d.b, bytes.p + 32 * i, sizeof d.b);
	return d;
}

/* The root of n neighbours, n a power of two. */
static struct digest
hash_of(struct str bytes, size_t from, size_t n)
{
	if (n == 1)
		return hash_at(bytes, from);
	const struct digest left = hash_of(bytes, from, n / 2);
	const struct digest right = hash_of(bytes, from + n / 2, n / 2);
	return merkle_node(&left, &right);
}

static bool tile_get(struct tile_tree *, unsigned level, uint64_t index, struct str *out,
    struct err *);

/* The level above has the root of every whole tile. */
static bool
check_whole(struct tile_tree *t, const struct tile *tile, struct str bytes, struct err *err)
{
	struct str above;
	const struct digest is = hash_of(bytes, 0, TILE_WIDTH);
	if (!tile_get(t, tile->level + 1, tile->index / TILE_WIDTH, &above, err))
		return false;
	const struct digest is_signed = hash_at(above, tile->index % TILE_WIDTH);
	return digest_eq(&is, &is_signed) || wrong(t->a, tile, err);
}

static bool
tile_get(struct tile_tree *t, unsigned level, uint64_t index, struct str *out, struct err *err)
{
	const struct tile tile = { false, level, index, tile_width(t->tree.size, level, index) };
	bool whole;
	for (struct tile_hold *h = t->hold; h != NULL; h = h->next)
		if (h->tile.level == level && h->tile.index == index) {
			*out = h->bytes;
			return true;
		}
	if (!file_get(t, &tile, TILE_BYTES, out, &whole, err))
		return false;
	if (out->n != 32 * (size_t)(whole ? TILE_WIDTH : tile.width))
		return wrong(t->a, &tile, err);
	if (tile.width == TILE_WIDTH && !check_whole(t, &tile, *out, err))
		return false;
	struct tile_hold *h = ARENA_NEW(t->a, struct tile_hold);
	*h = (struct tile_hold){ t->hold, tile, { out->p, 32 * (size_t)tile.width } };
	t->hold = h;
	*out = h->bytes;
	return true;
}

static bool
subtree(void *ctx, unsigned level, uint64_t index, struct digest *out, struct err *err)
{
	struct tile_tree *t = ctx;
	struct str bytes;
	const unsigned inside = level % 8;
	const uint64_t first = index << inside;
	if (!tile_get(t, level / 8, first / TILE_WIDTH, &bytes, err))
		return false;
	*out = hash_of(bytes, first % TILE_WIDTH, (size_t)1 << inside);
	return true;
}

struct merkle_source
tile_tree_source(struct tile_tree *t)
{
	return (struct merkle_source){ subtree, t };
}

/* All partial tiles are at the edge, and the root follows from them. */
static bool
edge_check(struct tile_tree *t, struct err *err)
{
	const struct merkle_source source = tile_tree_source(t);
	struct digest root;
	if (!merkle_root(&source, t->tree.size, &root, err))
		return false;
	if (digest_eq(&root, &t->tree.root))
		return true;
	struct str names = STR("");
	for (const struct tile_hold *h = t->hold; h != NULL; h = h->next)
		names = arena_printf(t->a, "%.*s%s%.*s", STR_ARG(names), names.n > 0 ? ", " : "",
		    STR_ARG(tile_name(t->a, &h->tile)));
	return err_set(err, ERR_UNTRUSTED, "%.*s: not what the log was made of: the signed root of %"
	    PRIu64 " records is another", STR_ARG(names), t->tree.size);
}

bool
tile_tree_open(struct arena *a, const struct trust_source *source,
    const struct merkle_tree *tree, struct tile_tree **out, struct err *err)
{
	struct tile_tree *t = ARENA_NEW(a, struct tile_tree);
	*t = (struct tile_tree){ a, source, *tree, NULL };
	*out = t;
	return edge_check(t, err);
}

bool
tile_tree_extends(struct tile_tree *t, const struct merkle_tree *old, struct err *err)
{
	const struct merkle_source source = tile_tree_source(t);
	struct merkle_proof p = { .n = 0 };
	if (old->size > 0 && old->size <= t->tree.size
	    && !merkle_consistency(&source, old->size, t->tree.size, &p, err))
		return false;
	return merkle_consistent(old, &t->tree, &p)
	    || err_set(err, ERR_UNTRUSTED, "fork: the log of %" PRIu64 " records does not begin with "
	           "the %" PRIu64 " that were signed before", t->tree.size, old->size);
}

bool
tile_tree_includes(struct tile_tree *t, uint64_t leaf, struct str entry, struct err *err)
{
	const struct merkle_source source = tile_tree_source(t);
	const struct digest hash = merkle_leaf(entry);
	struct merkle_proof p;
	if (leaf >= t->tree.size)
		return err_set(err, ERR_UNTRUSTED, "the log has no record %" PRIu64, leaf);
	return merkle_inclusion(&source, leaf, t->tree.size, &p, err)
	    && (merkle_included(&t->tree, leaf, &hash, &p)
	           || err_set(err, ERR_UNTRUSTED, "record %" PRIu64 " of the log is another", leaf));
}

bool
tile_tree_entries(struct tile_tree *t, uint64_t index, struct str **out, unsigned *n,
    struct err *err)
{
	const struct tile tile = { true, 0, index, tile_width(t->tree.size, 0, index) };
	struct str bytes, hashes;
	bool whole;
	struct err ignored;
	if (!tile_get(t, 0, index, &hashes, err)
	    || !file_get(t, &tile, ENTRIES_BYTES, &bytes, &whole, err))
		return false;
	*out = ARENA_ARRAY(t->a, struct str, TILE_WIDTH);
	*n = tile.width;
	if (!entries_read(bytes, *out, whole ? TILE_WIDTH : tile.width, &ignored))
		return wrong(t->a, &tile, err);
	for (unsigned i = 0; i < tile.width; i++) {
		const struct digest is = merkle_leaf((*out)[i]), was = hash_at(hashes, i);
		if (!digest_eq(&is, &was))
			return err_set(err, ERR_UNTRUSTED, "%.*s: record %" PRIu64 " is not what was logged",
			    STR_ARG(tile_name(t->a, &tile)), index * TILE_WIDTH + i);
	}
	return true;
}

bool
tile_tree_file(struct tile_tree *t, const struct tile *tile, struct str *out, struct err *err)
{
	const unsigned width = tile_width(t->tree.size, tile->level, tile->index);
	struct buf *bytes = buf_in(t->a, ENTRIES_BYTES);
	struct str *entry;
	unsigned n;
	if (tile->width == 0 || tile->width > width)
		return err_set(err, ERR_ABSENT, "the log has no such tile");
	if (!tile->entries) {
		if (!tile_get(t, tile->level, tile->index, out, err))
			return false;
		out->n = 32 * (size_t)tile->width;
		return true;
	}
	if (!tile_tree_entries(t, tile->index, &entry, &n, err))
		return false;
	for (unsigned i = 0; i < tile->width; i++)
		entries_put(bytes, entry[i]);
	*out = buf_str(bytes);
	return buf_ok(bytes, err);
}

/* The bundle with one entry more. */
static bool
append_entry(struct tile_tree *t, struct str entry, struct tile_file *out, struct err *err)
{
	const uint64_t index = t->tree.size / TILE_WIDTH;
	const unsigned had = t->tree.size % TILE_WIDTH;
	struct buf *bytes = buf_in(t->a, ENTRIES_BYTES);
	struct str *before = NULL;
	unsigned n = 0;
	if (had > 0 && !tile_tree_entries(t, index, &before, &n, err))
		return false;
	for (unsigned i = 0; i < n; i++)
		entries_put(bytes, before[i]);
	entries_put(bytes, entry);
	const struct tile tile = { true, 0, index, had + 1 };
	*out = (struct tile_file){ tile_name(t->a, &tile), buf_str(bytes) };
	return buf_ok(bytes, err);
}

/* One level: the tile with `hash` behind what it had. *more: it is whole now, and its root is
 * for the level above. */
static bool
append_hash(struct tile_tree *t, unsigned level, struct digest *hash, struct tile_file *out,
    bool *more, struct err *err)
{
	const uint64_t hashes = t->tree.size >> (8 * level);
	const struct tile tile = { false, level, hashes / TILE_WIDTH,
		(unsigned)(hashes % TILE_WIDTH) + 1 };
	struct buf *bytes = buf_in(t->a, TILE_BYTES);
	struct str before = STR("");
	if (tile.width > 1 && !tile_get(t, level, tile.index, &before, err))
		return false;
	buf_put(bytes, before);
	buf_put(bytes, (struct str){ (const char *)hash->b, sizeof hash->b });
	*out = (struct tile_file){ tile_name(t->a, &tile), buf_str(bytes) };
	*more = tile.width == TILE_WIDTH;
	if (*more)
		*hash = hash_of(out->bytes, 0, TILE_WIDTH);
	return buf_ok(bytes, err);
}

/* The whole subtrees of the edge, from which the next root follows. */
static bool
edge_read(struct tile_tree *t, struct merkle_edge *out, struct err *err)
{
	uint64_t from = 0;
	size_t n = 0;
	out->size = t->tree.size;
	for (unsigned level = 63; level < 64; level--) {
		if ((t->tree.size >> level & 1) == 0)
			continue;
		if (!subtree(t, level, from >> level, &out->hash[n++], err))
			return false;
		from += UINT64_C(1) << level;
	}
	return true;
}

bool
tile_tree_append(struct tile_tree *t, struct str entry, struct merkle_tree *next,
    struct tile_file out[static TILE_FILES], size_t *n, struct err *err)
{
	struct merkle_edge edge;
	struct digest hash = merkle_leaf(entry);
	bool more = true;
	if (entry.n > ENTRY_MAX)
		return err_set(err, ERR_LIMIT, "a record of %zu bytes, at most %d", entry.n, ENTRY_MAX);
	if (!edge_read(t, &edge, err) || !append_entry(t, entry, &out[0], err))
		return false;
	merkle_push(&edge, &hash);
	*next = (struct merkle_tree){ edge.size, merkle_edge_root(&edge) };
	*n = 1;
	for (unsigned level = 0; more && level + 1 < TILE_FILES; level++)
		if (!append_hash(t, level, &hash, &out[(*n)++], &more, err))
			return false;
	return true;
}
