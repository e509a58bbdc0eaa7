#include "generator/template/state.h"
#include "generator/template/url.h"

static const char *const element_names[ELEMENTS] = { "", "script", "style", "title",
	"textarea", "iframe", "xmp", "noembed", "noframes", "plaintext", "frame", "embed", "object",
	"base", "meta" };

static const struct {
	const char *name;
	enum attribute kind;
} attributes[] = {
	{ "href", ATTRIBUTE_URL }, { "src", ATTRIBUTE_URL }, { "action", ATTRIBUTE_URL },
	{ "formaction", ATTRIBUTE_URL }, { "poster", ATTRIBUTE_URL }, { "cite", ATTRIBUTE_URL },
	{ "data", ATTRIBUTE_URL }, { "background", ATTRIBUTE_URL },
	{ "longdesc", ATTRIBUTE_URL }, { "manifest", ATTRIBUTE_URL },
	{ "icon", ATTRIBUTE_URL }, { "codebase", ATTRIBUTE_URL }, { "profile", ATTRIBUTE_URL },
	{ "style", ATTRIBUTE_STYLE }, { "srcdoc", ATTRIBUTE_DOCUMENT },
	{ "srcset", ATTRIBUTE_LIST }, { "imagesrcset", ATTRIBUTE_LIST },
	{ "ping", ATTRIBUTE_LIST }, { "archive", ATTRIBUTE_LIST },
	/* SVG animation can set a link to any of these. */
	{ "to", ATTRIBUTE_URL }, { "from", ATTRIBUTE_URL }, { "by", ATTRIBUTE_URL },
	{ "values", ATTRIBUTE_LIST },
};

static bool
is_blank(char b)
{
	return b == ' ' || b == '\t' || b == '\n' || b == '\r' || b == '\f';
}

static bool
is_letter(char b)
{
	b = state_lower(b);
	return (b >= 'a' && b <= 'z') || b == '_' || (unsigned char)b >= 0x80;
}

/* Back in text: everything about the last tag is forgotten. */
static void
enter_text(struct context *c)
{
	*c = context_start(c->type);
}

/* The '>' of a start tag: what is the text of this element? */
static void
tag_end(struct context *c)
{
	enum element e = c->element;
	enum script s = c->script;
	enter_text(c);
	if (e == ELEMENT_OTHER || e >= ELEMENT_FRAME)
		return;
	c->element = (uint8_t)e;
	c->state = e == ELEMENT_TITLE || e == ELEMENT_TEXTAREA ? IN_RCDATA
	    : s == SCRIPT_JSON                                ? IN_DATA
	                                                      : IN_RAW;
}

static struct str
local_name(struct str w)
{
	const char *colon = w.n ? memrchr(w.p, ':', w.n) : NULL;
	return colon ? (struct str){ colon + 1, (size_t)(w.p + w.n - colon) - 1 } : w;
}

/* XML has elements with text that means something only where it may be shown as SVG or
 * XHTML: a title is any element there. */
static enum element
element_of(const struct context *c)
{
	bool html = c->type == TEMPLATE_HTML;
	struct str w = html ? state_word(c) : local_name(state_word(c));
	for (int i = 1; i < (html ? ELEMENTS : ELEMENT_STYLE + 1); i++)
		if (str_eq(w, str_of(element_names[i])))
			return (enum element)i;
	return ELEMENT_OTHER;
}

/* What such an element loads runs, is embedded, or decides where all links lead. */
static bool
loads_code(enum element e)
{
	return e == ELEMENT_SCRIPT || e == ELEMENT_IFRAME ||
	    (e >= ELEMENT_FRAME && e <= ELEMENT_BASE);
}

static enum attribute
attribute_of(const struct context *c)
{
	struct str w = state_word(c);
	if (c->type == TEMPLATE_XML && str_starts(w, STR("xmlns")))
		return ATTRIBUTE_NAMESPACE;
	if (str_starts((struct str){ c->word, 2 }, STR("on")))
		return ATTRIBUTE_EVENT;
	if (c->element == ELEMENT_SCRIPT && c->type == TEMPLATE_HTML && str_eq(w, STR("type")))
		return ATTRIBUTE_TYPE;
	if (c->element == ELEMENT_META && str_eq(w, STR("http-equiv")))
		return ATTRIBUTE_EQUIV;
	w = local_name(w); /* xlink:href */
	if (loads_code((enum element)c->element) &&
	    (str_eq(w, STR("src")) || str_eq(w, STR("href")) || str_eq(w, STR("data"))))
		return ATTRIBUTE_CODE_URL;
	for (size_t i = 0; i < LEN(attributes); i++)
		if (str_eq(w, str_of(attributes[i].name)))
			return attributes[i].kind;
	return ATTRIBUTE_TEXT;
}

static bool
value_begin(struct context *c, enum state state, char quote, struct complaint *why)
{
	c->state = (uint8_t)state;
	c->quote = (uint8_t)quote;
	c->attribute = (uint8_t)attribute_of(c);
	c->url = URL_START;
	state_word_clear(c);
	if (c->attribute == ATTRIBUTE_EQUIV && c->script == SCRIPT_JSON)
		return state_refuse(why, "a value in a meta that acts as a header, which may lead anywhere",
		    "write all of it out");
	if (c->attribute == ATTRIBUTE_EQUIV)
		c->script = SCRIPT_CODE;
	return true;
}

