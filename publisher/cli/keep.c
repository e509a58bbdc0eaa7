/* keep: last good versions from the store. */
#include "publisher/cli/keep.h"

#include <stdlib.h>

#include "base/clock.h"

/* The input by name, so that many live documents are looked up in it quickly. */
struct input_index {
	const struct batch_item **item;
	size_t n;
};

static int
by_name(const void *left, const void *right)
{
	const struct document *l = &(*(const struct batch_item *const *)left)->document;
	const struct document *r = &(*(const struct batch_item *const *)right)->document;
	int c = str_cmp(l->vertical, r->vertical);

	if (c == 0)
		c = str_cmp(l->locale, r->locale);
	return c != 0 ? c : str_cmp(l->id, r->id);
}

static void
index_make(const struct batch *b, struct input_index *out)
{
	out->n = b->inputs;
	out->item = ARENA_ARRAY(b->arena, const struct batch_item *, out->n + 1);
	for (size_t i = 0; i < out->n; i++)
		out->item[i] = b->item[i];
	qsort(out->item, out->n, sizeof(struct batch_item *), by_name);
}

struct input_state {
	bool accepted, refused;
};

/* A document may stand in the input more than once. */
static struct input_state
state_of(const struct input_index *index, const struct live_bundle *bundle, struct str id)
{
	const struct batch_item wanted = { .document = { .vertical = bundle->vertical,
		.locale = bundle->locale, .id = id } }, *key = &wanted;
	struct input_state state = { 0 };
	size_t low = 0, high = index->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_name(&index->item[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < index->n && by_name(&index->item[low], &key) == 0; low++) {
		state.accepted |= index->item[low]->accepted;
		state.refused |= !index->item[low]->accepted;
	}
	return state;
}

static bool
touches(const struct batch *b, const struct live_bundle *bundle)
{
	for (size_t i = 0; i < b->inputs; i++)
		if (str_eq(b->item[i]->document.vertical, bundle->vertical)
		    && str_eq(b->item[i]->document.locale, bundle->locale))
			return true;
	return false;
}

/* A refused document that does not say what it is might be any live one. */
static bool
has_nameless(const struct batch *b)
{
	for (size_t i = 0; i < b->inputs; i++) {
		const struct document *d = &b->item[i]->document;

		if (!b->item[i]->accepted && (d->vertical.n == 0 || d->locale.n == 0 || d->id.n == 0))
			return true;
	}
	return false;
}

/* One live document that has to join the run. */
struct wanted {
	const struct live_bundle *bundle;
	const struct manifest_document *document;
};

struct keeping {
	struct batch *batch;
	struct site *site;
	struct wanted *wanted;
	size_t n, room;
	struct batch_item **item; /* parallel to wanted */
};

/* From the store, and only what its signed digest says. */
static bool
fetch(const struct keeping *k, struct batch_worker *w, const struct manifest_document *d,
    struct str where, struct batch_item *out, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	struct raw raw = { .form = FORM_XML, .line = 1, .where = where, .path = where };
	struct arena *a = arena_new();

	digest_hex(&d->source, hex);
	bool ok = store_get(site_store(k->site), a, store_blob_key(a, hex, ""), DOCUMENT_MAX,
	    &raw.bytes, NULL, err) || err_in(err, "%.*s", STR_ARG(where));
	if (ok) {
		struct digest digest = digest_of(raw.bytes);

		ok = digest_eq(&digest, &d->source)
		    || err_set(err, ERR_UNTRUSTED, "%.*s: the store's copy has another digest; "
		        "publish again with a good version of it", STR_ARG(where));
	}
	ok = ok && batch_judge(w, &raw, true, out, err);
	arena_free(a);
	return ok;
}

static bool
keep_one(void *ctx, unsigned number, void *task, struct err *err)
{
	const struct keeping *k = ctx;
	const struct wanted *wanted = task;
	struct batch_worker *w = &k->batch->worker[number];
	const struct live_bundle *bundle = wanted->bundle;
	struct batch_item *item = k->item[wanted - k->wanted];
	struct str where = arena_printf(w->keep, "live:%.*s/%.*s/%.*s", STR_ARG(bundle->vertical),
	    STR_ARG(bundle->locale), STR_ARG(wanted->document->id));

	if (batch_recall(w, &wanted->document->source, where, item))
		return true;
	if (!fetch(k, w, wanted->document, where, item, err))
		return false;
	return item->accepted || err_set(err, ERR_INPUT,
	    "%.*s must stay live but does not fit the schema any more: %.*s", STR_ARG(where),
	    STR_ARG(item->finding[0].text));
}

static bool
choose_in(struct keeping *k, const struct live_bundle *bundle, const struct input_index *index,
    size_t shard, bool all, struct err *err)
{
	struct batch *b = k->batch;
	const struct tree *tree;

	if (!live_tree(bundle, site_store(k->site), shard, &tree, err))
		return false;
	for (size_t i = 0; i < tree->documents; i++) {
		const struct manifest_document *d = &tree->document[i];
		struct input_state s = state_of(index, bundle, d->id);

		if (s.accepted || (!s.refused && !all) || d->expires <= b->now)
			continue;
		ARENA_GROW(b->arena, k->wanted, k->n, k->room);
		k->wanted[k->n++] = (struct wanted){ bundle, d };
	}
	return true;
}

/* Does the shard hold a document that was refused by name? Others need not be read. */
static bool
has_refused(const struct batch *b, const struct live_bundle *bundle, size_t shard)
{
	for (size_t i = 0; i < b->inputs; i++) {
		const struct document *d = &b->item[i]->document;

		if (!b->item[i]->accepted && str_eq(d->vertical, bundle->vertical)
		    && str_eq(d->locale, bundle->locale)
		    && manifest_shard(bundle->manifest, d->id) == &bundle->manifest->shard[shard])
			return true;
	}
	return false;
}

/* Which ones, in the order of the manifests. */
static bool
choose(struct keeping *k, const struct live *live, bool all, struct err *err)
{
	struct batch *b = k->batch;
	struct input_index index;

	index_make(b, &index);
	for (size_t i = 0; live != NULL && i < live->bundles; i++) {
		const struct live_bundle *bundle = &live->bundle[i];

		if (!touches(b, bundle) || (!all && b->refused == 0))
			continue;
		for (size_t j = 0; j < bundle->manifest->shards; j++)
			if ((all || has_refused(b, bundle, j))
			    && !choose_in(k, bundle, &index, j, all, err))
				return false;
	}
	return true;
}

static bool
keep_chosen(struct keeping *k, struct err *err)
{
	struct batch *b = k->batch;
	bool ok = true;

	k->item = ARENA_ARRAY(b->arena, struct batch_item *, k->n + 1);
	for (size_t i = 0; i < k->n; i++)
		k->item[i] = ARENA_NEW(b->arena, struct batch_item);
	struct crew *crew = crew_new(b->arena, b->jobs, keep_one, k);

	for (size_t i = 0; ok && i < k->n; i++)
		ok = crew_give(crew, &k->wanted[i], err);
	ok = crew_finish(crew, NULL, err) && ok;
	if (ok)
		batch_keep(b, k->item, k->n);
	return ok;
}

bool
keep_live(struct batch *b, struct site *site, bool merge, struct err *err)
{
	struct keeping k = { .batch = b, .site = site };

	batch_rewind(b);
	return choose(&k, site_live(site), merge || has_nameless(b), err) && keep_chosen(&k, err);
}

/* A document that has run out stays where it is: this run is not about it. */
static bool
choose_all(struct keeping *k, const struct live_bundle *bundle, const struct publish_bundle *but,
    struct err *err)
{
	const struct manifest gone = { .tombstone = but->tombstone, .tombstones = but->tombstones };

	for (size_t i = 0; i < bundle->manifest->shards; i++) {
		const struct tree *tree;

		if (!live_tree(bundle, site_store(k->site), i, &tree, err))
			return false;
		for (size_t j = 0; j < tree->documents; j++) {
			if (manifest_tombstone(&gone, tree->document[j].id) != NULL)
				continue;
			ARENA_GROW(k->batch->arena, k->wanted, k->n, k->room);
			k->wanted[k->n++] = (struct wanted){ bundle, &tree->document[j] };
		}
	}
	return true;
}

bool
keep_bundles(struct batch *b, struct site *site, const struct live_bundle *const *bundle,
    const struct publish_bundle *but, size_t n, struct err *err)
{
	struct keeping k = { .batch = b, .site = site };

	batch_rewind(b);
	for (size_t i = 0; i < n; i++)
		if (!choose_all(&k, bundle[i], &but[i], err))
			return false;
	return keep_chosen(&k, err);
}

static bool
has_tombstones(const struct live *live)
{
	for (size_t i = 0; live != NULL && i < live->bundles; i++)
		if (live->bundle[i].manifest->tombstones > 0)
			return true;
	return false;
}

void
keep_buried(struct batch *b, struct site *site)
{
	if (!has_tombstones(site_live(site)))
		return;
	for (size_t i = 0; i < b->inputs; i++) {
		struct batch_item *item = b->item[i];
		const struct document *d = &item->document;
		const struct tombstone *t = item->accepted
		    ? publish_buried(site, d->vertical, d->locale, d->id) : NULL;

		if (t == NULL)
			continue;
		batch_refuse(b, item, &(struct finding){ .gate = "takedown",
			.severity = SEVERITY_REJECT, .where = d->raw.where, .line = d->raw.line,
			.text = arena_printf(b->arena, "'%.*s' was taken down at %.*s by %.*s: %.*s",
			    STR_ARG(d->id), STR_ARG(time_rfc3339(b->arena, t->since)), STR_ARG(t->who),
			    STR_ARG(t->reason)),
			.remedy = "Leave it out; `edgepress takedown --lift` lets it in again." });
		item->buried = true;
	}
	batch_rewind(b);
}
