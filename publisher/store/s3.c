/*
 * s3: a bucket as a store, at AWS or any server that speaks S3 and knows conditional writes,
 * which is proved before the first write: a server that ignores them would let publishers
 * overwrite each other. Objects go in one PUT, which S3 takes up to 5 GB. The etag is the
 * server's, without its quotes.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "publisher/store/s3_call.h"
#include "publisher/store/s3_xml.h"
#include "publisher/store/store.h"

#define PROBE ".edgepress-probe" /* no key of ours starts with a dot */
#define PAGE_MAX (8 * 1024 * 1024)
#define ETAG_MAX 256
#define MARK "x-amz-meta-edgepress-swap"
#define OLD_ETAG "00000000000000000000000000000000" /* no object has it */

struct s3 {
	struct s3_server server;
	pthread_mutex_t lock; /* of proved */
	bool proved;
	atomic_bool bare;     /* this server wants If-Match without quotes */
};

static void
s3_close(void *state)
{
	(void)pthread_mutex_destroy(&((struct s3 *)state)->lock);
}

static bool
s3_open(struct arena *a, struct str where, const struct settings *settings, void **state,
    struct err *err)
{
	struct s3 *s = ARENA_NEW(a, struct s3);
	if (!s3_server_open(a, where, settings, &s->server, err))
		return false;
	if (pthread_mutex_init(&s->lock, NULL) != 0)
		abort();
	arena_defer(a, s3_close, s);
	*state = s;
	return true;
}

static struct str
unquoted(struct str s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return (struct str){ s.p + 1, s.n - 2 };
	return s;
}

static bool
etag_of(const struct http_response *r, struct arena *a, struct str *etag, struct err *err)
{
	struct str there = unquoted(http_header(r, "etag"));
	if (there.n == 0 || there.n > ETAG_MAX)
		return err_set(err, ERR_SETUP, "the store gives no ETag");
	*etag = arena_copy(a, there);
	return true;
}

static bool
s3_get(void *state, struct str key, struct buf *out, struct str *etag, struct arena *etag_arena,
    struct err *err)
{
	const struct s3 *s = state;
	struct arena *a = arena_new();
	struct http_response r;
	const struct s3_request rq = { .method = "GET", .key = key, .body_max = out->max - out->n,
		.patience = &s3_to_read };
	bool ok = s3_call(&s->server, a, &rq, &r, NULL, err)
	    && (r.status == 200 || s3_fail(&s->server, a, &r, err))
	    && (etag == NULL || etag_of(&r, etag_arena, etag, err));
	if (ok)
		buf_put(out, r.body); /* s3_call may take more than asked for: see buf_ok */
	arena_free(a);
	return ok && buf_ok(out, err);
}

/* One condition and what S3 keeps beside the bytes. */
struct put {
	const struct object *object;
	const char *condition; /* If-Match or If-None-Match */
	struct str value;
	struct str mark;       /* of this very write; empty = none */
};

static bool
put(const struct s3 *s, struct arena *a, const struct put *p, struct http_response *out,
    bool *unsure, struct err *err)
{
	const struct object *o = p->object;
	struct http_header header[5] = {
		{ str_of(p->condition), p->value },
		{ STR("Content-Type"), o->type.n > 0 ? o->type : STR("application/octet-stream") },
		{ STR("Cache-Control"), str_of(store_cache_control(o->immutable)) },
	};
	size_t n = 3;
	if (o->coding.n > 0)
		header[n++] = (struct http_header){ STR("Content-Encoding"), o->coding };
	if (p->mark.n > 0)
		header[n++] = (struct http_header){ STR(MARK), p->mark };
	const struct s3_request rq = { .method = "PUT", .key = o->key, .header = header,
		.headers = n, .body = o->body };
	return s3_call(&s->server, a, &rq, out, unsure, err);
}

static bool
is_done(const struct http_response *r)
{
	return r->status == 200 || r->status == 201 || r->status == 204;
}

