#include "publisher/store/s3_source.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/http_pool.h"
#include "base/json.h"
#include "publisher/store/s3_xml.h"

#define FILE_MAX (256 * 1024)
#define ANSWER_MAX (64 * 1024)
#define ECS "http://169.254.170.2"
#define EC2 "http://169.254.169.254"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"

/* The error has the name, never the value. */
static bool
keep(char *out, size_t room, const char *name, struct str value, struct err *err)
{
	if (value.n >= room)
		return err_set(err, ERR_SETUP, "%s is longer than %zu bytes", name, room - 1);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] >= 0x7f)
			return err_set(err, ERR_SETUP, "%s holds a blank or a control character", name);
	if (value.n > 0)
		memcpy(out, value.p, value.n);
	out[value.n] = '\0';
	return true;
}

static bool
keep_key(struct s3_locked *out, struct str id, struct str secret, struct str token,
    struct err *err)
{
	if (id.n == 0 || secret.n == 0)
		return err_set(err, ERR_SETUP, "there is no %s", id.n == 0 ? "key id" : "secret key");
	return keep(out->id, sizeof out->id, "the key id", id, err)
	    && keep(out->secret, sizeof out->secret, "the secret key", secret, err)
	    && keep(out->token, sizeof out->token, "the session token", token, err);
}

static struct str
set(const struct settings *s, const char *name)
{
	const char *value = setting(s, name);
	return value != NULL ? str_of(value) : STR("");
}

/* The environment */

static bool
ask_settings(struct arena *a, const struct settings *s, struct str region,
    struct s3_locked *out, struct err *err)
{
	(void)a, (void)region;
	return keep_key(out, set(s, "AWS_ACCESS_KEY_ID"), set(s, "AWS_SECRET_ACCESS_KEY"),
	    set(s, "AWS_SESSION_TOKEN"), err);
}

/* The shared credentials file */

static void
wipe_str(void *s)
{
	const struct str *text = s;
	sodium_memzero((char *)(uintptr_t)text->p, text->n);
}

/* What was read lives in ordinary memory for as long as it is looked at. */
static void
wipe_later(struct arena *a, struct str text)
{
	struct str *kept = ARENA_NEW(a, struct str);
	*kept = text;
	if (text.n > 0)
		arena_defer(a, wipe_str, kept);
}

static const char *
shared_file(struct arena *a, const struct settings *s)
{
	const char *path = setting(s, "AWS_SHARED_CREDENTIALS_FILE"), *home = setting(s, "HOME");
	if (path != NULL || home == NULL)
		return path;
	return fs_join(a, home, ".aws/credentials");
}

static struct str
profile_of(const struct settings *s)
{
	const char *name = setting(s, "AWS_PROFILE");
	return str_of(name != NULL ? name : "default");
}

/* Tokens are longer than inih's lines, so the file is read here. */
static bool
profile_read(struct str text, struct str profile, struct str value[3])
{
	static const char *const names[] = { "aws_access_key_id", "aws_secret_access_key",
		"aws_session_token" };
	bool ours = false, found = false;
	while (text.p != NULL) {
		struct str rest, line = str_trim(str_cut(text, '\n', &text));
		if (str_starts(line, STR("[")) && str_ends(line, STR("]"))) {
			ours = str_eq(str_trim((struct str){ line.p + 1, line.n - 2 }), profile);
			found = found || ours;
			continue;
		}
		struct str name = str_trim(str_cut(line, '=', &rest));
		for (size_t i = 0; ours && rest.p != NULL && i < LEN(names); i++)
			if (str_eq(name, str_of(names[i])))
				value[i] = str_trim(rest);
	}
	return found;
}

static bool
ask_file(struct arena *a, const struct settings *s, struct str region, struct s3_locked *out,
    struct err *err)
{
	const char *path = shared_file(a, s);
	struct str text, value[3] = { 0 }, profile = profile_of(s);
	(void)region;
	if (path == NULL)
		return err_set(err, ERR_SETUP, "AWS_PROFILE needs AWS_SHARED_CREDENTIALS_FILE or HOME");
	if (!fs_read(a, path, FILE_MAX, &text, err))
		return false;
	wipe_later(a, text);
	bool ok = (profile_read(text, profile, value)
	              || err_set(err, ERR_SETUP, "there is no [%.*s]", STR_ARG(profile)))
	    && keep_key(out, value[0], value[1], value[2], err);
	return ok || err_in(err, "%s", path);
}

static bool
file_has_profile(const struct settings *s)
{
	struct arena *a = arena_new();
	const char *path = shared_file(a, s);
	struct str text, value[3] = { 0 };
	bool has = path != NULL && fs_read(a, path, FILE_MAX, &text, NULL);
	if (has) {
		wipe_later(a, text);
		has = profile_read(text, profile_of(s), value) && value[0].n > 0;
	}
	arena_free(a);
	return has;
}

/* Services that hand out keys */

