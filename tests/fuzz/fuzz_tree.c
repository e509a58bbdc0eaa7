/* Any text, coded as a shard is, is a shard or an error; what was accepted is written and read
 * back the same. */
#include <stdlib.h>

#include "publisher/bundle/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_once(struct arena *a, struct coder *c, const struct tree *t, struct buf **out)
{
	struct err err;
	*out = buf_in(a, 4 * (size_t)TREE_MAX);
	if (!tree_write(t, c, *out, &err))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct coder *coder;
	struct arena *a = arena_new();
	struct tree t, again;
	struct err err;
	struct buf *stored = buf_in(a, size + 1024), *first, *second;
	if (coder == NULL)
		coder = coder_new();
	if (!coder_code(coder, CODING_GZIP, 1, (struct str){ (const char *)data, size }, stored, &err))
		abort();
	if (tree_read(a, buf_str(stored), true, &t, &err)) {
		const struct digest content = tree_content(&t);
		write_once(a, coder, &t, &first);
		if (!tree_read(a, buf_str(first), true, &again, &err))
			abort();
		const struct digest same = tree_content(&again);
		write_once(a, coder, &again, &second);
		if (!str_eq(buf_str(first), buf_str(second)) || !digest_eq(&content, &same))
			abort();
		for (size_t i = 0; i < t.files; i++)
			if (tree_file(&t, t.file[i].path) != &t.file[i])
				abort();
	}
	(void)tree_read(a, (struct str){ (const char *)data, size }, false, &again, &err);
	arena_free(a);
	return 0;
}
