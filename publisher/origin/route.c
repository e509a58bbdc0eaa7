#include "publisher/origin/route.h"

#include "base/path.h"

#define TARGET_BYTES_MAX 2048

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decode %XX once. False on a broken escape and on anything that is no printable ASCII. */
static bool
decode(struct arena *a, struct str in, struct str *out)
{
	char *p = arena_alloc(a, in.n + 1, 1);
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++) {
		int c = (unsigned char)in.p[i];
		if (c == '%') {
			int high = i + 2 < in.n ? hex_digit(in.p[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(in.p[i + 2]) : -1;
			if (low < 0)
				return false;
			c = high * 16 + low;
			i += 2;
		}
		if (c <= ' ' || c >= 0x7f)
			return false;
		p[n++] = (char)c;
	}
	*out = (struct str){ p, n };
	return true;
}

static struct str
without(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

/* Decimal, no leading zero, 1 or more. */
static bool
version_read(struct str s, int64_t *out)
{
	uint64_t v;
	if (s.n == 0 || s.p[0] == '0' || !str_to_u64(s, &v))
		return false;
	*out = (int64_t)v;
	return true;
}

/* "weather/en-us/", "weather/en-us" or "weather/en-us/seattle.html". */
static bool
content(struct str s, struct route *r)
{
	struct str rest;
	r->vertical = str_cut(s, '/', &rest);
	if (rest.p == NULL || !name_is_safe(r->vertical, VERTICAL_MAX))
		return false;
	r->locale = str_cut(rest, '/', &rest);
	if (!name_is_safe(r->locale, LOCALE_MAX))
		return false;
	r->path = rest.n > 0 ? rest : STR("index.html");
	r->kind = rest.n > 0 ? ROUTE_CONTENT : ROUTE_FOLDER;
	return path_is_safe(r->path);
}

static bool
pinned(struct str s, struct route *r)
{
	struct str rest, version = str_cut(s, '/', &rest);
	return rest.p != NULL && version_read(version, &r->version) && content(rest, r);
}

static bool
blob(struct str s, struct route *r)
{
	struct err err;
	r->kind = ROUTE_BLOB;
	for (int c = CODING_NONE + 1; c < CODINGS; c++)
		if (str_ends(s, str_of(coding_kinds[c].suffix)))
			r->coding = (enum coding)c;
	s.n -= strlen(coding_kinds[r->coding].suffix);
	return digest_parse(s, &r->sha256, &err);
}

static bool
tree(struct str s, struct route *r)
{
	struct err err;
	r->kind = ROUTE_TREE;
	return digest_parse(s, &r->sha256, &err);
}

/* "timestamp.json" or "12.weather.json". */
static bool
metadata(struct str s, struct route *r)
{
	struct str rest;
	r->kind = ROUTE_METADATA;
	r->name = s;
	r->role = STR("timestamp");
	if (str_eq(s, STR("timestamp.json")))
		return true;
	if (!version_read(str_cut(s, '.', &rest), &r->version) || !str_ends(rest, STR(".json")))
		return false;
	r->role = (struct str){ rest.p, rest.n - strlen(".json") };
	return name_is_safe(r->role, VERTICAL_MAX) && !str_eq(r->role, STR("timestamp"));
}

/* "weather/en-us/<sha256>.bundle.json". */
static bool
manifest(struct str s, struct route *r)
{
	struct err err;
	if (!content(s, r) || r->kind != ROUTE_CONTENT || !str_ends(r->path, STR(".bundle.json")))
		return false;
	r->kind = ROUTE_MANIFEST;
	struct str hex = { r->path.p, r->path.n - strlen(".bundle.json") };
	return digest_parse(hex, &r->sha256, &err);
}

/* "checkpoint", "tile/0/x001/234.p/5" or "records/<sha256>.json". */
static bool
log_file(struct str s, struct route *r)
{
	const struct str tile = STR("tile/"), record = STR("records/"), json = STR(".json");
	struct err err;
	r->kind = ROUTE_LOG;
	r->name = s;
	r->log = LOG_CHECKPOINT;
	if (str_eq(s, STR("checkpoint")))
		return true;
	r->log = LOG_TILE;
	if (str_starts(s, tile))
		return tile_name_read(without(s, tile.n), &r->tile);
	r->log = LOG_RECORD;
	if (!str_starts(s, record) || !str_ends(s, json) || s.n < record.n + json.n)
		return false;
	s = without(s, record.n);
	return digest_parse((struct str){ s.p, s.n - json.n }, &r->sha256, &err);
}

static bool
operations(struct str s, struct route *r)
{
	static const struct {
		struct str name;
		enum route_kind kind;
	} exact[] = {
		{ STR_INIT("healthz"), ROUTE_ALIVE },
		{ STR_INIT("readyz"), ROUTE_READY },
		{ STR_INIT("metrics"), ROUTE_METRICS },
		{ STR_INIT("status"), ROUTE_STATUS },
		{ STR_INIT("invalidate"), ROUTE_INVALIDATE },
	};
	const struct str under = STR("invalidate/");
	for (size_t i = 0; i < LEN(exact); i++)
		if (str_eq(s, exact[i].name)) {
			r->kind = exact[i].kind;
			return true;
		}
	r->kind = ROUTE_INVALIDATION;
	r->name = str_starts(s, under) ? without(s, under.n) : (struct str){ 0 };
	return r->name.n > 0 && r->name.n <= 64 && memchr(r->name.p, '/', r->name.n) == NULL;
}

static bool
known(struct str path, struct route *r)
{
	static const struct {
		struct str prefix;
		bool (*read)(struct str rest, struct route *);
	} trees[] = {
		{ STR_INIT("-/"), operations },
		{ STR_INIT("@"), pinned },
		{ STR_INIT("blobs/"), blob },
		{ STR_INIT("log/"), log_file },
		{ STR_INIT("metadata/"), metadata },
		{ STR_INIT("targets/"), manifest },
		{ STR_INIT("trees/"), tree },
		{ STR_INIT(""), content },
	};
	size_t i = 0;
	if (path.n == 0) {
		r->kind = ROUTE_HOME;
		return true;
	}
	while (!str_starts(path, trees[i].prefix))
		i++;
	return trees[i].read(without(path, trees[i].prefix.n), r);
}

/* "http://host/path" to "/path". */
static struct str
origin_form(struct str target)
{
	static const struct str schemes[] = { STR_INIT("http://"), STR_INIT("https://") };
	for (size_t i = 0; i < LEN(schemes); i++)
		if (str_starts(target, schemes[i])) {
			struct str rest = without(target, schemes[i].n);
			const char *slash = memchr(rest.p, '/', rest.n);
			return slash == NULL ? STR("/")
			                     : without(rest, (size_t)(slash - rest.p));
		}
	return target;
}

void
route_read(struct arena *a, struct str target, struct route *out)
{
	struct route r = { .kind = ROUTE_BAD };
	struct str path;
	target = origin_form(target);
	if (target.n > 0 && target.n <= TARGET_BYTES_MAX && target.p[0] == '/'
	    && decode(a, target, &path)) {
		r.kind = ROUTE_NOTHING;
		if (!known(without(path, 1), &r))
			r = (struct route){ .kind = ROUTE_NOTHING };
		else if (!str_eq(path, target))
			r.spelling = path;
	}
	*out = r;
}

const char *
route_name(enum route_kind kind)
{
	static const char *const names[] = {
		[ROUTE_BAD] = "bad", [ROUTE_NOTHING] = "nothing", [ROUTE_HOME] = "home",
		[ROUTE_CONTENT] = "content", [ROUTE_FOLDER] = "folder", [ROUTE_BLOB] = "blob", [ROUTE_TREE] = "tree",
		[ROUTE_METADATA] = "metadata", [ROUTE_MANIFEST] = "manifest",
		[ROUTE_LOG] = "log",
		[ROUTE_ALIVE] = "healthz", [ROUTE_READY] = "readyz", [ROUTE_METRICS] = "metrics",
		[ROUTE_STATUS] = "status", [ROUTE_INVALIDATE] = "invalidate",
		[ROUTE_INVALIDATION] = "invalidation",
	};
	return names[kind];
}
