#include "publisher/keyset.h"

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

/* Would a client get the same bytes, for as long? Last-Modified of a file of the whole bundle
 * moves with its newest document: that alone is no reason to fetch it again. */
static bool
same_file(const struct manifest_file *a, const struct manifest_file *b)
{
	return digest_eq(&a->sha256, &b->sha256) && str_eq(a->type, b->type)
	    && str_eq(a->document, b->document) && a->expires == b->expires
	    && a->immutable == b->immutable;
}

static void
add_item(struct keyset *s, const struct manifest *m, struct str document)
{
	char key[KEY_MAX + 1];
	key_item(m->vertical, m->locale, document, key);
	keyset_add(s, str_of(key));
}

static void
add_path(struct keyset *s, const struct manifest *m, struct str path)
{
	char key[KEY_MAX + 1];
	key_path(m->vertical, m->locale, path, key);
	keyset_add(s, str_of(key));
}

static void
add_file(struct arena *a, struct difference *d, const struct manifest *m, struct str path,
    enum change change)
{
	ARENA_GROW(a, d->file, d->n, d->room);
	d->file[d->n++] = (struct planned_file){
		arena_printf(a, "%.*s/%.*s/%.*s", STR_ARG(m->vertical), STR_ARG(m->locale),
		    STR_ARG(path)), change };
	d->added += change == CHANGE_ADDED;
	d->changed += change == CHANGE_CHANGED;
	d->removed += change == CHANGE_REMOVED;
}

/* was or is may be NULL, not both. */
static void
file_changes(struct arena *a, struct difference *d, const struct manifest *m,
    const struct manifest_file *was, const struct manifest_file *is)
{
	enum change change = was == NULL ? CHANGE_ADDED
	    : is == NULL ? CHANGE_REMOVED : CHANGE_CHANGED;
	const struct manifest_file *any = is ? is : was;
	assert(any != NULL);
	bool whole = (was && was->document.n == 0) || (is && is->document.n == 0);
	add_file(a, d, m, any->path, change);
	if (was == NULL || whole)
		add_path(d->keys, m, any->path);
	if (is != NULL && is->document.n > 0)
		add_item(d->keys, m, is->document);
	if (was != NULL && was->document.n > 0)
		add_item(d->keys, m, was->document);
}

void
difference_add(struct arena *a, const struct manifest *old, const struct manifest *new,
    struct difference *d)
{
	static const struct manifest none;
	const struct manifest *m = new ? new : old;
	if (m == NULL)
		return;
	if (old == NULL || new == NULL || old->files == 0 || new->files == 0)
		add_path(d->keys, m, STR("")); /* what is said at /weather/en-us/ changes */
	if (old == NULL)
		old = &none;
	if (new == NULL)
		new = &none;
	for (size_t i = 0, k = 0; i < old->files || k < new->files;) {
		const struct manifest_file *was = i < old->files ? &old->file[i] : NULL;
		const struct manifest_file *is = k < new->files ? &new->file[k] : NULL;
		int order = was == NULL ? 1 : is == NULL ? -1 : str_cmp(was->path, is->path);
		i += order <= 0;
		k += order >= 0;
		if (order < 0)
			file_changes(a, d, m, was, NULL);
		else if (order > 0)
			file_changes(a, d, m, NULL, is);
		else if (!same_file(was, is))
			file_changes(a, d, m, was, is);
	}
}
