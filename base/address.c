#include "base/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

struct block {
	uint8_t prefix[8];
	unsigned bits;
};

static const struct block special4[] = {
	{ { 0 }, 8 },             /* this network */
	{ { 10 }, 8 },            /* private */
	{ { 100, 64 }, 10 },      /* carriers' own */
	{ { 127 }, 8 },           /* loopback */
	{ { 169, 254 }, 16 },     /* link-local: the metadata service of clouds */
	{ { 172, 16 }, 12 },      /* private */
	{ { 192, 0, 0 }, 24 },    /* protocol assignments */
	{ { 192, 0, 2 }, 24 },    /* documentation */
	{ { 192, 88, 99 }, 24 },  /* 6to4 relays */
	{ { 192, 168 }, 16 },     /* private */
	{ { 198, 18 }, 15 },      /* benchmarks */
	{ { 198, 51, 100 }, 24 }, /* documentation */
	{ { 203, 0, 113 }, 24 },  /* documentation */
	{ { 224 }, 3 },           /* multicast, reserved, broadcast */
};
/* Within 2000::/3, the only part of IPv6 that is global unicast. */
static const struct block special6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },       /* protocol assignments: Teredo, benchmarks, ORCHID */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 },             /* 6to4 */
	{ { 0x3f, 0xff, 0x00 }, 20 },       /* documentation */
};

static bool
is_in(const uint8_t *address, const struct block *b)
{
	unsigned whole = b->bits / 8, rest = b->bits % 8;
	if (memcmp(address, b->prefix, whole) != 0)
		return false;
	return rest == 0 || (address[whole] >> (8 - rest)) == (b->prefix[whole] >> (8 - rest));
}

bool
address_is_public(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET) {
		struct sockaddr_in in;
		uint8_t bytes[4];
		memcpy(&in, a, sizeof in);
		memcpy(bytes, &in.sin_addr, sizeof bytes);
		for (size_t i = 0; i < LEN(special4); i++)
			if (is_in(bytes, &special4[i]))
				return false;
		return true;
	}
	if (a->sa_family != AF_INET6)
		return false;
	struct sockaddr_in6 in6;
	memcpy(&in6, a, sizeof in6);
	for (size_t i = 0; i < LEN(special6); i++)
		if (is_in(in6.sin6_addr.s6_addr, &special6[i]))
			return false;
	return (in6.sin6_addr.s6_addr[0] >> 5) == 1;
}
