/* explain: a gate and how it is set here, or the verdict under which a document is live. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/cli/explain.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/release/site.h"

static enum exit_code
list(const struct cli *cli, const struct explain_scope *scope)
{
	if (!cli->json) {
		explain_list(scope);
		return EXIT_DONE;
	}
	json_t *o = json_new_object(cli->arena), *all = json_array();

	for (size_t i = 0; i < gates_count; i++)
		json_array_append(all, explain_gate_json(cli->arena, &gates[i], scope));
	json_object_set_new(o, "gates", all);
	output_json(o);
	return EXIT_DONE;
}

/* "weather/en-us/seattle" */
static bool
name_split(struct str name, struct str *vertical, struct str *locale, struct str *id)
{
	*vertical = str_cut(name, '/', locale);
	*locale = str_cut(*locale, '/', id);
	return id->n > 0 && memchr(id->p, '/', id->n) == NULL;
}

/* The signed entry of a live document. */
static bool
find(const struct cli *cli, struct str name, const struct live_bundle **bundle,
    const struct manifest_document **out, struct err *err)
{
	struct config config;
	const struct target_config *target;
	struct site *site;
	struct str vertical, locale, id;
	struct cli rest = *cli;

	rest.arg++; /* behind the document's name */
	rest.args--;
	if (!name_split(name, &vertical, &locale, &id))
		return err_set(err, ERR_INPUT, "'%.*s' is neither a gate nor VERTICAL/LOCALE/ID; a file is judged by edgepress check",
		    STR_ARG(name));
	if (!place_config(&rest, &config, err) || !place_target(&rest, &config, &target, err)
	    || !site_open(cli->arena, target, &site, err))
		return false;
	*out = NULL;
	*bundle = site_live(site) != NULL ? live_find(site_live(site), vertical, locale) : NULL;
	if (*bundle != NULL && !live_document(*bundle, site_store(site), id, out, err))
		return false;
	return *out != NULL || err_set(err, ERR_ABSENT, "%.*s is not live", STR_ARG(name));
}

static void
print_scores(const json_t *scores)
{
	const char *gate;
	json_t *one;

	json_object_foreach((json_t *)(uintptr_t)scores, gate, one) {
		printf("  %s: %" JSON_INTEGER_FORMAT " of 100, by %s\n", gate,
		    json_integer_value(json_object_get(one, "score")),
		    json_string_value(json_object_get(one, "by")));
	}
}

static const char *
text_at(const json_t *o, const char *name, const char *absent)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s != NULL ? s : absent;
}

static void
print_verdict(const struct live_bundle *bundle, struct str name, const json_t *provenance)
{
	const json_t *verdict = json_object_get(provenance, "gates");
	const json_t *made = json_object_get(provenance, "made");
	const json_t *warnings = json_object_get(verdict, "warnings");

	printf("%.*s: %s\n", STR_ARG(name), text_at(verdict, "verdict", "no verdict"));
	printf("  live since version %" PRId64 " of the site\n", bundle->current.version);
	printf("  policy %s\n", text_at(verdict, "policy", "unknown"));
	printf("  gates of the bundle: %s\n", text_at(bundle->manifest->inputs, "gates", "not recorded"));
	for (size_t i = 0; i < json_array_size(warnings); i++)
		printf("  warned by %s\n", json_string_value(json_array_get(warnings, i)));
	print_scores(json_object_get(verdict, "scores"));
	printf("  grade %s, by %s with %s, run %s\n", text_at(made, "grade", "unknown"),
	    text_at(made, "agent", "unknown"), text_at(made, "model", "unknown"),
	    text_at(made, "run", "unknown"));
	if (json_object_get(made, "reviewer") != NULL)
		printf("  reviewed by %s at %s\n", text_at(made, "reviewer", ""),
		    text_at(made, "reviewed", "an unknown time"));
	printf("  %s answers for it\n", text_at(made, "responsible", "nobody"));
}

static enum exit_code
document(const struct cli *cli, struct str name)
{
	const struct live_bundle *bundle;
	const struct manifest_document *d;
	json_t *provenance;
	struct err err = { 0 };

	if (!find(cli, name, &bundle, &d, &err)
	    || !json_parse(cli->arena, d->provenance, &provenance, &err))
		return cli_fail(&err);
	if (!cli->json) {
		print_verdict(bundle, name, provenance);
		return EXIT_DONE;
	}
	json_t *o = json_new_object(cli->arena);

	json_object_set_new(o, "document", json_str(name));
	json_object_set_new(o, "version", json_integer(bundle->current.version));
	json_object_set_new(o, "source", json_str(digest_str(cli->arena, &d->source)));
	json_object_set_new(o, "updated", json_str(time_rfc3339(cli->arena, d->updated)));
	json_object_set_new(o, "expires", json_str(time_rfc3339(cli->arena, d->expires)));
	json_object_set_new(o, "gates", json_string(text_at(bundle->manifest->inputs, "gates", "")));
	json_object_set(o, "provenance", provenance);
	output_json(o);
	return EXIT_DONE;
}

static enum exit_code
run(struct cli *cli)
{
	struct explain_scope scope = { 0 };
	struct err err = { 0 };

	if (cli->args > 0 && strchr(cli->arg[0], '/') != NULL)
		return document(cli, str_of(cli->arg[0]));
	if (cli->args > 1)
		return cli_usage(cli, "one gate at a time");
	if (cli_value(cli, "locale") != NULL)
		scope.locale = str_of(cli_value(cli, "locale"));
	if (!explain_open(cli, cli_value(cli, "vertical"), &scope, &err))
		return cli_fail(&err);
	return cli->args == 0 ? list(cli, &scope) : explain_named(cli, cli->arg[0], &scope);
}

const struct cli_command cmd_explain = {
	.name = "explain",
	.args = "[GATE | DOCUMENT [TARGET]]",
	.summary = "what a gate checks and how it is set; why a document is live",
	.help = "Without an argument: all gates. With a GATE: what it checks and why, an example of\n"
		"right and wrong, its settings, and what is in force in this site. With a DOCUMENT\n"
		"that is live: the signed verdict under which it was published (policy, gates,\n"
		"warnings, scores, who made and who reviewed it).",
	.example = "  edgepress explain grounding --vertical weather --locale fr-fr\n"
		   "  edgepress explain weather/en-us/seattle",
	.option = {
		{ "vertical", "NAME", "the policy of this vertical alone" },
		{ "locale", "TAG", "with the policy's sections for this locale" },
	},
	.run = run,
};
