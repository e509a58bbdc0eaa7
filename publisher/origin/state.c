#include "publisher/origin/state.h"

#include "base/fs.h"

static bool
read_one(struct arena *a, const char *dir, const char *name, size_t max, struct str *out,
    struct err *err)
{
	return fs_read(a, fs_join(a, dir, name), max, out, err);
}

bool
state_read(struct arena *a, const char *dir, struct trusted **out, struct err *err)
{
	struct trusted *t = ARENA_NEW(a, struct trusted);
	struct str root, snapshot, timestamp;
	if (!read_one(a, dir, "timestamp.json", TIMESTAMP_MAX, &timestamp, err)) {
		*out = NULL;
		return err->code == ERR_ABSENT;
	}
	if (!read_one(a, dir, "root.json", ROOT_MAX, &root, err)
	    || !read_one(a, dir, "snapshot.json", SNAPSHOT_MAX, &snapshot, err)
	    || !root_read(a, root, &t->root, err) || !snapshot_read(a, snapshot, &t->snapshot, err)
	    || !timestamp_read(a, timestamp, &t->timestamp, err))
		return err_in(err, "remembered state in %s", dir);
	*out = t;
	return true;
}

bool
state_write(const char *dir, const struct trusted *t, struct err *err)
{
	const struct {
		const char *name;
		struct str bytes;
	} file[] = {
		{ "root.json", t->root.meta.bytes },
		{ "snapshot.json", t->snapshot.meta.bytes },
		{ "timestamp.json", t->timestamp.meta.bytes }, /* last: it vouches for the others */
	};
	struct arena *a = arena_new();
	bool ok = fs_mkdirs(dir, err);
	for (size_t i = 0; ok && i < LEN(file); i++)
		ok = fs_replace(fs_join(a, dir, file[i].name), file[i].bytes, 0600, err);
	arena_free(a);
	return ok || err_in(err, "remembering the trusted state");
}
