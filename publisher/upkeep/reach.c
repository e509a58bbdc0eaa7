#include "publisher/upkeep/reach.h"

#include <inttypes.h>

#include "base/parallel.h"
#include "publisher/tlog/check.h"

#define TOGETHER 16 /* shards that are read at the same time */
#define JSON STR("application/json")

struct walk {
	const struct reach *r;
	struct arena *a;          /* of what is shown next; goes when it was */
	struct marks *seen;
	struct reach_object about; /* bundle and version at work */
};

struct digest
reach_key_digest(struct str key)
{
	return digest_of(key);
}

static bool
is_wanted(const struct reach *r, unsigned part)
{
	return r->parts == 0 || (r->parts & part) != 0;
}

static bool
show(const struct walk *w, const struct reach_object *o, struct err *err)
{
	return w->r->visit(w->r->ctx, o, err);
}

/* Something cannot be followed further: does the walk go on? */
static bool
broken(const struct walk *w, const struct reach_object *o, const struct err *why, struct err *err)
{
	return w->r->broken != NULL ? w->r->broken(w->r->ctx, o, why, err)
	                            : err_set(err, why->code, "%s", why->text);
}

/* Metadata */

static bool
metadata_show(struct walk *w, struct str key, struct str bytes, struct err *err)
{
	const struct digest is = digest_of(bytes);
	const bool pointer = str_eq(key, STR("metadata/timestamp.json"));
	return show(w, &(struct reach_object){ .kind = REACH_METADATA, .key = key, .sha256 = &is,
	    .size = bytes.n, .type = JSON, .immutable = !pointer }, err);
}

static bool
file_show(struct walk *w, const struct metadata *m, struct err *err)
{
	return metadata_show(w, arena_printf(w->a, "metadata/%" PRId64 ".%.*s.json", m->version,
	    STR_ARG(m->role)), m->bytes, err);
}

/* Every root there was since the anchor: clients that were away walk along them. */
static bool
roots_show(struct walk *w, struct err *err)
{
	struct root first;
	const int64_t newest = w->r->live->trusted->root.meta.version;
	if (!root_read(w->a, w->r->anchor, &first, err))
		return err_in(err, "trusted root");
	if (!file_show(w, &first.meta, err))
		return false;
	for (int64_t v = first.meta.version + 1; v <= newest; v++) {
		struct arena *own = arena_new();
		struct str bytes, key = arena_printf(own, "metadata/%" PRId64 ".root.json", v);
		struct err why = { 0 };
		bool ok = v == newest ? file_show(w, &w->r->live->trusted->root.meta, err)
		    : store_get(w->r->store, own, key, ROOT_MAX, &bytes, NULL, &why)
		        ? metadata_show(w, key, bytes, err)
		        : broken(w, &(struct reach_object){ .kind = REACH_METADATA, .key = key }, &why, err);
		arena_free(own);
		if (!ok)
			return false;
	}
	return true;
}

static bool
metadata_walk(struct walk *w, struct err *err)
{
	const struct trusted *t = w->r->live->trusted;
	if (!roots_show(w, err) || !file_show(w, &t->targets.meta, err))
		return false;
	for (size_t i = 0; i < t->roles; i++)
		if (!file_show(w, &t->role[i].meta, err))
			return false;
	return file_show(w, &t->snapshot.meta, err)
	    && metadata_show(w, STR("metadata/timestamp.json"), t->timestamp.meta.bytes, err);
}

/* Bundles */

struct group {
	const struct walk *walk;
	const struct shard *shard[TOGETHER];
	struct arena *arena[TOGETHER];
	struct tree tree[TOGETHER];
	struct err why[TOGETHER]; /* code 0: it was read */
	size_t n;
};

static bool
shard_load(void *ctx, size_t i, struct err *err)
{
	struct group *g = ctx;
	struct str bytes;
	(void)err;
	g->arena[i] = arena_new();
	if (!shard_get(g->arena[i], g->walk->r->store, g->shard[i], &bytes, &g->why[i])
	    || !tree_read(g->arena[i], bytes, true, &g->tree[i], &g->why[i]))
		(void)err_in(&g->why[i], "shard %.*s",
		    STR_ARG(digest_str(g->arena[i], &g->shard[i]->sha256)));
	return true; /* the others are read all the same */
}

static bool
blob_show(const struct walk *w, struct arena *a, struct reach_object *o, enum coding c,
    struct err *err)
{
	char hex[DIGEST_HEX + 1];
	const char *suffix = coding_kinds[c].suffix;
	digest_hex(o->sha256, hex);
	o->key = store_blob_key(a, hex, suffix[0] ? suffix + 1 : "");
	o->coding = c;
	o->immutable = true;
	return show(w, o, err);
}

