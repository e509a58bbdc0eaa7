#include "publisher/tlog/check.h"

#include <inttypes.h>

bool
log_checkpoint_read(struct arena *a, struct str bytes, const struct role_keys *who,
    struct str origin, struct checkpoint *out, struct err *err)
{
	unsigned valid = 0;
	if (!checkpoint_read(a, bytes, out, err)) {
		err->code = ERR_UNTRUSTED;
		return err_in(err, "log/checkpoint");
	}
	if (origin.n > 0 && !str_eq(out->origin, origin))
		return err_set(err, ERR_UNTRUSTED, "log/checkpoint is of the log %.*s, not of %.*s",
		    STR_ARG(out->origin), STR_ARG(origin));
	for (size_t i = 0; i < who->keys; i++)
		valid += note_signed_by(&out->note, out->origin, who->key[i]->key);
	return (who->threshold > 0 && valid >= who->threshold)
	    || err_set(err, ERR_UNTRUSTED, "log/checkpoint: signature: %u of %u needed keys of %.*s "
	        "have signed", valid, who->threshold, STR_ARG(who->name));
}

/* Pieces of log_check; `c->out` is filled as they succeed. */
struct checking {
	struct arena *a;
	const struct trust_source *source;
	const struct trusted *t;
	struct log_seen *out;
};

static bool
same_tree(const struct merkle_tree *a, const struct merkle_tree *b)
{
	return a->size == b->size && digest_eq(&a->root, &b->root);
}

static bool
checkpoint_take(struct checking *c, struct str bytes, struct err *err)
{
	struct checkpoint found;
	const struct merkle_tree *signed_tree = &c->out->head.tree;
	if (bytes.p == NULL)
		return signed_tree->size == 1 || err_set(err, ERR_UNTRUSTED, "log/checkpoint is not there, "
		    "but a log of %" PRIu64 " records is signed", signed_tree->size);
	if (!log_checkpoint_read(c->a, bytes, root_role(&c->t->root, "snapshot"),
	        c->out->head.origin, &found, err))
		return false;
	c->out->checkpoint = found.tree;
	return found.tree.size == 0
	    || tile_tree_open(c->a, c->source, &found.tree, &c->out->tree, err);
}

/* Where the checkpoint stands beside the signed tree. */
static bool
heads_compare(struct checking *c, struct err *err)
{
	const struct merkle_tree *head = &c->out->head.tree, *is = &c->out->checkpoint;
	if (is->size > head->size)
		return tile_tree_extends(c->out->tree, head, err)
		    && err_set(err, ERR_STALE, "rollback: the log has %" PRIu64 " records, the signed "
		        "metadata knows of %" PRIu64 " only", is->size, head->size);
	if (is->size == head->size)
		return digest_eq(&is->root, &head->root) || err_set(err, ERR_UNTRUSTED, "fork: "
		    "log/checkpoint and the signed metadata have different logs of %" PRIu64 " records",
		    is->size);
	c->out->pending = true;
	return is->size + 1 == head->size || err_set(err, ERR_STALE, "log/checkpoint withholds "
	    "records: it has %" PRIu64 ", the signed metadata %" PRIu64, is->size, head->size);
}

static bool
is_record(const struct checking *c, struct str bytes, const char *what, struct err *err)
{
	const struct digest is = digest_of(bytes);
	return digest_eq(&is, &c->out->head.record)
	    || err_set(err, ERR_UNTRUSTED, "%s is not the one that was signed", what);
}

/* Signed, and not in the log yet: it must be the one thing that the tree lacks. */
static bool
pending_read(struct checking *c, struct str *out, struct err *err)
{
	struct str name = record_name(c->a, &c->out->head.record);
	struct merkle_tree next;
	struct tile_file file[TILE_FILES];
	size_t n;
	if (!c->source->get(c->source->ctx, c->a, name, RECORD_MAX, out, err)
	    || !is_record(c, *out, name.p, err))
		return false;
	if (c->out->tree == NULL) {
		next = (struct merkle_tree){ 1, merkle_leaf(*out) };
	} else if (!tile_tree_append(c->out->tree, *out, &next, file, &n, err))
		return false;
	return same_tree(&next, &c->out->head.tree) || err_set(err, ERR_UNTRUSTED, "fork: the log of %"
	    PRIu64 " records and the newest do not give the signed tree", c->out->checkpoint.size);
}

static bool
newest_read(struct checking *c, struct str *out, struct err *err)
{
	struct str *entry;
	unsigned n;
	const uint64_t last = c->out->head.tree.size - 1;
	if (c->out->pending)
		return pending_read(c, out, err);
	if (!tile_tree_entries(c->out->tree, last / TILE_WIDTH, &entry, &n, err))
		return false;
	*out = entry[last % TILE_WIDTH];
	return tile_tree_includes(c->out->tree, last, *out, err)
	    && is_record(c, *out, "the newest record", err);
}

