/* AWS Signature Version 4 against what AWS publishes: tests/data/aws. */
#include "tests/unit/lib/unit.h"

#include <stdio.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "publisher/store/sigv4.h"

#define PAIRS 16

struct vector {
	struct arena *a;
	const char *name;
	struct sigv4_scope scope;
	struct str id, secret, token;
	struct sigv4_request rq;
	struct http_header query[PAIRS], header[PAIRS];
	struct str body;
	bool sign_body;
	const json_t *expires_s;
};

static const json_t *
vectors(struct arena *a, const char *path)
{
	struct str text;
	struct err err;
	json_t *j;
	if (!fs_read(a, path, 1 << 20, &text, &err) || !json_parse(a, text, &j, &err))
		fail_msg("%s", err.text);
	return j;
}

static struct str
text(const json_t *j, const char *name)
{
	return str_of(json_string_value(json_object_get(j, name)));
}

static void
add(struct http_header *list, size_t *n, struct str name, struct str value)
{
	assert_true(*n < PAIRS);
	list[(*n)++] = (struct http_header){ name, value };
}

/* "2015-08-30T12:36:00Z" without its punctuation */
static void
read_time(struct vector *v, struct str time)
{
	size_t n = 0;
	for (size_t i = 0; i < time.n && n < SIGV4_TIME; i++)
		if (time.p[i] != '-' && time.p[i] != ':')
			v->scope.time[n++] = time.p[i];
}

/* "POST /a?b=c HTTP/1.1\nName:value\n\nbody": a target may hold blanks. */
static void
read_request(struct vector *v, struct str request)
{
	struct str rest, headers, query, line = str_cut(request, '\n', &headers);
	v->rq.method = str_cut(line, ' ', &rest);
	assert_true(str_ends(rest, STR(" HTTP/1.1")));
	rest.n -= strlen(" HTTP/1.1");
	v->rq.path = str_cut(rest, '?', &query);
	while (query.p != NULL && query.n > 0) {
		struct str value, name = str_cut(str_cut(query, '&', &query), '=', &value);
		add(v->query, &v->rq.queries, name, value);
	}
	while (headers.n > 0 && (line = str_cut(headers, '\n', &headers)).n > 0) {
		struct str value, name = str_cut(line, ':', &value);
		add(v->header, &v->rq.headers, name, value);
	}
	v->body = headers;
}

static void
vector_read(struct vector *v, struct arena *a, const json_t *j)
{
	const json_t *c = json_object_get(j, "context"), *k = json_object_get(c, "credentials");
	*v = (struct vector){ .a = a, .name = text(j, "name").p };
	v->scope.region = text(c, "region");
	v->scope.service = text(c, "service");
	v->id = text(k, "access_key_id");
	v->secret = text(k, "secret_access_key");
	v->token = text(k, "token");
	v->expires_s = json_object_get(c, "expiration_in_seconds");
	v->sign_body = json_is_true(json_object_get(c, "sign_body"));
	v->rq.resolve_path = json_is_true(json_object_get(c, "normalize"));
	v->rq.query = v->query;
	v->rq.header = v->header;
	read_time(v, text(c, "timestamp"));
	read_request(v, text(j, "request"));
	struct digest d = digest_of(v->body);
	v->rq.payload = digest_str(a, &d);
}

static void
assert_signs(const struct vector *v, const json_t *expected)
{
	struct str canonical = sigv4_canonical(v->a, &v->rq);
	struct str to_sign = sigv4_to_sign(v->a, &v->scope, canonical);
	struct str signature = sigv4_signature(v->a, &v->scope, to_sign, v->secret);
	print_message("%s\n", v->name);
	assert_str(canonical, text(expected, "canonicalRequest").p);
	assert_str(to_sign, text(expected, "stringToSign").p);
	assert_str(signature, text(expected, "signature").p);
}

static void
the_published_requests_are_signed_as_published(void **state)
{
	const json_t *all = vectors(*state, "tests/data/aws/aws-sigv4.json");
	assert_true(json_array_size(all) >= 19);
	for (size_t i = 0; i < json_array_size(all); i++) {
		struct vector v;
		const json_t *j = json_array_get(all, i), *form = json_object_get(j, "header");
		vector_read(&v, *state, j);
		add(v.header, &v.rq.headers, STR("X-Amz-Date"), str_of(v.scope.time));
		if (v.token.n > 0)
			add(v.header, &v.rq.headers, STR("X-Amz-Security-Token"), v.token);
		if (v.sign_body)
			add(v.header, &v.rq.headers, STR("x-amz-content-sha256"), v.rq.payload);
		assert_signs(&v, form);
		struct str sent = sigv4_authorization(*state, &v.scope, &v.rq, v.id, v.secret);
		assert_non_null(strstr(text(form, "signedRequest").p,
		    arena_printf(*state, "Authorization:%.*s\n", STR_ARG(sent)).p));
	}
}

