#include "base/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/address.h"

#define TIMEOUT_MS 10000
#define CONNECT_MS 5000
#define STALL_S 30 /* a transfer of less than 1 byte/s for so long is dead */
#define BODY_MAX (1024 * 1024)
#define HEADERS_MAX 256
#define HEAD_MAX (64 * 1024)
#define URL_MAX 4096

struct http_session {
	CURL *curl;
};

/* What curl's callbacks fill in. */
struct exchange {
	struct arena *arena;
	struct http_response *response;
	struct buf *body;
	size_t room;       /* of response->header */
	size_t head_bytes;
	bool head_done, head_too_big;
};

bool
http_setup(struct err *err)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK
	    || err_set(err, ERR_SETUP, "libcurl does not start");
}

static void
close_session(void *session)
{
	curl_easy_cleanup(((struct http_session *)session)->curl);
}

struct http_session *
http_open(struct arena *a)
{
	struct http_session *s = ARENA_NEW(a, struct http_session);
	s->curl = curl_easy_init();
	if (s->curl == NULL)
		abort(); /* out of memory */
	arena_defer(a, close_session, s);
	return s;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	buf_put(x->body, (struct str){ bytes, size * count });
	return x->body->refused ? 0 : size * count;
}

static struct str
lower(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1, 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]);
	return (struct str){ p, s.n };
}

/* One line of the head. Interim answers (1xx) are forgotten, trailers are ignored: they are
 * not what the status line's sender vouched for. */
static size_t
take_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	struct http_response *r = x->response;
	struct str line = { bytes, size * count }, value;
	size_t taken = line.n;
	if (x->head_done)
		return taken;
	x->head_bytes += taken;
	if (x->head_bytes > HEAD_MAX || r->headers >= HEADERS_MAX) {
		x->head_too_big = true;
		return 0;
	}
	if (str_starts(line, STR("HTTP/"))) {
		struct str status;
		(void)str_cut(line, ' ', &status);
		uint64_t code = 0;
		(void)str_to_u64(str_trim(str_cut(status, ' ', &value)), &code);
		r->status = (int)(code % 1000);
		r->headers = 0;
		return taken;
	}
	line = str_trim(line);
	if (line.n == 0) {
		x->head_done = r->status >= 200;
		return taken;
	}
	struct str name = str_cut(line, ':', &value);
	if (value.p == NULL)
		return taken;
	ARENA_GROW(x->arena, r->header, r->headers, x->room);
	r->header[r->headers++] = (struct http_header){
		.name = lower(x->arena, name),
		.value = arena_copy(x->arena, str_trim(value)),
	};
	return taken;
}

static bool
is_token(struct str s) /* RFC 9110, section 5.6.2 */
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		    && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return s.n > 0;
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* The URL without what may be secret: user, password, query, fragment. */
static struct str
shown(struct arena *a, const char *url)
{
	struct str s = { url, strcspn(url, "?#") };
	const char *start = strstr(url, "://");
	if (start == NULL || (size_t)(start - url) > s.n)
		return s;
	start += 3;
	size_t authority = strcspn(start, "/?#");
	const char *at = memrchr(start, '@', authority);
	if (at == NULL)
		return s;
	return arena_printf(a, "%.*s%.*s", (int)(start - url), url, (int)(url + s.n - at - 1),
	    at + 1);
}

static void
add_line(struct curl_slist **list, struct str line)
{
	struct curl_slist *longer = curl_slist_append(*list, line.p);
	if (longer == NULL)
		abort(); /* out of memory */
	*list = longer;
}

static bool
is_named(struct arena *a, const struct http_header *h, struct str name)
{
	return str_eq(lower(a, h->name), name);
}

/* curl's own additions are switched off by a name without a value. */
static bool
request_head(struct arena *a, const struct http_request *rq, struct curl_slist **list,
    struct err *err)
{
	bool typed = false;
	for (size_t i = 0; i < rq->headers; i++) {
		const struct http_header *h = &rq->header[i];
		if (!is_token(h->name) || has_control(h->value))
			return err_set(err, ERR_INPUT, "bad request header '%.*s'",
			    (int)(h->name.n < 40 ? h->name.n : 40), h->name.p ? h->name.p : "");
		typed = typed || is_named(a, h, STR("content-type"));
		/* "Name;" is curl's spelling of a header with an empty value */
		add_line(list,
		    h->value.n > 0 ? arena_printf(a, "%.*s: %.*s", STR_ARG(h->name),
		                         STR_ARG(h->value))
		                   : arena_printf(a, "%.*s;", STR_ARG(h->name)));
	}
	add_line(list, STR("Expect:"));
	if (!typed)
		add_line(list, STR("Content-Type:"));
	return true;
}

