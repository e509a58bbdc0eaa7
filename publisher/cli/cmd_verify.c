/* verify: check all that is served, or stored, against the trusted root, as a client would. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/gzip.h"
#include "base/http.h"
#include "publisher/bundle/live.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"

/* One thing to verify: a site behind a URL, or a store. Counts what was checked. */
struct subject {
	struct cli *cli;
	const char *url;            /* NULL: the store */
	struct store *store;
	struct http_session *http;
	struct str anchor;
	int64_t now;
	struct trusted *trusted;
	uint64_t bundles, files, bytes, expired;
};

/* An origin of ours that found the store's bytes wrong: waiting will not mend them. */
static bool
is_damage(const struct http_response *rs)
{
	return rs->status == 502
	    && str_starts(http_header(rs, "content-type"), STR("application/problem+json"));
}

/* GET url/name; 404 and 410 are ERR_ABSENT, anything else but 200 is "not known". */
static bool
http_get(void *ctx, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	struct subject *s = ctx;
	const char *url = arena_printf(a, "%s/%.*s", s->url, STR_ARG(name)).p;
	const struct http_request rq = { .method = "GET", .url = url, .body_max = max };
	struct http_response rs;

	if (!http_do(s->http, a, &rq, &rs, err))
		return false;
	if (rs.status == 404 || rs.status == 410)
		return err_set(err, ERR_ABSENT, "GET %s: answered %d", url, rs.status);
	if (is_damage(&rs))
		return err_set(err, ERR_UNTRUSTED, "GET %s: answered 502: what the store holds is not "
		    "what was signed; verify the store itself, then publish again", url);
	if (rs.status != 200)
		return err_set(err, ERR_BUSY, "GET %s: answered %d, expected 200", url, rs.status);
	*out = rs.body;
	return true;
}

static bool
same(struct str what, struct str body, const struct digest *want, uint64_t size,
    struct err *err)
{
	struct digest got = digest_of(body);

	return (body.n == size && digest_eq(&got, want))
	    || err_set(err, ERR_UNTRUSTED, "%.*s: %zu bytes that are not the signed %" PRIu64
	        " bytes: tampered with, or from another version", STR_ARG(what), body.n, size);
}

/* The stable URL of one file. */
static bool
check_served(struct subject *s, struct arena *a, const struct manifest *m,
    const struct manifest_file *f, struct err *err)
{
	struct str name = arena_printf(a, "%.*s/%.*s/%.*s", STR_ARG(m->vertical),
	    STR_ARG(m->locale), STR_ARG(f->path)), body;

	if (!http_get(s, a, name, f->size + 1, &body, err)) {
		if (err->code != ERR_ABSENT || f->expires == 0 || f->expires > s->now)
			return false;
		s->expired++; /* gone with its document, as it should be */
		return true;
	}
	s->bytes += body.n;
	return same(name, body, &f->sha256, f->size, err);
}

/* The blobs of one file: the coded form has its own digest and decodes to the same bytes. */
static bool
check_stored(struct subject *s, struct arena *a, const struct manifest_file *f,
    struct err *err)
{
	char hex[DIGEST_HEX + 1];
	struct str body, coded;

	digest_hex(&f->sha256, hex);
	struct str key = store_blob_key(a, hex, "");

	if (!store_get(s->store, a, key, f->size + 1, &body, NULL, err)
	    || !same(key, body, &f->sha256, f->size, err))
		return false;
	s->bytes += body.n;
	if (!f->has_gzip)
		return true;
	struct buf *plain = buf_in(a, f->size + 1);

	digest_hex(&f->gzip, hex);
	key = store_blob_key(a, hex, "gz");
	return store_get(s->store, a, key, f->gzip_size + 1, &coded, NULL, err)
	    && same(key, coded, &f->gzip, f->gzip_size, err)
	    && (gzip_decode(coded, plain, err) || err_in(err, "%.*s", STR_ARG(key)))
	    && same(key, buf_str(plain), &f->sha256, f->size, err);
}

static bool
check_files(struct subject *s, const struct manifest *m, struct err *err)
{
	for (size_t i = 0; i < m->files; i++) {
		struct arena *a = arena_new();
		bool ok = s->url ? check_served(s, a, m, &m->file[i], err)
		                 : check_stored(s, a, &m->file[i], err);

		arena_free(a);
		if (!ok)
			return false;
		s->files++;
	}
	return true;
}

/* Only the store has them to give: from these a refused document's last good version is made. */
static bool
check_sources(struct subject *s, const struct manifest *m, struct err *err)
{
	for (size_t i = 0; s->url == NULL && i < m->documents; i++) {
		const struct manifest_document *d = &m->document[i];
		struct arena *a = arena_new();
		struct str body, key = store_blob_key(a, digest_str(a, &d->source).p, "");
		bool ok = store_get(s->store, a, key, d->source_size + 1, &body, NULL, err)
		    && same(key, body, &d->source, d->source_size, err);

		arena_free(a);
		if (!ok)
			return err_in(err, "source of %.*s/%.*s/%.*s", STR_ARG(m->vertical),
			    STR_ARG(m->locale), STR_ARG(d->id));
		s->bytes += body.n;
	}
	return true;
}

