/* diff: two texts, by the longest common sequence of their lines. */
#include "publisher/upkeep/diff.h"

#define AROUND 3

struct lines {
	struct str *line;
	size_t n;
};

static bool
lines_split(struct arena *a, struct str text, struct lines *out, struct err *err)
{
	size_t room = 0, start = 0;
	for (size_t i = 0; i < text.n; i++) {
		const bool newline = text.p[i] == '\n';
		const bool between = text.p[i] == '>' && i + 1 < text.n && text.p[i + 1] == '<';
		if (!newline && !between && i + 1 < text.n)
			continue;
		if (out->n == DIFF_LINES)
			return err_set(err, ERR_LIMIT, "more than %d lines", DIFF_LINES);
		ARENA_GROW(a, out->line, out->n, room);
		out->line[out->n++] = (struct str){ text.p + start, i + !newline - start };
		start = i + 1;
	}
	return true;
}

struct comparing {
	struct lines was, is;
	uint16_t *length; /* of the common sequence of what is from (i, k) on */
};

static uint16_t *
at(const struct comparing *c, size_t i, size_t k)
{
	return &c->length[i * (c->is.n + 1) + k];
}

static void
lengths_fill(struct comparing *c)
{
	for (size_t i = c->was.n; i-- > 0;)
		for (size_t k = c->is.n; k-- > 0;) {
			const uint16_t down = *at(c, i + 1, k), right = *at(c, i, k + 1);
			*at(c, i, k) = str_eq(c->was.line[i], c->is.line[k])
			    ? (uint16_t)(*at(c, i + 1, k + 1) + 1) : down > right ? down : right;
		}
}

/* One line of the result: ' ', '-' or '+', and its place in both. */
struct edit {
	char sign;
	struct str line;
	size_t was, is;
};

static size_t
edits_make(struct arena *a, const struct comparing *c, struct edit **out)
{
	size_t n = 0, i = 0, k = 0;
	*out = ARENA_ARRAY(a, struct edit, c->was.n + c->is.n);
	while (i < c->was.n || k < c->is.n) {
		struct edit *e = &(*out)[n++];
		*e = (struct edit){ ' ', STR(""), i, k };
		if (i < c->was.n && k < c->is.n && str_eq(c->was.line[i], c->is.line[k])) {
			e->line = c->was.line[i++];
			k++;
		} else if (k == c->is.n || (i < c->was.n && *at(c, i + 1, k) >= *at(c, i, k + 1))) {
			e->sign = '-';
			e->line = c->was.line[i++];
		} else {
			e->sign = '+';
			e->line = c->is.line[k++];
		}
	}
	return n;
}

/* Is there a change within AROUND lines? */
static bool
is_near(const struct edit *e, size_t n, size_t i)
{
	const size_t first = i > AROUND ? i - AROUND : 0;
	for (size_t k = first; k < n && k <= i + AROUND; k++)
		if (e[k].sign != ' ')
			return true;
	return false;
}

static void
hunk_put(const struct edit *e, size_t from, size_t to, struct buf *out)
{
	size_t was = 0, is = 0;
	for (size_t i = from; i < to; i++) {
		was += e[i].sign != '+';
		is += e[i].sign != '-';
	}
	buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", e[from].was + (was > 0), was,
	    e[from].is + (is > 0), is);
	for (size_t i = from; i < to; i++) {
		buf_putc(out, e[i].sign);
		buf_put(out, e[i].line);
		buf_putc(out, '\n');
	}
}

bool
diff_text(struct arena *a, struct str was, struct str is, struct buf *out, struct err *err)
{
	struct comparing c = { 0 };
	struct edit *e;
	if (!lines_split(a, was, &c.was, err) || !lines_split(a, is, &c.is, err))
		return false;
	struct arena *scratch = arena_new();
	c.length = ARENA_ARRAY(scratch, uint16_t, (c.was.n + 1) * (c.is.n + 1));
	lengths_fill(&c);
	const size_t n = edits_make(scratch, &c, &e);
	for (size_t i = 0; i < n;) {
		size_t end = i;
		while (end < n && is_near(e, n, end))
			end++;
		if (end > i)
			hunk_put(e, i, end, out);
		i = end + 1;
	}
	arena_free(scratch);
	return buf_ok(out, err);
}
