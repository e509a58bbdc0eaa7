#include "generator/template/expr.h"

static const struct {
	const char *name;
	const char *skeleton; /* an example of the quoted skeleton or style; NULL: takes none */
	const char *other;    /* what a path behind it names, NULL if none may stand there */
	enum filter_kind kind;
	bool needs_other, zone; /* that path is required; one for a zone may follow */
} filters[] = {
	{ "number", ".0", NULL, FILTER_NUMBER, false, false },
	{ "date", "yMMMd", NULL, FILTER_DATE, false, true },
	{ "relative", "long", "the time that it is seen from", FILTER_RELATIVE, true, false },
	{ "range", "yMMMd", "the end of the range", FILTER_RANGE, true, true },
	{ "list", "and", "a member of each item", FILTER_LIST, false, false },
	{ "json", NULL, NULL, FILTER_JSON, false, false },
	{ "text", NULL, NULL, FILTER_TEXT, false, false },
	{ "url", NULL, NULL, FILTER_URL, false, false },
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

static struct str
after(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

static struct str
skip_blank(struct str s)
{
	while (s.n > 0 && is_blank(*s.p))
		s = after(s, 1);
	return s;
}

/* The run up to white space, a bar or a quote; *s moves behind it and the blanks after it. */
static struct str
take_word(struct str *s)
{
	struct str word = { s->p, 0 };
	while (word.n < s->n && !is_blank(s->p[word.n]) && s->p[word.n] != '|' &&
	    s->p[word.n] != '"')
		word.n++;
	*s = skip_blank(after(*s, word.n));
	return word;
}

static bool
take_quoted(struct str *s, struct str *out, struct err *err)
{
	const char *end = s->n > 1 ? memchr(s->p + 1, '"', s->n - 1) : NULL;
	if (end == NULL)
		return err_set(err, ERR_INPUT, "a quote is not closed; add the second \"");
	*out = (struct str){ s->p + 1, (size_t)(end - s->p) - 1 };
	*s = skip_blank(after(*s, out->n + 2));
	return true;
}

/* Is `name` what a tag may say: names joined by dots? */
static bool
path_is_name(struct str s)
{
	bool empty = true;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' ? empty : !is_name_byte(s.p[i]))
			return false;
		empty = s.p[i] == '.';
	}
	return !empty;
}

static bool
path_at(struct path *out, struct err *err)
{
	if (str_eq(out->source, STR("@first")))
		out->kind = PATH_FIRST;
	else if (str_eq(out->source, STR("@last")))
		out->kind = PATH_LAST;
	else if (str_eq(out->source, STR("@index")))
		out->kind = PATH_INDEX;
	else
		return err_set(err, ERR_INPUT,
		    "unknown name '%.*s'; there are @first, @last and @index",
		    STR_ARG(out->source));
	return true;
}

bool
path_parse(struct arena *a, struct str source, bool plain, struct path *out, struct err *err)
{
	*out = (struct path){ .kind = PATH_NAME, .source = source };
	if (str_eq(source, STR("."))) {
		out->kind = PATH_HERE;
		return true;
	}
	if (!plain && source.n > 0 && source.p[0] == '@')
		return path_at(out, err);
	if (!plain && !path_is_name(source))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is not a name; write letters, digits, '-' and '_', joined by dots",
		    STR_ARG(source));
	size_t n = 1;
	for (size_t i = 0; i < source.n; i++)
		n += source.p[i] == '.';
	out->segment = ARENA_ARRAY(a, struct str, n);
	for (struct str rest = source; out->n < n;)
		out->segment[out->n++] = str_cut(rest, '.', &rest);
	return true;
}

/* A path behind the skeleton, if one stands there. */
static bool
take_path(struct arena *a, struct str *s, const struct path **out, struct err *err)
{
	if (s->n == 0 || *s->p == '|')
		return true;
	struct path *path = ARENA_NEW(a, struct path);
	*out = path;
	return path_parse(a, take_word(s), false, path, err);
}

static bool
filter_parse(struct arena *a, struct str *s, struct filter *out, struct err *err)
{
	struct str name = take_word(s);
	size_t i = 0;
	while (i < LEN(filters) && !str_eq(name, str_of(filters[i].name)))
		i++;
	if (i == LEN(filters))
		return err_set(err, ERR_INPUT, "unknown filter '%.*s'; there are number, date, "
		    "relative, range, list, json, text and url", STR_ARG(name));
	out->kind = filters[i].kind;
	if (filters[i].skeleton == NULL)
		return true;
	if (s->n == 0 || *s->p != '"')
		return err_set(err, ERR_INPUT,
		    "filter %s has no skeleton; write it in quotes, as in | %s \"%s\"",
		    filters[i].name, filters[i].name, filters[i].skeleton);
	if (!take_quoted(s, &out->skeleton, err)
	    || (filters[i].other != NULL && !take_path(a, s, &out->other, err)))
		return false;
	if (filters[i].needs_other && out->other == NULL)
		return err_set(err, ERR_INPUT, "filter %s lacks a name behind \"%.*s\": %s",
		    filters[i].name, STR_ARG(out->skeleton), filters[i].other);
	return !filters[i].zone || take_path(a, s, &out->zone, err);
}

static bool
message_parse(struct str *s, struct expr *out, struct err *err)
{
	out->kind = EXPR_MESSAGE;
	out->text = take_word(s);
	return path_is_name(out->text) ||
	    err_set(err, ERR_INPUT, "'%.*s' is not a message key; write message and its key",
	        STR_ARG(out->text));
}

static bool
subject_parse(struct arena *a, struct str *s, struct expr *out, struct err *err)
{
	if (s->n > 0 && *s->p == '"') {
		out->kind = EXPR_LITERAL;
		return take_quoted(s, &out->text, err);
	}
	struct str word = take_word(s);
	if (str_eq(word, STR("message")) && s->n > 0 && *s->p != '|')
		return message_parse(s, out, err);
	out->kind = EXPR_PATH;
	return path_parse(a, word, false, &out->path, err);
}

bool
expr_parse(struct arena *a, struct str source, bool plain, struct expr *out, struct err *err)
{
	*out = (struct expr){ .source = source };
	if (plain)
		return path_parse(a, source, true, &out->path, err);
	struct str s = skip_blank(source);
	if (s.n == 0)
		return err_set(err, ERR_INPUT, "an empty tag; name a value");
	if (!subject_parse(a, &s, out, err))
		return false;
	while (s.n > 0 && *s.p == '|') {
		if (out->filters == EXPR_FILTERS)
			return err_set(err, ERR_INPUT, "more than %d filters; use fewer",
			    EXPR_FILTERS);
		s = skip_blank(after(s, 1));
		if (!filter_parse(a, &s, &out->filter[out->filters++], err))
			return false;
	}
	return s.n == 0 ||
	    err_set(err, ERR_INPUT, "unexpected '%.*s'; put a | before a filter", STR_ARG(s));
}

bool
expr_ends_with(const struct expr *e, enum filter_kind kind)
{
	return e->filters > 0 && e->filter[e->filters - 1].kind == kind;
}
