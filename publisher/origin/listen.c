#include "publisher/origin/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define HANDED_OVER 3 /* SD_LISTEN_FDS_START */
#define BACKLOG 1024

static int
handed_over(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
	uint64_t who, count;
	if (pid == NULL || n == NULL || !str_to_u64(str_of(pid), &who)
	    || !str_to_u64(str_of(n), &count) || who != (uint64_t)getpid() || count == 0)
		return -1;
	if (count > 1)
		log_event(LOG_WARN, "only the first socket is used",
		    LOG_FIELDS(LOG_INT("handed_over", (int64_t)count)));
	(void)fcntl(HANDED_OVER, F_SETFD, FD_CLOEXEC);
	(void)fcntl(HANDED_OVER, F_SETFL, fcntl(HANDED_OVER, F_GETFL) | O_NONBLOCK);
	return HANDED_OVER;
}

static bool
bind_to(int fd, const struct addrinfo *i)
{
	const int on = 1;
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
	    && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0
	    && bind(fd, i->ai_addr, i->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
}

static bool
open_new(const char *address, uint16_t port, int *out, struct err *err)
{
	const struct addrinfo hint = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *info;
	char service[8];
	(void)snprintf(service, sizeof service, "%u", port);
	if (getaddrinfo(address, service, &hint, &info) != 0)
		return err_set(err, ERR_INPUT, "%s is no numeric address", address);
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool ok = fd >= 0 && bind_to(fd, info);
	if (!ok)
		(void)err_sys(err, "listening on %s port %u", address, port);
	freeaddrinfo(info);
	if (!ok && fd >= 0)
		(void)close(fd);
	*out = fd;
	return ok;
}

static bool
describe(struct arena *a, int fd, struct str *shown, uint16_t *bound, struct err *err)
{
	struct sockaddr_storage where = { 0 };
	socklen_t n = sizeof where;
	char host[INET6_ADDRSTRLEN], service[8];
	uint64_t port = 0;
	if (getsockname(fd, (struct sockaddr *)&where, &n) != 0)
		return err_sys(err, "the listening socket");
	if (getnameinfo((struct sockaddr *)&where, n, host, sizeof host, service, sizeof service,
	        NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return err_set(err, ERR_SETUP, "the listening socket has no internet address");
	(void)str_to_u64(str_of(service), &port);
	*bound = (uint16_t)port;
	*shown = arena_printf(a, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, service);
	return true;
}

bool
listen_open(struct arena *a, const char *address, uint16_t port, int *out, struct str *shown,
    uint16_t *bound, struct err *err)
{
	*out = handed_over();
	return (*out >= 0 || open_new(address, port, out, err))
	    && describe(a, *out, shown, bound, err);
}

void
listen_notify(const char *state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	if (path == NULL || (path[0] != '/' && path[0] != '@')
	    || strlen(path) >= sizeof to.sun_path)
		return;
	memcpy(to.sun_path, path, strlen(path));
	socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0'; /* abstract */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to, n);
	(void)close(fd);
}
