/* Any bytes as each thing that a log consists of: the first byte chooses. What is read is what
 * would be written. */
#include "publisher/tlog/check.h"
#include "tests/fuzz/fuzz.h"

static void
check_checkpoint(struct arena *a, struct str bytes)
{
	static const unsigned char key[32] = { 1 };
	struct checkpoint c;
	struct err err = { 0 };
	if (!checkpoint_read(a, bytes, &c, &err)) {
		PROMISE(err.code == ERR_INPUT || err.code == ERR_LIMIT);
		return;
	}
	PROMISE(origin_is_safe(c.origin) && c.note.signatures > 0);
	PROMISE(str_eq(checkpoint_text(a, c.origin, &c.tree), c.note.text));
	PROMISE(!note_signed_by(&c.note, c.origin, key)); /* who could have? */
}

static void
check_name(struct arena *a, struct str name)
{
	struct tile t;
	if (!tile_name_read(name, &t))
		return;
	struct str is = tile_name(a, &t);
	const size_t skip = strlen("log/tile/");
	PROMISE(str_eq((struct str){ is.p + skip, is.n - skip }, name));
	PROMISE(t.width >= 1 && t.width <= TILE_WIDTH && t.level < 8);
}

static void
check_entries(struct str bytes)
{
	struct str entry[TILE_WIDTH];
	struct err err = { 0 };
	if (bytes.n == 0)
		return;
	const unsigned n = (unsigned char)bytes.p[0] + 1u;
	if (!entries_read((struct str){ bytes.p + 1, bytes.n - 1 }, entry, n, &err))
		return;
	size_t all = 0;
	for (unsigned i = 0; i < n; i++)
		all += 2 + entry[i].n;
	PROMISE(all == bytes.n - 1);
}

static void
check_record(struct arena *a, struct str bytes)
{
	struct record r, again;
	struct str written;
	struct err err = { 0 };
	if (!record_read(a, bytes, &r, &err))
		return;
	/* escapes that were not needed are gone; nothing grows beyond its bound */
	PROMISE(record_write(a, &r, &written, &err) && record_read(a, written, &again, &err));
	PROMISE(str_eq(r.note, again.note) && r.bundles == again.bundles);
}

/* A store that holds these bytes under every name. */
static bool
same_get(void *ctx, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	const struct str *bytes = ctx;
	(void)name;
	if (bytes->n > max)
		return err_set(err, ERR_LIMIT, "too long");
	*out = arena_copy(a, *bytes);
	return true;
}

static void
check_tree(struct arena *a, struct str bytes)
{
	const struct trust_source source = { same_get, &bytes };
	struct merkle_tree tree = { 0 };
	struct tile_tree *t;
	struct err err = { 0 };
	if (bytes.n < 4)
		return;
	memcpy(&tree.size, bytes.p, 4);
	tree.size++;
	memset(tree.root.b, 0xa5, sizeof tree.root.b); /* of one record: the tile begins with zeros */
	PROMISE(!tile_tree_open(a, &source, &tree, &t, &err));
	PROMISE(err.code == ERR_UNTRUSTED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0)
		return 0;
	struct arena *a = arena_new();
	const struct str bytes = { (const char *)data + 1, n - 1 };
	switch (data[0] % 5) {
	case 0:
		check_checkpoint(a, bytes);
		break;
	case 1:
		check_name(a, bytes);
		break;
	case 2:
		check_entries(bytes);
		break;
	case 3:
		check_record(a, bytes);
		break;
	default:
		check_tree(a, bytes);
	}
	arena_free(a);
	return 0;
}
