#include "generator/render/render.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"
#include "generator/locale/locale.h"
#include "generator/render/output.h"
#include "generator/render/surface.h"
#include "generator/render/view.h"

#define DOCUMENT_FILE_MAX (4 * 1024 * 1024)
#define BUNDLE_FILE_MAX (64 * 1024 * 1024)

struct job {
	struct arena *arena;
	struct view view;
	struct surfaces surfaces;
	struct locale *locale;
	struct formatter formatter;
	struct digest inputs; /* of rendered.inputs */
	struct rendered *out;
	size_t room;
};

static struct rendered_file *
add_file(struct job *j, struct str path)
{
	ARENA_GROW(j->arena, j->out->file, j->out->n, j->room);
	struct rendered_file *f = &j->out->file[j->out->n++];
	*f = (struct rendered_file){ .path = path, .type = output_type(path) };
	return f;
}

/* "{id}.html" and "seattle" to "seattle.html". */
static struct str
output_path(struct arena *a, struct str name, struct str id)
{
	const char *hole = memmem(name.p, name.n, "{id}", 4);
	if (hole == NULL)
		return name;
	size_t before = (size_t)(hole - name.p);
	return arena_printf(a, "%.*s%.*s%.*s", (int)before, name.p, STR_ARG(id),
	    (int)(name.n - before - 4), hole + 4);
}

/* One template over one view; `scratch` goes when the caller's loop goes on. */
static bool
render_file(struct job *j, struct arena *scratch, const struct surface *s,
    const struct node *view, struct str id, struct str key, size_t max, struct err *err)
{
	struct buf body;
	struct str path = output_path(j->arena, s->name, id);
	if (!path_is_safe(path))
		return err_set(err, ERR_INPUT, "%.*s: '%.*s' is no safe name for a file",
		    STR_ARG(s->path), STR_ARG(path));
	buf_init(&body, max);
	bool ok = template_render(s->template, view, &j->formatter, &body, err)
	    && buf_ok(&body, err) && output_check(scratch, path, buf_str(&body), err);
	if (ok) {
		struct rendered_file *f = add_file(j, path);
		f->document = id;
		f->key = key;
		f->body = arena_copy(j->arena, buf_str(&body));
	}
	buf_release(&body);
	if (ok)
		return true;
	return id.n > 0 ? err_in(err, "%.*s: document '%.*s'", STR_ARG(s->path), STR_ARG(id))
	                : err_in(err, "%.*s", STR_ARG(s->path));
}

/* Hex digest of the inputs and of what this file alone depends on. */
static struct str
key_of(struct job *j, struct str of)
{
	struct buf text;
	buf_init(&text, of.n + sizeof j->inputs.b);
	buf_put(&text, (struct str){ (const char *)j->inputs.b, sizeof j->inputs.b });
	buf_put(&text, of);
	struct digest digest = digest_of(buf_str(&text));
	buf_release(&text);
	return digest_str(j->arena, &digest);
}

static struct str
document_key(struct job *j, struct arena *scratch, const struct document *d)
{
	struct str digest = digest_str(scratch, &d->digest);
	struct str others = view_alternates(scratch, &j->view, d);
	return key_of(j, arena_printf(scratch, "%.*s %.*s", STR_ARG(digest), STR_ARG(others)));
}

static bool
render_document(struct job *j, struct arena *scratch, const struct document *d, struct err *err)
{
	const struct site_info *site = j->view.site;
	struct str key = document_key(j, scratch, d);
	if (site->kept != NULL && site->kept(site->ctx, d->id, key))
		return true;
	const struct node *view = view_document(scratch, &j->view, d, true);
	struct str id = arena_copy(j->arena, d->id);
	for (size_t i = 0; i < j->surfaces.documents; i++)
		if (!render_file(j, scratch, &j->surfaces.document[i], view, id, key,
		        DOCUMENT_FILE_MAX, err))
			return false;
	return true;
}

/* A document without files, and why. */
struct casualty {
	const struct document *document;
	struct err why;
};

/* Hands the casualties to the caller. If no document is left and templates are to blame for
 * all of it, it is the templates that are refused, not the documents. */
static bool
refuse_documents(const struct site_info *site, const struct casualty *list, size_t n, bool none_left,
    struct err *err)
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

/* Renders each, and moves those that stay to the front: *n of them. */
static bool
render_documents(struct job *j, const struct document **documents, size_t *n, struct err *err)
{
	struct casualty *list = ARENA_ARRAY(j->arena, struct casualty, *n + 1);
	size_t stay = 0, lost = 0;
	for (size_t i = 0; i < *n; i++) {
		const struct document *d = documents[i];
		const size_t files = j->out->n;
		struct err why = { 0 };
		struct arena *scratch = arena_new();
		if (render_document(j, scratch, d, &why)) {
			documents[stay++] = d;
		} else {
			list[lost++] = (struct casualty){ d, why };
			j->out->n = files; /* those rendered before the one that failed */
		}
		arena_free(scratch);
	}
	*n = stay;
	return refuse_documents(j->view.site, list, lost, stay == 0, err);
}