/* Must be refused; a server that does it has not looked at the condition. */
static bool
prove(const struct s3 *s, const char *condition, struct str value, struct err *err)
{
	struct arena *a = arena_new();
	const struct object probe = { .key = STR(PROBE), .type = STR("text/plain"),
		.body = STR("Written by edgepress to see whether this store knows conditional "
		            "writes.\n") };
	struct http_response r = { 0 };
	const struct put p = { &probe, condition, value, STR("") };
	bool first = str_eq(value, STR("*")), ok = put(s, a, &p, &r, NULL, err);
	if (ok && first && is_done(&r)) /* it was not there: now it is */
		ok = put(s, a, &p, &r, NULL, err);
	if (ok && is_done(&r))
		ok = err_set(err, ERR_SETUP, "the store ignores %s: publishers would overwrite each "
		    "other; use one with conditional writes", condition);
	else if (ok && r.status != 412 && (first || r.status != 403)) /* a policy may forbid it */
		ok = s3_fail(&s->server, a, &r, err);
	arena_free(a);
	return ok;
}

static bool
is_proved(struct s3 *s, struct err *err)
{
	(void)pthread_mutex_lock(&s->lock);
	s->proved = s->proved
	    || (prove(s, "If-None-Match", STR("*"), err)
	        && prove(s, "If-Match", STR("\"" OLD_ETAG "\""), err))
	    || err_in(err, "trying conditional writes with " PROBE);
	bool ok = s->proved;
	(void)pthread_mutex_unlock(&s->lock);
	return ok;
}

static bool
s3_create(void *state, const struct object *o, struct err *err)
{
	struct s3 *s = state;
	if (!is_proved(s, err))
		return false;
	struct arena *a = arena_new();
	struct http_response r;
	const struct put p = { o, "If-None-Match", STR("*"), STR("") };
	bool ok = put(s, a, &p, &r, NULL, err) && (is_done(&r) || s3_fail(&s->server, a, &r, err));
	arena_free(a);
	return ok;
}

enum seen { SEEN_OURS, SEEN_AS_BEFORE, SEEN_OTHER };

/* What is there now, after an answer that does not tell? Equal bytes are no proof that they are
 * ours: two publishers may write the same. */
static bool
look(const struct s3 *s, struct arena *a, const struct put *p, struct str etag, enum seen *out,
    struct err *err)
{
	struct http_response r;
	const struct s3_request rq = { .method = "GET", .key = p->object->key,
		.body_max = STORE_OBJECT_MAX };
	if (!s3_call(&s->server, a, &rq, &r, NULL, err))
		return false;
	bool absent = r.status == 404 && str_eq(s3_code(a, &r), STR("NoSuchKey"));
	if (r.status != 200 && !absent)
		return s3_fail(&s->server, a, &r, err);
	struct str now = absent ? STR("") : unquoted(http_header(&r, "etag"));
	*out = !absent && str_eq(http_header(&r, MARK), p->mark) ? SEEN_OURS
	    : str_eq(now, etag) ? SEEN_AS_BEFORE : SEEN_OTHER;
	return true;
}

static struct str
random_mark(struct arena *a)
{
	unsigned char bytes[16];
	struct buf *hex = buf_in(a, 2 * sizeof bytes);
	randombytes_buf(bytes, sizeof bytes);
	hex_put(hex, (struct str){ (const char *)bytes, sizeof bytes });
	return buf_str(hex);
}

static struct put
swapping(struct arena *a, const struct object *o, struct str etag, bool bare)
{
	struct put p = { o, "If-None-Match", STR("*"), random_mark(a) };
	if (etag.n == 0)
		return p;
	p.condition = "If-Match";
	p.value = bare ? etag : arena_printf(a, "\"%.*s\"", STR_ARG(etag));
	return p;
}

/*
 * One conditional PUT in one spelling. *refused: the server said no although the object is as it
 * was seen. A lost answer, or a 5xx from a server that had done the work (Ceph's gateway does so
 * when writers race), is settled by looking for our mark.
 */
