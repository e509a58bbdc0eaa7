#include "publisher/release/draft.h"

#include <stdlib.h>

#include "base/parallel.h"
#include "base/path.h"

#define HASH_BITS 32

static int
order_hash(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
document_by_hash(const void *a, const void *b)
{
	return order_hash(((const struct draft_document *)a)->hash,
	    ((const struct draft_document *)b)->hash);
}

static int
file_by_hash(const void *a, const void *b)
{
	return order_hash(((const struct draft_file *)a)->hash, ((const struct draft_file *)b)->hash);
}

static int
document_by_id(const void *a, const void *b)
{
	return str_cmp(((const struct draft_document *)a)->from->id,
	    ((const struct draft_document *)b)->from->id);
}

static int
file_by_path(const void *a, const void *b)
{
	return str_cmp(((const struct draft_file *)a)->from->path,
	    ((const struct draft_file *)b)->from->path);
}

static void
sort(void *items, size_t n, size_t size, int (*order)(const void *, const void *))
{
	if (n > 0)
		qsort(items, n, size, order);
}

/* Taking the input in */

static bool
documents_take(struct arena *a, struct draft_bundle *b, struct err *err)
{
	size_t n = b->from->documents;
	b->document = ARENA_ARRAY(a, struct draft_document, n);
	for (size_t i = 0; i < n; i++) {
		const struct publish_document *d = &b->from->document[i];
		if (!name_is_safe(d->id, ID_MAX))
			return err_set(err, ERR_INPUT, "'%.*s' is no document id", STR_ARG(d->id));
		if (d->provenance.n > 0 && d->provenance.p[0] != '{')
			return err_set(err, ERR_INPUT, "'%.*s': its provenance is no JSON object",
			    STR_ARG(d->id));
		b->document[i] = (struct draft_document){ .from = d, .hash = manifest_hash(d->id) };
		if (d->updated > b->updated)
			b->updated = d->updated;
		if (d->expires != 0 && (b->first_expiry == 0 || d->expires < b->first_expiry))
			b->first_expiry = d->expires;
	}
	sort(b->document, n, sizeof *b->document, document_by_hash);
	return true;
}

static bool
files_take(struct arena *a, struct draft_bundle *b, struct err *err)
{
	size_t n = b->from->files;
	b->file = ARENA_ARRAY(a, struct draft_file, n);
	for (size_t i = 0; i < n; i++) {
		const struct publish_file *f = &b->from->file[i];
		if (!path_is_safe(f->path))
			return err_set(err, ERR_INPUT, "'%.*s' is no path for a file", STR_ARG(f->path));
		if (f->body.n > STORE_OBJECT_MAX)
			return err_set(err, ERR_LIMIT, "%.*s: %zu bytes, at most %u", STR_ARG(f->path),
			    f->body.n, STORE_OBJECT_MAX);
		if (!media_type_is_safe(f->type))
			return err_set(err, ERR_INPUT, "%.*s: '%.*s' is not a media type",
			    STR_ARG(f->path), STR_ARG(f->type));
		b->file[i] = (struct draft_file){ .from = f, .hash = manifest_hash(f->path) };
	}
	sort(b->file, n, sizeof *b->file, file_by_hash);
	return true;
}

/* Splitting the space of hashes */

struct split {
	struct arena *a;
	struct draft_bundle *b;
	size_t room, slice_room;
	struct draft_slice last;
};

/* How many of the files (documents) from `at` on are below `hash`; 64 bits: may be its end. */
static size_t
files_below(const struct draft_bundle *b, size_t low, size_t high, uint64_t hash)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (b->file[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t
documents_below(const struct draft_bundle *b, size_t low, size_t high, uint64_t hash)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (b->document[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Entries of one hash cannot be told apart any further. */
static bool
is_one_hash(const struct draft_bundle *b, struct draft_slice from, struct draft_slice to)
{
	uint32_t first = from.file < to.file ? b->file[from.file].hash
	                                     : b->document[from.document].hash;
	return (from.file == to.file
	           || b->file[to.file - 1].hash == b->file[from.file].hash)
	    && (from.document == to.document
	        || (b->document[from.document].hash == first
	            && b->document[to.document - 1].hash == first));
}

static void
shard_add(struct split *s, uint64_t hash, struct draft_slice from, struct draft_slice to)
{
	struct draft_bundle *b = s->b;
	size_t slices = b->shards;
	ARENA_GROW(s->a, b->shard, b->shards, s->room);
	ARENA_GROW(s->a, b->slice, slices, s->slice_room);
	b->slice[b->shards] = from;
	b->shard[b->shards++] = (struct shard){ .from = (uint32_t)hash,
		.documents = (uint32_t)(to.document - from.document),
		.files = (uint32_t)(to.file - from.file) };
	s->last = to;
}

/* The part of the space that begins at `hash` and is 2^bits wide. */
static void
split(struct split *s, uint64_t hash, unsigned bits, struct draft_slice from,
    struct draft_slice to)
{
	size_t n = to.document - from.document + (to.file - from.file);
	if (n == 0)
		return;
	if (n <= TREE_ENTRIES || bits == 0 || is_one_hash(s->b, from, to)) {
		shard_add(s, hash, from, to);
		return;
	}
	uint64_t half = hash + ((uint64_t)1 << (bits - 1));
	struct draft_slice middle = {
		documents_below(s->b, from.document, to.document, half),
		files_below(s->b, from.file, to.file, half),
	};
	split(s, hash, bits - 1, from, middle);
	split(s, half, bits - 1, middle, to);
}

static void
shards_make(struct arena *a, struct draft_bundle *b)
{
	struct split s = { .a = a, .b = b };
	size_t slices;
	split(&s, 0, HASH_BITS, (struct draft_slice){ 0 },
	    (struct draft_slice){ b->from->documents, b->from->files });
	slices = b->shards;
	ARENA_GROW(a, b->slice, slices, s.slice_room);
	b->slice[b->shards] = s.last;
}

/* Checking, shard by shard */

/* The document of this id; NULL if there is none. Shards are sorted by now. */
static struct draft_document *
document_at(const struct draft_bundle *b, uint32_t hash, struct str id)
{
	const struct publish_document wanted = { .id = id };
	const struct draft_document key = { .from = &wanted };
	const struct shard *s = shard_at(b->shard, b->shards, hash);
	if (s == NULL || s->documents == 0)
		return NULL;
	return bsearch(&key, &b->document[b->slice[s - b->shard].document], s->documents, sizeof key,
	    document_by_id);
}

/* Mostly the stem of its path, and so of the same hash. */
static bool
owner_find(const struct draft_bundle *b, struct draft_file *f, struct err *err)
{
	const struct str id = f->from->document, path = f->from->path;
	if (id.n == 0)
		return true;
	const bool stem = str_starts(path, id) && path.n > id.n
	    && (path.p[id.n] == '.' || path.p[id.n] == '/');
	const struct draft_document *d = document_at(b, stem ? f->hash : manifest_hash(id), id);
	if (d == NULL)
		return err_set(err, ERR_INPUT, "%.*s: its document '%.*s' is not in the bundle",
		    STR_ARG(path), STR_ARG(id));
	f->owner = d->from;
	return true;
}

static bool
names_are_unique(const struct draft_bundle *b, size_t i, struct err *err)
{
	const struct draft_slice from = b->slice[i], to = b->slice[i + 1];
	for (size_t k = from.document + 1; k < to.document; k++)
		if (str_eq(b->document[k - 1].from->id, b->document[k].from->id))
			return err_set(err, ERR_INPUT, "document '%.*s' twice",
			    STR_ARG(b->document[k].from->id));
	for (size_t k = from.file + 1; k < to.file; k++)
		if (str_eq(b->file[k - 1].from->path, b->file[k].from->path))
			return err_set(err, ERR_INPUT, "file '%.*s' twice", STR_ARG(b->file[k].from->path));
	return true;
}

static bool
sort_one(void *ctx, size_t i, struct err *err)
{
	struct draft_bundle *b = ctx;
	const struct draft_slice from = b->slice[i], to = b->slice[i + 1];
	sort(b->document + from.document, to.document - from.document, sizeof *b->document,
	    document_by_id);
	sort(b->file + from.file, to.file - from.file, sizeof *b->file, file_by_path);
	return names_are_unique(b, i, err);
}

static bool
digest_one(void *ctx, size_t i, struct err *err)
{
	struct draft_bundle *b = ctx;
	struct shard *s = &b->shard[i];
	for (size_t k = b->slice[i].file; k < b->slice[i + 1].file; k++)
		if (!owner_find(b, &b->file[k], err))
			return false;
	struct arena *a = arena_new();
	struct tree tree;
	struct str *id = ARENA_ARRAY(a, struct str, s->documents);
	draft_tree(a, b, i, &tree);
	for (size_t k = 0; k < tree.documents; k++)
		id[k] = tree.document[k].id;
	s->content = tree_content(&tree);
	s->ids = tree_ids(id, tree.documents);
	s->sources = tree_sources(&tree);
	arena_free(a);
	return true;
}

static bool
bundle_take(struct arena *a, struct draft_bundle *b, struct err *err)
{
	struct str vertical = b->from->vertical, locale = b->from->locale;
	if (!name_is_safe(vertical, VERTICAL_MAX) || !name_is_safe(locale, LOCALE_MAX))
		return err_set(err, ERR_INPUT, "no bundle has such a name");
	if (!documents_take(a, b, err) || !files_take(a, b, err))
		return false;
	shards_make(a, b);
	return parallel(b->shards, parallel_cores(), sort_one, b, err)
	    && parallel(b->shards, parallel_cores(), digest_one, b, err);
}

static bool
is_new(const struct draft *d, size_t at, struct err *err)
{
	const struct publish_bundle *b = d->bundle[at].from;
	for (size_t i = 0; i < at; i++)
		if (str_eq(d->bundle[i].from->vertical, b->vertical)
		    && str_eq(d->bundle[i].from->locale, b->locale))
			return err_set(err, ERR_INPUT, "named twice");
	return true;
}

bool
draft_make(struct arena *a, const struct publish_bundle *bundle, size_t n, struct draft **out,
    struct err *err)
{
	struct draft *d = ARENA_NEW(a, struct draft);
	d->bundle = ARENA_ARRAY(a, struct draft_bundle, n);
	for (size_t i = 0; i < n; i++) {
		struct draft_bundle *b = &d->bundle[i];
		struct publish_bundle *from = ARENA_NEW(a, struct publish_bundle);
		*from = bundle[i]; /* the draft may live longer than the caller's array */
		b->from = from;
		d->n++;
		if (!is_new(d, i, err) || !bundle_take(a, b, err))
			return err_in(err, "%.*s/%.*s", STR_ARG(bundle[i].vertical),
			    STR_ARG(bundle[i].locale));
	}
	*out = d;
	return true;
}

/* Entries */

/* "assets/page.1f2e3d4c.css": eight hex digits or more that the content's digest starts with. */
static bool
names_its_content(struct str path, const struct digest *sha256)
{
	char hex[DIGEST_HEX + 1];
	struct str rest = path;
	digest_hex(sha256, hex);
	do {
		struct str part = str_cut(rest, '.', &rest);
		if (part.n >= 8 && str_starts(str_of(hex), part))
			return true;
	} while (rest.p != NULL);
	return false;
}

static struct manifest_file
file_entry(const struct draft_file *f)
{
	const struct publish_file *from = f->from;
	const struct publish_document *d = f->owner;
	struct manifest_file e = {
		.path = from->path, .type = from->type, .document = from->document,
		.form[CODING_NONE] = { from->sha256, from->body.n },
		.modified = d ? d->updated : 0,
		.expires = d ? d->expires : 0,
		.immutable = names_its_content(from->path, &from->sha256),
	};
	if (f->content != NULL) {
		e.forms = f->content->forms;
		memcpy(&e.form[CODING_GZIP], f->content->form, sizeof f->content->form);
	}
	return e;
}

void
draft_tree(struct arena *a, const struct draft_bundle *b, size_t i, struct tree *out)
{
	const struct draft_slice from = b->slice[i], to = b->slice[i + 1];
	*out = (struct tree){
		.document = ARENA_ARRAY(a, struct manifest_document, to.document - from.document),
		.file = ARENA_ARRAY(a, struct manifest_file, to.file - from.file) };
	for (size_t k = from.document; k < to.document; k++) {
		const struct publish_document *d = b->document[k].from;
		out->document[out->documents++] = (struct manifest_document){ .id = d->id,
			.title = d->title, .updated = d->updated, .expires = d->expires,
			.source = d->sha256, .source_size = d->source.n, .provenance = d->provenance };
	}
	for (size_t k = from.file; k < to.file; k++)
		out->file[out->files++] = file_entry(&b->file[k]);
}

/* Contents */

/* Images, fonts and archives are compressed already. */
static bool
is_compressible(struct str type)
{
	static const struct str whole[] = { STR_INIT("application/json"),
		STR_INIT("application/xml"), STR_INIT("application/javascript") };
	struct str rest, plain = str_trim(str_cut(type, ';', &rest));
	for (size_t i = 0; i < LEN(whole); i++)
		if (str_eq(plain, whole[i]))
			return true;
	return str_starts(plain, STR("text/")) || str_ends(plain, STR("+json"))
	    || str_ends(plain, STR("+xml"));
}

static struct content **
slot_of(const struct content_table *t, const struct digest *sha256, bool code)
{
	uint64_t h;
	memcpy(&h, sha256->b, sizeof h); /* a digest is as good as any hash of it */
	size_t i = (size_t)h & (t->slots - 1);
	while (t->slot[i] != NULL && (t->slot[i]->code != code
	        || !digest_eq(&t->slot[i]->file->sha256, sha256)))
		i = (i + 1) & (t->slots - 1);
	return &t->slot[i];
}

static void
table_grow(struct arena *a, struct content_table *t)
{
	struct content_table bigger = { .slots = t->slots ? 2 * t->slots : 1024, .n = t->n };
	bigger.slot = ARENA_ARRAY(a, struct content *, bigger.slots);
	for (size_t i = 0; i < t->slots; i++)
		if (t->slot[i] != NULL)
			*slot_of(&bigger, &t->slot[i]->file->sha256, t->slot[i]->code) = t->slot[i];
	*t = bigger;
}

struct content *
draft_content(struct arena *a, struct draft *d, const struct publish_file *f)
{
	struct content_table *t = &d->contents;
	const bool code = is_compressible(f->type);
	if (2 * t->n >= t->slots)
		table_grow(a, t);
	struct content **slot = slot_of(t, &f->sha256, code);
	if (*slot == NULL) {
		*slot = ARENA_NEW(a, struct content);
		(*slot)->file = f;
		(*slot)->code = code;
		t->n++;
	}
	return *slot;
}

struct content *
content_find(const struct draft *d, const struct publish_file *like)
{
	return d->contents.n == 0 ? NULL
	    : *slot_of(&d->contents, &like->sha256, is_compressible(like->type));
}

void
source_is_stored(struct draft_bundle *b, const struct manifest_document *live)
{
	struct draft_document *d = document_at(b, manifest_hash(live->id), live->id);
	if (d != NULL && digest_eq(&d->from->sha256, &live->source))
		d->stored = true;
}

void
draft_forget(struct draft *d)
{
	for (size_t i = 0; i < d->contents.slots; i++)
		if (d->contents.slot[i] != NULL)
			d->contents.slot[i]->stored = false;
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->bundle[i].from->documents; k++)
			d->bundle[i].document[k].stored = false;
}
