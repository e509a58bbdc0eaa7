#include "generator/document/complaint.h"

#include <libxml/xmlschemas.h>

#define QUOTE_MAX 80
#define MESSAGE_MAX 300
#define GUESS_MAX 40 /* longest name for which a likely one is looked up */

static const char see_docs[] = "compare it with docs/documents.md";

static void
say(struct complaints *j, const xmlNode *n, struct str text, const char *remedy)
{
	j->said++;
	j->say(j->ctx, &(struct verdict){ n, text, remedy });
}

static struct str
excerpt(struct arena *a, struct str s)
{
	return text_excerpt(a, s, QUOTE_MAX);
}

/* Hostile documents have thousands of faults; nobody reads them all. */
static bool
enough(const struct complaints *j)
{
	return j->said >= COMPLAINT_NODES;
}

static size_t
characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance of two names of at most GUESS_MAX bytes. */
static size_t
distance(struct str a, struct str b)
{
	size_t row[GUESS_MAX + 1];

	for (size_t k = 0; k <= b.n; k++)
		row[k] = k;
	for (size_t i = 1; i <= a.n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t k = 1; k <= b.n; k++) {
			size_t above = row[k];
			size_t swap = diagonal + (a.p[i - 1] != b.p[k - 1]);
			row[k] = least(swap, 1 + least(above, row[k - 1]));
			diagonal = above;
		}
	}
	return row[b.n];
}

/* The member whose name is most like `name`, empty if none is. */
static struct str
likely(const struct model_type *t, struct str name)
{
	struct str best = STR("");
	size_t least_steps = 1 + name.n / 3;

	for (size_t i = 0; name.n <= GUESS_MAX && i < t->members; i++) {
		struct str m = t->member[i].name;
		size_t steps = m.n <= GUESS_MAX ? distance(name, m) : least_steps + 1;
		if (steps <= least_steps) {
			least_steps = steps;
			best = m;
		}
	}
	return best;
}

static void
say_unknown(struct complaints *j, const xmlNode *n, const struct model_type *t)
{
	struct str name = excerpt(j->arena, xml_name(n)), meant = likely(t, xml_name(n));

	if (meant.n > 0)
		say(j, n, arena_printf(j->arena, "'%.*s' is not known here; '%.*s' is",
		    STR_ARG(name), STR_ARG(meant)), "correct the name");
	else
		say(j, n, arena_printf(j->arena, "'%.*s' is not known here; known are: %.*s",
		    STR_ARG(name), STR_ARG(model_names(j->model, j->arena, t))),
		    "remove it, or give it a known name");
}

static void
judge_object(struct complaints *j, const xmlNode *object, const struct model_type *t)
{
	for (const xmlNode *n = object->children; n != NULL && !enough(j); n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (model_member(j->model, t, xml_name(n)) == NULL)
			say_unknown(j, n, t);
		else if (xml_child(object, xml_name(n)) != n)
			say(j, n, arena_printf(j->arena, "'%s' is given twice",
			    (const char *)n->name), "keep one of them");
	}
	for (size_t i = 0; i < t->members; i++)
		if (t->member[i].required && xml_child(object, t->member[i].name) == NULL)
			say(j, object, arena_printf(j->arena, "'%.*s' is missing or empty",
			    STR_ARG(t->member[i].name)), "add it");
}

static void
judge_list(struct complaints *j, const xmlNode *list, const struct model_type *t)
{
	size_t items = 0;

	for (const xmlNode *n = list->children; n != NULL; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		items++;
		if (!str_eq(xml_name(n), STR("item"))) {
			say(j, n, arena_printf(j->arena,
			    "'%.*s' stands in a list, which holds only <item>",
			    STR_ARG(excerpt(j->arena, xml_name(n)))),
			    "make each entry an <item>; in JSON, make the list an array");
			return;
		}
	}
	if (t->member[0].max > 0 && items > t->member[0].max)
		say(j, list, arena_printf(j->arena, "%zu items, at most %u", items,
		    t->member[0].max), "leave some out");
	else
		say(j, list, STR("a list without an <item>"), "add one");
}

/* Behind so many that were right, what is wrong about one more is the number. */
#define MANY 50

static size_t
elements_before(const xmlNode *n)
{
	size_t before = 0;

	while ((n = n->prev) != NULL)
		before += n->type == XML_ELEMENT_NODE;
	return before;
}

