#include "generator/template/url.h"

#include "generator/template/state.h"

/* A colon ends the first word: which scheme is it? */
static enum url_part
after_scheme(const struct context *c)
{
	struct str scheme = state_word(c);
	if (str_eq(scheme, STR("https")) || str_eq(scheme, STR("http")))
		return URL_SLASHES;
	return str_eq(scheme, STR("mailto")) || str_eq(scheme, STR("tel")) ? URL_ADDRESS : URL_REFUSED;
}

static enum url_part
after_slash(const struct context *c)
{
	switch ((enum url_part)c->url) {
	case URL_START: return URL_SLASH;
	case URL_SLASH:
	case URL_SLASHES: return URL_SLASHES;
	default: return URL_PATH;
	}
}

static bool
before_path(enum url_part part)
{
	return part == URL_START || part == URL_WORD || part == URL_VALUE ||
	    part == URL_RELATIVE;
}

void
url_literal(struct context *c, char byte)
{
	enum url_part part = c->url;
	bool is_blank = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
	if (part == URL_QUERY || part == URL_REFUSED || (part == URL_START && is_blank))
		return;
	if (byte == '&' && part != URL_PATH && part != URL_ADDRESS)
		part = URL_REFUSED; /* a character reference may spell a colon or a slash */
	else if (byte == '?' || byte == '#')
		part = URL_QUERY;
	else if (part == URL_ADDRESS)
		return;
	else if (byte == '/' || byte == '\\')
		part = after_slash(c);
	else if (byte == ':' && before_path(part))
		part = part == URL_WORD ? after_scheme(c) : URL_REFUSED;
	else if (part == URL_START)
		part = URL_WORD;
	else if (part == URL_SLASH)
		part = URL_PATH;
	else if (part == URL_SLASHES)
		part = URL_AUTHORITY;
	if (part == URL_WORD) {
		state_word_add(c, byte);
	} else if (c->url == URL_WORD) {
		state_word_clear(c);
	}
	c->url = part;
}

bool
url_value(struct context *c, enum escape *out, struct complaint *why)
{
	switch ((enum url_part)c->url) {
	case URL_START:
		*out = ESCAPE_URL;
		c->url = URL_VALUE;
		return true;
	case URL_WORD:
		state_word_clear(c);
		c->url = URL_RELATIVE;
		*out = ESCAPE_URL_PATH;
		return true;
	case URL_SLASH:
		c->url = URL_PATH;
		*out = ESCAPE_URL_PATH;
		return true;
	case URL_PATH:
	case URL_RELATIVE:
		*out = ESCAPE_URL_PATH;
		return true;
	case URL_VALUE:
		*out = ESCAPE_URL_AFTER;
		return true;
	case URL_QUERY:
		*out = ESCAPE_URL_QUERY;
		return true;
	case URL_ADDRESS:
		*out = ESCAPE_URL_ADDRESS;
		return true;
	case URL_SLASHES:
	case URL_AUTHORITY:
		*why = (struct complaint){ "a value in the host of a URL",
			"give the whole URL as one value" };
		return false;
	case URL_REFUSED:
		break;
	}
	*why = (struct complaint){ "a value behind a scheme that is not http, https, mailto or "
		                   "tel, or behind a character reference",
		"give the whole URL as one value" };
	return false;
}
