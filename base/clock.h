/*
 * clock: wall time for expiry and dates, monotonic time for timeouts. Unix seconds, UTC.
 * SOURCE_DATE_EPOCH in the environment replaces the wall clock (reproducible builds).
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

int64_t clock_now(void);
int64_t clock_monotonic_ms(void);
/* Not less, whatever signals come; returns at once for 0 and below. */
void clock_sleep_ms(int64_t);
/* "2026-11-20T18:00:00Z" or with an offset ("+01:00"), RFC 3339; fractions are dropped. */
bool time_parse(struct str text, int64_t *out, struct err *);
/* "2026-11-20T18:00:00Z": 20 characters, RFC 3339. */
struct str time_rfc3339(struct arena *, int64_t);
/* "Fri, 20 Nov 2026 18:00:00 GMT": IMF-fixdate, RFC 9110 section 5.6.7. Writes 29 + NUL. */
void time_http(int64_t, char out[30]);
/* Any of the three forms of RFC 9110 section 5.6.7; false on anything else. */
bool time_parse_http(struct str text, int64_t *out);
/* "90s", "15m", "12h", "30d", "2y" (365 days) to seconds; ERR_INPUT otherwise. */
bool duration_parse(struct str text, int64_t *out_s, struct err *);

#endif
