#include "publisher/origin/view.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct view {
	struct arena *arena;
	const struct live *live;
	struct view_metadata *metadata;
	size_t metadatas;
	int64_t expires;
	struct str expires_role;
	atomic_uint holds;
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

static uint64_t
number_of(const struct digest *d)
{
	uint64_t n;
	memcpy(&n, d->b, sizeof n); /* a digest is as good as any hash of it */
	return n;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

void
blob_numbers(struct arena *a, const struct tree *t, uint64_t **out, size_t *n)
{
	uint64_t *number = ARENA_ARRAY(a, uint64_t, t->files * CODINGS + t->documents);
	*n = 0;
	for (size_t i = 0; i < t->files; i++)
		for (int c = CODING_NONE; c < CODINGS; c++)
			if (has_form(&t->file[i], (enum coding)c))
				number[(*n)++] = number_of(&t->file[i].form[c].sha256);
	for (size_t i = 0; i < t->documents; i++)
		number[(*n)++] = number_of(&t->document[i].source);
	if (*n > 0)
		qsort(number, *n, sizeof *number, by_number);
	*out = number;
}

bool
blob_may_be(const uint64_t *number, size_t n, const struct digest *sha256)
{
	const uint64_t wanted = number_of(sha256);
	return n > 0 && bsearch(&wanted, number, n, sizeof wanted, by_number) != NULL;
}

bool
view_blob(const struct manifest *m, const struct tree *t, const struct digest *sha256,
    enum coding coding, struct view_blob *out)
{
	for (size_t i = 0; i < t->files; i++)
		if (has_form(&t->file[i], coding)
		    && digest_eq(&t->file[i].form[coding].sha256, sha256)) {
			*out = (struct view_blob){ m, &t->file[i], NULL, coding };
			return true;
		}
	for (size_t i = 0; coding == CODING_NONE && i < t->documents; i++)
		if (digest_eq(&t->document[i].source, sha256)) {
			*out = (struct view_blob){ m, NULL, &t->document[i], coding };
			return true;
		}
	return false;
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
		.forms = 1u << CODING_NONE | f->forms,
		.modified = f->modified != 0 ? f->modified : m->updated,
		.expires = f->expires,
		.lists_until = f->document.n == 0 ? m->first_expiry : 0,
		.policy = pinned || f->immutable ? POLICY_IMMUTABLE : POLICY_STABLE,
		.embeddable = str_ends(f->path, STR(".fragment.html")),
	};
	char key[KEY_MAX + 1];
	memcpy(r.form, f->form, sizeof r.form);
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
		.form[CODING_NONE] = { d->source, d->source_size },
		.forms = 1u << CODING_NONE,
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
	out->forms = 1u << b->coding;
}
