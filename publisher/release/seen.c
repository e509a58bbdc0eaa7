#include "publisher/release/seen.h"

#include <inttypes.h>

#include "base/fs.h"

#define SEEN_MAX 4096
#define NUMBER_MAX INT64_C(9007199254740991)

static const char *
seen_path(struct arena *a, const char *root)
{
	struct str stem = str_of(root);
	if (str_ends(stem, STR(".root.json")))
		stem.n -= strlen(".root.json");
	return arena_printf(a, "%.*s.seen.json", STR_ARG(stem)).p;
}

bool
seen_read(struct arena *a, const char *root, struct seen *out, struct err *err)
{
	const char *path = seen_path(a, root);
	struct str text;
	struct err why = { 0 };
	json_t *j;
	*out = (struct seen){ 0 };
	if (!fs_read(a, path, SEEN_MAX, &text, &why))
		return why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
	if (json_parse(a, text, &j, &why) && field_int(j, "root", 0, NUMBER_MAX, &out->root, &why)
	    && field_int(j, "timestamp", 0, NUMBER_MAX, &out->timestamp, &why)
	    && field_int(j, "snapshot", 0, NUMBER_MAX, &out->snapshot, &why))
		return true;
	return err_set(err, ERR_SETUP, "%s: %s", path, why.text);
}

bool
seen_check(const struct seen *s, const struct trusted *t, struct err *err)
{
	if (t->root.meta.version > s->root)
		return true;
	if (t->root.meta.version < s->root)
		return err_set(err, ERR_UNTRUSTED, "rollback: root version %" PRId64 ", but %" PRId64
		    " was seen from here", t->root.meta.version, s->root);
	if (t->timestamp.meta.version < s->timestamp)
		return err_set(err, ERR_UNTRUSTED, "rollback: timestamp version %" PRId64 ", but %" PRId64
		    " was seen from here", t->timestamp.meta.version, s->timestamp);
	return t->snapshot.meta.version >= s->snapshot
	    || err_set(err, ERR_UNTRUSTED, "rollback: snapshot version %" PRId64 ", but %" PRId64
	           " was seen from here", t->snapshot.meta.version, s->snapshot);
}

static int64_t
max_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
seen_keep(struct arena *a, const char *root, const struct trusted *t)
{
	json_t *j = json_new_object(a);
	struct buf *text = buf_in(a, SEEN_MAX);
	struct err ignored;
	struct seen had, now = { t->root.meta.version, t->timestamp.meta.version,
		t->snapshot.meta.version };
	if (seen_read(a, root, &had, &ignored) && had.root >= now.root) {
		if (had.root > now.root
		    || (had.timestamp >= now.timestamp && had.snapshot >= now.snapshot))
			return;
		now.timestamp = max_of(had.timestamp, now.timestamp);
		now.snapshot = max_of(had.snapshot, now.snapshot);
	}
	(void)json_object_set_new(j, "root", json_integer(now.root));
	(void)json_object_set_new(j, "timestamp", json_integer(now.timestamp));
	(void)json_object_set_new(j, "snapshot", json_integer(now.snapshot));
	if (json_pretty(j, text, &ignored))
		(void)fs_replace(seen_path(a, root), buf_str(text), 0644, &ignored);
}
