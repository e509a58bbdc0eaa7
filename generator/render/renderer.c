#include "generator/render/renderer.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/path.h"
#include "generator/locale/locale.h"
#include "generator/render/output.h"
#include "generator/render/view.h"

#define DOCUMENT_FILE_MAX (4 * 1024 * 1024)
#define BUNDLE_FILE_MAX (64 * 1024 * 1024)
#define IDLE_MAX 64

/* A locale belongs to one thread at a time. */
struct desk {
	struct arena *arena;
	struct locale *locale;
	struct formatter formatter;
};

struct desks {
	pthread_mutex_t lock;
	struct desk *idle[IDLE_MAX];
	size_t n;
};

struct renderer {
	struct arena *arena;
	const struct catalog *catalog;
	struct view view;
	struct digest inputs_digest;
	json_t *inputs;
	struct desks *desks;
};

static void
desk_close(struct desk *d)
{
	arena_free(d->arena);
}

static bool
desk_open(const struct renderer *r, struct desk **out, struct err *err)
{
	struct arena *a = arena_new();
	struct desk *d = ARENA_NEW(a, struct desk);
	d->arena = a;
	if (!locale_open(a, r->catalog, r->view.vertical, r->view.locale, &d->locale, err)) {
		arena_free(a);
		return false;
	}
	locale_formatter(d->locale, &d->formatter);
	*out = d;
	return true;
}

static bool
desk_take(const struct renderer *r, struct desk **out, struct err *err)
{
	*out = NULL;
	(void)pthread_mutex_lock(&r->desks->lock);
	if (r->desks->n > 0)
		*out = r->desks->idle[--r->desks->n];
	(void)pthread_mutex_unlock(&r->desks->lock);
	return *out != NULL || desk_open(r, out, err);
}

static void
desk_give(const struct renderer *r, struct desk *d)
{
	(void)pthread_mutex_lock(&r->desks->lock);
	bool kept = r->desks->n < IDLE_MAX;
	if (kept)
		r->desks->idle[r->desks->n++] = d;
	(void)pthread_mutex_unlock(&r->desks->lock);
	if (!kept)
		desk_close(d);
}

static void
desks_close(void *handle)
{
	struct desks *d = handle;
	while (d->n > 0)
		desk_close(d->idle[--d->n]);
	(void)pthread_mutex_destroy(&d->lock);
}

void
renderer_rest(const struct renderer *r)
{
	(void)pthread_mutex_lock(&r->desks->lock);
	while (r->desks->n > 0)
		desk_close(r->desks->idle[--r->desks->n]);
	(void)pthread_mutex_unlock(&r->desks->lock);
}

static void
set_input(const struct renderer *r, const char *name, struct str text)
{
	(void)json_object_set_new(r->inputs, name, json_str(text));
}

/* Everything but the documents that decides about the bytes. */
static bool
record_inputs(struct renderer *r, const struct schemas *schemas, const struct locale *locale,
    struct err *err)
{
	const struct site_info *site = r->view.site;
	struct buf *canonical = buf_in(r->arena, 64 * 1024);
	const struct digest *schema = schemas_digest(schemas, r->view.vertical);
	r->inputs = json_new_object(r->arena);
	set_input(r, "program", STR(EDGEPRESS_VERSION));
	set_input(r, "icu", str_of(locale_icu_version()));
	set_input(r, "cldr", str_of(locale_cldr_version()));
	set_input(r, "zones", str_of(locale_zones_version()));
	if (schema != NULL)
		set_input(r, "schema", digest_str(r->arena, schema));
	set_input(r, "templates", digest_str(r->arena, &r->view.surfaces->digest));
	set_input(r, "messages", digest_str(r->arena, locale_digest(locale)));
	struct digest about = digest_of(arena_printf(r->arena, "%.*s\n%.*s\n%.*s",
	    STR_ARG(site->name), STR_ARG(site->url), STR_ARG(site->publisher)));
	set_input(r, "site", digest_str(r->arena, &about));
	if (!json_canonical(r->inputs, canonical, err))
		return false;
	r->inputs_digest = digest_of(buf_str(canonical));
	return true;
}

bool
renderer_open(struct arena *a, const struct catalog *catalog, const struct schemas *schemas,
    const struct surfaces *surfaces, const struct site_info *site, struct str vertical,
    struct str locale, struct renderer **out, struct err *err)
{
	struct renderer *r = *out = ARENA_NEW(a, struct renderer);
	struct desk *desk;
	r->arena = a;
	r->catalog = catalog;
	r->view = (struct view){ .site = site, .surfaces = surfaces, .vertical = vertical,
		.locale = locale };
	r->desks = ARENA_NEW(a, struct desks);
	(void)pthread_mutex_init(&r->desks->lock, NULL);
	arena_defer(a, desks_close, r->desks);
	if (!desk_open(r, &desk, err))
		return false;
	struct view *v = &r->view;
	v->lang = arena_copy(a, locale_bcp47(desk->locale));
	v->dir = arena_copy(a, locale_direction(desk->locale));
	v->language = arena_copy(a, locale_name(desk->locale));
	view_prepare(a, v);
	bool ok = record_inputs(r, schemas, desk->locale, err);
	desk_give(r, desk);
	return ok;
}

