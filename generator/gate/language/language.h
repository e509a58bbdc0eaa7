/*
 * language: what the gates know about the language of a locale: through ICU its script,
 * separators, calendars and the names of months and days; from words.c the words by which a
 * language is recognised and those that give a number its direction. Immutable once made,
 * but for ICU's calendars: one thread at a time.
 */
#ifndef GENERATOR_GATE_LANGUAGE_LANGUAGE_H
#define GENERATOR_GATE_LANGUAGE_LANGUAGE_H

#include <stdint.h>
#include <unicode/ucal.h>
#include <unicode/uscript.h>

#include "base/arena.h"
#include "generator/gate/language/plain.h"

#define LANGUAGE_SCRIPTS 4
#define LANGUAGE_CALENDARS 4

enum name_kind { NAME_MONTH, NAME_WEEKDAY, NAME_ERA, NAME_AM, NAME_PM };

struct language_name {
	struct plain word;  /* as gloss_fold makes it */
	enum name_kind kind;
	int value;          /* month from 1, weekday from 1 = Sunday, era as ICU counts */
	size_t calendar;    /* of months and eras */
	bool is_short;      /* an abbreviation: often a word of its own, so only beside a number */
};

enum word_kind {
	WORD_UP, WORD_DOWN, /* rose, fell: the sign of a change */
	WORD_MINUS,         /* "minus", "below zero": the sign itself */
	WORD_MORE, WORD_LESS, /* "1.7% less": direction, if behind the number */
	WORD_SIZE,          /* "a difference of": the size of a change, whatever its sign */
	WORD_ABOUT,         /* about (0), over (1), nearly (2): rounded, down, up */
	WORD_LEVEL,         /* "to" in "fell to 3": what follows is no change */
	WORD_SCALE,         /* million: value is the power of ten */
	WORD_UNIT,          /* value is an index into units_known */
	WORD_QUARTER,       /* "quarter": the number with it is a quarter of a year */
	WORD_RELATED,       /* connects numbers and days: "to", "and" */
	WORD_COMMON,        /* looks like a name and is none */
	WORD_NUMBER,        /* "seven": value is the number */
	WORD_FIELD,         /* "spectators": value is an index into fields_known */
	WORD_WIN, WORD_LOSE, /* "beat", "lost to": what the subject did */
	WORD_AGAINST,       /* marks who is not the subject: "against"; in ja and hi behind the name */
	WORD_STAMP,         /* "as of", "updated": of when the text was made */
	WORD_TO,            /* "3 a 1", "3 zu 1": between the two numbers of a score */
};
struct language_word {
	struct plain word; /* as gloss_fold makes it */
	enum word_kind kind;
	int value;
	bool is_prefix;    /* the start of a word is enough: "steig" */
};

struct language_range {
	size_t from, to;
};

struct language {
	struct str tag;          /* "en-us" */
	char icu[32];            /* "en_US" */
	char code[9];            /* "en" */
	UScriptCode script[LANGUAGE_SCRIPTS];
	size_t scripts;
	bool is_rtl;
	bool is_cjk;             /* Chinese, Japanese: counted by character */
	bool day_first;          /* 20/11/2026 rather than 11/20/2026 */
	UChar32 decimal[2], group[2]; /* of its own digits, and of ASCII digits */
	bool is_postposed;       /* "against" stands behind the name */
	UCalendar *calendar[LANGUAGE_CALENDARS]; /* in UTC; Gregorian first */
	void **latin;            /* sound.c keeps ICU's transliterator here */
	char calendar_id[LANGUAGE_CALENDARS][96]; /* ICU's, with the locale */
	size_t calendars;
	/* By the low byte of the first unit, then longest first; where each such byte's are. */
	const struct language_name *name;
	size_t names;
	struct language_range names_of[256];
	const struct language_word *word;
	size_t words;
	struct language_range words_of[256];
	struct memo *memo; /* memo.h */
};

/* Names and words are worked out once per process and locale, and shared by all threads. */
const struct language *language_make(struct arena *, struct str tag);

/* Where names and words of a language are collected. Each folds the text and keeps it. */
struct maker {
	struct arena *arena;
	struct language *l;
	struct language_name *name;
	size_t names, names_room;
	struct language_word *word;
	size_t words, words_room;
};
void maker_add_word(struct maker *, struct str text, struct language_word);

/* measure.c: what CLDR calls the units and currencies, in each number of the grammar. */
void language_add_measures(struct maker *);
/* spell.c: how ICU spells out the numbers from 2 to 100, in each gender and case. */
void language_add_numbers(struct maker *);

/* words.c: blank-separated lists; '_' is a blank within an entry, a final '*' marks the
 * start of a word, "=N" gives the value. NULL where nothing is known. */
struct language_words {
	const char *code;
	const char *function; /* words by which a text of the language is recognised */
	const char *up, *down, *minus, *more, *less, *size, *about, *level, *scale, *unit, *quarter, *related;
	const char *common; /* capitalised, or in Japanese katakana, without being names */
	const char *am, *pm;  /* besides CLDR's */
	const char *months, *days; /* besides CLDR's: "sonnabend=7" */
};
extern const struct language_words language_words[];
extern const size_t language_words_count;

/* claims.c: words that attach a figure to a fact; written as those of words.c. */
struct language_claims {
	const char *code;
	const char *field; /* "spectators=attendance" */
	const char *win, *lose, *against, *to;
	const char *stamp;
	const char *number; /* besides ICU's: "dozen=12" */
	const char *postposed; /* "against" stands behind the name */
};
extern const struct language_claims language_claims[];
extern const size_t language_claims_count;

/* field.c of the table: what a word says that a figure is. */
struct field {
	const char *name;     /* in claims.c */
	const char *facts[4]; /* names of facts that it may be */
	bool is_label;        /* also in front: "humidity of 67 %" */
};
extern const struct field fields_known[];
extern const size_t fields_known_count;
/* -1 if unknown. */
int field_index(struct str name);

/* unit.c: units that prose writes, by dimension. */
enum dimension { DIMENSION_NONE, TEMPERATURE, SPEED, LENGTH, PRESSURE, SHARE, MONEY, ANGLE, SPAN, POINTS };
struct unit {
	const char *name;    /* as in a policy's [units]: "celsius", "km/h" */
	enum dimension dimension;
	double factor, offset; /* value in the dimension's base = value * factor + offset */
};
extern const struct unit units_known[];
extern const size_t units_known_count;
/* -1 if unknown. */
int unit_index(struct str name);

#endif
