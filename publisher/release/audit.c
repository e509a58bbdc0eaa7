#include "publisher/release/audit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "publisher/release/actor.h"
#include "publisher/tlog/check.h"

#define SWAPS 10 /* of the checkpoint, against other publishers */

/* The checkpoint as the store has it. */
struct found {
	bool there, vouched; /* vouched: signed by the present keys */
	struct merkle_tree tree;
	struct str etag;
};

static bool
checkpoint_find(struct arena *a, const struct site *s, struct str origin, struct found *out,
    struct err *err)
{
	struct str bytes;
	struct checkpoint c;
	struct err why = { 0 };
	*out = (struct found){ .tree = { 0, merkle_empty() } };
	if (!store_get(s->store, a, CHECKPOINT_NAME, NOTE_BYTES_MAX, &bytes, &out->etag, &why))
		return why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
	out->there = true;
	out->vouched = log_checkpoint_read(a, bytes, root_role(&s->root, "snapshot"), origin, &c, &why);
	if (!out->vouched && !checkpoint_read(a, bytes, &c, err)) {
		err->code = ERR_UNTRUSTED;
		return err_in(err, "log/checkpoint");
	}
	out->tree = c.tree;
	return true;
}

static bool
has_key(const struct role_keys *who, const struct public_key *key)
{
	for (size_t i = 0; who != NULL && i < who->keys; i++)
		if (str_eq(who->key[i]->id, key->id))
			return true;
	return false;
}

/* Signed with every key of the snapshot role that is here: who vouches for the site's content
 * as a whole also vouches for its history. Not with those that have signed as `others`. */
static bool
checkpoint_sign(struct arena *a, const struct site *s, const struct role_keys *who,
    const struct role_keys *others, struct str origin, struct str text, struct str *note,
    struct err *err)
{
	unsigned n = 0;
	for (size_t i = 0; i < who->keys; i++) {
		unsigned char sig[64];
		if (!keyring_has(s->keys, who->key[i]->id))
			continue;
		n++;
		if (has_key(others, who->key[i]))
			continue;
		if (!keyring_sign(s->keys, who->key[i]->id, text, sig, err))
			return false;
		*note = arena_printf(a, "%.*s%.*s", STR_ARG(*note),
		    STR_ARG(note_line(a, origin, who->key[i]->key, sig)));
	}
	return n >= who->threshold || err_set(err, ERR_ABSENT, "%u of the %u secret keys needed for the "
	    "checkpoint of the log are here", n, who->threshold);
}

static bool
checkpoint_make(struct arena *a, const struct site *s, const struct role_keys *next,
    struct str origin, const struct merkle_tree *tree, struct str *out, struct err *err)
{
	const struct role_keys *who = root_role(&s->root, "snapshot");
	struct str text = checkpoint_text(a, origin, tree);
	*out = arena_printf(a, "%.*s\n", STR_ARG(text));
	return checkpoint_sign(a, s, who, NULL, origin, text, out, err)
	    && (next == NULL || checkpoint_sign(a, s, next, who, origin, text, out, err));
}

/* Ahead, by keys that we do not know: either a ceremony has replaced ours since we looked, or
 * somebody else has written it. */
static bool
is_ahead(const struct found *f, const struct merkle_tree *tree, struct err *err)
{
	return f->there && !f->vouched && f->tree.size > tree->size
	    && !err_set(err, ERR_STALE, "log/checkpoint has %" PRIu64 " records, signed by keys that "
	        "are not those of root", f->tree.size);
}

/* Nothing is signed that does not begin with all that was signed before. */
static bool
may_follow(struct arena *a, const struct site *s, const struct found *f,
    const struct merkle_tree *tree, struct err *err)
{
	const struct trust_source source = store_source(s->store);
	struct tile_tree *t;
	return tile_tree_open(a, &source, tree, &t, err) && tile_tree_extends(t, &f->tree, err);
}

static bool
checkpoint_raise(struct arena *a, const struct site *s, struct str origin,
    const struct merkle_tree *tree, struct err *err)
{
	struct str bytes;
	if (s->keys == NULL)
		return err_set(err, ERR_SETUP, "no secret keys here: %s", s->no_keys.text);
	if (!checkpoint_make(a, s, NULL, origin, tree, &bytes, err))
		return false;
	for (int i = 0;; i++) {
		struct found f;
		struct err why = { 0 };
		const struct object o = { CHECKPOINT_NAME, bytes, STR("text/plain; charset=utf-8"), false };
		if (!checkpoint_find(a, s, origin, &f, err))
			return false;
		if (f.there && f.vouched && f.tree.size >= tree->size)
			return true; /* somebody else has completed it, or has gone further */
		if (is_ahead(&f, tree, err) || !may_follow(a, s, &f, tree, err))
			return false;
		if (store_swap(s->store, &o, f.etag, &why))
			return true;
		/* busy: it may have happened all the same; reading again tells */
		if ((why.code != ERR_STALE && why.code != ERR_BUSY) || i + 1 == SWAPS)
			return err_set(err, why.code, "%s", why.text);
		release_pause(i);
	}
}

