/* A name that can lead nowhere is an error before there is a document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "generator/template/names.h"

static const char *partial_text;

static bool
find_partial(void *ctx, struct str name, struct str *text, struct str *path, struct err *err)
{
	(void)ctx;
	(void)name;
	(void)err;
	*text = str_of(partial_text);
	*path = STR("templates/shared/partials/p.html");
	return true;
}

/* { title, facts: { place: { name, zone }, high, days: [ { high, note, days: … } ] } } */
static const struct shape *
weather(struct arena *a)
{
	struct shape *root = shape_object(a), *facts = shape_object(a), *place = shape_object(a),
		     *day = shape_object(a);
	shape_add(a, place, STR("name"), &shape_scalar);
	shape_add(a, place, STR("zone"), &shape_scalar);
	shape_add(a, day, STR("high"), &shape_scalar);
	shape_add(a, day, STR("note"), &shape_scalar);
	shape_add(a, day, STR("days"), shape_list(a, day));
	shape_add(a, facts, STR("place"), place);
	shape_add(a, facts, STR("high"), &shape_scalar);
	shape_add(a, facts, STR("temperature"), &shape_scalar);
	shape_add(a, facts, STR("days"), shape_list(a, day));
	shape_add(a, root, STR("title"), &shape_scalar);
	shape_add(a, root, STR("facts"), facts);
	return root;
}

static bool
judge(const char *text, const struct names_shared *shared, struct err *err)
{
	const struct template_source source = { .partial = find_partial };
	struct arena *a = arena_new();
	struct template *t = NULL;
	bool ok = template_compile(a, STR("t.html"), str_of(text), TEMPLATE_HTML, &source, &t, err)
	    && template_names(t, weather(a), shared, err);
	arena_free(a);
	return ok;
}

static void
refused(const char *text, const char *says)
{
	struct err err = { 0 };
	assert_false(judge(text, NULL, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_string_equal(err.text, says);
}

static void
taken(const char *text)
{
	struct err err = { 0 };
	if (!judge(text, NULL, &err))
		fail_msg("%s: %s", text, err.text);
}

static void
names_of_the_schema_are_taken_wherever_mustache_finds_them(void **state)
{
	(void)state;
	taken("{{title}}{{facts.place.name}}{{#facts}}{{title}}{{high}}{{/facts}}");
	taken("{{#facts.days}}{{note}}{{facts.temperature}}{{title}}{{^@last}},{{/@last}}{{/facts.days}}");
	taken("{{facts.days.0.high}}{{#facts.days.0}}{{note}}{{.}}{{/facts.days.0}}");
	taken("{{#title}}{{.}}{{facts.high}}{{/title}}{{^title}}{{facts.high}}{{/title}}");
	taken("{{message some.key}}{{\"literal\" | url}}{{title | date \"y\" facts.place.zone}}");
}

static void
a_misspelt_name_is_refused_with_its_place_and_what_may_be_meant(void **state)
{
	(void)state;
	refused("{{tilte}}", "t.html:1:1: nothing here is called 'tilte'; did you mean 'title'?");
	refused("a\n {{facts.temprature}}",
	    "t.html:2:2: no 'temprature' in 'facts'; did you mean 'temperature'?");
	refused("{{#facts}}{{#place}}{{zoen}}{{/place}}{{/facts}}",
	    "t.html:1:21: nothing here is called 'zoen'; did you mean 'zone'?");
	refused("{{#facts.place}}{{wind}}{{/facts.place}}",
	    "t.html:1:17: nothing here is called 'wind'; there are name, zone");
	refused("{{title | date \"y\" facts.zone}}",
	    "t.html:1:1: no 'zone' in 'facts'; there are place, high, temperature, days");
	refused("{{#fatcs}}x{{/fatcs}}", "t.html:1:1: nothing here is called 'fatcs'; did you mean 'facts'?");
	refused("{{^fatcs}}x{{/fatcs}}", "t.html:1:1: nothing here is called 'fatcs'; did you mean 'facts'?");
}

static void
a_name_behind_a_list_or_a_single_value_is_refused(void **state)
{
	(void)state;
	refused("{{facts.days.high}}",
	    "t.html:1:1: no 'high' in 'facts.days'; it is a list: use a section over it, or a position");
	refused("{{title.length}}", "t.html:1:1: no 'length' in 'title'; it is a single value");
	refused("{{#facts.days}}{{zz}}{{/facts.days}}",
	    "t.html:1:16: nothing here is called 'zz'; there are high, note, days");
}

static void
partials_are_judged_where_they_are_used(void **state)
{
	(void)state;
	partial_text = "{{note}}{{#days}}{{>p}}{{/days}}"; /* includes itself, as deep as the days go */
	taken("{{#facts.days}}{{>p}}{{/facts.days}}");
	refused("{{>p}}", "templates/shared/partials/p.html:1:1: nothing here is called 'note'; "
	                  "there are title, facts");
}

static void
a_shared_file_may_name_what_another_vertical_has(void **state)
{
	struct arena *a = arena_new();
	struct shape *sports = shape_object(a);
	const struct shape *root[] = { sports };
	const struct names_shared shared = { STR("/shared/"), root, 1 };
	struct err err = { 0 };
	(void)state;
	shape_add(a, sports, STR("score"), &shape_scalar);
	partial_text = "{{#score}}{{.}}{{title}}{{/score}}";
	assert_true(judge("{{>p}}", &shared, &err));
	partial_text = "{{scroe}}";
	assert_false(judge("{{>p}}", &shared, &err));
	/* What stands in the vertical's own file must be of that vertical. */
	assert_false(judge("{{score}}", &shared, &err));
	assert_non_null(strstr(err.text, "t.html:1:1: nothing here is called 'score'"));
	arena_free(a);
}

static void
of_what_is_not_known_everything_may_be_there(void **state)
{
	struct arena *a = arena_new();
	struct template *t;
	struct err err;
	(void)state;
	assert_true(template_compile(a, STR("t"), STR("{{#a.b}}{{c.d}}{{e}}{{/a.b}}"), TEMPLATE_HTML,
	    NULL, &t, &err));
	assert_true(template_names(t, &shape_any, NULL, &err));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_schema_are_taken_wherever_mustache_finds_them),
		cmocka_unit_test(a_misspelt_name_is_refused_with_its_place_and_what_may_be_meant),
		cmocka_unit_test(a_name_behind_a_list_or_a_single_value_is_refused),
		cmocka_unit_test(partials_are_judged_where_they_are_used),
		cmocka_unit_test(a_shared_file_may_name_what_another_vertical_has),
		cmocka_unit_test(of_what_is_not_known_everything_may_be_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
