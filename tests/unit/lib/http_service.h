/* http_service: a small HTTP server in a thread, one request a connection, for tests. */
#ifndef TESTS_UNIT_HTTP_SERVICE_H
#define TESTS_UNIT_HTTP_SERVICE_H

#include "tests/unit/lib/unit.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define SERVICE_SEEN 64

struct service {
	/* Status of the answer; its body goes to `body`. Called in the service's thread. */
	int (*handle)(struct service *, const char *request, char body[static 1024]);
	void *ctx;
	char url[64];
	char seen[SERVICE_SEEN][8192]; /* requests, head and body, as they came */
	int64_t at_ms[SERVICE_SEEN];
	size_t n;
	int listener;
	pthread_t thread;
};

static inline void
service_read(int fd, char request[static 8192])
{
	size_t n = 0;
	while (n < 8191) {
		ssize_t r = recv(fd, request + n, 8191 - n, 0);
		if (r <= 0)
			break;
		n += (size_t)r;
		request[n] = '\0';
		const char *end = strstr(request, "\r\n\r\n");
		const char *length = strstr(request, "Content-Length: ");
		if (end != NULL && n - (size_t)(end + 4 - request)
		        >= (length ? strtoul(length + 16, NULL, 10) : 0))
			break;
	}
	request[n] = '\0';
}

static inline void *
service_run(void *arg)
{
	struct service *s = arg;
	int fd;
	while ((fd = accept(s->listener, NULL, NULL)) >= 0) {
		char request[8192], body[1024] = "", answer[2048];
		service_read(fd, request);
		if (s->n < SERVICE_SEEN) {
			memcpy(s->seen[s->n], request, sizeof request);
			s->at_ms[s->n++] = clock_monotonic_ms();
		}
		int status = s->handle(s, request, body);
		int n = snprintf(answer, sizeof answer, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n"
		    "Connection: close\r\n\r\n%s", status, strlen(body), body);
		(void)send(fd, answer, (size_t)n, MSG_NOSIGNAL);
		(void)close(fd);
	}
	return NULL;
}

static inline void
service_start(struct service *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof at;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s->listener, 16), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &size), 0);
	(void)snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u", ntohs(at.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, service_run, s), 0);
}

/* After it, `seen` may be looked at. */
static inline void
service_stop(struct service *s)
{
	(void)shutdown(s->listener, SHUT_RDWR); /* wakes accept */
	(void)pthread_join(s->thread, NULL);
	(void)close(s->listener);
}

#endif
