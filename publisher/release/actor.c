#include "publisher/release/actor.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "publisher/tlog/record.h"

#define PASSWD_ROOM 16384

static struct str
env(const char *name)
{
	return str_of(getenv(name));
}

/* https://user:password@host/… without what stands before the host. */
static struct str
without_secrets(struct arena *a, struct str url)
{
	const char *slashes = url.n > 2 ? memmem(url.p, url.n, "//", 2) : NULL;
	if (slashes == NULL)
		return url;
	struct str scheme = { url.p, (size_t)(slashes + 2 - url.p) };
	struct str path, host = str_cut((struct str){ url.p + scheme.n, url.n - scheme.n }, '/', &path);
	for (size_t i = host.n; i > 0; i--)
		if (host.p[i - 1] == '@') {
			host = (struct str){ host.p + i, host.n - i };
			break;
		}
	return arena_printf(a, "%.*s%.*s%s%.*s", STR_ARG(scheme), STR_ARG(host),
	    path.p != NULL ? "/" : "", STR_ARG(path));
}

/* All services of which one is at work; each sets variables that the others do not. */
static struct str
ci_actor(void)
{
	static const char *const names[] = { "GITHUB_ACTOR", "BUILD_REQUESTEDFOR",
		"GITLAB_USER_LOGIN" };
	for (size_t i = 0; i < LEN(names); i++)
		if (env(names[i]).n > 0)
			return env(names[i]);
	return STR("");
}

static struct str
ci_run(struct arena *a)
{
	if (env("GITHUB_RUN_ID").n > 0)
		return arena_printf(a, "%.*s/%.*s/actions/runs/%.*s", STR_ARG(env("GITHUB_SERVER_URL")),
		    STR_ARG(env("GITHUB_REPOSITORY")), STR_ARG(env("GITHUB_RUN_ID")));
	if (env("BUILD_BUILDID").n > 0)
		return arena_printf(a, "%.*s%.*s/_build/results?buildId=%.*s",
		    STR_ARG(env("SYSTEM_COLLECTIONURI")), STR_ARG(env("SYSTEM_TEAMPROJECT")),
		    STR_ARG(env("BUILD_BUILDID")));
	return env("CI_JOB_URL");
}

static struct str
user_at_host(struct arena *a)
{
	char *room = arena_alloc(a, PASSWD_ROOM, 1), host[256] = "";
	struct passwd entry, *found = NULL;
	(void)gethostname(host, sizeof host - 1);
	if (getpwuid_r(geteuid(), &entry, room, PASSWD_ROOM, &found) != 0 || found == NULL)
		return arena_printf(a, "uid %ld@%s", (long)geteuid(), host);
	return arena_printf(a, "%s@%s", found->pw_name, host);
}

struct actor
actor_now(struct arena *a)
{
	struct str who = env("EDGEPRESS_ACTOR"), run = env("EDGEPRESS_RUN");
	if (who.n == 0)
		who = ci_actor();
	if (who.n == 0)
		who = user_at_host(a);
	if (run.n == 0)
		run = ci_run(a);
	return (struct actor){ record_text(a, who), record_text(a, without_secrets(a, run)) };
}
