/* rendering: the accepted documents of a batch to files: every document on its own, then the
 * lists of each bundle; what the stash has from an earlier run is taken from there. */
#include <pthread.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "generator/document/canonical.h"
#include "generator/render/output.h"
#include "generator/render/renderer.h"
#include "publisher/cli/batch.h"

#define TOGETHER 16        /* documents of one task */
#define REST_EVERY 512     /* documents; then the memory of the stash is given back */
#define RECORD_MAX (1024 * 1024)
#define LONG_LIST 1000     /* documents; lists of more are drawn one bundle at a time */

/* A document of a bundle by its id. */
struct id_slot {
	uint32_t hash, place; /* place: in the bundle, from 1; 0: the slot is free */
};

/* One bundle being rendered among the others. */
struct rendering {
	struct renderings *all;
	const struct batch_bundle *bundle;
	struct arena *arena;     /* of the renderer and what is listed */
	struct site_info site;
	const struct rendering **sibling; /* parallel to site.locale */
	struct id_slot *id;      /* open addressing */
	size_t ids;              /* room: a power of two */
	struct renderer *renderer;
	struct str lists;        /* as batch_item.rendered */
	size_t files;            /* of one document */
	size_t left;             /* documents that are not rendered yet; under the lock */
};

struct renderings {
	struct batch *batch;
	struct rendering *one;
	size_t n;
	struct batch_item **item; /* of all bundles */
	struct rendering **of;    /* parallel to item */
	size_t items;
	pthread_mutex_t lock;     /* of what follows, and of the batch's arena */
	size_t done, drawn;
	pthread_mutex_t long_list; /* held while one is drawn: all its documents are in memory */
};

static struct batch_vertical *
vertical_of(struct batch *b, struct str name)
{
	size_t i = 0;
	while (!str_eq(b->vertical[i].name, name))
		i++;
	return &b->vertical[i]; /* an accepted document is of one of them */
}

/* ---- files as bytes ---- */

struct file_head {
	struct digest sha256;
	struct stash_ref body;
	uint32_t path, reserved;
};

/* The bodies and a record of them; *out is the record. */
static bool
files_put(struct stash *stash, const struct rendered *files, const struct digest *key,
    struct str *out, struct err *err)
{
	struct buf record;
	struct stash_ref ref;
	bool ok = true;
	buf_init(&record, RECORD_MAX);
	for (size_t i = 0; ok && i < files->n; i++) {
		const struct rendered_file *f = &files->file[i];
		struct file_head h = { .sha256 = f->sha256, .path = (uint32_t)f->path.n };
		struct str copy;
		ok = stash_put(stash, f->body, &h.body, &copy, err);
		buf_put(&record, (struct str){ (const char *)&h, sizeof h });
		buf_put(&record, f->path);
	}
	ok = ok && buf_ok(&record, err) && stash_put(stash, buf_str(&record), &ref, out, err);
	if (ok)
		stash_name(stash, key, ref);
	buf_release(&record);
	return ok;
}

/* The next file of a record; false at its end, or if its body is gone. */
static bool
file_next(struct stash *stash, struct str *record, struct rendered_file *out)
{
	struct file_head h;
	if (record->n < sizeof h)
		return false;
	memcpy(&h, record->p, sizeof h);
	if (h.path > record->n - sizeof h)
		return false;
	*out = (struct rendered_file){ .path = { record->p + sizeof h, h.path },
		.sha256 = h.sha256 };
	record->p += sizeof h + h.path;
	record->n -= sizeof h + h.path;
	return stash_get(stash, h.body, &out->body);
}

/* The record under the key, if all its bodies are there. */
static bool
files_find(struct stash *stash, const struct digest *key, size_t n, struct str *out)
{
	struct rendered_file f;
	if (!stash_find(stash, key, out))
		return false;
	struct str rest = *out;
	size_t found = 0;
	while (file_next(stash, &rest, &f))
		found++;
	return found == n && rest.n == 0;
}

/* ---- documents ---- */

static uint32_t
id_hash(struct str id)
{
	uint64_t h = 0xCBF29CE484222325u; /* FNV-1a */
	for (size_t i = 0; i < id.n; i++)
		h = (h ^ (unsigned char)id.p[i]) * 0x100000001B3u;
	return (uint32_t)(h ^ (h >> 32));
}

