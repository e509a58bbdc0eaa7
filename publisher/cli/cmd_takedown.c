/* takedown: documents gone at once, everywhere, until that is lifted. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"
#include "publisher/cli/relist.h"
#include "publisher/cli/report.h"
#include "publisher/release/actor.h"
#include "publisher/release/fresh.h"

#define TRIES 20

/* "weather/en-us/seattle", or "weather/seattle": in every locale. */
struct subject {
	struct str name, vertical, locale, id; /* locale: n == 0 means all */
	bool found;
};

/* All of one run; filled stage by stage. */
struct run {
	struct cli *cli;
	struct config config;
	const struct target_config *target;
	struct batch_options options;
	struct progress progress;
	struct site *site;
	struct subject *subject;
	size_t subjects;
	struct str reason;
	bool lift;
	struct publish_bundle *input;
	size_t inputs;
	size_t documents;       /* that are taken down, or let in again */
	struct plan *plan;
	struct published done;
	struct err unrendered;  /* why lists are left out; code 0: they are rendered */
};

static bool
subject_read(struct str name, struct subject *out, struct err *err)
{
	struct str rest, more;

	*out = (struct subject){ .name = name };
	out->vertical = str_cut(name, '/', &rest);
	out->id = str_cut(rest, '/', &more);
	if (more.p != NULL) {
		out->locale = out->id;
		out->id = more;
	}
	return (name_is_safe(out->vertical, VERTICAL_MAX) && name_is_safe(out->id, ID_MAX)
	           && (out->locale.n == 0 || name_is_safe(out->locale, LOCALE_MAX)))
	    || err_set(err, ERR_INPUT, "'%.*s' is no document: name it VERTICAL/LOCALE/ID, or "
	        "VERTICAL/ID for all locales", STR_ARG(name));
}

/* In a version that is still kept? Its URLs are served, too. */
static bool
is_in_version(struct run *r, struct arena *a, const struct live_bundle *b,
    const struct bundle_version *v, struct str id, bool *out, struct err *err)
{
	struct store *store = site_store(r->site);
	struct manifest m;
	struct tree tree;
	struct str bytes;

	*out = false;
	if (!live_manifest(a, store, b->vertical, b->locale, v, &m, err))
		return false;
	const struct shard *s = manifest_shard(&m, id);

	if (s == NULL)
		return true;
	if (!shard_get(a, store, s, &bytes, err) || !tree_read(a, bytes, false, &tree, err))
		return false;
	*out = tree_document(&tree, id) != NULL;
	return true;
}

static bool
is_in_history(struct run *r, const struct live_bundle *b, struct str id, bool *out,
    struct err *err)
{
	bool ok = true;

	*out = false;
	for (size_t i = 0; ok && !*out && i < b->histories; i++) {
		struct arena *a = arena_new();

		ok = is_in_version(r, a, b, &b->history[i], id, out, err);
		arena_free(a);
	}
	return ok;
}

static bool
is_there(struct run *r, const struct live_bundle *b, struct str id, bool *out, struct err *err)
{
	const struct manifest_document *d;

	*out = true;
	if (manifest_tombstone(b->manifest, id) != NULL)
		return true;
	if (!live_document(b, site_store(r->site), id, &d, err))
		return false;
	return d != NULL || is_in_history(r, b, id, out, err);
}

static int
by_id(const void *a, const void *b)
{
	return str_cmp(((const struct tombstone *)a)->id, ((const struct tombstone *)b)->id);
}

static bool
is_named(const struct tombstone *list, size_t n, struct str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].id, id))
			return true;
	return false;
}

/* The tombstones that the bundle shall have; false in *changed if those are what it has. */
static bool
tombstones_make(struct run *r, const struct live_bundle *b, struct publish_bundle *out,
    bool *changed, struct err *err)
{
	const struct manifest *m = b->manifest;
	struct arena *a = r->cli->arena;
	struct tombstone *list = ARENA_ARRAY(a, struct tombstone, m->tombstones + r->subjects + 1);
	struct str who = actor_now(a).who;
	size_t n = 0;

	*changed = false;
	for (size_t i = 0; i < m->tombstones; i++) {
		bool lifted = false;

		for (size_t k = 0; r->lift && k < r->subjects; k++)
			lifted |= r->subject[k].found && str_eq(r->subject[k].id, m->tombstone[i].id);
		*changed |= lifted;
		r->documents += lifted;
		if (!lifted)
			list[n++] = m->tombstone[i];
	}
	for (size_t k = 0; !r->lift && k < r->subjects; k++) {
		if (!r->subject[k].found || is_named(list, n, r->subject[k].id))
			continue;
		list[n++] = (struct tombstone){ r->subject[k].id, clock_now(), r->reason, who };
		*changed = true;
		r->documents++;
	}
	if (n > TOMBSTONES_MAX)
		return err_set(err, ERR_LIMIT, "%.*s/%.*s: more than %d documents taken down",
		    STR_ARG(b->vertical), STR_ARG(b->locale), TOMBSTONES_MAX);
	if (n > 1)
		qsort(list, n, sizeof *list, by_id);
	*out = (struct publish_bundle){ .vertical = b->vertical, .locale = b->locale,
		.tombstone = list, .tombstones = n, .buries = true };
	return true;
}

