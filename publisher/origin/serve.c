#include "publisher/origin/serve.h"

#include <inttypes.h>
#include <time.h>

#include "publisher/origin/operations.h"

#define NOT_FOUND_S 10
#define REDIRECT_S 60
#define TAKEN_DOWN_S 60

/* One request on its way to an answer. */
struct job {
	struct origin *origin;
	struct arena *arena;
	const struct request *request;
	struct route route;
	struct served *out;
	enum pointer pointer;
	const struct live_bundle *bundle;
	int64_t store_us; /* spent waiting for the store */
};

static int64_t
now_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
problem(struct job *j, unsigned status, const char *title, const char *detail)
{
	answer_problem(j->arena, status, title, detail, 0, &j->out->answer);
	if (status == 503)
		answer_header(&j->out->answer, "Retry-After", "1");
}

/* An error of the store is never "not found", and nobody keeps it. */
static void
store_problem(struct job *j, const struct err *err)
{
	if (err->code == ERR_UNTRUSTED || err->code == ERR_INPUT || err->code == ERR_LIMIT)
		problem(j, 502, "Bad Gateway", "What the store holds is not what was signed.");
	else
		problem(j, 503, "Service Unavailable", "The store cannot be read at the moment.");
	answer_header(&j->out->answer, "Cache-Status", "edgepress; fwd=uri-miss; detail=store");
}

/* The bare 404 that TUF clients expect where the next root would be. */
static void
bare_not_found(struct job *j)
{
	answer_text(&j->out->answer, 404, "", (struct str){ 0 });
}

/* Nothing there. With the key of the path, so that publishing it purges this answer; kept by
 * nobody if a newer version may have it. */
static void
not_found(struct job *j, bool certain)
{
	const struct route *r = &j->route;
	char key[1][KEY_MAX + 1];
	answer_problem(j->arena, 404, "Not Found", "Nothing is published at this path.",
	    certain ? NOT_FOUND_S : 0, &j->out->answer);
	if (!certain)
		return;
	key_path(r->vertical, r->locale, r->path, key[0]);
	answer_keys(j->arena, &j->out->answer, (const char (*)[KEY_MAX + 1])key, 1);
}

/* Taken down: at once, for all who ask, under the keys by which it is purged when that ends. */
static void
taken_down(struct job *j, const struct live_bundle *b, struct str id, struct str path)
{
	char key[3][KEY_MAX + 1];
	answer_problem(j->arena, 410, "Gone", "This document was taken down.", TAKEN_DOWN_S,
	    &j->out->answer);
	key_bundle(b->vertical, b->locale, key[0]);
	key_item(b->vertical, b->locale, id, key[1]);
	key_path(b->vertical, b->locale, path, key[2]);
	answer_keys(j->arena, &j->out->answer, (const char (*)[KEY_MAX + 1])key,
	    path.n > 0 ? 3 : 2);
}

static bool
open_view(struct job *j)
{
	j->out->view = follow_view(j->origin->follow, &j->pointer);
	return j->out->view != NULL;
}

static void
no_view(struct job *j)
{
	problem(j, 503, "Service Unavailable", j->pointer == POINTER_CONFIRMED
	    ? "Nothing has been published yet." : "There is no verified site to serve yet.");
}

static void
mark(struct job *j, const char *how)
{
	const bool hit = str_eq(str_of(how), STR("hit"));
	j->out->outcome = how;
	answer_header(&j->out->answer, "Cache-Status", arena_printf(j->arena, "edgepress; %s%s",
	    hit ? "hit" : "fwd=uri-miss; stored",
	    j->pointer == POINTER_STALE ? "; detail=stale-pointer" : "").p);
}

static void
cut_body(struct job *j, struct str whole)
{
	struct answer *w = &j->out->answer;
	if (w->body == BODY_NONE || j->request->method == METHOD_HEAD)
		return;
	j->out->body = (struct str){ whole.p + w->from, w->length };
}