static bool
swap_once(const struct s3 *s, const struct object *o, struct str etag, bool bare,
    bool *refused, struct err *err)
{
	struct arena *a = arena_new();
	const struct put p = swapping(a, o, etag, bare);
	struct http_response r = { 0 };
	struct err why = { 0 };
	bool unsure = false;
	enum seen seen = SEEN_OTHER;
	bool ok = put(s, a, &p, &r, &unsure, &why)
	    && (is_done(&r) || s3_fail(&s->server, a, &r, &why));
	*refused = false;
	if (!ok && why.code == ERR_ABSENT) { /* S3 answers 404 to If-Match where there is nothing */
		(void)err_set(&why, ERR_STALE, "was removed by somebody");
	} else if (!ok && (why.code == ERR_STALE || unsure) && look(s, a, &p, etag, &seen, &why)) {
		ok = seen == SEEN_OURS;
		*refused = seen == SEEN_AS_BEFORE && r.status == 412;
		if (seen == SEEN_OTHER)
			(void)err_set(&why, ERR_STALE, "was replaced by another publisher");
	}
	if (!ok)
		(void)err_set(err, why.code, "%s", why.text);
	arena_free(a);
	return ok;
}

/*
 * RFC 9110 has quotes around an etag, and so has AWS; the gateway of Ceph 16 knows its own etag
 * only without. So the other spelling is tried when the server refuses what is surely current,
 * after a proof that it is a condition in that spelling too.
 */
static bool
s3_swap(void *state, const struct object *o, struct str etag, struct err *err)
{
	struct s3 *s = state;
	struct err why = { 0 };
	bool refused, bare = atomic_load(&s->bare);
	if (!is_proved(s, err))
		return false;
	if (swap_once(s, o, etag, bare, &refused, &why))
		return true;
	if (!refused || etag.n == 0)
		return err_set(err, why.code, "%s", why.text);
	if (!bare && !prove(s, "If-Match", STR(OLD_ETAG), err))
		return false;
	if (swap_once(s, o, etag, !bare, &refused, err)) {
		atomic_store(&s->bare, !bare);
		return true;
	}
	return refused ? err_set(err, ERR_SETUP, "the store refuses If-Match with the ETag it gives")
	               : false;
}

static bool
s3_unchanged(void *state, struct str key, struct str etag, bool *out, struct err *err)
{
	const struct s3 *s = state;
	struct arena *a = arena_new();
	struct http_response r;
	struct err why = { 0 };
	const struct http_header condition = { STR("If-None-Match"),
		arena_printf(a, "\"%.*s\"", STR_ARG(etag)) };
	const struct s3_request rq = { .method = "GET", .key = key, .header = &condition,
		.headers = 1, .body_max = STORE_OBJECT_MAX, .patience = &s3_to_poll };
	bool ok = s3_call(&s->server, a, &rq, &r, NULL, &why)
	    && (r.status == 200 || r.status == 304 || s3_fail(&s->server, a, &r, &why));
	*out = ok && (r.status == 304 || str_eq(unquoted(http_header(&r, "etag")), etag));
	arena_free(a);
	if (!ok && why.code == ERR_ABSENT)
		return true;
	return ok || err_set(err, why.code, "%s", why.text);
}

/* Keys come percent-encoded, since XML cannot hold every byte of a key. False: not so. */
static bool
decoded(struct arena *a, struct str s, struct str *out)
{
	char *p = arena_alloc(a, s.n + 1, 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++, n++) {
		char hex[3] = { 0 }, *end;
		p[n] = s.p[i] == '+' ? ' ' : s.p[i];
		if (s.p[i] != '%')
			continue;
		if (s.n - i < 3)
			return false;
		memcpy(hex, s.p + i + 1, 2);
		p[n] = (char)strtoul(hex, &end, 16);
		if (end != hex + 2)
			return false;
		i += 2;
	}
	*out = (struct str){ p, n };
	return true;
}

