#include "generator/document/xmlread.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "generator/document/document.h"

#define PATH_NAME_MAX 64
#define MESSAGE_MAX 300

struct scan {
	struct arena *arena;
	struct str s;
	size_t at;
	unsigned line;
	int depth;
	unsigned elements;
	struct fault *fault;
};

static bool
refuse(struct scan *c, const char *remedy, struct str text)
{
	c->fault->line = c->line;
	c->fault->text = text;
	c->fault->remedy = remedy;
	return false;
}

static bool
looking_at(const struct scan *c, const char *what)
{
	return str_starts((struct str){ c->s.p + c->at, c->s.n - c->at }, str_of(what));
}

/* Go behind the next `end`, or to the end of the bytes: libxml2 then says what is missing. */
static void
skip_past(struct scan *c, const char *end)
{
	for (; c->at < c->s.n; c->at++) {
		if (c->s.p[c->at] == end[0] && looking_at(c, end)) {
			c->at += strlen(end);
			return;
		}
		c->line += c->s.p[c->at] == '\n';
	}
}

/* At "<name": go behind its ">", mind quotes. */
static bool
scan_start_tag(struct scan *c)
{
	size_t from = c->at;
	unsigned attributes = 0;
	char quote = '\0';

	if (++c->elements > DOCUMENT_ELEMENTS)
		return refuse(c, "split the document",
		    arena_printf(c->arena, "more than %d elements", DOCUMENT_ELEMENTS));
	for (; c->at < c->s.n; c->at++) {
		char ch = c->s.p[c->at];
		c->line += ch == '\n';
		if (c->at - from > XML_TAG_MAX || attributes > XML_ATTRIBUTES_MAX)
			return refuse(c, "documents have almost no attributes",
			    arena_printf(c->arena, "a start tag with more than %d bytes or %d attributes",
				XML_TAG_MAX, XML_ATTRIBUTES_MAX));
		if (quote != '\0')
			quote = ch == quote ? '\0' : quote;
		else if (ch == '"' || ch == '\'')
			quote = ch;
		else if (ch == '=')
			attributes++;
		else if (ch == '>')
			break;
	}
	if (c->at < c->s.n && c->s.p[c->at - 1] != '/')
		c->depth++;
	if (c->depth > DOCUMENT_DEPTH)
		return refuse(c, "flatten the document",
		    arena_printf(c->arena, "elements nested deeper than %d", DOCUMENT_DEPTH));
	return true;
}

/* The declaration may name no other encoding than the one the bytes are in. */
static bool
scan_declaration(struct scan *c)
{
	size_t from = c->at;

	skip_past(c, "?>");
	struct str d = { c->s.p + from, c->at - from };
	for (size_t i = 0; i + 8 < d.n; i++) {
		if (memcmp(d.p + i, "encoding", 8) != 0)
			continue;
		while (i < d.n && d.p[i] != '"' && d.p[i] != '\'')
			i++;
		if (d.n - i >= 7 && strncasecmp(d.p + i + 1, "utf-8", 5) == 0)
			return true;
		return refuse(c, "write the document in UTF-8", STR("another encoding than UTF-8"));
	}
	return true;
}

static bool
scan_tag(struct scan *c)
{
	char next = c->at + 1 < c->s.n ? c->s.p[c->at + 1] : '\0';

	if (next != '!' && next != '?' && next != '/')
		return scan_start_tag(c);
	if (looking_at(c, "<!--"))
		return skip_past(c, "-->"), true;
	if (looking_at(c, "<![CDATA["))
		return skip_past(c, "]]>"), true;
	if (looking_at(c, "<!"))
		return refuse(c, "remove the DOCTYPE", STR("a DOCTYPE or other declaration"));
	if (looking_at(c, "<?xml ") && c->at == 0)
		return scan_declaration(c);
	if (looking_at(c, "<?"))
		return refuse(c, "remove it", STR("a processing instruction"));
	c->depth -= c->depth > 0;
	return skip_past(c, ">"), true;
}

static bool
scan_bytes(struct scan *c, size_t max)
{
	if (c->s.n > max)
		return refuse(c, "split the document",
		    arena_printf(c->arena, "%zu bytes, at most %zu", c->s.n, max));
	if (looking_at(c, "\x1f\x8b"))
		return refuse(c, "decompress the file", STR("a gzip file"));
	if (!str_is_utf8(c->s))
		return refuse(c, "write the document in UTF-8", STR("not well-formed UTF-8, or a NUL"));
	while (c->at < c->s.n) {
		if (c->s.p[c->at] == '<') {
			if (!scan_tag(c))
				return false;
			continue;
		}
		c->line += c->s.p[c->at++] == '\n';
	}
	return true;
}

