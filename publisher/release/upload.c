#include "publisher/release/upload.h"

#include <pthread.h>

#include "base/parallel.h"

#define CODERS_MAX 64
#define SAVED_MIN 32 /* bytes: about what Content-Encoding and Vary cost in each answer */

/* One coder for each processor, taken in turns. */
struct coders {
	pthread_mutex_t lock;
	pthread_cond_t given_back;
	struct coder *coder[CODERS_MAX];
	unsigned n;
};

static void
coders_init(struct coders *c)
{
	const unsigned cores = parallel_cores();
	*c = (struct coders){ 0 };
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->given_back, NULL);
	while (c->n < cores && c->n < CODERS_MAX)
		c->coder[c->n++] = coder_new();
}

static void
coders_release(struct coders *c)
{
	for (unsigned i = 0; i < c->n; i++)
		coder_free(c->coder[i]);
	(void)pthread_cond_destroy(&c->given_back);
	(void)pthread_mutex_destroy(&c->lock);
}

static struct coder *
coder_take(struct coders *c)
{
	(void)pthread_mutex_lock(&c->lock);
	while (c->n == 0)
		(void)pthread_cond_wait(&c->given_back, &c->lock);
	struct coder *coder = c->coder[--c->n];
	(void)pthread_mutex_unlock(&c->lock);
	return coder;
}

static void
coder_give(struct coders *c, struct coder *coder)
{
	(void)pthread_mutex_lock(&c->lock);
	c->coder[c->n++] = coder;
	(void)pthread_cond_signal(&c->given_back);
	(void)pthread_mutex_unlock(&c->lock);
}

struct uploading {
	const struct upload *u;
	const struct plan *plan;
	struct coders coders;
	pthread_mutex_t lock; /* of the progress */
	size_t done, all;
	const struct draft_bundle *draft; /* of upload_trees */
	struct planned_bundle *planned;
};

static void
uploading_init(struct uploading *w, const struct upload *u)
{
	*w = (struct uploading){ .u = u };
	coders_init(&w->coders);
	(void)pthread_mutex_init(&w->lock, NULL);
}

static void
uploading_release(struct uploading *w)
{
	coders_release(&w->coders);
	(void)pthread_mutex_destroy(&w->lock);
}

static void
one_done(struct uploading *w)
{
	const struct progress *p = w->u->progress;
	(void)pthread_mutex_lock(&w->lock);
	w->done++;
	if (p != NULL && p->step != NULL)
		p->step(p->ctx, "upload", w->done, w->all);
	(void)pthread_mutex_unlock(&w->lock);
}

static bool
blob_put(const struct uploading *w, const struct digest *sha256, struct str body,
    struct str type, enum coding coding, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	struct arena *a = arena_new();
	const char *suffix = coding_kinds[coding].suffix;
	digest_hex(sha256, hex);
	const struct object o = { .key = store_blob_key(a, hex, suffix[0] ? suffix + 1 : ""),
		.body = body, .type = type, .immutable = true,
		.coding = str_of(coding_kinds[coding].token) };
	bool ok = store_put(w->u->store, &o, err);
	arena_free(a);
	return ok;
}

static bool
vouched_for(struct str body, const struct digest *sha256, struct str name, struct err *err)
{
	const struct digest is = digest_of(body);
	return digest_eq(&is, sha256)
	    || err_set(err, ERR_UNTRUSTED, "%.*s: the bytes have another digest than when they were "
	        "rendered: the render cache is damaged; remove it and publish again", STR_ARG(name));
}

