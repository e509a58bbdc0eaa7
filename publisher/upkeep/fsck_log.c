/* fsck: the files of the log, made again from its records. Each record names the one before it,
 * and the newest is named by the signed snapshot: so the records prove themselves. */
#include <inttypes.h>

#include "publisher/release/audit.h"
#include "publisher/release/site.h"
#include "publisher/tlog/check.h"
#include "publisher/upkeep/fsck.h"

#define LEVELS 8
#define RECORDS_MAX 10000000

struct rebuilding {
	struct fsck *f;
	struct arena *a;
	struct buf *hashes[LEVELS]; /* of the tile at work, level by level */
	uint64_t tiles[LEVELS];     /* that are whole */
	struct buf *entries;
	struct merkle_edge edge;
};

static bool
file_put(const struct rebuilding *b, const struct tile *t, const struct buf *bytes,
    struct err *err)
{
	struct arena *a = arena_new();
	struct err why = { 0 };
	const struct object o = { tile_name(a, t), buf_str(bytes), STR("application/octet-stream"), true,
		STR("") };
	struct store *s = b->f->site->store;
	bool ok = store_create(s, &o, &why);
	if (!ok && why.code != ERR_BUSY) /* there is something else */
		ok = store_remove(s, o.key, &why) && store_create(s, &o, &why);
	arena_free(a);
	return ok || err_set(err, why.code, "%s", why.text);
}

static struct digest
root_of(struct str hashes, size_t from, size_t n)
{
	struct digest left, right;
	if (n == 1) {
		memcpy(left.b, hashes.p + 32 * from, sizeof left.b);
		return left;
	}
	left = root_of(hashes, from, n / 2);
	right = root_of(hashes, from + n / 2, n / 2);
	return merkle_node(&left, &right);
}

static bool
hash_add(struct rebuilding *b, unsigned level, struct digest hash, struct err *err)
{
	for (; level < LEVELS; level++) {
		buf_put(b->hashes[level], (struct str){ (const char *)hash.b, sizeof hash.b });
		if (b->hashes[level]->n < TILE_BYTES)
			return true;
		const struct tile t = { false, level, b->tiles[level]++, TILE_WIDTH };
		if (!file_put(b, &t, b->hashes[level], err))
			return false;
		hash = root_of(buf_str(b->hashes[level]), 0, TILE_WIDTH);
		buf_reset(b->hashes[level]);
	}
	return true;
}

static bool
entry_add(struct rebuilding *b, struct str record, struct err *err)
{
	const struct digest leaf = merkle_leaf(record);
	const uint64_t index = b->edge.size;
	merkle_push(&b->edge, &leaf);
	entries_put(b->entries, record);
	if (index % TILE_WIDTH == TILE_WIDTH - 1) {
		const struct tile t = { true, 0, index / TILE_WIDTH, TILE_WIDTH };
		if (!file_put(b, &t, b->entries, err))
			return false;
		buf_reset(b->entries);
	}
	return hash_add(b, 0, leaf, err);
}

/* The tiles at the edge, which are not whole. */
static bool
edge_put(struct rebuilding *b, struct err *err)
{
	for (unsigned level = 0; level < LEVELS; level++) {
		const unsigned width = (unsigned)(b->hashes[level]->n / 32);
		struct tile t = { false, level, b->tiles[level], width };
		if (width > 0 && !file_put(b, &t, b->hashes[level], err))
			return false;
		t.entries = true;
		if (level == 0 && width > 0 && !file_put(b, &t, b->entries, err))
			return false;
	}
	return true;
}

static bool
record_get(const struct fsck *f, struct arena *a, const struct digest *d, struct str *bytes,
    struct record *out, struct err *err)
{
	if (!store_get(f->site->store, a, record_name(a, d), RECORD_MAX, bytes, NULL, err))
		return false;
	const struct digest is = digest_of(*bytes);
	return (digest_eq(&is, d) || err_set(err, ERR_UNTRUSTED, "%.*s is damaged",
	           STR_ARG(record_name(a, d))))
	    && record_read(a, *bytes, out, err);
}

/* From the newest record back to the first. */
static bool
chain_read(const struct fsck *f, const struct log_head *head, struct digest *chain, struct err *err)
{
	struct digest at = head->record;
	for (uint64_t i = head->tree.size; i > 0; i--) {
		struct arena *a = arena_new();
		struct str bytes;
		struct record r;
		chain[i - 1] = at;
		bool ok = record_get(f, a, &at, &bytes, &r, err);
		if (ok)
			at = r.previous;
		arena_free(a);
		if (!ok)
			return false;
	}
	return true;
}

static bool
rebuild(struct rebuilding *b, const struct log_head *head, const struct digest *chain,
    struct err *err)
{
	for (uint64_t i = 0; i < head->tree.size; i++) {
		struct arena *a = arena_new();
		struct str bytes;
		struct record r;
		/* The newest record is appended to the tree before it, as after each commit. */
		bool ok = (i + 1 < head->tree.size || edge_put(b, err))
		    && record_get(b->f, a, &chain[i], &bytes, &r, err) && entry_add(b, bytes, err);
		arena_free(a);
		if (!ok)
			return false;
	}
	const struct digest root = merkle_edge_root(&b->edge);
	return digest_eq(&root, &head->tree.root)
	        ? edge_put(b, err)
	        : err_set(err, ERR_UNTRUSTED, "its records do not give the signed tree");
}

bool
fsck_log(struct fsck *f, struct err *err)
{
	struct log_head head;
	bool there;
	struct rebuilding b = { .f = f, .a = arena_new() };
	if (!log_head_read(f->site->live->trusted->snapshot.custom, &head, &there, err) || !there)
		return !there;
	if (head.tree.size > RECORDS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d records", RECORDS_MAX);
	for (unsigned i = 0; i < LEVELS; i++)
		b.hashes[i] = buf_in(b.a, TILE_BYTES);
	b.entries = buf_in(b.a, ENTRIES_BYTES);
	struct digest *chain = ARENA_ARRAY(b.a, struct digest, head.tree.size);
	/* A checkpoint that is damaged, or behind, is made anew by audit_complete. */
	bool ok = chain_read(f, &head, chain, err) && rebuild(&b, &head, chain, err)
	    && store_remove(f->site->store, CHECKPOINT_NAME, err)
	    && audit_complete(f->a, f->site, err);
	arena_free(b.a);
	return ok;
}
