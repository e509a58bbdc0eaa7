#include "publisher/webhook/webhook.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"

#define SECRETS_MAX 8
#define SECRET_MIN_BYTES 24
#define SECRET_MAX_BYTES 64
#define SECRET_FILE_MAX 4096
#define SIGNATURES_MAX 16 /* looked at in one webhook-signature header */
#define ID_BYTES_MAX 64
#define KEYS_MAX 1000
#define KEY_BYTES_MAX 32

struct webhook_secret {
	size_t n;
	struct {
		unsigned char b[SECRET_MAX_BYTES];
		size_t n;
	} key[SECRETS_MAX];
};

static const struct str prefix = STR_INIT("whsec_");

static bool
secret_add(struct webhook_secret *s, struct str text)
{
	if (str_starts(text, prefix))
		text = (struct str){ text.p + prefix.n, text.n - prefix.n };
	size_t n = 0;
	if (s->n == SECRETS_MAX
	    || sodium_base642bin(s->key[s->n].b, SECRET_MAX_BYTES, text.p, text.n, NULL, &n, NULL,
	           sodium_base64_VARIANT_ORIGINAL) != 0
	    || n < SECRET_MIN_BYTES)
		return false;
	s->key[s->n++].n = n;
	return true;
}

static bool
secret_lines(struct webhook_secret *s, const char *path, struct str text, struct err *err)
{
	unsigned line = 1;
	for (struct str rest = text; rest.p != NULL; line++) {
		struct str one = str_trim(str_cut(rest, '\n', &rest));
		if (one.n > 0 && one.p[0] != '#' && !secret_add(s, one))
			return err_set(err, ERR_SETUP,
			    "%s:%u: not a webhook secret: whsec_ and the base64 of %d to %d bytes, "
			    "at most %d of them",
			    path, line, SECRET_MIN_BYTES, SECRET_MAX_BYTES, SECRETS_MAX);
	}
	return s->n > 0 || err_set(err, ERR_SETUP, "%s: no webhook secret in it", path);
}

bool
webhook_secret_read(struct arena *a, const char *path, struct webhook_secret **out,
    struct err *err)
{
	struct stat st;
	struct str text;
	if (stat(path, &st) == 0 && (st.st_mode & 07) != 0)
		return err_set(err, ERR_SETUP,
		    "%s: every user of this machine may read or write it: chmod 600 it", path);
	if (!fs_read(a, path, SECRET_FILE_MAX, &text, err))
		return err_in(err, "webhook secret");
	struct webhook_secret *s = sodium_malloc(sizeof *s);
	if (s == NULL)
		abort();
	memset(s, 0, sizeof *s);
	arena_defer(a, sodium_free, s); /* wipes */
	bool ok = secret_lines(s, path, text, err);
	sodium_memzero((char *)text.p, text.n); /* the arena owns these bytes */
	if (ok)
		*out = s;
	return ok;
}

struct str
webhook_secret_make(struct arena *a)
{
	unsigned char b[32];
	char text[sodium_base64_ENCODED_LEN(sizeof b, sodium_base64_VARIANT_ORIGINAL)];
	randombytes_buf(b, sizeof b);
	sodium_bin2base64(text, sizeof text, b, sizeof b, sodium_base64_VARIANT_ORIGINAL);
	struct str out = arena_printf(a, "whsec_%s", text);
	sodium_memzero(b, sizeof b);
	sodium_memzero(text, sizeof text);
	return out;
}

/* HMAC-SHA256 over id "." timestamp "." body: Standard Webhooks 1.0.0. */
static void
mac(const struct webhook_secret *s, size_t i, const struct webhook_message *m,
    unsigned char out[static crypto_auth_hmacsha256_BYTES])
{
	static const unsigned char dot = '.';
	crypto_auth_hmacsha256_state st;
	crypto_auth_hmacsha256_init(&st, s->key[i].b, s->key[i].n);
	crypto_auth_hmacsha256_update(&st, (const unsigned char *)m->id.p, m->id.n);
	crypto_auth_hmacsha256_update(&st, &dot, 1);
	crypto_auth_hmacsha256_update(&st, (const unsigned char *)m->timestamp.p, m->timestamp.n);
	crypto_auth_hmacsha256_update(&st, &dot, 1);
	crypto_auth_hmacsha256_update(&st, (const unsigned char *)m->body.p, m->body.n);
	crypto_auth_hmacsha256_final(&st, out);
	sodium_memzero(&st, sizeof st);
}