static void
index_ids(struct rendering *r)
{
	const struct batch_bundle *b = r->bundle;
	for (r->ids = 16; r->ids < 2 * b->n;)
		r->ids *= 2;
	r->id = ARENA_ARRAY(r->arena, struct id_slot, r->ids);
	for (size_t i = 0; i < b->n; i++) {
		uint32_t hash = id_hash(b->item[i]->document.id);
		size_t at = hash & (r->ids - 1);
		while (r->id[at].place != 0)
			at = (at + 1) & (r->ids - 1);
		r->id[at] = (struct id_slot){ hash, (uint32_t)i + 1 };
	}
}

/* hreflang links only to documents that there are. */
static bool
has_document(void *ctx, struct str locale, struct str id)
{
	const struct rendering *r = ctx;
	size_t i = 0;
	while (r->site.locale[i].p != locale.p) /* it is one of these very texts */
		i++;
	const struct rendering *other = r->sibling[i];
	const struct batch_bundle *b = other->bundle;
	const struct id_slot *slot;
	uint32_t hash = id_hash(id);
	for (size_t at = hash;; at++) {
		slot = &other->id[at & (other->ids - 1)];
		if (slot->place == 0)
			return false;
		if (slot->hash == hash && str_eq(b->item[slot->place - 1]->document.id, id))
			return true;
	}
}

/* The bytes that document_read made, or an error: nobody looks at them before. */
static bool
restore(const struct batch *b, struct arena *a, const struct batch_item *item, bool whole,
    struct document *out, struct err *err)
{
	const struct document *d = &item->document;
	struct str bulk = { item->outline.p, item->outline.n + item->provenance.n };
	bool ok;
	*out = *d;
	if (whole) {
		struct digest digest = digest_of(d->canonical);
		ok = digest_eq(&digest, &d->digest);
	} else {
		ok = stash_checksum(bulk) == item->bulk_checksum;
	}
	if (!ok)
		return err_set(err, ERR_UNTRUSTED, "the cache holds other bytes of '%.*s' than it was "
		    "given", STR_ARG(d->id));
	return canonical_restore(a, b->schemas, whole ? d->canonical : item->outline, out, err);
}

static void
note_late(struct renderings *all, struct batch_item *item, const struct err *why)
{
	(void)pthread_mutex_lock(&all->lock);
	struct err *copy = ARENA_NEW(all->batch->arena, struct err);
	*copy = *why;
	item->late = copy;
	(void)pthread_mutex_unlock(&all->lock);
}

static bool
render_item(struct renderings *all, const struct rendering *r, struct batch_item *item,
    struct err *err)
{
	struct batch *b = all->batch;
	struct digest key = renderer_document_key(r->renderer, &item->document);
	if (item->rendered.n > 0 && digest_eq(&key, &item->key))
		return true;
	item->key = key;
	item->late = NULL;
	if (files_find(b->stash, &key, r->files, &item->rendered))
		return true;
	struct arena *a = arena_new();
	struct document d;
	struct rendered files;
	struct err why = { 0 };
	bool ok = restore(b, a, item, true, &d, err);
	if (ok && !renderer_document(r->renderer, a, &d, &files, &why))
		note_late(all, item, &why);
	else
		ok = ok && files_put(b->stash, &files, &key, &item->rendered, err);
	arena_free(a);
	(void)pthread_mutex_lock(&all->lock);
	all->drawn += r->files;
	(void)pthread_mutex_unlock(&all->lock);
	return ok;
}

static void
tell(struct renderings *all, size_t from, size_t to)
{
	struct batch *b = all->batch;
	(void)pthread_mutex_lock(&all->lock);
	for (size_t i = from; i < to; i++)
		if (--all->of[i]->left == 0)
			renderer_rest(all->of[i]->renderer);
	size_t n = to - from;
	if (all->done / REST_EVERY != (all->done + n) / REST_EVERY)
		stash_rest(b->stash);
	all->done += n;
	if (b->progress.step != NULL)
		b->progress.step(b->progress.ctx, "render", all->done, all->items);
	(void)pthread_mutex_unlock(&all->lock);
}

