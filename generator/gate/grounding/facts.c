/* Everything that a text may repeat, taken from the document's own data. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "base/clock.h"
#include "generator/gate/grounding/ground.h"
#include "generator/gate/language/memo.h"

#define DAY_S 86400
#define ZONES_MAX 4

struct collector {
	struct arena *a;
	const struct gate_input *in;
	struct facts *f;
	UCalendar *zone[ZONES_MAX];
	size_t zones;
	bool says_utc; /* the text gives times in UTC */
	bool is_meta;  /* what is being taken is no fact but says when the text was made */
};

static int64_t
floor_div(int64_t x, int64_t y)
{
	return x / y - (x % y < 0);
}

static void
add_number(struct collector *c, struct fact_number n)
{
	struct facts *f = c->f;
	ARENA_GROW(c->a, f->number, f->numbers, f->numbers_room);
	f->number[f->numbers++] = n;
}

static void
add_day(struct collector *c, int64_t day, struct str path)
{
	struct facts *f = c->f;
	for (size_t i = 0; i < f->days; i++)
		if (f->day[i].day == day) {
			f->day[i].is_meta = f->day[i].is_meta && c->is_meta;
			return;
		}
	struct fact_day d = { .day = day, .path = path, .is_meta = c->is_meta };
	const struct memo_day *known = memo_day(c->in->language, day);
	d.weekday = known->weekday;
	_Static_assert(sizeof d.in == sizeof known->in, "the same fields");
	memcpy(d.in, known->in, sizeof d.in);
	ARENA_GROW(c->a, f->day, f->days, f->days_room);
	f->day[f->days++] = d;
}

static void
add_minute(struct collector *c, int64_t second_of_day)
{
	struct facts *f = c->f;
	int minute = (int)(second_of_day / 60);
	for (size_t i = 0; i < f->minutes; i++)
		if (f->minute[i].minute == minute) {
			f->minute[i].is_meta = f->minute[i].is_meta && c->is_meta;
			return;
		}
	ARENA_GROW(c->a, f->minute, f->minutes, f->minutes_room);
	f->minute[f->minutes++] = (struct fact_minute){ minute, c->is_meta };
}

static void
add_local(struct collector *c, int64_t t, struct str path)
{
	add_day(c, floor_div(t, DAY_S), path);
	add_minute(c, t - floor_div(t, DAY_S) * DAY_S);
}

/* A moment has a day and a time in each zone that the facts name; in UTC if they name none, or
 * if the text says so. */
static void
add_moment(struct collector *c, int64_t t, struct str path)
{
	if (c->zones == 0 || c->says_utc || c->is_meta)
		add_local(c, t, path);
	for (size_t i = 0; i < c->zones; i++) {
		UErrorCode e = U_ZERO_ERROR;
		ucal_setMillis(c->zone[i], (double)t * 1000, &e);
		int32_t offset_ms = ucal_get(c->zone[i], UCAL_ZONE_OFFSET, &e)
		    + ucal_get(c->zone[i], UCAL_DST_OFFSET, &e);
		if (U_SUCCESS(e))
			add_local(c, t + offset_ms / 1000, path);
	}
}

static void
add_folded(struct collector *c, struct plain text)
{
	struct facts *f = c->f;
	if (text.n == 0)
		return;
	ARENA_GROW(c->a, f->text, f->texts, f->texts_room);
	f->text[f->texts++] = (struct fact_text){ .text = text };
}

static void
add_text(struct collector *c, struct str s)
{
	add_folded(c, gloss_fold(c->a, s));
}

static bool
in_words(const struct policy_words *w, struct str s)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->item[i], s))
			return true;
	return false;
}

static int
unit_of(const struct policy *p, struct str name)
{
	for (size_t i = 0; i < p->units; i++)
		if (str_eq(p->unit[i].name, name))
			return p->unit[i].unit;
	return -1;
}

double
ten_to(int exponent)
{
	double value = 1;
	for (int i = 0; i < exponent && i < 18; i++)
		value *= 10;
	for (int i = 0; i > exponent && i > -18; i--)
		value /= 10;
	return value;
}

