/* audit: the whole log, read from its beginning and checked against what is signed. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/cli/logbook.h"
#include "publisher/cli/output.h"

struct audit {
	struct cli *cli;
	struct subject subject;
	struct logbook log;
	json_t *list; /* NULL: for people, line by line */
};

static bool
show(void *ctx, uint64_t index, const struct record *r, struct err *err)
{
	struct audit *s = ctx;
	struct arena *a = arena_new();

	(void)index;
	(void)err;
	if (s->list != NULL)
		json_array_append_new(s->list, logbook_record_json(a, r));
	else
		logbook_record_text(a, r);
	arena_free(a);
	return true;
}

/* What is signed but not in the checkpoint yet comes last. */
static bool
read_all(struct audit *s, struct err *err)
{
	struct log_seen *seen = &s->log.seen;

	if (!logbook_open(s->cli, &s->subject, clock_now(), &s->log, err))
		return false;
	if (!seen->there)
		return err_set(err, ERR_ABSENT, "there is no log yet; it begins with the next publish");
	return (seen->tree == NULL || log_walk(seen->tree, show, s, err) || err_in(err, "log"))
	    && (!seen->pending || show(s, seen->checkpoint.size, &seen->record, err))
	    && logbook_remember(&s->log, err);
}

/* What other tools need to follow the log. */
static struct str
vkey(const struct audit *s, size_t i)
{
	const struct role_keys *who = root_role(&s->log.trusted->root, "snapshot");

	return note_vkey(s->cli->arena, s->log.seen.head.origin, who->key[i]->key);
}

static void
print_result(const struct audit *s)
{
	const struct role_keys *who = root_role(&s->log.trusted->root, "snapshot");

	if (s->list == NULL) {
		logbook_text(&s->log);
		for (size_t i = 0; i < who->keys; i++)
			printf("key %.*s\n", STR_ARG(vkey(s, i)));
		return;
	}
	json_t *o = json_new_object(s->cli->arena), *keys = json_array();

	json_object_set_new(o, "verified", json_string(s->subject.what));
	json_object_set(o, "commits", s->list);
	json_object_set_new(o, "keys", keys);
	for (size_t i = 0; i < who->keys; i++)
		json_array_append_new(keys, json_str(vkey(s, i)));
	logbook_json(&s->log, o);
	output_json(o);
}

static enum exit_code
run(struct cli *cli)
{
	struct audit s = { .cli = cli, .list = cli->json ? json_new_array(cli->arena) : NULL };
	struct err err = { 0 };

	if (cli->args > 1)
		return cli_usage(cli, "one URL or target at a time");
	if (!subject_open(cli, &s.subject, &err) || !read_all(&s, &err))
		return cli_fail(&err);
	print_result(&s);
	return EXIT_DONE;
}

const struct cli_command cmd_audit = {
	.name = "audit",
	.args = "[URL | TARGET]",
	.summary = "every commit there was: who, what, when, from which input",
	.help = "Read the transparency log of a site from its beginning and check every record\n"
		"against the signed tree: none removed, changed, added or moved. Then the key with\n"
		"which other tools check the log. --checkpoint also finds a log that was rewritten\n"
		"with the right keys since the last time. With --root it needs no site around it.",
	.example = "  edgepress audit local\n"
		   "  edgepress audit http://127.0.0.1:8080 --checkpoint seen.txt",
	.option = {
		{ "root", "FILE", "the trusted root (default: the target's)" },
		{ "target", "NAME", "whose root to use with a URL (default: the only one)" },
		{ "checkpoint", "FILE", "refuse a log that lacks what this one had; then keep its own here" },
	},
	.run = run,
};
