/*
 * azure_token: the access token of this machine's or pod's identity for Azure Storage. Fetched
 * when first needed, kept in locked memory, renewed before it expires by one thread while the
 * others go on with the old one.
 *
 *   workload identity  AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID, AZURE_CLIENT_ID
 *                      (AZURE_AUTHORITY_HOST), as AKS sets them
 *   App Service        IDENTITY_ENDPOINT, IDENTITY_HEADER, as App Service, Functions and
 *                      Container Apps set them; AZURE_CLIENT_ID for a user-assigned identity
 *   virtual machine    none of them: the instance metadata service (IMDS), AZURE_CLIENT_ID
 *                      likewise; AZURE_POD_IDENTITY_AUTHORITY_HOST is asked in its place
 */
#ifndef PUBLISHER_STORE_AZURE_TOKEN_H
#define PUBLISHER_STORE_AZURE_TOKEN_H

#include "base/http_pool.h"
#include "publisher/store/settings.h"

struct azure_token;

/* Nothing is asked yet. ERR_SETUP if only some of the settings of a source are there. `pool`,
 * `ca` and the settings must live as long. */
bool azure_token_open(struct arena *, const struct settings *, struct http_pool *,
    const char *ca, struct azure_token **out, struct err *);
/* "Bearer …" in the arena. *serial tells one token from the next.
 * ERR_SETUP if the identity is refused, ERR_BUSY if nobody answers. */
bool azure_token_take(struct azure_token *, struct arena *, struct str *bearer,
    uint64_t *serial, struct err *);
/* The store has refused the token with this serial: the next take fetches another. */
void azure_token_refused(struct azure_token *, uint64_t serial);

#endif
