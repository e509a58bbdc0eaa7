/*
 * labelled: the sentences of tests/data/grounding, each judged in a document of its own, and
 * how often the gate "grounding" was right. Facts stand in facts.json, named; a locale's file
 * says which of them are told in its language, and what is right and what is wrong of them.
 * Names that the facts do not have are refused here, so that they are counted as well.
 */
#ifndef TESTS_UNIT_LIB_LABELLED_H
#define TESTS_UNIT_LIB_LABELLED_H

#include "base/fs.h"
#include "tests/unit/lib/gate_case.h"

#define LABELLED "tests/data/grounding"
#define LABELLED_KINDS 32

/* Of one locale or of one kind of error. */
struct tally {
	char name[24];
	unsigned right, accepted; /* sentences that are right; of them, let through */
	unsigned wrong, caught;
};

struct labelled {
	struct gate_case judge;
	json_t *facts;
	struct tally kind[LABELLED_KINDS];
	size_t kinds;
	/* Called for each sentence that was judged wrongly; NULL: nobody wants to know. */
	void (*miss)(const char *locale, const char *kind, const char *text, struct str finding);
};

static inline json_t *
labelled_file(const char *path)
{
	json_error_t e;
	json_t *j = json_load_file(path, JSON_REJECT_DUPLICATES, &e);
	if (j == NULL)
		fail_msg("%s:%d: %s", path, e.line, e.text);
	return j;
}

static inline void
labelled_open(struct labelled *l, struct arena *a)
{
	*l = (struct labelled){ .judge = case_open(a, case_weather, "") };
	l->facts = labelled_file(LABELLED "/facts.json");
}

static inline void
labelled_close(struct labelled *l)
{
	json_decref(l->facts);
}

/* The shipped policy of the vertical, but names are refused. */
static inline void
labelled_policy(struct gate_case *c, const char *vertical)
{
	char path[64];
	struct str text;
	struct err err = { 0 };
	(void)snprintf(path, sizeof path, "schemas/%s.ini", vertical);
	if (!fs_read(c->a, path, 1 << 20, &text, &err)
	    || !policy_parse(c->a, path, text, &c->policy, &err))
		fail_msg("%s", err.text);
	c->policy.entities_severity = SEVERITY_REJECT;
}

/* A document around the facts: updated, named and sourced as they say, with names of the
 * language put in. */
static inline void
labelled_document(struct labelled *l, const char *locale, json_t *said)
{
	struct gate_case *c = &l->judge;
	const char *name = json_string_value(json_object_get(said, "facts")), *path;
	json_t *base = json_object_get(l->facts, name), *value;
	if (base == NULL)
		fail_msg("%s: no facts '%s'", locale, name);
	const char *vertical = json_string_value(json_object_get(base, "vertical"));
	const char *updated = json_string_value(json_object_get(base, "updated"));
	struct err err = { 0 };
	labelled_policy(c, vertical);
	assert_true(time_parse(str_of(updated), &c->now, &err));
	case_text(c, "locale", locale);
	case_text(c, "vertical", vertical);
	case_text(c, "title", "-");
	case_text(c, "summary", "-");
	case_text(c, "updated", updated);
	case_text(c, "expires", time_rfc3339(c->a, c->now + 86400).p);
	case_text(c, "sources.0.retrieved", updated);
	case_text(c, "sources.0.name", json_string_value(json_object_get(base, "source")));
	case_set(c, "facts", json_deep_copy(json_object_get(base, "facts")));
	json_object_foreach(json_object_get(said, "with"), path, value) {
		case_set(c, arena_printf(c->a, "facts.%s", path).p, json_incref(value));
	}
}

/* What the gate has against the sentence; p == NULL: nothing. */
static inline struct str
labelled_judge(struct labelled *l, const char *text)
{
	struct gate_case *c = &l->judge;
	struct buf *b = buf_in(c->a, DOCUMENT_MAX);
	buf_put(b, STR("<p>"));
	for (const char *p = text; *p != '\0'; p++)
		if (*p == '&')
			buf_put(b, STR("&amp;"));
		else
			buf_put(b, (struct str){ p, 1 });
	buf_put(b, STR("</p>"));
	case_text(c, "prose", arena_copy(c->a, buf_str(b)).p);
	c->seen = seen_new(c->a);
	struct findings f = case_judge(c);
	for (size_t i = 0; i < f.n; i++)
		if (strcmp(f.item[i].gate, "schema") == 0)
			fail_msg("%s: %.*s", text, STR_ARG(f.item[i].text));
	for (size_t i = 0; i < f.n; i++)
		if (strcmp(f.item[i].gate, "grounding") == 0 && f.item[i].severity == SEVERITY_REJECT)
			return f.item[i].text;
	return (struct str){ NULL, 0 };
}

static inline struct tally *
labelled_kind(struct labelled *l, const char *name)
{
	for (size_t i = 0; i < l->kinds; i++)
		if (strcmp(l->kind[i].name, name) == 0)
			return &l->kind[i];
	assert_true(l->kinds < LABELLED_KINDS);
	struct tally *t = &l->kind[l->kinds++];
	(void)snprintf(t->name, sizeof t->name, "%s", name);
	return t;
}

/* Judge all sentences of one file. */
static inline struct tally
labelled_run(struct labelled *l, const char *path)
{
	json_t *file = labelled_file(path), *said, *x;
	const char *locale = json_string_value(json_object_get(file, "locale"));
	struct tally t = { 0 };
	size_t i, k;
	(void)snprintf(t.name, sizeof t.name, "%s", locale);
	json_array_foreach(json_object_get(file, "cases"), i, said) {
		labelled_document(l, locale, said);
		json_array_foreach(json_object_get(said, "right"), k, x) {
			struct str finding = labelled_judge(l, json_string_value(x));
			t.right++;
			t.accepted += finding.p == NULL;
			if (finding.p != NULL && l->miss != NULL)
				l->miss(locale, NULL, json_string_value(x), finding);
		}
		/* [kind, the wrong words, the sentence] */
		json_array_foreach(json_object_get(said, "wrong"), k, x) {
			const char *kind = json_string_value(json_array_get(x, 0));
			const char *text = json_string_value(json_array_get(x, 2));
			bool is_caught = labelled_judge(l, text).p != NULL;
			struct tally *by_kind = labelled_kind(l, kind);
			t.wrong++, by_kind->wrong++;
			t.caught += is_caught, by_kind->caught += is_caught;
			if (!is_caught && l->miss != NULL)
				l->miss(locale, kind, text, STR(""));
		}
	}
	json_decref(file);
	return t;
}

/* Of what was refused, how much is wrong; of what is wrong, how much was refused. */
static inline double
tally_precision(const struct tally *t)
{
	unsigned refused = t->caught + t->right - t->accepted;
	return refused == 0 ? 1 : (double)t->caught / refused;
}

static inline double
tally_recall(const struct tally *t)
{
	return t->wrong == 0 ? 1 : (double)t->caught / t->wrong;
}

#endif
