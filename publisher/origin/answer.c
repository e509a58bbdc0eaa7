#include "publisher/origin/answer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/origin/negotiate.h"

/* Seconds; see docs/origin.md, "Cache headers". */
#define BROWSER_S 60
#define EDGE_S 86400
#define REVALIDATE_S 300
#define IF_ERROR_S 86400
#define IMMUTABLE_S 31536000
#define GONE_S 10
#define BRIEF_S 10

#define PAGE_POLICY                                                                       \
	"default-src 'none'; style-src 'self'; img-src 'self' https:; base-uri 'none'; "  \
	"form-action 'none'; frame-ancestors "

void
answer_header(struct answer *w, const char *name, const char *value)
{
	assert(w->headers < ANSWER_HEADERS);
	w->header[w->headers++] = (struct header){ name, value };
}

static void
general_headers(struct answer *w)
{
	answer_header(w, "X-Content-Type-Options", "nosniff");
	answer_header(w, "Access-Control-Allow-Origin", "*");
	answer_header(w, "Cross-Origin-Resource-Policy", "cross-origin");
	answer_header(w, "Referrer-Policy", "strict-origin-when-cross-origin");
}

static void
cache_headers(struct answer *w, const char *browser, const char *edge)
{
	answer_header(w, "Cache-Control", browser);
	answer_header(w, "CDN-Cache-Control", edge);
}

static void
cache_briefly(struct arena *a, struct answer *w, int32_t cache_s)
{
	const char *v = cache_s == 0
	    ? "no-store" : arena_printf(a, "public, max-age=%" PRId32, cache_s).p;
	cache_headers(w, v, v);
}

void
answer_keys(struct arena *a, struct answer *w, const char (*key)[KEY_MAX + 1], size_t n)
{
	struct buf *spaced = buf_in(a, 1024), *comma = buf_in(a, 1024), *quoted = buf_in(a, 1024);
	for (size_t i = 0; i < n; i++) {
		const char *before = i > 0 ? " " : "";
		buf_printf(spaced, "%s%s", before, key[i]);
		buf_printf(comma, "%s%s", i > 0 ? "," : "", key[i]);
		buf_printf(quoted, "%s%s\"%s\"", i > 0 ? "," : "", before, key[i]);
	}
	if (n == 0)
		return;
	answer_header(w, "Surrogate-Key", arena_copy(a, buf_str(spaced)).p);
	answer_header(w, "Cache-Tag", arena_copy(a, buf_str(comma)).p);
	answer_header(w, "Cache-Groups", arena_copy(a, buf_str(quoted)).p); /* RFC 9875 */
}

