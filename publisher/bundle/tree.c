#include "publisher/bundle/tree.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"
#include "publisher/store/store.h"

#define FORMAT 2
#define TEXT_MAX 4096
#define TYPE_MAX 127
#define PROVENANCE_MAX (1u * 1024 * 1024)

bool
media_type_is_safe(struct str s)
{
	size_t slashes = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		    || (c >= '0' && c <= '9');
		if (!plain && strchr("/+-._;= ", c) == NULL)
			return false;
		slashes += c == '/';
	}
	return s.n >= 3 && s.n <= TYPE_MAX && slashes == 1;
}

/* Reading. The parsed JSON goes when it has been read: what is kept is copied. */
struct reader {
	struct arena *a;
	bool provenance;
};

/* A time that may be left out: 0 then. */
static bool
time_opt(const json_t *j, const char *name, int64_t *out, struct err *err)
{
	*out = 0;
	return json_object_get(j, name) == NULL || field_time(j, name, out, err);
}

/* { "sha256": …, "size": … }: something that is kept as a blob. */
static bool
blob_read(const json_t *j, struct digest *sha256, uint64_t *size, struct err *err)
{
	int64_t n;
	if (!field_digest(j, "sha256", sha256, err)
	    || !field_int(j, "size", 0, STORE_OBJECT_MAX, &n, err))
		return false;
	*size = (uint64_t)n;
	return true;
}

static bool
text_read(const struct reader *r, const json_t *j, const char *name, struct str *out,
    struct err *err)
{
	if (!field_text(j, name, out, err))
		return false;
	if (out->n > TEXT_MAX)
		return err_set(err, ERR_LIMIT, "%s: %zu bytes, at most %d", name, out->n, TEXT_MAX);
	*out = arena_copy(r->a, *out);
	return true;
}

static bool
provenance_read(const struct reader *r, const json_t *j, struct str *out, struct err *err)
{
	const json_t *value;
	struct buf text;
	*out = STR("{}");
	if (json_object_get(j, "provenance") == NULL)
		return true;
	if (!field_object(j, "provenance", &value, err))
		return false;
	if (!r->provenance)
		return true;
	buf_init(&text, PROVENANCE_MAX);
	bool ok = json_canonical(value, &text, err) || err_in(err, "provenance");
	if (ok)
		*out = arena_copy(r->a, buf_str(&text));
	buf_release(&text);
	return ok;
}

static bool
document_read(const struct reader *r, const json_t *j, struct manifest_document *out,
    struct err *err)
{
	const json_t *source;
	return text_read(r, j, "id", &out->id, err)
	    && (name_is_safe(out->id, ID_MAX)
	        || err_set(err, ERR_INPUT, "id: '%.*s' is no document id", STR_ARG(out->id)))
	    && text_read(r, j, "title", &out->title, err)
	    && field_time(j, "updated", &out->updated, err)
	    && time_opt(j, "expires", &out->expires, err)
	    && field_object(j, "source", &source, err)
	    && blob_read(source, &out->source, &out->source_size, err)
	    && provenance_read(r, j, &out->provenance, err);
}

static bool
form_read(const json_t *j, enum coding coding, struct manifest_file *out, struct err *err)
{
	const char *name = coding_kinds[coding].token;
	struct coded *form = &out->form[coding];
	const json_t *member;
	if (json_object_get(j, name) == NULL)
		return true;
	out->forms |= 1u << coding;
	return field_object(j, name, &member, err)
	    && (blob_read(member, &form->sha256, &form->size, err) || err_in(err, "%s", name))
	    && (form->size < out->form[CODING_NONE].size
	        || err_set(err, ERR_INPUT, "%s: not smaller than the file itself", name));
}

static bool
forms_read(const json_t *j, struct manifest_file *out, struct err *err)
{
	struct coded *plain = &out->form[CODING_NONE];
	bool ok = blob_read(j, &plain->sha256, &plain->size, err);
	for (int c = CODING_NONE + 1; ok && c < CODINGS; c++)
		ok = form_read(j, (enum coding)c, out, err);
	return ok;
}

