#include "publisher/trust/client.h"

#include <inttypes.h>

#include "base/clock.h"

#define ROTATIONS_MAX 256 /* roots that one walk may pass */

/* One run of the workflow of TUF 1.0 section 5. */
struct refresh {
	struct arena *a;
	const struct trust_source *source;
	const struct trusted *before; /* bytes that need not be fetched again */
	const struct trusted *floor;  /* versions may not fall below it; NULL: no history counts */
	int64_t now;
	enum trust_expiry expiry;
	struct trusted *t;
};

static void
trusts(const struct trust_source *source, const struct metadata *m)
{
	if (source->trusts != NULL)
		source->trusts(source->ctx, m);
}

/* From a source, what is malformed or too long is no better than what is badly signed. */
static bool
refuse(struct err *err, struct str name)
{
	if (err->code == ERR_LIMIT)
		(void)err_in(err, "endless data");
	if (err->code == ERR_INPUT || err->code == ERR_LIMIT)
		err->code = ERR_UNTRUSTED;
	return err_in(err, "%.*s", STR_ARG(name));
}

static bool
not_expired(const struct refresh *r, const struct metadata *m, struct err *err)
{
	if (r->expiry == EXPIRY_IGNORE || m->expires > r->now)
		return true;
	struct str when = time_rfc3339(r->a, m->expires);
	return err_set(err, ERR_UNTRUSTED, "freeze: %.*s version %" PRId64 " expired at %.*s",
	    STR_ARG(m->role), m->version, STR_ARG(when));
}

/* Section 5.3: one root vouches for the next, which must also be signed by its own keys. */
static bool
root_next(struct arena *a, const struct root *old, struct str bytes, struct root *next,
    struct err *err)
{
	if (!root_read(a, bytes, next, err))
		return false;
	if (next->meta.version != old->meta.version + 1)
		return err_set(err, ERR_UNTRUSTED, "rollback: root version %" PRId64 " after %" PRId64,
		    next->meta.version, old->meta.version);
	return (metadata_signed_by(&next->meta, root_role(old, "root"), err)
	           || err_in(err, "keys of root %" PRId64, old->meta.version))
	    && (metadata_signed_by(&next->meta, root_role(next, "root"), err)
	           || err_in(err, "its own keys"));
}

static bool
root_walk(struct arena *a, const struct trust_source *source, struct root *root,
    struct err *err)
{
	for (int i = 0; i < ROTATIONS_MAX; i++) {
		struct root next;
		struct str bytes;
		struct err why = { 0 };
		struct str name = arena_printf(a, "metadata/%" PRId64 ".root.json",
		    root->meta.version + 1);
		if (!source->get(source->ctx, a, name, ROOT_MAX, &bytes, &why)) {
			if (why.code == ERR_ABSENT)
				return true;
			*err = why;
			return refuse(err, name);
		}
		if (!root_next(a, root, bytes, &next, err))
			return refuse(err, name);
		*root = next;
		trusts(source, &root->meta);
	}
	return err_set(err, ERR_SETUP, "the trusted root is more than %d versions old: replace it "
	    "by metadata/%" PRId64 ".root.json", ROTATIONS_MAX, root->meta.version);
}

static bool
anchor_read(struct arena *a, struct str anchor, struct root *out, struct err *err)
{
	if (root_read(a, anchor, out, err)
	    && metadata_signed_by(&out->meta, root_role(out, "root"), err))
		return true;
	err->code = ERR_SETUP; /* it came with the installation, not from the source */
	return err_in(err, "trusted root");
}

bool
trust_root(struct arena *a, struct str anchor, const struct trust_source *source,
    struct root *out, struct err *err)
{
	return anchor_read(a, anchor, out, err) && root_walk(a, source, out, err);
}

/* Start from whichever is newer: the installed root or the one that was trusted last. */
static bool
root_load(struct refresh *r, struct str anchor, struct err *err)
{
	struct root *root = &r->t->root;
	if (!anchor_read(r->a, anchor, root, err))
		return false;
	if (r->before != NULL && r->before->root.meta.version > root->meta.version
	    && !root_read(r->a, r->before->root.meta.bytes, root, err))
		return err_in(err, "root that was trusted before");
	return root_walk(r->a, r->source, root, err) && not_expired(r, &root->meta, err);
}

/*
 * Section 5.3.11: history counts only as far as the present keys vouch for it. Whoever stole
 * the old key may have signed version 2^53; after the rotation that no longer blocks anybody.
 */
static const struct trusted *
floor_of(const struct trusted *before, const struct root *root)
{
	struct err ignored;
	if (before != NULL
	    && metadata_signed_by(&before->timestamp.meta, root_role(root, "timestamp"), &ignored)
	    && (before->snapshot.meta.bytes.n == 0
	        || metadata_signed_by(&before->snapshot.meta, root_role(root, "snapshot"), &ignored)))
		return before;
	return NULL;
}

static bool
no_rollback(const char *what, int64_t now, int64_t before, struct err *err)
{
	return now >= before
	    || err_set(err, ERR_UNTRUSTED, "rollback: %s version %" PRId64 ", but %" PRId64
	           " was seen", what, now, before);
}

