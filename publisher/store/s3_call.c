#include "publisher/store/s3_call.h"

#include <libxml/parser.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "publisher/store/s3_xml.h"
#include "publisher/store/sigv4.h"

#define HEADERS_MAX 12
#define ERROR_MAX (64 * 1024)
#define BYTES_PER_MS 100 /* the slowest line that is waited for, after the first ten seconds */
#define TIMEOUT_MS 10000
#define STALL_MS 10000

const struct http_patience s3_to_write = { .tries = 8, .total_ms = 90000 };
const struct http_patience s3_to_read = { .tries = 4, .first_ms = 100, .total_ms = 15000 };
const struct http_patience s3_to_poll = { .tries = 2, .first_ms = 100, .total_ms = 3000 };

bool
s3_server_open(struct arena *a, struct str where, const struct settings *settings,
    struct s3_server *out, struct err *err)
{
	xmlInitParser();
	*out = (struct s3_server){ .ca = setting(settings, "AWS_CA_BUNDLE") };
	if (!s3_place_read(a, where, settings, &out->place, err)
	    || !s3_credentials_open(a, settings, out->place.region, &out->credentials, err))
		return false;
	out->pool = http_pool_open(a);
	return true;
}

/* One call with what signing it needs. The key is held until the next one is taken, so that a
 * refusal is charged to the right one. */
struct signing {
	const struct s3_server *s;
	const struct s3_request *rq;
	struct arena *a;
	struct str path;
	char payload[DIGEST_HEX + 1];
	const struct s3_key *key;
	bool renewed;
};

static void
key_give(struct signing *g)
{
	if (g->key != NULL)
		s3_credentials_give(g->s->credentials, g->key);
	g->key = NULL;
}

static bool
sign(void *ctx, struct arena *a, unsigned attempt, struct http_request *http, struct err *err)
{
	struct signing *g = ctx;
	struct http_header *h = ARENA_ARRAY(a, struct http_header, HEADERS_MAX);
	struct sigv4_scope scope = { .region = g->s->place.region, .service = STR("s3") };
	size_t n = 0;
	(void)attempt;
	key_give(g);
	if (!s3_credentials_take(g->s->credentials, &g->key, err))
		return false;
	sigv4_time((int64_t)time(NULL), scope.time);
	h[n++] = (struct http_header){ STR("Host"), g->s->place.host };
	h[n++] = (struct http_header){ STR("x-amz-content-sha256"), str_of(g->payload) };
	h[n++] = (struct http_header){ STR("x-amz-date"), arena_copy(a, str_of(scope.time)) };
	if (g->key->token.n > 0)
		h[n++] = (struct http_header){ STR("x-amz-security-token"),
			arena_copy(a, g->key->token) };
	for (size_t i = 0; i < g->rq->headers && n < HEADERS_MAX - 1; i++)
		h[n++] = g->rq->header[i];
	const struct sigv4_request rq = { .method = str_of(g->rq->method), .path = g->path,
		.query = g->rq->query, .queries = g->rq->queries, .header = h, .headers = n,
		.payload = str_of(g->payload) };
	h[n] = (struct http_header){ STR("Authorization"),
		sigv4_authorization(a, &scope, &rq, g->key->id, g->key->secret) };
	http->header = h;
	http->headers = n + 1;
	return true;
}

static bool
is_one(struct str code, const char *const *names)
{
	for (; *names != NULL; names++)
		if (str_eq(code, str_of(*names)))
			return true;
	return false;
}

/* What passes, beside the statuses that every server means so. */
static bool
again(void *ctx, unsigned attempt, const struct http_response *r)
{
	static const char *const expired[] = { "ExpiredToken", "TokenRefreshRequired", NULL };
	static const char *const passing[] = { "ConditionalRequestConflict", "OperationAborted",
		"RequestTimeout", "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", NULL };
	struct signing *g = ctx;
	(void)attempt;
	if (r->status < 400 || r->status == 404 || r->status == 412)
		return false;
	struct str code = s3_code(g->a, r);
	if (is_one(code, expired) && !g->renewed) {
		g->renewed = true;
		return s3_credentials_refused(g->s->credentials, g->key);
	}
	return is_one(code, passing);
}

static const char *
url_of(struct arena *a, const struct s3_server *s, const struct s3_request *rq, struct str path)
{
	struct buf *url = buf_in(a, 4096);
	buf_put(url, s->place.server);
	sigv4_encode(url, path, true);
	if (rq->queries > 0) {
		buf_putc(url, '?');
		buf_put(url, sigv4_query(a, rq->query, rq->queries));
	}
	return arena_copy(a, buf_str(url)).p;
}

static struct str
path_of(struct arena *a, const struct s3_server *s, const struct s3_request *rq)
{
	const struct s3_place *p = &s->place;
	if (rq->key.p == NULL)
		return p->root.n > 0 ? p->root : STR("/");
	return arena_printf(a, "%.*s/%.*s%.*s", STR_ARG(p->root), STR_ARG(p->prefix),
	    STR_ARG(rq->key));
}

