/*
 * cue: one look through a text for many literals at once, before the costly look for patterns
 * that cannot match without one of them. Read-only once made: share it among threads.
 */
#ifndef GENERATOR_GATE_CUE_H
#define GENERATOR_GATE_CUE_H

#include "generator/gate/language/plain.h"

#define CUE_GROUPS 64

struct cues;

struct cues *cues_new(struct arena *);
/* Add "one|two|^three" to a group below CUE_GROUPS; '^' is the start of the text. */
void cues_add(struct cues *, const char *list, unsigned group);
/* Bit i: the text has a cue of group i. */
uint64_t cues_in(const struct cues *, struct plain);

#endif