/* "weather/en-us/bundle.json" is fetched as targets/weather/en-us/<sha256>.bundle.json. */
static bool
check_target(struct subject *s, const struct target *t, struct err *err)
{
	struct arena *a = s->cli->arena;
	struct str last = { 0 }, vertical = str_cut(t->path, '/', &last), name;
	struct str locale = str_cut(last, '/', &name), body;
	struct str path = arena_printf(a, "targets/%.*s/%.*s/%.*s.%.*s", STR_ARG(vertical),
	    STR_ARG(locale), STR_ARG(digest_str(a, &t->sha256)), STR_ARG(name));
	struct manifest m;

	if (!(s->url ? http_get(s, a, path, t->length + 1, &body, err)
	             : store_get(s->store, a, path, t->length + 1, &body, NULL, err)))
		return false;
	if (!same(path, body, &t->sha256, t->length, err)
	    || !(manifest_read(a, body, &m, err) || err_in(err, "%.*s", STR_ARG(path))))
		return false;
	s->bundles++;
	return check_files(s, &m, err) && check_sources(s, &m, err);
}

static bool
check_all(struct subject *s, struct err *err)
{
	const struct trust_source source = s->url
	    ? (struct trust_source){ .get = http_get, .ctx = s } : store_source(s->store);

	s->now = clock_now();
	if (!trust_refresh(s->cli->arena, s->anchor, NULL, &source, s->now, EXPIRY_CHECK,
	    &s->trusted, err))
		return err->code == ERR_ABSENT
		    ? err_set(err, ERR_ABSENT, "nothing is published yet: %s", err->text) : false;
	for (size_t i = 0; i < s->trusted->roles; i++)
		for (size_t j = 0; j < s->trusted->role[i].n; j++)
			if (!check_target(s, &s->trusted->role[i].target[j], err))
				return false;
	return true;
}

static void
print_result(const struct subject *s, const char *what)
{
	struct arena *a = s->cli->arena;
	const struct trusted *t = s->trusted;

	if (s->cli->json) {
		json_t *o = json_new_object(a);

		json_object_set_new(o, "verified", json_string(what));
		json_object_set_new(o, "version", json_integer(t->snapshot.meta.version));
		json_object_set_new(o, "root_version", json_integer(t->root.meta.version));
		json_object_set_new(o, "timestamp_expires",
		    json_str(time_rfc3339(a, t->timestamp.meta.expires)));
		json_object_set_new(o, "bundles", json_integer((json_int_t)s->bundles));
		json_object_set_new(o, "files", json_integer((json_int_t)s->files));
		json_object_set_new(o, "bytes", json_integer((json_int_t)s->bytes));
		json_object_set_new(o, "expired", json_integer((json_int_t)s->expired));
		output_json(o);
		return;
	}
	printf("verified %s: version %" PRId64 ", %.*s bundles, %.*s files, %.*s bytes; root %"
	       PRId64 ", timestamp good until %.*s\n", what, t->snapshot.meta.version,
	    STR_ARG(output_count(a, s->bundles)), STR_ARG(output_count(a, s->files)),
	    STR_ARG(output_count(a, s->bytes)), t->root.meta.version,
	    STR_ARG(time_rfc3339(a, t->timestamp.meta.expires)));
	if (s->expired > 0)
		printf("%.*s files have gone with their expired documents\n",
		    STR_ARG(output_count(a, s->expired)));
}

static bool
is_url(const char *s)
{
	return strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0;
}

/* What to verify, and against which root: --root works without a site around. */
static bool
open_subject(struct cli *cli, struct subject *s, const char **what, struct err *err)
{
	const char *arg = cli->args > 0 ? cli->arg[0] : "", *root = cli_value(cli, "root");
	struct config config;
	const struct target_config *target = NULL;

	*what = arg;
	if (is_url(arg)) {
		struct str url = str_of(arg);

		while (url.n > 0 && url.p[url.n - 1] == '/')
			url.n--;
		s->url = arena_copy(cli->arena, url).p;
		s->http = http_open(cli->arena);
	}
	if (s->url == NULL || root == NULL) {
		const char *name = cli_value(cli, "target");

		if (s->url == NULL)
			name = arg;
		if (!place_config(cli, &config, err)
		    || !config_target(&config, str_of(name), &target, err))
			return false;
		*what = s->url ? s->url : target->store;
	}
	if (s->url == NULL && !store_open(cli->arena, target->store, &s->store, err))
		return false;
	return fs_read(cli->arena, root ? root : target->root, ROOT_MAX, &s->anchor, err);
}

static enum exit_code
run(struct cli *cli)
{
	struct subject s = { .cli = cli };
	const char *what;
	struct err err = { 0 };

	if (cli->args > 1)
		return cli_usage(cli, "one URL or target at a time");
	if (!open_subject(cli, &s, &what, &err) || !check_all(&s, &err))
		return cli_fail(&err);
	print_result(&s, what);
	return EXIT_DONE;
}

const struct cli_command cmd_verify = {
	.name = "verify",
	.args = "[URL | TARGET]",
	.summary = "check everything against the trusted root, as a client would",
	.help = "Fetch the TUF metadata, every manifest and every file from a URL (an origin or an\n"
		"edge) or from a target's store, and check signatures, versions, expiry and digests\n"
		"against the trusted root. With --root it needs no site around it.",
	.example = "  edgepress verify local\n"
		   "  edgepress verify http://127.0.0.1:8080",
	.option = {
		{ "root", "FILE", "the trusted root (default: the target's)" },
		{ "target", "NAME", "whose root to use with a URL (default: the only one)" },
	},
	.run = run,
};
