#include "publisher/site.h"

#include "base/clock.h"
#include "base/fs.h"

static bool
anchor_read(struct arena *a, const struct target_config *t, struct str *out, struct err *err)
{
	if (fs_read(a, t->root, ROOT_MAX, out, err))
		return true;
	if (err->code == ERR_ABSENT)
		return err_set(err, ERR_SETUP, "%s is absent: run `edgepress keys init %.*s`", t->root,
		    STR_ARG(t->name));
	return err_in(err, "trusted root");
}

/* Reading works without secrets: status, diff and dry runs need none. */
static bool
keys_open(struct site *s, struct err *err)
{
	if (keyring_open(s->a, s->target->keys, &s->keys, &s->no_keys))
		return true;
	s->keys = NULL;
	if (s->no_keys.code == ERR_ABSENT)
		return true;
	return err_set(err, s->no_keys.code, "%s", s->no_keys.text);
}

bool
site_reload(struct site *s, struct err *err)
{
	struct live *live = NULL;
	struct err why = { 0 };
	const struct trust_source source = store_source(s->store);
	if (!live_read(s->a, s->store, s->anchor, s->live, clock_now(), EXPIRY_IGNORE, &live,
	        &why)) {
		if (why.code != ERR_ABSENT)
			return err_set(err, why.code, "%s", why.text);
		if (s->live != NULL)
			return err_set(err, ERR_BUSY, "timestamp.json was there and is not any more");
	}
	if (live != NULL)
		s->root = live->trusted->root;
	else if (!trust_root(s->a, s->anchor, &source, &s->root, err))
		return false;
	s->live = live;
	if (trust_targets(s->a, &s->root, live ? &live->trusted->targets : NULL, &source,
	        &s->targets, err))
		return true;
	if (err->code == ERR_ABSENT)
		return err_set(err, ERR_SETUP, "the store has no metadata/1.targets.json: run "
		    "`edgepress keys init %.*s`", STR_ARG(s->target->name));
	return false;
}

bool
site_open(struct arena *a, const struct target_config *target, struct site **out,
    struct err *err)
{
	struct site *s = ARENA_NEW(a, struct site);
	s->a = a;
	s->target = target;
	if (!anchor_read(a, target, &s->anchor, err)
	    || !store_open(a, target->store, &s->store, err)
	    || !keys_open(s, err) || !site_reload(s, err))
		return err_in(err, "target %.*s", STR_ARG(target->name));
	*out = s;
	return true;
}

const struct live *
site_live(const struct site *s)
{
	return s->live;
}

struct store *
site_store(const struct site *s)
{
	return s->store;
}

int64_t
site_version(const struct site *s)
{
	return s->live ? s->live->trusted->snapshot.meta.version : 0;
}

bool
site_keyring(const struct site *s, struct keyring **out, struct err *err)
{
	*out = s->keys;
	return s->keys != NULL
	    || err_set(err, ERR_SETUP, "no secret keys of target %.*s here: %s",
	        STR_ARG(s->target->name), s->no_keys.text);
}

void
site_release(const struct site *s, struct release *out)
{
	*out = (struct release){
		.base = s->live ? s->live->trusted : NULL,
		.root = &s->root,
		.targets = &s->targets,
	};
}
