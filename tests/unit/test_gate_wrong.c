/*
 * The documents of tests/site/wrong are each wrong in one way. Each must be refused by exactly
 * the gate that expected.json names, today and at any later day, by the policies of the sample
 * site. Run from the top of the tree.
 */
#include "base/fs.h"
#include "generator/document/intake.h"
#include "tests/unit/lib/gate_case.h"

#define WRONG "tests/site/wrong"

static const char *const site_roots[] = { "tests/site", "." };
static const struct catalog site = { site_roots, 2 };

struct run {
	struct arena *a;
	struct schemas *schemas;
	struct seen *seen;
	int64_t now;
	struct findings findings;
};

static bool
take(void *ctx, const struct raw *raw, struct err *err)
{
	struct run *r = ctx;
	struct document d;
	struct policy p;
	if (!document_read(r->a, r->schemas, raw, &d, &r->findings))
		return true;
	if (!policy_open(r->a, &site, d.vertical, &p, err))
		return false;
	gates_judge(r->a, &d, &p, r->seen, r->now, &r->findings);
	return true;
}

static void
refuse(void *ctx, const struct finding *f)
{
	struct run *r = ctx;
	findings_add(&r->findings, *f);
}

static struct findings
judge_file(struct arena *a, struct schemas *schemas, const char *path, const char *now)
{
	struct run r = { .a = a, .schemas = schemas, .seen = seen_new(a), .findings = { .arena = a } };
	struct err err = { 0 };
	const struct intake in = { .take = take, .refuse = refuse, .ctx = &r };
	if (!time_parse(str_of(now), &r.now, &err) || !intake_read(a, path, &in, &err))
		fail_msg("%s: %s", path, err.text);
	return r.findings;
}

static json_t *
expected(struct arena *a)
{
	struct str text;
	struct err err = { 0 };
	json_t *j;
	if (!fs_read(a, WRONG "/expected.json", 1 << 20, &text, &err) || !json_parse(a, text, &j, &err))
		fail_msg("%s", err.text);
	return j;
}

static struct schemas *
open_schemas(struct arena *a)
{
	struct schemas *schemas;
	struct err err = { 0 };
	if (!schemas_open(a, &site, &schemas, &err))
		fail_msg("%s", err.text);
	return schemas;
}

static void
each_wrong_document_is_refused_by_the_gate_that_is_expected(void **state)
{
	static const char *const days[] = { "2026-12-01T00:00:00Z", "2050-06-01T12:00:00Z" };
	struct schemas *schemas = open_schemas(*state);
	const char *name;
	json_t *all = expected(*state), *gate;
	size_t failures = 0;
	json_object_foreach(all, name, gate) {
		for (size_t day = 0; day < LEN(days); day++) {
			struct str path = arena_printf(*state, WRONG "/%s", name);
			struct findings f = judge_file(*state, schemas, path.p, days[day]);
			bool ok = findings_reject(&f);
			for (size_t i = 0; i < f.n; i++)
				ok = ok && (f.item[i].severity != SEVERITY_REJECT
				    || strcmp(f.item[i].gate, json_string_value(gate)) == 0);
			if (!ok) {
				print_error("%s on %s: expected %s alone\n", name, days[day],
				    json_string_value(gate));
				case_print(&f);
				failures++;
			}
		}
	}
	assert_int_equal(failures, 0);
}

static void
there_is_a_wrong_document_for_every_gate(void **state)
{
	json_t *all = expected(*state);
	for (size_t i = 0; i < gates_count; i++) {
		const char *name;
		json_t *gate;
		bool found = gates[i].is_remote; /* off, and no test asks the network */
		json_object_foreach(all, name, gate)
			found = found || strcmp(json_string_value(gate), gates[i].name) == 0;
		if (!found)
			fail_msg("nothing in " WRONG " for %s", gates[i].name);
	}
}

static void
every_wrong_document_is_expected(void **state)
{
	struct fs_entry *file;
	size_t n;
	struct err err = { 0 };
	const json_t *all = expected(*state);
	assert_true(fs_list(*state, WRONG, 1000, &file, &n, &err));
	for (size_t i = 0; i < n; i++) {
		const char *name = strrchr(file[i].path.p, '/') + 1;
		if (strcmp(name, "expected.json") != 0 && json_object_get(all, name) == NULL)
			fail_msg("%s is not in expected.json", name);
	}
}

static void
the_documents_of_the_sample_site_pass(void **state)
{
	struct findings f = judge_file(*state, open_schemas(*state), "tests/site/documents",
	    "2026-12-01T00:00:00Z");
	case_print(&f);
	assert_false(findings_reject(&f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_wrong_document_is_refused_by_the_gate_that_is_expected),
		TEST(there_is_a_wrong_document_for_every_gate),
		TEST(every_wrong_document_is_expected),
		TEST(the_documents_of_the_sample_site_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
