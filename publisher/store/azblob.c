/*
 * azblob: a container of Azure Blob Storage as a store (REST API of version 2023-11-03).
 * create and swap are conditional requests, so the service decides every race. A request whose
 * answer was lost is made again; whether the first one did its work is then read back: a swap
 * leaves a random word in the blob's metadata by which it knows its own.
 */
#include <libxml/parser.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/md5.h"
#include "base/parallel.h"
#include "publisher/store/azblob_answer.h"
#include "publisher/store/azblob_list.h"
#include "publisher/store/azure_account.h"
#include "publisher/store/store.h"

#define BLOCK (4u * 1024 * 1024)
#define BLOCK_THREADS 4
#define LIST_ANSWER_MAX (32u * 1024 * 1024)
#define ERROR_MAX (64u * 1024) /* an error's explanation may be longer than the object */
#define READ_STALL_MS 4000
#define WRITER "x-ms-meta-writer"

struct azblob {
	struct azure_account account;
	struct http_pool *pool;
	size_t block;    /* objects larger than this are uploaded in blocks of this size */
	const char *page; /* objects of one page of a listing; NULL: as many as the service likes */
};

/* A publisher may wait; whoever reads has somebody waiting for it. */
static const struct http_patience to_write = { .tries = 8, .total_ms = 90000 };
static const struct http_patience to_read = { .tries = 4, .first_ms = 100, .total_ms = 15000 };
static const struct http_patience to_poll = { .tries = 2, .first_ms = 100, .total_ms = 3000 };

/* One request with its signing: what http_pool asks for before and after each try. */
struct exchange {
	struct azblob *store;
	struct arena *a;
	uint64_t serial; /* of the key or token that was used */
	bool renewed;
};

static bool
sign(void *ctx, struct arena *a, unsigned attempt, struct http_request *rq, struct err *err)
{
	struct exchange *x = ctx;
	(void)attempt;
	return azure_account_sign(&x->store->account, a, rq, &x->serial, err);
}

/* Of who asks, not of what is asked. */
static bool
is_refusal(const struct http_response *r)
{
	struct str code = azblob_code(r);
	return r->status == 401 || (r->status == 403 && (str_eq(code, STR("AuthenticationFailed"))
	    || str_eq(code, STR("AuthorizationFailure"))));
}

static bool
again(void *ctx, unsigned attempt, const struct http_response *r)
{
	struct exchange *x = ctx;
	struct str code = azblob_code(r);
	(void)attempt;
	if (is_refusal(r) && !x->renewed) {
		x->renewed = true;
		return azure_account_refused(&x->store->account, x->serial);
	}
	return str_eq(code, STR("Md5Mismatch")) || str_eq(code, STR("ContainerBeingDeleted"))
	    || !azblob_is_whole(x->a, r);
}

static const char *
blob_url(const struct azblob *s, struct arena *a, struct str key, const char *query)
{
	return arena_printf(a, "%s/%.*s%.*s%s", s->account.container_url,
	    STR_ARG(s->account.prefix), STR_ARG(key), query).p;
}

/* Time for a body of n bytes at 128 kB a second, beside that for the answer. */
static int64_t
timeout_ms(size_t n)
{
	return 15000 + (int64_t)(n / 128);
}

static bool
ask(struct azblob *s, struct arena *a, struct http_request rq, struct http_patience patience,
    struct http_response *out, bool *unsure, struct err *err)
{
	struct exchange x = { .store = s, .a = a };
	rq.ca = s->account.ca;
	if (rq.timeout_ms == 0)
		rq.timeout_ms = timeout_ms(rq.body.n);
	const struct http_call call = { .request = rq, .sign = sign, .again = again, .ctx = &x,
		.patience = patience };
	return http_pool_call(s->pool, a, &call, out, unsure, err);
}

/* As ask; an answer other than `wanted` is the error that it means. */
static bool
expect(struct azblob *s, struct arena *a, struct http_request rq, struct http_patience patience,
    int wanted, struct http_response *out, bool *unsure, struct err *err)
{
	return ask(s, a, rq, patience, out, unsure, err)
	    && (out->status == wanted || azblob_fail(out, rq.method, rq.url, err));
}

