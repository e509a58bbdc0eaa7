/*
 * sample: one document in both forms, ways to change it, and what must be said of it then.
 * Tests run from the top of the tree: the shipped schemas are read.
 */
#ifndef TESTS_UNIT_SAMPLE_H
#define TESTS_UNIT_SAMPLE_H

#include <stdio.h>

#include "generator/document/document.h"
#include "tests/unit/lib/unit.h"

static const char *const roots[] = { "." };
static const struct catalog catalog = { roots, 1 };
static struct arena *shared;
static struct schemas *schemas;

static const char xml_sample[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<document>\n"
    "  <vertical>weather</vertical>\n"
    "  <id>seattle</id>\n"
    "  <locale>en-us</locale>\n"
    "  <title>Rain &amp; wind\n    in Seattle</title>\n"
    "  <summary>Rain on Friday.</summary>\n"
    "  <updated>2026-11-20T18:00:00Z</updated>\n"
    "  <expires>2026-11-21T06:00:00Z</expires>\n"
    "  <provenance><agent>writer</agent><model>m-1</model><run>r1</run>\n"
    "    <grade>generated</grade><responsible>Example Ltd</responsible></provenance>\n"
    "  <sources><item><id>nws</id><name>NWS</name><url>https://api.weather.gov/a?b=1&amp;c=2</url>\n"
    "    <retrieved>2026-11-20T17:55:00Z</retrieved></item></sources>\n"
    "  <facts>\n"
    "    <place><name>Seattle</name><country>US</country><zone>America/Los_Angeles</zone></place>\n"
    "    <period><start>2026-11-20T18:00:00Z</start><end>2026-11-21T06:00:00Z</end></period>\n"
    "    <kind>forecast</kind>\n"
    "    <condition>rain</condition>\n"
    "    <high>9.50</high>\n"
    "    <alerts/>\n"
    "    <periods><item><start>2026-11-20T18:00:00Z</start><condition>rain</condition></item>\n"
    "      <item><start>2026-11-21T00:00:00Z</start><condition>cloudy</condition></item></periods>\n"
    "  </facts>\n"
    "  <prose><p>Rain  <em>falls</em> &lt;here&gt;.</p>\n"
    "    <ul><li>See <a href=\"https://a.example/x?y=1&amp;z=2\">more</a></li></ul></prose>\n"
    "</document>\n";

/* The same content: members in another order, blanks and nulls elsewhere. */
static const char json_sample[] =
    "{\n"
    "  \"prose\": \"<p>Rain <em>falls</em> &lt;here>.</p><ul><li>\\n See <a href='https://"
    "a.example/x?y=1&amp;z=2'>more</a></li></ul>\",\n"
    "  \"facts\": {\n"
    "    \"periods\": [ { \"condition\": \"rain\", \"start\": \"2026-11-20T18:00:00Z\" },\n"
    "      { \"start\": \"2026-11-21T00:00:00Z\", \"condition\": \"cloudy\", \"high\": null } ],\n"
    "    \"high\": 9.50, \"low\": null, \"wind\": {}, \"alerts\": [],\n"
    "    \"kind\": \"forecast\", \"condition\": \"rain\",\n"
    "    \"period\": { \"start\": \"2026-11-20T18:00:00Z\", \"end\": \"2026-11-21T06:00:00Z\" },\n"
    "    \"place\": { \"name\": \"Seattle\", \"country\": \"US\", \"zone\": \"America/Los_Angeles\" }\n"
    "  },\n"
    "  \"vertical\": \"weather\", \"id\": \"seattle\", \"locale\": \"en-us\",\n"
    "  \"title\": \"Rain & wind in \\u0053eattle\", \"summary\": \" Rain on\\nFriday. \",\n"
    "  \"updated\": \"2026-11-20T18:00:00Z\", \"expires\": \"2026-11-21T06:00:00Z\",\n"
    "  \"image\": { \"url\": \"\", \"alt\": null },\n"
    "  \"provenance\": { \"agent\": \"writer\", \"model\": \"m-1\", \"run\": \"r1\",\n"
    "    \"grade\": \"generated\", \"responsible\": \"Example Ltd\" },\n"
    "  \"sources\": [ { \"id\": \"nws\", \"name\": \"NWS\", \"url\": "
    "\"https://api.weather.gov/a?b=1&c=2\", \"retrieved\": \"2026-11-20T17:55:00Z\" } ]\n"
    "}\n";

/* What became of some bytes. */
struct outcome {
	struct arena *a;
	bool ok;
	struct document d;
	struct findings f;
};

static inline struct outcome *
read_bytes(struct arena *a, struct str bytes, enum document_form form, unsigned line)
{
	struct outcome *o = ARENA_NEW(a, struct outcome);
	const struct raw raw = { STR("file:1"), STR("file"), line, form, bytes };

	o->a = a;
	o->f.arena = a;
	o->ok = document_read(a, schemas, &raw, &o->d, &o->f);
	assert_int_equal(o->ok, !findings_reject(&o->f));
	return o;
}

/* `text` with its first `from` replaced. */
static inline struct str
with(struct arena *a, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return arena_printf(a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static inline struct outcome *
changed(struct arena *a, const char *from, const char *to)
{
	return read_bytes(a, with(a, xml_sample, from, to), FORM_XML, 1);
}

static inline struct outcome *
changed_json(struct arena *a, const char *from, const char *to)
{
	return read_bytes(a, with(a, json_sample, from, to), FORM_JSON, 1);
}

/* The outcome must be a refusal with a finding that holds `text`, at element and line. */
static inline void
assert_refused(const struct outcome *o, const char *element, unsigned line, const char *text)
{
	assert_false(o->ok);
	for (size_t i = 0; i < o->f.n; i++) {
		const struct finding *f = &o->f.item[i];
		assert_string_equal(f->gate, "schema");
		assert_non_null(f->remedy);
		if (memmem(f->text.p, f->text.n, text, strlen(text)) != NULL
		    && str_eq(f->element, str_of(element)) && (line == 0 || f->line == line))
			return;
	}
	for (size_t i = 0; i < o->f.n; i++)
		print_error("got %u %.*s: %.*s\n", o->f.item[i].line, STR_ARG(o->f.item[i].element),
		    STR_ARG(o->f.item[i].text));
	fail_msg("no finding on %s, line %u, with '%s'", element, line, text);
}

static inline int
open_schemas(void **state)
{
	struct err err;

	(void)state;
	shared = arena_new();
	if (schemas_open(shared, &catalog, &schemas, &err))
		return 0;
	print_error("%s\n", err.text);
	return -1;
}

static inline int
close_schemas(void **state)
{
	(void)state;
	arena_free(shared);
	return 0;
}

#endif
