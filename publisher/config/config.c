#include "publisher/config/config.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/path.h"
#include "publisher/config/value.h"
#include "publisher/tlog/note.h"

#define NAMED_MAX 64 /* targets, edges, origins of a target */
#define NAME_BYTES_MAX 32

struct reader {
	struct arena *arena;
	struct config *config;
	const char *dir;      /* absolute */
	const char *shown;    /* as the user wrote it; "" is the current folder */
	struct target_config *target;
	struct edge_config *edge;
	const char *secret;   /* of [origin] */
};

/* Carry one setting into its section's struct. */
typedef bool setter(struct reader *, void *into, struct str value, struct err *);
struct key {
	const char *name;
	setter *set;
};
struct section {
	const char *name; /* "target " with the blank: a name follows */
	const struct key *key;
	size_t keys;
	/* What the settings of this section go into; made when it is first seen. */
	bool (*find)(struct reader *, struct str name, void **into, struct err *);
};

static const char *
path_in(const struct reader *r, struct str value)
{
	return fs_join(r->arena, r->dir, arena_copy(r->arena, value).p);
}

/* Documents are named in findings all day long: as short as the user named the settings. */
static const char *
documents_in(const struct reader *r, struct str value)
{
	return fs_join(r->arena, r->shown, arena_copy(r->arena, value).p);
}

static bool
path_set(const struct reader *r, struct str value, const char **out, struct err *err)
{
	if (value.n == 0)
		return err_set(err, ERR_SETUP, "no path");
	*out = path_in(r, value);
	return true;
}

static bool
text_set(struct str value, struct str *out, struct err *err)
{
	if (value.n == 0 || value.n > 256)
		return err_set(err, ERR_SETUP, "1 to 256 bytes of text are needed");
	*out = value;
	return true;
}

/* [site] */

static bool
site_name(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return text_set(value, &r->config->name, err);
}

static bool
site_publisher(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return text_set(value, &r->config->publisher, err);
}

static bool
site_url(struct reader *r, void *into, struct str value, struct err *err)
{
	const char *url;
	(void)into;
	if (!value_url(r->arena, value, &url, err))
		return false;
	r->config->url = str_of(url);
	return true;
}

static bool
site_documents(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	if (value.n == 0)
		return err_set(err, ERR_SETUP, "no path");
	r->config->documents = documents_in(r, value);
	return true;
}

static const struct key site_keys[] = {
	{ "name", site_name },
	{ "url", site_url },
	{ "publisher", site_publisher },
	{ "documents", site_documents },
};

/* [target NAME] */

static bool
target_store(struct reader *r, void *into, struct str value, struct err *err)
{
	struct target_config *t = into;
	struct str where, scheme = str_cut(value, ':', &where);
	if (where.n == 0 || scheme.n == 0)
		return err_set(err, ERR_SETUP, "'%.*s' is no store such as file:public",
		    STR_ARG(scheme)); /* not all of it: somebody may have put a password there */
	if (!str_eq(scheme, STR("file")) && memchr(where.p, ' ', where.n) != NULL)
		return err_set(err, ERR_SETUP, "a blank in the URL of a store");
	t->store = str_eq(scheme, STR("file"))
	    ? arena_printf(r->arena, "file:%s", path_in(r, where)).p
	    : arena_copy(r->arena, value).p;
	return true;
}

static bool
target_credentials(struct reader *r, void *into, struct str value, struct err *err)
{
	return path_set(r, value, &((struct target_config *)into)->store_credentials, err);
}

static bool
target_keys(struct reader *r, void *into, struct str value, struct err *err)
{
	return path_set(r, value, &((struct target_config *)into)->keys, err);
}

static bool
target_root(struct reader *r, void *into, struct str value, struct err *err)
{
	return path_set(r, value, &((struct target_config *)into)->root, err);
}

static bool
target_secret(struct reader *r, void *into, struct str value, struct err *err)
{
	return path_set(r, value, &((struct target_config *)into)->webhook_secret, err);
}

