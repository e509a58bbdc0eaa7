/*
 * batch: the documents of one run: read, judged by schema and gates on all cores, sorted into
 * bundles. What failed is set aside with its findings and never goes further. Trees live only
 * while a document is judged or rendered; what is kept of one is small, the rest lies in the
 * stash. The outcome depends neither on threads nor on the order of the input.
 */
#ifndef PUBLISHER_CLI_BATCH_H
#define PUBLISHER_CLI_BATCH_H

#include "base/crew.h"
#include "base/stash.h"
#include "generator/gate/gate.h"
#include "generator/render/render.h"
#include "generator/render/surface.h"
#include "publisher/cli/cli.h"
#include "publisher/config/config.h"
#include "publisher/release/publish.h"

struct batch_item {
	/* root is NULL, canonical lies in the stash. Of a refused one: whatever could be read of
	 * its name. */
	struct document document;
	const struct policy *policy; /* NULL if its vertical is unknown */
	bool accepted;
	bool buried;             /* refused because it has been taken down */
	bool kept;               /* not from the input: the live version of a refused one */
	unsigned warnings;
	unsigned id_line;        /* of its element `id` */
	struct finding *finding;
	size_t findings;
	/* In the stash: */
	struct str outline;      /* canonical.h */
	struct str provenance;   /* canonical JSON: gates, made, sources */
	uint64_t bulk_checksum;  /* of these two */
	const struct signature *signature; /* for the duplicates gate; NULL if refused or kept */
	struct str rendered;     /* its files, rendering.c; empty: not rendered yet */
	struct digest key;       /* what they were made from */
	const struct err *late;  /* why it cannot be rendered */
	bool is_new;             /* no cache knew it */
	bool is_superseded;      /* a later line of the stream holds it again */
	bool warned_late;        /* of duplicates: provenance does not know of it */
};

/* What a thread has to itself. */
struct batch_worker {
	struct batch *batch;
	struct arena *keep;  /* what lives as long as the batch */
	struct seen *tools;
	struct str locale;   /* of the last document: mostly that of the next, which then shares it */
};

struct batch_vertical {
	struct str name;
	struct policy policy;
	const struct digest *schema;
	struct surfaces *surfaces; /* NULL: not loaded yet */
};

struct batch {
	struct arena *arena;
	const struct config *config;
	struct catalog catalog;
	struct schemas *schemas;
	struct stash *stash;
	unsigned jobs;
	struct progress progress;
	struct batch_worker worker[CREW_MAX];
	struct batch_vertical *vertical;
	size_t verticals;
	struct digest program; /* what else verdicts depend on: this program, its libraries */
	struct batch_item **item; /* in input order */
	size_t n, room;
	size_t inputs;           /* the first of them; the rest are kept */
	size_t accepted, refused, warnings; /* accepted includes kept */
	size_t kept, buried;     /* buried: of refused */
	size_t limit;            /* findings that are shown; 0: as many as are of use */
	size_t late;             /* refused by the last batch_render */
	size_t read;             /* documents that no cache knew */
	size_t drawn;            /* files rendered, not found in a cache */
	int64_t now;
};

/* What every command that reads documents has, from its options. */
struct batch_options {
	unsigned jobs;     /* 0: all cores */
	const char *cache; /* folder; NULL: none */
};
/* --jobs, --cache and --no-cache of a command. ERR_INPUT. */
bool batch_options(const struct cli *, const struct config *, struct batch_options *out,
    struct err *);
#define BATCH_OPTIONS                                                                     \
	{ "jobs", "N", "threads (default: all cores)" },                                  \
	{ "cache", "DIR", "what earlier runs made (default: .edgepress/cache of the site)" }, \
	{ "no-cache", NULL, "make everything again; keep nothing" }

/* Compile the schemas of out->catalog, then read and judge every path (the site's documents
 * folder if n == 0). An error is a broken installation or a missing path, never a bad
 * document. out->progress may be set before. */
bool batch_read(struct arena *, const struct config *, const struct batch_options *,
    char *const *path, size_t n, struct batch *out, struct err *);
/* As batch_read, from a piece of a stream: lines of NDJSON, the first of which has this number.
 * Of several versions of a document the last one that passes counts. */
bool batch_read_lines(struct arena *, const struct config *, const struct batch_options *,
    struct str lines, unsigned first, struct batch *out, struct err *);
/* Judge one raw document into *out; kept ones are only parsed, gates have seen them before.
 * ERR_BUSY: no room in the stash. */
bool batch_judge(struct batch_worker *, const struct raw *, bool kept, struct batch_item *out,
    struct err *);
/* As batch_judge of a kept document whose canonical form has this digest, if a cache knows
 * it. */
bool batch_recall(struct batch_worker *, const struct digest *, struct str where,
    struct batch_item *out);
/* Add items that were kept, and forget those kept earlier. */
void batch_keep(struct batch *, struct batch_item **, size_t n);
/* Forget what was kept: the input alone, as batch_read left it. */
void batch_rewind(struct batch *);
/* Set aside after all. */
void batch_refuse(struct batch *, struct batch_item *, const struct finding *);
/* Count again what was accepted and refused. */
void batch_count(struct batch *);
const struct batch_vertical *batch_vertical(const struct batch *, struct str name);
/* Was it the cache that made the run fail? Says so, and empties it: the caller begins anew, from
 * a zeroed batch, without it. */
bool batch_distrusts(struct batch *, const struct err *);
/* Write what was made into the cache. */
void batch_commit(struct batch *);

/* Refuse all but one of those that have the same id, and those that nearly repeat another:
 * of the same id the newest stays, else the first by id (twins.c). */
bool batch_refuse_twins(struct batch *, struct err *);

/* The documents of one bundle, accepted only. */
struct batch_bundle {
	struct str vertical, locale;
	struct batch_item **item;         /* sorted by id */
	size_t n, kept, refused;          /* kept: of n; refused: named this bundle and failed,
	                                   * but for what is taken down */
};
/* Sorted by vertical, then locale. */
void batch_bundles(struct batch *, struct batch_bundle **out, size_t *n);
/* By vertical, locale, id; of one name newest first. For qsort over pointers to items. */
int batch_order(const void *, const void *);
/* Render every bundle; out[] runs parallel to bundles. A document that the templates cannot show
 * is refused under the name "render": if b->late is not 0 afterwards, what was rendered lacks
 * them, and bundles have to be sorted and rendered again. */
bool batch_render(struct batch *, const struct batch_bundle *, size_t n,
    struct rendered **out, struct err *);

/* Only the lists of one bundle and the assets, of documents that are kept. `site` says which
 * locales there are and which documents they have; the rest of it is filled in. */
bool batch_lists(struct batch *, const struct batch_bundle *, const struct site_info *site,
    struct rendered *out, struct err *);

/* Findings for people on standard error ("file:line: …"), warnings too if asked. */
void batch_report(const struct batch *, bool warnings);
/* { "accepted": n, "refused": n, "warnings": n, "documents": [ { where, document, accepted,
 * findings } … with findings only ], "omitted": documents left out, if any } */
json_t *batch_json(const struct batch *);

#endif
