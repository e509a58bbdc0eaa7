#include "tests/unit/lib/unit.h"

#include <stdlib.h>

#include "publisher/bundle/tree.h"

#define D1 "1111111111111111111111111111111111111111111111111111111111111111"
#define D2 "2222222222222222222222222222222222222222222222222222222222222222"

static const char sample[] = "{\"format\":2,\n"
"\"documents\":[\n"
"{\"id\":\"seattle\",\"title\":\"Rain\",\"updated\":\"2026-11-20T18:00:00Z\","
"\"expires\":\"2026-11-21T00:00:00Z\",\"source\":{\"sha256\":\"" D2 "\",\"size\":7},"
"\"provenance\":{\"made\":{\"grade\":\"generated\"}}}],\n"
"\"files\":[\n"
"{\"path\":\"assets/style.11111111.css\",\"type\":\"text/css\",\"sha256\":\"" D1 "\",\"size\":10,"
"\"immutable\":true},\n"
"{\"path\":\"seattle.html\",\"type\":\"text/html; charset=utf-8\",\"document\":\"seattle\","
"\"sha256\":\"" D1 "\",\"size\":100,\"gzip\":{\"sha256\":\"" D2 "\",\"size\":99},"
"\"zstd\":{\"sha256\":\"" D1 "\",\"size\":90},"
"\"modified\":\"2026-11-20T18:00:00Z\",\"expires\":\"2026-11-21T00:00:00Z\"}]}\n";

static struct str
stored_of(struct arena *a, struct str text)
{
	struct coder *c = coder_new();
	struct buf *out = buf_in(a, TREE_MAX);
	struct err err;
	assert_true(coder_code(c, CODING_GZIP, 0, text, out, &err));
	coder_free(c);
	return buf_str(out);
}

static void
a_shard_is_read_and_written_back_byte_for_byte(void **state)
{
	struct arena *a = *state;
	struct tree t;
	struct err err = { 0 };
	struct str stored = stored_of(a, str_of(sample));
	if (!tree_read(a, stored, true, &t, &err))
		fail_msg("%s", err.text);
	assert_int_equal(t.documents, 1);
	assert_int_equal(t.files, 2);
	const struct manifest_file *f = tree_file(&t, STR("seattle.html"));
	assert_non_null(f);
	assert_true(str_eq(f->document, STR("seattle")));
	assert_true(has_form(f, CODING_NONE) && has_form(f, CODING_GZIP) && has_form(f, CODING_ZSTD));
	assert_false(has_form(f, CODING_BR));
	assert_int_equal(f->form[CODING_GZIP].size, 99);
	assert_int_equal(f->form[CODING_NONE].size, 100);
	assert_false(f->immutable);
	assert_int_equal(f->expires - f->modified, 6 * 3600);
	const struct manifest_file *css = tree_file(&t, STR("assets/style.11111111.css"));
	assert_true(css->immutable);
	assert_int_equal(css->modified, 0);
	assert_null(tree_file(&t, STR("seattle")));
	assert_true(str_eq(tree_document(&t, STR("seattle"))->provenance,
	    STR("{\"made\":{\"grade\":\"generated\"}}")));
	assert_null(tree_document(&t, STR("berlin")));
	struct buf *again = buf_in(a, TREE_MAX);
	struct coder *c = coder_new();
	assert_true(tree_write(&t, c, again, &err));
	coder_free(c);
	assert_true(str_eq(buf_str(again), stored));
}

static void
a_shard_is_read_without_provenance_by_who_needs_none(void **state)
{
	struct tree t;
	struct err err = { 0 };
	assert_true(tree_read(*state, stored_of(*state, str_of(sample)), false, &t, &err));
	assert_true(str_eq(t.document[0].provenance, STR("{}")));
}

