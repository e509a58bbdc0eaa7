#include "publisher/publish.h"

#include <pthread.h>

#include "publisher/draft.h"
#include "base/parallel.h"

#define UPLOADS 8 /* at the same time: most of it is waiting for the store */

struct commit {
	struct draft *draft;
	struct str note;
	const struct progress *progress;
	pthread_mutex_t lock;      /* of the progress */
	struct store *store;
	const struct plan *plan;
	size_t uploaded;
};

static void
step(const struct commit *c, const char *what, size_t done, size_t all)
{
	if (c->progress != NULL && c->progress->step != NULL)
		c->progress->step(c->progress->ctx, what, done, all);
}

/* A blob's name is the digest of its bytes: are they what the caller vouched for? */
static bool
content_check(const struct object *o, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	const struct digest is = digest_of(o->body);
	struct str name = o->key;
	name.p += STR("blobs/xx/").n;
	name.n -= STR("blobs/xx/").n;
	digest_hex(&is, hex);
	return str_starts(name, str_of(hex))
	    || err_set(err, ERR_UNTRUSTED, "%.*s: the rendered bytes have another digest: the render "
	        "cache is damaged; remove it and publish again", STR_ARG(o->key));
}

static bool
upload_one(void *ctx, size_t i, struct err *err)
{
	struct commit *c = ctx;
	if (!content_check(&c->plan->blob[i], err)
	    || !store_put(c->store, &c->plan->blob[i], err))
		return false;
	(void)pthread_mutex_lock(&c->lock);
	step(c, "upload", ++c->uploaded, c->plan->blobs);
	(void)pthread_mutex_unlock(&c->lock);
	return true;
}

static bool
manifest_put(struct arena *a, struct store *s, const struct planned_bundle *b, struct err *err)
{
	const struct object o = { live_manifest_key(a, b->vertical, b->locale, &b->sha256),
		b->bytes, STR("application/json"), true };
	return store_put(s, &o, err);
}

static void
change_add(struct wanted *w, const struct planned_bundle *b)
{
	w->change[w->changes++] = (struct bundle_change){ b->vertical, b->locale, b->sha256,
		b->bytes.n, &b->manifest };
}

/* Better said before the first upload than by issue_release after the last. */
static bool
verticals_check(const struct site *s, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->bundles; i++) {
		struct str vertical = plan->bundle[i].vertical;
		if (targets_role(&s->targets, vertical) == NULL)
			return err_set(err, ERR_ABSENT, "vertical %.*s has no key yet: run `edgepress keys "
			    "delegate %.*s %.*s`", STR_ARG(vertical), STR_ARG(s->target->name),
			    STR_ARG(vertical));
	}
	return true;
}

/* A wrong passphrase is better told before the first upload, too. */
static bool
keys_unlock(const struct site *s, const struct plan *plan, struct err *err)
{
	if (!keyring_unlock(s->keys, root_role(&s->root, "timestamp"), err)
	    || !keyring_unlock(s->keys, root_role(&s->root, "snapshot"), err))
		return false;
	for (size_t i = 0; i < plan->bundles; i++)
		if (plan->bundle[i].change != CHANGE_NONE
		    && !keyring_unlock(s->keys, targets_role(&s->targets, plan->bundle[i].vertical), err))
			return false;
	return true;
}

/* Everything that the metadata will name: blobs, then manifests. */
static bool
prepare_commit(void *ctx, struct arena *a, struct site *s, struct wanted *w, struct err *err)
{
	struct commit *c = ctx;
	struct plan *plan;
	step(c, "plan", 0, 1);
	if (!plan_make(a, s, c->draft, &plan, err))
		return false;
	step(c, "plan", 1, 1);
	c->plan = plan;
	c->store = s->store;
	c->uploaded = 0;
	w->note = c->note;
	w->change = ARENA_ARRAY(a, struct bundle_change, plan->bundles);
	for (size_t i = 0; i < plan->keys; i++)
		keyset_add(w->keys, plan->key[i]);
	if (!verticals_check(s, plan, err) || (plan->blobs > 0 && !keys_unlock(s, plan, err))
	    || !parallel(plan->blobs, UPLOADS, upload_one, c, err))
		return false;
	for (size_t i = 0; i < plan->bundles; i++) {
		const struct planned_bundle *b = &plan->bundle[i];
		if (b->change == CHANGE_NONE)
			continue;
		if (!manifest_put(a, s->store, b, err))
			return false;
		change_add(w, b);
	}
	w->release = w->changes > 0 || plan->renew;
	if (w->release)
		step(c, "commit", 0, 1);
	return true;
}

bool
publish_commit(struct arena *a, struct site *s, const struct publish_bundle *bundle, size_t n,
    struct str note, const struct progress *progress, struct published *out, struct err *err)
{
	struct commit c = { .note = note.n > 0 ? note : STR("publish"), .progress = progress };
	if (!draft_make(a, bundle, n, &c.draft, err))
		return false;
	(void)pthread_mutex_init(&c.lock, NULL);
	bool ok = release_run(a, s, prepare_commit, &c, out, err);
	(void)pthread_mutex_destroy(&c.lock);
	if (ok && out->changed)
		step(&c, "commit", 1, 1);
	return ok;
}
