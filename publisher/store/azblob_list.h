/* azblob_list: one page of Azure's List Blobs (XML). */
#ifndef PUBLISHER_STORE_AZBLOB_LIST_H
#define PUBLISHER_STORE_AZBLOB_LIST_H

#include "publisher/store/store.h"

/*
 * Show each blob of the page whose name starts with `prefix`, without that. *marker, in `a`,
 * becomes what the next page is asked for with, percent-encoded; empty after the last; one that
 * is the marker already is an error, for it would never end. ERR_BUSY if the page is no listing.
 */
bool azblob_list_read(struct arena *a, struct str xml, struct str prefix, store_visit *visit, void *ctx,
    struct str *marker, struct err *err);

#endif
