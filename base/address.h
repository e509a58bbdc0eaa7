/*
 * address: which network addresses belong to the public Internet, for requests whose target
 * others choose (SSRF): IANA's special-purpose registries (RFC 6890), multicast, and the
 * tunnels that lead to any IPv4 address from within IPv6.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for every other family than IPv4 and IPv6. */
bool address_is_public(const struct sockaddr *);

#endif
