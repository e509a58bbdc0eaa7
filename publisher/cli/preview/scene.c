#include "publisher/cli/preview/scene.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "generator/document/canonical.h"
#include "generator/render/output.h"
#include "generator/render/renderer.h"
#include "publisher/cli/place.h"

#define INDEX_MAX (256 * 1024 * 1024)
#define LIBRARY_MAX (16 * 1024 * 1024)
#define EXCERPT_LINES 3 /* before and after */
#define FOLDERS_MAX 64

/* The documents of one vertical and locale, and what draws them. */
struct stage {
	struct scene *scene;
	struct str vertical, locale;
	struct surfaces *surfaces;  /* NULL: `why` says why */
	struct renderer *renderer;  /* likewise */
	struct err why;
	struct site_info site;
	struct batch_item **item;   /* sorted by id, refused ones too */
	size_t n;
	size_t accepted;
};

struct scene {
	atomic_uint holds;
	struct arena *arena;
	struct cli cli;
	uint64_t number;
	struct config config;
	struct batch batch;
	struct stage *stage;
	size_t stages;
	bool is_broken; /* by `why`: no documents could be read */
	struct err why;
	const char *folder[FOLDERS_MAX + 1];
};

/* ---- making one ---- */

static struct stage *
stage_find(const struct scene *s, struct str vertical, struct str locale)
{
	for (size_t i = 0; i < s->stages; i++)
		if (str_eq(s->stage[i].vertical, vertical) && str_eq(s->stage[i].locale, locale))
			return &s->stage[i];
	return NULL;
}

