/*
 * One store, used line by line from standard input, for tests with faults in between:
 *
 *   get KEY | create KEY BODY [CODING] | swap KEY BODY [ETAG] | unchanged KEY ETAG | list [PREFIX]
 *   remove KEY | many N PREFIX | pause MS
 *
 * STORE is the store's URL. Each command gives one line: "ok" and what was found, or the error's
 * code and text. `many` creates N objects from 12 threads.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/parallel.h"
#include "publisher/store/store.h"

static const char *const codes[] = { "", "INPUT", "ABSENT", "STALE", "UNTRUSTED", "LIMIT", "SETUP",
	"BUSY" };

struct command {
	struct arena *a;
	struct store *s;
	struct str word[4];
	struct buf *found; /* what follows "ok" */
};

static bool
do_get(struct command *c, struct err *err)
{
	struct str body, etag;
	if (!store_get(c->s, c->a, c->word[1], STORE_OBJECT_MAX, &body, &etag, err))
		return false;
	buf_printf(c->found, " %.*s %.*s", STR_ARG(etag), STR_ARG(body));
	return true;
}

static struct object
object_of(const struct command *c)
{
	return (struct object){ .key = c->word[1], .body = c->word[2], .type = STR("text/plain") };
}

static bool
do_create(struct command *c, struct err *err)
{
	struct object o = object_of(c);
	o.immutable = true;
	o.coding = c->word[3];
	return store_create(c->s, &o, err);
}

static bool
do_swap(struct command *c, struct err *err)
{
	const struct object o = object_of(c);
	return store_swap(c->s, &o, c->word[3], err);
}

static bool
do_unchanged(struct command *c, struct err *err)
{
	bool same;
	if (!store_unchanged(c->s, c->word[1], c->word[2], &same, err))
		return false;
	buf_printf(c->found, " %s", same ? "unchanged" : "changed");
	return true;
}

static bool
show(void *ctx, const struct store_entry *e, struct err *err)
{
	(void)err;
	buf_printf(ctx, " %.*s:%" PRIu64, STR_ARG(e->key), e->size);
	return true;
}

static bool
do_list(struct command *c, struct err *err)
{
	return store_list(c->s, c->word[1], show, c->found, err);
}

static bool
do_remove(struct command *c, struct err *err)
{
	return store_remove(c->s, c->word[1], err);
}

static bool
create_one(void *ctx, size_t i, struct err *err)
{
	const struct command *c = ctx;
	struct arena *a = arena_new();
	const struct object o = { .key = arena_printf(a, "%.*s/%zu", STR_ARG(c->word[2]), i),
		.body = arena_printf(a, "body %zu", i), .immutable = true };
	bool ok = store_create(c->s, &o, err);
	arena_free(a);
	return ok;
}

static bool
do_many(struct command *c, struct err *err)
{
	uint64_t n = 0;
	int64_t start = clock_monotonic_ms();
	if (!str_to_u64(c->word[1], &n) || !parallel((size_t)n, 12, create_one, c, err))
		return false;
	buf_printf(c->found, " %" PRId64, clock_monotonic_ms() - start);
	return true;
}

static bool
do_pause(struct command *c, struct err *err)
{
	uint64_t ms = 0;
	(void)err;
	(void)str_to_u64(c->word[1], &ms);
	clock_sleep_ms((int64_t)ms);
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct command *, struct err *);
} commands[] = {
	{ "get", do_get }, { "create", do_create }, { "swap", do_swap }, { "unchanged", do_unchanged },
	{ "list", do_list }, { "remove", do_remove }, { "many", do_many }, { "pause", do_pause },
};

static void
line_run(struct store *s, struct str line)
{
	struct arena *a = arena_new();
	struct command c = { a, s, .found = buf_in(a, 1 << 20) };
	struct err err = { 0 };
	bool ok = false;
	for (size_t i = 0; i < LEN(c.word); i++)
		c.word[i] = arena_copy(a, str_cut(line, ' ', &line));
	for (size_t i = 0; i < LEN(commands); i++)
		if (str_eq(c.word[0], str_of(commands[i].name)))
			ok = commands[i].run(&c, &err);
	if (ok)
		(void)printf("ok%.*s\n", STR_ARG(buf_str(c.found)));
	else
		(void)printf("%s %s\n", codes[err.code], err.text);
	(void)fflush(stdout);
	arena_free(a);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct err err = { 0 };
	struct store *s;
	char line[4096];
	bool opened = sodium_init() >= 0 && http_setup(&err)
	    && store_open(a, getenv("STORE"), &s, &err);
	if (!opened)
		(void)printf("%s %s\n", codes[err.code], err.text);
	while (opened && fgets(line, sizeof line, stdin) != NULL)
		line_run(s, str_trim(str_of(line)));
	arena_free(a);
	return opened ? 0 : 1;
}
