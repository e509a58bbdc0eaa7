/* finding: what a gate has to say about one document. */
#ifndef GENERATOR_DOCUMENT_FINDING_H
#define GENERATOR_DOCUMENT_FINDING_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum severity { SEVERITY_OFF, SEVERITY_WARN, SEVERITY_REJECT };

struct finding {
	const char *gate;   /* its name in the gate table: "grounding" */
	enum severity severity;
	struct str where;   /* file, or file:line for one line of a stream */
	unsigned line;      /* in that file; 0 if unknown */
	struct str element; /* "facts/high", "prose/p[2]"; empty for the whole document */
	struct str text;    /* what is wrong, with the offending words */
	const char *remedy; /* what to do about it */
};

/* What a gate measured, whether or not it found fault. */
struct score {
	const char *gate;
	int64_t value; /* 0 to 100 */
	struct str by; /* who or what measured it: printable, no quotation marks */
};

#define SCORES_MAX 4

struct findings {
	struct arena *arena;
	struct finding *item;
	size_t n, room;
	struct score score[SCORES_MAX]; /* sorted by gate */
	size_t scores;
};

/* Append; `f`'s texts must live as long as the arena. Beyond 100 per findings, dropped. */
void findings_add(struct findings *, struct finding f);
bool findings_reject(const struct findings *);

#endif
