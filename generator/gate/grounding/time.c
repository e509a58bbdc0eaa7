/* Times of day in prose: they must be those of a moment of the facts, in UTC or a zone of theirs. */
#include <unicode/ustring.h>

#include "generator/gate/grounding/ground.h"

static int
half_of_day(const struct gloss *s, int32_t start, int32_t *end)
{
	int32_t after = gloss_skip(s, *end), before = gloss_back(s, start);
	const struct tag *am = gloss_name_at(s, after, NAME_AM), *pm = gloss_name_at(s, after, NAME_PM);
	if (am != NULL || pm != NULL) {
		*end = am != NULL ? am->end : pm->end;
		return am != NULL ? 1 : 2;
	}
	if (gloss_name_before(s, before, NAME_AM) != NULL)
		return 1;
	return gloss_name_before(s, before, NAME_PM) != NULL ? 2 : 0;
}

/* Does a moment of the facts have this time? Without am or pm, on either half of the day. */
static bool
is_time_of_facts(const struct facts *f, int hour, int minute, int half, bool is_stamp)
{
	if (half != 0)
		hour = hour % 12 + (half == 2 ? 12 : 0);
	int value = (hour % 24) * 60 + minute;
	for (size_t i = 0; i < f->minutes; i++)
		if ((is_stamp || !f->minute[i].is_meta) && (f->minute[i].minute == value
		    || (half == 0 && hour <= 12 && f->minute[i].minute % 720 == value % 720)))
			return true;
	return false;
}

static bool
is_language(const struct gloss *s, const char *code)
{
	return strcmp(s->language->code, code) == 0;
}

/* Languages that write 19h45 and "17 h". */
static bool
has_h(const struct gloss *s)
{
	return is_language(s, "fr") || is_language(s, "pt") || is_language(s, "es");
}

/* 晚上8点30分, 上午10点, 8点半: but an index closes at so many 点 as well. */
static bool
is_chinese_hour(const struct gloss *s, int32_t digits_end, int32_t after)
{
	int64_t minute;
	int32_t start = digits_end, end;
	while (gloss_is_digit(s, start - 1))
		start--;
	if (!is_language(s, "zh"))
		return false;
	bool has_minutes = gloss_digits(s, after, &end, &minute) == 2 && minute < 60 && end < s->n
	    && s->p[end] == 0x5206;
	bool is_marked = after < s->n && (s->p[after] == 0x534A || s->p[after] == 0x6574
	    || s->p[after] == 0x949F); /* 半 整 钟 */
	return has_minutes || is_marked || gloss_name_before(s, start, NAME_AM) != NULL
	    || gloss_name_before(s, start, NAME_PM) != NULL;
}

/* The hour sign behind the hour, as in 19h45, 19 Uhr, 19時45分; its length, 0 if none. */
static int32_t
hour_sign(const struct gloss *s, int32_t i)
{
	int32_t at = gloss_skip(s, i);
	if (at < s->n && s->p[at] == 0x6642) /* 時, but not 時間 */
		return at + 1 < s->n && s->p[at + 1] == 0x9593 ? 0 : at + 1 - i;
	if (at < s->n && s->p[at] == 0x70B9 && is_chinese_hour(s, i, at + 1))
		return at + 1 - i;
	if (gloss_has(s, at, "uhr") && !gloss_is_letter(s, at + 3))
		return at + 3 - i;
	if (is_language(s, "nl") && gloss_has(s, at, "uur") && !gloss_is_letter(s, at + 3))
		return at + 3 - i;
	if (gloss_has(s, at, "o'clock"))
		return at + 7 - i;
	if (is_language(s, "fr") && gloss_has(s, at, "heures") && !gloss_is_letter(s, at + 6))
		return at + 6 - i;
	return has_h(s) && gloss_has(s, at, "h") && !gloss_is_letter(s, at + 1) ? at + 1 - i : 0;
}

/* The word for "at the hour" in front. */
static bool
has_hour_word(const struct gloss *s, int32_t i)
{
	static const struct {
		const char *language;
		const UChar *word;
	} hour[] = { { "ar", u"الساعة" }, { "tr", u"saat" }, { "it", u"ore" }, { "he", u"בשעה" } };
	for (size_t k = 0; k < LEN(hour); k++) {
		int32_t n = u_strlen(hour[k].word), at = gloss_back(s, i) - n;
		if (is_language(s, hour[k].language) && at >= 0 && u_memcmp(s->p + at, hour[k].word, n) == 0)
			return true;
	}
	return false;
}

/* "dalle 21", "a las 9", "às 10": before an hour, but before other numbers as well. */
static bool
has_weak_hour_word(const struct gloss *s, int32_t i)
{
	static const struct {
		const char *language;
		const UChar *word;
	} hour[] = { { "it", u"alle" }, { "it", u"dalle" }, { "es", u"las" }, { "pt", u"às" }, { "pt", u"as" },
		{ "ru", u"в" }, { "ru", u"с" }, { "ru", u"до" } };
	for (size_t k = 0; k < LEN(hour); k++) {
		int32_t n = u_strlen(hour[k].word), at = gloss_back(s, i) - n;
		if (is_language(s, hour[k].language) && at >= 0 && at + n < i && !gloss_is_letter(s, at - 1)
		    && u_memcmp(s->p + at, hour[k].word, n) == 0)
			return true;
	}
	return false;
}

