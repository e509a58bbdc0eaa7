/*
 * follow: one thread that keeps the view of the site fresh. It asks the store every half
 * `freshness` whether timestamp.json changed, verifies what is new, and swaps the view. A
 * request that finds the pointer unconfirmed for longer than `freshness` waits for one shared
 * check, at most FOLLOW_WAIT_MS from that check's start; then it is served from the last good
 * view, and told so (docs/freshness.md).
 */
#ifndef PUBLISHER_ORIGIN_FOLLOW_H
#define PUBLISHER_ORIGIN_FOLLOW_H

#include "publisher/origin/view.h"

#define FOLLOW_WAIT_MS 2000

struct follow;

struct follow_settings {
	struct store *store;
	const char *root;     /* file with the trusted root; read for every new version */
	const char *state;    /* folder to remember in; NULL: none */
	int64_t freshness_ms;
};

/* Makes the first check before it returns, so that a good store means a view at once. A store
 * that errs or holds nothing yet is no error here: the origin starts and is not ready. */
bool follow_start(struct arena *, const struct follow_settings *, struct follow **out,
    struct err *);
/* Ends the thread and gives the view back. */
void follow_stop(struct follow *);

enum pointer {
	POINTER_CONFIRMED, /* the store said so within `freshness` */
	POINTER_STALE,     /* the store does not answer, or not with anything to be trusted */
};
/* The view to serve from, held; NULL: nothing is published (POINTER_CONFIRMED) or nothing is
 * known yet (POINTER_STALE). */
struct view *follow_view(struct follow *, enum pointer *);
/* Check now, and again until the site is at `version` (0: one good check is enough). False
 * after timeout_ms: ERR_STALE says which version there is, or why there was no check. */
bool follow_refresh(struct follow *, int64_t version, int64_t timeout_ms, int64_t *reached,
    struct err *);

struct follow_report {
	bool has_view, absent;     /* absent: the store surely holds no site */
	int64_t version;           /* of the site; 0 without a view */
	int64_t since;             /* Unix time of the swap to this view */
	int64_t age_ms;            /* since the pointer was last confirmed; -1: never */
	int64_t expires;           /* first role to expire; 0 without a view */
	char expires_role[32];
	uint64_t checks, failures, refusals, swaps; /* refusals: not to be trusted */
	bool failing;              /* the last check failed, and why: */
	enum err_code code;
	char why[768];
};
void follow_report(struct follow *, struct follow_report *out);

#endif
