#include "publisher/cli/explain.h"

#include <stdio.h>

#include "generator/gate/language/language.h"
#include "generator/gate/manual.h"
#include "generator/gate/setting.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"

bool
explain_open(const struct cli *cli, const char *vertical, struct explain_scope *out,
    struct err *err)
{
	struct arena *a = cli->arena;
	struct config config;
	struct catalog catalog;
	struct err outside = { 0 };
	struct str *name;
	size_t n;

	if (cli->site == NULL && vertical == NULL && !place_config(cli, &config, &outside))
		return true;
	if (!place_config(cli, &config, err) || !place_catalog(a, &config, &catalog, err)
	    || !catalog_verticals(a, &catalog, &name, &n, err))
		return false;
	out->policy = ARENA_ARRAY(a, struct explain_policy, n + 1);
	for (size_t i = 0; i < n; i++) {
		if (vertical != NULL && !str_eq(name[i], str_of(vertical)))
			continue;
		struct explain_policy *p = &out->policy[out->policies++];

		p->vertical = name[i];
		if (!policy_open(a, &catalog, name[i], &p->policy, err))
			return false;
	}
	return out->policies > 0 || err_set(err, ERR_ABSENT, "there is no vertical '%s' in this site",
	    vertical != NULL ? vertical : "");
}

static struct str
joined(struct arena *a, const struct policy_words *w)
{
	struct buf *b = buf_in(a, 256 * 1024);

	for (size_t i = 0; i < w->n; i++)
		buf_printf(b, "%s%.*s", i > 0 ? ", " : "", STR_ARG(w->item[i]));
	return buf_str(b);
}

static void
add(json_t *o, struct arena *a, const char *section, struct str key, struct str value)
{
	const char *name = arena_printf(a, "[%s] %.*s", section, STR_ARG(key)).p;
	const char *before = json_string_value(json_object_get(o, name));

	if (before != NULL) /* a key that is given twice adds to its list */
		value = arena_printf(a, "%s, %.*s", before, STR_ARG(value));
	if (value.n > 0)
		json_object_set_new(o, name, json_str(value));
}

/* "[length] title_max": "150"; what is empty is left out. */
static json_t *
settings_json(struct arena *a, const struct gate *g, const struct policy *p, struct str locale)
{
	json_t *o = json_object();
	const struct {
		const char *section;
		const struct policy_terms *terms;
		size_t n;
	} list[] = { { "forbidden", p->forbidden, p->forbidden_n }, { "review", p->review, p->reviews } };

	for (size_t i = 0; i < settings_count; i++)
		if (settings[i].gate != NULL && strcmp(settings[i].gate, g->name) == 0)
			add(o, a, settings[i].section, str_of(settings[i].key),
			    setting_show(a, &settings[i], p));
	for (size_t i = 0; i < LEN(list); i++)
		for (size_t k = 0; strcmp(list[i].section, g->name) == 0 && k < list[i].n; k++)
			if (locale.n == 0 || policy_tag_fits(list[i].terms[k].tag, locale))
				add(o, a, list[i].section, list[i].terms[k].tag,
				    joined(a, &list[i].terms[k].term));
	for (size_t i = 0; strcmp(g->name, "grounding") == 0 && i < p->units; i++)
		add(o, a, "units", p->unit[i].name, str_of(units_known[p->unit[i].unit].name));
	return o;
}

static json_t *
in_force_json(struct arena *a, const struct gate *g, const struct explain_scope *scope)
{
	json_t *o = json_object();

	for (size_t i = 0; i < scope->policies; i++) {
		const struct explain_policy *e = &scope->policy[i];
		const struct policy *p = policy_for(&e->policy, scope->locale);
		json_t *one = json_object(), *others = json_array();

		json_object_set_new(one, "severity", json_string(severity_word(p->severity[g - gates])));
		json_object_set_new(one, "settings", settings_json(a, g, p, scope->locale));
		for (size_t k = 0; scope->locale.n == 0 && k < e->policy.variants; k++)
			json_array_append_new(others, json_str(e->policy.variant[k].tag));
		json_object_set_new(one, "locales_with_sections", others);
		json_object_set_new(o, arena_copy(a, e->vertical).p, one);
	}
	return o;
}

