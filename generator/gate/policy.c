/* policy: schemas/<vertical>.ini over the defaults; docs/gates.md lists every key. */
#include "generator/gate/gate.h"

#include <assert.h>

#include "base/path.h"
#include "generator/gate/language/language.h"
#include "generator/gate/setting.h"

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
		.title_min = 8, .title_max = 150, .short_max = 54,
		.summary_min = 20, .summary_max = 400,
		.prose_min = 80, .prose_max = 20000,
		.cjk_percent = 50,
		.reachable_s = 20, .judge_threshold = 70, .judge_s = 60,
		.quote_words = 4, .copy_words = 25,
		.disclaimer_min = 20,
		.duplicates_percent = 90,
		.entities_severity = SEVERITY_WARN,
		.derived_severity = SEVERITY_OFF,
	};
	for (size_t i = 0; i < gates_count; i++)
		p->severity[i] = gates[i].severity;
}

/* A list of terms for a tag, added to those that are there. */
static bool
terms_take(struct arena *a, const struct ini_entry *e, const struct policy_terms **terms,
    size_t *n, struct err *err)
{
	if (!name_is_safe(e->key, LOCALE_MAX))
		return err_set(err, ERR_INPUT,
		    "the key must be a language, a locale or \"all\": en, en-us");
	struct policy_terms *all = ARENA_ARRAY(a, struct policy_terms, *n + 1);
	for (size_t i = 0; i < *n; i++)
		all[i] = (*terms)[i];
	all[(*n)++] = (struct policy_terms){ e->key, words_split(a, e->value, ",\r\n") };
	*terms = all;
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

/* "length fr-ca": the section and the locale or language it is for. */
static struct str
section_name(const struct ini_entry *e, struct str *tag)
{
	struct str name = str_cut(e->section, ' ', tag);
	*tag = str_trim(*tag);
	return name;
}

static bool
entry_take(struct arena *a, struct policy *p, const struct ini_entry *e, struct err *err)
{
	struct str tag, section = section_name(e, &tag);
	bool known = false;
	if (str_eq(section, STR("gates")))
		return gate_take(p, e, err);
	if (str_eq(section, STR("forbidden")))
		return terms_take(a, e, &p->forbidden, &p->forbidden_n, err);
	if (str_eq(section, STR("units")))
		return unit_take(a, p, e, err);
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *s = &settings[i];
		if (!str_eq(section, str_of(s->section)))
			continue;
		known = true;
		if (str_eq(e->key, str_of(s->key)))
			return setting_take(a, s, e->value, p, err);
	}
	if (str_eq(section, STR("review")))
		return terms_take(a, e, &p->review, &p->reviews, err);
	return err_set(err, ERR_INPUT, known ? "unknown key; docs/gates.md lists them"
	    : "unknown section; docs/gates.md lists them");
}

/* On this machine, so that nobody listens. */
static bool
is_local(struct str url)
{
	static const struct str host[] = { STR_INIT("http://127.0.0.1"), STR_INIT("http://[::1]"),
		STR_INIT("http://localhost") };
	for (size_t i = 0; i < LEN(host); i++)
		if (str_starts(url, host[i]) && url.n > host[i].n
		    && (url.p[host[i].n] == ':' || url.p[host[i].n] == '/')
		    && memchr(url.p, '@', url.n) == NULL)
			return true;
	return false;
}

/* The key must not travel in the open. */
static bool
judge_check(const struct policy *p, const char *path, struct err *err)
{
	const struct gate *g = gate_find(STR("judge"));
	struct str url = p->judge_endpoint;
	if (p->severity[g - gates] == SEVERITY_OFF)
		return true;
	if (url.n == 0 || p->judge_model.n == 0)
		return err_set(err, ERR_INPUT, "%s: the gate judge is on: [judge] endpoint and model are "
		    "missing", path);
	return is_local(url) || str_starts(url, STR("https://"))
	    || err_set(err, ERR_INPUT, "%s: [judge] endpoint: '%.*s' is not https", path, STR_ARG(url));
}