static bool
tree_show(const struct walk *w, struct arena *a, const struct tree *t, struct err *err)
{
	struct reach_object o = w->about;
	o.kind = REACH_SOURCE;
	o.type = STR("application/xml; charset=utf-8");
	for (size_t i = 0; i < t->documents; i++) {
		o.name = t->document[i].id;
		o.sha256 = &t->document[i].source;
		o.size = t->document[i].source_size;
		if (!blob_show(w, a, &o, CODING_NONE, err))
			return false;
	}
	o.kind = REACH_FILE;
	for (size_t i = 0; i < t->files; i++) {
		o.file = &t->file[i];
		o.name = o.file->path;
		o.type = o.file->type;
		for (int c = 0; c < CODINGS; c++) {
			o.sha256 = &o.file->form[c].sha256;
			o.size = o.file->form[c].size;
			if (has_form(o.file, (enum coding)c) && !blob_show(w, a, &o, (enum coding)c, err))
				return false;
		}
	}
	return true;
}

static bool
shard_show(const struct walk *w, struct group *g, size_t i, struct err *err)
{
	struct reach_object o = w->about;
	o.kind = REACH_SHARD;
	o.key = tree_key(g->arena[i], &g->shard[i]->sha256);
	o.sha256 = &g->shard[i]->sha256;
	o.size = g->shard[i]->size;
	o.type = STR("application/gzip");
	o.immutable = true;
	if (!show(w, &o, err))
		return false;
	if (g->why[i].code != 0) { /* who was shown it may have mended it */
		g->why[i] = (struct err){ 0 };
		arena_free(g->arena[i]);
		(void)shard_load(g, i, err);
		o.key = tree_key(g->arena[i], &g->shard[i]->sha256);
	}
	return g->why[i].code != 0 ? broken(w, &o, &g->why[i], err)
	                           : tree_show(w, g->arena[i], &g->tree[i], err);
}

static bool
group_show(const struct walk *w, struct group *g, struct err *err)
{
	bool ok = parallel(g->n, TOGETHER, shard_load, g, err);
	for (size_t i = 0; i < g->n; i++) {
		ok = ok && shard_show(w, g, i, err);
		arena_free(g->arena[i]);
	}
	*g = (struct group){ .walk = w };
	return ok;
}

static bool
shards_walk(struct walk *w, const struct manifest *m, struct err *err)
{
	struct group g = { .walk = w };
	for (size_t i = 0; i < m->shards; i++) {
		if (marks_add(w->seen, &m->shard[i].sha256))
			g.shard[g.n++] = &m->shard[i];
		if (g.n == TOGETHER && !group_show(w, &g, err))
			return false;
	}
	return group_show(w, &g, err);
}

static bool
version_walk(struct walk *w, const struct bundle_version *v, struct err *err)
{
	struct manifest m;
	struct err why = { 0 };
	struct reach_object *o = &w->about;
	struct arena *a = arena_new();
	o->version = v;
	struct reach_object manifest = *o;
	manifest.kind = REACH_MANIFEST;
	manifest.key = live_manifest_key(a, o->vertical, o->locale, &v->sha256);
	manifest.sha256 = &v->sha256;
	manifest.size = v->length;
	manifest.type = JSON;
	manifest.immutable = true;
	bool ok = show(w, &manifest, err);
	if (ok && live_manifest(a, w->r->store, o->vertical, o->locale, v, &m, &why)) {
		o->manifest = &m;
		ok = shards_walk(w, &m, err);
		o->manifest = NULL;
	} else if (ok)
		ok = broken(w, &manifest, &why, err);
	arena_free(a);
	return ok;
}

static bool
bundle_wanted(const struct walk *w, const struct live_bundle *b)
{
	struct str name = arena_printf(w->a, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale));
	for (size_t i = 0; i < w->r->bundles; i++)
		if (str_eq(w->r->bundle[i], name))
			return true;
	return w->r->bundles == 0;
}

static bool
bundle_walk(struct walk *w, const struct live_bundle *b, struct err *err)
{
	const struct bundle_version *then = w->r->version > 0 ? live_version(b, w->r->version) : NULL;
	w->about = (struct reach_object){ .vertical = b->vertical, .locale = b->locale };
	if (w->r->version > 0)
		return then == NULL || version_walk(w, then, err);
	if (!version_walk(w, &b->current, err))
		return false;
	for (size_t i = 0; !w->r->current && i < b->histories; i++)
		if (!version_walk(w, &b->history[i], err))
			return false;
	return true;
}

/* The log. Its files follow from the records, and these from the tree that is signed. */

