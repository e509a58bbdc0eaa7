/* diff: what changed between two versions. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/upkeep/diff.h"

#define SOURCE_MAX (16u * 1024 * 1024)

static const char *const change_name[] = { "same", "added", "changed", "removed" };
static const char change_sign[] = " +~-";

struct showing {
	struct cli *cli;
	struct store *store;
	bool text; /* the documents' own changes, too */
};

static void
size_text(bool was, uint64_t before, bool is, uint64_t after)
{
	if (was && is)
		printf("  %" PRIu64 " -> %" PRIu64, before, after);
	else
		printf("  %" PRIu64, was ? before : after);
}

static bool
source_get(const struct showing *s, struct arena *a, const struct manifest_document *d,
    struct str *out, struct err *err)
{
	char hex[DIGEST_HEX + 1];

	*out = STR("");
	if (d == NULL)
		return true;
	digest_hex(&d->source, hex);
	if (!store_get(s->store, a, store_blob_key(a, hex, ""), SOURCE_MAX, out, NULL, err))
		return false;
	const struct digest is = digest_of(*out);

	return digest_eq(&is, &d->source)
	    || err_set(err, ERR_UNTRUSTED, "the source of %.*s is not what was signed", STR_ARG(d->id));
}

/* Empty if only what stands beside the source changed. */
static bool
text_make(const struct showing *s, struct arena *a, const struct diff_document *d, struct str *out,
    struct err *err)
{
	struct str was, is;
	struct buf *text = buf_in(a, 2 * SOURCE_MAX);

	if (!source_get(s, a, d->was, &was, err) || !source_get(s, a, d->is, &is, err)
	    || !diff_text(a, was, is, text, err))
		return false;
	*out = buf_str(text);
	return true;
}

static bool
document_text(const struct showing *s, const struct diff_document *d, struct err *err)
{
	const struct manifest_document *any = d->is != NULL ? d->is : d->was;
	struct arena *a = arena_new();
	struct str text = STR("");
	bool ok = !s->text || text_make(s, a, d, &text, err);

	printf("  %c %.*s  \"%.*s\"", change_sign[d->change], STR_ARG(any->id), STR_ARG(any->title));
	if (d->was != NULL && d->is != NULL && !str_eq(d->was->title, d->is->title))
		printf(" (was \"%.*s\")", STR_ARG(d->was->title));
	size_text(d->was != NULL, d->was != NULL ? d->was->source_size : 0, d->is != NULL,
	    d->is != NULL ? d->is->source_size : 0);
	puts("");
	(void)fwrite(text.p, 1, text.n, stdout);
	arena_free(a);
	return ok;
}

static void
file_text(const struct diff_file *f)
{
	const struct manifest_file *any = f->is != NULL ? f->is : f->was;

	printf("  %c %.*s", change_sign[f->change], STR_ARG(any->path));
	size_text(f->was != NULL, f->was != NULL ? f->was->form[CODING_NONE].size : 0, f->is != NULL,
	    f->is != NULL ? f->is->form[CODING_NONE].size : 0);
	puts("");
}

static struct str
or_none(struct str s)
{
	return s.p != NULL ? s : STR("none");
}

static bool
bundle_text(const struct showing *s, const struct diff_bundle *b, struct err *err)
{
	printf("%.*s/%.*s  version %" PRId64 " -> %" PRId64 "\n", STR_ARG(b->vertical),
	    STR_ARG(b->locale), b->was, b->is);
	for (size_t i = 0; i < b->inputs; i++)
		printf("  ~ input %.*s: %.*s -> %.*s\n", STR_ARG(b->input[i].name),
		    STR_ARG(or_none(b->input[i].was)), STR_ARG(or_none(b->input[i].is)));
	printf("  documents: %zu\n", b->documents);
	for (size_t i = 0; i < b->documents; i++)
		if (!document_text(s, &b->document[i], err))
			return false;
	printf("  files: %zu\n", b->files);
	for (size_t i = 0; i < b->files; i++)
		file_text(&b->file[i]);
	return true;
}

static void
maybe_set(json_t *o, const char *name, bool there, json_t *value)
{
	if (there)
		json_object_set_new(o, name, value);
	else
		json_decref(value);
}

static bool
document_json(const struct showing *s, const struct diff_document *d, json_t *list,
    struct err *err)
{
	static const struct manifest_document none;
	const bool before = d->was != NULL, after = d->is != NULL;
	const struct manifest_document *was = before ? d->was : &none, *is = after ? d->is : &none;
	json_t *o = json_object();
	struct arena *a = arena_new();
	struct str text = STR("");
	bool ok = !s->text || text_make(s, a, d, &text, err);

	json_array_append_new(list, o);
	json_object_set_new(o, "id", json_str(after ? is->id : was->id));
	json_object_set_new(o, "change", json_string(change_name[d->change]));
	maybe_set(o, "title", after, json_str(is->title));
	maybe_set(o, "title_before", before, json_str(was->title));
	maybe_set(o, "size", after, json_integer((json_int_t)is->source_size));
	maybe_set(o, "size_before", before, json_integer((json_int_t)was->source_size));
	maybe_set(o, "updated", after, json_str(time_rfc3339(a, is->updated)));
	maybe_set(o, "diff", s->text, json_str(text));
	arena_free(a);
	return ok;
}

