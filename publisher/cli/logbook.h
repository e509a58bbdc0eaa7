/* logbook: the log of a subject or site, checked, for the commands that show it. */
#ifndef PUBLISHER_CLI_LOGBOOK_H
#define PUBLISHER_CLI_LOGBOOK_H

#include "base/json.h"
#include "publisher/cli/subject.h"
#include "publisher/tlog/check.h"

struct logbook {
	struct arena *arena;
	const char *file;       /* of --checkpoint: where the last one is kept; NULL: nowhere */
	struct str checkpoint;  /* as it was read; p == NULL: none */
	struct trusted *trusted;
	struct log_seen seen;
};
/* Reads checkpoint and metadata, verifies both, and holds one against the other; again, for a
 * few seconds, if a publish came between. Option --checkpoint FILE, if the command has it. */
bool logbook_open(struct cli *, struct subject *, int64_t now, struct logbook *out, struct err *);
/* The records of a store from site version `from` on, newest first; checked against `t`, which is
 * live there. None if the site has no log. */
bool logbook_since(struct arena *, struct store *, const struct trusted *t, int64_t from,
    struct record **out, size_t *n, struct err *);
/* Keep the checkpoint for the next time. Call when all else was good. */
bool logbook_remember(const struct logbook *, struct err *);

/* One line about the log; the same as member "log". */
void logbook_text(const struct logbook *);
void logbook_json(const struct logbook *, json_t *to);
/* One record as JSON (the caller owns it), and as lines. */
json_t *logbook_record_json(struct arena *, const struct record *);
void logbook_record_text(struct arena *, const struct record *);

#endif
