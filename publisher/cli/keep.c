/* keep: last good versions from the store, and the blast-radius guard. */
#include "publisher/cli/keep.h"

static bool
item_is(const struct batch_item *item, struct str vertical, struct str locale, struct str id)
{
	const struct document *d = &item->document;

	return str_eq(d->vertical, vertical) && str_eq(d->locale, locale) && str_eq(d->id, id);
}

struct input_state {
	bool accepted, refused;
};

static struct input_state
state_of(const struct batch *b, const struct live_bundle *bundle, struct str id)
{
	struct input_state state = { 0 };

	for (size_t i = 0; i < b->inputs; i++)
		if (item_is(&b->item[i], bundle->vertical, bundle->locale, id)) {
			state.accepted |= b->item[i].accepted;
			state.refused |= !b->item[i].accepted;
		}
	return state;
}

static bool
touches(const struct batch *b, const struct live_bundle *bundle)
{
	for (size_t i = 0; i < b->inputs; i++)
		if (str_eq(b->item[i].document.vertical, bundle->vertical)
		    && str_eq(b->item[i].document.locale, bundle->locale))
			return true;
	return false;
}

/* A refused document that does not say what it is might be any live one. */
static bool
has_nameless(const struct batch *b)
{
	for (size_t i = 0; i < b->inputs; i++) {
		const struct document *d = &b->item[i].document;

		if (!b->item[i].accepted && (d->vertical.n == 0 || d->locale.n == 0 || d->id.n == 0))
			return true;
	}
	return false;
}

static bool
keep_one(struct batch *b, struct site *site, const struct live_bundle *bundle,
    const struct manifest_document *d, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	struct raw raw = { .form = FORM_XML, .line = 1 };

	digest_hex(&d->source, hex);
	raw.where = raw.path = arena_printf(b->arena, "live:%.*s/%.*s/%.*s",
	    STR_ARG(bundle->vertical), STR_ARG(bundle->locale), STR_ARG(d->id));
	if (!store_get(site_store(site), b->arena, store_blob_key(b->arena, hex, ""),
	    DOCUMENT_MAX, &raw.bytes, NULL, err))
		return err_in(err, "%.*s", STR_ARG(raw.where));
	struct digest digest = digest_of(raw.bytes);

	if (!digest_eq(&digest, &d->source))
		return err_set(err, ERR_UNTRUSTED, "%.*s: the store's copy has another digest; "
		    "publish again with a good version of it", STR_ARG(raw.where));
	if (!batch_take(b, &raw, true, err))
		return false;
	const struct batch_item *item = &b->item[b->n - 1];

	return item->accepted || err_set(err, ERR_INPUT,
	    "%.*s must stay live but does not fit the schema any more: %.*s",
	    STR_ARG(raw.where), STR_ARG(item->finding[0].text));
}

bool
keep_live(struct batch *b, struct site *site, bool merge, struct err *err)
{
	const struct live *live = site_live(site);
	bool all = merge || has_nameless(b);

	batch_rewind(b);
	for (size_t i = 0; live != NULL && i < live->bundles; i++) {
		const struct live_bundle *bundle = &live->bundle[i];

		if (!touches(b, bundle))
			continue;
		for (size_t j = 0; j < bundle->manifest->documents; j++) {
			const struct manifest_document *d = &bundle->manifest->document[j];
			struct input_state s = state_of(b, bundle, d->id);

			if (s.accepted || (!s.refused && !all) || d->expires <= b->now)
				continue;
			if (!keep_one(b, site, bundle, d, err))
				return false;
		}
	}
	return true;
}

/* More than `percent` of all, and more than one: a single document never trips the guard. */
static bool
too_much(size_t part, size_t all, unsigned percent)
{
	return part > 1 && part * 100 > all * percent;
}

static size_t
removed_from(const struct live_bundle *live, const struct batch_bundle *b, int64_t now)
{
	size_t removed = 0;

	for (size_t i = 0; i < live->manifest->documents; i++) {
		const struct manifest_document *d = &live->manifest->document[i];
		bool there = d->expires <= now; /* it ran out: nobody misses it */

		for (size_t j = 0; !there && j < b->n; j++)
			there = str_eq(b->document[j]->id, d->id);
		removed += !there;
	}
	return removed;
}

bool
guard_passes(const struct batch *b, const struct batch_bundle *bundle, size_t n,
    struct site *site, struct err *err)
{
	const struct config *c = b->config;
	size_t inputs = b->accepted - b->kept + b->refused;

	if (too_much(b->refused, inputs, c->max_rejected))
		return err_set(err, ERR_LIMIT, "%zu of %zu documents were refused, more than "
		    "max_rejected = %u %%: nothing was published; mend them, or go on with "
		    "--allow-large-change", b->refused, inputs, c->max_rejected);
	for (size_t i = 0; i < n; i++) {
		const struct batch_bundle *p = &bundle[i];
		const struct live_bundle *live = site_live(site)
		    ? live_find(site_live(site), p->vertical, p->locale) : NULL;

		if (too_much(p->refused, p->n - p->kept + p->refused, c->max_rejected))
			return err_set(err, ERR_LIMIT, "%.*s/%.*s: %zu documents were refused, more "
			    "than max_rejected = %u %%: nothing was published; mend them, or go on "
			    "with --allow-large-change", STR_ARG(p->vertical), STR_ARG(p->locale),
			    p->refused, c->max_rejected);
		if (live == NULL)
			continue;
		size_t removed = removed_from(live, p, b->now);

		if (too_much(removed, live->manifest->documents, c->max_removed))
			return err_set(err, ERR_LIMIT, "%.*s/%.*s: %zu of %zu live documents are not "
			    "in the input, more than max_removed = %u %%: nothing was published; add "
			    "them, use --merge to leave them live, or go on with --allow-large-change",
			    STR_ARG(p->vertical), STR_ARG(p->locale), removed,
			    live->manifest->documents, c->max_removed);
	}
	return true;
}