static bool
fetch(struct arena *a, const struct http_call *call, struct str *body, struct err *err)
{
	struct http_response r;
	if (!http_pool_call(http_pool_open(a), a, call, &r, NULL, err))
		return false;
	wipe_later(a, r.body);
	*body = r.body;
	if (r.status == 200)
		return true;
	return err_set(err, r.status == 429 || r.status >= 500 ? ERR_BUSY : ERR_SETUP,
	    "%s %s: answered %d", call->request.method, call->request.url, r.status);
}

static void
wipe_json(json_t *j)
{
	const char *name;
	json_t *value;
	json_object_foreach(j, name, value)
		if (json_is_string(value))
			sodium_memzero((char *)(uintptr_t)json_string_value(value),
			    json_string_length(value));
}

/* { "AccessKeyId", "SecretAccessKey", "Token", "Expiration" }: containers and instances. */
static bool
key_from_json(struct arena *a, struct str text, struct s3_locked *out, struct err *err)
{
	json_t *j;
	struct str id, secret, token;
	if (!json_parse(a, text, &j, NULL)) /* its error may quote the text */
		return err_set(err, ERR_BUSY, "the answer is no JSON");
	bool ok = field_text(j, "AccessKeyId", &id, err)
	    && field_text(j, "SecretAccessKey", &secret, err)
	    && field_text(j, "Token", &token, err)
	    && field_time(j, "Expiration", &out->expires, err)
	    && keep_key(out, id, secret, token, err);
	wipe_json(j);
	return ok || err_in(err, "the answer");
}

/* Tokens go in clear only to this machine or its own link: loopback, link-local, and what EKS
 * uses with IPv6. */
static bool
host_is_near(struct str url)
{
	char host[64];
	struct in_addr v4;
	struct in6_addr v6;
	struct str rest;
	(void)str_cut(url, '/', &rest);
	(void)str_cut(rest, '/', &rest);
	bool bracket = str_starts(rest, STR("["));
	size_t n = 0;
	for (rest.p += bracket, rest.n -= bracket; n < rest.n; n++)
		if (rest.p[n] == '/' || rest.p[n] == '?' || rest.p[n] == '@'
		    || rest.p[n] == (bracket ? ']' : ':'))
			break;
	if (n >= sizeof host || (n < rest.n && rest.p[n] == '@')
	    || (bracket && (n == rest.n || rest.p[n] != ']')))
		return false;
	memcpy(host, rest.p, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127 || ntohl(v4.s_addr) >> 16 == 0xa9fe;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6)
		    || memcmp(&v6, "\xfd\x00\x0e\xc2\0\0\0\0\0\0\0\0\0\0\0\x23", 16) == 0;
	return str_eq(str_of(host), STR("localhost"));
}

