/*
 * path: the one spelling of every name that becomes a path, key or URL. Lower-case ASCII
 * letters, digits, '-', '.', '_', '/'; no empty, "." or ".." segment, no leading or trailing
 * slash, no segment that starts or ends with a dot; at most 512 bytes.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/str.h"

bool path_is_safe(struct str);
/* As path_is_safe, upper-case letters allowed too: keys of a store. */
bool key_is_safe(struct str);
/* One name without '/' or '.': [a-z0-9]+(-[a-z0-9]+)*, 1 to max bytes. Verticals (max 16),
 * locales (max 12), document ids (max 64). */
bool name_is_safe(struct str, size_t max);

#define VERTICAL_MAX 16
#define LOCALE_MAX 12
#define ID_MAX 64

#endif