static double
number_of(struct str s)
{
	char text[64];
	if (s.n == 0 || s.n >= sizeof text)
		return NAN;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return strtod(text, NULL); /* the process never sets a locale: '.' is the point */
}

/* Of a list's own item, the name of the list: "series/item[3]" counts as "series". */
static struct str
name_of(const struct leaf *l)
{
	return l->node->name.n > 0 || l->parent == NULL ? l->node->name : l->parent->name;
}

static void
take_number(struct collector *c, const struct leaf *l)
{
	double value = number_of(l->node->text);
	if (!isfinite(value))
		return;
	struct str name = name_of(l);
	add_number(c, (struct fact_number){ .value = value, .unit = unit_of(c->in->policy, name),
	    .is_change = in_words(&c->in->policy->changes, name), .path = l->path,
	    .shown = l->node->text, .parent = l->parent, .grand = l->grand, .name = name });
}

/* Numbers within words: "Matchday 12", "2025/26", "S&P 500", "high-52-weeks". */
static void
take_numbers_within(struct collector *c, const struct leaf *l, struct str text)
{
	struct gloss s;
	gloss_make(c->a, c->in->language, text, &s);
	for (int32_t i = 0; i < s.n; i++) {
		struct quantity q;
		if (!gloss_is_digit(&s, i) || !quantity_read(&s, i, &q))
			continue;
		add_number(c, (struct fact_number){ .value = fabs(q.value), .unit = q.unit,
		    .is_written = true, .path = l->path, .shown = text, .name = name_of(l) });
		i = q.end > i ? q.end - 1 : i;
	}
}

static void
take_scale(struct collector *c, struct str text)
{
	struct gloss s;
	gloss_make(c->a, c->in->language, text, &s);
	for (size_t i = 0; i < s.tags; i++)
		if (s.tag[i].word != NULL && s.tag[i].word->kind == WORD_SCALE && c->f->scale == 0)
			c->f->scale = s.tag[i].word->value;
}

static bool
is_upper(struct str s, size_t n)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return false;
	return s.n == n;
}

/* A code stands for a name that prose writes out. */
static void
take_code(struct collector *c, const struct leaf *l)
{
	struct str s = l->node->text;
	if (is_upper(s, 2)) {
		add_folded(c, memo_name(c->a, c->in->language, s));
	} else if (is_upper(s, 3)) {
		struct plain name = memo_name(c->a, c->in->language, s);
		if (name.n == 0)
			return; /* no currency */
		add_folded(c, name);
		bool is_priced = str_eq(l->node->name, STR("currency"))
		    || str_eq(l->node->name, STR("base"));
		if (str_eq(l->node->name, STR("base")) && c->f->base == NULL)
			c->f->base = arena_copy(c->a, s).p;
		for (size_t i = 0; is_priced && i + 1 < LEN(c->f->currency); i++)
			if (c->f->currency[i] == NULL) {
				c->f->currency[i] = arena_copy(c->a, s).p;
				break;
			}
	}
}

static void
take_zone(struct collector *c, struct str s)
{
	if (s.n == 0 || memchr(s.p, '/', s.n) == NULL || c->zones == ZONES_MAX)
		return;
	UCalendar *zone = memo_zone(c->a, c->in->language, s);
	if (zone == NULL)
		return;
	c->zone[c->zones++] = zone;
	/* "America/Los_Angeles" is Los Angeles. */
	struct str city = s;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '/')
			city = (struct str){ s.p + i + 1, s.n - i - 1 };
	struct str name = arena_copy(c->a, city);
	char *p = ARENA_ARRAY(c->a, char, name.n + 1);
	for (size_t i = 0; i < name.n; i++)
		p[i] = name.p[i] == '_' ? ' ' : name.p[i];
	add_text(c, (struct str){ p, name.n });
}

