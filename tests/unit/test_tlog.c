/* The tree of RFC 6962 against its definition and known hashes, its proofs against every change,
 * tiles, notes and records against what a hostile store could hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "publisher/tlog/check.h"

#define MANY 300

#define OK(call)                                                                          \
	do {                                                                                  \
		if (!(call))                                                                      \
			fail_msg("%s", err.text);                                                     \
	} while (0)

static struct digest
digest_from(const char *hex)
{
	struct digest d;
	struct err err = { 0 };
	if (!digest_parse(str_of(hex), &d, &err))
		fail_msg("%s", err.text);
	return d;
}

static void
assert_digest(const struct digest *d, const char *hex)
{
	char is[DIGEST_HEX + 1];
	digest_hex(d, is);
	assert_string_equal(is, hex);
}

/* Leaf i is the decimal number. */
static struct digest leaf[MANY];

static void
leaves_make(void)
{
	for (int i = 0; i < MANY; i++) {
		char text[12];
		(void)snprintf(text, sizeof text, "%d", i);
		leaf[i] = merkle_leaf(str_of(text));
	}
}

/* Section 2.1, word by word. */
static struct digest
defined_root(size_t from, size_t n)
{
	size_t k = 1;
	if (n == 0)
		return digest_of(STR(""));
	if (n == 1)
		return leaf[from];
	while (k * 2 < n)
		k *= 2;
	const struct digest left = defined_root(from, k), right = defined_root(from + k, n - k);
	return merkle_node(&left, &right);
}

static struct digest root[MANY + 1]; /* of every size */

/* Whole subtrees, made once each; the proofs of a tree of *ctx leaves may ask for no others. */
static struct digest subtree[9][MANY];

static void
subtrees_make(void)
{
	for (unsigned level = 0; level < LEN(subtree); level++)
		for (size_t i = 0; (i + 1) << level <= MANY; i++)
			subtree[level][i] = defined_root(i << level, (size_t)1 << level);
	for (size_t n = 0; n <= MANY; n++)
		root[n] = defined_root(0, n);
}

static bool
from_leaves(void *ctx, unsigned level, uint64_t index, struct digest *out, struct err *err)
{
	(void)err;
	assert_true((index + 1) << level <= *(const uint64_t *)ctx);
	*out = subtree[level][index];
	return true;
}

/* One bit of one hash of the proof, another one for each proof. */
static unsigned char *
some_byte(struct merkle_proof *p, uint64_t which)
{
	return &p->hash[which % p->n].b[which % 32];
}

/* Hashes made by other hands: sha256sum over these bytes, and the test data of Certificate
 * Transparency's reference implementation for a tree of seven leaves. */
