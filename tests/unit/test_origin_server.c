#include "tests/unit/lib/origin_case.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include "publisher/origin/listen.h"
#include "publisher/origin/reaper.h"
#include "publisher/origin/server.h"

/* The origin behind its HTTP server, on a port of its own. */
static struct server *server;
static uint16_t port;

static int
server_setup(void **state)
{
	int failed = case_setup(state);
	struct origin_case *c = *state;
	struct server_settings settings = { .threads = 1, .connections = 64 };
	struct str shown;
	struct err err;
	case_publish(c, "sunny");
	case_start(c);
	reaper_allow(c->origin->reaper, PHASE_FIRST, 300);
	reaper_allow(c->origin->reaper, PHASE_BODY, 300);
	OK(listen_open(c->a, "127.0.0.1", 0, &settings.socket, &shown, &port, &err));
	OK(server_start(c->a, c->origin, &settings, &server, &err));
	return failed;
}

static int
server_teardown(void **state)
{
	struct origin_case *c = *state;
	if (!atomic_load(&c->origin->draining))
		server_quiesce(server);
	server_stop(server);
	return case_teardown(state);
}

#define SERVER_TEST(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)

static int
connected(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* What comes back until the other side closes (*closed) or is silent for `ms`. */
static const char *
hear(struct arena *a, int fd, int ms, bool *closed)
{
	struct buf *b = buf_in(a, 1 << 20);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char part[4096];
	*closed = false;
	while (poll(&p, 1, ms) == 1) {
		ssize_t n = recv(fd, part, sizeof part, 0);
		if (n <= 0) {
			*closed = true;
			break;
		}
		buf_put(b, (struct str){ part, (size_t)n });
	}
	return arena_copy(a, buf_str(b)).p;
}

/* Send this and return the answer. */
static const char *
exchange(struct origin_case *c, const char *text, bool *closed)
{
	int fd = connected();
	say(fd, text);
	const char *out = hear(c->a, fd, 150, closed);
	(void)close(fd);
	return out;
}

static unsigned
count(const char *text, const char *part)
{
	unsigned n = 0;
	for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
		n++;
	return n;
}

#define PAGE "/weather/en-us/a.html"

static void
a_connection_serves_one_request_after_another(void **state)
{
	struct origin_case *c = *state;
	bool closed;
	const char *out = exchange(c, "GET " PAGE " HTTP/1.1\r\nHost: a\r\n\r\n"
	    "HEAD " PAGE " HTTP/1.1\r\nHost: a\r\n\r\n"
	    "GET " PAGE "?cachebuster=1 HTTP/1.1\r\nHost: a\r\nX-Strange: yes\r\n\r\n", &closed);
	assert_int_equal(count(out, "HTTP/1.1 200 OK"), 3);
	assert_int_equal(count(out, "<p>sunny</p>"), 2);
	assert_int_equal(count(out, "Content-Length: 12\r\n"), 3);
	assert_false(closed);
}

static void
a_304_tells_the_length_of_what_it_stands_for(void **state)
{
	struct origin_case *c = *state;
	bool closed;
	const char *out = exchange(c, "GET " PAGE " HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n",
	    &closed);
	assert_int_equal(count(out, "HTTP/1.1 304"), 1);
	assert_int_equal(count(out, "Content-Length: 0"), 0);
	assert_string_equal(strstr(out, "\r\n\r\n"), "\r\n\r\n");
}

static void
any_number_of_query_parameters_is_answered(void **state)
{
	struct origin_case *c = *state;
	struct buf *b = buf_in(c->a, 1 << 16);
	bool closed;
	buf_put(b, STR("GET " PAGE "?"));
	for (int i = 0; i < 1500; i++)
		buf_printf(b, "a%d=%d&%s", i, i, i % 7 == 0 ? "?" : "");
	buf_put(b, STR(" HTTP/1.1\r\nHost: a\r\n\r\n"));
	const char *out = exchange(c, arena_copy(c->a, buf_str(b)).p, &closed);
	assert_int_equal(count(out, "HTTP/1.1 200 OK"), 1);
	assert_int_equal(count(out, "<p>sunny</p>"), 1);
}

static void
what_two_servers_could_read_differently_is_refused_and_closed(void **state)
{
	static const char *const heads[] = {
		"GET " PAGE " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET " PAGE " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
		"0\r\n\r\n",
		"HEAD " PAGE " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
		"GET " PAGE " HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET " PAGE " HTTP/1.1\r\n\r\n",
		"GET " PAGE " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde",
		"POST /-/invalidate HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
		"GET " PAGE " HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nabcde",
		"GET " PAGE " HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n",
		"GET " PAGE " HTTP/1.1\r\nHost: a\r\nX: b\x01\r\n\r\n",
		"GET " PAGE " x HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	struct origin_case *c = *state;
	bool closed;
	for (size_t i = 0; i < LEN(heads); i++) {
		const char *out = exchange(c, arena_printf(c->a, "%sGET " PAGE
		    " HTTP/1.1\r\nHost: a\r\n\r\n", heads[i]).p, &closed);
		if (count(out, "HTTP/1.1 ") != 1 || count(out, "HTTP/1.1 400 Bad Request") != 1
		    || count(out, "no-store") == 0 || count(out, "sunny") > 0 || !closed)
			fail_msg("head %zu: %s", i, out);
	}
}

static void
bodies_are_taken_by_the_webhook_alone_and_within_bounds(void **state)
{
	static const struct { const char *head; const char *status; } cases[] = {
		{ "POST " PAGE " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", " 405 " },
		{ "POST /-/invalidate HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", " 413 " },
		{ "POST /-/invalidate HTTP/1.1\r\nHost: a\r\n\r\n", " 411 " },
		{ "POST /-/invalidate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		    " 400 " },
		{ "POST /-/invalidate HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", " 501 " },
		{ "PUT " PAGE " HTTP/1.1\r\nHost: a\r\n\r\n", " 405 " },
	};
	struct origin_case *c = *state;
	bool closed;
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *out = exchange(c, cases[i].head, &closed);
		if (count(out, "HTTP/1.1") != 1 || strstr(out, cases[i].status) == NULL)
			fail_msg("case %zu: %s", i, out);
	}
}

static void
a_slow_head_and_a_slow_body_are_cut_off(void **state)
{
	struct origin_case *c = *state;
	struct reaper_report r;
	bool closed;
	int head = connected(), body = connected();
	say(body, "POST /-/invalidate HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
	for (int i = 0; i < 8; i++) { /* never silent for long */
		(void)send(head, "G", 1, MSG_NOSIGNAL);
		(void)send(body, "x", 1, MSG_NOSIGNAL);
		pause_ms(100);
	}
	(void)hear(c->a, head, 500, &closed);
	assert_true(closed);
	(void)hear(c->a, body, 500, &closed);
	assert_true(closed);
	(void)close(head);
	(void)close(body);
	reaper_report(c->origin->reaper, &r);
	assert_int_equal(r.cut[PHASE_FIRST], 1);
	assert_int_equal(r.cut[PHASE_BODY], 1);
}

static void
a_stopping_server_answers_what_it_has_begun_and_closes(void **state)
{
	struct origin_case *c = *state;
	struct reaper_report r;
	bool closed;
	int fd = connected();
	say(fd, "GET " PAGE " HTTP/1.1\r\nHost: a\r\n\r\n");
	const char *out = hear(c->a, fd, 150, &closed);
	assert_int_equal(count(out, "<p>sunny</p>"), 1);
	assert_false(closed);
	server_quiesce(server);
	say(fd, "GET " PAGE " HTTP/1.1\r\nHost: a\r\n\r\n");
	out = hear(c->a, fd, 500, &closed);
	assert_int_equal(count(out, "<p>sunny</p>"), 1);
	assert_int_equal(count(out, "Connection: close"), 1);
	assert_true(closed);
	(void)close(fd);
	for (int i = 0; i < 100; i++, pause_ms(10)) {
		reaper_report(c->origin->reaper, &r);
		if (r.connections == 0)
			break;
	}
	assert_int_equal(r.connections, 0);
}

static void
in_a_crowd_silent_connections_are_closed_within_seconds(void **state)
{
	struct origin_case *c = *state;
	struct reaper_report r;
	bool closed;
	int fd[52]; /* of 64 */
	for (size_t i = 0; i < LEN(fd); i++) {
		fd[i] = connected();
		say(fd[i], "GET " PAGE " HTTP/1.1\r\nHost: a\r\n\r\n");
		(void)hear(c->a, fd[i], 2, &closed);
	}
	for (int i = 0; i < 200; i++, pause_ms(10)) {
		reaper_report(c->origin->reaper, &r);
		if (r.cut[PHASE_IDLE] > 4)
			break;
	}
	assert_true(r.cut[PHASE_IDLE] > 4);
	for (size_t i = 0; i < LEN(fd); i++)
		(void)close(fd[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(in_a_crowd_silent_connections_are_closed_within_seconds),
		SERVER_TEST(a_connection_serves_one_request_after_another),
		SERVER_TEST(a_304_tells_the_length_of_what_it_stands_for),
		SERVER_TEST(any_number_of_query_parameters_is_answered),
		SERVER_TEST(what_two_servers_could_read_differently_is_refused_and_closed),
		SERVER_TEST(bodies_are_taken_by_the_webhook_alone_and_within_bounds),
		SERVER_TEST(a_slow_head_and_a_slow_body_are_cut_off),
		SERVER_TEST(a_stopping_server_answers_what_it_has_begun_and_closes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