static bool
render_whole(struct job *j, struct arena *scratch, const struct document *const *documents,
    size_t n, struct err *err)
{
	struct buf *all = buf_in(scratch, n * sizeof(struct digest) + 64 * 1024);
	for (size_t i = 0; i < n; i++)
		buf_put(all, (struct str){ (const char *)documents[i]->digest.b,
		    sizeof documents[i]->digest.b });
	buf_put(all, view_alternates(scratch, &j->view, NULL));
	struct str key = key_of(j, buf_str(all));
	const struct node *view = view_bundle(scratch, &j->view, documents, n);
	for (size_t i = 0; i < j->surfaces.bundles; i++)
		if (!render_file(j, scratch, &j->surfaces.bundle[i], view, STR(""), key,
		        BUNDLE_FILE_MAX, err))
			return false;
	return true;
}

static void
add_assets(struct job *j)
{
	for (size_t i = 0; i < j->surfaces.assets; i++) {
		const struct asset *asset = &j->surfaces.asset[i];
		struct digest digest = digest_of(asset->body);
		struct rendered_file *f = add_file(j, asset->path);
		f->key = digest_str(j->arena, &digest);
		f->body = asset->body;
	}
}

static int
file_cmp(const void *a, const void *b)
{
	return str_cmp(((const struct rendered_file *)a)->path,
	    ((const struct rendered_file *)b)->path);
}

static bool
sort_files(struct rendered *out, struct err *err)
{
	if (out->n > 0)
		qsort(out->file, out->n, sizeof *out->file, file_cmp);
	for (size_t i = 1; i < out->n; i++)
		if (str_eq(out->file[i - 1].path, out->file[i].path))
			return err_set(err, ERR_INPUT, "two files want to be '%.*s': rename the "
			    "document or the template", STR_ARG(out->file[i].path));
	return true;
}

/* Newest first; of the same moment, by id. */
static int
document_cmp(const void *a, const void *b)
{
	const struct document *x = *(const struct document *const *)a;
	const struct document *y = *(const struct document *const *)b;
	if (x->updated != y->updated)
		return x->updated > y->updated ? -1 : 1;
	return str_cmp(x->id, y->id);
}

static void
set_input(struct job *j, const char *name, struct str text)
{
	(void)json_object_set_new(j->out->inputs, name, json_str(text));
}

/* Everything but the documents that decides about the bytes. */
static bool
record_inputs(struct job *j, const struct schemas *schemas, struct err *err)
{
	const struct site_info *site = j->view.site;
	struct buf *canonical = buf_in(j->arena, 64 * 1024);
	const struct digest *schema = schemas_digest(schemas, j->view.vertical);
	j->out->inputs = json_new_object(j->arena);
	set_input(j, "program", STR(EDGEPRESS_VERSION));
	set_input(j, "icu", str_of(locale_icu_version()));
	set_input(j, "cldr", str_of(locale_cldr_version()));
	set_input(j, "zones", str_of(locale_zones_version()));
	if (schema != NULL)
		set_input(j, "schema", digest_str(j->arena, schema));
	set_input(j, "templates", digest_str(j->arena, &j->surfaces.digest));
	set_input(j, "messages", digest_str(j->arena, locale_digest(j->locale)));
	struct digest about = digest_of(arena_printf(j->arena, "%.*s\n%.*s\n%.*s",
	    STR_ARG(site->name), STR_ARG(site->url), STR_ARG(site->publisher)));
	set_input(j, "site", digest_str(j->arena, &about));
	if (!json_canonical(j->out->inputs, canonical, err))
		return false;
	j->inputs = digest_of(buf_str(canonical));
	return true;
}

static bool
job_open(struct job *j, const struct catalog *catalog, const struct schemas *schemas,
    struct err *err)
{
	struct view *v = &j->view;
	if (!locale_open(j->arena, catalog, v->vertical, v->locale, &j->locale, err)
	    || !surfaces_load(j->arena, catalog, schemas, v->vertical, &j->surfaces, err)
	    || !record_inputs(j, schemas, err))
		return false;
	locale_formatter(j->locale, &j->formatter);
	v->surfaces = &j->surfaces;
	v->lang = locale_bcp47(j->locale);
	v->dir = locale_direction(j->locale);
	v->language = locale_name(j->locale);
	view_prepare(j->arena, v);
	return true;
}

bool
render_bundle(struct arena *a, const struct catalog *catalog, const struct schemas *schemas,
    const struct site_info *site, struct str vertical, struct str locale,
    const struct document *const *documents, size_t n, struct rendered *out, struct err *err)
{
	struct job *j = ARENA_NEW(a, struct job);
	*out = (struct rendered){ 0 };
	j->arena = a;
	j->view = (struct view){ .site = site, .vertical = vertical, .locale = locale };
	j->out = out;
	const struct document **newest_first = ARENA_ARRAY(a, const struct document *, n + 1);
	for (size_t i = 0; i < n; i++)
		newest_first[i] = documents[i];
	if (n > 0)
		qsort(newest_first, n, sizeof(*newest_first), document_cmp);
	struct arena *scratch = arena_new();
	bool ok = job_open(j, catalog, schemas, err) && render_documents(j, newest_first, &n, err)
	    && render_whole(j, scratch, newest_first, n, err);
	arena_free(scratch);
	if (!ok)
		return err_in(err, "rendering %.*s/%.*s", STR_ARG(vertical), STR_ARG(locale));
	add_assets(j);
	return sort_files(out, err);
}