/* Which of the subjects this bundle has; their `found` says so. */
static bool
subjects_in(struct run *r, const struct live_bundle *b, bool *any, bool *known, struct err *err)
{
	*any = false;
	for (size_t i = 0; i < r->subjects; i++) {
		struct subject *s = &r->subject[i];

		s->found = false;
		if (!str_eq(s->vertical, b->vertical)
		    || (s->locale.n > 0 && !str_eq(s->locale, b->locale)))
			continue;
		if (!is_there(r, b, s->id, &s->found, err))
			return false;
		*any |= s->found;
		known[i] |= s->found;
	}
	return true;
}

static bool
inputs_make(struct run *r, struct err *err)
{
	const struct live *live = site_live(r->site);
	bool *known = ARENA_ARRAY(r->cli->arena, bool, r->subjects + 1);

	if (live == NULL)
		return err_set(err, ERR_ABSENT, "nothing is published yet");
	r->input = ARENA_ARRAY(r->cli->arena, struct publish_bundle, live->bundles + 1);
	r->inputs = r->documents = 0;
	for (size_t i = 0; i < live->bundles; i++) {
		bool any, changed;

		if (!subjects_in(r, &live->bundle[i], &any, known, err))
			return false;
		if (any && !tombstones_make(r, &live->bundle[i], &r->input[r->inputs], &changed, err))
			return false;
		r->inputs += any && changed;
	}
	for (size_t i = 0; i < r->subjects; i++)
		if (!known[i])
			return err_set(err, ERR_ABSENT, "%.*s is neither live nor in a kept version: is it "
			    "the right name?", STR_ARG(r->subject[i].name));
	return true;
}

/* Lists are rendered anew where that can be done; a takedown does not wait for templates. */
static bool
bundles_make(struct run *r, struct err *err)
{
	struct arena *a = r->cli->arena;
	struct batch *batch = ARENA_NEW(a, struct batch);

	r->unrendered = (struct err){ 0 };
	if (r->inputs == 0)
		return true;
	batch->progress = r->progress;
	if (!r->lift && !cli_flag(r->cli, "without-lists")
	    && place_catalog(a, &r->config, &batch->catalog, &r->unrendered)
	    && relist(a, &r->config, &r->options, r->site, batch, r->input, r->inputs,
	        &r->unrendered)) {
		batch_commit(batch);
		return true;
	}
	return relist(a, &r->config, &r->options, r->site, NULL, r->input, r->inputs, err);
}

static bool
make(struct run *r, struct err *err)
{
	return inputs_make(r, err) && bundles_make(r, err)
	    && publish_plan(r->cli->arena, r->site, r->input, r->inputs, &r->plan, err);
}

static struct str
note_make(const struct run *r)
{
	struct buf *note = buf_in(r->cli->arena, 4096);

	buf_put(note, r->lift ? STR("lift takedown of") : STR("takedown of"));
	for (size_t i = 0; i < r->subjects && i < 8; i++)
		buf_printf(note, " %.*s", STR_ARG(r->subject[i].name));
	if (!r->lift)
		buf_printf(note, ": %.*s", STR_ARG(r->reason));
	return buf_str(note);
}

/* Once more from what is live now if another publisher was faster with one of the bundles. */
static bool
commit(struct run *r, struct err *err)
{
	for (unsigned tries = 1;; tries++) {
		if (make(r, err)
		    && (cli_flag(r->cli, "dry-run")
		        || publish_commit(r->cli->arena, r->site, r->input, r->inputs, note_make(r),
		            &r->progress, &r->done, err)))
			return true;
		if (err->code != ERR_STALE || tries == TRIES || !site_reload(r->site, err))
			return false;
	}
}

