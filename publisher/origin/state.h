/*
 * state: what an origin remembers across restarts, in its own folder: the root, snapshot and
 * timestamp it trusted last, so that no store can roll it back; TUF 1.0 section 5.
 */
#ifndef PUBLISHER_ORIGIN_STATE_H
#define PUBLISHER_ORIGIN_STATE_H

#include "publisher/trust/client.h"

/* *out is NULL if nothing is remembered. Its targets are empty: it is only a floor for
 * versions. ERR_INPUT or ERR_SETUP: a file is damaged or cannot be read. */
bool state_read(struct arena *, const char *dir, struct trusted **out, struct err *);
bool state_write(const char *dir, const struct trusted *, struct err *);

#endif