/* The answer's bytes out of a cached item; `ok` is what getting it said. */
static void
body_from(struct job *j, bool ok, bool hit, const struct err *err)
{
	if (!ok) {
		store_problem(j, err);
		return;
	}
	const struct bytes *b = j->out->blob->value;
	cut_body(j, (struct str){ b->p, b->n });
	mark(j, hit ? "hit" : "miss");
}

static bool
needs_body(const struct job *j)
{
	return j->out->answer.body == BODY_STORED && j->request->method == METHOD_GET;
}

/* Decide about `r`, then fetch what is to be sent. */
static void
send_blob(struct job *j, const struct representation *r)
{
	struct served *s = j->out;
	struct err err = { 0 };
	bool hit = true;
	answer_representation(j->arena, j->request, r, &s->answer);
	if (!needs_body(j)) {
		if (s->answer.status < 400)
			mark(j, "hit");
		return;
	}
	const int64_t began = now_us();
	bool ok = objects_blob(&j->origin->objects, &s->answer.coded, s->answer.coding, &s->blob,
	    &hit, &err);
	j->store_us = hit ? 0 : now_us() - began;
	body_from(j, ok, hit, &err);
}

/* The manifest that the URL is about; NULL: answered. */
static const struct manifest *
manifest_of(struct job *j)
{
	const struct route *r = &j->route;
	struct served *s = j->out;
	struct err err = { 0 };
	j->bundle = live_find(view_live(s->view), r->vertical, r->locale);
	if (r->version == 0) {
		if (j->bundle == NULL)
			not_found(j, j->pointer == POINTER_CONFIRMED);
		return j->bundle != NULL ? j->bundle->manifest : NULL;
	}
	if (r->version > view_version(s->view) && j->pointer == POINTER_STALE) {
		problem(j, 503, "Service Unavailable", "The store cannot be read at the moment.");
		return NULL;
	}
	const struct bundle_version *v = j->bundle == NULL || r->version > view_version(s->view)
	    ? NULL : live_version(j->bundle, r->version);
	if (v == NULL) {
		problem(j, 404, "Not Found", "There is no such version, or it is no longer kept.");
		return NULL;
	}
	if (digest_eq(&v->sha256, &j->bundle->current.sha256))
		return j->bundle->manifest;
	const int64_t began = now_us();
	bool ok = objects_manifest(&j->origin->objects, r->vertical, r->locale, v, &s->manifest,
	    &err);
	j->store_us = now_us() - began;
	if (!ok)
		store_problem(j, &err);
	return ok ? &((const struct kept *)s->manifest->value)->manifest : NULL;
}

/* The stored bytes of a shard that the current version has, too; none if it has not. */
static struct str
current_bytes(const struct live_bundle *b, const struct shard *wanted)
{
	const struct manifest *m = b->manifest;
	const struct shard *s = shard_at(m->shard, m->shards, wanted->from);
	return s != NULL && digest_eq(&s->sha256, &wanted->sha256)
	    ? live_shard_bytes(b, (size_t)(s - m->shard)) : (struct str){ 0 };
}

/* The file at the URL's path, NULL if there is none; false: answered. */
static bool
file_of(struct job *j, const struct manifest *m, const struct manifest_file **out)
{
	const struct shard *s = manifest_shard(m, j->route.path);
	struct err err = { 0 };
	*out = NULL;
	if (s == NULL)
		return true;
	if (!objects_tree(&j->origin->objects, s, current_bytes(j->bundle, s), &j->out->tree, &err)) {
		store_problem(j, &err);
		return false;
	}
	*out = tree_file(&((const struct kept *)j->out->tree->value)->tree, j->route.path);
	return true;
}