static bool
target_uploads(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)r;
	return value_number(value, 1, 64, &((struct target_config *)into)->uploads, err);
}

static bool
target_keep(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)r;
	return value_number(value, 1, 100, &((struct target_config *)into)->keep, err);
}

static bool
target_keep_for(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)r;
	return duration_parse(value, &((struct target_config *)into)->keep_for_s, err);
}

static bool
target_gc_grace(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)r;
	return duration_parse(value, &((struct target_config *)into)->gc_grace_s, err);
}

static bool
target_origins(struct reader *r, void *into, struct str value, struct err *err)
{
	struct target_config *t = into;
	struct str *word;
	if (!value_list(r->arena, value, NAMED_MAX, &word, &t->origins, err))
		return false;
	t->origin = ARENA_ARRAY(r->arena, const char *, t->origins);
	for (size_t i = 0; i < t->origins; i++)
		if (!value_url(r->arena, word[i], &t->origin[i], err))
			return false;
	return true;
}

static bool edge_find(struct reader *, struct str name, void **into, struct err *);

static bool
target_edges(struct reader *r, void *into, struct str value, struct err *err)
{
	struct target_config *t = into;
	struct str *word;
	if (!value_list(r->arena, value, NAMED_MAX, &word, &t->edges, err))
		return false;
	t->edge = ARENA_ARRAY(r->arena, const struct edge_config *, t->edges);
	for (size_t i = 0; i < t->edges; i++) {
		void *edge; /* its section may stand further down */
		if (!edge_find(r, word[i], &edge, err))
			return false;
		t->edge[i] = edge;
		for (size_t k = 0; k < i; k++)
			if (t->edge[k] == edge)
				return err_set(err, ERR_SETUP, "edge '%.*s' twice", STR_ARG(word[i]));
	}
	return true;
}

static bool
target_log(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)r;
	((struct target_config *)into)->log = value;
	return origin_is_safe(value) || err_set(err, ERR_SETUP, "'%.*s' is no name of a log such as "
	    "www.example.com/log", STR_ARG(value));
}

static const struct key target_key[] = {
	{ "store", target_store },
	{ "store_credentials", target_credentials },
	{ "keys", target_keys },
	{ "root", target_root },
	{ "keep", target_keep },
	{ "keep_for", target_keep_for },
	{ "gc_grace", target_gc_grace },
	{ "uploads", target_uploads },
	{ "origins", target_origins },
	{ "edges", target_edges },
	{ "webhook_secret", target_secret },
	{ "log", target_log },
};

/* [origin] */

static bool
origin_listen(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return value_listen(r->arena, value, &r->config->origin.address, &r->config->origin.port,
	    err);
}

static bool
origin_state(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return path_set(r, value, &r->config->origin.state, err);
}

static bool
origin_log(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	r->config->origin.log_json = str_eq(value, STR("json"));
	return r->config->origin.log_json || str_eq(value, STR("text"))
	    || err_set(err, ERR_SETUP, "'%.*s' is neither json nor text", STR_ARG(value));
}

static bool
origin_freshness(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return value_ms(value, 50, 60 * 1000, &r->config->origin.freshness_ms, err);
}

static bool
origin_memory(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return value_bytes(value, 1u << 20, (uint64_t)1 << 40, &r->config->origin.memory, err);
}

static bool
origin_threads(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return value_number(value, 1, 256, &r->config->origin.threads, err);
}

static bool
origin_home(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	struct str path = value;
	while (str_starts(path, STR("/")))
		path = (struct str){ path.p + 1, path.n - 1 };
	struct str bare = path;
	if (str_ends(bare, STR("/")))
		bare.n--;
	if (!path_is_safe(bare))
		return err_set(err, ERR_SETUP, "'%.*s' is no path such as /weather/en-us/index.html",
		    STR_ARG(value));
	r->config->origin.home = arena_printf(r->arena, "/%.*s", STR_ARG(path));
	return true;
}