/* `n` may not stand in `parent`, or `parent` lacks something. */
static void
judge_content(struct complaints *j, const xmlNode *parent, const xmlNode *n)
{
	const struct model_type *t = model_of(j->model, parent);
	size_t before = j->said;

	if (t != NULL && t->kind == TYPE_OBJECT)
		judge_object(j, parent, t);
	else if (t != NULL && t->kind == TYPE_LIST)
		judge_list(j, parent, t);
	if (j->said > before)
		return;
	struct str names = t != NULL ? model_names(j->model, j->arena, t) : STR("");
	if (n == NULL)
		say(j, parent, arena_printf(j->arena, "'%.*s' lacks content; it holds: %.*s",
		    STR_ARG(excerpt(j->arena, xml_name(parent))), STR_ARG(names)), see_docs);
	else if (elements_before(n) >= MANY)
		say(j, n, arena_printf(j->arena, "'%.*s' holds more than %zu elements",
		    STR_ARG(excerpt(j->arena, xml_name(parent))), elements_before(n)),
		    "leave some out, or make two documents");
	else
		say(j, n, arena_printf(j->arena, "'%.*s' may not stand here; '%.*s' holds: %.*s",
		    STR_ARG(excerpt(j->arena, xml_name(n))),
		    STR_ARG(excerpt(j->arena, xml_name(parent))), STR_ARG(names)), see_docs);
}

/* The attribute that a complaint is about, from libxml2's "Element 'p', attribute 'style': ";
 * names hold no quotes. Empty if it is about the element itself. */
static struct str
attribute_of(const struct complaints *j, XML_COMPLAINT *e, const xmlNode *n)
{
	struct str start = arena_printf(j->arena, "Element '%s', attribute '",
	    (const char *)n->name);
	struct str message = str_of(e->message), rest;

	if (!str_starts(message, start))
		return STR("");
	message.p += start.n;
	message.n -= start.n;
	return arena_copy(j->arena, str_cut(message, '\'', &rest));
}

static void
judge_attribute(struct complaints *j, const xmlNode *n, struct str name, int code)
{
	struct str quoted = excerpt(j->arena, name);

	if (code == XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1
	    || code == XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2) {
		say(j, n, arena_printf(j->arena, "the attribute '%.*s' is not allowed on '%s'",
		    STR_ARG(quoted), (const char *)n->name), "remove it");
		return;
	}
	xmlChar *z = xmlGetNoNsProp((xmlNode *)n, (const xmlChar *)name.p);
	struct str value = arena_copy(j->arena, str_of(z ? (const char *)z : ""));
	xmlFree(z);
	say(j, n, arena_printf(j->arena, "%.*s=\"%.*s\" is not allowed", STR_ARG(quoted),
	    STR_ARG(excerpt(j->arena, value))),
	    "links are absolute https addresses in ASCII; lang is a language tag; dir is ltr, "
	    "rtl or auto");
}

static void
judge_value(struct complaints *j, const xmlNode *n, XML_COMPLAINT *e)
{
	const struct model_type *t = model_of(j->model, n);
	struct str value = xml_text(j->arena, n), says = model_says(j->model, j->arena, t);

	if (t == NULL || t->kind != TYPE_SIMPLE || says.n == 0)
		say(j, n, text_excerpt(j->arena, str_trim(str_of(e->message)), MESSAGE_MAX), see_docs);
	else if (xmlFirstElementChild((xmlNode *)n) != NULL)
		say(j, n, arena_printf(j->arena, "holds elements, but must be %.*s", STR_ARG(says)),
		    "write plain text");
	else if (e->code == XML_SCHEMAV_CVC_MAXLENGTH_VALID)
		say(j, n, arena_printf(j->arena, "%zu characters, but must be %.*s",
		    characters(value), STR_ARG(says)), "shorten it");
	else
		say(j, n, arena_printf(j->arena, "'%.*s' is not %.*s",
		    STR_ARG(excerpt(j->arena, value)), STR_ARG(says)), "correct the value");
}

static bool
is_new(struct complaints *j, const xmlNode *n)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->seen[i] == n)
			return false;
	if (j->n < COMPLAINT_NODES)
		j->seen[j->n++] = n;
	return true;
}

void
complaint_hear(void *judge, XML_COMPLAINT *e)
{
	struct complaints *j = judge;
	const xmlNode *n = e->node;

	if (n != NULL && n->type == XML_ATTRIBUTE_NODE)
		n = n->parent;
	if (enough(j) || n == NULL)
		return;
	struct str attribute = attribute_of(j, e, n);
	if (e->code == XML_SCHEMAV_ELEMENT_CONTENT) {
		bool lacks = strstr(e->message, "Missing child") != NULL;
		const xmlNode *parent = lacks ? n : n->parent;
		if (is_new(j, parent))
			judge_content(j, parent, lacks ? NULL : n);
	} else if (!is_new(j, n)) {
		return;
	} else if (attribute.n > 0) {
		judge_attribute(j, n, attribute, e->code);
	} else if (e->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_4) {
		say(j, n, arena_printf(j->arena, "'%s' lacks a required attribute",
		    (const char *)n->name), "give <a> its href");
	} else if (e->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3) {
		say(j, n, arena_printf(j->arena, "'%s' holds text beside or instead of elements",
		    (const char *)n->name), "put the text into an element; in prose, into <p>");
	} else {
		judge_value(j, n, e);
	}
}