static bool
files_put(const struct site *s, const struct tile_file *file, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct object o = { file[i].name, file[i].bytes,
			STR("application/octet-stream"), true };
		if (!store_put(s->store, &o, err))
			return false;
	}
	return true;
}

/* The record that is signed but whose files may be missing. */
static bool
newest_put(struct arena *a, const struct site *s, const struct log_head *head, struct err *err)
{
	const struct trust_source source = store_source(s->store);
	struct str bytes, name = record_name(a, &head->record);
	struct record r;
	struct tile_tree *t;
	struct merkle_tree next;
	struct tile_file file[TILE_FILES];
	size_t n;
	if (!store_get(s->store, a, name, RECORD_MAX, &bytes, NULL, err))
		return false;
	const struct digest is = digest_of(bytes);
	if (!digest_eq(&is, &head->record))
		return err_set(err, ERR_UNTRUSTED, "%.*s is not what was signed", STR_ARG(name));
	if (!record_read(a, bytes, &r, err) || !tile_tree_open(a, &source, &r.tree, &t, err)
	    || !tile_tree_append(t, bytes, &next, file, &n, err))
		return false;
	if (next.size != head->tree.size || !digest_eq(&next.root, &head->tree.root))
		return err_set(err, ERR_UNTRUSTED, "%.*s does not lead to the signed tree", STR_ARG(name));
	return files_put(s, file, n, err);
}

/* `f` is the checkpoint as it is then; it may be ahead of what is live. */
static bool
complete(struct arena *a, const struct site *s, const struct log_head *head, struct found *f,
    struct err *err)
{
	if (!checkpoint_find(a, s, head->origin, f, err))
		return false;
	if (f->there && f->vouched && f->tree.size > head->tree.size)
		return may_follow(a, s, &(struct found){ .tree = head->tree }, &f->tree, err);
	if (f->there && f->vouched && f->tree.size == head->tree.size)
		return digest_eq(&f->tree.root, &head->tree.root) || err_set(err, ERR_UNTRUSTED,
		    "fork: log/checkpoint and the signed metadata have different logs of %" PRIu64
		    " records", f->tree.size);
	return !is_ahead(f, &head->tree, err) && newest_put(a, s, head, err)
	    && checkpoint_raise(a, s, head->origin, &head->tree, err);
}

static bool
head_of(const struct site *s, struct log_head *out, bool *there, struct err *err)
{
	*there = false;
	return s->live == NULL
	    || log_head_read(s->live->trusted->snapshot.custom, out, there, err);
}

bool
audit_complete(struct arena *a, const struct site *s, struct err *err)
{
	struct log_head head;
	struct found f;
	bool there;
	return (head_of(s, &head, &there, err) && (!there || complete(a, s, &head, &f, err)))
	    || err_in(err, "log");
}

/* The next record */

/* What it comes behind. Usually what is live; further if the checkpoint is: an older
 * timestamp.json was restored, and the log forgets nothing. */
static bool
base_read(struct arena *a, const struct site *s, struct log_head *out, struct err *err)
{
	struct found f = { 0 };
	struct tile_tree *t;
	struct str *entry;
	unsigned n;
	bool there;
	const struct trust_source source = store_source(s->store);
	if (!head_of(s, out, &there, err))
		return false;
	if (!there) {
		struct str name = s->target->log.n > 0 ? s->target->log : STR("edgepress/log");
		*out = (struct log_head){ .origin = name, .tree = { 0, merkle_empty() } };
		if (!checkpoint_find(a, s, name, &f, err))
			return false;
	} else if (!complete(a, s, out, &f, err))
		return false;
	if (!f.vouched || f.tree.size <= out->tree.size)
		return true;
	out->tree = f.tree;
	if (!tile_tree_open(a, &source, &f.tree, &t, err)
	    || !tile_tree_entries(t, (f.tree.size - 1) / TILE_WIDTH, &entry, &n, err))
		return false;
	out->record = digest_of(entry[n - 1]);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return str_cmp(((const struct record_bundle *)a)->name,
	    ((const struct record_bundle *)b)->name);
}

/* Documents and templates, settings, program and library versions that a bundle is made from:
 * its manifest names them all. */
static bool
bundle_input(struct arena *a, const struct manifest *m, struct digest *out, struct err *err)
{
	json_t *j = json_new_object(a), *documents = json_array();
	struct buf *bytes = buf_in(a, MANIFEST_MAX);
	if (json_object_set_new(j, "documents", documents) != 0
	    || json_object_set_new(j, "inputs", json_deep_copy(m->inputs)) != 0)
		abort(); /* out of memory */
	for (size_t i = 0; i < m->shards; i++)
		if (json_array_append_new(documents, json_str(digest_str(a, &m->shard[i].sources))) != 0)
			abort();
	if (!json_canonical(j, bytes, err))
		return false;
	*out = digest_of(buf_str(bytes));
	buf_release(bytes);
	return true;
}