static void
serve_folder(struct job *j)
{
	const struct route *r = &j->route;
	struct answer *w = &j->out->answer;
	char key[2][KEY_MAX + 1];
	struct str to = r->version == 0
	    ? arena_printf(j->arena, "/%.*s/%.*s/index.html", STR_ARG(r->vertical),
	          STR_ARG(r->locale))
	    : arena_printf(j->arena, "/@%" PRId64 "/%.*s/%.*s/index.html", r->version,
	          STR_ARG(r->vertical), STR_ARG(r->locale));
	answer_redirect(j->arena, 301, to, REDIRECT_S, w);
	key_bundle(r->vertical, r->locale, key[0]);
	key_path(r->vertical, r->locale, r->path, key[1]);
	answer_keys(j->arena, w, (const char (*)[KEY_MAX + 1])key, 2);
}

/* What a stable URL stands for at this moment. Its bytes change by more than newer documents:
 * by a template, by a rollback to older ones. So its date is not the document's but that of
 * the bundle's version, which never goes back: else If-Modified-Since and If-Range would take
 * other bytes for the same. */
static void
now_stands_for(const struct job *j, struct representation *r)
{
	if (j->bundle->current.time > r->modified)
		r->modified = j->bundle->current.time;
	r->unconfirmed = j->pointer == POINTER_STALE;
}

static bool
is_current(const struct live_bundle *b, const struct shard *wanted)
{
	const struct shard *s = shard_at(b->manifest->shard, b->manifest->shards, wanted->from);
	return s != NULL && digest_eq(&s->sha256, &wanted->sha256);
}

/* Has an older version that has this list any document that is taken down now? */
static bool
lists_buried(struct job *j, const struct manifest *m, struct str *id, struct err *err)
{
	const struct manifest *now = j->bundle->manifest;
	for (size_t i = 0; i < now->tombstones; i++) {
		struct cached *c;
		const struct shard *s = manifest_shard(m, now->tombstone[i].id);
		if (s == NULL || is_current(j->bundle, s))
			continue;
		if (!objects_tree(&j->origin->objects, s, (struct str){ 0 }, &c, err))
			return false;
		bool there = tree_document(&((const struct kept *)c->value)->tree,
		    now->tombstone[i].id) != NULL;
		cache_drop(j->origin->objects.manifests, c);
		if (there) {
			*id = now->tombstone[i].id;
			return true;
		}
	}
	*id = (struct str){ 0 };
	return true;
}

/* Is it in the current version as it was? Then it names nobody who is gone. */
static bool
is_still_current(struct job *j, const struct manifest_file *f, bool *out, struct err *err)
{
	const struct live_bundle *b = j->bundle;
	const struct shard *s = manifest_shard(b->manifest, f->path);
	struct cached *c;
	*out = false;
	if (s == NULL)
		return true;
	if (!objects_tree(&j->origin->objects, s, current_bytes(b, s), &c, err))
		return false;
	const struct manifest_file *now = tree_file(&((const struct kept *)c->value)->tree, f->path);
	*out = now != NULL
	    && digest_eq(&now->form[CODING_NONE].sha256, &f->form[CODING_NONE].sha256);
	cache_drop(j->origin->objects.manifests, c);
	return true;
}

/*
 * What an older version still has of a document that is taken down: its own files, and the
 * lists that have it. False: answered.
 */
static bool
may_be_seen(struct job *j, const struct manifest *m, const struct manifest_file *f)
{
	const struct live_bundle *b = j->bundle;
	struct str id = f->document;
	struct err err = { 0 };
	bool same = false;
	if (b->manifest->tombstones == 0 || m == b->manifest || f->immutable)
		return true;
	if (id.n > 0 && manifest_tombstone(b->manifest, id) == NULL)
		return true;
	if (id.n == 0 && (!is_still_current(j, f, &same, &err)
	        || (!same && !lists_buried(j, m, &id, &err)))) {
		store_problem(j, &err);
		return false;
	}
	if (id.n > 0)
		taken_down(j, b, id, f->path);
	return id.n == 0;
}

