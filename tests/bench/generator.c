/*
 * What one document costs, stage by stage, on one core, next to a floor: a bare loop in which
 * libxml2 parses and XSD-validates the same bytes with a reused validation context.
 *     generator [copies] [rounds]
 * The documents are the sample site's, each in so many copies; of several rounds the fastest
 * counts. Run from the top of the tree.
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "generator/document/intake.h"
#include "generator/gate/gate.h"
#include "generator/render/render.h"

#define VERTICALS_MAX 8

struct vertical {
	struct str name;
	xmlSchema *schema;
	xmlSchemaValidCtxt *context;
	struct policy policy;
};

struct bench {
	struct arena *arena;
	struct catalog catalog;
	struct schemas *schemas;
	struct vertical vertical[VERTICALS_MAX];
	size_t verticals;
	struct document *document; /* of the site, as XML */
	size_t n, room;
	size_t copies;
	struct str *name; /* of the copies: "v17" */
};

static void
must(bool ok, const struct err *err)
{
	if (ok)
		return;
	(void)fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static double
cpu_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct vertical *
vertical_of(struct bench *b, struct str name)
{
	for (size_t i = 0; i < b->verticals; i++)
		if (str_eq(b->vertical[i].name, name))
			return &b->vertical[i];
	abort();
}

/* Before schemas_open: from then on libxml2 loads nothing. */
static void
open_floor(struct bench *b)
{
	struct str *names;
	size_t n;
	struct err err;
	must(catalog_verticals(b->arena, &b->catalog, &names, &n, &err), &err);
	for (size_t i = 0; i < n && i < VERTICALS_MAX; i++) {
		struct vertical *v = &b->vertical[b->verticals++];
		const char *path = arena_printf(b->arena, "schemas/%.*s.xsd", STR_ARG(names[i])).p;
		xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(path);
		v->name = names[i];
		v->schema = xmlSchemaParse(parser);
		xmlSchemaFreeParserCtxt(parser);
		v->context = xmlSchemaNewValidCtxt(v->schema);
		must(policy_open(b->arena, &b->catalog, names[i], &v->policy, &err), &err);
	}
}

/* Keeps each as the XML it is stored as, so that every stage reads the same bytes. */
static bool
take(void *ctx, const struct raw *raw, struct err *err)
{
	struct bench *b = ctx;
	struct findings f = { .arena = b->arena };
	struct document d;
	if (!document_read(b->arena, b->schemas, raw, &d, &f))
		return err_set(err, ERR_INPUT, "%.*s: refused", STR_ARG(raw->where));
	ARENA_GROW(b->arena, b->document, b->n, b->room);
	d.raw.bytes = d.canonical;
	d.raw.form = FORM_XML;
	b->document[b->n++] = d;
	return true;
}

static void
refuse(void *ctx, const struct finding *f)
{
	(void)ctx;
	(void)fprintf(stderr, "%.*s: %.*s\n", STR_ARG(f->where), STR_ARG(f->text));
	exit(1);
}

static size_t
floor_parse(struct bench *b)
{
	for (size_t i = 0; i < b->n * b->copies; i++) {
		struct str s = b->document[i % b->n].canonical;
		xmlFreeDoc(xmlReadMemory(s.p, (int)s.n, NULL, NULL, XML_PARSE_NONET));
	}
	return b->n * b->copies;
}

static size_t
floor_validate(struct bench *b)
{
	for (size_t i = 0; i < b->n * b->copies; i++) {
		const struct document *d = &b->document[i % b->n];
		xmlDoc *doc = xmlReadMemory(d->canonical.p, (int)d->canonical.n, NULL, NULL,
		    XML_PARSE_NONET);
		if (xmlSchemaValidateDoc(vertical_of(b, d->vertical)->context, doc) != 0)
			abort();
		xmlFreeDoc(doc);
	}
	return b->n * b->copies;
}

static size_t
read_all(struct bench *b)
{
	for (size_t i = 0; i < b->n * b->copies; i++) {
		struct arena *a = arena_new();
		struct findings f = { .arena = a };
		struct document d;
		if (!document_read(a, b->schemas, &b->document[i % b->n].raw, &d, &f))
			abort();
		arena_free(a);
	}
	return b->n * b->copies;
}

/* Every copy is of a vertical of its own, or they would be each other's duplicates. */
static size_t
judge_all(struct bench *b)
{
	struct arena *run = arena_new();
	struct seen *seen = seen_new(run);
	for (size_t i = 0; i < b->n * b->copies; i++) {
		struct document d = b->document[i % b->n];
		struct arena *a = arena_new();
		struct findings f = { .arena = a };
		const struct policy *p = &vertical_of(b, d.vertical)->policy;
		d.vertical = arena_printf(a, "%.*s-%.*s", STR_ARG(d.vertical),
		    STR_ARG(b->name[i / b->n]));
		gates_judge(a, &d, p, seen, d.updated, &f);
		if (findings_reject(&f)) {
			(void)fprintf(stderr, "%.*s: %s: %.*s\n", STR_ARG(d.raw.where),
			    f.item[0].gate, STR_ARG(f.item[0].text));
			exit(1);
		}
		arena_free(a);
	}
	arena_free(run);
	return b->n * b->copies;
}

static int
by_bundle(const void *x, const void *y)
{
	const struct document *a = x, *b = y;
	int c = str_cmp(a->vertical, b->vertical);
	return c != 0 ? c : str_cmp(a->locale, b->locale);
}

static size_t
render_bundle_of(struct bench *b, size_t from, size_t n)
{
	struct arena *a = arena_new();
	struct document *copy = ARENA_ARRAY(a, struct document, n * b->copies);
	const struct document **list = ARENA_ARRAY(a, const struct document *, n * b->copies);
	const struct site_info site = { .name = STR("Bench"), .url = STR("https://example.com"),
		.publisher = STR("Bench") };
	struct rendered out;
	struct err err;
	size_t files = 0;
	for (size_t i = 0; i < n * b->copies; i++) {
		copy[i] = b->document[from + i % n];
		copy[i].id = arena_printf(a, "%.*s-%.*s", STR_ARG(copy[i].id),
		    STR_ARG(b->name[i / n]));
		list[i] = &copy[i];
	}
	must(render_bundle(a, &b->catalog, b->schemas, &site, copy[0].vertical, copy[0].locale,
	    list, n * b->copies, &out, &err), &err);
	for (size_t i = 0; i < out.n; i++)
		files += out.file[i].document.n > 0;
	arena_free(a);
	return files;
}

static size_t
render_all(struct bench *b)
{
	size_t files = 0;
	for (size_t from = 0, n; from < b->n; from += n) {
		for (n = 1; from + n < b->n
		    && by_bundle(&b->document[from], &b->document[from + n]) == 0;)
			n++;
		files += render_bundle_of(b, from, n);
	}
	return files;
}

static const struct stage {
	const char *name;
	size_t (*run)(struct bench *);
	bool is_ours;
} stages[] = {
	{ "floor: parse", floor_parse, false },
	{ "floor: parse, XSD", floor_validate, false },
	{ "parse, XSD, tree", read_all, true },
	{ "gates", judge_all, true },
	{ "render, SHA-256", render_all, true },
};

static void
measure(struct bench *b, size_t rounds)
{
	double floor = 0, all = 0;
	for (size_t i = 0; i < LEN(stages); i++) {
		double best = 0;
		size_t made = 0;
		for (size_t r = 0; r < rounds; r++) {
			double start = cpu_us();
			made = stages[i].run(b);
			double took = (cpu_us() - start) / (double)(b->n * b->copies);
			best = r == 0 || took < best ? took : best;
		}
		if (stages[i].is_ours)
			all += best;
		else
			floor = best;
		(void)printf("%-20s %9.1f us", stages[i].name, best);
		if (made != b->n * b->copies)
			(void)printf("  (%.1f files)", (double)made / (double)(b->n * b->copies));
		(void)printf("\n");
	}
	(void)printf("%-20s %9.1f us  %.0f documents a second, %.2f of the floor's\n", "all of it",
	    all, 1e6 / all, floor / all);
}

int
main(int argc, char **argv)
{
	static const char *const root[] = { "tests/site", "." };
	char site[] = "tests/site/documents";
	struct bench b = { .arena = arena_new(), .catalog = { root, LEN(root) }, .copies = 10 };
	const struct intake intake = { .take = take, .refuse = refuse, .ctx = &b };
	uint64_t copies = 0, rounds = 3;
	struct err err;
	if (argc > 1 && str_to_u64(str_of(argv[1]), &copies) && copies > 0 && copies <= 10000)
		b.copies = copies;
	if (argc > 2)
		(void)str_to_u64(str_of(argv[2]), &rounds);
	open_floor(&b);
	must(schemas_open(b.arena, &b.catalog, &b.schemas, &err), &err);
	must(intake_read(b.arena, site, &intake, &err), &err);
	qsort(b.document, b.n, sizeof *b.document, by_bundle);
	b.name = ARENA_ARRAY(b.arena, struct str, b.copies);
	for (size_t i = 0; i < b.copies; i++)
		b.name[i] = arena_printf(b.arena, "v%zu", i);
	size_t bytes = 0;
	for (size_t i = 0; i < b.n; i++)
		bytes += b.document[i].canonical.n;
	(void)printf("%zu documents of %zu bytes on average, %zu copies of each\n", b.n, bytes / b.n,
	    b.copies);
	measure(&b, rounds);
	for (size_t i = 0; i < b.verticals; i++) {
		xmlSchemaFreeValidCtxt(b.vertical[i].context);
		xmlSchemaFree(b.vertical[i].schema);
	}
	arena_free(b.arena);
	return 0;
}
