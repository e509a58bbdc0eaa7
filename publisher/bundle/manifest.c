#include "publisher/bundle/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"
#include "publisher/store/store.h"

#define FORMAT 2
#define INPUTS_MAX 256
#define ENTRIES_MAX 4000000 /* in one shard no more than TREE_MAX has room for */
#define HASH_HEX 8

/* "1f2e3d4c" to 0x1f2e3d4c */
static bool
from_read(const json_t *j, uint32_t *out, struct err *err)
{
	static const char digits[] = "0123456789abcdef";
	struct str hex;
	if (!field_text(j, "from", &hex, err))
		return false;
	*out = 0;
	for (size_t i = 0; i < hex.n && i < HASH_HEX; i++) {
		const char *digit = memchr(digits, hex.p[i], 16);
		if (digit == NULL)
			return err_set(err, ERR_INPUT, "from: not hexadecimal");
		*out = *out << 4 | (uint32_t)(digit - digits);
	}
	return hex.n == HASH_HEX || err_set(err, ERR_INPUT, "from: not %d digits", HASH_HEX);
}

static bool
count_read(const json_t *j, const char *name, uint32_t *out, struct err *err)
{
	int64_t n;
	if (!field_int(j, name, 0, ENTRIES_MAX, &n, err))
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool
shard_read(const json_t *j, struct shard *out, struct err *err)
{
	int64_t size;
	if (!from_read(j, &out->from, err) || !field_digest(j, "sha256", &out->sha256, err)
	    || !field_int(j, "size", 1, STORE_OBJECT_MAX, &size, err))
		return false;
	out->size = (uint64_t)size;
	return field_digest(j, "content", &out->content, err)
	    && field_digest(j, "ids", &out->ids, err)
	    && field_digest(j, "sources", &out->sources, err)
	    && count_read(j, "documents", &out->documents, err)
	    && count_read(j, "files", &out->files, err);
}

static bool
shards_read(struct arena *a, const json_t *list, struct manifest *out, struct err *err)
{
	size_t n = json_array_size(list);
	if (n > MANIFEST_SHARDS)
		return err_set(err, ERR_LIMIT, "more than %d shards", MANIFEST_SHARDS);
	out->shard = ARENA_ARRAY(a, struct shard, n);
	for (size_t i = 0; i < n; i++) {
		struct shard *s = &out->shard[i];
		if (!shard_read(json_array_get(list, i), s, err))
			return err_in(err, "shards[%zu]", i);
		if (i > 0 && s[-1].from >= s->from)
			return err_set(err, ERR_INPUT, "shards[%zu]: not sorted and unique", i);
		out->documents += s->documents;
		out->files += s->files;
	}
	out->shards = n;
	return true;
}

static bool
tombstone_read(const json_t *j, struct tombstone *out, struct err *err)
{
	if (!field_text(j, "id", &out->id, err) || !field_time(j, "since", &out->since, err)
	    || !field_text(j, "reason", &out->reason, err) || !field_text(j, "who", &out->who, err))
		return false;
	if (!name_is_safe(out->id, ID_MAX))
		return err_set(err, ERR_INPUT, "id: '%.*s' is no document id", STR_ARG(out->id));
	return (out->reason.n <= TOMBSTONE_TEXT && out->who.n <= TOMBSTONE_TEXT)
	    || err_set(err, ERR_LIMIT, "reason, who: more than %d bytes", TOMBSTONE_TEXT);
}

static bool
tombstones_read(struct arena *a, const json_t *j, struct manifest *out, struct err *err)
{
	const json_t *list;
	if (json_object_get(j, "tombstones") == NULL)
		return true;
	if (!field_array(j, "tombstones", &list, err))
		return false;
	size_t n = json_array_size(list);
	if (n > TOMBSTONES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d tombstones", TOMBSTONES_MAX);
	struct tombstone *all = ARENA_ARRAY(a, struct tombstone, n);
	for (size_t i = 0; i < n; i++) {
		struct tombstone *t = &all[i];
		if (!tombstone_read(json_array_get(list, i), t, err))
			return err_in(err, "tombstones[%zu]", i);
		if (i > 0 && str_cmp(t[-1].id, t->id) >= 0)
			return err_set(err, ERR_INPUT, "tombstones[%zu]: not sorted and unique", i);
	}
	out->tombstone = all;
	out->tombstones = n;
	return true;
}

static bool
inputs_check(const json_t *inputs, struct err *err)
{
	const char *name;
	json_t *value;
	if (json_object_size(inputs) > INPUTS_MAX)
		return err_set(err, ERR_LIMIT, "inputs: more than %d", INPUTS_MAX);
	json_object_foreach((json_t *)(uintptr_t)inputs, name, value)
		if (!json_is_string(value))
			return err_set(err, ERR_INPUT, "inputs: %s: not text", name);
	return true;
}

static bool
format_check(const json_t *j, struct err *err)
{
	int64_t format;
	if (!field_int(j, "format", 1, INT64_MAX, &format, err))
		return false;
	return format == FORMAT || err_set(err, ERR_INPUT, "format: %" PRId64 ", but this version "
	    "of edgepress reads and writes %d: publish to a new target, or use the edgepress that "
	    "wrote it", format, FORMAT);
}

static bool
members_read(struct arena *a, const json_t *j, struct manifest *out, struct err *err)
{
	const json_t *shards;
	return format_check(j, err)
	    && field_text(j, "vertical", &out->vertical, err)
	    && field_text(j, "locale", &out->locale, err)
	    && ((name_is_safe(out->vertical, VERTICAL_MAX) && name_is_safe(out->locale, LOCALE_MAX))
	        || err_set(err, ERR_INPUT, "vertical, locale: no bundle has such a name"))
	    && field_time(j, "updated", &out->updated, err)
	    && (json_object_get(j, "first_expiry") == NULL
	        || field_time(j, "first_expiry", &out->first_expiry, err))
	    && field_object(j, "inputs", &out->inputs, err) && inputs_check(out->inputs, err)
	    && field_array(j, "shards", &shards, err) && shards_read(a, shards, out, err)
	    && tombstones_read(a, j, out, err);
}

bool
manifest_read(struct arena *a, struct str bytes, struct manifest *out, struct err *err)
{
	json_t *j;
	*out = (struct manifest){ 0 };
	if (bytes.n > MANIFEST_MAX)
		return err_set(err, ERR_LIMIT, "manifest: %zu bytes, at most %u", bytes.n,
		    MANIFEST_MAX);
	return (json_parse(a, bytes, &j, err) && members_read(a, j, out, err))
	    || err_in(err, "manifest");
}

/* Writing: the members that people look at one by one, the shards one a line */

static void
put_time(struct buf *out, const char *name, int64_t time)
{
	struct arena *a = arena_new();
	buf_printf(out, "  \"%s\": \"%.*s\",\n", name, STR_ARG(time_rfc3339(a, time)));
	arena_free(a);
}

static void
put_shard(struct buf *out, const struct shard *s)
{
	char sha256[DIGEST_HEX + 1], content[DIGEST_HEX + 1], ids[DIGEST_HEX + 1],
	    sources[DIGEST_HEX + 1];
	digest_hex(&s->sha256, sha256);
	digest_hex(&s->content, content);
	digest_hex(&s->ids, ids);
	digest_hex(&s->sources, sources);
	buf_printf(out, "    {\"from\":\"%08" PRIx32 "\",\"sha256\":\"%s\",\"size\":%" PRIu64
	    ",\"documents\":%" PRIu32 ",\"files\":%" PRIu32 ",\"content\":\"%s\",\"ids\":\"%s\""
	    ",\"sources\":\"%s\"}", s->from, sha256, s->size, s->documents, s->files, content, ids,
	    sources);
}

static void
put_tombstones(struct buf *out, const struct manifest *m)
{
	if (m->tombstones == 0)
		return;
	buf_put(out, STR(",\n  \"tombstones\": ["));
	for (size_t i = 0; i < m->tombstones; i++) {
		const struct tombstone *t = &m->tombstone[i];
		struct arena *a = arena_new();
		buf_printf(out, "%s\n    {\"id\":\"%.*s\",\"since\":\"%.*s\",\"reason\":", i > 0 ? "," : "",
		    STR_ARG(t->id), STR_ARG(time_rfc3339(a, t->since)));
		json_quote(out, t->reason);
		buf_put(out, STR(",\"who\":"));
		json_quote(out, t->who);
		buf_putc(out, '}');
		arena_free(a);
	}
	buf_put(out, STR("\n  ]"));
}

bool
manifest_write(const struct manifest *m, struct buf *out, struct err *err)
{
	buf_printf(out, "{\n  \"format\": %d,\n  \"vertical\": \"%.*s\",\n  \"locale\": \"%.*s\",\n",
	    FORMAT, STR_ARG(m->vertical), STR_ARG(m->locale));
	put_time(out, "updated", m->updated);
	if (m->first_expiry != 0)
		put_time(out, "first_expiry", m->first_expiry);
	buf_put(out, STR("  \"inputs\": "));
	if (!json_canonical(m->inputs, out, err))
		return err_in(err, "inputs of %.*s/%.*s", STR_ARG(m->vertical), STR_ARG(m->locale));
	buf_put(out, STR(",\n  \"shards\": ["));
	for (size_t i = 0; i < m->shards; i++) {
		buf_put(out, i > 0 ? STR(",\n") : STR("\n"));
		put_shard(out, &m->shard[i]);
	}
	buf_put(out, STR("\n  ]"));
	put_tombstones(out, m);
	buf_put(out, STR("\n}\n"));
	return buf_ok(out, err)
	    || err_in(err, "manifest of %.*s/%.*s", STR_ARG(m->vertical), STR_ARG(m->locale));
}

/* Looking up */

static struct str
stem_of(struct str path)
{
	size_t n = 0;
	while (n < path.n && path.p[n] != '.' && path.p[n] != '/')
		n++;
	return (struct str){ path.p, n };
}

uint32_t
manifest_hash(struct str path)
{
	const struct digest d = digest_of(stem_of(path));
	return (uint32_t)d.b[0] << 24 | (uint32_t)d.b[1] << 16 | (uint32_t)d.b[2] << 8 | d.b[3];
}

const struct shard *
shard_at(const struct shard *s, size_t n, uint32_t hash)
{
	size_t low = 0, high = n; /* how many begin at or before it */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s[middle].from <= hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? NULL : &s[low - 1];
}

const struct shard *
manifest_shard(const struct manifest *m, struct str path)
{
	return shard_at(m->shard, m->shards, manifest_hash(path));
}

static int
by_id(const void *id, const void *tombstone)
{
	return str_cmp(*(const struct str *)id, ((const struct tombstone *)tombstone)->id);
}

const struct tombstone *
manifest_tombstone(const struct manifest *m, struct str id)
{
	return m->tombstones == 0 ? NULL
	    : bsearch(&id, m->tombstone, m->tombstones, sizeof *m->tombstone, by_id);
}

const struct tombstone *
manifest_buried(const struct manifest *m, struct str path)
{
	return manifest_tombstone(m, stem_of(path));
}

void
key_bundle(struct str vertical, struct str locale, char out[KEY_MAX + 1])
{
	(void)snprintf(out, KEY_MAX + 1, "%.*s.%.*s", STR_ARG(vertical), STR_ARG(locale));
}

void
key_item(struct str vertical, struct str locale, struct str id, char out[KEY_MAX + 1])
{
	char whole[VERTICAL_MAX + LOCALE_MAX + ID_MAX + 3], hex[DIGEST_HEX + 1];
	int n = snprintf(whole, sizeof whole, "%.*s.%.*s.%.*s", STR_ARG(vertical),
	    STR_ARG(locale), STR_ARG(id));
	if (n <= KEY_MAX) {
		(void)snprintf(out, KEY_MAX + 1, "%.32s", whole);
		return;
	}
	const struct digest d = digest_of(str_of(whole));
	digest_hex(&d, hex);
	(void)snprintf(out, KEY_MAX + 1, "%.15s-%.16s", whole, hex);
}

void
key_path(struct str vertical, struct str locale, struct str path, char out[KEY_MAX + 1])
{
	struct buf whole;
	char hex[DIGEST_HEX + 1];
	buf_init(&whole, vertical.n + locale.n + path.n + 2);
	buf_put(&whole, vertical);
	buf_putc(&whole, '/');
	buf_put(&whole, locale);
	buf_putc(&whole, '/');
	buf_put(&whole, path);
	const struct digest d = digest_of(buf_str(&whole));
	buf_release(&whole);
	digest_hex(&d, hex);
	(void)snprintf(out, KEY_MAX + 1, "p.%.30s", hex);
}
