#include "publisher/release/publish.h"

#include "publisher/release/upload.h"

struct commit {
	struct draft *draft;
	struct str note;
	const char *kind; /* for the log; NULL: a publish */
	const struct progress *progress;
	unsigned threads;
	struct plan *plan;
	struct str round; /* of the attempt before; p == NULL: this is the first */
};

static void
step(const struct commit *c, const char *what, size_t done, size_t all)
{
	if (c->progress != NULL && c->progress->step != NULL)
		c->progress->step(c->progress->ctx, what, done, all);
}

/* The manifest, when all that it names is there. */
static bool
bundle_put(struct arena *a, struct commit *c, struct site *s, size_t i, struct wanted *w,
    struct err *err)
{
	struct planned_bundle *b = &c->plan->bundle[i];
	const struct upload u = { s->store, c->threads, c->progress };
	struct buf *bytes = buf_in(a, MANIFEST_MAX);
	if (!upload_trees(&u, &c->draft->bundle[i], b, err)
	    || !manifest_write(&b->manifest, bytes, err))
		return false;
	const struct digest sha256 = digest_of(buf_str(bytes));
	const struct object o = { .key = live_manifest_key(a, b->vertical, b->locale, &sha256),
		.body = buf_str(bytes), .type = STR("application/json"), .immutable = true };
	w->change[w->changes++] = (struct bundle_change){ b->vertical, b->locale, sha256, bytes->n,
		&b->manifest };
	return store_put(s->store, &o, err);
}

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

bool
site_can_sign(const struct site *s, const struct plan *plan, struct err *err)
{
	return verticals_check(s, plan, err) && (plan->blobs == 0 || keys_unlock(s, plan, err));
}

/* Everything that the metadata will name: blobs, then shards, then manifests. */
static bool
prepare_commit(void *ctx, struct arena *a, struct site *s, struct wanted *w, struct err *err)
{
	struct commit *c = ctx;
	struct plan *plan;
	step(c, "plan", 0, 1);
	if (c->round.p != NULL && !str_eq(c->round, s->round))
		draft_forget(c->draft);
	c->round = s->round.p != NULL ? s->round : STR("");
	if (!plan_make(a, s, c->draft, &plan, err))
		return false;
	step(c, "plan", 1, 1);
	c->plan = plan;
	w->note = c->note;
	w->kind = c->kind;
	w->change = ARENA_ARRAY(a, struct bundle_change, plan->bundles);
	for (size_t i = 0; i < plan->keys; i++)
		keyset_add(w->keys, plan->key[i]);
	const struct upload u = { s->store, c->threads, c->progress };
	if (!site_can_sign(s, plan, err) || !upload_contents(&u, plan, err))
		return false;
	for (size_t i = 0; i < plan->bundles; i++)
		if (plan->bundle[i].change != CHANGE_NONE && !bundle_put(a, c, s, i, w, err))
			return false;
	w->release = w->changes > 0 || plan->renew;
	if (w->release)
		step(c, "commit", 0, 1);
	return true;
}

bool
publish_commit(struct arena *a, struct site *s, const struct publish_bundle *bundle, size_t n,
    struct str note, const struct progress *progress, struct published *out, struct err *err)
{
	struct commit c = { .note = note.n > 0 ? note : STR("publish"), .progress = progress,
		.threads = s->target->uploads > 0 ? s->target->uploads : 1 };
	for (size_t i = 0; i < n; i++)
		if (bundle[i].buries)
			c.kind = "takedown";
	if (!draft_make(a, bundle, n, &c.draft, err))
		return false;
	bool ok = release_run(a, s, prepare_commit, &c, out, err);
	if (ok && out->changed)
		step(&c, "commit", 1, 1);
	return ok;
}