static void
hashes_are_those_of_rfc_6962(void **state)
{
	static const struct { const char *bytes; size_t n; } entry[] = {
		{ "", 0 }, { "\x00", 1 }, { "\x10", 1 }, { "\x20\x21", 2 }, { "\x30\x31", 2 },
		{ "\x40\x41\x42\x43", 4 }, { "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
	};
	static const char *const wanted[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct merkle_edge edge = { 0 };
	(void)state;
	for (size_t i = 0;; i++) {
		const struct digest is = merkle_edge_root(&edge);
		assert_digest(&is, wanted[i]);
		if (i == LEN(entry))
			break;
		const struct digest next = merkle_leaf((struct str){ entry[i].bytes, entry[i].n });
		merkle_push(&edge, &next);
	}
}

static void
growing_leaf_by_leaf_gives_the_root_of_the_definition(void **state)
{
	struct merkle_edge edge = { 0 };
	struct err err = { 0 };
	(void)state;
	for (uint64_t n = 0; n < MANY; n++) {
		const struct merkle_source source = { from_leaves, &n };
		const struct digest wanted = defined_root(0, n), grown = merkle_edge_root(&edge);
		struct digest asked;
		assert_true(digest_eq(&grown, &wanted));
		OK(merkle_root(&source, n, &asked, &err));
		assert_true(digest_eq(&asked, &wanted));
		merkle_push(&edge, &leaf[n]);
	}
}

static void
every_leaf_of_every_tree_proves_that_it_is_in_it_and_no_other(void **state)
{
	struct merkle_proof p;
	struct err err = { 0 };
	(void)state;
	for (uint64_t n = 1; n <= MANY; n++) {
		const struct merkle_source source = { from_leaves, &n };
		const struct merkle_tree tree = { n, root[n] };
		for (uint64_t m = 0; m < n; m++) {
			OK(merkle_inclusion(&source, m, n, &p, &err));
			assert_true(merkle_included(&tree, m, &leaf[m], &p));
			assert_false(merkle_included(&tree, m, &leaf[(m + 1) % MANY], &p));
			if (n > 1)
				assert_false(merkle_included(&tree, (m + 1) % n, &leaf[m], &p));
			assert_false(merkle_included(&tree, n, &leaf[m], &p));
			if (p.n > 0) {
				*some_byte(&p, m + n) ^= 1;
				assert_false(merkle_included(&tree, m, &leaf[m], &p));
				*some_byte(&p, m + n) ^= 1;
				p.n--;
				assert_false(merkle_included(&tree, m, &leaf[m], &p));
				p.n++;
			}
			p.hash[p.n++] = leaf[0];
			assert_false(merkle_included(&tree, m, &leaf[m], &p));
		}
	}
}

static void
consistency_is_checked(uint64_t old, uint64_t n)
{
	const struct merkle_source source = { from_leaves, &n };
	struct merkle_tree before = { old, root[old] }, now = { n, root[n] };
	struct merkle_proof p;
	struct err err = { 0 };
	OK(merkle_consistency(&source, old, n, &p, &err));
	assert_true(merkle_consistent(&before, &now, &p));
	if (p.n > 0) {
		*some_byte(&p, old + n) ^= 4;
		assert_false(merkle_consistent(&before, &now, &p));
		*some_byte(&p, old + n) ^= 4;
		p.n--;
		assert_false(merkle_consistent(&before, &now, &p));
		p.n++;
	}
	p.hash[p.n++] = leaf[0];
	assert_false(merkle_consistent(&before, &now, &p));
	p.n--;
	before.root.b[0] ^= 1;
	assert_false(merkle_consistent(&before, &now, &p));
	before.root.b[0] ^= 1;
	now.root.b[31] ^= 1;
	assert_false(merkle_consistent(&before, &now, &p));
}

static void
every_tree_proves_that_it_begins_with_every_smaller_one(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= MANY; n++)
		for (uint64_t old = 1; old <= n; old++)
			consistency_is_checked(old, n);
	const struct merkle_tree none = { 0, merkle_empty() }, one = { 1, leaf[0] };
	const struct merkle_proof empty = { .n = 0 };
	assert_true(merkle_consistent(&none, &one, &empty));
	assert_false(merkle_consistent(&one, &none, &empty));
}

/* A log in memory: what its names hold. */
struct shelf {
	struct arena *a;
	struct tile_file file[4 * MANY];
	size_t n;
};

static bool
shelf_get(void *ctx, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	const struct shelf *s = ctx;
	for (size_t i = s->n; i > 0; i--) {
		if (!str_eq(s->file[i - 1].name, name))
			continue;
		if (s->file[i - 1].bytes.n > max)
			return err_set(err, ERR_LIMIT, "too long");
		*out = arena_copy(a, s->file[i - 1].bytes);
		return true;
	}
	return err_set(err, ERR_ABSENT, "%.*s", STR_ARG(name));
}

static struct merkle_tree
shelf_fill(struct shelf *s, unsigned n)
{
	const struct trust_source source = { shelf_get, s };
	struct merkle_tree tree = { 0, merkle_empty() };
	struct err err = { 0 };
	for (unsigned i = 0; i < n; i++) {
		struct tile_file file[TILE_FILES];
		struct tile_tree *t;
		size_t files;
		OK(tile_tree_open(s->a, &source, &tree, &t, &err));
		OK(tile_tree_append(t, arena_printf(s->a, "%u", i), &tree, file, &files, &err));
		for (size_t k = 0; k < files; k++)
			s->file[s->n++] = file[k];
		const struct digest wanted = defined_root(0, i + 1);
		assert_true(digest_eq(&tree.root, &wanted));
	}
	return tree;
}

static void
tiles_grow_entry_by_entry_and_hold_every_tree_there_was(void **state)
{
	struct arena *a = arena_new();
	struct shelf *s = ARENA_NEW(a, struct shelf);
	const struct trust_source source = { shelf_get, s };
	struct tile_tree *t;
	struct str *entry;
	unsigned n;
	struct err err = { 0 };
	(void)state;
	s->a = a;
	const struct merkle_tree tree = shelf_fill(s, MANY);
	OK(tile_tree_open(a, &source, &tree, &t, &err));
	for (unsigned old = 0; old <= MANY; old++) {
		const struct merkle_tree before = { old, defined_root(0, old) };
		OK(tile_tree_extends(t, &before, &err));
	}
	for (unsigned i = 0; i < MANY; i++) {
		OK(tile_tree_includes(t, i, arena_printf(a, "%u", i), &err));
		assert_false(tile_tree_includes(t, i, STR("another"), &err));
	}
	OK(tile_tree_entries(t, 1, &entry, &n, &err));
	assert_int_equal(n, MANY - TILE_WIDTH);
	assert_true(str_eq(entry[0], STR("256")));
	arena_free(a);
}

static void
whichever_file_of_the_log_is_changed_it_is_noticed(void **state)
{
	struct arena *a = arena_new();
	struct shelf *s = ARENA_NEW(a, struct shelf);
	const struct trust_source source = { shelf_get, s };
	(void)state;
	s->a = a;
	const struct merkle_tree tree = shelf_fill(s, MANY);
	static const char *const names[] = { "log/tile/0/000", "log/tile/0/001.p/44",
		"log/tile/1/000.p/1", "log/tile/entries/000", "log/tile/entries/001.p/44" };
	for (size_t i = 0; i < LEN(names); i++) {
		struct str good, bytes;
		struct err err = { 0 };
		OK(shelf_get(s, a, str_of(names[i]), ENTRIES_BYTES, &good, &err));
		for (size_t at = 0; at < good.n; at += 1 + good.n / 97) {
			struct arena *scratch = arena_new();
			struct tile_tree *t;
			struct str *entry;
			unsigned n;
			bytes = arena_copy(scratch, good);
			((char *)bytes.p)[at] ^= 0x10;
			s->file[s->n++] = (struct tile_file){ str_of(names[i]), bytes };
			bool ok = tile_tree_open(scratch, &source, &tree, &t, &err)
			    && tile_tree_entries(t, 0, &entry, &n, &err)
			    && tile_tree_entries(t, 1, &entry, &n, &err);
			assert_false(ok);
			assert_int_equal(err.code, ERR_UNTRUSTED);
			assert_non_null(strstr(err.text, names[i]));
			s->n--;
			arena_free(scratch);
		}
	}
	arena_free(a);
}

static void
a_tile_has_one_name_and_only_that_is_read(void **state)
{
	struct arena *a = arena_new();
	static const struct { struct tile tile; const char *name; } good[] = {
		{ { false, 0, 0, 256 }, "0/000" }, { { false, 7, 999, 255 }, "7/999.p/255" },
		{ { true, 0, 1234067, 1 }, "entries/x001/x234/067.p/1" },
		{ { false, 1, 1000, 256 }, "1/x001/000" },
	};
	static const char *const bad[] = { "", "0", "0/", "0/00", "0/0000", "00/000", "8/000", "64/000",
		"0/x000/000", "0/x001/x000", "0/001/000", "0/x001/00", "0/000.p/0", "0/000.p/256",
		"0/000.p/01", "0/000.p/", "0/000.p/1/2", "0/000.q/1", "entries", "entries/", "0/-01",
		"0/x001/x002/x003/x004/x005/006", "0/000/", "1/ 00" };
	struct tile t;
	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		struct str name = tile_name(a, &good[i].tile);
		assert_true(str_starts(name, STR("log/tile/")));
		assert_true(str_eq((struct str){ name.p + 9, name.n - 9 }, str_of(good[i].name)));
		assert_true(tile_name_read(str_of(good[i].name), &t));
		assert_int_equal(t.level, good[i].tile.level);
		assert_int_equal(t.index, good[i].tile.index);
		assert_int_equal(t.width, good[i].tile.width);
		assert_int_equal(t.entries, good[i].tile.entries);
	}
	for (size_t i = 0; i < LEN(bad); i++)
		if (tile_name_read(str_of(bad[i]), &t))
			fail_msg("'%s' was read", bad[i]);
	/* the example of the specification */
	assert_int_equal(tile_width(70000, 0, 273), 112);
	assert_int_equal(tile_width(70000, 0, 272), 256);
	assert_int_equal(tile_width(70000, 1, 1), 17);
	assert_int_equal(tile_width(70000, 2, 0), 1);
	assert_int_equal(tile_width(256, 0, 1), 0);
	assert_int_equal(tile_width(256, 1, 0), 1);
	arena_free(a);
}