static void
file_json(const struct diff_file *f, json_t *list)
{
	static const struct manifest_file none;
	const bool before = f->was != NULL, after = f->is != NULL;
	const struct manifest_file *was = before ? f->was : &none, *is = after ? f->is : &none;
	json_t *o = json_object();

	json_array_append_new(list, o);
	json_object_set_new(o, "path", json_str(after ? is->path : was->path));
	json_object_set_new(o, "document", json_str(after ? is->document : was->document));
	json_object_set_new(o, "change", json_string(change_name[f->change]));
	maybe_set(o, "size", after, json_integer((json_int_t)is->form[CODING_NONE].size));
	maybe_set(o, "size_before", before, json_integer((json_int_t)was->form[CODING_NONE].size));
}

static bool
bundle_json(const struct showing *s, const struct diff_bundle *b, json_t *list, struct err *err)
{
	json_t *o = json_object(), *documents = json_array(), *files = json_array(),
	    *inputs = json_object();
	bool ok = true;

	json_array_append_new(list, o);
	json_object_set_new(o, "vertical", json_str(b->vertical));
	json_object_set_new(o, "locale", json_str(b->locale));
	json_object_set_new(o, "from", json_integer(b->was));
	json_object_set_new(o, "to", json_integer(b->is));
	json_object_set_new(o, "documents", documents);
	json_object_set_new(o, "files", files);
	json_object_set_new(o, "inputs", inputs);
	for (size_t i = 0; ok && i < b->documents; i++)
		ok = document_json(s, &b->document[i], documents, err);
	for (size_t i = 0; i < b->files; i++)
		file_json(&b->file[i], files);
	for (size_t i = 0; i < b->inputs; i++) {
		const struct diff_input *in = &b->input[i];
		json_t *pair = json_object();

		maybe_set(pair, "from", in->was.p != NULL, json_str(or_none(in->was)));
		maybe_set(pair, "to", in->is.p != NULL, json_str(or_none(in->is)));
		json_object_setn_new(inputs, in->name.p, in->name.n, pair);
	}
	return ok;
}

static bool
show(const struct showing *s, const struct diff_bundle *b, size_t n, int64_t from, int64_t to,
    struct err *err)
{
	bool ok = true;

	if (!s->cli->json) {
		for (size_t i = 0; ok && i < n; i++)
			ok = bundle_text(s, &b[i], err);
		if (n == 0)
			printf("nothing changed between version %" PRId64 " and %" PRId64 "\n", from, to);
		return ok;
	}
	json_t *o = json_new_object(s->cli->arena), *list = json_array();

	json_object_set_new(o, "from", json_integer(from));
	json_object_set_new(o, "to", json_integer(to));
	json_object_set_new(o, "bundles", list);
	for (size_t i = 0; ok && i < n; i++)
		ok = bundle_json(s, &b[i], list, err);
	if (ok)
		output_json(o);
	return ok;
}

/* Without options: the newest version against the one before it. */
static bool
versions_choose(struct cli *cli, const struct live *live, int64_t *from, int64_t *to)
{
	const char *f = cli_value(cli, "from"), *t = cli_value(cli, "to");
	const int64_t newest = live->trusted->snapshot.meta.version;
	uint64_t number = (uint64_t)newest;

	if (t != NULL && (!str_to_u64(str_of(t), &number) || number == 0))
		return false;
	*to = (int64_t)number;
	number = (uint64_t)diff_version(live, *to);
	number -= number > 0;
	if (f != NULL && !str_to_u64(str_of(f), &number))
		return false;
	*from = (int64_t)number;
	return *to > 0 && *to <= newest && *from >= 0 && *from <= newest;
}

static enum exit_code
run(struct cli *cli)
{
	struct config config;
	const struct target_config *target;
	struct site *site;
	struct diff_bundle *bundle;
	size_t n = cli->args > 1 ? cli->args - 1 : 0, bundles;
	struct str *name = ARENA_ARRAY(cli->arena, struct str, n + 1);
	int64_t from, to;
	struct err err = { 0 };

	for (size_t i = 0; i < n; i++)
		name[i] = str_of(cli->arg[i + 1]);
	if (!place_config(cli, &config, &err) || !place_target(cli, &config, &target, &err)
	    || !site_open(cli->arena, target, &site, &err))
		return cli_fail(&err);
	if (site_live(site) == NULL) {
		(void)err_set(&err, ERR_ABSENT, "nothing is published yet");
		return cli_fail(&err);
	}
	if (!versions_choose(cli, site_live(site), &from, &to))
		return cli_usage(cli, "--from and --to are versions that 'edgepress history' lists");
	const struct showing s = { cli, site_store(site), cli_flag(cli, "text") };

	return diff_make(cli->arena, site, from, to, name, n, &bundle, &bundles, &err)
	        && show(&s, bundle, bundles, from, to, &err) ? EXIT_DONE : cli_fail(&err);
}

const struct cli_command cmd_diff = {
	.name = "diff",
	.args = "[TARGET [BUNDLE...]]",
	.summary = "what changed between two versions",
	.help = "Show which documents, files and inputs (templates, libraries) differ between two\n"
		"versions of a target, by default the newest and the one before it. --text shows how\n"
		"each document changed, as a unified diff of its canonical XML.",
	.example = "  edgepress diff local\n"
		   "  edgepress diff local weather/en-us --from 3 --to 5 --text",
	.option = {
		{ "from", "VERSION", "the older one (default: the version before --to)" },
		{ "to", "VERSION", "the newer one (default: what is live)" },
		{ "text", NULL, "the documents' own changes, too" },
	},
	.run = run,
};