static bool
origin_secret(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return path_set(r, value, &r->secret, err);
}

static const struct key origin_keys[] = {
	{ "listen", origin_listen },
	{ "state", origin_state },
	{ "log", origin_log },
	{ "freshness", origin_freshness },
	{ "memory", origin_memory },
	{ "threads", origin_threads },
	{ "home", origin_home },
	{ "webhook_secret", origin_secret },
};

/* [edge NAME] */

static bool
edge_driver(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)r;
	return text_set(value, &((struct edge_config *)into)->driver, err);
}

static bool
edge_url(struct reader *r, void *into, struct str value, struct err *err)
{
	return value_url(r->arena, value, &((struct edge_config *)into)->url, err);
}

static bool
edge_settle(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)r;
	return value_ms(value, 0, 10 * 60 * 1000, &((struct edge_config *)into)->settle_ms, err);
}

static bool
edge_secret(struct reader *r, void *into, struct str value, struct err *err)
{
	return path_set(r, value, &((struct edge_config *)into)->secret_file, err);
}

static const struct key edge_keys[] = {
	{ "driver", edge_driver },
	{ "url", edge_url },
	{ "settle", edge_settle },
	{ "secret", edge_secret },
};

/* [guard] */

static bool
guard_rejected(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return value_percent(value, &r->config->max_rejected, err);
}

static bool
guard_removed(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return value_percent(value, &r->config->max_removed, err);
}

static bool
guard_older(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	return value_percent(value, &r->config->max_older, err);
}

static bool
guard_added(struct reader *r, void *into, struct str value, struct err *err)
{
	(void)into;
	if (str_ends(value, STR("%")))
		value.n--;
	return value_number(str_trim(value), 0, 1000000, &r->config->max_added, err);
}

static const struct key guard_keys[] = {
	{ "max_rejected", guard_rejected },
	{ "max_removed", guard_removed },
	{ "max_older", guard_older },
	{ "max_added", guard_added },
};

/* May one more section have this name? */
static bool
may_add(struct str name, size_t n, const char *what, struct err *err)
{
	if (!name_is_safe(name, NAME_BYTES_MAX))
		return err_set(err, ERR_SETUP,
		    "'%.*s' is no name: lower-case letters, digits and '-', at most %d",
		    STR_ARG(name), NAME_BYTES_MAX);
	return n < NAMED_MAX || err_set(err, ERR_SETUP, "more than %d %s", NAMED_MAX, what);
}

static bool
target_find(struct reader *r, struct str name, void **into, struct err *err)
{
	size_t n = r->config->targets;
	for (size_t i = 0; i < n; i++)
		if (str_eq(r->target[i].name, name)) {
			*into = &r->target[i];
			return true;
		}
	if (!may_add(name, n, "targets", err))
		return false;
	r->target[n] = (struct target_config){
		.name = name,
		.keep = 20, .uploads = 32, .gc_grace_s = 24 * 3600,
		.keys = path_in(r, arena_printf(r->arena, "keys/%.*s", STR_ARG(name))),
		.root = path_in(r, arena_printf(r->arena, "trust/%.*s.root.json", STR_ARG(name))),
	};
	*into = &r->target[n];
	r->config->targets++;
	return true;
}

static bool
edge_find(struct reader *r, struct str name, void **into, struct err *err)
{
	size_t n = r->config->edges;
	for (size_t i = 0; i < n; i++)
		if (str_eq(r->edge[i].name, name)) {
			*into = &r->edge[i];
			return true;
		}
	if (!may_add(name, n, "edges", err))
		return false;
	r->edge[n] = (struct edge_config){ .name = name, .settle_ms = 2000 };
	*into = &r->edge[n];
	r->config->edges++;
	return true;
}

