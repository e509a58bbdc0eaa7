#include "publisher/transfer/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/path.h"
#include "publisher/transfer/archive_form.h"
#include "publisher/upkeep/gc.h"
#include "publisher/upkeep/reach.h"

#define HEAD "edgepress-export.json"
#define HEAD_MAX (4u * 1024 * 1024)
#define BUNDLES_MAX 100000
#define NAME_BYTES 16 /* of the digest of a key: enough to tell all apart */

struct entry {
	unsigned char name[NAME_BYTES];
	uint64_t at;
	uint64_t size;
};
struct file {
	int fd;
	uint64_t size, at; /* at: where the next member begins */
	struct entry *entry;
	size_t n, room;
	uint64_t bytes;
	struct arena *a;
};

static bool
read_at(const struct file *f, uint64_t at, void *out, size_t n, struct err *err)
{
	char *p = out;
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(f->fd, p + done, n - done, (off_t)(at + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "read");
		if (got == 0)
			return err_set(err, ERR_INPUT, "it ends at byte %" PRIu64 ", in the middle of a member",
			    at + done);
		done += (size_t)got;
	}
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return memcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name, NAME_BYTES);
}

static struct entry
entry_of(struct str key)
{
	struct entry e = { .at = 0 };
	const struct digest d = digest_of(key);
	memcpy(e.name, d.b, NAME_BYTES);
	return e;
}

/* As a store that only reads */

static const struct entry *
find(const struct file *f, struct str key)
{
	const struct entry wanted = entry_of(key);
	return f->n == 0 ? NULL : bsearch(&wanted, f->entry, f->n, sizeof wanted, by_name);
}

static bool
archive_get(void *state, struct str key, struct buf *out, struct str *etag, struct arena *a,
    struct err *err)
{
	const struct file *f = state;
	const struct entry *e = find(f, key);
	char piece[64 * 1024];
	if (e == NULL)
		return err_set(err, ERR_ABSENT, "%.*s is not in the archive", STR_ARG(key));
	if (etag != NULL)
		*etag = arena_copy(a, STR("archive"));
	for (uint64_t done = 0; done < e->size;) {
		size_t n = e->size - done < sizeof piece ? (size_t)(e->size - done) : sizeof piece;
		if (!read_at(f, e->at + done, piece, n, err))
			return false;
		buf_put(out, (struct str){ piece, n });
		if (!buf_ok(out, err))
			return false;
		done += n;
	}
	return true;
}

static const struct store_driver driver = { .scheme = "archive", .get = archive_get };

/* Members */

/* The digest that a name promises; false: it promises none. */
static bool
promised(struct str key, struct digest *out)
{
	struct err ignored;
	struct str name = key, rest;
	while (str_cut(name, '/', &rest).n > 0 && rest.p != NULL)
		name = rest;
	return digest_parse(str_cut(name, '.', &rest), out, &ignored);
}

static bool
name_check(struct str key, uint64_t size, struct err *err)
{
	enum gc_kind kind = key_is_safe(key) ? gc_kind_of(key) : GC_KINDS;
	const bool pointer = str_eq(key, STR("metadata/timestamp.json"));
	if (!pointer && kind != GC_BLOBS && kind != GC_SHARDS && kind != GC_MANIFESTS && kind != GC_METADATA)
		return err_set(err, ERR_INPUT, "'%.*s' is no object of an export", STR_ARG(key));
	return size <= STORE_OBJECT_MAX
	    || err_set(err, ERR_INPUT, "'%.*s': %" PRIu64 " bytes, at most %u", STR_ARG(key), size,
	        STORE_OBJECT_MAX);
}

static bool
padding_check(const struct file *f, uint64_t at, uint64_t size, struct err *err)
{
	static const unsigned char zeros[USTAR_BLOCK];
	unsigned char padding[USTAR_BLOCK];
	size_t n = ustar_padding(size);
	return read_at(f, at + size, padding, n, err)
	    && (memcmp(padding, zeros, n) == 0
	        || err_set(err, ERR_INPUT, "bytes between its members"));
}

/* Are these the bytes that the name promises? */
static bool
body_check(const struct file *f, struct str key, uint64_t at, uint64_t size, struct err *err)
{
	struct digest want;
	if (!promised(key, &want))
		return true; /* metadata: signatures tell */
	struct arena *a = arena_new();
	char *p = arena_alloc(a, size + 1, 1);
	bool ok = read_at(f, at, p, size, err);
	if (ok) {
		const struct digest is = digest_of((struct str){ p, size });
		ok = digest_eq(&is, &want)
		    || err_set(err, ERR_UNTRUSTED, "'%.*s' has other bytes than its name says",
		        STR_ARG(key));
	}
	arena_free(a);
	return ok;
}

/* The next member; false in *there: the end. */
static bool
member_next(struct file *f, char name[257], uint64_t *at, uint64_t *size, bool *there,
    struct err *err)
{
	unsigned char block[USTAR_BLOCK];
	if (!read_at(f, f->at, block, sizeof block, err) || !ustar_get(block, name, size, there, err))
		return err_in(err, "byte %" PRIu64, f->at);
	if (!*there)
		return true;
	*at = f->at + USTAR_BLOCK;
	if (*size > f->size || *at > f->size - *size)
		return err_set(err, ERR_INPUT, "it ends in the middle of '%s'", name);
	f->at = *at + *size + ustar_padding(*size);
	return true;
}

