/*
 * locale_tool ROOT FILE: for the test that compares with CLDR. Reads an array of {locale, template,
 * data} from FILE and writes the array of what the templates make of it, through the
 * same functions as a surface. Messages come from the folder ROOT.
 */
#include <stdio.h>

#include "base/fs.h"
#include "base/json.h"
#include "generator/locale/locale.h"
#include "tests/unit/lib/node_json.h"

#define INPUT_MAX (64 * 1024 * 1024)

static bool
say(struct arena *a, const struct catalog *catalog, const json_t *job, json_t *out,
    struct err *err)
{
	struct str tag = str_of(json_string_value(json_object_get(job, "locale")));
	struct str text = str_of(json_string_value(json_object_get(job, "template")));
	struct locale *l;
	struct formatter f;
	struct template *t;
	struct buf *said = buf_in(a, INPUT_MAX);
	if (!locale_open(a, catalog, STR("none"), tag, &l, err))
		return false;
	locale_formatter(l, &f);
	if (!template_compile(a, tag, text, TEMPLATE_TEXT, NULL, &t, err)
	    || !template_render(t, node_from_json(a, json_object_get(job, "data")), &f, said, err))
		return false;
	return json_array_append_new(out, json_str(buf_str(said))) == 0
	    || err_set(err, ERR_INPUT, "not UTF-8");
}

static bool
work(struct arena *a, const char *root, const char *file, struct err *err)
{
	const char *roots[] = { root };
	const struct catalog catalog = { roots, 1 };
	struct str text;
	json_t *jobs, *job, *out = json_new_array(a);
	size_t i;
	if (!fs_read(a, file, INPUT_MAX, &text, err) || !json_parse(a, text, &jobs, err))
		return false;
	json_array_foreach(jobs, i, job)
		if (!say(a, &catalog, job, out, err))
			return false;
	return json_dumpf(out, stdout, JSON_COMPACT) == 0;
}

int
main(int argc, char **argv)
{
	struct err err = { 0 };
	struct arena *a = arena_new();
	bool ok = argc == 3 && work(a, argv[1], argv[2], &err);
	if (!ok)
		(void)fprintf(stderr, "locale_tool: %s\n", argc == 3 ? err.text : "give ROOT and FILE");
	arena_free(a);
	return ok ? 0 : 1;
}