/* In the first zone of the facts, or UTC. */
static bool
is_midnight(const struct collector *c, int64_t t)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t offset_ms = 0;
	if (c->zones > 0) {
		ucal_setMillis(c->zone[0], (double)t * 1000, &e);
		offset_ms = ucal_get(c->zone[0], UCAL_ZONE_OFFSET, &e) + ucal_get(c->zone[0], UCAL_DST_OFFSET, &e);
	}
	return (t + offset_ms / 1000) % DAY_S == 0;
}

/* A day, or a moment; false if the text is neither. */
static bool
take_date(struct collector *c, const struct leaf *l)
{
	struct str s = l->node->text;
	struct err ignored;
	int64_t t;
	if (s.n == 10 && s.p[4] == '-' && s.p[7] == '-') {
		struct str moment = arena_printf(c->a, "%.*sT00:00:00Z", STR_ARG(s));
		if (!time_parse(moment, &t, &ignored))
			return false;
		add_day(c, floor_div(t, DAY_S), l->path);
		return true;
	}
	if (s.n < 20 || s.p[10] != 'T' || !time_parse(s, &t, &ignored))
		return false;
	if (!c->is_meta) {
		ARENA_GROW(c->a, c->f->moment, c->f->moments, c->f->moments_room);
		c->f->moment[c->f->moments++] = (struct fact_moment){ t, l->parent };
	}
	/* "End" is the first moment after: until midnight means the day before. */
	if (str_eq(l->node->name, STR("end"))) {
		size_t days = c->f->days;
		add_moment(c, t - 1, l->path);
		size_t with_last = c->f->days;
		add_moment(c, t, l->path);
		if (is_midnight(c, t))
			c->f->days = with_last > days ? with_last : days;
		return true;
	}
	add_moment(c, t, l->path);
	return true;
}

static void
take_clock(struct collector *c, struct str s)
{
	uint64_t hour, minute;
	struct str rest, first = str_cut(s, ':', &rest);
	if (first.n >= 1 && first.n <= 2 && rest.p != NULL && rest.n == 2 && str_to_u64(first, &hour)
	    && str_to_u64(rest, &minute) && hour < 24 && minute < 60)
		add_minute(c, (int64_t)(hour * 3600 + minute * 60));
}

static void
take_leaf(struct collector *c, const struct leaf *l, bool is_fact)
{
	const struct node *n = l->node;
	if (n->kind == NODE_NUMBER && is_fact)
		take_number(c, l);
	if (n->kind != NODE_TEXT || n->text.n == 0 || take_date(c, l))
		return;
	add_text(c, n->text);
	take_numbers_within(c, l, n->text);
	if (!is_fact)
		return;
	take_code(c, l);
	take_clock(c, n->text);
	if (str_eq(n->name, STR("unit")))
		take_scale(c, n->text);
}

/* "in four matches", "the next 7 days": how many there are of something is a fact. */
static void
take_counts(struct collector *c, const struct node *n, unsigned depth)
{
	if (n->kind == NODE_LIST)
		add_number(c, (struct fact_number){ .value = (double)n->count, .unit = -1,
		    .is_count = true, .path = n->name, .shown = arena_printf(c->a, "%zu items", n->count) });
	if (n->kind == NODE_LIST || n->kind == NODE_OBJECT)
		for (const struct node *x = n->first; x != NULL && depth < DOCUMENT_DEPTH; x = x->next)
			take_counts(c, x, depth + 1);
}

/* Figures of a whole month beside those one period earlier: that is the month before, and
 * prose will call it by its name. */
static void
take_month_before(struct collector *c, const struct node *facts)
{
	const struct node *period = node_get(facts, STR("period"));
	struct str start, end;
	struct err ignored;
	int64_t from, to;
	if (node_get(facts, STR("previous")) == NULL || period == NULL || period->kind != NODE_OBJECT)
		return;
	start = node_text_at(period, "start");
	end = node_text_at(period, "end");
	if (start.n != 10 || end.n != 10 || !str_ends(start, STR("-01"))
	    || !time_parse(arena_printf(c->a, "%.*sT00:00:00Z", STR_ARG(start)), &from, &ignored)
	    || !time_parse(arena_printf(c->a, "%.*sT00:00:00Z", STR_ARG(end)), &to, &ignored))
		return;
	int64_t days = (to - from) / DAY_S + 1;
	if (days < 28 || days > 31)
		return;
	struct str last = time_rfc3339(c->a, from - DAY_S), first = arena_printf(c->a, "%.*s01T00:00:00Z",
	    8, last.p);
	if (time_parse(first, &from, &ignored))
		add_day(c, floor_div(from, DAY_S), STR("facts/previous"));
}

