/*
 * verdict: what is kept of a document that was judged, as bytes in the stash: found again in
 * a later run, it saves the judging. One way for both: what was judged now is also read back
 * from its bytes.
 */
#ifndef PUBLISHER_CLI_VERDICT_H
#define PUBLISHER_CLI_VERDICT_H

#include "publisher/cli/batch.h"

/* What was read and judged; the document still has its tree. */
struct judged {
	const struct document *document;
	const struct batch_vertical *vertical; /* NULL: unknown */
	const struct signature *signature;     /* NULL: refused, or not asked for */
	const struct findings *findings;
	bool is_document;                      /* the schema let it pass */
	bool kept;                             /* no gate was asked */
};

/* Keys: of bytes that were judged as a document of the input, of a canonical form that was
 * accepted. */
struct digest verdict_key(const struct batch *, const struct raw *);
struct digest verdict_kept_key(const struct batch *, const struct digest *canonical);
/* Put it into the stash under `key`, and under the kept key if it is accepted; *out are its
 * bytes. ERR_BUSY: no room. */
bool verdict_write(struct batch *, const struct judged *, const struct digest *key, struct str *out,
    struct err *);
/* Fill in the item. False if the verdict does not hold any more (other schema, other policy,
 * another time), or what belongs to it is gone. `line` is where the document begins. */
bool verdict_read(struct batch_worker *, struct str bytes, bool kept, const struct raw *,
    struct batch_item *out);

#endif
