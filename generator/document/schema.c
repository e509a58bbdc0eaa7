#include "generator/document/schema.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "base/buf.h"
#include "generator/document/complaint.h"
#include "generator/document/xmlread.h"

#define IDLE_MAX 16
#define INCLUDES_MAX 32
#define INPUT_MAX (INCLUDES_MAX * (CATALOG_FILE_MAX + 256))

/* Validation contexts in waiting: making one costs more than judging a small document. */
struct pool {
	pthread_mutex_t lock;
	xmlSchemaValidCtxt *idle[IDLE_MAX];
	size_t n;
};

struct schema {
	struct str vertical;
	xmlSchema *compiled;
	struct model model;
	struct digest digest;
	struct str *markup;
	size_t markups;
	struct str *zone; /* names of elements that may be time zones */
	size_t zones;
	struct pool *pool;
};

struct schemas {
	struct schema *schema; /* sorted by vertical */
	size_t n;
	struct str names;
};

/* One XSD and its includes while they are compiled. */
struct compilation {
	struct arena *arena;
	const struct catalog *catalog;
	struct str text[INCLUDES_MAX]; /* in the order in which they were loaded */
	size_t texts;
	struct buf *input; /* names, sizes and texts: what the digest covers */
	struct str first;  /* complaint */
};

/* libxml2 has one loader for the process. It serves the thread that compiles a schema; for
 * everybody else, and at any other time, there is nothing to load. */
static _Thread_local struct compilation *compiling;

static bool
keep_text(struct compilation *c, const char *name, struct str text)
{
	if (c->texts == INCLUDES_MAX)
		return false;
	c->text[c->texts++] = text;
	buf_printf(c->input, "%s %zu\n", name, text.n);
	buf_put(c->input, text);
	return true;
}

static xmlParserInput *
load_from_catalog(const char *url, const char *id, xmlParserCtxt *parser)
{
	struct compilation *c = compiling;
	struct str name = str_of(url), text;
	const char *path;
	struct err err;

	(void)id;
	if (c == NULL)
		return NULL;
	if (!str_starts(name, STR("schemas/")) || !str_ends(name, STR(".xsd"))
	    || memchr(name.p + 8, '/', name.n - 8) != NULL) {
		if (c->first.n == 0)
			c->first = arena_printf(c->arena, "asks for '%.*s': only files of schemas/ "
			    "can be included", STR_ARG(name));
		return NULL;
	}
	if (!catalog_read(c->arena, c->catalog, url, &text, &path, &err)
	    || !keep_text(c, url, text)) {
		if (c->first.n == 0)
			c->first = arena_printf(c->arena, "cannot include %s", url);
		return NULL;
	}
	xmlParserInputBuffer *b =
	    xmlParserInputBufferCreateMem(text.p, (int)text.n, XML_CHAR_ENCODING_UTF8);
	xmlParserInput *in = xmlNewIOInputStream(parser, b, XML_CHAR_ENCODING_UTF8);
	if (in != NULL)
		in->filename = (char *)xmlStrdup((const xmlChar *)url);
	return in;
}

static void
complain(void *ctx, XML_COMPLAINT *e)
{
	struct compilation *c = ctx;

	if (c->first.n > 0 || e->level < XML_ERR_ERROR)
		return;
	c->first = arena_printf(c->arena, "%s%sline %d: %.*s", e->file ? e->file : "",
	    e->file ? " " : "", e->line, STR_ARG(str_trim(str_of(e->message))));
}

static void
doc_close(void *doc)
{
	xmlFreeDoc(doc);
}

static void
compiled_close(void *schema)
{
	xmlSchemaFree(schema);
}

static void
pool_close(void *handle)
{
	struct pool *p = handle;

	while (p->n > 0)
		xmlSchemaFreeValidCtxt(p->idle[--p->n]);
	(void)pthread_mutex_destroy(&p->lock);
}

static xmlDoc *
parse_xsd(struct arena *a, struct str text, const char *name)
{
	xmlDoc *doc = xmlReadMemory(text.p, (int)text.n, name, NULL, XML_PARSE_NONET);

	if (doc != NULL)
		arena_defer(a, doc_close, doc);
	return doc;
}

