#include "publisher/release/burial.h"

#include "base/coding.h"
#include "publisher/bundle/live.h"

bool
burial_is_due(const struct manifest *live, const struct manifest *then)
{
	bool same = live->tombstones == then->tombstones;
	for (size_t i = 0; same && i < live->tombstones; i++) {
		const struct tombstone *a = &live->tombstone[i], *b = &then->tombstone[i];
		same = str_eq(a->id, b->id) && a->since == b->since && str_eq(a->reason, b->reason)
		    && str_eq(a->who, b->who);
	}
	return !same;
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool
burial_names(struct str body, struct str id)
{
	const char *end = body.p + body.n, *at = body.p;
	while (id.n > 0 && (at = memmem(at, (size_t)(end - at), id.p, id.n)) != NULL) {
		bool starts = at == body.p || !is_name_byte(at[-1]);
		if (starts && (at + id.n == end || !is_name_byte(at[id.n])))
			return true;
		at++;
	}
	return false;
}

struct burying {
	struct arena *a;
	struct store *store;
	const struct manifest *from;
	struct manifest *out;
	const struct str *gone; /* ids that `from` has */
	size_t n;
	bool *unlisted;
	struct coder *coder;
};

static bool
shard_tree(const struct burying *b, struct arena *a, size_t i, struct tree *out, struct err *err)
{
	struct str bytes;
	return shard_get(a, b->store, &b->from->shard[i], &bytes, err)
	    && tree_read(a, bytes, true, out, err);
}

/* Which of the documents are there? Only their shards are read. */
static bool
gone_find(struct burying *b, struct err *err)
{
	struct str *gone = ARENA_ARRAY(b->a, struct str, b->out->tombstones);
	for (size_t i = 0; i < b->from->shards; i++) {
		struct arena *scratch = arena_new();
		struct tree tree = { 0 };
		bool ok = true, read = false;
		for (size_t k = 0; ok && k < b->out->tombstones; k++) {
			struct str id = b->out->tombstone[k].id;
			if (manifest_shard(b->from, id) != &b->from->shard[i])
				continue;
			ok = read || shard_tree(b, scratch, i, &tree, err);
			read = true;
			if (ok && tree_document(&tree, id) != NULL)
				gone[b->n++] = id;
		}
		arena_free(scratch);
		if (!ok)
			return false;
	}
	b->gone = gone;
	return true;
}

/* Is the file a list that names one of them? */
static bool
is_telltale(const struct burying *b, const struct manifest_file *f, bool *out, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	struct arena *a = arena_new();
	struct str body;
	*out = false;
	digest_hex(&f->form[CODING_NONE].sha256, hex);
	bool ok = store_get(b->store, a, store_blob_key(a, hex, ""), f->form[CODING_NONE].size, &body,
	    NULL, err);
	if (ok) {
		const struct digest is = digest_of(body);
		ok = digest_eq(&is, &f->form[CODING_NONE].sha256)
		    || err_set(err, ERR_UNTRUSTED, "%.*s is not what was signed", STR_ARG(f->path));
	}
	for (size_t i = 0; ok && !*out && i < b->n; i++)
		*out = burial_names(body, b->gone[i]);
	arena_free(a);
	return ok;
}

static bool
files_filter(const struct burying *b, struct tree *t, bool *changed, struct err *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < t->files; i++) {
		const struct manifest_file *f = &t->file[i];
		bool drop = manifest_tombstone(b->out, f->document) != NULL;
		if (f->document.n == 0 && !f->immutable) {
			if (!is_telltale(b, f, &drop, err))
				return false;
			*b->unlisted |= drop;
		}
		*changed |= drop;
		if (!drop)
			t->file[kept++] = *f;
	}
	t->files = kept;
	return true;
}

static void
documents_filter(const struct burying *b, struct tree *t, bool *changed)
{
	size_t kept = 0;
	for (size_t i = 0; i < t->documents; i++)
		if (manifest_tombstone(b->out, t->document[i].id) == NULL)
			t->document[kept++] = t->document[i];
	*changed |= kept != t->documents;
	t->documents = kept;
}

static bool
tree_put(struct burying *b, struct arena *a, const struct tree *t, struct shard *out,
    struct err *err)
{
	struct buf *stored = buf_in(a, TREE_MAX);
	struct str *id = ARENA_ARRAY(a, struct str, t->documents);
	for (size_t i = 0; i < t->documents; i++)
		id[i] = t->document[i].id;
	if (!tree_write(t, b->coder, stored, err))
		return false;
	out->sha256 = digest_of(buf_str(stored));
	out->size = stored->n;
	out->content = tree_content(t);
	out->ids = tree_ids(id, t->documents);
	out->sources = tree_sources(t);
	out->documents = (uint32_t)t->documents;
	out->files = (uint32_t)t->files;
	const struct object o = { .key = tree_key(a, &out->sha256), .body = buf_str(stored),
		.type = STR("application/gzip"), .immutable = true };
	return store_put(b->store, &o, err);
}

/* One shard without them; an empty one is none. */
static bool
shard_filter(struct burying *b, struct arena *a, size_t i, struct err *err)
{
	struct manifest *m = b->out;
	struct shard s = b->from->shard[i];
	struct tree t;
	bool changed = false;
	if (!shard_tree(b, a, i, &t, err) || !files_filter(b, &t, &changed, err))
		return false;
	documents_filter(b, &t, &changed);
	if (t.files + t.documents == 0)
		return true;
	if (changed && !tree_put(b, a, &t, &s, err))
		return false;
	for (size_t k = 0; k < t.documents; k++)
		if (t.document[k].expires != 0
		    && (m->first_expiry == 0 || t.document[k].expires < m->first_expiry))
			m->first_expiry = t.document[k].expires;
	m->shard[m->shards++] = s;
	m->documents += s.documents;
	m->files += s.files;
	return true;
}

static bool
shards_filter(struct burying *b, struct err *err)
{
	struct manifest *m = b->out;
	bool ok = true;
	m->shard = ARENA_ARRAY(b->a, struct shard, b->from->shards);
	m->shards = m->documents = m->files = 0;
	m->first_expiry = 0;
	b->coder = coder_new();
	for (size_t i = 0; ok && i < b->from->shards; i++) {
		struct arena *scratch = arena_new();
		ok = shard_filter(b, scratch, i, err);
		arena_free(scratch);
	}
	coder_free(b->coder);
	return ok;
}

bool
burial_apply(struct arena *a, struct store *store, const struct manifest *from,
    const struct tombstone *t, size_t n, struct manifest *out, bool *unlisted, struct err *err)
{
	struct burying b = { .a = a, .store = store, .from = from, .out = out,
		.unlisted = unlisted };
	*out = *from;
	out->tombstone = t;
	out->tombstones = n;
	return gone_find(&b, err) && (b.n == 0 || shards_filter(&b, err));
}
