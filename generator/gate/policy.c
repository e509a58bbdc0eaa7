/* policy: schemas/<vertical>.ini over the defaults; docs/gates.md lists every key. */
#include "generator/gate/gate.h"

#include <assert.h>

#include "base/clock.h"
#include "base/path.h"
#include "generator/gate/language/language.h"

/* A setting: where it stands in the file, of what kind, and where it goes. */
enum setting_kind { SETTING_DURATION, SETTING_COUNT, SETTING_BLANKS, SETTING_COMMAS,
	SETTING_SEVERITY };
struct setting {
	const char *section, *key;
	enum setting_kind kind;
	size_t at; /* offset in struct policy */
	int64_t min, max;
};
#define AT(field) offsetof(struct policy, field)
#define DURATION(section, key, field) { section, key, SETTING_DURATION, AT(field), 0, 0 }
#define COUNT(section, key, field, max) { section, key, SETTING_COUNT, AT(field), 0, max }
static const struct setting settings[] = {
	DURATION("freshness", "max_lifetime", max_lifetime_s),
	DURATION("freshness", "max_age", max_age_s),
	DURATION("freshness", "max_skew", max_skew_s),
	DURATION("sources", "max_age", max_source_age_s),
	{ "sources", "hosts", SETTING_BLANKS, AT(source_hosts), 0, 0 },
	{ "links", "hosts", SETTING_BLANKS, AT(link_hosts), 0, 0 },
	COUNT("length", "title_min", title_min, 10000),
	COUNT("length", "title_max", title_max, 10000),
	COUNT("length", "summary_min", summary_min, 100000),
	COUNT("length", "summary_max", summary_max, 100000),
	COUNT("length", "prose_min", prose_min, 1000000),
	COUNT("length", "prose_max", prose_max, 1000000),
	COUNT("length", "cjk_percent", cjk_percent, 100),
	{ "disclaimer", "required", SETTING_BLANKS, AT(disclaimer), 0, 0 },
	COUNT("disclaimer", "min", disclaimer_min, 10000),
	COUNT("duplicates", "threshold", duplicates_percent, 100),
	{ "entities", "allow", SETTING_COMMAS, AT(entities), 0, 0 },
	{ "entities", "severity", SETTING_SEVERITY, AT(entities_severity), 0, 0 },
	{ "entities", "reject", SETTING_BLANKS, AT(entities_reject), 0, 0 },
	{ "grounding", "allow", SETTING_BLANKS, AT(numbers), 0, 0 },
	{ "grounding", "changes", SETTING_BLANKS, AT(changes), 0, 0 },
	{ "grounding", "derived", SETTING_SEVERITY, AT(derived_severity), 0, 0 },
};

#define HOUR 3600
#define DAY (24 * HOUR)

static void
policy_defaults(struct policy *p)
{
	*p = (struct policy){
		.max_lifetime_s = 366 * DAY, /* MSN takes nothing that is older than a year */
		.max_age_s = 7 * DAY,
		.max_skew_s = 300,
		.max_source_age_s = 7 * DAY,
		.title_min = 8, .title_max = 150,
		.summary_min = 20, .summary_max = 400,
		.prose_min = 80, .prose_max = 20000,
		.cjk_percent = 50,
		.disclaimer_min = 20,
		.duplicates_percent = 90,
		.entities_severity = SEVERITY_WARN,
		.derived_severity = SEVERITY_OFF,
	};
	for (size_t i = 0; i < gates_count; i++)
		p->severity[i] = gates[i].severity;
}

/* The words between any of `separators`, trimmed, empty ones left out. */
static struct policy_words
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
severity_parse(struct str text, enum severity *out, struct err *err)
{
	if (str_eq(text, STR("off")))
		*out = SEVERITY_OFF;
	else if (str_eq(text, STR("warn")))
		*out = SEVERITY_WARN;
	else if (str_eq(text, STR("reject")))
		*out = SEVERITY_REJECT;
	else
		return err_set(err, ERR_INPUT, "'%.*s': write reject, warn or off", STR_ARG(text));
	return true;
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
setting_take(struct arena *a, struct policy *p, const struct setting *s, struct str value,
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
	case SETTING_BLANKS:
	case SETTING_COMMAS:
		break;
	}
	struct policy_words *w = at;
	*w = words_join(a, *w,
	    words_split(a, value, s->kind == SETTING_BLANKS ? " \t\r\n," : ",\r\n"));
	return true;
}