/* Does the long name of a day or month begin there? */
static bool
has_name_at(const struct language *l, struct plain s, int32_t at)
{
	const struct language_range *r = &l->names_of[s.p[at] & 255];
	for (size_t i = r->from; i < r->to; i++) {
		struct plain name = l->name[i].word;
		if (!l->name[i].is_short && name.n > 1 && name.n <= s.n - at
		    && u_memcmp(s.p + at, name.p, name.n) == 0)
			return true;
	}
	return false;
}

static void
mark_texts(struct collector *c)
{
	struct facts *f = c->f;
	const struct language *l = c->in->language;
	for (size_t i = 0; i < f->texts; i++) {
		struct fact_text *t = &f->text[i];
		for (int32_t k = 0; k < t->text.n && !t->has_mark; k++)
			t->has_mark = (t->text.p[k] >= '0' && t->text.p[k] <= '9')
			    || has_name_at(l, t->text, k);
	}
}

/* Where the facts have no days or times of their own, those of the text itself must do. */
static void
free_stamps(struct facts *out)
{
	bool has_days = false, has_minutes = false;
	for (size_t i = 0; i < out->minutes; i++)
		has_minutes = has_minutes || !out->minute[i].is_meta;
	for (size_t i = 0; i < out->minutes && !has_minutes; i++)
		out->minute[i].is_meta = false;
	for (size_t i = 0; i < out->days; i++)
		has_days = has_days || !out->day[i].is_meta;
	for (size_t i = 0; i < out->days && !has_days; i++)
		out->day[i].is_meta = false;
}

void
facts_make(const struct gate_input *in, struct facts *out)
{
	*out = (struct facts){ .scale = 0 };
	struct collector c = { .a = in->arena, .in = in, .f = out };
	const struct leaf *leaf = in->reading->leaf;
	const size_t n = in->reading->leaves;
	for (size_t i = 0; i < in->reading->passages; i++) {
		struct str text = in->reading->passage[i].text;
		c.says_utc = c.says_utc || (text.n > 0 && (memmem(text.p, text.n, "UTC", 3) != NULL
		    || memmem(text.p, text.n, "GMT", 3) != NULL));
	}
	for (size_t i = 0; i < n; i++)
		if (str_starts(leaf[i].path, STR("facts/")) && leaf[i].node->kind == NODE_TEXT)
			take_zone(&c, leaf[i].node->text);
	for (size_t i = 0; i < n; i++) {
		bool is_fact = str_starts(leaf[i].path, STR("facts/"));
		bool is_source = str_starts(leaf[i].path, STR("sources/"))
		    && (str_eq(leaf[i].node->name, STR("name"))
			|| str_eq(leaf[i].node->name, STR("retrieved")));
		bool is_date = str_eq(leaf[i].path, STR("updated"));
		c.is_meta = !is_fact;
		if (is_fact || is_source || is_date)
			take_leaf(&c, &leaf[i], is_fact);
	}
	const struct node *facts = node_get(in->document->root, STR("facts"));
	c.is_meta = false;
	out->root = facts;
	if (facts != NULL) {
		take_counts(&c, facts, 0);
		take_month_before(&c, facts);
	}
	free_stamps(out);
	mark_texts(&c);
}

bool
policy_allows_number(const struct policy *p, double value)
{
	for (size_t i = 0; i < p->numbers.n; i++)
		if (number_of(p->numbers.item[i]) == value)
			return true;
	return false;
}