bool
webhook_sign(struct arena *a, const struct webhook_secret *s, struct str body, int64_t now,
    struct webhook_message *out, struct err *err)
{
	unsigned char random[18], tag[crypto_auth_hmacsha256_BYTES];
	char id[sodium_base64_ENCODED_LEN(sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	char text[sodium_base64_ENCODED_LEN(sizeof tag, sodium_base64_VARIANT_ORIGINAL)];
	if (body.n > WEBHOOK_BODY_MAX)
		return err_set(err, ERR_LIMIT, "webhook body of %zu bytes, at most %d", body.n,
		    WEBHOOK_BODY_MAX);
	randombytes_buf(random, sizeof random);
	sodium_bin2base64(id, sizeof id, random, sizeof random,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	struct webhook_message m = {
		.id = arena_printf(a, "msg_%s", id),
		.timestamp = arena_printf(a, "%" PRId64, now),
		.body = body,
	};
	mac(s, 0, &m, tag);
	sodium_bin2base64(text, sizeof text, tag, sizeof tag, sodium_base64_VARIANT_ORIGINAL);
	m.signature = arena_printf(a, "v1,%s", text);
	*out = m;
	return true;
}

static bool
id_is_fine(struct str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')
		    && c != '_' && c != '-')
			return false;
	}
	return id.n > 0 && id.n <= ID_BYTES_MAX;
}

/* The right tag under each secret. Made once for a message, not for each of its signatures:
 * a forger may send many, with a body of 64 KiB. */
struct tags {
	unsigned char b[SECRETS_MAX][crypto_auth_hmacsha256_BYTES];
	size_t n;
};

static void
tags_make(const struct webhook_secret *s, const struct webhook_message *m, struct tags *out)
{
	for (out->n = 0; out->n < s->n; out->n++)
		mac(s, out->n, m, out->b[out->n]);
}

/* Does one "v1,<base64>" match under any secret? Every secret is tried, so that time tells
 * nothing about which one matched. */
static bool
one_matches(const struct tags *t, struct str one)
{
	unsigned char given[crypto_auth_hmacsha256_BYTES];
	size_t n = 0;
	bool ok = false;
	if (!str_starts(one, STR("v1,"))
	    || sodium_base642bin(given, sizeof given, one.p + 3, one.n - 3, NULL, &n, NULL,
	           sodium_base64_VARIANT_ORIGINAL) != 0
	    || n != sizeof given)
		return false;
	for (size_t i = 0; i < t->n; i++)
		ok |= sodium_memcmp(given, t->b[i], sizeof given) == 0;
	return ok;
}

bool
webhook_verify(const struct webhook_secret *s, const struct webhook_message *m, int64_t now,
    struct err *err)
{
	uint64_t at;
	if (!id_is_fine(m->id))
		return err_set(err, ERR_INPUT, "webhook-id missing or not [A-Za-z0-9_-]{1,64}");
	if (!str_to_u64(m->timestamp, &at))
		return err_set(err, ERR_INPUT, "webhook-timestamp missing or not Unix seconds");
	if (m->signature.n == 0)
		return err_set(err, ERR_INPUT, "webhook-signature missing");
	if (m->body.n > WEBHOOK_BODY_MAX)
		return err_set(err, ERR_LIMIT, "webhook body over %d bytes", WEBHOOK_BODY_MAX);
	bool ok = false;
	struct str rest = m->signature;
	struct tags tags;
	tags_make(s, m, &tags);
	for (size_t i = 0; rest.p != NULL && i < SIGNATURES_MAX; i++)
		ok |= one_matches(&tags, str_cut(rest, ' ', &rest));
	sodium_memzero(&tags, sizeof tags);
	if (!ok)
		return err_set(err, ERR_UNTRUSTED, "webhook-signature matches no secret");
	int64_t off = now - (int64_t)at;
	if (off > WEBHOOK_TOLERANCE_S || off < -WEBHOOK_TOLERANCE_S)
		return err_set(err, ERR_UNTRUSTED,
		    "webhook-timestamp is %" PRId64 " s off, at most %d: check both clocks", off,
		    WEBHOOK_TOLERANCE_S);
	return true;
}

static bool
key_is_fine(struct str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && c != '.' && c != '_'
		    && c != '-')
			return false;
	}
	return key.n > 0 && key.n <= KEY_BYTES_MAX;
}

static bool
keys_read(struct arena *a, const json_t *list, struct invalidation *out, struct err *err)
{
	size_t n = json_array_size(list);
	if (n > KEYS_MAX)
		return err_set(err, ERR_LIMIT, "%zu keys, at most %d", n, KEYS_MAX);
	out->key = ARENA_ARRAY(a, struct str, n);
	for (size_t i = 0; i < n; i++) {
		const json_t *j = json_array_get(list, i);
		struct str key = { json_string_value(j), json_string_length(j) };
		if (!json_is_string(j) || !key_is_fine(key))
			return err_set(err, ERR_INPUT, "data.keys[%zu] is not [a-z0-9._-]{1,32}", i);
		out->key[out->keys++] = arena_copy(a, key);
	}
	return true;
}

bool
invalidation_read(struct arena *a, struct str body, struct invalidation *out, struct err *err)
{
	struct invalidation in = { 0 };
	const json_t *data, *list;
	struct str type;
	json_t *j;
	if (!json_parse(a, body, &j, err) || !field_text(j, "type", &type, err)
	    || (!str_eq(type, STR("edgepress.invalidate"))
	        && !err_set(err, ERR_INPUT, "type is not edgepress.invalidate"))
	    || !field_object(j, "data", &data, err)
	    || (json_object_get(data, "version") != NULL
	        && !field_int(data, "version", 0, INT64_MAX, &in.version, err))
	    || (json_object_get(data, "keys") != NULL
	        && (!field_array(data, "keys", &list, err) || !keys_read(a, list, &in, err))))
		return err_in(err, "invalidation");
	*out = in;
	return true;
}

bool
invalidation_write(struct arena *a, const struct invalidation *in, int64_t now, struct str *out,
    struct err *err)
{
	json_t *j = json_new_object(a);
	json_t *data = json_object(), *list = json_array();
	for (size_t i = 0; i < in->keys; i++)
		(void)json_array_append_new(list, json_str(in->key[i]));
	if (in->version > 0)
		(void)json_object_set_new(data, "version", json_integer(in->version));
	(void)json_object_set_new(data, "keys", list);
	(void)json_object_set_new(j, "type", json_string("edgepress.invalidate"));
	(void)json_object_set_new(j, "timestamp", json_str(time_rfc3339(a, now)));
	(void)json_object_set_new(j, "data", data);
	struct buf *b = buf_in(a, WEBHOOK_BODY_MAX);
	if (!json_canonical(j, b, err))
		return err_in(err, "invalidation");
	*out = buf_str(b);
	return true;
}