static bool
bundles_tell(struct arena *a, const struct wanted *w, struct record *r, struct err *err)
{
	struct buf *lines = buf_in(a, MANIFEST_MAX);
	r->bundle = ARENA_ARRAY(a, struct record_bundle, w->changes);
	r->bundles = w->changes;
	for (size_t i = 0; i < w->changes; i++) {
		const struct bundle_change *c = &w->change[i];
		struct arena *scratch = arena_new();
		struct record_bundle *b = &r->bundle[i];
		*b = (struct record_bundle){ .manifest = c->sha256, .length = c->length,
			.documents = c->manifest->documents,
			.name = arena_printf(a, "%.*s/%.*s", STR_ARG(c->vertical), STR_ARG(c->locale)) };
		bool ok = bundle_input(scratch, c->manifest, &b->input, err);
		arena_free(scratch);
		if (!ok)
			return err_in(err, "%.*s", STR_ARG(b->name));
	}
	if (r->bundles > 0)
		qsort(r->bundle, r->bundles, sizeof *r->bundle, by_name);
	for (size_t i = 0; i < r->bundles; i++)
		buf_printf(lines, "%.*s %.*s\n", STR_ARG(r->bundle[i].name),
		    STR_ARG(digest_str(a, &r->bundle[i].input)));
	r->input = digest_of(buf_str(lines));
	r->bundles_all = r->bundles;
	if (r->bundles > RECORD_BUNDLES)
		r->bundles = RECORD_BUNDLES;
	return buf_ok(lines, err);
}

static const char *
kind_of(const struct wanted *w)
{
	return w->kind != NULL ? w->kind : w->changes > 0 ? "publish" : "renew";
}

static bool
record_make(struct arena *a, const struct site *s, const struct wanted *w, int64_t now,
    const struct log_head *base, struct str *out, struct err *err)
{
	const struct actor actor = actor_now(a);
	struct record r = { .actor = actor.who, .run = actor.run, .kind = str_of(kind_of(w)),
		.note = record_text(a, w->note), .program = STR("edgepress " EDGEPRESS_VERSION),
		.time = now, .version = w->version, .root = s->root.meta.version,
		.targets = s->targets.meta.version, .tree = base->tree, .previous = base->record };
	return bundles_tell(a, w, &r, err) && record_write(a, &r, out, err);
}

bool
audit_prepare(struct arena *a, const struct site *s, const struct wanted *w, int64_t now,
    struct audit_next *out, struct err *err)
{
	const struct trust_source source = store_source(s->store);
	struct log_head head;
	struct tile_tree *t;
	struct str bytes;
	if (!base_read(a, s, &head, err) || !record_make(a, s, w, now, &head, &bytes, err)
	    || !tile_tree_open(a, &source, &head.tree, &t, err)
	    || !tile_tree_append(t, bytes, &out->tree, out->file, &out->files, err))
		return err_in(err, "log");
	out->origin = head.origin;
	head.tree = out->tree;
	head.record = digest_of(bytes);
	out->custom = log_head_json(a, &head);
	const struct object o = { record_name(a, &head.record), bytes, STR("application/json"), true };
	return store_put(s->store, &o, err);
}

bool
audit_finish(struct arena *a, const struct site *s, const struct audit_next *next,
    struct err *err)
{
	return (files_put(s, next->file, next->files, err)
	           && checkpoint_raise(a, s, next->origin, &next->tree, err))
	    || err_in(err, "log");
}

/* The log as it stands, signed for the present root and for the next one. */
static bool
cosign(struct arena *a, const struct site *s, const struct role_keys *next,
    const struct log_head *head, struct err *err)
{
	for (int i = 0;; i++) {
		struct found f;
		struct str bytes;
		struct err why = { 0 };
		if (!complete(a, s, head, &f, err))
			return false;
		if (!checkpoint_find(a, s, head->origin, &f, err)
		    || !checkpoint_make(a, s, next, head->origin, &f.tree, &bytes, err))
			return false;
		const struct object o = { CHECKPOINT_NAME, bytes, STR("text/plain; charset=utf-8"), false };
		if (store_swap(s->store, &o, f.etag, &why))
			return true;
		if ((why.code != ERR_STALE && why.code != ERR_BUSY) || i + 1 == SWAPS)
			return err_set(err, why.code, "%s", why.text);
		release_pause(i);
	}
}

bool
audit_cosign(struct arena *a, const struct site *s, const struct root *next, struct err *err)
{
	const struct role_keys *now = root_role(&s->root, "snapshot");
	const struct role_keys *then = root_role(next, "snapshot");
	struct log_head head;
	bool there, changes = false;
	for (size_t i = 0; i < then->keys; i++)
		changes = changes || !has_key(now, then->key[i]);
	return !changes || (head_of(s, &head, &there, err)
	                       && (!there || cosign(a, s, then, &head, err)))
	    || err_in(err, "log");
}
