/*
 * A TUF client on our trust code that speaks the command line of the public tuf-conformance
 * suite (CLIENT-CLI.md there): init, refresh, download. It reads any repository, so it also
 * knows ECDSA and RSA keys, through OpenSSL; edgepress and its origin know Ed25519 alone.
 *
 *   tuf-conformance-client --metadata-dir DIR init ROOT
 *   tuf-conformance-client --metadata-dir DIR --metadata-url URL refresh
 *   tuf-conformance-client ... --target-name PATH... --target-base-url URL --target-dir DIR download
 */
#include <errno.h>
#include <getopt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/http.h"
#include "publisher/trust/search.h"

#define TARGETS_ASKED_MAX 64
#define TARGET_BYTES_MAX (64 << 20)

struct client {
	struct arena *a;
	struct http_session *http;
	const char *metadata_dir, *metadata_url, *target_dir, *target_url;
	const char *target[TARGETS_ASKED_MAX];
	size_t targets;
	int64_t now;
	struct trusted *trusted;
};

/* Keys of other kinds */

static const struct scheme {
	const char *keytype, *name;
	const EVP_MD *(*digest)(void);
	bool pss;
} schemes[] = {
	{ "ecdsa", "ecdsa-sha2-nistp256", EVP_sha256, false },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", EVP_sha256, false },
	{ "ecdsa", "ecdsa-sha2-nistp384", EVP_sha384, false },
	{ "rsa", "rsassa-pss-sha256", EVP_sha256, true },
	{ "rsa", "rsa-pkcs1v15-sha256", EVP_sha256, false },
};

static const struct scheme *
scheme_find(struct str name)
{
	for (size_t i = 0; i < LEN(schemes); i++)
		if (str_eq(name, str_of(schemes[i].name)))
			return &schemes[i];
	return NULL;
}

static bool
knows(struct str keytype, struct str scheme)
{
	for (size_t i = 0; i < LEN(schemes); i++)
		if (str_eq(keytype, str_of(schemes[i].keytype))
		    && str_eq(scheme, str_of(schemes[i].name)))
			return true;
	return false;
}

static bool
verify_with(EVP_PKEY *key, const struct scheme *s, struct str sig, struct str bytes)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	bool ok = md != NULL && EVP_DigestVerifyInit(md, &how, s->digest(), NULL, key) == 1
	    && (!s->pss || (EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1
	                       && EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_AUTO) == 1))
	    && EVP_DigestVerify(md, (const unsigned char *)sig.p, sig.n,
	           (const unsigned char *)bytes.p, bytes.n) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

static bool
verify(struct str scheme, struct str pem, struct str sig, struct str bytes)
{
	const struct scheme *s = scheme_find(scheme);
	BIO *text = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = text != NULL ? PEM_read_bio_PUBKEY(text, NULL, NULL, NULL) : NULL;
	bool ok = s != NULL && key != NULL && verify_with(key, s, sig, bytes);
	EVP_PKEY_free(key);
	BIO_free(text);
	return ok;
}

