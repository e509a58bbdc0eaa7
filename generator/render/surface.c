#include "generator/render/surface.h"

#include <stdlib.h>

#include "base/path.h"
#include "generator/render/view_shape.h"

/* Lives as long as the templates: the compiler's partials come through it. */
struct loader {
	struct arena *arena;
	const struct catalog *catalog;
	const struct schemas *schemas;
	struct str vertical;
	struct surfaces *out;
	struct buf *seen; /* name and digest of every file: what the surfaces' digest is over */
};

static const char *
folder_of(const struct loader *l, bool shared, const char *kind)
{
	struct str owner = shared ? STR("shared") : l->vertical;
	return arena_printf(l->arena, "templates/%.*s/%s", STR_ARG(owner), kind).p;
}

static bool
load_file(const struct loader *l, const char *name, struct str *text, struct str *path,
    struct err *err)
{
	const char *found;
	if (!catalog_read(l->arena, l->catalog, name, text, &found, err))
		return false;
	*path = str_of(found);
	return true;
}

/* A partial of a single line loses its line end: it can stand inside a line. */
static struct str
without_line_end(struct str text)
{
	const char *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
	bool is_single = end != NULL && end + 1 == text.p + text.n;
	return is_single ? (struct str){ text.p, text.n - 1 } : text;
}

static bool
source_partial(void *ctx, struct str name, struct str *text, struct str *path, struct err *err)
{
	const struct loader *l = ctx;
	if (!path_is_safe(name) || memchr(name.p, '/', name.n) != NULL)
		return err_set(err, ERR_INPUT, "'%.*s' is no name of a partial", STR_ARG(name));
	for (int shared = 0; shared < 2; shared++) {
		const char *file = arena_printf(l->arena, "%s/%.*s",
		    folder_of(l, shared, "partials"), STR_ARG(name)).p;
		if (!catalog_has(l->arena, l->catalog, file))
			continue;
		if (!load_file(l, file, text, path, err))
			return false;
		*text = without_line_end(*text);
		return true;
	}
	return err_set(err, ERR_ABSENT, "no partial '%.*s' in templates/%.*s/partials nor "
	    "templates/shared/partials", STR_ARG(name), STR_ARG(l->vertical));
}

/* "facts.note" is judged by its last name. */
static bool
source_is_markup(void *ctx, struct str name)
{
	const struct loader *l = ctx;
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '.')
			return schemas_is_markup(l->schemas, l->vertical,
			    (struct str){ name.p + i, name.n - i });
	return schemas_is_markup(l->schemas, l->vertical, name);
}

static int
message_cmp(const void *a, const void *b)
{
	return str_cmp(((const struct surface_message *)a)->key,
	    ((const struct surface_message *)b)->key);
}

static bool
source_has_message(void *ctx, struct str key, struct str where)
{
	const struct loader *l = ctx;
	const struct surface_message wanted = { .key = key };
	struct surface_message *found = l->out->messages == 0 ? NULL
	    : bsearch(&wanted, l->out->message, l->out->messages, sizeof wanted, message_cmp);
	if (found != NULL && found->used.n == 0)
		found->used = where;
	return found != NULL;
}