/* Two blocks of zeros and nothing more. */
static bool
end_check(const struct file *f, struct err *err)
{
	unsigned char block[USTAR_BLOCK];
	char name[257];
	uint64_t size;
	bool there;
	if (!read_at(f, f->at + USTAR_BLOCK, block, sizeof block, err)
	    || !ustar_get(block, name, &size, &there, err))
		return false;
	return (!there && f->at + sizeof block + USTAR_BLOCK == f->size)
	    || err_set(err, ERR_INPUT, "bytes behind its end");
}

static bool
members_read(struct file *f, struct err *err)
{
	for (;;) {
		char name[257];
		uint64_t at, size;
		bool there;
		if (!member_next(f, name, &at, &size, &there, err))
			return false;
		if (!there)
			return end_check(f, err);
		struct str key = str_of(name);
		if (f->n == ARCHIVE_MEMBERS)
			return err_set(err, ERR_INPUT, "more than %d members", ARCHIVE_MEMBERS);
		if (!name_check(key, size, err) || !padding_check(f, at, size, err)
		    || !body_check(f, key, at, size, err))
			return false;
		struct entry e = entry_of(key);
		e.at = at;
		e.size = size;
		ARENA_GROW(f->a, f->entry, f->n, f->room);
		f->entry[f->n++] = e;
		f->bytes += size;
	}
}

static bool
names_are_unique(struct file *f, struct err *err)
{
	if (f->n > 0)
		qsort(f->entry, f->n, sizeof *f->entry, by_name);
	for (size_t i = 1; i < f->n; i++)
		if (by_name(&f->entry[i - 1], &f->entry[i]) == 0)
			return err_set(err, ERR_INPUT, "the members at bytes %" PRIu64 " and %" PRIu64
			    " have the same name", f->entry[i - 1].at, f->entry[i].at);
	return true;
}

/* The first member: what this is about. Not signed, so it only chooses among what is. */
static bool
head_read(struct file *f, struct archive *out, struct err *err)
{
	char name[257] = "";
	uint64_t at, size;
	int64_t format;
	bool there;
	struct err why = { 0 };
	const json_t *list;
	json_t *j;
	if (!member_next(f, name, &at, &size, &there, &why) || !there || strcmp(name, HEAD) != 0
	    || size > HEAD_MAX)
		return err_set(err, ERR_INPUT, "no file that `edgepress export` has written");
	char *p = arena_alloc(f->a, size + 1, 1);
	if (!read_at(f, at, p, size, err) || !padding_check(f, at, size, err)
	    || !json_parse(f->a, (struct str){ p, size }, &j, err)
	    || !field_int(j, "format", 1, 1, &format, err)
	    || !field_int(j, "version", 0, INT64_MAX, &out->version, err)
	    || !field_array(j, "bundles", &list, err))
		return err_in(err, HEAD);
	size_t n = json_array_size(list);
	if (n > BUNDLES_MAX)
		return err_set(err, ERR_INPUT, HEAD ": more than %d bundles", BUNDLES_MAX);
	struct str *bundle = ARENA_ARRAY(f->a, struct str, n + 1);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		if (!json_is_string(one))
			return err_set(err, ERR_INPUT, HEAD ": bundles[%zu]: not text", i);
		bundle[i] = str_of(json_string_value(one));
	}
	out->bundle = bundle;
	out->bundles = n;
	return n > 0 || err_set(err, ERR_INPUT, "it holds no bundle");
}

/* Is all there that the signed manifests lead to? What is there has been verified. */
static bool
is_there(void *ctx, const struct reach_object *o, struct err *err)
{
	const struct file *f = ctx;
	const struct entry *e = find(f, o->key);
	if (e == NULL)
		return err_set(err, ERR_INPUT, "%.*s is missing", STR_ARG(o->key));
	return e->size == o->size || err_set(err, ERR_UNTRUSTED, "%.*s is not what was signed",
	    STR_ARG(o->key));
}

static bool
content_check(struct arena *a, struct file *f, struct str anchor, struct archive *out,
    struct err *err)
{
	struct live *live;
	struct promoted *list;
	size_t n;
	if (!live_read(a, out->store, anchor, NULL, clock_now(), EXPIRY_IGNORE, &live, err)) {
		if (err->code == ERR_ABSENT)
			err->code = ERR_INPUT;
		return false;
	}
	out->live = live;
	const struct promotion p = { .store = out->store, .live = live, .bundle = out->bundle,
		.n = out->bundles, .version = out->version };
	const struct reach r = { .store = out->store, .anchor = anchor, .live = live,
		.parts = REACH_ONLY_BUNDLES, .bundle = out->bundle, .bundles = out->bundles,
		.version = out->version, .current = out->version == 0, .visit = is_there, .ctx = f };
	return promotion_bundles(a, &p, &list, &n, err) && reach_walk(&r, err);
}

static void
file_close(void *file)
{
	(void)close(((struct file *)file)->fd);
}

bool
archive_open(struct arena *a, const char *path, struct str anchor, struct archive *out,
    struct err *err)
{
	struct file *f = ARENA_NEW(a, struct file);
	struct stat st;
	f->a = a;
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f->fd < 0)
		return err_sys(err, "%s", path);
	arena_defer(a, file_close, f);
	if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_INPUT, "%s: not a regular file", path);
	f->size = (uint64_t)st.st_size;
	out->store = ARENA_NEW(a, struct store);
	*out->store = (struct store){ &driver, f };
	bool ok = head_read(f, out, err) && members_read(f, err) && names_are_unique(f, err)
	    && content_check(a, f, anchor, out, err);
	out->sum = (struct archive_sum){ f->n, f->bytes };
	return ok || err_in(err, "%s", path);
}
