#include "generator/document/document.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"
#include "generator/document/canonical.h"
#include "generator/document/jsonread.h"
#include "generator/document/markup.h"
#include "generator/document/xmlread.h"

#define QUOTE_MAX 100

/* One call of document_read. */
struct reading {
	struct arena *keep;    /* the caller's */
	struct arena *scratch; /* gone when document_read returns */
	const struct schemas *schemas;
	const struct schema *schema;
	const struct raw *raw;
	struct document *out;
	struct findings *findings;
	xmlDoc *doc;
};

static bool
report(struct reading *r, unsigned line, struct str element, struct str text,
    const char *remedy)
{
	findings_add(r->findings, (struct finding){
		.gate = "schema",
		.severity = SEVERITY_REJECT,
		.where = r->out->raw.where,
		.line = line > 0 ? r->raw->line + line - 1 : r->raw->line,
		.element = arena_copy(r->keep, element),
		.text = arena_copy(r->keep, text),
		.remedy = remedy,
	});
	return false;
}

static bool
report_fault(struct reading *r, const struct fault *f)
{
	return report(r, f->line, f->element, f->text, f->remedy);
}

static bool
report_node(struct reading *r, const xmlNode *n, struct str text, const char *remedy)
{
	return report(r, n != NULL ? (unsigned)xmlGetLineNo(n) : 0, xml_path(r->scratch, n), text,
	    remedy);
}

static void
keep_name(struct reading *r, struct str name, size_t max, struct str *out)
{
	if (name_is_safe(name, max))
		*out = arena_copy(r->keep, name);
}

/* Whatever a tree, perhaps an unfinished one, tells of the document's identity. */
static void
identity_of_tree(struct reading *r, xmlDoc *doc)
{
	const xmlNode *root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;

	if (root == NULL)
		return;
	keep_name(r, xml_text(r->scratch, xml_child(root, STR("vertical"))), VERTICAL_MAX,
	    &r->out->vertical);
	keep_name(r, xml_text(r->scratch, xml_child(root, STR("locale"))), LOCALE_MAX,
	    &r->out->locale);
	keep_name(r, xml_text(r->scratch, xml_child(root, STR("id"))), ID_MAX, &r->out->id);
}

static void
identity_of_json(struct reading *r, const json_t *j)
{
	struct str s;
	struct err err;

	if (field_text_opt(j, "vertical", &s, &err))
		keep_name(r, str_trim(s), VERTICAL_MAX, &r->out->vertical);
	if (field_text_opt(j, "locale", &s, &err))
		keep_name(r, str_trim(s), LOCALE_MAX, &r->out->locale);
	if (field_text_opt(j, "id", &s, &err))
		keep_name(r, str_trim(s), ID_MAX, &r->out->id);
}

static bool
find_schema(struct reading *r, const xmlNode *at)
{
	r->schema = schemas_find(r->schemas, r->out->vertical);
	if (r->schema != NULL)
		return true;
	if (r->out->vertical.n == 0)
		return report(r, at != NULL ? (unsigned)xmlGetLineNo(at) : 0, STR("vertical"),
		    STR("'vertical' is missing, or not the name of one"),
		    "say which vertical the document belongs to");
	return report(r, at != NULL ? (unsigned)xmlGetLineNo(at) : 0, STR("vertical"),
	    arena_printf(r->scratch, "there is no vertical '%.*s'; there are: %.*s",
		STR_ARG(r->out->vertical), STR_ARG(schemas_names(r->schemas))),
	    "correct the vertical, or add its schema");
}

static bool
read_xml(struct reading *r)
{
	struct fault fault;
	bool ok = xml_read(r->scratch, r->raw->bytes, &r->doc, &fault);

	identity_of_tree(r, r->doc);
	if (!ok)
		return report_fault(r, &fault);
	const xmlNode *root = xmlDocGetRootElement(r->doc);
	if (!str_eq(xml_name(root), STR("document")))
		return report_node(r, root, arena_printf(r->scratch,
		    "the outermost element must be 'document', not '%.*s'",
		    STR_ARG(text_excerpt(r->scratch, xml_name(root), QUOTE_MAX))),
		    "put everything into <document>");
	return find_schema(r, xml_child(root, STR("vertical")));
}

/* The line that json_parse names at the beginning of its error; 1 if it names none. */
static unsigned
json_line(const struct err *err)
{
	struct str s = str_of(err->text), prefix = STR("JSON line "), rest;
	uint64_t line;

	if (!str_starts(s, prefix))
		return 1;
	s.p += prefix.n;
	s.n -= prefix.n;
	return str_to_u64(str_cut(s, ' ', &rest), &line) ? (unsigned)line : 1;
}

