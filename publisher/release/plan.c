/* plan: a draft against what is live: the new manifests, what to upload and what to purge. Only
 * shards whose content differs are read; nothing is coded. */
#include <stdlib.h>

#include "base/clock.h"
#include "publisher/release/draft.h"

struct planning {
	struct arena *a;
	struct site *site;
	struct plan *plan;
	struct draft *draft;
	struct draft_bundle *bundle;
	const struct live_bundle *live; /* NULL: the bundle is new */
	struct planned_bundle *out;
	size_t *room;                   /* of plan->content */
	size_t *source_room;
};

static bool
live_entries(void *ctx, struct arena *a, size_t i, struct tree *out, struct err *err)
{
	const struct planning *p = ctx;
	const struct tree *tree;
	(void)a;
	if (!live_tree(p->live, p->site->store, i, &tree, err))
		return false;
	*out = *tree;
	return true;
}

static bool
draft_entries(void *ctx, struct arena *a, size_t i, struct tree *out, struct err *err)
{
	const struct planning *p = ctx;
	(void)err;
	draft_tree(a, p->bundle, i, out);
	return true;
}

/* Content that the live bundle has is in the store, and its coded forms are made, whatever it
 * is called now. */
static void
live_seen(void *ctx, const struct tree *old)
{
	struct planning *p = ctx;
	for (size_t i = 0; i < old->files; i++) {
		const struct manifest_file *f = &old->file[i];
		const struct publish_file like = { .path = f->path, .type = f->type,
			.sha256 = f->form[CODING_NONE].sha256 };
		struct content *c = content_find(p->draft, &like);
		if (c == NULL || c->stored)
			continue;
		c->stored = true;
		c->forms = f->forms;
		memcpy(c->form, &f->form[CODING_GZIP], sizeof c->form);
	}
	for (size_t i = 0; i < old->documents; i++)
		source_is_stored(p->bundle, &old->document[i]);
}

/* The live shard with the same entries; NULL if there is none. */
static const struct shard *
same_shard(const struct planning *p, const struct shard *new)
{
	const struct manifest *m = p->live != NULL ? p->live->manifest : NULL;
	const struct shard *was = m != NULL ? shard_at(m->shard, m->shards, new->from) : NULL;
	return was != NULL && was->from == new->from && digest_eq(&was->content, &new->content)
	    ? was : NULL;
}

/* What shard i refers to and may not be stored yet. */
static void
shard_needs(struct planning *p, size_t i)
{
	struct draft_bundle *b = p->bundle;
	for (size_t k = b->slice[i].file; k < b->slice[i + 1].file; k++)
		b->file[k].content = draft_content(p->a, p->draft, b->file[k].from);
}

/* The manifest; shards that are live already are those, to the byte. */
static void
manifest_fill(struct planning *p)
{
	const struct draft_bundle *b = p->bundle;
	struct manifest *m = &p->out->manifest;
	*m = (struct manifest){ .vertical = b->from->vertical, .locale = b->from->locale,
		.updated = b->updated, .first_expiry = b->first_expiry, .inputs = b->from->inputs,
		.shard = ARENA_ARRAY(p->a, struct shard, b->shards), .shards = b->shards,
		.documents = b->from->documents, .files = b->from->files };
	for (size_t i = 0; i < b->shards; i++) {
		const struct shard *same = same_shard(p, &b->shard[i]);
		m->shard[i] = same != NULL ? *same : b->shard[i];
		if (same == NULL)
			shard_needs(p, i);
	}
}

static const struct tombstone *
tombstone_in(const struct tombstone *t, size_t n, struct str id)
{
	const struct manifest like = { .tombstone = t, .tombstones = n };
	return manifest_tombstone(&like, id);
}

const struct tombstone *
publish_buried(const struct site *s, struct str vertical, struct str locale, struct str id)
{
	const struct live_bundle *b = s->live ? live_find(s->live, vertical, locale) : NULL;
	return b != NULL ? manifest_tombstone(b->manifest, id) : NULL;
}

