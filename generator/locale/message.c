#include "generator/locale/message.h"

#include <stdio.h>
#include <stdlib.h>

#include "generator/locale/bidi.h"

enum part_kind { TEXT, ARGUMENT, NUMBER, DATE, PLURAL, ORDINAL, SELECT, HASH };

struct choice {
	struct str key; /* "few", "other", "=1", "rain" */
	const struct part *body;
	struct choice *next;
};
struct part {
	enum part_kind kind;
	struct str text;          /* the literal, or the argument's name */
	const struct part *style; /* of NUMBER and DATE: literals and arguments; NULL if none */
	int64_t offset;           /* of PLURAL and ORDINAL */
	struct choice *choices;
	const struct part *next;
};
struct message {
	const struct part *body;
};

struct parser {
	struct arena *arena;
	struct str in;
	size_t at;
	const struct message_env *env;
	struct err *err;
};

/* Parts in the order in which they were appended. */
struct parts {
	struct part *first, *last;
};

static struct part *
parts_add(struct parser *p, struct parts *list, enum part_kind kind, struct str text)
{
	struct part *part = ARENA_NEW(p->arena, struct part);
	part->kind = kind;
	part->text = text;
	if (list->last != NULL)
		list->last->next = part;
	else
		list->first = part;
	list->last = part;
	return part;
}

static bool
fail(struct parser *p, const char *what)
{
	return err_set(p->err, ERR_INPUT, "column %zu: %s", p->at + 1, what);
}

static int
peek(const struct parser *p)
{
	return p->at < p->in.n ? (unsigned char)p->in.p[p->at] : -1;
}

static void
skip_blanks(struct parser *p)
{
	while (peek(p) == ' ' || peek(p) == '\n' || peek(p) == '\t')
		p->at++;
}

static bool
is_name_byte(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
	    || c == '-' || c == '_' || c == '.';
}

/* A name with blanks around it. */
static bool
take_name(struct parser *p, struct str *out)
{
	skip_blanks(p);
	size_t start = p->at;
	while (is_name_byte(peek(p)))
		p->at++;
	*out = (struct str){ p->in.p + start, p->at - start };
	if (out->n == 0)
		return fail(p, "a name is missing here");
	skip_blanks(p);
	return true;
}

static bool
take(struct parser *p, char c, const char *otherwise)
{
	if (peek(p) != c)
		return fail(p, otherwise);
	p->at++;
	return true;
}

/* The literal up to the next syntax character, apostrophes resolved. */
static bool
parse_text(struct parser *p, struct parts *list, bool in_plural)
{
	char *text = ARENA_ARRAY(p->arena, char, p->in.n - p->at + 1);
	size_t n = 0;
	bool quoted = false;
	for (int c = peek(p); c != -1; c = peek(p)) {
		bool syntax = c == '{' || c == '}' || (in_plural && c == '#');
		if (syntax && !quoted)
			break;
		p->at++;
		if (c != '\'') {
			text[n++] = (char)c;
			continue;
		}
		int after = peek(p);
		if (after == '\'') {
			text[n++] = '\'';
			p->at++;
		} else if (quoted) {
			quoted = false;
		} else if (after == '{' || after == '}' || (in_plural && after == '#')) {
			quoted = true;
		} else {
			text[n++] = '\'';
		}
	}
	if (quoted)
		return fail(p, "the quotation that an apostrophe began is not closed");
	if (n > 0)
		parts_add(p, list, TEXT,
		    pseudo_text(p->arena, p->env->pseudo, (struct str){ text, n }));
	return true;
}

static bool parse_parts(struct parser *, struct parts *, unsigned depth, bool in_plural);

