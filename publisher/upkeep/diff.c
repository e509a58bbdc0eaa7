#include "publisher/upkeep/diff.h"

#include <inttypes.h>
#include <stdlib.h>

#include "publisher/release/site.h"

/* The entries of all shards of `m` that `other` does not have. */
struct entries {
	const struct manifest_document **document;
	size_t documents, documents_room;
	const struct manifest_file **file;
	size_t files, files_room;
};

static int
by_id(const void *a, const void *b)
{
	return str_cmp((*(const struct manifest_document *const *)a)->id,
	    (*(const struct manifest_document *const *)b)->id);
}

static int
by_path(const void *a, const void *b)
{
	return str_cmp((*(const struct manifest_file *const *)a)->path,
	    (*(const struct manifest_file *const *)b)->path);
}

static bool
has_shard(const struct manifest *m, const struct shard *s)
{
	const struct shard *there = shard_at(m->shard, m->shards, s->from);
	return there != NULL && digest_eq(&there->sha256, &s->sha256);
}

static bool
entries_read(struct arena *a, struct store *store, const struct manifest *m,
    const struct manifest *other, struct entries *out, struct err *err)
{
	for (size_t i = 0; i < m->shards; i++) {
		struct str bytes;
		struct tree t;
		if (has_shard(other, &m->shard[i]))
			continue;
		if (!shard_get(a, store, &m->shard[i], &bytes, err) || !tree_read(a, bytes, true, &t, err))
			return false;
		for (size_t k = 0; k < t.documents; k++) {
			ARENA_GROW(a, out->document, out->documents, out->documents_room);
			out->document[out->documents++] = &t.document[k];
		}
		for (size_t k = 0; k < t.files; k++) {
			ARENA_GROW(a, out->file, out->files, out->files_room);
			out->file[out->files++] = &t.file[k];
		}
	}
	if (out->documents > 0)
		qsort(out->document, out->documents, sizeof *out->document, by_id);
	if (out->files > 0)
		qsort(out->file, out->files, sizeof *out->file, by_path);
	return true;
}

static bool
same_document(const struct manifest_document *a, const struct manifest_document *b)
{
	return str_eq(a->title, b->title) && a->updated == b->updated && a->expires == b->expires
	    && digest_eq(&a->source, &b->source) && str_eq(a->provenance, b->provenance);
}

static bool
same_file(const struct manifest_file *a, const struct manifest_file *b)
{
	return digest_eq(&a->form[CODING_NONE].sha256, &b->form[CODING_NONE].sha256)
	    && str_eq(a->type, b->type) && str_eq(a->document, b->document);
}

static enum change
change_of(int order)
{
	return order < 0 ? CHANGE_REMOVED : order > 0 ? CHANGE_ADDED : CHANGE_CHANGED;
}

static void
documents_compare(struct arena *a, const struct entries *old, const struct entries *new,
    struct diff_bundle *out)
{
	size_t room = 0;
	for (size_t i = 0, k = 0; i < old->documents || k < new->documents;) {
		const int order = i == old->documents ? 1 : k == new->documents ? -1
		    : str_cmp(old->document[i]->id, new->document[k]->id);
		const struct manifest_document *was = order <= 0 ? old->document[i++] : NULL;
		const struct manifest_document *is = order >= 0 ? new->document[k++] : NULL;
		if (was != NULL && is != NULL && same_document(was, is))
			continue;
		ARENA_GROW(a, out->document, out->documents, room);
		out->document[out->documents++] = (struct diff_document){ change_of(order), was, is };
	}
}

static void
files_compare(struct arena *a, const struct entries *old, const struct entries *new,
    struct diff_bundle *out)
{
	size_t room = 0;
	for (size_t i = 0, k = 0; i < old->files || k < new->files;) {
		const int order = i == old->files ? 1 : k == new->files ? -1
		    : str_cmp(old->file[i]->path, new->file[k]->path);
		const struct manifest_file *was = order <= 0 ? old->file[i++] : NULL;
		const struct manifest_file *is = order >= 0 ? new->file[k++] : NULL;
		if (was != NULL && is != NULL && same_file(was, is))
			continue;
		ARENA_GROW(a, out->file, out->files, room);
		out->file[out->files++] = (struct diff_file){ change_of(order), was, is };
	}
}

/* Inputs: templates, settings, versions of the program and its libraries */

static struct str
input_of(const struct manifest *m, const char *name)
{
	const char *text = json_string_value(json_object_get(m->inputs, name));
	return str_of(text);
}