static bool
immutable_read(const json_t *j, bool *out, struct err *err)
{
	const json_t *value = json_object_get(j, "immutable");
	*out = json_is_true(value);
	return value == NULL || json_is_boolean(value)
	    || err_set(err, ERR_INPUT, "immutable: not true or false");
}

/* Mostly that of an earlier file, and so kept once. */
static bool
type_read(const struct reader *r, const struct tree *t, const json_t *j, struct str *out,
    struct err *err)
{
	struct str type;
	if (!field_text(j, "type", &type, err))
		return false;
	if (!media_type_is_safe(type))
		return err_set(err, ERR_INPUT, "type: not a media type");
	for (size_t i = t->files; i > 0 && t->files - i < 8; i--)
		if (str_eq(t->file[i - 1].type, type)) {
			*out = t->file[i - 1].type;
			return true;
		}
	*out = arena_copy(r->a, type);
	return true;
}

static bool
owner_read(const struct reader *r, const json_t *j, struct manifest_file *out, struct err *err)
{
	struct str id;
	if (!field_text_opt(j, "document", &id, err))
		return false;
	if (id.n > 0 && !name_is_safe(id, ID_MAX))
		return err_set(err, ERR_INPUT, "document: '%.*s' is no document id", STR_ARG(id));
	out->document = str_starts(out->path, id) ? (struct str){ out->path.p, id.n }
	                                          : arena_copy(r->a, id);
	return true;
}

static bool
file_read(const struct reader *r, const struct tree *t, const json_t *j,
    struct manifest_file *out, struct err *err)
{
	if (!text_read(r, j, "path", &out->path, err))
		return false;
	if (!path_is_safe(out->path))
		return err_set(err, ERR_INPUT, "path: '%.*s' leaves the bundle or is no plain path",
		    STR_ARG(out->path));
	bool ok = type_read(r, t, j, &out->type, err)
	    && owner_read(r, j, out, err)
	    && forms_read(j, out, err)
	    && time_opt(j, "modified", &out->modified, err)
	    && time_opt(j, "expires", &out->expires, err)
	    && immutable_read(j, &out->immutable, err);
	return ok || err_in(err, "%.*s", STR_ARG(out->path));
}

static bool
documents_read(const struct reader *r, const json_t *list, struct tree *out, struct err *err)
{
	size_t n = json_array_size(list);
	out->document = ARENA_ARRAY(r->a, struct manifest_document, n);
	for (size_t i = 0; i < n; i++, out->documents++) {
		struct manifest_document *d = &out->document[i];
		if (!document_read(r, json_array_get(list, i), d, err))
			return err_in(err, "documents[%zu]", i);
		if (i > 0 && str_cmp(d[-1].id, d->id) >= 0)
			return err_set(err, ERR_INPUT, "documents[%zu]: ids are not sorted and unique",
			    i);
	}
	return true;
}

static bool
files_read(const struct reader *r, const json_t *list, struct tree *out, struct err *err)
{
	size_t n = json_array_size(list);
	out->file = ARENA_ARRAY(r->a, struct manifest_file, n);
	for (size_t i = 0; i < n; i++, out->files++) {
		struct manifest_file *f = &out->file[i];
		if (!file_read(r, out, json_array_get(list, i), f, err))
			return err_in(err, "files[%zu]", i);
		if (i > 0 && str_cmp(f[-1].path, f->path) >= 0)
			return err_set(err, ERR_INPUT, "files[%zu]: paths are not sorted and unique",
			    i);
	}
	return true;
}