static bool
compile(struct compilation *c, const char *name, xmlSchema **out)
{
	xmlDoc *doc = parse_xsd(c->arena, c->text[0], name);
	xmlSchemaParserCtxt *parser = doc ? xmlSchemaNewDocParserCtxt(doc) : NULL;

	if (parser == NULL)
		return false;
	xmlSchemaSetParserStructuredErrors(parser, complain, c);
	*out = xmlSchemaParse(parser);
	xmlSchemaFreeParserCtxt(parser);
	if (*out != NULL)
		arena_defer(c->arena, compiled_close, *out);
	return *out != NULL && c->first.n == 0;
}

/* The model of the XSD and of all that it includes. */
static bool
model_make(struct compilation *c, struct schema *s, struct err *err)
{
	s->model.arena = c->arena;
	for (size_t i = 0; i < c->texts; i++) {
		struct arena *scratch = arena_new();
		xmlDoc *doc = parse_xsd(scratch, c->text[i], NULL);
		if (doc != NULL)
			model_add(&s->model, xmlDocGetRootElement(doc));
		arena_free(scratch);
	}
	s->zone = model_elements(&s->model, c->arena, STR("zone"), &s->zones);
	return model_markup(&s->model, c->arena, &s->markup, &s->markups, err);
}

static bool
schema_open(struct compilation *c, struct schema *s, struct err *err)
{
	const char *name = arena_printf(c->arena, "schemas/%.*s.xsd", STR_ARG(s->vertical)).p;
	const char *path;
	struct str text;

	if (!catalog_read(c->arena, c->catalog, name, &text, &path, err))
		return false;
	(void)keep_text(c, name, text);
	if (!compile(c, name, &s->compiled))
		return err_set(err, ERR_SETUP, "%s: %.*s", path,
		    STR_ARG(c->first.n > 0 ? c->first : STR("not a usable schema")));
	if (!buf_ok(c->input, err) || !model_make(c, s, err))
		return err_in(err, "%s", path);
	s->digest = digest_of(buf_str(c->input));
	s->pool = ARENA_NEW(c->arena, struct pool);
	(void)pthread_mutex_init(&s->pool->lock, NULL);
	arena_defer(c->arena, pool_close, s->pool);
	return true;
}

static bool
schema_open_quietly(struct arena *a, const struct catalog *catalog, struct schema *s,
    struct err *err)
{
	struct compilation *c = ARENA_NEW(a, struct compilation);

	c->arena = a;
	c->catalog = catalog;
	c->input = buf_in(a, INPUT_MAX);
	compiling = c;
	xmlSetStructuredErrorFunc(c, complain); /* of this thread; else they go to stderr */
	bool ok = schema_open(c, s, err);
	xmlSetStructuredErrorFunc(NULL, NULL);
	compiling = NULL;
	return ok;
}

bool
schemas_open(struct arena *a, const struct catalog *catalog, struct schemas **out,
    struct err *err)
{
	struct schemas *all = ARENA_NEW(a, struct schemas);
	struct str *names;

	if (!catalog_verticals(a, catalog, &names, &all->n, err))
		return false;
	if (all->n == 0)
		return err_set(err, ERR_SETUP, "no schemas/<vertical>.xsd in any catalog folder");
	xmlInitParser();
	(void)xmlSchemaInitTypes();
	xmlSetExternalEntityLoader(load_from_catalog);
	all->schema = ARENA_ARRAY(a, struct schema, all->n);
	all->names = STR("");
	for (size_t i = 0; i < all->n; i++) {
		all->schema[i].vertical = names[i];
		if (!schema_open_quietly(a, catalog, &all->schema[i], err))
			return false;
		all->names = arena_printf(a, "%.*s%s%.*s", STR_ARG(all->names), i > 0 ? ", " : "",
		    STR_ARG(names[i]));
	}
	*out = all;
	return true;
}

