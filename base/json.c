#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"

#define DEPTH_MAX 64

/* jansson's own limit of 2048 is too generous for the recursive readers behind us. */
static bool
depth_is_fine(struct str text)
{
	int depth = 0;
	bool quoted = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{') && ++depth > DEPTH_MAX)
			return false;
		else if (!quoted && (c == ']' || c == '}'))
			depth--;
	}
	return true;
}

static void
release(void *value)
{
	json_decref(value);
}

bool
json_parse(struct arena *a, struct str text, json_t **out, struct err *err)
{
	json_error_t why;
	if (!depth_is_fine(text))
		return err_set(err, ERR_INPUT, "JSON nested deeper than %d", DEPTH_MAX);
	json_t *value = json_loadb(text.p ? text.p : "", text.n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (value == NULL)
		return err_set(err, ERR_INPUT, "JSON line %d column %d: %s", why.line, why.column,
		    why.text);
	arena_defer(a, release, value);
	*out = value;
	return true;
}

static json_t *
kept(struct arena *a, json_t *value)
{
	if (value == NULL)
		abort(); /* out of memory */
	arena_defer(a, release, value);
	return value;
}

json_t *
json_new_object(struct arena *a)
{
	return kept(a, json_object());
}

json_t *
json_new_array(struct arena *a)
{
	return kept(a, json_array());
}

/* Copy `s`, each byte that is not UTF-8 as U+FFFD. */
static void
put_mended(struct buf *out, struct str s)
{
	while (s.n > 0) {
		size_t n = str_utf8_length(s);
		buf_put(out, n > 0 ? (struct str){ s.p, n } : STR("\xef\xbf\xbd"));
		n += n == 0;
		s.p += n;
		s.n -= n;
	}
}

json_t *
json_str(struct str s)
{
	json_t *value = json_stringn(s.p ? s.p : "", s.n);
	if (value == NULL) {
		struct buf mended;
		buf_init(&mended, s.n * 3);
		put_mended(&mended, s);
		value = json_stringn(mended.p, mended.n);
		buf_release(&mended);
	}
	if (value == NULL)
		abort();
	return value;
}

static void
put_canonical_text(struct buf *out, struct str s)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, s.p[i]);
	}
	buf_putc(out, '"');
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool canonical(struct arena *, const json_t *, int depth, struct buf *, struct err *);

static bool
canonical_object(struct arena *a, const json_t *object, int depth, struct buf *out,
    struct err *err)
{
	const char **names = ARENA_ARRAY(a, const char *, json_object_size(object));
	const char *name;
	json_t *value;
	size_t n = 0;
	json_object_foreach((json_t *)object, name, value)
		names[n++] = name;
	if (n > 0)
		qsort(names, n, sizeof *names, by_name);
	buf_putc(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_canonical_text(out, str_of(names[i]));
		buf_putc(out, ':');
		if (!canonical(a, json_object_get(object, names[i]), depth + 1, out, err))
			return err_in(err, "%s", names[i]);
	}
	buf_putc(out, '}');
	return true;
}

static bool
canonical_array(struct arena *a, const json_t *array, int depth, struct buf *out,
    struct err *err)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i > 0)
			buf_putc(out, ',');
		if (!canonical(a, json_array_get(array, i), depth + 1, out, err))
			return false;
	}
	buf_putc(out, ']');
	return true;
}

static bool
canonical(struct arena *a, const json_t *value, int depth, struct buf *out, struct err *err)
{
	if (depth > DEPTH_MAX)
		return err_set(err, ERR_INPUT, "JSON nested deeper than %d", DEPTH_MAX);
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return canonical_object(a, value, depth, out, err);
	case JSON_ARRAY:
		return canonical_array(a, value, depth, out, err);
	case JSON_STRING:
		put_canonical_text(out,
		    (struct str){ json_string_value(value), json_string_length(value) });
		return true;
	case JSON_INTEGER:
		buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return true;
	case JSON_TRUE:
		buf_put(out, STR("true"));
		return true;
	case JSON_FALSE:
		buf_put(out, STR("false"));
		return true;
	case JSON_NULL:
		buf_put(out, STR("null"));
		return true;
	case JSON_REAL:
		break;
	}
	return err_set(err, ERR_INPUT, "canonical JSON has integers only");
}

bool
json_canonical(const json_t *value, struct buf *out, struct err *err)
{
	struct arena *a = arena_new();
	bool ok = canonical(a, value, 0, out, err) && buf_ok(out, err);
	arena_free(a);
	return ok;
}

