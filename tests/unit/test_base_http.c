#include "tests/unit/lib/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http.h"

/* A server for one connection: it reads a request and its body, then says what it was told. */
struct peer {
	int listener;
	unsigned port;
	pthread_t thread;
	const char *answer; /* sent after each request; NULL: keep silent until the client goes */
	size_t filler;      /* bytes of 'x' to send after it */
	int requests;       /* to answer on the connection */
	char seen[8192];    /* the requests as they came */
	size_t n;
};

static size_t
body_length(const char *head)
{
	const char *at = strstr(head, "Content-Length: ");
	return at == NULL ? 0 : (size_t)strtoul(at + 16, NULL, 10);
}

/* One request into p->seen; false when the client has gone. */
static bool
read_request(struct peer *p, int fd)
{
	size_t start = p->n;
	for (;;) {
		const char *end = strstr(p->seen + start, "\r\n\r\n");
		if (end != NULL
		    && p->n - (size_t)(end + 4 - p->seen) >= body_length(p->seen + start))
			return true;
		ssize_t r = recv(fd, p->seen + p->n, sizeof p->seen - 1 - p->n, 0);
		if (r <= 0)
			return false;
		p->n += (size_t)r;
		p->seen[p->n] = '\0';
	}
}

static void *
peer_run(void *arg)
{
	static const char filler[4096] = { [0 ... 4095] = 'x' };
	struct peer *p = arg;
	int fd = accept(p->listener, NULL, NULL);
	for (int i = 0; i < p->requests && read_request(p, fd); i++) {
		if (p->answer == NULL) {
			(void)read_request(p, fd);
			break;
		}
		(void)send(fd, p->answer, strlen(p->answer), MSG_NOSIGNAL);
		for (size_t sent = 0; sent < p->filler; sent += sizeof filler)
			if (send(fd, filler, sizeof filler, MSG_NOSIGNAL) < 0)
				break;
	}
	(void)close(fd);
	return NULL;
}

static void
peer_start(struct peer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof at;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(p->listener, 4), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&at, &size), 0);
	p->port = ntohs(at.sin_port);
	p->requests = p->requests > 0 ? p->requests : 1;
	assert_int_equal(pthread_create(&p->thread, NULL, peer_run, p), 0);
}

static void
peer_stop(struct peer *p)
{
	(void)pthread_join(p->thread, NULL);
	(void)close(p->listener);
}

/* One exchange with a peer that gives `answer`; the arena closes the connection at the end. */
static bool
exchange(struct peer *p, struct http_request rq, const char *path, struct http_response *out,
    struct arena *keep, struct err *err)
{
	struct arena *a = arena_new();
	peer_start(p);
	rq.url = arena_printf(keep, "http://127.0.0.1:%u%s", p->port, path).p;
	bool ok = http_do(http_open(a), keep, &rq, out, err);
	arena_free(a);
	peer_stop(p);
	return ok;
}

static void
an_answer_has_status_headers_and_body(void **state)
{
	struct peer p = { .answer = "HTTP/1.1 404 Not Found\r\nETag:  \"a\" \r\nX-Two: 1\r\n"
		                    "Content-Length: 4\r\n\r\nnone" };
	struct http_response r;
	struct err e;
	assert_true(exchange(&p, (struct http_request){ .method = "GET" }, "/a/../b?q=1", &r,
	    *state, &e));
	assert_int_equal(r.status, 404);
	assert_str(http_header(&r, "etag"), "\"a\"");
	assert_str(http_header(&r, "absent"), "");
	assert_str(r.body, "none");
	assert_true(str_starts(str_of(p.seen), STR("GET /a/../b?q=1 HTTP/1.1\r\nHost: 127.0.0.1:")));
	assert_null(strstr(p.seen, "Content-Length"));
	assert_null(strstr(p.seen, "Expect"));
}

