/*
 * record: what the log says about one commit: who, what, when, from which input; and where
 * signed metadata says what the log holds. Canonical JSON, ASCII, bounded. Pure.
 *
 *   { "actor": "alice@build-7", "run": "https://…", "kind": "publish", "note": "…",
 *     "program": "edgepress 0.1.0", "time": 1790000000, "version": 12,
 *     "bundles": [ { "name": "weather/en-us", "manifest": sha256, "length": 123,
 *                    "documents": 17, "input": sha256 } ],
 *     "bundles_all": 1, "input": sha256, "root": 1, "targets": 1,
 *     "previous": sha256 of the record before, "tree": { "size": 11, "root": sha256 } }
 *
 * `input` of a bundle is the SHA-256 over canonical JSON of { "documents": [ `sources` of each
 * of the manifest's shards ], "inputs": the manifest's }; that of the record over the lines
 * "<name> <input>\n" of all its bundles, by name. Both follow from the manifests.
 */
#ifndef PUBLISHER_TLOG_RECORD_H
#define PUBLISHER_TLOG_RECORD_H

#include "base/json.h"
#include "publisher/tlog/merkle.h"

#define RECORD_MAX 49152
#define RECORD_BUNDLES 128 /* that are listed; of more, only their number and input */
#define RECORD_TEXT_MAX 200

struct record_bundle {
	struct str name; /* "weather/en-us" */
	struct digest manifest, input;
	uint64_t length, documents;
};
struct record {
	struct str actor, run; /* run: URL of the CI job; empty if none */
	struct str kind;       /* "publish", "rollback", "renew", "keys" */
	struct str note, program;
	int64_t time, version; /* of the site: its snapshot */
	int64_t root, targets; /* versions of those files: who may sign */
	struct record_bundle *bundle; /* those that changed, by name */
	size_t bundles;        /* listed */
	uint64_t bundles_all;
	struct digest input;
	struct merkle_tree tree; /* before it */
	struct digest previous;  /* SHA-256 of the record before; zeros for the first */
};
/* ERR_INPUT names the member, ERR_LIMIT over RECORD_MAX. Text is borrowed from the arena. */
bool record_read(struct arena *, struct str bytes, struct record *out, struct err *);
/* Its one spelling. Texts must be clean: see record_text. */
bool record_write(struct arena *, const struct record *, struct str *out, struct err *);
/* Printable ASCII, at most RECORD_TEXT_MAX bytes: other bytes become '?'. */
struct str record_text(struct arena *, struct str);

/* What a snapshot says of the log, as `custom.log` (TUF clients ignore what they do not know). */
struct log_head {
	struct str origin;       /* its name, for ever */
	struct merkle_tree tree; /* with the newest record */
	struct digest record;    /* SHA-256 of the newest record */
};
/* `custom` may be NULL. *there: it names a log. */
bool log_head_read(const json_t *custom, struct log_head *out, bool *there, struct err *);
json_t *log_head_json(struct arena *, const struct log_head *);
/* "log/records/<sha256>.json": where a record stands before it is in the log. */
struct str record_name(struct arena *, const struct digest *);

#endif