json_t *
explain_gate_json(struct arena *a, const struct gate *g, const struct explain_scope *scope)
{
	const struct gate_manual *m = gate_manual(g);
	json_t *o = json_new_object(a);

	json_object_set_new(o, "gate", json_string(g->name));
	json_object_set_new(o, "summary", json_string(g->summary));
	json_object_set_new(o, "why", json_string(m->why));
	json_object_set_new(o, "right", json_string(m->right));
	json_object_set_new(o, "wrong", json_string(m->wrong));
	json_object_set_new(o, "remedy", json_string(g->remedy));
	json_object_set_new(o, "default", json_string(severity_word(g->severity)));
	json_object_set_new(o, "in_force", in_force_json(a, g, scope));
	return o;
}

static void
print_in_force(const json_t *all)
{
	const char *vertical, *key;
	json_t *one, *value;

	json_object_foreach((json_t *)(uintptr_t)all, vertical, one) {
		printf("  %s: %s\n", vertical, json_string_value(json_object_get(one, "severity")));
		json_object_foreach(json_object_get(one, "settings"), key, value) {
			printf("    %s = %s\n", key, json_string_value(value));
		}
		json_t *others = json_object_get(one, "locales_with_sections");
		for (size_t i = 0; i < json_array_size(others); i++)
			printf("%s %s%s", i == 0 ? "    sections of their own (see --locale):" : "",
			    json_string_value(json_array_get(others, i)),
			    i + 1 == json_array_size(others) ? "\n" : "");
	}
}

void
explain_gate(struct arena *a, const struct gate *g, const struct explain_scope *scope)
{
	const struct gate_manual *m = gate_manual(g);

	printf("%s: %s\n\n  why:    %s\n  right:  %s\n  wrong:  %s\n  remedy: %s\n", g->name,
	    g->summary, m->why, m->right, m->wrong, g->remedy);
	printf("  by default: %s; docs/gates.md tells more\n", severity_word(g->severity));
	for (size_t i = 0; i < settings_count; i++)
		if (settings[i].gate != NULL && strcmp(settings[i].gate, g->name) == 0)
			printf("  [%s] %s: %s\n", settings[i].section, settings[i].key, settings[i].meaning);
	for (size_t i = 0; i < free_sections_count; i++)
		if (free_sections[i].gate != NULL && strcmp(free_sections[i].gate, g->name) == 0)
			printf("  [%s]: %s\n", free_sections[i].name, free_sections[i].meaning);
	if (scope->policies == 0)
		return;
	printf("\nin force here%s%.*s:\n", scope->locale.n > 0 ? " for " : "", STR_ARG(scope->locale));
	json_t *all = in_force_json(a, g, scope);
	print_in_force(all);
	json_decref(all);
}

void
explain_list(const struct explain_scope *scope)
{
	for (size_t i = 0; i < gates_count; i++) {
		printf("%-16s %-6s %s\n", gates[i].name, severity_word(gates[i].severity), gates[i].summary);
		for (size_t k = 0; k < scope->policies; k++) {
			const struct explain_policy *e = &scope->policy[k];
			enum severity s = policy_for(&e->policy, scope->locale)->severity[i];

			if (s != gates[i].severity)
				printf("%16s %-6s for %.*s\n", "", severity_word(s), STR_ARG(e->vertical));
		}
	}
}

enum exit_code
explain_named(const struct cli *cli, const char *name, const struct explain_scope *scope)
{
	const struct gate *g = gate_find(str_of(name));

	if (g == NULL) {
		(void)fprintf(stderr, "edgepress: there is no gate '%s'; 'edgepress explain' lists them\n",
		    name);
		return EXIT_USAGE;
	}
	if (cli->json)
		output_json(explain_gate_json(cli->arena, g, scope));
	else
		explain_gate(cli->arena, g, scope);
	return EXIT_DONE;
}
