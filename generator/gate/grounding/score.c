/* Who won: a score that the facts have may still be given to the wrong side. */
#include "generator/gate/grounding/ground.h"

struct pair {
	double home, away;
	bool is_half; /* not what the match ended with */
};

static bool
number_at(const struct facts *f, const struct node *object, struct str name, double *out)
{
	for (size_t i = 0; i < f->numbers; i++)
		if (f->number[i].parent == object && str_eq(f->number[i].name, name)) {
			*out = f->number[i].value;
			return true;
		}
	return false;
}

static const struct node *
object_at(const struct facts *f, const char *name)
{
	const struct node *n = f->root == NULL ? NULL : node_get(f->root, str_of(name));
	return n != NULL && n->kind == NODE_OBJECT ? n : NULL;
}

bool
facts_have_sides(const struct facts *f)
{
	return object_at(f, "home") != NULL && object_at(f, "away") != NULL;
}

/* The scores of the match: final, after penalties, after extra time, at half-time. */
static int
pairs_of(const struct facts *f, struct pair out[4])
{
	static const char *const names[] = { "penalties", "extra-time", "half-time" };
	const struct node *home = object_at(f, "home"), *away = object_at(f, "away");
	int n = 0;
	if (home == NULL || away == NULL)
		return 0;
	out[0].is_half = false;
	if (number_at(f, home, STR("score"), &out[n].home) && number_at(f, away, STR("score"), &out[n].away))
		n++;
	for (size_t i = 0; i < LEN(names); i++) {
		const struct node *x = object_at(f, names[i]);
		out[n].is_half = i == 2;
		if (x != NULL && number_at(f, x, STR("home"), &out[n].home)
		    && number_at(f, x, STR("away"), &out[n].away))
			n++;
	}
	return n;
}

static const struct subject *
side_of(const struct facts *f, const char *name)
{
	const struct node *object = object_at(f, name);
	for (size_t i = 0; i < f->subjects; i++)
		if (f->subject[i].object == object)
			return &f->subject[i];
	return NULL;
}

struct mention {
	const struct subject *who;
	int32_t start, end;
	bool is_object; /* beaten, or played against */
};

/* Is it marked as who the other side played? Within two words in front, or right behind. */
static bool
is_marked(const struct gloss *s, int32_t start, int32_t end)
{
	int32_t i = gloss_back(s, start);
	if (s->language->is_postposed)
		return gloss_word_at(s, gloss_skip(s, end), WORD_AGAINST) != NULL;
	for (int words = 0; words < 3 && i > 0; words++) {
		if (gloss_word_before(s, i, WORD_AGAINST) != NULL)
			return true;
		while (i > 0 && s->p[i - 1] != ' ')
			i--;
		i = gloss_back(s, i);
		/* Over an article, "1." and "FC" only. */
		if (start - i > 10)
			return false;
	}
	return false;
}

static int
find_mentions(const struct gloss *s, const struct subject *side[2], int32_t from, int32_t to,
    struct mention out[8])
{
	int n = 0;
	for (int k = 0; k < 2; k++) {
		int32_t end;
		for (int32_t i = subject_find(s, side[k], from, to, &end); i >= 0 && n < 8;
		    i = subject_find(s, side[k], end, to, &end))
			out[n++] = (struct mention){ side[k], i, end, is_marked(s, i, end) };
	}
	for (int i = 1; i < n; i++)
		for (int k = i; k > 0 && out[k - 1].start > out[k].start; k--) {
			struct mention x = out[k];
			out[k] = out[k - 1];
			out[k - 1] = x;
		}
	return n;
}

/* マドリード ends like "lead". */
static bool
is_within(const struct mention *m, int n, const struct tag *t)
{
	for (int i = 0; i < n; i++)
		if (t->start >= m[i].start && t->end <= m[i].end)
			return true;
	return false;
}