static void
serve_content(struct job *j)
{
	const struct manifest *m;
	const struct manifest_file *f;
	struct representation r;
	if (!open_view(j)) {
		no_view(j);
		return;
	}
	m = manifest_of(j);
	if (m == NULL || !file_of(j, m, &f))
		return;
	if (f == NULL && manifest_buried(j->bundle->manifest, j->route.path) != NULL) {
		taken_down(j, j->bundle, manifest_buried(j->bundle->manifest, j->route.path)->id,
		    j->route.path);
		return;
	}
	if (f == NULL) {
		not_found(j, j->route.version == 0 && j->pointer == POINTER_CONFIRMED);
		return;
	}
	if (!may_be_seen(j, m, f))
		return;
	if (j->route.kind == ROUTE_FOLDER) {
		serve_folder(j);
		return;
	}
	representation_of_file(m, f, j->route.version != 0, &r);
	if (r.policy == POLICY_STABLE)
		now_stands_for(j, &r);
	send_blob(j, &r);
}

/* The blob that the URL names, if it is in this shard. ERR_ABSENT: it is not. */
static bool
find_in(struct job *j, const struct live_bundle *b, const struct manifest *m,
    const struct shard *s, struct view_blob *out, struct err *err)
{
	struct cached *c;
	if (!objects_tree(&j->origin->objects, s, current_bytes(b, s), &c, err))
		return false;
	const struct kept *k = c->value;
	if (blob_may_be(k->number, k->numbers, &j->route.sha256)
	    && view_blob(m, &k->tree, &j->route.sha256, j->route.coding, out)) {
		j->out->tree = c;
		return true;
	}
	cache_drop(j->origin->objects.manifests, c);
	return err_set(err, ERR_ABSENT, "not in this shard");
}

/* A shard of the current version and how to parse it. */
struct current_shard {
	struct job *job;
	const struct live_bundle *bundle;
	size_t i;
};

static bool
numbers_make(void *ctx, struct arena *a, uint64_t **out, size_t *n, struct err *err)
{
	const struct current_shard *s = ctx;
	struct objects *o = &s->job->origin->objects;
	struct cached *c;
	if (!objects_tree(o, &s->bundle->manifest->shard[s->i],
	        live_shard_bytes(s->bundle, s->i), &c, err))
		return false;
	blob_numbers(a, &((const struct kept *)c->value)->tree, out, n);
	cache_drop(o->manifests, c);
	return true;
}

/* A blob of the current version of some bundle. The numbers of each shard are made when a blob
 * is first asked for, and kept as long as the shard is served. */
static bool
find_current(struct job *j, struct view_blob *out, struct err *err)
{
	const struct live *live = view_live(j->out->view);
	for (size_t i = 0; i < live->bundles; i++) {
		const struct live_bundle *b = &live->bundle[i];
		for (size_t k = 0; k < b->manifest->shards; k++) {
			struct current_shard s = { j, b, k };
			const uint64_t *number;
			size_t n;
			if (!live_numbers(b, k, numbers_make, &s, &number, &n, err))
				return false;
			if (!blob_may_be(number, n, &j->route.sha256))
				continue;
			if (find_in(j, b, b->manifest, &b->manifest->shard[k], out, err))
				return true;
			if (err->code != ERR_ABSENT)
				return false;
		}
	}
	return err_set(err, ERR_ABSENT, "in no current version");
}

/* In one kept version of a bundle: only shards that the current version has not are read. */
static bool
find_in_version(struct job *j, const struct live_bundle *b, const struct bundle_version *v,
    struct view_blob *out, struct err *err)
{
	struct cached *c;
	if (!objects_manifest(&j->origin->objects, b->vertical, b->locale, v, &c, err))
		return false;
	const struct manifest *m = &((const struct kept *)c->value)->manifest;
	bool found = false, absent = true;
	for (size_t k = 0; k < m->shards && absent && !found; k++) {
		if (is_current(b, &m->shard[k]))
			continue;
		found = find_in(j, b, m, &m->shard[k], out, err);
		absent = found || err->code == ERR_ABSENT;
	}
	if (found) {
		j->out->manifest = c;
		return true;
	}
	cache_drop(j->origin->objects.manifests, c);
	return absent ? err_set(err, ERR_ABSENT, "not in this version") : false;
}

