/* render_case: documents from tests/data/render or from text, and bundles made of them. Run
 * from the top of the tree. */
#ifndef TESTS_UNIT_RENDER_CASE_H
#define TESTS_UNIT_RENDER_CASE_H

#include <libxml/parser.h>

#include "generator/render/render.h"
#include "tests/unit/lib/scratch.h"

struct render_case {
	struct arena *arena;
	const char *root[2]; /* a site's own folder, if any, then the shipped one */
	struct catalog catalog;
	struct schemas *schemas;
	struct site_info site;
	struct str locale[2];
};

static inline struct render_case *
render_case(struct arena *a, const char *own_root)
{
	struct render_case *c = ARENA_NEW(a, struct render_case);
	struct err err;
	size_t n = 0;
	c->arena = a;
	if (own_root != NULL)
		c->root[n++] = own_root;
	c->root[n++] = ".";
	c->catalog = (struct catalog){ c->root, n };
	c->locale[0] = STR("de-de");
	c->locale[1] = STR("en-us");
	c->site = (struct site_info){ .name = STR("Example & Sons"),
		.url = STR("https://example.com"), .publisher = STR("Example Media Ltd"),
		.locale = c->locale, .locales = 2 };
	if (!schemas_open(a, &c->catalog, &c->schemas, &err))
		fail_msg("%s", err.text);
	return c;
}

static inline const struct document *
document_from(struct render_case *c, struct str json)
{
	const struct raw raw = { STR("case.json"), STR("case.json"), 1, FORM_JSON, json };
	struct document *d = ARENA_NEW(c->arena, struct document);
	struct findings findings = { .arena = c->arena };
	if (!document_read(c->arena, c->schemas, &raw, d, &findings))
		fail_msg("%.*s: %.*s", STR_ARG(findings.item[0].element),
		    STR_ARG(findings.item[0].text));
	return d;
}

/* tests/data/render/<name>.json */
static inline const struct document *
document_named(struct render_case *c, const char *name)
{
	struct str text;
	struct err err;
	const char *path = arena_printf(c->arena, "tests/data/render/%s.json", name).p;
	if (!fs_read(c->arena, path, DOCUMENT_MAX, &text, &err))
		fail_msg("%s", err.text);
	return document_from(c, text);
}

/* The named document with the JSON value put in at the dotted path. */
static inline const struct document *
document_with(struct render_case *c, const char *name, const char *path, const char *value)
{
	struct str text, rest = str_of(path);
	struct err err;
	json_t *root, *at, *put;
	const char *file = arena_printf(c->arena, "tests/data/render/%s.json", name).p;
	if (!fs_read(c->arena, file, DOCUMENT_MAX, &text, &err)
	    || !json_parse(c->arena, text, &root, &err))
		fail_msg("%s", err.text);
	put = json_loads(value, JSON_DECODE_ANY, NULL);
	assert_non_null(put);
	for (at = root;;) {
		struct str member = str_cut(rest, '.', &rest);
		const char *key = arena_copy(c->arena, member).p;
		if (rest.p == NULL) {
			(void)json_object_set_new(at, key, put);
			break;
		}
		at = json_object_get(at, key);
	}
	char *dump = json_dumps(root, JSON_REAL_PRECISION(6));
	const struct document *d = document_from(c, arena_copy(c->arena, str_of(dump)));
	free(dump);
	return d;
}

static inline bool
bundle_try(struct render_case *c, const struct document *const *documents, size_t n,
    struct rendered *out, struct err *err)
{
	return render_bundle(c->arena, &c->catalog, c->schemas, &c->site, documents[0]->vertical,
	    documents[0]->locale, documents, n, out, err);
}

static inline struct rendered *
bundle_of(struct render_case *c, const struct document *const *documents, size_t n)
{
	struct rendered *out = ARENA_NEW(c->arena, struct rendered);
	struct err err;
	if (!bundle_try(c, documents, n, out, &err))
		fail_msg("%s", err.text);
	return out;
}

static inline const struct rendered_file *
file_of(const struct rendered *r, const char *path)
{
	static const struct rendered_file none;
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->file[i].path, str_of(path)))
			return &r->file[i];
	fail_msg("no file %s", path);
	return &none;
}

static inline bool
holds(struct str body, const char *text)
{
	return memmem(body.p, body.n, text, strlen(text)) != NULL;
}

#define assert_holds(body, text)                                                          \
	do {                                                                              \
		if (!holds(body, text))                                                   \
			fail_msg("no '%s' in:\n%.*s", text, STR_ARG(body));               \
	} while (0)

#endif
