/* Where keys for S3 come from, how they are renewed, and that no error shows one. */
#include "tests/unit/lib/http_service.h"
#include "tests/unit/lib/scratch.h"

#include <sodium.h>
#include <time.h>

#include "base/http.h"
#include "publisher/store/s3_credentials.h"

/* What the service answers next, in order; the last one forever. */
struct script {
	int status;
	const char *body; /* "KEY n s": a key that is good for s seconds */
};
struct scripted {
	const struct script *script;
	size_t n, at;
};

static void
key_json(char body[static 1024], const char *n, long life_s)
{
	char expires[32];
	time_t at = time(NULL) + life_s;
	struct tm tm;
	assert_non_null(gmtime_r(&at, &tm));
	(void)strftime(expires, sizeof expires, "%Y-%m-%dT%H:%M:%SZ", &tm);
	(void)snprintf(body, 1024, "{\"Code\":\"Success\",\"AccessKeyId\":\"ID%s\",\"SecretAccessKey\":"
	    "\"secret%s\",\"Token\":\"token%s\",\"Expiration\":\"%s\"}", n, n, n, expires);
}

static int
answer(struct service *s, const char *request, char body[static 1024])
{
	struct scripted *x = s->ctx;
	const struct script *now = &x->script[x->at < x->n ? x->at : x->n - 1];
	char n[8];
	long life_s;
	(void)request;
	x->at++;
	if (sscanf(now->body, "KEY %7s %ld", n, &life_s) == 2)
		key_json(body, n, life_s);
	else
		(void)snprintf(body, 1024, "%s", now->body);
	return now->status;
}

