#include "publisher/store/azure_token.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"

#define IMDS "http://169.254.169.254"
#define AUTHORITY "https://login.microsoftonline.com/"
#define RESOURCE "https%%3A%%2F%%2Fstorage.azure.com%%2F" /* within a format */
#define TOKEN_MAX (16 * 1024)
#define ANSWER_MAX (64 * 1024)
#define RENEW_S 300 /* before it expires */
#define PAUSE_S 30  /* after a renewal that failed */
#define TRY_MS 4000

struct azure_token {
	const struct settings *settings;
	struct http_pool *pool;
	const char *ca;
	bool (*fetch)(struct azure_token *, struct arena *, struct http_response *, struct err *);
	const char *source; /* for people */
	pthread_mutex_t fetching; /* held by the one thread that fetches */
	pthread_mutex_t lock;     /* of all below; never held while somebody is waited for */
	char *text;               /* in locked memory */
	size_t n;                 /* 0: none yet */
	int64_t until_ms, renew_ms; /* monotonic */
	uint64_t serial;
};

static bool
ask(struct azure_token *t, struct arena *a, const struct http_request *rq,
    bool (*again)(void *, unsigned, const struct http_response *), struct http_response *out,
    struct err *err)
{
	struct http_call call = { .request = *rq, .again = again,
		.patience = { .tries = 5, .first_ms = 400, .total_ms = 15000 } };
	call.request.timeout_ms = TRY_MS;
	call.request.body_max = ANSWER_MAX;
	call.request.ca = t->ca;
	return http_pool_call(t->pool, a, &call, out, NULL, err);
}

/* A machine that has just started says 404 or 410 for some seconds. */
static bool
imds_again(void *ctx, unsigned attempt, const struct http_response *r)
{
	(void)ctx;
	(void)attempt;
	return r->status == 404 || r->status == 410;
}

static struct str
client_parameter(struct azure_token *t, struct arena *a)
{
	const char *id = setting(t->settings, "AZURE_CLIENT_ID");
	return id == NULL ? STR("") : arena_printf(a, "&client_id=%s", id);
}

static bool
imds_fetch(struct azure_token *t, struct arena *a, struct http_response *out, struct err *err)
{
	const char *base = setting(t->settings, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
	const struct http_header header = { STR_INIT("Metadata"), STR_INIT("true") };
	struct str client = client_parameter(t, a);
	const struct http_request rq = { .method = "GET", .header = &header, .headers = 1,
		.url = arena_printf(a, "%s/metadata/identity/oauth2/token?api-version=2018-02-01"
		    "&resource=" RESOURCE "%.*s", base != NULL ? base : IMDS, STR_ARG(client)).p };
	return ask(t, a, &rq, imds_again, out, err);
}

static bool
service_fetch(struct azure_token *t, struct arena *a, struct http_response *out, struct err *err)
{
	const struct http_header header = { STR_INIT("X-IDENTITY-HEADER"),
		str_of(setting(t->settings, "IDENTITY_HEADER")) };
	struct str client = client_parameter(t, a);
	const struct http_request rq = { .method = "GET", .header = &header, .headers = 1,
		.url = arena_printf(a, "%s?api-version=2019-08-01&resource=" RESOURCE "%.*s",
		    setting(t->settings, "IDENTITY_ENDPOINT"), STR_ARG(client)).p };
	return ask(t, a, &rq, NULL, out, err);
}

/* The file's token lives an hour and is replaced by the kubelet: read anew each time. */
static bool
workload_fetch(struct azure_token *t, struct arena *a, struct http_response *out, struct err *err)
{
	const char *host = setting(t->settings, "AZURE_AUTHORITY_HOST");
	const struct http_header header = { STR_INIT("Content-Type"),
		STR_INIT("application/x-www-form-urlencoded") };
	struct str assertion;
	host = host != NULL ? host : AUTHORITY;
	if (!fs_read(a, setting(t->settings, "AZURE_FEDERATED_TOKEN_FILE"), TOKEN_MAX, &assertion,
	        err)) {
		if (err != NULL && err->code == ERR_ABSENT)
			err->code = ERR_SETUP;
		return false;
	}
	assertion = str_trim(assertion);
	const struct http_request rq = { .method = "POST", .header = &header, .headers = 1,
		.url = arena_printf(a, "%s%s%s/oauth2/v2.0/token", host,
		    str_ends(str_of(host), STR("/")) ? "" : "/",
		    setting(t->settings, "AZURE_TENANT_ID")).p,
		.body = arena_printf(a, "grant_type=client_credentials&client_id=%s"
		    "&scope=https%%3A%%2F%%2Fstorage.azure.com%%2F.default"
		    "&client_assertion_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Aclient-assertion-type"
		    "%%3Ajwt-bearer&client_assertion=%.*s", setting(t->settings, "AZURE_CLIENT_ID"),
		    STR_ARG(assertion)) };
	return ask(t, a, &rq, NULL, out, err);
}

/* A number, or one in a string, as the sources have it each their own way. */
static bool
seconds_of(const json_t *j, const char *name, int64_t *out)
{
	const json_t *v = json_object_get(j, name);
	uint64_t n = 0;
	bool ok = json_is_integer(v) ? json_integer_value(v) >= 0
	                             : json_is_string(v) && str_to_u64(str_of(json_string_value(v)), &n);
	*out = json_is_integer(v) ? (int64_t)json_integer_value(v) : (int64_t)n;
	return ok;
}

static bool
is_header_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return s.n > 0;
}