/* Section 5.4. Absent is told apart: nothing has been published. */
static bool
timestamp_load(struct refresh *r, struct err *err)
{
	const struct str name = STR("metadata/timestamp.json");
	struct timestamp *t = &r->t->timestamp;
	struct str bytes;
	if (!r->source->get(r->source->ctx, r->a, name, TIMESTAMP_MAX, &bytes, err)
	    || !timestamp_read(r->a, bytes, t, err)
	    || !metadata_signed_by(&t->meta, root_role(&r->t->root, "timestamp"), err))
		return refuse(err, name);
	if (r->floor != NULL) {
		const struct timestamp *seen = &r->floor->timestamp;
		if (!no_rollback("timestamp", t->meta.version, seen->meta.version, err)
		    || !no_rollback("snapshot", t->snapshot.version, seen->snapshot.version, err))
			return refuse(err, name);
		/* The same version is the same file: keep the one that was believed first. */
		if (t->meta.version == seen->meta.version
		    && !timestamp_read(r->a, seen->meta.bytes, t, err))
			return refuse(err, name);
	}
	if (!not_expired(r, &t->meta, err))
		return false;
	trusts(r->source, &t->meta);
	return true;
}

/* Are these the bytes that timestamp or snapshot speak of? */
static bool
entry_holds(const struct meta_entry *e, struct str bytes)
{
	const struct digest is = digest_of(bytes);
	return (!e->has_length || e->length == bytes.n)
	    && (!e->has_digest || digest_eq(&e->sha256, &is));
}

/* Consistent snapshots have the version in front of the name: section 6.2. */
static struct str
entry_name(struct refresh *r, const struct meta_entry *e, struct str role)
{
	return r->t->root.consistent
	    ? arena_printf(r->a, "metadata/%" PRId64 ".%.*s.json", e->version, STR_ARG(role))
	    : arena_printf(r->a, "metadata/%.*s.json", STR_ARG(role));
}

/* The file that `e` names, without asking for what `had` already is, if `who` vouches for it
 * today. */
static bool
entry_get(struct refresh *r, struct str name, const struct meta_entry *e, size_t max,
    const struct metadata *had, const struct role_keys *who, struct str *out, struct err *err)
{
	struct err ignored;
	if (had != NULL && had->bytes.n > 0 && had->version == e->version
	    && entry_holds(e, had->bytes) && metadata_signed_by(had, who, &ignored)) {
		*out = had->bytes;
		return true;
	}
	if (e->has_length && e->length < max)
		max = e->length;
	if (!r->source->get(r->source->ctx, r->a, name, max, out, err)) {
		if (err->code == ERR_ABSENT)
			return err_set(err, ERR_BUSY, "is named by newer metadata but not there (yet)");
		return false;
	}
	return entry_holds(e, *out)
	    || err_set(err, ERR_UNTRUSTED, "mix-and-match: length or sha256 differs from what is "
	                                   "signed for version %" PRId64, e->version);
}

static bool
version_is(const struct metadata *m, const struct meta_entry *e, struct err *err)
{
	return m->version == e->version
	    || err_set(err, ERR_UNTRUSTED, "mix-and-match: version %" PRId64 " in place of %" PRId64,
	           m->version, e->version);
}

/* Section 5.5.5: a role stays listed for ever, and never falls. */
static bool
snapshot_keeps(const struct snapshot *s, const struct snapshot *seen, struct err *err)
{
	for (size_t i = 0; i < seen->n; i++) {
		const struct meta_entry *was = &seen->entry[i];
		struct str role = { was->name.p, was->name.n - strlen(".json") };
		const struct meta_entry *is = snapshot_find(s, role);
		if (is == NULL)
			return err_set(err, ERR_UNTRUSTED, "rollback: %.*s is no longer listed",
			    STR_ARG(was->name));
		if (is->version < was->version)
			return err_set(err, ERR_UNTRUSTED, "rollback: %.*s version %" PRId64 ", but %" PRId64
			    " was seen", STR_ARG(was->name), is->version, was->version);
	}
	return true;
}

static bool
snapshot_load(struct refresh *r, struct err *err)
{
	const struct meta_entry *e = &r->t->timestamp.snapshot;
	const struct metadata *had = r->before != NULL ? &r->before->snapshot.meta : NULL;
	struct snapshot *s = &r->t->snapshot;
	struct str bytes;
	const struct role_keys *who = root_role(&r->t->root, "snapshot");
	struct str name = entry_name(r, e, STR("snapshot"));
	if (!entry_get(r, name, e, SNAPSHOT_MAX, had, who, &bytes, err)
	    || !snapshot_read(r->a, bytes, s, err) || !metadata_signed_by(&s->meta, who, err)
	    || !version_is(&s->meta, e, err)
	    || (r->floor != NULL && !snapshot_keeps(s, &r->floor->snapshot, err)))
		return refuse(err, name);
	if (!not_expired(r, &s->meta, err))
		return false;
	trusts(r->source, &s->meta);
	return true;
}

