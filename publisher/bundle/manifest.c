#include "publisher/bundle/manifest.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/path.h"
#include "publisher/store/store.h"

#define FORMAT 1
#define INPUTS_MAX 256
#define TEXT_MAX 4096
#define TYPE_MAX 127

/* Media types go into header fields and HTML: only what "type/sub; charset=utf-8" needs. */
static bool
type_is_safe(struct str s)
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

static bool
is_bundle(struct str vertical, struct str locale)
{
	return name_is_safe(vertical, VERTICAL_MAX) && name_is_safe(locale, LOCALE_MAX);
}

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
text_read(const json_t *j, const char *name, struct str *out, struct err *err)
{
	return field_text(j, name, out, err)
	    && (out->n <= TEXT_MAX || err_set(err, ERR_LIMIT, "%s: %zu bytes, at most %d", name,
	            out->n, TEXT_MAX));
}

static bool
document_read(const json_t *j, struct manifest_document *out, struct err *err)
{
	const json_t *source;
	*out = (struct manifest_document){ 0 };
	return text_read(j, "id", &out->id, err)
	    && (name_is_safe(out->id, ID_MAX)
	        || err_set(err, ERR_INPUT, "id: '%.*s' is no document id", STR_ARG(out->id)))
	    && text_read(j, "title", &out->title, err)
	    && field_time(j, "updated", &out->updated, err)
	    && time_opt(j, "expires", &out->expires, err)
	    && field_object(j, "source", &source, err)
	    && blob_read(source, &out->source, &out->source_size, err)
	    && (json_object_get(j, "provenance") == NULL
	        || field_object(j, "provenance", &out->provenance, err));
}

static bool
gzip_read(const json_t *j, struct manifest_file *out, struct err *err)
{
	const json_t *coded;
	if (json_object_get(j, "gzip") == NULL)
		return true;
	out->has_gzip = true;
	return field_object(j, "gzip", &coded, err)
	    && (blob_read(coded, &out->gzip, &out->gzip_size, err) || err_in(err, "gzip"))
	    && (out->gzip_size < out->size
	        || err_set(err, ERR_INPUT, "gzip: not smaller than the file itself"));
}

static bool
immutable_read(const json_t *j, bool *out, struct err *err)
{
	const json_t *value = json_object_get(j, "immutable");
	*out = json_is_true(value);
	return value == NULL || json_is_boolean(value)
	    || err_set(err, ERR_INPUT, "immutable: not true or false");
}

static bool
file_read(const struct manifest *m, const json_t *j, struct manifest_file *out,
    struct err *err)
{
	*out = (struct manifest_file){ 0 };
	if (!field_text(j, "path", &out->path, err))
		return false;
	if (!path_is_safe(out->path))
		return err_set(err, ERR_INPUT, "path: '%.*s' leaves the bundle or is no plain path",
		    STR_ARG(out->path));
	bool ok = field_text(j, "type", &out->type, err)
	    && (type_is_safe(out->type) || err_set(err, ERR_INPUT, "type: not a media type"))
	    && field_text_opt(j, "document", &out->document, err)
	    && (out->document.n == 0 || manifest_document(m, out->document) != NULL
	        || err_set(err, ERR_INPUT, "document: '%.*s' is not in the bundle",
	            STR_ARG(out->document)))
	    && blob_read(j, &out->sha256, &out->size, err)
	    && gzip_read(j, out, err)
	    && field_time(j, "modified", &out->modified, err)
	    && time_opt(j, "expires", &out->expires, err)
	    && immutable_read(j, &out->immutable, err);
	return ok || err_in(err, "%.*s", STR_ARG(out->path));
}

static bool
documents_read(struct arena *a, const json_t *list, struct manifest *out, struct err *err)
{
	size_t n = json_array_size(list);
	if (n > MANIFEST_FILES)
		return err_set(err, ERR_LIMIT, "more than %d documents", MANIFEST_FILES);
	out->document = ARENA_ARRAY(a, struct manifest_document, n);
	for (size_t i = 0; i < n; i++) {
		struct manifest_document *d = &out->document[i];
		if (!document_read(json_array_get(list, i), d, err))
			return err_in(err, "documents[%zu]", i);
		if (i > 0 && str_cmp(d[-1].id, d->id) >= 0)
			return err_set(err, ERR_INPUT, "documents[%zu]: ids are not sorted and unique",
			    i);
	}
	out->documents = n;
	return true;
}

static bool
files_read(struct arena *a, const json_t *list, struct manifest *out, struct err *err)
{
	size_t n = json_array_size(list);
	if (n > MANIFEST_FILES)
		return err_set(err, ERR_LIMIT, "more than %d files", MANIFEST_FILES);
	out->file = ARENA_ARRAY(a, struct manifest_file, n);
	for (size_t i = 0; i < n; i++) {
		struct manifest_file *f = &out->file[i];
		if (!file_read(out, json_array_get(list, i), f, err))
			return err_in(err, "files[%zu]", i);
		if (i > 0 && str_cmp(f[-1].path, f->path) >= 0)
			return err_set(err, ERR_INPUT, "files[%zu]: paths are not sorted and unique",
			    i);
	}
	out->files = n;
	return true;
}

