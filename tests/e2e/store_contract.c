/*
 * The contract of a store against a real server: STORE is where it may make stores of its own, a
 * URL without a slash at the end ("azblob:http://127.0.0.1:10000/account/container"). Settings
 * come from the environment, as for edgepress.
 */
#include <sodium.h>

#include "base/http.h"
#include "tests/unit/lib/store_contract.h"

static const char *
fresh(struct arena *a)
{
	static unsigned n;
	const char *store = getenv("STORE");
	assert_non_null(store);
	return arena_printf(a, "%s/contract-%d-%u", store, (int)getpid(), n++).p;
}

static void
a_real_server_keeps_the_contract(void **state)
{
	const struct kind kind = { getenv("STORE"), fresh };
	(void)state;
	keeps_the_contract(&kind);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_server_keeps_the_contract),
	};
	if (sodium_init() < 0 || !http_setup(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
