/*
 * config: edgepress.ini, the one settings file of a site; docs/configuration.md lists every
 * key. Relative paths are relative to the file's own folder.
 *
 *   [site]           name, url, publisher, documents
 *   [target NAME]    store, store_credentials, keys, root, keep, keep_for, gc_grace,
 *                    uploads, origins, edges, webhook_secret, log: one place it is published to
 *   [origin]         listen, state, log, freshness, memory, threads, home, webhook_secret
 *   [edge NAME]      driver, url, settle, secret: one cache to purge
 *   [guard]          max_rejected, max_removed, max_older, max_added (percent)
 */
#ifndef PUBLISHER_CONFIG_CONFIG_H
#define PUBLISHER_CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ini.h"
#include "base/str.h"

#define KEEP_MAX 200 /* versions of a bundle, however young */

struct edge_config {
	struct str name;
	struct str driver;     /* "varnish" */
	const char *url;       /* where purges go: "http://127.0.0.1:6081" */
	int64_t settle_ms;     /* longest fetch of this edge: the purge is sent again after it; 2000 */
	const char *secret_file; /* shared secret that the edge asks for; NULL if none */
};

struct target_config {
	struct str name;
	const char *store;     /* for store_open: "file:/abs/public" (relative paths are made
	                        * absolute), "azblob:https://…"; credentials file included */
	const char *store_credentials; /* that file; NULL if none */
	const char *keys;      /* folder with this target's secret keys; "keys/NAME" */
	const char *root;      /* trusted root metadata, the anchor of every verification;
	                        * "trust/NAME.root.json" */
	unsigned keep;         /* versions of a bundle that stay reachable, the current one
	                        * included; default 20 */
	int64_t keep_for_s;    /* versions younger than this stay reachable beyond `keep`, at most
	                        * KEEP_MAX of them; default 0 */
	int64_t gc_grace_s;    /* what is younger than this, gc leaves alone; default 24 h */
	unsigned uploads;      /* objects on their way into the store at the same time; default 32 */
	const char **origin;   /* base URLs of origins that publish wakes */
	size_t origins;
	const struct edge_config **edge;
	size_t edges;
	const char *webhook_secret; /* file with whsec_…, shared with the origins: the target's
	                             * own, else that of [origin]; NULL if none */
	struct str log;        /* name of its transparency log: a URL without scheme */
	int64_t freshness_ms;  /* of [origin]: after it every origin has seen a commit by itself */
};

struct config {
	const char *path;      /* of edgepress.ini */
	const char *dir;       /* its folder */
	/* [site]; url without a slash at the end. Name and publisher default to "edgepress
	 * site" and the name, url to "http://localhost:8080". */
	struct str name, url, publisher;
	const char *documents; /* default "documents" */
	const struct target_config *target;
	size_t targets;
	const struct edge_config *edge;
	size_t edges;
	struct {
		const char *address;     /* numeric, no brackets: "127.0.0.1", "::1" */
		uint16_t port;           /* 8080 */
		const char *state;       /* folder: trusted metadata, webhook ids; "" = none kept */
		bool log_json;           /* default true */
		int64_t freshness_ms;    /* default 1000; how old a confirmed pointer may be */
		size_t memory;           /* bytes of hot blobs; default 256 MiB */
		unsigned threads;        /* default: number of cores */
		struct str home;         /* path that "/" redirects to, with its slash in front:
		                          * "/weather/en-us/index.html"; empty: 404 */
	} origin;
	unsigned max_rejected, max_removed; /* percent of a bundle's documents; 20 and 30 */
	unsigned max_older; /* percent of them that may become older than they are live; 20 */
	unsigned max_added; /* percent by which a bundle may grow; 1000 */
};

/* ERR_SETUP names file and line of an unknown or wrong key. */
bool config_read(struct arena *, const char *path, struct config *out, struct err *);
/* The named target; with an empty name the only one. ERR_INPUT lists those that exist. */
bool config_target(const struct config *, struct str name, const struct target_config **out,
    struct err *);

#endif