/* A blob of some kept version: looks through their manifests, newest first in each bundle.
 * Each is read once and then kept in memory, as far as its budget goes. */
static bool
find_kept(struct job *j, struct view_blob *out, struct err *err)
{
	const struct live *live = view_live(j->out->view);
	if (!objects_may_search(&j->origin->objects, err))
		return false;
	for (size_t i = 0; i < live->bundles; i++)
		for (size_t h = 0; h < live->bundle[i].histories; h++) {
			const struct live_bundle *b = &live->bundle[i];
			if (digest_eq(&b->history[h].sha256, &b->current.sha256))
				continue;
			if (find_in_version(j, b, &b->history[h], out, err))
				return true;
			if (err->code != ERR_ABSENT)
				return false;
		}
	return err_set(err, ERR_ABSENT, "in no kept version");
}

static bool
blob_may_be_seen(struct job *j, const struct view_blob *b)
{
	if (b->file != NULL)
		return may_be_seen(j, b->manifest, b->file);
	if (manifest_tombstone(j->bundle->manifest, b->document->id) == NULL)
		return true;
	taken_down(j, j->bundle, b->document->id, STR(""));
	return false;
}

static void
serve_blob(struct job *j)
{
	struct view_blob b;
	struct representation r;
	struct err err = { 0 };
	if (!open_view(j)) {
		no_view(j);
		return;
	}
	if (!find_current(j, &b, &err) && (err.code != ERR_ABSENT || !find_kept(j, &b, &err))) {
		if (err.code == ERR_ABSENT && j->pointer == POINTER_CONFIRMED)
			bare_not_found(j);
		else
			store_problem(j, &err);
		return;
	}
	j->bundle = live_find(view_live(j->out->view), b.manifest->vertical, b.manifest->locale);
	if (j->bundle != NULL && !blob_may_be_seen(j, &b))
		return;
	representation_of_blob(&b, &r);
	send_blob(j, &r);
}

static void
metadata_representation(struct str bytes, const struct digest *sha256, bool is_timestamp,
    struct representation *out)
{
	*out = (struct representation){
		.type = STR("application/json"),
		.form[CODING_NONE] = { *sha256, bytes.n },
		.forms = 1u << CODING_NONE,
		.policy = is_timestamp ? POLICY_REVALIDATE : POLICY_IMMUTABLE,
	};
	representation_key(out, is_timestamp ? "tuf-ts" : "tuf");
}

/* Not part of the trusted view: older, or not there. */
static void
serve_older_metadata(struct job *j)
{
	struct served *s = j->out;
	const struct trusted *t = view_live(s->view)->trusted;
	struct representation r;
	struct err err = { 0 };
	bool hit;
	if (!objects_metadata(&j->origin->objects, t, j->route.role, j->route.version, &s->blob,
	        &hit, &err)) {
		if (err.code == ERR_ABSENT)
			bare_not_found(j);
		else
			store_problem(j, &err);
		return;
	}
	const struct bytes *b = s->blob->value;
	const struct str bytes = { b->p, b->n };
	const struct digest sha256 = digest_of(bytes);
	metadata_representation(bytes, &sha256, false, &r);
	answer_representation(j->arena, j->request, &r, &s->answer);
	cut_body(j, bytes);
	mark(j, hit ? "hit" : "miss");
}

/* The version of a role that this view trusts; 0 if there is no such role. */
static int64_t
trusted_version(const struct trusted *t, struct str role)
{
	const struct targets *r = trusted_role(t, role);
	if (str_eq(role, STR("root")))
		return t->root.meta.version;
	if (str_eq(role, STR("snapshot")))
		return t->snapshot.meta.version;
	if (str_eq(role, STR("targets")))
		return t->targets.meta.version;
	return r != NULL ? r->meta.version : 0;
}

