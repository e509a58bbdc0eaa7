/* listen: the listening socket, ours or systemd's, and telling systemd how we are. */
#ifndef PUBLISHER_ORIGIN_LISTEN_H
#define PUBLISHER_ORIGIN_LISTEN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* The socket that was handed over (LISTEN_FDS, sd_listen_fds(3)), else a new one at a numeric
 * address. Port 0: the kernel chooses. *shown is where it listens: "127.0.0.1:8080". */
bool listen_open(struct arena *, const char *address, uint16_t port, int *out,
    struct str *shown, uint16_t *bound, struct err *);
/* One datagram to NOTIFY_SOCKET (sd_notify(3)), if there is one. */
void listen_notify(const char *state);

#endif
