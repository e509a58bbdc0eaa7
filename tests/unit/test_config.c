#include "tests/unit/lib/scratch.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "publisher/config/config.h"

struct world {
	struct arena *a;
	const char *dir;
	const char *path;
	struct config c;
	struct err err;
};

static bool
config_of(struct world *w, const char *text)
{
	w->a = arena_new();
	w->dir = scratch_folder(w->a);
	w->path = fs_join(w->a, w->dir, "edgepress.ini");
	assert_true(fs_replace(w->path, str_of(text), 0644, &w->err));
	return config_read(w->a, w->path, &w->c, &w->err);
}

static void
world_end(struct world *w)
{
	arena_free(w->a);
}

/* The text is refused and the user is told `why`. */
static void
assert_refused(const char *text, const char *why)
{
	struct world w = { 0 };
	assert_false(config_of(&w, text));
	if (strstr(w.err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", w.err.text, why);
	assert_int_equal(w.err.code, ERR_SETUP);
	world_end(&w);
}

static void
assert_text(struct str s, const char *expected)
{
	if (!str_eq(s, str_of(expected)))
		fail_msg("'%.*s' is not '%s'", STR_ARG(s), expected);
}

static void
a_target_needs_only_a_store(void **state)
{
	struct world w = { 0 };
	const struct target_config *t;
	(void)state;
	assert_true(config_of(&w, "[target local]\nstore = file:public\n"));
	assert_true(config_target(&w.c, STR(""), &t, &w.err));
	assert_text(t->name, "local");
	assert_string_equal(t->store, arena_printf(w.a, "file:%s/public", w.dir).p);
	assert_string_equal(t->keys, fs_join(w.a, w.dir, "keys/local"));
	assert_string_equal(t->root, fs_join(w.a, w.dir, "trust/local.root.json"));
	assert_int_equal(t->keep, 20);
	assert_null(t->webhook_secret);
	assert_int_equal(t->freshness_ms, 1000);
	assert_string_equal(w.c.origin.address, "127.0.0.1");
	assert_int_equal(w.c.origin.port, 8080);
	assert_true(w.c.origin.log_json);
	assert_int_equal(w.c.origin.memory, 256 << 20);
	assert_true(w.c.origin.threads >= 1);
	assert_int_equal(w.c.max_rejected, 20);
	assert_int_equal(w.c.max_removed, 30);
	assert_int_equal(w.c.max_older, 20);
	assert_int_equal(w.c.max_added, 1000);
	world_end(&w);
}

static void
every_setting_arrives_where_it_belongs(void **state)
{
	struct world w = { 0 };
	const struct target_config *t;
	(void)state;
	if (!config_of(&w,
	        "[site]\nname = Example Weather\nurl = https://example.com/\n"
	        "publisher = Example Ltd\ndocuments = /srv/documents\n"
	        "[target prod]\nstore = azblob:acct/site\nstore_credentials = az.env\nkeys = k\nroot = r.json\nkeep = 5\n"
	        "origins = http://10.0.0.1:8080, http://10.0.0.2:8080/\nedges = west east\n"
	        "[target staging]\nstore = file:/srv/staging\nwebhook_secret = own\n"
	        "[edge east]\ndriver = varnish\nurl = http://127.0.0.1:6081\nsettle = 5s\n"
	        "[edge west]\ndriver = varnish\nurl = http://127.0.0.1:6082\nsecret = purge.txt\n"
	        "[origin]\nlisten = [::1]:9000\nstate = /var/lib/edgepress\nlog = text\n"
	        "freshness = 500ms\nmemory = 1G\nthreads = 3\nhome = weather/en-us/index.html\n"
	        "webhook_secret = hook\n"
	        "[guard]\nmax_rejected = 5%\nmax_removed = 0\n"))
		fail_msg("%s", w.err.text);
	assert_text(w.c.name, "Example Weather");
	assert_text(w.c.url, "https://example.com");
	assert_text(w.c.publisher, "Example Ltd");
	assert_string_equal(w.c.documents, "/srv/documents");
	assert_true(config_target(&w.c, STR("prod"), &t, &w.err));
	assert_string_equal(t->store, arena_printf(w.a, "azblob:acct/site %s/az.env", w.dir).p);
	assert_int_equal(t->keep, 5);
	assert_int_equal(t->origins, 2);
	assert_string_equal(t->origin[1], "http://10.0.0.2:8080");
	assert_int_equal(t->edges, 2);
	assert_text(t->edge[0]->name, "west");
	assert_string_equal(t->edge[0]->secret_file, fs_join(w.a, w.dir, "purge.txt"));
	assert_int_equal(t->edge[0]->settle_ms, 2000);
	assert_text(t->edge[1]->name, "east");
	assert_string_equal(t->edge[1]->url, "http://127.0.0.1:6081");
	assert_int_equal(t->edge[1]->settle_ms, 5000);
	assert_string_equal(t->webhook_secret, fs_join(w.a, w.dir, "hook"));
	assert_int_equal(t->freshness_ms, 500);
	assert_true(config_target(&w.c, STR("staging"), &t, &w.err));
	assert_string_equal(t->store, "file:/srv/staging");
	assert_string_equal(t->webhook_secret, fs_join(w.a, w.dir, "own"));
	assert_string_equal(w.c.origin.address, "::1");
	assert_int_equal(w.c.origin.port, 9000);
	assert_string_equal(w.c.origin.state, "/var/lib/edgepress");
	assert_false(w.c.origin.log_json);
	assert_int_equal(w.c.origin.memory, 1 << 30);
	assert_int_equal(w.c.origin.threads, 3);
	assert_text(w.c.origin.home, "/weather/en-us/index.html");
	assert_int_equal(w.c.max_rejected, 5);
	assert_int_equal(w.c.max_removed, 0);
	world_end(&w);
}

static void
a_mistake_is_named_with_its_line(void **state)
{
	(void)state;
	assert_refused("[target local]\nstoer = file:public\n",
	    "edgepress.ini:2: unknown key 'stoer' in [target local]; known: store, ");
	assert_refused("[tarket local]\nstore = file:public\n",
	    "edgepress.ini:2: unknown section [tarket local]; known: [site], ");
	assert_refused("[target local]\nstore = file:a\nkeep = 5\nstore = file:b\n",
	    "edgepress.ini:4: 'store' of [target local] is already set in line 2");
	assert_refused("[target local]\nkeep = 0\n",
	    ":2: [target local] keep: '0' is no number from 1 to 100");
	assert_refused("[target Local]\nkeep = 1\n", ":2: 'Local' is no name");
	assert_refused("[target]\nkeep = 1\n", ":2: unknown section [target]");
	assert_refused("[target local]\nkeep = 1\n", "[target local] needs a store");
	assert_refused("[target local]\nstore = file:p\nstore_credentials = c\n", "a folder takes none");
	assert_refused("[target local]\nstore = azblob:https://a b\n", "a blank in the URL");
	assert_refused("[target local]\nstore = public\n", "'public' is no store such as");
	assert_refused("[target local]\nstore = file:p\norigins = ftp://x\n", "is no URL such as");
	assert_refused("[target local]\nstore = file:p\nedges = west\n",
	    "[edge west] needs driver and url");
	assert_refused("[target local]\nstore = file:p\nedges = a a\n", "edge 'a' twice");
	assert_refused("[edge a]\nurl = http://u:p@host\n", "no user");
	assert_refused("[edge a]\nsettle = soon\n", "no duration such as 500ms");
	assert_refused("[origin]\nlisten = 8080\n", "no address and port such as");
	assert_refused("[origin]\nlisten = ::1:8080\n", "no address and port such as");
	assert_refused("[origin]\nfreshness = 5m\n", "is not within");
	assert_refused("[origin]\nmemory = 12X\n", "no size such as");
	assert_refused("[origin]\nmemory = 99999999999999G\n", "no size such as");
	assert_refused("[origin]\nhome = ../secret\n", "is no path such as");
	assert_refused("[guard]\nmax_removed = 101%\n", "no number from 0 to 100");
	assert_refused("[site]\nname =\n", "1 to 256 bytes");
	assert_refused("[site\n", "edgepress.ini:1");
}

static void
a_target_must_be_chosen_when_there_are_several(void **state)
{
	struct world w = { 0 };
	const struct target_config *t;
	(void)state;
	assert_true(config_of(&w, "[target a]\nstore = file:a\n[target b]\nstore = file:b\n"));
	assert_false(config_target(&w.c, STR(""), &t, &w.err));
	assert_string_equal(w.err.text, "say which target: a, b");
	assert_int_equal(w.err.code, ERR_INPUT);
	assert_false(config_target(&w.c, STR("c"), &t, &w.err));
	assert_non_null(strstr(w.err.text, "no target 'c'"));
	assert_non_null(strstr(w.err.text, "there are: a, b"));
	world_end(&w);
}

static void
an_absent_file_is_absent(void **state)
{
	struct arena *a = arena_new();
	struct config c;
	struct err err = { 0 };
	(void)state;
	assert_false(config_read(a, "/tmp/there/is/no/edgepress.ini", &c, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_needs_only_a_store),
		cmocka_unit_test(every_setting_arrives_where_it_belongs),
		cmocka_unit_test(a_mistake_is_named_with_its_line),
		cmocka_unit_test(a_target_must_be_chosen_when_there_are_several),
		cmocka_unit_test(an_absent_file_is_absent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
