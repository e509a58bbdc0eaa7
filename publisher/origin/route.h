/*
 * route: what the path of a request means (docs/origin.md lists the URLs). One spelling of
 * each is served; a percent-encoded one is decoded once, strictly, and redirected. Pure but
 * for the arena.
 */
#ifndef PUBLISHER_ORIGIN_ROUTE_H
#define PUBLISHER_ORIGIN_ROUTE_H

#include "base/arena.h"
#include "base/coding.h"
#include "base/digest.h"
#include "publisher/tlog/tile.h"

enum route_kind {
	ROUTE_BAD,      /* not a path at all: 400 */
	ROUTE_NOTHING,  /* a path that nothing can ever be published at */
	ROUTE_HOME,     /* "/" */
	ROUTE_CONTENT,  /* vertical, locale, path; version if pinned by /@N/ */
	ROUTE_FOLDER,   /* vertical, locale; version if pinned: its index.html */
	ROUTE_BLOB,     /* sha256 of the very bytes, and how they are coded */
	ROUTE_TREE,     /* sha256: a shard of a manifest */
	ROUTE_METADATA, /* name, role, version ("timestamp": 0) */
	ROUTE_MANIFEST, /* vertical, locale, sha256 */
	ROUTE_LOG,      /* "log/" and so on: log says which file of it */
	ROUTE_ALIVE,
	ROUTE_READY,
	ROUTE_METRICS,
	ROUTE_STATUS,
	ROUTE_INVALIDATE,
	ROUTE_INVALIDATION, /* name: the message's id */
};

enum log_file { LOG_CHECKPOINT, LOG_TILE, LOG_RECORD };

struct route {
	enum route_kind kind;
	struct str spelling; /* the one spelling, if the request had another; else n == 0 */
	struct str vertical, locale, path, name, role;
	int64_t version;
	struct digest sha256;
	enum coding coding;
	enum log_file log;
	struct tile tile;    /* LOG_TILE; LOG_RECORD has its sha256 */
};

/* `target` is the request target without its query; absolute-form (RFC 9112, 3.2.2) is cut to
 * its path. Parts of the answer live in the arena or in target. */
void route_read(struct arena *, struct str target, struct route *out);
/* A name for metrics and logs. */
const char *route_name(enum route_kind);

#endif