/* libxml2's first complaint is the useful one; later ones follow from it. */
struct complaint {
	struct arena *arena;
	struct fault *fault;
	bool any;
};

static void
complain(void *parser, XML_COMPLAINT *e)
{
	struct complaint *c = ((xmlParserCtxt *)parser)->_private;
	const char *hint = "correct the XML; & is written &amp; and < is written &lt;";

	if (c->any)
		return;
	c->any = true;
	if (e->code == XML_ERR_UNDECLARED_ENTITY || e->code == XML_WAR_UNDECLARED_ENTITY)
		hint = "write the character itself: only amp, lt, gt, quot and apos are known";
	c->fault->line = e->line > 0 ? (unsigned)e->line : 1;
	c->fault->text = text_excerpt(c->arena, arena_printf(c->arena, "not well-formed XML: %.*s",
	    STR_ARG(str_trim(str_of(e->message)))), MESSAGE_MAX);
	c->fault->remedy = hint;
}

/* Second wall behind the scan: no DTD is ever built. */
static void
stop_at_doctype(void *parser, const xmlChar *name, const xmlChar *id, const xmlChar *where)
{
	(void)name, (void)id, (void)where;
	xmlStopParser(parser);
}

static void
doc_close(void *doc)
{
	xmlFreeDoc(doc);
}

static bool
parse(struct arena *a, struct str bytes, xmlDoc **out, struct fault *fault)
{
	struct complaint said = { a, fault, false };
	xmlParserCtxt *parser = xmlCreateMemoryParserCtxt(bytes.p, (int)bytes.n);

	if (parser == NULL)
		abort(); /* out of memory */
	parser->_private = &said;
	parser->sax->serror = complain;
	parser->sax->internalSubset = stop_at_doctype;
	(void)xmlCtxtUseOptions(parser, XML_PARSE_NONET);
	bool ok = xmlParseDocument(parser) == 0 && parser->wellFormed && parser->nsWellFormed
	    && !said.any && parser->errNo == XML_ERR_OK;
	xmlDoc *doc = parser->myDoc; /* up to the fault, if there is one */
	parser->myDoc = NULL;
	xmlFreeParserCtxt(parser);
	if (doc != NULL)
		arena_defer(a, doc_close, doc);
	*out = doc;
	if (!ok && !said.any)
		*fault = (struct fault){ 1, STR(""), STR("not well-formed XML"), "correct the XML" };
	return ok;
}

unsigned
text_forbidden(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i];
		if (c >= 0x20 && c < 0x7f)
			continue;
		unsigned c2 = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
		unsigned c3 = i + 2 < s.n ? (unsigned char)s.p[i + 2] : 0;
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
			return c != 0 ? c : 0xfffd;
		if (c == 0xc2 && c2 < 0xa0)
			return c2;
		if (c == 0xe2 && c2 == 0x80 && c3 >= 0xaa && c3 <= 0xae)
			return 0x2000 + (c3 - 0x80);
		if (c == 0xe2 && c2 == 0x81 && c3 >= 0xa6 && c3 <= 0xa9)
			return 0x2040 + (c3 - 0x80);
		if (c == 0xef && c2 == 0xbf && c3 >= 0xbe)
			return 0xffc0 + (c3 - 0x80);
	}
	return 0;
}

static bool
node_refuse(struct arena *a, const xmlNode *n, struct fault *fault, struct str text,
    const char *remedy)
{
	*fault = (struct fault){ (unsigned)xmlGetLineNo(n), xml_path(a, n), text, remedy };
	return false;
}

static bool
text_check(struct arena *a, const xmlNode *at, const xmlChar *content, struct fault *fault)
{
	unsigned c = text_forbidden(str_of((const char *)content));

	return c == 0
	    || node_refuse(a, at, fault,
	        arena_printf(a, "the character U+%04X, which is invisible or turns text around", c),
	        "remove the character; direction is set with <span dir=\"rtl\">");
}

static bool
element_check(struct arena *a, const xmlNode *n, struct fault *fault)
{
	const char *remedy = "remove namespaces and prefixed attributes";

	if (n->ns != NULL || n->nsDef != NULL)
		return node_refuse(a, n, fault, STR("a namespace"), remedy);
	for (const xmlAttr *at = n->properties; at != NULL; at = at->next) {
		if (at->ns != NULL)
			return node_refuse(a, n, fault,
			    text_excerpt(a, arena_printf(a, "the attribute %s:%s",
				(const char *)at->ns->prefix, (const char *)at->name),
				MESSAGE_MAX), remedy);
		for (const xmlNode *t = at->children; t != NULL; t = t->next)
			if (t->type != XML_TEXT_NODE || !text_check(a, n, t->content, fault))
				return t->type == XML_TEXT_NODE ? false
				    : node_refuse(a, n, fault, STR("an entity"), "write it out");
	}
	return true;
}

