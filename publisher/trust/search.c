#include "publisher/trust/search.h"

#include <fnmatch.h>

static bool
hash_prefix_holds(const json_t *prefixes, struct str path)
{
	char hex[DIGEST_HEX + 1];
	const struct digest d = digest_of(path);
	digest_hex(&d, hex);
	for (size_t i = 0; i < json_array_size(prefixes); i++) {
		struct str prefix = str_of(json_string_value(json_array_get(prefixes, i)));
		if (prefix.n > 0 && str_starts(str_of(hex), prefix))
			return true;
	}
	return false;
}

bool
delegation_holds(const json_t *delegation, struct str path)
{
	const json_t *paths = json_object_get(delegation, "paths");
	if (hash_prefix_holds(json_object_get(delegation, "path_hash_prefixes"), path))
		return true;
	for (size_t i = 0; i < json_array_size(paths); i++) {
		const char *pattern = json_string_value(json_array_get(paths, i));
		if (pattern != NULL && fnmatch(pattern, path.p, FNM_PATHNAME | FNM_NOESCAPE) == 0)
			return true;
	}
	return false;
}

static const struct target *
target_find(const struct targets *t, struct str path)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->target[i].path, path))
			return &t->target[i];
	return NULL;
}

/* A search under way. */
struct walk {
	struct arena *a;
	const struct trust_search *s;
	struct str path;
	struct str visited[SEARCH_ROLES_MAX];
	size_t n;
	const struct target *found;
	bool over; /* a terminating delegation was followed in vain */
};

static bool
was_visited(const struct walk *w, struct str role)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->visited[i], role))
			return true;
	return false;
}

static bool visit(struct walk *, const struct targets *, struct err *);

/* NOLINTNEXTLINE(misc-no-recursion): at most SEARCH_ROLES_MAX deep */
static bool
follow(struct walk *w, const struct role_keys *who, struct err *err)
{
	struct targets *t = ARENA_NEW(w->a, struct targets);
	if (w->n == SEARCH_ROLES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d roles are delegated to on the way",
		    SEARCH_ROLES_MAX);
	w->visited[w->n++] = who->name;
	const struct str cached = w->s->cached(w->s->source->ctx, w->a, who->name);
	if (!trust_role(w->a, w->s->trusted, w->s->source, w->s->now, who, cached, t, err)
	    || !visit(w, t, err))
		return false;
	w->over = w->over || (w->found == NULL
	    && json_is_true(json_object_get(who->delegation, "terminating")));
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most SEARCH_ROLES_MAX deep */
static bool
visit(struct walk *w, const struct targets *t, struct err *err)
{
	w->found = target_find(t, w->path);
	for (size_t i = 0; i < t->roles && w->found == NULL && !w->over; i++)
		if (delegation_holds(t->role[i].delegation, w->path)
		    && !was_visited(w, t->role[i].name) && !follow(w, &t->role[i], err))
			return false;
	return true;
}

bool
trust_search(struct arena *a, const struct trust_search *s, struct str path,
    struct target *out, struct err *err)
{
	struct walk w = { .a = a, .s = s, .path = arena_copy(a, path) };
	if (!visit(&w, &s->trusted->targets, err))
		return false;
	if (w.found == NULL)
		return err_set(err, ERR_ABSENT, "no role lists '%.*s'", STR_ARG(path));
	*out = *w.found;
	return true;
}
