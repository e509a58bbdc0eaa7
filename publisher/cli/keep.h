/*
 * keep: promise 1, second half. The live version of a document that was refused, or that
 * `--merge` leaves alone, joins the run again from its signed source in the store, so that it
 * stays on its own page and in every list.
 */
#ifndef PUBLISHER_CLI_KEEP_H
#define PUBLISHER_CLI_KEEP_H

#include "publisher/cli/batch.h"
#include "publisher/release/publish.h"

/*
 * Take live documents into the batch again: those whose new form was refused; all that the
 * input does not name if merge is set, or if a refused document could not even be named (it
 * may be any of them). Only in bundles that the run touches. Expired ones go. What an
 * earlier call kept is forgotten first.
 */
bool keep_live(struct batch *, struct site *, bool merge, struct err *);

/* Take in all live documents of these bundles, but for those that have a tombstone in
 * but[i]; the batch has no input. */
bool keep_bundles(struct batch *, struct site *, const struct live_bundle *const *bundle,
    const struct publish_bundle *but, size_t n, struct err *);

/* Refuse what has been taken down from the target. */
void keep_buried(struct batch *, struct site *);

#endif