static bool
policy_check(const struct policy *p, const char *path, struct err *err)
{
	static const struct {
		const char *what;
		size_t min, max;
	} pair[] = {
		{ "title", offsetof(struct policy, title_min), offsetof(struct policy, title_max) },
		{ "summary", offsetof(struct policy, summary_min), offsetof(struct policy, summary_max) },
		{ "prose", offsetof(struct policy, prose_min), offsetof(struct policy, prose_max) },
	};
	for (size_t i = 0; i < LEN(pair); i++) {
		int64_t min = *(const int64_t *)(const void *)((const char *)p + pair[i].min);
		int64_t max = *(const int64_t *)(const void *)((const char *)p + pair[i].max);
		if (min > max)
			return err_set(err, ERR_INPUT, "%s: [length%s%.*s]: %s_min is above %s_max: "
			    "a minimum is above its maximum", path, p->tag.n > 0 ? " " : "",
			    STR_ARG(p->tag), pair[i].what, pair[i].what);
	}
	return judge_check(p, path, err);
}

bool
policy_tag_fits(struct str tag, struct str locale)
{
	return str_eq(tag, STR("all")) || str_eq(tag, locale)
	    || (locale.n > tag.n && str_starts(locale, tag) && locale.p[tag.n] == '-');
}

const struct policy *
policy_for(const struct policy *p, struct str locale)
{
	const struct policy *best = p;
	for (size_t i = 0; i < p->variants; i++)
		if (policy_tag_fits(p->variant[i].tag, locale) && p->variant[i].tag.n >= best->tag.n)
			best = &p->variant[i];
	return best;
}

/* All sections that are for exactly this tag, over what *p holds already. */
static bool
entries_take(struct arena *a, struct policy *p, struct str tag, struct err *err)
{
	for (size_t i = 0; i < p->ini.n; i++) {
		const struct ini_entry *e = &p->ini.entry[i];
		struct str its;
		(void)section_name(e, &its);
		if (str_eq(its, tag) && !entry_take(a, p, e, err))
			return err_in(err, "%s:%u: [%.*s] %.*s", p->ini.path, e->line,
			    STR_ARG(e->section), STR_ARG(e->key));
	}
	return true;
}

/* Tags that sections name, each once, shorter ones first: what goes over what. */
static bool
tags_find(struct arena *a, const struct ini *ini, struct str **out, size_t *n, struct err *err)
{
	struct str *tag = ARENA_ARRAY(a, struct str, ini->n + 1);
	*n = 0;
	for (size_t i = 0; i < ini->n; i++) {
		struct str its;
		size_t at = 0;
		(void)section_name(&ini->entry[i], &its);
		if (its.n > 0 && (!name_is_safe(its, LOCALE_MAX) || str_eq(its, STR("all"))))
			return err_set(err, ERR_INPUT, "%s:%u: [%.*s]: '%.*s' is no language or locale; "
			    "write [length fr] or [length fr-ca]", ini->path, ini->entry[i].line,
			    STR_ARG(ini->entry[i].section), STR_ARG(its));
		while (at < *n && !str_eq(tag[at], its))
			at++;
		if (its.n == 0 || at < *n)
			continue;
		for (at = (*n)++; at > 0 && tag[at - 1].n > its.n; at--)
			tag[at] = tag[at - 1];
		tag[at] = its;
	}
	*out = tag;
	return true;
}

/* One policy for each tag: that of the next shorter tag that fits, and its own sections. */
static bool
variants_make(struct arena *a, struct policy *out, struct err *err)
{
	struct str *tag;
	size_t n;
	if (!tags_find(a, &out->ini, &tag, &n, err))
		return false;
	struct policy *v = ARENA_ARRAY(a, struct policy, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct policy made = { .variant = v, .variants = i };
		const struct policy *under = policy_for(&made, tag[i]);
		v[i] = under == &made ? *out : *under;
		v[i].tag = tag[i];
		if (!entries_take(a, &v[i], tag[i], err) || !policy_check(&v[i], out->ini.path, err))
			return false;
	}
	out->variant = v;
	out->variants = n;
	return true;
}

bool
policy_parse(struct arena *a, const char *path, struct str text, struct policy *out,
    struct err *err)
{
	policy_defaults(out);
	out->digest = digest_of(text);
	return ini_parse_text(a, path, text, &out->ini, err)
	    && entries_take(a, out, STR(""), err)
	    && policy_check(out, path, err)
	    && variants_make(a, out, err);
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