/* One coded form, kept if it is smaller. */
static bool
form_put(struct uploading *w, struct content *c, enum coding coding, struct err *err)
{
	const struct str body = c->file->body;
	struct buf out;
	struct err why = { 0 };
	if (body.n <= SAVED_MIN)
		return true;
	buf_init(&out, body.n - SAVED_MIN); /* what does not fit is not worth it */
	struct coder *coder = coder_take(&w->coders);
	bool coded = coder_code(coder, coding, 0, body, &out, &why);
	coder_give(&w->coders, coder);
	bool ok = coded || why.code == ERR_LIMIT || err_set(err, why.code, "%s", why.text);
	if (coded) {
		struct coded *form = &c->form[coding - 1];
		*form = (struct coded){ digest_of(buf_str(&out)), out.n };
		ok = blob_put(w, &form->sha256, buf_str(&out), c->file->type, coding, err);
		c->forms |= 1u << coding;
	}
	buf_release(&out);
	return ok;
}

static bool
content_put(struct uploading *w, struct content *c, struct err *err)
{
	const struct publish_file *f = c->file;
	bool ok = vouched_for(f->body, &f->sha256, f->path, err)
	    && blob_put(w, &f->sha256, f->body, f->type, CODING_NONE, err);
	c->forms = 0;
	for (int coding = CODING_NONE + 1; ok && c->code && coding < CODINGS; coding++)
		ok = form_put(w, c, (enum coding)coding, err);
	c->stored = ok;
	return ok;
}

static bool
source_put(struct uploading *w, struct draft_document *d, struct err *err)
{
	const struct publish_document *from = d->from;
	d->stored = vouched_for(from->source, &from->sha256, from->id, err)
	    && blob_put(w, &from->sha256, from->source, STR("application/xml; charset=utf-8"),
	        CODING_NONE, err);
	return d->stored;
}

static bool
put_one(void *ctx, size_t i, struct err *err)
{
	struct uploading *w = ctx;
	const struct plan *plan = w->plan;
	bool ok = i < plan->contents ? content_put(w, plan->content[i], err)
	                             : source_put(w, plan->source[i - plan->contents], err);
	if (ok)
		one_done(w);
	return ok;
}

bool
upload_contents(const struct upload *u, const struct plan *plan, struct err *err)
{
	struct uploading w;
	uploading_init(&w, u);
	w.plan = plan;
	w.all = plan->contents + plan->sources;
	bool ok = parallel(w.all, u->threads, put_one, &w, err);
	uploading_release(&w);
	return ok;
}

/* What is written here has to be read by every origin: it is judged by the same reader. */
static bool
tree_make(struct uploading *w, size_t i, struct arena *a, struct buf *stored, struct err *err)
{
	struct tree tree, again;
	draft_tree(a, w->draft, i, &tree);
	struct coder *coder = coder_take(&w->coders);
	bool ok = tree_write(&tree, coder, stored, err)
	    && tree_read(a, buf_str(stored), true, &again, err);
	coder_give(&w->coders, coder);
	return ok;
}

static bool
tree_put(void *ctx, size_t i, struct err *err)
{
	struct uploading *w = ctx;
	struct shard *s = &w->planned->manifest.shard[i];
	if (s->size != 0)
		return true; /* it is live already */
	struct arena *a = arena_new();
	struct buf *stored = buf_in(a, TREE_MAX);
	bool ok = tree_make(w, i, a, stored, err);
	if (ok) {
		const struct digest sha256 = digest_of(buf_str(stored));
		const struct object o = { .key = tree_key(a, &sha256), .body = buf_str(stored),
			.type = STR("application/gzip"), .immutable = true };
		s->sha256 = sha256;
		s->size = stored->n;
		ok = store_put(w->u->store, &o, err);
	}
	arena_free(a);
	return ok;
}

bool
upload_trees(const struct upload *u, const struct draft_bundle *draft,
    struct planned_bundle *planned, struct err *err)
{
	struct uploading w;
	uploading_init(&w, u);
	w.draft = draft;
	w.planned = planned;
	bool ok = parallel(planned->manifest.shards, u->threads, tree_put, &w, err);
	uploading_release(&w);
	return ok || err_in(err, "%.*s/%.*s", STR_ARG(planned->vertical), STR_ARG(planned->locale));
}