static int64_t
first_expiry(const struct manifest *m)
{
	int64_t first = 0;
	for (size_t i = 0; i < m->documents; i++)
		if (first == 0 || m->document[i].expires < first)
			first = m->document[i].expires;
	return first;
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
members_read(struct arena *a, const json_t *j, struct manifest *out, struct err *err)
{
	int64_t format;
	const json_t *documents, *files;
	return field_int(j, "format", FORMAT, FORMAT, &format, err)
	    && field_text(j, "vertical", &out->vertical, err)
	    && field_text(j, "locale", &out->locale, err)
	    && (is_bundle(out->vertical, out->locale)
	        || err_set(err, ERR_INPUT, "vertical, locale: no bundle has such a name"))
	    && field_time(j, "updated", &out->updated, err)
	    && field_object(j, "inputs", &out->inputs, err) && inputs_check(out->inputs, err)
	    && field_array(j, "documents", &documents, err)
	    && documents_read(a, documents, out, err)
	    && field_array(j, "files", &files, err)
	    && files_read(a, files, out, err);
}

bool
manifest_read(struct arena *a, struct str bytes, struct manifest *out, struct err *err)
{
	json_t *j;
	*out = (struct manifest){ 0 };
	if (bytes.n > MANIFEST_MAX)
		return err_set(err, ERR_LIMIT, "manifest: %zu bytes, at most %u", bytes.n,
		    MANIFEST_MAX);
	if (!json_parse(a, bytes, &j, err) || !members_read(a, j, out, err))
		return err_in(err, "manifest");
	out->first_expiry = first_expiry(out);
	return true;
}

/* Writing */

static void
set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		abort(); /* out of memory */
}

static void
set_time(json_t *object, const char *name, int64_t time)
{
	struct arena *a = arena_new();
	set(object, name, json_str(time_rfc3339(a, time)));
	arena_free(a);
}

static void
set_blob(json_t *object, const struct digest *sha256, uint64_t size)
{
	char hex[DIGEST_HEX + 1];
	digest_hex(sha256, hex);
	set(object, "sha256", json_str(str_of(hex)));
	set(object, "size", json_integer((json_int_t)size));
}

/* A value of somebody else's tree: jansson counts references and does not change it. */
static void
set_shared(json_t *object, const char *name, const json_t *value)
{
	set(object, name, value ? json_incref((json_t *)(uintptr_t)value) : json_object());
}

static json_t *
document_json(const struct manifest_document *d)
{
	json_t *j = json_object(), *source = json_object();
	set(j, "id", json_str(d->id));
	set(j, "title", json_str(d->title));
	set_time(j, "updated", d->updated);
	if (d->expires != 0)
		set_time(j, "expires", d->expires);
	set_blob(source, &d->source, d->source_size);
	set(j, "source", source);
	set_shared(j, "provenance", d->provenance);
	return j;
}

static json_t *
file_json(const struct manifest_file *f)
{
	json_t *j = json_object();
	set(j, "path", json_str(f->path));
	set(j, "type", json_str(f->type));
	if (f->document.n > 0)
		set(j, "document", json_str(f->document));
	set_blob(j, &f->sha256, f->size);
	if (f->has_gzip) {
		json_t *coded = json_object();
		set_blob(coded, &f->gzip, f->gzip_size);
		set(j, "gzip", coded);
	}
	set_time(j, "modified", f->modified);
	if (f->expires != 0)
		set_time(j, "expires", f->expires);
	if (f->immutable)
		set(j, "immutable", json_true());
	return j;
}

bool
manifest_write(const struct manifest *m, struct buf *out, struct err *err)
{
	struct arena *a = arena_new();
	json_t *j = json_new_object(a), *documents = json_array(), *files = json_array();
	set(j, "format", json_integer(FORMAT));
	set(j, "vertical", json_str(m->vertical));
	set(j, "locale", json_str(m->locale));
	set_time(j, "updated", m->updated);
	set_shared(j, "inputs", m->inputs);
	set(j, "documents", documents);
	set(j, "files", files);
	for (size_t i = 0; i < m->documents; i++)
		if (json_array_append_new(documents, document_json(&m->document[i])) != 0)
			abort();
	for (size_t i = 0; i < m->files; i++)
		if (json_array_append_new(files, file_json(&m->file[i])) != 0)
			abort();
	bool ok = json_pretty(j, out, err);
	arena_free(a);
	return ok || err_in(err, "manifest of %.*s/%.*s", STR_ARG(m->vertical), STR_ARG(m->locale));
}

/* Looking up */

static int
by_path(const void *key, const void *file)
{
	return str_cmp(*(const struct str *)key, ((const struct manifest_file *)file)->path);
}

const struct manifest_file *
manifest_find(const struct manifest *m, struct str path)
{
	return m->files == 0 ? NULL
	    : bsearch(&path, m->file, m->files, sizeof *m->file, by_path);
}

static int
by_id(const void *key, const void *document)
{
	return str_cmp(*(const struct str *)key,
	    ((const struct manifest_document *)document)->id);
}

const struct manifest_document *
manifest_document(const struct manifest *m, struct str id)
{
	return m->documents == 0 ? NULL
	    : bsearch(&id, m->document, m->documents, sizeof *m->document, by_id);
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
