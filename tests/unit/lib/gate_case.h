/*
 * gate_case: a correct document to spoil in one place, and what the gates then say. Run from
 * the top of the tree: the shipped schemas and policies are read.
 */
#ifndef TESTS_UNIT_GATE_CASE_H
#define TESTS_UNIT_GATE_CASE_H

#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "generator/gate/gate.h"
#include "tests/unit/lib/unit.h"

#define NOW "2026-11-20T18:30:00Z"

static const char *const case_roots[] = { "." };
static const struct catalog case_catalog = { case_roots, 1 };

static const char case_weather[] =
    "{\"vertical\":\"weather\",\"id\":\"seattle\",\"locale\":\"en-us\","
    "\"title\":\"Rain in Seattle tonight\","
    "\"summary\":\"Rain is likely in Seattle tonight, with a low of 7 \u00b0C.\","
    "\"updated\":\"2026-11-20T18:00:00Z\",\"expires\":\"2026-11-21T06:00:00Z\","
    "\"provenance\":{\"agent\":\"writer\",\"model\":\"m-1\",\"run\":\"r1\",\"grade\":\"generated\","
    "\"responsible\":\"Example Ltd\"},"
    "\"sources\":[{\"id\":\"nws\",\"name\":\"National Weather Service\","
    "\"url\":\"https://api.weather.gov/points/47.6,-122.3\",\"retrieved\":\"2026-11-20T17:55:00Z\"}],"
    "\"facts\":{\"kind\":\"forecast\",\"condition\":\"rain\",\"high\":12.4,\"low\":7,"
    "\"precipitation\":8.5,\"precipitation-chance\":80,"
    "\"wind\":{\"speed\":24,\"gust\":48,\"direction\":\"SW\"},"
    "\"place\":{\"name\":\"Seattle\",\"country\":\"US\",\"zone\":\"America/Los_Angeles\"},"
    "\"period\":{\"start\":\"2026-11-20T18:00:00Z\",\"end\":\"2026-11-21T06:00:00Z\"}},"
    "\"prose\":\"<p>Rain is expected across the city this evening, and the wind will be strong"
    " from the south-west for most of the night.</p>"
    "<p>The temperature falls to 7 \u00b0C.</p>\"}";

struct gate_case {
	struct arena *a;
	struct schemas *schemas;
	struct policy policy;
	struct seen *seen;
	json_t *doc; /* change it, then call case_judge */
	int64_t now;
};

static inline struct gate_case
case_open(struct arena *a, const char *text, const char *policy)
{
	struct gate_case c = { .a = a, .seen = seen_new(a) };
	struct err err = { 0 };
	if (!schemas_open(a, &case_catalog, &c.schemas, &err)
	    || !json_parse(a, str_of(text), &c.doc, &err)
	    || !time_parse(STR(NOW), &c.now, &err)
	    || !policy_parse(a, "test.ini", str_of(policy), &c.policy, &err))
		fail_msg("%s", err.text);
	return c;
}

/* Set the member at "facts.high" (or "sources.0.url") to a value; NULL removes it. */
static inline void
case_set(struct gate_case *c, const char *path, json_t *value)
{
	json_t *at = c->doc;
	struct str rest = str_of(path), step = str_cut(rest, '.', &rest);
	for (; rest.p != NULL; step = str_cut(rest, '.', &rest)) {
		uint64_t i;
		at = str_to_u64(step, &i) ? json_array_get(at, i) : json_object_getn(at, step.p, step.n);
		assert_non_null(at);
	}
	if (value == NULL)
		(void)json_object_deln(at, step.p, step.n);
	else
		assert_int_equal(json_object_setn_new(at, step.p, step.n, value), 0);
}

static inline void
case_text(struct gate_case *c, const char *path, const char *text)
{
	json_t *value = json_string(text);
	assert_non_null(value);
	case_set(c, path, value);
}

static inline struct findings
case_judge(struct gate_case *c)
{
	struct buf *b = buf_in(c->a, DOCUMENT_MAX);
	struct findings f = { .arena = c->a };
	char *text = json_dumps(c->doc, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
	buf_put(b, str_of(text));
	free(text);
	struct raw raw = { .where = STR("case.json"), .path = STR("case.json"), .line = 1,
		.form = FORM_JSON, .bytes = buf_str(b) };
	struct document d;
	if (document_read(c->a, c->schemas, &raw, &d, &f))
		gates_judge(c->a, &d, &c->policy, c->seen, c->now, &f);
	return f;
}

static inline void
case_print(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		print_error("%s %s %.*s: %.*s\n", f->item[i].severity == SEVERITY_REJECT ? "reject" : "warn",
		    f->item[i].gate, STR_ARG(f->item[i].element), STR_ARG(f->item[i].text));
}

/* Judge, and expect a rejection by this gate and no other (NULL: none at all). Returns the
 * text of the first rejection. */
static inline struct str
case_expect(struct gate_case *c, const char *gate)
{
	struct findings f = case_judge(c);
	struct str text = STR("");
	size_t n = 0;
	for (size_t i = 0; i < f.n; i++) {
		if (f.item[i].severity != SEVERITY_REJECT)
			continue;
		if (gate == NULL || strcmp(f.item[i].gate, gate) != 0) {
			case_print(&f);
			fail_msg("expected %s", gate == NULL ? "no rejection" : gate);
		}
		assert_non_null(f.item[i].remedy);
		if (n++ == 0)
			text = f.item[i].text;
	}
	if (gate != NULL && n == 0) {
		case_print(&f);
		fail_msg("no rejection by %s", gate);
	}
	return text;
}

static inline void
assert_says(struct str text, const char *part)
{
	if (memmem(text.p, text.n, part, strlen(part)) == NULL)
		fail_msg("'%.*s' does not say '%s'", STR_ARG(text), part);
}

#endif
