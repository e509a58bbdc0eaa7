/*
 * draft: the bundles as they shall be, checked once, sorted into shards; from it plans are made
 * against whatever is live. What is new is coded and stored at most once in all bundles.
 */
#ifndef PUBLISHER_DRAFT_H
#define PUBLISHER_DRAFT_H

#include "publisher/release/site.h"

/* The bytes of files, once however many files have them. */
struct content {
	const struct publish_file *file; /* one that has them */
	bool stored;                     /* they are, and so are the coded forms below */
	bool code;                       /* of a type that is worth coding */
	unsigned forms;                  /* as in manifest_file */
	const struct plan *planned;      /* the last plan that has it among its contents */
	struct coded form[CODINGS - 1];  /* of CODING_GZIP and what follows */
};
struct draft_file {
	const struct publish_file *from;
	uint32_t hash;
	const struct publish_document *owner; /* NULL: a file of the whole bundle */
	struct content *content; /* NULL: its shard has not changed so far */
};
struct draft_document {
	const struct publish_document *from;
	uint32_t hash;
	bool stored; /* its source is */
};
/* Where the entries of a shard begin; they end where those of the next begin. */
struct draft_slice {
	size_t document, file;
};
struct draft_bundle {
	const struct publish_bundle *from;
	struct draft_document *document; /* by shard, then id */
	struct draft_file *file;         /* by shard, then path */
	int64_t updated;                 /* newest document */
	int64_t first_expiry;            /* 0: none */
	/* As they will be in the manifest, but for what only the stored bytes tell. */
	struct shard *shard;
	struct draft_slice *slice;       /* shards + 1 */
	size_t shards;
};
struct content_table {
	struct content **slot; /* open addressing by digest */
	size_t slots, n;
};
struct draft {
	struct draft_bundle *bundle;
	size_t n;
	struct content_table contents;
};

/* ERR_INPUT names the bundle and what is wrong with it. */
bool draft_make(struct arena *, const struct publish_bundle *, size_t n, struct draft **out,
    struct err *);
/* The content of a file; the same for all files with these bytes that are coded alike. */
struct content *draft_content(struct arena *, struct draft *, const struct publish_file *);
/* The same without making one: NULL if no such content is in a shard that changes. */
struct content *content_find(const struct draft *, const struct publish_file *);
/* Nothing is known to be stored any more: gc may have been there. */
void draft_forget(struct draft *);
/* The live entry says that the source of this document is in the store. */
void source_is_stored(struct draft_bundle *, const struct manifest_document *live);
/* The entries of shard i; a file's coded forms are those that its content has by now. What is
 * in *out points into the draft. */
void draft_tree(struct arena *, const struct draft_bundle *, size_t i, struct tree *out);

/* The plan that makes the site's live state into the draft. */
bool plan_make(struct arena *, struct site *, struct draft *, struct plan **out,
    struct err *);

#endif
