/*
 * phrase: lists, relative times and ranges of one locale, which ICU has formatters of their own
 * for. Each is opened once and kept; an object belongs to one thread at a time. No clock: what a
 * time is relative to is an argument.
 */
#ifndef GENERATOR_LOCALE_PHRASE_H
#define GENERATOR_LOCALE_PHRASE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define PHRASE_ITEMS 200 /* of one list */

struct phrase;

/* `icu` is a locale as ICU spells it, with its calendar. Closed with the arena. */
bool phrase_open(struct arena *, const char *icu, struct phrase **out, struct err *);
/* "Ana, Bo and Cy". Style: "and", "or" or "unit", then "short" or "narrow" if wanted (empty:
 * "and"); ERR_SETUP for any other. */
bool phrase_list(struct phrase *, const struct str *item, size_t n, struct str style,
    struct buf *out, struct err *);
/*
 * "in 3 hours", "yesterday": where `when` lies seen from `now`, both RFC 3339. Style: "long",
 * "short" or "narrow"; then maybe the unit (year month week day hour minute second); then
 * maybe "numeric" ("1 day ago" for "yesterday"). Without a unit, the largest of second to day
 * that is not 0, rounded towards now; days, weeks, months and years are of 24 h, 7, 30 and 365
 * days. Where only days are given ("2026-11-20"), the unit is days at least.
 */
bool phrase_relative(struct phrase *, struct str when, struct str now, struct str style,
    struct buf *out, struct err *);
/* "Nov 20 – 23, 2026": the parts of the date skeleton that differ are said twice. RFC 3339
 * both; the zone is an IANA name, or empty for UTC. */
bool phrase_range(struct phrase *, struct str from, struct str to, struct str skeleton,
    struct str zone, struct buf *out, struct err *);

#endif