static void
serve_metadata(struct job *j)
{
	struct served *s = j->out;
	struct view_metadata m;
	struct representation r;
	if (!open_view(j)) {
		if (j->pointer == POINTER_CONFIRMED)
			bare_not_found(j);
		else
			no_view(j);
		return;
	}
	if (view_metadata(s->view, j->route.name, &m)) {
		metadata_representation(m.bytes, &m.sha256, j->route.version == 0, &r);
		answer_representation(j->arena, j->request, &r, &s->answer);
		cut_body(j, m.bytes);
		mark(j, "hit");
	} else if (j->route.version < trusted_version(view_live(s->view)->trusted, j->route.role)) {
		serve_older_metadata(j);
	} else if (j->pointer == POINTER_CONFIRMED) {
		bare_not_found(j);
	} else {
		problem(j, 503, "Service Unavailable", "The store cannot be read at the moment.");
	}
}

static void
log_representation(const struct route *r, struct str bytes, struct representation *out)
{
	static const struct str types[] = {
		[LOG_CHECKPOINT] = STR_INIT("text/plain; charset=utf-8"),
		[LOG_TILE] = STR_INIT("application/octet-stream"),
		[LOG_RECORD] = STR_INIT("application/json"),
	};
	*out = (struct representation){
		.type = types[r->log],
		.form[CODING_NONE] = { digest_of(bytes), bytes.n },
		.forms = 1u << CODING_NONE,
		.policy = r->log == LOG_CHECKPOINT ? POLICY_REVALIDATE : POLICY_IMMUTABLE,
	};
	representation_key(out, r->log == LOG_CHECKPOINT ? "tuf-ts" : "tuf");
}

/* A checkpoint that our keys have not signed: were they replaced since the view was made? */
static bool
log_get(struct job *j, bool *hit, struct err *err)
{
	struct origin *o = j->origin;
	struct served *s = j->out;
	int64_t reached;
	struct err why = { 0 };
	if (objects_log(&o->objects, view_live(s->view)->trusted, &j->route, j->request->now,
	        &s->blob, hit, err))
		return true;
	if (err->code != ERR_UNTRUSTED || !follow_refresh(o->follow, 0, FOLLOW_WAIT_MS, &reached, &why))
		return false;
	view_drop(s->view);
	s->view = follow_view(o->follow, &j->pointer);
	return s->view != NULL && objects_log(&o->objects, view_live(s->view)->trusted, &j->route,
	    j->request->now, &s->blob, hit, err);
}

static void
serve_log(struct job *j)
{
	struct served *s = j->out;
	struct representation r;
	struct err err = { 0 };
	bool hit;
	if (!open_view(j)) {
		no_view(j);
		return;
	}
	if (!log_get(j, &hit, &err)) {
		if (err.code == ERR_ABSENT)
			bare_not_found(j);
		else
			store_problem(j, &err);
		return;
	}
	const struct bytes *b = s->blob->value;
	const struct str bytes = { b->p, b->n };
	log_representation(&j->route, bytes, &r);
	answer_representation(j->arena, j->request, &r, &s->answer);
	cut_body(j, bytes);
	mark(j, hit ? "hit" : "miss");
}

static const struct bundle_version *
version_by_digest(const struct live_bundle *b, const struct digest *sha256)
{
	if (digest_eq(&b->current.sha256, sha256))
		return &b->current;
	for (size_t i = 0; i < b->histories; i++)
		if (digest_eq(&b->history[i].sha256, sha256))
			return &b->history[i];
	return NULL;
}

