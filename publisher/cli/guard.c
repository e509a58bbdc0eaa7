/* guard: how much of a bundle is refused, how much would go, come, or go back in time. */
#include "publisher/cli/guard.h"

#define ADDED_MIN 100 /* documents; a small site may grow as it likes */

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

/* The time of a clock that went back, or of a feed that was replayed. While the newest document
 * is as new as the newest live one nothing is read: what publishing costs follows what changed. */
static bool
older_than(const struct live_bundle *live, const struct batch_bundle *b, struct store *store,
    size_t *out, struct err *err)
{
	int64_t newest = INT64_MIN;

	*out = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->item[i]->document.updated > newest)
			newest = b->item[i]->document.updated;
	for (size_t i = 0; i < b->n && newest < live->manifest->updated; i++) {
		const struct manifest_document *was;

		if (!live_document(live, store, b->item[i]->document.id, &was, err))
			return false;
		*out += was != NULL && b->item[i]->document.updated < was->updated;
	}
	return true;
}

/* What is unlike the last release, though each document may be right. */
static bool
is_usual(const struct config *c, const struct batch_bundle *p, const struct live_bundle *live,
    struct store *store, struct err *err)
{
	size_t before = live->manifest->documents, older;

	if (p->n > before + ADDED_MIN && (p->n - before) * 100 > before * c->max_added)
		return err_set(err, ERR_LIMIT, "%.*s/%.*s: %zu documents instead of %zu, more than "
		    "max_added = %u %% on top: nothing was published; look, or go on with "
		    "--allow-large-change", STR_ARG(p->vertical), STR_ARG(p->locale), p->n, before,
		    c->max_added);
	if (!older_than(live, p, store, &older, err))
		return false;
	return !too_much(older, before, c->max_older)
	    || err_set(err, ERR_LIMIT, "%.*s/%.*s: %zu of %zu documents say that they were updated "
	        "before what is live, more than max_older = %u %%: nothing was published; is a clock "
	        "wrong, or is this old input? Mend it, or go on with --allow-large-change",
	        STR_ARG(p->vertical), STR_ARG(p->locale), older, before, c->max_older);
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
		if (!is_usual(c, p, live, site_store(site), err))
			return false;
	}
	return true;
}
