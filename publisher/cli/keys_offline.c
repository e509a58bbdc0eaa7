/* keys: a ceremony on several machines: make, draft, sign, assemble, apply. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"
#include "publisher/cli/keys.h"
#include "publisher/cli/output.h"
#include "publisher/release/ceremony.h"
#include "publisher/signing/foreign.h"
#include "publisher/signing/offline.h"

bool
keys_make(struct keys_run *r, struct err *err)
{
	struct arena *a = r->cli->arena;
	struct keyring *ring;
	const struct public_key *key;
	struct buf *hex = buf_in(a, 64);
	enum seal_cost cost;

	if (!keys_options(r, &cost, err) || !keyring_create(a, r->arg[0], &ring, err)
	    || !keyring_make(ring, str_of(r->arg[1]), &key, err))
		return false;
	hex_put(hex, (struct str){ (const char *)key->key, sizeof key->key });
	if (r->cli->json) {
		json_t *o = json_new_object(a);

		json_object_set_new(o, "keyid", json_str(key->id));
		json_object_set_new(o, "public", json_str(buf_str(hex)));
		output_json(o);
	} else
		printf("key id      %.*s\npublic key  %.*s\n", STR_ARG(key->id), STR_ARG(buf_str(hex)));
	return true;
}

static bool
change_read(struct arena *a, char **word, struct draft_change *out, struct err *err)
{
	uint64_t n;

	*out = (struct draft_change){ .role = str_of(word[1]), .id = str_of(word[2]) };
	if (strcmp(word[0], "add") == 0) {
		out->act = DRAFT_ADD;
		return foreign_public(a, word[2], out->key, err);
	}
	if (strcmp(word[0], "remove") == 0) {
		out->act = DRAFT_REMOVE;
		return true;
	}
	out->act = DRAFT_THRESHOLD;
	if (strcmp(word[0], "threshold") != 0)
		return err_set(err, ERR_INPUT, "'%s' is none of add, remove, threshold", word[0]);
	if (!str_to_u64(str_of(word[2]), &n) || n < 1 || n > 64)
		return err_set(err, ERR_INPUT, "threshold %s %s: 1 to 64", word[1], word[2]);
	out->threshold = (unsigned)n;
	return true;
}

static void
role_show(const struct role_keys *role)
{
	printf("  %-12.*s %u of %zu:", STR_ARG(role->name), role->threshold, role->keys);
	for (size_t i = 0; i < role->keys; i++)
		printf(" %.8s", role->key[i]->id.p);
	(void)putchar('\n');
}

/* What somebody is about to sign, or has. */
static bool
draft_show(struct keys_run *r, struct str bytes, const char *what, struct err *err)
{
	struct arena *a = r->cli->arena;
	struct draft d;

	if (!offline_read(a, bytes, &d, err))
		return false;
	const size_t signatures = json_array_size(json_object_get(d.meta->json, "signatures"));

	if (r->cli->json) {
		json_t *o = json_new_object(a);

		json_object_set_new(o, "file", json_string(what));
		json_object_set_new(o, "role", json_str(d.meta->role));
		json_object_set_new(o, "version", json_integer(d.meta->version));
		json_object_set_new(o, "expires", json_str(time_rfc3339(a, d.meta->expires)));
		json_object_set_new(o, "signatures", json_integer((json_int_t)signatures));
		output_json(o);
		return true;
	}
	printf("%s: %.*s version %" PRId64 ", good until %.*s, %zu signatures\n", what,
	    STR_ARG(d.meta->role), d.meta->version, STR_ARG(time_rfc3339(a, d.meta->expires)),
	    signatures);
	for (size_t i = 0; d.is_root && i < LEN(d.root.role); i++)
		role_show(&d.root.role[i]);
	for (size_t i = 0; !d.is_root && i < d.targets.roles; i++)
		role_show(&d.targets.role[i]);
	return true;
}

bool
keys_draft(struct keys_run *r, struct err *err)
{
	struct arena *a = r->cli->arena;
	const char *life = cli_value(r->cli, "expires");
	const size_t n = (r->args - 1) / 3;
	struct draft_change *change = ARENA_ARRAY(a, struct draft_change, n);
	int64_t life_s = lifetimes_default.root_s;
	struct site *site;
	struct release now;
	struct str bytes;

	if ((r->args - 1) % 3 != 0)
		return err_set(err, ERR_INPUT, "a change has three words: add ROLE PUBLIC, remove ROLE "
		    "KEYID, threshold ROLE N");
	for (size_t i = 0; i < n; i++)
		if (!change_read(a, r->arg + 1 + 3 * i, &change[i], err))
			return false;
	if ((life != NULL && !duration_parse(str_of(life), &life_s, err))
	    || !site_mend(a, r->target, &site, err))
		return false;
	site_release(site, &now);
	return offline_draft(a, now.root, now.targets, change, n, clock_now() + life_s, &bytes, err)
	    && fs_create(r->arg[0], bytes, 0644, err) && draft_show(r, bytes, r->arg[0], err);
}

bool
keys_sign(struct keys_run *r, struct err *err)
{
	struct arena *a = r->cli->arena;
	struct keyring *ring;
	struct str bytes, signed_bytes;
	size_t added;

	return fs_read(a, r->arg[0], TARGETS_MAX, &bytes, err) && keyring_open(a, r->arg[1], &ring, err)
	    && (offline_sign(a, ring, bytes, &signed_bytes, &added, err)
	        || err_in(err, "%s", r->arg[0]))
	    && (added == 0 || fs_replace(r->arg[0], signed_bytes, 0644, err))
	    && draft_show(r, signed_bytes, r->arg[0], err);
}

static bool
copies_read(struct keys_run *r, size_t from, struct str **out, size_t *n, struct err *err)
{
	*n = r->args - from;
	*out = ARENA_ARRAY(r->cli->arena, struct str, *n);
	for (size_t i = 0; i < *n; i++)
		if (!fs_read(r->cli->arena, r->arg[from + i], TARGETS_MAX, &(*out)[i], err))
			return false;
	return true;
}

bool
keys_assemble(struct keys_run *r, struct err *err)
{
	struct str *copy, bytes;
	size_t n;

	return copies_read(r, 1, &copy, &n, err)
	    && offline_merge(r->cli->arena, copy, n, &bytes, err)
	    && fs_replace(r->arg[0], bytes, 0644, err) && draft_show(r, bytes, r->arg[0], err);
}

bool
keys_apply(struct keys_run *r, struct err *err)
{
	struct site *site;
	struct str *copy;
	struct release now;
	size_t n;

	if (!copies_read(r, 0, &copy, &n, err) || !site_mend(r->cli->arena, r->target, &site, err)
	    || !ceremony_apply(r->cli->arena, site, copy, n, cli_flag(r->cli, "old-is-lost"), err))
		return false;
	site_release(site, &now);
	if (!r->cli->json)
		printf("root %" PRId64 " and targets %" PRId64 " are in force; clients follow by "
		       "themselves\n", now.root->meta.version, now.targets->meta.version);
	return true;
}