void
representation_key(struct representation *r, const char *key)
{
	assert(r->keys < REPRESENTATION_KEYS && strlen(key) <= KEY_MAX);
	memcpy(r->key[r->keys++], key, strlen(key) + 1);
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* max-age and how long stale copies may be used after it, all within `left` seconds. */
static const char *
lifetime(struct arena *a, int64_t fresh_s, int64_t left)
{
	int64_t age = smaller(fresh_s, left);
	return arena_printf(a, "public, max-age=%" PRId64 ", stale-while-revalidate=%" PRId64
	    ", stale-if-error=%" PRId64, age, smaller(REVALIDATE_S, left - age),
	    smaller(IF_ERROR_S, left - age)).p;
}

static void
lifetime_headers(struct arena *a, const struct representation *r, int64_t now,
    struct answer *w)
{
	int64_t left = r->expires == 0 ? INT64_MAX : r->expires - now;
	const char *edge;
	if (left <= 0) {
		cache_headers(w, "no-store", "no-store");
		return;
	}
	switch (r->policy) {
	case POLICY_REVALIDATE:
		cache_headers(w, "no-cache", "no-cache");
		return;
	case POLICY_IMMUTABLE:
		edge = arena_printf(a, "public, max-age=%" PRId64 ", immutable",
		    smaller(IMMUTABLE_S, left)).p;
		cache_headers(w, edge, edge);
		return;
	case POLICY_STABLE:
		if (r->lists_until != 0) /* after it, until the next publish takes the document out */
			left = smaller(left, r->lists_until > now ? r->lists_until - now : BRIEF_S);
		/* A purge that this origin's store hid from it has come before this answer. */
		edge = lifetime(a, r->unconfirmed ? BRIEF_S : EDGE_S, left);
		cache_headers(w, lifetime(a, BROWSER_S, left), edge);
		return;
	}
}

static const char *
etag_of(struct arena *a, const struct coded *c)
{
	char hex[DIGEST_HEX + 1];
	digest_hex(&c->sha256, hex);
	return arena_printf(a, "\"%.32s\"", hex).p;
}

static const char *
digest_header(struct arena *a, const struct coded *c)
{
	struct buf *b = buf_in(a, 128);
	buf_put(b, STR("sha-256=:"));
	base64_put(b, (struct str){ (const char *)c->sha256.b, sizeof c->sha256.b });
	buf_put(b, STR(":"));
	return arena_copy(a, buf_str(b)).p;
}

static const char *
date_header(struct arena *a, int64_t time)
{
	char *out = arena_alloc(a, 1, 30);
	time_http(time, out);
	return out;
}

/* Content-Security-Policy: pages run nothing; a picture opened by itself runs nothing. */
static const char *
content_policy(const struct representation *r)
{
	if (str_starts(r->type, STR("text/html")))
		return r->embeddable ? PAGE_POLICY "*" : PAGE_POLICY "'self'";
	if (str_starts(r->type, STR("image/svg")))
		return "default-src 'none'; style-src 'unsafe-inline'; sandbox";
	return NULL;
}

static void
content_headers(struct arena *a, const struct representation *r, struct answer *w)
{
	const char *policy = content_policy(r);
	answer_header(w, "Content-Type", arena_copy(a, r->type).p);
	if (w->coding != CODING_NONE)
		answer_header(w, "Content-Encoding", coding_kinds[w->coding].token);
	answer_header(w, "Accept-Ranges", "bytes");
	answer_header(w, "Repr-Digest", digest_header(a, &w->coded));
	if (policy != NULL)
		answer_header(w, "Content-Security-Policy", policy);
}

static bool
is_unmodified(const struct request *rq, const struct representation *r, struct str etag)
{
	int64_t since;
	if (rq->if_none_match.n > 0) /* RFC 9110, 13.1.3: the date is then ignored */
		return etag_listed(rq->if_none_match, etag);
	return rq->if_modified_since.n > 0 && r->modified != 0
	    && time_parse_http(rq->if_modified_since, &since) && r->modified <= since;
}

static void
answer_part(struct arena *a, const struct request *rq, const struct representation *r,
    struct str etag, struct answer *w)
{
	enum range_verdict verdict = RANGE_NONE;
	w->length = w->coded.size;
	if (rq->method == METHOD_GET && rq->range.n > 0
	    && (rq->if_range.n == 0 || range_applies(rq->if_range, etag, r->modified, rq->now)))
		verdict = range_read(rq->range, w->coded.size, &w->from, &w->length);
	if (verdict == RANGE_OUTSIDE) {
		answer_problem(a, 416, "Range Not Satisfiable",
		    "The range begins behind the end of the representation.", 0, w);
		answer_header(w, "Content-Range",
		    arena_printf(a, "bytes */%" PRIu64, w->coded.size).p);
		return;
	}
	w->status = 200;
	if (verdict == RANGE_ONE) {
		w->status = 206;
		answer_header(w, "Content-Range", arena_printf(a, "bytes %" PRIu64 "-%" PRIu64
		    "/%" PRIu64, w->from, w->from + w->length - 1, w->coded.size).p);
	}
	content_headers(a, r, w);
	w->body = BODY_STORED;
}

void
answer_representation(struct arena *a, const struct request *rq,
    const struct representation *r, struct answer *out)
{
	struct answer w = { 0 };
	if (r->policy == POLICY_STABLE && r->expires != 0 && rq->now >= r->expires) {
		answer_problem(a, 410, "Gone",
		    "This document has expired and no newer one has been published.", GONE_S, &w);
		answer_keys(a, &w, r->key, r->keys);
		*out = w;
		return;
	}
	const bool vary = (r->forms & (r->forms - 1)) != 0;
	w.coding = coding_preferred(rq->accept_encoding, r->forms, r->form);
	w.coded = r->form[w.coding];
	const char *etag = etag_of(a, &w.coded);
	if (is_unmodified(rq, r, str_of(etag))) {
		w.status = 304;
		w.length = w.coded.size; /* what a 200 would have had: RFC 9110, 8.6 */
	} else {
		answer_part(a, rq, r, str_of(etag), &w);
	}
	if (w.status == 416) {
		*out = w;
		return;
	}
	general_headers(&w);
	answer_header(&w, "ETag", etag);
	if (r->modified != 0 && r->modified <= rq->now) /* RFC 9110, 8.8.2.1 */
		answer_header(&w, "Last-Modified", date_header(a, r->modified));
	if (vary)
		answer_header(&w, "Vary", "Accept-Encoding");
	lifetime_headers(a, r, rq->now, &w);
	answer_keys(a, &w, r->key, r->keys);
	*out = w;
}

void
answer_problem(struct arena *a, unsigned status, const char *title, const char *detail,
    int32_t cache_s, struct answer *out)
{
	struct coded coded = out->coded; /* 416 tells the size of what was selected */
	struct buf *b = buf_in(a, 4096);
	buf_printf(b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"detail\":", title,
	    status);
	json_quote(b, str_of(detail));
	buf_put(b, STR("}\n"));
	*out = (struct answer){ .status = status, .body = BODY_TEXT, .text = buf_str(b),
		.length = b->n, .coded = coded };
	general_headers(out);
	answer_header(out, "Content-Type", "application/problem+json");
	cache_briefly(a, out, cache_s);
}

void
answer_text(struct answer *out, unsigned status, const char *type, struct str text)
{
	*out = (struct answer){ .status = status, .body = text.n > 0 ? BODY_TEXT : BODY_NONE,
		.text = text, .length = text.n };
	answer_header(out, "X-Content-Type-Options", "nosniff");
	if (text.n > 0)
		answer_header(out, "Content-Type", type);
	cache_headers(out, "no-store", "no-store");
}

void
answer_redirect(struct arena *a, unsigned status, struct str location, int32_t cache_s,
    struct answer *out)
{
	*out = (struct answer){ .status = status };
	general_headers(out);
	answer_header(out, "Location", arena_copy(a, location).p);
	cache_briefly(a, out, cache_s);
}

void
answer_options(bool invalidate, struct answer *out)
{
	*out = (struct answer){ .status = 204 };
	answer_header(out, "Allow", invalidate ? "POST, OPTIONS" : "GET, HEAD, OPTIONS");
	if (!invalidate) { /* no other site's script has business at the webhook */
		answer_header(out, "Access-Control-Allow-Origin", "*");
		answer_header(out, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
		answer_header(out, "Access-Control-Allow-Headers", "Range, If-None-Match, "
		    "If-Modified-Since, If-Range, traceparent, tracestate");
		answer_header(out, "Access-Control-Expose-Headers", "Content-Range, ETag, "
		    "Repr-Digest, Server-Timing");
		answer_header(out, "Access-Control-Max-Age", "86400");
	}
	cache_headers(out, "no-store", "no-store");
}

void
answer_not_allowed(struct arena *a, const char *allow, struct answer *out)
{
	answer_problem(a, 405, "Method Not Allowed", "Allow lists what this URL takes.", 0, out);
	answer_header(out, "Allow", allow);
}