static void
set_bounds(CURL *c, const struct http_request *rq)
{
	long timeout_ms = (long)(rq->timeout_ms > 0 ? rq->timeout_ms : TIMEOUT_MS);
	long stall_s = timeout_ms / 2000 > STALL_S ? timeout_ms / 2000 : STALL_S;
	if (rq->stall_ms > 0)
		stall_s = (long)((rq->stall_ms + 999) / 1000);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
	    timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, stall_s);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, 0L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L); /* what was signed is what is sent */
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "edgepress/" EDGEPRESS_VERSION);
}

static void
set_method(CURL *c, const struct http_request *rq)
{
	struct str method = str_of(rq->method);
	bool wants_body = str_eq(method, STR("PUT")) || str_eq(method, STR("POST"))
	    || str_eq(method, STR("PATCH"));
	if (str_eq(method, STR("HEAD"))) {
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
		return;
	}
	if (rq->body.p != NULL || wants_body) { /* "Content-Length: 0" rather than nothing */
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, rq->body.n > 0 ? rq->body.p : "");
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, rq->method);
}

static bool
explain(CURLcode code, const char *detail, const struct exchange *x, struct err *err)
{
	if (x->head_too_big)
		return err_set(err, ERR_LIMIT, "the answer's head is over %d bytes or %d fields",
		    HEAD_MAX, HEADERS_MAX);
	if (x->body->refused)
		return buf_ok(x->body, err) || err_in(err, "the answer's body");
	const char *why = detail[0] != '\0' ? detail : curl_easy_strerror(code);
	switch (code) {
	case CURLE_OK:
		return true;
	case CURLE_URL_MALFORMAT:
		return err_set(err, ERR_INPUT, "%s", why);
	case CURLE_OUT_OF_MEMORY:
		abort();
	case CURLE_SSL_CACERT_BADFILE:
		return err_set(err, ERR_SETUP, "%s", why);
	case CURLE_PEER_FAILED_VERIFICATION:
		return err_set(err, ERR_UNTRUSTED, "%s", why);
	default:
		return err_set(err, ERR_BUSY, "%s", why);
	}
}

/* Asked with the very address that is connected to, so no name can point elsewhere in between. */
static curl_socket_t
open_public(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	(void)ctx;
	(void)purpose;
	if (!address_is_public(&to->addr)) {
		errno = EACCES;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool
perform(CURL *c, struct arena *a, const struct http_request *rq, struct curl_slist *head,
    struct http_response *out, struct err *err)
{
	char detail[CURL_ERROR_SIZE] = "";
	struct exchange x = {
		.arena = a,
		.response = out,
		.body = buf_in(a, rq->body_max > 0 ? rq->body_max : BODY_MAX),
	};
	curl_easy_reset(c); /* keeps the connection */
	set_bounds(c, rq);
	set_method(c, rq);
	curl_easy_setopt(c, CURLOPT_URL, rq->url);
	if (rq->ca != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, rq->ca);
	if (rq->public_only) {
		curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_public);
		curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L); /* an open one was not asked about */
	}
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &x);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, &x);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
	CURLcode code = curl_easy_perform(c);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, NULL);
	if (!explain(code, detail, &x, err))
		return false;
	out->body = buf_str(x.body);
	return true;
}

static bool
url_is_usable(struct str url)
{
	return url.n <= URL_MAX && !has_control(url) && memchr(url.p, ' ', url.n) == NULL
	    && (str_starts(url, STR("http://")) || str_starts(url, STR("https://")));
}

bool
http_do(struct http_session *s, struct arena *a, const struct http_request *rq,
    struct http_response *out, struct err *err)
{
	struct curl_slist *head = NULL;
	*out = (struct http_response){ 0 };
	if (!is_token(str_of(rq->method)))
		return err_set(err, ERR_INPUT, "bad request method");
	if (rq->url[0] == '\0' || !url_is_usable(str_of(rq->url)))
		return err_set(err, ERR_INPUT, "%s: not an http or https URL", rq->method);
	bool ok = request_head(a, rq, &head, err) && perform(s->curl, a, rq, head, out, err);
	curl_slist_free_all(head);
	return ok || err_in(err, "%s %.*s", rq->method, STR_ARG(shown(a, rq->url)));
}

struct str
http_header(const struct http_response *r, const char *name)
{
	for (size_t i = 0; i < r->headers; i++)
		if (str_eq(r->header[i].name, str_of(name)))
			return r->header[i].value;
	return STR("");
}
