#include "publisher/signing/issue.h"

#include <inttypes.h>

#include "publisher/signing/metafile.h"

#define DAY 86400
#define FAST_FORWARDED (INT64_C(1) << 52) /* nobody comes there by counting */
#define FILES_MAX (VERTICALS_MAX + 3) /* with targets, snapshot and timestamp */

const struct lifetimes lifetimes_default = {
	.root_s = 365 * DAY, .targets_s = 365 * DAY, .role_s = 90 * DAY, .snapshot_s = 14 * DAY,
	.timestamp_s = 2 * DAY,
};

/* A release while it is made. */
struct making {
	struct arena *a;
	const struct keyring *keys;
	const struct release *r;
	const struct lifetimes *life;
	int64_t now;
	const struct targets *targets; /* that will be live */
	struct meta_entry *entry;      /* of the new snapshot */
	size_t entries;
	struct issued *out;
	size_t n;
};

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * TUF 1.0 section 6.1: who stole a key may have signed a version near the largest. It counts no
 * more once that key is replaced, so counting begins again where it had come to before.
 */
static int64_t
next_version(int64_t was, int64_t again_from)
{
	return was < FAST_FORWARDED ? was + 1 : again_from;
}

/* Near its expiry; or so far from it that it was signed by a clock that went wrong, and could be
 * held before clients for years. */
static bool
due_third(const struct metadata *m, int64_t life_s, int64_t now)
{
	return m->expires - now < life_s / 3 || m->expires - now > life_s + DAY;
}

static bool
vouched(const struct metadata *m, struct signers who)
{
	struct err ignored;
	for (size_t i = 0; i < who.n; i++)
		if (!metadata_signed_by(m, who.role[i], &ignored))
			return false;
	return true;
}

/* Old and new keys of a top-level role while a rotation is under way, else the one set. */
static struct signers
top_level(const struct making *m, const char *role)
{
	return signed_by(root_role(m->r->root, role),
	    m->r->next != NULL ? root_role(m->r->next, role) : NULL);
}

/* Put `e` into the new snapshot, over what it said about the same role. */
static void
entry_set(struct making *m, struct meta_entry e)
{
	size_t i = 0;
	while (i < m->entries && !str_eq(m->entry[i].name, e.name))
		i++;
	m->entry[i] = e;
	m->entries += i == m->entries;
}

/* Is `who` able to renew this, and is there a reason to? */
static bool
renewal_wanted(const struct making *m, const struct metadata *meta, struct signers who,
    int64_t life_s)
{
	if (!vouched(meta, who))
		return true; /* must be: metafile_sign will say what is missing */
	return due_third(meta, life_s, m->now) && metafile_can_sign(m->keys, who);
}

/* The top level: what is live, what a ceremony has made since, or that again, renewed. */
static bool
targets_settle(struct making *m, struct err *err)
{
	const struct targets *t = m->r->targets;
	const struct signers who = top_level(m, "targets");
	const int64_t live = m->r->base != NULL ? m->r->base->targets.meta.version : 0;
	struct issued file = { metafile_name(m->a, STR("targets"), t->meta.version), t->meta.bytes };
	if (t->meta.version < live)
		return err_set(err, ERR_STALE, "targets version %" PRId64 " is live, not %" PRId64, live,
		    t->meta.version);
	m->targets = t;
	if (renewal_wanted(m, &t->meta, who, m->life->targets_s)) {
		const int64_t version = t->meta.version + 1;
		struct targets *renewed = ARENA_NEW(m->a, struct targets);
		json_t *body = targets_body(m->a, t->target, t->n, t->role, t->roles, version,
		    m->now + m->life->targets_s);
		if (!metafile_sign(m->a, m->keys, metafile_name(m->a, STR("targets"), version), body, who, &file,
		        err)
		    || !targets_read(m->a, STR("targets"), file.bytes, renewed, err))
			return false;
		m->targets = renewed;
	}
	if (m->targets->meta.version > live) {
		m->out[m->n++] = file;
		entry_set(m, metafile_entry(m->a, STR("targets"), m->targets->meta.version, file.bytes));
	}
	return true;
}

static const struct role_change *
change_of(const struct release *r, struct str vertical)
{
	for (size_t i = 0; i < r->changes; i++)
		if (str_eq(r->change[i].vertical, vertical))
			return &r->change[i];
	return NULL;
}

static bool
role_issue(struct making *m, const struct role_keys *who, const struct target *target, size_t n,
    struct err *err)
{
	const struct meta_entry *was = m->r->base != NULL
	    ? snapshot_find(&m->r->base->snapshot, who->name) : NULL;
	const int64_t version = larger(was != NULL ? next_version(was->version, 1) : 1,
	    m->r->version_at_least);
	const json_t *body = targets_body(m->a, target, n, NULL, 0, version,
	    m->now + m->life->role_s);
	struct targets check;
	struct issued *file = &m->out[m->n];
	if (!metafile_sign(m->a, m->keys, metafile_name(m->a, who->name, version), body,
	        signed_by(who, NULL), file, err)
	    || !targets_read(m->a, who->name, file->bytes, &check, err))
		return err_in(err, "%.*s", STR_ARG(who->name));
	m->n++;
	entry_set(m, metafile_entry(m->a, who->name, version, file->bytes));
	return true;
}