bool
s3_call(const struct s3_server *s, struct arena *a, const struct s3_request *rq,
    struct http_response *out, bool *unsure, struct err *err)
{
	struct signing g = { .s = s, .rq = rq, .a = a, .path = path_of(a, s, rq) };
	const struct digest d = digest_of(rq->body);
	size_t most = rq->body_max > rq->body.n ? rq->body_max : rq->body.n;
	digest_hex(&d, g.payload);
	const struct http_call call = {
		.request = { .method = rq->method, .url = url_of(a, s, rq, g.path),
			.body = rq->body, .ca = s->ca,
			.body_max = rq->body_max > ERROR_MAX ? rq->body_max : ERROR_MAX,
			.timeout_ms = TIMEOUT_MS + (int64_t)(most / BYTES_PER_MS),
			.stall_ms = STALL_MS },
		.sign = sign,
		.again = again,
		.ctx = &g,
		.patience = rq->patience != NULL ? *rq->patience : s3_to_write,
	};
	bool ok = http_pool_call(s->pool, a, &call, out, unsure, err);
	key_give(&g);
	return ok;
}

/* Errors */

static const xmlNode *
error_of(struct arena *a, const struct http_response *r)
{
	const xmlNode *root;
	return s3_xml_read(a, r->body, "Error", &root, NULL) ? root : NULL;
}

static bool
is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= 'a' && s.p[i] <= 'z')
		        || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-' || s.p[i] == '.'))
			return false;
	return s.n > 0 && s.n <= 64;
}

struct str
s3_code(struct arena *a, const struct http_response *r)
{
	struct str code = s3_xml_text(a, error_of(a, r), "Code");
	return is_word(code) ? code : STR("");
}

static bool
fail_region(const struct s3_server *s, struct arena *a, const struct http_response *r,
    struct err *err)
{
	struct str region = http_header(r, "x-amz-bucket-region");
	if (region.n == 0)
		region = s3_xml_text(a, error_of(a, r), "Region");
	if (!is_word(region))
		return err_set(err, ERR_SETUP, "bucket %.*s is in another region than %.*s, or behind "
		    "another endpoint", STR_ARG(s->place.bucket), STR_ARG(s->place.region));
	return err_set(err, ERR_SETUP, "bucket %.*s is in region %.*s: set AWS_REGION=%.*s",
	    STR_ARG(s->place.bucket), STR_ARG(region), STR_ARG(region));
}

static bool
fail_clock(const struct http_response *r, struct err *err)
{
	int64_t theirs;
	if (!time_parse_http(http_header(r, "date"), &theirs))
		return err_set(err, ERR_SETUP, "RequestTimeTooSkewed: set this machine's clock");
	int64_t ahead = (int64_t)time(NULL) - theirs;
	return err_set(err, ERR_SETUP, "RequestTimeTooSkewed: set this machine's clock, which is "
	    "%lld s %s the store's", (long long)(ahead < 0 ? -ahead : ahead),
	    ahead < 0 ? "behind" : "ahead of");
}

/* Codes that mean the same everywhere, and what to do about them. */
static const struct known {
	const char *code;
	enum err_code means;
	const char *advice;
} known[] = {
	{ "NoSuchKey", ERR_ABSENT, "there is no such object" },
	{ "AccessDenied", ERR_SETUP, "grant s3:GetObject, s3:PutObject and s3:ListBucket; without "
	    "the last, S3 hides whether an object is absent" },
	{ "SignatureDoesNotMatch", ERR_SETUP, "the secret key does not belong to the key id" },
	{ "InvalidAccessKeyId", ERR_SETUP, "the server does not know the key id" },
	{ "InvalidToken", ERR_SETUP, "the session token does not belong to the key id" },
	{ "ExpiredToken", ERR_SETUP, "the credentials have expired" },
	{ "TokenRefreshRequired", ERR_SETUP, "the credentials have expired" },
	{ "NotImplemented", ERR_SETUP, "the store knows no conditional writes (If-None-Match, "
	    "If-Match), without which publishers would overwrite each other" },
	{ "PreconditionFailed", ERR_STALE, "was replaced by another publisher" },
	{ "EntityTooLarge", ERR_LIMIT, "too large for this store" },
	{ "QuotaExceeded", ERR_SETUP, "the store's quota is used up" },
	{ "ConditionalRequestConflict", ERR_BUSY, "others write the same object" },
};

static bool
fail_status(const struct http_response *r, struct str code, struct err *err)
{
	const bool passes = r->status == 408 || r->status == 429 || r->status == 307
	    || r->status == 409 || (r->status >= 500 && r->status != 501);
	if (r->status == 404 && code.n == 0)
		return err_set(err, ERR_SETUP, "answered 404, but not as S3 does: is this its URL?");
	return err_set(err, r->status == 412 ? ERR_STALE : passes ? ERR_BUSY : ERR_SETUP,
	    "answered %d%s%.*s", r->status, code.n > 0 ? " " : "", STR_ARG(code));
}

bool
s3_fail(const struct s3_server *s, struct arena *a, const struct http_response *r,
    struct err *err)
{
	static const char *const elsewhere[] = { "PermanentRedirect", "AuthorizationHeaderMalformed",
		"IllegalLocationConstraintException", NULL };
	const struct str code = s3_code(a, r);
	if (r->status == 301 || is_one(code, elsewhere))
		return fail_region(s, a, r, err);
	if (str_eq(code, STR("RequestTimeTooSkewed")))
		return fail_clock(r, err);
	if (str_eq(code, STR("NoSuchBucket")))
		return err_set(err, ERR_SETUP, "there is no bucket %.*s", STR_ARG(s->place.bucket));
	for (size_t i = 0; i < LEN(known); i++)
		if (str_eq(code, str_of(known[i].code)))
			return err_set(err, known[i].means, "%s: %s", known[i].code, known[i].advice);
	return fail_status(r, code, err);
}