static int
name_cmp(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

struct names {
	struct str *item;
	size_t n;
};

/* Files of the kind in the vertical's folder and in the shared one, each name once. */
static bool
list_names(const struct loader *l, const char *kind, struct names *out, struct err *err)
{
	struct names own = { 0 }, shared = { 0 };
	if (!catalog_list(l->arena, l->catalog, folder_of(l, false, kind), &own.item, &own.n, err)
	    || !catalog_list(l->arena, l->catalog, folder_of(l, true, kind), &shared.item,
	        &shared.n, err))
		return false;
	if (own.n + shared.n > SURFACE_FILES)
		return err_set(err, ERR_LIMIT, "%zu files in the folders %s, at most %d",
		    own.n + shared.n, kind, SURFACE_FILES);
	out->item = ARENA_ARRAY(l->arena, struct str, own.n + shared.n + 1);
	out->n = 0;
	for (size_t i = 0; i < own.n; i++)
		out->item[out->n++] = own.item[i];
	for (size_t i = 0; i < shared.n; i++) {
		bool replaced = false;
		for (size_t k = 0; k < own.n; k++)
			replaced = replaced || str_eq(own.item[k], shared.item[i]);
		if (!replaced)
			out->item[out->n++] = shared.item[i];
	}
	qsort(out->item, out->n, sizeof *out->item, name_cmp);
	return true;
}

/* The file of that name, from the vertical's folder if it is there. */
static bool
read_named(const struct loader *l, const char *kind, struct str name, struct str *text,
    struct str *path, struct err *err)
{
	const char *own =
	    arena_printf(l->arena, "%s/%.*s", folder_of(l, false, kind), STR_ARG(name)).p;
	const char *shared =
	    arena_printf(l->arena, "%s/%.*s", folder_of(l, true, kind), STR_ARG(name)).p;
	if (!load_file(l, catalog_has(l->arena, l->catalog, own) ? own : shared, text, path, err))
		return false;
	struct digest digest = digest_of(*text);
	buf_put(l->seen, str_of(kind));
	buf_put(l->seen, name);
	buf_put(l->seen, (struct str){ (const char *)digest.b, sizeof digest.b });
	return true;
}

static bool
load_templates(struct loader *l, const char *kind, struct surface **out, size_t *n,
    struct err *err)
{
	struct template_source *source = ARENA_NEW(l->arena, struct template_source);
	*source = (struct template_source){ .ctx = l, .partial = source_partial,
		.is_markup = source_is_markup, .has_message = source_has_message };
	struct names names;
	if (!list_names(l, kind, &names, err))
		return false;
	*out = ARENA_ARRAY(l->arena, struct surface, names.n + 1);
	*n = names.n;
	for (size_t i = 0; i < names.n; i++) {
		struct surface *s = &(*out)[i];
		struct str text;
		s->name = names.item[i];
		if (!read_named(l, kind, s->name, &text, &s->path, err)
		    || !template_compile(l->arena, s->path, text, template_type_of(s->name),
		        source, &s->template, err))
			return false;
	}
	return true;
}

/* "page.css" becomes "assets/page.0123456789ab.css": a changed file has a new address. */
static bool
load_assets(struct loader *l, struct surfaces *out, struct err *err)
{
	struct names names;
	if (!list_names(l, "assets", &names, err))
		return false;
	out->asset = ARENA_ARRAY(l->arena, struct asset, names.n + 1);
	out->assets = names.n;
	for (size_t i = 0; i < names.n; i++) {
		struct asset *asset = &out->asset[i];
		struct str ignored, name = names.item[i];
		char hex[DIGEST_HEX + 1];
		const char *dot = memrchr(name.p, '.', name.n);
		if (dot == NULL || !path_is_safe(name))
			return err_set(err, ERR_INPUT, "asset '%.*s': the name must be lower-case "
			    "with an ending, as in page.css", STR_ARG(name));
		if (!read_named(l, "assets", name, &asset->body, &ignored, err))
			return false;
		struct digest digest = digest_of(asset->body);
		digest_hex(&digest, hex);
		asset->name = name;
		asset->path = arena_printf(l->arena, "assets/%.*s.%.12s%.*s", (int)(dot - name.p),
		    name.p, hex, (int)(name.p + name.n - dot), dot);
	}
	return true;
}

/* Partials count into the digest whether or not a template uses them. */
static bool
see_partials(const struct loader *l, struct err *err)
{
	struct names names;
	struct str text, path;
	if (!list_names(l, "partials", &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!read_named(l, "partials", names.item[i], &text, &path, err))
			return false;
	return true;
}

/* Every name in every template leads somewhere; in shared ones, in some vertical. */
static bool
judge_names(const struct loader *l, const struct surface *s, size_t n,
    const struct shape *(*shape)(struct arena *, const struct schemas *, struct str vertical,
        const struct surfaces *),
    const struct surfaces *surfaces, struct err *err)
{
	struct str *vertical;
	size_t verticals;
	if (!catalog_verticals(l->arena, l->catalog, &vertical, &verticals, err))
		return false;
	const struct shape **root = ARENA_ARRAY(l->arena, const struct shape *, verticals + 1);
	struct names_shared shared = { STR("/templates/shared/"), root, 0 };
	for (size_t i = 0; i < verticals; i++)
		if (!str_eq(vertical[i], l->vertical))
			root[shared.n++] = shape(l->arena, l->schemas, vertical[i], surfaces);
	const struct shape *own = shape(l->arena, l->schemas, l->vertical, surfaces);
	for (size_t i = 0; i < n; i++)
		if (!template_names(s[i].template, own, &shared, err))
			return false;
	return true;
}

/* The keys of all files messages/<tag>.json in one folder, as they come. */
static bool
gather_keys(const struct loader *l, const char *dir, size_t *room, struct err *err)
{
	struct surfaces *out = l->out;
	struct str *names;
	size_t n;
	if (!catalog_list(l->arena, l->catalog, dir, &names, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *path, *key;
		struct str text;
		json_t *root, *value;
		if (!str_ends(names[i], STR(".json")))
			continue;
		if (!catalog_read(l->arena, l->catalog,
		        arena_printf(l->arena, "%s/%.*s", dir, STR_ARG(names[i])).p, &text, &path, err))
			return false;
		if (!json_parse(l->arena, text, &root, err))
			return err_in(err, "%s", path);
		json_object_foreach(root, key, value) {
			ARENA_GROW(l->arena, out->message, out->messages, *room);
			out->message[out->messages++] = (struct surface_message){ .key = str_of(key) };
		}
	}
	return true;
}

static bool
load_keys(const struct loader *l, struct err *err)
{
	struct surfaces *out = l->out;
	size_t room = 0, kept = 0;
	out->message = NULL;
	out->messages = 0;
	if (!gather_keys(l, "templates/messages", &room, err)
	    || !gather_keys(l, folder_of(l, false, "messages"), &room, err))
		return false;
	if (out->messages > 0)
		qsort(out->message, out->messages, sizeof *out->message, message_cmp);
	for (size_t i = 0; i < out->messages; i++)
		if (kept == 0 || !str_eq(out->message[kept - 1].key, out->message[i].key))
			out->message[kept++] = out->message[i];
	out->messages = kept;
	return true;
}

bool
surfaces_load(struct arena *a, const struct catalog *catalog, const struct schemas *schemas,
    struct str vertical, struct surfaces *out, struct err *err)
{
	struct loader *l = ARENA_NEW(a, struct loader);
	*l = (struct loader){ a, catalog, schemas, vertical, out, buf_in(a, 1024 * 1024) };
	if (!load_keys(l, err) || !load_templates(l, "document", &out->document, &out->documents, err)
	    || !load_templates(l, "bundle", &out->bundle, &out->bundles, err)
	    || !see_partials(l, err) || !load_assets(l, out, err) || !buf_ok(l->seen, err)
	    || !judge_names(l, out->document, out->documents, view_shape_document, out, err)
	    || !judge_names(l, out->bundle, out->bundles, view_shape_bundle, out, err))
		return false;
	out->digest = digest_of(buf_str(l->seen));
	return true;
}

const struct asset *
surfaces_asset(const struct surfaces *s, struct str name)
{
	for (size_t i = 0; i < s->assets; i++)
		if (str_eq(s->asset[i].name, name))
			return &s->asset[i];
	return NULL;
}