static bool
container_url(struct arena *a, const struct settings *s, const char **out, struct err *err)
{
	const struct str path = set(s, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const struct str url = set(s, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	if (path.n > 0 && path.p[0] != '/')
		return err_set(err, ERR_SETUP, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path");
	if (path.n > 0) {
		*out = arena_printf(a, ECS "%.*s", STR_ARG(path)).p;
		return true;
	}
	if (!str_starts(url, STR("https://")) && !(str_starts(url, STR("http://"))
	        && host_is_near(url)))
		return err_set(err, ERR_SETUP, "AWS_CONTAINER_CREDENTIALS_FULL_URI needs https, "
		    "unless it is on this machine or its link");
	*out = url.p;
	return true;
}

/* The file is read each time: it is rotated. */
static bool
container_token(struct arena *a, const struct settings *s, struct str *out, struct err *err)
{
	const char *path = setting(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	*out = set(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	if (path == NULL)
		return true;
	if (!fs_read(a, path, S3_TOKEN_MAX, out, err))
		return false;
	wipe_later(a, *out);
	*out = str_trim(*out);
	return true;
}

static bool
ask_container(struct arena *a, const struct settings *s, struct str region,
    struct s3_locked *out, struct err *err)
{
	struct str token, body;
	struct http_header header[] = { { STR("Accept"), STR("application/json") },
		{ STR("Authorization"), STR("") } };
	struct http_call call = { .request = { .method = "GET", .header = header,
		.timeout_ms = 2000, .body_max = ANSWER_MAX }, .patience = { .tries = 4 } };
	(void)region;
	if (!container_url(a, s, &call.request.url, err) || !container_token(a, s, &token, err))
		return false;
	header[1].value = token;
	call.request.headers = token.n > 0 ? 2 : 1;
	return fetch(a, &call, &body, err) && key_from_json(a, body, out, err);
}

/* IMDSv2: a token first, then the name of the role, then its key. */
static bool
ask_instance(struct arena *a, const struct settings *s, struct str region,
    struct s3_locked *out, struct err *err)
{
	const char *at = setting(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	struct str token, role, key;
	const struct http_header ttl = { STR("x-aws-ec2-metadata-token-ttl-seconds"), STR("300") };
	struct http_call call = { .request = { .method = "PUT", .header = &ttl, .headers = 1,
		.timeout_ms = 1000, .body_max = ANSWER_MAX }, .patience = { .tries = 2 } };
	(void)region;
	at = at != NULL ? at : EC2;
	call.request.url = arena_printf(a, "%s/latest/api/token", at).p;
	if (!fetch(a, &call, &token, err))
		return err_in(err, "no other credentials are set (docs/stores.md)");
	const struct http_header with = { STR("x-aws-ec2-metadata-token"), str_trim(token) };
	call.request.method = "GET";
	call.request.header = &with;
	call.request.url = arena_printf(a, "%s" ROLE_PATH, at).p;
	if (!fetch(a, &call, &role, err))
		return false;
	role = str_trim(str_cut(role, '\n', &key));
	call.request.url = arena_printf(a, "%s" ROLE_PATH "%.*s", at, STR_ARG(role)).p;
	return fetch(a, &call, &key, err) && key_from_json(a, key, out, err);
}

static const char *
sts_url(struct arena *a, const struct settings *s, struct str region)
{
	const char *url = setting(s, "AWS_ENDPOINT_URL_STS");
	if (url != NULL)
		return url;
	return arena_printf(a, "https://sts.%.*s.amazonaws.com%s/", STR_ARG(region),
	    str_starts(region, STR("cn-")) ? ".cn" : "").p;
}

static bool
key_from_sts(struct arena *a, struct str body, struct s3_locked *out, struct err *err)
{
	const xmlNode *root;
	if (!s3_xml_read(a, body, "AssumeRoleWithWebIdentityResponse", &root, err))
		return false;
	const xmlNode *k = s3_xml_child(s3_xml_child(root, "AssumeRoleWithWebIdentityResult"),
	    "Credentials");
	return time_parse(s3_xml_text(a, k, "Expiration"), &out->expires, err)
	    && keep_key(out, s3_xml_text(a, k, "AccessKeyId"), s3_xml_text(a, k, "SecretAccessKey"),
	        s3_xml_text(a, k, "SessionToken"), err);
}

/* STS, AssumeRoleWithWebIdentity: the platform's token, which is rotated, for a key. It goes in
 * the body, never in a URL. */
static bool
ask_web_identity(struct arena *a, const struct settings *s, struct str region,
    struct s3_locked *out, struct err *err)
{
	const char *path = setting(s, "AWS_WEB_IDENTITY_TOKEN_FILE");
	struct str token, body, session = set(s, "AWS_ROLE_SESSION_NAME");
	if (!fs_read(a, path, FILE_MAX, &token, err))
		return false;
	wipe_later(a, token);
	const struct http_header form[] = {
		{ STR("Action"), STR("AssumeRoleWithWebIdentity") },
		{ STR("Version"), STR("2011-06-15") },
		{ STR("RoleArn"), set(s, "AWS_ROLE_ARN") },
		{ STR("RoleSessionName"), session.n > 0 ? session : STR("edgepress") },
		{ STR("WebIdentityToken"), str_trim(token) },
	};
	const struct http_header type = { STR("Content-Type"),
		STR("application/x-www-form-urlencoded") };
	struct http_call call = { .request = { .method = "POST", .header = &type, .headers = 1,
		.url = sts_url(a, s, region), .body = sigv4_query(a, form, LEN(form)),
		.body_max = ANSWER_MAX }, .patience = { .tries = 4 } };
	wipe_later(a, call.request.body);
	return fetch(a, &call, &body, err)
	    && (key_from_sts(a, body, out, err) || err_in(err, "%s", call.request.url));
}

bool
s3_source_choose(struct arena *a, const struct settings *s, const struct s3_source **out,
    struct err *err)
{
	static const struct s3_source settings = { "the environment", ask_settings, true },
		web = { "AWS_WEB_IDENTITY_TOKEN_FILE", ask_web_identity, false },
		file = { "the shared credentials file", ask_file, false },
		container = { "the container", ask_container, false },
		instance = { "the EC2 instance role", ask_instance, false };
	const bool id = setting(s, "AWS_ACCESS_KEY_ID") != NULL;
	const bool secret = setting(s, "AWS_SECRET_ACCESS_KEY") != NULL;
	const bool token = setting(s, "AWS_WEB_IDENTITY_TOKEN_FILE") != NULL;
	const char *url;
	if (id != secret)
		return err_set(err, ERR_SETUP, "%s is set, but not %s",
		    id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
		    id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
	if (token && setting(s, "AWS_ROLE_ARN") == NULL)
		return err_set(err, ERR_SETUP, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but not "
		    "AWS_ROLE_ARN");
	*out = id ? &settings : token ? &web
	    : setting(s, "AWS_PROFILE") != NULL || file_has_profile(s) ? &file
	    : setting(s, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != NULL
	        || setting(s, "AWS_CONTAINER_CREDENTIALS_FULL_URI") != NULL ? &container
	    : &instance;
	if (*out == &container)
		return container_url(a, s, &url, err);
	if (*out == &instance
	    && str_eq(set(s, "AWS_EC2_METADATA_DISABLED"), STR("true")))
		return err_set(err, ERR_SETUP, "no credentials: set AWS_ACCESS_KEY_ID and "
		    "AWS_SECRET_ACCESS_KEY, or another way of docs/stores.md");
	return true;
}
