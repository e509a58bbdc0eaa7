/* Any bytes as each kind of metadata: the first byte chooses, the rest is the file. */
#include "publisher/trust/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct root root;
	struct timestamp timestamp;
	struct snapshot snapshot;
	struct targets targets;
	struct err err;
	if (n == 0)
		return 0;
	struct arena *a = arena_new();
	const struct str bytes = { (const char *)data + 1, n - 1 };
	switch (data[0] % 5) {
	case 0:
		if (root_read(a, bytes, &root, &err))
			(void)metadata_signed_by(&root.meta, root_role(&root, "root"), &err);
		break;
	case 1:
		(void)timestamp_read(a, bytes, &timestamp, &err);
		break;
	case 2:
		if (snapshot_read(a, bytes, &snapshot, &err))
			(void)snapshot_find(&snapshot, STR("weather"));
		break;
	case 3:
		(void)targets_read(a, STR("targets"), bytes, &targets, &err);
		break;
	default:
		(void)targets_read(a, STR("weather"), bytes, &targets, &err);
	}
	arena_free(a);
	return 0;
}