static size_t
size_setting(const struct settings *settings, const char *name, size_t standard)
{
	const char *text = setting(settings, name);
	uint64_t n;
	return text != NULL && str_to_u64(str_of(text), &n) && n > 0 && n < standard ? (size_t)n
	                                                                              : standard;
}

static bool
azblob_open(struct arena *a, struct str where, const struct settings *settings, void **state,
    struct err *err)
{
	struct azblob *s = ARENA_NEW(a, struct azblob);
	*state = s;
	xmlInitParser(); /* once, before threads */
	s->pool = http_pool_open(a);
	/* for tests: real sizes would take long */
	s->block = size_setting(settings, "EDGEPRESS_TEST_BLOCK_BYTES", BLOCK);
	s->page = setting(settings, "EDGEPRESS_TEST_PAGE_KEYS");
	return azure_account_open(a, where, settings, s->pool, &s->account, err);
}

/* Reading */

static bool
read_blob(struct azblob *s, struct arena *a, struct str key, struct buf *out, struct str *etag,
    struct arena *etag_arena, struct err *err)
{
	struct http_response r;
	size_t room = out->max - out->n;
	const struct http_request rq = { .method = "GET", .url = blob_url(s, a, key, ""),
		.body_max = room > ERROR_MAX ? room : ERROR_MAX,
		.timeout_ms = 15000 + (int64_t)(room / 1024), .stall_ms = READ_STALL_MS };
	if (!expect(s, a, rq, to_read, 200, &r, NULL, err))
		return false;
	if (!azblob_is_whole(a, &r))
		return err_set(err, ERR_UNTRUSTED, "GET %s: the body does not match its Content-MD5",
		    rq.url);
	buf_put(out, r.body);
	if (etag != NULL)
		*etag = arena_copy(etag_arena, http_header(&r, "etag"));
	return buf_ok(out, err);
}

static bool
azblob_get(void *state, struct str key, struct buf *out, struct str *etag,
    struct arena *etag_arena, struct err *err)
{
	struct arena *a = arena_new();
	bool ok = read_blob(state, a, key, out, etag, etag_arena, err);
	arena_free(a);
	return ok;
}

static bool
azblob_unchanged(void *state, struct str key, struct str etag, bool *out, struct err *err)
{
	struct arena *a = arena_new();
	struct http_response r;
	const struct http_header header = { STR("If-None-Match"), etag };
	const struct http_request rq = { .method = "HEAD", .url = blob_url(state, a, key, ""),
		.header = &header, .headers = 1, .timeout_ms = 5000 };
	bool ok = ask(state, a, rq, to_poll, &r, NULL, err);
	if (ok && (r.status == 304 || r.status == 200)) {
		*out = r.status == 304 || str_eq(http_header(&r, "etag"), etag);
	} else if (ok) {
		struct err why = { 0 };
		(void)azblob_fail(&r, rq.method, rq.url, &why);
		*out = false;
		ok = why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
	}
	arena_free(a);
	return ok;
}

/* Writing */

struct headers {
	struct http_header item[10];
	size_t n;
};

static void
add(struct headers *h, struct str name, struct str value)
{
	if (value.n > 0)
		h->item[h->n++] = (struct http_header){ name, value };
}

/* The properties and the condition, which is the one thing that create and swap differ in. */
static void
add_properties(struct headers *h, const struct object *o, struct str etag, struct str writer)
{
	add(h, STR("x-ms-blob-content-type"),
	    o->type.n > 0 ? o->type : STR("application/octet-stream"));
	add(h, STR("x-ms-blob-cache-control"), str_of(store_cache_control(o->immutable)));
	add(h, STR("x-ms-blob-content-encoding"), o->coding);
	add(h, STR(WRITER), writer);
	if (etag.n > 0)
		add(h, STR("If-Match"), etag);
	else
		add(h, STR("If-None-Match"), STR("*"));
}