static bool
render_some(void *ctx, size_t task, struct err *err)
{
	struct renderings *all = ctx;
	size_t from = task * TOGETHER, to = from + TOGETHER;
	if (to > all->items)
		to = all->items;
	for (size_t i = from; i < to; i++)
		if (!render_item(all, all->of[i], all->item[i], err))
			return err_in(err, "rendering %.*s/%.*s", STR_ARG(all->of[i]->bundle->vertical),
			    STR_ARG(all->of[i]->bundle->locale));
	tell(all, from, to);
	return true;
}

/* ---- what could not be rendered ---- */

/* A document that no template can show is refused like any other; a kept one must not be. */
static bool
refuse(void *ctx, const struct document *document, const struct err *why)
{
	struct batch *b = ((struct rendering *)ctx)->all->batch;
	struct batch_item *item = (struct batch_item *)(uintptr_t)document; /* its first member */
	if (item->kept)
		return false;
	batch_refuse(b, item, &(struct finding){ .gate = "render", .severity = SEVERITY_REJECT,
		.where = document->raw.where,
		.text = arena_copy(b->arena, str_of(why->text)),
		.remedy = why->code == ERR_SETUP ? "Mend the template or message; the document may be right."
		                                 : "Correct the value that the templates cannot show." });
	b->late++;
	return true;
}
_Static_assert(offsetof(struct batch_item, document) == 0, "refuse finds the item by its document");

static bool
refuse_late(struct rendering *r, struct err *err)
{
	const struct batch_bundle *bundle = r->bundle;
	struct casualty *list = NULL;
	size_t lost = 0, room = 0;
	for (size_t i = 0; i < bundle->n; i++) {
		if (bundle->item[i]->late == NULL)
			continue;
		ARENA_GROW(r->arena, list, lost, room);
		list[lost++] = (struct casualty){ &bundle->item[i]->document, *bundle->item[i]->late };
	}
	if (casualties_refuse(&r->site, list, lost, lost == bundle->n, err))
		return true;
	return err_in(err, "rendering %.*s/%.*s", STR_ARG(bundle->vertical), STR_ARG(bundle->locale));
}

/* ---- lists ---- */

static bool
draw_lists(struct rendering *r, const struct document **newest, size_t n,
    const struct digest *key, struct err *err)
{
	struct batch *b = r->all->batch;
	struct arena *a = arena_new();
	struct document *outline = ARENA_ARRAY(a, struct document, n + 1);
	struct document *whole = ARENA_ARRAY(a, struct document, RENDER_LATEST);
	const struct document **latest = ARENA_ARRAY(a, const struct document *, RENDER_LATEST);
	struct rendered files;
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++) {
		const struct batch_item *item = (const struct batch_item *)(const void *)newest[i];
		ok = restore(b, a, item, false, &outline[i], err);
		newest[i] = &outline[i];
		if (i % REST_EVERY == REST_EVERY - 1)
			stash_rest(b->stash);
		if (ok && i < RENDER_LATEST) {
			ok = restore(b, a, item, true, &whole[i], err);
			latest[i] = &whole[i];
		}
	}
	ok = ok && renderer_lists(r->renderer, a, newest, n, latest, &files, err)
	    && files_put(b->stash, &files, key, &r->lists, err);
	arena_free(a);
	return ok;
}

static bool
render_lists(void *ctx, size_t i, struct err *err)
{
	struct renderings *all = ctx;
	struct rendering *r = &all->one[i];
	const struct batch_bundle *bundle = r->bundle;
	struct arena *a = arena_new();
	const struct document **newest = ARENA_ARRAY(a, const struct document *, bundle->n + 1);
	struct digest *keys = ARENA_ARRAY(a, struct digest, bundle->n + 1);
	size_t lists = vertical_of(all->batch, bundle->vertical)->surfaces->bundles;
	for (size_t k = 0; k < bundle->n; k++)
		newest[k] = &bundle->item[k]->document;
	qsort(newest, bundle->n, sizeof *newest, renderer_order);
	for (size_t k = 0; k < bundle->n; k++)
		keys[k] = ((const struct batch_item *)(const void *)newest[k])->key;
	struct digest key = renderer_lists_key(r->renderer, keys, bundle->n);
	bool ok = files_find(all->batch->stash, &key, lists, &r->lists);
	if (!ok && bundle->n > LONG_LIST) {
		(void)pthread_mutex_lock(&all->long_list);
		ok = draw_lists(r, newest, bundle->n, &key, err);
		(void)pthread_mutex_unlock(&all->long_list);
	} else if (!ok) {
		ok = draw_lists(r, newest, bundle->n, &key, err);
	}
	renderer_rest(r->renderer);
	stash_rest(all->batch->stash);
	arena_free(a);
	return ok || err_in(err, "rendering %.*s/%.*s", STR_ARG(bundle->vertical),
	    STR_ARG(bundle->locale));
}

