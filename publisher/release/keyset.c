#include "publisher/release/keyset.h"

#include <assert.h>
#include <stdlib.h>

void
keyset_add(struct keyset *s, struct str key)
{
	/* Files of one document stand together: most doubles are caught here. */
	if (s->n > 0 && str_eq(s->key[s->n - 1], key))
		return;
	ARENA_GROW(s->a, s->key, s->n, s->room);
	s->key[s->n++] = arena_copy(s->a, key);
}

static int
by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void
keyset_sort(struct keyset *s)
{
	size_t kept = 0;
	if (s->n == 0)
		return;
	qsort(s->key, s->n, sizeof *s->key, by_bytes);
	for (size_t i = 1; i < s->n; i++)
		if (!str_eq(s->key[i], s->key[kept]))
			s->key[++kept] = s->key[i];
	s->n = kept + 1;
}

/* The bundle that a difference is about. */
struct comparison {
	struct arena *a;
	struct str vertical, locale;
	struct difference *d;
};

/* Would a client get the same bytes, for as long? Last-Modified of a file of the whole bundle
 * moves with its newest document: that alone is no reason to fetch it again. */
static bool
same_file(const struct manifest_file *a, const struct manifest_file *b)
{
	return digest_eq(&a->form[CODING_NONE].sha256, &b->form[CODING_NONE].sha256)
	    && str_eq(a->type, b->type) && str_eq(a->document, b->document)
	    && a->expires == b->expires && a->immutable == b->immutable;
}

static void
add_item(const struct comparison *c, struct str document)
{
	char key[KEY_MAX + 1];
	key_item(c->vertical, c->locale, document, key);
	keyset_add(c->d->keys, str_of(key));
}

static void
add_path(const struct comparison *c, struct str path)
{
	char key[KEY_MAX + 1];
	key_path(c->vertical, c->locale, path, key);
	keyset_add(c->d->keys, str_of(key));
}

static void
add_file(const struct comparison *c, struct str path, enum change change)
{
	struct difference *d = c->d;
	ARENA_GROW(c->a, d->file, d->n, d->room);
	d->file[d->n++] = (struct planned_file){
		arena_printf(c->a, "%.*s/%.*s/%.*s", STR_ARG(c->vertical), STR_ARG(c->locale),
		    STR_ARG(path)), change };
	d->added += change == CHANGE_ADDED;
	d->changed += change == CHANGE_CHANGED;
	d->removed += change == CHANGE_REMOVED;
}

/* was or is may be NULL, not both. */
static void
file_changes(const struct comparison *c, const struct manifest_file *was,
    const struct manifest_file *is)
{
	enum change change = was == NULL ? CHANGE_ADDED
	    : is == NULL ? CHANGE_REMOVED : CHANGE_CHANGED;
	const struct manifest_file *any = is ? is : was;
	assert(any != NULL);
	bool whole = (was && was->document.n == 0) || (is && is->document.n == 0);
	add_file(c, any->path, change);
	if (was == NULL || whole)
		add_path(c, any->path);
	if (is != NULL && is->document.n > 0)
		add_item(c, is->document);
	if (was != NULL && was->document.n > 0)
		add_item(c, was->document);
}

static void
trees_differ(const struct comparison *c, const struct tree *old, const struct tree *new)
{
	for (size_t i = 0, k = 0; i < old->files || k < new->files;) {
		const struct manifest_file *was = i < old->files ? &old->file[i] : NULL;
		const struct manifest_file *is = k < new->files ? &new->file[k] : NULL;
		int order = was == NULL ? 1 : is == NULL ? -1 : str_cmp(was->path, is->path);
		i += order <= 0;
		k += order >= 0;
		if (order < 0)
			file_changes(c, was, NULL);
		else if (order > 0)
			file_changes(c, NULL, is);
		else if (!same_file(was, is))
			file_changes(c, was, is);
	}
	for (size_t i = 0; i < old->documents; i++)
		c->d->documents_removed += tree_document(new, old->document[i].id) == NULL;
}

