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

/* A file with one `whsec_<base64>` a line (24 to 64 bytes each), the first signs, any
 * verifies: that is how a secret is rotated. ERR_SETUP names file and line. */
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

/* Body of POST /-/invalidate: { "type": "edgepress.invalidate", "timestamp": RFC 3339,
 * "data": { "version": 12?, "keys": ["weather.en-us"]? } }.
 * version: be at least there before saying done. keys: purge them at this origin's edges. */
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
