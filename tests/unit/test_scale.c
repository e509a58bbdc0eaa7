#include "tests/unit/lib/publish_world.h"

#include <stdlib.h>

#include "publisher/release/draft.h"

#define DOCUMENTS 25000
#define SURFACES 3

static const char *const surface[SURFACES] = { ".html", ".fragment.html", ".card.json" };

/* A bundle of n documents, each with three files, and an index; every text tells its edition,
 * which is 0 for all but the first `changed` documents, and nothing else: few contents make a
 * manifest of 100,000 entries. */
static struct publish_bundle
large_bundle(struct arena *a, size_t n, size_t changed, int edition)
{
	struct publish_document *d = ARENA_ARRAY(a, struct publish_document, n);
	struct publish_file *f = ARENA_ARRAY(a, struct publish_file, n * SURFACES + 1);
	struct publish_bundle b = { .vertical = STR("weather"), .locale = STR("en-us"), .document = d,
		.file = f, .inputs = json_new_object(a) };
	for (size_t i = 0; i < n; i++) {
		int e = i < changed ? edition : 0;
		struct str id = arena_printf(a, "city-%zu", i);
		struct str source = arena_printf(a, "<doc>%d</doc>", e);
		d[b.documents++] = (struct publish_document){ .id = id, .title = id, .updated = NOW - 100,
			.expires = NOW + 30 * DAY, .source = source, .sha256 = digest_of(source),
			.provenance = STR("{}") };
		for (size_t k = 0; k < SURFACES; k++)
			f[b.files++] = file_of(arena_printf(a, "%.*s%s", STR_ARG(id), surface[k]),
			    k == 2 ? STR("application/json") : STR("text/html; charset=utf-8"), id,
			    arena_printf(a, "edition %d %zu", e, k));
	}
	f[b.files++] = file_of(STR("index.txt"), STR("text/plain"), (struct str){ 0 }, STR("all"));
	return b;
}

static void
publish(struct world *w, struct publish_bundle b, struct published *out)
{
	struct err err;
	OK(publish_commit(w->a, world_site(w), &b, 1, STR("test"), NULL, out, &err));
}

static size_t
new_shards(const struct plan *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->bundle[0].manifest.shards; i++)
		n += plan->bundle[0].manifest.shard[i].size == 0;
	return n;
}

/* The object count is what a store is asked to do: it does not depend on the machine. */
static void
ten_changed_documents_in_100000_entries_rewrite_ten_shards_and_read_no_more(void **state)
{
	struct world w;
	struct published p;
	struct plan *plan;
	struct err err;
	(void)state;
	world_begin(&w);
	const struct publish_bundle old = large_bundle(w.a, DOCUMENTS, 0, 0);
	publish(&w, old, &p);
	const struct live_bundle *b = &world_live(&w)->bundle[0];
	assert_int_equal(b->manifest->documents, DOCUMENTS);
	assert_int_equal(b->manifest->files, DOCUMENTS * SURFACES + 1);
	assert_in_range(b->manifest->shards, DOCUMENTS * 4 / 1000, DOCUMENTS * 4 / 400);

	struct site *s = world_site(&w);
	struct spy *spy = spy_on(w.a, s);
	const struct publish_bundle new = large_bundle(w.a, DOCUMENTS, 10, 1);
	OK(publish_plan(w.a, s, &old, 1, &plan, &err));
	assert_int_equal(plan->bundle[0].change, CHANGE_NONE);
	assert_int_equal(spy->ops, 0); /* not one shard was read */
	OK(publish_plan(w.a, s, &new, 1, &plan, &err));
	assert_int_equal(plan->changed, 10 * SURFACES);
	assert_int_equal(plan->blobs, SURFACES + 10);
	assert_true(new_shards(plan) <= 10);
	assert_int_equal(spy->ops, new_shards(plan)); /* each is read once, to compare with */
	OK(publish_commit(w.a, s, &new, 1, STR(""), NULL, &p, &err));
	/* Files, sources and shards; manifest, role, snapshot, intent; three of the log. */
	assert_int_equal(spy->creates, SURFACES + 10 + new_shards(plan) + 4 + 3);
	assert_str(published_body(&w, world_live(&w), "weather", "en-us", "city-9.html"), "edition 1 0");
	assert_str(published_body(&w, world_live(&w), "weather", "en-us", "city-24999.html"), "edition 0 0");
	world_end(&w);
}

/* A shuffled copy: what comes first must not matter. */
static struct publish_bundle
shuffled(struct arena *a, const struct publish_bundle *b, uint32_t seed)
{
	struct publish_bundle out = *b;
	struct publish_document *d = ARENA_ARRAY(a, struct publish_document, b->documents);
	struct publish_file *f = ARENA_ARRAY(a, struct publish_file, b->files);
	memcpy(d, b->document, b->documents * sizeof *d);
	memcpy(f, b->file, b->files * sizeof *f);
	for (size_t i = b->documents; i > 1; i--) {
		size_t k = (seed = seed * 1664525 + 1013904223) % i;
		struct publish_document swap = d[i - 1];
		d[i - 1] = d[k];
		d[k] = swap;
	}
	for (size_t i = b->files; i > 1; i--) {
		size_t k = (seed = seed * 1664525 + 1013904223) % i;
		struct publish_file swap = f[i - 1];
		f[i - 1] = f[k];
		f[k] = swap;
	}
	out.document = d;
	out.file = f;
	return out;
}

