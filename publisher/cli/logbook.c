#include "publisher/cli/logbook.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"
#include "publisher/bundle/live.h"
#include "publisher/cli/output.h"

#define TRIES 5 /* with pauses of 0.1, 0.2, 0.4 and 0.8 s */

/* The tree that was seen last time; it was checked then. */
static bool
before_read(const struct logbook *b, struct merkle_tree *out, bool *there, struct err *err)
{
	struct str bytes;
	struct checkpoint c;
	struct err why = { 0 };

	*there = false;
	if (b->file == NULL)
		return true;
	if (!fs_read(b->arena, b->file, NOTE_BYTES_MAX, &bytes, &why))
		return why.code == ERR_ABSENT || err_set(err, why.code, "%s", why.text);
	if (!checkpoint_read(b->arena, bytes, &c, err))
		return err_in(err, "%s", b->file);
	*there = true;
	*out = c.tree;
	return true;
}

/* The checkpoint first: what is signed after it can only be further. */
static bool
read_once(struct logbook *b, struct subject *s, int64_t now, const struct merkle_tree *before,
    struct err *err)
{
	struct err why = { 0 };

	b->checkpoint = (struct str){ 0 };
	if (!s->source.get(s->source.ctx, b->arena, CHECKPOINT_NAME, NOTE_BYTES_MAX, &b->checkpoint,
	        &why) && why.code != ERR_ABSENT)
		return err_set(err, why.code, "%s", why.text);
	if (!trust_refresh(b->arena, s->anchor, NULL, &s->source, now, EXPIRY_CHECK, &b->trusted, err))
		return err->code == ERR_ABSENT
		    ? err_set(err, ERR_ABSENT, "nothing is published yet: %s", err->text) : false;
	return log_check(b->arena, &s->source, b->trusted, b->checkpoint, before, &b->seen, err)
	    || err_in(err, "log");
}

bool
logbook_open(struct cli *cli, struct subject *s, int64_t now, struct logbook *out,
    struct err *err)
{
	struct merkle_tree before;
	bool there;

	*out = (struct logbook){ .arena = cli->arena, .file = cli_value(cli, "checkpoint") };
	if (!before_read(out, &before, &there, err))
		return false;
	for (int i = 0;; i++) {
		struct err why = { 0 };

		if (read_once(out, s, now, there ? &before : NULL, &why))
			return true;
		if (why.code != ERR_STALE || i + 1 == TRIES)
			return err_set(err, why.code == ERR_STALE ? ERR_UNTRUSTED : why.code, "%s", why.text);
		clock_sleep_ms((int64_t)100 << i);
	}
}

bool
logbook_remember(const struct logbook *b, struct err *err)
{
	return b->file == NULL || b->checkpoint.p == NULL
	    || fs_replace(b->file, b->checkpoint, 0644, err);
}

/* Backwards through the bundles, as far as needed. */
static bool
records_back(struct tile_tree *t, int64_t from, struct record **out, size_t *n, size_t *room,
    struct err *err)
{
	struct arena *a = t->a;

	for (uint64_t i = (t->tree.size + TILE_WIDTH - 1) / TILE_WIDTH; i > 0; i--) {
		struct str *entry;
		unsigned entries;

		if (!tile_tree_entries(t, i - 1, &entry, &entries, err))
			return false;
		for (unsigned k = entries; k > 0; k--) {
			ARENA_GROW(a, *out, *n, *room);
			if (!record_read(a, entry[k - 1], &(*out)[*n], err))
				return false;
			if ((*out)[(*n)++].version < from)
				return true;
		}
	}
	return true;
}

bool
logbook_since(struct arena *a, struct store *store, const struct trusted *t, int64_t from,
    struct record **out, size_t *n, struct err *err)
{
	const struct trust_source source = store_source(store);
	struct str checkpoint = { 0 };
	struct log_seen seen = { 0 };
	struct err why = { 0 };
	size_t room = 0;

