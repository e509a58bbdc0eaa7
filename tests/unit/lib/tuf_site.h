/* tuf_site: a small published site in memory, for the tests of trust and signing. */
#ifndef TESTS_UNIT_TUF_SITE_H
#define TESTS_UNIT_TUF_SITE_H

#include "tests/unit/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "base/fs.h"
#include "publisher/signing/issue.h"

#define SITE_FILES_MAX 320
#define SITE_NOW INT64_C(1800000000)
#define SITE_DAY 86400

struct site {
	struct arena *a;
	const char *dir;     /* of the keys */
	struct keyring *keys;
	struct str anchor;
	struct issued file[SITE_FILES_MAX]; /* what the store holds */
	size_t n;
	unsigned fetched;
	int64_t now;
};

static inline struct issued *
site_find(struct site *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->file[i].name, str_of(name)))
			return &s->file[i];
	return NULL;
}

/* It must be there. */
static inline struct issued *
site_file(struct site *s, const char *name)
{
	struct issued *f = site_find(s, name);
	if (f == NULL) {
		print_error("no %s\n", name);
		abort();
	}
	return f;
}

static inline void
site_put(struct site *s, struct issued f)
{
	struct issued *there = site_find(s, arena_copy(s->a, f.name).p);
	if (there == NULL) {
		assert_true(s->n < SITE_FILES_MAX);
		there = &s->file[s->n++];
	} else if (!str_ends(f.name, STR("timestamp.json"))) {
		assert_str(there->bytes, arena_copy(s->a, f.bytes).p); /* immutable */
	}
	*there = f;
}

static inline void
site_put_all(struct site *s, const struct issued *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		site_put(s, f[i]);
}

/* As a careless store: hands out whatever there is, up to max. */
static inline bool
site_get(void *ctx, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	struct site *s = ctx;
	const struct issued *f = site_find(s, arena_copy(a, name).p);
	s->fetched++;
	if (f == NULL)
		return err_set(err, ERR_ABSENT, "%.*s", STR_ARG(name));
	if (f->bytes.n > max)
		return err_set(err, ERR_LIMIT, "more than %zu bytes", max);
	*out = arena_copy(a, f->bytes);
	return true;
}

static inline struct trust_source
site_source(struct site *s)
{
	return (struct trust_source){ site_get, s };
}

#define OK(call) assert_ok((call), &err, __FILE__, __LINE__)
static inline void
assert_ok(bool ok, const struct err *err, const char *file, int line)
{
	if (ok)
		return;
	print_error("error %d: %s\n", (int)err->code, err->text);
	_fail(file, line);
}

/* The first ceremony for weather and finance; nothing is released yet. */
static inline struct site *
site_new_for(struct arena *a, const struct lifetimes *life)
{
	const struct str verticals[] = { STR_INIT("weather"), STR_INIT("finance") };
	struct site *s = ARENA_NEW(a, struct site);
	struct issued root = { 0 }, targets;
	struct err err;
	s->a = a;
	s->now = SITE_NOW;
	s->dir = scratch_folder(a);
	OK(keyring_open(a, s->dir, &s->keys, &err));
	OK(issue_site(a, s->keys, verticals, LEN(verticals), life, s->now, &root, &targets, &err));
	/* Leak checkers attach to the process; keyring_open has just forbidden that. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	s->anchor = root.bytes;
	site_put(s, root);
	site_put(s, targets);
	return s;
}

static inline struct site *
site_new(struct arena *a)
{
	return site_new_for(a, &lifetimes_default);
}

/* Read the site as a client that trusted `before` (NULL: first contact). */
static inline struct trusted *
site_refresh(struct site *s, const struct trusted *before)
{
	struct trusted *t = NULL;
	struct err err;
	struct trust_source source = site_source(s);
	OK(trust_refresh(s->a, s->anchor, before, &source, s->now, EXPIRY_CHECK, &t, &err));
	return t;
}

/* Fails, with this in its message, and says that it is an attack. */
static inline void
site_refuses(struct site *s, const struct trusted *before, const char *why)
{
	struct trusted *t = NULL;
	struct err err = { 0 };
	struct trust_source source = site_source(s);
	if (trust_refresh(s->a, s->anchor, before, &source, s->now, EXPIRY_CHECK, &t, &err))
		fail_msg("accepted, though: %s", why);
	if (strstr(err.text, why) == NULL || err.code != ERR_UNTRUSTED)
		fail_msg("code %d, '%s' does not say '%s'", (int)err.code, err.text, why);
}

/* All that a release starts from, as publish reads it. */
static inline struct release
site_state(struct site *s)
{
	struct release r = { 0 };
	struct root *root = ARENA_NEW(s->a, struct root);
	struct targets *targets = ARENA_NEW(s->a, struct targets);
	struct trusted *base = NULL;
	struct trust_source source = site_source(s);
	struct err err;
	OK(trust_root(s->a, s->anchor, &source, root, &err));
	if (site_find(s, "metadata/timestamp.json") != NULL)
		OK(trust_refresh(s->a, s->anchor, NULL, &source, s->now, EXPIRY_IGNORE, &base, &err));
	OK(trust_targets(s->a, root, base != NULL ? &base->targets : NULL, &source, targets, &err));
	r.base = base;
	r.root = root;
	r.targets = targets;
	return r;
}

/* Release one document of a vertical: "weather/en-us/bundle.json" holding `body`. */
static inline size_t
site_release_for(struct site *s, const struct lifetimes *life, const char *vertical,
    const char *body)
{
	struct release r = site_state(s);
	struct target *t = ARENA_NEW(s->a, struct target);
	struct issued *out;
	size_t n;
	struct err err;
	t->path = arena_printf(s->a, "%s/en-us/bundle.json", vertical);
	t->sha256 = digest_of(str_of(body));
	t->length = strlen(body);
	const struct role_change change = { str_of(vertical), t, 1 };
	r.change = &change;
	r.changes = 1;
	OK(issue_release(s->a, s->keys, &r, life, s->now, &out, &n, &err));
	assert_str(out[n - 1].name, "metadata/timestamp.json");
	site_put_all(s, out, n);
	return n;
}

static inline size_t
site_release(struct site *s, const char *vertical, const char *body)
{
	return site_release_for(s, &lifetimes_default, vertical, body);
}

static inline void
site_rotate(struct site *s, const char *role)
{
	struct release r = site_state(s);
	struct issued *out;
	size_t n;
	struct err err;
	OK(issue_rotation(s->a, s->keys, &r, str_of(role), &lifetimes_default, s->now, &out, &n,
	    &err));
	site_put_all(s, out, n);
}

#endif