static void
assert_refused(struct arena *a, const char *find, const char *put, const char *why)
{
	struct tree t;
	struct err err = { 0 };
	const char *at = strstr(sample, find);
	assert_non_null(at);
	struct str text = arena_printf(a, "%.*s%s%s", (int)(at - sample), sample, put,
	    at + strlen(find));
	if (tree_read(a, stored_of(a, text), true, &t, &err))
		fail_msg("accepted '%s' for '%s'", put, find);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void
a_wrong_shard_is_refused_by_the_member_that_is_wrong(void **state)
{
	struct arena *a = *state;
	assert_refused(a, "\"format\":2", "\"format\":1", "format");
	assert_refused(a, "\"path\":\"seattle.html\"", "\"path\":\"../x\"",
	    "shard: files[1]: path: '../x' leaves the bundle");
	assert_refused(a, "\"path\":\"seattle.html\"", "\"path\":\"assets/style.11111111.css\"",
	    "files[1]: paths are not sorted and unique");
	assert_refused(a, "\"path\":\"seattle.html\"", "\"path\":\"a.html\"",
	    "files[1]: paths are not sorted and unique");
	assert_refused(a, "\"document\":\"seattle\"", "\"document\":\"Sea/ttle\"",
	    "files[1]: seattle.html: document: 'Sea/ttle' is no document id");
	assert_refused(a, "\"text/css\"", "\"text/css\\r\\nSet-Cookie: x\"", "not a media type");
	assert_refused(a, "\"text/css\"", "\"css\"", "not a media type");
	assert_refused(a, "\"size\":10,", "\"size\":-1,", "size");
	assert_refused(a, "\"size\":10,", "\"size\":99999999999,", "size");
	assert_refused(a, "\"size\":10,", "\"size\":1.5,", "size");
	assert_refused(a, "\"size\":99}", "\"size\":100}", "gzip: not smaller");
	assert_refused(a, "\"size\":90}", "\"size\":101}", "zstd: not smaller");
	assert_refused(a, D1, "11", "sha256");
	assert_refused(a, "\"immutable\":true", "\"immutable\":1", "immutable");
	assert_refused(a, "\"id\":\"seattle\"", "\"id\":\"Sea/ttle\"", "is no document id");
	assert_refused(a, "\"provenance\":{\"made\"", "\"provenance\":[],\"x\":{\"made\"", "provenance");
	assert_refused(a, "{\"grade\":\"generated\"}", "1.5", "provenance");
	assert_refused(a, "2026-11-20T18:00:00Z", "today", "updated");
	assert_refused(a, "\"documents\":[", "\"documents\":[ 1,", "documents[0]");
}

static void
what_is_not_one_whole_gzip_member_is_refused(void **state)
{
	struct str stored = stored_of(*state, str_of(sample));
	struct tree t;
	struct err err = { 0 };
	assert_false(tree_read(*state, str_of(sample), true, &t, &err));
	for (size_t n = 0; n < stored.n; n += 13)
		assert_false(tree_read(*state, (struct str){ stored.p, n }, true, &t, &err));
}

static void
the_digest_of_the_content_tells_all_but_coded_forms(void **state)
{
	struct tree t;
	struct err err = { 0 };
	assert_true(tree_read(*state, stored_of(*state, str_of(sample)), true, &t, &err));
	const struct digest was = tree_content(&t);
	t.file[1].forms = 0;
	struct digest is = tree_content(&t);
	assert_true(digest_eq(&was, &is));
	t.file[1].form[CODING_NONE].sha256.b[31] ^= 1;
	is = tree_content(&t);
	assert_false(digest_eq(&was, &is));
	t.file[1].form[CODING_NONE].sha256.b[31] ^= 1;
	t.document[0].provenance = STR("{}");
	is = tree_content(&t);
	assert_false(digest_eq(&was, &is));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_shard_is_read_and_written_back_byte_for_byte),
		TEST(a_shard_is_read_without_provenance_by_who_needs_none),
		TEST(a_wrong_shard_is_refused_by_the_member_that_is_wrong),
		TEST(what_is_not_one_whole_gzip_member_is_refused),
		TEST(the_digest_of_the_content_tells_all_but_coded_forms),
	};
	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
