#include "publisher/store/store.h"

#include "base/path.h"
#include "publisher/store/settings.h"

static const struct store_driver *const drivers[] = {
	&store_file,
	&store_azblob,
	&store_s3,
	&store_memory,
};

/* What stands before a query, a fragment or the end of a password. */
static struct str
harmless(struct str where)
{
	size_t n = 0;
	while (n < where.n && memchr("?#@", where.p[n], 3) == NULL)
		n++;
	return (struct str){ where.p, n };
}

/* Somebody may have put a password or a token there: it is not repeated. */
static bool
holds_no_secret(const char *scheme, struct str where, struct err *err)
{
	return harmless(where).n == where.n
	    || err_set(err, ERR_INPUT, "store %s: its URL has a '?', '#' or '@': a URL of a store holds no "
	           "secret; set the variables that docs/stores.md names, AZURE_STORAGE_SAS_TOKEN for one",
	           scheme);
}

/* A folder's name may hold blanks; a URL may not: what follows one is the settings file. */
static bool
driver_open(struct arena *a, const struct store_driver *d, struct str where, void **state,
    struct err *err)
{
	const struct settings *settings;
	struct str file = STR("");
	if (!d->local)
		where = str_cut(where, ' ', &file);
	if (!d->local && !holds_no_secret(d->scheme, where, err))
		return false;
	return settings_open(a, file.n > 0 ? arena_copy(a, file).p : NULL, &settings, err)
	    && (d->open(a, arena_copy(a, where), settings, state, err)
	        || err_in(err, "store %s:%.*s", d->scheme, STR_ARG(where)));
}

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
		return driver_open(a, drivers[i], where, &(*out)->state, err);
	}
	buf_init(&known, 256);
	for (size_t i = 0; i < LEN(drivers); i++)
		if (!drivers[i]->hidden)
			buf_printf(&known, "%s%s:", known.n > 0 ? ", " : "", drivers[i]->scheme);
	(void)err_set(err, ERR_INPUT, "store '%.*s': known kinds are %.*s", STR_ARG(harmless(scheme)),
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
	if (!object_check(o, err) || (s->guard != NULL && !s->guard(s->guard_ctx, o->key, err)))
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

struct listing {
	store_visit *visit;
	void *ctx;
	size_t n;
};

static bool
visit_key(void *ctx, const struct store_entry *e, struct err *err)
{
	struct listing *l = ctx;
	if (!key_is_safe(e->key))
		return true;
	if (++l->n > STORE_LIST_MAX)
		return err_set(err, ERR_LIMIT, "more than %d objects", STORE_LIST_MAX);
	return l->visit(l->ctx, e, err);
}

bool
store_list(struct store *s, struct str prefix, store_visit *visit, void *ctx, struct err *err)
{
	struct listing l = { .visit = visit, .ctx = ctx };
	const struct str folder = { prefix.p, prefix.n - (prefix.n > 0) };
	if (prefix.n > 0 && (!str_ends(prefix, STR("/")) || !key_is_safe(folder)))
		return err_set(err, ERR_INPUT, "'%.*s' is no prefix of keys", STR_ARG(prefix));
	return s->driver->list(s->state, prefix, visit_key, &l, err)
	    || err_in(err, "%s store: listing '%.*s'", s->driver->scheme, STR_ARG(prefix));
}

bool
store_remove(struct store *s, struct str key, struct err *err)
{
	return key_check(key, err)
	    && (s->driver->remove(s->state, key, err) || store_err(s, key, err));
}

const char *
store_cache_control(bool immutable)
{
	return immutable ? "public, max-age=31536000, immutable" : "public, max-age=0, must-revalidate";
}

struct str
store_blob_key(struct arena *a, const char hex[static 64], const char *coding)
{
	return arena_printf(a, "blobs/%.2s/%.64s%s%s", hex, hex, coding[0] ? "." : "", coding);
}
