/*
 * subject: one thing to verify: a site behind a URL, or a target's store. Takes the command's
 * first argument and its options --root and --target.
 */
#ifndef PUBLISHER_CLI_SUBJECT_H
#define PUBLISHER_CLI_SUBJECT_H

#include "base/http.h"
#include "publisher/cli/cli.h"
#include "publisher/store/store.h"
#include "publisher/trust/client.h"

struct subject {
	struct cli *cli;
	const char *what;           /* for people: the URL, or the store's */
	const char *url;            /* NULL: the store */
	struct store *store;
	struct http_session *http;
	struct str anchor;
	struct trust_source source; /* reads any file of it by its name; see subject_get */
};
/* What to look at, and against which root: --root works without a site around. */
bool subject_open(struct cli *, struct subject *out, struct err *);
/* From URL/name or the store; ctx is the subject. 404 and 410 are ERR_ABSENT, anything else but
 * 200 is "not known": ERR_BUSY, or ERR_UNTRUSTED if an origin says that its store is damaged. */
bool subject_get(void *ctx, struct arena *, struct str name, size_t max, struct str *out,
    struct err *);

#endif
