#include "publisher/origin/server.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "publisher/origin/guard.h"
#include "publisher/origin/reaper.h"

/* Memory of one connection: request head, what is parsed of it, and response head have to
 * fit. 400 cookies are 25 KiB of it. */
#define POOL_BYTES (32 * 1024)
/* Of silence; the reaper is for what is merely slow. */
#define SILENCE_S 70
#define THREAD_STACK_BYTES (256 * 1024)

struct server {
	struct origin *origin;
	struct MHD_Daemon *daemon;
	int socket; /* listening, once the library has given it back; else -1 */
};

/* One request, from its first line to the end of its answer. Held by the request and by the
 * response body, which the library may free after it. */
struct exchange {
	struct origin *origin;
	struct arena *arena;
	struct connection *connection;
	struct head head;
	struct served served;
	struct buf *body; /* of a webhook message */
	int64_t began_us;
	bool judged;      /* the head has been looked at */
	bool answered;
	atomic_uint holds;
};

static int64_t
now_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
exchange_drop(void *p)
{
	struct exchange *x = p;
	if (atomic_fetch_sub_explicit(&x->holds, 1, memory_order_acq_rel) != 1)
		return;
	served_release(x->origin, &x->served);
	arena_free(x->arena); /* the exchange lies in it */
}

static struct exchange *
exchange_new(struct origin *o, struct connection *c, struct str target)
{
	struct arena *a = arena_new();
	struct exchange *x = ARENA_NEW(a, struct exchange);
	x->origin = o;
	x->arena = a;
	x->connection = c;
	x->began_us = now_us();
	x->served.outcome = "none";
	x->head.request.target = arena_copy(a, target);
	atomic_init(&x->holds, 1);
	return x;
}

static struct connection *
connection_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return i != NULL ? i->socket_context : NULL;
}

/*
 * The request line is here. The library is about to split the query into arguments, which
 * live in the connection's memory: some 470 of them use it up, and no answer comes. A query
 * never changes a response of ours, so it is wiped here, in place, before it is split: the
 * bytes are the connection's own read buffer, and the library stops at their first NUL.
 */
static void *
on_target(void *cls, const char *uri, struct MHD_Connection *c)
{
	struct origin *o = cls;
	struct connection *connection = connection_of(c);
	struct str target = str_of(uri);
	char *query = uri != NULL ? strchr(uri, '?') : NULL;
	if (query != NULL) {
		target.n = (size_t)(query - uri);
		memset(query, 0, strlen(query));
	}
	if (connection != NULL)
		reaper_phase(o->reaper, connection, PHASE_HEAD, 0);
	return exchange_new(o, connection, target);
}

/* We decode paths ourselves, once. */
static size_t
keep_escapes(void *cls, struct MHD_Connection *c, char *s)
{
	(void)cls;
	(void)c;
	return strlen(s);
}

static enum MHD_Result
on_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_size,
    const char *value, size_t value_size)
{
	struct exchange *x = cls;
	(void)kind;
	guard_field(x->arena, &x->head, (struct str){ name, name_size },
	    (struct str){ value, value_size });
	return MHD_YES;
}

static enum method
method_of(const char *name)
{
	static const char *const names[] = { "GET", "HEAD", "OPTIONS", "POST" };
	for (size_t i = 0; i < LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum method)i;
	return METHOD_OTHER;
}