static const char *const names[] = { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "HOME",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
	"AWS_ENDPOINT_URL_STS", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_DISABLED" };

static int
clean_environment(void **state)
{
	for (size_t i = 0; i < LEN(names); i++)
		unsetenv(names[i]);
	return arena_setup(state);
}

static bool
begin(struct arena *a, struct s3_credentials **out, struct err *err)
{
	const struct settings *s;
	assert_true(settings_open(a, NULL, &s, err));
	return s3_credentials_open(a, s, STR("eu-west-1"), out, err);
}

static void
assert_key(struct s3_credentials *c, const char *id, const char *secret, const char *token)
{
	const struct s3_key *key;
	struct err err;
	if (!s3_credentials_take(c, &key, &err))
		fail_msg("%s", err.text);
	assert_str(key->id, id);
	assert_str(key->secret, secret);
	assert_str(key->token, token);
	s3_credentials_give(c, key);
}

static void
assert_refused(struct arena *a, enum err_code code, const char *says)
{
	struct s3_credentials *c;
	const struct s3_key *key;
	struct err err = { 0 };
	assert_false(begin(a, &c, &err) && s3_credentials_take(c, &key, &err));
	if (err.code != code || strstr(err.text, says) == NULL)
		fail_msg("%d %s", err.code, err.text);
	assert_null(strstr(err.text, "secret0"));
	assert_null(strstr(err.text, "token0"));
}

static void
the_environment_gives_a_key_that_stays(void **state)
{
	struct s3_credentials *c;
	const struct s3_key *key;
	setenv("AWS_ACCESS_KEY_ID", "ID0", 1);
	assert_refused(*state, ERR_SETUP, "AWS_ACCESS_KEY_ID is set, but not AWS_SECRET_ACCESS_KEY");
	setenv("AWS_SECRET_ACCESS_KEY", "secret0", 1);
	assert_true(begin(*state, &c, NULL));
	assert_key(c, "ID0", "secret0", "");
	setenv("AWS_SESSION_TOKEN", "token0", 1);
	assert_true(begin(*state, &c, NULL));
	assert_key(c, "ID0", "secret0", "token0");
	assert_true(s3_credentials_take(c, &key, NULL));
	assert_false(s3_credentials_refused(c, key)); /* there is no other */
	s3_credentials_give(c, key);
	setenv("AWS_SECRET_ACCESS_KEY", "secret0\n", 1);
	assert_refused(*state, ERR_SETUP, "the secret key holds a blank or a control character");
}

static void
the_shared_file_gives_the_key_of_a_profile(void **state)
{
	struct arena *a = *state;
	struct s3_credentials *c;
	char token[1500];
	memset(token, 't', sizeof token - 1);
	token[sizeof token - 1] = '\0';
	const char *dir = scratch_folder(a);
	const char *path = scratch_file(a, dir, ".aws/credentials", arena_printf(a,
	    "# mine\n[default]\naws_access_key_id = ID1\naws_secret_access_key=secret1\n"
	    "[prod]\r\naws_access_key_id = ID2\r\naws_secret_access_key = secret2\r\n"
	    "aws_session_token = %s\r\n[half]\naws_access_key_id = ID3\n", token));
	setenv("HOME", dir, 1);
	assert_true(begin(a, &c, NULL));
	assert_key(c, "ID1", "secret1", "");
	setenv("AWS_PROFILE", "prod", 1);
	assert_true(begin(a, &c, NULL));
	assert_key(c, "ID2", "secret2", token);
	setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
	setenv("AWS_PROFILE", "none", 1);
	assert_refused(a, ERR_SETUP, "there is no [none]");
	setenv("AWS_PROFILE", "half", 1);
	assert_refused(a, ERR_SETUP, "there is no secret key");
	/* A key that a server refused is looked for again: somebody may have renewed the file. */
	const struct s3_key *key;
	setenv("AWS_PROFILE", "default", 1);
	assert_true(begin(a, &c, NULL));
	assert_true(s3_credentials_take(c, &key, NULL));
	(void)scratch_file(a, dir, ".aws/credentials", STR("[default]\naws_access_key_id = ID4\n"
	    "aws_secret_access_key = secret4\n"));
	assert_true(s3_credentials_refused(c, key));
	assert_str(key->id, "ID1");
	s3_credentials_give(c, key);
	assert_key(c, "ID4", "secret4", "");
}

static void
a_container_is_asked_with_its_token(void **state)
{
	static const struct script script[] = { { 200, "KEY 0 3600" } };
	struct scripted x = { script, LEN(script), 0 };
	struct service s = { .handle = answer, .ctx = &x };
	struct s3_credentials *c;
	service_start(&s);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", arena_printf(*state, "%s/role?x=1", s.url).p, 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", scratch_file(*state, scratch_folder(*state),
	    "token", STR("Bearer of-file\n")), 1);
	assert_true(begin(*state, &c, NULL));
	assert_key(c, "ID0", "secret0", "token0");
	assert_key(c, "ID0", "secret0", "token0");
	service_stop(&s);
	assert_int_equal(s.n, 1);
	assert_non_null(strstr(s.seen[0], "GET /role?x=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(s.seen[0], "Authorization: Bearer of-file\r\n"));
}

static void
a_token_goes_in_clear_only_to_this_machine_or_its_link(void **state)
{
	static const char *const far[] = { "http://example.com/", "http://10.0.0.1/",
		"http://127.0.0.1.example.com/", "http://localhost@example.com/",
		"http://127.0.0.1@example.com/", "http://[2001:db8::1]/", "ftp://127.0.0.1/",
		"http://localhost.example.com/", "http:///", "http://[::1/" };
	static const char *const near[] = { "http://127.0.0.1:1/", "http://[::1]:1/x",
		"http://169.254.170.23/v1", "http://[fd00:ec2::23]/v1", "http://localhost:1",
		"https://example.com/" };
	struct s3_credentials *c;
	struct err err;
	for (size_t i = 0; i < LEN(far); i++) {
		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", far[i], 1);
		if (begin(*state, &c, &err))
			fail_msg("%s was taken", far[i]);
		assert_int_equal(err.code, ERR_SETUP);
	}
	for (size_t i = 0; i < LEN(near); i++) {
		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", near[i], 1);
		if (!begin(*state, &c, &err))
			fail_msg("%s: %s", near[i], err.text);
	}
}

static void *
take_and_give(void *credentials)
{
	const struct s3_key *key;
	bool ok = s3_credentials_take(credentials, &key, NULL);
	if (ok)
		s3_credentials_give(credentials, key);
	return ok ? credentials : NULL;
}

static void
threads_that_ask_at_once_cause_one_request(void **state)
{
	static const struct script script[] = { { 200, "KEY 0 3600" } };
	struct scripted x = { script, LEN(script), 0 };
	struct service s = { .handle = answer, .ctx = &x };
	struct s3_credentials *c;
	pthread_t thread[8];
	void *ok;
	service_start(&s);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", s.url, 1);
	assert_true(begin(*state, &c, NULL));
	for (size_t i = 0; i < LEN(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, take_and_give, c), 0);
	for (size_t i = 0; i < LEN(thread); i++) {
		(void)pthread_join(thread[i], &ok);
		assert_non_null(ok);
	}
	service_stop(&s);
	assert_int_equal(s.n, 1);
}

static void
a_key_is_renewed_before_it_expires_and_used_on_if_that_fails(void **state)
{
	static const struct script script[] = { { 200, "KEY 0 4" }, { 403, "no" },
		{ 200, "KEY 1 3600" } };
	struct scripted x = { script, LEN(script), 0 };
	struct service s = { .handle = answer, .ctx = &x };
	struct s3_credentials *c;
	struct timespec now;
	service_start(&s);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", s.url, 1);
	assert_true(begin(*state, &c, NULL));
	(void)clock_gettime(CLOCK_REALTIME, &now);
	clock_sleep_ms(1020 - now.tv_nsec / 1000000); /* keys expire at whole seconds */
	assert_key(c, "ID0", "secret0", "token0");
	clock_sleep_ms(3050);
	assert_key(c, "ID0", "secret0", "token0"); /* the service said no: good for a second more */
	assert_int_equal(x.at, 2);
	clock_sleep_ms(1000);
	assert_key(c, "ID1", "secret1", "token1");
	service_stop(&s);
	assert_int_equal(s.n, 3);
}

static void
no_answer_of_a_service_shows_in_an_error(void **state)
{
	static const struct script script[] = { { 403, "secret0" }, { 200, "{\"AccessKeyId\":\"secret0" },
		{ 200, "{\"AccessKeyId\":\"I\",\"SecretAccessKey\":\"secret0\",\"Token\":\"token0\"}" },
		{ 200, "{\"AccessKeyId\":\"I\",\"SecretAccessKey\":\"secret0\",\"Token\":\"a b\","
		       "\"Expiration\":\"2030-01-01T00:00:00Z\"}" },
		{ 200, "KEY 0 -5" }, { 200, "" } };
	static const struct { enum err_code code; const char *says; } expected[] = {
		{ ERR_SETUP, "answered 403" }, { ERR_BUSY, "the answer is no JSON" },
		{ ERR_INPUT, "Expiration" }, { ERR_SETUP, "the session token holds a blank" },
		{ ERR_SETUP, "expired already; check the clock" }, { ERR_BUSY, "no JSON" } };
	struct scripted x = { script, LEN(script), 0 };
	struct service s = { .handle = answer, .ctx = &x };
	service_start(&s);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", s.url, 1);
	for (size_t i = 0; i < LEN(expected); i++)
		assert_refused(*state, expected[i].code, expected[i].says);
	service_stop(&s);
}

static void
a_web_identity_is_changed_for_a_key_and_never_part_of_a_url(void **state)
{
	static const struct script script[] = { { 200, "<AssumeRoleWithWebIdentityResponse "
		"xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentityResult>"
		"<Credentials><AccessKeyId>ID5</AccessKeyId><SecretAccessKey>secret5</SecretAccessKey>"
		"<SessionToken>token5+/=</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
		"</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>" },
		{ 400, "<ErrorResponse><Error><Code>x</Code></Error></ErrorResponse>" } };
	struct scripted x = { script, LEN(script), 0 };
	struct service s = { .handle = answer, .ctx = &x };
	struct s3_credentials *c;
	service_start(&s);
	setenv("AWS_ENDPOINT_URL_STS", arena_printf(*state, "%s/", s.url).p, 1);
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", scratch_file(*state, scratch_folder(*state), "jwt",
	    STR("token0.of+platform\n")), 1);
	assert_refused(*state, ERR_SETUP, "but not AWS_ROLE_ARN");
	setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/publish", 1);
	assert_true(begin(*state, &c, NULL));
	assert_key(c, "ID5", "secret5", "token5+/=");
	assert_refused(*state, ERR_SETUP, "answered 400");
	service_stop(&s);
	assert_non_null(strstr(s.seen[0], "POST / HTTP/1.1\r\n"));
	assert_non_null(strstr(s.seen[0], "\r\n\r\nAction=AssumeRoleWithWebIdentity&RoleArn="
	    "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fpublish&RoleSessionName=edgepress&Version=2011-06-15&"
	    "WebIdentityToken=token0.of%2Bplatform"));
}

