/* watch: waits until something changes in folders or below them (inotify(7)). */
#ifndef PUBLISHER_CLI_PREVIEW_WATCH_H
#define PUBLISHER_CLI_PREVIEW_WATCH_H

#include "base/arena.h"
#include "base/err.h"

struct watch;

/* Begin; what changes from now on is noticed. The first folder is watched alone, the others
 * (NULL-terminated) with all that is below them; those that do not exist are left out. ERR_SETUP
 * if the system has no watches left. */
bool watch_open(struct arena *, const char *const *folder, struct watch **out, struct err *);
/* True once something has changed and nothing has for a moment; false after timeout_ms
 * without a change, or when a signal came. */
bool watch_wait(struct watch *, int timeout_ms);
void watch_close(struct watch *);

#endif
