/*
 * settings: what a store's driver is told beside its URL, secrets above all. The names are
 * those of the vendors' environment variables (AZURE_STORAGE_KEY, AWS_REGION); they come from
 * the environment or, for a store with a settings file, from that file alone, so that several
 * targets have several accounts. Lines are NAME=value; blank lines and lines that start with
 * '#' are skipped, "export " in front and quotes around the value are left out.
 */
#ifndef PUBLISHER_STORE_SETTINGS_H
#define PUBLISHER_STORE_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct settings;

/* `file` NULL: the environment. ERR_SETUP if the file is not there, if everybody may read it,
 * or at a line that is no setting; the error names file and line, never a value. */
bool settings_open(struct arena *, const char *file, const struct settings **out, struct err *);
/* The value, NUL-terminated, living as long as the settings; NULL if unset or empty. One out of
 * a file is in memory that is locked and wiped. */
const char *setting(const struct settings *, const char *name);
/* The file they are from, to be read again when a credential is refused; NULL: environment. */
const char *settings_file(const struct settings *);

/* `bytes` in memory that is locked, kept out of core dumps and wiped when the arena goes;
 * NUL-terminated. For keys and tokens that live long. */
struct str secret_keep(struct arena *, struct str bytes);

#endif
