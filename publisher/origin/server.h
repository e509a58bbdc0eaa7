/*
 * server: HTTP/1.1 through libmicrohttpd; the only file that includes it. Translates its
 * callbacks into requests and answers back into its responses, behind the guard and the
 * reaper. Limits are explicit, none is the library's default.
 */
#ifndef PUBLISHER_ORIGIN_SERVER_H
#define PUBLISHER_ORIGIN_SERVER_H

#include "publisher/origin/serve.h"

#define SERVER_THREADS_MIN 16
#define SERVER_CONNECTIONS 4096

struct server;

struct server_settings {
	int socket;           /* listening; the server closes it */
	unsigned threads;     /* that answer; at least SERVER_THREADS_MIN, because a request whose
	                       * blob is not in memory waits for the store on its thread */
	unsigned connections; /* at once; more wait in the kernel's queue */
};

/* The HTTP library that is loaded: "0.9.75". */
const char *server_library(void);
bool server_start(struct arena *, struct origin *, const struct server_settings *,
    struct server **out, struct err *);
/* Accept no more; requests under way go on, and their answers close the connection. */
void server_quiesce(struct server *);
/* Close what is left. */
void server_stop(struct server *);

#endif