/* A body that is announced and never read. */
static ssize_t
no_bytes(void *cls, uint64_t at, char *buf, size_t max)
{
	(void)cls;
	(void)at;
	(void)buf;
	(void)max;
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *
response_of(struct exchange *x)
{
	const struct served *s = &x->served;
	if (s->body.n > 0) {
		(void)atomic_fetch_add(&x->holds, 1);
		return MHD_create_response_from_buffer_with_free_callback_cls(s->body.n,
		    (void *)(uintptr_t)s->body.p, exchange_drop, x);
	}
	/* Of HEAD and 304 only the length is told. */
	if (s->answer.length > 0)
		return MHD_create_response_from_callback(s->answer.length, 1024, no_bytes, NULL,
		    NULL);
	return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result
respond(struct exchange *x, struct MHD_Connection *c)
{
	const struct answer *w = &x->served.answer;
	struct MHD_Response *r = response_of(x);
	enum MHD_Result ok = MHD_YES;
	if (r == NULL)
		abort(); /* out of memory */
	for (size_t i = 0; i < w->headers && ok == MHD_YES; i++)
		ok = MHD_add_response_header(r, w->header[i].name, w->header[i].value);
	if (w->close || atomic_load(&x->origin->draining))
		ok = MHD_add_response_header(r, "Connection", "close");
	if (x->connection != NULL)
		reaper_phase(x->origin->reaper, x->connection, PHASE_WRITE, x->served.body.n);
	if (ok == MHD_YES)
		ok = MHD_queue_response(c, w->status, r);
	MHD_destroy_response(r); /* the connection holds it now */
	x->answered = ok == MHD_YES;
	return ok;
}

static enum MHD_Result
answer_refused(struct exchange *x, struct MHD_Connection *c, enum guard_verdict verdict)
{
	metrics_add(&x->origin->metrics.refused[verdict], 1);
	x->served.route = ROUTE_BAD;
	guard_answer(x->arena, verdict, &x->served.answer);
	x->served.body = x->served.answer.text;
	return respond(x, c);
}

static enum MHD_Result
answer(struct exchange *x, struct MHD_Connection *c)
{
	serve(x->origin, x->arena, &x->head.request, &x->served);
	return respond(x, c);
}

/* The head is complete. An answer now would end the connection, as the library may not have
 * read all of the request: so only what is refused is answered here. */
static enum MHD_Result
first_call(struct exchange *x, struct MHD_Connection *c, const char *method,
    const char *version)
{
	struct request *rq = &x->head.request;
	struct route route;
	x->judged = true;
	rq->method = method_of(method);
	rq->now = clock_now();
	(void)MHD_get_connection_values_n(c, MHD_HEADER_KIND, on_field, x);
	enum guard_verdict verdict = guard_judge(&x->head, rq->method,
	    strcmp(version, "HTTP/1.1") == 0, WEBHOOK_BODY_MAX);
	if (verdict != GUARD_FINE)
		return answer_refused(x, c, verdict);
	if (rq->method != METHOD_POST)
		return MHD_YES;
	route_read(x->arena, rq->target, &route);
	if (route.kind != ROUTE_INVALIDATE || route.spelling.n > 0)
		return answer(x, c);
	x->served.route = route.kind;
	x->body = buf_in(x->arena, WEBHOOK_BODY_MAX);
	if (x->connection != NULL)
		reaper_phase(x->origin->reaper, x->connection, PHASE_BODY, 0);
	return MHD_YES;
}

static enum MHD_Result
take_message(struct exchange *x, struct MHD_Connection *c)
{
	const struct webhook_message m = { .id = x->head.webhook_id,
		.timestamp = x->head.webhook_timestamp, .signature = x->head.webhook_signature,
		.body = buf_str(x->body) };
	if (x->body->refused)
		return answer_refused(x, c, GUARD_TOO_LARGE);
	invalidate_take(x->origin->invalidate, x->arena, &m, (int64_t)time(NULL),
	    &x->served.answer);
	if (x->served.answer.body == BODY_TEXT)
		x->served.body = x->served.answer.text;
	return respond(x, c);
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **state)
{
	struct origin *o = cls;
	struct exchange *x = *state;
	(void)url;
	if (x == NULL) /* a request line so odd that on_target was not called */
		*state = x = exchange_new(o, connection_of(c), (struct str){ 0 });
	if (!x->judged) {
		if (x->connection != NULL)
			reaper_phase(o->reaper, x->connection, PHASE_WORK, 0);
		return first_call(x, c, method, version);
	}
	if (*upload_size > 0) {
		if (x->body != NULL)
			buf_put(x->body, (struct str){ upload, *upload_size });
		*upload_size = 0;
		return MHD_YES;
	}
	if (x->answered)
		return MHD_YES;
	return x->body != NULL ? take_message(x, c) : answer(x, c);
}

/* The access log: no query, no address, no cookie; docs/origin.md lists the fields. */
static void
log_request(const struct exchange *x, int64_t took_us, const char *end)
{
	static const char *const methods[] = { "GET", "HEAD", "OPTIONS", "POST", "other" };
	const struct served *s = &x->served;
	if (s->route == ROUTE_ALIVE || s->route == ROUTE_READY || s->route == ROUTE_METRICS)
		return;
	log_event(LOG_INFO, "request", LOG_FIELDS(
	    LOG_TEXT("method", str_of(methods[x->head.request.method])),
	    LOG_TEXT("path", x->head.request.target),
	    LOG_TEXT("route", str_of(route_name(s->route))),
	    LOG_INT("status", s->answer.status), LOG_INT("bytes", (int64_t)s->body.n),
	    LOG_INT("us", took_us), LOG_TEXT("cache", str_of(s->outcome)),
	    LOG_TEXT("end", str_of(end)),
	    LOG_TEXT("traceparent", x->head.traceparent.n > 0 ? x->head.traceparent : STR("-"))));
}

static void
on_completed(void *cls, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode code)
{
	static const char *const ends[] = { "done", "error", "timeout", "shutdown", "read-error",
		"client-gone" };
	struct origin *o = cls;
	struct exchange *x = *state;
	(void)c;
	if (x == NULL)
		return;
	*state = NULL;
	if (x->connection != NULL)
		reaper_phase(o->reaper, x->connection, PHASE_IDLE, 0);
	if (x->answered) { /* else the library refused it, or nobody waited for the answer */
		const int64_t took_us = now_us() - x->began_us;
		metrics_request(&o->metrics, x->served.route, x->served.answer.status, took_us,
		    x->served.body.n);
		log_request(x, took_us, (size_t)code < LEN(ends) ? ends[code] : "other");
	}
	exchange_drop(x);
}

static void
on_connection(void *cls, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct origin *o = cls;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *i =
		    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
		*context = i != NULL ? reaper_add(o->reaper, i->connect_fd) : NULL;
	} else if (*context != NULL) {
		reaper_remove(o->reaper, *context);
		*context = NULL;
	}
}

/* What the library has to say is about clients that misbehave: for a close look only. */
static void
on_complaint(void *cls, const char *format, va_list args)
{
	char text[256];
	(void)cls;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)vsnprintf(text, sizeof text, format, args);
#pragma GCC diagnostic pop
	log_event(LOG_DEBUG, "libmicrohttpd", LOG_FIELDS(LOG_TEXT("says",
	    str_trim(str_of(text)))));
}

