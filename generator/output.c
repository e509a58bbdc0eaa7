#include "generator/output.h"

#include <stdio.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/json.h"

/* The first ending that fits wins. */
static const struct {
	const char *ending, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".atom", "application/atom+xml" },
	{ ".rss", "application/rss+xml" },
	{ ".xml", "application/xml" },
	{ ".svg", "image/svg+xml" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".png", "image/png" },
	{ ".webp", "image/webp" },
	{ ".jpg", "image/jpeg" },
	{ ".ico", "image/vnd.microsoft.icon" },
	{ ".woff2", "font/woff2" },
};

/* HTML's elements: those that end themselves, then those that must be closed. */
static const char *const void_elements[] = {
	"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
	"track", "wbr",
};
static const char *const elements[] = {
	"a", "abbr", "address", "article", "aside", "audio", "b", "bdi", "bdo", "blockquote",
	"body", "button", "caption", "cite", "code", "colgroup", "data", "datalist", "dd", "del",
	"details", "dfn", "dialog", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure",
	"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "html",
	"i", "ins", "kbd", "label", "legend", "li", "main", "map", "mark", "menu", "meter", "nav",
	"noscript", "ol", "optgroup", "option", "output", "p", "picture", "pre", "progress", "q",
	"rp", "rt", "ruby", "s", "samp", "script", "search", "section", "select", "slot", "small",
	"span", "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td",
	"template", "textarea", "tfoot", "th", "thead", "time", "title", "tr", "u", "ul", "var",
	"video",
};

struct str
output_type(struct str path)
{
	if (str_eq(path, STR("feed.json")))
		return STR("application/feed+json");
	for (size_t i = 0; i < LEN(types); i++)
		if (str_ends(path, str_of(types[i].ending)))
			return str_of(types[i].type);
	return STR("application/octet-stream");
}

static bool
is_one_of(const char *name, size_t n, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == n && memcmp(list[i], name, n) == 0)
			return true;
	return false;
}

static bool
check_doctype(struct str body, bool is_html, struct err *err)
{
	const char *at = memmem(body.p, body.n, "<!DOCTYPE", 9);
	if (at == NULL || (is_html && at == body.p && str_starts(body, STR("<!DOCTYPE html>"))))
		return true;
	return err_set(err, ERR_INPUT, "the only DOCTYPE is <!DOCTYPE html>, at the start of HTML");
}

/* The first complaint is the cause; later ones follow from it. */
struct complaint {
	int line;
	char text[200];
};

static void
complain(void *parser, xmlError *why)
{
	struct complaint *first = ((xmlParserCtxt *)parser)->_private;
	if (first->text[0] != '\0')
		return;
	struct str text = str_trim(str_of(why->message != NULL ? why->message : "not well-formed"));
	first->line = why->line;
	(void)snprintf(first->text, sizeof first->text, "%.*s", STR_ARG(text));
}

/* Well-formed, and then as `judge` wants its elements (NULL: any). */
static bool
check_xml(struct str body, bool (*judge)(const xmlNode *, struct err *), struct err *err)
{
	struct complaint first = { 0, "" };
	xmlParserCtxt *parser = xmlNewParserCtxt();
	if (parser == NULL)
		return err_set(err, ERR_SETUP, "libxml2 cannot make a parser");
	parser->_private = &first;
	parser->sax->serror = complain;
	xmlDoc *document = xmlCtxtReadMemory(parser, body.p, (int)body.n, NULL, "UTF-8",
	    XML_PARSE_NONET);
	bool ok = document != NULL && parser->wellFormed && parser->nsWellFormed
	    && first.text[0] == '\0';
	if (ok)
		ok = judge == NULL || judge(xmlDocGetRootElement(document), err);
	else
		(void)err_set(err, ERR_INPUT, "line %d of the output: %s", first.line, first.text);
	xmlFreeDoc(document);
	xmlFreeParserCtxt(parser);
	return ok;
}

/* Known elements only, each id once is the author's task. Depth is bounded by libxml2. */
static bool
check_elements(const xmlNode *node, struct err *err)
{
	for (; node != NULL; node = node->next) {
		const char *name = (const char *)node->name;
		if (node->type != XML_ELEMENT_NODE)
			continue;
		bool is_void = is_one_of(name, strlen(name), void_elements, LEN(void_elements));
		if (!is_void && !is_one_of(name, strlen(name), elements, LEN(elements)))
			return err_set(err, ERR_INPUT, "line %ld of the output: <%s> is no HTML element",
			    xmlGetLineNo(node), name);
		if (is_void && node->children != NULL)
			return err_set(err, ERR_INPUT, "line %ld of the output: <%s> cannot have content",
			    xmlGetLineNo(node), name);
		/* Inside <svg> XML's own rules hold. */
		if (strcmp(name, "svg") != 0 && !check_elements(node->children, err))
			return false;
	}
	return true;
}

static unsigned
line_of(struct str body, size_t at)
{
	unsigned line = 1;
	for (size_t i = 0; i < at; i++)
		line += body.p[i] == '\n';
	return line;
}

/* To a browser <div/> is an open tag: only void elements may close themselves, outside of
 * <svg>. The body is known to be well-formed XML, so tags are easily told. */
static bool
check_self_closing(struct str body, struct err *err)
{
	bool in_svg = false;
	char quote = '\0';
	size_t name = 0, name_n = 0;
	for (size_t i = 0; i < body.n; i++) {
		char c = body.p[i];
		struct str rest = { body.p + i, body.n - i };
		if (str_starts(rest, STR("<!--"))) {
			const char *end = memmem(rest.p, rest.n, "-->", 3);
			i += end != NULL ? (size_t)(end - rest.p) : 0;
		} else if (quote != '\0') {
			if (c == quote)
				quote = '\0';
		} else if (name_n > 0 && (c == '"' || c == '\'')) {
			quote = c;
		} else if (c == '<') {
			in_svg = str_starts(rest, STR("<svg")) || (in_svg && !str_starts(rest, STR("</svg")));
			for (name = i + 1, name_n = 0; name + name_n < body.n; name_n++)
				if (strchr(" \t\r\n/>", body.p[name + name_n]) != NULL)
					break;
		} else if (c == '>' && name_n > 0) {
			if (body.p[i - 1] == '/' && !in_svg
			    && !is_one_of(body.p + name, name_n, void_elements, LEN(void_elements)))
				return err_set(err, ERR_INPUT,
				    "line %u of the output: write <%.*s></%.*s>: only void elements "
				    "may end in />", line_of(body, i), (int)name_n, body.p + name,
				    (int)name_n, body.p + name);
			name_n = 0;
		}
	}
	return true;
}

bool
output_check(struct arena *a, struct str path, struct str body, struct err *err)
{
	struct str type = output_type(path);
	json_t *json;
	if (str_starts(type, STR("text/html")))
		return check_doctype(body, true, err) && check_xml(body, check_elements, err)
		    && check_self_closing(body, err);
	if (str_ends(type, STR("xml")))
		return check_doctype(body, false, err) && check_xml(body, NULL, err);
	if (str_ends(type, STR("json")))
		return json_parse(a, body, &json, err);
	return str_is_utf8(body) || err_set(err, ERR_INPUT, "the output is not UTF-8");
}
