/*
 * setting: the keys of a policy file as a table: where each stands, of what kind it is, which
 * gate asks for it. Read by policy.c, shown by `edgepress explain`.
 */
#ifndef GENERATOR_GATE_SETTING_H
#define GENERATOR_GATE_SETTING_H

#include "generator/gate/gate.h"

enum setting_kind {
	SETTING_DURATION, /* int64_t, seconds */
	SETTING_COUNT,    /* int64_t */
	SETTING_BLANKS,   /* struct policy_words, separated by blanks or commas */
	SETTING_COMMAS,   /* struct policy_words, separated by commas */
	SETTING_SEVERITY, /* enum severity */
	SETTING_FLAG,     /* bool */
	SETTING_TEXT,     /* struct str */
};
struct setting {
	const char *section, *key;
	enum setting_kind kind;
	size_t at; /* offset in struct policy */
	int64_t max; /* of a count */
	const char *gate;    /* that asks for it; NULL: none */
	const char *meaning; /* for people */
};
extern const struct setting settings[];
extern const size_t settings_count;

/* Sections whose keys are names that the policy's author chooses, and the gates they belong to. */
struct free_section {
	const char *name, *gate, *meaning;
};
extern const struct free_section free_sections[];
extern const size_t free_sections_count;

/* Its value, as it would be written in the file: "2d", "10", "a b". */
struct str setting_show(struct arena *, const struct setting *, const struct policy *);
/* Take a value from the file. ERR_INPUT says what would be right. */
bool setting_take(struct arena *, const struct setting *, struct str value, struct policy *,
    struct err *);
/* The words between any of `separators`, trimmed, empty ones left out. */
struct policy_words words_split(struct arena *, struct str value, const char *separators);
/* "reject", "warn", "off". */
const char *severity_word(enum severity);
bool severity_parse(struct str, enum severity *out, struct err *);

#endif
