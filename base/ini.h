/*
 * ini: settings in sections, as git's and systemd's files have them, over inih. A line has at
 * most as many bytes as the inih in use takes (Debian: 198), a section or key 48; a longer one
 * is refused. "; " after a blank starts a comment. Continued lines are refused.
 *     [target local]
 *     store = file:public
 */
#ifndef BASE_INI_H
#define BASE_INI_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct ini_entry {
	struct str section; /* "target local" */
	struct str key;
	struct str value;   /* trimmed; in the order of the file */
	unsigned line;
};
struct ini {
	const char *path;
	const struct ini_entry *entry;
	size_t n;
};

/* At most 256 KiB. ERR_INPUT names path and line. */
bool ini_read(struct arena *, const char *path, struct ini *out, struct err *);
/* As ini_read, from memory; `path` is only named in errors. */
bool ini_parse_text(struct arena *, const char *path, struct str text, struct ini *out,
    struct err *);

#endif
