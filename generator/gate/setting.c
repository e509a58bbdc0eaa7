#include "generator/gate/setting.h"

#include "base/clock.h"

#define AT(field) offsetof(struct policy, field)
#define DURATION(section, key, field, gate, meaning)                                      \
	{ section, key, SETTING_DURATION, AT(field), 0, gate, meaning }
#define COUNT(section, key, field, max, gate, meaning)                                    \
	{ section, key, SETTING_COUNT, AT(field), max, gate, meaning }
#define WORDS(section, key, kind, field, gate, meaning)                                   \
	{ section, key, kind, AT(field), 0, gate, meaning }

const struct setting settings[] = {
	WORDS("policy", "version", SETTING_TEXT, version, NULL,
	    "what its owner calls this state of the policy"),
	DURATION("freshness", "max_lifetime", max_lifetime_s, "freshness",
	    "at most so long from `updated` to `expires`"),
	DURATION("freshness", "max_age", max_age_s, "freshness",
	    "`updated` is at most so long ago"),
	DURATION("freshness", "max_skew", max_skew_s, "freshness", "clocks may differ so much"),
	DURATION("sources", "max_age", max_source_age_s, "sources",
	    "a source was read at most so long before `updated`"),
	WORDS("sources", "hosts", SETTING_BLANKS, source_hosts, "sources",
	    "hosts of sources, with all below them"),
	WORDS("sources", "licences", SETTING_COMMAS, licences, "sources",
	    "terms of use, of which each source has to state one"),
	WORDS("links", "hosts", SETTING_BLANKS, link_hosts, "links",
	    "hosts of links and of the image, besides those of sources"),
	COUNT("length", "title_min", title_min, 10000, "length", "characters"),
	COUNT("length", "title_max", title_max, 10000, "length", "characters"),
	COUNT("length", "short_max", short_max, 10000, "length", "characters of `short-title`"),
	COUNT("length", "summary_min", summary_min, 100000, "length", "characters"),
	COUNT("length", "summary_max", summary_max, 100000, "length", "characters"),
	COUNT("length", "prose_min", prose_min, 1000000, "length", "characters"),
	COUNT("length", "prose_max", prose_max, 1000000, "length", "characters"),
	COUNT("length", "cjk_percent", cjk_percent, 100, "length",
	    "in Chinese, Japanese and Korean the limits are this share"),
	COUNT("quotes", "words", quote_words, 1000, "quotes",
	    "from so many words on a quotation has to be found in a source"),
	COUNT("copied", "words", copy_words, 1000, "copied",
	    "so many words in a row, taken from a source, are a copy"),
	WORDS("disclaimer", "required", SETTING_BLANKS, disclaimer, "disclaimer",
	    "dotted paths that must hold a text"),
	COUNT("disclaimer", "min", disclaimer_min, 10000, "disclaimer", "its least length"),
	WORDS("review", "always", SETTING_FLAG, review_always, "review",
	    "yes: every document, whatever it is about"),
	DURATION("reachable", "timeout", reachable_s, "reachable",
	    "time for all links of a document"),
	WORDS("judge", "endpoint", SETTING_TEXT, judge_endpoint, "judge",
	    "address of OpenAI's chat completions, or of what speaks as they do"),
	WORDS("judge", "model", SETTING_TEXT, judge_model, "judge", "its name there"),
	WORDS("judge", "key_env", SETTING_TEXT, judge_key_env, "judge",
	    "variable of the environment that holds the API key"),
	COUNT("judge", "threshold", judge_threshold, 100, "judge", "the least score, of 100"),
	DURATION("judge", "timeout", judge_s, "judge", "time for an answer"),
	COUNT("duplicates", "threshold", duplicates_percent, 100, "duplicates",
	    "from so many per cent of likeness on, a text is a copy"),
	WORDS("entities", "allow", SETTING_COMMAS, entities, "grounding",
	    "names that need no fact"),
	WORDS("entities", "severity", SETTING_SEVERITY, entities_severity, "grounding",
	    "what an unknown name does"),
	WORDS("entities", "reject", SETTING_BLANKS, entities_reject, "grounding",
	    "languages and locales in which an unknown name is refused"),
	WORDS("grounding", "allow", SETTING_BLANKS, numbers, "grounding",
	    "numbers that need no fact"),
	WORDS("grounding", "changes", SETTING_BLANKS, changes, "grounding",
	    "names of facts that are differences"),
	WORDS("grounding", "derived", SETTING_SEVERITY, derived_severity, "grounding",
	    "what a difference does that only follows from two facts; off accepts it"),
};
const size_t settings_count = LEN(settings);