bool
tree_read(struct arena *a, struct str stored, bool provenance, struct tree *out,
    struct err *err)
{
	const struct reader r = { a, provenance };
	struct arena *scratch = arena_new();
	struct buf *text = buf_in(scratch, TREE_TEXT_MAX);
	const json_t *documents, *files;
	int64_t format;
	json_t *j;
	*out = (struct tree){ 0 };
	bool ok = coding_decode(CODING_GZIP, stored, text, err)
	    && json_parse(scratch, buf_str(text), &j, err)
	    && field_int(j, "format", FORMAT, FORMAT, &format, err)
	    && field_array(j, "documents", &documents, err)
	    && documents_read(&r, documents, out, err)
	    && field_array(j, "files", &files, err)
	    && files_read(&r, files, out, err);
	arena_free(scratch);
	return ok || err_in(err, "shard");
}

/* Writing: one entry a line */

static void
put_time(struct buf *out, const char *name, int64_t time)
{
	struct arena *a;
	if (time == 0)
		return;
	a = arena_new();
	buf_printf(out, ",\"%s\":\"%.*s\"", name, STR_ARG(time_rfc3339(a, time)));
	arena_free(a);
}

static void
put_blob(struct buf *out, const struct digest *sha256, uint64_t size)
{
	char hex[DIGEST_HEX + 1];
	digest_hex(sha256, hex);
	buf_printf(out, "\"sha256\":\"%s\",\"size\":%" PRIu64, hex, size);
}

static void
put_document(struct buf *out, const struct manifest_document *d)
{
	buf_printf(out, "{\"id\":\"%.*s\",\"title\":", STR_ARG(d->id));
	json_quote(out, d->title);
	put_time(out, "updated", d->updated);
	put_time(out, "expires", d->expires);
	buf_put(out, STR(",\"source\":{"));
	put_blob(out, &d->source, d->source_size);
	buf_put(out, STR("},\"provenance\":"));
	buf_put(out, d->provenance.n > 0 ? d->provenance : STR("{}"));
	buf_putc(out, '}');
}

static void
put_file(struct buf *out, const struct manifest_file *f)
{
	buf_printf(out, "{\"path\":\"%.*s\",\"type\":", STR_ARG(f->path));
	json_quote(out, f->type);
	if (f->document.n > 0)
		buf_printf(out, ",\"document\":\"%.*s\"", STR_ARG(f->document));
	buf_putc(out, ',');
	put_blob(out, &f->form[CODING_NONE].sha256, f->form[CODING_NONE].size);
	for (int c = CODING_NONE + 1; c < CODINGS; c++)
		if (has_form(f, (enum coding)c)) {
			buf_printf(out, ",\"%s\":{", coding_kinds[c].token);
			put_blob(out, &f->form[c].sha256, f->form[c].size);
			buf_putc(out, '}');
		}
	put_time(out, "modified", f->modified);
	put_time(out, "expires", f->expires);
	if (f->immutable)
		buf_put(out, STR(",\"immutable\":true"));
	buf_putc(out, '}');
}

bool
tree_write(const struct tree *t, struct coder *coder, struct buf *stored, struct err *err)
{
	struct buf text;
	buf_init(&text, TREE_TEXT_MAX);
	buf_printf(&text, "{\"format\":%d,\n\"documents\":[", FORMAT);
	for (size_t i = 0; i < t->documents; i++) {
		buf_put(&text, i > 0 ? STR(",\n") : STR("\n"));
		put_document(&text, &t->document[i]);
	}
	buf_put(&text, STR("],\n\"files\":["));
	for (size_t i = 0; i < t->files; i++) {
		buf_put(&text, i > 0 ? STR(",\n") : STR("\n"));
		put_file(&text, &t->file[i]);
	}
	buf_put(&text, STR("]}\n"));
	bool ok = buf_ok(&text, err) && coder_code(coder, CODING_GZIP, 0, buf_str(&text), stored,
	    err);
	buf_release(&text);
	return ok || err_in(err, "shard");
}

/* Digests over the entries: every length before what has it */

static void
hash_bytes(crypto_generichash_state *h, const void *p, size_t n)
{
	(void)crypto_generichash_update(h, p, n);
}