/* "::skeleton", maybe with {name} in it, up to the brace that closes the argument. */
static bool
parse_style(struct parser *p, struct part *part)
{
	struct parts list = { 0 };
	bool is_fixed = true;
	skip_blanks(p);
	if (!str_starts((struct str){ p->in.p + p->at, p->in.n - p->at }, STR("::")))
		return fail(p, "a style is a skeleton and begins with ::");
	p->at += 2;
	size_t start = p->at;
	for (int c = peek(p); c != '}'; c = peek(p)) {
		if (c == -1)
			return fail(p, "the argument is not closed with }");
		p->at++;
		if (c != '{')
			continue;
		struct str name, literal = { p->in.p + start, p->at - 1 - start };
		if (!take_name(p, &name) || !take(p, '}', "only a {name} may stand in a style"))
			return false;
		parts_add(p, &list, TEXT, literal);
		parts_add(p, &list, ARGUMENT, name);
		is_fixed = false;
		start = p->at;
	}
	parts_add(p, &list, TEXT, (struct str){ p->in.p + start, p->at - start });
	part->style = list.first;
	if (!is_fixed)
		return true;
	/* Try it out now: a translator's slip shows when the locale is opened. */
	struct buf scratch;
	buf_init(&scratch, MESSAGE_MAX);
	struct str zone, style = str_trim(part->style->text), skeleton = str_cut(style, ' ', &zone);
	bool ok = part->kind == NUMBER
	    ? p->env->number(p->env->ctx, STR("1"), style, &scratch, p->err)
	    : p->env->date(p->env->ctx, STR("2000-01-01T00:00:00Z"), skeleton, zone, &scratch,
	        p->err);
	buf_release(&scratch);
	return ok || err_in(p->err, "column %zu", p->at + 1);
}

static bool
is_category(struct str key)
{
	static const char *const known[] = { "zero", "one", "two", "few", "many", "other" };
	for (size_t i = 0; i < LEN(known); i++)
		if (str_eq(key, str_of(known[i])))
			return true;
	return false;
}

static bool
parse_selector(struct parser *p, const struct part *part, struct str *key)
{
	size_t start = p->at;
	bool exact = part->kind != SELECT && peek(p) == '=';
	if (exact)
		p->at++;
	if (!take_name(p, key))
		return false;
	uint64_t ignored;
	if (exact && !str_to_u64(*key, &ignored))
		return fail(p, "= needs a whole number");
	if (exact)
		*key = (struct str){ p->in.p + start, key->n + 1 };
	else if (part->kind != SELECT && !is_category(*key))
		return fail(p, "not a plural category (zero one two few many other) nor =N");
	for (const struct choice *c = part->choices; c != NULL; c = c->next)
		if (str_eq(c->key, *key))
			return fail(p, "this case stands here twice");
	return true;
}

/* "offset:1 one {…} other {…}" up to the brace that closes the argument. */
static bool
parse_choices(struct parser *p, struct part *part, unsigned depth)
{
	struct choice **end = &part->choices;
	bool has_other = false;
	skip_blanks(p);
	if (part->kind != SELECT
	    && str_starts((struct str){ p->in.p + p->at, p->in.n - p->at }, STR("offset:"))) {
		struct str digits;
		uint64_t offset;
		p->at += sizeof "offset:" - 1;
		if (!take_name(p, &digits))
			return false;
		if (!str_to_u64(digits, &offset) || offset > 1000)
			return fail(p, "the offset is a whole number, at most 1000");
		part->offset = (int64_t)offset;
	}
	while (peek(p) != '}') {
		struct choice *choice = ARENA_NEW(p->arena, struct choice);
		struct parts body = { 0 };
		if (!parse_selector(p, part, &choice->key)
		    || !take(p, '{', "a { is missing after the case")
		    || !parse_parts(p, &body, depth + 1, part->kind != SELECT)
		    || !take(p, '}', "the case is not closed with }"))
			return false;
		choice->body = body.first;
		*end = choice;
		end = &choice->next;
		has_other = has_other || str_eq(choice->key, STR("other"));
		skip_blanks(p);
	}
	return has_other || fail(p, "the case \"other\" is missing");
}

static bool
parse_argument(struct parser *p, struct parts *list, unsigned depth)
{
	static const struct {
		const char *name;
		enum part_kind kind;
	} types[] = {
		{ "number", NUMBER }, { "date", DATE }, { "plural", PLURAL },
		{ "selectordinal", ORDINAL }, { "select", SELECT },
	};
	struct str name, type;
	if (!take_name(p, &name))
		return false;
	struct part *part = parts_add(p, list, ARGUMENT, name);
	if (peek(p) == '}')
		return true;
	if (!take(p, ',', "expected , or }") || !take_name(p, &type))
		return false;
	for (size_t i = 0; i < LEN(types); i++)
		if (str_eq(type, str_of(types[i].name)))
			part->kind = types[i].kind;
	if (part->kind == ARGUMENT)
		return fail(p, "the type is one of number date plural selectordinal select");
	if (part->kind == NUMBER && peek(p) == '}')
		return true;
	if (!take(p, ',', "expected , and a style or cases"))
		return false;
	return part->kind == NUMBER || part->kind == DATE ? parse_style(p, part)
	                                                  : parse_choices(p, part, depth);
}

