#include "publisher/store/azure_account.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/path.h"
#include "publisher/store/azure_key.h"

#define VERSION "2023-11-03"
#define NAME_MAX_ 63 /* of accounts and containers */

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9')
		        || (s.p[i] == '-' && i > 0)))
			return false;
	return s.n >= 3 && s.n <= NAME_MAX_;
}

static bool
is_container(struct str s)
{
	return is_name(s) || str_eq(s, STR("$web")) || str_eq(s, STR("$root"));
}

static bool
is_loopback(struct str host)
{
	return str_starts(host, STR("127.")) || str_starts(host, STR("[::1]"))
	    || str_eq(str_cut(host, ':', &(struct str){ 0 }), STR("localhost"));
}

static bool
url_take(struct arena *a, struct str url, struct azure_account *out, struct err *err)
{
	static const char form[] = "is no URL such as https://ACCOUNT.blob.core.windows.net/CONTAINER";
	struct str rest, host, start = STR("https://");
	bool plain = str_starts(url, STR("http://"));
	if (plain)
		start = STR("http://");
	if (!str_starts(url, start))
		return err_set(err, ERR_INPUT, "%s", form);
	if (memchr(url.p, '?', url.n) != NULL || memchr(url.p, '#', url.n) != NULL
	    || memchr(url.p, '@', url.n) != NULL)
		return err_set(err, ERR_INPUT, "has a '?', '#' or '@': a URL of a store holds no secret; "
		    "set AZURE_STORAGE_SAS_TOKEN instead");
	while (str_ends(url, STR("/")))
		url.n--;
	host = str_cut((struct str){ url.p + start.n, url.n - start.n }, '/', &rest);
	bool named = memmem(host.p, host.n, ".blob.", 6) != NULL;
	out->name = named ? str_cut(host, '.', &(struct str){ 0 }) : str_cut(rest, '/', &rest);
	out->container = str_cut(rest, '/', &rest);
	if (!is_name(out->name) || !is_container(out->container))
		return err_set(err, ERR_INPUT, "%s", form);
	if (rest.n > 0 && !key_is_safe(rest))
		return err_set(err, ERR_INPUT, "'%.*s' is no prefix of keys", STR_ARG(rest));
	if (rest.n > 0)
		out->prefix = arena_printf(a, "%.*s/", STR_ARG(rest));
	url.n = (size_t)(out->container.p + out->container.n - url.p);
	out->container_url = arena_copy(a, url).p;
	out->plain = plain && !is_loopback(host);
	return true;
}

static bool
key_take(struct azure_secret *out, struct str base64, struct err *err)
{
	unsigned char key[256];
	size_t n = 0;
	const char *end = NULL;
	bool ok = sodium_base642bin(key, sizeof key, base64.p, base64.n, NULL, &n, &end,
	    sodium_base64_VARIANT_ORIGINAL) == 0 && end == base64.p + base64.n && n >= 16;
	if (ok)
		out->key = secret_keep(out->arena, (struct str){ (const char *)key, n });
	sodium_memzero(key, sizeof key);
	return ok || err_set(err, ERR_SETUP, "the account key is not the base64 that the portal shows");
}

static bool
sas_take(struct azure_secret *out, struct str sas, bool plain, struct err *err)
{
	if (str_starts(sas, STR("?")))
		sas = (struct str){ sas.p + 1, sas.n - 1 };
	if (memmem(sas.p, sas.n, "sig=", 4) == NULL)
		return err_set(err, ERR_SETUP, "the SAS token has no sig=");
	if (plain)
		return err_set(err, ERR_SETUP, "a SAS token may not travel over http: take https");
	out->sas = secret_keep(out->arena, sas);
	return true;
}

static bool
account_is(const struct azure_account *acc, struct str name, const char *said_by, struct err *err)
{
	return str_eq(name, acc->name)
	    || err_set(err, ERR_SETUP, "the URL is of account '%.*s', %s of '%.*s'",
	        STR_ARG(acc->name), said_by, STR_ARG(name));
}

/* "DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;…" */
static bool
connection_take(const struct azure_account *acc, struct azure_secret *out, struct str text,
    struct err *err)
{
	static const char said_by[] = "AZURE_STORAGE_CONNECTION_STRING";
	struct str rest = text;
	while (rest.p != NULL) {
		struct str value, name = str_trim(str_cut(str_cut(rest, ';', &rest), '=', &value));
		if (str_eq(name, STR("AccountName")) && !account_is(acc, value, said_by, err))
			return false;
		if (str_eq(name, STR("AccountKey")))
			return key_take(out, value, err) || err_in(err, "%s", said_by);
		if (str_eq(name, STR("SharedAccessSignature")))
			return sas_take(out, value, acc->plain, err) || err_in(err, "%s", said_by);
	}
	return err_set(err, ERR_SETUP, "%s holds no AccountKey and no SharedAccessSignature", said_by);
}

/* The first secret that is set; none is fine. */
static bool
secret_take(const struct azure_account *acc, const struct settings *s, struct azure_secret *out,
    struct err *err)
{
	const char *value;
	if ((value = setting(s, "AZURE_STORAGE_CONNECTION_STRING")) != NULL)
		return connection_take(acc, out, str_of(value), err);
	if ((value = setting(s, "AZURE_STORAGE_KEY")) != NULL)
		return key_take(out, str_trim(str_of(value)), err) || err_in(err, "AZURE_STORAGE_KEY");
	if ((value = setting(s, "AZURE_STORAGE_SAS_TOKEN")) != NULL)
		return sas_take(out, str_trim(str_of(value)), acc->plain, err)
		    || err_in(err, "AZURE_STORAGE_SAS_TOKEN");
	return true;
}

