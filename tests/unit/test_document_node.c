#include "tests/unit/lib/node_json.h"
#include "tests/unit/lib/unit.h"

static struct node *
tree(struct arena *a, const char *json)
{
	json_t *j;
	struct err err;

	if (!json_parse(a, str_of(json), &j, &err))
		fail_msg("%s", err.text);
	return node_from_json(a, j);
}

static struct str
written(struct arena *a, const struct node *n)
{
	struct buf *b = buf_in(a, 1 << 16);

	node_to_json(n, b);
	return buf_str(b);
}

static void
json_read_and_written_is_the_same(void **state)
{
	static const char *const same[] = {
		"null", "true", "[]", "{}", "-0.5", "[1,[2,{\"a\":null}],\"x\"]",
		"{\"b\":1,\"a\":{\"c\":[true,false]},\"\":\"\\\"\\\\\\n\"}", "0.1", "1e+22",
		"9223372036854775807", "\"\\u003cp\\u003e\"",
	};

	for (size_t i = 0; i < LEN(same); i++)
		assert_str(written(*state, tree(*state, same[i])), same[i]);
}

static void
markup_is_written_as_a_string(void **state)
{
	struct node *n = node_add(*state, NULL, NODE_MARKUP, STR(""), STR("<p>a \"b\"</p>"));

	assert_str(written(*state, n), "\"\\u003cp\\u003ea \\\"b\\\"\\u003c/p\\u003e\"");
}

static void
a_dotted_path_enters_objects_by_name_and_lists_by_position(void **state)
{
	const struct node *n = tree(*state, "{\"facts\":{\"high\":9,\"periods\":[{\"x\":1},{\"x\":2}]}}");

	assert_str(node_text_at(n, "facts.high"), "9");
	assert_str(node_text_at(n, "facts.periods.1.x"), "2");
	assert_str(node_text_at(n, "facts.periods.2.x"), "");
	assert_str(node_text_at(n, "facts.periods.-1.x"), "");
	assert_str(node_text_at(n, "facts.absent.x"), "");
	assert_str(node_text_at(n, "facts.high.x"), "");
	assert_str(node_text_at(n, "facts..high"), "");
	assert_str(node_text_at(NULL, "facts"), "");
	assert_int_equal(node_at(n, STR("facts.periods"))->count, 2);
	assert_null(node_get(NULL, STR("a")));
	assert_null(node_get(node_at(n, STR("facts.periods")), STR("x")));
}

static void
numbers_are_told_from_text(void **state)
{
	static const char *const yes[] = { "0", "-0", "7", "10.50", "1e5", "1E+5", "-1.5e-10" };
	static const char *const no[] = {
		"", "-", "01", "+1", ".5", "5.", "1e", "1e+", "0x1", "1,5", "1 ", " 1", "NaN", "1.2.3",
	};

	(void)state;
	for (size_t i = 0; i < LEN(yes); i++)
		assert_true(text_is_number(str_of(yes[i])));
	for (size_t i = 0; i < LEN(no); i++)
		assert_false(text_is_number(str_of(no[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(json_read_and_written_is_the_same),
		TEST(markup_is_written_as_a_string),
		TEST(a_dotted_path_enters_objects_by_name_and_lists_by_position),
		TEST(numbers_are_told_from_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