static bool
forbidden_take(struct arena *a, struct policy *p, const struct ini_entry *e, struct err *err)
{
	if (!name_is_safe(e->key, LOCALE_MAX))
		return err_set(err, ERR_INPUT,
		    "the key must be a language, a locale or \"all\": en, en-us");
	struct policy_terms *all = ARENA_ARRAY(a, struct policy_terms, p->forbidden_n + 1);
	for (size_t i = 0; i < p->forbidden_n; i++)
		all[i] = p->forbidden[i];
	all[p->forbidden_n++] =
	    (struct policy_terms){ e->key, words_split(a, e->value, ",\r\n") };
	p->forbidden = all;
	return true;
}

static bool
unit_take(struct arena *a, struct policy *p, const struct ini_entry *e, struct err *err)
{
	int unit = unit_index(e->value);
	if (unit < 0)
		return err_set(err, ERR_INPUT, "'%.*s' is no unit; docs/gates.md lists them",
		    STR_ARG(e->value));
	struct policy_unit *all = ARENA_ARRAY(a, struct policy_unit, p->units + 1);
	for (size_t i = 0; i < p->units; i++)
		all[i] = p->unit[i];
	all[p->units++] = (struct policy_unit){ e->key, unit };
	p->unit = all;
	return true;
}

static bool
gate_take(struct policy *p, const struct ini_entry *e, struct err *err)
{
	const struct gate *g = gate_find(e->key);
	if (g == NULL)
		return err_set(err, ERR_INPUT, "there is no gate of this name; "
		    "`edgepress explain` lists them");
	if (g->judge == NULL)
		return err_set(err, ERR_INPUT, "this gate cannot be switched");
	return severity_parse(e->value, &p->severity[g - gates], err);
}

static bool
entry_take(struct arena *a, struct policy *p, const struct ini_entry *e, struct err *err)
{
	if (str_eq(e->section, STR("gates")))
		return gate_take(p, e, err);
	if (str_eq(e->section, STR("forbidden")))
		return forbidden_take(a, p, e, err);
	if (str_eq(e->section, STR("units")))
		return unit_take(a, p, e, err);
	bool section = false;
	for (size_t i = 0; i < LEN(settings); i++) {
		const struct setting *s = &settings[i];
		if (!str_eq(e->section, str_of(s->section)))
			continue;
		section = true;
		if (str_eq(e->key, str_of(s->key)))
			return setting_take(a, p, s, e->value, err);
	}
	return err_set(err, ERR_INPUT, section ? "unknown key; docs/gates.md lists them"
	    : "unknown section; docs/gates.md lists them");
}

static bool
policy_check(const struct policy *p, const char *path, struct err *err)
{
	if (p->title_min > p->title_max || p->summary_min > p->summary_max
	    || p->prose_min > p->prose_max)
		return err_set(err, ERR_INPUT, "%s: [length]: a minimum is above its maximum", path);
	return true;
}

bool
policy_parse(struct arena *a, const char *path, struct str text, struct policy *out,
    struct err *err)
{
	policy_defaults(out);
	out->digest = digest_of(text);
	if (!ini_parse_text(a, path, text, &out->ini, err))
		return false;
	for (size_t i = 0; i < out->ini.n; i++) {
		const struct ini_entry *e = &out->ini.entry[i];
		if (!entry_take(a, out, e, err))
			return err_in(err, "%s:%u: [%.*s] %.*s", path, e->line,
			    STR_ARG(e->section), STR_ARG(e->key));
	}
	return policy_check(out, path, err);
}

bool
policy_open(struct arena *a, const struct catalog *c, struct str vertical, struct policy *out,
    struct err *err)
{
	assert(name_is_safe(vertical, VERTICAL_MAX));
	struct str name = arena_printf(a, "schemas/%.*s.ini", STR_ARG(vertical));
	struct str text = STR("");
	const char *path = name.p;
	if (catalog_has(a, c, name.p) && !catalog_read(a, c, name.p, &text, &path, err))
		return false;
	return policy_parse(a, path, text, out, err);
}