static void
hash_number(crypto_generichash_state *h, uint64_t n)
{
	unsigned char b[8];
	for (size_t i = 0; i < sizeof b; i++)
		b[i] = (unsigned char)(n >> (8 * i));
	hash_bytes(h, b, sizeof b);
}

static void
hash_text(crypto_generichash_state *h, struct str s)
{
	hash_number(h, s.n);
	hash_bytes(h, s.p, s.n);
}

static void
hash_document(crypto_generichash_state *h, const struct manifest_document *d)
{
	hash_text(h, d->id);
	hash_text(h, d->title);
	hash_number(h, (uint64_t)d->updated);
	hash_number(h, (uint64_t)d->expires);
	hash_bytes(h, d->source.b, sizeof d->source.b);
	hash_number(h, d->source_size);
	hash_text(h, d->provenance);
}

static void
hash_file(crypto_generichash_state *h, const struct manifest_file *f)
{
	hash_text(h, f->path);
	hash_text(h, f->type);
	hash_text(h, f->document);
	hash_bytes(h, f->form[CODING_NONE].sha256.b, sizeof f->form[CODING_NONE].sha256.b);
	hash_number(h, f->form[CODING_NONE].size);
	hash_number(h, (uint64_t)f->modified);
	hash_number(h, (uint64_t)f->expires);
	hash_number(h, f->immutable);
}

struct digest
tree_content(const struct tree *t)
{
	struct digest out;
	crypto_generichash_state h;
	(void)crypto_generichash_init(&h, NULL, 0, sizeof out.b);
	hash_number(&h, t->documents);
	for (size_t i = 0; i < t->documents; i++)
		hash_document(&h, &t->document[i]);
	hash_number(&h, t->files);
	for (size_t i = 0; i < t->files; i++)
		hash_file(&h, &t->file[i]);
	(void)crypto_generichash_final(&h, out.b, sizeof out.b);
	return out;
}

struct digest
tree_ids(const struct str *id, size_t n)
{
	struct digest out;
	crypto_hash_sha256_state h;
	(void)crypto_hash_sha256_init(&h);
	for (size_t i = 0; i < n; i++) {
		(void)crypto_hash_sha256_update(&h, (const unsigned char *)id[i].p, id[i].n);
		(void)crypto_hash_sha256_update(&h, (const unsigned char *)"\n", 1);
	}
	(void)crypto_hash_sha256_final(&h, out.b);
	return out;
}

struct digest
tree_sources(const struct tree *t)
{
	struct digest out;
	crypto_hash_sha256_state h;
	(void)crypto_hash_sha256_init(&h);
	for (size_t i = 0; i < t->documents; i++) {
		const struct str id = t->document[i].id;
		char hex[DIGEST_HEX + 3] = " ";
		digest_hex(&t->document[i].source, hex + 1);
		hex[DIGEST_HEX + 1] = '\n';
		(void)crypto_hash_sha256_update(&h, (const unsigned char *)id.p, id.n);
		(void)crypto_hash_sha256_update(&h, (const unsigned char *)hex, DIGEST_HEX + 2);
	}
	(void)crypto_hash_sha256_final(&h, out.b);
	return out;
}

/* Looking up */

static int
by_path(const void *key, const void *file)
{
	return str_cmp(*(const struct str *)key, ((const struct manifest_file *)file)->path);
}

const struct manifest_file *
tree_file(const struct tree *t, struct str path)
{
	return t->files == 0 ? NULL : bsearch(&path, t->file, t->files, sizeof *t->file, by_path);
}

static int
by_id(const void *key, const void *document)
{
	return str_cmp(*(const struct str *)key,
	    ((const struct manifest_document *)document)->id);
}

const struct manifest_document *
tree_document(const struct tree *t, struct str id)
{
	return t->documents == 0 ? NULL
	    : bsearch(&id, t->document, t->documents, sizeof *t->document, by_id);
}

struct str
tree_key(struct arena *a, const struct digest *sha256)
{
	return arena_printf(a, "trees/%.*s", STR_ARG(digest_str(a, sha256)));
}
