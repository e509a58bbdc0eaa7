#include "publisher/upkeep/fsck.h"

#include <inttypes.h>

#include "base/parallel.h"
#include "publisher/release/audit.h"
#include "publisher/release/site.h"
#include "publisher/tlog/check.h"
#include "publisher/upkeep/gc.h"
#include "publisher/upkeep/reach.h"

#define TOGETHER 64 /* objects */

const char *const fsck_state_name[FSCK_STATES] = { "missing", "damaged", "repaired", "lost",
	"unfinished", "unknown", "dropped" };

enum item_state { ITEM_WHOLE, ITEM_MISSING, ITEM_DAMAGED };

struct item {
	enum reach_kind kind;
	struct object object; /* without its body */
	bool is_signed;
	struct digest sha256;
	uint64_t size;
	struct str what;
	bool coded;           /* file has other forms */
	unsigned forms;
	struct coded form[CODINGS];
	enum coding coding;
	enum item_state state;
	struct str why;
};
struct checking {
	struct fsck f;
	struct arena *a;      /* of the group */
	struct item item[TOGETHER];
	size_t n;
	struct coder *coder;
	bool log_broken;
	int64_t newest_done, newest_intent;
};

void
fsck_tell(struct fsck *f, enum fsck_state state, struct str key, struct str what, struct str why)
{
	const struct fsck_finding found = { state, key, what, why };
	f->out->found[state]++;
	if (f->o->found != NULL)
		f->o->found(f->o->ctx, &found);
}

/* Checking */

static bool
bytes_are(struct str bytes, const struct digest *sha256)
{
	const struct digest is = digest_of(bytes);
	return digest_eq(&is, sha256);
}

static bool
check_one(void *ctx, size_t i, struct err *err)
{
	struct checking *c = ctx;
	struct item *item = &c->item[i];
	struct arena *a = arena_new();
	struct str bytes;
	struct err why = { 0 };
	const size_t max = item->size > 0 ? item->size : STORE_OBJECT_MAX;
	bool read = store_get(c->f.site->store, a, item->object.key, max, &bytes, NULL, &why);
	if (!read)
		item->state = why.code == ERR_ABSENT ? ITEM_MISSING : ITEM_DAMAGED;
	else if (item->is_signed && !bytes_are(bytes, &item->sha256))
		item->state = ITEM_DAMAGED;
	arena_free(a);
	return read || why.code != ERR_BUSY || err_set(err, ERR_BUSY, "%s", why.text);
}

/* Getting it again. All of these leave the bytes in `a`, verified. */

static bool
form_get(struct checking *c, struct arena *a, const struct item *item, enum coding form,
    struct str *out)
{
	char hex[DIGEST_HEX + 1];
	struct err ignored;
	const char *suffix = coding_kinds[form].suffix;
	digest_hex(&item->form[form].sha256, hex);
	return store_get(c->f.site->store, a, store_blob_key(a, hex, suffix[0] ? suffix + 1 : ""),
	           item->form[form].size, out, NULL, &ignored)
	    && bytes_are(*out, &item->form[form].sha256);
}

/* The file itself, from any of its coded forms. */
static bool
decoded(struct checking *c, struct arena *a, const struct item *item, struct str *out)
{
	struct err ignored;
	struct str coded;
	for (int f = CODING_NONE + 1; item->coded && f < CODINGS; f++) {
		struct buf *plain = buf_in(a, STORE_OBJECT_MAX);
		if ((item->forms >> f & 1) == 0 || !form_get(c, a, item, (enum coding)f, &coded)
		    || !coding_decode((enum coding)f, coded, plain, &ignored))
			continue;
		*out = buf_str(plain);
		if (bytes_are(*out, &item->form[CODING_NONE].sha256))
			return true;
	}
	return false;
}

/* A coded form, from the file itself: the same bytes if the library is the same. */
static bool
coded_again(struct checking *c, struct arena *a, const struct item *item, struct str *out)
{
	struct err ignored;
	struct str plain;
	struct buf *coded = buf_in(a, STORE_OBJECT_MAX);
	if (!item->coded || item->coding == CODING_NONE
	    || (!form_get(c, a, item, CODING_NONE, &plain) && !decoded(c, a, item, &plain))
	    || !coder_code(c->coder, item->coding, 0, plain, coded, &ignored))
		return false;
	*out = buf_str(coded);
	return bytes_are(*out, &item->sha256);
}

static bool
from_elsewhere(struct checking *c, struct arena *a, const struct item *item, struct str *out)
{
	struct err ignored;
	for (size_t i = 0; item->is_signed && i < c->f.o->froms; i++)
		if (store_get(c->f.o->from[i], a, item->object.key,
		        item->size > 0 ? item->size : STORE_OBJECT_MAX, out, NULL, &ignored)
		    && bytes_are(*out, &item->sha256))
			return true;
	return false;
}

