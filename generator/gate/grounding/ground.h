/*
 * ground: the parts of the gate "grounding". Facts are collected once per document; then each
 * passage is scanned: phrases of the facts, dates, times, scores and numbers are looked for,
 * used up, and reported where no fact bears them out.
 */
#ifndef GENERATOR_GATE_GROUNDING_GROUND_H
#define GENERATOR_GATE_GROUNDING_GROUND_H

#include "generator/gate/gate.h"
#include "generator/gate/reading.h"
#include "generator/gate/grounding/gloss.h"

struct fact_number {
	double value;
	int unit;        /* index into units_known, -1 if not known */
	bool is_change;  /* a difference: its sign tells up from down */
	bool is_count;   /* made by us: the length of a list */
	bool is_written; /* stands within a text */
	struct str path, shown;
	const struct node *parent, *grand;
	struct str name;
};
struct fact_day { /* a day, in each calendar of the language */
	int64_t day; /* since 1970-01-01 */
	int weekday; /* from 1 = Sunday */
	struct { int era, year, month, day; } in[LANGUAGE_CALENDARS];
	struct str path;
	bool is_meta; /* when the document was written: bears out whole dates only */
};
struct fact_minute { /* of the day, of a moment */
	int minute;
	bool is_meta; /* as of a day: bears out only what is said of the text itself */
};
struct fact_moment {
	int64_t t;
	const struct node *parent;
};
/* Someone or something that figures belong to: a team, a player, a row of a table. */
#define SUBJECT_WORDS 6
struct subject {
	const struct node *object, *text; /* what has the name, and the name */
	struct plain name;
	struct plain word[SUBJECT_WORDS]; /* those that no other subject has */
	int words;
};
struct fact_text {
	struct plain text; /* gloss_fold */
	bool has_mark;     /* a digit or the name of a day or month: worth looking for */
};
struct facts {
	struct fact_number *number;
	size_t numbers, numbers_room;
	struct fact_day *day;
	size_t days, days_room;
	struct fact_minute *minute;
	size_t minutes, minutes_room;
	struct fact_moment *moment; /* of the facts alone */
	size_t moments, moments_room;
	struct fact_text *text;
	size_t texts, texts_room;
	const char *currency[8]; /* ISO 4217, "" behind the last */
	struct subject *subject; /* NULL until facts_subjects is asked */
	size_t subjects;
	bool *said; /* which of them the sentence mentions that was last asked about */
	const struct passage *said_in;
	int32_t said_start, said_end;
	size_t sounds; /* names compared by sound so far */
	const struct node *root; /* "facts"; NULL if there are none */
	const char *base; /* of an exchange rate: what is priced, not what it costs; NULL if none */
	int scale; /* power of ten in which indicators are given: 3 for "thousand persons" */
};
void facts_make(const struct gate_input *, struct facts *out);

