/* report: the same facts twice, as lines and as JSON. */
#include "publisher/cli/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "publisher/cli/output.h"

static const char change_sign[] = { ' ', '+', '~', '-' };
static const char *const change_word[] = { "none", "added", "changed", "removed" };

void
report_plan(struct arena *a, const struct plan *p)
{
	for (size_t i = 0; i < p->bundles; i++) {
		const struct planned_bundle *b = &p->bundle[i];

		if (b->change == CHANGE_NONE)
			continue;
		printf("%c %.*s/%.*s  documents %zu -> %zu, files %zu\n", change_sign[b->change],
		    STR_ARG(b->vertical), STR_ARG(b->locale), b->before, b->after, b->files);
		for (size_t j = 0; j < b->files; j++)
			printf("  %c %.*s\n", change_sign[b->file[j].change], STR_ARG(b->file[j].path));
	}
	printf("files: %zu added, %zu changed, %zu removed; upload %.*s objects, %.*s bytes; "
	       "purge %zu keys\n", p->added, p->changed, p->removed,
	    STR_ARG(output_count(a, p->blobs)), STR_ARG(output_count(a, p->bytes)), p->keys);
	if (p->renew)
		puts("nothing changed, but signed metadata is due for renewal");
}

enum exit_code
report_unconfirmed(const struct published *done, const struct err *err)
{
	(void)fprintf(stderr, "edgepress: version %" PRId64 " is live, but edges may not be fresh: %s; run "
	                "publish again to finish\n", done->version, err->text);
	return EXIT_UNCONFIRMED;
}

static json_t *
keys_json(const struct str *key, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_str(key[i]));
	return list;
}

static json_t *
bundle_json(const struct planned_bundle *b)
{
	json_t *o = json_object(), *files = json_array();

	json_object_set_new(o, "vertical", json_str(b->vertical));
	json_object_set_new(o, "locale", json_str(b->locale));
	json_object_set_new(o, "change", json_string(change_word[b->change]));
	json_object_set_new(o, "documents_before", json_integer((json_int_t)b->before));
	json_object_set_new(o, "documents_after", json_integer((json_int_t)b->after));
	for (size_t i = 0; i < b->files; i++) {
		json_t *f = json_object();

		json_object_set_new(f, "path", json_str(b->file[i].path));
		json_object_set_new(f, "change", json_string(change_word[b->file[i].change]));
		json_array_append_new(files, f);
	}
	json_object_set_new(o, "files", files);
	return o;
}

void
report_plan_json(json_t *o, const struct plan *p)
{
	json_t *files = json_object(), *bundles = json_array();

	json_object_set_new(files, "added", json_integer((json_int_t)p->added));
	json_object_set_new(files, "changed", json_integer((json_int_t)p->changed));
	json_object_set_new(files, "removed", json_integer((json_int_t)p->removed));
	json_object_set_new(o, "files", files);
	json_object_set_new(o, "upload_objects", json_integer((json_int_t)p->blobs));
	json_object_set_new(o, "upload_bytes", json_integer((json_int_t)p->bytes));
	json_object_set_new(o, "purge", keys_json(p->key, p->keys));
	json_object_set_new(o, "renew", json_boolean(p->renew));
	for (size_t i = 0; i < p->bundles; i++)
		if (p->bundle[i].change != CHANGE_NONE)
			json_array_append_new(bundles, bundle_json(&p->bundle[i]));
	json_object_set_new(o, "bundles", bundles);
}

static void
print_origin(const struct fresh_origin *o)
{
	if (o->confirmed)
		printf("origin %s: serves it\n", o->url);
	else if (o->reached)
		printf("origin %s: NOT confirmed: %s\n", o->url, o->err.text);
	else
		printf("origin %s: not reached; once it runs it follows by itself\n", o->url);
}

void
report_done(struct arena *a, const struct plan *plan, const struct published *done,
    const struct fresh_report *fresh)
{
	if (!done->changed && done->version == 0)
		puts("nothing to publish, and nothing is live yet");
	else if (!done->changed)
		printf("nothing changed; version %" PRId64 " is live\n", done->version);
	else if (plan != NULL)
		printf("version %" PRId64 " is live: %zu files added, %zu changed, %zu removed; "
		       "%.*s bytes uploaded\n", done->version, plan->added, plan->changed,
		    plan->removed, STR_ARG(output_count(a, plan->bytes)));
	else
		printf("version %" PRId64 " is live\n", done->version);
	if (done->conflicts > 0)
		printf("rebased %u times on other publishers' commits\n", done->conflicts);
	for (size_t i = 0; i < fresh->origins; i++)
		print_origin(&fresh->origin[i]);
	for (size_t i = 0; i < fresh->edges; i++)
		printf("edge %.*s: %s\n", STR_ARG(fresh->edge[i].edge->name),
		    fresh->edge[i].confirmed ? "fresh" : fresh->edge[i].err.text);
	if (fresh->finished > 0)
		printf("finished the purges of %u earlier versions\n", fresh->finished);
}

static json_t *
party_json(struct str name, bool confirmed, const struct err *err)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_str(name));
	json_object_set_new(o, "confirmed", json_boolean(confirmed));
	if (!confirmed)
		json_object_set_new(o, "error", json_str(str_of(err->text)));
	return o;
}

void
report_done_json(json_t *o, const struct published *done, const struct fresh_report *fresh)
{
	json_t *origins = json_array(), *edges = json_array();

	json_object_set_new(o, "version", json_integer(done->version));
	json_object_set_new(o, "changed", json_boolean(done->changed));
	json_object_set_new(o, "conflicts", json_integer(done->conflicts));
	json_object_set_new(o, "purged", keys_json(done->key, done->keys));
	for (size_t i = 0; i < fresh->origins; i++)
		json_array_append_new(origins, party_json(str_of(fresh->origin[i].url),
		    fresh->origin[i].confirmed, &fresh->origin[i].err));
	for (size_t i = 0; i < fresh->edges; i++)
		json_array_append_new(edges, party_json(fresh->edge[i].edge->name,
		    fresh->edge[i].confirmed, &fresh->edge[i].err));
	json_object_set_new(o, "origins", origins);
	json_object_set_new(o, "edges", edges);
}
