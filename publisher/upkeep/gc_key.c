/* gc: what keys are called. Only what has exactly such a name is ever removed. */
#include "base/coding.h"
#include "base/path.h"
#include "publisher/tlog/tile.h"
#include "publisher/upkeep/gc.h"

const char *const gc_kind_name[GC_KINDS] = { "blobs", "trees", "targets", "metadata", "receipts",
	"log" };

static bool
is_hex(struct str s)
{
	struct digest d;
	struct err ignored;
	return digest_parse(s, &d, &ignored);
}

/* "ab/abcd…", "ab/abcd….gz" */
static bool
is_blob(struct str s)
{
	struct str rest, dir = str_cut(s, '/', &rest), suffix, hex = str_cut(rest, '.', &suffix);
	bool coded = suffix.p == NULL;
	for (int c = CODING_NONE + 1; c < CODINGS; c++)
		coded = coded || (suffix.p != NULL && str_eq(suffix, str_of(coding_kinds[c].suffix + 1)));
	return coded && dir.n == 2 && is_hex(hex) && str_starts(hex, dir);
}

/* "weather/en-us/abcd….bundle.json" */
static bool
is_manifest(struct str s)
{
	struct str rest, end, vertical = str_cut(s, '/', &rest), locale = str_cut(rest, '/', &rest);
	struct str hex = str_cut(rest, '.', &end);
	return vertical.n > 0 && locale.n > 0 && is_hex(hex) && str_eq(end, STR("bundle.json"));
}

bool
gc_numbered(struct str key, int64_t *number, struct str *name)
{
	uint64_t n;
	struct str rest, digits;
	(void)str_cut(key, '/', &rest);
	digits = str_cut(rest, '.', name);
	if (digits.n == 0 || !str_to_u64(digits, &n) || (digits.p[0] == '0' && digits.n > 1))
		return false;
	*number = (int64_t)n;
	return name->p != NULL;
}

static bool
is_metadata(struct str key)
{
	int64_t n;
	struct str name;
	return gc_numbered(key, &n, &name) && str_ends(name, STR(".json"))
	    && name_is_safe((struct str){ name.p, name.n - strlen(".json") }, 64);
}

static bool
is_receipt(struct str key)
{
	int64_t n;
	struct str name;
	return gc_numbered(key, &n, &name)
	    && (str_eq(name, STR("intent")) || str_eq(name, STR("done")) || str_eq(name, STR("pending")));
}

static bool
is_log(struct str s)
{
	struct tile ignored;
	struct str end, rest, room = str_cut(s, '/', &rest);
	if (str_eq(room, STR("tile")))
		return tile_name_read(rest, &ignored);
	return str_eq(room, STR("records")) && is_hex(str_cut(rest, '.', &end))
	    && str_eq(end, STR("json"));
}

enum gc_kind
gc_kind_of(struct str key)
{
	struct str rest, room = str_cut(key, '/', &rest);
	if (rest.p == NULL)
		return GC_KINDS;
	if (str_eq(room, STR("blobs")))
		return is_blob(rest) ? GC_BLOBS : GC_KINDS;
	if (str_eq(room, STR("trees")))
		return is_hex(rest) ? GC_SHARDS : GC_KINDS;
	if (str_eq(room, STR("targets")))
		return is_manifest(rest) ? GC_MANIFESTS : GC_KINDS;
	if (str_eq(room, STR("metadata")))
		return is_metadata(key) ? GC_METADATA : GC_KINDS;
	if (str_eq(room, STR("receipts")))
		return is_receipt(key) ? GC_RECEIPTS : GC_KINDS;
	return str_eq(room, STR("log")) && is_log(rest) ? GC_LOG : GC_KINDS;
}
