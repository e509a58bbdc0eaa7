/* manual: what `edgepress explain` and reports say about a gate, beyond its row in the table. */
#ifndef GENERATOR_GATE_MANUAL_H
#define GENERATOR_GATE_MANUAL_H

#include "generator/gate/gate.h"

struct gate_manual {
	const char *gate;
	const char *why;   /* what would happen without it */
	const char *right; /* an example that passes */
	const char *wrong; /* an example that is refused */
};
/* Every gate has one. */
const struct gate_manual *gate_manual(const struct gate *);

#endif
