/*
 * locale: numbers, dates, units and message patterns of one locale, through ICU. Never looks
 * at the process's own locale or time zone. One locale object belongs to one thread at a time.
 */
#ifndef GENERATOR_LOCALE_LOCALE_H
#define GENERATOR_LOCALE_LOCALE_H

#include "generator/catalog.h"
#include "generator/locale/message.h"
#include "generator/template/template.h"

#define LOCALE_CHAIN 12     /* locales that messages are looked for in, at most */
#define LOCALE_CATEGORIES 6 /* zero one two few many other */

struct locale;

/* `tag` as it stands in paths: "en-us", "zh-hans-cn". Messages come from the vertical's and
 * the shared messages/<tag>.json along locale_chain, nearest first. A pattern with a syntax
 * error is an error here that names file and key. */
bool locale_open(struct arena *, const struct catalog *, struct str vertical, struct str tag,
    struct locale **out, struct err *);
/* Where messages of the locale are looked for: itself, CLDR's parents of the same script, then
 * English, then "root", whose patterns hold no words: es-mx, es-419, es, en, root. The tags live
 * in the arena. Returns how many. */
size_t locale_chain(struct arena *, struct str tag, struct str chain[LOCALE_CHAIN]);
/* The plural categories of the language, constants; 0 if ICU does not know the tag. */
size_t locale_categories(struct str tag, bool ordinal, struct str out[LOCALE_CATEGORIES]);
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
/* What patterns need, for message_parse; lives as long as the locale. */
void locale_env(const struct locale *, struct message_env *out);
/* Digest over the messages in use: one of a bundle's inputs. */
const struct digest *locale_digest(const struct locale *);
/* "72.1", "42" and "2024b": ICU, CLDR and time zones, for a bundle's recorded inputs. Each
 * thread has its own text. */
const char *locale_icu_version(void);
const char *locale_cldr_version(void);
const char *locale_zones_version(void);

#endif
