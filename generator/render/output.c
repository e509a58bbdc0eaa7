#include "generator/render/output.h"

#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/json.h"
#include "generator/render/sound.h"

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

/* The lists are in byte order. */
static bool
is_one_of(const char *name, size_t n, const char *const *list, size_t count)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strncmp(name, list[mid], n);
		if (order == 0 && list[mid][n] == '\0')
			return true;
		if (order > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static enum sound_element
kind_of(struct str name)
{
	if (str_eq(name, STR("svg")))
		return SOUND_FOREIGN;
	if (is_one_of(name.p, name.n, void_elements, LEN(void_elements)))
		return SOUND_VOID;
	return is_one_of(name.p, name.n, elements, LEN(elements)) ? SOUND_NORMAL : SOUND_UNKNOWN;
}

static bool
check_doctype(struct str body, bool is_html, struct err *err)
{
	const char *at = memmem(body.p, body.n, "<!DOCTYPE", 9);
	if (at == NULL || (is_html && at == body.p && str_starts(body, STR("<!DOCTYPE html>"))))
		return true;
	return err_set(err, ERR_SETUP, "the only DOCTYPE is <!DOCTYPE html>, at the start of HTML");
}

/* Nobody sees the output while it fails: the line itself says more than its number. At most 60
 * bytes of it, at the end of a character. */
static struct str
line_text(struct str body, long line)
{
	struct str rest = body;
	for (; line > 1 && rest.n > 0; line--)
		(void)str_cut(rest, '\n', &rest);
	struct str text = str_trim(str_cut(rest, '\n', &rest));
	if (text.n > 60)
		for (text.n = 60; text.n > 0 && ((unsigned char)text.p[text.n] & 0xc0) == 0x80;)
			text.n--;
	return text;
}

static bool
wrong_line(struct str body, long line, const char *what, struct err *err)
{
	struct str text = line_text(body, line);
	return err_set(err, ERR_SETUP, "line %ld of the output, `%.*s`: %s", line, STR_ARG(text), what);
}

/* What libxml2 says, and what to do about the two mistakes that HTML would have allowed. */
static bool
wrong_xml(struct str body, int line, const char *said, struct err *err)
{
	static const char mismatch[] = "Opening and ending tag mismatch: ";
	char what[400];
	if (strncmp(said, mismatch, sizeof mismatch - 1) == 0) {
		/* "p line 71 and article": where it was opened is where to look. */
		const char *name = said + sizeof mismatch - 1;
		int n = (int)strcspn(name, " ");
		long opened = strncmp(name + n, " line ", 6) == 0 ? strtol(name + n + 6, NULL, 10) : line;
		const char *other = strstr(name, " and ");
		if (is_one_of(name, (size_t)n, void_elements, LEN(void_elements)))
			(void)snprintf(what, sizeof what, "<%.*s> is not closed; write <%.*s/>", n, name,
			    n, name);
		else
			(void)snprintf(what, sizeof what, "<%.*s> is not closed before </%s>; see to both", n,
			    name, other != NULL ? other + 5 : "");
		return wrong_line(body, opened, what, err);
	} else if (strncmp(said, "Entity '", 8) == 0) {
		(void)snprintf(what, sizeof what, "%s; write the character itself, or its number as in "
		    "&#160;", said);
		return wrong_line(body, line, what, err);
	}
	return wrong_line(body, line, said, err);
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

/* Where nobody asks for the elements no tree is built: that of a long sitemap is many times as
 * large as the file. */
static void
build_nothing(xmlSAXHandler *sax)
{
	sax->startElementNs = NULL;
	sax->endElementNs = NULL;
	sax->characters = sax->ignorableWhitespace = sax->cdataBlock = NULL;
	sax->comment = NULL;
	sax->processingInstruction = NULL;
	sax->reference = NULL;
}

/* Well-formed, and then as `judge` wants its elements (NULL: any). */
static bool
check_xml(struct str body, bool (*judge)(struct str, const xmlNode *, struct err *),
    struct err *err)
{
	struct complaint first = { 0, "" };
	xmlParserCtxt *parser = xmlNewParserCtxt();
	if (parser == NULL)
		return err_set(err, ERR_SETUP, "libxml2 cannot make a parser");
	parser->_private = &first;
	parser->sax->serror = complain;
	if (judge == NULL)
		build_nothing(parser->sax);
	xmlDoc *document = xmlCtxtReadMemory(parser, body.p, (int)body.n, NULL, "UTF-8",
	    XML_PARSE_NONET);
	bool ok = document != NULL && parser->wellFormed && parser->nsWellFormed
	    && first.text[0] == '\0';
	if (ok)
		ok = judge == NULL || judge(body, xmlDocGetRootElement(document), err);
	else
		(void)wrong_xml(body, first.line, first.text, err);
	xmlFreeDoc(document);
	xmlFreeParserCtxt(parser);
	return ok;
}

static bool
wrong_element(struct str body, const xmlNode *node, const char *why, struct err *err)
{
	char what[120];
	(void)snprintf(what, sizeof what, "<%.60s> %s", (const char *)node->name, why);
	return wrong_line(body, xmlGetLineNo(node), what, err);
}

/* Known elements only, each id once is the author's task. Depth is bounded by libxml2. */
static bool
check_elements(struct str body, const xmlNode *node, struct err *err)
{
	for (; node != NULL; node = node->next) {
		const char *name = (const char *)node->name;
		if (node->type != XML_ELEMENT_NODE)
			continue;
		bool is_void = is_one_of(name, strlen(name), void_elements, LEN(void_elements));
		const char *wrong = NULL;
		if (!is_void && !is_one_of(name, strlen(name), elements, LEN(elements)))
			wrong = "is no HTML element";
		else if (is_void && node->children != NULL)
			wrong = "cannot have content";
		if (wrong != NULL)
			return wrong_element(body, node, wrong, err);
		/* Inside <svg> XML's own rules hold. */
		if (strcmp(name, "svg") != 0 && !check_elements(body, node->children, err))
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
				return err_set(err, ERR_SETUP,
				    "line %u of the output: write <%.*s></%.*s>: only void elements "
				    "may end in />", line_of(body, i), (int)name_n, body.p + name,
				    (int)name_n, body.p + name);
			name_n = 0;
		}
	}
	return true;
}

/* json_parse names the line of the output, which nobody sees. */
static bool
wrong_json(struct str body, struct err *err)
{
	static const char place[] = "JSON line ";
	struct err said = *err;
	long line = strncmp(said.text, place, sizeof place - 1) == 0
	    ? strtol(said.text + sizeof place - 1, NULL, 10) : 1;
	struct str text = line_text(body, line);
	return err_set(err, ERR_SETUP, "in the output, `%.*s`: %s; see to commas and quotes",
	    STR_ARG(text), said.text);
}

bool
output_check(struct arena *a, struct str path, struct str body, struct err *err)
{
	struct str type = output_type(path);
	json_t *json;
	if (str_starts(type, STR("text/html")))
		return check_doctype(body, true, err)
		    && (sound_html(body, kind_of) || (check_xml(body, check_elements, err)
		    && check_self_closing(body, err)));
	if (str_ends(type, STR("xml")))
		return check_doctype(body, false, err) && check_xml(body, NULL, err);
	if (str_ends(type, STR("json")))
		return sound_json(body) || json_parse(a, body, &json, err) || wrong_json(body, err);
	return str_is_utf8(body) || err_set(err, ERR_SETUP, "the output is not UTF-8");
}