static bool
put_whole(struct azblob *s, struct arena *a, const struct object *o, struct str etag,
    struct str writer, bool *unsure, struct err *err)
{
	struct headers h = { .n = 0 };
	struct http_response r;
	add(&h, STR("x-ms-blob-type"), STR("BlockBlob"));
	add(&h, STR("Content-MD5"), md5_base64(a, o->body));
	add_properties(&h, o, etag, writer);
	const struct http_request rq = { .method = "PUT", .url = blob_url(s, a, o->key, ""),
		.header = h.item, .headers = h.n, .body = { o->body.p ? o->body.p : "", o->body.n } };
	return expect(s, a, rq, to_write, 201, &r, unsure, err);
}

/* An upload in blocks: their names are this upload's own, for another one may be under way. */
struct upload {
	struct azblob *store;
	const struct object *object;
	char word[17];
};

static struct str
block_id(const struct upload *u, struct arena *a, size_t i)
{
	struct buf *out = buf_in(a, 64);
	base64_put(out, arena_printf(a, "%s%08zu", u->word, i)); /* 24 bytes: no padding */
	return buf_str(out);
}

static struct str
block_at(const struct upload *u, size_t i)
{
	struct str body = u->object->body;
	size_t start = i * u->store->block, left = body.n - start;
	return (struct str){ body.p + start, left < u->store->block ? left : u->store->block };
}

/* '+' and '/' do not occur: the bytes are hex and decimal digits. */
static bool
put_block(void *ctx, size_t i, struct err *err)
{
	const struct upload *u = ctx;
	struct arena *a = arena_new();
	struct http_response r;
	struct str part = block_at(u, i), id = block_id(u, a, i);
	struct headers h = { .n = 0 };
	add(&h, STR("Content-MD5"), md5_base64(a, part));
	const struct http_request rq = { .method = "PUT", .header = h.item, .headers = h.n,
		.url = blob_url(u->store, a, u->object->key,
		    arena_printf(a, "?comp=block&blockid=%.*s", STR_ARG(id)).p),
		.body = part };
	bool ok = expect(u->store, a, rq, to_write, 201, &r, NULL, err);
	arena_free(a);
	return ok;
}

static struct str
block_list(const struct upload *u, struct arena *a, size_t n)
{
	struct buf *out = buf_in(a, 128 + 64 * n);
	buf_put(out, STR("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>"));
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "<Latest>%.*s</Latest>", STR_ARG(block_id(u, a, i)));
	buf_put(out, STR("</BlockList>"));
	return buf_str(out);
}

static bool
put_blocks(struct azblob *s, struct arena *a, const struct object *o, struct str etag,
    struct str writer, bool *unsure, struct err *err)
{
	struct upload u = { .store = s, .object = o };
	struct headers h = { .n = 0 };
	struct http_response r;
	size_t n = (o->body.n + s->block - 1) / s->block;
	(void)snprintf(u.word, sizeof u.word, "%08x%08x", randombytes_random(), randombytes_random());
	if (!parallel(n, BLOCK_THREADS, put_block, &u, err))
		return false;
	add(&h, STR("Content-Type"), STR("application/xml"));
	add(&h, STR("x-ms-blob-content-md5"), md5_base64(a, o->body));
	add_properties(&h, o, etag, writer);
	const struct http_request rq = { .method = "PUT", .header = h.item, .headers = h.n,
		.url = blob_url(s, a, o->key, "?comp=blocklist"), .body = block_list(&u, a, n) };
	return expect(s, a, rq, to_write, 201, &r, unsure, err);
}

static bool
put(struct azblob *s, struct arena *a, const struct object *o, struct str etag, struct str writer,
    bool *unsure, struct err *err)
{
	return o->body.n > s->block ? put_blocks(s, a, o, etag, writer, unsure, err)
	                            : put_whole(s, a, o, etag, writer, unsure, err);
}

