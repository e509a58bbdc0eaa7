/*
 * invalidate: the webhook. A signed message wakes the origin (look at the store now, be at
 * least at this version) and has it purge keys at its edges; docs/webhook.md. Messages are
 * taken at once and carried out in order by one thread, those that wait together in one go.
 */
#ifndef PUBLISHER_ORIGIN_INVALIDATE_H
#define PUBLISHER_ORIGIN_INVALIDATE_H

#include "publisher/config/config.h"
#include "publisher/origin/answer.h"
#include "publisher/origin/follow.h"
#include "publisher/origin/metrics.h"
#include "publisher/webhook/webhook.h"

struct invalidate;

struct invalidate_settings {
	const char *secret;  /* file; NULL: the endpoint answers 501 */
	const char *state;   /* folder to remember message ids in; NULL: none */
	const struct edge_config *const *edge;
	size_t edges;
	struct follow *follow;
	struct metrics *metrics;
};

bool invalidate_start(struct arena *, const struct invalidate_settings *,
    struct invalidate **out, struct err *);
/* Lets the message under way end (at most about 10 s) and drops those that wait. */
void invalidate_stop(struct invalidate *);
/* Read the secret again; the old one stays if the new one cannot be read. */
bool invalidate_reload(struct invalidate *, struct err *);

/* POST /-/invalidate. `now` is the real time: SOURCE_DATE_EPOCH must not make a message look
 * like a replay, nor a replay like a message. */
void invalidate_take(struct invalidate *, struct arena *, const struct webhook_message *,
    int64_t now, struct answer *out);
/* GET /-/invalidate/<id> */
void invalidate_show(struct invalidate *, struct arena *, struct str id, struct answer *out);

#endif