/* ---- all of it ---- */

static void
free_arena(void *arena)
{
	arena_free(arena);
}

static struct arena *
arena_below(struct batch *b)
{
	struct arena *a = arena_new();
	arena_defer(b->arena, free_arena, a);
	return a;
}

/* Locales in which this run has the vertical. */
static void
site_of(struct rendering *r)
{
	const struct renderings *all = r->all;
	const struct config *c = all->batch->config;
	r->site = (struct site_info){ .name = c->name, .url = c->url, .publisher = c->publisher,
		.has = has_document, .refuse = refuse, .ctx = r,
		.locale = ARENA_ARRAY(r->arena, struct str, all->n + 1) };
	r->sibling = ARENA_ARRAY(r->arena, const struct rendering *, all->n + 1);
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->one[i].bundle->vertical, r->bundle->vertical)) {
			r->sibling[r->site.locales] = &all->one[i];
			r->site.locale[r->site.locales++] = all->one[i].bundle->locale;
		}
}

/* Templates are compiled once a run, and only those that are needed. */
static bool
surfaces_open(struct renderings *all, struct err *err)
{
	struct batch *b = all->batch;
	for (size_t i = 0; i < all->n; i++) {
		struct batch_vertical *v = vertical_of(b, all->one[i].bundle->vertical);
		if (v->surfaces != NULL)
			continue;
		struct arena *a = arena_below(b);
		struct surfaces *s = ARENA_NEW(a, struct surfaces);
		if (!surfaces_load(a, &b->catalog, b->schemas, v->name, s, err))
			return err_in(err, "rendering %.*s/%.*s", STR_ARG(v->name),
			    STR_ARG(all->one[i].bundle->locale));
		v->surfaces = s;
	}
	return true;
}

static bool
rendering_open(void *ctx, size_t i, struct err *err)
{
	struct renderings *all = ctx;
	struct rendering *r = &all->one[i];
	struct batch *b = all->batch;
	const struct surfaces *s = vertical_of(b, r->bundle->vertical)->surfaces;
	site_of(r);
	r->files = s->documents;
	return renderer_open(r->arena, &b->catalog, b->schemas, s, &r->site, r->bundle->vertical,
	           r->bundle->locale, &r->renderer, err)
	    || err_in(err, "rendering %.*s/%.*s", STR_ARG(r->bundle->vertical),
	        STR_ARG(r->bundle->locale));
}

static void
renderings_make(struct renderings *all, const struct batch_bundle *bundle, size_t n)
{
	struct batch *b = all->batch;
	size_t items = 0;
	all->one = ARENA_ARRAY(b->arena, struct rendering, n + 1);
	all->n = n;
	for (size_t i = 0; i < n; i++) {
		all->one[i] = (struct rendering){ .all = all, .bundle = &bundle[i],
			.arena = arena_below(b) };
		all->one[i].left = bundle[i].n;
		index_ids(&all->one[i]);
		items += bundle[i].n;
	}
	all->item = ARENA_ARRAY(b->arena, struct batch_item *, items + 1);
	all->of = ARENA_ARRAY(b->arena, struct rendering *, items + 1);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < bundle[i].n; k++, all->items++) {
			all->item[all->items] = bundle[i].item[k];
			all->of[all->items] = &all->one[i];
		}
}

static void
add_files(struct batch *b, struct str record, struct str id, struct rendered *out)
{
	while (file_next(b->stash, &record, &out->file[out->n])) {
		struct rendered_file *f = &out->file[out->n++];
		f->type = output_type(f->path);
		f->document = id;
	}
}

