/* batch: intake, schema and gates joined, on many threads; documents sorted into bundles. */
#include "publisher/cli/batch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unicode/uversion.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parallel.h"
#include "base/path.h"
#include "generator/document/intake.h"
#include "generator/gate/seen.h"
#include "generator/locale/locale.h"
#include "publisher/cli/verdict.h"

#define REST_EVERY 512     /* documents; then the memory of the stash is given back */
#define TOGETHER 32        /* files of one task */
#define SETTLED_NS 2000000000 /* a file that changed later may change again unseen */
#define CACHE_FOLDER ".edgepress/cache"

/* What one task brought, in the order of the input. */
struct slot {
	struct batch_item **item;
	size_t n, room;
};

/* One reading of the input. */
struct reading {
	struct batch *batch;
	struct crew *crew;
	struct slot **slot;
	size_t slots, room;
	size_t expected; /* files; 0 if unknown */
	struct task *open; /* files that wait for more of them; NULL: none */
	pthread_mutex_t lock; /* of done */
	size_t done;
};

/* Files to be read, or bytes that were. Owns its arena. */
struct task {
	struct arena *arena;
	struct reading *reading;
	struct slot *slot;
	const struct fs_entry *file[TOGETHER];
	size_t files;                /* 0: raw is set */
	struct raw raw;
	bool is_refused;             /* raw holds no document: `why` says so */
	struct finding why;
};

bool
batch_options(const struct cli *cli, const struct config *config, struct batch_options *out,
    struct err *err)
{
	const char *jobs = cli_value(cli, "jobs"), *cache = cli_value(cli, "cache");
	uint64_t n = 0;
	if (jobs != NULL && (!str_to_u64(str_of(jobs), &n) || n == 0 || n > CREW_MAX))
		return err_set(err, ERR_INPUT, "--jobs '%s': a number from 1 to %d", jobs, CREW_MAX);
	out->jobs = n > 0 ? (unsigned)n : parallel_cores();
	out->cache = cache != NULL ? cache : fs_join(cli->arena, config->dir, CACHE_FOLDER);
	if (cli_flag(cli, "no-cache"))
		out->cache = NULL;
	return true;
}

const struct batch_vertical *
batch_vertical(const struct batch *b, struct str name)
{
	for (size_t i = 0; i < b->verticals; i++)
		if (str_eq(b->vertical[i].name, name))
			return &b->vertical[i];
	return NULL;
}

/* ---- judging ---- */

static bool
judge_now(struct batch_worker *w, const struct raw *raw, bool kept, const struct digest *key,
    struct batch_item *out, struct err *err)
{
	struct arena *a = arena_new();
	struct findings findings = { .arena = a };
	struct document d;
	struct judged j = { .document = &d, .findings = &findings, .kept = kept };
	struct str bytes;
	j.is_document = document_read(a, w->batch->schemas, raw, &d, &findings);
	j.vertical = batch_vertical(w->batch, d.vertical);
	if (j.is_document && !kept) {
		gates_judge(a, &d, &j.vertical->policy, w->tools, w->batch->now, &findings);
		if (!findings_reject(&findings))
			j.signature = seen_signature(w->tools);
	}
	bool ok = verdict_write(w->batch, &j, key, &bytes, err)
	    && (verdict_read(w, bytes, kept, raw, out)
	        || err_set(err, ERR_BUSY, "%.*s: its verdict was lost", STR_ARG(raw->where)));
	arena_free(a);
	return ok;
}

bool
batch_judge(struct batch_worker *w, const struct raw *raw, bool kept, struct batch_item *out,
    struct err *err)
{
	struct digest key = verdict_key(w->batch, raw);
	struct str bytes;
	if (!kept && stash_find(w->batch->stash, &key, &bytes)
	    && verdict_read(w, bytes, false, raw, out))
		return true;
	out->is_new = true;
	bool ok = judge_now(w, raw, kept, &key, out, err);
	out->is_new = true;
	return ok;
}

bool
batch_recall(struct batch_worker *w, const struct digest *canonical, struct str where,
    struct batch_item *out)
{
	const struct raw raw = { .where = where, .path = where, .line = 1 };
	struct digest key = verdict_kept_key(w->batch, canonical);
	struct str bytes;
	return stash_find(w->batch->stash, &key, &bytes)
	    && verdict_read(w, bytes, true, &raw, out)
	    && digest_eq(&out->document.digest, canonical);
}

static struct batch_item *
slot_add(struct batch_worker *w, struct slot *s)
{
	ARENA_GROW(w->keep, s->item, s->n, s->room);
	return s->item[s->n++] = ARENA_NEW(w->keep, struct batch_item);
}

