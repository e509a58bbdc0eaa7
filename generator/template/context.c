#include "generator/template/context.h"

#include "generator/template/url.h"

enum state {
	IN_TEXT, /* also all of PLAIN, TEXT and JSON */
	IN_OPEN, /* behind "<" */
	IN_DECLARATION, /* behind "<!", until it is clear of what; its bytes are in `word` */
	IN_DOCTYPE,
	IN_COMMENT,
	IN_CDATA,
	IN_INSTRUCTION, /* "<?" of XML */
	IN_TAG_NAME,
	IN_END_TAG,
	IN_TAG,      /* between attributes */
	IN_TAG_GAP,  /* as IN_TAG, but white space, '/' or '>' must come first */
	IN_ATTRIBUTE,
	IN_ATTRIBUTE_GAP, /* behind an attribute's name and white space */
	IN_EQUALS,
	IN_VALUE,
	IN_UNQUOTED,
	IN_RCDATA, /* title, textarea */
	IN_RAW,    /* script, style and their kind */
	IN_DATA,   /* script that holds JSON */
	STATES
};
enum element { ELEMENT_OTHER, ELEMENT_SCRIPT, ELEMENT_STYLE, ELEMENT_TITLE, ELEMENT_TEXTAREA,
	ELEMENT_IFRAME, ELEMENT_XMP, ELEMENT_NOEMBED, ELEMENT_NOFRAMES, ELEMENT_PLAINTEXT,
	ELEMENTS };
enum attribute { ATTRIBUTE_TEXT, ATTRIBUTE_URL, ATTRIBUTE_EVENT, ATTRIBUTE_STYLE,
	ATTRIBUTE_TYPE, ATTRIBUTE_CODE_URL, ATTRIBUTE_LIST, ATTRIBUTE_DOCUMENT,
	ATTRIBUTE_NAMESPACE };
enum script { SCRIPT_CODE, SCRIPT_JSON };
enum json_part { PART_OUTSIDE, PART_STRING, PART_ESCAPE, PART_HEX };

static const char *const element_names[ELEMENTS] = { "", "script", "style", "title",
	"textarea", "iframe", "xmp", "noembed", "noframes", "plaintext" };

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
};

static const char *const names[STATES] = {
	[IN_TEXT] = "in text",
	[IN_OPEN] = "right behind a '<'",
	[IN_DECLARATION] = "inside a declaration",
	[IN_DOCTYPE] = "inside the doctype",
	[IN_COMMENT] = "inside a comment",
	[IN_CDATA] = "inside a CDATA section",
	[IN_INSTRUCTION] = "inside a processing instruction",
	[IN_TAG_NAME] = "inside the name of a tag",
	[IN_END_TAG] = "inside an end tag",
	[IN_TAG] = "inside a tag",
	[IN_TAG_GAP] = "inside a tag",
	[IN_ATTRIBUTE] = "inside the name of an attribute",
	[IN_ATTRIBUTE_GAP] = "inside a tag",
	[IN_EQUALS] = "in an attribute value without quotes",
	[IN_VALUE] = "in an attribute value",
	[IN_UNQUOTED] = "in an attribute value without quotes",
	[IN_RCDATA] = "in the text of a title or textarea",
	[IN_RAW] = "inside a script or style element",
	[IN_DATA] = "inside a JSON script element",
};

static const char *const remedies[STATES] = {
	[IN_OPEN] = "write &lt; for a literal '<'",
	[IN_DECLARATION] = "move it out",
	[IN_DOCTYPE] = "move it out",
	[IN_COMMENT] = "move it out, or use a template comment {{! }}",
	[IN_CDATA] = "take the CDATA marks away; values are escaped",
	[IN_INSTRUCTION] = "move it out",
	[IN_TAG_NAME] = "write the tag out, with a section around each choice",
	[IN_END_TAG] = "write the tag out",
	[IN_TAG] = "write the attribute out, with its value in quotes",
	[IN_TAG_GAP] = "write the attribute out, with its value in quotes",
	[IN_ATTRIBUTE] = "write the attribute out, with its value in quotes",
	[IN_ATTRIBUTE_GAP] = "write the attribute out, with its value in quotes",
	[IN_EQUALS] = "put quotes around it",
	[IN_UNQUOTED] = "put quotes around it",
	[IN_RAW] = "use a script of type application/json, and read that",
};