/* Edges hold its URLs, in whatever version, or the answer that it is gone. */
/* True if there was one. */
static bool
burials_add(const struct planning *p, const struct tombstone *t, size_t n,
    const struct tombstone *other, size_t others, struct keyset *keys)
{
	char key[KEY_MAX + 1];
	bool any = false;
	for (size_t i = 0; i < n; i++)
		if (tombstone_in(other, others, t[i].id) == NULL) {
			key_item(p->out->vertical, p->out->locale, t[i].id, key);
			keyset_add(keys, str_of(key));
			any = true;
		}
	return any;
}

/* Lists of older versions may name what is taken down, and have the same key as today's. */
static void
lists_add(const struct planning *p, struct keyset *keys)
{
	const struct publish_bundle *from = p->bundle->from;
	char key[KEY_MAX + 1];
	for (size_t i = 0; i < from->files; i++)
		if (from->file[i].document.n == 0) {
			key_path(from->vertical, from->locale, from->file[i].path, key);
			keyset_add(keys, str_of(key));
		}
}

/* What is taken down stays so, whatever the input says. */
static bool
tombstones_take(struct planning *p, struct keyset *keys, struct err *err)
{
	const struct publish_bundle *from = p->bundle->from;
	const struct manifest *was = p->live != NULL ? p->live->manifest : NULL;
	struct manifest *m = &p->out->manifest;
	if (from->buries) {
		m->tombstone = from->tombstone;
		m->tombstones = from->tombstones;
	} else if (was != NULL) {
		m->tombstone = was->tombstone;
		m->tombstones = was->tombstones;
	}
	for (size_t i = 0; m->tombstones > 0 && i < from->documents; i++)
		if (manifest_tombstone(m, from->document[i].id) != NULL)
			return err_set(err, ERR_STALE, "document '%.*s' has been taken down meanwhile",
			    STR_ARG(from->document[i].id));
	bool any = burials_add(p, m->tombstone, m->tombstones, was ? was->tombstone : NULL,
	    was ? was->tombstones : 0, keys);
	if (was != NULL)
		any |= burials_add(p, was->tombstone, was->tombstones, m->tombstone, m->tombstones,
		    keys);
	if (any)
		lists_add(p, keys);
	return true;
}

static void
content_wanted(struct planning *p, struct content *c)
{
	struct plan *plan = p->plan;
	if (c->stored || c->planned == plan)
		return;
	c->planned = plan;
	ARENA_GROW(p->a, plan->content, plan->contents, *p->room);
	plan->content[plan->contents++] = c;
	plan->bytes += c->file->body.n;
}

static void
source_wanted(struct planning *p, struct draft_document *d)
{
	struct plan *plan = p->plan;
	if (d->stored)
		return;
	ARENA_GROW(p->a, plan->source, plan->sources, *p->source_room);
	plan->source[plan->sources++] = d;
	plan->bytes += d->from->source.n;
}

/* After live_seen has marked what is there. */
static void
uploads_add(struct planning *p)
{
	struct draft_bundle *b = p->bundle;
	for (size_t i = 0; i < b->shards; i++) {
		if (p->out->manifest.shard[i].size != 0)
			continue;
		for (size_t k = b->slice[i].file; k < b->slice[i + 1].file; k++)
			content_wanted(p, b->file[k].content);
		for (size_t k = b->slice[i].document; k < b->slice[i + 1].document; k++)
			source_wanted(p, &b->document[k]);
	}
}

