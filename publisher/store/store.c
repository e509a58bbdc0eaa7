#include "publisher/store/store.h"

#include "base/path.h"

static const struct store_driver *const drivers[] = {
	&store_file,
};

bool
store_open(struct arena *a, const char *url, struct store **out, struct err *err)
{
	struct str where, scheme = str_cut(str_of(url), ':', &where);
	struct buf known;
	for (size_t i = 0; where.p != NULL && i < LEN(drivers); i++) {
		if (!str_eq(scheme, str_of(drivers[i]->scheme)))
			continue;
		*out = ARENA_NEW(a, struct store);
		(*out)->driver = drivers[i];
		return drivers[i]->open(a, where, &(*out)->state, err)
		    || err_in(err, "store %s", url);
	}
	buf_init(&known, 256);
	for (size_t i = 0; i < LEN(drivers); i++)
		buf_printf(&known, "%s%s:", i > 0 ? ", " : "", drivers[i]->scheme);
	(void)err_set(err, ERR_INPUT, "store '%s': known kinds are %.*s", url,
	    STR_ARG(buf_str(&known)));
	buf_release(&known);
	return false;
}

static bool
key_check(struct str key, struct err *err)
{
	return key_is_safe(key)
	    || err_set(err, ERR_INPUT, "'%.*s' is no key of a store", STR_ARG(key));
}

static bool
object_check(const struct object *o, struct err *err)
{
	return key_check(o->key, err)
	    && (o->body.n <= STORE_OBJECT_MAX
	        || err_set(err, ERR_LIMIT, "%.*s: %zu bytes, at most %u", STR_ARG(o->key),
	            o->body.n, STORE_OBJECT_MAX));
}

static bool
store_err(const struct store *s, struct str key, struct err *err)
{
	return err_in(err, "%s store: %.*s", s->driver->scheme, STR_ARG(key));
}

bool
store_get(struct store *s, struct arena *a, struct str key, size_t max, struct str *out,
    struct str *etag, struct err *err)
{
	if (!key_check(key, err))
		return false;
	struct buf *body = buf_in(a, max < STORE_OBJECT_MAX ? max : STORE_OBJECT_MAX);
	if (!s->driver->get(s->state, key, body, etag, a, err) || !buf_ok(body, err))
		return store_err(s, key, err);
	*out = buf_str(body);
	return true;
}

/* The name is taken: by these very bytes? Then an earlier run of ours was here. */
static bool
same_bytes(struct store *s, const struct object *o, struct err *err)
{
	struct buf there;
	struct err why = { 0 };
	buf_init(&there, o->body.n);
	bool read = s->driver->get(s->state, o->key, &there, NULL, NULL, &why)
	    && buf_ok(&there, &why);
	bool same = read && str_eq(buf_str(&there), o->body);
	buf_release(&there);
	if (same)
		return true;
	if (read || why.code == ERR_LIMIT)
		return err_set(err, ERR_STALE, "exists with other content");
	return err_set(err, why.code, "%s", why.text);
}

bool
store_create(struct store *s, const struct object *o, struct err *err)
{
	struct err why = { 0 };
	if (!object_check(o, err))
		return false;
	if (s->driver->create(s->state, o, &why))
		return true;
	if (why.code == ERR_STALE)
		return same_bytes(s, o, err) || store_err(s, o->key, err);
	(void)err_set(err, why.code, "%s", why.text);
	return store_err(s, o->key, err);
}

bool
store_put(struct store *s, const struct object *o, struct err *err)
{
	struct err why = { 0 };
	if (store_create(s, o, &why))
		return true;
	if (why.code == ERR_STALE)
		why.code = ERR_UNTRUSTED;
	return err_set(err, why.code, "%s", why.text);
}

bool
store_swap(struct store *s, const struct object *o, struct str etag, struct err *err)
{
	return object_check(o, err)
	    && (s->driver->swap(s->state, o, etag, err) || store_err(s, o->key, err));
}

bool
store_unchanged(struct store *s, struct str key, struct str etag, bool *out, struct err *err)
{
	return key_check(key, err)
	    && (s->driver->unchanged(s->state, key, etag, out, err) || store_err(s, key, err));
}

struct str
store_blob_key(struct arena *a, const char hex[static 64], const char *coding)
{
	return arena_printf(a, "blobs/%.2s/%.64s%s%s", hex, hex, coding[0] ? "." : "", coding);
}
