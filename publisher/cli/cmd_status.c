/* status and history: what is live, and what was. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "publisher/cli/logbook.h"
#include "publisher/cli/expiry.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"

static bool
open_live(struct cli *cli, const struct target_config **target, struct site **site,
    const struct live **live, struct err *err)
{
	struct config config;

	if (!place_config(cli, &config, err) || !place_target(cli, &config, target, err)
	    || !site_open(cli->arena, *target, site, err))
		return false;
	*live = site_live(*site);
	return *live != NULL || err_set(err, ERR_ABSENT,
	    "%s: nothing is published yet; 'edgepress publish %.*s' does it", (*target)->store,
	    STR_ARG((*target)->name));
}

/* Name, version and expiry of every signed file. */
struct signed_file {
	struct str name;
	const struct metadata *meta;
};

static size_t
signed_files(struct arena *a, const struct trusted *t, struct signed_file **out)
{
	struct signed_file *f = *out = ARENA_ARRAY(a, struct signed_file, t->roles + 4);
	size_t n = 0;

	f[n++] = (struct signed_file){ STR("root"), &t->root.meta };
	f[n++] = (struct signed_file){ STR("targets"), &t->targets.meta };
	f[n++] = (struct signed_file){ STR("snapshot"), &t->snapshot.meta };
	f[n++] = (struct signed_file){ STR("timestamp"), &t->timestamp.meta };
	for (size_t i = 0; i < t->roles; i++)
		f[n++] = (struct signed_file){ t->role[i].meta.role, &t->role[i].meta };
	return n;
}

static void
status_text(struct arena *a, const struct target_config *target, const struct live *live)
{
	int64_t now = clock_now();
	struct signed_file *file;
	size_t n = signed_files(a, live->trusted, &file);

	printf("target %.*s: %s, version %" PRId64 "\n\n", STR_ARG(target->name), target->store,
	    live->trusted->snapshot.meta.version);
	printf("%-20s %8s %10s %6s  %s\n", "bundle", "version", "documents", "files", "newest");
	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];

		printf("%-20.*s %8" PRId64 " %10zu %6zu  %.*s\n",
		    STR_ARG(arena_printf(a, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale))),
		    b->current.version, b->manifest->documents, b->manifest->files,
		    STR_ARG(time_rfc3339(a, b->manifest->updated)));
	}
	printf("\n%-20s %8s  %s\n", "signed", "version", "expires");
	for (size_t i = 0; i < n; i++)
		printf("%-20.*s %8" PRId64 "  %.*s (%.*s)%s\n", STR_ARG(file[i].name),
		    file[i].meta->version, STR_ARG(time_rfc3339(a, file[i].meta->expires)),
		    STR_ARG(output_age(a, file[i].meta->expires, now)),
		    file[i].meta->expires > now ? "" : i == 0 ? "  EXPIRED: run edgepress keys renew"
		                                              : "  EXPIRED: run edgepress timestamp");
}

static json_t *
status_json(struct arena *a, const struct target_config *target, const struct live *live)
{
	json_t *o = json_new_object(a), *bundles = json_array(), *files = json_object();
	struct signed_file *file;
	size_t n = signed_files(a, live->trusted, &file);

	json_object_set_new(o, "target", json_str(target->name));
	json_object_set_new(o, "store", json_string(target->store));
	json_object_set_new(o, "version", json_integer(live->trusted->snapshot.meta.version));
	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];
		json_t *e = json_object();

		json_object_set_new(e, "vertical", json_str(b->vertical));
		json_object_set_new(e, "locale", json_str(b->locale));
		json_object_set_new(e, "version", json_integer(b->current.version));
		json_object_set_new(e, "documents", json_integer((json_int_t)b->manifest->documents));
		json_object_set_new(e, "files", json_integer((json_int_t)b->manifest->files));
		json_object_set_new(e, "updated", json_str(time_rfc3339(a, b->manifest->updated)));
		json_array_append_new(bundles, e);
	}
	for (size_t i = 0; i < n; i++) {
		json_t *e = json_object();

		json_object_set_new(e, "version", json_integer(file[i].meta->version));
		json_object_set_new(e, "expires", json_str(time_rfc3339(a, file[i].meta->expires)));
		json_object_set_new(files, file[i].name.p, e);
	}
	json_object_set_new(o, "bundles", bundles);
	json_object_set_new(o, "signed", files);
	return o;
}

static enum exit_code
run_status(struct cli *cli)
{
	const struct target_config *target;
	const struct live *live;
	struct site *site;
	struct err err = { 0 };

	if (!open_live(cli, &target, &site, &live, &err))
		return cli_fail(&err);
	expiry_warn(cli->arena, live->trusted, clock_now());
	if (cli->json) {
		json_t *o = status_json(cli->arena, target, live);

		expiry_json(cli->arena, live->trusted, clock_now(), o);
		output_json(o);
	} else
		status_text(cli->arena, target, live);
	return EXIT_DONE;
}

