/* call: one origin's webhook, from the publisher's side; docs/webhook.md is the protocol. */
#include <inttypes.h>
#include <time.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/json.h"
#include "publisher/release/fresh.h"
#include "publisher/webhook/webhook.h"

#define POLL_MIN_MS 20
#define POLL_MAX_MS 250
#define ANSWER_MAX (64 * 1024)

struct call {
	struct arena *a;
	struct http_session *session;
	const char *origin;
	int64_t version;
	int64_t until_ms; /* monotonic */
};

static int64_t
left_ms(const struct call *c)
{
	int64_t left = c->until_ms - clock_monotonic_ms();
	return left > 1 ? left : 1;
}

static bool
time_is_over(const struct call *c)
{
	return clock_monotonic_ms() >= c->until_ms;
}

static bool
message_make(const struct call *c, const char *secret_file, const struct str *keys, size_t n,
    struct http_header header[static 4], struct str *body, struct err *err)
{
	struct webhook_secret *secret;
	struct webhook_message m;
	struct str *key = ARENA_ARRAY(c->a, struct str, n);
	for (size_t i = 0; i < n; i++)
		key[i] = keys[i];
	const struct invalidation what = { .version = c->version, .key = key, .keys = n };
	/* Not clock_now: SOURCE_DATE_EPOCH must not make the message look like a replay. */
	const int64_t now = (int64_t)time(NULL);
	if (!webhook_secret_read(c->a, secret_file, &secret, err)
	    || !invalidation_write(c->a, &what, now, body, err)
	    || !webhook_sign(c->a, secret, *body, now, &m, err))
		return false;
	header[0] = (struct http_header){ STR("Content-Type"), STR("application/json") };
	header[1] = (struct http_header){ STR("webhook-id"), m.id };
	header[2] = (struct http_header){ STR("webhook-timestamp"), m.timestamp };
	header[3] = (struct http_header){ STR("webhook-signature"), m.signature };
	return true;
}

/* What an answer other than 202 means. Gateways say that nobody is behind them. */
static bool
refused(const struct call *c, int status, struct err *err)
{
	if (status == 401 || status == 403)
		return err_set(err, ERR_SETUP, "%s refused the signature (%d): is webhook_secret the same "
		    "there, and the clock right?", c->origin, status);
	if (status == 404 || status == 501)
		return err_set(err, ERR_SETUP, "%s takes no messages (%d): has it a webhook_secret?",
		    c->origin, status);
	return err_set(err, status >= 502 && status <= 504 ? ERR_BUSY : ERR_STALE,
	    "%s answered %d to the message", c->origin, status);
}

static bool
id_read(struct arena *a, struct str body, struct str *id, struct err *err)
{
	json_t *j;
	return json_parse(a, body, &j, err) && field_text(j, "id", id, err)
	    && ((id->n > 0 && id->n <= 64
	            && strspn(id->p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
	                == id->n)
	        || err_set(err, ERR_INPUT, "id: not a message id"));
}

/* The same message until it is taken: the origin does nothing about a duplicate. */
static bool
message_send(const struct call *c, const struct http_header *header, struct str body,
    struct str *id, struct err *err)
{
	struct http_response rs;
	const struct http_request rq = { .method = "POST",
		.url = arena_printf(c->a, "%s/-/invalidate", c->origin).p, .header = header,
		.headers = 4, .body = body, .timeout_ms = left_ms(c), .body_max = ANSWER_MAX };
	for (int64_t pause = POLL_MIN_MS;; pause = pause < POLL_MAX_MS ? pause * 2 : pause) {
		if (!http_do(c->session, c->a, &rq, &rs, err))
			return false;
		if (rs.status == 202)
			return id_read(c->a, rs.body, id, err) || err_in(err, "answer of %s", c->origin);
		if (rs.status != 429 || time_is_over(c))
			return refused(c, rs.status, err);
		clock_sleep_ms(pause);
	}
}

enum progress_state { WAITING, CONFIRMED, FAILED };

/* One look. What cannot be had or understood is asked for again until the time is over. */
static enum progress_state
look(const struct call *c, struct str id, struct err *err)
{
	struct arena *a = arena_new();
	struct http_response rs;
	json_t *j;
	struct str state = { 0 }, detail = { 0 };
	int64_t version = 0;
	struct err why = { 0 };
	enum progress_state now = WAITING;
	const struct http_request rq = { .method = "GET",
		.url = arena_printf(a, "%s/-/invalidate/%.*s", c->origin, STR_ARG(id)).p,
		.timeout_ms = left_ms(c), .body_max = ANSWER_MAX };
	bool read = http_do(c->session, a, &rq, &rs, &why)
	    && (rs.status == 200 || err_set(&why, ERR_STALE, "answered %d", rs.status))
	    && json_parse(a, rs.body, &j, &why) && field_text(j, "state", &state, &why)
	    && field_int(j, "version", 0, INT64_MAX, &version, &why)
	    && field_text_opt(j, "detail", &detail, &why);
	if (!read) {
		(void)err_set(err, ERR_STALE, "%s: %s", c->origin, why.text);
	} else if (str_eq(state, STR("done")) && version >= c->version) {
		now = CONFIRMED;
	} else if (str_eq(state, STR("failed")) && version >= c->version) {
		now = FAILED;
		(void)err_set(err, ERR_STALE, "%s: %.*s", c->origin,
		    STR_ARG(detail.n > 0 ? detail : state));
	} else if (str_eq(state, STR("failed")) || str_eq(state, STR("done"))) {
		now = FAILED;
		(void)err_set(err, ERR_STALE, "%s is at version %" PRId64 ", not %" PRId64 ": %.*s",
		    c->origin, version, c->version, STR_ARG(detail.n > 0 ? detail : state));
	} else {
		(void)err_set(err, ERR_STALE, "%s is still %.*s, at version %" PRId64, c->origin,
		    STR_ARG(state), version);
	}
	arena_free(a);
	return now;
}

static bool
wait_done(const struct call *c, struct str id, struct err *err)
{
	for (int64_t pause = POLL_MIN_MS;; pause = pause < POLL_MAX_MS ? pause * 2 : pause) {
		switch (look(c, id, err)) {
		case CONFIRMED:
			return true;
		case FAILED:
			return false;
		case WAITING:
			break;
		}
		if (time_is_over(c))
			return false;
		clock_sleep_ms(pause < left_ms(c) ? pause : left_ms(c));
	}
}

bool
fresh_call_origin(struct arena *a, const char *origin, const char *secret_file,
    int64_t version, const struct str *keys, size_t n, int64_t timeout_ms, struct err *err)
{
	struct call c = { .a = a, .session = http_open(a), .origin = origin, .version = version,
		.until_ms = clock_monotonic_ms() + timeout_ms };
	struct http_header header[4];
	struct str body, id;
	struct err why = { 0 };
	if (message_make(&c, secret_file, keys, n, header, &body, err)
	    && message_send(&c, header, body, &id, err) && wait_done(&c, id, &why))
		return true;
	return why.code != 0 ? err_set(err, why.code, "%s", why.text) : false;
}