const struct schema *
schemas_find(const struct schemas *all, struct str vertical)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->schema[i].vertical, vertical))
			return &all->schema[i];
	return NULL;
}

static bool
is_listed(const struct str *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], name))
			return true;
	return false;
}

bool
schema_is_markup(const struct schema *s, struct str element)
{
	return s != NULL && is_listed(s->markup, s->markups, element);
}

const struct model *
schema_model(const struct schema *s)
{
	return &s->model;
}

bool
schemas_is_markup(const struct schemas *all, struct str vertical, struct str element)
{
	return schema_is_markup(schemas_find(all, vertical), element);
}

const struct digest *
schemas_digest(const struct schemas *all, struct str vertical)
{
	const struct schema *s = schemas_find(all, vertical);

	return s != NULL ? &s->digest : NULL;
}

struct str
schemas_names(const struct schemas *all)
{
	return all->names;
}

static xmlSchemaValidCtxt *
pool_take(const struct schema *s)
{
	xmlSchemaValidCtxt *v = NULL;

	(void)pthread_mutex_lock(&s->pool->lock);
	if (s->pool->n > 0)
		v = s->pool->idle[--s->pool->n];
	(void)pthread_mutex_unlock(&s->pool->lock);
	if (v == NULL)
		v = xmlSchemaNewValidCtxt(s->compiled);
	if (v == NULL)
		abort(); /* out of memory */
	return v;
}

static void
pool_give(const struct schema *s, xmlSchemaValidCtxt *v)
{
	(void)pthread_mutex_lock(&s->pool->lock);
	bool kept = s->pool->n < IDLE_MAX;
	if (kept)
		s->pool->idle[s->pool->n++] = v;
	(void)pthread_mutex_unlock(&s->pool->lock);
	if (!kept)
		xmlSchemaFreeValidCtxt(v);
}

static bool
is_zone(struct str name)
{
	UChar id[64], canonical[64];
	int32_t n = 0;
	UBool is_known = false;
	UErrorCode code = U_ZERO_ERROR;
	u_strFromUTF8(id, LEN(id), &n, name.p, (int32_t)name.n, &code);
	(void)ucal_getCanonicalTimeZoneID(id, n, canonical, LEN(canonical), &is_known, &code);
	return U_SUCCESS(code) && is_known;
}

/* A pattern knows what a zone looks like; which ones there are, only ICU does. */
static void
judge_zones(const struct schema *s, struct complaints *j, const xmlNode *parent)
{
	for (const xmlNode *n = parent->children; n != NULL; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		judge_zones(s, j, n);
		if (n->children == NULL || n->children->type == XML_ELEMENT_NODE
		    || !is_listed(s->zone, s->zones, xml_name(n)))
			continue;
		const struct model_type *t = model_of(j->model, n);
		struct str name = xml_text(j->arena, n);
		if (t == NULL || !str_eq(t->name, STR("zone")) || is_zone(name))
			continue;
		j->said++;
		j->say(j->ctx, &(struct verdict){ n, arena_printf(j->arena,
		    "'%.*s' is no IANA time zone; there is, say, America/Los_Angeles", STR_ARG(name)),
		    "look the zone up in IANA's list" });
	}
}

bool
schema_judge(const struct schema *s, struct arena *a, xmlDoc *doc,
    void (*say)(void *ctx, const struct verdict *), void *ctx)
{
	struct complaints j = { .arena = a, .model = &s->model, .say = say, .ctx = ctx };
	xmlSchemaValidCtxt *v = pool_take(s);

	xmlSchemaSetValidStructuredErrors(v, complaint_hear, &j);
	int answer = xmlSchemaValidateDoc(v, doc);
	xmlSchemaSetValidStructuredErrors(v, NULL, NULL);
	pool_give(s, v);
	if (answer == 0)
		judge_zones(s, &j, xmlDocGetRootElement(doc));
	if (answer != 0 && j.said == 0)
		say(ctx, &(struct verdict){ xmlDocGetRootElement(doc),
		    STR("not valid by its schema"), "compare it with docs/documents.md" });
	return answer == 0 && j.said == 0;
}