/* ---- a file that an earlier run has read ---- */

/* What the stash knows of a file; followed by its documents. */
struct file_head {
	struct fs_stamp stamp;
	uint64_t documents;
};
struct file_document {
	struct digest key; /* of its verdict */
	uint32_t line, is_one_of_many;
};

struct file_reading {
	const struct fs_entry *file;
	struct slot *slot;
	struct batch_worker *worker;
	struct buf known; /* file_head, then file_documents */
	size_t documents;
	bool is_whole;    /* nothing was refused before it was a document */
};

static struct digest
file_key(const struct batch *b, struct arena *a, struct str path)
{
	char here[4096];
	if (path.n > 0 && path.p[0] == '/')
		here[0] = '\0';
	else if (getcwd(here, sizeof here) == NULL)
		return (struct digest){ 0 };
	struct str text = arena_printf(a, "%.*s file %s %.*s",
	    STR_ARG(digest_str(a, &b->program)), here, STR_ARG(path));
	return digest_of(text);
}

/* All its documents from their verdicts; false if it has to be read. */
static bool
recall_file(struct file_reading *f, const struct digest *key)
{
	struct batch_worker *w = f->worker;
	struct stash *stash = w->batch->stash;
	const struct str path = f->file->path;
	const size_t before = f->slot->n;
	struct str bytes, verdict;
	struct file_head h;
	if (!stash_find(stash, key, &bytes) || bytes.n < sizeof h)
		return false;
	memcpy(&h, bytes.p, sizeof h);
	if (memcmp(&h.stamp, &f->file->stamp, sizeof h.stamp) != 0
	    || bytes.n != sizeof h + h.documents * sizeof(struct file_document))
		return false;
	for (size_t i = 0; i < h.documents; i++) {
		struct file_document d;
		memcpy(&d, bytes.p + sizeof h + i * sizeof d, sizeof d);
		const struct raw raw = { .path = path, .line = d.line,
			.where = d.is_one_of_many
			    ? arena_printf(w->keep, "%.*s:%u", STR_ARG(path), d.line) : path };
		if (!stash_find(stash, &d.key, &verdict)
		    || !verdict_read(w, verdict, false, &raw, slot_add(w, f->slot))) {
			f->slot->n = before;
			return false;
		}
	}
	return true;
}

static bool
take_from_file(void *ctx, const struct raw *raw, struct err *err)
{
	struct file_reading *f = ctx;
	const struct file_document d = { verdict_key(f->worker->batch, raw), raw->line,
		raw->where.p != raw->path.p };
	buf_put(&f->known, (struct str){ (const char *)&d, sizeof d });
	f->documents++;
	return batch_judge(f->worker, raw, false, slot_add(f->worker, f->slot), err);
}

static void
refuse_item(struct batch_worker *w, const struct finding *finding, struct batch_item *out)
{
	struct findings f = { .arena = w->keep };
	struct finding copy = *finding;
	copy.where = arena_copy(w->keep, copy.where);
	copy.text = arena_copy(w->keep, copy.text);
	out->document.raw.where = copy.where;
	findings_add(&f, copy);
	out->finding = f.item;
	out->findings = f.n;
	out->is_new = true;
}

static void
refuse_from_file(void *ctx, const struct finding *finding)
{
	struct file_reading *f = ctx;
	f->is_whole = false;
	refuse_item(f->worker, finding, slot_add(f->worker, f->slot));
}

/* Did the file change so lately that it might change again within the same tick of its clock?
 * Then its stamp proves nothing (git calls it racy). */
static bool
is_settled(const struct fs_stamp *s)
{
	struct timespec t;
	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		return false;
	int64_t now_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	int64_t last_ns = s->modified_ns > s->changed_ns ? s->modified_ns : s->changed_ns;
	return now_ns - last_ns > SETTLED_NS;
}

static void
remember_file(struct file_reading *f, const struct digest *key)
{
	struct stash *stash = f->worker->batch->stash;
	struct stash_ref ref;
	struct str copy;
	struct err err;
	const struct file_head h = { f->file->stamp, f->documents };
	if (!f->is_whole || !is_settled(&h.stamp) || f->known.refused)
		return;
	memcpy(f->known.p, &h, sizeof h);
	if (stash_put(stash, buf_str(&f->known), &ref, &copy, &err))
		stash_name(stash, key, ref);
}

