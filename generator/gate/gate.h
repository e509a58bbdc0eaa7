/*
 * gate: small, named, deterministic checks of one document, in a table. Severities, limits,
 * allowed hosts and terms come from the vertical's policy file. No network (but for two gates
 * that are off unless a policy wants them), no clock: the same document, policy, run and `now`
 * give the same findings. docs/gates.md is for users.
 */
#ifndef GENERATOR_GATE_GATE_H
#define GENERATOR_GATE_GATE_H

#include "base/ini.h"
#include "generator/document/document.h"

#define GATES_MAX 24

/* A policy's words, split: hosts, terms, names. */
struct policy_words {
	const struct str *item;
	size_t n;
};
/* Terms of one locale ("en-us") or language ("en"); "all" is for every locale. */
struct policy_terms {
	struct str tag;
	struct policy_words term;
};

/* The unit in which facts of a name are: "speed" and "km/h". */
struct policy_unit {
	struct str name;
	int unit; /* index into units_known, generator/gate/language/language.h */
};

/* A vertical's policy: schemas/<vertical>.ini over the built-in defaults. Durations in
 * seconds; lengths in characters as a reader counts them. Empty words: no restriction. */
struct policy {
	struct ini ini;
	struct digest digest; /* of the file: one of a bundle's inputs */
	struct str version;   /* what its owner calls it; may be empty */
	struct str tag;       /* the locale or language it is for; empty: all others */
	const struct policy *variant; /* of locales and languages: policy_for */
	size_t variants;
	enum severity severity[GATES_MAX]; /* by position in `gates` */
	int64_t max_lifetime_s, max_age_s, max_skew_s;
	int64_t max_source_age_s; /* from retrieved to updated */
	struct policy_words source_hosts, link_hosts;
	struct policy_words licences; /* of sources; if there are any, each source names one */
	int64_t quote_words, copy_words; /* in Chinese and Japanese twice as many characters */
	int64_t reachable_s;  /* for all links of a document */
	struct str judge_endpoint, judge_model, judge_key_env;
	int64_t judge_threshold, judge_s;
	bool review_always;
	const struct policy_terms *review; /* topics that a person has to look at */
	size_t reviews;
	int64_t short_max;
	int64_t title_min, title_max, summary_min, summary_max, prose_min, prose_max;
	int64_t cjk_percent; /* what the lengths are multiplied with in Chinese and Japanese */
	const struct policy_terms *forbidden;
	size_t forbidden_n;
	struct policy_words disclaimer; /* dotted paths that must hold text: "facts.disclaimer" */
	int64_t disclaimer_min;
	int64_t duplicates_percent;
	struct policy_words entities;        /* names that need no fact */
	enum severity entities_severity;
	struct policy_words entities_reject; /* locales or languages in which an unknown name is refused */
	struct policy_words numbers; /* numbers that need no fact: "90", "24" */
	enum severity derived_severity; /* of differences that only follow from facts; OFF: accepted */
	struct policy_words changes; /* names of facts that are differences, with their sign */
	const struct policy_unit *unit;
	size_t units;
};
/* No file: the defaults, and the digest of nothing. ERR_INPUT names file, line and key. */
bool policy_open(struct arena *, const struct catalog *, struct str vertical,
    struct policy *out, struct err *);
/* As policy_open, from memory; `path` is only named in errors. */
bool policy_parse(struct arena *, const char *path, struct str text, struct policy *out,
    struct err *);
/* What holds for documents of a locale: sections such as "[length fr]" or "[length fr-ca]" go
 * over those without a tag, the longer tag over the shorter. */
const struct policy *policy_for(const struct policy *, struct str locale);
/* A tag is for a locale if it is the locale, begins it, or is "all". */
bool policy_tag_fits(struct str tag, struct str locale);

struct reading;
struct language;
struct gate_input {
	const struct document *document;
	const struct policy *policy;
	int64_t now;             /* Unix seconds */
	const struct seen *seen; /* accepted documents of the run, for duplicates */
	/* Filled in by gates_judge: */
	struct arena *arena;             /* of the findings */
	const struct reading *reading;   /* the document's texts and links, generator/gate/reading.h */
	const struct language *language; /* of its locale, generator/gate/language/language.h */
	enum severity severity;          /* of the gate that judges */
};

struct gate {
	const char *name;    /* "grounding" */
	const char *summary; /* one line for people */
	const char *remedy;  /* what an author does about a finding */
	enum severity severity; /* unless the policy's [gates] section says otherwise */
	bool is_remote; /* asks the network: only about what all others let pass */
	/* NULL: the findings come from elsewhere (document_read). */
	void (*judge)(const struct gate_input *, const struct gate *, struct findings *);
};
extern const struct gate gates[];
extern const size_t gates_count;
/* NULL if there is none of this name. */
const struct gate *gate_find(struct str name);

/* What the accepted documents of this run held, and what was worked out once per locale.
 * One thread at a time. */
struct seen *seen_new(struct arena *);
/* For documents that are judged on many threads, one for each: the gates' tools, without a
 * memory. Duplicates are found afterwards by gates_compare, in an order that does not depend
 * on threads. */
struct seen *seen_tools(struct arena *);

/* Run every gate that the policy leaves on; remember the document in `seen` (NULL: a run of
 * one document) unless a gate rejects it, so that a wrong document never shadows a right one. */
void gates_judge(struct arena *, const struct document *, const struct policy *,
    struct seen *, int64_t now, struct findings *);

/* The duplicates gate alone, on the signature (seen.h) of a document that all other gates let
 * pass; remembers it in `seen` unless it is rejected. The signature must live as long. */
struct signature;
void gates_compare(struct arena *, const struct document *, const struct policy *,
    const struct signature *, struct seen *, struct findings *out);

/* For the gates: a finding of the running gate, or a warning at most. The text is cut and
 * cleaned of controls; quote the document's words with %.*s and QUOTE. */
void gate_report(const struct gate_input *, const struct gate *, struct findings *,
    struct str element, unsigned line, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void gate_warn(const struct gate_input *, const struct gate *, struct findings *,
    struct str element, unsigned line, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* What the gate measured, from 0 to 100, and by what. */
void gate_score(const struct gate *, struct findings *, int64_t value, struct str by);
/* At most 80 bytes of `s`, whole characters. */
struct str gate_quote(struct str s);
#define QUOTE(s) STR_ARG(gate_quote(s))

#endif