const struct free_section free_sections[] = {
	{ "gates", NULL, "NAME = reject, warn or off" },
	{ "forbidden", "forbidden", "language, locale or `all` = terms, separated by commas" },
	{ "review", "review", "language, locale or `all` = topics, separated by commas" },
	{ "units", "grounding", "name of a fact = the unit its number is in" },
};
const size_t free_sections_count = LEN(free_sections);

const char *
severity_word(enum severity s)
{
	static const char *const word[] = { "off", "warn", "reject" };
	return word[s];
}

bool
severity_parse(struct str text, enum severity *out, struct err *err)
{
	for (int s = SEVERITY_OFF; s <= SEVERITY_REJECT; s++)
		if (str_eq(text, str_of(severity_word((enum severity)s)))) {
			*out = (enum severity)s;
			return true;
		}
	return err_set(err, ERR_INPUT, "'%.*s': write reject, warn or off", STR_ARG(text));
}

struct policy_words
words_split(struct arena *a, struct str value, const char *separators)
{
	struct str *word = NULL;
	size_t n = 0, room = 0;
	for (size_t i = 0, start = 0; i <= value.n; i++) {
		if (i < value.n && (value.p[i] == '\0' || strchr(separators, value.p[i]) == NULL))
			continue;
		struct str w = str_trim((struct str){ value.p + start, i - start });
		start = i + 1;
		if (w.n == 0)
			continue;
		ARENA_GROW(a, word, n, room);
		word[n++] = w;
	}
	return (struct policy_words){ word, n };
}

/* A key that is given twice adds to what it said before. */
static struct policy_words
words_join(struct arena *a, struct policy_words x, struct policy_words y)
{
	struct str *word = ARENA_ARRAY(a, struct str, x.n + y.n + 1);
	for (size_t i = 0; i < x.n + y.n; i++)
		word[i] = i < x.n ? x.item[i] : y.item[i - x.n];
	return (struct policy_words){ word, x.n + y.n };
}

static bool
count_parse(struct str text, const struct setting *s, int64_t *out, struct err *err)
{
	uint64_t n;
	if (!str_to_u64(text, &n) || n > (uint64_t)s->max)
		return err_set(err, ERR_INPUT, "'%.*s': write a whole number, at most %lld",
		    STR_ARG(text), (long long)s->max);
	*out = (int64_t)n;
	return true;
}

static bool
flag_parse(struct str text, bool *out, struct err *err)
{
	*out = str_eq(text, STR("yes"));
	return *out || str_eq(text, STR("no"))
	    || err_set(err, ERR_INPUT, "'%.*s': write yes or no", STR_ARG(text));
}

bool
setting_take(struct arena *a, const struct setting *s, struct str value, struct policy *p,
    struct err *err)
{
	void *at = (char *)p + s->at;
	switch (s->kind) {
	case SETTING_DURATION:
		return duration_parse(value, at, err);
	case SETTING_COUNT:
		return count_parse(value, s, at, err);
	case SETTING_SEVERITY:
		return severity_parse(value, at, err);
	case SETTING_FLAG:
		return flag_parse(value, at, err);
	case SETTING_TEXT:
		*(struct str *)at = value;
		return true;
	case SETTING_BLANKS:
	case SETTING_COMMAS:
		break;
	}
	struct policy_words *w = at;
	*w = words_join(a, *w,
	    words_split(a, value, s->kind == SETTING_BLANKS ? " \t\r\n," : ",\r\n"));
	return true;
}

static struct str
duration_show(struct arena *a, int64_t s)
{
	static const struct {
		int64_t s;
		char unit;
	} units[] = { { 365 * 86400, 'y' }, { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' } };
	for (size_t i = 0; i < LEN(units); i++)
		if (s > 0 && s % units[i].s == 0)
			return arena_printf(a, "%lld%c", (long long)(s / units[i].s), units[i].unit);
	return arena_printf(a, "%llds", (long long)s);
}

struct str
setting_show(struct arena *a, const struct setting *s, const struct policy *p)
{
	const void *at = (const char *)p + s->at;
	const struct policy_words *words = at;
	struct buf *b;
	switch (s->kind) {
	case SETTING_DURATION:
		return duration_show(a, *(const int64_t *)at);
	case SETTING_COUNT:
		return arena_printf(a, "%lld", (long long)*(const int64_t *)at);
	case SETTING_SEVERITY:
		return str_of(severity_word(*(const enum severity *)at));
	case SETTING_FLAG:
		return *(const bool *)at ? STR("yes") : STR("no");
	case SETTING_TEXT:
		return *(const struct str *)at;
	case SETTING_BLANKS:
	case SETTING_COMMAS:
		break;
	}
	b = buf_in(a, 256 * 1024);
	for (size_t i = 0; i < words->n; i++) {
		if (i > 0)
			buf_put(b, s->kind == SETTING_BLANKS ? STR(" ") : STR(", "));
		buf_put(b, words->item[i]);
	}
	return buf_str(b);
}