static bool
put_over(struct checking *c, struct item *item, struct str bytes, struct err *err)
{
	item->object.body = bytes;
	return (item->state == ITEM_MISSING
	           || store_remove(c->f.site->store, item->object.key, err))
	    && store_put(c->f.site->store, &item->object, err);
}

static bool
repair(struct checking *c, struct item *item, bool *done, struct err *err)
{
	struct arena *a = arena_new();
	struct str bytes;
	*done = (item->coding == CODING_NONE ? decoded(c, a, item, &bytes)
	                                     : coded_again(c, a, item, &bytes))
	    || from_elsewhere(c, a, item, &bytes);
	bool ok = !*done || put_over(c, item, bytes, err);
	arena_free(a);
	return ok;
}

/* What is lost has to make room: a later publish puts the right bytes there. */
static bool
give_up(struct checking *c, const struct item *item, struct err *err)
{
	const struct digest key = reach_key_digest(item->object.key);
	const bool blob = item->kind != REACH_METADATA;
	(void)marks_add(c->f.lost, &key);
	fsck_tell(&c->f, FSCK_LOST, item->object.key, item->what, STR("cannot be had again"));
	return c->f.o->loss == LOSS_TELL || !blob || item->state == ITEM_MISSING
	    || store_remove(c->f.site->store, item->object.key, err);
}

static bool
judge(struct checking *c, struct item *item, struct err *err)
{
	bool done;
	c->f.out->objects++;
	c->f.out->bytes += item->size;
	if (item->state == ITEM_WHOLE)
		return true;
	if (item->kind == REACH_LOG && !item->is_signed) {
		c->log_broken = true; /* made again as a whole */
		return true;
	}
	if (!c->f.o->repair) {
		fsck_tell(&c->f, item->state == ITEM_MISSING ? FSCK_MISSING : FSCK_DAMAGED,
		    item->object.key, item->what, STR(""));
		return true;
	}
	if (!repair(c, item, &done, err))
		return false;
	if (!done)
		return give_up(c, item, err);
	fsck_tell(&c->f, FSCK_REPAIRED, item->object.key, item->what, STR(""));
	return true;
}

static bool
group_end(struct checking *c, struct err *err)
{
	bool ok = parallel(c->n, c->f.site->target->uploads, check_one, c, err);
	for (size_t i = 0; ok && i < c->n; i++)
		ok = judge(c, &c->item[i], err);
	c->n = 0;
	arena_free(c->a);
	c->a = arena_new();
	if (ok && c->f.o->progress != NULL && c->f.o->progress->step != NULL)
		c->f.o->progress->step(c->f.o->progress->ctx, "check", c->f.out->objects, 0);
	return ok;
}

static struct str
what_of(struct arena *a, const struct reach_object *o)
{
	if (o->version == NULL)
		return STR("");
	return arena_printf(a, "%.*s/%.*s version %" PRId64 "%s%.*s", STR_ARG(o->vertical),
	    STR_ARG(o->locale), o->version->version, o->name.n > 0 ? ", " : "", STR_ARG(o->name));
}

static bool
take(void *ctx, const struct reach_object *o, struct err *err)
{
	struct checking *c = ctx;
	const struct digest key = reach_key_digest(o->key);
	if (!marks_add(c->f.seen, &key))
		return true;
	struct item *item = &c->item[c->n++];
	*item = (struct item){ .kind = o->kind, .is_signed = o->sha256 != NULL, .size = o->size,
		.coding = o->coding, .what = what_of(c->a, o),
		.object = { .key = arena_copy(c->a, o->key), .type = arena_copy(c->a, o->type),
		    .immutable = o->immutable, .coding = str_of(coding_kinds[o->coding].token) } };
	if (o->sha256 != NULL)
		item->sha256 = *o->sha256;
	if (o->file != NULL) {
		item->coded = true;
		item->forms = o->file->forms;
		memcpy(item->form, o->file->form, sizeof item->form);
	}
	/* What can be followed no further is mended before the walk tries to: see `broken`. */
	const bool leads_on = o->kind == REACH_MANIFEST || o->kind == REACH_SHARD;
	return (c->n < TOGETHER && !leads_on) || group_end(c, err);
}

/* It was shown to `take` before, which has told. */
static bool
broken(void *ctx, const struct reach_object *o, const struct err *why, struct err *err)
{
	struct checking *c = ctx;
	const struct digest key = reach_key_digest(o->key);
	if (o->kind == REACH_LOG) {
		c->log_broken = true;
		return why->code != ERR_BUSY || err_set(err, ERR_BUSY, "%s", why->text);
	}
	/* Present and what was signed, yet unreadable: another program wrote it. */
	if (o->kind != REACH_METADATA && c->f.o->repair && marks_add(c->f.lost, &key))
		fsck_tell(&c->f, FSCK_LOST, o->key, what_of(c->a, o), str_of(why->text));
	if (o->kind == REACH_METADATA)
		fsck_tell(&c->f, why->code == ERR_ABSENT ? FSCK_MISSING : FSCK_DAMAGED, o->key, STR(""),
		    str_of(why->text));
	return true;
}

