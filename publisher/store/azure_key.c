#include "publisher/store/azure_key.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/digest.h"

#define SIGNED_MAX (64 * 1024)

/* The standard headers of the string to sign, in its order, without the length (third). */
static const char *const before_length[] = { "content-encoding", "content-language" };
static const char *const after_length[] = { "content-md5", "content-type", "date",
	"if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range" };

struct pair {
	struct str name, value;
};

static int
by_name(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	int order = str_cmp(a->name, b->name);
	return order != 0 ? order : str_cmp(a->value, b->value);
}

static struct str
lower(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1, 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]);
	return (struct str){ p, s.n };
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c == '\0' ? NULL : strchr(digits, c | 0x20);
	return at == NULL ? -1 : (int)(at - digits);
}

static struct str
decoded(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1, 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool escape = s.p[i] == '%' && s.n - i > 2 && hex_digit(s.p[i + 1]) >= 0
		    && hex_digit(s.p[i + 2]) >= 0;
		p[n++] = escape ? (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2])) : s.p[i];
		i += escape ? 2 : 0;
	}
	return (struct str){ p, n };
}

/* The headers, names lower-cased; sorted. */
static struct pair *
headers_of(struct arena *a, const struct http_request *rq)
{
	struct pair *h = ARENA_ARRAY(a, struct pair, rq->headers + 1);
	for (size_t i = 0; i < rq->headers; i++)
		h[i] = (struct pair){ lower(a, rq->header[i].name), str_trim(rq->header[i].value) };
	qsort(h, rq->headers, sizeof *h, by_name);
	return h;
}

static void
put_standard(struct buf *out, const struct pair *h, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(h[i].name, str_of(name)))
			buf_put(out, h[i].value);
	buf_putc(out, '\n');
}

/* "/account/path", then each parameter of the query as "\nname:value", sorted by name. */
static void
put_resource(struct buf *out, struct arena *a, struct str account, const char *url)
{
	const char *start = strstr(url, "://");
	start = start != NULL ? start + 3 + strcspn(start + 3, "/?") : url;
	struct str query, path = str_cut(str_of(start), '?', &query);
	struct pair *q = NULL;
	size_t n = 0, room = 0;
	buf_printf(out, "/%.*s%s%.*s", STR_ARG(account), path.n > 0 ? "" : "/", STR_ARG(path));
	while (query.p != NULL && query.n > 0) {
		struct str value, name = str_cut(str_cut(query, '&', &query), '=', &value);
		ARENA_GROW(a, q, n, room);
		q[n++] = (struct pair){ lower(a, decoded(a, name)), decoded(a, value) };
	}
	if (n > 0)
		qsort(q, n, sizeof *q, by_name);
	for (size_t i = 0; i < n; i++) /* several values of one name are joined */
		if (i > 0 && str_eq(q[i].name, q[i - 1].name))
			buf_printf(out, ",%.*s", STR_ARG(q[i].value));
		else
			buf_printf(out, "\n%.*s:%.*s", STR_ARG(q[i].name), STR_ARG(q[i].value));
}

void
azure_string_to_sign(struct buf *out, struct str account, const struct http_request *rq)
{
	struct arena *a = arena_new();
	const struct pair *h = headers_of(a, rq);
	buf_printf(out, "%s\n", rq->method);
	for (size_t i = 0; i < LEN(before_length); i++)
		put_standard(out, h, rq->headers, before_length[i]);
	if (rq->body.n > 0) /* nothing for 0, since version 2015-02-21 */
		buf_printf(out, "%zu", rq->body.n);
	buf_putc(out, '\n');
	for (size_t i = 0; i < LEN(after_length); i++)
		put_standard(out, h, rq->headers, after_length[i]);
	for (size_t i = 0; i < rq->headers; i++)
		if (str_starts(h[i].name, STR("x-ms-")))
			buf_printf(out, "%.*s:%.*s\n", STR_ARG(h[i].name), STR_ARG(h[i].value));
	put_resource(out, a, account, rq->url);
	arena_free(a);
}

struct str
azure_authorization(struct arena *a, struct str account, struct str key,
    const struct http_request *rq)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	struct buf *text = buf_in(a, SIGNED_MAX), *out = buf_in(a, 1024);
	azure_string_to_sign(text, account, rq);
	(void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.p, key.n);
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)buf_str(text).p, text->n);
	(void)crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(&state, sizeof state);
	buf_printf(out, "SharedKey %.*s:", STR_ARG(account));
	base64_put(out, (struct str){ (const char *)mac, sizeof mac });
	return buf_str(out);
}
