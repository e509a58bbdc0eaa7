#include "generator/render/wording.h"

#include <stdlib.h>

#include "base/path.h"
#include "generator/locale/locale.h"
#include "generator/locale/message.h"
#include "generator/render/surface.h"

#define ARGUMENTS_MAX 64 /* of one pattern */

/* One messages/<tag>.json. */
struct file {
	struct str vertical; /* empty: of all verticals */
	struct str tag, path, text;
	json_t *root;
};

struct check {
	struct arena *arena;
	const struct catalog *catalog;
	struct file *file;
	size_t files, room;
	struct surfaces *surfaces; /* of each vertical */
	struct str *vertical;
	size_t verticals;
	struct wording *out;
	size_t finding_room;
};

const char *
wording_kind_name(enum wording_kind kind)
{
	static const char *const names[WORDING_KINDS] = { "missing", "unused", "syntax", "arguments",
		"plural" };
	return names[kind];
}

/* The line on which "key": stands; 0 if it does not. */
static unsigned
line_of(const struct file *f, struct str key)
{
	unsigned line = 1;
	for (size_t i = 0; i + key.n + 1 < f->text.n; i++) {
		const char *p = f->text.p + i;
		line += *p == '\n';
		if (*p != '"' || memcmp(p + 1, key.p, key.n) != 0 || p[key.n + 1] != '"')
			continue;
		struct str after = str_trim((struct str){ p + key.n + 2, f->text.n - i - key.n - 2 });
		if (after.n > 0 && after.p[0] == ':')
			return line;
	}
	return 0;
}

static void
add(struct check *c, enum wording_kind kind, const struct file *f, struct str key, struct str text)
{
	ARENA_GROW(c->arena, c->out->finding, c->out->n, c->finding_room);
	c->out->finding[c->out->n++] = (struct wording_finding){ .kind = kind, .file = f->path,
		.line = key.n > 0 ? line_of(f, key) : 0, .locale = f->tag, .key = key, .text = text };
}

static bool
read_file(struct check *c, struct str vertical, const char *dir, struct str name, struct err *err)
{
	struct file f = { .vertical = vertical, .tag = { name.p, name.n - (sizeof ".json" - 1) } };
	const char *path;
	struct err why;
	f.tag = arena_copy(c->arena, f.tag);
	if (!catalog_read(c->arena, c->catalog,
	        arena_printf(c->arena, "%s/%.*s", dir, STR_ARG(name)).p, &f.text, &path, err))
		return false;
	f.path = str_of(path);
	if (!json_parse(c->arena, f.text, &f.root, &why)) {
		add(c, WORDING_SYNTAX, &f, STR(""), arena_copy(c->arena, str_of(why.text)));
		return true;
	}
	struct str ignored[LOCALE_CATEGORIES];
	if (!str_eq(f.tag, STR("root")) && (!name_is_safe(f.tag, LOCALE_MAX)
	        || locale_categories(f.tag, false, ignored) == 0))
		add(c, WORDING_SYNTAX, &f, STR(""), STR("the file's name is no locale, as in fr-ca.json"));
	ARENA_GROW(c->arena, c->file, c->files, c->room);
	c->file[c->files++] = f;
	return true;
}

static bool
read_folder(struct check *c, struct str vertical, const char *dir, struct err *err)
{
	struct str *names;
	size_t n;
	if (!catalog_list(c->arena, c->catalog, dir, &names, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (str_ends(names[i], STR(".json")) && !read_file(c, vertical, dir, names[i], err))
			return false;
	return true;
}

static bool
read_all(struct check *c, const struct schemas *schemas, struct err *err)
{
	if (!catalog_verticals(c->arena, c->catalog, &c->vertical, &c->verticals, err)
	    || !read_folder(c, STR(""), "templates/messages", err))
		return false;
	c->surfaces = ARENA_ARRAY(c->arena, struct surfaces, c->verticals + 1);
	for (size_t i = 0; i < c->verticals; i++) {
		const char *dir =
		    arena_printf(c->arena, "templates/%.*s/messages", STR_ARG(c->vertical[i])).p;
		if (!read_folder(c, c->vertical[i], dir, err)
		    || !surfaces_load(c->arena, c->catalog, schemas, c->vertical[i], &c->surfaces[i], err))
			return false;
		for (size_t k = 0; k < c->surfaces[i].messages; k++)
			c->out->keys += c->surfaces[i].message[k].used.n > 0;
	}
	return true;
}

static bool
is_used_in(const struct check *c, size_t vertical, struct str key)
{
	const struct surfaces *s = &c->surfaces[vertical];
	for (size_t i = 0; i < s->messages; i++)
		if (str_eq(s->message[i].key, key))
			return s->message[i].used.n > 0;
	return false;
}

static bool
is_used(const struct check *c, const struct file *f, struct str key)
{
	for (size_t i = 0; i < c->verticals; i++)
		if ((f->vertical.n == 0 || str_eq(f->vertical, c->vertical[i])) && is_used_in(c, i, key))
			return true;
	return false;
}

static const struct file *
file_with(const struct check *c, struct str vertical, struct str tag, struct str key)
{
	for (size_t i = 0; i < c->files; i++) {
		const struct file *f = &c->file[i];
		if (str_eq(f->vertical, vertical) && str_eq(f->tag, tag)
		    && json_object_get(f->root, key.p) != NULL)
			return f;
	}
	return NULL;
}

/* Where the locale takes the key from: the vertical's own file before the shared one. */
static const struct file *
resolve(const struct check *c, struct str vertical, struct str locale, struct str key)
{
	struct str chain[LOCALE_CHAIN];
	size_t n = locale_chain(c->arena, locale, chain);
	for (size_t i = 0; i < n; i++) {
		const struct file *f = file_with(c, vertical, chain[i], key);
		if (f == NULL)
			f = file_with(c, STR(""), chain[i], key);
		if (f != NULL)
			return f;
	}
	return NULL;
}

/* The names of a pattern's arguments, each once. */
struct names {
	struct str name[ARGUMENTS_MAX];
	size_t n;
};

static bool
names_have(const struct names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->name[i], name))
			return true;
	return false;
}