/* What is there already is not sent: for a large object that is worth a question. */
static bool
is_there(struct azblob *s, struct arena *a, struct str key, bool *out, struct err *err)
{
	struct http_response r;
	struct err why = { 0 };
	const struct http_request rq = { .method = "HEAD", .url = blob_url(s, a, key, "") };
	*out = expect(s, a, rq, to_write, 200, &r, NULL, &why);
	return *out || why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
}

static bool
azblob_create(void *state, const struct object *o, struct err *err)
{
	struct azblob *s = state;
	struct arena *a = arena_new();
	bool exists = false;
	bool ok = o->body.n <= s->block || is_there(s, a, o->key, &exists, err);
	if (ok)
		ok = exists ? err_set(err, ERR_STALE, "exists already")
		            : put(s, a, o, STR(""), STR(""), NULL, err);
	arena_free(a);
	return ok;
}

/* Is what is there now the work of this very swap? */
static bool
is_written_by(struct azblob *s, struct arena *a, struct str key, struct str writer)
{
	struct http_response r;
	const struct http_request rq = { .method = "HEAD", .url = blob_url(s, a, key, "") };
	return expect(s, a, rq, to_read, 200, &r, NULL, NULL)
	    && str_eq(http_header(&r, WRITER), writer);
}

static bool
azblob_swap(void *state, const struct object *o, struct str etag, struct err *err)
{
	struct arena *a = arena_new();
	struct err why = { 0 };
	bool unsure = false;
	struct str writer = arena_printf(a, "%08x%08x%08x%08x", randombytes_random(),
	    randombytes_random(), randombytes_random(), randombytes_random());
	bool ok = put(state, a, o, etag, writer, &unsure, &why);
	if (why.code == ERR_ABSENT) /* and so it does not carry the etag */
		why.code = ERR_STALE;
	if (!ok && unsure && (why.code == ERR_STALE || why.code == ERR_BUSY))
		ok = is_written_by(state, a, o->key, writer);
	arena_free(a);
	return ok || err_set(err, why.code, "%s", why.text);
}

/* Listing and removing */

static bool
azblob_list(void *state, struct str prefix, store_visit *visit, void *ctx, struct err *err)
{
	struct azblob *s = state;
	struct str marker = STR("");
	struct arena *page = arena_new();
	bool ok;
	do {
		struct http_response r;
		struct arena *a = arena_new();
		const char *url = arena_printf(a, "%s?restype=container&comp=list&prefix=%.*s%.*s%s%s%s%.*s",
		    s->account.container_url, STR_ARG(s->account.prefix), STR_ARG(prefix),
		    s->page != NULL ? "&maxresults=" : "", s->page != NULL ? s->page : "",
		    marker.n > 0 ? "&marker=" : "", STR_ARG(marker)).p;
		const struct http_request rq = { .method = "GET", .url = url,
			.body_max = LIST_ANSWER_MAX, .timeout_ms = 60000 };
		ok = expect(s, a, rq, to_write, 200, &r, NULL, err)
		    && azblob_list_read(a, r.body, s->account.prefix, visit, ctx, &marker, err);
		arena_free(page);
		page = a;
	} while (ok && marker.n > 0);
	arena_free(page);
	return ok;
}

static bool
azblob_remove(void *state, struct str key, struct err *err)
{
	struct arena *a = arena_new();
	struct http_response r;
	struct err why = { 0 };
	const struct http_header header = { STR("x-ms-delete-snapshots"), STR("include") };
	const struct http_request rq = { .method = "DELETE", .url = blob_url(state, a, key, ""),
		.header = &header, .headers = 1 };
	bool ok = expect(state, a, rq, to_write, 202, &r, NULL, &why) || why.code == ERR_ABSENT;
	arena_free(a);
	return ok || err_set(err, why.code, "%s", why.text);
}

const struct store_driver store_azblob = {
	.scheme = "azblob",
	.open = azblob_open,
	.get = azblob_get,
	.create = azblob_create,
	.swap = azblob_swap,
	.unchanged = azblob_unchanged,
	.list = azblob_list,
	.remove = azblob_remove,
};