static void
serve_manifest(struct job *j)
{
	const struct route *r = &j->route;
	struct served *s = j->out;
	struct representation rep = { .type = STR("application/json"), .forms = 1u << CODING_NONE,
		.policy = POLICY_IMMUTABLE };
	struct err err = { 0 };
	char key[KEY_MAX + 1];
	bool hit = true;
	if (!open_view(j)) {
		no_view(j);
		return;
	}
	const struct live_bundle *b = live_find(view_live(s->view), r->vertical, r->locale);
	const struct bundle_version *v = b != NULL ? version_by_digest(b, &r->sha256) : NULL;
	if (v == NULL) {
		if (j->pointer == POINTER_CONFIRMED)
			bare_not_found(j);
		else
			problem(j, 503, "Service Unavailable", "The store cannot be read at the moment.");
		return;
	}
	rep.form[CODING_NONE] = (struct coded){ v->sha256, v->length };
	rep.modified = v->time;
	key_bundle(r->vertical, r->locale, key);
	representation_key(&rep, key);
	answer_representation(j->arena, j->request, &rep, &s->answer);
	if (!needs_body(j)) {
		mark(j, "hit");
		return;
	}
	bool ok = objects_manifest_bytes(&j->origin->objects, r->vertical, r->locale, v, &s->blob,
	    &hit, &err);
	body_from(j, ok, hit, &err);
}

/* The shard of this digest that a current or a kept version lists; NULL in *out: none does. */
static bool
shard_named(struct job *j, const struct live_bundle *b, const struct shard **out,
    struct err *err)
{
	const struct manifest *m = b->manifest;
	for (size_t h = 0;; h++) {
		for (size_t i = 0; i < m->shards; i++)
			if (digest_eq(&m->shard[i].sha256, &j->route.sha256)) {
				*out = &m->shard[i];
				return true;
			}
		cache_drop(j->origin->objects.manifests, j->out->manifest);
		j->out->manifest = NULL;
		if (h == b->histories)
			return err_set(err, ERR_ABSENT, "no such shard");
		if (!objects_manifest(&j->origin->objects, b->vertical, b->locale, &b->history[h],
		        &j->out->manifest, err))
			return false;
		m = &((const struct kept *)j->out->manifest->value)->manifest;
	}
}

static bool
shard_find(struct job *j, const struct live_bundle **bundle, const struct shard **out,
    struct err *err)
{
	const struct live *live = view_live(j->out->view);
	for (size_t i = 0; i < live->bundles; i++) {
		const struct manifest *m = live->bundle[i].manifest;
		*bundle = &live->bundle[i];
		for (size_t k = 0; k < m->shards; k++)
			if (digest_eq(&m->shard[k].sha256, &j->route.sha256)) {
				*out = &m->shard[k];
				return true;
			}
	}
	if (!objects_may_search(&j->origin->objects, err))
		return false;
	for (size_t i = 0; i < live->bundles; i++) {
		*bundle = &live->bundle[i];
		if (shard_named(j, *bundle, out, err))
			return true;
		if (err->code != ERR_ABSENT)
			return false;
	}
	return err_set(err, ERR_ABSENT, "no such shard");
}

/* A shard as it is stored: whoever verifies a site reads them. */
static void
serve_tree(struct job *j)
{
	struct served *s = j->out;
	struct representation rep = { .type = STR("application/gzip"), .forms = 1u << CODING_NONE,
		.policy = POLICY_IMMUTABLE };
	const struct live_bundle *b;
	const struct shard *shard;
	struct err err = { 0 };
	char key[KEY_MAX + 1];
	bool hit = true;
	if (!open_view(j)) {
		no_view(j);
		return;
	}
	if (!shard_find(j, &b, &shard, &err)) {
		if (err.code == ERR_ABSENT && j->pointer == POINTER_CONFIRMED)
			bare_not_found(j);
		else
			store_problem(j, &err);
		return;
	}
	rep.form[CODING_NONE] = (struct coded){ shard->sha256, shard->size };
	key_bundle(b->vertical, b->locale, key);
	representation_key(&rep, key);
	answer_representation(j->arena, j->request, &rep, &s->answer);
	if (!needs_body(j)) {
		mark(j, "hit");
		return;
	}
	bool ok = objects_tree_bytes(&j->origin->objects, shard, current_bytes(b, shard), &s->blob,
	    &hit, &err);
	body_from(j, ok, hit, &err);
}

static void
serve_home(struct job *j)
{
	struct str home = j->origin->config->origin.home;
	if (home.n > 0)
		answer_redirect(j->arena, 302, home, REDIRECT_S, &j->out->answer);
	else
		problem(j, 404, "Not Found", "Nothing is published at this path.");
}