/* Names in URLs and in folders: RFC 3986's unreserved characters, and `also`, as they are. */
static struct str
quoted(struct arena *a, struct str s, const char *also)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~";
	struct buf *out = buf_in(a, 3 * s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		if (strchr(plain, s.p[i]) != NULL || strchr(also, s.p[i]) != NULL)
			buf_putc(out, s.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
	return arena_copy(a, buf_str(out));
}

/* A role's file in the metadata folder. The dot keeps "../x" and the like from meaning anything. */
static const char *
local_path(struct client *c, struct arena *a, struct str role)
{
	return arena_printf(a, "%s/%.*s.json", c->metadata_dir, STR_ARG(quoted(a, role, ""))).p;
}

static struct str
local_read(struct client *c, struct arena *a, struct str role)
{
	struct str bytes;
	struct err ignored;
	return fs_read(a, local_path(c, a, role), TARGETS_MAX, &bytes, &ignored) ? bytes : STR("");
}

static void
keep(void *ctx, const struct metadata *m)
{
	struct client *c = ctx;
	struct err err = { 0 };
	const char *path = local_path(c, c->a, m->role);
	struct str had = local_read(c, c->a, m->role);
	if (!str_eq(had, m->bytes) && !fs_replace(path, m->bytes, 0644, &err))
		(void)fprintf(stderr, "%s: %s\n", path, err.text);
}

static struct str
cached(void *ctx, struct arena *a, struct str role)
{
	return local_read(ctx, a, role);
}

static bool
http_get(struct client *c, struct arena *a, const char *url, size_t max, struct str *out,
    struct err *err)
{
	const struct http_request rq = { .method = "GET", .url = url, .body_max = max };
	struct http_response rs;
	if (!http_do(c->http, a, &rq, &rs, err))
		return false;
	if (rs.status != 200)
		return err_set(err, rs.status == 404 || rs.status == 403 ? ERR_ABSENT : ERR_BUSY,
		    "%s: answered %d", url, rs.status);
	*out = rs.body;
	return true;
}

static struct str
base_of(const char *url)
{
	struct str s = str_of(url);
	while (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

/* name: "metadata/3.role name.json" */
static bool
metadata_get(void *ctx, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	struct client *c = ctx;
	const struct str file = { name.p + strlen("metadata/"), name.n - strlen("metadata/") };
	const char *url = arena_printf(a, "%.*s/%.*s", STR_ARG(base_of(c->metadata_url)),
	    STR_ARG(quoted(a, file, ""))).p;
	return http_get(c, a, url, max, out, err);
}

/* What was trusted when this client ran last: as far as it can still be read. */
static struct trusted *
before_load(struct client *c)
{
	struct trusted *t = ARENA_NEW(c->a, struct trusted);
	struct err ignored;
	if (!root_read(c->a, local_read(c, c->a, STR("root")), &t->root, &ignored))
		t->root = (struct root){ 0 };
	if (!timestamp_read(c->a, local_read(c, c->a, STR("timestamp")), &t->timestamp, &ignored))
		t->timestamp = (struct timestamp){ 0 };
	if (!snapshot_read(c->a, local_read(c, c->a, STR("snapshot")), &t->snapshot, &ignored))
		t->snapshot = (struct snapshot){ 0 };
	if (!targets_read(c->a, STR("targets"), local_read(c, c->a, STR("targets")), &t->targets,
	        &ignored))
		t->targets = (struct targets){ 0 };
	return t;
}

static struct trust_source
source_of(struct client *c)
{
	return (struct trust_source){ .get = metadata_get, .ctx = c, .trusts = keep };
}

static bool
refresh(struct client *c, struct err *err)
{
	const struct trust_source source = source_of(c);
	struct str anchor;
	return fs_read(c->a, local_path(c, c->a, STR("root")), ROOT_MAX, &anchor, err)
	    && trust_refresh(c->a, anchor, before_load(c), &source, c->now, EXPIRY_CHECK, &c->trusted,
	           err);
}

static bool
digest_is(struct str hex, unsigned char *is, size_t n)
{
	unsigned char want[crypto_hash_sha512_BYTES];
	size_t got = 0;
	return sodium_hex2bin(want, sizeof want, hex.p, hex.n, NULL, &got, NULL) == 0 && got == n
	    && memcmp(want, is, n) == 0;
}

/* Every digest that we can make has to be right, and there must be one. */
static bool
bytes_are(const struct target *t, struct str bytes, struct err *err)
{
	struct str sha256 = { 0 }, sha512 = { 0 };
	unsigned char is[crypto_hash_sha512_BYTES];
	bool ok = field_text_opt(t->hashes, "sha256", &sha256, err)
	    && field_text_opt(t->hashes, "sha512", &sha512, err)
	    && (sha256.n + sha512.n > 0 || err_set(err, ERR_UNTRUSTED, "no digest that is known"));
	if (!ok)
		return false;
	(void)crypto_hash_sha256(is, (const unsigned char *)bytes.p, bytes.n);
	ok = bytes.n == t->length && (sha256.n == 0 || digest_is(sha256, is, 32));
	(void)crypto_hash_sha512(is, (const unsigned char *)bytes.p, bytes.n);
	return (ok && (sha512.n == 0 || digest_is(sha512, is, 64)))
	    || err_set(err, ERR_UNTRUSTED, "not the bytes that were signed");
}

static const char *
target_url(struct client *c, const struct target *t)
{
	struct str hex = { 0 }, path = quoted(c->a, t->path, "/");
	struct err ignored;
	const char *slash = memrchr(path.p, '/', path.n);
	const size_t dir = slash != NULL ? (size_t)(slash - path.p) + 1 : 0;
	if (!c->trusted->root.consistent)
		return arena_printf(c->a, "%.*s/%.*s", STR_ARG(base_of(c->target_url)), STR_ARG(path)).p;
	if (!field_text(t->hashes, "sha256", &hex, &ignored))
		(void)field_text(t->hashes, "sha512", &hex, &ignored);
	return arena_printf(c->a, "%.*s/%.*s%.*s.%s", STR_ARG(base_of(c->target_url)), (int)dir, path.p,
	    STR_ARG(hex), path.p + dir).p;
}

static bool
download(struct client *c, const char *name, struct err *err)
{
	const struct trust_source source = source_of(c);
	const struct trust_search search = { c->trusted, &source, c->now, cached };
	struct target t;
	struct str bytes;
	struct err ignored;
	if (!trust_search(c->a, &search, str_of(name), &t, err))
		return false;
	const char *path = arena_printf(c->a, "%s/%.*s", c->target_dir,
	    STR_ARG(quoted(c->a, t.path, ""))).p;
	if (fs_read(c->a, path, TARGET_BYTES_MAX, &bytes, &ignored) && bytes_are(&t, bytes, &ignored))
		return true; /* it is here already */
	if (t.length > TARGET_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s is larger than %d bytes", name, TARGET_BYTES_MAX);
	return http_get(c, c->a, target_url(c, &t), t.length + 1, &bytes, err)
	    && bytes_are(&t, bytes, err) && fs_replace(path, bytes, 0644, err);
}

static bool
init(struct client *c, const char *root, struct err *err)
{
	struct str bytes;
	return fs_read(c->a, root, ROOT_MAX, &bytes, err) && fs_mkdirs(c->metadata_dir, err)
	    && fs_replace(local_path(c, c->a, STR("root")), bytes, 0644, err);
}

static bool
act(struct client *c, int argc, char **argv, struct err *err)
{
	const char *what = optind < argc ? argv[optind] : "";
	if (c->metadata_dir == NULL)
		return err_set(err, ERR_INPUT, "--metadata-dir is needed");
	if (strcmp(what, "init") == 0 && optind + 2 == argc)
		return init(c, argv[optind + 1], err);
	if (c->metadata_url == NULL)
		return err_set(err, ERR_INPUT, "--metadata-url is needed");
	if (strcmp(what, "refresh") == 0)
		return refresh(c, err);
	if (strcmp(what, "download") != 0 || c->target_url == NULL || c->target_dir == NULL)
		return err_set(err, ERR_INPUT, "init, refresh or download, with what it needs");
	if (!refresh(c, err))
		return false;
	for (size_t i = 0; i < c->targets; i++)
		if (!download(c, c->target[i], err))
			return false;
	return true;
}

int
main(int argc, char **argv)
{
	static const struct trust_profile any = { knows, verify };
	static const struct option table[] = { { "metadata-dir", required_argument, NULL, 'd' },
		{ "metadata-url", required_argument, NULL, 'u' },
		{ "target-name", required_argument, NULL, 'n' },
		{ "target-base-url", required_argument, NULL, 'b' },
		{ "target-dir", required_argument, NULL, 't' }, { 0 } };
	struct client c = { .a = arena_new(), .now = clock_now() };
	struct err err = { 0 };
	for (int o; (o = getopt_long(argc, argv, "", table, NULL)) != -1;) {
		if (o == 'd')
			c.metadata_dir = optarg;
		else if (o == 'u')
			c.metadata_url = optarg;
		else if (o == 'b')
			c.target_url = optarg;
		else if (o == 't')
			c.target_dir = optarg;
		else if (o == 'n' && c.targets < TARGETS_ASKED_MAX)
			c.target[c.targets++] = optarg;
		else
			return 1;
	}
	trust_profile_set(&any);
	if (sodium_init() < 0 || !http_setup(&err))
		return 1;
	c.http = http_open(c.a);
	bool ok = act(&c, argc, argv, &err);
	if (!ok)
		(void)fprintf(stderr, "%s\n", err.text);
	arena_free(c.a);
	return ok ? 0 : 1;
}