static void
warn_unrendered(const struct run *r)
{
	if (r->unrendered.code != 0)
		(void)fprintf(stderr, "edgepress: lists that named it are left out, because they could not "
		                "be rendered: %s; publish again to have them\n", r->unrendered.text);
}

static void
show(struct run *r, const struct fresh_report *fresh)
{
	const bool dry = cli_flag(r->cli, "dry-run");

	if (r->cli->json) {
		json_t *o = json_new_object(r->cli->arena);

		json_object_set_new(o, "documents", json_integer((json_int_t)r->documents));
		json_object_set_new(o, "lists", json_string(r->unrendered.code != 0
		        || cli_flag(r->cli, "without-lists") ? "left out" : "rendered"));
		json_object_set_new(o, "dry_run", json_boolean(dry));
		report_plan_json(o, r->plan);
		if (!dry)
			report_done_json(o, &r->done, fresh);
		output_json(o);
	} else if (dry) {
		report_plan(r->cli->arena, r->plan);
		puts("dry run: nothing was written");
	} else {
		printf("%zu documents %s\n", r->documents, r->lift ? "may be published again" : "taken down");
		report_done(r->cli->arena, r->plan, &r->done, fresh);
	}
}

static bool
subjects_read(struct run *r, struct err *err)
{
	r->subjects = r->cli->args - 1;
	r->subject = ARENA_ARRAY(r->cli->arena, struct subject, r->subjects + 1);
	for (size_t i = 0; i < r->subjects; i++)
		if (!subject_read(str_of(r->cli->arg[i + 1]), &r->subject[i], err))
			return false;
	return true;
}

static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ')
			return false;
	return str_is_utf8(s);
}

static enum exit_code
run(struct cli *cli)
{
	struct run *r = ARENA_NEW(cli->arena, struct run);
	const char *reason = cli_value(cli, "reason");
	struct fresh_report fresh = { 0 };
	struct err err = { 0 };

	r->cli = cli;
	r->lift = cli_flag(cli, "lift");
	if (cli->args < 2)
		return cli_usage(cli, "a target and at least one document are needed");
	if (!r->lift && (reason == NULL || *reason == '\0'))
		return cli_usage(cli, "--reason TEXT is needed: it is signed, and public");
	r->reason = reason != NULL ? str_of(reason) : STR("");
	if (r->reason.n > TOMBSTONE_TEXT)
		return cli_usage(cli, "--reason has at most %d bytes", TOMBSTONE_TEXT);
	if (!is_plain(r->reason))
		return cli_usage(cli, "--reason is to be one line of UTF-8");
	if (!subjects_read(r, &err))
		return cli_usage(cli, "%s", err.text);
	output_progress(cli, &r->progress);
	if (!place_config(cli, &r->config, &err) || !place_target(cli, &r->config, &r->target, &err)
	    || !batch_options(cli, &r->config, &r->options, &err)
	    || !site_open(cli->arena, r->target, &r->site, &err) || !commit(r, &err))
		return cli_fail(&err);
	warn_unrendered(r);
	if (!cli_flag(cli, "dry-run")
	    && !fresh_make(cli->arena, r->site, r->target, &r->done, &fresh, &err))
		return report_unconfirmed(&r->done, &err);
	show(r, &fresh);
	return cli_flag(cli, "dry-run") || fresh.done ? EXIT_DONE : EXIT_UNCONFIRMED;
}

const struct cli_command cmd_takedown = {
	.name = "takedown",
	.args = "TARGET DOCUMENT... --reason TEXT | --lift",
	.summary = "documents gone at once, everywhere, until that is lifted",
	.help = "Take documents (VERTICAL/LOCALE/ID, or VERTICAL/ID for all locales) off the site:\n"
		"their pages and data, also those of kept versions, answer 410, lists are rendered\n"
		"without them, and every edge forgets them. Who did it, when and why is signed with\n"
		"the bundle, and public. Later publishes refuse them, and no rollback brings them\n"
		"back, until --lift. Running it twice does nothing more.",
	.example = "  edgepress takedown local weather/en-us/oakland --reason 'wrong numbers' --dry-run\n"
		   "  edgepress takedown local weather/en-us/oakland --reason 'wrong numbers'\n"
		   "  edgepress takedown local weather/en-us/oakland --lift",
	.option = {
		{ "reason", "TEXT", "why; kept under the signature" },
		{ "lift", NULL, "the documents may be published again" },
		{ "without-lists", NULL, "render nothing: leave out lists that name them" },
		{ "dry-run", NULL, "show the plan; write nothing anywhere" },
		BATCH_OPTIONS,
	},
	.run = run,
};