static bool
gather(struct rendering *r, struct rendered *out, struct err *err)
{
	struct batch *b = r->all->batch;
	const struct batch_bundle *bundle = r->bundle;
	const struct surfaces *s = vertical_of(b, bundle->vertical)->surfaces;
	struct rendered assets;
	renderer_assets(r->renderer, r->arena, &assets);
	*out = (struct rendered){ .inputs = renderer_inputs(r->renderer),
		.file = ARENA_ARRAY(b->arena, struct rendered_file,
		    bundle->n * r->files + s->bundles + assets.n + 1) };
	for (size_t i = 0; i < bundle->n; i++) {
		add_files(b, bundle->item[i]->rendered, bundle->item[i]->document.id, out);
		if (i % REST_EVERY == REST_EVERY - 1)
			stash_rest(b->stash);
	}
	add_files(b, r->lists, STR(""), out);
	stash_rest(b->stash);
	for (size_t i = 0; i < assets.n; i++)
		out->file[out->n++] = assets.file[i];
	return rendered_sort(out, err)
	    || err_in(err, "rendering %.*s/%.*s", STR_ARG(bundle->vertical),
	        STR_ARG(bundle->locale));
}

static bool
render_all(struct renderings *all, struct rendered *out, struct err *err)
{
	struct batch *b = all->batch;
	if (!surfaces_open(all, err)
	    || !parallel(all->n, b->jobs, rendering_open, all, err)
	    || !parallel((all->items + TOGETHER - 1) / TOGETHER, b->jobs, render_some, all, err))
		return false;
	b->drawn += all->drawn;
	for (size_t i = 0; i < all->n; i++)
		if (!refuse_late(&all->one[i], err))
			return false;
	if (b->late > 0) {
		batch_count(b);
		return true;
	}
	if (!parallel(all->n, b->jobs, render_lists, all, err))
		return false;
	for (size_t i = 0; i < all->n; i++)
		if (!gather(&all->one[i], &out[i], err))
			return false;
	return true;
}

bool
batch_lists(struct batch *b, const struct batch_bundle *bundle, const struct site_info *site,
    struct rendered *out, struct err *err)
{
	struct renderings all = { .batch = b };
	renderings_make(&all, bundle, 1);
	struct rendering *r = &all.one[0];
	if (!surfaces_open(&all, err))
		return false;
	const struct surfaces *s = vertical_of(b, bundle->vertical)->surfaces;
	r->site = *site;
	r->site.name = b->config->name;
	r->site.url = b->config->url;
	r->site.publisher = b->config->publisher;
	if (!renderer_open(r->arena, &b->catalog, b->schemas, s, &r->site, bundle->vertical,
	        bundle->locale, &r->renderer, err))
		return err_in(err, "rendering %.*s/%.*s", STR_ARG(bundle->vertical),
		    STR_ARG(bundle->locale));
	for (size_t i = 0; i < bundle->n; i++)
		bundle->item[i]->key = renderer_document_key(r->renderer, &bundle->item[i]->document);
	struct rendered assets;
	renderer_assets(r->renderer, r->arena, &assets);
	*out = (struct rendered){ .inputs = renderer_inputs(r->renderer),
		.file = ARENA_ARRAY(b->arena, struct rendered_file, s->bundles + assets.n + 1) };
	(void)pthread_mutex_init(&all.long_list, NULL);
	bool drawn = render_lists(&all, 0, err);
	(void)pthread_mutex_destroy(&all.long_list);
	if (!drawn)
		return false;
	add_files(b, r->lists, STR(""), out);
	for (size_t i = 0; i < assets.n; i++)
		out->file[out->n++] = assets.file[i];
	return rendered_sort(out, err);
}

bool
batch_render(struct batch *b, const struct batch_bundle *bundle, size_t n,
    struct rendered **out, struct err *err)
{
	struct renderings *all = ARENA_NEW(b->arena, struct renderings);
	*out = ARENA_ARRAY(b->arena, struct rendered, n + 1);
	all->batch = b;
	b->late = 0;
	renderings_make(all, bundle, n);
	(void)pthread_mutex_init(&all->lock, NULL);
	(void)pthread_mutex_init(&all->long_list, NULL);
	bool ok = render_all(all, *out, err);
	(void)pthread_mutex_destroy(&all->long_list);
	(void)pthread_mutex_destroy(&all->lock);
	stash_rest(b->stash);
	return ok;
}