static bool
work_file(struct task *t, const struct fs_entry *file, struct batch_worker *w, struct err *err)
{
	static const struct file_head none;
	struct file_reading f = { .file = file, .slot = t->slot, .worker = w, .is_whole = true };
	const struct intake to = { .take = take_from_file, .refuse = refuse_from_file, .ctx = &f };
	struct arena *a = arena_new();
	struct digest key = file_key(w->batch, a, file->path);
	bool ok = recall_file(&f, &key);
	if (!ok) {
		buf_init(&f.known, DOCUMENT_MAX);
		buf_put(&f.known, (struct str){ (const char *)&none, sizeof none });
		ok = intake_file(a, file->path, &to, err);
		if (ok)
			remember_file(&f, &key);
		buf_release(&f.known);
	}
	arena_free(a);
	return ok;
}

/* ---- reading ---- */

static void
drop_task(void *task)
{
	arena_free(((struct task *)task)->arena);
}

static void
tell(struct reading *r, size_t n)
{
	struct batch *b = r->batch;
	(void)pthread_mutex_lock(&r->lock);
	for (; n > 0; n--)
		if (++r->done % REST_EVERY == 0)
			stash_rest(b->stash);
	if (b->progress.step != NULL)
		b->progress.step(b->progress.ctx, "check", r->done,
		    r->expected > r->done ? r->expected : 0);
	(void)pthread_mutex_unlock(&r->lock);
}

static bool
work(void *ctx, unsigned number, void *arg, struct err *err)
{
	struct reading *r = ctx;
	struct task *t = arg;
	struct batch_worker *w = &r->batch->worker[number];
	size_t n = t->files > 0 ? t->files : 1;
	bool ok = true;
	for (size_t i = 0; ok && i < t->files; i++)
		ok = work_file(t, t->file[i], w, err);
	if (t->is_refused)
		refuse_item(w, &t->why, slot_add(w, t->slot));
	else if (t->files == 0)
		ok = batch_judge(w, &t->raw, false, slot_add(w, t->slot), err);
	drop_task(t);
	tell(r, n);
	return ok;
}

static struct task *
task_new(struct reading *r)
{
	struct arena *a = arena_new();
	struct task *t = ARENA_NEW(a, struct task);
	struct batch *b = r->batch;
	*t = (struct task){ .arena = a, .reading = r, .slot = ARENA_NEW(b->arena, struct slot) };
	ARENA_GROW(b->arena, r->slot, r->slots, r->room);
	r->slot[r->slots++] = t->slot;
	return t;
}

static bool
give(struct reading *r, struct task *t, struct err *err)
{
	if (crew_give(r->crew, t, err))
		return true;
	drop_task(t);
	return false;
}

static bool
give_open(struct reading *r, struct err *err)
{
	struct task *t = r->open;
	r->open = NULL;
	return t == NULL || give(r, t, err);
}

static bool
take(void *ctx, const struct raw *raw, struct err *err)
{
	if (!give_open(ctx, err))
		return false;
	struct task *t = task_new(ctx);
	t->raw = *raw;
	t->raw.bytes = arena_copy(t->arena, raw->bytes);
	return give(ctx, t, err);
}

static bool
take_file(void *ctx, const struct fs_entry *file, struct err *err)
{
	struct reading *r = ctx;
	if (r->open == NULL)
		r->open = task_new(r);
	r->open->file[r->open->files++] = file;
	return r->open->files < TOGETHER || give_open(r, err);
}

static void
refuse(void *ctx, const struct finding *finding)
{
	struct err err;
	(void)give_open(ctx, &err); /* if that failed, so will the next */
	struct task *t = task_new(ctx);
	t->is_refused = true;
	t->why = *finding;
	(void)give(ctx, t, &err);
}

static void
expect(void *ctx, size_t files)
{
	((struct reading *)ctx)->expected += files;
}

static void
collect(struct reading *r)
{
	struct batch *b = r->batch;
	for (size_t i = 0; i < r->slots; i++)
		for (size_t k = 0; k < r->slot[i]->n; k++) {
			ARENA_GROW(b->arena, b->item, b->n, b->room);
			b->item[b->n++] = r->slot[i]->item[k];
			b->read += r->slot[i]->item[k]->is_new;
		}
	b->inputs = b->n;
}

/* Not through the batch, which the command may have had on its stack. */
static void
keep_free(void *arena)
{
	arena_free(arena);
}

