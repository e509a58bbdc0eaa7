/* Any bytes as each kind of metadata: the first byte chooses, the rest is the file. */
#include "base/path.h"
#include "publisher/trust/metadata.h"
#include "tests/fuzz/fuzz.h"

static void
check_targets(struct arena *a, struct str role, struct str bytes)
{
	struct targets t;
	struct err err;
	if (!targets_read(a, role, bytes, &t, &err))
		return;
	for (size_t i = 0; i < t.n; i++) {
		PROMISE(path_is_safe(t.target[i].path));
		PROMISE(i == 0 || str_cmp(t.target[i - 1].path, t.target[i].path) < 0);
	}
	for (size_t i = 0; i < t.roles; i++) {
		PROMISE(targets_role(&t, t.role[i].name) == &t.role[i]);
		PROMISE(!metadata_signed_by(&t.meta, &t.role[i], &err)); /* who could have? */
	}
}

static void
check_snapshot(struct arena *a, struct str bytes)
{
	struct snapshot s;
	struct err err;
	if (!snapshot_read(a, bytes, &s, &err))
		return;
	for (size_t i = 0; i < s.n; i++) {
		struct str name = s.entry[i].name;
		PROMISE(snapshot_find(&s, (struct str){ name.p, name.n - 5 }) == &s.entry[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct root root;
	struct timestamp timestamp;
	struct err err;
	if (n == 0)
		return 0;
	struct arena *a = arena_new();
	const struct str bytes = { (const char *)data + 1, n - 1 };
	switch (data[0] % 5) {
	case 0:
		if (root_read(a, bytes, &root, &err))
			PROMISE(root_role(&root, "root")->threshold > 0);
		break;
	case 1:
		if (timestamp_read(a, bytes, &timestamp, &err))
			PROMISE(timestamp.snapshot.version > 0 && timestamp.meta.version > 0);
		break;
	case 2:
		check_snapshot(a, bytes);
		break;
	case 3:
		check_targets(a, STR("targets"), bytes);
		break;
	default:
		check_targets(a, STR("weather"), bytes);
	}
	arena_free(a);
	return 0;
}