/* Do all shards stand? Then the manifest is known to the byte. */
static bool
change_of(const struct planning *p, enum change *out, struct err *err)
{
	const struct manifest *m = &p->out->manifest;
	struct arena *a = arena_new();
	struct buf *bytes = buf_in(a, MANIFEST_MAX);
	bool ok = true, whole = p->live != NULL;
	for (size_t i = 0; whole && i < m->shards; i++)
		whole = m->shard[i].size != 0;
	*out = p->live == NULL ? CHANGE_ADDED : CHANGE_CHANGED;
	if (whole) {
		ok = manifest_write(m, bytes, err);
		const struct digest is = digest_of(buf_str(bytes));
		if (digest_eq(&is, &p->live->current.sha256))
			*out = CHANGE_NONE;
	}
	arena_free(a);
	return ok;
}

static bool
base_is_live(const struct planning *p, struct err *err)
{
	int64_t based_on = p->bundle->from->based_on;
	int64_t live = p->live ? p->live->current.version : PUBLISH_NOT_LIVE;
	return based_on == 0 || based_on == live
	    || err_set(err, ERR_STALE, "another publisher has changed it since this input was made "
	        "from what was live: make it again");
}

static bool
bundle_plan(struct planning *p, struct keyset *keys, struct err *err)
{
	const struct manifest *old = p->live ? p->live->manifest : NULL;
	struct planned_bundle *b = p->out;
	struct difference d = { .keys = keys, .seen = live_seen, .ctx = p };
	const struct tree_source was = { old ? old->shard : NULL, old ? old->shards : 0, live_entries,
		p };
	const struct tree_source is = { p->bundle->shard, p->bundle->shards, draft_entries, p };
	b->vertical = p->bundle->from->vertical;
	b->locale = p->bundle->from->locale;
	if (!base_is_live(p, err))
		return false;
	manifest_fill(p);
	if (!tombstones_take(p, keys, err) || !difference_add(p->a, b->vertical, b->locale, &was, &is, &d, err)
	    || !change_of(p, &b->change, err))
		return false;
	uploads_add(p);
	b->before = old ? old->documents : 0;
	b->after = b->manifest.documents;
	b->documents_removed = d.documents_removed;
	b->file = d.file;
	b->files = d.n;
	p->plan->added += d.added;
	p->plan->changed += d.changed;
	p->plan->removed += d.removed;
	return true;
}

static bool
changes_something(const struct plan *plan)
{
	for (size_t i = 0; i < plan->bundles; i++)
		if (plan->bundle[i].change != CHANGE_NONE)
			return true;
	return false;
}

bool
plan_make(struct arena *a, struct site *s, struct draft *d, struct plan **out, struct err *err)
{
	struct plan *plan = ARENA_NEW(a, struct plan);
	struct keyset keys = { .a = a };
	size_t room = 0, source_room = 0;
	plan->bundle = ARENA_ARRAY(a, struct planned_bundle, d->n);
	for (size_t i = 0; i < d->n; i++) {
		const struct publish_bundle *b = d->bundle[i].from;
		struct planning p = { .a = a, .site = s, .plan = plan, .draft = d,
			.bundle = &d->bundle[i], .room = &room, .source_room = &source_room,
			.live = s->live ? live_find(s->live, b->vertical, b->locale) : NULL,
			.out = &plan->bundle[i] };
		if (!bundle_plan(&p, &keys, err))
			return err_in(err, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale));
		plan->bundles++;
	}
	plan->blobs = plan->contents + plan->sources;
	keyset_sort(&keys);
	plan->key = keys.key;
	plan->keys = keys.n;
	plan->renew = !changes_something(plan) && s->live != NULL
	    && issue_due(s->live->trusted, &lifetimes_default, clock_now());
	*out = plan;
	return true;
}

bool
publish_plan(struct arena *a, struct site *s, const struct publish_bundle *bundle, size_t n,
    struct plan **out, struct err *err)
{
	struct draft *d;
	return draft_make(a, bundle, n, &d, err) && plan_make(a, s, d, out, err);
}

bool
plan_is_empty(const struct plan *p)
{
	for (size_t i = 0; i < p->bundles; i++)
		if (p->bundle[i].change != CHANGE_NONE)
			return false;
	return !p->renew;
}