struct context
context_start(enum template_type type)
{
	struct context c;
	memset(&c, 0, sizeof c);
	c.type = (uint8_t)type;
	return c;
}

bool
context_eq(const struct context *a, const struct context *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

const char *
context_name(const struct context *c)
{
	if (c->json != PART_OUTSIDE)
		return "inside a JSON string";
	return c->type == TEMPLATE_JSON ? "outside of JSON strings" : names[c->state];
}

static bool
refuse(struct complaint *why, const char *what, const char *remedy)
{
	*why = (struct complaint){ what, remedy };
	return false;
}

static bool
is_blank(char b)
{
	return b == ' ' || b == '\t' || b == '\n' || b == '\r' || b == '\f';
}

static char
lower(char b)
{
	return b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
}

static bool
is_letter(char b)
{
	b = lower(b);
	return (b >= 'a' && b <= 'z') || b == '_' || (unsigned char)b >= 0x80;
}

static void
word_clear(struct context *c)
{
	memset(c->word, 0, sizeof c->word);
	c->n = 0;
}

static void
word_add(struct context *c, char b)
{
	if (c->n < CONTEXT_WORD - 1)
		c->word[c->n++] = lower(b);
	else
		c->n = CONTEXT_WORD;
}

static struct str
word(const struct context *c)
{
	return (struct str){ c->word, c->n < CONTEXT_WORD ? c->n : 0 };
}

static void
enter(struct context *c, enum state state)
{
	c->state = (uint8_t)state;
	word_clear(c);
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
	if (c->type != TEMPLATE_HTML || e == ELEMENT_OTHER)
		return;
	c->element = (uint8_t)e;
	c->state = e == ELEMENT_TITLE || e == ELEMENT_TEXTAREA ? IN_RCDATA
	    : e == ELEMENT_SCRIPT && s == SCRIPT_JSON          ? IN_DATA
	                                                       : IN_RAW;
}

static enum attribute
attribute_of(const struct context *c)
{
	struct str w = word(c);
	if (c->type == TEMPLATE_XML)
		return str_starts(w, STR("xmlns")) ? ATTRIBUTE_NAMESPACE : ATTRIBUTE_TEXT;
	if (str_starts((struct str){ c->word, 2 }, STR("on")))
		return ATTRIBUTE_EVENT;
	const char *colon = w.n ? memrchr(w.p, ':', w.n) : NULL;
	if (colon)
		w = (struct str){ colon + 1, (size_t)(w.p + w.n - colon) - 1 };
	if (c->element == ELEMENT_SCRIPT && str_eq(w, STR("type")))
		return ATTRIBUTE_TYPE;
	if (c->element == ELEMENT_SCRIPT && (str_eq(w, STR("src")) || str_eq(w, STR("href"))))
		return ATTRIBUTE_CODE_URL;
	for (size_t i = 0; i < LEN(attributes); i++)
		if (str_eq(w, str_of(attributes[i].name)))
			return attributes[i].kind;
	return ATTRIBUTE_TEXT;
}

static void
value_begin(struct context *c, enum state state, char quote)
{
	c->state = (uint8_t)state;
	c->quote = (uint8_t)quote;
	c->attribute = (uint8_t)attribute_of(c);
	c->url = URL_START;
	word_clear(c);
}

static void
value_end(struct context *c)
{
	if (c->attribute == ATTRIBUTE_TYPE) {
		struct str w = str_trim(word(c));
		bool json = str_eq(w, STR("application/json")) ||
		    str_eq(w, STR("application/ld+json"));
		c->script = json ? SCRIPT_JSON : SCRIPT_CODE;
	}
	c->quote = c->attribute = c->url = c->reference = 0;
	enter(c, IN_TAG);
}

static bool
tag_name(struct context *c, char b)
{
	if (!is_blank(b) && b != '/' && b != '>') {
		word_add(c, b);
		return true;
	}
	for (int i = 1; i < ELEMENTS && c->type == TEMPLATE_HTML; i++)
		if (str_eq(word(c), str_of(element_names[i])))
			c->element = (uint8_t)i;
	enter(c, IN_TAG);
	if (b == '>')
		tag_end(c);
	return true;
}

static bool
between_attributes(struct context *c, char b, struct complaint *why)
{
	if (is_blank(b) || b == '/') {
		if (c->state != IN_ATTRIBUTE_GAP)
			enter(c, IN_TAG);
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
		return refuse(why, "an attribute that is put together by sections",
		    "put a section around whole attributes, with a blank before each");
	if (b == '"' || b == '\'' || b == '<' || b == '=')
		return refuse(why, "this character cannot stand here in a tag",
		    "see whether a quote or a '>' is missing before it");
	enter(c, IN_ATTRIBUTE);
	word_add(c, b);
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
		return refuse(why, "a quote or '<' in the name of an attribute",
		    "see whether a '=', a quote or a '>' is missing before it");
	else
		word_add(c, b);
	return true;
}

static bool
equals(struct context *c, char b, struct complaint *why)
{
	if (is_blank(b))
		return true;
	if (b == '"' || b == '\'') {
		value_begin(c, IN_VALUE, b);
		return true;
	}
	if (b == '>' || c->type == TEMPLATE_XML)
		return refuse(why, "an attribute without a quoted value", "put quotes around it");
	value_begin(c, IN_UNQUOTED, 0);
	word_add(c, b);
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
		return refuse(why, "a '<' in an attribute value", "write &lt;");
	track_reference(c, b);
	if (c->attribute == ATTRIBUTE_TYPE)
		word_add(c, b);
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
		return refuse(why, "this character cannot stand in a value without quotes",
		    "put quotes around the value");
	if (c->attribute == ATTRIBUTE_TYPE)
		word_add(c, b);
	return true;
}

static bool
declaration(struct context *c, char b, struct complaint *why)
{
	word_add(c, b);
	struct str w = word(c);
	if (str_eq(w, STR("--"))) {
		enter(c, IN_COMMENT);
		c->n = c->type == TEMPLATE_HTML ? 2 : 0; /* "<!-->" is a whole comment in HTML */
	} else if (str_eq(w, STR("doctype"))) {
		enter(c, IN_DOCTYPE);
	} else if (str_eq(w, STR("[cdata[")) && c->type == TEMPLATE_XML) {
		enter(c, IN_CDATA);
	} else if (!str_starts(STR("--"), w) && !str_starts(STR("doctype"), w) &&
	    !(c->type == TEMPLATE_XML && str_starts(STR("[cdata["), w))) {
		return refuse(why, "a '<!' that begins neither a comment nor a doctype",
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
		return refuse(why, "a '--' inside a comment", "take it away");
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
		enter(c, IN_TAG_NAME);
		word_add(c, b);
	} else if (names_tag) {
		enter(c, IN_END_TAG);
	} else if (b == '/' && c->n == 0) {
		word_add(c, b); /* "</" */
		return true;
	} else if (b == '!' && c->n == 0) {
		enter(c, IN_DECLARATION);
	} else if (b == '?' && c->n == 0 && c->type == TEMPLATE_XML) {
		enter(c, IN_INSTRUCTION);
	} else {
		return refuse(why, "a '<' that begins no tag", "write &lt;");
	}
	return true;
}

static bool
end_tag(struct context *c, char b, struct complaint *why)
{
	if (b == '>')
		enter_text(c);
	else if (b == '=' || b == '"' || b == '\'' || b == '<' || b == '/')
		return refuse(why, "an end tag with more than its name", "write only </name>");
	return true;
}

static bool
text(struct context *c, char b)
{
	track_reference(c, b);
	if (b == '<')
		enter(c, IN_OPEN);
	return true;
}

static bool
json(struct context *c, char b, struct complaint *why)
{
	switch ((enum json_part)c->json) {
	case PART_OUTSIDE:
		if (b == '"')
			c->json = PART_STRING;
		return true;
	case PART_STRING:
		if ((unsigned char)b < 0x20)
			return refuse(why, "a line break or control character in a JSON string",
			    "write \\n, or close the string");
		c->json = b == '"' ? PART_OUTSIDE : b == '\\' ? PART_ESCAPE : PART_STRING;
		return true;
	case PART_ESCAPE:
		if (b == '\0' || strchr("\"\\/bfnrtu", b) == NULL)
			return refuse(why, "not an escape sequence of JSON", "write \\\\");
		c->json = b == 'u' ? PART_HEX : PART_STRING;
		return true;
	case PART_HEX:
		break;
	}
	bool hex = (b >= '0' && b <= '9') || (lower(b) >= 'a' && lower(b) <= 'f');
	if (!hex)
		return refuse(why, "not four hexadecimal digits behind \\u", "write four");
	if (++c->reference == 4) {
		c->reference = 0;
		c->json = PART_STRING;
	}
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
	if (str_eq(word(c), end_name) && (is_blank(b) || b == '/' || b == '>')) {
		if (c->json != PART_OUTSIDE)
			return refuse(why, "an end tag inside a JSON string", "write <\\/");
		enter_text(c);
		c->state = IN_END_TAG;
		return b == '/' || end_tag(c, b, why);
	}
	struct str comment_open = STR("<!--");
	word_add(c, b);
	if (c->element == ELEMENT_SCRIPT && str_eq(word(c), comment_open))
		return refuse(why, "a '<!--' in a script, which changes where it ends",
		    "write \"<\\u0021--\" or take it away");
	if (!str_starts(end_name, word(c)) &&
	    !(c->element == ELEMENT_SCRIPT && str_starts(comment_open, word(c)))) {
		word_clear(c);
		if (b == '<')
			word_add(c, b);
	}
	if (c->state == IN_DATA)
		return json(c, b, why);
	if (c->state == IN_RCDATA)
		track_reference(c, b);
	return true;
}

static bool
step(struct context *c, char b, struct complaint *why)
{
	switch ((enum state)c->state) {
	case IN_TEXT: return text(c, b);
	case IN_OPEN: return open_angle(c, b, why);
	case IN_DECLARATION: return declaration(c, b, why);
	case IN_DOCTYPE:
		if (b == '[')
			return refuse(why, "a doctype with declarations", "take them away");
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

bool
context_text(struct context *c, struct str s, size_t *offset, struct complaint *why)
{
	if (c->type == TEMPLATE_PLAIN || c->type == TEMPLATE_TEXT)
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (!(c->type == TEMPLATE_JSON ? json(c, s.p[i], why) : step(c, s.p[i], why))) {
			*offset = i;
			return false;
		}
	return true;
}

static bool
json_value(struct context *c, bool raw, enum escape *out, struct complaint *why)
{
	if (c->json == PART_ESCAPE || c->json == PART_HEX)
		return refuse(why, "a value inside an escape sequence", "write \\\\ for a backslash");
	if (raw && c->json == PART_OUTSIDE)
		return refuse(why, "markup outside of JSON strings", "put quotes around it");
	*out = c->json == PART_STRING ? ESCAPE_JSON_STRING : ESCAPE_JSON_VALUE;
	return true;
}

static bool
attribute_value(struct context *c, enum escape *out, struct complaint *why)
{
	*out = c->type == TEMPLATE_XML ? ESCAPE_XML_ATTRIBUTE : ESCAPE_HTML;
	switch ((enum attribute)c->attribute) {
	case ATTRIBUTE_TEXT:
		return true;
	case ATTRIBUTE_URL:
		return url_value(c, out, why);
	case ATTRIBUTE_CODE_URL:
		if (c->url == URL_START)
			return refuse(why, "a value that decides from where a script comes",
			    "write the beginning of the URL out");
		return url_value(c, out, why);
	case ATTRIBUTE_EVENT:
		return refuse(why, "a value in an event handler attribute",
		    "put it into a data- attribute, and read that");
	case ATTRIBUTE_STYLE:
		return refuse(why, "a value in a style attribute", "use a class");
	case ATTRIBUTE_TYPE:
		return refuse(why, "a value in the type of a script", "write the type out");
	case ATTRIBUTE_LIST:
		return refuse(why, "a value in an attribute that holds several URLs",
		    "use src, or picture with several source elements");
	case ATTRIBUTE_DOCUMENT:
		return refuse(why, "a value in srcdoc, which is a document of its own",
		    "use src");
	case ATTRIBUTE_NAMESPACE:
		return refuse(why, "a value in a namespace declaration", "write it out");
	}
	return false;
}

bool
context_value(struct context *c, bool is_raw, enum escape *out, struct complaint *why)
{
	bool html = c->type == TEMPLATE_HTML;
	if (c->type == TEMPLATE_PLAIN || c->type == TEMPLATE_TEXT) {
		*out = c->type == TEMPLATE_PLAIN && !is_raw ? ESCAPE_PLAIN : ESCAPE_NONE;
		return true;
	}
	if (c->type == TEMPLATE_JSON)
		return json_value(c, is_raw, out, why);
	if (c->reference && c->json == PART_OUTSIDE)
		return refuse(why, "a value right behind a '&'", "write &amp;");
	if (c->n > 0 && c->state >= IN_RCDATA)
		return refuse(why, "a value right behind what may be an end tag",
		    "write &lt; (in JSON, \\u003c) for a literal '<'");
	if (is_raw && (html ? c->state != IN_TEXT && c->state != IN_DATA : c->state != IN_TEXT))
		return refuse(why, "markup anywhere but in text", "use one pair of braces less");
	switch ((enum state)c->state) {
	case IN_TEXT:
		*out = !html ? ESCAPE_XML_TEXT : is_raw ? ESCAPE_MARKUP : ESCAPE_HTML;
		return true;
	case IN_RCDATA:
		*out = ESCAPE_HTML;
		return true;
	case IN_DATA:
		return json_value(c, is_raw, out, why);
	case IN_VALUE:
		return attribute_value(c, out, why);
	default:
		return refuse(why, names[c->state], remedies[c->state]);
	}
}

bool
context_boundary(struct context *c, struct complaint *why)
{
	if (c->state == IN_TAG_NAME || c->state == IN_ATTRIBUTE) {
		/* A blank completes the name; the gap makes sure that it is complete. */
		if (!step(c, ' ', why))
			return false;
		enter(c, IN_TAG_GAP);
	} else if (c->state == IN_ATTRIBUTE_GAP) {
		enter(c, IN_TAG_GAP);
	}
	return true;
}

bool
context_join(struct context *before, const struct context *after)
{
	struct context gap = *before;
	if (gap.state == IN_TAG)
		gap.state = IN_TAG_GAP;
	if (context_eq(&gap, after))
		*before = gap; /* the stricter of the two */
	struct context loose = *after;
	if (loose.state == IN_TAG)
		loose.state = IN_TAG_GAP;
	return context_eq(before, after) || context_eq(before, &loose);
}

bool
context_is_end(const struct context *c)
{
	return c->state == IN_TEXT && c->json == PART_OUTSIDE;
}
