#include "publisher/store/sigv4.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/digest.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"
#define TEXT_MAX (1024 * 1024)
#define DATE 8 /* "20130524" of the time */

void
sigv4_time(int64_t now, char out[static SIGV4_TIME + 1])
{
	struct tm tm;
	time_t at = (time_t)now;
	if (gmtime_r(&at, &tm) == NULL || strftime(out, SIGV4_TIME + 1, "%Y%m%dT%H%M%SZ", &tm) == 0)
		abort(); /* a year of five digits */
}

void
sigv4_encode(struct buf *out, struct str s, bool keep_slash)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
		    || c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash))
			buf_putc(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

/* RFC 3986, section 5.2.4, and empty segments go too; a slash at the end stays. */
static struct str
resolve(struct arena *a, struct str path)
{
	char *p = arena_alloc(a, path.n + 2, 1);
	size_t n = 0;
	struct str rest = path;
	bool open = true; /* the path so far ends in a slash */
	while (rest.p != NULL) {
		struct str segment = str_cut(rest, '/', &rest);
		bool back = str_eq(segment, STR(".."));
		bool stay = back || segment.n == 0 || str_eq(segment, STR("."));
		open = stay || rest.p != NULL;
		while (back && n > 0 && p[--n] != '/')
			;
		if (stay)
			continue;
		p[n++] = '/';
		memcpy(p + n, segment.p, segment.n);
		n += segment.n;
	}
	if (n == 0 || open)
		p[n++] = '/';
	return (struct str){ p, n };
}

static int
by_name_then_value(const void *a, const void *b)
{
	const struct http_header *x = a, *y = b;
	int order = str_cmp(x->name, y->name);
	return order != 0 ? order : str_cmp(x->value, y->value);
}

static struct str
encoded(struct arena *a, struct str s)
{
	struct buf *out = buf_in(a, 3 * s.n);
	sigv4_encode(out, s, false);
	return buf_str(out);
}

struct str
sigv4_query(struct arena *a, const struct http_header *query, size_t n)
{
	struct http_header *sorted = ARENA_ARRAY(a, struct http_header, n + 1);
	struct buf *out = buf_in(a, TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		sorted[i].name = encoded(a, query[i].name);
		sorted[i].value = encoded(a, query[i].value);
	}
	qsort(sorted, n, sizeof *sorted, by_name_then_value);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(out, '&');
		buf_put(out, sorted[i].name);
		buf_putc(out, '=');
		buf_put(out, sorted[i].value);
	}
	return buf_str(out);
}

struct named {
	struct str name; /* lower-case */
	struct str value;
	size_t at;       /* its place among the headers: values of one name keep their order */
};

static int
by_name_then_place(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = str_cmp(x->name, y->name);
	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static struct named *
sorted_headers(struct arena *a, const struct sigv4_request *rq)
{
	struct named *h = ARENA_ARRAY(a, struct named, rq->headers + 1);
	for (size_t i = 0; i < rq->headers; i++) {
		char *name = arena_alloc(a, rq->header[i].name.n + 1, 1);
		for (size_t k = 0; k < rq->header[i].name.n; k++) {
			char c = rq->header[i].name.p[k];
			name[k] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
		}
		h[i] = (struct named){ { name, rq->header[i].name.n },
			str_trim(rq->header[i].value), i };
	}
	qsort(h, rq->headers, sizeof *h, by_name_then_place);
	return h;
}

/* Runs of blanks count as one. */
static void
put_value(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != ' ' || value.p[i - 1] != ' ') /* trimmed: never the first */
			buf_putc(out, value.p[i]);
}

static void
put_signed_names(struct buf *out, const struct named *h, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && str_eq(h[i].name, h[i - 1].name))
			continue;
		if (i > 0)
			buf_putc(out, ';');
		buf_put(out, h[i].name);
	}
}

