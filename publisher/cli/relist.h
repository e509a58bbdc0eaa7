/*
 * relist: live bundles once more, without what is taken down: their documents as they are, to
 * the byte, and their lists rendered anew from the signed sources of those that stay. Costs
 * reading those sources; nothing else is rendered or uploaded.
 */
#ifndef PUBLISHER_CLI_RELIST_H
#define PUBLISHER_CLI_RELIST_H

#include "publisher/cli/batch.h"
#include "publisher/release/publish.h"

/*
 * Complete out[i]: vertical, locale and tombstones are set; each is live. Each is based on the
 * live version. `batch` has its catalog set and is not open yet; NULL: lists that name what is
 * taken down are left out instead of being rendered, so that no template is needed.
 */
bool relist(struct arena *, const struct config *, const struct batch_options *, struct site *,
    struct batch *, struct publish_bundle *out, size_t n, struct err *);

#endif
