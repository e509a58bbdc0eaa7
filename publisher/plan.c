/* plan: a draft against what is live: the new manifests, what to upload and what to purge. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/gzip.h"
#include "publisher/draft.h"
#include "base/parallel.h"

/* Content that the live bundle has: its blobs are in the store, its coded forms are made. */
struct known {
	struct digest sha256;
	const struct manifest_file *file; /* NULL: a coded form or a document's source */
	bool coded;
};

struct planning {
	struct arena *a;
	struct plan *plan;
	struct draft_bundle *draft;
	const struct live_bundle *live; /* NULL: the bundle is new */
	struct known *known;            /* sorted */
	size_t knowns;
	struct draft_file **code;       /* to be compressed */
	size_t codes;
	size_t room;                    /* of plan->blob */
	struct planned_bundle *out;
};

static int
by_digest(const void *a, const void *b)
{
	return memcmp(((const struct known *)a)->sha256.b, ((const struct known *)b)->sha256.b,
	    sizeof(struct digest));
}

static void
known_make(struct planning *p)
{
	if (p->live == NULL)
		return;
	const struct manifest *m = p->live->manifest;
	p->known = ARENA_ARRAY(p->a, struct known, 2 * m->files + m->documents);
	for (size_t i = 0; i < m->files; i++) {
		p->known[p->knowns++] = (struct known){ m->file[i].sha256, &m->file[i], false };
		if (m->file[i].has_gzip)
			p->known[p->knowns++] = (struct known){ m->file[i].gzip, NULL, true };
	}
	for (size_t i = 0; i < m->documents; i++)
		p->known[p->knowns++] = (struct known){ m->document[i].source, NULL, false };
	if (p->knowns > 0)
		qsort(p->known, p->knowns, sizeof *p->known, by_digest);
}