static void
value_end(struct context *c)
{
	if (c->attribute == ATTRIBUTE_TYPE && c->script == SCRIPT_UNSAID) { /* the first wins */
		struct str w = str_trim(state_word(c));
		bool json = str_eq(w, STR("application/json")) ||
		    str_eq(w, STR("application/ld+json"));
		c->script = json ? SCRIPT_JSON : SCRIPT_CODE;
	}
	c->quote = c->attribute = c->url = c->reference = 0;
	state_enter(c, IN_TAG);
}

static bool
tag_name(struct context *c, char b)
{
	if (!is_blank(b) && b != '/' && b != '>') {
		state_word_add(c, b);
		return true;
	}
	c->element = (uint8_t)element_of(c);
	state_enter(c, IN_TAG);
	if (b == '>')
		tag_end(c);
	return true;
}

static bool
between_attributes(struct context *c, char b, struct complaint *why)
{
	if (is_blank(b) || b == '/') {
		if (c->state != IN_ATTRIBUTE_GAP)
			state_enter(c, IN_TAG);
		return true;
	}
	if (b == '>') {
		tag_end(c);
		return true;
	}
	if (b == '=' && c->state == IN_ATTRIBUTE_GAP) {
		c->state = IN_EQUALS;
		return true;
	}
	if (c->state == IN_TAG_GAP)
		return state_refuse(why, "an attribute that is put together by sections",
		    "put a section around whole attributes, with a blank before each");
	if (b == '"' || b == '\'' || b == '<' || b == '=')
		return state_refuse(why, "this character cannot stand here in a tag",
		    "see whether a quote or a '>' is missing before it");
	state_enter(c, IN_ATTRIBUTE);
	state_word_add(c, b);
	return true;
}

static bool
attribute_name(struct context *c, char b, struct complaint *why)
{
	if (b == '=')
		c->state = IN_EQUALS;
	else if (is_blank(b))
		c->state = IN_ATTRIBUTE_GAP;
	else if (b == '/' || b == '>')
		return between_attributes(c, b, why);
	else if (b == '"' || b == '\'' || b == '<')
		return state_refuse(why, "a quote or '<' in the name of an attribute",
		    "see whether a '=', a quote or a '>' is missing before it");
	else
		state_word_add(c, b);
	return true;
}

static bool
equals(struct context *c, char b, struct complaint *why)
{
	if (is_blank(b))
		return true;
	if (b == '"' || b == '\'')
		return value_begin(c, IN_VALUE, b, why);
	if (b == '>' || c->type == TEMPLATE_XML)
		return state_refuse(why, "an attribute without a quoted value", "put quotes around it");
	if (!value_begin(c, IN_UNQUOTED, 0, why))
		return false;
	state_word_add(c, b);
	return true;
}

static void
track_reference(struct context *c, char b)
{
	bool name = is_letter(b) || (b >= '0' && b <= '9') || b == '#';
	c->reference = b == '&' || (c->reference && name);
}

static bool
value(struct context *c, char b, struct complaint *why)
{
	if (b == (char)c->quote) {
		value_end(c);
		return true;
	}
	if (b == '<' && c->type == TEMPLATE_XML)
		return state_refuse(why, "a '<' in an attribute value", "write &lt;");
	track_reference(c, b);
	if (c->attribute == ATTRIBUTE_TYPE)
		state_word_add(c, b);
	if (c->attribute == ATTRIBUTE_URL || c->attribute == ATTRIBUTE_CODE_URL)
		url_literal(c, b);
	return true;
}

static bool
unquoted(struct context *c, char b, struct complaint *why)
{
	if (is_blank(b) || b == '>') {
		value_end(c);
		return between_attributes(c, b, why);
	}
	if (b == '"' || b == '\'' || b == '<' || b == '=' || b == '`')
		return state_refuse(why, "this character cannot stand in a value without quotes",
		    "put quotes around the value");
	if (c->attribute == ATTRIBUTE_TYPE)
		state_word_add(c, b);
	return true;
}

static bool
declaration(struct context *c, char b, struct complaint *why)
{
	state_word_add(c, b);
	struct str w = state_word(c);
	if (str_eq(w, STR("--"))) {
		state_enter(c, IN_COMMENT);
		c->n = c->type == TEMPLATE_HTML ? 2 : 0; /* "<!-->" is a whole comment in HTML */
	} else if (str_eq(w, STR("doctype"))) {
		state_enter(c, IN_DOCTYPE);
	} else if (str_eq(w, STR("[cdata[")) && c->type == TEMPLATE_XML) {
		state_enter(c, IN_CDATA);
	} else if (!str_starts(STR("--"), w) && !str_starts(STR("doctype"), w) &&
	    !(c->type == TEMPLATE_XML && str_starts(STR("[cdata["), w))) {
		return state_refuse(why, "a '<!' that begins neither a comment nor a doctype",
		    "write &lt; for a literal '<'");
	}
	return true;
}

