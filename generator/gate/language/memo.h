/*
 * memo: answers of ICU that documents of one language ask for again and again: a day in the
 * language's calendars, a time zone, the name behind a code. Bounded; when it is full, answers
 * are worked out anew. As the language it belongs to: one thread at a time.
 */
#ifndef GENERATOR_GATE_LANGUAGE_MEMO_H
#define GENERATOR_GATE_LANGUAGE_MEMO_H

#include "generator/gate/language/language.h"

struct memo;

struct memo_day {
	int64_t day; /* since 1970-01-01 */
	int weekday; /* from 1 = Sunday */
	struct { int era, year, month, day; } in[LANGUAGE_CALENDARS];
};

struct memo *memo_new(struct arena *);
/* Valid until the next call. */
const struct memo_day *memo_day(const struct language *, int64_t day);
/* A calendar in that zone, for whoever asks to set; NULL if ICU knows no such zone. Lives in
 * the arena or longer. */
UCalendar *memo_zone(struct arena *, const struct language *, struct str name);
/* The name in the language of "US" or "EUR", folded (gloss_fold); empty if there is none.
 * Lives in the arena or longer. */
struct plain memo_name(struct arena *, const struct language *, struct str code);

#endif