/* The same signer signs a URL when the parameters of the signature are part of the query. */
static void
the_published_urls_are_signed_as_published(void **state)
{
	const json_t *all = vectors(*state, "tests/data/aws/aws-sigv4.json");
	for (size_t i = 0; i < json_array_size(all); i++) {
		struct vector v;
		const json_t *j = json_array_get(all, i);
		vector_read(&v, *state, j);
		struct str names = sigv4_authorization(*state, &v.scope, &v.rq, v.id, v.secret);
		(void)str_cut(names, '=', &names);
		(void)str_cut(names, '=', &names);
		size_t *n = &v.rq.queries;
		add(v.query, n, STR("X-Amz-SignedHeaders"), str_cut(names, ',', &names));
		add(v.query, n, STR("X-Amz-Algorithm"), STR("AWS4-HMAC-SHA256"));
		add(v.query, n, STR("X-Amz-Date"), str_of(v.scope.time));
		add(v.query, n, STR("X-Amz-Credential"), sigv4_credential(*state, &v.scope, v.id));
		add(v.query, n, STR("X-Amz-Expires"), arena_printf(*state, "%lld",
		    (long long)json_integer_value(v.expires_s)));
		if (v.token.n > 0)
			add(v.query, n, STR("X-Amz-Security-Token"), v.token);
		assert_signs(&v, json_object_get(j, "query"));
	}
}

static void
the_documented_examples_of_s3_are_signed_as_documented(void **state)
{
	const json_t *j = vectors(*state, "tests/data/aws/aws-sigv4-s3-documented.json");
	const json_t *examples = json_object_get(j, "examples");
	assert_true(json_array_size(examples) >= 5);
	for (size_t i = 0; i < json_array_size(examples); i++) {
		const json_t *e = json_array_get(examples, i), *value;
		const char *name;
		struct vector v = { .a = *state, .name = text(e, "name").p };
		v.scope = (struct sigv4_scope){ "20130524T000000Z", text(j, "region"),
			text(j, "service") };
		v.secret = text(j, "secretAccessKey");
		v.rq = (struct sigv4_request){ .method = text(e, "method"), .query = v.query,
			.header = v.header, .payload = text(e, "payloadHash"),
			.path = text(e, "path") };
		if (str_eq(v.rq.path, STR("/test%24file.text"))) /* given encoded */
			v.rq.path = STR("/test$file.text");
		json_object_foreach((json_t *)json_object_get(e, "query"), name, value)
			add(v.query, &v.rq.queries, str_of(name), str_of(json_string_value(value)));
		json_object_foreach((json_t *)json_object_get(e, "headers"), name, value)
			add(v.header, &v.rq.headers, str_of(name), str_of(json_string_value(value)));
		assert_signs(&v, e);
	}
}

static void
every_byte_that_is_not_plain_is_encoded_in_upper_case(void **state)
{
	struct buf *out = buf_in(*state, 1000);
	sigv4_encode(out, STR("aZ09-._~/ +=&\xc3\xa9\0"), true);
	assert_str(buf_str(out), "aZ09-._~/%20%2B%3D%26%C3%A9%00");
	const struct http_header query[] = {
		{ STR_INIT("prefix"), STR_INIT("a/b") }, { STR_INIT("list-type"), STR_INIT("2") },
		{ STR_INIT("uploads"), STR_INIT("") }, { STR_INIT("a"), STR_INIT("2") },
		{ STR_INIT("a"), STR_INIT("1") } };
	assert_str(sigv4_query(*state, query, LEN(query)),
	    "a=1&a=2&list-type=2&prefix=a%2Fb&uploads=");
}

static void
a_path_is_resolved_only_where_the_service_does_so(void **state)
{
	static const struct { const char *path, *resolved; } cases[] = {
		{ "/", "/" }, { "/a//b/", "/a/b/" }, { "/a/b/../c", "/a/c" }, { "/../a", "/a" },
		{ "/a/.", "/a/" }, { "/a/..", "/" }, { "", "/" } };
	for (size_t i = 0; i < LEN(cases); i++) {
		struct sigv4_request rq = { .method = STR("GET"), .path = str_of(cases[i].path) };
		assert_true(str_starts(sigv4_canonical(*state, &rq),
		    arena_printf(*state, "GET\n%s\n\n", cases[i].path)));
		rq.resolve_path = true;
		struct str canonical = sigv4_canonical(*state, &rq);
		if (!str_starts(canonical, arena_printf(*state, "GET\n%s\n\n", cases[i].resolved)))
			fail_msg("%s: %.*s", cases[i].path, STR_ARG(canonical));
	}
}

static void
a_time_is_written_as_aws_reads_it(void **state)
{
	char out[SIGV4_TIME + 1];
	(void)state;
	sigv4_time(1369353600, out);
	assert_string_equal(out, "20130524T000000Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_published_requests_are_signed_as_published),
		TEST(the_published_urls_are_signed_as_published),
		TEST(the_documented_examples_of_s3_are_signed_as_documented),
		TEST(every_byte_that_is_not_plain_is_encoded_in_upper_case),
		TEST(a_path_is_resolved_only_where_the_service_does_so),
		TEST(a_time_is_written_as_aws_reads_it),
	};
	return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