static bool
log_show(struct walk *w, struct str key, struct err *err)
{
	const bool pointer = str_eq(key, CHECKPOINT_NAME);
	return show(w, &(struct reach_object){ .kind = REACH_LOG, .key = key,
	    .type = pointer ? STR("text/plain; charset=utf-8") : STR("application/octet-stream"),
	    .immutable = !pointer }, err);
}

static bool
tiles_show(struct walk *w, uint64_t size, struct err *err)
{
	for (unsigned level = 0; tile_width(size, level, 0) > 0; level++)
		for (uint64_t i = 0; tile_width(size, level, i) > 0; i++) {
			struct arena *a = arena_new();
			struct tile t = { false, level, i, tile_width(size, level, i) };
			bool ok = log_show(w, tile_name(a, &t), err);
			t.entries = true;
			ok = ok && (level > 0 || log_show(w, tile_name(a, &t), err));
			arena_free(a);
			if (!ok)
				return false;
		}
	return true;
}

static bool
record_show(struct walk *w, const struct digest *d, struct err *err)
{
	struct arena *a = arena_new();
	bool ok = show(w, &(struct reach_object){ .kind = REACH_LOG, .key = record_name(a, d),
	    .sha256 = d, .type = JSON, .immutable = true }, err);
	arena_free(a);
	return ok;
}

static bool
record_visit(void *ctx, uint64_t index, const struct record *r, struct err *err)
{
	(void)index; /* each names the one before it; the last one is named by the snapshot */
	return r->tree.size == 0 || record_show(ctx, &r->previous, err);
}

/* The last record of the checkpoint's log, whatever is signed beside it. */
static bool
last_show(struct walk *w, struct tile_tree *t, struct err *err)
{
	struct str *entry;
	unsigned n;
	if (!tile_tree_entries(t, (t->tree.size - 1) / TILE_WIDTH, &entry, &n, err))
		return false;
	const struct digest d = digest_of(entry[n - 1]);
	return record_show(w, &d, err);
}

static bool
records_walk(struct walk *w, const struct merkle_tree *tree, struct err *err)
{
	const struct trust_source source = store_source(w->r->store);
	struct tile_tree *t;
	struct err why = { 0 };
	if (tree->size == 0)
		return true;
	if (tile_tree_open(w->a, &source, tree, &t, &why) && log_walk(t, record_visit, w, &why)
	    && last_show(w, t, &why))
		return true;
	return broken(w, &(struct reach_object){ .kind = REACH_LOG, .key = STR("log") }, &why, err);
}

static bool
checkpoint_tree(struct walk *w, struct merkle_tree *out, struct err *err)
{
	struct str bytes;
	struct checkpoint c;
	struct err why = { 0 };
	*out = (struct merkle_tree){ 0, merkle_empty() };
	if (store_get(w->r->store, w->a, CHECKPOINT_NAME, NOTE_BYTES_MAX, &bytes, NULL, &why)
	    && checkpoint_read(w->a, bytes, &c, &why)) {
		*out = c.tree;
		return true;
	}
	return why.code == ERR_ABSENT || broken(w, &(struct reach_object){ .kind = REACH_LOG,
	    .key = CHECKPOINT_NAME }, &why, err);
}

/* Both trees: the newest record may be signed and not in the checkpoint yet, and the checkpoint
 * may be ahead of a pointer that was restored. */
static bool
log_files_walk(struct walk *w, struct err *err)
{
	struct log_head head;
	struct merkle_tree written;
	bool there;
	if (!log_head_read(w->r->live->trusted->snapshot.custom, &head, &there, err))
		return err_in(err, "snapshot");
	if (!there)
		return true;
	return log_show(w, CHECKPOINT_NAME, err) && checkpoint_tree(w, &written, err)
	    && tiles_show(w, written.size, err) && record_show(w, &head.record, err)
	    && (head.tree.size <= written.size || tiles_show(w, head.tree.size, err))
	    && records_walk(w, &written, err);
}

bool
reach_walk(const struct reach *r, struct err *err)
{
	struct walk w = { .r = r, .a = arena_new(), .seen = r->seen };
	if (w.seen == NULL)
		w.seen = marks_new(w.a, sizeof(struct digest));
	bool ok = !is_wanted(r, REACH_ONLY_METADATA) || metadata_walk(&w, err);
	for (size_t i = 0; ok && is_wanted(r, REACH_ONLY_BUNDLES) && i < r->live->bundles; i++)
		if (bundle_wanted(&w, &r->live->bundle[i]))
			ok = bundle_walk(&w, &r->live->bundle[i], err);
	ok = ok && (!is_wanted(r, REACH_ONLY_LOG) || log_files_walk(&w, err));
	arena_free(w.a);
	return ok;
}
