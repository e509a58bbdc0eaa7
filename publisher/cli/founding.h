/* founding: all the secrets that a target needs before its first publish. */
#ifndef PUBLISHER_CLI_FOUNDING_H
#define PUBLISHER_CLI_FOUNDING_H

#include "publisher/cli/cli.h"
#include "publisher/config/config.h"

/* Keys for every vertical there is, the trusted root, and a webhook secret if one is named in
 * the settings and is not there yet. */
bool founding_target(struct arena *, const struct config *, const struct target_config *,
    struct err *);

/* The same from a root.json that was made elsewhere; see ceremony_adopt. */
bool founding_adopt(struct arena *, const struct config *, const struct target_config *,
    const char *root, struct err *);

#endif