/* Section 5.6, for the top level and for each vertical. */
static bool
targets_load(struct refresh *r, struct str role, const struct role_keys *who,
    const struct targets *had, struct targets *out, struct err *err)
{
	const struct meta_entry *e = snapshot_find(&r->t->snapshot, role);
	struct str bytes;
	if (e == NULL)
		return err_set(err, ERR_UNTRUSTED, "the snapshot does not list %.*s", STR_ARG(role));
	struct str name = entry_name(r, e, role);
	if (!entry_get(r, name, e, TARGETS_MAX, had != NULL ? &had->meta : NULL, who, &bytes, err)
	    || !targets_read(r->a, role, bytes, out, err)
	    || !metadata_signed_by(&out->meta, who, err) || !version_is(&out->meta, e, err))
		return refuse(err, name);
	if (!not_expired(r, &out->meta, err))
		return false;
	trusts(r->source, &out->meta);
	return true;
}

/* Stock clients ask the top level first: it may not answer for a vertical. */
static bool
top_level_stays_out(const struct targets *t, struct err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		struct str rest;
		if (targets_role(t, str_cut(t->target[i].path, '/', &rest)) != NULL)
			return err_set(err, ERR_UNTRUSTED, "targets: %.*s belongs to a vertical",
			    STR_ARG(t->target[i].path));
	}
	return true;
}

static bool
roles_load(struct refresh *r, struct err *err)
{
	struct trusted *t = r->t;
	const struct targets *had = r->before != NULL ? &r->before->targets : NULL;
	if (!targets_load(r, STR("targets"), root_role(&t->root, "targets"), had, &t->targets, err))
		return false;
	if (trust_profile_now() != NULL)
		return true; /* others are loaded as a search comes to them: section 5.6.7 */
	if (!top_level_stays_out(&t->targets, err))
		return false;
	t->role = ARENA_ARRAY(r->a, struct targets, t->targets.roles);
	for (; t->roles < t->targets.roles; t->roles++) {
		const struct role_keys *who = &t->targets.role[t->roles];
		had = r->before != NULL ? trusted_role(r->before, who->name) : NULL;
		if (!targets_load(r, who->name, who, had, &t->role[t->roles], err))
			return false;
	}
	return true;
}

bool
trust_refresh(struct arena *a, struct str anchor, const struct trusted *before,
    const struct trust_source *source, int64_t now, enum trust_expiry expiry,
    struct trusted **out, struct err *err)
{
	struct refresh r = { .a = a, .source = source, .before = before, .now = now,
		.expiry = expiry, .t = ARENA_NEW(a, struct trusted) };
	if (!root_load(&r, anchor, err))
		return false;
	r.floor = floor_of(before, &r.t->root);
	if (!timestamp_load(&r, err) || !snapshot_load(&r, err) || !roles_load(&r, err))
		return false;
	*out = r.t;
	return true;
}

bool
trust_role(struct arena *a, const struct trusted *t, const struct trust_source *source,
    int64_t now, const struct role_keys *who, struct str cached, struct targets *out,
    struct err *err)
{
	struct trusted known = *t;
	struct refresh r = { .a = a, .source = source, .now = now, .t = &known };
	struct targets had;
	struct err ignored;
	bool has = cached.n > 0 && targets_read(a, who->name, cached, &had, &ignored);
	return targets_load(&r, who->name, who, has ? &had : NULL, out, err);
}

static bool
targets_next(struct arena *a, const struct root *root, struct str bytes, int64_t version,
    struct targets *out, struct err *err)
{
	return targets_read(a, STR("targets"), bytes, out, err)
	    && metadata_signed_by(&out->meta, root_role(root, "targets"), err)
	    && (out->meta.version == version
	           || err_set(err, ERR_UNTRUSTED, "is version %" PRId64, out->meta.version));
}

bool
trust_targets(struct arena *a, const struct root *root, const struct targets *live,
    const struct trust_source *source, struct targets *out, struct err *err)
{
	int64_t version = live != NULL ? live->meta.version : 0;
	bool found = live != NULL;
	if (live != NULL)
		*out = *live;
	for (int i = 0; i < ROTATIONS_MAX; i++) {
		struct targets next;
		struct str bytes;
		struct err why = { 0 };
		struct str name = arena_printf(a, "metadata/%" PRId64 ".targets.json", ++version);
		if (!source->get(source->ctx, a, name, TARGETS_MAX, &bytes, &why)) {
			if (why.code == ERR_ABSENT && found)
				return true;
			*err = why;
			return refuse(err, name);
		}
		if (!targets_next(a, root, bytes, version, &next, err))
			return refuse(err, name);
		*out = next;
		found = true;
	}
	return err_set(err, ERR_SETUP, "more than %d targets.json are newer than the live one",
	    ROTATIONS_MAX);
}

const struct targets *
trusted_role(const struct trusted *t, struct str vertical)
{
	for (size_t i = 0; i < t->roles; i++)
		if (str_eq(t->role[i].meta.role, vertical))
			return &t->role[i];
	return NULL;
}
