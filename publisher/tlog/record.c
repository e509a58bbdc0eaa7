#include "publisher/tlog/record.h"

#include <stdlib.h>

#include "publisher/tlog/note.h"

#define NUMBER_MAX INT64_C(9007199254740991)

static void
set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		abort(); /* out of memory */
}

static json_t *
digest_json(struct arena *a, const struct digest *d)
{
	return json_str(digest_str(a, d));
}

static void
tree_set(struct arena *a, json_t *to, const struct merkle_tree *t)
{
	set(to, "size", json_integer((json_int_t)t->size));
	set(to, "root", digest_json(a, &t->root));
}

static bool
tree_read(const json_t *from, struct merkle_tree *out, struct err *err)
{
	int64_t size;
	if (!field_int(from, "size", 0, NUMBER_MAX, &size, err)
	    || !field_digest(from, "root", &out->root, err))
		return false;
	out->size = (uint64_t)size;
	return true;
}

struct str
record_text(struct arena *a, struct str s)
{
	const size_t n = s.n < RECORD_TEXT_MAX ? s.n : RECORD_TEXT_MAX;
	char *p = arena_alloc(a, n + 1, 1);
	for (size_t i = 0; i < n; i++)
		p[i] = s.p[i] >= ' ' && s.p[i] < 0x7f ? s.p[i] : '?';
	return (struct str){ p, n };
}

static bool
text_read(const json_t *from, const char *name, struct str *out, struct err *err)
{
	if (!field_text(from, name, out, err))
		return false;
	for (size_t i = 0; i < out->n; i++)
		if (out->p[i] < ' ' || out->p[i] >= 0x7f)
			return err_set(err, ERR_INPUT, "%s is not printable ASCII", name);
	return out->n <= RECORD_TEXT_MAX || err_set(err, ERR_LIMIT, "%s: %zu bytes, at most %d", name,
	    out->n, RECORD_TEXT_MAX);
}

static bool
number_read(const json_t *from, const char *name, uint64_t *out, struct err *err)
{
	int64_t n;
	if (!field_int(from, name, 0, NUMBER_MAX, &n, err))
		return false;
	*out = (uint64_t)n;
	return true;
}

static bool
bundles_read(struct arena *a, const json_t *from, struct record *out, struct err *err)
{
	const json_t *list;
	if (!field_array(from, "bundles", &list, err)
	    || !number_read(from, "bundles_all", &out->bundles_all, err))
		return false;
	out->bundles = json_array_size(list);
	if (out->bundles > RECORD_BUNDLES || out->bundles > out->bundles_all)
		return err_set(err, ERR_INPUT, "bundles: %zu are too many", out->bundles);
	out->bundle = ARENA_ARRAY(a, struct record_bundle, out->bundles);
	for (size_t i = 0; i < out->bundles; i++) {
		struct record_bundle *b = &out->bundle[i];
		const json_t *one = json_array_get(list, i);
		if (!text_read(one, "name", &b->name, err)
		    || !field_digest(one, "manifest", &b->manifest, err)
		    || !field_digest(one, "input", &b->input, err)
		    || !number_read(one, "length", &b->length, err)
		    || !number_read(one, "documents", &b->documents, err))
			return err_in(err, "bundles %zu", i);
	}
	return true;
}

bool
record_read(struct arena *a, struct str bytes, struct record *out, struct err *err)
{
	json_t *j;
	const json_t *tree;
	*out = (struct record){ 0 };
	if (bytes.n > RECORD_MAX)
		return err_set(err, ERR_LIMIT, "%zu bytes, at most %d", bytes.n, RECORD_MAX);
	return json_parse(a, bytes, &j, err) && text_read(j, "actor", &out->actor, err)
	    && text_read(j, "run", &out->run, err) && text_read(j, "kind", &out->kind, err)
	    && text_read(j, "note", &out->note, err) && text_read(j, "program", &out->program, err)
	    && field_int(j, "time", 0, NUMBER_MAX, &out->time, err)
	    && field_int(j, "version", 1, NUMBER_MAX, &out->version, err)
	    && field_int(j, "root", 1, NUMBER_MAX, &out->root, err)
	    && field_int(j, "targets", 1, NUMBER_MAX, &out->targets, err)
	    && field_digest(j, "input", &out->input, err)
	    && field_digest(j, "previous", &out->previous, err)
	    && field_object(j, "tree", &tree, err)
	    && (tree_read(tree, &out->tree, err) || err_in(err, "tree"))
	    && bundles_read(a, j, out, err);
}

static json_t *
bundle_json(struct arena *a, const struct record_bundle *b)
{
	json_t *j = json_object();
	set(j, "name", json_str(b->name));
	set(j, "manifest", digest_json(a, &b->manifest));
	set(j, "input", digest_json(a, &b->input));
	set(j, "length", json_integer((json_int_t)b->length));
	set(j, "documents", json_integer((json_int_t)b->documents));
	return j;
}

bool
record_write(struct arena *a, const struct record *r, struct str *out, struct err *err)
{
	json_t *j = json_new_object(a), *list = json_array(), *tree = json_object();
	struct buf *bytes = buf_in(a, RECORD_MAX);
	set(j, "actor", json_str(r->actor));
	set(j, "run", json_str(r->run));
	set(j, "kind", json_str(r->kind));
	set(j, "note", json_str(r->note));
	set(j, "program", json_str(r->program));
	set(j, "time", json_integer(r->time));
	set(j, "version", json_integer(r->version));
	set(j, "root", json_integer(r->root));
	set(j, "targets", json_integer(r->targets));
	set(j, "input", digest_json(a, &r->input));
	set(j, "previous", digest_json(a, &r->previous));
	set(j, "bundles_all", json_integer((json_int_t)r->bundles_all));
	set(j, "bundles", list);
	set(j, "tree", tree);
	tree_set(a, tree, &r->tree);
	for (size_t i = 0; i < r->bundles && i < RECORD_BUNDLES; i++)
		if (json_array_append_new(list, bundle_json(a, &r->bundle[i])) != 0)
			abort();
	if (!json_canonical(j, bytes, err))
		return err_in(err, "record");
	*out = buf_str(bytes);
	return true;
}

bool
log_head_read(const json_t *custom, struct log_head *out, bool *there, struct err *err)
{
	const json_t *log;
	*out = (struct log_head){ 0 };
	*there = json_object_get(custom, "log") != NULL;
	if (!*there)
		return true;
	return (field_object(custom, "log", &log, err) && field_text(log, "origin", &out->origin, err)
	           && (origin_is_safe(out->origin) || err_set(err, ERR_INPUT, "origin"))
	           && tree_read(log, &out->tree, err) && field_digest(log, "record", &out->record, err)
	           && (out->tree.size > 0 || err_set(err, ERR_INPUT, "no record")))
	    || err_in(err, "custom.log");
}

json_t *
log_head_json(struct arena *a, const struct log_head *h)
{
	json_t *custom = json_new_object(a), *log = json_object();
	set(custom, "log", log);
	set(log, "origin", json_str(h->origin));
	set(log, "record", digest_json(a, &h->record));
	tree_set(a, log, &h->tree);
	return custom;
}

struct str
record_name(struct arena *a, const struct digest *d)
{
	return arena_printf(a, "log/records/%.*s.json", STR_ARG(digest_str(a, d)));
}