static bool
answer_read(struct arena *a, const struct http_response *r, struct str *token, int64_t *lives_s,
    struct err *err)
{
	json_t *j;
	int64_t on;
	if (r->status != 200)
		return err_set(err, r->status >= 500 || r->status == 429 || r->status == 408
		        ? ERR_BUSY : ERR_SETUP, "answered %d%s", r->status, r->status == 400
		        ? ": is there such an identity? See AZURE_CLIENT_ID" : "");
	if (!json_parse(a, r->body, &j, NULL)) /* the reason might quote the token */
		return err_set(err, ERR_BUSY, "answered something that is no JSON");
	*token = str_of(json_string_value(json_object_get(j, "access_token")));
	if (token->n > TOKEN_MAX || !is_header_text(*token))
		return err_set(err, ERR_BUSY, "answered without a usable access_token");
	if (!seconds_of(j, "expires_in", lives_s)) {
		if (!seconds_of(j, "expires_on", &on))
			return err_set(err, ERR_BUSY, "answered without expires_on or expires_in");
		*lives_s = on - clock_now();
	}
	*lives_s = *lives_s < 24 * 3600 ? *lives_s : 24 * 3600;
	return *lives_s > 0 || err_set(err, ERR_BUSY, "answered a token that has expired; is this "
	    "machine's clock right?");
}

static void
keep(struct azure_token *t, struct str token, int64_t lives_s)
{
	int64_t now = clock_monotonic_ms();
	int64_t margin = lives_s / 2 < RENEW_S ? lives_s / 2 : RENEW_S;
	(void)pthread_mutex_lock(&t->lock);
	memcpy(t->text, token.p, token.n);
	t->n = token.n;
	t->until_ms = now + 1000 * lives_s;
	t->renew_ms = t->until_ms - 1000 * margin;
	t->serial++;
	(void)pthread_mutex_unlock(&t->lock);
}

/* While the old token does, callers are not made to wait for another failure at once. */
static void
postpone(struct azure_token *t)
{
	(void)pthread_mutex_lock(&t->lock);
	t->renew_ms = clock_monotonic_ms() + 1000 * PAUSE_S;
	if (t->renew_ms > t->until_ms)
		t->renew_ms = t->until_ms;
	(void)pthread_mutex_unlock(&t->lock);
}

