/* handover: documents and rendered files become the publisher's input. */
#include "publisher/cli/handover.h"

#include "base/coding.h"
#include "generator/gate/setting.h"

#define PROVENANCE_MAX (256 * 1024)
#define REST_EVERY 512 /* documents; then the memory of the stash is given back */

/* The duplicates gate warned after the provenance was written down. */
static bool
warn_again(struct batch *b, const struct batch_item *item, struct str *out, struct err *err)
{
	struct buf *sorted = buf_in(b->arena, PROVENANCE_MAX);
	json_t *all, *warned = json_array();

	for (size_t i = 0; i < item->findings; i++)
		json_array_append_new(warned, json_string(item->finding[i].gate));
	if (!json_parse(b->arena, item->provenance, &all, err)) {
		json_decref(warned);
		return false;
	}
	json_object_set_new(json_object_get(all, "gates"), "warnings", warned);
	if (!json_canonical(all, sorted, err))
		return false;
	*out = buf_str(sorted);
	return true;
}

static bool
provenance_of(struct batch *b, const struct batch_item *item, const struct live_bundle *live,
    struct store *store, struct str *out, struct err *err)
{
	const struct document *d = &item->document;

	if (item->kept && live != NULL) {
		const struct manifest_document *was;

		if (!live_document(live, store, d->id, &was, err))
			return false;
		*out = was != NULL ? was->provenance : STR("{}");
		return true;
	}
	struct str bulk = { item->outline.p, item->outline.n + item->provenance.n };

	if (stash_checksum(bulk) != item->bulk_checksum)
		return err_set(err, ERR_UNTRUSTED, "the cache holds another provenance of '%.*s' than "
		    "it was given", STR_ARG(d->id));
	*out = item->provenance;
	return !item->warned_late || warn_again(b, item, out, err)
	    || err_in(err, "%.*s: provenance", STR_ARG(d->raw.where));
}

static bool
documents_of(struct batch *b, const struct batch_bundle *from, const struct live_bundle *live,
    struct store *store, struct publish_bundle *to, struct err *err)
{
	struct publish_document *out = ARENA_ARRAY(b->arena, struct publish_document, from->n + 1);

	for (size_t i = 0; i < from->n; i++) {
		const struct document *d = &from->item[i]->document;

		out[i] = (struct publish_document){ .id = d->id, .title = d->title,
			.updated = d->updated, .expires = d->expires, .source = d->canonical,
			.sha256 = d->digest };
		if (!provenance_of(b, from->item[i], live, store, &out[i].provenance, err))
			return false;
		if (i % REST_EVERY == REST_EVERY - 1)
			stash_rest(b->stash);
	}
	to->document = out;
	to->documents = from->n;
	return true;
}

/* What the documents had to pass: "copied=reject disclaimer=reject ...". The provenance of a
 * document then needs to name the exceptions only. */
static void
put_policy(struct batch *b, const struct publish_bundle *to)
{
	const struct batch_vertical *v = batch_vertical(b, to->vertical);
	if (v == NULL)
		return;
	const struct policy *p = policy_for(&v->policy, to->locale);
	struct buf *list = buf_in(b->arena, 4096);

	for (size_t i = 0; i < gates_count; i++)
		if (p->severity[i] != SEVERITY_OFF)
			buf_printf(list, "%s%s=%s", list->n > 0 ? " " : "", gates[i].name,
			    severity_word(p->severity[i]));
	json_object_set_new(to->inputs, "gates", json_str(buf_str(list)));
	json_object_set_new(to->inputs, "policy", json_str(digest_str(b->arena, &p->digest)));
	if (p->version.n > 0)
		json_object_set_new(to->inputs, "policy-version", json_str(p->version));
}

static void
files_of(struct batch *b, const struct rendered *from, struct publish_bundle *to)
{
	struct publish_file *out = ARENA_ARRAY(b->arena, struct publish_file, from->n + 1);

	for (size_t i = 0; i < from->n; i++)
		out[i] = (struct publish_file){ .path = from->file[i].path,
			.type = from->file[i].type, .document = from->file[i].document,
			.body = from->file[i].body, .sha256 = from->file[i].sha256 };
	to->file = out;
	to->files = from->n;
	to->inputs = from->inputs;
	put_policy(b, to);
	/* Rendering knows no codings: the publisher makes them. */
	for (int c = CODING_NONE + 1; c < CODINGS; c++)
		json_object_set_new(to->inputs, coding_kinds[c].library,
		    json_str(coding_version(b->arena, (enum coding)c)));
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
		if (!documents_of(b, &bundle[i], live, site_store(site), &p[i], err))
			return false;
	}
	return true;
}