	*out = NULL;
	*n = 0;
	if (!store_get(store, a, CHECKPOINT_NAME, NOTE_BYTES_MAX, &checkpoint, NULL, &why)
	    && why.code != ERR_ABSENT)
		return err_set(err, why.code, "%s", why.text);
	if (!log_check(a, &source, t, checkpoint, NULL, &seen, err))
		return false;
	if (seen.pending) {
		ARENA_GROW(a, *out, *n, room);
		(*out)[(*n)++] = seen.record;
	}
	return seen.tree == NULL || records_back(seen.tree, from, out, n, &room, err);
}

static const char *
pending_text(const struct logbook *b)
{
	return b->seen.pending ? " (the newest is signed, but not in the checkpoint yet)" : "";
}

void
logbook_text(const struct logbook *b)
{
	const struct record *r = &b->seen.record;

	if (!b->seen.there) {
		puts("log: none yet; it begins with the next publish");
		return;
	}
	printf("log %.*s: %.*s commit%s%s; version %" PRId64 ": %.*s by %.*s\n",
	    STR_ARG(b->seen.head.origin), STR_ARG(output_count(b->arena, b->seen.head.tree.size)),
	    b->seen.head.tree.size == 1 ? "" : "s", pending_text(b), r->version, STR_ARG(r->kind), STR_ARG(r->actor));
}

void
logbook_json(const struct logbook *b, json_t *to)
{
	json_t *o = json_object();

	json_object_set_new(to, "log", b->seen.there ? o : json_null());
	if (!b->seen.there) {
		json_decref(o);
		return;
	}
	json_object_set_new(o, "name", json_str(b->seen.head.origin));
	json_object_set_new(o, "size", json_integer((json_int_t)b->seen.head.tree.size));
	json_object_set_new(o, "root", json_str(digest_str(b->arena, &b->seen.head.tree.root)));
	json_object_set_new(o, "pending", json_boolean(b->seen.pending));
	json_object_set_new(o, "newest", logbook_record_json(b->arena, &b->seen.record));
}

json_t *
logbook_record_json(struct arena *a, const struct record *r)
{
	json_t *o = json_object(), *list = json_array();

	json_object_set_new(o, "version", json_integer(r->version));
	json_object_set_new(o, "time", json_str(time_rfc3339(a, r->time)));
	json_object_set_new(o, "kind", json_str(r->kind));
	json_object_set_new(o, "actor", json_str(r->actor));
	json_object_set_new(o, "run", json_str(r->run));
	json_object_set_new(o, "note", json_str(r->note));
	json_object_set_new(o, "program", json_str(r->program));
	json_object_set_new(o, "input", json_str(digest_str(a, &r->input)));
	json_object_set_new(o, "bundles_all", json_integer((json_int_t)r->bundles_all));
	json_object_set_new(o, "bundles", list);
	for (size_t i = 0; i < r->bundles; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "name", json_str(r->bundle[i].name));
		json_object_set_new(one, "documents", json_integer((json_int_t)r->bundle[i].documents));
		json_object_set_new(one, "manifest", json_str(digest_str(a, &r->bundle[i].manifest)));
		json_object_set_new(one, "input", json_str(digest_str(a, &r->bundle[i].input)));
		json_array_append_new(list, one);
	}
	return o;
}

void
logbook_record_text(struct arena *a, const struct record *r)
{
	printf("version %" PRId64 "  %.*s  %.*s by %.*s", r->version,
	    STR_ARG(time_rfc3339(a, r->time)), STR_ARG(r->kind), STR_ARG(r->actor));
	if (r->note.n > 0 && !str_eq(r->note, r->kind))
		printf(": %.*s", STR_ARG(r->note));
	if (r->run.n > 0)
		printf("\n  run %.*s", STR_ARG(r->run));
	printf("\n  input %.*s\n", STR_ARG(digest_str(a, &r->input)));
	for (size_t i = 0; i < r->bundles; i++)
		printf("  %.*s  %" PRIu64 " documents  %.*s\n", STR_ARG(r->bundle[i].name),
		    r->bundle[i].documents, STR_ARG(digest_str(a, &r->bundle[i].manifest)));
	if (r->bundles < r->bundles_all)
		printf("  and %" PRIu64 " more bundles\n", r->bundles_all - r->bundles);
}