bool
ground_is_first_hour(const struct gloss *s, int32_t end, int *half)
{
	int64_t ignored;
	int32_t start = gloss_skip(s, end), at;
	const struct tag *t = gloss_word_at(s, start, WORD_RELATED);
	if (t == NULL)
		return false;
	start = gloss_skip(s, t->end);
	int n = gloss_digits(s, start, &at, &ignored);
	if (n < 1 || n > 2)
		return false;
	if (gloss_has(s, at, ":"))
		(void)gloss_digits(s, at + 1, &at, &ignored);
	int32_t sign = hour_sign(s, at);
	at += sign;
	/* Of "11 to 3 p.m." the first is a.m.: leave that open. */
	return (half_of_day(s, start, &at) != 0 || sign > 0) && (*half = 0, true);
}

struct clock_time {
	int64_t hour, minute;
	bool has_minutes;
	int32_t sign; /* length of the hour sign, 0 if there is none */
	int half;     /* as half_of_day */
	int32_t end;
};

/* "19:45", "19.45 Uhr", "19h45", "19時45分", "7 p.m.": false if it cannot be a time. */
static bool
read_time(const struct gloss *s, int32_t i, struct clock_time *t)
{
	int64_t ignored;
	int32_t at;
	*t = (struct clock_time){ .hour = 0 };
	int n = gloss_digits(s, i, &t->end, &t->hour);
	if (n < 1 || n > 2 || t->hour > 24)
		return false;
	bool is_dotted = gloss_has(s, t->end, ".");
	bool has_colon = gloss_has(s, t->end, ":")
	    || (is_dotted && (is_language(s, "de") || is_language(s, "en") || has_hour_word(s, i)));
	t->sign = hour_sign(s, t->end);
	at = t->sign > 0 ? gloss_skip(s, t->end + t->sign) : t->end + 1;
	bool may_have_minutes = t->sign == 0 ? has_colon
	    : s->language->is_cjk || gloss_has(s, t->end + t->sign - 1, "h");
	if (may_have_minutes && gloss_digits(s, at, &at, &t->minute) == 2 && t->minute < 60) {
		t->has_minutes = true;
		t->end = at;
		if (s->language->is_cjk && t->end < s->n && s->p[t->end] == 0x5206)
			t->end++; /* 分 */
		if (gloss_has(s, t->end, ":") && gloss_digits(s, t->end + 1, &at, &ignored) == 2)
			t->end = at;
		if (t->sign == 0) {
			t->sign = hour_sign(s, t->end);
			t->end += t->sign;
		}
	} else {
		t->minute = 0;
		t->end += t->sign;
		if (t->sign > 0 && t->end < s->n && s->p[t->end] == 0x534A) { /* 半 */
			t->minute = 30;
			t->end++;
		}
	}
	t->half = half_of_day(s, i, &t->end);
	/* 2.30 is a number unless "Uhr" or "pm" follows, or "saat" stands in front. */
	return !t->has_minutes || t->sign > 0 || gloss_has(s, i + n, ":") || has_hour_word(s, i)
	    || (is_language(s, "en") && t->half != 0);
}

/* "As of 9 p.m.": the sentence tells when the text or its figures were made. */
static bool
is_stamp(const struct gloss *s, int32_t i)
{
	int32_t start, end;
	gloss_sentence(s, i, &start, &end);
	for (size_t k = gloss_tag_from(s, start); k < s->tags && s->tag[k].start < end; k++)
		if (s->tag[k].word != NULL && s->tag[k].word->kind == WORD_STAMP)
			return true;
	return false;
}

bool
ground_time(struct ground *g, int32_t i)
{
	struct gloss *s = &g->gloss;
	struct clock_time t;
	if (!read_time(s, i, &t))
		return false;
	bool is_hour = has_hour_word(s, i), is_maybe = has_weak_hour_word(s, i);
	bool is_marked = t.has_minutes || t.sign > 0 || t.half != 0 || is_hour || is_maybe;
	if (!is_marked && !(is_hour = ground_is_first_hour(s, t.end, &t.half)))
		return false;
	bool is_known = is_time_of_facts(g->facts, (int)t.hour, (int)t.minute, t.half, is_stamp(s, i));
	/* "24 heures", or "7 m" where the Arabic for p.m. could be metres, or "3-1 in the evening",
	 * which is a score: let others judge. */
	bool is_span = t.sign > 0 && !t.has_minutes && has_h(s);
	int64_t score[2] = { t.hour, 0 };
	int32_t behind;
	bool is_score = !is_marked && gloss_has(s, t.end, "-")
	    && gloss_digits(s, t.end + 1, &behind, &score[1]) > 0 && facts_have_together(g->facts, score, 2);
	is_maybe = is_maybe && !t.has_minutes && t.sign == 0 && t.half == 0;
	bool goes_on = (gloss_has(s, t.end, ",") || gloss_has(s, t.end, ".")) && gloss_is_digit(s, t.end + 1);
	if (is_maybe && (goes_on || gloss_word_at(s, gloss_skip(s, t.end), WORD_UNIT) != NULL))
		return false; /* "до 13 °C", "до 12,8" */
	bool is_weak = is_maybe || (t.half != 0 && !t.has_minutes && s->language->is_rtl && !is_hour) || is_span
	    || is_score;
	if (!is_known && is_weak)
		return false;
	gloss_use(s, i, t.end);
	if (!is_known)
		ground_report(g, false, i, t.end, "is not a time of the facts");
	return true;
}
