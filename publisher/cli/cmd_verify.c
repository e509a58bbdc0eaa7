/* verify: check all that is served, or stored, against the trusted root, as a client would. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/bundle/live.h"
#include "publisher/cli/output.h"
#include "publisher/cli/expiry.h"
#include "publisher/cli/logbook.h"

/* One verification. Counts what was checked. */
struct check {
	struct cli *cli;
	struct subject subject;
	int64_t now;
	struct logbook log;
	struct trusted *trusted;
	uint64_t bundles, files, bytes, expired;
};

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
check_served(struct check *s, struct arena *a, const struct manifest *m,
    const struct manifest_file *f, struct err *err)
{
	struct str name = arena_printf(a, "%.*s/%.*s/%.*s", STR_ARG(m->vertical),
	    STR_ARG(m->locale), STR_ARG(f->path)), body;

	const struct coded *plain = &f->form[CODING_NONE];

	if (!subject_get(&s->subject, a, name, plain->size + 1, &body, err)) {
		if (err->code != ERR_ABSENT || f->expires == 0 || f->expires > s->now)
			return false;
		s->expired++; /* gone with its document, as it should be */
		return true;
	}
	s->bytes += body.n;
	return same(name, body, &plain->sha256, plain->size, err);
}

/* One blob of a file: it has its own digest and decodes to the same bytes. */
static bool
check_form(struct check *s, struct arena *a, const struct manifest_file *f, enum coding coding,
    struct err *err)
{
	const struct coded *form = &f->form[coding], *plain = &f->form[CODING_NONE];
	const char *suffix = coding_kinds[coding].suffix;
	char hex[DIGEST_HEX + 1];
	struct str body;
	struct buf *decoded = buf_in(a, plain->size + 1);

	digest_hex(&form->sha256, hex);
	struct str key = store_blob_key(a, hex, suffix[0] ? suffix + 1 : "");

	if (!store_get(s->subject.store, a, key, form->size + 1, &body, NULL, err)
	    || !same(key, body, &form->sha256, form->size, err))
		return false;
	if (coding == CODING_NONE)
		s->bytes += body.n;
	return coding == CODING_NONE
	    || ((coding_decode(coding, body, decoded, err) || err_in(err, "%.*s", STR_ARG(key)))
	        && same(key, buf_str(decoded), &plain->sha256, plain->size, err));
}

static bool
check_stored(struct check *s, struct arena *a, const struct manifest_file *f,
    struct err *err)
{
	for (int coding = CODING_NONE; coding < CODINGS; coding++)
		if (has_form(f, (enum coding)coding)
		    && !check_form(s, a, f, (enum coding)coding, err))
			return false;
	return true;
}

static bool
check_files(struct check *s, const struct manifest *m, const struct tree *t, struct err *err)
{
	for (size_t i = 0; i < t->files; i++) {
		struct arena *a = arena_new();
		bool ok = s->subject.url ? check_served(s, a, m, &t->file[i], err)
		                         : check_stored(s, a, &t->file[i], err);

		arena_free(a);
		if (!ok)
			return false;
		s->files++;
	}
	return true;
}

/* Only the store has them to give: from these a refused document's last good version is made. */
static bool
check_sources(struct check *s, const struct manifest *m, const struct tree *t, struct err *err)
{
	for (size_t i = 0; s->subject.url == NULL && i < t->documents; i++) {
		const struct manifest_document *d = &t->document[i];
		struct arena *a = arena_new();
		struct str body, key = store_blob_key(a, digest_str(a, &d->source).p, "");
		bool ok = store_get(s->subject.store, a, key, d->source_size + 1, &body, NULL, err)
		    && same(key, body, &d->source, d->source_size, err);

		arena_free(a);
		if (!ok)
			return err_in(err, "source of %.*s/%.*s/%.*s", STR_ARG(m->vertical),
			    STR_ARG(m->locale), STR_ARG(d->id));
		s->bytes += body.n;
	}
	return true;
}