static void
serve_route(struct job *j)
{
	struct origin *o = j->origin;
	struct answer *w = &j->out->answer;
	switch (j->route.kind) {
	case ROUTE_BAD:
		problem(j, 400, "Bad Request", "The request target is no path of this server.");
		w->close = true; /* who knows what it takes the rest for */
		break;
	case ROUTE_NOTHING:
		problem(j, 404, "Not Found", "Nothing can be published at this path.");
		break;
	case ROUTE_HOME:
		serve_home(j);
		break;
	case ROUTE_CONTENT:
	case ROUTE_FOLDER:
		serve_content(j);
		break;
	case ROUTE_BLOB:
		serve_blob(j);
		break;
	case ROUTE_TREE:
		serve_tree(j);
		break;
	case ROUTE_METADATA:
		serve_metadata(j);
		break;
	case ROUTE_MANIFEST:
		serve_manifest(j);
		break;
	case ROUTE_LOG:
		serve_log(j);
		break;
	case ROUTE_ALIVE:
		operations_alive(w);
		break;
	case ROUTE_READY:
		operations_ready(o, j->arena, j->request->now, w);
		break;
	case ROUTE_METRICS:
		operations_metrics(o, j->arena, j->request->now, w);
		break;
	case ROUTE_STATUS:
		operations_status(o, j->arena, j->request->now, w);
		break;
	case ROUTE_INVALIDATE:
		answer_not_allowed(j->arena, "POST, OPTIONS", w);
		break;
	case ROUTE_INVALIDATION:
		invalidate_show(o->invalidate, j->arena, j->route.name, w);
		break;
	}
}

static void
server_timing(struct job *j, int64_t began_us)
{
	struct answer *w = &j->out->answer;
	if (w->headers == ANSWER_HEADERS)
		return;
	const double all = (double)(now_us() - began_us) / 1000;
	answer_header(w, "Server-Timing", j->store_us == 0
	    ? arena_printf(j->arena, "origin;dur=%.2f", all).p
	    : arena_printf(j->arena, "origin;dur=%.2f, store;dur=%.2f", all,
	          (double)j->store_us / 1000).p);
}

static void
let_go(struct origin *o, struct served *s)
{
	cache_drop(o->objects.manifests, s->tree);
	cache_drop(o->objects.manifests, s->manifest);
	s->tree = NULL;
	view_drop(s->view);
	s->manifest = NULL;
	s->view = NULL;
}

void
serve(struct origin *o, struct arena *a, const struct request *rq, struct served *out)
{
	struct job j = { .origin = o, .arena = a, .request = rq, .out = out };
	const int64_t began = now_us();
	*out = (struct served){ .outcome = "none" };
	route_read(a, rq->target, &j.route);
	out->route = j.route.kind;
	const bool webhook = j.route.kind == ROUTE_INVALIDATE;
	if (rq->method == METHOD_OPTIONS && (j.route.kind != ROUTE_BAD
	        || str_eq(rq->target, STR("*"))))
		answer_options(webhook, &out->answer);
	else if (rq->method != METHOD_GET && rq->method != METHOD_HEAD)
		answer_not_allowed(a, webhook ? "POST, OPTIONS" : "GET, HEAD, OPTIONS", &out->answer);
	else if (j.route.spelling.n > 0)
		answer_redirect(a, 301, j.route.spelling, 0, &out->answer);
	else
		serve_route(&j);
	if (out->answer.body == BODY_TEXT && rq->method != METHOD_HEAD)
		out->body = out->answer.text;
	server_timing(&j, began);
	/* Sending may take minutes: hold no more than the bytes that are sent. */
	if (out->blob != NULL || out->answer.body != BODY_STORED)
		let_go(o, out);
}

void
served_release(struct origin *o, struct served *s)
{
	cache_drop(o->objects.blobs, s->blob);
	s->blob = NULL;
	let_go(o, s);
}
