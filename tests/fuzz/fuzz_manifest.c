/* Any bytes are a manifest or an error; what was accepted is written and read back the same. */
#include <stdlib.h>

#include "publisher/bundle/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_once(struct arena *a, const struct manifest *m, struct buf **out)
{
	struct err err;
	*out = buf_in(a, 4 * (size_t)MANIFEST_MAX);
	if (!manifest_write(m, *out, &err))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct manifest m, again;
	struct err err;
	struct buf *first, *second;
	if (manifest_read(a, (struct str){ (const char *)data, size }, &m, &err)) {
		write_once(a, &m, &first);
		if (!manifest_read(a, buf_str(first), &again, &err))
			abort();
		write_once(a, &again, &second);
		if (!str_eq(buf_str(first), buf_str(second)))
			abort();
		for (size_t i = 0; i < m.shards; i++)
			if (shard_at(m.shard, m.shards, m.shard[i].from) != &m.shard[i])
				abort();
	}
	arena_free(a);
	return 0;
}
