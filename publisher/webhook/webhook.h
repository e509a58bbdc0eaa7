/*
 * webhook: Standard Webhooks 1.0.0 signatures (v1: HMAC-SHA256), both ways, and the messages
 * of ours that they carry. Used by the CLI to call an origin and by the origin to check.
 */
#ifndef PUBLISHER_WEBHOOK_WEBHOOK_H
#define PUBLISHER_WEBHOOK_WEBHOOK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define WEBHOOK_BODY_MAX (64 * 1024)
#define WEBHOOK_TOLERANCE_S 300

struct webhook_secret; /* locked memory */

/* A file with one `whsec_<base64>` a line (24 to 64 bytes each, at most 8; the prefix may be
 * left out, blank lines and lines that start with # are skipped). The first signs, any
 * verifies: that is how a secret is rotated. Wiped with the arena. ERR_SETUP names file and
 * line, or says that others may read the file. */
bool webhook_secret_read(struct arena *, const char *path, struct webhook_secret **out,
    struct err *);
/* A new secret as text, for `init`. */
struct str webhook_secret_make(struct arena *);

struct webhook_message {
	struct str id;        /* webhook-id: [A-Za-z0-9_-]{1,64} */
	struct str timestamp; /* webhook-timestamp: Unix seconds */
	struct str signature; /* webhook-signature */
	struct str body;
};
/* Fill id (random), timestamp and signature for body. */
bool webhook_sign(struct arena *, const struct webhook_secret *, struct str body, int64_t now,
    struct webhook_message *out, struct err *);
/* Constant-time. ERR_UNTRUSTED: signature or time; ERR_INPUT: a header is missing or odd.
 * Replays are the caller's to refuse, by id. */
bool webhook_verify(const struct webhook_secret *, const struct webhook_message *, int64_t now,
    struct err *);

/*
 * What an origin answers (docs/webhook.md): 202 to a message it took, with
 *   { "id": "msg_...", "state": "queued" }  and  Location: /-/invalidate/msg_...
 * where the id is the message's webhook-id; a duplicate is answered the same way and does
 * nothing. GET of that location: 200 with { "id", "state", "version", "detail"? } for an hour,
 * 404 after that. state is "queued", "working", "done" or "failed"; version is the version of
 * the site that the origin then answered from.
 *
 * Body of POST /-/invalidate: { "type": "edgepress.invalidate", "timestamp": RFC 3339,
 * "data": { "version": 12?, "keys": ["weather.en-us"]? } }.
 * version: be at least there before saying done. keys: purge them at this origin's edges.
 */
struct invalidation {
	int64_t version;
	struct str *key;
	size_t keys; /* at most 1,000 */
};
bool invalidation_read(struct arena *, struct str body, struct invalidation *out,
    struct err *);
bool invalidation_write(struct arena *, const struct invalidation *, int64_t now,
    struct str *out, struct err *);

#endif
