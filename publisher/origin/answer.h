/*
 * answer: which response a request gets for what its URL stands for: status, headers and
 * which bytes. Pure: no I/O, no clock (request.now), memory from the arena. server.c puts it
 * on the wire; serve.c finds what a URL stands for.
 */
#ifndef PUBLISHER_ORIGIN_ANSWER_H
#define PUBLISHER_ORIGIN_ANSWER_H

#include "base/arena.h"
#include "base/digest.h"
#include "publisher/bundle/tree.h"

enum method { METHOD_GET, METHOD_HEAD, METHOD_OPTIONS, METHOD_POST, METHOD_OTHER };

/* Only these parts of a request can change a response to GET and HEAD. Absent: n == 0. */
struct request {
	enum method method;
	struct str target; /* without its query */
	struct str accept_encoding, if_none_match, if_modified_since, if_range, range;
	int64_t now;
};

enum policy {
	POLICY_STABLE,     /* a stable URL: browsers briefly, edges long (they are purged) */
	POLICY_IMMUTABLE,  /* these bytes for ever */
	POLICY_REVALIDATE, /* always ask: the TUF timestamp */
};

#define REPRESENTATION_KEYS 8

/* What a URL stands for at this moment. */
struct representation {
	struct str type;
	struct coded form[CODINGS];
	unsigned forms;           /* 1u << CODING_NONE | …; several: negotiated, and Vary says so */
	int64_t modified;         /* Last-Modified; 0: not sent */
	int64_t expires;          /* no cache may keep it longer; 0: no end */
	int64_t lists_until;      /* first expiry of what it lists, when it is out of date; 0: none */
	enum policy policy;
	bool unconfirmed;         /* the store does not say that it still is; edges keep it briefly */
	bool embeddable;          /* other sites may frame it */
	char key[REPRESENTATION_KEYS][KEY_MAX + 1]; /* surrogate keys */
	size_t keys;
};

struct header {
	const char *name, *value; /* NUL-terminated, no control characters */
};
#define ANSWER_HEADERS 32

enum body {
	BODY_NONE,
	BODY_TEXT,   /* `text` */
	BODY_STORED, /* [from, from + length) of the bytes that `coded` names */
};

struct answer {
	unsigned status;
	struct header header[ANSWER_HEADERS];
	size_t headers;
	enum body body;
	struct str text;
	struct coded coded;
	enum coding coding; /* of `coded` */
	uint64_t from;   /* within `coded` or `text` */
	uint64_t length; /* of the body; HEAD and 304 are told it, too */
	bool close;      /* the connection ends with this answer */
};

/* One more surrogate key, at most REPRESENTATION_KEYS. */
void representation_key(struct representation *, const char *key);

/* 200, 206, 304, 416, or 410 once a stable URL's document has expired. */
void answer_representation(struct arena *, const struct request *,
    const struct representation *, struct answer *out);
/* RFC 9457. title and detail are constants: no byte of a request is ever echoed.
 * cache_s 0: no-store. */
void answer_problem(struct arena *, unsigned status, const char *title, const char *detail,
    int32_t cache_s, struct answer *out);
/* A small body of our own, not to be stored. */
void answer_text(struct answer *out, unsigned status, const char *type, struct str text);
/* `location` is a path of ours. cache_s 0: no-store. */
void answer_redirect(struct arena *, unsigned status, struct str location, int32_t cache_s,
    struct answer *out);
/* OPTIONS: what is allowed, for CORS and for people. */
void answer_options(bool invalidate, struct answer *out);
/* 405; `allow` is what Allow says. */
void answer_not_allowed(struct arena *, const char *allow, struct answer *out);

void answer_header(struct answer *, const char *name, const char *value);
/* Surrogate-Key, Cache-Tag and Cache-Groups. */
void answer_keys(struct arena *, struct answer *, const char (*key)[KEY_MAX + 1], size_t n);

#endif