/* One vertical: its new list, or the old one again where its signature no longer serves. */
static bool
role_settle(struct making *m, const struct role_keys *who, struct err *err)
{
	const struct role_change *change = change_of(m->r, who->name);
	const struct targets *live = m->r->base != NULL ? trusted_role(m->r->base, who->name) : NULL;
	if (change != NULL)
		return role_issue(m, who, change->target, change->n, err);
	if (live == NULL)
		return role_issue(m, who, NULL, 0, err);
	if (m->r->sign_all)
		return role_issue(m, who, live->target, live->n, err);
	if (renewal_wanted(m, &live->meta, signed_by(who, NULL), m->life->role_s))
		return role_issue(m, who, live->target, live->n, err);
	return true;
}

/* Start from all that the live snapshot says: a role once listed stays listed. */
static void
entries_start(struct making *m)
{
	const struct trusted *base = m->r->base;
	const size_t listed = base != NULL ? base->snapshot.n : 0;
	m->entry = ARENA_ARRAY(m->a, struct meta_entry, listed + VERTICALS_MAX + 1);
	for (size_t i = 0; i < listed; i++)
		m->entry[m->entries++] = base->snapshot.entry[i];
	if (base == NULL)
		return;
	/* Others' snapshots may name versions only; we have the files, so we can say more. */
	entry_set(m, metafile_entry(m->a, STR("targets"), base->targets.meta.version,
	    base->targets.meta.bytes));
	for (size_t i = 0; i < base->roles; i++)
		entry_set(m, metafile_entry(m->a, base->role[i].meta.role, base->role[i].meta.version,
		    base->role[i].meta.bytes));
}

static bool
snapshot_settle(struct making *m, struct meta_entry *out, struct err *err)
{
	const struct trusted *base = m->r->base;
	const struct signers who = top_level(m, "snapshot");
	if (base != NULL && m->n == 0 && m->r->custom == NULL && vouched(&base->snapshot.meta, who)
	    && !due_third(&base->snapshot.meta, m->life->snapshot_s, m->now)) {
		*out = metafile_entry(m->a, STR("snapshot"), base->snapshot.meta.version,
		    base->snapshot.meta.bytes);
		return true;
	}
	const int64_t version = release_version(m->r);
	const json_t *custom = m->r->custom != NULL || base == NULL ? m->r->custom
	    : base->snapshot.custom;
	const json_t *body = snapshot_body(m->a, m->entry, m->entries, custom, version,
	    m->now + m->life->snapshot_s);
	struct issued *file = &m->out[m->n];
	struct snapshot check;
	if (!metafile_sign(m->a, m->keys, metafile_name(m->a, STR("snapshot"), version), body, who, file,
	        err)
	    || !snapshot_read(m->a, file->bytes, &check, err))
		return false;
	m->n++;
	*out = metafile_entry(m->a, STR("snapshot"), version, file->bytes);
	return true;
}

static bool
timestamp_settle(struct making *m, const struct meta_entry *snapshot, struct err *err)
{
	const int64_t version = larger(m->r->timestamp_at_least,
	    m->r->base != NULL ? next_version(m->r->base->timestamp.meta.version, 1) : 1);
	const json_t *body = timestamp_body(m->a, snapshot, version,
	    m->now + m->life->timestamp_s);
	struct timestamp check;
	struct issued *file = &m->out[m->n];
	if (!metafile_sign(m->a, m->keys, STR("metadata/timestamp.json"), body,
	        top_level(m, "timestamp"), file, err)
	    || !timestamp_read(m->a, file->bytes, &check, err))
		return false;
	m->n++;
	return true;
}

static bool
changes_check(const struct making *m, struct err *err)
{
	for (size_t i = 0; i < m->r->changes; i++) {
		struct str vertical = m->r->change[i].vertical;
		if (targets_role(m->targets, vertical) == NULL)
			return err_set(err, ERR_ABSENT, "vertical %.*s has no key yet: run `edgepress keys "
			    "delegate TARGET %.*s`", STR_ARG(vertical), STR_ARG(vertical));
	}
	return true;
}

int64_t
release_version(const struct release *r)
{
	const int64_t live = r->base != NULL ? r->base->snapshot.meta.version : 0;
	return larger(next_version(live, 1), r->version_at_least);
}

bool
issue_release(struct arena *a, const struct keyring *keys, const struct release *r,
    const struct lifetimes *life, int64_t now, struct issued **out, size_t *n, struct err *err)
{
	struct making m = { .a = a, .keys = keys, .r = r, .life = life, .now = now,
		.out = ARENA_ARRAY(a, struct issued, FILES_MAX) };
	struct meta_entry snapshot;
	entries_start(&m);
	if (!targets_settle(&m, err) || !changes_check(&m, err))
		return false;
	for (size_t i = 0; i < m.targets->roles; i++)
		if (!role_settle(&m, &m.targets->role[i], err))
			return false;
	if (!snapshot_settle(&m, &snapshot, err) || !timestamp_settle(&m, &snapshot, err))
		return false;
	*out = m.out;
	*n = m.n;
	return true;
}

bool
issue_due(const struct trusted *t, const struct lifetimes *life, int64_t now)
{
	if (t->timestamp.meta.expires - now < life->timestamp_s / 2
	    || t->timestamp.meta.expires - now > life->timestamp_s + DAY
	    || due_third(&t->snapshot.meta, life->snapshot_s, now)
	    || due_third(&t->targets.meta, life->targets_s, now))
		return true;
	for (size_t i = 0; i < t->roles; i++)
		if (due_third(&t->role[i].meta, life->role_s, now))
			return true;
	return false;
}
