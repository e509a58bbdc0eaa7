/* messages: are all languages complete, and do templates and messages fit each other? */
#include <stdio.h>

#include "generator/document/schema.h"
#include "generator/locale/locale.h"
#include "generator/render/wording.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"

static json_t *
to_json(const struct wording *w)
{
	json_t *o = json_object(), *list = json_array(), *locales = json_array();

	for (size_t i = 0; i < w->locales; i++)
		json_array_append_new(locales, json_str(w->locale[i]));
	for (size_t i = 0; i < w->n; i++) {
		const struct wording_finding *f = &w->finding[i];
		json_t *one = json_object();

		json_object_set_new(one, "kind", json_string(wording_kind_name(f->kind)));
		json_object_set_new(one, "file", json_str(f->file));
		json_object_set_new(one, "line", json_integer(f->line));
		json_object_set_new(one, "locale", json_str(f->locale));
		json_object_set_new(one, "key", json_str(f->key));
		json_object_set_new(one, "text", json_str(f->text));
		json_array_append_new(list, one);
	}
	json_object_set_new(o, "keys", json_integer((json_int_t)w->keys));
	json_object_set_new(o, "locales", locales);
	json_object_set_new(o, "findings", list);
	return o;
}

static void
to_people(const struct wording *w)
{
	size_t count[WORDING_KINDS] = { 0 };

	for (size_t i = 0; i < w->n; i++) {
		const struct wording_finding *f = &w->finding[i];

		count[f->kind]++;
		(void)fprintf(stderr, "%.*s:%u: %s: %.*s: %.*s\n", STR_ARG(f->file), f->line,
		    wording_kind_name(f->kind), STR_ARG(f->key), STR_ARG(f->text));
	}
	printf("%zu messages in %zu locales besides English:", w->keys, w->locales);
	for (size_t i = 0; i < WORDING_KINDS; i++)
		printf("%s %zu %s", i == 0 ? "" : ",", count[i], wording_kind_name((enum wording_kind)i));
	printf("\n");
}

static enum exit_code
run(struct cli *cli)
{
	struct config config;
	struct catalog catalog;
	struct schemas *schemas;
	struct wording wording;
	struct err err = { 0 };
	struct str *locale = ARENA_ARRAY(cli->arena, struct str, cli->args + 1), name;

	for (size_t i = 0; i < cli->args; i++) {
		struct str category[LOCALE_CATEGORIES];

		name = locale[i] = str_of(cli->arg[i]);
		if (locale_categories(name, false, category) == 0)
			return cli_usage(cli, "'%.*s' is no locale, as in fr-ca", STR_ARG(name));
	}
	if (!place_config(cli, &config, &err) || !place_catalog(cli->arena, &config, &catalog, &err)
	    || !schemas_open(cli->arena, &catalog, &schemas, &err)
	    || !wording_check(cli->arena, &catalog, schemas, cli->args > 0 ? locale : NULL, cli->args,
	        &wording, &err))
		return cli_fail(&err);
	if (cli->json)
		output_json(to_json(&wording));
	else
		to_people(&wording);
	return wording.n > 0 ? EXIT_FAILED : EXIT_DONE;
}

const struct cli_command cmd_messages = {
	.name = "messages",
	.args = "[LOCALE...]",
	.summary = "say which messages are missing, unused or wrong",
	.help = "Compare the messages of all languages with what the templates use: keys that a\n"
		"locale takes from English, keys that no template says, patterns that do not parse,\n"
		"arguments other than the English pattern's, plural cases that the language lacks\n"
		"or needs. Without LOCALE, all that have a file are looked at. Findings go to\n"
		"standard error as file:line: kind: key: what. Exit code 1 if there are any.",
	.example = "  edgepress messages\n"
		   "  edgepress messages fr-ca",
	.run = run,
};
