#include "publisher/purge/purge.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

#define TRIES 3
#define BACK_OFF_MS 100

static const struct purge_driver *const drivers[] = {
	&purge_varnish,
};

const struct purge_driver *
purge_driver(struct str name)
{
	for (size_t i = 0; i < LEN(drivers); i++)
		if (str_eq(name, str_of(drivers[i]->name)))
			return drivers[i];
	return NULL;
}

static bool
driver_find(struct str name, const struct purge_driver **out, struct err *err)
{
	struct buf known;
	*out = purge_driver(name);
	if (*out != NULL)
		return true;
	buf_init(&known, 256);
	for (size_t i = 0; i < LEN(drivers); i++)
		buf_printf(&known, "%s%s", i > 0 ? ", " : "", drivers[i]->name);
	(void)err_set(err, ERR_SETUP, "no purge driver '%.*s'; known: %.*s", STR_ARG(name),
	    STR_ARG(buf_str(&known)));
	buf_release(&known);
	return false;
}

/* One edge, on a thread of its own: a slow one keeps nobody waiting. */
struct job {
	const struct str *key;
	size_t keys;
	struct purge_result *result;
	pthread_t thread;
	bool threaded;
};

static bool
send_batch(struct arena *a, struct http_session *session, const struct purge_driver *driver,
    const struct edge_config *edge, const struct str *keys, size_t n, struct err *err)
{
	struct http_request rq;
	struct http_response rs;
	if (!driver->request(a, edge, keys, n, &rq, err))
		return false;
	for (int tried = 1;; tried++) {
		if (http_do(session, a, &rq, &rs, err) && driver->accepted(edge, &rs, err))
			return true;
		if (tried == TRIES || err->code != ERR_BUSY)
			return false;
		clock_sleep_ms(BACK_OFF_MS << tried);
	}
}

static bool
purge_one(struct job *j, struct err *err)
{
	const struct edge_config *edge = j->result->edge;
	const struct purge_driver *driver;
	struct arena *a = arena_new();
	struct http_session *session = http_open(a);
	bool ok = driver_find(edge->driver, &driver, err);
	for (size_t i = 0; ok && i < j->keys; i += driver->batch) {
		struct arena *batch = arena_new();
		size_t n = j->keys - i < driver->batch ? j->keys - i : driver->batch;
		ok = send_batch(batch, session, driver, edge, j->key + i, n, err);
		arena_free(batch);
	}
	arena_free(a);
	return ok || err_in(err, "edge %.*s", STR_ARG(edge->name));
}

static void *
run(void *arg)
{
	struct job *j = arg;
	int64_t start = clock_monotonic_ms();
	j->result->confirmed = purge_one(j, &j->result->err);
	j->result->took_ms = clock_monotonic_ms() - start;
	return NULL;
}

bool
purge_edges(struct arena *a, const struct edge_config *const *edge, size_t edges,
    const struct str *keys, size_t n, struct purge_result *result)
{
	struct job *job = ARENA_ARRAY(a, struct job, edges);
	for (size_t i = 0; i < edges; i++) {
		result[i] = (struct purge_result){ .edge = edge[i] };
		job[i] = (struct job){ .key = keys, .keys = n, .result = &result[i] };
		job[i].threaded = i + 1 < edges
		    && pthread_create(&job[i].thread, NULL, run, &job[i]) == 0;
		if (!job[i].threaded)
			(void)run(&job[i]);
	}
	bool all = true;
	for (size_t i = 0; i < edges; i++) {
		if (job[i].threaded)
			(void)pthread_join(job[i].thread, NULL);
		all = all && result[i].confirmed;
	}
	return all;
}