static bool
verticals_open(struct batch *b, struct err *err)
{
	struct str *names;
	if (!catalog_verticals(b->arena, &b->catalog, &names, &b->verticals, err))
		return false;
	b->vertical = ARENA_ARRAY(b->arena, struct batch_vertical, b->verticals);
	for (size_t i = 0; i < b->verticals; i++) {
		struct batch_vertical *v = &b->vertical[i];
		v->name = names[i];
		v->schema = schemas_digest(b->schemas, v->name);
		if (!policy_open(b->arena, &b->catalog, v->name, &v->policy, err))
			return false;
	}
	return true;
}

/* Another program judges otherwise; the file says better than a number which one it is. */
static struct digest
program_digest(struct arena *a)
{
	struct fs_stamp self = { 0 };
	(void)fs_stamp("/proc/self/exe", &self);
	return digest_of(arena_printf(a, "%s %s %s %s %ju %jd %ju", EDGEPRESS_VERSION,
	    locale_icu_version(), locale_cldr_version(), locale_zones_version(),
	    (uintmax_t)self.size, (intmax_t)self.modified_ns, (uintmax_t)self.inode));
}

static bool
batch_open(struct arena *a, const struct config *config, const struct batch_options *options,
    struct batch *out, struct err *err)
{
	out->arena = a;
	out->config = config;
	out->now = clock_now();
	out->jobs = options->jobs;
	out->program = program_digest(a);
	for (unsigned i = 0; i < out->jobs; i++) {
		struct batch_worker *w = &out->worker[i];
		w->batch = out;
		w->keep = arena_new();
		arena_defer(a, keep_free, w->keep);
		w->tools = seen_tools(w->keep);
	}
	return schemas_open(a, &out->catalog, &out->schemas, err) && verticals_open(out, err)
	    && stash_open(a, options->cache, &out->stash, err);
}

/* Paths, the site's own documents if there are none, or lines. */
struct input {
	char *const *path;
	size_t n;
	struct str lines; /* p is NULL: there are none */
	unsigned first;
};

static bool
read_input(const struct batch *b, const struct input *from, const struct intake *to,
    struct err *err)
{
	bool ok = true;
	if (from->lines.p != NULL)
		return intake_lines(b->arena, STR("-"), from->lines, from->first, to, err);
	for (size_t i = 0; ok && i < from->n; i++)
		ok = intake_read(b->arena, from->path[i], to, err);
	return from->n == 0 ? intake_read(b->arena, b->config->documents, to, err) : ok;
}

static bool
read_all(struct batch *b, const struct input *from, struct err *err)
{
	struct reading r = { .batch = b };
	const struct intake intake = { .take = take, .refuse = refuse, .ctx = &r, .file = take_file,
		.expect = expect };
	struct err late;
	(void)pthread_mutex_init(&r.lock, NULL);
	r.crew = crew_new(b->arena, b->jobs, work, &r);
	bool ok = read_input(b, from, &intake, err);
	ok = give_open(&r, ok ? err : &late) && ok;
	bool finished = crew_finish(r.crew, drop_task, ok ? err : &late);
	(void)pthread_mutex_destroy(&r.lock);
	if (!ok || !finished)
		return false;
	collect(&r);
	if (b->progress.step != NULL && r.done > 0)
		b->progress.step(b->progress.ctx, "check", r.done, r.done);
	return true;
}

bool
batch_read(struct arena *a, const struct config *config, const struct batch_options *options,
    char *const *path, size_t n, struct batch *out, struct err *err)
{
	const struct input from = { .path = path, .n = n };
	return batch_open(a, config, options, out, err) && read_all(out, &from, err)
	    && batch_refuse_twins(out, err);
}

static bool
is_same(const struct batch_item *x, const struct batch_item *y)
{
	return x->accepted && y->accepted && str_eq(x->document.vertical, y->document.vertical)
	    && str_eq(x->document.locale, y->document.locale)
	    && str_eq(x->document.id, y->document.id);
}

/* By name; of one name, the last of the stream first. */
static int
by_name_last_first(const void *left, const void *right)
{
	const struct batch_item *l = *(const struct batch_item *const *)left;
	const struct batch_item *r = *(const struct batch_item *const *)right;
	int c = str_cmp(l->document.vertical, r->document.vertical);
	if (c == 0)
		c = str_cmp(l->document.locale, r->document.locale);
	if (c == 0)
		c = str_cmp(l->document.id, r->document.id);
	return c != 0 ? c : (l->document.raw.line < r->document.raw.line)
	        - (l->document.raw.line > r->document.raw.line);
}