/* Shards that cover the same part of the space, as one tree */

static int
document_order(const void *a, const void *b)
{
	return str_cmp(((const struct manifest_document *)a)->id,
	    ((const struct manifest_document *)b)->id);
}

static int
file_order(const void *a, const void *b)
{
	return str_cmp(((const struct manifest_file *)a)->path,
	    ((const struct manifest_file *)b)->path);
}

/* The entries of shards [from, to). */
static bool
joined(struct arena *a, const struct tree_source *s, size_t from, size_t to, struct tree *out,
    struct err *err)
{
	size_t documents = 0, files = 0;
	*out = (struct tree){ 0 };
	if (to - from == 1)
		return s->tree(s->ctx, a, from, out, err);
	for (size_t i = from; i < to; i++) {
		documents += s->shard[i].documents;
		files += s->shard[i].files;
	}
	out->document = ARENA_ARRAY(a, struct manifest_document, documents);
	out->file = ARENA_ARRAY(a, struct manifest_file, files);
	for (size_t i = from; i < to; i++) {
		struct tree t;
		if (!s->tree(s->ctx, a, i, &t, err))
			return false;
		for (size_t k = 0; k < t.documents && out->documents < documents; k++)
			out->document[out->documents++] = t.document[k];
		for (size_t k = 0; k < t.files && out->files < files; k++)
			out->file[out->files++] = t.file[k];
	}
	if (out->documents > 0)
		qsort(out->document, out->documents, sizeof *out->document, document_order);
	if (out->files > 0)
		qsort(out->file, out->files, sizeof *out->file, file_order);
	return true;
}

/* Where the next shard begins; beyond all hashes if there is none. */
static uint64_t
begins(const struct tree_source *s, size_t i)
{
	return i < s->n ? s->shard[i].from : UINT64_C(1) << 32;
}

/* Old shards from i and new ones from k on that begin together: to where they end together. */
static void
group_end(const struct tree_source *old, size_t *i, const struct tree_source *new, size_t *k)
{
	uint64_t at = begins(old, *i) < begins(new, *k) ? begins(old, *i) : begins(new, *k);
	*i += begins(old, *i) == at;
	*k += begins(new, *k) == at;
	while (begins(old, *i) != begins(new, *k))
		if (begins(old, *i) < begins(new, *k))
			++*i;
		else
			++*k;
}

static bool
group_differs(const struct comparison *c, const struct tree_source *old, size_t i, size_t i_end,
    const struct tree_source *new, size_t k, size_t k_end, struct err *err)
{
	struct tree was, is;
	if (i_end - i == 1 && k_end - k == 1
	    && digest_eq(&old->shard[i].content, &new->shard[k].content))
		return true;
	struct arena *scratch = arena_new();
	bool ok = joined(scratch, old, i, i_end, &was, err)
	    && joined(scratch, new, k, k_end, &is, err);
	if (ok) {
		trees_differ(c, &was, &is);
		if (c->d->seen != NULL)
			c->d->seen(c->d->ctx, &was);
	}
	arena_free(scratch);
	return ok;
}

static int
planned_order(const void *a, const void *b)
{
	return str_cmp(((const struct planned_file *)a)->path,
	    ((const struct planned_file *)b)->path);
}

bool
difference_add(struct arena *a, struct str vertical, struct str locale,
    const struct tree_source *old, const struct tree_source *new, struct difference *d,
    struct err *err)
{
	const struct comparison c = { a, vertical, locale, d };
	if (old->n == 0 || new->n == 0)
		add_path(&c, STR("")); /* what is said at /weather/en-us/ changes */
	for (size_t i = 0, k = 0; i < old->n || k < new->n;) {
		size_t i_end = i, k_end = k;
		group_end(old, &i_end, new, &k_end);
		if (!group_differs(&c, old, i, i_end, new, k, k_end, err))
			return false;
		i = i_end;
		k = k_end;
	}
	if (d->n > 0)
		qsort(d->file, d->n, sizeof *d->file, planned_order);
	return true;
}