/* Up to a closing brace or the end, neither taken. */
static bool
parse_parts(struct parser *p, struct parts *list, unsigned depth, bool in_plural)
{
	if (depth > MESSAGE_DEPTH)
		return fail(p, "nested too deeply");
	for (;;) {
		if (!parse_text(p, list, in_plural))
			return false;
		int c = peek(p);
		if (c == -1 || c == '}')
			return true;
		p->at++;
		if (c == '#')
			parts_add(p, list, HASH, STR("#"));
		else if (!parse_argument(p, list, depth) || !take(p, '}', "expected }"))
			return false;
	}
}

bool
message_parse(struct arena *a, struct str pattern, const struct message_env *env,
    const struct message **out, struct err *err)
{
	struct parser p = { .arena = a, .in = pattern, .env = env, .err = err };
	struct parts body = { 0 };
	if (pattern.n > MESSAGE_MAX)
		return err_set(err, ERR_LIMIT, "%zu bytes, at most %d", pattern.n, MESSAGE_MAX);
	const bool bracketed = env->pseudo == PSEUDO_LONG;
	if (bracketed)
		parts_add(&p, &body, TEXT, STR("["));
	if (!parse_parts(&p, &body, 0, false))
		return false;
	if (p.at < p.in.n)
		return fail(&p, "a } without its {");
	if (bracketed)
		parts_add(&p, &body, TEXT, STR("]"));
	struct message *message = ARENA_NEW(a, struct message);
	message->body = body.first;
	*out = message;
	return true;
}

struct writer {
	const struct message_env *env;
	message_find *find;
	void *find_ctx;
	struct buf *out;
	struct err *err;
};

static bool write_parts(const struct writer *, const struct part *, struct str hash);

static bool
argument(const struct writer *w, struct str name, struct str *value)
{
	const struct node *node = w->find(w->find_ctx, name);
	if (node == NULL)
		return err_set(w->err, ERR_SETUP, "there is no '%.*s' here", STR_ARG(name));
	if (node->kind == NODE_LIST || node->kind == NODE_OBJECT || node->kind == NODE_MARKUP)
		return err_set(w->err, ERR_SETUP, "'%.*s' is not a single value", STR_ARG(name));
	*value = node->text;
	return true;
}

static bool
write_value(const struct writer *w, struct str name)
{
	const struct node *node = w->find(w->find_ctx, name);
	struct str value;
	if (!argument(w, name, &value))
		return false;
	if (node->kind == NODE_NUMBER)
		return w->env->number(w->env->ctx, value, STR(""), w->out, w->err);
	bidi_put(w->out, value, w->env->rtl);
	return true;
}

/* Text that may become part of a skeleton: a currency, a unit, a time zone. */
static bool
is_style_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_name_byte((unsigned char)s.p[i]) && s.p[i] != '/' && s.p[i] != '+')
			return false;
	return s.n <= 64;
}

static bool
has_argument(const struct part *style)
{
	for (; style != NULL; style = style->next)
		if (style->kind == ARGUMENT)
			return true;
	return false;
}

/* The style with its arguments filled in; an absent argument is empty. */
static bool
style_text(const struct writer *w, const struct part *style, struct buf *out)
{
	for (; style != NULL; style = style->next) {
		struct str value = style->text;
		if (style->kind == ARGUMENT) {
			const struct node *node = w->find(w->find_ctx, style->text);
			value = node != NULL ? node->text : STR("");
			if (!is_style_text(value))
				return err_set(w->err, ERR_INPUT,
				    "'%.*s' holds '%.*s', which cannot be part of a style",
				    STR_ARG(style->text), STR_ARG(value));
		}
		buf_put(out, value);
	}
	return buf_ok(out, w->err);
}

