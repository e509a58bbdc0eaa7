/* md5: RFC 1321, through nettle, for protocols that ask for it (Content-MD5). It guards against
 * accidents on the way; it is no security. */
#ifndef BASE_MD5_H
#define BASE_MD5_H

#include "base/arena.h"
#include "base/str.h"

/* In base64 with padding, as Content-MD5 has it: 24 characters. */
struct str md5_base64(struct arena *, struct str bytes);

#endif
