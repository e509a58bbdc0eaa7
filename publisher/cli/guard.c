/* guard: how much of a bundle is refused, and how much would go. */
#include "publisher/cli/guard.h"

/* More than `percent` of all, and more than one: a single document never trips the guard. */
static bool
too_much(size_t part, size_t all, unsigned percent)
{
	return part > 1 && part * 100 > all * percent;
}

/* One that ran out is missed by nobody. */
static bool
removed_from(const struct live_bundle *live, const struct batch_bundle *b, struct store *store,
    int64_t now, size_t *out, struct err *err)
{
	struct arena *a = arena_new();
	struct str *id = ARENA_ARRAY(a, struct str, b->n);

	for (size_t i = 0; i < b->n; i++)
		id[i] = b->item[i]->document.id;
	bool ok = live_missing(live, store, id, b->n, now, out, err);

	arena_free(a);
	return ok;
}

bool
guard_passes(const struct batch *b, const struct batch_bundle *bundle, size_t n,
    struct site *site, struct err *err)
{
	const struct config *c = b->config;
	/* What is taken down is meant to be missing. */
	size_t refused = b->refused - b->buried, inputs = b->accepted - b->kept + refused;

	if (too_much(refused, inputs, c->max_rejected))
		return err_set(err, ERR_LIMIT, "%zu of %zu documents were refused, more than "
		    "max_rejected = %u %%: nothing was published; mend them, or go on with "
		    "--allow-large-change", refused, inputs, c->max_rejected);
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
		size_t removed;

		if (!removed_from(live, p, site_store(site), b->now, &removed, err))
			return false;
		if (too_much(removed, live->manifest->documents, c->max_removed))
			return err_set(err, ERR_LIMIT, "%.*s/%.*s: %zu of %zu live documents are not "
			    "in the input, more than max_removed = %u %%: nothing was published; add "
			    "them, use --merge to leave them live, or go on with --allow-large-change",
			    STR_ARG(p->vertical), STR_ARG(p->locale), removed,
			    live->manifest->documents, c->max_removed);
	}
	return true;
}