/* The first of those with this digest; NULL if there is none. */
static const struct known *
known_first(const struct planning *p, const struct digest *sha256)
{
	const struct known key = { .sha256 = *sha256 };
	size_t low = 0, high = p->knowns;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_digest(&p->known[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->knowns && by_digest(&p->known[low], &key) == 0 ? &p->known[low] : NULL;
}

static const struct known *
known_next(const struct planning *p, const struct known *k)
{
	return k + 1 < p->known + p->knowns && by_digest(k, k + 1) == 0 ? k + 1 : NULL;
}

/* Images, fonts and archives are compressed already. */
static bool
is_compressible(struct str type)
{
	static const struct str whole[] = { STR_INIT("application/json"),
		STR_INIT("application/xml"), STR_INIT("application/javascript") };
	struct str rest, plain = str_trim(str_cut(type, ';', &rest));
	for (size_t i = 0; i < LEN(whole); i++)
		if (str_eq(plain, whole[i]))
			return true;
	return str_starts(plain, STR("text/")) || str_ends(plain, STR("+json"))
	    || str_ends(plain, STR("+xml"));
}

/* The live entry with the same bytes, of a kind that is compressed as well, or is not, too:
 * its coded form is used again. */
static const struct manifest_file *
same_content(const struct planning *p, const struct draft_file *f)
{
	bool compressible = is_compressible(f->from->type);
	for (const struct known *k = known_first(p, &f->from->sha256); k != NULL; k = known_next(p, k))
		if (k->file != NULL && is_compressible(k->file->type) == compressible)
			return k->file;
	return NULL;
}

static bool
is_stored(const struct planning *p, const struct digest *sha256, bool coded)
{
	for (const struct known *k = known_first(p, sha256); k != NULL; k = known_next(p, k))
		if (k->coded == coded)
			return true;
	return false;
}

static bool
code_one(void *ctx, size_t i, struct err *err)
{
	struct draft_file *f = ((struct planning *)ctx)->code[i];
	struct err why;
	f->coded = true;
	/* A form that does not fit is not smaller, and so not kept. */
	buf_init(&f->gzip, f->from->body.n > 0 ? f->from->body.n - 1 : 0);
	if (!gzip_code(f->from->body, &f->gzip, &why)) {
		buf_release(&f->gzip);
		return why.code == ERR_LIMIT || err_set(err, why.code, "%s", why.text);
	}
	f->gzip_sha256 = digest_of(buf_str(&f->gzip));
	return true;
}

static bool
code_new(struct planning *p, struct err *err)
{
	p->code = ARENA_ARRAY(p->a, struct draft_file *, p->draft->from->files);
	for (size_t i = 0; i < p->draft->from->files; i++) {
		struct draft_file *f = &p->draft->file[i];
		if (!f->coded && is_compressible(f->from->type) && same_content(p, f) == NULL)
			p->code[p->codes++] = f;
	}
	return parallel(p->codes, parallel_cores(), code_one, p, err);
}

static void
blob_add(struct planning *p, const struct digest *sha256, struct str body, struct str type,
    const char *coding)
{
	char hex[DIGEST_HEX + 1];
	if (is_stored(p, sha256, coding[0] != '\0'))
		return;
	digest_hex(sha256, hex);
	ARENA_GROW(p->a, p->plan->blob, p->plan->blobs, p->room);
	p->plan->blob[p->plan->blobs++] = (struct object){ store_blob_key(p->a, hex, coding), body,
		type, true };
}

/* "assets/page.1f2e3d4c.css": eight hex digits or more that the content's digest starts with. */
static bool
names_its_content(struct str path, const struct digest *sha256)
{
	char hex[DIGEST_HEX + 1];
	struct str rest = path;
	digest_hex(sha256, hex);
	do {
		struct str part = str_cut(rest, '.', &rest);
		if (part.n >= 8 && str_starts(str_of(hex), part))
			return true;
	} while (rest.p != NULL);
	return false;
}

static struct manifest_file
file_entry(struct planning *p, const struct draft_file *f)
{
	const struct publish_file *from = f->from;
	const struct manifest_file *same = same_content(p, f);
	const struct manifest_document *d = from->document.n > 0
	    ? manifest_document(&p->out->manifest, from->document) : NULL;
	struct manifest_file e = {
		.path = from->path, .type = from->type, .document = from->document,
		.sha256 = from->sha256, .size = from->body.n,
		.modified = d ? d->updated : p->draft->updated,
		.expires = d ? d->expires : 0,
		.immutable = names_its_content(from->path, &f->from->sha256),
	};
	if (same != NULL) {
		e.has_gzip = same->has_gzip;
		e.gzip = same->gzip;
		e.gzip_size = same->gzip_size;
	} else if (f->gzip.n > 0) {
		e.has_gzip = true;
		e.gzip = f->gzip_sha256;
		e.gzip_size = f->gzip.n;
		blob_add(p, &e.gzip, buf_str(&f->gzip), from->type, "gz");
	}
	blob_add(p, &e.sha256, from->body, from->type, "");
	return e;
}

static bool
manifest_fill(struct planning *p, struct err *err)
{
	const struct publish_bundle *from = p->draft->from;
	struct manifest *m = &p->out->manifest;
	*m = (struct manifest){ .vertical = from->vertical, .locale = from->locale,
		.updated = p->draft->updated, .inputs = from->inputs,
		.document = ARENA_ARRAY(p->a, struct manifest_document, from->documents),
		.file = ARENA_ARRAY(p->a, struct manifest_file, from->files) };
	for (; m->documents < from->documents; m->documents++) {
		const struct draft_document *d = &p->draft->document[m->documents];
		m->document[m->documents] = (struct manifest_document){
			.id = d->from->id, .title = d->from->title, .updated = d->from->updated,
			.expires = d->from->expires, .source = d->from->sha256,
			.source_size = d->from->source.n };
		json_t *provenance;
		if (!json_parse(p->a, d->from->provenance, &provenance, err))
			return err_in(err, "%.*s: provenance", STR_ARG(d->from->id));
		m->document[m->documents].provenance = provenance;
		blob_add(p, &d->from->sha256, d->from->source, STR("application/xml; charset=utf-8"), "");
	}
	for (; m->files < from->files; m->files++)
		m->file[m->files] = file_entry(p, &p->draft->file[m->files]);
	return true;
}

static size_t
removed_documents(const struct manifest *old, const struct manifest *new)
{
	size_t n = 0;
	for (size_t i = 0; i < old->documents; i++)
		n += manifest_document(new, old->document[i].id) == NULL;
	return n;
}

/* The loader of origins judges it before it is published: both have the same limits. */
static bool
manifest_settle(struct planning *p, struct err *err)
{
	struct planned_bundle *b = p->out;
	struct buf *bytes = buf_in(p->a, MANIFEST_MAX);
	if (!manifest_write(&b->manifest, bytes, err))
		return false;
	b->bytes = buf_str(bytes);
	b->sha256 = digest_of(b->bytes);
	b->change = p->live == NULL ? CHANGE_ADDED
	    : digest_eq(&b->sha256, &p->live->current.sha256) ? CHANGE_NONE : CHANGE_CHANGED;
	struct arena *a = arena_new();
	struct manifest check;
	bool ok = b->change == CHANGE_NONE || manifest_read(a, b->bytes, &check, err);
	arena_free(a);
	return ok;
}

static bool
base_is_live(const struct planning *p, struct err *err)
{
	int64_t based_on = p->draft->from->based_on;
	int64_t live = p->live ? p->live->current.version : PUBLISH_NOT_LIVE;
	return based_on == 0 || based_on == live
	    || err_set(err, ERR_STALE, "another publisher has changed it since this input was made "
	        "from what was live: make it again");
}

static bool
bundle_plan(struct planning *p, struct keyset *keys, struct err *err)
{
	const struct manifest *old = p->live ? p->live->manifest : NULL;
	struct planned_bundle *b = p->out;
	struct difference d = { .keys = keys };
	b->vertical = p->draft->from->vertical;
	b->locale = p->draft->from->locale;
	if (!base_is_live(p, err))
		return false;
	known_make(p);
	if (!code_new(p, err))
		return false;
	if (!manifest_fill(p, err) || !manifest_settle(p, err))
		return false;
	b->before = old ? old->documents : 0;
	b->after = b->manifest.documents;
	b->documents_removed = old ? removed_documents(old, &b->manifest) : 0;
	difference_add(p->a, old, &b->manifest, &d);
	b->file = d.file;
	b->files = d.n;
	p->plan->added += d.added;
	p->plan->changed += d.changed;
	p->plan->removed += d.removed;
	return true;
}

static int
by_key(const void *a, const void *b)
{
	return str_cmp(((const struct object *)a)->key, ((const struct object *)b)->key);
}

/* The same content under several names or in several bundles is uploaded once. */
static void
blobs_sort(struct plan *plan)
{
	size_t kept = 0;
	if (plan->blobs == 0)
		return;
	qsort(plan->blob, plan->blobs, sizeof *plan->blob, by_key);
	for (size_t i = 0; i < plan->blobs; i++)
		if (kept == 0 || !str_eq(plan->blob[kept - 1].key, plan->blob[i].key))
			plan->blob[kept++] = plan->blob[i];
	plan->blobs = kept;
	for (size_t i = 0; i < kept; i++)
		plan->bytes += plan->blob[i].body.n;
}

static bool
changes_something(const struct plan *plan)
{
	for (size_t i = 0; i < plan->bundles; i++)
		if (plan->bundle[i].change != CHANGE_NONE)
			return true;
	return false;
}

bool
plan_make(struct arena *a, struct site *s, struct draft *d, struct plan **out, struct err *err)
{
	struct plan *plan = ARENA_NEW(a, struct plan);
	struct keyset keys = { .a = a };
	size_t room = 0;
	plan->bundle = ARENA_ARRAY(a, struct planned_bundle, d->n);
	for (size_t i = 0; i < d->n; i++) {
		const struct publish_bundle *b = d->bundle[i].from;
		struct planning p = { .a = a, .plan = plan, .draft = &d->bundle[i], .room = room,
			.live = s->live ? live_find(s->live, b->vertical, b->locale) : NULL,
			.out = &plan->bundle[i] };
		if (!bundle_plan(&p, &keys, err))
			return err_in(err, "%.*s/%.*s", STR_ARG(b->vertical), STR_ARG(b->locale));
		room = p.room;
		plan->bundles++;
	}
	blobs_sort(plan);
	keyset_sort(&keys);
	plan->key = keys.key;
	plan->keys = keys.n;
	plan->renew = !changes_something(plan) && s->live != NULL
	    && issue_due(s->live->trusted, &lifetimes_default, clock_now());
	*out = plan;
	return true;
}

bool
publish_plan(struct arena *a, struct site *s, const struct publish_bundle *bundle, size_t n,
    struct plan **out, struct err *err)
{
	struct draft *d;
	return draft_make(a, bundle, n, &d, err) && plan_make(a, s, d, out, err);
}