static bool
renew(struct azure_token *t, struct err *err)
{
	struct arena *a = arena_new();
	struct http_response r;
	struct str token = STR("");
	int64_t lives_s;
	bool ok = t->fetch(t, a, &r, err) && answer_read(a, &r, &token, &lives_s, err);
	if (ok)
		keep(t, token, lives_s);
	else
		postpone(t);
	arena_free(a);
	return ok || err_in(err, "token of the %s", t->source);
}

/* Copies the token if it has not to be renewed yet; or, for `old`, if it can be used still. */
static bool
copy_out(struct azure_token *t, struct arena *a, bool old, struct str *bearer, uint64_t *serial)
{
	int64_t now = clock_monotonic_ms();
	(void)pthread_mutex_lock(&t->lock);
	bool usable = t->n > 0 && now < (old ? t->until_ms : t->renew_ms);
	if (usable) {
		*bearer = arena_printf(a, "Bearer %.*s", (int)t->n, t->text);
		*serial = t->serial;
	}
	(void)pthread_mutex_unlock(&t->lock);
	return usable;
}

bool
azure_token_take(struct azure_token *t, struct arena *a, struct str *bearer, uint64_t *serial,
    struct err *err)
{
	struct err why = { 0 };
	if (copy_out(t, a, false, bearer, serial))
		return true;
	if (pthread_mutex_trylock(&t->fetching) != 0) {
		if (copy_out(t, a, true, bearer, serial))
			return true;
		(void)pthread_mutex_lock(&t->fetching);
	}
	bool ok = copy_out(t, a, false, bearer, serial)
	    || (renew(t, &why) && copy_out(t, a, true, bearer, serial));
	(void)pthread_mutex_unlock(&t->fetching);
	/* who gives no new one: the old one may do for a while yet */
	return ok || copy_out(t, a, true, bearer, serial)
	    || err_set(err, why.code != 0 ? why.code : ERR_BUSY, "%s", why.text);
}

void
azure_token_refused(struct azure_token *t, uint64_t serial)
{
	(void)pthread_mutex_lock(&t->lock);
	if (t->serial == serial)
		t->n = 0;
	(void)pthread_mutex_unlock(&t->lock);
}

static void
token_close(void *handle)
{
	struct azure_token *t = handle;
	(void)pthread_mutex_destroy(&t->fetching);
	(void)pthread_mutex_destroy(&t->lock);
	sodium_free(t->text);
}

static bool
needs(const struct settings *s, const char *have, const char *name, struct err *err)
{
	return setting(s, name) != NULL
	    || err_set(err, ERR_SETUP, "%s is set, but %s is not", have, name);
}

static bool
source_choose(struct azure_token *t, struct err *err)
{
	const struct settings *s = t->settings;
	if (setting(s, "AZURE_FEDERATED_TOKEN_FILE") != NULL) {
		t->source = "workload identity";
		t->fetch = workload_fetch;
		return needs(s, "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID", err)
		    && needs(s, "AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_ID", err);
	}
	if (setting(s, "IDENTITY_ENDPOINT") != NULL) {
		t->source = "App Service identity";
		t->fetch = service_fetch;
		return needs(s, "IDENTITY_ENDPOINT", "IDENTITY_HEADER", err);
	}
	t->source = "managed identity (no AZURE_STORAGE_KEY and no AZURE_STORAGE_SAS_TOKEN is set)";
	t->fetch = imds_fetch;
	return true;
}

bool
azure_token_open(struct arena *a, const struct settings *settings, struct http_pool *pool,
    const char *ca, struct azure_token **out, struct err *err)
{
	struct azure_token *t = ARENA_NEW(a, struct azure_token);
	*t = (struct azure_token){ .settings = settings, .pool = pool, .ca = ca,
		.text = sodium_malloc(TOKEN_MAX) };
	if (t->text == NULL || pthread_mutex_init(&t->fetching, NULL) != 0
	    || pthread_mutex_init(&t->lock, NULL) != 0)
		abort();
	arena_defer(a, token_close, t);
	*out = t;
	return source_choose(t, err);
}