/* One bundle's part in one version. */
struct past {
	const struct live_bundle *bundle;
	const struct bundle_version *version;
	bool live;
};

static int
newest_first(const void *left, const void *right)
{
	const struct past *l = left, *r = right;

	if (l->version->version != r->version->version)
		return l->version->version < r->version->version ? 1 : -1;
	return l->bundle < r->bundle ? -1 : l->bundle > r->bundle; /* live's own order */
}

static size_t
past_versions(struct arena *a, const struct live *live, struct past **out)
{
	struct past *p = NULL;
	size_t n = 0, room = 0;

	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];

		ARENA_GROW(a, p, n, room);
		p[n++] = (struct past){ b, &b->current, true };
		for (size_t j = 0; j < b->histories; j++) {
			ARENA_GROW(a, p, n, room);
			p[n++] = (struct past){ b, &b->history[j], false };
		}
	}
	if (n > 0)
		qsort(p, n, sizeof *p, newest_first);
	*out = p;
	return n;
}

/* What the log tells of the versions. */
struct told {
	struct record *record;
	size_t n;
};

static const struct record *
told_of(const struct told *t, int64_t version)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->record[i].version == version)
			return &t->record[i];
	return NULL;
}

static json_t *
version_json(struct arena *a, const struct bundle_version *v, const struct record *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "version", json_integer(v->version));
	json_object_set_new(o, "time", json_str(time_rfc3339(a, v->time)));
	json_object_set_new(o, "note", json_str(v->note));
	json_object_set_new(o, "bundles", json_array());
	if (r != NULL) {
		json_object_set_new(o, "kind", json_str(r->kind));
		json_object_set_new(o, "actor", json_str(r->actor));
		json_object_set_new(o, "run", json_str(r->run));
		json_object_set_new(o, "input", json_str(digest_str(a, &r->input)));
	}
	return o;
}

static void
version_text(struct arena *a, const struct bundle_version *v, const struct record *r)
{
	printf("version %" PRId64 "  %.*s  %.*s", v->version, STR_ARG(time_rfc3339(a, v->time)),
	    STR_ARG(v->note));
	if (r != NULL)
		printf("  by %.*s%s%.*s, input %.12s", STR_ARG(r->actor), r->run.n > 0 ? " in " : "",
		    STR_ARG(r->run), digest_str(a, &r->input).p);
	puts("");
}

static enum exit_code
run_history(struct cli *cli)
{
	const struct target_config *target;
	const struct live *live;
	struct site *site;
	struct past *past;
	struct told told = { 0 };
	struct err err = { 0 };

	if (!open_live(cli, &target, &site, &live, &err))
		return cli_fail(&err);
	size_t n = past_versions(cli->arena, live, &past);

	/* What can be rolled back to is told in any case: that may be what is needed now. */
	if (n > 0 && !logbook_since(cli->arena, site_store(site), live->trusted,
	    past[n - 1].version->version, &told.record, &told.n, &err)) {
		(void)fprintf(stderr, "edgepress: who and from which input cannot be told: log: %s\n", err.text);
		told.n = 0;
	}
	json_t *list = json_new_array(cli->arena), *o = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct bundle_version *v = past[i].version;
		struct str name = arena_printf(cli->arena, "%.*s/%.*s",
		    STR_ARG(past[i].bundle->vertical), STR_ARG(past[i].bundle->locale));

		if (i == 0 || past[i - 1].version->version != v->version) {
			const struct record *r = told_of(&told, v->version);

			o = version_json(cli->arena, v, r);
			json_array_append_new(list, o);
			if (!cli->json) {
				fputs(i > 0 ? "\n" : "", stdout);
				version_text(cli->arena, v, r);
			}
		}
		json_array_append_new(json_object_get(o, "bundles"), json_str(name));
		if (!cli->json)
			printf("  %.*s%s\n", STR_ARG(name), past[i].live ? "  (live)" : "");
	}
	if (cli->json)
		output_json(list);
	return EXIT_DONE;
}

const struct cli_command cmd_status = {
	.name = "status",
	.args = "[TARGET]",
	.summary = "what is live: versions, bundles, expiries",
	.help = "Show the live version of a target's store, every bundle in it, and when each\n"
		"signed file expires. Everything shown was verified against the trusted root.",
	.example = "  edgepress status local",
	.option = { { 0 } },
	.run = run_status,
};

const struct cli_command cmd_history = {
	.name = "history",
	.args = "[TARGET]",
	.summary = "the versions that can be rolled back to",
	.help = "List the versions that a target keeps, newest first: when, why, by whom, from which\n"
		"input, and which bundles changed in each; 'edgepress audit' tells all there ever were.\n"
		"'edgepress rollback --to VERSION' makes one live again, and /@VERSION/ in front of a\n"
		"URL's path shows it.",
	.example = "  edgepress history local",
	.option = { { 0 } },
	.run = run_history,
};
