/*
 * diff: what changed between two versions of a site, bundle by bundle: documents, files, and
 * the inputs that manifests record. Only shards that differ are read. Pure reading.
 */
#ifndef PUBLISHER_DIFF_H
#define PUBLISHER_DIFF_H

#include "publisher/release/publish.h"

/* Either may be NULL: added, removed. */
struct diff_document {
	enum change change;
	const struct manifest_document *was, *is;
};
struct diff_file {
	enum change change;
	const struct manifest_file *was, *is;
};
struct diff_input {
	struct str name, was, is; /* p == NULL: not there */
};
struct diff_bundle {
	struct str vertical, locale;
	int64_t was, is; /* versions; 0: did not exist */
	struct diff_document *document; /* those that changed, by id */
	size_t documents;
	struct diff_file *file; /* by path */
	size_t files;
	struct diff_input *input;
	size_t inputs;
};

/*
 * Bundles that differ between the site's versions `from` and `to`; bundle names as "weather/en-us",
 * all if n == 0. ERR_ABSENT: a version is no longer kept. ERR_INPUT: no such bundle.
 */
bool diff_make(struct arena *, const struct site *, int64_t from, int64_t to,
    const struct str *bundle, size_t n, struct diff_bundle **out, size_t *bundles, struct err *);
/* The newest version of the site in which content changed, at or before `version`; 0: none. */
int64_t diff_version(const struct live *, int64_t version);

/*
 * Two texts, line by line, as `diff -u` shows them: three lines around each change. XML that
 * stands in one line is broken between its tags. ERR_LIMIT above DIFF_LINES.
 */
#define DIFF_LINES 4000
bool diff_text(struct arena *, struct str was, struct str is, struct buf *out, struct err *);

#endif