/* One passage that is being judged. */
struct ground {
	const struct gate_input *in;
	const struct gate *gate;
	struct findings *out;
	struct facts *facts;
	const struct passage *passage;
	struct gloss gloss;
	size_t *findings; /* of the document so far */
};
/* Report [start, end) of the passage, once; quotes it, then says `format`. */
void ground_report(struct ground *, bool warn, int32_t start, int32_t end, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Each uses up what it understands, right or wrong. */
void ground_phrases(struct ground *);  /* words of the facts themselves */
void ground_dates(struct ground *);    /* by month name, by weekday, in figures, in CJK */
bool ground_time(struct ground *, int32_t i);   /* at the digits at i; false: not a time */
bool ground_figures(struct ground *, int32_t i); /* 20/11/2026, 2026-11-20, 2025/26, 2-1, 90+9 */
void ground_number(struct ground *, int32_t i);
void ground_names(struct ground *);

/* A date as prose has it, or a part of one. */
struct said_date {
	int weekday, day, month, year, era; /* 0: not said; era -1: not said */
	int other_day;                      /* of "20 to 22 November" */
	size_t calendar;
	int32_t start, end;
};
/* The first day of the facts that has all the parts; NULL if there is none. */
const struct fact_day *facts_find_day(const struct facts *, const struct said_date *);
/* Uses up the date and reports it if no day of the facts bears it out. */
void ground_date(struct ground *, struct said_date *);
/* The day of the week right in front of `i`, 0 if there is none. */
int ground_weekday_before(const struct gloss *, int32_t i, int32_t *start);
/* "between 10 and 18 Uhr", "7-9 p.m.": is the number that ends here the start of a span of
 * hours? Then the sign of the hour stands behind the second, and *half is said there. */
bool ground_is_first_hour(const struct gloss *, int32_t end, int *half);

/* A number as prose has it. */
struct quantity {
	int32_t start, end; /* with sign and unit */
	double value;       /* with scale and explicit sign */
	double half;        /* half of its last place */
	double rough;       /* half of its last place that is not 0: after "about" */
	int sign;           /* 0: none written */
	int scale;
	int unit;           /* -1 if none */
	bool is_integer, is_ordinal;
	enum { ROUND_NEAR, ROUND_ABOUT, ROUND_OVER, ROUND_UNDER } rounding;
	int digits;         /* of an integer */
};
/* A number in words at the tag, with its unit. */
void quantity_of_word(const struct gloss *, const struct tag *, struct quantity *out);
/* Does the fact round to the quantity, in the direction that its words say? Signs apart. */
bool quantity_near(const struct quantity *, double fact);
/* The number whose digits begin at i, with sign, scale and unit; false: no digits there. */
bool quantity_read(const struct gloss *, int32_t i, struct quantity *out);
/* What speaks for a quantity. */
enum bearing { BORNE, UNBORNE, WRONG_SIGN, NO_SIGN, WRONG_UNIT };
enum bearing facts_bear(const struct ground *, const struct quantity *,
    const struct fact_number **nearest);
/* Do the words beside it call it a difference: "6 points above", "a range of"? */
bool quantity_is_difference(const struct gloss *, const struct quantity *);
/* derive.c: does it follow from two facts by subtraction, where the text says that it does? */
bool facts_imply(const struct ground *, const struct quantity *);
/* field.c: is the figure what the words beside it say that it is? NOT_SAID: they say nothing,
 * or the facts have no such figures. */
enum fitting { NOT_SAID, FITS, FITS_NOT };
enum fitting facts_fit(struct ground *, const struct quantity *, const struct fact_number **nearest);
/* Numbers in words, where a noun says what they count. */
void ground_spelled(struct ground *);
/* subject.c: who the facts tell about; made once per document. */
void facts_subjects(const struct ground *);
/* Where the sentence around `i` begins and ends. */
void gloss_sentence(const struct gloss *, int32_t i, int32_t *start, int32_t *end);
/* Where the subject is next mentioned in [from, to), -1 if nowhere; *end is behind it. */
int32_t subject_find(const struct gloss *, const struct subject *, int32_t from, int32_t to,
    int32_t *end);
/* Does the sentence [start, end) mention who or what the object is about? */
bool subject_is_mentioned(struct ground *, const struct node *object, int32_t start, int32_t end);
/* score.c: does the sentence give a score that the facts have to the wrong side? */
bool score_is_turned(struct ground *, int32_t start, int32_t end, const int64_t value[2],
    const struct subject **winner);
/* Have the facts two sides with scores? */
bool facts_have_sides(const struct facts *);

/* Do distinct numbers of one object, or of the same name in neighbouring ones, have these values? */
bool facts_have_together(const struct facts *, const int64_t *value, int n);
/* The currency of a unit, or one of the same sign; facts without currencies allow any. */
bool facts_have_currency(const struct facts *, int unit);
bool facts_have_integer(const struct facts *, int64_t);
bool facts_have_year(const struct facts *, const struct language *, int64_t year);
bool facts_have_text(const struct facts *, struct plain);
/* Ten to the power of -18 to 18. */
double ten_to(int exponent);
bool policy_allows_number(const struct policy *, double);

#endif
