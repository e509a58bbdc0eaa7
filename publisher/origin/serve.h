/*
 * serve: from a request to its answer and bytes: finds what the URL stands for in the view,
 * reads what is missing, lets answer.c decide. Knows nothing of the HTTP library.
 */
#ifndef PUBLISHER_ORIGIN_SERVE_H
#define PUBLISHER_ORIGIN_SERVE_H

#include "publisher/config/config.h"
#include "publisher/origin/follow.h"
#include "publisher/origin/invalidate.h"
#include "publisher/origin/objects.h"
#include "publisher/origin/route.h"

struct origin {
	const struct config *config;
	const struct target_config *target;
	struct objects objects;
	struct follow *follow;
	struct invalidate *invalidate;
	struct reaper *reaper;
	struct metrics metrics;
	int64_t started;      /* Unix time */
	atomic_bool draining; /* answers now close their connections */
};

/* An answer with the bytes it is about; what they lie in is held until served_release. */
struct served {
	enum route_kind route;
	struct answer answer;
	struct str body;     /* exactly what is to be sent; none for HEAD */
	const char *outcome; /* for the access log: "hit", "miss", "view", "none" */
	struct view *view;
	struct cached *blob, *manifest, *tree;
};

/* GET, HEAD and all that is refused; a POST to the webhook goes to invalidate_take. */
void serve(struct origin *, struct arena *, const struct request *, struct served *out);
void served_release(struct origin *, struct served *);

#endif
