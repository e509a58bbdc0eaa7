/* handover: documents and rendered files become the publisher's input. */
#include "publisher/cli/handover.h"

#include "base/gzip.h"

#define PROVENANCE_MAX (256 * 1024)

static void
put_member(struct buf *b, const char *name, const struct node *value)
{
	if (value == NULL)
		return;
	buf_printf(b, "%c\"%s\":", b->n == 0 ? '{' : ',', name);
	node_to_json(value, b);
}

/* The gates' verdict, from the findings that did not refuse the document. */
static json_t *
verdict_json(struct arena *a, const struct batch_item *item)
{
	json_t *o = json_object(), *warned = json_array();

	json_object_set_new(o, "policy", json_str(digest_str(a, &item->policy->digest)));
	json_object_set_new(o, "verdict", json_string("passed"));
	for (size_t i = 0; i < item->findings; i++)
		json_array_append_new(warned, json_string(item->finding[i].gate));
	json_object_set_new(o, "warnings", warned);
	return o;
}

static bool
provenance_of(struct batch *b, const struct batch_item *item, const struct live_bundle *live,
    struct str *out, struct err *err)
{
	const struct document *d = &item->document;
	struct buf *text = buf_in(b->arena, PROVENANCE_MAX), *sorted = buf_in(b->arena, PROVENANCE_MAX);
	json_t *all;

	if (item->kept && live != NULL) {
		const struct manifest_document *was = manifest_document(live->manifest, d->id);

		if (!json_canonical(was->provenance, sorted, err))
			return false;
		*out = buf_str(sorted);
		return true;
	}
	put_member(text, "made", node_get(d->root, STR("provenance")));
	put_member(text, "sources", node_get(d->root, STR("sources")));
	buf_put(text, STR("}"));
	if (!buf_ok(text, err) || !json_parse(b->arena, buf_str(text), &all, err))
		return err_in(err, "%.*s: provenance", STR_ARG(d->raw.where));
	json_object_set_new(all, "gates", verdict_json(b->arena, item));
	if (!json_canonical(all, sorted, err))
		return err_in(err, "%.*s: provenance", STR_ARG(d->raw.where));
	*out = buf_str(sorted);
	return true;
}

static bool
documents_of(struct batch *b, const struct batch_bundle *from, const struct live_bundle *live,
    struct publish_bundle *to, struct err *err)
{
	struct publish_document *out = ARENA_ARRAY(b->arena, struct publish_document, from->n + 1);

	for (size_t i = 0; i < from->n; i++) {
		const struct document *d = from->document[i];

		out[i] = (struct publish_document){ .id = d->id, .title = d->title,
			.updated = d->updated, .expires = d->expires, .source = d->canonical,
			.sha256 = digest_of(d->canonical) };
		if (!provenance_of(b, from->item[i], live, &out[i].provenance, err))
			return false;
	}
	to->document = out;
	to->documents = from->n;
	return true;
}

static void
files_of(struct batch *b, const struct rendered *from, struct publish_bundle *to)
{
	struct publish_file *out = ARENA_ARRAY(b->arena, struct publish_file, from->n + 1);

	for (size_t i = 0; i < from->n; i++)
		out[i] = (struct publish_file){ .path = from->file[i].path,
			.type = from->file[i].type, .document = from->file[i].document,
			.body = from->file[i].body, .sha256 = digest_of(from->file[i].body) };
	to->file = out;
	to->files = from->n;
	to->inputs = from->inputs;
	/* Rendering knows no codings: the publisher makes them. */
	json_object_set_new(to->inputs, "zlib", json_string(gzip_version()));
}

bool
handover(struct batch *b, const struct batch_bundle *bundle, const struct rendered *rendered,
    size_t n, bool merge, struct site *site, struct publish_bundle **out, struct err *err)
{
	struct publish_bundle *p = *out = ARENA_ARRAY(b->arena, struct publish_bundle, n + 1);

	for (size_t i = 0; i < n; i++) {
		const struct live_bundle *live = site_live(site)
		    ? live_find(site_live(site), bundle[i].vertical, bundle[i].locale) : NULL;

		p[i].vertical = bundle[i].vertical;
		p[i].locale = bundle[i].locale;
		if (merge || bundle[i].kept > 0 || b->refused > 0)
			p[i].based_on = live ? live->current.version : PUBLISH_NOT_LIVE;
		files_of(b, &rendered[i], &p[i]);
		if (!documents_of(b, &bundle[i], live, &p[i], err))
			return false;
	}
	return true;
}
