#include "generator/template/state.h"
#include "generator/template/url.h"

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

bool
state_step_json(struct context *c, char b, struct complaint *why)
{
	switch ((enum json_part)c->json) {
	case PART_OUTSIDE:
		if (b == '"')
			c->json = PART_STRING;
		return true;
	case PART_STRING:
		if ((unsigned char)b < 0x20)
			return state_refuse(why, "a line break or control character in a JSON string",
			    "write \\n, or close the string");
		c->json = b == '"' ? PART_OUTSIDE : b == '\\' ? PART_ESCAPE : PART_STRING;
		return true;
	case PART_ESCAPE:
		if (b == '\0' || strchr("\"\\/bfnrtu", b) == NULL)
			return state_refuse(why, "not an escape sequence of JSON", "write \\\\");
		c->json = b == 'u' ? PART_HEX : PART_STRING;
		return true;
	case PART_HEX:
		break;
	}
	bool hex = (b >= '0' && b <= '9') || (state_lower(b) >= 'a' && state_lower(b) <= 'f');
	if (!hex)
		return state_refuse(why, "not four hexadecimal digits behind \\u", "write four");
	if (++c->reference == 4) {
		c->reference = 0;
		c->json = PART_STRING;
	}
	return true;
}

bool
context_text(struct context *c, struct str s, size_t *offset, struct complaint *why)
{
	if (c->type == TEMPLATE_PLAIN || c->type == TEMPLATE_TEXT)
		return true;
	bool (*step)(struct context *, char, struct complaint *) =
	    c->type == TEMPLATE_JSON ? state_step_json : state_step_markup;
	for (size_t i = 0; i < s.n; i++)
		if (!step(c, s.p[i], why)) {
			*offset = i;
			return false;
		}
	return true;
}

static bool
json_value(struct context *c, bool raw, enum escape *out, struct complaint *why)
{
	if (c->json == PART_ESCAPE || c->json == PART_HEX)
		return state_refuse(why, "a value inside an escape sequence", "write \\\\ for a backslash");
	if (raw && c->json == PART_OUTSIDE)
		return state_refuse(why, "markup outside of JSON strings", "put quotes around it");
	*out = c->json == PART_STRING ? ESCAPE_JSON_STRING : ESCAPE_JSON_VALUE;
	return true;
}

static bool
attribute_value(struct context *c, enum escape *out, struct complaint *why)
{
	*out = c->type == TEMPLATE_XML ? ESCAPE_XML_ATTRIBUTE : ESCAPE_HTML;
	if (c->element == ELEMENT_META && c->script == SCRIPT_CODE)
		return state_refuse(why, "a value in a meta that acts as a header, which may lead anywhere",
		    "write all of it out");
	if (c->element == ELEMENT_META)
		c->script = SCRIPT_JSON;
	switch ((enum attribute)c->attribute) {
	case ATTRIBUTE_TEXT:
	case ATTRIBUTE_EQUIV: /* only of a meta, which was refused above */
		return true;
	case ATTRIBUTE_URL:
		return url_value(c, out, why);
	case ATTRIBUTE_CODE_URL:
		if (c->url == URL_START)
			return state_refuse(why, "a value that decides from where a script comes, what is embedded or where all links lead",
			    "write the beginning of the URL out");
		return url_value(c, out, why);
	case ATTRIBUTE_EVENT:
		return state_refuse(why, "a value in an event handler attribute",
		    "put it into a data- attribute, and read that");
	case ATTRIBUTE_STYLE:
		return state_refuse(why, "a value in a style attribute", "use a class");
	case ATTRIBUTE_TYPE:
		return state_refuse(why, "a value in the type of a script", "write the type out");
	case ATTRIBUTE_LIST:
		return state_refuse(why, "a value in an attribute that holds several URLs",
		    "use src, or picture with several source elements");
	case ATTRIBUTE_DOCUMENT:
		return state_refuse(why, "a value in srcdoc, which is a document of its own",
		    "use src");
	case ATTRIBUTE_NAMESPACE:
		return state_refuse(why, "a value in a namespace declaration", "write it out");
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
		return state_refuse(why, "a value right behind a '&'", "write &amp;");
	if (c->n > 0 && c->state >= IN_RCDATA)
		return state_refuse(why, "a value right behind what may be an end tag",
		    "write &lt; (in JSON, \\u003c) for a literal '<'");
	if (is_raw && (html ? c->state != IN_TEXT && c->state != IN_DATA : c->state != IN_TEXT))
		return state_refuse(why, "markup anywhere but in text", "use one pair of braces less");
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
		return state_refuse(why, names[c->state], remedies[c->state]);
	}
}

bool
context_boundary(struct context *c, struct complaint *why)
{
	if (c->state == IN_TAG_NAME || c->state == IN_ATTRIBUTE) {
		/* A blank completes the name; the gap makes sure that it is complete. */
		if (!state_step_markup(c, ' ', why))
			return false;
		state_enter(c, IN_TAG_GAP);
	} else if (c->state == IN_ATTRIBUTE_GAP) {
		state_enter(c, IN_TAG_GAP);
	}
	return true;
}

bool
context_join(struct context *before, const struct context *after)
{
	if (before->element == ELEMENT_META && after->script == SCRIPT_JSON &&
	    before->script == SCRIPT_UNSAID)
		before->script = SCRIPT_JSON; /* a value may be in it */
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
