/*
 * trait: what Unicode says of a UTF-16 unit, for loops that ask it of every unit of a text. In
 * pages of 256 units that are worked out when first needed and then never change: one load
 * instead of a call of ICU. Thread-safe without a lock.
 */
#ifndef GENERATOR_GATE_LANGUAGE_TRAIT_H
#define GENERATOR_GATE_LANGUAGE_TRAIT_H

#include <stdatomic.h>
#include <stdint.h>
#include <unicode/umachine.h>
#include <unicode/uscript.h>

/* A map from units to 16 bits; `make` works one out and must always say the same. Static, and
 * empty at the start: its pages live as long as the program. */
struct units {
	uint16_t (*make)(UChar);
	_Atomic(uint16_t *) page[256];
};
uint16_t *units_fill(struct units *, unsigned page);

static inline uint16_t
units_at(struct units *u, UChar c)
{
	uint16_t *page = atomic_load_explicit(&u->page[c >> 8], memory_order_acquire);
	if (page == NULL)
		page = units_fill(u, c >> 8);
	return page[c & 255];
}

/* Surrogates have none of these, and no script. */
enum {
	TRAIT_ALPHA = 1 << 8,     /* u_isalpha */
	TRAIT_SAFE = 1 << 9,      /* visible, or a blank, whatever stands around it */
	TRAIT_NFC = 1 << 10,      /* a text of such units is in normalisation form C */
	TRAIT_LONE = 1 << 11,     /* in a text of such units, each is a character to a reader */
	TRAIT_MARK = 1 << 12,     /* non-spacing */
	TRAIT_UNSPACED = 1 << 13, /* a letter of a script that is written without blanks */
};
extern struct units traits;

static inline uint16_t
trait_of(UChar c)
{
	return units_at(&traits, c);
}

static inline UScriptCode
trait_script(uint16_t trait)
{
	return (UScriptCode)(trait & 255);
}

#endif
