/* address: web addresses in documents, judged as strictly as the laxest reader parses them. */
#ifndef GENERATOR_GATE_ADDRESS_H
#define GENERATOR_GATE_ADDRESS_H

#include "generator/gate/gate.h"

/* NULL if `url` is a plain https address with a named host (lower-cased into *host, in the
 * arena); else what is wrong with it. */
const char *address_fault(struct arena *, struct str url, struct str *host);
/* Is `host` one of `hosts` or below one of them? No hosts at all allow every one. */
bool address_is_allowed(struct str host, const struct policy_words *hosts);

#endif
