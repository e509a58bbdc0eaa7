/* azure_key: Azure Storage's Shared Key, the signature of a request by the account's key
 * (REST API, "Authorize with Shared Key"). Pure: no clock, no I/O. */
#ifndef PUBLISHER_STORE_AZURE_KEY_H
#define PUBLISHER_STORE_AZURE_KEY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/http.h"

/* What is signed. The request must be complete but for Authorization: x-ms-date and
 * x-ms-version among its headers, names in any case, its URL percent-encoded. */
void azure_string_to_sign(struct buf *out, struct str account, const struct http_request *);
/* "SharedKey ACCOUNT:SIGNATURE", the value of Authorization. `key` is decoded from base64. */
struct str azure_authorization(struct arena *, struct str account, struct str key,
    const struct http_request *);

#endif
