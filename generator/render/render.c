#include "generator/render/render.h"

#include <stdlib.h>

#include "generator/render/renderer.h"

struct job {
	struct arena *arena;
	const struct site_info *site;
	struct renderer *renderer;
	const struct document **newest_first;
	struct digest *key; /* of each */
	size_t n;
	struct rendered *out;
	size_t room;
};

static void
add_files(struct job *j, const struct rendered *files, struct digest key)
{
	struct str hex = digest_str(j->arena, &key);
	for (size_t i = 0; i < files->n; i++) {
		ARENA_GROW(j->arena, j->out->file, j->out->n, j->room);
		struct rendered_file *f = &j->out->file[j->out->n++];
		*f = files->file[i];
		f->path = arena_copy(j->arena, f->path);
		f->body = arena_copy(j->arena, f->body);
		f->key = hex;
	}
}

bool
casualties_refuse(const struct site_info *site, const struct casualty *list, size_t n,
    bool none_left, struct err *err)
{
	bool all_setup = none_left;
	for (size_t i = 0; i < n; i++)
		all_setup = all_setup && list[i].why.code == ERR_SETUP;
	for (size_t i = 0; i < n; i++)
		if (all_setup || site->refuse == NULL
		    || !site->refuse(site->ctx, list[i].document, &list[i].why)) {
			*err = list[i].why;
			return false;
		}
	return true;
}

/* Renders each, and moves those that stay to the front. */
static bool
render_documents(struct job *j, struct err *err)
{
	struct casualty *list = ARENA_ARRAY(j->arena, struct casualty, j->n + 1);
	size_t stay = 0, lost = 0;
	for (size_t i = 0; i < j->n; i++) {
		const struct document *d = j->newest_first[i];
		struct arena *scratch = arena_new();
		struct rendered files;
		struct err why = { 0 };
		if (renderer_document(j->renderer, scratch, d, &files, &why)) {
			j->key[stay] = renderer_document_key(j->renderer, d);
			add_files(j, &files, j->key[stay]);
			j->newest_first[stay++] = d;
		} else {
			list[lost++] = (struct casualty){ d, why };
		}
		arena_free(scratch);
	}
	j->n = stay;
	return casualties_refuse(j->site, list, lost, stay == 0, err);
}

static bool
render_lists(struct job *j, struct err *err)
{
	struct arena *scratch = arena_new();
	struct rendered files;
	bool ok = renderer_lists(j->renderer, scratch, j->newest_first, j->n, j->newest_first,
	    &files, err);
	if (ok)
		add_files(j, &files, renderer_lists_key(j->renderer, j->key, j->n));
	renderer_assets(j->renderer, scratch, &files);
	for (size_t i = 0; ok && i < files.n; i++)
		add_files(j, &(struct rendered){ .file = &files.file[i], .n = 1 },
		    files.file[i].sha256);
	arena_free(scratch);
	return ok;
}

static int
file_cmp(const void *a, const void *b)
{
	return str_cmp(((const struct rendered_file *)a)->path,
	    ((const struct rendered_file *)b)->path);
}

bool
rendered_sort(struct rendered *out, struct err *err)
{
	if (out->n > 0)
		qsort(out->file, out->n, sizeof *out->file, file_cmp);
	for (size_t i = 1; i < out->n; i++)
		if (str_eq(out->file[i - 1].path, out->file[i].path))
			return err_set(err, ERR_INPUT, "two files want to be '%.*s': rename the "
			    "document or the template", STR_ARG(out->file[i].path));
	return true;
}

bool
render_bundle(struct arena *a, const struct catalog *catalog, const struct schemas *schemas,
    const struct site_info *site, struct str vertical, struct str locale,
    const struct document *const *documents, size_t n, struct rendered *out, struct err *err)
{
	struct surfaces *surfaces = ARENA_NEW(a, struct surfaces);
	struct job j = { .arena = a, .site = site, .n = n, .out = out,
		.newest_first = ARENA_ARRAY(a, const struct document *, n + 1),
		.key = ARENA_ARRAY(a, struct digest, n + 1) };
	*out = (struct rendered){ 0 };
	for (size_t i = 0; i < n; i++)
		j.newest_first[i] = documents[i];
	if (n > 0)
		qsort(j.newest_first, n, sizeof *j.newest_first, renderer_order);
	if (!surfaces_load(a, catalog, schemas, vertical, surfaces, err)
	    || !renderer_open(a, catalog, schemas, surfaces, site, vertical, locale, &j.renderer, err)
	    || !render_documents(&j, err) || !render_lists(&j, err))
		return err_in(err, "rendering %.*s/%.*s", STR_ARG(vertical), STR_ARG(locale));
	out->inputs = renderer_inputs(j.renderer);
	return rendered_sort(out, err);
}