const char *
server_library(void)
{
	return MHD_get_version();
}

bool
server_start(struct arena *a, struct origin *o, const struct server_settings *settings,
    struct server **out, struct err *err)
{
	struct server *s = ARENA_NEW(a, struct server);
	const unsigned threads = settings->threads > SERVER_THREADS_MIN ? settings->threads
	                                                                : SERVER_THREADS_MIN;
	s->origin = o;
	s->socket = -1;
	reaper_crowd(o->reaper, settings->connections - settings->connections / 4);
	s->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL, NULL,
	    on_request, o,
	    MHD_OPTION_EXTERNAL_LOGGER, on_complaint, NULL, /* first, so that it hears the rest */
	    MHD_OPTION_LISTEN_SOCKET, settings->socket,
	    MHD_OPTION_THREAD_POOL_SIZE, threads,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK_BYTES,
	    MHD_OPTION_CONNECTION_LIMIT, settings->connections,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
	    /* Stricter, it answers what it dislikes by itself, with two heads or none: the guard
	     * and the router refuse the same and more, properly. */
	    MHD_OPTION_STRICT_FOR_CLIENT, 0,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, o,
	    MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, o,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, o,
	    MHD_OPTION_END);
	if (s->daemon == NULL)
		return err_set(err, ERR_SETUP, "libmicrohttpd does not start with %u threads and %u "
		    "connections: raise the limit of open files (ulimit -n)", threads,
		    settings->connections);
	*out = s;
	return true;
}

void
server_quiesce(struct server *s)
{
	atomic_store(&s->origin->draining, true);
	s->socket = MHD_quiesce_daemon(s->daemon);
}

void
server_stop(struct server *s)
{
	MHD_stop_daemon(s->daemon);
	if (s->socket >= 0)
		(void)close(s->socket);
}