static void
input_compare(struct arena *a, const struct manifest *old, const struct manifest *new,
    const char *name, size_t *room, struct diff_bundle *out)
{
	const struct str was = input_of(old, name), is = input_of(new, name);
	if (str_eq(was, is) && (was.p == NULL) == (is.p == NULL))
		return;
	ARENA_GROW(a, out->input, out->inputs, *room);
	out->input[out->inputs++] = (struct diff_input){ str_of(name), was, is };
}

static void
inputs_compare(struct arena *a, const struct manifest *old, const struct manifest *new,
    struct diff_bundle *out)
{
	size_t room = 0;
	json_t *mine = (json_t *)(uintptr_t)old->inputs, *theirs = (json_t *)(uintptr_t)new->inputs;
	for (void *i = json_object_iter(mine); i != NULL; i = json_object_iter_next(mine, i))
		input_compare(a, old, new, json_object_iter_key(i), &room, out);
	for (void *i = json_object_iter(theirs); i != NULL; i = json_object_iter_next(theirs, i))
		if (json_object_get(mine, json_object_iter_key(i)) == NULL)
			input_compare(a, old, new, json_object_iter_key(i), &room, out);
}

/* Bundles */

static bool
version_at(const struct live_bundle *b, int64_t at, const struct bundle_version **out,
    struct err *err)
{
	*out = live_version(b, at);
	return *out != NULL || at < b->first
	    || err_set(err, ERR_ABSENT, "version %" PRId64 " is no longer kept", at);
}

static bool
manifest_at(struct arena *a, struct store *s, const struct live_bundle *b,
    const struct bundle_version *v, struct manifest *out, struct err *err)
{
	*out = (struct manifest){ .inputs = json_new_object(a) };
	return v == NULL || live_manifest(a, s, b->vertical, b->locale, v, out, err);
}

/* out->was == out->is: nothing changed. */
static bool
bundle_compare(struct arena *a, struct store *s, const struct live_bundle *b, int64_t from,
    int64_t to, struct diff_bundle *out, struct err *err)
{
	const struct bundle_version *was, *is;
	struct manifest old, new;
	struct entries before = { 0 }, after = { 0 };
	if (!version_at(b, from, &was, err) || !version_at(b, to, &is, err))
		return false;
	*out = (struct diff_bundle){ .vertical = b->vertical, .locale = b->locale,
		.was = was != NULL ? was->version : 0, .is = is != NULL ? is->version : 0 };
	if (was == is)
		return true;
	if (!manifest_at(a, s, b, was, &old, err) || !manifest_at(a, s, b, is, &new, err)
	    || !entries_read(a, s, &old, &new, &before, err)
	    || !entries_read(a, s, &new, &old, &after, err))
		return false;
	documents_compare(a, &before, &after, out);
	files_compare(a, &before, &after, out);
	inputs_compare(a, &old, &new, out);
	return true;
}

static bool
is_meant(struct str name, const struct str *bundle, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(bundle[i], name))
			return true;
	return n == 0;
}

static bool
names_exist(const struct live *live, const struct str *bundle, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct str locale, vertical = str_cut(bundle[i], '/', &locale);
		if (live_find(live, vertical, locale) == NULL)
			return err_set(err, ERR_INPUT, "no bundle '%.*s' is live", STR_ARG(bundle[i]));
	}
	return true;
}

bool
diff_make(struct arena *a, const struct site *s, int64_t from, int64_t to,
    const struct str *bundle, size_t n, struct diff_bundle **out, size_t *bundles,
    struct err *err)
{
	*bundles = 0;
	if (s->live == NULL)
		return err_set(err, ERR_ABSENT, "nothing is published yet");
	if (!names_exist(s->live, bundle, n, err))
		return false;
	*out = ARENA_ARRAY(a, struct diff_bundle, s->live->bundles);
	for (size_t i = 0; i < s->live->bundles; i++) {
		const struct live_bundle *b = &s->live->bundle[i];
		struct str name = arena_printf(a, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale));
		struct diff_bundle *d = &(*out)[*bundles];
		if (!is_meant(name, bundle, n))
			continue;
		if (!bundle_compare(a, s->store, b, from, to, d, err))
			return err_in(err, "%.*s", STR_ARG(name));
		*bundles += d->was != d->is;
	}
	return true;
}

int64_t
diff_version(const struct live *live, int64_t version)
{
	int64_t newest = 0;
	for (size_t i = 0; i < live->bundles; i++) {
		const struct bundle_version *v = live_version(&live->bundle[i], version);
		if (v != NULL && v->version > newest)
			newest = v->version;
	}
	return newest;
}