/* n counts the dashes (at most 2), 3 is "--!". */
static bool
comment(struct context *c, char b, struct complaint *why)
{
	if (b == '>' && (c->n == 2 || c->n == 3))
		enter_text(c);
	else if (b == '-')
		c->n = c->n == 3 ? 1 : c->n < 2 ? c->n + 1 : 2;
	else if (c->type == TEMPLATE_XML && c->n == 2)
		return state_refuse(why, "a '--' inside a comment", "take it away");
	else
		c->n = b == '!' && c->n == 2 ? 3 : 0;
	return true;
}

/* n counts what has been seen of "]]>" or "?>". */
static bool
until(struct context *c, char b, char mark, int marks)
{
	if (b == '>' && c->n == marks)
		enter_text(c);
	else if (b == mark)
		c->n = (uint8_t)(c->n < marks ? c->n + 1 : marks);
	else
		c->n = 0;
	return true;
}

static bool
open_angle(struct context *c, char b, struct complaint *why)
{
	bool names_tag = is_letter(b) &&
	    (c->type == TEMPLATE_XML || (b != '_' && (unsigned char)b < 0x80));
	if (names_tag && c->n == 0) {
		state_enter(c, IN_TAG_NAME);
		state_word_add(c, b);
	} else if (names_tag) {
		state_enter(c, IN_END_TAG);
	} else if (b == '/' && c->n == 0) {
		state_word_add(c, b); /* "</" */
		return true;
	} else if (b == '!' && c->n == 0) {
		state_enter(c, IN_DECLARATION);
	} else if (b == '?' && c->n == 0 && c->type == TEMPLATE_XML) {
		state_enter(c, IN_INSTRUCTION);
	} else {
		return state_refuse(why, "a '<' that begins no tag", "write &lt;");
	}
	return true;
}

static bool
end_tag(struct context *c, char b, struct complaint *why)
{
	if (b == '>')
		enter_text(c);
	else if (b == '=' || b == '"' || b == '\'' || b == '<' || b == '/')
		return state_refuse(why, "an end tag with more than its name", "write only </name>");
	return true;
}

static bool
text(struct context *c, char b)
{
	track_reference(c, b);
	if (b == '<')
		state_enter(c, IN_OPEN);
	return true;
}

/* Text that only its own end tag ends; `word` is what has been seen of that. */
static bool
raw(struct context *c, char b, struct complaint *why)
{
	struct str name = str_of(element_names[c->element]);
	char seen[CONTEXT_WORD] = "</";
	memcpy(seen + 2, name.p, name.n);
	struct str end_name = { seen, name.n + 2 };
	if (str_eq(state_word(c), end_name) && (is_blank(b) || b == '/' || b == '>')) {
		if (c->json != PART_OUTSIDE)
			return state_refuse(why, "an end tag inside a JSON string", "write <\\/");
		enter_text(c);
		c->state = IN_END_TAG;
		return b == '/' || end_tag(c, b, why);
	}
	struct str comment_open = STR("<!--");
	state_word_add(c, b);
	if (c->element == ELEMENT_SCRIPT && str_eq(state_word(c), comment_open))
		return state_refuse(why, "a '<!--' in a script, which changes where it ends",
		    "write \"<\\u0021--\" or take it away");
	if (!str_starts(end_name, state_word(c)) &&
	    !(c->element == ELEMENT_SCRIPT && str_starts(comment_open, state_word(c)))) {
		state_word_clear(c);
		if (b == '<')
			state_word_add(c, b);
	}
	if (c->state == IN_DATA)
		return state_step_json(c, b, why);
	if (c->state == IN_RCDATA)
		track_reference(c, b);
	return true;
}

bool
state_step_markup(struct context *c, char b, struct complaint *why)
{
	switch ((enum state)c->state) {
	case IN_TEXT: return text(c, b);
	case IN_OPEN: return open_angle(c, b, why);
	case IN_DECLARATION: return declaration(c, b, why);
	case IN_DOCTYPE:
		if (b == '[')
			return state_refuse(why, "a doctype with declarations", "take them away");
		if (b == '>')
			enter_text(c);
		return true;
	case IN_COMMENT: return comment(c, b, why);
	case IN_CDATA: return until(c, b, ']', 2);
	case IN_INSTRUCTION: return until(c, b, '?', 1);
	case IN_TAG_NAME: return tag_name(c, b);
	case IN_END_TAG: return end_tag(c, b, why);
	case IN_TAG:
	case IN_TAG_GAP:
	case IN_ATTRIBUTE_GAP: return between_attributes(c, b, why);
	case IN_ATTRIBUTE: return attribute_name(c, b, why);
	case IN_EQUALS: return equals(c, b, why);
	case IN_VALUE: return value(c, b, why);
	case IN_UNQUOTED: return unquoted(c, b, why);
	case IN_RCDATA:
	case IN_RAW:
	case IN_DATA: return raw(c, b, why);
	case STATES: break;
	}
	return false;
}
