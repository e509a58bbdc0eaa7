/*
 * azure_account: which container of which account, and by what right.
 *
 *   https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX]    (any host with ".blob." in it)
 *   http://127.0.0.1:10000/ACCOUNT/CONTAINER[/PREFIX]           (any other host: an emulator)
 *
 * The right, the first that is set: AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY,
 * AZURE_STORAGE_SAS_TOKEN; else this machine's identity (azure_token.h).
 * AZURE_STORAGE_AUTH_MODE=login means the identity whatever else is set, =anonymous no right at
 * all, for readers of a public container. AZURE_STORAGE_ACCOUNT, if set, must be the URL's.
 */
#ifndef PUBLISHER_STORE_AZURE_ACCOUNT_H
#define PUBLISHER_STORE_AZURE_ACCOUNT_H

#include <pthread.h>

#include "base/http_pool.h"
#include "publisher/store/azure_token.h"
#include "publisher/store/settings.h"

struct azure_account {
	struct str name;
	const char *container_url; /* without a slash at the end */
	struct str container;
	struct str prefix;         /* "" or "folder/": in front of every key */
	const char *ca;            /* SSL_CERT_FILE or CURL_CA_BUNDLE; NULL: the system's */
	const char *file;          /* that the settings are from; NULL: environment */
	bool plain;                /* http to another machine */
	struct azure_token *token; /* NULL if none */
	pthread_mutex_t lock;      /* of what follows */
	struct azure_secret {
		struct arena *arena;
		struct str key;    /* Shared Key, decoded; locked memory; .p NULL if none */
		struct str sas;    /* without '?'; locked memory; .p NULL if none */
	} secret;
	uint64_t serial;           /* of the secret */
};

/* ERR_INPUT (URL) and ERR_SETUP (settings) say what is wrong and never show a secret. */
bool azure_account_open(struct arena *, struct str url, const struct settings *,
    struct http_pool *, struct azure_account *out, struct err *);
/* Complete `rq` with date, version and right. *serial tells this key or token from the next. */
bool azure_account_sign(struct azure_account *, struct arena *, struct http_request *rq,
    uint64_t *serial, struct err *);
/* The store has refused the right with this serial. True if there may be another one by now: the
 * identity's next token, or a key or SAS token that has changed in the settings file. */
bool azure_account_refused(struct azure_account *, uint64_t serial);

#endif
