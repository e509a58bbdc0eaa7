#include "publisher/draft.h"

#include <stdlib.h>

#include "base/path.h"

static int
by_id(const void *a, const void *b)
{
	return str_cmp(((const struct draft_document *)a)->from->id,
	    ((const struct draft_document *)b)->from->id);
}

static int
by_path(const void *a, const void *b)
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

static bool
documents_take(struct arena *a, struct draft_bundle *b, struct err *err)
{
	size_t n = b->from->documents;
	b->document = ARENA_ARRAY(a, struct draft_document, n);
	for (size_t i = 0; i < n; i++) {
		b->document[i].from = &b->from->document[i];
		if (b->from->document[i].updated > b->updated)
			b->updated = b->from->document[i].updated;
	}
	sort(b->document, n, sizeof *b->document, by_id);
	for (size_t i = 0; i < n; i++) {
		struct str id = b->document[i].from->id;
		if (!name_is_safe(id, ID_MAX))
			return err_set(err, ERR_INPUT, "'%.*s' is no document id", STR_ARG(id));
		if (i > 0 && str_eq(b->document[i - 1].from->id, id))
			return err_set(err, ERR_INPUT, "document '%.*s' twice", STR_ARG(id));
	}
	return true;
}

static bool
has_document(const struct draft_bundle *b, struct str id)
{
	const struct publish_document wanted = { .id = id };
	const struct draft_document key = { .from = &wanted };
	return b->from->documents > 0 && bsearch(&key, b->document, b->from->documents, sizeof key,
	    by_id) != NULL;
}

static bool
files_take(struct arena *a, struct draft_bundle *b, struct err *err)
{
	size_t n = b->from->files;
	b->file = ARENA_ARRAY(a, struct draft_file, n);
	for (size_t i = 0; i < n; i++)
		b->file[i].from = &b->from->file[i];
	sort(b->file, n, sizeof *b->file, by_path);
	for (size_t i = 0; i < n; i++) {
		const struct publish_file *f = b->file[i].from;
		if (!path_is_safe(f->path))
			return err_set(err, ERR_INPUT, "'%.*s' is no path for a file", STR_ARG(f->path));
		if (i > 0 && str_eq(b->file[i - 1].from->path, f->path))
			return err_set(err, ERR_INPUT, "file '%.*s' twice", STR_ARG(f->path));
		if (f->body.n > STORE_OBJECT_MAX)
			return err_set(err, ERR_LIMIT, "%.*s: %zu bytes, at most %u", STR_ARG(f->path),
			    f->body.n, STORE_OBJECT_MAX);
		if (f->document.n > 0 && !has_document(b, f->document))
			return err_set(err, ERR_INPUT, "%.*s: its document '%.*s' is not in the bundle",
			    STR_ARG(f->path), STR_ARG(f->document));
	}
	return true;
}

static bool
bundle_take(struct arena *a, struct draft_bundle *b, struct err *err)
{
	struct str vertical = b->from->vertical, locale = b->from->locale;
	return ((name_is_safe(vertical, VERTICAL_MAX) && name_is_safe(locale, LOCALE_MAX))
	           || err_set(err, ERR_INPUT, "no bundle has such a name"))
	    && documents_take(a, b, err) && files_take(a, b, err);
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

static void
draft_release(void *draft)
{
	struct draft *d = draft;
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; d->bundle[i].file && k < d->bundle[i].from->files; k++)
			buf_release(&d->bundle[i].file[k].gzip);
}

bool
draft_make(struct arena *a, const struct publish_bundle *bundle, size_t n, struct draft **out,
    struct err *err)
{
	struct draft *d = ARENA_NEW(a, struct draft);
	d->bundle = ARENA_ARRAY(a, struct draft_bundle, n);
	arena_defer(a, draft_release, d);
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
