/* Which fact a figure is attached to: by a noun behind it ("61,213 spectators"), or by a label in
 * front ("humidity of 67 %"), and by who the sentence is about. */
#include <math.h>

#include "generator/gate/grounding/ground.h"

#define LABEL_WORDS 7  /* a label reaches so many words; in Chinese and Japanese, characters */
#define LABEL_SIGNS 14
#define LABEL_UNITS 120

/* The noun right behind the number, with "of" or an ordinary blank between. */
static const struct tag *
noun_behind(const struct gloss *s, const struct quantity *q)
{
	static const char *const link[] = { "de ", "d'", "of ", "di " };
	int32_t i = gloss_skip(s, q->end);
	if (i < s->n && s->p[i] == '-')
		i++;
	const struct tag *t = gloss_word_at(s, i, WORD_FIELD);
	for (size_t k = 0; t == NULL && k < LEN(link); k++)
		if (gloss_has(s, i, link[k]))
			t = gloss_word_at(s, i + (int32_t)strlen(link[k]), WORD_FIELD);
	return t;
}

/* Is the label said of the number in front of it: "13 grados de máxima"? */
static bool
is_taken(const struct gloss *s, int32_t label)
{
	for (int32_t i = label - 1, words = 0; i >= 0 && words < 4 && label - i < LABEL_UNITS; i--) {
		if (gloss_is_digit(s, i))
			return true;
		if (s->p[i] == ',' || s->p[i] == '.' || s->p[i] == ';')
			return false;
		words += s->p[i] == ' ';
	}
	return false;
}

/* The nearest label in front, with no other number and no end of a clause between. */
static const struct tag *
label_before(const struct gloss *s, const struct quantity *q)
{
	int reach = s->language->is_cjk ? LABEL_SIGNS : LABEL_WORDS;
	for (int32_t i = q->start - 1; i >= 0 && reach > 0 && q->start - i < LABEL_UNITS; i--) {
		UChar c = s->p[i];
		if (gloss_is_digit(s, i) || gloss_ends_sentence(s, i) || c == ',' || c == '(' || c == ')'
		    || c == 0x3001 || c == 0xFF0C || c == 0x060C)
			return NULL;
		reach -= s->language->is_cjk || c == ' ';
		const struct tag *t = gloss_word_at(s, i, WORD_FIELD);
		if (t == NULL || t->end > q->start)
			continue;
		/* A noun that is no label counts only right in front: 勝ち点29. */
		bool is_near = s->language->is_cjk && t->end == q->start;
		if (is_near || (fields_known[t->word->value].is_label && (s->language->is_cjk || !is_taken(s, i))))
			return t;
	}
	return NULL;
}

static bool
is_of_field(const struct field *x, const struct fact_number *f)
{
	for (size_t k = 0; k < LEN(x->facts) && x->facts[k] != NULL; k++)
		if (str_eq(f->name, str_of(x->facts[k])))
			return true;
	return false;
}

/* The quantity in the unit of the fact; NAN if they measure different things. */
static bool
in_unit_of(const struct quantity *q, const struct fact_number *f, struct quantity *out)
{
	*out = *q;
	if (q->unit < 0 || f->unit < 0 || q->unit == f->unit)
		return true;
	const struct unit *a = &units_known[q->unit], *b = &units_known[f->unit];
	if (a->dimension == ANGLE && b->dimension == TEMPERATURE)
		return true;
	if (a->dimension != b->dimension)
		return false;
	out->value = (q->value * a->factor + a->offset - b->offset) / b->factor;
	out->half = q->half * a->factor / b->factor;
	out->rough = q->rough * a->factor / b->factor;
	return true;
}

static bool
bears(const struct ground *g, const struct quantity *q, const struct fact_number *f)
{
	struct quantity in;
	if (!in_unit_of(q, f, &in))
		return false;
	bool is_bare = q->unit < 0 || units_known[q->unit].dimension == ANGLE;
	bool is_warm = f->unit >= 0 && units_known[f->unit].dimension == TEMPERATURE;
	return quantity_near(&in, f->value)
	    || (is_bare && is_warm && str_ends(g->gloss.language->tag, STR("-us"))
		&& quantity_near(&in, f->value * 9 / 5 + 32));
}