struct str
sigv4_canonical(struct arena *a, const struct sigv4_request *rq)
{
	const struct named *h = sorted_headers(a, rq);
	struct buf *out = buf_in(a, TEXT_MAX);
	buf_put(out, rq->method);
	buf_putc(out, '\n');
	sigv4_encode(out, rq->resolve_path ? resolve(a, rq->path) : rq->path, true);
	buf_putc(out, '\n');
	buf_put(out, sigv4_query(a, rq->query, rq->queries));
	for (size_t i = 0; i < rq->headers; i++) {
		if (i > 0 && str_eq(h[i].name, h[i - 1].name))
			buf_putc(out, ',');
		else
			buf_printf(out, "\n%.*s:", STR_ARG(h[i].name));
		put_value(out, h[i].value);
	}
	buf_put(out, STR("\n\n"));
	put_signed_names(out, h, rq->headers);
	buf_putc(out, '\n');
	buf_put(out, rq->payload);
	return buf_str(out);
}

static struct str
scope_text(struct arena *a, const struct sigv4_scope *scope)
{
	return arena_printf(a, "%.*s/%.*s/%.*s/" TERMINATOR, DATE, scope->time,
	    STR_ARG(scope->region), STR_ARG(scope->service));
}

struct str
sigv4_to_sign(struct arena *a, const struct sigv4_scope *scope, struct str canonical)
{
	char hex[DIGEST_HEX + 1];
	struct digest d = digest_of(canonical);
	digest_hex(&d, hex);
	return arena_printf(a, ALGORITHM "\n%s\n%.*s\n%s", scope->time,
	    STR_ARG(scope_text(a, scope)), hex);
}

/* key = HMAC(key, text) */
static void
hmac(unsigned char key[static 32], struct str text)
{
	crypto_auth_hmacsha256_state state;
	(void)crypto_auth_hmacsha256_init(&state, key, 32);
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)text.p, text.n);
	(void)crypto_auth_hmacsha256_final(&state, key);
	sodium_memzero(&state, sizeof state);
}

struct str
sigv4_signature(struct arena *a, const struct sigv4_scope *scope, struct str to_sign,
    struct str secret)
{
	unsigned char key[32];
	char first[4 + SIGV4_SECRET_MAX] = "AWS4";
	assert(secret.n <= SIGV4_SECRET_MAX);
	memcpy(first + 4, secret.p, secret.n);
	crypto_auth_hmacsha256_state state;
	(void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)first, 4 + secret.n);
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)scope->time, DATE);
	(void)crypto_auth_hmacsha256_final(&state, key);
	sodium_memzero(&state, sizeof state);
	sodium_memzero(first, sizeof first);
	hmac(key, scope->region);
	hmac(key, scope->service);
	hmac(key, STR(TERMINATOR));
	hmac(key, to_sign);
	char *hex = arena_alloc(a, DIGEST_HEX + 1, 1);
	(void)sodium_bin2hex(hex, DIGEST_HEX + 1, key, sizeof key);
	sodium_memzero(key, sizeof key);
	return (struct str){ hex, DIGEST_HEX };
}

struct str
sigv4_credential(struct arena *a, const struct sigv4_scope *scope, struct str id)
{
	return arena_printf(a, "%.*s/%.*s", STR_ARG(id), STR_ARG(scope_text(a, scope)));
}

struct str
sigv4_authorization(struct arena *a, const struct sigv4_scope *scope,
    const struct sigv4_request *rq, struct str id, struct str secret)
{
	struct str to_sign = sigv4_to_sign(a, scope, sigv4_canonical(a, rq));
	struct buf *names = buf_in(a, TEXT_MAX);
	put_signed_names(names, sorted_headers(a, rq), rq->headers);
	return arena_printf(a, ALGORITHM " Credential=%.*s, SignedHeaders=%.*s, Signature=%.*s",
	    STR_ARG(sigv4_credential(a, scope, id)), STR_ARG(buf_str(names)),
	    STR_ARG(sigv4_signature(a, scope, to_sign, secret)));
}