static int
append(const char *bytes, size_t n, void *out)
{
	buf_put(out, (struct str){ bytes, n });
	return 0;
}

bool
json_pretty(const json_t *value, struct buf *out, struct err *err)
{
	if (json_dump_callback(value, append, out,
	        JSON_SORT_KEYS | JSON_INDENT(2) | JSON_ENCODE_ANY) != 0)
		return err_set(err, ERR_INPUT, "this value cannot be written as JSON");
	buf_putc(out, '\n');
	return buf_ok(out, err);
}

/* One byte below 0x80 as JSON has it; what HTML could mistake for markup is escaped too. */
static void
quote_ascii(struct buf *out, char c)
{
	static const char shorts[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	for (size_t i = 0; i + 1 < sizeof shorts; i += 2)
		if (c == shorts[i]) {
			buf_putc(out, '\\');
			buf_putc(out, shorts[i + 1]);
			return;
		}
	if ((unsigned char)c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&')
		buf_printf(out, "\\u%04x", (unsigned)c);
	else
		buf_putc(out, c);
}

void
json_quote(struct buf *out, struct str s)
{
	buf_putc(out, '"');
	while (s.n > 0) {
		size_t n = str_utf8_length(s);
		struct str one = { s.p, n };
		if (n == 0)
			buf_put(out, STR("\xef\xbf\xbd"));
		else if (n == 1)
			quote_ascii(out, s.p[0]);
		else if (n == 2 && s.p[0] == '\xc2' && (unsigned char)s.p[1] < 0xa0)
			buf_printf(out, "\\u%04x", (unsigned)(unsigned char)s.p[1]); /* C1 */
		else if (str_eq(one, STR("\xe2\x80\xa8")))
			buf_put(out, STR("\\u2028"));
		else if (str_eq(one, STR("\xe2\x80\xa9")))
			buf_put(out, STR("\\u2029"));
		else
			buf_put(out, one);
		n += n == 0;
		s.p += n;
		s.n -= n;
	}
	buf_putc(out, '"');
}

/* The member, or NULL and an error that says what it must be. */
static const json_t *
member(const json_t *object, const char *name, json_type type, const char *what,
    struct err *err)
{
	const json_t *value = json_object_get(object, name);
	if (value == NULL)
		(void)err_set(err, ERR_INPUT, "member '%s' is missing", name);
	else if (json_typeof(value) != type)
		(void)err_set(err, ERR_INPUT, "member '%s' must be %s", name, what);
	else
		return value;
	return NULL;
}

bool
field_text(const json_t *object, const char *name, struct str *out, struct err *err)
{
	const json_t *value = member(object, name, JSON_STRING, "a string", err);
	if (value == NULL)
		return false;
	*out = (struct str){ json_string_value(value), json_string_length(value) };
	return true;
}

bool
field_text_opt(const json_t *object, const char *name, struct str *out, struct err *err)
{
	*out = STR("");
	return json_object_get(object, name) == NULL || field_text(object, name, out, err);
}

bool
field_int(const json_t *object, const char *name, int64_t min, int64_t max, int64_t *out,
    struct err *err)
{
	const json_t *value = member(object, name, JSON_INTEGER, "an integer", err);
	if (value == NULL)
		return false;
	int64_t number = json_integer_value(value);
	if (number < min || number > max)
		return err_set(err, ERR_INPUT,
		    "member '%s' is %" PRId64 ", must be %" PRId64 " to %" PRId64, name, number,
		    min, max);
	*out = number;
	return true;
}

bool
field_digest(const json_t *object, const char *name, struct digest *out, struct err *err)
{
	struct str text;
	return field_text(object, name, &text, err)
	    && (digest_parse(text, out, err) || err_in(err, "member '%s'", name));
}

bool
field_time(const json_t *object, const char *name, int64_t *out, struct err *err)
{
	struct str text;
	return field_text(object, name, &text, err)
	    && (time_parse(text, out, err) || err_in(err, "member '%s'", name));
}

bool
field_object(const json_t *object, const char *name, const json_t **out, struct err *err)
{
	const json_t *value = member(object, name, JSON_OBJECT, "an object", err);
	if (value == NULL)
		return false;
	*out = value;
	return true;
}

bool
field_array(const json_t *object, const char *name, const json_t **out, struct err *err)
{
	const json_t *value = member(object, name, JSON_ARRAY, "an array", err);
	if (value == NULL)
		return false;
	*out = value;
	return true;
}