/* One shard and all that it lists. */
static bool
check_shard(struct check *s, const struct manifest *m, const struct shard *shard,
    struct err *err)
{
	struct arena *a = arena_new();
	struct str body, key = tree_key(a, &shard->sha256);
	struct tree tree;
	bool ok = subject_get(&s->subject, a, key, shard->size + 1, &body, err)
	    && same(key, body, &shard->sha256, shard->size, err)
	    && (tree_read(a, body, false, &tree, err) || err_in(err, "%.*s", STR_ARG(key)))
	    && check_files(s, m, &tree, err) && check_sources(s, m, &tree, err);

	arena_free(a);
	return ok;
}

/* "weather/en-us/bundle.json" is fetched as targets/weather/en-us/<sha256>.bundle.json. */
static bool
check_target(struct check *s, const struct target *t, struct err *err)
{
	struct arena *a = s->cli->arena;
	struct str last = { 0 }, vertical = str_cut(t->path, '/', &last), name;
	struct str locale = str_cut(last, '/', &name), body;
	struct str path = arena_printf(a, "targets/%.*s/%.*s/%.*s.%.*s", STR_ARG(vertical),
	    STR_ARG(locale), STR_ARG(digest_str(a, &t->sha256)), STR_ARG(name));
	struct manifest m;

	if (!subject_get(&s->subject, a, path, t->length + 1, &body, err)
	    || !same(path, body, &t->sha256, t->length, err)
	    || !(manifest_read(a, body, &m, err) || err_in(err, "%.*s", STR_ARG(path))))
		return false;
	s->bundles++;
	for (size_t i = 0; i < m.shards; i++)
		if (!check_shard(s, &m, &m.shard[i], err))
			return false;
	return true;
}

static bool
check_all(struct check *s, struct err *err)
{
	s->now = clock_now();
	if (!logbook_open(s->cli, &s->subject, s->now, &s->log, err))
		return false;
	s->trusted = s->log.trusted;
	for (size_t i = 0; i < s->trusted->roles; i++)
		for (size_t j = 0; j < s->trusted->role[i].n; j++)
			if (!check_target(s, &s->trusted->role[i].target[j], err))
				return false;
	return logbook_remember(&s->log, err);
}

static void
print_result(const struct check *s, const char *what)
{
	struct arena *a = s->cli->arena;
	const struct trusted *t = s->trusted;

	expiry_warn(a, t, s->now);
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
		logbook_json(&s->log, o);
		expiry_json(a, t, s->now, o);
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
	logbook_text(&s->log);
}

static enum exit_code
run(struct cli *cli)
{
	struct check s = { .cli = cli };
	struct err err = { 0 };

	if (cli->args > 1)
		return cli_usage(cli, "one URL or target at a time");
	if (!subject_open(cli, &s.subject, &err) || !check_all(&s, &err))
		return cli_fail(&err);
	print_result(&s, s.subject.what);
	return EXIT_DONE;
}

const struct cli_command cmd_verify = {
	.name = "verify",
	.args = "[URL | TARGET]",
	.summary = "check everything against the trusted root, as a client would",
	.help = "Fetch the TUF metadata, every manifest and every file from a URL (an origin or an\n"
		"edge) or from a target's store, and check signatures, versions, expiry and digests\n"
		"against the trusted root, and that the log tells of what is live ('edgepress audit'\n"
		"reads all of it). With --root it needs no site around it.",
	.example = "  edgepress verify local\n"
		   "  edgepress verify http://127.0.0.1:8080",
	.option = {
		{ "root", "FILE", "the trusted root (default: the target's)" },
		{ "target", "NAME", "whose root to use with a URL (default: the only one)" },
		{ "checkpoint", "FILE", "refuse a log that lacks what this one had; then keep its own here" },
	},
	.run = run,
};