/* The bytes as JSON, or a finding. */
static bool
parse_json(struct reading *r, struct str bytes, json_t **out)
{
	struct err err;

	if (bytes.n > DOCUMENT_MAX)
		return report(r, 0, STR(""), arena_printf(r->scratch, "%zu bytes, at most %d",
		    bytes.n, DOCUMENT_MAX), "split the document");
	if (str_starts(bytes, STR("\x1f\x8b")))
		return report(r, 0, STR(""), STR("a gzip file"), "decompress the file");
	if (!str_is_utf8(bytes))
		return report(r, 0, STR(""), STR("not well-formed UTF-8, or a NUL"),
		    "write the document in UTF-8");
	if (json_parse(r->scratch, bytes, out, &err))
		return json_is_object(*out)
		    || report(r, 0, STR(""), STR("a JSON document must be an object"),
		        "write { \"vertical\": ..., \"id\": ..., ... }");
	return report(r, json_line(&err), STR(""), arena_printf(r->scratch, "not valid: %s", err.text),
	    "correct the JSON");
}

static bool
read_json(struct reading *r)
{
	struct str bytes = r->raw->bytes, xml;
	struct fault fault;
	json_t *value;

	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		bytes = (struct str){ bytes.p + 3, bytes.n - 3 };
	if (!parse_json(r, bytes, &value))
		return false;
	identity_of_json(r, value);
	if (!find_schema(r, NULL))
		return false;
	if (!json_to_xml(r->scratch, bytes, r->schema, &xml, &fault)
	    || !xml_read_made(r->scratch, xml, JSON_AS_XML_MAX, &r->doc, &fault))
		return report_fault(r, &fault);
	identity_of_tree(r, r->doc);
	return true;
}

static bool
is_blank(const xmlNode *n)
{
	if (n->properties != NULL)
		return false;
	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type == XML_ELEMENT_NODE)
			return false;
		/* XML knows four blanks, as text_collapse does. */
		if (c->content != NULL && c->content[strspn((const char *)c->content, " \t\n\r")] != '\0')
			return false;
	}
	return true;
}

/* Take out what has no content: it counts as absent. Items stay, to be refused. */
static void
prune(const struct reading *r, xmlNode *parent)
{
	for (xmlNode *n = xmlFirstElementChild(parent), *next; n != NULL; n = next) {
		next = xmlNextElementSibling(n);
		if (!schema_is_markup(r->schema, xml_name(n)))
			prune(r, n);
		if (str_eq(xml_name(n), STR("item")) || !is_blank(n))
			continue;
		xmlUnlinkNode(n);
		xmlFreeNode(n);
	}
}

static void
hear(void *ctx, const struct verdict *v)
{
	(void)report_node(ctx, v->node, v->text, v->remedy);
}

static int
by_name(const void *a, const void *b)
{
	return str_cmp(xml_name(*(xmlNode *const *)a), xml_name(*(xmlNode *const *)b));
}

/* The child elements, sorted by name unless they are the items of a list. */
static xmlNode **
members(struct reading *r, const xmlNode *parent, size_t *n, bool *list)
{
	xmlNode **all = NULL;
	size_t room = 0;

	*n = 0;
	*list = true;
	for (xmlNode *c = xmlFirstElementChild((xmlNode *)parent); c != NULL;
	     c = xmlNextElementSibling(c)) {
		ARENA_GROW(r->scratch, all, *n, room);
		all[(*n)++] = c;
		*list = *list && str_eq(xml_name(c), STR("item"));
	}
	if (!*list)
		qsort(all, *n, sizeof *all, by_name); /* names are unique: the schema saw to it */
	return all;
}

static struct node *
add_markup(struct reading *r, struct node *parent, struct str name, const xmlNode *x)
{
	struct buf *b = buf_in(r->scratch, JSON_AS_XML_MAX);

	markup_put(b, x);
	return node_add(r->keep, parent, NODE_MARKUP, name, arena_copy(r->keep, buf_str(b)));
}

static struct node *
add_tree(struct reading *r, struct node *parent, struct str name, const xmlNode *x)
{
	struct node *n;
	size_t count;
	bool list;
	xmlNode **child = members(r, x, &count, &list);

	if (schema_is_markup(r->schema, xml_name(x))) {
		n = add_markup(r, parent, name, x);
	} else if (count == 0) {
		struct str text = xml_text(r->scratch, x);
		n = node_add(r->keep, parent, scalar_kind(text), name,
		    arena_copy(r->keep, text));
	} else {
		n = node_add(r->keep, parent, list ? NODE_LIST : NODE_OBJECT, name, STR(""));
		for (size_t i = 0; i < count; i++)
			(void)add_tree(r, n,
			    list ? STR("") : arena_copy(r->keep, xml_name(child[i])), child[i]);
	}
	n->line = r->raw->line - 1 + (unsigned)xmlGetLineNo(x);
	return n;
}

static bool
make_canonical(struct reading *r)
{
	struct buf *b = buf_in(r->scratch, DOCUMENT_MAX);
	struct err err;

	canonical_put(b, r->out->root, STR("document"));
	buf_putc(b, '\n');
	if (!buf_ok(b, &err))
		return report(r, 0, STR(""), arena_printf(r->scratch,
		    "more than %d bytes in the form in which it is stored", DOCUMENT_MAX),
		    "split the document");
	r->out->canonical = arena_copy(r->keep, buf_str(b));
	r->out->digest = digest_of(r->out->canonical);
	return true;
}

