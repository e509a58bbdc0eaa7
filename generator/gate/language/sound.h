/*
 * sound: how a name sounds, whatever its script, so that "Merval", "メルバル" and "Мерваль" are
 * told to be the same: transliterated by ICU, then only the consonants, alike ones as one.
 */
#ifndef GENERATOR_GATE_LANGUAGE_SOUND_H
#define GENERATOR_GATE_LANGUAGE_SOUND_H

#include "generator/gate/language/plain.h"

#define SOUND_MAX 48

/* Where a language keeps its transliterator: opened when first needed, closed with the arena. */
void **sound_slot(struct arena *);
/* The consonants of `s`, at most SOUND_MAX - 1, NUL-terminated; their number. One thread at a
 * time for one slot. */
int sound_of(void **slot, struct plain s, char out[SOUND_MAX]);

#endif