static bool
right_take(struct arena *a, const struct settings *s, struct http_pool *pool,
    struct azure_account *acc, struct err *err)
{
	const char *mode = setting(s, "AZURE_STORAGE_AUTH_MODE");
	const char *account = setting(s, "AZURE_STORAGE_ACCOUNT");
	bool login = mode != NULL && strcmp(mode, "login") == 0;
	if (account != NULL && !account_is(acc, str_of(account), "AZURE_STORAGE_ACCOUNT", err))
		return false;
	if (mode != NULL && strcmp(mode, "anonymous") == 0)
		return true;
	if (mode != NULL && !login && strcmp(mode, "key") != 0)
		return err_set(err, ERR_SETUP, "AZURE_STORAGE_AUTH_MODE is '%s': key, login and anonymous "
		    "are known", mode);
	if (!login && !secret_take(acc, s, &acc->secret, err))
		return false;
	if (acc->secret.key.p != NULL || acc->secret.sas.p != NULL)
		return true;
	if (acc->plain)
		return err_set(err, ERR_SETUP, "an identity's token may not travel over http: take https");
	return azure_token_open(a, s, pool, acc->ca, &acc->token, err);
}

static void
account_close(void *handle)
{
	struct azure_account *acc = handle;
	arena_free(acc->secret.arena);
	(void)pthread_mutex_destroy(&acc->lock);
}

bool
azure_account_open(struct arena *a, struct str url, const struct settings *s,
    struct http_pool *pool, struct azure_account *out, struct err *err)
{
	*out = (struct azure_account){ .ca = setting(s, "SSL_CERT_FILE"), .file = settings_file(s),
		.secret = { .arena = arena_new() } };
	if (pthread_mutex_init(&out->lock, NULL) != 0)
		abort();
	arena_defer(a, account_close, out);
	if (out->ca == NULL)
		out->ca = setting(s, "CURL_CA_BUNDLE");
	return url_take(a, url, out, err) && right_take(a, s, pool, out, err);
}

/* By the key or the SAS token, whichever there is. */
static struct str
secret_use(struct azure_account *acc, struct arena *a, struct http_request *rq, uint64_t *serial)
{
	struct str right = STR("");
	(void)pthread_mutex_lock(&acc->lock);
	*serial = acc->serial;
	if (acc->secret.key.p != NULL)
		right = azure_authorization(a, acc->name, acc->secret.key, rq);
	else if (acc->secret.sas.p != NULL)
		rq->url = arena_printf(a, "%s%c%.*s", rq->url, strchr(rq->url, '?') ? '&' : '?',
		    STR_ARG(acc->secret.sas)).p;
	(void)pthread_mutex_unlock(&acc->lock);
	return right;
}

bool
azure_account_sign(struct azure_account *acc, struct arena *a, struct http_request *rq,
    uint64_t *serial, struct err *err)
{
	char *date = arena_alloc(a, 30, 1);
	struct http_header *h = ARENA_ARRAY(a, struct http_header, rq->headers + 3);
	struct str right;
	time_http(time(NULL), date); /* the real time, whatever SOURCE_DATE_EPOCH says */
	for (size_t i = 0; i < rq->headers; i++)
		h[i] = rq->header[i];
	rq->header = h;
	h[rq->headers++] = (struct http_header){ STR("x-ms-date"), str_of(date) };
	h[rq->headers++] = (struct http_header){ STR("x-ms-version"), STR(VERSION) };
	if (acc->token == NULL)
		right = secret_use(acc, a, rq, serial);
	else if (!azure_token_take(acc->token, a, &right, serial, err))
		return false;
	if (right.n > 0)
		h[rq->headers++] = (struct http_header){ STR("Authorization"), right };
	return true;
}

/* Whoever rotates a key writes the new one into the file: nobody has to be restarted for it. */
static void
secret_reload(struct azure_account *acc)
{
	struct azure_secret now = { .arena = arena_new() }, old;
	const struct settings *s;
	bool ok = settings_open(now.arena, acc->file, &s, NULL) && secret_take(acc, s, &now, NULL)
	    && (now.key.p != NULL || now.sas.p != NULL);
	(void)pthread_mutex_lock(&acc->lock);
	old = acc->secret;
	if (ok && !(str_eq(now.key, old.key) && str_eq(now.sas, old.sas))) {
		acc->secret = now;
		acc->serial++;
		now = old;
	}
	(void)pthread_mutex_unlock(&acc->lock);
	arena_free(now.arena);
}

bool
azure_account_refused(struct azure_account *acc, uint64_t serial)
{
	if (acc->token != NULL) {
		azure_token_refused(acc->token, serial);
		return true;
	}
	if (acc->file == NULL)
		return false;
	(void)pthread_mutex_lock(&acc->lock);
	bool newer = acc->serial != serial;
	(void)pthread_mutex_unlock(&acc->lock);
	if (!newer)
		secret_reload(acc);
	(void)pthread_mutex_lock(&acc->lock);
	newer = acc->serial != serial;
	(void)pthread_mutex_unlock(&acc->lock);
	return newer;
}
