/* node_json: trees for tests, written as JSON. Documents never come this way: see jsonread.h. */
#ifndef TESTS_UNIT_NODE_JSON_H
#define TESTS_UNIT_NODE_JSON_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "generator/document/node.h"

/* The shortest decimal that reads back as the same double. */
static inline struct str
real_text(struct arena *a, double d)
{
	char s[40];

	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(s, sizeof s, "%.*g", digits, d);
		if (strtod(s, NULL) == d)
			break;
	}
	return arena_copy(a, str_of(s));
}

static inline struct node *
node_add_json(struct arena *a, struct node *parent, struct str name, const json_t *j)
{
	const char *key;
	const json_t *value;
	size_t i;
	struct node *n;

	switch (json_typeof(j)) {
	case JSON_OBJECT:
		n = node_add(a, parent, NODE_OBJECT, name, STR(""));
		json_object_foreach((json_t *)j, key, value)
			(void)node_add_json(a, n, arena_copy(a, str_of(key)), value);
		return n;
	case JSON_ARRAY:
		n = node_add(a, parent, NODE_LIST, name, STR(""));
		json_array_foreach(j, i, value)
			(void)node_add_json(a, n, STR(""), value);
		return n;
	case JSON_STRING:
		return node_add(a, parent, NODE_TEXT, name,
		    arena_copy(a, (struct str){ json_string_value(j), json_string_length(j) }));
	case JSON_INTEGER:
		return node_add(a, parent, NODE_NUMBER, name,
		    arena_printf(a, "%" PRId64, (int64_t)json_integer_value(j)));
	case JSON_REAL:
		return node_add(a, parent, NODE_NUMBER, name, real_text(a, json_real_value(j)));
	case JSON_TRUE:
		return node_add(a, parent, NODE_BOOL, name, STR("true"));
	case JSON_FALSE:
		return node_add(a, parent, NODE_BOOL, name, STR("false"));
	case JSON_NULL:
		break;
	}
	return node_add(a, parent, NODE_NULL, name, STR(""));
}

/* Any JSON value. Object members keep their order. */
static inline struct node *
node_from_json(struct arena *a, const json_t *j)
{
	return node_add_json(a, NULL, STR(""), j);
}

#endif
