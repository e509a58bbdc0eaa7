#include "publisher/origin/view.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct blob_slot {
	struct view_blob blob;
	const struct digest *key; /* NULL: free */
};

struct view {
	struct arena *arena;
	const struct live *live;
	struct view_metadata *metadata;
	size_t metadatas;
	int64_t expires;
	struct str expires_role;
	atomic_uint holds;
	pthread_mutex_t index_lock;
	struct blob_index index; /* made when first needed */
};

static void
add(struct view *v, struct str name, const struct metadata *m)
{
	if (v->metadatas == 0 || m->expires < v->expires) {
		v->expires = m->expires;
		v->expires_role = m->role;
	}
	v->metadata[v->metadatas++] = (struct view_metadata){ .name = name, .bytes = m->bytes,
		.sha256 = digest_of(m->bytes) };
}

static void
add_numbered(struct view *v, const struct metadata *m)
{
	add(v, arena_printf(v->arena, "%" PRId64 ".%.*s.json", m->version, STR_ARG(m->role)), m);
}

struct view *
view_new(struct arena *arena, const struct live *live)
{
	const struct trusted *t = live->trusted;
	struct view *v = ARENA_NEW(arena, struct view);
	v->arena = arena;
	v->live = live;
	v->metadata = ARENA_ARRAY(arena, struct view_metadata, 4 + t->roles);
	add(v, STR("timestamp.json"), &t->timestamp.meta);
	add_numbered(v, &t->root.meta);
	add_numbered(v, &t->snapshot.meta);
	add_numbered(v, &t->targets.meta);
	for (size_t i = 0; i < t->roles; i++)
		add_numbered(v, &t->role[i].meta);
	atomic_init(&v->holds, 1);
	(void)pthread_mutex_init(&v->index_lock, NULL);
	return v;
}

void
view_hold(struct view *v)
{
	(void)atomic_fetch_add_explicit(&v->holds, 1, memory_order_relaxed);
}

void
view_drop(struct view *v)
{
	if (v == NULL || atomic_fetch_sub_explicit(&v->holds, 1, memory_order_acq_rel) != 1)
		return;
	(void)pthread_mutex_destroy(&v->index_lock);
	arena_free(v->arena); /* the view itself is in it */
}

const struct live *
view_live(const struct view *v)
{
	return v->live;
}

int64_t
view_version(const struct view *v)
{
	return v->live->trusted->snapshot.meta.version;
}

int64_t
view_expires(const struct view *v, struct str *role)
{
	*role = v->expires_role;
	return v->expires;
}

bool
view_metadata(const struct view *v, struct str name, struct view_metadata *out)
{
	for (size_t i = 0; i < v->metadatas; i++)
		if (str_eq(v->metadata[i].name, name)) {
			*out = v->metadata[i];
			return true;
		}
	return false;
}

static struct blob_slot *
slot_of(const struct blob_index *x, const struct digest *key)
{
	uint64_t h;
	memcpy(&h, key->b, sizeof h); /* a digest is as good as any hash of it */
	struct blob_slot *s = &x->slot[h & (x->slots - 1)];
	while (s->key != NULL && !digest_eq(s->key, key))
		s = s + 1 < x->slot + x->slots ? s + 1 : x->slot;
	return s;
}

static void
index_put(struct blob_index *x, const struct digest *key, struct view_blob blob)
{
	struct blob_slot *s = slot_of(x, key);
	if (s->key == NULL)
		*s = (struct blob_slot){ blob, key };
}

static void
index_manifest(struct blob_index *x, const struct manifest *m)
{
	for (size_t i = 0; i < m->files; i++) {
		const struct manifest_file *f = &m->file[i];
		index_put(x, &f->sha256, (struct view_blob){ m, f, NULL, false });
		if (f->has_gzip)
			index_put(x, &f->gzip, (struct view_blob){ m, f, NULL, true });
	}
	for (size_t i = 0; i < m->documents; i++)
		index_put(x, &m->document[i].source,
		    (struct view_blob){ m, NULL, &m->document[i], false });
}

void
blob_index_make(struct arena *a, const struct manifest *const *manifest, size_t n,
    struct blob_index *out)
{
	struct blob_index x = { .slots = 16 };
	size_t blobs = 0;
	for (size_t i = 0; i < n; i++)
		blobs += 2 * manifest[i]->files + manifest[i]->documents;
	while (x.slots < blobs * 2)
		x.slots *= 2;
	x.slot = ARENA_ARRAY(a, struct blob_slot, x.slots);
	for (size_t i = 0; i < n; i++)
		index_manifest(&x, manifest[i]);
	*out = x;
}

bool
blob_index_find(const struct blob_index *x, const struct digest *key, bool gzip,
    struct view_blob *out)
{
	const struct blob_slot *s = slot_of(x, key);
	if (s->key == NULL || s->blob.gzip != gzip)
		return false;
	*out = s->blob;
	return true;
}

static void
view_index(struct view *v)
{
	const size_t n = v->live->bundles;
	const struct manifest **m = ARENA_ARRAY(v->arena, const struct manifest *, n);
	for (size_t i = 0; i < n; i++)
		m[i] = v->live->bundle[i].manifest;
	blob_index_make(v->arena, m, n, &v->index);
}

bool
view_blob(struct view *v, const struct digest *key, bool gzip, struct view_blob *out)
{
	(void)pthread_mutex_lock(&v->index_lock);
	if (v->index.slot == NULL)
		view_index(v);
	(void)pthread_mutex_unlock(&v->index_lock);
	return blob_index_find(&v->index, key, gzip, out);
}

static void
bundle_keys(const struct manifest *m, struct str document, struct representation *r)
{
	char key[KEY_MAX + 1];
	(void)snprintf(key, sizeof key, "%.*s", STR_ARG(m->vertical));
	representation_key(r, key);
	key_bundle(m->vertical, m->locale, key);
	representation_key(r, key);
	if (document.n > 0) {
		key_item(m->vertical, m->locale, document, key);
		representation_key(r, key);
	}
}

void
representation_of_file(const struct manifest *m, const struct manifest_file *f, bool pinned,
    struct representation *out)
{
	struct representation r = {
		.type = f->type,
		.plain = { f->sha256, f->size },
		.gzip = { f->gzip, f->gzip_size },
		.has_plain = true,
		.has_gzip = f->has_gzip,
		.modified = f->modified,
		.expires = f->expires,
		.lists_until = f->document.n == 0 ? m->first_expiry : 0,
		.policy = pinned || f->immutable ? POLICY_IMMUTABLE : POLICY_STABLE,
		.embeddable = str_ends(f->path, STR(".fragment.html")),
	};
	char key[KEY_MAX + 1];
	bundle_keys(m, f->document, &r);
	key_path(m->vertical, m->locale, f->path, key);
	representation_key(&r, key);
	*out = r;
}

static void
representation_of_source(const struct manifest *m, const struct manifest_document *d,
    struct representation *out)
{
	struct representation r = {
		.type = STR("application/xml; charset=utf-8"),
		.plain = { d->source, d->source_size },
		.has_plain = true,
		.modified = d->updated,
		.expires = d->expires,
		.policy = POLICY_IMMUTABLE,
	};
	bundle_keys(m, d->id, &r);
	*out = r;
}

void
representation_of_blob(const struct view_blob *b, struct representation *out)
{
	if (b->document != NULL) {
		representation_of_source(b->manifest, b->document, out);
		return;
	}
	representation_of_file(b->manifest, b->file, true, out);
	out->has_plain = !b->gzip;
	out->has_gzip = b->gzip;
}