/* An agent that corrects itself within one piece has made no mistake: earlier versions go. */
static void
drop_superseded(struct batch *b)
{
	struct batch_item **item = ARENA_ARRAY(b->arena, struct batch_item *, b->n + 1);
	size_t n = 0, stay = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->item[i]->accepted)
			item[n++] = b->item[i];
	qsort(item, n, sizeof *item, by_name_last_first);
	for (size_t i = 1; i < n; i++)
		item[i]->is_superseded = is_same(item[i], item[i - 1]);
	for (size_t i = 0; i < b->n; i++)
		if (!b->item[i]->is_superseded)
			b->item[stay++] = b->item[i];
	b->n = b->inputs = stay;
}

bool
batch_read_lines(struct arena *a, const struct config *config,
    const struct batch_options *options, struct str lines, unsigned first, struct batch *out,
    struct err *err)
{
	const struct input from = { .lines = lines, .first = first };
	if (!batch_open(a, config, options, out, err) || !read_all(out, &from, err))
		return false;
	drop_superseded(out);
	return batch_refuse_twins(out, err);
}

void
batch_count(struct batch *b)
{
	b->accepted = b->refused = b->warnings = b->kept = b->buried = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct batch_item *item = b->item[i];
		b->accepted += item->accepted;
		b->refused += !item->accepted;
		b->buried += item->buried;
		b->warnings += item->warnings;
		b->kept += item->accepted && item->kept;
	}
}

void
batch_refuse(struct batch *b, struct batch_item *item, const struct finding *finding)
{
	struct findings f = { .arena = b->arena };
	findings_add(&f, *finding);
	item->finding = f.item;
	item->findings = f.n;
	item->warnings = 0;
	item->accepted = false;
}

void
batch_rewind(struct batch *b)
{
	b->n = b->inputs;
	batch_count(b);
}

void
batch_keep(struct batch *b, struct batch_item **item, size_t n)
{
	b->n = b->inputs;
	for (size_t i = 0; i < n; i++) {
		ARENA_GROW(b->arena, b->item, b->n, b->room);
		b->item[b->n++] = item[i];
	}
	batch_count(b);
}

bool
batch_distrusts(struct batch *b, const struct err *err)
{
	if (err->code != ERR_UNTRUSTED || b->stash == NULL || stash_folder(b->stash) == NULL)
		return false;
	(void)fprintf(stderr, "edgepress: %s; once more, without the cache\n", err->text);
	stash_forget(b->stash);
	return true;
}

void
batch_commit(struct batch *b)
{
	stash_commit(b->stash);
}

int
batch_order(const void *left, const void *right)
{
	const struct document *l = &(*(const struct batch_item *const *)left)->document;
	const struct document *r = &(*(const struct batch_item *const *)right)->document;
	int c = l->vertical.p == r->vertical.p ? 0 : str_cmp(l->vertical, r->vertical);
	if (c == 0 && l->locale.p != r->locale.p)
		c = str_cmp(l->locale, r->locale);
	if (c == 0)
		c = str_cmp(l->id, r->id);
	if (c == 0)
		c = l->updated > r->updated ? -1 : l->updated < r->updated;
	if (c == 0)
		c = memcmp(l->digest.b, r->digest.b, sizeof l->digest.b);
	return c != 0 ? c : str_cmp(l->raw.where, r->raw.where);
}

static size_t
refused_in(const struct batch *b, struct str vertical, struct str locale)
{
	size_t n = 0;
	for (size_t i = 0; b->refused > 0 && i < b->n; i++)
		n += !b->item[i]->accepted && !b->item[i]->buried && str_eq(b->item[i]->document.vertical, vertical)
		    && str_eq(b->item[i]->document.locale, locale);
	return n;
}

void
batch_bundles(struct batch *b, struct batch_bundle **out, size_t *n)
{
	struct batch_item **item = ARENA_ARRAY(b->arena, struct batch_item *, b->n + 1);
	struct batch_bundle *bundle = NULL;
	size_t count = 0, room = 0, items = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->item[i]->accepted)
			item[items++] = b->item[i];
	qsort(item, items, sizeof *item, batch_order);
	for (size_t i = 0; i < items; i++) {
		const struct document *d = &item[i]->document;
		if (count == 0 || !str_eq(bundle[count - 1].vertical, d->vertical)
		    || !str_eq(bundle[count - 1].locale, d->locale)) {
			ARENA_GROW(b->arena, bundle, count, room);
			bundle[count++] = (struct batch_bundle){ .vertical = d->vertical,
				.locale = d->locale, .item = &item[i],
				.refused = refused_in(b, d->vertical, d->locale) };
		}
		bundle[count - 1].n++;
		bundle[count - 1].kept += item[i]->kept;
	}
	*out = bundle;
	*n = count;
}
