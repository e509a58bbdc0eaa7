#include "publisher/cli/relist.h"

#include <stdlib.h>

#include "publisher/cli/keep.h"
#include "publisher/release/burial.h"

/* One bundle on its way. */
struct relisting {
	struct arena *arena;
	struct site *site;
	const struct live_bundle *live;
	struct manifest gone;          /* its tombstones alone */
	struct publish_bundle *out;
	struct publish_document *document;
	struct publish_file *file;
	size_t room;
	const struct rendered *lists;  /* NULL: none are rendered */
};

/* Is the document live there? For hreflang, as when all of it is published together. */
static bool
has_document(void *ctx, struct str locale, struct str id)
{
	const struct relisting *r = ctx;
	const struct live_bundle *b = live_find(site_live(r->site), r->live->vertical, locale);
	const struct manifest_document *d;
	struct err ignored;

	return b != NULL && live_document(b, site_store(r->site), id, &d, &ignored) && d != NULL;
}

static void
site_fill(struct relisting *r, struct site_info *out)
{
	const struct live *live = site_live(r->site);

	*out = (struct site_info){ .has = has_document, .ctx = r,
		.locale = ARENA_ARRAY(r->arena, struct str, live->bundles) };
	for (size_t i = 0; i < live->bundles; i++)
		if (str_eq(live->bundle[i].vertical, r->live->vertical)
		    && live->bundle[i].manifest->documents > 0)
			out->locale[out->locales++] = live->bundle[i].locale;
}

static bool
names_gone(const struct relisting *r, const struct manifest_file *f, bool *out, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	struct arena *a = arena_new();
	struct str body;

	*out = false;
	digest_hex(&f->form[CODING_NONE].sha256, hex);
	bool ok = store_get(site_store(r->site), a, store_blob_key(a, hex, ""),
	    f->form[CODING_NONE].size, &body, NULL, err);

	for (size_t i = 0; ok && i < r->gone.tombstones; i++)
		*out = *out || burial_names(body, r->gone.tombstone[i].id);
	arena_free(a);
	return ok;
}

/* Of the whole bundle, and not an asset that others may still refer to. */
static bool
is_list(const struct manifest_file *f)
{
	return f->document.n == 0 && !f->immutable;
}

static bool
file_stays(const struct relisting *r, const struct manifest_file *f, bool *out, struct err *err)
{
	bool named = false;

	*out = f->document.n > 0 ? manifest_tombstone(&r->gone, f->document) == NULL : true;
	if (!is_list(f))
		return true;
	if (r->lists != NULL) {
		*out = false;
		return true;
	}
	if (!names_gone(r, f, &named, err))
		return false;
	*out = !named;
	return true;
}

/* The bytes stand in the store already; nobody looks at them. */
static struct publish_file
file_as_is(const struct manifest_file *f)
{
	return (struct publish_file){ .path = f->path, .type = f->type, .document = f->document,
		.body = { NULL, f->form[CODING_NONE].size }, .sha256 = f->form[CODING_NONE].sha256 };
}

static bool
entries_take(struct relisting *r, const struct tree *t, struct err *err)
{
	struct publish_bundle *o = r->out;

	for (size_t i = 0; i < t->documents; i++) {
		const struct manifest_document *d = &t->document[i];

		if (manifest_tombstone(&r->gone, d->id) != NULL)
			continue;
		r->document[o->documents++] = (struct publish_document){ .id = d->id,
			.title = d->title, .updated = d->updated, .expires = d->expires,
			.source = { NULL, d->source_size }, .sha256 = d->source,
			.provenance = d->provenance };
	}
	for (size_t i = 0; i < t->files; i++) {
		bool stays;

		if (!file_stays(r, &t->file[i], &stays, err))
			return false;
		if (stays)
			r->file[o->files++] = file_as_is(&t->file[i]);
	}
	return true;
}

static int
by_path(const void *a, const void *b)
{
	return str_cmp(((const struct publish_file *)a)->path, ((const struct publish_file *)b)->path);
}

/* What is rendered takes the place of what is live under the same name. */
static void
lists_take(struct relisting *r)
{
	struct publish_bundle *o = r->out;
	size_t live = o->files;

	if (live > 0)
		qsort(r->file, live, sizeof *r->file, by_path);
	for (size_t i = 0; r->lists != NULL && i < r->lists->n; i++) {
		const struct rendered_file *f = &r->lists->file[i];
		const struct publish_file new = { .path = f->path, .type = f->type, .body = f->body,
			.sha256 = f->sha256 };
		struct publish_file *was = live == 0 ? NULL
		    : bsearch(&new, r->file, live, sizeof *r->file, by_path);

		if (was == NULL)
			r->file[o->files++] = new;
		else if (!digest_eq(&was->sha256, &new.sha256))
			*was = new;
	}
}

static bool
bundle_make(struct relisting *r, struct err *err)
{
	const struct manifest *m = r->live->manifest;

	r->document = ARENA_ARRAY(r->arena, struct publish_document, m->documents + 1);
	r->file = ARENA_ARRAY(r->arena, struct publish_file,
	    m->files + (r->lists != NULL ? r->lists->n : 0) + 1);
	r->out->documents = r->out->files = 0;
	for (size_t i = 0; i < m->shards; i++) {
		const struct tree *tree;

		if (!live_tree(r->live, site_store(r->site), i, &tree, err)
		    || !entries_take(r, tree, err))
			return false;
	}
	lists_take(r);
	r->out->document = r->document;
	r->out->file = r->file;
	r->out->inputs = (json_t *)(uintptr_t)m->inputs; /* only read */
	r->out->based_on = r->live->current.version;
	return true;
}

static const struct batch_bundle *
bundle_of(const struct batch_bundle *list, size_t n, const struct live_bundle *b)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].vertical, b->vertical) && str_eq(list[i].locale, b->locale))
			return &list[i];
	return NULL;
}

bool
relist(struct arena *a, const struct config *config, const struct batch_options *options,
    struct site *site, struct batch *batch, struct publish_bundle *out, size_t n,
    struct err *err)
{
	const struct live_bundle **live = ARENA_ARRAY(a, const struct live_bundle *, n);
	struct batch_bundle *bundle = NULL;
	size_t bundles = 0;

	for (size_t i = 0; i < n; i++)
		live[i] = live_find(site_live(site), out[i].vertical, out[i].locale);
	if (batch != NULL) {
		if (!batch_read_lines(a, config, options, STR(""), 1, batch, err)
		    || !keep_bundles(batch, site, live, out, n, err))
			return false;
		batch_bundles(batch, &bundle, &bundles);
	}
	for (size_t i = 0; i < n; i++) {
		struct relisting r = { .arena = a, .site = site, .live = live[i], .out = &out[i],
			.gone = { .tombstone = out[i].tombstone, .tombstones = out[i].tombstones } };
		struct rendered none = { 0 }, *lists = ARENA_NEW(a, struct rendered);
		const struct batch_bundle *kept = bundle_of(bundle, bundles, live[i]);
		struct site_info info;

		*lists = none;
		r.lists = batch != NULL ? lists : NULL;
		site_fill(&r, &info);
		if (kept != NULL && !batch_lists(batch, kept, &info, lists, err))
			return false;
		if (!bundle_make(&r, err))
			return err_in(err, "%.*s/%.*s", STR_ARG(out[i].vertical), STR_ARG(out[i].locale));
	}
	return true;
}