#define CHOSEN_MAX 64
struct choice {
	const struct fact_number *fact[CHOSEN_MAX];
	bool is_mentioned[CHOSEN_MAX];
	size_t n;
	int objects; /* that are mentioned */
};

static void
choose(struct ground *g, const struct field *x, const struct quantity *q, struct choice *c)
{
	int32_t start, end;
	struct quantity ignored;
	c->n = 0;
	c->objects = 0;
	gloss_sentence(&g->gloss, q->start, &start, &end);
	for (size_t i = 0; i < g->facts->numbers && c->n < CHOSEN_MAX; i++) {
		const struct fact_number *f = &g->facts->number[i];
		if (!is_of_field(x, f) || f->is_written || !in_unit_of(q, f, &ignored))
			continue;
		bool mentioned = f->parent != NULL && subject_is_mentioned(g, f->parent, start, end);
		c->fact[c->n] = f;
		c->is_mentioned[c->n++] = mentioned;
		c->objects += mentioned && (c->n < 2 || c->fact[c->n - 2]->parent != f->parent);
	}
}

/* Are they rows of a table of which one is the first or next to the other? Somebody leads by
 * what is between him and the next. */
static bool
are_compared(const struct fact_number *x, const struct fact_number *y)
{
	if (x->grand == NULL || x->grand != y->grand || x->grand->kind != NODE_LIST)
		return true;
	return x->parent->next == y->parent || y->parent->next == x->parent
	    || x->grand->first == x->parent || x->grand->first == y->parent;
}

/* "Arsenal are six points clear": of the second. */
static bool
is_lead_over_third(const struct choice *c, size_t i, size_t k)
{
	const struct fact_number *x = c->fact[i], *y = c->fact[k];
	const struct node *first = x->grand == NULL ? NULL : x->grand->first;
	if (c->objects != 1 || first == NULL || x->grand != y->grand || x->grand->kind != NODE_LIST)
		return false;
	bool says_first = (c->is_mentioned[i] && x->parent == first)
	    || (c->is_mentioned[k] && y->parent == first);
	return says_first && first->next != x->parent && first->next != y->parent;
}

/* Differences and sums of two figures of the same name: "five points clear", "four goals". */
static bool
follows(const struct choice *c, const struct quantity *q)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < i; k++) {
			double x = c->fact[i]->value, y = c->fact[k]->value;
			bool is_named = c->objects >= 2 ? c->is_mentioned[i] && c->is_mentioned[k]
			    : c->objects == 0 || c->is_mentioned[i] || c->is_mentioned[k];
			is_named = is_named && (c->objects >= 2 || are_compared(c->fact[i], c->fact[k]))
			    && !is_lead_over_third(c, i, k);
			if (is_named && str_eq(c->fact[i]->name, c->fact[k]->name)
			    && (quantity_near(q, x - y) || (c->n == 2 && quantity_near(q, x + y))))
				return true;
		}
	return false;
}

static bool
is_text(const struct node *n, const struct node *other)
{
	return other != NULL && other->kind == NODE_TEXT && str_eq(n->text, other->text);
}

/* How often something happened: goals of a player, of a side, of the second half, penalties. */
static bool
is_count_of_items(const struct ground *g, const struct quantity *q)
{
	const struct node *goals = g->facts->root == NULL ? NULL : node_get(g->facts->root, STR("goals"));
	const struct node *half = g->facts->root == NULL ? NULL : node_get(g->facts->root, STR("half-time"));
	if (goals == NULL || goals->kind != NODE_LIST)
		return false;
	if (half != NULL && half->kind == NODE_OBJECT) {
		double first = 0;
		for (size_t i = 0; i < g->facts->numbers; i++)
			first += g->facts->number[i].parent == half ? g->facts->number[i].value : 0;
		if (q->value == first || q->value == (double)goals->count - first)
			return true;
	}
	for (const struct node *x = goals->first; x != NULL; x = x->next)
		for (const struct node *t = x->kind == NODE_OBJECT ? x->first : NULL; t != NULL; t = t->next) {
			double n = 0;
			for (const struct node *y = goals->first; t->kind == NODE_TEXT && y != NULL; y = y->next)
				n += y->kind == NODE_OBJECT && is_text(t, node_get(y, t->name));
			if (n == q->value && n > 0)
				return true;
		}
	return q->value == (double)goals->count;
}

