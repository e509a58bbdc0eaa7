/*
 * burial: an older version of a bundle without what has been taken down since: neither a
 * rollback nor anything else brings that back.
 */
#ifndef PUBLISHER_BURIAL_H
#define PUBLISHER_BURIAL_H

#include "publisher/bundle/tree.h"
#include "publisher/store/store.h"

/* Do the tombstones of the live version say anything else than those of `then`? */
bool burial_is_due(const struct manifest *live, const struct manifest *then);
/*
 * `from` without the documents of these tombstones (sorted by id; they take the place of its
 * own), their files and the lists that name them; new shards are put into the store. *unlisted
 * becomes true if there was such a list.
 */
bool burial_apply(struct arena *, struct store *, const struct manifest *from,
    const struct tombstone *, size_t n, struct manifest *out, bool *unlisted, struct err *);
/* Does a list name the document? True also of texts that only hold its id as a word. */
bool burial_names(struct str body, struct str id);

#endif