static const struct section sections[] = {
	{ "site", site_keys, LEN(site_keys), NULL },
	{ "target ", target_key, LEN(target_key), target_find },
	{ "origin", origin_keys, LEN(origin_keys), NULL },
	{ "edge ", edge_keys, LEN(edge_keys), edge_find },
	{ "guard", guard_keys, LEN(guard_keys), NULL },
};

/* The section's rules; *name is what follows "target ". */
static const struct section *
section_find(struct str text, struct str *name)
{
	for (size_t i = 0; i < LEN(sections); i++) {
		struct str known = str_of(sections[i].name);
		*name = (struct str){ text.p + known.n, text.n - known.n };
		if (sections[i].find ? str_starts(text, known) : str_eq(text, known))
			return &sections[i];
	}
	return NULL;
}

static bool
unknown_key(struct arena *a, const struct section *s, const struct ini_entry *e,
    struct err *err)
{
	struct buf *known = buf_in(a, 1024);
	for (size_t i = 0; i < s->keys; i++)
		buf_printf(known, "%s%s", i > 0 ? ", " : "", s->key[i].name);
	return err_set(err, ERR_SETUP, "unknown key '%.*s' in [%.*s]; known: %.*s",
	    STR_ARG(e->key), STR_ARG(e->section), STR_ARG(buf_str(known)));
}

static bool
entry_take(struct reader *r, const struct ini_entry *e, struct err *err)
{
	struct str name;
	void *into = NULL;
	const struct section *s = section_find(e->section, &name);
	if (s == NULL)
		return err_set(err, ERR_SETUP, "unknown section [%.*s]; known: [site], "
		    "[target NAME], [origin], [edge NAME], [guard]", STR_ARG(e->section));
	if (s->find != NULL && !s->find(r, str_trim(name), &into, err))
		return false;
	for (size_t i = 0; i < s->keys; i++)
		if (str_eq(e->key, str_of(s->key[i].name)))
			return s->key[i].set(r, into, e->value, err)
			    || err_in(err, "[%.*s] %.*s", STR_ARG(e->section), STR_ARG(e->key));
	return unknown_key(r->arena, s, e, err);
}

/* A setting that stands twice is a mistake somebody would search for a long time. */
static bool
entry_is_first(const struct ini *ini, size_t at, struct err *err)
{
	const struct ini_entry *e = &ini->entry[at];
	for (size_t i = 0; i < at; i++)
		if (str_eq(ini->entry[i].section, e->section) && str_eq(ini->entry[i].key, e->key))
			return err_set(err, ERR_SETUP, "'%.*s' of [%.*s] is already set in line %u",
			    STR_ARG(e->key), STR_ARG(e->section), ini->entry[i].line);
	return true;
}

static void
defaults(struct reader *r)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct config *c = r->config;
	c->name = STR("edgepress site");
	c->url = STR("http://localhost:8080");
	c->documents = documents_in(r, STR("documents"));
	c->origin.address = "127.0.0.1";
	c->origin.port = 8080;
	c->origin.state = "";
	c->origin.log_json = true;
	c->origin.freshness_ms = 1000;
	c->origin.memory = (size_t)256 << 20;
	c->origin.threads = cores < 1 ? 1 : cores > 256 ? 256 : (unsigned)cores;
	c->max_rejected = 20;
	c->max_removed = 30;
	c->max_older = 20;
	c->max_added = 1000;
	c->target = r->target = ARENA_ARRAY(r->arena, struct target_config, NAMED_MAX);
	c->edge = r->edge = ARENA_ARRAY(r->arena, struct edge_config, NAMED_MAX);
}

/* Whoever opens the store is to have its credentials too: they go with its URL. */
static bool
store_complete(const struct reader *r, struct target_config *t, struct err *err)
{
	if (t->store_credentials == NULL)
		return true;
	if (str_starts(str_of(t->store), STR("file:")))
		return err_set(err, ERR_SETUP, "[target %.*s] store_credentials: a folder takes none",
		    STR_ARG(t->name));
	t->store = arena_printf(r->arena, "%s %s", t->store, t->store_credentials).p;
	return true;
}

