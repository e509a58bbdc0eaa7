/* founding: keys and secrets, from the settings. */
#include "publisher/cli/founding.h"

#include "base/fs.h"
#include "publisher/cli/place.h"
#include "publisher/release/ceremony.h"
#include "publisher/webhook/webhook.h"

static bool
make_webhook_secret(struct arena *a, const char *path, struct err *err)
{
	return path == NULL || fs_exists(path)
	    || (fs_mkdirs(fs_dir(a, path), err)
	        && fs_create(path, arena_printf(a, "%.*s\n", STR_ARG(webhook_secret_make(a))), 0600,
	            err));
}

bool
founding_target(struct arena *a, const struct config *config, const struct target_config *target,
    struct err *err)
{
	struct catalog catalog;
	struct str *vertical;
	size_t n;

	return place_catalog(a, config, &catalog, err)
	    && catalog_verticals(a, &catalog, &vertical, &n, err)
	    && ceremony_found(a, target, vertical, n, err)
	    && make_webhook_secret(a, target->webhook_secret, err);
}

bool
founding_adopt(struct arena *a, const struct config *config, const struct target_config *target,
    const char *root, struct err *err)
{
	struct catalog catalog;
	struct str *vertical;
	size_t n;

	return place_catalog(a, config, &catalog, err)
	    && catalog_verticals(a, &catalog, &vertical, &n, err)
	    && ceremony_adopt(a, target, root, vertical, n, err)
	    && make_webhook_secret(a, target->webhook_secret, err);
}