static void
a_put_sends_its_body_and_only_the_headers_given(void **state)
{
	struct peer p = { .answer = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n" };
	const struct http_header h[] = {
		{ STR_INIT("If-None-Match"), STR_INIT("*") },
		{ STR_INIT("x-ms-empty"), STR_INIT("") },
	};
	struct http_response r;
	struct err e;
	char body[2000];
	memset(body, 'b', sizeof body);
	body[7] = '\0';
	assert_true(exchange(&p, (struct http_request){ .method = "PUT", .header = h, .headers = 2,
	    .body = { body, sizeof body } }, "/k", &r, *state, &e));
	assert_int_equal(r.status, 201);
	assert_non_null(strstr(p.seen, "\r\nContent-Length: 2000\r\n"));
	assert_non_null(strstr(p.seen, "\r\nIf-None-Match: *\r\n"));
	assert_non_null(strstr(p.seen, "\r\nx-ms-empty:\r\n"));
	assert_null(strstr(p.seen, "Content-Type"));
	assert_null(strstr(p.seen, "Expect"));
	assert_memory_equal(p.seen + p.n - sizeof body, body, sizeof body);
}

static void
an_empty_body_is_sent_as_length_0(void **state)
{
	static const char *const methods[] = { "PUT", "POST", "PATCH" };
	struct http_response r;
	struct err e;
	for (size_t i = 0; i < LEN(methods); i++)
		for (int set = 0; set < 2; set++) {
			struct peer p = { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" };
			struct http_request rq = { .method = methods[i] };
			rq.body.p = set ? "" : NULL;
			assert_true(exchange(&p, rq, "/", &r, *state, &e));
			assert_non_null(strstr(p.seen, "\r\nContent-Length: 0\r\n"));
			assert_true(str_starts(str_of(p.seen), str_of(methods[i])));
		}
}

static void
purge_and_delete_are_sent_without_a_body(void **state)
{
	static const char *const methods[] = { "PURGE", "DELETE", "PURGEKEYS" };
	struct http_response r;
	struct err e;
	for (size_t i = 0; i < LEN(methods); i++) {
		struct peer p = { .answer = "HTTP/1.1 200 Purged\r\nContent-Length: 2\r\n\r\nok" };
		assert_true(exchange(&p, (struct http_request){ .method = methods[i] }, "/x", &r,
		    *state, &e));
		assert_true(str_starts(str_of(p.seen), str_of(methods[i])));
		assert_null(strstr(p.seen, "Content-Length"));
		assert_str(r.body, "ok");
	}
}

static void
head_waits_for_no_body(void **state)
{
	struct peer p = { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" };
	struct http_response r;
	struct err e;
	assert_true(exchange(&p, (struct http_request){ .method = "HEAD" }, "/", &r, *state, &e));
	assert_int_equal(r.body.n, 0);
	assert_str(http_header(&r, "content-length"), "999999999");
}

static void
a_session_keeps_its_connection_between_any_methods(void **state)
{
	static const char *const methods[] = { "GET", "PUT", "GET", "PURGE", "HEAD", "GET" };
	struct peer p = { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .requests = 6 };
	struct http_response r;
	struct err e;
	struct arena *a = arena_new();
	peer_start(&p);
	struct http_session *s = http_open(a);
	for (size_t i = 0; i < LEN(methods); i++) {
		struct http_request rq = { .method = methods[i] };
		rq.url = arena_printf(*state, "http://127.0.0.1:%u/%zu", p.port, i).p;
		assert_true(http_do(s, *state, &rq, &r, &e));
		assert_non_null(strstr(p.seen, arena_printf(*state, "%s /%zu HTTP/1.1\r\n",
		    methods[i], i).p));
	}
	arena_free(a);
	peer_stop(&p);
}

static void
a_body_over_its_bound_is_refused(void **state)
{
	struct peer p = { .answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
		.filler = 64 << 20 };
	struct http_response r;
	struct err e;
	assert_false(exchange(&p, (struct http_request){ .method = "GET", .body_max = 10000 },
	    "/big?sig=secret", &r, *state, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_non_null(strstr(e.text, "/big: "));
	assert_null(strstr(e.text, "secret"));
	struct peer exact = { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n",
		.filler = 4096 };
	assert_true(exchange(&exact, (struct http_request){ .method = "GET", .body_max = 4096 },
	    "/", &r, *state, &e));
	assert_int_equal(r.body.n, 4096);
}

static void
an_endless_head_is_refused(void **state)
{
	struct buf *head = buf_in(*state, 1 << 20);
	struct http_response r;
	struct err e;
	buf_put(head, STR("HTTP/1.1 200 OK\r\n"));
	for (int i = 0; i < 300; i++)
		buf_printf(head, "X-%d: y\r\n", i);
	buf_put(head, STR("\r\n\0"));
	struct peer p = { .answer = head->p };
	assert_false(exchange(&p, (struct http_request){ .method = "GET" }, "/", &r, *state, &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
an_interim_answer_and_trailers_are_not_the_answer(void **state)
{
	struct peer p = { .answer = "HTTP/1.1 103 Early Hints\r\nETag: early\r\n\r\n"
		                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		                    "2\r\nok\r\n0\r\nETag: late\r\n\r\n" };
	struct http_response r;
	struct err e;
	assert_true(exchange(&p, (struct http_request){ .method = "GET" }, "/", &r, *state, &e));
	assert_int_equal(r.status, 200);
	assert_str(http_header(&r, "etag"), "");
	assert_str(r.body, "ok");
}

static void
a_redirect_is_an_answer_and_not_followed(void **state)
{
	struct peer p = { .answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\n"
		                    "Content-Length: 0\r\n\r\n" };
	struct http_response r;
	struct err e;
	assert_true(exchange(&p, (struct http_request){ .method = "GET" }, "/", &r, *state, &e));
	assert_int_equal(r.status, 302);
}

static void
what_may_succeed_later_is_busy(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "SSH-2.0-x\r\n", "" };
	struct http_response r;
	struct err e;
	for (size_t i = 0; i < LEN(answers); i++) {
		struct peer p = { .answer = answers[i] };
		assert_false(exchange(&p, (struct http_request){ .method = "GET" }, "/", &r, *state,
		    &e));
		assert_int_equal(e.code, ERR_BUSY);
	}
	struct http_request nobody = { .method = "GET", .url = "http://127.0.0.1:1/" };
	assert_false(http_do(http_open(*state), *state, &nobody, &r, &e));
	assert_int_equal(e.code, ERR_BUSY);
	assert_true(str_starts(str_of(e.text), STR("GET http://127.0.0.1:1/: ")));
}

static void
a_silent_peer_is_left_after_the_time_out(void **state)
{
	struct peer p = { .answer = NULL };
	struct http_response r;
	struct err e;
	int64_t start = clock_monotonic_ms();
	assert_false(exchange(&p, (struct http_request){ .method = "GET", .timeout_ms = 150 }, "/",
	    &r, *state, &e));
	assert_int_equal(e.code, ERR_BUSY);
	assert_true(clock_monotonic_ms() - start < 3000);
}

static void
neither_header_nor_url_smuggles_anything(void **state)
{
	static const struct http_header bad[] = {
		{ STR_INIT("a"), STR_INIT("b\r\nc: d") }, { STR_INIT("a b"), STR_INIT("c") },
		{ STR_INIT("a:"), STR_INIT("c") }, { STR_INIT(""), STR_INIT("c") },
		{ STR_INIT("a"), STR_INIT("b\0c") } };
	static const char *const urls[] = { "", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nx",
		"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://" };
	struct http_session *s = http_open(*state);
	struct http_response r;
	struct err e;
	for (size_t i = 0; i < LEN(bad); i++) {
		struct http_request rq = { .method = "GET", .url = "http://127.0.0.1:1/",
			.header = &bad[i], .headers = 1 };
		assert_false(http_do(s, *state, &rq, &r, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
	for (size_t i = 0; i < LEN(urls); i++) {
		struct http_request rq = { .method = "GET", .url = urls[i] };
		assert_false(http_do(s, *state, &rq, &r, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
	struct http_request rq = { .method = "GET /x\r\n", .url = "http://127.0.0.1:1/" };
	assert_false(http_do(s, *state, &rq, &r, &e));
	assert_int_equal(e.code, ERR_INPUT);
}

static void
the_error_shows_no_password_and_no_query(void **state)
{
	struct http_request rq = { .method = "GET",
		.url = "http://user:secret@127.0.0.1:1/path?sig=secret#secret" };
	struct http_response r;
	struct err e;
	assert_false(http_do(http_open(*state), *state, &rq, &r, &e));
	assert_null(strstr(e.text, "secret"));
	assert_true(str_starts(str_of(e.text), STR("GET http://127.0.0.1:1/path: ")));
}

static void
a_proxy_in_the_environment_is_not_asked(void **state)
{
	struct peer p = { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" };
	struct http_response r;
	struct err e;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	assert_true(exchange(&p, (struct http_request){ .method = "GET" }, "/", &r, *state, &e));
	unsetenv("http_proxy");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_has_status_headers_and_body),
		TEST(a_put_sends_its_body_and_only_the_headers_given),
		TEST(an_empty_body_is_sent_as_length_0),
		TEST(purge_and_delete_are_sent_without_a_body),
		TEST(head_waits_for_no_body),
		TEST(a_session_keeps_its_connection_between_any_methods),
		TEST(a_body_over_its_bound_is_refused),
		TEST(an_endless_head_is_refused),
		TEST(an_interim_answer_and_trailers_are_not_the_answer),
		TEST(a_redirect_is_an_answer_and_not_followed),
		TEST(what_may_succeed_later_is_busy),
		TEST(a_silent_peer_is_left_after_the_time_out),
		TEST(neither_header_nor_url_smuggles_anything),
		TEST(the_error_shows_no_password_and_no_query),
		TEST(a_proxy_in_the_environment_is_not_asked),
	};
	if (!http_setup(NULL))
		return 1;
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
