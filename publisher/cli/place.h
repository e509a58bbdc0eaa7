/* place: where the site and the shipped files are. */
#ifndef PUBLISHER_CLI_PLACE_H
#define PUBLISHER_CLI_PLACE_H

#include "generator/catalog.h"
#include "publisher/cli/cli.h"
#include "publisher/config/config.h"

/* edgepress.ini in --site, else in the current folder or the nearest one above it. */
bool place_config(const struct cli *, struct config *out, struct err *);
/* The target named by the first argument, or the only one there is. */
bool place_target(const struct cli *, const struct config *,
    const struct target_config **out, struct err *);
/* The site's own folder, then the shipped one: $EDGEPRESS_SHARE, or next to the program
 * (../share/edgepress, or .. in a source tree). */
bool place_catalog(struct arena *, const struct config *, struct catalog *out, struct err *);
/* The shipped folder alone. */
bool place_share(struct arena *, const char **out, struct err *);
/* The path of another program of ours, beside this one. */
bool place_program(struct arena *, const char *name, const char **out, struct err *);

#endif