static void
an_instance_is_asked_with_a_token_of_its_own(void **state)
{
	static const struct script script[] = { { 200, "imds-token" }, { 200, "publisher-role\n" },
		{ 200, "KEY 6 3600" } };
	struct scripted x = { script, LEN(script), 0 };
	struct service s = { .handle = answer, .ctx = &x };
	struct s3_credentials *c;
	service_start(&s);
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", s.url, 1);
	assert_true(begin(*state, &c, NULL));
	assert_key(c, "ID6", "secret6", "token6");
	service_stop(&s);
	assert_non_null(strstr(s.seen[0], "PUT /latest/api/token HTTP/1.1\r\n"));
	assert_non_null(strstr(s.seen[0], "x-aws-ec2-metadata-token-ttl-seconds: 300\r\n"));
	assert_non_null(strstr(s.seen[1], "x-aws-ec2-metadata-token: imds-token\r\n"));
	assert_non_null(strstr(s.seen[2], "GET /latest/meta-data/iam/security-credentials/"
	    "publisher-role HTTP/1.1\r\n"));
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	assert_refused(*state, ERR_SETUP, "no credentials: set AWS_ACCESS_KEY_ID");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, clean_environment, arena_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_environment_gives_a_key_that_stays),
		CASE(the_shared_file_gives_the_key_of_a_profile),
		CASE(a_container_is_asked_with_its_token),
		CASE(a_token_goes_in_clear_only_to_this_machine_or_its_link),
		CASE(threads_that_ask_at_once_cause_one_request),
		CASE(a_key_is_renewed_before_it_expires_and_used_on_if_that_fails),
		CASE(no_answer_of_a_service_shows_in_an_error),
		CASE(a_web_identity_is_changed_for_a_key_and_never_part_of_a_url),
		CASE(an_instance_is_asked_with_a_token_of_its_own),
	};
	if (sodium_init() < 0 || !http_setup(NULL))
		return 1;
	return cmocka_run_group_tests_name("s3 credentials", tests, NULL, NULL);
}
