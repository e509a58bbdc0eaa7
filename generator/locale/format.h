/*
 * format: numbers, dates and plural categories of one locale through ICU's skeletons, with a
 * bounded cache of formatters. The process's own locale and time zone play no part. An object
 * belongs to one thread at a time; the functions take it as void * for tables of functions.
 */
#ifndef GENERATOR_LOCALE_FORMAT_H
#define GENERATOR_LOCALE_FORMAT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct format;

/* `icu` is a locale as ICU spells it: "en_US". Dates are Gregorian where ICU's first calendar
 * would be an Islamic one. Closed with the arena. */
bool format_open(struct arena *, const char *icu, struct format **out, struct err *);
/* The locale as it came to be: with a calendar, if ICU's first would be another. */
const char *format_icu(const struct format *);
/* ERR_INPUT if the value is no number of at most 64 bytes and 30 orders of magnitude, or ICU
 * does not know the skeleton (empty: the locale's plain number). */
bool format_number(void *format, struct str value, struct str skeleton, struct buf *out,
    struct err *);
/* RFC 3339; the zone is an IANA name, or empty for UTC. A day alone ("2026-11-20") has no hour,
 * so those fields of the skeleton are left out, and is the same day in every zone. In place of a
 * skeleton may stand the locale's own style: "date-full", "time-short", "date-long/time-medium"
 * (full, long, medium or short each). */
bool format_date(void *format, struct str value, struct str skeleton, struct str zone,
    struct buf *out, struct err *);
/* "zero" "one" "two" "few" "many" or "other": a constant. */
bool format_category(void *format, struct str value, bool ordinal, struct str *out,
    struct err *);

#endif