/* Does the record tell what is live? Only what it lists can be compared. */
static bool
bundle_is_told(const struct record *r, const struct target *t, struct err *err)
{
	struct str name = { t->path.p, t->path.n - strlen("/bundle.json") };
	for (size_t i = 0; i < r->bundles; i++)
		if (str_eq(r->bundle[i].name, name))
			return digest_eq(&r->bundle[i].manifest, &t->sha256)
			    || err_set(err, ERR_UNTRUSTED, "the log tells of another %.*s in version %" PRId64,
			        STR_ARG(name), r->version);
	return r->bundles < r->bundles_all || err_set(err, ERR_UNTRUSTED, "the log does not tell of "
	    "%.*s, which changed in version %" PRId64, STR_ARG(name), r->version);
}

static bool
live_is_told(const struct checking *c, struct err *err)
{
	const struct record *r = &c->out->record;
	for (size_t i = 0; i < c->t->roles; i++)
		for (size_t k = 0; k < c->t->role[i].n; k++) {
			const struct target *t = &c->t->role[i].target[k];
			int64_t version;
			if (!str_ends(t->path, STR("/bundle.json")))
				continue;
			if (!field_int(t->custom, "version", 1, INT64_MAX, &version, err))
				return err_in(err, "%.*s", STR_ARG(t->path));
			if (version > r->version)
				return err_set(err, ERR_UNTRUSTED, "%.*s is of version %" PRId64 ", which is not in "
				    "the log", STR_ARG(t->path), version);
			if (version == r->version && !bundle_is_told(r, t, err))
				return false;
		}
	return true;
}

static bool
newest_check(struct checking *c, struct err *err)
{
	struct str bytes;
	struct record *r = &c->out->record;
	if (!newest_read(c, &bytes, err))
		return false;
	if (!record_read(c->a, bytes, r, err)) {
		err->code = ERR_UNTRUSTED;
		return err_in(err, "the newest record");
	}
	if (r->tree.size + 1 != c->out->head.tree.size
	    || r->version > c->t->snapshot.meta.version)
		return err_set(err, ERR_UNTRUSTED, "the newest record says that it is of another log");
	return live_is_told(c, err);
}

bool
log_check(struct arena *a, const struct trust_source *source, const struct trusted *t,
    struct str checkpoint, const struct merkle_tree *before, struct log_seen *out,
    struct err *err)
{
	struct checking c = { a, source, t, out };
	*out = (struct log_seen){ 0 };
	if (!log_head_read(t->snapshot.custom, &out->head, &out->there, err)) {
		err->code = ERR_UNTRUSTED;
		return err_in(err, "snapshot");
	}
	if (!out->there)
		return (checkpoint.p == NULL && before == NULL)
		    || err_set(err, ERR_UNTRUSTED, "there is a log, but the signed metadata names none");
	if (!checkpoint_take(&c, checkpoint, err))
		return false;
	if (before != NULL && before->size > out->checkpoint.size)
		return err_set(err, ERR_UNTRUSTED, "the log has %" PRIu64 " records, but %" PRIu64
		    " were seen before", out->checkpoint.size, before->size);
	if (before != NULL && out->tree != NULL && !tile_tree_extends(out->tree, before, err))
		return false;
	return heads_compare(&c, err) && newest_check(&c, err);
}

/* All of it */

struct walking {
	struct merkle_edge edge;
	struct digest previous;
	int64_t version;
	log_visit *visit;
	void *ctx;
};

static bool
walk_one(struct walking *w, struct arena *a, struct str bytes, struct err *err)
{
	struct record r;
	const uint64_t index = w->edge.size;
	const struct merkle_tree so_far = { index, merkle_edge_root(&w->edge) };
	const struct digest leaf = merkle_leaf(bytes);
	if (!record_read(a, bytes, &r, err)) {
		err->code = ERR_UNTRUSTED;
		return err_in(err, "record %" PRIu64, index);
	}
	if (!same_tree(&r.tree, &so_far) || !digest_eq(&r.previous, &w->previous)
	    || r.version <= w->version)
		return err_set(err, ERR_UNTRUSTED, "record %" PRIu64 " was made for another place than "
		    "behind the %" PRIu64 " before it", index, index);
	merkle_push(&w->edge, &leaf);
	w->previous = digest_of(bytes);
	w->version = r.version;
	return w->visit(w->ctx, index, &r, err);
}

bool
log_walk(struct tile_tree *t, log_visit *visit, void *ctx, struct err *err)
{
	struct walking w = { .visit = visit, .ctx = ctx };
	bool ok = true;
	for (uint64_t i = 0; ok && i * TILE_WIDTH < t->tree.size; i++) {
		struct tile_tree one = *t; /* what it reads goes with the bundle */
		struct str *entry;
		unsigned n = 0;
		one.a = arena_new();
		ok = tile_tree_entries(&one, i, &entry, &n, err);
		for (unsigned k = 0; ok && k < n; k++)
			ok = walk_one(&w, one.a, entry[k], err);
		arena_free(one.a);
	}
	return ok;
}
