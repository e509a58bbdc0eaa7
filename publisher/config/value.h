/* value: the kinds of settings in edgepress.ini. ERR_SETUP says what would have been right. */
#ifndef PUBLISHER_CONFIG_VALUE_H
#define PUBLISHER_CONFIG_VALUE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* "250ms" or as duration_parse; within min to max. */
bool value_ms(struct str text, int64_t min, int64_t max, int64_t *out, struct err *);
/* Bytes: "1048576", "512K", "256M", "2G" (powers of 1024). */
bool value_bytes(struct str text, uint64_t min, uint64_t max, size_t *out, struct err *);
bool value_number(struct str text, unsigned min, unsigned max, unsigned *out, struct err *);
/* "20" or "20%". */
bool value_percent(struct str text, unsigned *out, struct err *);
/* http or https, no query, no fragment, no user; slashes at the end are taken away. */
bool value_url(struct arena *, struct str text, const char **out, struct err *);
/* "127.0.0.1:8080", "[::1]:8080": a numeric address and a port. */
bool value_listen(struct arena *, struct str text, const char **address, uint16_t *port,
    struct err *);
/* Words between blanks and commas, at most max. */
bool value_list(struct arena *, struct str text, size_t max, struct str **out, size_t *n,
    struct err *);

#endif