static bool
check_name(struct reading *r, const char *member, size_t max, struct str *out)
{
	const struct node *n = node_get(r->out->root, str_of(member));

	*out = n->text;
	/* index.html and index.json are the bundle's own. */
	if (name_is_safe(n->text, max) && !str_eq(n->text, STR("index")))
		return true;
	*out = STR("");
	return report(r, n->line - r->raw->line + 1, str_of(member),
	    arena_printf(r->scratch, "'%.*s' cannot become part of an address",
		STR_ARG(n->text)),
	    "use lower-case letters and digits with single hyphens between them, not 'index'");
}

/* The regions XA and XB are those of CLDR's pseudo-locales, which are for testing layouts. */
static bool
check_real(struct reading *r)
{
	const struct node *n = node_get(r->out->root, STR("locale"));

	return (!str_ends(n->text, STR("-xa")) && !str_ends(n->text, STR("-xb")))
	    || report(r, n->line - r->raw->line + 1, STR("locale"),
	        arena_printf(r->scratch, "'%.*s' is a locale for testing layouts", STR_ARG(n->text)),
	        "name the readers' own; 'edgepress render --pseudo' shows pages in this one");
}

static bool
check_instant(struct reading *r, const char *member, int64_t *out)
{
	const struct node *n = node_get(r->out->root, str_of(member));
	struct err err;

	return time_parse(n->text, out, &err)
	    || report(r, n->line - r->raw->line + 1, str_of(member), str_of(err.text),
	        "write UTC as 2026-11-20T18:00:00Z");
}

/* Wherever an object has start and end, they are in that order. Both have the same form, so
 * the order of their bytes is the order of time. */
static bool
check_spans(struct reading *r, const struct node *n, struct str path)
{
	struct str start = node_text_at(n, "start"), end = node_text_at(n, "end");
	bool ok = true;
	size_t i = 0;

	if (start.n > 0 && end.n == start.n && str_cmp(end, start) < 0)
		ok = report(r, n->line - r->raw->line + 1, path,
		    arena_printf(r->scratch, "ends %.*s, before it starts %.*s", STR_ARG(end),
			STR_ARG(start)), "correct start or end");
	for (const struct node *c = n->first; c != NULL; c = c->next) {
		const char *slash = path.n > 0 ? "/" : "";
		if (c->first == NULL)
			continue;
		struct str below = n->kind == NODE_LIST
		    ? arena_printf(r->scratch, "%.*s%sitem[%zu]", STR_ARG(path), slash, i + 1)
		    : arena_printf(r->scratch, "%.*s%s%.*s", STR_ARG(path), slash,
		          STR_ARG(c->name));
		i++;
		ok = check_spans(r, c, below) && ok;
	}
	return ok;
}

/* What XSD cannot say. All of it is checked, so that an author sees everything at once. */
static bool
check_sense(struct reading *r)
{
	struct document *d = r->out;
	bool ok = check_name(r, "vertical", VERTICAL_MAX, &d->vertical);

	ok = check_name(r, "locale", LOCALE_MAX, &d->locale) && ok;
	ok = check_real(r) && ok;
	ok = check_name(r, "id", ID_MAX, &d->id) && ok;
	ok = check_instant(r, "updated", &d->updated) && ok;
	ok = check_instant(r, "expires", &d->expires) && ok;
	if (ok && d->expires <= d->updated)
		ok = report(r, node_get(d->root, STR("expires"))->line - r->raw->line + 1,
		    STR("expires"), STR("'expires' is not later than 'updated'"),
		    "set expires to when the content stops being true");
	d->title = node_get(d->root, STR("title"))->text;
	return check_spans(r, d->root, STR("")) && ok;
}

static bool
read_document(struct reading *r)
{
	if (!(r->raw->form == FORM_JSON ? read_json(r) : read_xml(r)))
		return false;
	xmlNode *root = xmlDocGetRootElement(r->doc);
	prune(r, root);
	if (!schema_judge(r->schema, r->scratch, r->doc, hear, r))
		return false;
	r->out->root = add_tree(r, NULL, STR(""), root);
	return check_sense(r) && make_canonical(r);
}

bool
document_read(struct arena *a, const struct schemas *schemas, const struct raw *raw,
    struct document *out, struct findings *findings)
{
	struct reading r = {
		.keep = a,
		.scratch = arena_new(),
		.schemas = schemas,
		.raw = raw,
		.out = out,
		.findings = findings,
	};

	*out = (struct document){ .raw = *raw };
	out->raw.where = arena_copy(a, raw->where);
	out->raw.path = arena_copy(a, raw->path);
	bool ok = read_document(&r);
	arena_free(r.scratch);
	return ok;
}
