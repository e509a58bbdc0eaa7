/*
 * gate: small, named, deterministic checks of one document, in a table. Severities, limits,
 * allowed hosts and terms come from the vertical's policy file. No network.
 */
#ifndef GENERATOR_GATE_GATE_H
#define GENERATOR_GATE_GATE_H

#include "base/ini.h"
#include "generator/document.h"

/* A vertical's policy: schemas/<vertical>.ini over the built-in defaults. */
struct policy {
	struct ini ini;
	struct digest digest; /* of the file: one of a bundle's inputs */
};
bool policy_open(struct arena *, const struct catalog *, struct str vertical,
    struct policy *out, struct err *);

struct gate_input {
	const struct document *document;
	const struct policy *policy;
	int64_t now; /* Unix seconds */
	const struct seen *seen; /* other documents of the run, for duplicates */
};

struct gate {
	const char *name;    /* "grounding" */
	const char *summary; /* one line for people */
	const char *remedy;  /* what an author does about a finding */
	enum severity severity; /* unless the policy's [gates] section says otherwise */
	void (*judge)(const struct gate_input *, const struct gate *, struct findings *);
};
extern const struct gate gates[];
extern const size_t gates_count;

/* What earlier documents of this run held; makes the duplicates gate order-independent of
 * nothing but the input order. */
struct seen *seen_new(struct arena *);

/* Run every gate that the policy leaves on, and remember the document in `seen`. */
void gates_judge(struct arena *, const struct document *, const struct policy *,
    struct seen *, int64_t now, struct findings *);

#endif