/* "https://www.example.com/news" to "www.example.com/news/log". */
static struct str
log_name(struct arena *a, struct str url)
{
	const char *slashes = memmem(url.p, url.n, "//", 2);
	struct str bare = slashes == NULL ? url
	    : (struct str){ slashes + 2, url.n - (size_t)(slashes + 2 - url.p) };
	struct str name = arena_printf(a, "%.*s/log", STR_ARG(bare));
	return origin_is_safe(name) ? name : STR("edgepress/log");
}

/* What can only be judged when all has been read. */
static bool
complete(struct reader *r, struct err *err)
{
	struct config *c = r->config;
	if (c->publisher.n == 0)
		c->publisher = c->name;
	for (size_t i = 0; i < c->targets; i++) {
		struct target_config *t = &r->target[i];
		if (t->store == NULL)
			return err_set(err, ERR_SETUP, "[target %.*s] needs a store, such as "
			    "store = file:public", STR_ARG(t->name));
		if (!store_complete(r, t, err))
			return false;
		if (t->webhook_secret == NULL)
			t->webhook_secret = r->secret;
		if (t->log.n == 0)
			t->log = log_name(r->arena, c->url);
		t->freshness_ms = c->origin.freshness_ms;
	}
	for (size_t i = 0; i < c->edges; i++)
		if (r->edge[i].url == NULL || r->edge[i].driver.n == 0)
			return err_set(err, ERR_SETUP, "[edge %.*s] needs driver and url",
			    STR_ARG(r->edge[i].name));
	return true;
}

static bool
folder_of(struct arena *a, const char *path, const char **out, struct err *err)
{
	char full[PATH_MAX];
	if (realpath(fs_dir(a, path), full) == NULL)
		return err_sys(err, "%s", path);
	*out = arena_copy(a, str_of(full)).p;
	return true;
}

bool
config_read(struct arena *a, const char *path, struct config *out, struct err *err)
{
	struct ini ini;
	struct reader r = { .arena = a, .config = out, .shown = "" };
	if (strchr(path, '/') != NULL)
		r.shown = fs_dir(a, path);
	*out = (struct config){ 0 };
	if (!ini_read(a, path, &ini, err) || !folder_of(a, path, &r.dir, err)) {
		if (err != NULL && err->code == ERR_INPUT)
			err->code = ERR_SETUP;
		return false;
	}
	out->path = arena_copy(a, str_of(path)).p;
	out->dir = r.dir;
	defaults(&r);
	for (size_t i = 0; i < ini.n; i++)
		if (!entry_is_first(&ini, i, err) || !entry_take(&r, &ini.entry[i], err))
			return err_in(err, "%s:%u", path, ini.entry[i].line);
	return complete(&r, err) || err_in(err, "%s", path);
}

bool
config_target(const struct config *c, struct str name, const struct target_config **out,
    struct err *err)
{
	struct buf known;
	for (size_t i = 0; i < c->targets; i++)
		if (str_eq(c->target[i].name, name) || (name.n == 0 && c->targets == 1)) {
			*out = &c->target[i];
			return true;
		}
	if (c->targets == 0)
		return err_set(err, ERR_INPUT, "%s has no [target NAME]", c->path);
	buf_init(&known, NAMED_MAX * (NAME_BYTES_MAX + 2));
	for (size_t i = 0; i < c->targets; i++)
		buf_printf(&known, "%s%.*s", i > 0 ? ", " : "", STR_ARG(c->target[i].name));
	if (name.n == 0)
		(void)err_set(err, ERR_INPUT, "say which target: %.*s", STR_ARG(buf_str(&known)));
	else
		(void)err_set(err, ERR_INPUT, "no target '%.*s' in %s; there are: %.*s",
		    STR_ARG(name), c->path, STR_ARG(buf_str(&known)));
	buf_release(&known);
	return false;
}
