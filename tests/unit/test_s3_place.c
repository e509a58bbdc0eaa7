/* What a store's URL means to S3. */
#include "tests/unit/lib/unit.h"

#include <sodium.h>
#include <stdlib.h>

#include "publisher/store/s3_place.h"

static bool
place(struct arena *a, const char *where, struct s3_place *out, struct err *err)
{
	const struct settings *s;
	assert_true(settings_open(a, NULL, &s, err));
	return s3_place_read(a, str_of(where), s, out, err);
}

static int
clean_environment(void **state)
{
	static const char *const names[] = { "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
		"AWS_ENDPOINT_URL_S3" };
	for (size_t i = 0; i < LEN(names); i++)
		unsetenv(names[i]);
	return arena_setup(state);
}

static void
assert_place(struct arena *a, const char *where, const char *server, const char *root,
    const char *prefix)
{
	struct s3_place p;
	struct err err;
	if (!place(a, where, &p, &err))
		fail_msg("%s: %s", where, err.text);
	assert_str(p.server, server);
	assert_str(p.root, root);
	assert_str(p.prefix, prefix);
	assert_true(str_ends(p.server, p.host));
}

static void
a_url_names_server_bucket_and_prefix(void **state)
{
	assert_place(*state, "https://s3.example.net/site", "https://s3.example.net", "/site", "");
	assert_place(*state, "http://127.0.0.1:9000/site/a/b/", "http://127.0.0.1:9000", "/site",
	    "a/b/");
	assert_place(*state, "http://[::1]:9000/site", "http://[::1]:9000", "/site", "");
	assert_place(*state, "https://s3.example.net:443/site", "https://s3.example.net", "/site", "");
	assert_place(*state, "http://s3.example.net:443/site", "http://s3.example.net:443", "/site",
	    "");
}

static void
a_bucket_at_aws_is_part_of_the_host_unless_it_has_dots(void **state)
{
	setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
	assert_place(*state, "//site/prod", "https://site.s3.eu-west-1.amazonaws.com", "", "prod/");
	assert_place(*state, "//my.site", "https://s3.eu-west-1.amazonaws.com", "/my.site", "");
	setenv("AWS_REGION", "cn-north-1", 1);
	assert_place(*state, "//site", "https://site.s3.cn-north-1.amazonaws.com.cn", "", "");
}

static void
an_endpoint_of_the_environment_replaces_aws(void **state)
{
	setenv("AWS_ENDPOINT_URL", "https://storage.example.net/", 1);
	assert_place(*state, "//site/prod", "https://site.storage.example.net", "", "prod/");
	setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000", 1);
	assert_place(*state, "//site", "http://127.0.0.1:9000", "/site", "");
	setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000/path", 1);
	struct s3_place p;
	struct err err;
	assert_false(place(*state, "//site", &p, &err));
	assert_int_equal(err.code, ERR_SETUP);
}

static void
without_a_region_aws_has_no_address(void **state)
{
	struct s3_place p;
	struct err err;
	assert_false(place(*state, "//site", &p, &err));
	assert_int_equal(err.code, ERR_SETUP);
	assert_string_equal(err.text, "AWS_REGION is not set");
	setenv("AWS_REGION", "eu-west-1/../x", 1);
	assert_false(place(*state, "//site", &p, &err));
	assert_int_equal(err.code, ERR_SETUP);
}

static void
what_is_no_place_is_refused_with_the_forms_there_are(void **state)
{
	static const char *const bad[] = { "", "/", "site", "https://", "https:///site",
		"https://s3.example.net", "https://s3.example.net/", "ftp://s3.example.net/site",
		"https://me:secret@s3.example.net/site", "https://s3.example.net/Site",
		"https://s3.example.net/si", "https://s3.example.net/site/../x",
		"https://s3.example.net/site?versions", "https://s3.example.net/-site",
		"https://s3.example.net/si..te", "https://s3.exa mple.net/site" };
	struct s3_place p;
	struct err err;
	for (size_t i = 0; i < LEN(bad); i++) {
		if (place(*state, bad[i], &p, &err))
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(err.code, ERR_INPUT);
		assert_null(strstr(err.text, "secret"));
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, clean_environment, arena_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_url_names_server_bucket_and_prefix),
		CASE(a_bucket_at_aws_is_part_of_the_host_unless_it_has_dots),
		CASE(an_endpoint_of_the_environment_replaces_aws),
		CASE(without_a_region_aws_has_no_address),
		CASE(what_is_no_place_is_refused_with_the_forms_there_are),
	};
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("s3 place", tests, NULL, NULL);
}