static struct batch_item *
item_find(const struct stage *t, struct str id)
{
	size_t low = 0, high = t != NULL ? t->n : 0;
	while (low < high) { /* the first that is not before it */
		size_t middle = low + (high - low) / 2;
		if (str_cmp(t->item[middle]->document.id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return t != NULL && low < t->n && str_eq(t->item[low]->document.id, id) ? t->item[low] : NULL;
}

static bool
has_document(void *ctx, struct str locale, struct str id)
{
	const struct stage *t = ctx;
	const struct batch_item *item = item_find(stage_find(t->scene, t->vertical, locale), id);
	return item != NULL && item->accepted;
}

/* By name; of one name the accepted first. */
static int
item_cmp(const void *left, const void *right)
{
	const struct batch_item *l = *(struct batch_item *const *)left;
	const struct batch_item *r = *(struct batch_item *const *)right;
	int c = str_cmp(l->document.vertical, r->document.vertical);
	if (c == 0)
		c = str_cmp(l->document.locale, r->document.locale);
	if (c == 0)
		c = str_cmp(l->document.id, r->document.id);
	return c != 0 ? c : (int)r->accepted - (int)l->accepted;
}

/* Everything that says to which bundle it belongs. */
static void
stages_make(struct scene *s)
{
	struct batch *b = &s->batch;
	struct batch_item **item = ARENA_ARRAY(s->arena, struct batch_item *, b->n + 1);
	size_t n = 0, room = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct document *d = &b->item[i]->document;
		if (batch_vertical(b, d->vertical) != NULL && d->locale.n > 0 && d->id.n > 0)
			item[n++] = b->item[i];
	}
	if (n > 0)
		qsort(item, n, sizeof *item, item_cmp);
	for (size_t i = 0; i < n; i++) {
		const struct document *d = &item[i]->document;
		struct stage *t = s->stages > 0 ? &s->stage[s->stages - 1] : NULL;
		if (t == NULL || !str_eq(t->vertical, d->vertical) || !str_eq(t->locale, d->locale)) {
			ARENA_GROW(s->arena, s->stage, s->stages, room);
			t = &s->stage[s->stages++];
			*t = (struct stage){ .scene = s, .vertical = d->vertical, .locale = d->locale,
				.item = &item[i] };
		}
		t->n++;
		t->accepted += item[i]->accepted;
	}
}

/* As in a publish: locales of documents that are not refused. */
static void
site_of(struct stage *t)
{
	struct scene *s = t->scene;
	const struct config *c = &s->config;
	t->site = (struct site_info){ .name = c->name, .url = c->url, .publisher = c->publisher,
		.has = has_document, .ctx = t,
		.locale = ARENA_ARRAY(s->arena, struct str, s->stages + 1) };
	for (size_t i = 0; i < s->stages; i++)
		if (s->stage[i].accepted > 0 && str_eq(s->stage[i].vertical, t->vertical))
			t->site.locale[t->site.locales++] = s->stage[i].locale;
}

/* One vertical's broken template hides nothing of the others. */
static void
stages_open(struct scene *s)
{
	struct batch *b = &s->batch;
	for (size_t i = 0; s->stage != NULL && i < s->stages; i++) {
		struct stage *t = &s->stage[i];
		const struct stage *before = i > 0 ? &s->stage[i - 1] : NULL;
		site_of(t);
		if (before != NULL && str_eq(before->vertical, t->vertical)) {
			t->surfaces = before->surfaces;
			t->why = before->why;
		} else {
			struct surfaces *surfaces = ARENA_NEW(s->arena, struct surfaces);
			if (surfaces_load(s->arena, &b->catalog, b->schemas, t->vertical, surfaces, &t->why))
				t->surfaces = surfaces;
		}
		if (t->surfaces != NULL
		    && !renderer_open(s->arena, &b->catalog, b->schemas, t->surfaces, &t->site,
		        t->vertical, t->locale, &t->renderer, &t->why))
			t->renderer = NULL;
	}
}

static void
add_folder(struct scene *s, const char *folder)
{
	size_t n = 0;
	while (s->folder[n] != NULL)
		n++;
	if (n < FOLDERS_MAX)
		s->folder[n] = folder;
}

static void
add_folders(struct scene *s)
{
	const struct cli *cli = &s->cli;
	for (size_t i = 0; i < s->batch.catalog.roots; i++) {
		add_folder(s, fs_join(s->arena, s->batch.catalog.root[i], "schemas"));
		add_folder(s, fs_join(s->arena, s->batch.catalog.root[i], "templates"));
	}
	for (size_t i = 0; i < cli->args; i++)
		add_folder(s, fs_is_dir(cli->arg[i]) ? cli->arg[i]
		                                      : fs_dir(s->arena, cli->arg[i]));
	if (cli->args == 0)
		add_folder(s, s->config.documents);
}

static bool
read_site(struct scene *s, struct err *err)
{
	struct cli *cli = &s->cli;
	struct batch_options options;
	if (!place_config(cli, &s->config, err))
		return false;
	add_folder(s, s->config.dir);
	if (!place_catalog(s->arena, &s->config, &s->batch.catalog, err)
	    || !batch_options(cli, &s->config, &options, err))
		return false;
	add_folders(s);
	if (!batch_read(s->arena, &s->config, &options, cli->arg, cli->args, &s->batch, err))
		return false;
	batch_commit(&s->batch);
	return true;
}

struct scene *
scene_new(const struct cli *cli, uint64_t number)
{
	struct arena *a = arena_new();
	struct scene *s = ARENA_NEW(a, struct scene);
	atomic_init(&s->holds, 1);
	s->arena = a;
	s->number = number;
	s->cli = *cli;
	s->cli.arena = a;
	s->is_broken = !read_site(s, &s->why);
	if (s->is_broken) {
		s->batch.n = 0;
		return s;
	}
	stages_make(s);
	stages_open(s);
	return s;
}

struct scene *
scene_hold(struct scene *s)
{
	(void)atomic_fetch_add(&s->holds, 1);
	return s;
}

void
scene_drop(struct scene *s)
{
	if (s != NULL && atomic_fetch_sub(&s->holds, 1) == 1)
		arena_free(s->arena);
}

const char *const *
scene_folders(const struct scene *s)
{
	return s->folder;
}

/* ---- files ---- */

static bool
draw_document(const struct stage *t, struct arena *a, const struct batch_item *item, size_t surface,
    struct rendered_file *out, struct err *err)
{
	struct document d = item->document;
	if (d.canonical.n == 0)
		return err_set(err, ERR_INPUT, "'%.*s' cannot be read as a document: see its findings",
		    STR_ARG(d.id));
	return canonical_restore(a, t->scene->batch.schemas, d.canonical, &d, err)
	    && renderer_document_file(t->renderer, a, &d, surface, out, err);
}

static bool
draw_list(const struct stage *t, struct arena *a, size_t surface, struct rendered_file *out,
    struct err *err)
{
	struct document *d = ARENA_ARRAY(a, struct document, t->n + 1);
	const struct document **newest = ARENA_ARRAY(a, const struct document *, t->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++) {
		if (!t->item[i]->accepted)
			continue;
		d[n] = t->item[i]->document;
		if (!canonical_restore(a, t->scene->batch.schemas, d[n].canonical, &d[n], err))
			return false;
		newest[n] = &d[n];
		n++;
	}
	qsort(newest, n, sizeof *newest, renderer_order);
	return renderer_list_file(t->renderer, a, newest, n, newest, surface, out, err);
}

/* The id in "{id}.html" that makes it `path`; empty if none does. */
static struct str
id_in(struct str name, struct str path)
{
	const char *hole = memmem(name.p, name.n, "{id}", 4);
	if (hole == NULL)
		return STR("");
	struct str before = { name.p, (size_t)(hole - name.p) };
	struct str after = { hole + 4, name.n - before.n - 4 };
	if (path.n <= before.n + after.n || !str_starts(path, before) || !str_ends(path, after))
		return STR("");
	return (struct str){ path.p + before.n, path.n - before.n - after.n };
}

static bool
asset_file(const struct stage *t, struct str path, struct rendered_file *out)
{
	for (size_t i = 0; i < t->surfaces->assets; i++) {
		const struct asset *asset = &t->surfaces->asset[i];
		if (!str_eq(asset->path, path))
			continue;
		*out = (struct rendered_file){ .path = asset->path, .body = asset->body,
			.type = output_type(asset->path) };
		return true;
	}
	return false;
}

static bool
draw(const struct stage *t, struct arena *a, struct str path, struct rendered_file *out,
    struct err *err)
{
	const struct surfaces *s = t->surfaces;
	if (asset_file(t, path, out))
		return true;
	for (size_t i = 0; i < s->bundles; i++)
		if (str_eq(s->bundle[i].name, path))
			return draw_list(t, a, i, out, err);
	for (size_t i = 0; i < s->documents; i++) {
		const struct batch_item *item = item_find(t, id_in(s->document[i].name, path));
		if (item != NULL)
			return draw_document(t, a, item, i, out, err);
	}
	return err_set(err, ERR_ABSENT, "no such file in %.*s/%.*s", STR_ARG(t->vertical),
	    STR_ARG(t->locale));
}

bool
scene_file(struct scene *s, struct arena *a, struct str target, struct rendered_file *out,
    struct err *err)
{
	struct str rest = target;
	(void)str_cut(rest, '/', &rest); /* before the first slash */
	struct str vertical = str_cut(rest, '/', &rest), locale = { 0 };
	if (rest.p != NULL)
		locale = str_cut(rest, '/', &rest);
	const struct stage *t = stage_find(s, vertical, locale);
	if (s->is_broken)
		return err_set(err, s->why.code, "%s", s->why.text);
	if (t == NULL || rest.p == NULL)
		return err_set(err, ERR_ABSENT, "no such bundle");
	if (t->renderer == NULL)
		return err_set(err, t->why.code, "%s", t->why.text);
	return draw(t, a, rest, out, err);
}

bool
scene_own(struct scene *s, struct arena *a, struct str name, struct str *out, struct err *err)
{
	const char *share, *path;
	if (name.n == 0 || name.p[0] == '.' || memchr(name.p, '/', name.n) != NULL)
		return err_set(err, ERR_ABSENT, "no such file");
	struct catalog shipped = { &share, 1 }, *from = &s->batch.catalog;
	if (from->roots == 0) { /* broken before that */
		if (!place_share(a, &share, err))
			return false;
		from = &shipped;
	}
	return catalog_read(a, from, arena_printf(a, "templates/preview/%.*s", STR_ARG(name)).p, out,
	    &path, err);
}

bool
scene_library(struct scene *s, struct arena *a, struct str name, struct str *out,
    struct err *err)
{
	static const char *const library[][2] = {
		{ "adaptivecards", "adaptivecards/dist/adaptivecards.min.js" },
		{ "templating", "adaptivecards-templating/dist/adaptivecards-templating.min.js" },
		{ "expressions", "adaptive-expressions/lib/browser.js" },
	};
	char real[4096];
	if (s->config.dir == NULL || realpath(s->config.dir, real) == NULL)
		return err_set(err, ERR_ABSENT, "no site");
	for (size_t i = 0; i < LEN(library); i++)
		for (const char *dir = real; str_eq(name, str_of(library[i][0]));
		     dir = fs_dir(a, dir)) {
			const char *path = fs_join(a, dir,
			    arena_printf(a, "node_modules/%s", library[i][1]).p);
			if (fs_exists(path))
				return fs_read(a, path, LIBRARY_MAX, out, err);
			if (strcmp(dir, "/") == 0 || strcmp(dir, ".") == 0)
				break;
		}
	return err_set(err, ERR_ABSENT, "no such library in node_modules");
}

/* ---- what is wrong, with the lines around it ---- */

/* Only files that authors edit are shown, whatever a text says. */
static bool
is_editable(const struct scene *s, struct arena *a, struct str path)
{
	if (memmem(path.p, path.n, "..", 2) != NULL)
		return false;
	for (size_t i = 0; i < s->batch.catalog.roots; i++)
		for (int k = 0; k < 2; k++)
			if (str_starts(path, str_of(fs_join(a, s->batch.catalog.root[i],
			        k ? "templates/" : "schemas/"))))
				return true;
	return false;
}

/* The last "path:line:" of the text that names such a file. */
static bool
find_place(const struct scene *s, struct arena *a, struct str text, struct str *path, uint64_t *line)
{
	bool found = false;
	for (size_t from = 0; from < text.n;) {
		struct str word = { text.p + from, 0 };
		while (from + word.n < text.n && word.p[word.n] != ' ')
			word.n++;
		from += word.n + 1;
		struct str rest, name = str_cut(word, ':', &rest);
		if (rest.p == NULL || !is_editable(s, a, name))
			continue;
		uint64_t number;
		if (!str_to_u64(str_cut(rest, ':', &rest), &number))
			continue;
		*path = name;
		*line = number;
		found = true;
	}
	return found;
}

struct str
scene_excerpt(struct scene *s, struct arena *a, struct str text)
{
	struct str path, body;
	uint64_t line, number = 1;
	if (!find_place(s, a, text, &path, &line)
	    || !fs_read(a, arena_copy(a, path).p, CATALOG_FILE_MAX, &body, NULL))
		return STR("");
	struct buf *out = buf_in(a, 16 * 1024);
	for (struct str rest = body; rest.p != NULL && number <= line + EXCERPT_LINES; number++) {
		struct str one = str_cut(rest, '\n', &rest);
		if (number + EXCERPT_LINES >= line)
			buf_printf(out, "%c %4ju  %.*s\n", number == line ? '>' : ' ', (uintmax_t)number,
			    one.n < 500 ? (int)one.n : 500, one.p);
	}
	return str_is_utf8(buf_str(out)) ? buf_str(out) : STR("");
}

/* ---- the index ---- */

static void
set_text(json_t *o, const char *name, struct str text)
{
	(void)json_object_set_new(o, name, json_str(text));
}

static json_t *
problem_json(struct scene *s, struct arena *a, const struct err *why)
{
	json_t *o = json_object();
	set_text(o, "text", str_of(why->text));
	set_text(o, "excerpt", scene_excerpt(s, a, str_of(why->text)));
	return o;
}

static json_t *
names_json(const struct surface *surface, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, json_str(surface[i].name));
	return list;
}

static json_t *
bundle_json(struct stage *t, struct arena *a)
{
	json_t *o = json_object();
	set_text(o, "vertical", t->vertical);
	set_text(o, "locale", t->locale);
	if (t->renderer == NULL)
		(void)json_object_set_new(o, "problem", problem_json(t->scene, a, &t->why));
	if (t->surfaces != NULL) {
		(void)json_object_set_new(o, "surfaces",
		    names_json(t->surfaces->document, t->surfaces->documents));
		(void)json_object_set_new(o, "lists",
		    names_json(t->surfaces->bundle, t->surfaces->bundles));
	}
	return o;
}

static json_t *
findings_json(const struct batch_item *item)
{
	json_t *list = json_array();
	for (size_t i = 0; i < item->findings; i++) {
		const struct finding *f = &item->finding[i];
		json_t *o = json_object();
		set_text(o, "gate", str_of(f->gate));
		set_text(o, "severity", f->severity == SEVERITY_REJECT ? STR("reject") : STR("warn"));
		set_text(o, "element", f->element);
		set_text(o, "text", f->text);
		set_text(o, "remedy", str_of(f->remedy != NULL ? f->remedy : ""));
		(void)json_object_set_new(o, "line", json_integer(f->line));
		(void)json_array_append_new(list, o);
	}
	return list;
}

static json_t *
item_json(const struct scene *s, struct arena *a, const struct batch_item *item)
{
	const struct document *d = &item->document;
	const struct stage *t = stage_find(s, d->vertical, d->locale);
	json_t *o = json_object();
	set_text(o, "vertical", d->vertical);
	set_text(o, "locale", d->locale);
	set_text(o, "id", d->id);
	set_text(o, "title", d->title);
	set_text(o, "where", d->raw.where);
	(void)json_object_set_new(o, "accepted", json_boolean(item->accepted));
	(void)json_object_set_new(o, "findings", findings_json(item));
	/* What twins share is the name: only one of them is at its address. */
	if (t != NULL && t->renderer != NULL && d->canonical.n > 0 && item_find(t, d->id) == item) {
		struct digest key = renderer_document_key(t->renderer, d);
		struct str hex = digest_str(a, &key);
		set_text(o, "key", (struct str){ hex.p, 16 });
	}
	return o;
}

static int
put_piece(const char *p, size_t n, void *out)
{
	buf_put(out, (struct str){ p, n });
	return 0;
}

bool
scene_index(struct scene *s, struct arena *a, struct str *out, struct err *err)
{
	struct buf *text = buf_in(a, INDEX_MAX);
	json_t *root = json_new_object(a), *bundles = json_array(), *documents = json_array();
	(void)json_object_set_new(root, "number", json_integer((json_int_t)s->number));
	set_text(root, "site", s->config.name);
	set_text(root, "url", s->config.url);
	if (s->is_broken)
		(void)json_object_set_new(root, "problem", problem_json(s, a, &s->why));
	for (size_t i = 0; i < s->stages; i++)
		(void)json_array_append_new(bundles, bundle_json(&s->stage[i], a));
	for (size_t i = 0; i < s->batch.n; i++)
		(void)json_array_append_new(documents, item_json(s, a, s->batch.item[i]));
	(void)json_object_set_new(root, "bundles", bundles);
	(void)json_object_set_new(root, "documents", documents);
	struct str library;
	(void)json_object_set_new(root, "cards", json_boolean(
	    scene_library(s, a, STR("adaptivecards"), &library, NULL)));
	(void)json_object_set_new(root, "templating", json_boolean(
	    scene_library(s, a, STR("templating"), &library, NULL)
	    && scene_library(s, a, STR("expressions"), &library, NULL)));
	(void)json_dump_callback(root, put_piece, text, JSON_COMPACT);
	*out = buf_str(text);
	return buf_ok(text, err);
}
