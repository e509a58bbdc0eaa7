/* subject: what verify and audit look at, and how they read it. */
#include "publisher/cli/subject.h"

#include "base/fs.h"
#include "publisher/bundle/live.h"
#include "publisher/cli/place.h"

/* An origin of ours that found the store's bytes wrong: waiting will not mend them. */
static bool
is_damage(const struct http_response *rs)
{
	return rs->status == 502
	    && str_starts(http_header(rs, "content-type"), STR("application/problem+json"));
}

bool
subject_get(void *ctx, struct arena *a, struct str name, size_t max, struct str *out,
    struct err *err)
{
	struct subject *s = ctx;

	if (s->url == NULL)
		return store_get(s->store, a, name, max, out, NULL, err);
	const char *url = arena_printf(a, "%s/%.*s", s->url, STR_ARG(name)).p;
	const struct http_request rq = { .method = "GET", .url = url, .body_max = max };
	struct http_response rs;

	if (!http_do(s->http, a, &rq, &rs, err))
		return false;
	if (rs.status == 404 || rs.status == 410)
		return err_set(err, ERR_ABSENT, "GET %s: answered %d", url, rs.status);
	if (is_damage(&rs))
		return err_set(err, ERR_UNTRUSTED, "GET %s: answered 502: what the store holds is not "
		    "what was signed; verify the store itself, then publish again", url);
	if (rs.status != 200)
		return err_set(err, ERR_BUSY, "GET %s: answered %d, expected 200", url, rs.status);
	*out = rs.body;
	return true;
}

static bool
is_url(const char *s)
{
	return strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0;
}

bool
subject_open(struct cli *cli, struct subject *s, struct err *err)
{
	const char *arg = cli->args > 0 ? cli->arg[0] : "", *root = cli_value(cli, "root");
	struct config config;
	const struct target_config *target = NULL;

	s->cli = cli;
	s->source = (struct trust_source){ subject_get, s };
	s->what = arg;
	if (is_url(arg)) {
		struct str url = str_of(arg);

		while (url.n > 0 && url.p[url.n - 1] == '/')
			url.n--;
		s->url = arena_copy(cli->arena, url).p;
		s->http = http_open(cli->arena);
	}
	if (s->url == NULL || root == NULL) {
		const char *name = cli_value(cli, "target");

		if (s->url == NULL)
			name = arg;
		if (!place_config(cli, &config, err)
		    || !config_target(&config, str_of(name), &target, err))
			return false;
		s->what = s->url ? s->url : target->store;
	}
	if (s->url == NULL && !store_open(cli->arena, target->store, &s->store, err))
		return false;
	return fs_read(cli->arena, root ? root : target->root, ROOT_MAX, &s->anchor, err);
}