/* 1 if the sentence says that somebody won, -1 lost, 0 if nothing or both. */
static int
outcome_of(const struct gloss *s, const struct mention *m, int n, int32_t from, int32_t to, int32_t *verb)
{
	int outcome = 0;
	int32_t covered = from;
	for (size_t i = gloss_tag_from(s, from); i < s->tags && s->tag[i].start < to; i++) {
		const struct tag *t = &s->tag[i];
		if (t->word == NULL || (t->word->kind != WORD_WIN && t->word->kind != WORD_LOSE)
		    || t->end <= covered || is_within(m, n, t))
			continue;
		int says = t->word->kind == WORD_WIN ? 1 : -1;
		if (outcome != 0 && outcome != says)
			return 0;
		if (outcome == 0)
			*verb = t->start;
		outcome = says;
		covered = t->end;
	}
	return outcome;
}

/* Who won or lost: the first who is not marked as the other side, in front of the verb if there
 * is one. Only "against X" said: the other of the two. */
static const struct subject *
subject_of(const struct mention *m, int n, int32_t verb, const struct subject *side[2])
{
	for (int i = 0; i < n; i++)
		if (!m[i].is_object && m[i].start < verb)
			return m[i].who;
	for (int i = 0; i < n; i++)
		if (!m[i].is_object)
			return m[i].who;
	return n == 0 ? NULL : m[0].who == side[0] ? side[1] : side[0];
}

/* "Schalke 04 3-1 Köln": the numbers stand with the names, so their order is told. */
static const struct subject *
beside(const struct gloss *s, const struct mention *m, int n, int32_t start, int32_t end)
{
	const struct subject *left = NULL, *right = NULL;
	for (int i = 0; i < n; i++) {
		if (gloss_back(s, start) == m[i].end)
			left = m[i].who;
		if (gloss_skip(s, end) == m[i].start)
			right = m[i].who;
	}
	return left != NULL && right != NULL && left != right ? left : NULL;
}

static bool
has_comma_between(const struct gloss *s, int32_t i, int32_t k)
{
	for (int32_t at = i < k ? i : k; at < (i < k ? k : i); at++)
		if (s->p[at] == ',' || s->p[at] == 0x3001 || s->p[at] == 0xFF0C || s->p[at] == 0x060C)
			return true;
	return false;
}

bool
score_is_turned(struct ground *g, int32_t start, int32_t end, const int64_t value[2],
    const struct subject **winner)
{
	const struct gloss *s = &g->gloss;
	struct pair pair[4];
	int n = pairs_of(g->facts, pair), outcome;
	int32_t from, to, verb = 0;
	bool is_half = true;
	double lead = 0, a = (double)value[0], b = (double)value[1];
	for (int i = 0; i < n && a != b; i++) {
		bool fits = (pair[i].home == a && pair[i].away == b) || (pair[i].home == b && pair[i].away == a);
		double by = fits ? pair[i].home - pair[i].away : 0;
		if (by * lead < 0)
			return false; /* both have led so */
		lead = by != 0 ? by : lead;
		is_half = is_half && (by == 0 || pair[i].is_half);
	}
	if (lead == 0)
		return false;
	facts_subjects(g);
	const struct subject *side[2] = { side_of(g->facts, "home"), side_of(g->facts, "away") };
	if (side[0] == NULL || side[1] == NULL)
		return false;
	*winner = side[lead > 0 ? 0 : 1];
	gloss_sentence(s, start, &from, &to);
	struct mention mention[8];
	int mentions = find_mentions(s, side, from, to, mention);
	const struct subject *left = beside(s, mention, mentions, start, end);
	if (left != NULL)
		return (left == *winner) != (a > b);
	outcome = outcome_of(s, mention, mentions, from, to, &verb);
	const struct subject *who = subject_of(mention, mentions, verb, side);
	if (is_half && has_comma_between(s, verb, start))
		return false; /* "ahead 1-0 at half-time, they lost" */
	return outcome != 0 && who != NULL && (who == *winner) != (outcome > 0);
}
