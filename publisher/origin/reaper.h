/*
 * reaper: absolute deadlines for connections. libmicrohttpd's own time-out only counts
 * silence, so one byte a second would hold a connection for ever. The reaper knows every
 * connection and what it is doing, and shuts down the socket of whoever is late; the library
 * then sees the end of the connection and cleans up.
 */
#ifndef PUBLISHER_ORIGIN_REAPER_H
#define PUBLISHER_ORIGIN_REAPER_H

#include "base/arena.h"
#include "base/err.h"

struct reaper;
struct connection;

enum phase {
	PHASE_FIRST, /* connected; the first head is due in 10 s */
	PHASE_IDLE,  /* between requests: 75 s, the next request line included */
	PHASE_HEAD,  /* the request line is here: the head is due in 10 s */
	PHASE_BODY,  /* a webhook's body: 10 s */
	PHASE_WORK,  /* ours: no deadline */
	PHASE_WRITE, /* 30 s and 1 s for each 16 KiB */
	PHASES,
};

bool reaper_start(struct arena *, struct reaper **out, struct err *);
void reaper_stop(struct reaper *);

/* From the library's connection callbacks; `socket` stays the library's. */
struct connection *reaper_add(struct reaper *, int socket);
void reaper_remove(struct reaper *, struct connection *);
/* bytes: to be written, for PHASE_WRITE. */
void reaper_phase(struct reaper *, struct connection *, enum phase, uint64_t bytes);
/* Another allowance than the usual for a phase; before the first connection. */
void reaper_allow(struct reaper *, enum phase, int64_t ms);
/* With so many connections and more, those that are silent are shut down after a second, so
 * that a flood of them leaves room for who has something to ask. */
void reaper_crowd(struct reaper *, uint64_t connections);
/* From now on idle connections are shut down after idle_ms: the server is stopping. */
void reaper_drain(struct reaper *, int64_t idle_ms);

struct reaper_report {
	size_t connections, busy;   /* busy: not between requests */
	uint64_t accepted, cut[PHASES];
};
void reaper_report(struct reaper *, struct reaper_report *out);
const char *phase_name(enum phase);

#endif