static bool
write_styled(const struct writer *w, const struct part *part)
{
	struct str value, zone;
	struct buf style;
	buf_init(&style, MESSAGE_MAX);
	bool ok = argument(w, part->text, &value) && style_text(w, part->style, &style);
	struct str skeleton = str_trim(buf_str(&style));
	if (ok && part->kind == NUMBER) {
		ok = w->env->number(w->env->ctx, value, skeleton, w->out, w->err);
	} else if (ok) {
		skeleton = str_cut(skeleton, ' ', &zone);
		ok = w->env->date(w->env->ctx, value, skeleton, str_trim(zone), w->out, w->err);
	}
	buf_release(&style);
	/* What a document put into the style is not the pattern's fault. */
	if (!ok && w->err != NULL && w->err->code == ERR_SETUP && has_argument(part->style))
		w->err->code = ERR_INPUT;
	return ok || err_in(w->err, "'%.*s'", STR_ARG(part->text));
}

static const struct choice *
choice_of(const struct part *part, struct str key)
{
	const struct choice *other = NULL;
	for (const struct choice *c = part->choices; c != NULL; c = c->next) {
		if (str_eq(c->key, key))
			return c;
		if (str_eq(c->key, STR("other")))
			other = c;
	}
	return other; /* parse_choices made sure of it */
}

static bool
write_select(const struct writer *w, const struct part *part, struct str hash)
{
	const struct node *node = w->find(w->find_ctx, part->text);
	struct str key = node != NULL ? node->text : STR("other");
	return write_parts(w, choice_of(part, key)->body, hash);
}

static bool
write_plural(const struct writer *w, const struct part *part)
{
	struct str value, category;
	char number[64], exact[65];
	if (!argument(w, part->text, &value))
		return false;
	if (!text_is_number(value) || value.n >= sizeof number)
		return err_set(w->err, ERR_INPUT, "'%.*s' is not a number", STR_ARG(part->text));
	exact[0] = '=';
	memcpy(exact + 1, value.p, value.n);
	struct str exact_key = { exact, value.n + 1 };
	for (const struct choice *c = part->choices; c != NULL; c = c->next)
		if (str_eq(c->key, exact_key))
			return write_parts(w, c->body, value);
	if (part->offset != 0) {
		memcpy(number, value.p, value.n);
		number[value.n] = '\0';
		int n = snprintf(number, sizeof number, "%.9g",
		    strtod(number, NULL) - (double)part->offset);
		value = (struct str){ number, (size_t)n };
	}
	return w->env->category(w->env->ctx, value, part->kind == ORDINAL, &category, w->err)
	    && write_parts(w, choice_of(part, category)->body, value);
}

/* `hash` is what # stands for: the number of the innermost plural. */
static bool
write_parts(const struct writer *w, const struct part *part, struct str hash)
{
	for (; part != NULL; part = part->next) {
		bool ok = true;
		switch (part->kind) {
		case TEXT:
			buf_put(w->out, part->text);
			break;
		case ARGUMENT:
			ok = write_value(w, part->text);
			break;
		case HASH:
			ok = w->env->number(w->env->ctx, hash, STR(""), w->out, w->err);
			break;
		case NUMBER:
		case DATE:
			ok = write_styled(w, part);
			break;
		case PLURAL:
		case ORDINAL:
			ok = write_plural(w, part);
			break;
		case SELECT:
			ok = write_select(w, part, hash);
			break;
		}
		if (!ok)
			return false;
	}
	return true;
}

bool
message_format(const struct message *m, const struct message_env *env, message_find *find,
    void *find_ctx, struct buf *out, struct err *err)
{
	const struct writer w = { env, find, find_ctx, out, err };
	return write_parts(&w, m->body, STR("0")) && buf_ok(out, err);
}

static void visit_parts(const struct part *, const struct message_visitor *);

static void
visit_choices(const struct part *part, const struct message_visitor *v)
{
	struct str key[64];
	size_t n = 0;
	for (const struct choice *c = part->choices; c != NULL; c = c->next) {
		if (n < LEN(key))
			key[n++] = c->key;
		visit_parts(c->body, v);
	}
	if ((part->kind == PLURAL || part->kind == ORDINAL) && v->plural != NULL)
		v->plural(v->ctx, part->kind == ORDINAL, key, n);
}

static void
visit_parts(const struct part *part, const struct message_visitor *v)
{
	for (; part != NULL; part = part->next) {
		if (part->kind != TEXT && part->kind != HASH)
			v->argument(v->ctx, part->text);
		visit_parts(part->style, v);
		visit_choices(part, v);
	}
}

void
message_visit(const struct message *m, const struct message_visitor *visitor)
{
	visit_parts(m->body, visitor);
}