/* The example of c2sp.org/signed-note. */
static void
the_note_of_the_specification_is_verified_with_its_key(void **state)
{
	static const char text[] = "This is an example message.\n\n\xe2\x80\x94 example.com/foo "
		"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
	struct arena *a = arena_new();
	struct note n;
	unsigned char key[33];
	struct err err = { 0 };
	(void)state;
	assert_int_equal(sodium_base642bin(key, sizeof key,
	    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", 44, NULL, NULL, NULL,
	    sodium_base64_VARIANT_ORIGINAL), 0);
	OK(note_read(a, str_of(text), &n, &err));
	assert_true(note_signed_by(&n, STR("example.com/foo"), key + 1));
	assert_false(note_signed_by(&n, STR("example.com/fop"), key + 1));
	assert_true(str_eq(note_vkey(a, STR("example.com/foo"), key + 1),
	    STR("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")));
	struct str changed = arena_copy(a, str_of(text));
	((char *)changed.p)[3] ^= 1;
	OK(note_read(a, changed, &n, &err));
	assert_false(note_signed_by(&n, STR("example.com/foo"), key + 1));
	arena_free(a);
}

static void
a_checkpoint_is_read_as_it_was_written_and_in_no_other_spelling(void **state)
{
	struct arena *a = arena_new();
	unsigned char public[32], secret[64], sig[64];
	const struct merkle_tree tree = { 300, digest_from(
	    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328") };
	struct checkpoint c;
	struct err err = { 0 };
	(void)state;
	assert_int_equal(crypto_sign_keypair(public, secret), 0);
	struct str text = checkpoint_text(a, STR("www.example.com/log"), &tree);
	assert_int_equal(crypto_sign_detached(sig, NULL, (const unsigned char *)text.p, text.n, secret), 0);
	struct str line = note_line(a, STR("www.example.com/log"), public, sig);
	OK(checkpoint_read(a, arena_printf(a, "%.*s\n%.*s", STR_ARG(text), STR_ARG(line)), &c, &err));
	assert_true(note_signed_by(&c.note, c.origin, public));
	assert_int_equal(c.tree.size, 300);
	assert_true(digest_eq(&c.tree.root, &tree.root));
	static const char *const bad[] = { "a b\n3\n%s\n", "a+b\n3\n%s\n", "a\n03\n%s\n", "a\n-3\n%s\n",
		"a\n3\n%s=\n", "a\n3\n%s\nmore\n", "a\n3\n", "\n3\n%s\n", "a\n99999999999999999999\n%s\n",
		"a\n3\n%s", "a\r\n3\n%s\n",
		"a\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\xc9\xbe""AAAAA=\n",
		"a\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n" };
	for (size_t i = 0; i < LEN(bad); i++) {
		struct str base64 = STR("XcnaeacGWamtVZy3Ad7Zoqudgjqi9JYM/jcO/0YEMoM="), head = str_of(bad[i]);
		const char *at = strstr(bad[i], "%s");
		if (at != NULL)
			head = arena_printf(a, "%.*s%.*s%s", (int)(at - bad[i]), bad[i], STR_ARG(base64), at + 2);
		if (checkpoint_read(a, arena_printf(a, "%.*s\n%.*s", STR_ARG(head), STR_ARG(line)), &c, &err))
			fail_msg("'%.*s' was read", STR_ARG(head));
	}
	arena_free(a);
}

static void
a_record_is_read_as_it_was_written_and_stays_within_its_bound(void **state)
{
	struct arena *a = arena_new();
	struct record_bundle bundle[RECORD_BUNDLES];
	struct str text = { arena_alloc(a, RECORD_TEXT_MAX + 50, 1), RECORD_TEXT_MAX + 50 }, bytes;
	struct record r, back;
	struct err err = { 0 };
	(void)state;
	memset((char *)text.p, '"', text.n); /* the longest when escaped */
	((char *)text.p)[1] = '\n';
	text = record_text(a, text);
	assert_int_equal(text.n, RECORD_TEXT_MAX);
	assert_int_equal(text.p[1], '?');
	for (size_t i = 0; i < LEN(bundle); i++)
		bundle[i] = (struct record_bundle){ .name = STR("weather-weather/zh-hans-cnxx"),
			.length = UINT32_MAX, .documents = 200000 };
	r = (struct record){ .actor = text, .run = text, .kind = STR("publish"), .note = text,
		.program = text, .time = INT32_MAX, .version = 7, .root = 1, .targets = 2,
		.bundle = bundle, .bundles = LEN(bundle), .bundles_all = 1000,
		.tree = { 6, merkle_empty() } };
	OK(record_write(a, &r, &bytes, &err));
	OK(record_read(a, bytes, &back, &err));
	assert_int_equal(back.bundles, RECORD_BUNDLES);
	assert_int_equal(back.bundles_all, 1000);
	assert_int_equal(back.tree.size, 6);
	assert_true(str_eq(back.note, text));
	struct str again;
	OK(record_write(a, &back, &again, &err));
	assert_true(str_eq(bytes, again));
	arena_free(a);
}

static int
setup(void **state)
{
	(void)state;
	leaves_make();
	subtrees_make();
	return sodium_init() < 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_rfc_6962),
		cmocka_unit_test(growing_leaf_by_leaf_gives_the_root_of_the_definition),
		cmocka_unit_test(every_leaf_of_every_tree_proves_that_it_is_in_it_and_no_other),
		cmocka_unit_test(every_tree_proves_that_it_begins_with_every_smaller_one),
		cmocka_unit_test(tiles_grow_entry_by_entry_and_hold_every_tree_there_was),
		cmocka_unit_test(whichever_file_of_the_log_is_changed_it_is_noticed),
		cmocka_unit_test(a_tile_has_one_name_and_only_that_is_read),
		cmocka_unit_test(the_note_of_the_specification_is_verified_with_its_key),
		cmocka_unit_test(a_checkpoint_is_read_as_it_was_written_and_in_no_other_spelling),
		cmocka_unit_test(a_record_is_read_as_it_was_written_and_stays_within_its_bound),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