static void
names_add(void *ctx, struct str name)
{
	struct names *names = ctx;
	if (names->n < ARGUMENTS_MAX && !names_have(names, name))
		names->name[names->n++] = name;
}

/* One pattern of one file. */
struct visit {
	struct check *check;
	const struct file *file;
	struct str key;
	struct names names;
};

static void
visit_argument(void *ctx, struct str name)
{
	names_add(&((struct visit *)ctx)->names, name);
}

static bool
is_in(const struct str *list, size_t n, struct str one)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], one))
			return true;
	return false;
}

static void
visit_plural(void *ctx, bool ordinal, const struct str *choice, size_t n)
{
	const struct visit *v = ctx;
	struct check *c = v->check;
	struct str category[LOCALE_CATEGORIES];
	if (str_eq(v->file->tag, STR("root")))
		return;
	size_t known = locale_categories(v->file->tag, ordinal, category);
	for (size_t i = 0; i < known; i++)
		if (!is_in(choice, n, category[i]))
			add(c, WORDING_PLURAL, v->file, v->key, arena_printf(c->arena,
			    "the case \"%.*s\" is missing, which this language has", STR_ARG(category[i])));
	for (size_t i = 0; i < n; i++)
		if (choice[i].p[0] != '=' && !is_in(category, known, choice[i]))
			add(c, WORDING_PLURAL, v->file, v->key, arena_printf(c->arena,
			    "the case \"%.*s\" is never chosen in this language", STR_ARG(choice[i])));
}

/* Parse the key's pattern of the file; NULL with a finding if that fails (`silent`: without). */
static const struct message *
parse(struct check *c, const struct message_env *env, const struct file *f, struct str key,
    bool silent)
{
	const json_t *value = json_object_get(f->root, key.p);
	const struct message *m;
	struct err why = { 0 };
	if (!json_is_string(value))
		(void)err_set(&why, ERR_INPUT, "must be a text");
	else if (message_parse(c->arena,
	             (struct str){ json_string_value(value), json_string_length(value) }, env, &m, &why))
		return m;
	if (!silent)
		add(c, WORDING_SYNTAX, f, key, arena_copy(c->arena, str_of(why.text)));
	return NULL;
}

/* The pattern that says which arguments there are: English, or root. */
static const struct file *
model_of(const struct check *c, const struct file *f, struct str key)
{
	static const struct str tags[] = { STR_INIT("en"), STR_INIT("root") };
	for (size_t i = 0; i < LEN(tags); i++) {
		const struct file *model = file_with(c, f->vertical, tags[i], key);
		if (model == NULL)
			model = file_with(c, STR(""), tags[i], key);
		if (model != NULL)
			return model;
	}
	return NULL;
}

static void
compare(struct visit *v, const struct message_env *env)
{
	struct check *c = v->check;
	const struct file *model = model_of(c, v->file, v->key);
	const struct message *m =
	    model == NULL || model == v->file ? NULL : parse(c, env, model, v->key, true);
	if (m == NULL)
		return;
	struct names wanted = { 0 };
	message_visit(m, &(struct message_visitor){ &wanted, names_add, NULL });
	for (size_t i = 0; i < wanted.n; i++)
		if (!names_have(&v->names, wanted.name[i]))
			add(c, WORDING_ARGUMENTS, v->file, v->key, arena_printf(c->arena,
			    "lacks {%.*s}, which %.*s.json has", STR_ARG(wanted.name[i]), STR_ARG(model->tag)));
	for (size_t i = 0; i < v->names.n; i++)
		if (!names_have(&wanted, v->names.name[i]))
			add(c, WORDING_ARGUMENTS, v->file, v->key, arena_printf(c->arena,
			    "has {%.*s}, which %.*s.json lacks", STR_ARG(v->names.name[i]),
			    STR_ARG(model->tag)));
}