enum fitting
facts_fit(struct ground *g, const struct quantity *q, const struct fact_number **nearest)
{
	const struct gloss *s = &g->gloss;
	bool is_span = q->unit >= 0 && units_known[q->unit].dimension == SPAN;
	const struct tag *behind = noun_behind(s, q), *before = label_before(s, q);
	const struct tag *t = behind == NULL ? before : behind;
	if (t == NULL || is_span)
		return NOT_SAID;
	const struct field *x = &fields_known[t->word->value];
	struct choice c;
	facts_subjects(g);
	choose(g, x, q, &c);
	/* "The low was 5,748.02 points": of an index; only tables have points of their own. */
	if (c.n == 0 && behind != NULL && before != NULL) {
		x = &fields_known[before->word->value];
		choose(g, x, q, &c);
	}
	if (strcmp(x->name, "goals") == 0 && is_count_of_items(g, q))
		return FITS;
	if (c.n == 0)
		return NOT_SAID;
	*nearest = c.fact[0];
	for (size_t i = 0; i < c.n; i++) {
		if (c.objects > 0 && !c.is_mentioned[i])
			continue;
		*nearest = c.fact[i];
		if (bears(g, q, c.fact[i]))
			return FITS;
	}
	return !x->is_label && follows(&c, q) ? FITS : FITS_NOT;
}

/* "one-in-five chance", with the second number at the tag. */
static bool
judge_chance(struct ground *g, const struct tag *t)
{
	struct gloss *s = &g->gloss;
	const struct fact_number *nearest;
	bool is_joined = gloss_has(s, t->start - 4, "-in-");
	bool is_chance = is_joined || (gloss_has(s, t->start - 4, " in ") && gloss_has(s, t->end, " chance"));
	if (strcmp(s->language->code, "en") != 0 || !is_chance)
		return false;
	const struct tag *first = gloss_word_before(s, t->start - 4, WORD_NUMBER);
	bool is_one = gloss_has(s, t->start - 7, "one");
	if (first == NULL && !is_one)
		return false;
	double share = 100.0 * (is_one ? 1 : first->word->value) / t->word->value;
	struct quantity q = { .start = is_one ? t->start - 7 : first->start, .end = t->end, .value = share,
		.half = 0.5, .rough = 0.5, .unit = unit_index(STR("percent")) };
	gloss_use(s, q.start, q.end);
	if (facts_bear(g, &q, &nearest) == UNBORNE)
		ground_report(g, false, q.start, q.end, "is not among the facts");
	return true;
}

void
ground_spelled(struct ground *g)
{
	struct gloss *s = &g->gloss;
	for (size_t i = 0; i < s->tags; i++) {
		const struct tag *t = &s->tag[i];
		const struct fact_number *f = NULL;
		struct quantity q;
		if (t->word == NULL || t->word->kind != WORD_NUMBER || gloss_is_used(s, t->start, t->end))
			continue;
		if (judge_chance(g, t))
			continue;
		quantity_of_word(s, t, &q);
		enum fitting how = facts_fit(g, &q, &f);
		if (how == NOT_SAID)
			continue;
		gloss_use(s, t->start, t->end);
		if (how == FITS_NOT)
			ground_report(g, false, q.start, q.end, "is not what the facts say: %.*s = %.*s",
			    STR_ARG(f->path), QUOTE(f->shown));
	}
}