/* Check the tree below `parent` and drop its comments. Depth is bounded by the scan. */
static bool
tree_check(struct arena *a, xmlNode *parent, struct fault *fault)
{
	for (xmlNode *n = parent->children, *next; n != NULL; n = next) {
		next = n->next;
		switch (n->type) {
		case XML_ELEMENT_NODE:
			if (!element_check(a, n, fault) || !tree_check(a, n, fault))
				return false;
			break;
		case XML_TEXT_NODE:
		case XML_CDATA_SECTION_NODE:
			if (!text_check(a, parent, n->content, fault))
				return false;
			break;
		case XML_COMMENT_NODE:
			xmlUnlinkNode(n);
			xmlFreeNode(n);
			break;
		default:
			return node_refuse(a, parent, fault,
			    STR("something that is neither an element nor text"), "remove it");
		}
	}
	return true;
}

bool
xml_read_made(struct arena *a, struct str bytes, size_t max, xmlDoc **out, struct fault *fault)
{
	struct scan c = { .arena = a, .s = bytes, .line = 1, .fault = fault };

	*out = NULL;
	*fault = (struct fault){ 0 };
	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		c.s = (struct str){ bytes.p + 3, bytes.n - 3 };
	if (c.s.n == 0)
		return refuse(&c, "write a document", STR("no bytes at all"));
	return scan_bytes(&c, max) && parse(a, c.s, out, fault)
	    && element_check(a, xmlDocGetRootElement(*out), fault)
	    && tree_check(a, xmlDocGetRootElement(*out), fault);
}

bool
xml_read(struct arena *a, struct str bytes, xmlDoc **out, struct fault *fault)
{
	return xml_read_made(a, bytes, DOCUMENT_MAX, out, fault);
}

struct str
xml_name(const xmlNode *n)
{
	return str_of((const char *)n->name);
}

xmlNode *
xml_child(const xmlNode *parent, struct str name)
{
	for (xmlNode *n = xmlFirstElementChild((xmlNode *)parent); n != NULL;
	     n = xmlNextElementSibling(n))
		if (str_eq(xml_name(n), name))
			return n;
	return NULL;
}

/* "[2]" if there are several of that name beside each other; always for an item. */
static struct str
position(struct arena *a, const xmlNode *n)
{
	size_t before = 0, after = 0;

	for (const xmlNode *s = n->prev; s != NULL; s = s->prev)
		before += s->type == XML_ELEMENT_NODE && xmlStrEqual(s->name, n->name);
	for (const xmlNode *s = n->next; s != NULL && after == 0; s = s->next)
		after += s->type == XML_ELEMENT_NODE && xmlStrEqual(s->name, n->name);
	if (before + after == 0 && !str_eq(xml_name(n), STR("item")))
		return STR("");
	return arena_printf(a, "[%zu]", before + 1);
}

struct str
xml_path(struct arena *a, const xmlNode *n)
{
	struct str path = STR("");

	for (; n != NULL && n->parent != NULL && n->parent->type == XML_ELEMENT_NODE;
	     n = n->parent) {
		struct str at = position(a, n), name = text_excerpt(a, xml_name(n), PATH_NAME_MAX);
		path = arena_printf(a, "%.*s%.*s%s%.*s", STR_ARG(name), STR_ARG(at),
		    path.n > 0 ? "/" : "", STR_ARG(path));
	}
	return path;
}

struct str
text_collapse(struct arena *a, struct str s)
{
	char *p = ARENA_ARRAY(a, char, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool blank = s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r';
		if (!blank)
			p[n++] = s.p[i];
		else if (n > 0 && p[n - 1] != ' ')
			p[n++] = ' ';
	}
	n -= n > 0 && p[n - 1] == ' ';
	return (struct str){ p, n };
}

struct str
text_excerpt(struct arena *a, struct str s, size_t max)
{
	size_t n = max;

	if (s.n <= max)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return arena_printf(a, "%.*s…", (int)n, s.p);
}

struct str
xml_text(struct arena *a, const xmlNode *n)
{
	/* Nearly all elements hold one text, or nothing. */
	if (n != NULL && n->type == XML_ELEMENT_NODE && n->children == NULL)
		return STR("");
	if (n != NULL && n->type == XML_ELEMENT_NODE && n->children->next == NULL
	    && n->children->type == XML_TEXT_NODE)
		return text_collapse(a, str_of((const char *)n->children->content));
	xmlChar *z = xmlNodeGetContent(n);
	struct str text = text_collapse(a, str_of((const char *)z));

	xmlFree(z);
	return text;
}