/* What else is there */

static bool
see(void *ctx, const struct store_entry *e, struct err *err)
{
	struct checking *c = ctx;
	const struct digest key = reach_key_digest(e->key);
	const enum gc_kind kind = gc_kind_of(e->key);
	int64_t version;
	struct str name;
	(void)err;
	if (kind == GC_RECEIPTS && gc_numbered(e->key, &version, &name)) {
		if (str_eq(name, STR("done")) && version > c->newest_done)
			c->newest_done = version;
		if (str_eq(name, STR("intent")) && version > c->newest_intent)
			c->newest_intent = version;
		return true;
	}
	if (marks_has(c->f.seen, &key) || str_starts(e->key, STR("gc/")))
		return true;
	if (kind == GC_KINDS)
		fsck_tell(&c->f, FSCK_UNKNOWN, e->key, STR(""), STR("no name of ours; left alone"));
	else
		c->f.out->unneeded += kind == GC_BLOBS || kind == GC_SHARDS || kind == GC_MANIFESTS;
	return true;
}

/* An intent above the live version belongs to a publisher that lost or died: nothing to do. */
static void
receipts_tell(struct checking *c)
{
	const int64_t live = site_version(c->f.site);
	struct arena *a = arena_new();
	if (c->newest_intent > c->newest_done && c->newest_intent <= live)
		fsck_tell(&c->f, FSCK_UNFINISHED, receipt_key(a, c->newest_intent, "intent"), STR(""),
		    STR("its purges are not confirmed; the next publish repeats them"));
	arena_free(a);
}

/* The log */

static bool
log_is_behind(struct checking *c, bool *out, struct err *err)
{
	struct log_head head;
	struct str bytes;
	struct checkpoint found;
	bool there;
	struct err why = { 0 };
	*out = false;
	if (!log_head_read(c->f.site->live->trusted->snapshot.custom, &head, &there, err))
		return false;
	if (!there)
		return true;
	bool read = store_get(c->f.site->store, c->f.a, CHECKPOINT_NAME, NOTE_BYTES_MAX, &bytes, NULL,
	        &why)
	    && log_checkpoint_read(c->f.a, bytes, root_role(&c->f.site->root, "snapshot"), head.origin,
	        &found, &why);
	if (!read && why.code == ERR_BUSY)
		return err_set(err, ERR_BUSY, "%s", why.text);
	*out = !read || found.tree.size < head.tree.size;
	return true;
}

static bool
log_check_all(struct checking *c, struct err *err)
{
	bool behind;
	struct err why = { 0 };
	const struct str key = CHECKPOINT_NAME;
	if (!log_is_behind(c, &behind, err))
		return false;
	if (!behind && !c->log_broken)
		return true;
	if (!c->f.o->repair) {
		fsck_tell(&c->f, c->log_broken ? FSCK_DAMAGED : FSCK_UNFINISHED, key, STR("the log"),
		    STR("files are missing, damaged or behind"));
		return true;
	}
	bool ok = (!c->log_broken && audit_complete(c->f.a, c->f.site, &why)) || fsck_log(&c->f, &why);
	fsck_tell(&c->f, ok ? FSCK_REPAIRED : FSCK_LOST, key, STR("the log"), str_of(why.text));
	return true;
}

static bool
sweep_through(struct checking *c, struct err *err)
{
	const struct reach r = { .store = c->f.site->store, .anchor = c->f.site->anchor,
		.live = c->f.site->live, .visit = take, .broken = broken, .ctx = c };
	c->a = arena_new();
	c->coder = coder_new();
	bool ok = reach_walk(&r, err) && group_end(c, err);
	coder_free(c->coder);
	arena_free(c->a);
	return ok && log_check_all(c, err) && store_list(c->f.site->store, STR(""), see, c, err);
}

bool
fsck_run(struct arena *a, struct site *s, const struct fsck_options *o, struct fsck_report *out,
    struct err *err)
{
	struct checking c = { .f = { .a = a, .site = s, .o = o, .out = out,
		.seen = marks_new(a, 16), .lost = marks_new(a, sizeof(struct digest)) } };
	*out = (struct fsck_report){ 0 };
	if (s->live == NULL)
		return err_set(err, ERR_ABSENT, "nothing is published yet");
	if (!sweep_through(&c, err))
		return false;
	receipts_tell(&c);
	if (o->repair && o->loss != LOSS_TELL && c.f.lost->n > 0 && !fsck_mend(&c.f, err))
		return err_in(err, "a new version without what is lost");
	out->whole = out->found[FSCK_MISSING] + out->found[FSCK_DAMAGED] == 0
	    && (out->found[FSCK_LOST] == 0 || out->mended.changed);
	return true;
}
