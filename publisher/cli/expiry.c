#include "publisher/cli/expiry.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)

struct nearing {
	const struct metadata *meta;
	const char *mend;
};

static size_t
near(struct nearing *out, size_t n, const struct metadata *m, int64_t least_s, int64_t now,
    const char *mend)
{
	if (m->expires - now < least_s)
		out[n++] = (struct nearing){ m, mend };
	return n;
}

static size_t
nearing(struct arena *a, const struct trusted *t, int64_t now, struct nearing **out)
{
	static const char renew[] = "edgepress timestamp", keys[] = "edgepress timestamp, where the "
	    "targets key is, or draft, sign and apply";
	struct nearing *found = *out = ARENA_ARRAY(a, struct nearing, t->roles + 4);
	size_t n = near(found, 0, &t->root.meta, 30 * DAY, now,
	    "edgepress keys renew, or draft, sign and apply");
	n = near(found, n, &t->targets.meta, 30 * DAY, now, keys);
	n = near(found, n, &t->snapshot.meta, 3 * DAY, now, renew);
	n = near(found, n, &t->timestamp.meta, 12 * HOUR, now, renew);
	for (size_t i = 0; i < t->roles; i++)
		n = near(found, n, &t->role[i].meta, 15 * DAY, now, renew);
	return n;
}

void
expiry_warn(struct arena *a, const struct trusted *t, int64_t now)
{
	struct nearing *found;
	const size_t n = nearing(a, t, now, &found);
	for (size_t i = 0; i < n; i++) {
		const struct metadata *m = found[i].meta;
		const int64_t left = m->expires - now;
		struct str when = time_rfc3339(a, m->expires);
		if (left <= 0)
			(void)fprintf(stderr, "warning: %.*s expired at %.*s: %s\n", STR_ARG(m->role),
			    STR_ARG(when), found[i].mend);
		else
			(void)fprintf(stderr, "warning: %.*s expires in %" PRId64 " %s, at %.*s: %s\n",
			    STR_ARG(m->role), left >= 2 * DAY ? left / DAY : left / HOUR,
			    left >= 2 * DAY ? "days" : "hours", STR_ARG(when), found[i].mend);
	}
}

void
expiry_json(struct arena *a, const struct trusted *t, int64_t now, json_t *o)
{
	json_t *list = json_array();
	struct nearing *found;
	const size_t n = nearing(a, t, now, &found);
	for (size_t i = 0; i < n; i++) {
		const struct metadata *m = found[i].meta;
		json_t *e = json_object();
		(void)json_object_set_new(e, "role", json_str(m->role));
		(void)json_object_set_new(e, "expires", json_str(time_rfc3339(a, m->expires)));
		(void)json_object_set_new(e, "days_left",
		    json_integer(m->expires > now ? (m->expires - now) / DAY : 0));
		(void)json_array_append_new(list, e);
	}
	(void)json_object_set_new(o, "expiring", list);
}