json_t *
renderer_inputs(const struct renderer *r)
{
	return r->inputs;
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

/* One template over one view. */
static bool
render_file(const struct desk *desk, struct arena *a, const struct surface *s,
    const struct node *view, struct str id, size_t max, struct rendered_file *out,
    struct err *err)
{
	struct buf *body = buf_in(a, max);
	struct str path = output_path(a, s->name, id);
	if (!path_is_safe(path))
		return err_set(err, ERR_INPUT, "%.*s: '%.*s' is no safe name for a file",
		    STR_ARG(s->path), STR_ARG(path));
	if (!template_render(s->template, view, &desk->formatter, body, err)
	    || !buf_ok(body, err) || !output_check(a, path, buf_str(body), err))
		return id.n > 0
		    ? err_in(err, "%.*s: document '%.*s'", STR_ARG(s->path), STR_ARG(id))
		    : err_in(err, "%.*s", STR_ARG(s->path));
	*out = (struct rendered_file){ .path = path, .type = output_type(path), .document = id,
		.body = buf_str(body), .sha256 = digest_of(buf_str(body)) };
	return true;
}

static bool
render_files(const struct renderer *r, struct arena *a, const struct surface *surface, size_t n,
    const struct node *view, struct str id, size_t max, struct rendered *out, struct err *err)
{
	struct desk *desk;
	*out = (struct rendered){ .file = ARENA_ARRAY(a, struct rendered_file, n) };
	if (!desk_take(r, &desk, err))
		return false;
	while (out->n < n
	    && render_file(desk, a, &surface[out->n], view, id, max, &out->file[out->n], err))
		out->n++;
	desk_give(r, desk);
	return out->n == n;
}

/* Digest of the inputs and of what these files alone depend on. */
static struct digest
key_of(const struct renderer *r, struct arena *a, struct str of)
{
	struct buf *text = buf_in(a, of.n + sizeof r->inputs_digest.b);
	buf_put(text, (struct str){ (const char *)r->inputs_digest.b, sizeof r->inputs_digest.b });
	buf_put(text, of);
	return digest_of(buf_str(text));
}

struct digest
renderer_document_key(const struct renderer *r, const struct document *d)
{
	struct arena *a = arena_new();
	struct str others = view_alternates(a, &r->view, d);
	struct digest key = key_of(r, a, arena_printf(a, "%.*s %.*s",
	    STR_ARG(digest_str(a, &d->digest)), STR_ARG(others)));
	arena_free(a);
	return key;
}

bool
renderer_document(const struct renderer *r, struct arena *a, const struct document *d,
    struct rendered *out, struct err *err)
{
	const struct surfaces *s = r->view.surfaces;
	const struct node *view = view_document(a, &r->view, d, true);
	return render_files(r, a, s->document, s->documents, view, d->id, DOCUMENT_FILE_MAX, out, err);
}

int
renderer_order(const void *left, const void *right)
{
	const struct document *x = *(const struct document *const *)left;
	const struct document *y = *(const struct document *const *)right;
	if (x->updated != y->updated)
		return x->updated > y->updated ? -1 : 1;
	return str_cmp(x->id, y->id);
}

struct digest
renderer_lists_key(const struct renderer *r, const struct digest *document_key, size_t n)
{
	struct arena *a = arena_new();
	struct buf *all = buf_in(a, n * sizeof *document_key + 64 * 1024);
	buf_printf(all, "%.*s/%.*s ", STR_ARG(r->view.vertical), STR_ARG(r->view.locale));
	buf_put(all, view_alternates(a, &r->view, NULL));
	buf_put(all, (struct str){ (const char *)document_key, n * sizeof *document_key });
	struct digest key = key_of(r, a, buf_str(all));
	arena_free(a);
	return key;
}

bool
renderer_lists(const struct renderer *r, struct arena *a,
    const struct document *const *newest_first, size_t n, const struct document *const *latest,
    struct rendered *out, struct err *err)
{
	const struct surfaces *s = r->view.surfaces;
	const struct node *view = view_bundle(a, &r->view, newest_first, n, latest);
	return render_files(r, a, s->bundle, s->bundles, view, STR(""), BUNDLE_FILE_MAX, out, err);
}

static bool
render_one(const struct renderer *r, struct arena *a, const struct surface *surface,
    const struct node *view, struct str id, size_t max, struct rendered_file *out,
    struct err *err)
{
	struct rendered one;
	if (!render_files(r, a, surface, 1, view, id, max, &one, err))
		return false;
	*out = one.file[0];
	return true;
}

bool
renderer_document_file(const struct renderer *r, struct arena *a, const struct document *d,
    size_t surface, struct rendered_file *out, struct err *err)
{
	return render_one(r, a, &r->view.surfaces->document[surface],
	    view_document(a, &r->view, d, true), d->id, DOCUMENT_FILE_MAX, out, err);
}

bool
renderer_list_file(const struct renderer *r, struct arena *a,
    const struct document *const *newest_first, size_t n, const struct document *const *latest,
    size_t surface, struct rendered_file *out, struct err *err)
{
	return render_one(r, a, &r->view.surfaces->bundle[surface],
	    view_bundle(a, &r->view, newest_first, n, latest), STR(""), BUNDLE_FILE_MAX, out, err);
}

void
renderer_assets(const struct renderer *r, struct arena *a, struct rendered *out)
{
	const struct surfaces *s = r->view.surfaces;
	*out = (struct rendered){ .file = ARENA_ARRAY(a, struct rendered_file, s->assets) };
	for (; out->n < s->assets; out->n++) {
		const struct asset *asset = &s->asset[out->n];
		out->file[out->n] = (struct rendered_file){ .path = asset->path,
			.type = output_type(asset->path), .body = asset->body,
			.sha256 = digest_of(asset->body) };
	}
}