static void
check_file(struct check *c, const struct file *f)
{
	struct locale *locale;
	struct message_env env;
	struct err ignored_err;
	const char *text;
	json_t *ignored;
	const struct str tag = str_eq(f->tag, STR("root")) ? STR("en") : f->tag;
	const struct catalog empty = { NULL, 0 };
	if (!json_is_object(f->root)) {
		add(c, WORDING_SYNTAX, f, STR(""), STR("must be an object: key -> pattern"));
		return;
	}
	if (!locale_open(c->arena, &empty, STR("none"), tag, &locale, &ignored_err))
		return; /* read_file has said so */
	locale_env(locale, &env);
	json_object_foreach(f->root, text, ignored) {
		struct visit v = { .check = c, .file = f, .key = str_of(text) };
		if (!is_used(c, f, v.key))
			add(c, WORDING_UNUSED, f, v.key, STR("no template says this message"));
		const struct message *m = parse(c, &env, f, v.key, false);
		if (m == NULL)
			continue;
		message_visit(m, &(struct message_visitor){ &v, visit_argument, visit_plural });
		compare(&v, &env);
	}
}

static struct str
language_of(struct str tag)
{
	struct str rest;
	return str_cut(tag, '-', &rest);
}

/* One finding a file that should have it, not one for each vertical that uses a shared key. */
static bool
is_said(const struct check *c, struct str path, struct str key)
{
	for (size_t i = 0; i < c->out->n; i++)
		if (c->out->finding[i].kind == WORDING_MISSING && str_eq(c->out->finding[i].key, key)
		    && str_eq(c->out->finding[i].file, path))
			return true;
	return false;
}

static void
check_key(struct check *c, size_t vertical, struct str locale, const struct surface_message *key)
{
	const struct file *f = resolve(c, c->vertical[vertical], locale, key->key);
	const bool foreign = f == NULL
	    || (str_eq(f->tag, STR("en")) && !str_eq(language_of(locale), STR("en")));
	if (!foreign)
		return;
	struct file wanted = { .tag = locale };
	struct str owner = f == NULL ? c->vertical[vertical] : f->vertical;
	wanted.path = owner.n == 0
	    ? arena_printf(c->arena, "templates/messages/%.*s.json", STR_ARG(locale))
	    : arena_printf(c->arena, "templates/%.*s/messages/%.*s.json", STR_ARG(owner),
	          STR_ARG(locale));
	if (is_said(c, wanted.path, key->key))
		return;
	add(c, WORDING_MISSING, &wanted, key->key, f != NULL
	    ? STR("falls back to English")
	    : arena_printf(c->arena, "is in no file that this locale falls back to; %.*s says it",
	          STR_ARG(key->used)));
}

static int
tag_cmp(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The locales that have a file, but English and root. */
static void
list_locales(struct check *c)
{
	struct wording *w = c->out;
	w->locale = ARENA_ARRAY(c->arena, struct str, c->files + 1);
	for (size_t i = 0; i < c->files; i++) {
		struct str tag = c->file[i].tag;
		if (!str_eq(tag, STR("en")) && !str_eq(tag, STR("root"))
		    && !is_in(w->locale, w->locales, tag))
			w->locale[w->locales++] = tag;
	}
}

static int
finding_cmp(const void *a, const void *b)
{
	const struct wording_finding *x = a, *y = b;
	int order = str_cmp(x->file, y->file);
	if (order == 0 && x->line != y->line)
		order = x->line < y->line ? -1 : 1;
	return order != 0 ? order : str_cmp(x->key, y->key);
}

bool
wording_check(struct arena *a, const struct catalog *catalog, const struct schemas *schemas,
    const struct str *locale, size_t locales, struct wording *out, struct err *err)
{
	struct check c = { .arena = a, .catalog = catalog, .out = out };
	*out = (struct wording){ 0 };
	if (!read_all(&c, schemas, err))
		return false;
	if (locale == NULL)
		list_locales(&c);
	else
		out->locale = ARENA_ARRAY(a, struct str, locales + 1);
	for (size_t i = 0; locale != NULL && i < locales; i++)
		out->locale[out->locales++] = locale[i];
	qsort(out->locale, out->locales, sizeof *out->locale, tag_cmp);
	for (size_t i = 0; i < c.files; i++)
		check_file(&c, &c.file[i]);
	for (size_t i = 0; i < out->locales; i++)
		for (size_t v = 0; v < c.verticals; v++)
			for (size_t k = 0; k < c.surfaces[v].messages; k++)
				if (c.surfaces[v].message[k].used.n > 0)
					check_key(&c, v, out->locale[i], &c.surfaces[v].message[k]);
	if (out->n > 0)
		qsort(out->finding, out->n, sizeof *out->finding, finding_cmp);
	return true;
}
