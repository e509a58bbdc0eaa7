/* objects: the files of the log, as the origin hands them out. */
#include <inttypes.h>

#include "publisher/origin/objects.h"
#include "publisher/tlog/check.h"

#define AHEAD 256 /* records */

struct wanted_log {
	struct objects *objects;
	struct arena *arena;
	const struct trusted *trusted;
	const struct route *route;
	struct log_head head;
};

static bool
checkpoint_get(struct wanted_log *w, struct str *out, struct checkpoint *c, struct err *err)
{
	return store_get(w->objects->store, w->arena, CHECKPOINT_NAME, NOTE_BYTES_MAX, out, NULL, err)
	    && log_checkpoint_read(w->arena, *out, root_role(&w->trusted->root, "snapshot"),
	        w->head.origin, c, err);
}

static bool
tile_make(struct wanted_log *w, struct str *out, struct err *err)
{
	const struct trust_source source = store_source(w->objects->store);
	const struct tile *tile = &w->route->tile;
	struct checkpoint c;
	struct tile_tree *t;
	if (!checkpoint_get(w, out, &c, err))
		return false;
	if (tile->width > tile_width(c.tree.size, tile->level, tile->index))
		return err_set(err, ERR_ABSENT, "not in the log yet");
	return tile_tree_open(w->arena, &source, &c.tree, &t, err)
	    && tile_tree_file(t, tile, out, err);
}

/* The newest only: the others are entries of the log. */
static bool
record_get(struct wanted_log *w, struct str *out, struct err *err)
{
	struct str name = record_name(w->arena, &w->head.record);
	if (!store_get(w->objects->store, w->arena, name, RECORD_MAX, out, NULL, err))
		return false;
	const struct digest is = digest_of(*out);
	return digest_eq(&is, &w->head.record) || err_set(err, ERR_UNTRUSTED, "is not what was signed");
}

static bool
load_log(void *ctx, const struct digest *key, void **value, size_t *size, struct err *err)
{
	struct wanted_log *w = ctx;
	struct checkpoint c;
	struct str body;
	const int64_t began = objects_clock_us();
	(void)key;
	bool ok = w->route->log == LOG_CHECKPOINT ? checkpoint_get(w, &body, &c, err)
	    : w->route->log == LOG_TILE ? tile_make(w, &body, err) : record_get(w, &body, err);
	if (!ok && err->code == ERR_ABSENT)
		return false;
	if (!objects_note(w->objects, began, w->route->name, ok, err))
		return false;
	*value = objects_bytes(body);
	*size = body.n + sizeof(struct bytes) + sizeof(struct cached);
	return true;
}

/* Is it a file that the log can have? Then the store is asked, and only then. The checkpoint may
 * be a little ahead of this origin's view. */
static bool
is_possible(const struct wanted_log *w)
{
	const struct route *r = w->route;
	if (r->log == LOG_TILE)
		return r->tile.width <= tile_width(w->head.tree.size + AHEAD, r->tile.level,
		    r->tile.index);
	return r->log == LOG_CHECKPOINT || digest_eq(&r->sha256, &w->head.record);
}

bool
objects_log(struct objects *o, const struct trusted *t, const struct route *r, int64_t now,
    struct cached **out, bool *hit, struct err *err)
{
	struct wanted_log w = { .objects = o, .trusted = t, .route = r };
	bool there;
	if (!log_head_read(t->snapshot.custom, &w.head, &there, err))
		return false;
	if (!there || !is_possible(&w))
		return err_set(err, ERR_ABSENT, "the log has no such file");
	w.arena = arena_new();
	/* As for metadata: no object has the SHA-256 of this text. */
	const struct digest key = digest_of(arena_printf(w.arena, "log %.*s %" PRId64 " root %"
	    PRId64, STR_ARG(r->name), r->log == LOG_CHECKPOINT ? now : 0, t->root.meta.version));
	bool ok = cache_get(o->blobs, &key, load_log, &w, out, hit, err);
	arena_free(w.arena);
	return ok;
}