static void
the_same_content_in_any_order_makes_the_same_shards(void **state)
{
	struct arena *a = arena_new();
	struct err err;
	(void)state;
	for (size_t n = 1; n < 6000; n = n * 3 + 7) {
		struct draft *one, *other;
		const struct publish_bundle b = large_bundle(a, n, n / 2, 1);
		const struct publish_bundle again = shuffled(a, &b, (uint32_t)n);
		OK(draft_make(a, &b, 1, &one, &err));
		OK(draft_make(a, &again, 1, &other, &err));
		assert_int_equal(one->bundle[0].shards, other->bundle[0].shards);
		for (size_t i = 0; i < one->bundle[0].shards; i++)
			assert_memory_equal(&one->bundle[0].shard[i], &other->bundle[0].shard[i],
			    sizeof(struct shard));
	}
	arena_free(a);
}

static void
shards_partition_the_space_and_hold_a_document_with_its_files(void **state)
{
	struct arena *a = arena_new();
	struct draft *d;
	struct err err;
	size_t documents = 0, files = 0;
	(void)state;
	const struct publish_bundle b = large_bundle(a, 5000, 0, 0);
	OK(draft_make(a, &b, 1, &d, &err));
	const struct draft_bundle *all = &d->bundle[0];
	for (size_t i = 0; i < all->shards; i++) {
		struct tree t;
		draft_tree(a, all, i, &t);
		assert_in_range(t.documents + t.files, 1, TREE_ENTRIES);
		assert_int_equal(t.documents, all->shard[i].documents);
		for (size_t k = 0; k < t.files; k++) {
			assert_ptr_equal(shard_at(all->shard, all->shards, manifest_hash(t.file[k].path)),
			    &all->shard[i]);
			if (t.file[k].document.n > 0)
				assert_non_null(tree_document(&t, t.file[k].document));
		}
		documents += t.documents;
		files += t.files;
	}
	assert_int_equal(documents, b.documents);
	assert_int_equal(files, b.files);
	arena_free(a);
}

/* A bundle that grows and shrinks around any number of entries does not make all shards anew. */
static void
one_document_more_leaves_all_shards_but_its_own_alone(void **state)
{
	struct arena *a = arena_new();
	struct err err;
	(void)state;
	for (size_t n = 230; n < 6000; n = n * 5 / 4) {
		struct draft *less, *more;
		size_t same = 0;
		const struct publish_bundle b = large_bundle(a, n, 0, 0), c = large_bundle(a, n + 1, 0, 0);
		OK(draft_make(a, &b, 1, &less, &err));
		OK(draft_make(a, &c, 1, &more, &err));
		for (size_t i = 0; i < more->bundle[0].shards; i++) {
			const struct shard *s = &more->bundle[0].shard[i];
			const struct shard *was = shard_at(less->bundle[0].shard, less->bundle[0].shards,
			    s->from);
			same += was != NULL && was->from == s->from && digest_eq(&was->content, &s->content);
		}
		assert_true(same + 2 >= more->bundle[0].shards); /* its own, which may split in two */
	}
	arena_free(a);
}

static void
a_shard_with_any_byte_changed_is_refused_before_it_is_parsed(void **state)
{
	struct world w;
	struct published p;
	struct str good;
	struct err err;
	(void)state;
	world_begin(&w);
	publish(&w, large_bundle(w.a, 2, 0, 0), &p);
	const struct shard *shard = &world_live(&w)->bundle[0].manifest->shard[0];
	const char *path = arena_printf(w.a, "%s/public/%.*s", w.dir,
	    STR_ARG(tree_key(w.a, &shard->sha256))).p;
	OK(fs_read(w.a, path, TREE_MAX, &good, &err));
	char *bytes = arena_alloc(w.a, good.n, 1);
	for (size_t i = 0; i < good.n; i++) {
		const struct tree *tree;
		const struct manifest_document *d;
		memcpy(bytes, good.p, good.n);
		bytes[i] ^= 1;
		OK(fs_replace(path, (struct str){ bytes, good.n }, 0644, &err));
		const struct live *live = world_live(&w);
		assert_false(live_tree(&live->bundle[0], world_store(&w), 0, &tree, &err));
		assert_int_equal(err.code, ERR_UNTRUSTED);
		assert_non_null(strstr(err.text, "is not what was signed"));
		assert_false(live_fetch(live, world_store(&w), &err));
		assert_int_equal(err.code, ERR_UNTRUSTED);
		assert_false(live_document(&live->bundle[0], world_store(&w), STR("city-1"), &d, &err));
		if (i % 97 == 0) { /* a publish that has to know what it changes */
			const struct publish_bundle b = large_bundle(w.a, 2, 1, 1);
			assert_false(publish_commit(w.a, world_site(&w), &b, 1, STR(""), NULL, &p, &err));
			assert_int_equal(err.code, ERR_UNTRUSTED);
		}
	}
	OK(fs_replace(path, good, 0644, &err));
	assert_str(published_body(&w, world_live(&w), "weather", "en-us", "city-1.html"), "edition 0 0");
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    ten_changed_documents_in_100000_entries_rewrite_ten_shards_and_read_no_more),
		cmocka_unit_test(the_same_content_in_any_order_makes_the_same_shards),
		cmocka_unit_test(shards_partition_the_space_and_hold_a_document_with_its_files),
		cmocka_unit_test(one_document_more_leaves_all_shards_but_its_own_alone),
		cmocka_unit_test(a_shard_with_any_byte_changed_is_refused_before_it_is_parsed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