static bool
show_object(const struct s3 *s, struct arena *a, const xmlNode *at, bool encoded,
    store_visit *visit, void *ctx, struct err *err)
{
	struct store_entry e = { .key = s3_xml_text(a, at, "Key") };
	if (encoded && !decoded(a, e.key, &e.key))
		return err_set(err, ERR_BUSY, "a key of the listing is not encoded as S3 does");
	if (!str_starts(e.key, s->server.place.prefix))
		return err_set(err, ERR_BUSY, "a key of the listing is outside of what was asked for");
	e.key.p += s->server.place.prefix.n;
	e.key.n -= s->server.place.prefix.n;
	if (!str_to_u64(s3_xml_text(a, at, "Size"), &e.size))
		return err_set(err, ERR_BUSY, "an object of the listing has no size");
	(void)time_parse(s3_xml_text(a, at, "LastModified"), &e.modified, NULL);
	return visit(ctx, &e, err);
}

static bool
show_page(const struct s3 *s, struct arena *a, const xmlNode *page, store_visit *visit,
    void *ctx, struct err *err)
{
	bool encoded = str_eq(s3_xml_text(a, page, "EncodingType"), STR("url"));
	const xmlNode *at = s3_xml_child(page, "Contents");
	for (; at != NULL; at = s3_xml_next(at->next, "Contents"))
		if (!show_object(s, a, at, encoded, visit, ctx, err))
			return false;
	return true;
}

/* *next lives in `keep`; empty after the last page. */
static bool
list_page(const struct s3 *s, struct str prefix, struct str token, struct arena *keep,
    struct str *next, store_visit *visit, void *ctx, struct err *err)
{
	struct arena *a = arena_new();
	struct http_response r;
	const xmlNode *page;
	const struct http_header query[] = {
		{ STR("list-type"), STR("2") },
		{ STR("encoding-type"), STR("url") },
		{ STR("max-keys"), STR("1000") },
		{ STR("prefix"), arena_printf(a, "%.*s%.*s", STR_ARG(s->server.place.prefix),
		    STR_ARG(prefix)) },
		{ STR("continuation-token"), token },
	};
	const struct s3_request rq = { .method = "GET", .query = query,
		.queries = token.n > 0 ? 5 : 4, .body_max = PAGE_MAX };
	bool ok = s3_call(&s->server, a, &rq, &r, NULL, err)
	    && (r.status == 200 || s3_fail(&s->server, a, &r, err))
	    && s3_xml_read(a, r.body, "ListBucketResult", &page, err)
	    && show_page(s, a, page, visit, ctx, err);
	if (ok && str_eq(s3_xml_text(a, page, "IsTruncated"), STR("true"))) {
		*next = arena_copy(keep, s3_xml_text(a, page, "NextContinuationToken"));
		ok = (next->n > 0 && !str_eq(*next, token))
		    || err_set(err, ERR_BUSY, "the listing does not go on");
	}
	arena_free(a);
	return ok;
}

static bool
s3_list(void *state, struct str prefix, store_visit *visit, void *ctx, struct err *err)
{
	struct str token = STR(""), next;
	struct arena *of_token = NULL;
	bool ok;
	do {
		struct arena *of_next = arena_new();
		next = STR("");
		ok = list_page(state, prefix, token, of_next, &next, visit, ctx, err);
		arena_free(of_token);
		of_token = of_next;
		token = next;
	} while (ok && token.n > 0);
	arena_free(of_token);
	return ok;
}

static bool
s3_remove(void *state, struct str key, struct err *err)
{
	const struct s3 *s = state;
	struct arena *a = arena_new();
	struct http_response r;
	struct err why = { 0 };
	const struct s3_request rq = { .method = "DELETE", .key = key };
	bool ok = s3_call(&s->server, a, &rq, &r, NULL, &why)
	    && (is_done(&r) || s3_fail(&s->server, a, &r, &why));
	arena_free(a);
	return ok || why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
}

const struct store_driver store_s3 = {
	.scheme = "s3",
	.open = s3_open,
	.get = s3_get,
	.create = s3_create,
	.swap = s3_swap,
	.unchanged = s3_unchanged,
	.list = s3_list,
	.remove = s3_remove,
};
