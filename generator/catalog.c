#include "generator/catalog.h"

#include <stdlib.h>

#include "base/path.h"

#define FOLDER_MAX 10000

static const char *
place(struct arena *a, const char *root, const char *name)
{
	return arena_printf(a, "%s/%s", root, name).p;
}

/* Names come from templates, too, and some of those from data: none may lead outside. */
static bool
stays_inside(struct str name)
{
	struct str rest = name;

	if (name.n == 0 || memchr(name.p, '\\', name.n) != NULL)
		return false;
	while (rest.p != NULL) {
		struct str segment = str_cut(rest, '/', &rest);
		if (segment.n == 0 || segment.p[0] == '.')
			return false;
	}
	return true;
}

bool
catalog_read(struct arena *a, const struct catalog *c, const char *name, struct str *text,
    const char **path, struct err *err)
{
	struct str tried = STR("");

	if (!stays_inside(str_of(name)))
		return err_set(err, ERR_INPUT, "'%.200s': not a name of a file in a catalog", name);
	for (size_t i = 0; i < c->roots; i++) {
		const char *p = place(a, c->root[i], name);
		if (fs_exists(p) && !fs_is_dir(p)) {
			*path = p;
			return fs_read(a, p, CATALOG_FILE_MAX, text, err);
		}
		tried = arena_printf(a, "%.*s%s%s", STR_ARG(tried), i > 0 ? ", " : "", c->root[i]);
	}
	return err_set(err, ERR_ABSENT, "%s: no such file in any of: %.*s", name, STR_ARG(tried));
}

bool
catalog_has(struct arena *a, const struct catalog *c, const char *name)
{
	if (!stays_inside(str_of(name)))
		return false;
	for (size_t i = 0; i < c->roots; i++) {
		const char *p = place(a, c->root[i], name);
		if (fs_exists(p) && !fs_is_dir(p))
			return true;
	}
	return false;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return str_cmp(*x, *y);
}

static struct str
last_segment(struct str path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/')
			return (struct str){ path.p + i, path.n - i };
	return path;
}

/* Sort, and keep each once; the number that is left. */
static size_t
sort_unique(struct str *names, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(names, n, sizeof *names, by_bytes);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !str_eq(names[kept - 1], names[i]))
			names[kept++] = names[i];
	return kept;
}

bool
catalog_list(struct arena *a, const struct catalog *c, const char *dir, struct str **names,
    size_t *n, struct err *err)
{
	struct str *all = NULL;
	size_t count = 0, room = 0;

	if (!stays_inside(str_of(dir)))
		return err_set(err, ERR_INPUT, "'%.200s': not a folder of a catalog", dir);
	for (size_t i = 0; i < c->roots; i++) {
		const char *folder = place(a, c->root[i], dir);
		struct fs_entry *entry = NULL;
		size_t entries = 0;
		if (!fs_is_dir(folder))
			continue;
		if (!fs_list(a, folder, FOLDER_MAX, &entry, &entries, err))
			return false;
		for (size_t k = 0; k < entries; k++) {
			if (entry[k].is_dir)
				continue;
			ARENA_GROW(a, all, count, room);
			all[count++] = last_segment(entry[k].path);
		}
	}
	*names = all;
	*n = sort_unique(all, count);
	return true;
}

/* Top-level roles of TUF, and first path segments that are not a vertical's. */
static bool
is_taken(struct str name)
{
	static const struct str taken[] = { STR_INIT("root"), STR_INIT("targets"),
		STR_INIT("snapshot"), STR_INIT("timestamp"), STR_INIT("metadata"), STR_INIT("blobs"),
		STR_INIT("trees"), STR_INIT("receipts"), STR_INIT("log") };

	for (size_t i = 0; i < LEN(taken); i++)
		if (str_eq(name, taken[i]))
			return true;
	return false;
}

bool
catalog_verticals(struct arena *a, const struct catalog *c, struct str **names, size_t *n,
    struct err *err)
{
	struct str *all;
	size_t count, kept = 0;

	if (!catalog_list(a, c, "schemas", &all, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct str s = all[i];
		if (!str_ends(s, STR(".xsd")) || str_eq(s, STR("envelope.xsd")))
			continue;
		s.n -= sizeof ".xsd" - 1;
		if (!name_is_safe(s, VERTICAL_MAX))
			return err_set(err, ERR_SETUP,
			    "schemas/%.*s.xsd: '%.*s' cannot be a vertical's name: lower-case "
			    "letters, digits, single hyphens, at most %d",
			    STR_ARG(s), STR_ARG(s), VERTICAL_MAX);
		if (is_taken(s))
			return err_set(err, ERR_SETUP, "schemas/%.*s.xsd: '%.*s' means something else in "
			    "addresses and signed metadata; give the vertical another name",
			    STR_ARG(s), STR_ARG(s));
		all[kept++] = s;
	}
	*names = all;
	*n = kept;
	return true;
}
