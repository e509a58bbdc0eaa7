/*
 * locale: numbers, dates, units and message patterns of one locale, through ICU. Never looks
 * at the process's own locale or time zone. One locale object belongs to one thread at a time.
 */
#ifndef GENERATOR_LOCALE_LOCALE_H
#define GENERATOR_LOCALE_LOCALE_H

#include "generator/catalog.h"
#include "generator/template/template.h"

struct locale;

/* `tag` as it stands in paths: "en-us", "zh-hans-cn". Messages come from the vertical's and
 * the shared messages/<tag>.json along the fallback chain (fr-ca, fr, en), nearest first. A
 * pattern with a syntax error is an error here that names file and key. */
bool locale_open(struct arena *, const struct catalog *, struct str vertical, struct str tag,
    struct locale **out, struct err *);
/* "en-US": BCP 47 in canonical case. */
struct str locale_bcp47(const struct locale *);
/* The same for any tag; the tag itself if ICU does not know it. */
struct str locale_bcp47_of(struct arena *, struct str tag);
/* As locale_name, for any tag. */
struct str locale_name_of(struct arena *, struct str tag);
/* "rtl" or "ltr". */
struct str locale_direction(const struct locale *);
/* The locale's own name for itself, "français (France)". */
struct str locale_name(const struct locale *);
void locale_formatter(struct locale *, struct formatter *out);
/* Digest over the messages in use: one of a bundle's inputs. */
const struct digest *locale_digest(const struct locale *);
/* "72.1", "42" and "2024b": ICU, CLDR and time zones, for a bundle's recorded inputs. Each
 * thread has its own text. */
const char *locale_icu_version(void);
const char *locale_cldr_version(void);
const char *locale_zones_version(void);

#endif
